//! One thing that happened in a room, signed by who did it.

use std::fmt;

use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder};

use super::body::{self, MemberEntry};
use super::limits::{MAX_COUNT, MAX_EVENT_BYTES, MAX_MESSAGE_BYTES};
use crate::crypto::{Digest, Fingerprint, Signature, Statement, labelled_hash};

/// An event as its author writes it. What is signed is its deterministic CBOR.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct RoomEvent {
    /// The room that it belongs to.
    #[cbor(n(0), with = "minicbor::bytes")]
    pub room: [u8; 32],
    /// Who wrote it.
    #[cbor(n(1), with = "super::body::fingerprint")]
    pub author: Fingerprint,
    /// The author's own count of events in this room, from 1.
    #[n(2)]
    pub seq: u64,
    /// The hash of the author's event before; zeros for the first.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub prev: Digest,
    /// The newest log entry that the author saw; 0 for none.
    #[n(4)]
    pub seen: u64,
    /// The head of the log at that entry; zeros for none.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub seen_head: Digest,
    /// The author's clock, milliseconds since 1970.
    #[n(6)]
    pub time_ms: u64,
    /// What happened.
    #[n(7)]
    pub content: Content,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Somebody said something.
    Message {
        /// The text, at most 32 KiB.
        text: String,
    },
    /// The host admitted somebody, and never itself. Only the host writes it.
    Admitted(MemberEntry),
    /// Somebody is gone. Only the host writes it.
    Departed {
        /// Who.
        member: Fingerprint,
        /// How.
        reason: DepartureReason,
    },
    /// Whether only the host may write from here on. Only the host writes it.
    ReadOnly(bool),
    /// Whether somebody may not write from here on. Only the host writes it.
    Muted {
        /// Who.
        member: Fingerprint,
        /// Whether it is muted.
        muted: bool,
    },
}

/// How a member left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum DepartureReason {
    /// It said goodbye.
    Goodbye = 0,
    /// Its connection was cut.
    ConnectionLost = 1,
    /// It read too slowly.
    TooSlow = 2,
    /// It broke the protocol.
    ProtocolError = 3,
    /// The host removed it.
    Removed = 4,
    /// The host banned its key.
    Banned = 5,
}

impl DepartureReason {
    fn parse(code: u8) -> Option<DepartureReason> {
        use DepartureReason::*;
        [Goodbye, ConnectionLost, TooSlow, ProtocolError, Removed, Banned]
            .into_iter()
            .find(|reason| *reason as u8 == code)
    }
}

impl<C> Encode<C> for Content {
    fn encode<W: Write>(
        &self,
        e: &mut Encoder<W>,
        ctx: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        e.array(2)?;
        match self {
            Content::Message { text } => e.u8(1)?.str(text)?.ok(),
            Content::Admitted(member) => e.u8(2)?.encode_with(member, ctx)?.ok(),
            Content::Departed { member, reason } => e
                .u8(3)?
                .array(2)?
                .bytes(member.as_bytes())?
                .u8(*reason as u8)?
                .ok(),
            Content::ReadOnly(read_only) => e.u8(4)?.bool(*read_only)?.ok(),
            Content::Muted { member, muted } => {
                e.u8(5)?.array(2)?.bytes(member.as_bytes())?.bool(*muted)?.ok()
            }
        }
    }
}

impl<'b, C> Decode<'b, C> for Content {
    fn decode(d: &mut Decoder<'b>, ctx: &mut C) -> Result<Content, minicbor::decode::Error> {
        let wrong = |what| Err(minicbor::decode::Error::message(what));
        if d.array()? != Some(2) {
            return wrong("content is an array of two");
        }
        match d.u8()? {
            1 => {
                let text = d.str()?;
                if text.is_empty() || text.len() > MAX_MESSAGE_BYTES {
                    return wrong("the text is empty or too long");
                }
                Ok(Content::Message {
                    text: text.to_owned(),
                })
            }
            2 => d.decode_with(ctx).map(Content::Admitted),
            3 if d.array()? == Some(2) => {
                let member = body::fingerprint::decode(d, ctx)?;
                match DepartureReason::parse(d.u8()?) {
                    Some(reason) => Ok(Content::Departed { member, reason }),
                    None => wrong("no such reason"),
                }
            }
            4 => Ok(Content::ReadOnly(d.bool()?)),
            5 if d.array()? == Some(2) => Ok(Content::Muted {
                member: body::fingerprint::decode(d, ctx)?,
                muted: d.bool()?,
            }),
            _ => wrong("no such content"),
        }
    }
}

