//! The text policy of a bench: what happens to case, spaces and punctuation before encrypting, and to the output after.
//!
//! It holds for encrypting only: a ciphertext that is to be decrypted is taken as it is.

use serde::{Deserialize, Serialize};

/// What happens to the text of a bench, for all cards alike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// What becomes of the case.
    pub case: Case,
    /// Takes out spaces, tabs and line breaks.
    pub strip_spaces: bool,
    /// Takes out everything that is neither letter, digit nor space.
    pub strip_punctuation: bool,
    /// Writes the output in groups of five characters.
    pub groups: bool,
}

/// What becomes of capitals and small letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Case {
    /// As they are.
    #[default]
    Keep,
    /// All capitals.
    Upper,
    /// All small.
    Lower,
}

/// A text that a policy has been applied to, and where its characters came from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// The text.
    pub text: String,
    /// For each of its characters, the index of the character that it came from.
    pub origins: Vec<u32>,
}

impl Policy {
    /// Whether nothing changes before encrypting.
    pub fn keeps_text(&self) -> bool {
        self.case == Case::Keep && !self.strip_spaces && !self.strip_punctuation
    }

    /// What goes into the ciphers.
    pub fn before(&self, text: &str) -> Applied {
        let mut applied = Applied {
            text: String::with_capacity(text.len()),
            origins: Vec::with_capacity(text.len()),
        };
        for (index, c) in text.chars().enumerate() {
            if c.is_whitespace() {
                if self.strip_spaces {
                    continue;
                }
            } else if self.strip_punctuation && !c.is_alphanumeric() {
                continue;
            }
            let mut push = |c| {
                applied.text.push(c);
                applied.origins.push(index as u32);
            };
            match self.case {
                Case::Keep => push(c),
                Case::Upper => c.to_uppercase().for_each(push),
                Case::Lower => c.to_lowercase().for_each(push),
            }
        }
        applied
    }

    /// How an output is written: in groups of five, if asked for. The origins lead back into the output.
    pub fn after(&self, output: &str) -> Applied {
        let mut applied = Applied::default();
        let mut written = 0;
        for (index, c) in output.chars().enumerate() {
            if self.groups {
                if c.is_whitespace() {
                    continue;
                }
                if written > 0 && written % GROUP == 0 {
                    applied.text.push(' ');
                    applied.origins.push(index as u32);
                }
                written += 1;
            }
            applied.text.push(c);
            applied.origins.push(index as u32);
        }
        applied
    }
}

const GROUP: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_policy_keeps_everything() {
        let applied = Policy::default().before("Ab, ß\n");
        assert_eq!(applied.text, "Ab, ß\n");
        assert_eq!(applied.origins, [0, 1, 2, 3, 4, 5]);
        assert!(Policy::default().keeps_text());
    }

    #[test]
    fn spaces_and_punctuation_are_stripped_apart() {
        let text = "We, are: here\n";
        let policy = Policy {
            strip_spaces: true,
            ..Default::default()
        };
        assert_eq!(policy.before(text).text, "We,are:here");
        let policy = Policy {
            strip_punctuation: true,
            case: Case::Upper,
            ..Default::default()
        };
        assert_eq!(policy.before(text).text, "WE ARE HERE\n");
    }

    #[test]
    fn origins_lead_back_even_where_one_letter_becomes_two() {
        let policy = Policy {
            case: Case::Upper,
            strip_spaces: true,
            ..Default::default()
        };
        let applied = policy.before("a ßb");
        assert_eq!(applied.text, "ASSB");
        assert_eq!(applied.origins, [0, 2, 2, 3]);
    }

    #[test]
    fn outputs_are_written_in_groups_of_five() {
        let policy = Policy {
            groups: true,
            ..Default::default()
        };
        let applied = policy.after("abc defgh ijkl");
        assert_eq!(applied.text, "abcde fghij kl");
        assert_eq!(applied.origins[6], 6);
    }
}
