//! What is known beforehand: locked letters and the places where a crib can stand.

use std::collections::HashMap;

use crate::analysis::attack::{AttackError, Problem, Random, Watch};
use crate::analysis::language::{Language, SPACE, letters_of};

use super::climb::Table;

/// Letters that are fixed from the beginning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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
    /// Whether the crib may stand where no frame has it.
    open: bool,
    /// The letters of the ciphertext and of the crib; both empty without a crib.
    text: Vec<u8>,
    crib: Vec<u8>,
}

impl Given {
    /// Reads the locks and places the crib. Fails with the reason when they contradict one another or fit nowhere.
    pub fn of(problem: &Problem<'_>, spaced: bool, watch: &mut dyn Watch) -> Result<Self, AttackError> {
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
        let mut given = Self {
            frames: vec![locked.clone()],
            locked,
            open: false,
            text: Vec::new(),
            crib: Vec::new(),
        };
        if let Some(crib) = problem.crib {
            (given.text, given.crib) = (letters_of(problem.text), letters_of(crib));
            given.place(problem, spaced, watch)?;
        }
        Ok(given)
    }

    /// The frames to search in, the likeliest first. Where there are too many places for a crib the locks alone come
    /// first, since a long text needs no crib, and once more at the end.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// Whether the crib may stand where no frame has it, so that the locks alone are a frame too.
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether a cipher letter is locked or part of the only place of a crib.
    pub fn is_locked(&self, cipher: u8) -> bool {
        match self.frames.as_slice() {
            [only] => only.is_fixed(cipher),
            _ => self.locked.is_fixed(cipher),
        }
    }

    /// Whether the crib stands in the text under a key; always without a crib.
    pub fn shows_crib(&self, table: &Table) -> bool {
        let plain = |window: &[u8]| {
            let mut pairs = window.iter().zip(&self.crib);
            pairs.all(|(&c, &p)| table[usize::from(c)] == p)
        };
        self.crib.is_empty() || self.text.windows(self.crib.len()).any(plain)
    }

    /// Makes a frame of each place where the crib fits. Fails, with the place that comes nearest, when there is none.
    fn place(
        &mut self,
        problem: &Problem<'_>,
        spaced: bool,
        watch: &mut dyn Watch,
    ) -> Result<(), AttackError> {
        let (text, plain) = (&self.text, &self.crib);
        if plain.is_empty() || plain.len() > text.len() {
            let reason = match plain.len() {
                0 => "it has no letter from A to Z".to_owned(),
                n => format!("it has {n} letters and the text only {}", text.len()),
            };
            return Err(AttackError::CribDoesNotFit { reason });
        }
        let starts = word_starts(problem.text, text.len());
        let beforehand = Ties::of(&self.locked);
        let mut fitting: HashMap<Frame, Fit> = HashMap::new();
        let mut nearest = (0, 0);
        let mut to_the_end = true;
        for (at, window) in text.windows(plain.len()).enumerate() {
            if (at + 1).is_multiple_of(BETWEEN_QUESTIONS) && watch.go_on().is_break() {
                to_the_end = false;
                break;
            }
            let mut ties = beforehand;
            let agreed = ties.agreeing(window, plain);
            if agreed < plain.len() {
                if agreed > nearest.0 {
                    nearest = (agreed, at);
                }
                continue;
            }
            let fit = fitting.entry(ties.frame()).or_insert(Fit {
                at_words: false,
                times: 0,
                first: at,
            });
            fit.at_words |= starts[at] && starts[at + plain.len()];
            fit.times += 1;
            if fitting.len() >= MOST_NOTED {
                to_the_end = false;
                break;
            }
        }
        // Where words stand apart, a crib that is whole words stands at whole words, if it can.
        if spaced && fitting.values().any(|fit| fit.at_words) {
            fitting.retain(|_, fit| fit.at_words);
        }
        if fitting.is_empty() && to_the_end {
            return Err(self.fits_nowhere(nearest));
        }
        self.open = !to_the_end || fitting.len() > MOST_PLACES;
        let counts = Counts::of(problem.language, text);
        // Every place repeats the crib's own letters alike; what tells places apart is how often the rest of the text
        // has the letters that they fix.
        let mut ranked: Vec<(f64, Fit, Frame)> = fitting
            .into_iter()
            .map(|(frame, fit)| (counts.likelihood(&frame), fit, frame))
            .collect();
        ranked.sort_by(|(a, x, _), (b, y, _)| {
            b.total_cmp(a)
                .then(y.times.cmp(&x.times))
                .then(x.first.cmp(&y.first))
        });
        self.frames = ranked
            .into_iter()
            .map(|(.., frame)| frame)
            .take(MOST_PLACES)
            .collect();
        if self.open {
            self.frames.insert(0, self.locked.clone());
            self.frames.push(self.locked.clone());
        }
        Ok(())
    }

