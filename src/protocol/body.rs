//! The CBOR bodies inside the handshake and the records (RFC 8949, integer keys).
//!
//! Encoding is deterministic (RFC 8949, section 4.2.1) and decoding accepts nothing else: what does
//! not encode back to the same bytes is malformed. So no two texts mean the same thing.

use minicbor::decode::Error as DecodeError;
use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::limits::{MAX_NAME_BYTES, MAX_ROOM_NAME_BYTES, MAX_ROSTER_PIECE};

pub(crate) mod signature;
mod standing;

pub use standing::{LetGo, PageEnd, Position, Positions, Private, Return, Standing, Tally};

use crate::crypto::{Digest, Fingerprint, Signature};

/// The bytes are not the deterministic CBOR of what was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the body is not the expected CBOR")
    }
}

impl std::error::Error for Malformed {}

/// Encodes deterministically.
#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
pub fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    minicbor::to_vec(value).expect("writing to memory cannot fail")
}

/// Decodes a value that fills `bytes` and encodes back to them.
pub fn decode<T: Encode<()> + for<'b> Decode<'b, ()>>(bytes: &[u8]) -> Result<T, Malformed> {
    let value: T = minicbor::decode(bytes).map_err(|_| Malformed)?;
    let mut compared = Compared { rest: bytes };
    minicbor::encode(&value, &mut compared).map_err(|_| Malformed)?;
    if compared.rest.is_empty() {
        Ok(value)
    } else {
        Err(Malformed)
    }
}

/// Takes an encoding that must be the one that is there already, without a copy of it.
struct Compared<'a> {
    rest: &'a [u8],
}

impl Write for Compared<'_> {
    type Error = Malformed;

    fn write_all(&mut self, written: &[u8]) -> Result<(), Malformed> {
        self.rest = self.rest.strip_prefix(written).ok_or(Malformed)?;
        Ok(())
    }
}

/// Which room this is: sent in M2 and signed by the host.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RoomDescriptor {
    /// 32 random bytes, drawn when the room is made.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub id: [u8; 32],
    /// The name of the room, at most 128 bytes.
    #[cbor(n(1), decode_with = "room_name")]
    pub name: String,
}

/// What the host says to a guest that it admits: sent in M4.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Welcome {
    /// The name that the host gives itself.
    #[cbor(n(0), decode_with = "person_name")]
    pub host_name: String,
}

/// A person in the room, as the host introduces it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct MemberEntry {
    /// The identity key as SubjectPublicKeyInfo.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub identity: Vec<u8>,
    /// The name that the person gives itself.
    #[cbor(n(1), decode_with = "person_name")]
    pub name: String,
    /// The number of the person's last event in this room; 0 before the first.
    #[n(2)]
    pub seq: u64,
    /// The hash of that event; zeros before the first.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub last: Digest,
}

/// The host's first words to a new member: where the log stands and who is in the room.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Roster {
    /// The number of the log's newest entry; 0 when the log is empty.
    #[n(0)]
    pub n: u64,
    /// The head of the log at that entry; zeros when the log is empty.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Digest,
    /// Up to 64 members; the same `n` and `head` stand in every piece.
    #[cbor(n(2), decode_with = "roster_piece")]
    pub members: Vec<MemberEntry>,
    /// Whether another piece follows.
    #[n(3)]
    pub more: bool,
    /// Who of these members may not write.
    #[cbor(
        n(4),
        decode_with = "standing::fingerprints",
        encode_with = "standing::encode_fingerprints"
    )]
    pub muted: Vec<Fingerprint>,
    /// Whether only the host may write.
    #[n(5)]
    pub read_only: bool,
}

/// An event that a guest asks the host to put into the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Submit {
    /// The encoded event, exactly as signed.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub event: Vec<u8>,
    /// The author's signature.
    #[n(1)]
    pub signature: Signature,
}

/// An entry of the log, sent to every member.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Entry {
    /// Its number, from 1, without gaps.
    #[n(0)]
    pub n: u64,
    /// The encoded event, exactly as signed.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub event: Vec<u8>,
    /// The author's signature.
    #[n(2)]
    pub signature: Signature,
}

/// The host's signature over its order so far.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct SignedHead {
    /// The entry at which the head was taken.
    #[n(0)]
    pub n: u64,
    /// The head there.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub head: Digest,
    /// The host's signature.
    #[n(2)]
    pub signature: Signature,
}

