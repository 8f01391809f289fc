//! A private piece on its way from the room to one member, counted for as long as it waits.
//!
//! The room counts it when it passes it on; whoever lets go of it, written or not, takes it out of the sums with that. So
//! the room knows at any time how much waits, without asking the reactors.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// So many bytes of pieces wait: for somebody, of somebody, or altogether.
#[derive(Debug, Clone, Default)]
pub struct Waiting(Arc<AtomicUsize>);

impl Waiting {
    /// How many.
    pub fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one member has for another, as it is to be sealed for that one alone.
#[derive(Debug)]
pub struct Piece {
    text: Vec<u8>,
    counted: [Waiting; 3],
}

/// What a piece counts beside its text: its place in a queue, and a small allocation.
const BESIDE_A_TEXT: usize = 64;

impl Piece {
    /// Counts a piece in each of the sums until it is gone. Only one thread may do so, that it can look first whether there
    /// is a place for it.
    pub fn new(text: Vec<u8>, counted: [Waiting; 3]) -> Piece {
        let size = Piece::size(&text);
        for sum in &counted {
            sum.0.fetch_add(size, Ordering::Relaxed);
        }
        Piece { text, counted }
    }

    /// What a text counts.
    pub fn size(text: &[u8]) -> usize {
        text.len() + BESIDE_A_TEXT
    }

    /// What is to be sealed.
    pub fn text(&self) -> &[u8] {
        &self.text
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        let size = Piece::size(&self.text);
        for sum in &self.counted {
            sum.0.fetch_sub(size, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_counted_in_every_sum_until_it_is_gone() {
        let sums: [Waiting; 3] = Default::default();
        let first = Piece::new(vec![0; 1000], sums.clone());
        let second = Piece::new(
            vec![0; 10],
            [sums[0].clone(), Waiting::default(), Waiting::default()],
        );
        let bytes = || sums.clone().map(|sum| sum.bytes());
        assert_eq!(bytes(), [1138, 1064, 1064]);
        drop(first);
        assert_eq!(bytes(), [74, 0, 0]);
        drop(second);
        assert_eq!(bytes(), [0, 0, 0]);
    }
}
