//! The running hash over everything that both sides sent, in clear or sealed, before sealing.

use sha2::{Digest as _, Sha256};

use crate::crypto::Digest;
use crate::protocol::wire::FrameKind;

/// SHA-256 over each message's type byte and its fields, each field behind two bytes of length.
#[derive(Debug, Clone, Default)]
pub(super) struct Transcript(Sha256);

impl Transcript {
    /// Begins a message.
    pub fn message(mut self, kind: FrameKind) -> Transcript {
        self.0.update([kind as u8]);
        self
    }

    /// Adds a field in the form in which it stands on the wire.
    #[expect(
        clippy::expect_used,
        reason = "our own fields, or checked against their limit when they were read"
    )]
    pub fn field(mut self, field: &[u8]) -> Transcript {
        let len = u16::try_from(field.len()).expect("fields are bounded by the handshake limit");
        self.0.update(len.to_be_bytes());
        self.0.update(field);
        self
    }

    /// The hash of everything so far.
    pub fn hash(&self) -> Digest {
        self.0.clone().finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_plain_sha256_of_types_lengths_and_fields() {
        let transcript = Transcript::default()
            .message(FrameKind::GuestHello)
            .field(b"ab")
            .field(b"")
            .message(FrameKind::HostHello)
            .field(b"c");
        let expected: Digest = Sha256::digest(b"\x01\x00\x02ab\x00\x00\x02\x00\x01c").into();
        assert_eq!(transcript.hash(), expected);
    }
}