/// The host did not take an event into the log.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Declined {
    /// The hash of the event.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub event: Digest,
    /// Which check it failed: a code of [`super::EventFault`].
    #[n(1)]
    pub fault: u8,
}

/// The text of one data record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Guest to host.
    Submit(Submit),
    /// Host to guest.
    Roster(Roster),
    /// Host to guest.
    Entry(Entry),
    /// Host to guest.
    Head(SignedHead),
    /// Host to guest.
    Declined(Declined),
    /// Guest to host: how far its copy of the log goes; in a catch-up it asks for the next page.
    Here(Standing),
    /// Host to guest: how far others confirmed; only to who wrote lately.
    Positions(Positions),
    /// Host to guest: how many confirmed, where they are too many to name.
    Tally(Tally),
    /// Host to guest: the secret with which this member comes back.
    Return(Return),
    /// Guest to host: pass this on to a member, sealed for it. Host to guest: it came from that member.
    Private(Private),
    /// Host to guest: who was to get a private piece is not here.
    Away(Private),
    /// Host to guest: a page of a catch-up ends.
    PageEnd(PageEnd),
    /// Host to guest: entries that it keeps no more, in a catch-up.
    LetGo(LetGo),
}

impl<C> Encode<C> for Body {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Body::Submit(body) => e.u8(1)?.encode_with(body, ctx)?.ok(),
            Body::Roster(body) => e.u8(2)?.encode_with(body, ctx)?.ok(),
            Body::Entry(body) => e.u8(3)?.encode_with(body, ctx)?.ok(),
            Body::Head(body) => e.u8(4)?.encode_with(body, ctx)?.ok(),
            Body::Declined(body) => e.u8(5)?.encode_with(body, ctx)?.ok(),
            Body::Here(body) => e.u8(6)?.encode_with(body, ctx)?.ok(),
            Body::Positions(body) => e.u8(7)?.encode_with(body, ctx)?.ok(),
            Body::Tally(body) => e.u8(8)?.encode_with(body, ctx)?.ok(),
            Body::Return(body) => e.u8(9)?.encode_with(body, ctx)?.ok(),
            Body::Private(body) => e.u8(10)?.encode_with(body, ctx)?.ok(),
            Body::Away(body) => e.u8(11)?.encode_with(body, ctx)?.ok(),
            Body::PageEnd(body) => e.u8(12)?.encode_with(body, ctx)?.ok(),
            Body::LetGo(body) => e.u8(13)?.encode_with(body, ctx)?.ok(),
        }
    }
}

impl<'b, C> Decode<'b, C> for Body {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Body, DecodeError> {
        if d.array()? != Some(2) {
            return Err(DecodeError::message("a body is an array of two"));
        }
        match d.u8()? {
            1 => d.decode_with(ctx).map(Body::Submit),
            2 => d.decode_with(ctx).map(Body::Roster),
            3 => d.decode_with(ctx).map(Body::Entry),
            4 => d.decode_with(ctx).map(Body::Head),
            5 => d.decode_with(ctx).map(Body::Declined),
            6 => d.decode_with(ctx).map(Body::Here),
            7 => d.decode_with(ctx).map(Body::Positions),
            8 => d.decode_with(ctx).map(Body::Tally),
            9 => d.decode_with(ctx).map(Body::Return),
            10 => d.decode_with(ctx).map(Body::Private),
            11 => d.decode_with(ctx).map(Body::Away),
            12 => d.decode_with(ctx).map(Body::PageEnd),
            13 => d.decode_with(ctx).map(Body::LetGo),
            _ => Err(DecodeError::message("no such body")),
        }
    }
}

/// Reads an array of at most `max` items, and reserves nothing on the word of its header.
fn bounded<'b, C, T: Decode<'b, C>>(
    d: &mut Decoder<'b>,
    ctx: &mut C,
    max: usize,
) -> Result<Vec<T>, DecodeError> {
    match d.array()? {
        Some(len) if len <= max as u64 => (0..len).map(|_| d.decode_with(ctx)).collect(),
        _ => Err(DecodeError::message("the array is too long or of unknown length")),
    }
}

