//! A challenge as text: heads of the form `name: value`, an empty line, the ciphertext. Meant for files and messages.
//!
//! What is read comes from strangers, so every length and number has an end, and nonsense is refused with a reason.

use std::fmt;

use super::commitment::{LEAST_ROUNDS, MOST_ROUNDS};
use super::{Challenge, Commitment, Level, MOST_HINTS, MOST_LINE_BYTES, MOST_TEXT_BYTES, line};

/// Why a text is no challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ChallengeError {
    /// It does not begin as challenges do.
    NotAChallenge,
    /// It is of a later form than this program reads.
    Version(String),
    /// It is larger than a challenge may be.
    TooLarge,
    /// A head is missing.
    Missing(&'static str),
    /// A head does not read as it should.
    Malformed(&'static str),
    /// The cipher is not known here.
    Cipher(String),
}

impl fmt::Display for ChallengeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChallengeError::NotAChallenge => write!(f, "this is no challenge of Cipher Room"),
            ChallengeError::Version(version) => {
                write!(
                    f,
                    "this challenge has the form {}, which this program does not read",
                    version.escape_debug()
                )
            }
            ChallengeError::TooLarge => write!(f, "this is larger than a challenge may be"),
            ChallengeError::Missing(head) => write!(f, "the challenge has no {head}"),
            ChallengeError::Malformed(head) => write!(f, "the challenge's {head} does not read as it should"),
            ChallengeError::Cipher(id) => write!(f, "there is no cipher called {}", id.escape_debug()),
        }
    }
}

impl std::error::Error for ChallengeError {}

impl Challenge {
    /// Writes it as text, ready to be saved or sent.
    pub fn to_text(&self) -> String {
        let mut out = format!("{MAGIC} {VERSION}\n");
        let mut head = |name: &str, value: &str| {
            if !value.is_empty() {
                out += &format!("{name}: {value}\n");
            }
        };
        head("title", &self.title);
        head("author", &self.author);
        head("level", level_id(self.level));
        head("cipher", self.cipher.as_deref().unwrap_or_default());
        for hint in &self.hints {
            head("hint", hint);
        }
        let answer = &self.answer;
        let digests: Vec<String> = answer.digests.iter().map(|digest| hex(digest)).collect();
        let committed = format!(
            "{ALGORITHM} {} {} {}",
            answer.rounds,
            hex(&answer.salt),
            digests.join(" ")
        );
        head("answer", &committed);
        out + "\n" + &self.ciphertext + "\n"
    }

    /// Reads what [`Self::to_text`] writes.
    pub fn parse(text: &str) -> Result<Self, ChallengeError> {
        if text.len() > MOST_BYTES {
            return Err(ChallengeError::TooLarge);
        }
        let text = text.trim_start_matches('\u{feff}');
        // Every message of a room passes here: most are none.
        if !text.starts_with(MAGIC) {
            return Err(ChallengeError::NotAChallenge);
        }
        let text = with_plain_line_ends(text);
        let (first, rest) = text.split_once('\n').unwrap_or((&text, ""));
        let version = first
            .trim_end()
            .strip_prefix(MAGIC)
            .ok_or(ChallengeError::NotAChallenge)?
            .trim();
        if version != VERSION {
            return Err(ChallengeError::Version(version.chars().take(20).collect()));
        }
        let (heads, body) = rest
            .split_once("\n\n")
            .ok_or(ChallengeError::Missing("ciphertext"))?;
        let (mut title, mut author, mut cipher) = (String::new(), String::new(), None);
        let (mut level, mut hints, mut answer) = (Level::Fair, Vec::new(), None);
        for head in heads.lines() {
            let (name, value) = head.split_once(':').ok_or(ChallengeError::Malformed("heads"))?;
            let value = line(value);
            if value.len() > MOST_LINE_BYTES && name != "answer" {
                return Err(ChallengeError::TooLarge);
            }
            match name {
                "title" => title = value,
                "author" => author = value,
                "level" => level = level_of(&value).ok_or(ChallengeError::Malformed("level"))?,
                "cipher" => match crate::ciphers::find(&value) {
                    Some(spec) => cipher = Some(spec.id.to_owned()),
                    None => return Err(ChallengeError::Cipher(value.chars().take(40).collect())),
                },
                "hint" if hints.len() < MOST_HINTS => hints.push(value),
                "hint" => return Err(ChallengeError::TooLarge),
                "answer" => answer = Some(commitment(&value).ok_or(ChallengeError::Malformed("answer"))?),
                // A later program of the same form may say more.
                _ => {}
            }
        }
        let ciphertext = body_of(body).to_owned();
        if ciphertext.is_empty() {
            return Err(ChallengeError::Missing("ciphertext"));
        }
        if ciphertext.len() > MOST_TEXT_BYTES {
            return Err(ChallengeError::TooLarge);
        }
        Ok(Self {
            title: if title.is_empty() {
                "A challenge".to_owned()
            } else {
                title
            },
            author,
            level,
            cipher,
            hints,
            ciphertext,
            answer: answer.ok_or(ChallengeError::Missing("answer"))?,
        })
    }
}

/// Lines end as on any system, also where a text came through several of them.
pub(super) fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// A ciphertext without the empty lines around it, and without what stands behind it: neither files nor messages keep the
/// spaces at their end. Those that it begins with are its own, for a transposition moves spaces too.
pub(super) fn body_of(mut text: &str) -> &str {
    while let Some((first, rest)) = text.split_once('\n')
        && first.trim().is_empty()
    {
        text = rest;
    }
    text.trim_end()
}

