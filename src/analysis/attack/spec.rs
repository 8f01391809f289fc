//! An attack's static description: which cipher it breaks, how, and which help it can use.

use super::finding::{AttackError, Finding};
use super::problem::Problem;
use super::watch::Watch;
use crate::analysis::language::letters_of;
use crate::analysis::unicity;
use crate::ciphers::{self, Key};

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
    pub(crate) search: fn(&Problem<'_>, &mut dyn Watch) -> Result<Finding, AttackError>,
}

impl AttackSpec {
    /// Searches, and says with every answer that is not sure how much text such a key needs: the unicity distance,
    /// where there is one.
    pub fn run(&self, problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
        // One without letters stands everywhere and says nothing: whoever gives it expects that it was heeded.
        if self.help.crib && problem.crib.is_some_and(|crib| letters_of(crib).is_empty()) {
            return Err(AttackError::CribDoesNotFit {
                reason: "it has no letters from A to Z".to_owned(),
            });
        }
        match (self.search)(problem, watch) {
            Ok(mut finding) => {
                let is_said = finding.confident || finding.why.contains("unicity distance");
                if let Some(distance) = self.distance(&finding.key).filter(|_| !is_said) {
                    // A search that was stopped at once has no text yet.
                    let text = [finding.text.as_str(), problem.text];
                    let text = text.iter().find(|text| !text.is_empty()).unwrap_or(&"");
                    let doubt = unicity::beside_a_doubt(letters_of(text).len(), distance);
                    let end = if finding.why.ends_with('.') { "" } else { "." };
                    finding.why = format!("{}{end} {doubt}", finding.why);
                }
                Ok(finding)
            }
            Err(AttackError::TooShort { letters, needed, .. }) => Err(AttackError::TooShort {
                letters,
                needed,
                unicity: self.distance(&problem.known).map(unicity::whole_letters),
            }),
            other => other,
        }
    }

    /// The unicity distance under keys of this shape, or of the cipher's example where this is no whole key.
    fn distance(&self, key: &Key) -> Option<f64> {
        let cipher = ciphers::find(self.cipher)?;
        unicity::of(cipher, key).or_else(|| unicity::of(cipher, &cipher.sample_key()))
    }
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
