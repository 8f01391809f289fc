//! Frames and fields: `type(1) length(4) body`, and length-prefixed fields inside a body.
//!
//! Bytes come in any pieces; frames come out whole. A length is checked before anything is kept
//! for it, so a peer can't make us reserve memory.

use super::limits::{MAX_HANDSHAKE_BYTES, MAX_SEALED_RECORD_BYTES};

/// Length of the header in front of every frame.
pub const HEADER_BYTES: usize = 5;

/// What a frame carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum FrameKind {
    /// M1, guest to host: suite, key shares, commitment, proof of the invitation.
    GuestHello = 1,
    /// M2, host to guest: key shares, then sealed: identity, room, signature, `fin`.
    HostHello = 2,
    /// M3, guest to host, sealed: identity, wrap key, name, signature, `fin`.
    GuestProof = 3,
    /// M4, host to guest, sealed: wrapped session secret, then the confirmation and the welcome.
    HostWelcome = 4,
    /// M5, guest to host, sealed: the confirmation.
    GuestConfirm = 5,
    /// Host to guest instead of M4, sealed: why the guest is not admitted.
    SealedRefusal = 6,
    /// Host to guest instead of M2, in clear: why there will be no handshake.
    Refusal = 7,
    /// R1, guest to host: resume a session, fresh key shares, proof of the ticket.
    ResumeHello = 8,
    /// R2, host to guest: key shares, then sealed: confirmation and welcome.
    ResumeAnswer = 9,
    /// R3, guest to host, sealed: the confirmation.
    ResumeConfirm = 10,
    /// Host to guest before M4 or a sealed refusal, sealed: somebody is asked whether to admit.
    Asking = 11,
    /// A record with a text for the room layer.
    Data = 16,
    /// The last record under this key; the next one is under the updated key.
    KeyUpdate = 17,
    /// Guest to host: a fresh key exchange is offered.
    RekeyOffer = 18,
    /// Host to guest: the answer; what the host sends next is under the new key.
    RekeyAnswer = 19,
    /// Guest to host: what the guest sends next is under the new key.
    RekeyDone = 20,
    /// The last record: how many came before it.
    Close = 21,
}

impl FrameKind {
    fn parse(byte: u8) -> Option<FrameKind> {
        use FrameKind::*;
        [
            GuestHello,
            HostHello,
            GuestProof,
            HostWelcome,
            GuestConfirm,
            SealedRefusal,
            Refusal,
            ResumeHello,
            ResumeAnswer,
            ResumeConfirm,
            Asking,
            Data,
            KeyUpdate,
            RekeyOffer,
            RekeyAnswer,
            RekeyDone,
            Close,
        ]
        .into_iter()
        .find(|kind| *kind as u8 == byte)
    }

    fn max_body(self) -> usize {
        if (self as u8) < FrameKind::Data as u8 {
            MAX_HANDSHAKE_BYTES
        } else {
            MAX_SEALED_RECORD_BYTES
        }
    }

    /// The header of a frame with a body of `len` bytes; also the associated data of what is sealed in it.
    #[expect(clippy::expect_used, reason = "our own bodies, bounded by the limits")]
    pub fn header(self, len: usize) -> [u8; HEADER_BYTES] {
        let len = u32::try_from(len).expect("bodies are bounded far below 4 GiB");
        let [a, b, c, d] = len.to_be_bytes();
        [self as u8, a, b, c, d]
    }

    /// A whole frame around `body`.
    pub fn frame(self, body: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + body.len());
        bytes.extend_from_slice(&self.header(body.len()));
        bytes.extend_from_slice(body);
        bytes
    }
}

/// A whole frame as it arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// What it carries.
    pub kind: FrameKind,
    /// What stood behind the header.
    pub body: Vec<u8>,
}

impl Frame {
    /// The header that this frame had on the wire.
    pub fn header(&self) -> [u8; HEADER_BYTES] {
        self.kind.header(self.body.len())
    }
}

/// Why bytes are not a frame. Nothing can be read from the peer afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WireError {
    /// The first byte names no kind of frame: the peer speaks something else.
    UnknownKind(u8),
    /// The length is above the limit for this kind of frame.
    TooLong {
        /// The kind of frame.
        kind: FrameKind,
        /// The length that it claims, in bytes.
        claimed: u32,
    },
    /// A field is missing, too long, or has bytes behind it.
    Malformed,
}

impl std::fmt::Display for WireError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WireError::UnknownKind(byte) => write!(f, "no frame starts with byte {byte:#04x}"),
            WireError::TooLong { kind, claimed } => write!(f, "a {kind:?} frame claims {claimed} bytes"),
            WireError::Malformed => f.write_str("a field is missing, too long or followed by more bytes"),
        }
    }
}