/// `pbkdf2-sha256 ROUNDS SALT DIGEST…`
fn commitment(value: &str) -> Option<Commitment> {
    let mut words = value.split(' ');
    if words.next() != Some(ALGORITHM) {
        return None;
    }
    let rounds: u32 = words.next()?.parse().ok()?;
    let salt: [u8; 16] = unhex(words.next()?)?.try_into().ok()?;
    let digests: Option<Vec<[u8; 32]>> = words.map(|word| unhex(word)?.try_into().ok()).collect();
    let digests = digests.filter(|digests| (1..=4).contains(&digests.len()))?;
    (LEAST_ROUNDS..=MOST_ROUNDS)
        .contains(&rounds)
        .then_some(Commitment {
            salt,
            rounds,
            digests,
        })
}

fn level_id(level: Level) -> &'static str {
    match level {
        Level::Easy => "easy",
        Level::Fair => "fair",
        Level::Hard => "hard",
        Level::VeryHard => "very-hard",
        Level::Fiendish => "fiendish",
    }
}

fn level_of(id: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| level_id(*level) == id)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    if !digits.len().is_multiple_of(2) || !digits.is_ascii() {
        return None;
    }
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok())
        .collect()
}

const MAGIC: &str = "Cipher Room challenge";
const VERSION: &str = "1";
const ALGORITHM: &str = "pbkdf2-sha256";
/// The largest text that is read at all.
pub(super) const MOST_BYTES: usize = MOST_TEXT_BYTES + (MOST_HINTS + 4) * MOST_LINE_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    fn challenge() -> Challenge {
        Challenge {
            title: "Under the clock".to_owned(),
            author: "Ada".to_owned(),
            level: Level::Hard,
            cipher: Some("vigenere".to_owned()),
            hints: vec!["A word: with a colon".to_owned(), "Five letters".to_owned()],
            ciphertext: "LXFOPV EFRNHR\n\nLXFOPV".to_owned(),
            answer: Commitment {
                salt: [9; 16],
                rounds: LEAST_ROUNDS,
                digests: vec![[1; 32], [2; 32]],
            },
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let challenge = challenge();
        assert_eq!(Challenge::parse(&challenge.to_text()), Ok(challenge.clone()));
        let windows = challenge.to_text().replace('\n', "\r\n");
        assert_eq!(Challenge::parse(&windows).unwrap(), challenge);
        // Found by fuzzing: what was read of it was written so that it read otherwise.
        let twice = challenge.to_text().replace("\n\nLXF", "\n\r\r\nLXF");
        let read = Challenge::parse(&twice).unwrap();
        assert_eq!(Challenge::parse(&read.to_text()), Ok(read));
        // Spaces in front are the ciphertext's own; empty lines and what follows it are not.
        let spaced = Challenge {
            ciphertext: "  LXF\n  OPV".to_owned(),
            ..challenge.clone()
        };
        let text = spaced.to_text();
        assert_eq!(Challenge::parse(&text), Ok(spaced.clone()));
        let among_lines = text.replace("  LXF", "\n \n\t\n  LXF") + " \n\n \n";
        assert_eq!(Challenge::parse(&among_lines), Ok(spaced.clone()));
        assert_eq!(Challenge::parse(&among_lines.replace('\n', "\r\n")), Ok(spaced));
        let unnamed = Challenge {
            cipher: None,
            author: String::new(),
            hints: Vec::new(),
            ..challenge
        };
        assert_eq!(Challenge::parse(&unnamed.to_text()), Ok(unnamed));
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        let good = challenge().to_text();
        let with = |from: &str, to: &str| Challenge::parse(&good.replace(from, to)).unwrap_err();
        assert_eq!(Challenge::parse("hello"), Err(ChallengeError::NotAChallenge));
        assert_eq!(
            with("challenge 1", "challenge 2"),
            ChallengeError::Version("2".to_owned())
        );
        assert_eq!(
            with("vigenere", "vigenary"),
            ChallengeError::Cipher("vigenary".to_owned())
        );
        assert_eq!(
            with("level: hard", "level: soft"),
            ChallengeError::Malformed("level")
        );
        assert_eq!(with("answer", "anwser"), ChallengeError::Missing("answer"));
        assert_eq!(with("10000 ", "9999999 "), ChallengeError::Malformed("answer"));
        assert_eq!(with("10000 ", "1 "), ChallengeError::Malformed("answer"));
        assert_eq!(with("0909", "09zé"), ChallengeError::Malformed("answer"));
        assert_eq!(
            with("LXFOPV EFRNHR\n\nLXFOPV", " "),
            ChallengeError::Missing("ciphertext")
        );
        let many = "hint: x\nhint: x\nhint: x\nhint: x\nhint: x\nhint: x\nhint: x\nhint: x\nlevel: hard";
        assert_eq!(with("level: hard", many), ChallengeError::TooLarge);
        assert_eq!(
            Challenge::parse(&"x".repeat(MOST_BYTES + 1)),
            Err(ChallengeError::TooLarge)
        );
    }

    #[test]
    fn no_text_makes_the_reader_panic() {
        let good = challenge().to_text();
        for end in 0..good.len() {
            if let Some(part) = good.get(..end) {
                let _ = Challenge::parse(part);
            }
        }
        for place in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] ^= 0x15;
            let _ = Challenge::parse(&String::from_utf8_lossy(&bytes));
        }
    }
}
