//! A key that was given whole: nothing is searched for, and the text under it speaks for itself.

use super::super::attack::{AttackError, Finding, Problem};
use super::letters::numbers;
use super::playfair::decrypt;
use crate::ciphers::Key;

/// Mean log-probability in nats above which the text under a given key is prose.
pub(super) const PROSE: f64 = -2.6;

/// The parameter whose value leaves nothing open.
pub(super) struct GivenKey {
    pub cipher: &'static str,
    pub param: &'static str,
    /// Mean log-probability in nats that speaks for the key.
    pub least: f64,
}

impl GivenKey {
    /// What the key makes of the text: sure where that reads like the language and shows the crib. Fails as the cipher does.
    pub(super) fn finding(
        &self,
        problem: &Problem<'_>,
        key: Key,
        shows_crib: impl FnOnce(&[u8]) -> bool,
    ) -> Result<Finding, AttackError> {
        let text = decrypt(self.cipher, &key, problem.text).map_err(|reason| AttackError::Known {
            param: self.param.to_owned(),
            reason,
        })?;
        let letters = numbers(&text);
        let score = problem.language.quadgrams().score(&letters);
        let has_crib = shows_crib(&letters);
        let mut why = "The key was given; nothing was searched for.".to_owned();
        if !has_crib {
            why += " The text under it does not show the crib.";
        }
        Ok(Finding {
            key,
            text,
            score,
            confident: score > self.least && has_crib,
            why,
            tried: 1,
            certainty: Vec::new(),
            others: Vec::new(),
        })
    }
}

/// A crib's letters as a square of 25 cells holds them: J shares the cell of I.
pub(super) fn crib_in_square(crib: Option<&str>) -> Vec<u8> {
    let mut letters = numbers(crib.unwrap_or_default());
    letters
        .iter_mut()
        .filter(|letter| **letter == 9)
        .for_each(|letter| *letter = 8);
    letters
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::find;
    use super::*;
    use crate::analysis::language::Language;
    use crate::ciphers;

    const PLAIN: &str = "THE FERRY WAS LATE AGAIN SO WE SAT ON THE WALL ABOVE THE HARBOUR AND WATCHED THE BOATS COME IN JUST \
                         AFTER ANOTHER WHILE THE GULLS TURNED OVER SCRAPS OF BREAD";

    /// What the attack says of the prose under a key that it is given whole.
    fn told(id: &str, key: &[(&str, &str)], crib: Option<&str>) -> Result<Finding, AttackError> {
        let key: Key = key.iter().copied().collect();
        let cipher = ciphers::find(id).unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let problem = Problem {
            known: key,
            crib,
            ..Problem::new(&secret, Language::english())
        };
        find(id).unwrap().run(&problem, &mut Blind)
    }

    const WHOLE: [(&str, &[(&str, &str)]); 6] = [
        ("playfair", &[("keyword", "MONARCHY")]),
        ("polybius", &[("keyword", "MONARCHY")]),
        ("bifid", &[("keyword", "MONARCHY"), ("period", "7")]),
        ("hill", &[("matrix", "3 3; 2 5")]),
        ("hill", &[("matrix", "17 17 5; 21 18 21; 2 2 19")]),
        ("hill", &[("matrix", "DDCF")]),
    ];

    #[test]
    fn a_whole_key_gives_the_text_and_is_sure_of_it_with_a_true_crib_and_without_one() {
        for (id, key) in WHOLE {
            for crib in [None, Some("come in just"), Some("scraps of")] {
                let found = told(id, key, crib).unwrap();
                assert!(found.confident, "{id} {crib:?}: {}", found.why);
                assert!(
                    found.text.replace(' ', "").contains("HARBOUR"),
                    "{id}: {}",
                    found.text
                );
                assert_eq!(found.why, "The key was given; nothing was searched for.", "{id}");
            }
        }
    }

    #[test]
    fn a_crib_without_letters_is_refused_by_every_attack_that_takes_one() {
        let attacks = super::super::ALL.iter().filter(|attack| attack.help.crib);
        for attack in attacks {
            for crib in ["1942", ""] {
                let problem = Problem {
                    crib: Some(crib),
                    ..Problem::new(PLAIN, Language::english())
                };
                let refused = attack.run(&problem, &mut Blind);
                assert!(
                    matches!(refused, Err(AttackError::CribDoesNotFit { .. })),
                    "{}: {refused:?}",
                    attack.cipher
                );
            }
        }
    }

    #[test]
    fn a_whole_key_is_not_sure_of_a_text_without_the_crib() {
        for (id, key) in WHOLE {
            match told(id, key, Some("HARBOUR LIGHTS")) {
                Ok(found) => {
                    assert!(!found.confident, "{id}");
                    assert!(
                        found.why.contains("does not show the crib"),
                        "{id}: {}",
                        found.why
                    );
                }
                Err(error) => assert!(
                    matches!(error, AttackError::CribDoesNotFit { .. }),
                    "{id}: {error}"
                ),
            }
        }
    }
}
