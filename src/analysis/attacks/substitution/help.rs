//! What is known beforehand: locked letters and the places where a crib can stand.

use crate::analysis::attack::{AttackError, Problem, Random};
use crate::analysis::language::{SPACE, letters_of};

use super::climb::Table;

/// Letters that are fixed from the beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// For each cipher letter, the plain letter that it stands for, if that is fixed.
    fixed: [Option<u8>; 26],
}

impl Frame {
    const FREE: Frame = Frame { fixed: [None; 26] };

    /// Whether a cipher letter is fixed.
    pub fn is_fixed(&self, cipher: u8) -> bool {
        self.fixed[usize::from(cipher)].is_some()
    }

    /// Fixes one letter. Fails with the reason when that contradicts what is fixed.
    fn fix(&mut self, cipher: u8, plain: u8) -> Result<(), String> {
        match self.fixed[usize::from(cipher)] {
            Some(before) if before != plain => {
                return Err(format!(
                    "{} would stand for {} and for {}",
                    capital(cipher),
                    capital(before),
                    capital(plain)
                ));
            }
            _ => {}
        }
        let other = (0..26u8).find(|&c| c != cipher && self.fixed[usize::from(c)] == Some(plain));
        if let Some(other) = other {
            return Err(format!(
                "{} and {} would both stand for {}",
                capital(other),
                capital(cipher),
                capital(plain)
            ));
        }
        self.fixed[usize::from(cipher)] = Some(plain);
        Ok(())
    }

    /// A whole key: what is fixed, and the rest at random.
    pub fn fill(&self, random: &mut Random) -> Table {
        let mut rest: Vec<u8> = (0..26)
            .filter(|plain| !self.fixed.contains(&Some(*plain)))
            .collect();
        random.shuffle(&mut rest);
        let mut rest = rest.into_iter();
        let mut table = [SPACE; 27];
        for (place, fixed) in table.iter_mut().zip(&self.fixed) {
            *place = fixed.or_else(|| rest.next()).unwrap_or(SPACE);
        }
        table
    }
}

/// Everything that is known, as one frame for each way in which it can be meant.
#[derive(Debug)]
pub struct Given {
    locked: Frame,
    frames: Vec<Frame>,
}

impl Given {
    /// Reads the locks and places the crib. Fails with the reason when they contradict one another or fit nowhere.
    pub fn of(problem: &Problem<'_>, spaced: bool) -> Result<Self, AttackError> {
        let mut locked = Frame::FREE;
        for lock in problem.locks {
            let pair = [lock.cipher, lock.plain].map(|c| letters_of(c.encode_utf8(&mut [0; 4])));
            let [cipher, plain] = &pair;
            let (&[cipher], &[plain]) = (cipher.as_slice(), plain.as_slice()) else {
                let reason = "a lock is a cipher letter and a plain letter, both A to Z".to_owned();
                return Err(AttackError::LocksContradict { reason });
            };
            locked
                .fix(cipher, plain)
                .map_err(|reason| AttackError::LocksContradict { reason })?;
        }
        let frames = match problem.crib {
            None => vec![locked.clone()],
            Some(crib) => place(problem, crib, &locked, spaced)?,
        };
        Ok(Self { locked, frames })
    }

    /// The frames to search in, the likeliest first.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Whether a cipher letter is locked or part of the only place of a crib.
    pub fn is_locked(&self, cipher: u8) -> bool {
        match self.frames.as_slice() {
            [only] => only.is_fixed(cipher),
            _ => self.locked.is_fixed(cipher),
        }
    }
}

/// All places where a crib fits, those that rest on more repeated letters first.
fn place(problem: &Problem<'_>, crib: &str, locked: &Frame, spaced: bool) -> Result<Vec<Frame>, AttackError> {
    let (text, plain) = (letters_of(problem.text), letters_of(crib));
    if plain.is_empty() || plain.len() > text.len() {
        let reason = match plain.len() {
            0 => "it has no letter from A to Z".to_owned(),
            n => format!("it has {n} letters and the text only {}", text.len()),
        };
        return Err(AttackError::CribDoesNotFit { reason });
    }
    let starts = word_starts(problem.text);
    let mut fitting: Vec<(bool, Frame)> = Vec::new();
    let mut nearest: Option<(usize, usize, String)> = None;
    for (at, window) in text.windows(plain.len()).enumerate() {
        let mut frame = locked.clone();
        let mut agreed = 0;
        let fault = window
            .iter()
            .zip(&plain)
            .find_map(|(&c, &p)| match frame.fix(c, p) {
                Ok(()) => {
                    agreed += 1;
                    None
                }
                Err(reason) => Some(reason),
            });
        match fault {
            None => {
                let at_words = starts.contains(&at)
                    && (at + plain.len() == text.len() || starts.contains(&(at + plain.len())));
                if !fitting.iter().any(|(_, other)| *other == frame) {
                    fitting.push((at_words, frame));
                }
            }
            Some(reason) if nearest.as_ref().is_none_or(|(most, ..)| agreed > *most) => {
                nearest = Some((agreed, at, reason));
            }
            Some(_) => {}
        }
    }
    // Where words stand apart, a crib that is whole words stands at whole words, if it can.
    if spaced && fitting.iter().any(|(at_words, _)| *at_words) {
        fitting.retain(|(at_words, _)| *at_words);
    }
    if fitting.is_empty() {
        let crib: String = plain.iter().map(|&c| capital(c)).collect();
        let reason = nearest.map_or_else(String::new, |(agreed, at, reason)| {
            let window: String = text[at..at + plain.len()].iter().map(|&c| capital(c)).collect();
            format!(
                "{crib} stands nowhere; it comes nearest at letter {} ({window}), where {agreed} of {} letters agree and then {reason}",
                at + 1,
                plain.len()
            )
        });
        return Err(AttackError::CribDoesNotFit { reason });
    }
    Ok(fitting
        .into_iter()
        .map(|(_, frame)| frame)
        .take(MOST_PLACES)
        .collect())
}

/// Places of a crib that are tried. A crib that fits at more says next to nothing.
const MOST_PLACES: usize = 60;

/// At which letters (counted from 0, letters only) a word begins.
fn word_starts(text: &str) -> Vec<usize> {
    let (mut starts, mut letters, mut inside) = (Vec::new(), 0, false);
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            if !inside {
                starts.push(letters);
            }
            inside = true;
            letters += 1;
        } else if c != '\'' && c != '’' {
            inside = false;
        }
    }
    starts
}

fn capital(letter: u8) -> char {
    char::from(b'A' + letter)
}
