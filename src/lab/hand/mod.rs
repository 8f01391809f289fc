//! Ciphers taken apart by hand: boards with guesses that can be taken back. They know no screen and no clock.

pub mod columns;
mod past;
pub mod pads;
pub mod substitution;
pub mod wheels;
