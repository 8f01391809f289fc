//! Which attacks are worth setting on a text of which nobody knows the cipher.

use super::report::Report;
use crate::analysis::attack::AttackSpec;
use crate::analysis::attacks;

/// The attacks on the likeliest ciphers, the likeliest first.
pub fn likeliest(text: &str, most: usize) -> Vec<&'static AttackSpec> {
    let mut all: Vec<&'static AttackSpec> = Vec::new();
    for guess in Report::of(text).guesses {
        for id in guess.ciphers {
            if let Some(spec) = attacks::find(id)
                && !all.iter().any(|other| other.cipher == spec.cipher)
            {
                all.push(spec);
            }
        }
    }
    all.truncate(most);
    all
}
