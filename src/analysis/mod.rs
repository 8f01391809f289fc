//! What a text gives away: counts, coincidence, entropy, and how a cipher spreads a change.
//!
//! Pure functions of texts and ciphers. Which cards stand side by side is the lab's business.

pub mod attack;
pub mod attacks;
pub mod auto;
pub mod avalanche;
pub mod chi_squared;
pub mod coincidence;
pub mod crib_drag;
pub mod difference;
pub mod entropy;
pub mod frequency;
pub mod grouping;
pub mod identify;
pub mod keyspace;
pub mod language;
pub mod ngrams;
pub mod repeats;
pub mod unicity;

pub use avalanche::{Strip, avalanche};
pub use chi_squared::chi_squared;
pub use coincidence::index_of_coincidence;
pub use difference::difference;
pub use entropy::entropy;
pub use frequency::{Census, ENGLISH, Symbols};
pub use keyspace::{duration_in_words, keys_in_words, seconds_to_try_all};
pub use repeats::{Repeats, repeats};
