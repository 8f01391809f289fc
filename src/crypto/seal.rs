//! Sealing and opening with AES-256-GCM (NIST SP 800-38D) under a counter that is never sent.

use std::fmt;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};

use super::{CryptoError, Secret, TrafficSecret};

/// Length of the authentication tag behind every sealed text.
pub const TAG_BYTES: usize = 16;

/// Seals one direction's texts in order.
pub struct SealingKey(Counted);

impl SealingKey {
    /// Starts at counter 0.
    pub fn new(secret: &TrafficSecret) -> SealingKey {
        SealingKey(Counted::new(secret))
    }

    /// Encrypts `text` in place and puts the tag behind it.
    pub fn seal(&mut self, associated: &[u8], text: &mut Vec<u8>) {
        let plain = std::mem::take(text);
        self.seal_behind(associated, &plain, text);
    }

    /// Appends the encryption of `text` and its tag to `frame`, without another copy.
    pub fn seal_behind(&mut self, associated: &[u8], text: &[u8], frame: &mut Vec<u8>) {
        let start = frame.len();
        frame.extend_from_slice(text);
        let nonce = self.0.next_nonce();
        let (_, body) = frame.split_at_mut(start);
        let tag = self
            .0
            .cipher
            .encrypt_inout_detached(&nonce, associated, body.into())
            .expect("records are far below the 64 GiB limit of AES-GCM");
        frame.extend_from_slice(&tag);
    }

    /// Counts the texts sealed so far under this key.
    pub fn sealed(&self) -> u64 {
        self.0.counter
    }
}

/// Opens one direction's texts in order.
pub struct OpeningKey(Counted);

impl OpeningKey {
    /// Starts at counter 0.
    pub fn new(secret: &TrafficSecret) -> OpeningKey {
        OpeningKey(Counted::new(secret))
    }

    /// Decrypts `sealed` in place and removes its tag. Fails, without saying why, when the text was
    /// altered, repeated or out of order; the key is of no use afterwards.
    pub fn open(&mut self, associated: &[u8], sealed: &mut Vec<u8>) -> Result<(), CryptoError> {
        let Some(text_len) = sealed.len().checked_sub(TAG_BYTES) else {
            return Err(CryptoError::BadSeal);
        };
        let tag_bytes: [u8; TAG_BYTES] = sealed
            .split_off(text_len)
            .try_into()
            .map_err(|_| CryptoError::BadSeal)?;
        let nonce = self.0.next_nonce();
        self.0
            .cipher
            .decrypt_inout_detached(
                &nonce,
                associated,
                sealed.as_mut_slice().into(),
                &Tag::from(tag_bytes),
            )
            .map_err(|_| CryptoError::BadSeal)
    }

    /// For the attack lab: opens under whatever counter fits, up to 64 ahead, and gives the counter.
    pub(crate) fn open_at_any(
        &mut self,
        associated: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<u64, CryptoError> {
        let next = self.0.counter;
        for counter in (next..next + 64).chain((0..next).rev()) {
            let mut copy = sealed.clone();
            self.0.counter = counter;
            if self.open(associated, &mut copy).is_ok() {
                *sealed = copy;
                self.0.counter = next.max(counter + 1);
                return Ok(counter);
            }
        }
        self.0.counter = next + 1;
        Err(CryptoError::BadSeal)
    }

    /// For the attack lab: decrypts under the next counter and does not look at the tag.
    pub(crate) fn open_unchecked(
        &mut self,
        associated: &[u8],
        sealed: &mut Vec<u8>,
    ) -> Result<(), CryptoError> {
        let text_len = sealed.len().checked_sub(TAG_BYTES).ok_or(CryptoError::BadSeal)?;
        sealed.truncate(text_len);
        let nonce = self.0.next_nonce();
        // In counter mode encrypting once more takes the key stream off again.
        self.0
            .cipher
            .encrypt_inout_detached(&nonce, associated, sealed.as_mut_slice().into())
            .map(drop)
            .map_err(|_| CryptoError::BadSeal)
    }

    /// Counts the texts opened so far under this key.
    pub fn opened(&self) -> u64 {
        self.0.counter
    }
}

/// A pair of keys whose first nonce is `iv`, for published vectors.
#[cfg(test)]
pub(super) fn pair_for_test(key: &Secret, iv: [u8; 12]) -> (SealingKey, OpeningKey) {
    (
        SealingKey(Counted::with(key, iv)),
        OpeningKey(Counted::with(key, iv)),
    )
}

struct Counted {
    cipher: Aes256Gcm,
    iv: [u8; 12],
    counter: u64,
}

impl Counted {
    fn new(secret: &TrafficSecret) -> Counted {
        Counted::with(&secret.key(), secret.iv())
    }

