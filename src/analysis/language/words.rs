//! A language's words and how often they are used: judges whole texts, and puts spaces back.

use super::gram::Gram;
use super::packed::{Damaged, Packed};
use super::{SPACE, letters_of};

/// The words of a language with their log-probabilities, and what an unknown word costs.
#[derive(Debug)]
pub struct Words {
    known: Known,
    /// For each pair of first letters and each length up to `LONGEST`, whether any word begins so.
    begins: Vec<u32>,
    /// ln of an unknown word's letters, beginning and end included: by quadgrams with spaces.
    unknown: Vec<u8>,
    unit: f64,
}

/// A text parted into words.
#[derive(Clone, Debug, PartialEq)]
pub struct Parted {
    /// The lengths of the words, in their order.
    pub lengths: Vec<usize>,
    /// The natural logarithm of the probability of these words.
    pub log_probability: f64,
    /// For each word, whether it is known.
    pub known: Vec<bool>,
}

impl Words {
    pub(super) fn unpack(packed: &Packed<'_>, spaced: &Gram) -> Result<Self, Damaged> {
        let (texts, costs) = (packed.section(b"wT")?, packed.section(b"wF")?);
        let mut known = Known::for_words(&costs);
        let mut begins = vec![0u32; 26 * 26];
        let (mut rest, mut word) = (&*texts, Vec::with_capacity(LONGEST));
        for _ in 0..costs.len() {
            // Front coding: how many letters are those of the word before, how many follow, and these.
            let ([same, more], tail) = rest.split_first_chunk::<2>().ok_or(Damaged)?;
            let (letters, tail) = tail.split_at_checked(usize::from(*more)).ok_or(Damaged)?;
            word.truncate(usize::from(*same));
            word.extend(letters.iter().map(|letter| letter.wrapping_sub(b'A').min(25)));
            if let &[a, b, ..] = word.as_slice() {
                begins[usize::from(a) * 26 + usize::from(b)] |= 1 << word.len().min(31);
            }
            known.add(&word);
            rest = tail;
        }
        Ok(Self {
            known,
            begins,
            unknown: spaced.table().to_vec(),
            unit: spaced.unit(),
        })
    }

    /// How many words are known.
    pub fn len(&self) -> usize {
        self.known.costs.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.costs.is_empty()
    }

    /// All known words in the order of the alphabet; letters are numbers from 0.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.known.iter()
    }

    /// The natural logarithm of a word's share among all words, if it is known. Letters are numbers from 0.
    pub fn find(&self, word: &[u8]) -> Option<f64> {
        self.known.find(word)
    }

    /// The natural logarithm of a word's probability, known or not: an unknown one is spelt letter by letter.
    pub fn log_probability(&self, word: &[u8]) -> f64 {
        let spelt = self.spelt(word) + UNKNOWN;
        match self.find(word) {
            Some(known) => known.max(spelt),
            None => spelt,
        }
    }

    /// The natural logarithm of the probability that a word begins with these letters, the word itself included: what a
    /// text says that breaks off within a word.
    pub fn begins_log_probability(&self, letters: &[u8]) -> f64 {
        let unknown = self.spelt_on(letters) + UNKNOWN;
        (self.known.share_of_beginning(letters) + unknown.exp()).ln()
    }

    fn spelt(&self, word: &[u8]) -> f64 {
        self.spelt_on(word.iter().chain([&SPACE]))
    }

    /// Spells from the beginning of a word on.
    fn spelt_on<'l>(&self, letters: impl IntoIterator<Item = &'l u8>) -> f64 {
        let mut context = 26 * 27 * 27 + 26 * 27 + 26usize;
        let mut sum = 0u32;
        for &letter in letters {
            context = (context % 19_683) * 27 + usize::from(letter);
            sum += 255 - u32::from(self.unknown[context]);
        }
        -f64::from(sum) * self.unit
    }

    /// A text's letters with the spaces put back; everything that is no letter from A to Z is left out.
    pub fn with_spaces(&self, text: &str) -> String {
        let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
        let mut spaced = String::with_capacity(letters.len() * 5 / 4);
        let mut rest = letters.as_str();
        for length in self.part(&letters_of(&letters)).lengths {
            let (word, tail) = rest.split_at(length);
            if !spaced.is_empty() {
                spaced.push(' ');
            }
            spaced.push_str(word);
            rest = tail;
        }
        spaced
    }

    /// Puts the spaces back: the likeliest way to part letters (as numbers) into words.
    ///
    /// The log-probability that comes with it judges a text as a whole, and sees what no short run of letters shows.
    pub fn part(&self, letters: &[u8]) -> Parted {
        let n = letters.len();
        let mut best = vec![(f64::NEG_INFINITY, 0usize, false); n + 1];
        best[0].0 = 0.0;
        for start in 0..n {
            let before = best[start].0;
            // Words that are not known: spelt on and on from the same start.
            let mut context = 26 * 27 * 27 + 26 * 27 + 26usize;
            let mut spelt = before + UNKNOWN;
            let begins = match letters.get(start + 1) {
                Some(&second) => self.begins[usize::from(letters[start]) * 26 + usize::from(second)] | 0b10,
                None => 0b10,
            };
            for length in 1..=(n - start).min(LONGEST) {
                context = (context % 19_683) * 27 + usize::from(letters[start + length - 1]);
                spelt -= f64::from(255 - self.unknown[context]) * self.unit;
                let end_of_word = (context % 19_683) * 27 + usize::from(SPACE);
                let unknown = spelt - f64::from(255 - self.unknown[end_of_word]) * self.unit;
                let known = match begins & (1 << length) != 0 {
                    true => self
                        .find(&letters[start..start + length])
                        .map(|share| before + share),
                    false => None,
                };
                let (score, is_known) = match known {
                    Some(known) if known >= unknown => (known, true),
                    _ => (unknown, false),
                };
                if score > best[start + length].0 {
                    best[start + length] = (score, length, is_known);
                }
            }
        }
        let (mut lengths, mut known, mut end) = (Vec::new(), Vec::new(), n);
        while end > 0 {
            let (_, length, is_known) = best[end];
            lengths.push(length);
            known.push(is_known);
            end -= length;
        }
        lengths.reverse();
        known.reverse();
        Parted {
            lengths,
            log_probability: best[n].0,
            known,
        }
    }
}

