//! The bench: one text, one direction, one policy, and a row of cipher cards.

use std::sync::Arc;

use crate::ciphers::{self, CipherSpec, Direction, Family, Key};

use super::policy::Policy;
use super::samples;

/// A card's number; it stays the same while the card moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CardId(pub u32);

/// One cipher on the bench, with its key as typed.
#[derive(Clone, Debug, PartialEq)]
pub struct Card {
    /// Its number.
    pub id: CardId,
    /// Its cipher.
    pub cipher: &'static CipherSpec,
    /// The values of its parameters; they may be invalid.
    pub key: Key,
    /// Whether its controls are folded away.
    pub collapsed: bool,
}

impl Card {
    /// Whether nobody has broken this kind of cipher, used as it is meant.
    pub fn is_trusted(&self) -> bool {
        matches!(self.cipher.family, Family::Modern | Family::OneTimePad)
    }
}

/// The text and the cards that work on it.
#[derive(Clone, Debug)]
pub struct Bench {
    text: Arc<str>,
    direction: Direction,
    policy: Policy,
    cards: Vec<Card>,
    removed: Vec<(usize, Card)>,
    next: u32,
    changes: u64,
}

impl Default for Bench {
    fn default() -> Self {
        let mut bench = Self::empty();
        bench.text = samples::ALL[0].text.into();
        for id in DEFAULT_CARDS {
            bench.add(id);
        }
        bench
    }
}

impl Bench {
    /// A bench with neither text nor cards.
    pub fn empty() -> Self {
        Self {
            text: "".into(),
            direction: Direction::Encrypt,
            policy: Policy::default(),
            cards: Vec::new(),
            removed: Vec::new(),
            next: 0,
            changes: 0,
        }
    }

    /// The text on top.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Replaces the text. One longer than [`MOST_BYTES`] is cut at a character.
    pub fn set_text(&mut self, text: &str) {
        if *self.text != *text {
            let end = text.floor_char_boundary(MOST_BYTES);
            self.text = text[..end].into();
            self.changes += 1;
        }
    }

    /// Which way all cards work.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Turns the whole bench.
    pub fn set_direction(&mut self, direction: Direction) {
        self.changes += u64::from(self.direction != direction);
        self.direction = direction;
    }

    /// What happens to the text of all cards.
    pub fn policy(&self) -> Policy {
        self.policy
    }

    /// Sets what happens to the text of all cards.
    pub fn set_policy(&mut self, policy: Policy) {
        self.changes += u64::from(self.policy != policy);
        self.policy = policy;
    }

    /// The cards, left to right.
    pub fn cards(&self) -> &[Card] {
        &self.cards
    }

    /// A card by its number.
    pub fn card(&self, id: CardId) -> Option<&Card> {
        self.cards.iter().find(|card| card.id == id)
    }

    /// A number that grows with every change.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// Adds a card with this cipher and its sample key. `None` for an unknown cipher, or on a full bench.
    pub fn add(&mut self, cipher: &str) -> Option<CardId> {
        let cipher = ciphers::find(cipher)?;
        self.insert(self.cards.len(), cipher, cipher.sample_key(), false)
    }

    pub(super) fn insert(
        &mut self,
        place: usize,
        cipher: &'static CipherSpec,
        key: Key,
        collapsed: bool,
    ) -> Option<CardId> {
        if self.cards.len() >= MOST_CARDS {
            return None;
        }
        let id = CardId(self.next);
        self.next += 1;
        let card = Card {
            id,
            cipher,
            key,
            collapsed,
        };
        self.cards.insert(place.min(self.cards.len()), card);
        self.changes += 1;
        Some(id)
    }

    /// Puts a copy of a card beside it.
    pub fn duplicate(&mut self, id: CardId) -> Option<CardId> {
        let place = self.place(id)?;
        let card = self.cards[place].clone();
        self.insert(place + 1, card.cipher, card.key, card.collapsed)
    }

    /// Takes a card away; [`Self::undo_removal`] brings it back.
    pub fn remove(&mut self, id: CardId) {
        if let Some(place) = self.place(id) {
            self.removed.push((place, self.cards.remove(place)));
            self.changes += 1;
        }
    }

