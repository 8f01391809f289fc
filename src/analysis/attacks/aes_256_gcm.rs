//! The attack on AES-256-GCM that there is not, and why.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};

/// The description of what stands in the way of breaking AES-256-GCM.
pub static AES_256_GCM: AttackSpec = AttackSpec {
    cipher: "aes-256-gcm",
    method: "none is known",
    summary: "There is nothing to run here. The best attack on AES-256 that is published (biclique, 2011) needs 2^254.4 \
              tries instead of 2^256: with a million million machines trying a million million keys a second each, more \
              than 10^44 years. A quantum computer with Grover's search would still need 2^128 steps one after the other. \
              The ciphertext has no statistics to begin with, and an altered one is refused. What does break it is its \
              use: a guessable passphrase, or one nonce used for two texts, which is a two-time pad.",
    help: Help::NONE,
    known: &[],
    search: run,
};

fn run(_: &Problem<'_>, _: &mut dyn Watch) -> Result<Finding, AttackError> {
    Err(AttackError::CannotBeBroken {
        reason: "AES-256-GCM can't be broken from the ciphertext: a key of 256 bits has 10^77 values, no published attack \
                 saves more than a factor of four, and the text shows no statistics. Needed would be the key, a passphrase \
                 that can be guessed, or two texts under the same key and nonce"
            .to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::*;
    use crate::analysis::language::Language;

    #[test]
    fn it_says_what_would_be_needed() {
        let outcome = run(&Problem::new("00ff", Language::english()), &mut Blind);
        let Err(AttackError::CannotBeBroken { reason }) = outcome else {
            panic!("{outcome:?}");
        };
        assert!(reason.contains("same key and nonce"));
    }
}
