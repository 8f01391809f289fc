//! Hashes and message authentication codes with labels, so that no two uses can be confused.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest as _, Sha256};

use super::Secret;

/// A SHA-256 value.
pub type Digest = [u8; 32];

/// The prefix of every label of this protocol.
pub(super) const LABEL_PREFIX: &str = "CR/1 ";

/// `H(label, fields…)`: SHA-256 over the label and the fields, each behind its length.
///
/// The label stands behind one byte of length and is prefixed with `"CR/1 "`; each field stands
/// behind four bytes of length, big-endian (`docs/protocol.md`, "Notation").
pub fn labelled_hash(label: &str, fields: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    each_piece(label, fields, |piece| hash.update(piece));
    hash.finalize().into()
}

/// `H("commit", nonce, identity)`: what a guest promises in M1 and opens in M3.
pub fn commitment(nonce: &[u8; 32], identity_der: &[u8]) -> Digest {
    labelled_hash("commit", &[nonce, identity_der])
}

/// HMAC-SHA-256 (RFC 2104) of `message`.
pub fn mac(key: &Secret, message: &[u8]) -> Digest {
    keyed(key, message).finalize().into_bytes().into()
}

/// Compares in constant time.
pub fn mac_matches(key: &Secret, message: &[u8], expected: &[u8]) -> bool {
    keyed(key, message).verify_slice(expected).is_ok()
}

/// The bytes behind [`labelled_hash`] and [`super::Statement`].
pub(super) fn labelled_bytes(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let total: usize = fields.iter().map(|f| f.len() + 4).sum();
    let mut bytes = Vec::with_capacity(1 + LABEL_PREFIX.len() + label.len() + total);
    each_piece(label, fields, |piece| bytes.extend_from_slice(piece));
    bytes
}

/// Gives the bytes of a label and fields, piece after piece.
fn each_piece(label: &str, fields: &[&[u8]], mut give: impl FnMut(&[u8])) {
    let label_len = u8::try_from(LABEL_PREFIX.len() + label.len()).expect("labels are short constants");
    give(&[label_len]);
    give(LABEL_PREFIX.as_bytes());
    give(label.as_bytes());
    for field in fields {
        let len = u32::try_from(field.len()).expect("hashed fields are far below 4 GiB");
        give(&len.to_be_bytes());
        give(field);
    }
}

fn keyed(key: &Secret, message: &[u8]) -> Hmac<Sha256> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key.expose()).expect("HMAC takes keys of any length");
    hmac.update(message);
    hmac
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_cannot_run_into_each_other() {
        assert_ne!(
            labelled_hash("x", &[b"ab", b"c"]),
            labelled_hash("x", &[b"a", b"bc"])
        );
        assert_ne!(labelled_hash("x", &[b"a"]), labelled_hash("xa", &[]));
        assert_ne!(labelled_hash("x", &[]), labelled_hash("x", &[b""]));
    }

    #[test]
    fn the_hash_is_plain_sha256_of_the_documented_bytes() {
        let expected: Digest = Sha256::digest(b"\x06CR/1 x\x00\x00\x00\x02ab").into();
        assert_eq!(labelled_hash("x", &[b"ab"]), expected);
    }

    #[test]
    fn a_mac_of_other_bytes_does_not_match() {
        let key = Secret::new([7; 32]);
        let tag = mac(&key, b"hello");
        assert!(mac_matches(&key, b"hello", &tag));
        assert!(!mac_matches(&key, b"hellp", &tag));
        assert!(!mac_matches(&key, b"hello", &tag[..31]));
        assert!(!mac_matches(&Secret::ZERO, b"hello", &tag));
    }
}
