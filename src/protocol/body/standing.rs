//! How far copies of the log go, who confirmed what, and what the host passes on unread.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::{MemberEntry, bounded};
use crate::crypto::{Digest, Fingerprint, Secret};
use crate::protocol::limits::{MAX_COUNT, MAX_POSITIONS, MAX_PRIVATE_BYTES, MAX_ROSTER_PIECE};

/// Where a copy of the room's log stands: its newest entry and the head there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Standing {
    /// The number of the newest entry, up to [`MAX_COUNT`]; 0 for none.
    #[cbor(n(0), decode_with = "count")]
    pub n: u64,
    /// The head there; zeros for none.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Digest,
}

/// How far members confirmed the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Positions {
    /// Up to 128 members, each with the newest entry that it confirmed.
    #[cbor(n(0), decode_with = "positions")]
    pub confirmed: Vec<Position>,
}

/// How far one member confirmed the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(array)]
pub struct Position {
    /// Who.
    #[cbor(n(0), with = "super::fingerprint")]
    pub member: Fingerprint,
    /// The newest entry that it has.
    #[n(1)]
    pub n: u64,
}

/// The end of a page of a catch-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct PageEnd {
    /// The last entry of the page.
    #[n(0)]
    pub n: u64,
    /// The newest entry of the log; when it is the same, the catch-up is done and the roster comes.
    #[n(1)]
    pub newest: u64,
}

/// What a host says to a member who was away for longer than it keeps its log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct LetGo {
    /// The last entry that is not kept.
    #[n(0)]
    pub n: u64,
    /// The head of the log there.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Digest,
    /// Up to 64 of those whom the room knows; `n` and `head` stand in every piece. Numbers and hashes of their last events are
    /// zeros.
    #[cbor(n(2), decode_with = "super::roster_piece")]
    pub members: Vec<MemberEntry>,
    /// Whether another piece follows.
    #[n(3)]
    pub more: bool,
}

/// How many members confirmed an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Tally {
    /// The entry.
    #[n(0)]
    pub n: u64,
    /// How many members but its author have it.
    #[n(1)]
    pub members: u64,
}

/// The secret with which a member comes back, whatever becomes of the invitation.
#[derive(Debug, Clone)]
pub struct Return {
    /// Admits only who was admitted before.
    pub secret: Secret,
}

impl PartialEq for Return {
    fn eq(&self, other: &Return) -> bool {
        self.secret.expose() == other.secret.expose()
    }
}

impl Eq for Return {}

impl<C> Encode<C> for Return {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.map(1)?.u8(0)?.bytes(self.secret.expose())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Return {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Return, DecodeError> {
        if d.map()? != Some(1) || d.u8()? != 0 {
            return Err(DecodeError::message("a map of one"));
        }
        let bytes: [u8; Secret::BYTES] = d
            .bytes()?
            .try_into()
            .map_err(|_| DecodeError::message("a secret has 32 bytes"))?;
        Ok(Return {
            secret: Secret::new(bytes),
        })
    }
}

/// A piece of a private channel between two members, which the host passes on and can't read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Private {
    /// The member at the other end: to the host, the receiver; from the host, the sender.
    #[cbor(n(0), with = "super::fingerprint")]
    pub member: Fingerprint,
    /// Frames of CR/1.
    #[cbor(n(1), decode_with = "private_bytes", encode_with = "minicbor::bytes::encode")]
    pub bytes: Vec<u8>,
}

fn count<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<u64, DecodeError> {
    let n = d.u64()?;
    if n > MAX_COUNT {
        return Err(DecodeError::message("the number is too large"));
    }
    Ok(n)
}

fn positions<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<Position>, DecodeError> {
    bounded(d, ctx, MAX_POSITIONS)
}

fn private_bytes<'b, C>(d: &mut Decoder<'b>, _: &mut C) -> Result<Vec<u8>, DecodeError> {
    let bytes = d.bytes()?;
    if bytes.len() > MAX_PRIVATE_BYTES {
        return Err(DecodeError::message("the piece is too long"));
    }
    Ok(bytes.to_vec())
}

/// One fingerprint in an array.
struct InArray(Fingerprint);

impl<'b, C> Decode<'b, C> for InArray {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<InArray, DecodeError> {
        super::fingerprint::decode(d, ctx).map(InArray)
    }
}

pub(super) fn fingerprints<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<Fingerprint>, DecodeError> {
    let all: Vec<InArray> = bounded(d, ctx, MAX_ROSTER_PIECE)?;
    Ok(all.into_iter().map(|InArray(fingerprint)| fingerprint).collect())
}

pub(super) fn encode_fingerprints<C, W: Write>(
    all: &[Fingerprint],
    e: &mut Encoder<W>,
    _: &mut C,
) -> Result<(), minicbor::encode::Error<W::Error>> {
    e.array(all.len() as u64)?;
    for fingerprint in all {
        e.bytes(fingerprint.as_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Body, Malformed, decode, encode};
    use super::*;

    #[test]
    fn each_body_reads_back_and_cut_ones_are_malformed() {
        let member = Fingerprint::of_der(b"ada");
        let secret = Secret::new([7; 32]);
        for body in [
            Body::Here(Standing { n: 5, head: [3; 32] }),
            Body::Positions(Positions {
                confirmed: vec![Position { member, n: 4 }; 3],
            }),
            Body::Tally(Tally { n: 9, members: 4812 }),
            Body::PageEnd(PageEnd { n: 512, newest: 900 }),
            Body::LetGo(LetGo {
                n: 90,
                head: [7; 32],
                members: vec![MemberEntry {
                    identity: vec![3; 5],
                    name: "Ada".to_owned(),
                    seq: 0,
                    last: [0; 32],
                }],
                more: false,
            }),
            Body::Return(Return { secret }),
            Body::Private(Private {
                member,
                bytes: vec![1, 2, 3],
            }),
        ] {
            let bytes = encode(&body);
            assert_eq!(decode::<Body>(&bytes), Ok(body));
            for len in 0..bytes.len() {
                assert_eq!(decode::<Body>(&bytes[..len]), Err(Malformed));
            }
        }
    }

    #[test]
    fn lists_and_pieces_are_bounded() {
        let member = Fingerprint::of_der(b"ada");
        for (count, read) in [(MAX_POSITIONS, true), (MAX_POSITIONS + 1, false)] {
            let confirmed = vec![Position { member, n: 4 }; count];
            let many = Positions { confirmed };
            assert_eq!(decode::<Positions>(&encode(&many)).is_ok(), read, "{count}");
        }
        for (length, read) in [(MAX_PRIVATE_BYTES, true), (MAX_PRIVATE_BYTES + 1, false)] {
            let bytes = vec![0; length];
            let long = Private { member, bytes };
            assert_eq!(decode::<Private>(&encode(&long)).is_ok(), read, "{length}");
        }
    }

    #[test]
    fn a_copy_of_the_log_stands_at_the_largest_number_at_most() {
        for (n, read) in [
            (0, true),
            (MAX_COUNT, true),
            (MAX_COUNT + 1, false),
            (u64::MAX, false),
        ] {
            let standing = Standing { n, head: [3; 32] };
            assert_eq!(decode::<Standing>(&encode(&standing)).is_ok(), read, "{n}");
            let here = Body::Here(standing);
            assert_eq!(decode::<Body>(&encode(&here)).is_ok(), read, "{n}");
        }
    }

    #[test]
    fn two_ways_back_are_the_same_with_the_same_secret_only() {
        let way = |byte| Return {
            secret: Secret::new([byte; 32]),
        };
        assert!(way(7) == way(7) && way(7) != way(8));
    }
}
