//! What waits in all outboxes of one reactor: the bytes that are to be written, and the memory in which they wait.
//!
//! The two differ. What is said in the room waits for everybody and is there once; what was said to one member alone, or
//! is sealed for it, is there for this one.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// The sums over the outboxes of one reactor. They keep it up themselves.
#[derive(Debug, Default)]
pub struct Ledger {
    unsent: Cell<usize>,
    held: Cell<usize>,
}

impl Ledger {
    /// Bytes of the texts that wait, each counted for everybody for whom it waits.
    pub fn unsent_bytes(&self) -> usize {
        self.unsent.get()
    }

    /// Bytes of memory in which all this waits, about: a text counts once, however many it waits for.
    pub fn held_bytes(&self) -> usize {
        self.held.get()
    }

    /// More or fewer bytes of texts wait for somebody.
    pub fn change_unsent(&self, before: usize, after: usize) {
        self.unsent.set(self.unsent.get() - before + after);
    }

    /// More or less memory is taken.
    pub fn change_held(&self, before: usize, after: usize) {
        self.held.set(self.held.get() - before + after);
    }
}

/// A text that waits for one member, or for many who share it. Its memory is free when the last of them has it.
#[derive(Debug, Clone)]
pub struct Text(Rc<Held>);

#[derive(Debug)]
struct Held {
    bytes: Arc<[u8]>,
    ledger: Rc<Ledger>,
}

/// What a text takes beside its bytes: three small allocations.
const BESIDE_A_TEXT: usize = 128;

impl Text {
    /// Counts a text, for everybody for whom its clones will wait.
    pub fn new(bytes: Arc<[u8]>, ledger: &Rc<Ledger>) -> Text {
        ledger.change_held(0, bytes.len() + BESIDE_A_TEXT);
        Text(Rc::new(Held {
            bytes,
            ledger: Rc::clone(ledger),
        }))
    }

    /// What is to be sealed.
    pub fn bytes(&self) -> &[u8] {
        &self.0.bytes
    }

    /// What it costs each of those for whom it waits.
    pub fn share(&self) -> usize {
        (self.bytes().len() + BESIDE_A_TEXT) / Rc::strong_count(&self.0)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.ledger.change_held(self.bytes.len() + BESIDE_A_TEXT, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_counts_once_for_all_and_until_the_last_one_has_it() {
        let ledger = Rc::new(Ledger::default());
        let text = Text::new(vec![0; 1000].into(), &ledger);
        let others = vec![text.clone(); 9];
        assert_eq!(ledger.held_bytes(), 1000 + BESIDE_A_TEXT);
        assert_eq!(text.share(), (1000 + BESIDE_A_TEXT) / 10);
        drop(others);
        assert_eq!(text.share(), 1000 + BESIDE_A_TEXT);
        assert_eq!(ledger.held_bytes(), 1000 + BESIDE_A_TEXT);
        drop(text);
        assert_eq!(ledger.held_bytes(), 0);
    }
}