impl std::error::Error for WireError {}

/// Collects bytes until they make a frame.
#[derive(Debug, Default)]
pub struct FrameBuffer {
    bytes: Vec<u8>,
    taken: usize,
    /// How often in a row all was read and had needed little of the memory that it has.
    little_needed: u8,
}

/// So much memory it has at any time …
const KEPT_BYTES: usize = 16 * 1024;
/// … and more until so many times in a row less was needed. Long records one after the other take no new memory each, and
/// who sent a long one once does not hold it for ever.
const LITTLE_NEEDED: u8 = 4;

impl FrameBuffer {
    /// Adds what arrived.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..std::mem::take(&mut self.taken));
        self.bytes.extend_from_slice(bytes);
    }

    /// Takes the next whole frame. Fails as soon as the header is not acceptable.
    pub fn next_frame(&mut self) -> Result<Option<Frame>, WireError> {
        let rest = self.bytes.get(self.taken..).unwrap_or_default();
        let Some((first, behind)) = rest.split_first() else {
            return Ok(None);
        };
        let kind = FrameKind::parse(*first).ok_or(WireError::UnknownKind(*first))?;
        let Some((len, behind)) = behind.split_first_chunk::<4>() else {
            return Ok(None);
        };
        let claimed = u32::from_be_bytes(*len);
        let len = claimed as usize;
        if len > kind.max_body() {
            return Err(WireError::TooLong { kind, claimed });
        }
        let Some(body) = behind.get(..len) else {
            return Ok(None);
        };
        let body = body.to_vec();
        self.taken += HEADER_BYTES + len;
        if self.is_empty() {
            self.give_back();
        }
        Ok(Some(Frame { kind, body }))
    }

    /// All is read: lets go of memory that was not needed for a while.
    fn give_back(&mut self) {
        let needed = self.bytes.len();
        self.bytes.clear();
        self.taken = 0;
        if needed > KEPT_BYTES || self.bytes.capacity() <= KEPT_BYTES {
            self.little_needed = 0;
            return;
        }
        self.little_needed += 1;
        if self.little_needed >= LITTLE_NEEDED {
            *self = FrameBuffer::default();
        }
    }

    /// Whether no byte is waiting.
    pub fn is_empty(&self) -> bool {
        self.waiting_bytes() == 0
    }

    /// How many bytes were pushed and not taken out as frames yet.
    pub fn waiting_bytes(&self) -> usize {
        self.bytes.len() - self.taken
    }

    /// What was not taken out as a frame yet.
    pub(crate) fn waiting(&self) -> &[u8] {
        self.bytes.get(self.taken..).unwrap_or_default()
    }

    /// Takes out what was not read yet, for the next reader of this connection.
    pub fn into_rest(mut self) -> Vec<u8> {
        self.bytes.split_off(self.taken)
    }
}

/// Writes fields, each behind two bytes of length.
#[derive(Debug, Default)]
pub struct FieldWriter(Vec<u8>);

