//! The attacks: each one file, one line in the list. What they share is [`attack`](super::attack)'s.

mod adfgvx;
mod adjacency;
mod aes_256_gcm;
mod affine;
mod agreement;
mod atbash;
mod autokey;
mod beaufort;
mod bifid;
mod bigrams;
mod caesar;
mod cells;
mod characters;
mod columnar;
mod double_columnar;
mod ends;
mod enigma;
mod given;
mod gronsfeld;
mod hill;
mod letters;
mod movers;
mod one_time_pad;
mod orders;
mod pair_score;
mod pair_table;
mod playfair;
mod polyalphabetic;
mod polybius;
mod porta;
mod rail_fence;
mod ranked;
mod reading;
mod rot13;
mod square_search;
mod squares;
mod substitution;
mod sure;
mod tally;
mod twins;
mod vigenere;

use super::attack::AttackSpec;

/// All attacks, in the order of the ciphers that they break.
pub static ALL: [&AttackSpec; 22] = [
    &caesar::CAESAR,
    &rot13::ROT13,
    &atbash::ATBASH,
    &affine::AFFINE,
    &substitution::SUBSTITUTION,
    &columnar::COLUMNAR,
    &double_columnar::DOUBLE_COLUMNAR,
    &rail_fence::RAIL_FENCE,
    &vigenere::VIGENERE,
    &beaufort::BEAUFORT,
    &autokey::AUTOKEY,
    &gronsfeld::GRONSFELD,
    &porta::PORTA,
    &playfair::PLAYFAIR,
    &hill::HILL,
    &polybius::POLYBIUS,
    &bifid::BIFID,
    &adfgvx::ADFGVX,
    &adfgvx::ADFGX,
    &enigma::ENIGMA,
    &one_time_pad::ONE_TIME_PAD,
    &aes_256_gcm::AES_256_GCM,
];

/// The attack on the cipher with this id.
pub fn find(cipher: &str) -> Option<&'static AttackSpec> {
    ALL.iter().copied().find(|spec| spec.cipher == cipher)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::attack::{AttackError, Problem, Progress, Watch};
    use super::super::language::Language;
    use super::*;
    use crate::ciphers;

    /// Lets a search ask so often and then ends it.
    pub(super) struct Patience(pub u32);

    impl Watch for Patience {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.go_on()
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            self.0 = self.0.saturating_sub(1);
            match self.0 {
                0 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        }
    }

    #[test]
    fn every_attack_says_the_unicity_distance_when_it_is_not_sure() {
        const PROSE: &str =
            "FIVE OF US WAITED BY THE GATE UNTIL THE RAIN HAD GONE AND THEN WALKED HOME BY THE RIVER";
        for spec in ALL {
            let (mut refused, mut unsure) = (0, 0);
            for letters in [0, 3, 8, 24, PROSE.len()] {
                for patience in [1, 200] {
                    let cipher = ciphers::find(spec.cipher).unwrap();
                    // Read from its end it is no English, so that nothing is sure of it.
                    let backwards: String = PROSE[..letters].chars().rev().collect();
                    let Ok(text) = cipher.build(&cipher.sample_key()).unwrap().encrypt(&backwards) else {
                        continue;
                    };
                    match spec.run(&Problem::new(&text, Language::english()), &mut Patience(patience)) {
                        Ok(finding) if finding.confident => {}
                        Ok(finding) => {
                            unsure += 1;
                            let said = finding.why.contains("unicity distance");
                            assert!(said || !has_distance(spec), "{}: {}", spec.cipher, finding.why);
                        }
                        Err(AttackError::CannotBeBroken { .. }) => assert!(!has_distance(spec)),
                        Err(error) => {
                            refused += 1;
                            let said = error.to_string();
                            assert!(
                                said.starts_with("not enough text") && said.contains("unicity distance"),
                                "{}, {letters} letters: {said}",
                                spec.cipher
                            );
                        }
                    }
                }
            }
            if has_distance(spec) {
                assert!(refused > 0 && unsure > 0, "{}", spec.cipher);
            }
        }
    }

    /// Under a one-time pad every text is possible at any length, and AES is not attacked.
    fn has_distance(spec: &AttackSpec) -> bool {
        !["one-time-pad", "aes-256-gcm"].contains(&spec.cipher)
    }
}
