//! A pad used twice: the difference of two ciphertexts is the difference of two plaintexts, and a guessed word drags out
//! what stands opposite.

use crate::analysis::crib_drag::likelihood;
use crate::analysis::language::{Language, letters_of};

/// Two ciphertexts under one pad, and what is guessed of the first plaintext.
#[derive(Clone, Debug)]
pub struct Board {
    texts: [Vec<u8>; 2],
    /// The guessed letters of the first plaintext, place by place.
    guessed: Vec<Option<u8>>,
    past: Vec<Vec<Option<u8>>>,
}

/// One place for a crib.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The place of its first letter, from 0.
    pub place: usize,
    /// Whether the crib stands in the first text or in the second.
    pub in_first: bool,
    /// What stands opposite in the other text, if it does.
    pub opposite: String,
    /// How much that looks like the language, as the attack on used pads sees it: the mean log-probability of a letter in
    /// nats; greater is better.
    pub score: f64,
}

impl Board {
    /// A board without a guess. Only the letters count, as with the pad itself.
    pub fn new(first: &str, second: &str) -> Self {
        let texts = [first, second].map(|text| -> Vec<u8> {
            text.bytes()
                .filter(u8::is_ascii_alphabetic)
                .map(|byte| byte.to_ascii_uppercase() - b'A')
                .collect()
        });
        let both = texts[0].len().min(texts[1].len());
        Self {
            texts,
            guessed: vec![None; both],
            past: Vec::new(),
        }
    }

    /// The number of letters that the two texts have in common.
    pub fn len(&self) -> usize {
        self.guessed.len()
    }

    /// Whether there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.guessed.is_empty()
    }

    /// The two ciphertexts' letters, as far as both go.
    pub fn ciphertexts(&self) -> [String; 2] {
        [0, 1].map(|text| {
            let letters = self.texts[text].iter().take(self.len());
            letters.map(|&letter| char::from(b'A' + letter)).collect()
        })
    }

    /// What stands in the other text, if `letter` stands in one of them.
    ///
    /// c₁ = p₁ + k and c₂ = p₂ + k, so p₂ = p₁ + (c₂ − c₁), letter by letter modulo 26.
    fn opposite(&self, place: usize, letter: u8, in_first: bool) -> u8 {
        let (here, there) = if in_first { (0, 1) } else { (1, 0) };
        (letter + self.texts[there][place] + 26 - self.texts[here][place]) % 26
    }

    /// What stands opposite a crib at a place; shorter where the texts end.
    pub fn drag(&self, crib: &str, place: usize, in_first: bool) -> String {
        letters(crib)
            .enumerate()
            .map_while(|(offset, letter)| {
                let place = place + offset;
                (place < self.len()).then(|| char::from(b'A' + self.opposite(place, letter, in_first)))
            })
            .collect()
    }

    /// All places for a crib in both texts, the likeliest first.
    pub fn placements(&self, crib: &str, language: &Language) -> Vec<Placement> {
        let length = letters(crib).count();
        if length == 0 || length > self.len() {
            return Vec::new();
        }
        let mut all: Vec<Placement> = (0..=self.len() - length)
            .flat_map(|place| [true, false].map(|in_first| (place, in_first)))
            .filter(|&(place, in_first)| self.fits(crib, place, in_first))
            .map(|(place, in_first)| {
                let opposite = self.drag(crib, place, in_first);
                Placement {
                    place,
                    in_first,
                    score: likelihood(&letters_of(&opposite), language),
                    opposite,
                }
            })
            .collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
        all
    }

    /// Whether a crib contradicts nothing that was put down before.
    pub fn fits(&self, crib: &str, place: usize, in_first: bool) -> bool {
        letters(crib).enumerate().all(|(offset, letter)| {
            let place = place + offset;
            let Some(guess) = self.guessed.get(place) else {
                return false;
            };
            let first = match in_first {
                true => letter,
                false => self.opposite(place, letter, false),
            };
            guess.is_none_or(|guess| guess == first)
        })
    }

    /// Puts a crib down, over whatever stood there.
    pub fn put(&mut self, crib: &str, place: usize, in_first: bool) {
        self.past.push(self.guessed.clone());
        for (offset, letter) in letters(crib).enumerate() {
            let place = place + offset;
            if place < self.len() {
                self.guessed[place] = Some(match in_first {
                    true => letter,
                    false => self.opposite(place, letter, false),
                });
            }
        }
    }

    /// Whether something can be taken back.
    pub fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Takes the last crib up again.
    pub fn undo(&mut self) {
        if let Some(past) = self.past.pop() {
            self.guessed = past;
        }
    }

    /// Both plaintexts as far as they are known, `·` where they are not.
    pub fn plaintexts(&self) -> [String; 2] {
        let first = self.guessed.iter();
        let second = self
            .guessed
            .iter()
            .enumerate()
            .map(|(place, guess)| guess.map(|letter| self.opposite(place, letter, true)));
        let shown = |letter: Option<u8>| letter.map_or('·', |letter| char::from(b'A' + letter));
        [
            first.map(|&guess| shown(guess)).collect(),
            second.map(shown).collect(),
        ]
    }
}

