//! Ciphers taken apart by hand: boards with guesses that can be taken back. They know no screen and no clock.

pub mod columns;
pub mod pads;
mod past;
pub mod substitution;
pub mod wheels;