    /// The name of the card that an undo would bring back.
    pub fn last_removed(&self) -> Option<&'static str> {
        self.removed.last().map(|(_, card)| card.cipher.name)
    }

    /// Gives up the cards that an undo would bring back.
    pub fn forget_removed(&mut self) {
        self.removed.clear();
    }

    /// Puts the card that was removed last back where it stood.
    pub fn undo_removal(&mut self) -> Option<CardId> {
        if self.cards.len() >= MOST_CARDS {
            return None;
        }
        let (place, card) = self.removed.pop()?;
        let id = card.id;
        self.cards.insert(place.min(self.cards.len()), card);
        self.changes += 1;
        Some(id)
    }

    /// Moves a card to another place, the others closing up.
    pub fn move_to(&mut self, id: CardId, place: usize) {
        let Some(from) = self.place(id) else { return };
        let place = place.min(self.cards.len() - 1);
        if from != place {
            let card = self.cards.remove(from);
            self.cards.insert(place, card);
            self.changes += 1;
        }
    }

    /// Gives a card another cipher, with that cipher's sample key.
    pub fn set_cipher(&mut self, id: CardId, cipher: &'static CipherSpec) {
        if let Some(place) = self.place(id) {
            let card = &mut self.cards[place];
            card.cipher = cipher;
            card.key = cipher.sample_key();
            self.changes += 1;
        }
    }

    /// Replaces a card's key.
    pub fn set_key(&mut self, id: CardId, key: Key) {
        if let Some(place) = self.place(id)
            && self.cards[place].key != key
        {
            self.cards[place].key = key;
            self.changes += 1;
        }
    }

    /// Folds a card's controls away, or shows them.
    pub fn set_collapsed(&mut self, id: CardId, collapsed: bool) {
        if let Some(place) = self.place(id) {
            self.cards[place].collapsed = collapsed;
            self.changes += 1;
        }
    }

    /// Where a card stands.
    pub fn place(&self, id: CardId) -> Option<usize> {
        self.cards.iter().position(|card| card.id == id)
    }
}

/// The cards of a fresh bench.
pub const DEFAULT_CARDS: [&str; 4] = ["caesar", "substitution", "columnar", "aes-256-gcm"];
/// The most cards that a bench holds.
pub const MOST_CARDS: usize = 24;
/// The longest text that a bench takes, in bytes.
pub const MOST_BYTES: usize = 8 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(bench: &Bench) -> Vec<&str> {
        bench.cards().iter().map(|card| card.cipher.id).collect()
    }

    #[test]
    fn a_fresh_bench_holds_the_four_cards_and_a_text() {
        let bench = Bench::default();
        assert_eq!(ids(&bench), DEFAULT_CARDS);
        assert!(!bench.text().is_empty());
        for card in bench.cards() {
            assert!(card.cipher.build(&card.key).is_ok(), "{}", card.cipher.id);
        }
    }

    #[test]
    fn cards_are_added_moved_and_copied() {
        let mut bench = Bench::default();
        let vigenere = bench.add("vigenere").unwrap();
        bench.move_to(vigenere, 0);
        assert_eq!(ids(&bench)[..2], ["vigenere", "caesar"]);
        bench.set_key(vigenere, Key::new().with("keyword", "ROSE"));
        let copy = bench.duplicate(vigenere).unwrap();
        assert_eq!(bench.place(copy), Some(1));
        assert_eq!(bench.card(copy).unwrap().key.value("keyword"), Some("ROSE"));
        bench.move_to(copy, 99);
        assert_eq!(bench.place(copy), Some(bench.cards().len() - 1));
        assert_eq!(bench.add("no-such-cipher"), None);
    }

    #[test]
    fn a_removed_card_comes_back_where_it_stood() {
        let mut bench = Bench::default();
        let second = bench.cards()[1].id;
        bench.remove(second);
        assert_eq!(ids(&bench), ["caesar", "columnar", "aes-256-gcm"]);
        assert_eq!(bench.last_removed(), Some("Monoalphabetic substitution"));
        assert_eq!(bench.undo_removal(), Some(second));
        assert_eq!(ids(&bench), DEFAULT_CARDS);
        assert_eq!(bench.undo_removal(), None);
    }

    #[test]
    fn a_bench_has_an_end() {
        let mut bench = Bench::empty();
        for _ in 0..MOST_CARDS {
            assert!(bench.add("rot13").is_some());
        }
        assert_eq!(bench.add("rot13"), None);
        bench.set_text(&"ä".repeat(MOST_BYTES));
        assert!(bench.text().len() <= MOST_BYTES);
    }

    #[test]
    fn only_changes_count_as_changes() {
        let mut bench = Bench::default();
        let before = bench.changes();
        let text = bench.text().clone();
        bench.set_text(&text);
        bench.set_direction(Direction::Encrypt);
        bench.set_policy(Policy::default());
        let card = bench.cards()[0].clone();
        bench.set_key(card.id, card.key);
        assert_eq!(bench.changes(), before);
        bench.set_direction(Direction::Decrypt);
        assert_eq!(bench.changes(), before + 1);
    }
}
