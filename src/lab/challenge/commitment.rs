//! A commitment to an answer: salted and slow to try, so that a file gives nothing away to somebody who guesses.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// PBKDF2-HMAC-SHA256 (RFC 8018) of the answers that count, each 32 bytes, under one salt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commitment {
    pub(super) salt: [u8; 16],
    pub(super) rounds: u32,
    pub(super) digests: Vec<[u8; 32]>,
}

impl Commitment {
    /// Commits to each of these answers, as they are.
    pub(super) fn to(answers: &[String], salt: [u8; 16]) -> Self {
        Self {
            salt,
            rounds: ROUNDS,
            digests: answers
                .iter()
                .map(|answer| pbkdf2(answer, &salt, ROUNDS))
                .collect(),
        }
    }

    /// The key of a proof that somebody knows this answer: as slow to try as the answer itself.
    pub(in crate::lab) fn proof_key(&self, answer: &str) -> [u8; 32] {
        let salt = [self.salt.as_slice(), b"solved"].concat();
        pbkdf2(answer, &salt, self.rounds)
    }

    /// How many spellings of the answer count.
    pub(in crate::lab) fn spellings(&self) -> usize {
        self.digests.len()
    }

    /// Whether this is one of the answers.
    pub(in crate::lab) fn is_met_by(&self, answer: &str) -> bool {
        self.digests.contains(&pbkdf2(answer, &self.salt, self.rounds))
    }
}

/// The first block of PBKDF2, which is as long as the digest.
fn pbkdf2(password: &str, salt: &[u8], rounds: u32) -> [u8; 32] {
    let keyed = Hmac::<Sha256>::new_from_slice(password.as_bytes()).expect("HMAC takes keys of any length");
    let mac = |parts: &[&[u8]]| -> [u8; 32] {
        let mut mac = keyed.clone();
        parts.iter().for_each(|part| mac.update(part));
        mac.finalize().into_bytes().into()
    };
    let mut last = mac(&[salt, &1u32.to_be_bytes()]);
    let mut sum = last;
    for _ in 1..rounds {
        last = mac(&[&last]);
        sum.iter_mut().zip(last).for_each(|(sum, byte)| *sum ^= byte);
    }
    sum
}

/// Some hundredths of a second on an ordinary machine.
pub(super) const ROUNDS: u32 = 120_000;
/// Fewer would be no commitment.
pub(super) const LEAST_ROUNDS: u32 = 10_000;
/// More would keep whoever opens a file waiting.
pub(super) const MOST_ROUNDS: u32 = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pbkdf2_agrees_with_published_answers() {
        // PBKDF2-HMAC-SHA256 with the inputs of RFC 6070, as published in RFC 7914 section 11 and widely.
        let hex = |bytes: [u8; 32]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
        assert_eq!(
            hex(pbkdf2("password", b"salt", 1)),
            "120fb6cffcf8b32c43e7225256c4f837a86548c92ccc35480805987cb70be17b"
        );
        assert_eq!(
            hex(pbkdf2("password", b"salt", 4096)),
            "c5e478d59288c841aa530db6845c4c8d962893a001ce4e11a4963873aa98134a"
        );
        assert!(hex(pbkdf2("passwd", b"salt", 1)).starts_with("55ac046e56e3089fec1691c22544b605"));
    }

    #[test]
    fn only_the_answers_meet_it_and_salts_tell_equal_ones_apart() {
        let answers = ["MEETME".to_owned(), "MEETMEX".to_owned()];
        let commitment = Commitment::to(&answers, [1; 16]);
        assert!(commitment.is_met_by("MEETME") && commitment.is_met_by("MEETMEX"));
        assert!(!commitment.is_met_by("MEETYOU"));
        assert_ne!(commitment.digests, Commitment::to(&answers, [2; 16]).digests);
    }
}