fn roster_piece<'b, C>(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Vec<MemberEntry>, DecodeError> {
    bounded(d, ctx, MAX_ROSTER_PIECE)
}

fn bounded_text(d: &mut Decoder<'_>, max: usize) -> Result<String, DecodeError> {
    let text = d.str()?;
    if text.is_empty() || text.len() > max {
        return Err(DecodeError::message("the text is empty or too long"));
    }
    Ok(text.to_owned())
}

pub(super) fn person_name<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, DecodeError> {
    bounded_text(d, MAX_NAME_BYTES)
}

fn room_name<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<String, DecodeError> {
    bounded_text(d, MAX_ROOM_NAME_BYTES)
}

/// Reads a fingerprint as a byte string.
pub(crate) mod fingerprint {
    use super::*;

    pub fn encode<C, W: Write>(
        value: &Fingerprint,
        e: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.bytes(value.as_bytes())?.ok()
    }

    pub fn decode<C>(d: &mut Decoder<'_>, _: &mut C) -> Result<Fingerprint, DecodeError> {
        let bytes = d
            .bytes()?
            .try_into()
            .map_err(|_| DecodeError::message("a fingerprint has 32 bytes"))?;
        Ok(Fingerprint::from_bytes(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Body {
        let signature = Signature {
            rsa: vec![1; 384],
            index: 2,
            size: 5,
            path: vec![[3; 32]; 3],
        };
        Body::Entry(Entry {
            n: 7,
            event: vec![9; 40],
            signature,
        })
    }

    #[test]
    fn bodies_read_back() {
        let Body::Entry(Entry { n, event, signature }) = entry() else {
            unreachable!()
        };
        let member = Fingerprint::of_der(b"ada");
        let roster = Roster {
            n,
            head: [4; 32],
            members: Vec::new(),
            more: true,
            muted: vec![member],
            read_only: true,
        };
        let head = SignedHead {
            n,
            head: [4; 32],
            signature: signature.clone(),
        };
        let declined = Declined {
            event: [5; 32],
            fault: 9,
        };
        let away = Private {
            member,
            bytes: vec![1, 2, 3],
        };
        for body in [
            entry(),
            Body::Submit(Submit { event, signature }),
            Body::Roster(roster),
            Body::Head(head),
            Body::Declined(declined),
            Body::Away(away),
        ] {
            assert_eq!(decode::<Body>(&encode(&body)), Ok(body));
        }
    }

    #[test]
    fn only_the_deterministic_encoding_is_accepted() {
        let room = RoomDescriptor {
            id: [1; 32],
            name: "Den".to_owned(),
        };
        let bytes = encode(&room);
        assert_eq!(decode::<RoomDescriptor>(&bytes), Ok(room));
        let mut longer_key = bytes.clone();
        longer_key.splice(1..2, [0x18, 0x00]);
        assert_eq!(decode::<RoomDescriptor>(&longer_key), Err(Malformed));
        let mut followed = bytes.clone();
        followed.push(0);
        assert_eq!(decode::<RoomDescriptor>(&followed), Err(Malformed));
        let mut unknown_key = bytes;
        unknown_key[0] = 0xa3;
        unknown_key.extend([0x05, 0x00]);
        assert_eq!(decode::<RoomDescriptor>(&unknown_key), Err(Malformed));
    }

    #[test]
    fn every_cut_of_a_body_is_malformed() {
        let bytes = encode(&entry());
        for len in 0..bytes.len() {
            assert_eq!(decode::<Body>(&bytes[..len]), Err(Malformed));
        }
    }

    #[test]
    fn names_and_arrays_are_bounded() {
        for (bytes, read) in [
            (0, false),
            (1, true),
            (MAX_ROOM_NAME_BYTES, true),
            (MAX_ROOM_NAME_BYTES + 1, false),
        ] {
            let name = "n".repeat(bytes);
            let room = RoomDescriptor { id: [1; 32], name };
            assert_eq!(decode::<RoomDescriptor>(&encode(&room)).is_ok(), read, "{bytes}");
        }
        let Body::Entry(mut entry) = entry() else {
            unreachable!()
        };
        for (steps, read) in [(6, true), (7, false)] {
            entry.signature.path = vec![[3; 32]; steps];
            assert_eq!(decode::<Entry>(&encode(&entry)).is_ok(), read, "{steps}");
        }
    }
}