    fn with(key: &Secret, iv: [u8; 12]) -> Counted {
        Counted {
            cipher: Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose())),
            iv,
            counter: 0,
        }
    }

    /// The IV with the counter added by XOR into its last eight bytes, as RFC 8446 section 5.3 does.
    fn next_nonce(&mut self) -> Nonce<aes_gcm::aead::consts::U12> {
        let mut nonce = self.iv;
        for (byte, count) in nonce.iter_mut().skip(4).zip(self.counter.to_be_bytes()) {
            *byte ^= count;
        }
        self.counter += 1;
        nonce.into()
    }
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey([secret], sealed {})", self.0.counter)
    }
}

impl fmt::Debug for OpeningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpeningKey([secret], opened {})", self.0.counter)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{EarlySecret, Secret, hybrid_for_test};
    use super::*;

    fn pair() -> (SealingKey, OpeningKey) {
        let secret = || {
            EarlySecret::new(&Secret::ZERO)
                .mix(&hybrid_for_test())
                .host_traffic(&[9; 32])
        };
        (SealingKey::new(&secret()), OpeningKey::new(&secret()))
    }

    #[test]
    fn texts_open_in_the_order_they_were_sealed() {
        let (mut seal, mut open) = pair();
        for text in [&b"one"[..], b"", b"three"] {
            let mut bytes = text.to_vec();
            seal.seal(b"head", &mut bytes);
            assert_eq!(bytes.len(), text.len() + TAG_BYTES);
            open.open(b"head", &mut bytes).unwrap();
            assert_eq!(bytes, text);
        }
        assert_eq!((seal.sealed(), open.opened()), (3, 3));
    }

    #[test]
    fn a_repeated_or_reordered_text_is_refused() {
        let (mut seal, mut open) = pair();
        let mut first = b"one".to_vec();
        seal.seal(b"", &mut first);
        open.open(b"", &mut first.clone()).unwrap();
        assert_eq!(open.open(b"", &mut first), Err(CryptoError::BadSeal));

        let (mut seal, mut open) = pair();
        seal.seal(b"", &mut b"one".to_vec());
        let mut second = b"two".to_vec();
        seal.seal(b"", &mut second);
        assert_eq!(open.open(b"", &mut second), Err(CryptoError::BadSeal));
    }

    #[test]
    fn the_attack_lab_opens_what_is_repeated_and_up_to_64_ahead() {
        let (mut seal, mut open) = pair();
        let texts: Vec<Vec<u8>> = (0..=65)
            .map(|number| {
                let mut text = vec![number];
                seal.seal(b"", &mut text);
                text
            })
            .collect();
        let mut open_any = |number: usize| {
            let mut text = texts[number].clone();
            let counter = open.open_at_any(b"", &mut text);
            counter.map(|counter| (counter, text))
        };
        assert_eq!(open_any(64), Err(CryptoError::BadSeal), "64 counters from 0 on");
        // That one counted.
        for number in [64_u8, 0, 64, 65] {
            let opened = Ok((u64::from(number), vec![number]));
            assert_eq!(open_any(usize::from(number)), opened);
        }
        assert_eq!(open.opened(), 66);
    }

    #[test]
    fn the_attack_lab_decrypts_altered_texts_in_their_order() {
        let (mut seal, mut open) = pair();
        for text in [&b"one"[..], b"", b"three"] {
            let mut bytes = text.to_vec();
            seal.seal(b"", &mut bytes);
            *bytes.last_mut().unwrap() ^= 1;
            open.open_unchecked(b"", &mut bytes).unwrap();
            assert_eq!(bytes, text);
        }
        let short = open.open_unchecked(b"", &mut vec![0; TAG_BYTES - 1]);
        assert_eq!(short, Err(CryptoError::BadSeal));
    }

    #[test]
    fn other_associated_data_or_a_short_text_is_refused() {
        let (mut seal, mut open) = pair();
        let mut text = b"one".to_vec();
        seal.seal(b"a", &mut text);
        assert_eq!(open.open(b"b", &mut text), Err(CryptoError::BadSeal));
        assert_eq!(
            open.open(b"", &mut vec![0; TAG_BYTES - 1]),
            Err(CryptoError::BadSeal)
        );
    }
}