/// Words longer than that are not in the lists.
const LONGEST: usize = 22;
/// Nats for one step of a word's cost.
const COST_UNIT: f64 = 0.08;
/// What it costs that a word is none of the known: about one word in thirty.
const UNKNOWN: f64 = -3.4;

/// All words one behind the other, and a table with open addressing to find them: made within two milliseconds, where a map
/// of boxed words takes ten.
#[derive(Debug)]
struct Known {
    letters: Vec<u8>,
    /// Where each word begins, and the end of the last.
    starts: Vec<u32>,
    /// For each word, its cost.
    costs: Vec<u8>,
    /// By hash: the number of a word, counted from 1; 0 is nothing.
    slots: Vec<u32>,
}

impl Known {
    fn for_words(costs: &[u8]) -> Self {
        let mut starts = Vec::with_capacity(costs.len() + 1);
        starts.push(0);
        Self {
            letters: Vec::with_capacity(costs.len() * 9),
            starts,
            costs: costs.to_vec(),
            slots: vec![0; (costs.len() * 2).next_power_of_two()],
        }
    }

    fn add(&mut self, word: &[u8]) {
        self.letters.extend_from_slice(word);
        self.starts.push(self.letters.len() as u32);
        let mut slot = self.slot(word);
        while self.slots[slot] != 0 {
            slot = (slot + 1) & (self.slots.len() - 1);
        }
        self.slots[slot] = self.starts.len() as u32 - 1;
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let bounds = self.starts.array_windows();
        bounds.map(|&[start, end]| &self.letters[start as usize..end as usize])
    }

    fn find(&self, word: &[u8]) -> Option<f64> {
        let mut slot = self.slot(word);
        loop {
            let number = self.slots[slot] as usize;
            if number == 0 {
                return None;
            }
            let there = self.starts[number - 1] as usize..self.starts[number] as usize;
            if self.letters[there] == *word {
                return Some(-f64::from(self.costs[number - 1]) * COST_UNIT);
            }
            slot = (slot + 1) & (self.slots.len() - 1);
        }
    }

    /// The share of all words that begin with these letters, in the order of the alphabet one behind the other.
    fn share_of_beginning(&self, letters: &[u8]) -> f64 {
        let begins = |number: usize| {
            let word = &self.letters[self.starts[number] as usize..self.starts[number + 1] as usize];
            &word[..word.len().min(letters.len())]
        };
        let (mut first, mut end) = (0, self.costs.len());
        while first < end {
            let middle = (first + end) / 2;
            match begins(middle) < letters {
                true => first = middle + 1,
                false => end = middle,
            }
        }
        let same = (first..self.costs.len()).take_while(|&number| begins(number) == letters);
        same.map(|number| (-f64::from(self.costs[number]) * COST_UNIT).exp())
            .sum()
    }

    /// FNV-1a: words are short, and nobody chooses them to collide.
    fn slot(&self, word: &[u8]) -> usize {
        let hash = word.iter().fold(0xcbf2_9ce4_8422_2325u64, |hash, &letter| {
            (hash ^ u64::from(letter)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        (hash ^ (hash >> 32)) as usize & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    fn spaces_back(text: &str) -> String {
        Language::english().words().with_spaces(text)
    }

    #[test]
    fn spaces_are_put_back_into_running_text() {
        assert_eq!(
            spaces_back("theycouldnotreachthestationbeforethetrainleft"),
            "they could not reach the station before the train left"
        );
        assert_eq!(spaces_back("attackatdawn"), "attack at dawn");
        assert_eq!(spaces_back(""), "");
    }

    #[test]
    fn the_words_around_an_unknown_name_are_still_found() {
        let spaced = spaces_back("thevillageofzbrqwkwasquiet");
        assert!(
            spaced.starts_with("the village of ") && spaced.ends_with(" quiet"),
            "{spaced}"
        );
    }

    #[test]
    fn a_beginning_is_as_likely_as_all_words_that_begin_so() {
        let words = Language::english().words();
        for beginning in ["Q", "DEVE", "THEI", "ZZYZ"] {
            let letters = letters_of(beginning);
            let known = words.iter().filter(|word| word.starts_with(&letters));
            let known: f64 = known.filter_map(|word| words.find(word)).map(f64::exp).sum();
            let found = words.begins_log_probability(&letters).exp();
            assert!(
                found > known && found < known + 0.03,
                "{beginning}: {found}, {known}"
            );
        }
        let of = |beginning: &str| words.begins_log_probability(&letters_of(beginning));
        assert!(of("DEV") > of("DEVE") && of("DEVE") > of("DEVZ") + 3.0);
    }

    #[test]
    fn common_words_are_likelier_than_rare_ones_and_those_than_noise() {
        let words = Language::english().words();
        let of = |word: &str| words.log_probability(&letters_of(word));
        assert!(of("the") > of("house") && of("house") > of("obelisk") && of("obelisk") > of("qzxvk"));
    }
}
