//! What was done on a card: collected while drawing, carried out after it.

use crate::ciphers::{CipherSpec, Direction, Key};
use crate::lab::{CardId, Lab};

/// One thing to change on the bench.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Act {
    Add(&'static CipherSpec),
    SetKey(CardId, Key),
    Remove(CardId),
    Duplicate(CardId),
    MoveTo(CardId, usize),
    Collapse(CardId, bool),
    UseAsInput(CardId),
    /// Attacks the card where it stands.
    BreakIt(CardId),
    /// Shows the page where the card's ciphertext is attacked.
    Watch(CardId),
    /// Puts a ciphertext on the bench, with a card that decrypts it.
    Accept {
        cipher: &'static str,
        key: Key,
        ciphertext: String,
    },
    Undo,
    ForgetRemoved,
}

/// Adds a card; a one-time pad gets a random pad as long as the text, since a sample would be none.
fn add(lab: &mut Lab, cipher: &'static CipherSpec) {
    let letters = lab.input().map_or(0, |figures| figures.census.total as usize);
    let added = lab.bench.add(cipher.id);
    if let Some(card) = added.filter(|_| cipher.id == "one-time-pad") {
        let key = cipher.sample_key().with("pad", &random_letters(letters));
        lab.bench.set_key(card, key);
    }
}

/// A pad at least as long as an alphabet, at most as long as a field can show sensibly.
pub(super) fn random_letters(count: usize) -> String {
    let count = count.clamp(26, MOST_PAD);
    (0..count)
        .map(|_| char::from(b'A' + rand::random_range(0..26u8)))
        .collect()
}

const MOST_PAD: usize = 100_000;

/// Carries out what was done.
pub(super) fn carry_out(lab: &mut Lab, acts: Vec<Act>) {
    for act in acts {
        let bench = &mut lab.bench;
        match act {
            Act::Add(cipher) => add(lab, cipher),
            Act::SetKey(card, key) => bench.set_key(card, key),
            Act::Remove(card) => bench.remove(card),
            Act::Duplicate(card) => drop(bench.duplicate(card)),
            Act::MoveTo(card, place) => bench.move_to(card, place),
            Act::Collapse(card, collapsed) => bench.set_collapsed(card, collapsed),
            Act::ForgetRemoved => bench.forget_removed(),
            Act::Undo => drop(bench.undo_removal()),
            Act::BreakIt(card) => drop(lab.try_to_break(card)),
            // The panel's own business: it goes to another page.
            Act::Watch(_) => {}
            Act::Accept {
                cipher,
                key,
                ciphertext,
            } => {
                bench.set_text(&ciphertext);
                bench.set_direction(Direction::Decrypt);
                let there = bench.cards().iter().find(|card| card.cipher.id == cipher);
                if let Some(card) = there.map(|card| card.id).or_else(|| bench.add(cipher)) {
                    bench.set_key(card, key);
                    bench.move_to(card, 0);
                }
            }
            Act::UseAsInput(card) => {
                let output = match lab.outcome(card) {
                    Some(Ok(output)) => output.text.clone(),
                    _ => continue,
                };
                lab.bench.set_text(&output);
            }
        }
    }
}