    /// Why the crib stands nowhere: how many letters agree at the place that comes nearest, and what then contradicts.
    fn fits_nowhere(&self, (agreed, at): (usize, usize)) -> AttackError {
        let window = &self.text[at..at + self.crib.len()];
        let mut frame = self.locked.clone();
        let mut pairs = window.iter().zip(&self.crib);
        let reason = pairs.find_map(|(&c, &p)| frame.fix(c, p).err());
        let written = |codes: &[u8]| codes.iter().map(|&c| capital(c)).collect::<String>();
        AttackError::CribDoesNotFit {
            reason: format!(
                "{} stands nowhere; it comes nearest at letter {} ({}), where {agreed} of {} letters agree and then {}",
                written(&self.crib),
                at + 1,
                written(window),
                self.crib.len(),
                reason.unwrap_or_default()
            ),
        }
    }
}

/// Where one frame comes from.
struct Fit {
    /// Whether it is whole words at one of its places.
    at_words: bool,
    /// How many places make it.
    times: u32,
    /// The first of them.
    first: usize,
}

/// Which letters stand for which, both ways: a frame that is quick to compare with all places of a long text.
#[derive(Clone, Copy)]
struct Ties {
    plain_of: [u8; 26],
    cipher_of: [u8; 26],
}

/// Not tied to anything.
const UNTIED: u8 = u8::MAX;

impl Ties {
    fn of(frame: &Frame) -> Self {
        let mut ties = Self {
            plain_of: frame.fixed.map(|plain| plain.unwrap_or(UNTIED)),
            cipher_of: [UNTIED; 26],
        };
        for (cipher, plain) in (0..).zip(&frame.fixed) {
            if let Some(plain) = plain {
                ties.cipher_of[usize::from(*plain)] = cipher;
            }
        }
        ties
    }

    fn frame(&self) -> Frame {
        Frame {
            fixed: self.plain_of.map(|plain| (plain != UNTIED).then_some(plain)),
        }
    }

    /// Ties a crib to a place, and says how many letters agree before one contradicts.
    fn agreeing(&mut self, window: &[u8], crib: &[u8]) -> usize {
        let pairs = window.iter().zip(crib);
        pairs
            .take_while(|&(&cipher, &plain)| self.tie(cipher, plain))
            .count()
    }

    /// Ties two letters together. False where one of them is tied to another.
    fn tie(&mut self, cipher: u8, plain: u8) -> bool {
        let to = &mut self.plain_of[usize::from(cipher)];
        let from = &mut self.cipher_of[usize::from(plain)];
        if *to == UNTIED && *from == UNTIED {
            (*to, *from) = (plain, cipher);
        }
        *to == plain && *from == cipher
    }
}

/// How often the text has each letter, and how often the language has it.
struct Counts {
    text: [f64; 26],
    /// Letters of the text.
    letters: f64,
    language: [f64; 26],
}

impl Counts {
    fn of(language: &Language, text: &[u8]) -> Self {
        let mut counts = [0.0; 26];
        text.iter().for_each(|&c| counts[usize::from(c)] += 1.0);
        Self {
            text: counts,
            letters: text.len() as f64,
            language: language.letters().map(|share| share.max(1e-5)),
        }
    }

    /// How likely a frame makes these counts, in nats beside the likeliest of all: its letters each for itself, and all
    /// others as one.
    fn likelihood(&self, frame: &Frame) -> f64 {
        let (mut sum, mut counted, mut expected) = (0.0, 0.0, 0.0);
        let mut weigh = |count: f64, share: f64| {
            if count > 0.0 {
                sum += count * (share.max(1e-9) * self.letters / count).ln();
            }
        };
        for (plain, count) in frame.fixed.iter().zip(self.text) {
            if let Some(plain) = plain {
                let share = self.language[usize::from(*plain)];
                weigh(count, share);
                counted += count;
                expected += share;
            }
        }
        weigh(self.letters - counted, 1.0 - expected);
        sum
    }
}

