//! Challenges: ciphertexts to be solved, with hints in steps. Those of this program, and those that people make.
//!
//! A challenge of one's own is a plain value with a form as text ([`Challenge::to_text`], [`Challenge::parse`]), to be
//! saved, sent and opened elsewhere. It holds no answer in clear, only a [commitment](Commitment) to it.

mod commitment;
mod list;
mod progress;
mod puzzle;
mod text;

pub use commitment::Commitment;
pub use list::{ALL, find};
pub use progress::{Mark, Progress};
pub use puzzle::Puzzle;
pub use text::ChallengeError;

use crate::ciphers::{CipherSpec, Key, KeyError};

/// How hard a challenge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// A few minutes, without any help.
    Easy,
    /// Needs an idea.
    Fair,
    /// Needs the tools of the lab.
    Hard,
    /// Needs the tools and patience.
    VeryHard,
    /// For those who have solved everything else.
    Fiendish,
}

impl Level {
    /// All levels, the easiest first.
    pub const ALL: [Level; 5] = [
        Level::Easy,
        Level::Fair,
        Level::Hard,
        Level::VeryHard,
        Level::Fiendish,
    ];

    /// The level's name.
    pub fn name(self) -> &'static str {
        match self {
            Level::Easy => "Easy",
            Level::Fair => "Fair",
            Level::Hard => "Hard",
            Level::VeryHard => "Very hard",
            Level::Fiendish => "Fiendish",
        }
    }
}

/// A challenge as it is handed on: everything but the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Challenge {
    /// Its title, one line.
    pub title: String,
    /// Who made it, one line; may be empty.
    pub author: String,
    /// How hard its maker thinks it is.
    pub level: Level,
    /// The id of the cipher, if its maker tells.
    pub cipher: Option<String>,
    /// Hints, one line each, the gentlest first.
    pub hints: Vec<String>,
    /// What is to be solved.
    pub ciphertext: String,
    /// By which a solution is known.
    pub answer: Commitment,
}

/// What somebody makes a challenge from.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The title.
    pub title: String,
    /// Who makes it.
    pub author: String,
    /// The plaintext.
    pub plaintext: String,
    /// Whether the cipher's name is told.
    pub tell_cipher: bool,
    /// Hints, the gentlest first; empty ones are left out.
    pub hints: Vec<String>,
}

/// Why a challenge cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DraftError {
    /// There is nothing to solve.
    NoText,
    /// Title, text or hints are longer than a challenge may be.
    TooLong,
    /// The key is not valid.
    Key(KeyError),
    /// The text cannot go through the cipher, in words.
    Text(String),
}

impl std::fmt::Display for DraftError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DraftError::NoText => write!(f, "write a text of at least {LEAST_LETTERS} letters"),
            DraftError::TooLong => write!(f, "the text is longer than a challenge may be"),
            DraftError::Key(error) => write!(f, "{error}"),
            DraftError::Text(reason) => write!(f, "{reason}"),
        }
    }
}

impl std::error::Error for DraftError {}

impl Challenge {
    /// Encrypts a draft and commits to its answer. `salt` is random.
    pub fn make(
        draft: &Draft,
        level: Level,
        spec: &'static CipherSpec,
        key: &Key,
        salt: [u8; 16],
    ) -> Result<Self, DraftError> {
        let answer = normalised(&draft.plaintext);
        if answer.chars().count() < LEAST_LETTERS {
            return Err(DraftError::NoText);
        }
        let cipher = spec.build(key).map_err(DraftError::Key)?;
        let plaintext = text::with_plain_line_ends(&draft.plaintext);
        let whole = cipher
            .encrypt(&plaintext)
            .map_err(|error| DraftError::Text(error.to_string()))?;
        // Where spaces and ends of lines move with the letters, those around a ciphertext are part of it.
        let ciphertext = text::body_of(&whole);
        let opened = |text: &str| cipher.decrypt(text).ok().map(|text| normalised(&text));
        if ciphertext != whole && opened(ciphertext) != opened(&whole) {
            return Err(DraftError::Text(ENDS_ARE_LOST.to_owned()));
        }
        // Playfair's I for J, and what else a cipher can't carry: the text as it comes back is an answer too.
        let carried = normalised(&cipher.prepare(&plaintext));
        let mut answers = vec![answer];
        if carried != answers[0] {
            answers.push(carried);
        }
        let challenge = Self {
            title: line(&draft.title),
            author: line(&draft.author),
            level,
            cipher: draft.tell_cipher.then(|| spec.id.to_owned()),
            hints: draft
                .hints
                .iter()
                .map(|hint| line(hint))
                .filter(|hint| !hint.is_empty())
                .collect(),
            ciphertext: ciphertext.to_owned(),
            answer: Commitment::to(&answers, salt),
        };
        match challenge.is_within_limits() {
            true => Ok(challenge),
            false => Err(DraftError::TooLong),
        }
    }

    /// Whether this solves it. Takes some hundredths of a second, on purpose.
    pub fn is_solved_by(&self, answer: &str) -> bool {
        self.answer.is_met_by(&normalised(answer))
    }

    fn is_within_limits(&self) -> bool {
        let lines = [&self.title, &self.author];
        lines
            .into_iter()
            .chain(&self.hints)
            .all(|text| text.len() <= MOST_LINE_BYTES)
            && self.hints.len() <= MOST_HINTS
            && self.ciphertext.len() <= MOST_TEXT_BYTES
    }
}

