//! A cipher challenge as a message of a room, confirmed by a commitment and not by trust.
//!
//! The author's message carries the ciphertext and a hash that commits to the solution. Who has solved it
//! checks that alone, at once. To tell the others without giving the solution away, a solver posts a proof:
//! a hash over the solution and the solver's own fingerprint, which everybody who knows the solution can
//! check, and nobody can copy.
//!
//! ```text
//! cipher-room-challenge/1 CIPHER SALT COMMITMENT        commitment = SHA-256(1st word ‖ salt ‖ letters)
//! Hint: …                                               letters: A to Z and 0 to 9 of the plaintext, in capitals
//!
//! CIPHERTEXT
//!
//! cipher-room-solved/1 COMMITMENT PROOF                 proof = SHA-256(1st word ‖ salt ‖ fingerprint ‖ letters)
//! ```

use sha2::{Digest as _, Sha256};

use crate::ciphers::{self, CipherSpec, Key};

const CHALLENGE: &str = "cipher-room-challenge/1";
const SOLVED: &str = "cipher-room-solved/1";
/// Least number of letters: fewer could be guessed from the hash alone.
const LEAST_LETTERS: usize = 12;

/// A challenge as it stands in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The cipher.
    pub cipher: String,
    /// What the author lets out.
    pub hint: String,
    /// The text to be read.
    pub ciphertext: String,
    /// Sixteen random bytes.
    salt: [u8; 16],
    /// The hash that commits to the solution.
    pub commitment: [u8; 32],
}

/// A word that somebody has solved one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// Of which challenge.
    pub commitment: [u8; 32],
    /// Shows, to who knows the solution, that this person knew it.
    pub proof: [u8; 32],
}

impl Challenge {
    /// Makes one from a text. Fails with a sentence for people.
    pub fn make(
        spec: &'static CipherSpec,
        key: &Key,
        text: &str,
        hint: &str,
        salt: [u8; 16],
    ) -> Result<Challenge, String> {
        let cipher = spec.build(key).map_err(|error| format!("{error}."))?;
        let solution = letters(&cipher.prepare(text));
        if solution.len() < LEAST_LETTERS {
            return Err(format!(
                "Write at least {LEAST_LETTERS} letters; fewer can be guessed from the commitment."
            ));
        }
        let ciphertext = cipher.encrypt(text).map_err(|error| format!("{error}."))?;
        Ok(Challenge {
            cipher: spec.id.to_owned(),
            hint: hint.lines().collect::<Vec<_>>().join(" ").trim().to_owned(),
            ciphertext,
            salt,
            commitment: commitment(&salt, &solution),
        })
    }

    /// Reads one out of a message.
    pub fn read(message: &str) -> Option<Challenge> {
        let (head, rest) = message.split_once('\n')?;
        let mut words = head.split(' ');
        (words.next()? == CHALLENGE).then_some(())?;
        let cipher = ciphers::find(words.next()?)?.id.to_owned();
        let salt = from_hex(words.next()?)?.try_into().ok()?;
        let commitment = from_hex(words.next()?)?.try_into().ok()?;
        let (hint, ciphertext) = rest.split_once("\n\n")?;
        Some(Challenge {
            cipher,
            hint: hint.strip_prefix("Hint: ").unwrap_or_default().to_owned(),
            ciphertext: ciphertext.to_owned(),
            salt,
            commitment,
        })
    }

    /// The message that carries it.
    pub fn message(&self) -> String {
        format!(
            "{CHALLENGE} {} {} {}\nHint: {}\n\n{}",
            self.cipher,
            to_hex(&self.salt),
            to_hex(&self.commitment),
            self.hint,
            self.ciphertext
        )
    }

    /// Whether a text is the solution.
    pub fn is_solution(&self, text: &str) -> bool {
        commitment(&self.salt, &letters(text)) == self.commitment
    }

    /// The message that tells of the solution without giving it away.
    pub fn solved_message(&self, solution: &str, solver: &[u8; 32]) -> String {
        let proof = self.proof(solution, solver);
        format!("{SOLVED} {} {}", to_hex(&self.commitment), to_hex(&proof))
    }

    /// Whether somebody who says so has solved it. `solution` is the right one, from who knows it.
    pub fn confirms(&self, solved: &Solved, solution: &str, solver: &[u8; 32]) -> bool {
        self.is_solution(solution)
            && solved.commitment == self.commitment
            && solved.proof == self.proof(solution, solver)
    }

    fn proof(&self, solution: &str, solver: &[u8; 32]) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(SOLVED);
        hash.update(self.salt);
        hash.update(solver);
        hash.update(letters(solution));
        hash.finalize().into()
    }
}

impl Solved {
    /// Reads it out of a message.
    pub fn read(message: &str) -> Option<Solved> {
        let mut words = message.split(' ');
        (words.next()? == SOLVED).then_some(())?;
        let commitment = from_hex(words.next()?)?.try_into().ok()?;
        let proof = from_hex(words.next()?)?.try_into().ok()?;
        words.next().is_none().then_some(Solved { commitment, proof })
    }
}

fn commitment(salt: &[u8; 16], letters: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(CHALLENGE);
    hash.update(salt);
    hash.update(letters);
    hash.finalize().into()
}

/// What of a text counts: spaces, case and punctuation don't.
fn letters(text: &str) -> String {
    let kept = text.chars().filter(char::is_ascii_alphanumeric);
    kept.map(|c| c.to_ascii_uppercase()).collect()
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
mod tests {
    use super::*;

    fn challenge() -> Challenge {
        let caesar = ciphers::find("caesar").unwrap();
        let key = Key::new().with("shift", "3");
        Challenge::make(
            caesar,
            &key,
            "Meet me at the old mill!",
            "Rome\nand Gaul",
            [7; 16],
        )
        .unwrap()
    }

    #[test]
    fn a_challenge_reads_back_from_its_message_without_its_solution_in_it() {
        let made = challenge();
        let message = made.message();
        assert_eq!(Challenge::read(&message), Some(made.clone()));
        assert!(message.contains("Phhw ph dw wkh rog ploo!") && !message.contains("mill!\n"));
        assert_eq!(made.hint, "Rome and Gaul");
        assert_eq!(Challenge::read("Hello\n\nthere"), None);
        assert_eq!(
            Challenge::read("cipher-room-challenge/1 caesar zz 00\nHint: \n\nX"),
            None
        );
    }

    #[test]
    fn the_commitment_takes_the_solution_and_nothing_else() {
        let made = challenge();
        assert!(made.is_solution("MEET ME AT THE OLD MILL"));
        assert!(!made.is_solution("MEET ME AT THE OLD MALL"));
        assert!(!made.is_solution(""));
    }

    #[test]
    fn a_proof_belongs_to_one_solver_and_cannot_be_copied() {
        let made = challenge();
        let solution = "meet me at the old mill";
        let (ada, bob) = ([1; 32], [2; 32]);
        let solved = Solved::read(&made.solved_message(solution, &ada)).unwrap();
        assert!(made.confirms(&solved, solution, &ada));
        assert!(!made.confirms(&solved, solution, &bob));
        assert!(!made.confirms(&solved, "something else entirely", &ada));
        let guessed = Solved::read(&made.solved_message("I have no idea at all", &ada)).unwrap();
        assert!(!made.confirms(&guessed, solution, &ada));
    }

    #[test]
    fn too_short_a_text_is_refused() {
        let caesar = ciphers::find("caesar").unwrap();
        let key = Key::new().with("shift", "3");
        assert!(Challenge::make(caesar, &key, "short", "", [0; 16]).is_err());
    }
}