/// Places of a crib that are tried. A crib that fits at more says next to nothing.
const MOST_PLACES: usize = 60;
/// Different places that are noted, to choose the likeliest from.
const MOST_NOTED: usize = 10_000;
/// Places that are looked at between two questions: some tenths of a millisecond.
const BETWEEN_QUESTIONS: usize = 16_384;

/// For each letter (letters only), and for the end of the text, whether a word begins there.
fn word_starts(text: &str, letters: usize) -> Vec<bool> {
    let mut starts = vec![false; letters + 1];
    let (mut at, mut inside) = (0, false);
    for c in text.chars() {
        if c.is_ascii_alphabetic() {
            starts[at] = !inside;
            inside = true;
            at += 1;
        } else if c != '\'' && c != '’' {
            inside = false;
        }
    }
    starts[at] = true;
    starts
}

fn capital(letter: u8) -> char {
    char::from(b'A' + letter)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::*;
    use crate::analysis::attack::{Blind, Progress};

    const PROSE: &str = "We had rented the cottage for a fortnight in September when the visitors have gone and the village belongs \
                         to itself again Every morning my brother went down to fetch bread and came back with news a boat had \
                         lost its mooring the schoolmaster was to be married somebody had seen a seal near the old pier by lamp";

    fn rot13(plain: &str) -> String {
        let turned = letters_of(plain)
            .into_iter()
            .map(|code| capital((code + 13) % 26));
        turned.collect()
    }

    fn given(text: &str, crib: &str, watch: &mut dyn Watch) -> Given {
        let problem = Problem {
            crib: Some(crib),
            ..Problem::new(text, Language::english())
        };
        Given::of(&problem, false, watch).unwrap()
    }

    #[test]
    fn the_likeliest_of_many_places_are_tried_and_the_locks_alone_too() {
        let given = given(&rot13(PROSE), "lamp", &mut Blind);
        assert!(given.is_open());
        let mut truth = Frame::FREE;
        for (cipher, plain) in letters_of("YNZC").into_iter().zip(letters_of("LAMP")) {
            truth.fix(cipher, plain).unwrap();
        }
        assert!(given.frames().contains(&truth));
        assert_eq!(given.frames().len(), MOST_PLACES + 2);
        assert_eq!(given.frames().first(), Some(&Frame::FREE));
        assert_eq!(given.frames().last(), Some(&Frame::FREE));
        assert!((0..26).all(|cipher| !given.is_locked(cipher)));
    }

    #[test]
    fn a_place_that_is_whole_words_somewhere_counts_as_such() {
        // ABC is part of a word at first, and a word by itself later.
        let problem = Problem {
            crib: Some("dog"),
            ..Problem::new("GABCH DEF ABC", Language::english())
        };
        let given = Given::of(&problem, true, &mut Blind).unwrap();
        assert!(given.frames().iter().any(|frame| frame.is_fixed(0)));
        assert_eq!(given.frames().len(), 2);
        assert!(!given.is_open());
    }

    /// Counts the questions, and stops at one of them.
    struct Stop {
        asked: u32,
        at: u32,
    }

    impl Watch for Stop {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.go_on()
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            self.asked += 1;
            match self.asked >= self.at {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        }
    }

    #[test]
    fn a_long_text_is_placed_with_questions_between_and_not_to_its_end() {
        let mut random = Random::new(3);
        let text: String = (0..1_000_000).map(|_| capital(random.below(26) as u8)).collect();
        // All letters differ, so that nearly a third of all places fit.
        let mut watch = Stop {
            asked: 0,
            at: u32::MAX,
        };
        let open = given(&text, "amsterdo", &mut watch);
        assert!(open.is_open());
        assert!((1..10).contains(&watch.asked), "{}", watch.asked);
        // A crib with many repeats fits nowhere, which takes the whole text to say; it is stopped before.
        let mut watch = Stop { asked: 0, at: 2 };
        let stopped = given(&text, "abababababab", &mut watch);
        assert_eq!(watch.asked, 2);
        assert!(stopped.is_open() && stopped.frames().iter().all(|frame| *frame == Frame::FREE));
    }

    #[test]
    fn a_key_shows_the_crib_or_does_not() {
        let given = given(&rot13(PROSE), "old pier", &mut Blind);
        let mut table: Table = [SPACE; 27];
        (0..26).for_each(|c| table[usize::from(c)] = (c + 13) % 26);
        assert!(given.shows_crib(&table));
        // C stands for P.
        table.swap(2, 3);
        assert!(!given.shows_crib(&table));
    }
}