/// What counts of an answer: letters and digits, all capitals. Spaces and punctuation are nobody's fault.
pub fn normalised(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_uppercase)
        .collect()
}

/// A text as one line, without what can't be seen.
fn line(text: &str) -> String {
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .collect();
    words
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

const ENDS_ARE_LOST: &str = "the ciphertext begins or ends with a space or an empty line, which files and messages do not \
                             keep: change the text or the key a little";
/// The fewest letters of an answer: fewer could be guessed from the commitment.
pub const LEAST_LETTERS: usize = 12;
/// Bytes of a title, a name, a hint at most.
pub const MOST_LINE_BYTES: usize = 400;
/// Hints at most.
pub const MOST_HINTS: usize = 8;
/// Bytes of a ciphertext at most.
pub const MOST_TEXT_BYTES: usize = 20_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn draft() -> Draft {
        Draft {
            title: "Under the\nclock".to_owned(),
            author: "Ada".to_owned(),
            plaintext: "Meet John under the clock, at noon.".to_owned(),
            tell_cipher: true,
            hints: vec!["A square".to_owned(), " ".to_owned()],
        }
    }

    fn made(id: &str) -> Challenge {
        let spec = crate::ciphers::find(id).unwrap();
        Challenge::make(&draft(), Level::Fair, spec, &spec.sample_key(), [7; 16]).unwrap()
    }

    #[test]
    fn a_challenge_knows_its_answer_without_holding_it() {
        let challenge = made("caesar");
        assert!(challenge.is_solved_by("meet john under the clock at noon"));
        assert!(!challenge.is_solved_by("meet john under the clock at dawn"));
        let text = challenge.to_text();
        assert!(!text.to_uppercase().contains("CLOCK, AT") && !text.contains("MEETJOHN"));
        assert_eq!(challenge.title, "Under the clock");
        assert_eq!(challenge.hints, ["A square"]);
    }

    #[test]
    fn what_the_cipher_carries_is_an_answer_too() {
        let challenge = made("playfair");
        let playfair = crate::ciphers::find("playfair").unwrap();
        let opened = playfair.build(&playfair.sample_key()).unwrap();
        let carried = opened.decrypt(&challenge.ciphertext).unwrap();
        assert_ne!(normalised(&carried), normalised(&draft().plaintext));
        assert!(challenge.is_solved_by(&carried));
        assert!(challenge.is_solved_by(&draft().plaintext));
    }

    /// Under a transposition that moves every character.
    fn moved(
        plaintext: &str,
        keyword: &str,
    ) -> Result<(Challenge, Box<dyn crate::ciphers::Cipher>), DraftError> {
        let spec = crate::ciphers::find("columnar").unwrap();
        let key = Key::new().with("keyword", keyword).with("characters", "all");
        let draft = Draft {
            plaintext: plaintext.to_owned(),
            ..draft()
        };
        let challenge = Challenge::make(&draft, Level::Fair, spec, &key, [7; 16])?;
        Ok((challenge, spec.build(&key).unwrap()))
    }

    #[test]
    fn spaces_that_a_transposition_moves_to_the_beginning_are_kept() {
        let (challenge, cipher) = moved("a letter from afar", "BA").unwrap();
        assert_eq!(challenge.ciphertext, " etrfo fralte rmaa");
        let read = Challenge::parse(&challenge.to_text()).unwrap();
        assert_eq!(read, challenge);
        assert!(read.is_solved_by(&cipher.decrypt(&read.ciphertext).unwrap()));
    }

    #[test]
    fn a_ciphertext_whose_ends_would_be_lost_is_no_challenge() {
        // Its columns are "Te e tno,albtI" and "hymta on l u ", which ends with a space.
        let refused = moved("They met at noon, all but I", "AB");
        assert!(matches!(&refused, Err(DraftError::Text(reason)) if reason == ENDS_ARE_LOST));
        // What is lost at the end of this one is only the end of the plaintext.
        let (challenge, cipher) = moved("a letter from afar\r\n", "BA").unwrap();
        let opened = cipher.decrypt(&challenge.ciphertext).unwrap();
        assert!(challenge.is_solved_by(&opened), "{opened:?}");
        let mut with_lines = draft();
        with_lines.plaintext += "\r\nAnd\rbring the map. \r\n\r\n";
        let spec = crate::ciphers::find("caesar").unwrap();
        let made = Challenge::make(&with_lines, Level::Easy, spec, &spec.sample_key(), [7; 16]).unwrap();
        assert_eq!(Challenge::parse(&made.to_text()), Ok(made));
    }

    #[test]
    fn a_draft_that_is_no_challenge_is_refused_with_a_reason() {
        let spec = crate::ciphers::find("caesar").unwrap();
        let make = |draft: &Draft, key: &Key| Challenge::make(draft, Level::Easy, spec, key, [0; 16]);
        let short = Draft {
            plaintext: "Too short".to_owned(),
            ..draft()
        };
        assert_eq!(make(&short, &spec.sample_key()), Err(DraftError::NoText));
        assert!(matches!(make(&draft(), &Key::new()), Err(DraftError::Key(_))));
        let long = Draft {
            plaintext: "long ".repeat(MOST_TEXT_BYTES),
            ..draft()
        };
        assert_eq!(make(&long, &spec.sample_key()), Err(DraftError::TooLong));
    }
}
