//! What an attack tells while it works, and how it is stopped.

use std::ops::ControlFlow;

use crate::ciphers::Key;

/// How far a search has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The best key so far; parameters named as in the cipher's description.
    pub key: &'a Key,
    /// What the best key makes of the ciphertext, in the shape in which the finding will give it.
    pub text: &'a str,
    /// How much it looks like the language: the mean log-probability of a letter in nats. Greater is better.
    pub score: f64,
    /// Keys tried so far.
    pub tried: u64,
    /// Independent starts begun so far, the first is 1.
    pub start: u32,
    /// Whether this is better than all that was told before; otherwise it is a sign of life.
    pub better: bool,
}

/// Whoever watches an attack: the terminal, the lab's thread, a test.
///
/// An attack calls it at each improvement of the best key, and at least every few milliseconds of work in between. It
/// ends with the best that it has as soon as the answer is `Break`.
pub trait Watch {
    /// Takes notice, and says whether to go on.
    fn seen(&mut self, progress: Progress<'_>) -> ControlFlow<()>;

    /// Asked between improvements: `Break` when the search is to end. Cheap enough to be asked a thousand times a second.
    fn go_on(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

/// Watches nothing and never stops the search.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blind;

impl Watch for Blind {
    fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}
