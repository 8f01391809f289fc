//! A model of texts as they are typed: letters, spaces and marks, made of the model of letters and spaces.
//!
//! That one was counted on words with a single space between them, and knows no punctuation. Here whatever is neither a letter
//! nor a space is one more character, a mark; how often it follows what is a handful of constants. To the letters behind
//! it a mark is what a space is: it parts words.

use std::borrow::Cow;

use super::SPACE;
use super::gram::Gram;

/// The code of whatever is neither a letter nor a space in the model that knows marks.
pub const MARK: u8 = 27;

/// Letters, the space and the mark.
const SIZE: usize = 28;
/// Letters and the space.
const SPACED: usize = 27;
const S: usize = SPACE as usize;

/// The shares of letters, the space and the mark in running text.
pub(super) fn shares(letters: &[f64; 26]) -> [f64; SIZE] {
    std::array::from_fn(|code| match letters.get(code) {
        Some(share) => share * (1.0 - SPACES - MARKS),
        None if code == S => SPACES,
        None => MARKS,
    })
}

/// Four characters in a row: the quadgrams of letters and spaces, with marks put in.
pub(super) fn quadgrams(spaced: &Gram, letters: &[f64; 26]) -> Gram {
    let contexts = Contexts::of(spaced, letters);
    let weight = |chance: f64| (255.0 + chance.ln() / spaced.unit()).round().clamp(0.0, 255.0) as u8;
    let mut table = Vec::with_capacity(SIZE.pow(4));
    for context in 0..SIZE.pow(3) {
        let before = [context / SIZE / SIZE, context / SIZE % SIZE, context % SIZE];
        table.extend(contexts.next(before).map(weight));
    }
    Gram::new(4, SIZE, spaced.unit(), Cow::Owned(table))
}

/// What follows three, two and one character in the model of letters and spaces.
struct Contexts<'a> {
    spaced: &'a Gram,
    chances: Vec<f64>,
    /// After each two characters, whatever stood before them.
    pairs: Vec<[f64; SPACED]>,
    /// After a space, whatever stood before it.
    begin: [f64; SPACED],
}

impl<'a> Contexts<'a> {
    fn of(spaced: &'a Gram, letters: &[f64; 26]) -> Self {
        let chances: Vec<f64> = (0..=255)
            .map(|weight| spaced.log_probability(weight).exp())
            .collect();
        let mut singles: Vec<f64> = letters.iter().map(|share| share * (1.0 - SPACES)).collect();
        singles.push(SPACES);
        let mut contexts = Self {
            spaced,
            chances,
            pairs: vec![[0.0; SPACED]; SPACED * SPACED],
            begin: [0.0; SPACED],
        };
        for (triple, share) in spaced.triples(&singles).into_iter().enumerate() {
            let row = contexts.row(triple);
            let pair = triple % (SPACED * SPACED);
            for (next, chance) in row.into_iter().enumerate() {
                contexts.pairs[pair][next] += share * chance;
                if pair % SPACED == S {
                    contexts.begin[next] += share * chance;
                }
            }
        }
        contexts
    }

    fn row(&self, triple: usize) -> [f64; SPACED] {
        let row = &self.spaced.table()[triple * SPACED..];
        std::array::from_fn(|next| self.chances[usize::from(row[next])])
    }

    /// The chances of all characters after three of them.
    fn next(&self, before: [usize; 3]) -> [f64; SIZE] {
        // A mark parts words as a space does, and between words the model knows a single one.
        let mut row = match before.map(|code| code.min(S)) {
            [S, S, S] => self.begin,
            [letter, S, S] => self.pairs[letter * SPACED + S],
            [S, S, letter] => self.pairs[S * SPACED + letter],
            [a, b, c] => self.row((a * SPACED + b) * SPACED + c),
        };
        let sum: f64 = row.iter().sum();
        row.iter_mut().for_each(|chance| *chance /= sum);
        let ends = row[S];
        let (space, mark) = match before[2] {
            S => (SPACE_AFTER_SPACE, MARK_AFTER_SPACE),
            after if after > S => (SPACE_AFTER_MARK, MARK_AFTER_MARK),
            _ => (
                ends * (1.0 - MARK_AT_END),
                ends * MARK_AT_END + (1.0 - ends) * MARK_WITHIN,
            ),
        };
        let of_letters = (1.0 - space - mark) / (1.0 - ends);
        std::array::from_fn(|code| match code {
            S => space,
            code if code > S => mark,
            code => row[code] * of_letters,
        })
    }
}

// Counted in 900 paragraphs of English prose out of the documentation of programs, and rounded.
const SPACES: f64 = 0.165;
const MARKS: f64 = 0.03;
/// Of the ends of words, those with a mark before the space, and marks within a word: apostrophes, hyphens.
const MARK_AT_END: f64 = 0.14;
const MARK_WITHIN: f64 = 0.003;
const SPACE_AFTER_MARK: f64 = 0.68;
const MARK_AFTER_MARK: f64 = 0.12;
const MARK_AFTER_SPACE: f64 = 0.02;
/// Who learnt to type on a typewriter sets two spaces after a full stop.
const SPACE_AFTER_SPACE: f64 = 0.004;

#[cfg(test)]
mod tests {
    use super::super::{ALL, Language, typed_code};

    fn score(text: &str) -> f64 {
        let codes: Vec<u8> = text.chars().map(typed_code).collect();
        Language::english().typed_quadgrams().score(&codes)
    }

    #[test]
    fn each_context_s_chances_add_up_to_about_one() {
        for language in ALL {
            let gram = language.typed_quadgrams();
            for context in ["the", "he ", "e, ", " . ", "   ", ", t", "42 ", " \"W"] {
                let codes: Vec<u8> = context.chars().map(typed_code).collect();
                let start = codes
                    .iter()
                    .fold(0, |index, &code| index * 28 + usize::from(code))
                    * 28;
                let weights = &gram.table()[start..start + 28];
                let sum: f64 = weights
                    .iter()
                    .map(|&weight| gram.log_probability(weight).exp())
                    .sum();
                assert!((0.9..1.1).contains(&sum), "{} {context:?} {sum}", language.id);
            }
        }
    }

    #[test]
    fn spaces_and_marks_are_likely_where_people_type_them_and_nowhere_else() {
        let typed = score("The ferry was late again, so we sat on the wall above the harbour.");
        assert!(typed > -2.2, "{typed}");
        for strange in [
            "The ferry was late again ,so we sat on the wall above the harbour.",
            "Th eferry wasl ate again, so wesat on t he wall above the harbour.",
            "The  ferry was late again,so we sat  on the wall above theharbour.",
        ] {
            assert!(score(strange) < typed - 0.04, "{strange}");
        }
    }
}
