//! A cipher challenge in a room: the text of a challenge is a message, and solving it is confirmed by a commitment.
//!
//! There is one form ([`Challenge::to_text`]): a file's text can be said in a room, and a message can be saved as a
//! file. Who has solved it checks that alone, at once. To tell the others without giving the solution away, a
//! solver posts a proof under the solver's own fingerprint, which everybody who knows the solution can check,
//! and nobody can copy.
//!
//! ```text
//! Cipher Room challenge 1                      the challenge, as in a file
//! …
//!
//! cipher-room-solved/2 ID PROOF                id = SHA-256(the challenge's text)
//!                                              key = PBKDF2(answer, salt ‖ "solved"), as slow as the commitment
//!                                              proof = HMAC-SHA-256(key, id ‖ the solver's fingerprint)
//! ```

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

use super::challenge::{Challenge, normalised};

const SOLVED: &str = "cipher-room-solved/2";

/// A word that somebody has solved one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// Of which challenge.
    pub id: [u8; 32],
    /// Shows, to who knows the solution, that this person knew it.
    pub proof: [u8; 32],
}

/// A right answer to a challenge, from whoever has it.
#[derive(Clone, PartialEq, Eq)]
pub struct Solution {
    id: [u8; 32],
    key: [u8; 32],
    /// The challenge takes another spelling too, under which others' proofs can't be checked.
    has_other_spelling: bool,
}

impl std::fmt::Debug for Solution {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Solution([secret])")
    }
}

/// Whether somebody who says so has solved it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// The proof is right.
    Confirmed,
    /// The proof is wrong.
    Wrong,
    /// It may be right for the other spelling that the challenge takes.
    OtherSpelling,
}

/// The challenge in a message, where there is one.
pub fn challenge_in(message: &str) -> Option<Challenge> {
    Challenge::parse(message).ok()
}

impl Challenge {
    /// Its name: the hash of its text, the same in a file and in a room.
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(self.to_text()).into()
    }

    /// Takes an answer; `None` when it is wrong. Takes some hundredths of a second, on purpose.
    pub fn solve(&self, answer: &str) -> Option<Solution> {
        let answer = normalised(answer);
        self.answer.is_met_by(&answer).then(|| Solution {
            id: self.id(),
            key: self.answer.proof_key(&answer),
            has_other_spelling: self.answer.spellings() > 1,
        })
    }
}

impl Solution {
    /// The message that tells of the solution without giving it away.
    pub fn message(&self, solver: &[u8; 32]) -> String {
        format!("{SOLVED} {} {}", to_hex(&self.id), to_hex(&self.proof(solver)))
    }

    /// Whether somebody who says so has solved it.
    pub fn judge(&self, solved: &Solved, solver: &[u8; 32]) -> Judgement {
        if solved.id == self.id && solved.proof == self.proof(solver) {
            Judgement::Confirmed
        } else if solved.id == self.id && self.has_other_spelling {
            Judgement::OtherSpelling
        } else {
            Judgement::Wrong
        }
    }

    fn proof(&self, solver: &[u8; 32]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        mac.update(&self.id);
        mac.update(solver);
        mac.finalize().into_bytes().into()
    }
}

impl Solved {
    /// Reads it out of a message.
    pub fn read(message: &str) -> Option<Solved> {
        let mut words = message.split(' ');
        (words.next()? == SOLVED).then_some(())?;
        let id = from_hex(words.next()?)?.try_into().ok()?;
        let proof = from_hex(words.next()?)?.try_into().ok()?;
        words.next().is_none().then_some(Solved { id, proof })
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || digits.len() > 64 || !digits.is_ascii() {
        return None;
    }
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok())
        .collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::ciphers;
    use crate::lab::challenge::{Draft, Level};

    /// A challenge that [`SOLUTION`] solves.
    pub(crate) fn challenge(cipher: &str) -> Challenge {
        let draft = Draft {
            title: "The mill".to_owned(),
            plaintext: "Meet John at the old mill!".to_owned(),
            tell_cipher: true,
            hints: vec!["Rome and Gaul".to_owned()],
            ..Draft::default()
        };
        let spec = ciphers::find(cipher).unwrap();
        Challenge::make(&draft, Level::Easy, spec, &spec.sample_key(), [7; 16]).unwrap()
    }

    pub(crate) const SOLUTION: &str = "meet john at the old mill";

    #[test]
    fn a_message_and_a_file_are_one_form_and_have_one_name() {
        let made = challenge("caesar");
        let message = made.to_text();
        let read = challenge_in(&message).unwrap();
        assert_eq!((&read, read.id()), (&made, made.id()));
        // As an editor on another system would save it.
        let saved = format!("\u{feff}{}", message.replace('\n', "\r\n"));
        assert_eq!(challenge_in(&saved).unwrap().id(), made.id());
        assert!(challenge_in("Hello\n\nthere").is_none());
    }

    #[test]
    fn a_proof_belongs_to_one_solver_and_one_challenge_and_cannot_be_copied() {
        let made = challenge("caesar");
        assert!(made.solve("meet john at the old mall").is_none());
        let solution = made.solve(SOLUTION).unwrap();
        let (ada, bob) = ([1; 32], [2; 32]);
        let solved = Solved::read(&solution.message(&ada)).unwrap();
        assert_eq!(solution.judge(&solved, &ada), Judgement::Confirmed);
        assert_eq!(solution.judge(&solved, &bob), Judgement::Wrong);
        let other = challenge("rail-fence").solve(SOLUTION).unwrap();
        assert_eq!(other.judge(&solved, &ada), Judgement::Wrong);
        let invented = Solved {
            proof: [9; 32],
            ..solved
        };
        assert_eq!(solution.judge(&invented, &ada), Judgement::Wrong);
    }

    #[test]
    fn who_solved_it_in_the_spelling_of_the_cipher_is_not_called_a_liar() {
        // Playfair has one letter for I and J.
        let made = challenge("playfair");
        let playfair = ciphers::find("playfair").unwrap();
        let carried = playfair.build(&playfair.sample_key()).unwrap();
        let carried = made.solve(&carried.decrypt(&made.ciphertext).unwrap()).unwrap();
        let told = Solved::read(&carried.message(&[1; 32])).unwrap();
        let as_written = made.solve(SOLUTION).unwrap();
        assert_eq!(as_written.judge(&told, &[1; 32]), Judgement::OtherSpelling);
        assert_eq!(carried.judge(&told, &[1; 32]), Judgement::Confirmed);
    }

    #[test]
    fn the_proof_is_as_slow_to_guess_as_the_answer() {
        let made = challenge("caesar");
        let solution = made.solve(SOLUTION).unwrap();
        let cheap: [u8; 32] = Sha256::digest(normalised(SOLUTION)).into();
        assert_ne!(solution.key, cheap);
        assert_eq!(solution.key, made.answer.proof_key(&normalised(SOLUTION)));
    }
}