fn letters(text: &str) -> impl Iterator<Item = u8> {
    text.bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| byte.to_ascii_uppercase() - b'A')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::crib_drag;
    use crate::ciphers::{Key, find};

    const PLAIN: [&str; 2] = ["MEETMEUNDERTHECLOCKATNOON", "THEGENERALLEAVESATMIDNIGHT"];

    fn board() -> Board {
        let spec = find("one-time-pad").unwrap();
        let pad = Key::new().with("pad", "QXVBZKJWPFMYGCUDLHTRNSOEIAQZ");
        let pad = spec.build(&pad).unwrap();
        let [first, second] = PLAIN.map(|text| pad.encrypt(text).unwrap());
        Board::new(&first, &second)
    }

    #[test]
    fn a_true_word_drags_out_the_other_text() {
        let board = board();
        assert_eq!(board.len(), 25);
        assert_eq!(board.drag("MEETME", 0, true), "THEGEN");
        assert_eq!(board.drag("THEGENERAL", 0, false), "MEETMEUNDE");
        assert_eq!(board.drag("NOON", 23, true).len(), 2);
    }

    #[test]
    fn the_true_place_is_among_the_first() {
        let board = board();
        let placements = board.placements("GENERAL", Language::english());
        let rank = placements
            .iter()
            .position(|placement| placement.place == 3 && !placement.in_first);
        assert!(rank.is_some_and(|rank| rank < 5), "{rank:?}");
        assert!(board.placements("", Language::english()).is_empty());
        assert!(board.placements(&"A".repeat(99), Language::english()).is_empty());
    }

    #[test]
    fn the_board_and_the_attack_agree_on_how_likely_a_place_is() {
        let board = board();
        let texts = board.ciphertexts();
        let placements = board.placements("GENERAL", Language::english());
        let drags = crib_drag::drag(&[&texts[0], &texts[1]], "GENERAL", Language::english());
        assert_eq!(placements.len(), drags.len());
        for (placement, drag) in placements.iter().zip(&drags) {
            assert_eq!(placement.score, drag.score);
        }
        let best = (placements[0].place, placements[0].in_first);
        assert_eq!((drags[0].place, drags[0].text == 0), best);
    }

    #[test]
    fn what_is_put_down_shows_in_both_and_can_be_taken_up() {
        let mut board = board();
        board.put("MIDNIGHT", 18, false);
        assert!(board.plaintexts()[0].ends_with("CKATNOON") || board.plaintexts()[1].ends_with("MIDNIGH"));
        board.put("MEET", 0, true);
        assert!(board.plaintexts()[1].starts_with("THEG··"));
        assert!(board.fits("THE", 0, false) && !board.fits("BUT", 0, false));
        board.undo();
        assert!(board.plaintexts()[1].starts_with('·'));
    }
}
