//! An attack's static description: which cipher it breaks, how, and which help it can use.

use super::finding::{AttackError, Finding};
use super::problem::Problem;
use super::watch::Watch;

/// Describes one attack. The lab, the terminal and the tests take what they show from this.
#[derive(Debug)]
pub struct AttackSpec {
    /// The id of the cipher that it breaks, as in [`ciphers::ALL`](crate::ciphers::ALL).
    pub cipher: &'static str,
    /// The method in the field's terms, in a few words: "hill climbing over letter swaps".
    pub method: &'static str,
    /// How it works and where it ends, in a few sentences for people.
    pub summary: &'static str,
    /// Which help it can use.
    pub help: Help,
    /// The cipher's parameters that may be given when they are known, and are searched for otherwise.
    pub known: &'static [&'static str],
    /// Searches. Fails when the problem makes no sense for this cipher; a search that finds nothing good is a
    /// [`Finding`] that is not confident.
    pub run: fn(&Problem<'_>, &mut dyn Watch) -> Result<Finding, AttackError>,
}

/// Which help an attack can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Help {
    /// A word or phrase that is known to stand in the plaintext.
    pub crib: bool,
    /// Cipher letters whose plain letters are known.
    pub locks: bool,
}

impl Help {
    /// Needs and takes none.
    pub const NONE: Help = Help {
        crib: false,
        locks: false,
    };
    /// Takes a crib.
    pub const CRIB: Help = Help {
        crib: true,
        locks: false,
    };
    /// Takes a crib and locked letters.
    pub const CRIB_AND_LOCKS: Help = Help {
        crib: true,
        locks: true,
    };
}