impl FieldWriter {
    /// Adds a field of at most 65,535 bytes.
    #[expect(
        clippy::expect_used,
        reason = "our own fields, or checked against their limit when they were read"
    )]
    pub fn put(mut self, field: &[u8]) -> FieldWriter {
        let len = u16::try_from(field.len()).expect("fields are bounded by the handshake limit");
        self.0.extend_from_slice(&len.to_be_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// The bytes written so far.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Reads fields in order.
#[derive(Debug)]
pub struct FieldReader<'a>(&'a [u8]);

impl<'a> FieldReader<'a> {
    /// Starts at the first field of a body.
    pub fn new(body: &'a [u8]) -> FieldReader<'a> {
        FieldReader(body)
    }

    /// Takes the next field, of at most `max` bytes.
    pub fn take(&mut self, max: usize) -> Result<&'a [u8], WireError> {
        let (len, behind) = self.0.split_first_chunk::<2>().ok_or(WireError::Malformed)?;
        let len = usize::from(u16::from_be_bytes(*len));
        if len > max {
            return Err(WireError::Malformed);
        }
        let (field, rest) = behind.split_at_checked(len).ok_or(WireError::Malformed)?;
        self.0 = rest;
        Ok(field)
    }

    /// Takes the next field, of exactly `N` bytes.
    pub fn take_array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        self.take(N)?.try_into().map_err(|_| WireError::Malformed)
    }

    /// Ends the reading; nothing may be left.
    pub fn finish(self) -> Result<(), WireError> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(WireError::Malformed)
        }
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_from_any_pieces() {
        let mut stream = FrameKind::Data.frame(b"hello");
        stream.extend(FrameKind::Close.frame(b""));
        for piece in 1..stream.len() {
            let mut buffer = FrameBuffer::default();
            let mut frames = Vec::new();
            for bytes in stream.chunks(piece) {
                buffer.push(bytes);
                while let Some(frame) = buffer.next_frame().unwrap() {
                    frames.push(frame);
                }
            }
            assert_eq!(frames.len(), 2);
            assert_eq!(
                (frames[0].kind, frames[0].body.as_slice()),
                (FrameKind::Data, &b"hello"[..])
            );
            assert!(buffer.is_empty());
        }
    }

    #[test]
    fn what_was_taken_is_kept_no_more_and_the_rest_goes_to_the_next_reader() {
        let mut buffer = FrameBuffer::default();
        buffer.push(&FrameKind::Data.frame(b"hello"));
        buffer.next_frame().unwrap();
        assert!(buffer.is_empty());
        let rest = &FrameKind::Close.frame(b"")[..3];
        buffer.push(rest);
        assert_eq!((buffer.bytes.as_slice(), buffer.waiting()), (rest, rest));
        assert_eq!((buffer.next_frame(), buffer.waiting_bytes()), (Ok(None), 3));
        assert!(!buffer.is_empty());
        assert_eq!(buffer.into_rest(), rest);
    }

    #[test]
    fn memory_for_long_records_is_kept_while_they_come_and_given_back_when_only_short_ones_do() {
        let long = FrameKind::Data.frame(&vec![0; MAX_SEALED_RECORD_BYTES]);
        let short = FrameKind::Data.frame(b"hello");
        let mut buffer = FrameBuffer::default();
        let mut held_behind = |frame: &[u8]| {
            buffer.push(frame);
            buffer.next_frame().unwrap().unwrap();
            buffer.bytes.capacity()
        };
        let held = held_behind(&long);
        assert!(held > KEPT_BYTES);
        for _ in 0..3 {
            assert_eq!(held_behind(&long), held);
            for _ in 1..LITTLE_NEEDED {
                assert_eq!(held_behind(&short), held);
            }
        }
        assert!(held_behind(&short) <= KEPT_BYTES);
        assert!(held_behind(&short) <= KEPT_BYTES);
        // Many short ones that are read at once are as much as a long one.
        let many = short.repeat(8192);
        let mut buffer = FrameBuffer::default();
        for _ in 0..2 * LITTLE_NEEDED {
            buffer.push(&many);
            while buffer.next_frame().unwrap().is_some() {}
            assert!(buffer.bytes.capacity() >= many.len());
        }
    }

    #[test]
    fn a_length_of_4_gb_is_refused_before_anything_is_kept_for_it() {
        let mut buffer = FrameBuffer::default();
        buffer.push(&[1, 0xff, 0xff, 0xff, 0xff]);
        let refused = WireError::TooLong {
            kind: FrameKind::GuestHello,
            claimed: u32::MAX,
        };
        assert_eq!(buffer.next_frame(), Err(refused));
        let mut buffer = FrameBuffer::default();
        buffer.push(&FrameKind::HostHello.header(MAX_HANDSHAKE_BYTES + 1));
        assert!(buffer.next_frame().is_err());
        let mut buffer = FrameBuffer::default();
        buffer.push(&FrameKind::Data.header(MAX_SEALED_RECORD_BYTES));
        assert_eq!(buffer.next_frame(), Ok(None));
    }

    #[test]
    fn other_protocols_are_refused_at_their_first_byte() {
        for greeting in [&b"GET / HTTP/1.1\r\n"[..], b"SSH-2.0-", b"\x16\x03\x01", b"\x00"] {
            let mut buffer = FrameBuffer::default();
            buffer.push(&greeting[..1]);
            assert_eq!(buffer.next_frame(), Err(WireError::UnknownKind(greeting[0])));
        }
    }

    #[test]
    fn fields_must_fill_the_body_exactly() {
        let body = FieldWriter::default().put(b"ab").put(b"").into_bytes();
        let mut fields = FieldReader::new(&body);
        assert_eq!(fields.take(2), Ok(&b"ab"[..]));
        assert_eq!(fields.take_array::<0>(), Ok([]));
        assert_eq!(fields.finish(), Ok(()));
        assert_eq!(FieldReader::new(&body).finish(), Err(WireError::Malformed));
        assert_eq!(FieldReader::new(&body).take(1), Err(WireError::Malformed));
        assert_eq!(
            FieldReader::new(&body).take_array::<3>(),
            Err(WireError::Malformed)
        );
        assert_eq!(FieldReader::new(&body[..3]).take(9), Err(WireError::Malformed));
        assert_eq!(FieldReader::new(&body[..1]).take(9), Err(WireError::Malformed));
    }
}
