//! What each end says last in a handshake, in M4 and M5 or R2 and R3: that it has the keys, and one thing more: the host
//! how it welcomes the guest, the guest where its copy of the room's log stands.

use minicbor::{Decode, Encode};

use super::HandshakeError;
use crate::crypto::{Digest, MasterSecret, OpeningKey, SealingKey, Secret, TAG_BYTES, mac, mac_matches};
use crate::protocol::body::{self, Standing};
use crate::protocol::limits::MAX_HANDSHAKE_BYTES;
use crate::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind};

/// The text that confirms the transcript with a confirmation key.
pub(super) fn write<T: Encode<()>>(key: &Secret, transcript: &Digest, said: &T) -> Vec<u8> {
    FieldWriter::default()
        .put(&mac(key, transcript))
        .put(&body::encode(said))
        .into_bytes()
}

/// Checks such a text, and reads what is said with it.
pub(super) fn read<T: Encode<()> + for<'b> Decode<'b, ()>>(
    key: &Secret,
    transcript: &Digest,
    text: &[u8],
) -> Result<T, HandshakeError> {
    let mut fields = FieldReader::new(text);
    let confirmation = fields.take_array::<32>()?;
    let said = fields.take(MAX_HANDSHAKE_BYTES)?;
    fields.finish()?;
    if !mac_matches(key, transcript, &confirmation) {
        return Err(HandshakeError::NotAuthentic);
    }
    body::decode(said).map_err(|_| HandshakeError::Malformed)
}

/// M5 or R3, whole.
pub(super) fn write_guests(
    kind: FrameKind,
    master: &MasterSecret,
    transcript: &Digest,
    standing: &Standing,
    sealing: &mut SealingKey,
) -> Vec<u8> {
    let mut text = write(&master.guest_confirmation(), transcript, standing);
    let header = kind.header(text.len() + TAG_BYTES);
    sealing.seal(&header, &mut text);
    kind.frame(&text)
}

/// Checks a frame that must be M5 or R3, and reads where the guest's copy stands.
pub(super) fn read_guests(
    frame: Frame,
    kind: FrameKind,
    master: &MasterSecret,
    transcript: &Digest,
    opening: &mut OpeningKey,
) -> Result<Standing, HandshakeError> {
    if frame.kind != kind {
        return Err(HandshakeError::Malformed);
    }
    let header = frame.header();
    let mut text = frame.body;
    opening.open(&header, &mut text)?;
    read(&master.guest_confirmation(), transcript, &text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_that_does_not_confirm_this_transcript_with_this_key() {
        let (key, transcript) = (Secret::new([1; 32]), [2; 32]);
        let said = Standing::default();
        let text = write(&key, &transcript, &said);
        let read = |key: u8, transcript: u8, text: &[u8]| {
            read::<Standing>(&Secret::new([key; 32]), &[transcript; 32], text)
        };
        assert_eq!(read(1, 2, &text).unwrap(), said);
        for refused in [read(9, 2, &text), read(1, 9, &text)] {
            assert_eq!(refused.unwrap_err(), HandshakeError::NotAuthentic);
        }
        // The confirmation is the first field, behind its length.
        for place in 2..34 {
            let mut text = text.clone();
            text[place] ^= 1;
            assert_eq!(
                read(1, 2, &text).unwrap_err(),
                HandshakeError::NotAuthentic,
                "{place}"
            );
        }
        let mut longer = text.clone();
        longer.push(0);
        assert!(read(1, 2, &longer).is_err());
    }
}