/// An event with the exact bytes that were signed, their hash, and the signature. Not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedEvent {
    /// The decoded event.
    pub event: RoomEvent,
    /// The bytes that were signed.
    pub bytes: Vec<u8>,
    /// `H("event", bytes)`, the id of the event.
    pub hash: Digest,
    /// The author's signature.
    pub signature: Signature,
}

impl SignedEvent {
    /// Decodes an event and keeps its bytes.
    pub fn decode(bytes: Vec<u8>, signature: Signature) -> Result<SignedEvent, EventFault> {
        if bytes.len() > MAX_EVENT_BYTES {
            return Err(EventFault::Malformed);
        }
        let event: RoomEvent = body::decode(&bytes).map_err(|_| EventFault::Malformed)?;
        if event.seq > MAX_COUNT || event.seen > MAX_COUNT {
            return Err(EventFault::Malformed);
        }
        Ok(SignedEvent {
            event,
            hash: event_hash(&bytes),
            bytes,
            signature,
        })
    }

    /// What the author signed.
    pub fn statement(&self) -> Statement {
        event_statement(&self.bytes)
    }
}

/// The id of an event: `H("event", bytes)`.
pub fn event_hash(bytes: &[u8]) -> Digest {
    labelled_hash("event", &[bytes])
}

/// What an author signs: the label and the event's exact bytes.
pub fn event_statement(bytes: &[u8]) -> Statement {
    Statement::new("event", &[bytes])
}

/// What is wrong with an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventFault {
    /// It is not the expected CBOR, or too long.
    Malformed,
    /// It was written for another room.
    WrongRoom,
    /// Its author is not a member.
    UnknownAuthor,
    /// Its signature is not the author's.
    BadSignature,
    /// It does not follow the author's event before.
    WrongSequence {
        /// The number that should come.
        expected: u64,
        /// The number that came.
        found: u64,
    },
    /// Its number is right, but it follows another event than the one that we have.
    WrongPrevious,
    /// Its author saw another order of the log than we have.
    WrongSeen {
        /// The entry at which the orders differ.
        at: u64,
    },
    /// Its author may not do that.
    NotAllowed,
    /// Its author is muted.
    Muted,
    /// Only the host may write.
    ReadOnly,
    /// It is in the log already.
    Duplicate,
    /// It introduces somebody new to a room that knows as many as it can.
    TooMany,
    /// It introduces its own author, whose chain would go back to where it was before.
    OwnIntroduction,
}

impl EventFault {
    /// The code in [`body::Declined`].
    pub fn code(self) -> u8 {
        match self {
            EventFault::Malformed => 1,
            EventFault::WrongRoom => 2,
            EventFault::UnknownAuthor => 3,
            EventFault::BadSignature => 4,
            EventFault::WrongSequence { .. } => 5,
            EventFault::WrongPrevious => 6,
            EventFault::WrongSeen { .. } => 7,
            EventFault::NotAllowed => 8,
            EventFault::Muted => 9,
            EventFault::ReadOnly => 10,
            EventFault::Duplicate => 11,
            EventFault::TooMany => 12,
            EventFault::OwnIntroduction => 13,
        }
    }

    /// What a code in [`body::Declined`] stands for, in words.
    pub fn describe_code(code: u8) -> &'static str {
        match code {
            1 => "it was malformed",
            2 => "it was written for another room",
            3 => "its author is not a member",
            4 => "its signature was wrong",
            5 => "its sequence number was wrong",
            6 => "it did not follow the message before",
            7 => "it saw another order of the room",
            8 => "it was not allowed",
            9 => "the host has muted you",
            10 => "only the host may write in this room now",
            11 => "it is in the room already",
            12 => "the room knows as many people as it can",
            13 => "it introduced its own author",
            _ => "the host did not say why",
        }
    }
}

impl fmt::Display for EventFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EventFault::Malformed => f.write_str("it is malformed"),
            EventFault::WrongRoom => f.write_str("it was written for another room"),
            EventFault::UnknownAuthor => f.write_str("its author is not a member"),
            EventFault::BadSignature => f.write_str("its signature is not the author's"),
            EventFault::WrongSequence { expected, found } => {
                write!(f, "its sequence number is {found}, but {expected} should come")
            }
            EventFault::WrongPrevious => {
                f.write_str("its previous hash is wrong: it follows a message that we never got")
            }
            EventFault::WrongSeen { at } => {
                write!(
                    f,
                    "its author saw another entry {at} than we did: the host shows two orders"
                )
            }
            EventFault::NotAllowed => f.write_str("its author may not do that"),
            EventFault::Muted => f.write_str("its author is muted"),
            EventFault::ReadOnly => f.write_str("only the host may write now"),
            EventFault::Duplicate => f.write_str("it is in the log already"),
            EventFault::TooMany => f.write_str("the room knows as many people as it can"),
            EventFault::OwnIntroduction => {
                f.write_str("its author introduces itself, which would take back what it said last")
            }
        }
    }
}

impl std::error::Error for EventFault {}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(content: Content) -> RoomEvent {
        RoomEvent {
            room: [1; 32],
            author: Fingerprint::of_der(b"ada"),
            seq: 1,
            prev: [0; 32],
            seen: 0,
            seen_head: [0; 32],
            time_ms: 1_700_000_000_000,
            content,
        }
    }

    #[test]
    fn every_content_reads_back() {
        let member = MemberEntry {
            identity: vec![3; 5],
            name: "Ada".to_owned(),
            seq: 4,
            last: [5; 32],
        };
        use DepartureReason::*;
        let departed = [Goodbye, ConnectionLost, TooSlow, ProtocolError, Removed, Banned];
        let departed = departed.map(|reason| Content::Departed {
            member: Fingerprint::of_der(b"bob"),
            reason,
        });
        let others = [
            Content::Message {
                text: "hello ✈".to_owned(),
            },
            Content::Admitted(member),
            Content::ReadOnly(true),
            Content::Muted {
                member: Fingerprint::of_der(b"bob"),
                muted: true,
            },
        ];
        for content in others.into_iter().chain(departed) {
            let event = event(content);
            assert_eq!(body::decode::<RoomEvent>(&body::encode(&event)), Ok(event));
        }
    }

    #[test]
    fn an_event_has_up_to_48_kib() {
        let introducing = |identity: usize| {
            let member = MemberEntry {
                identity: vec![3; identity],
                name: "Ada".to_owned(),
                seq: 0,
                last: [0; 32],
            };
            body::encode(&event(Content::Admitted(member)))
        };
        let around = introducing(1024).len() - 1024;
        for (bytes, read) in [(MAX_EVENT_BYTES, true), (MAX_EVENT_BYTES + 1, false)] {
            let encoded = introducing(bytes - around);
            assert_eq!(encoded.len(), bytes);
            let signature = Signature {
                rsa: Vec::new(),
                index: 0,
                size: 1,
                path: Vec::new(),
            };
            assert_eq!(SignedEvent::decode(encoded, signature).is_ok(), read, "{bytes}");
        }
    }

    #[test]
    fn a_fault_says_what_is_wrong_and_with_which_numbers() {
        let (expected, found) = (3, 5);
        for (fault, words) in [
            (EventFault::BadSignature, "its signature is not the author's"),
            (
                EventFault::WrongSequence { expected, found },
                "its sequence number is 5, but 3 should come",
            ),
            (
                EventFault::WrongSeen { at: 7 },
                "its author saw another entry 7 than we did: the host shows two orders",
            ),
            (EventFault::TooMany, "the room knows as many people as it can"),
            (
                EventFault::OwnIntroduction,
                "its author introduces itself, which would take back what it said last",
            ),
        ] {
            assert_eq!(fault.to_string(), words);
        }
    }

    #[test]
    fn a_text_has_up_to_32_kib() {
        let longest = event(Content::Message {
            text: "x".repeat(MAX_MESSAGE_BYTES),
        });
        assert_eq!(body::decode::<RoomEvent>(&body::encode(&longest)), Ok(longest));
    }

    #[test]
    fn empty_and_overlong_texts_are_malformed() {
        for text in [String::new(), "x".repeat(MAX_MESSAGE_BYTES + 1)] {
            let bytes = body::encode(&event(Content::Message { text }));
            assert_eq!(body::decode::<RoomEvent>(&bytes), Err(body::Malformed));
        }
    }
}
