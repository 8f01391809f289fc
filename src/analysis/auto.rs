//! Breaking a text of which not even the cipher is known: the guess first, then the likely attacks in turn.

use std::ops::ControlFlow;

use super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::attacks;
use super::identify::{Guess, identify};
use crate::ciphers::Key;

/// Whoever watches a search over several ciphers: it is told whose turn begins, and gives each its share of time.
pub trait Turns: Watch {
    /// A turn begins, and may take `share` (0 to 1) of the time that is left. `Break` ends the whole search.
    fn turn(&mut self, attack: &'static AttackSpec, share: f64) -> ControlFlow<()>;
}

/// The best answer of all attacks.
#[derive(Clone, Debug, PartialEq)]
pub struct Broken {
    /// The id of the cipher whose attack found it.
    pub cipher: &'static str,
    /// What it found.
    pub finding: Finding,
}

/// Guesses the cipher, then runs the attacks that are likely, and gives the first answer that is sure, or the best. Where
/// a crib or locked letters are given, only attacks that use them take part: a sure answer has honoured both.
pub fn auto(problem: &Problem<'_>, watch: &mut dyn Turns) -> Result<Broken, AttackError> {
    let guess = identify(problem.text);
    let order = plan_after(&guess, problem);
    let mut best: Option<Broken> = None;
    let mut refused = None;
    for (done, &attack) in order.iter().enumerate() {
        if watch.turn(attack, share(order.len() - done)).is_break() {
            break;
        }
        let problem = Problem {
            known: Key::new(),
            ..problem.clone()
        };
        let found = attack.run(&problem, watch);
        match found {
            Ok(finding) => {
                let sure = finding.confident;
                let better = best
                    .as_ref()
                    .is_none_or(|best| finding.score > best.finding.score);
                if sure || better {
                    best = Some(Broken {
                        cipher: attack.cipher,
                        finding,
                    });
                }
                if sure {
                    break;
                }
            }
            Err(error) => refused = refused.or(Some(error)),
        }
    }
    best.ok_or_else(|| {
        refused.unwrap_or_else(|| AttackError::CannotBeBroken {
            reason: guess.reasons.join("; "),
        })
    })
}

/// The attacks that are worth a turn, in the order of their turns: what [`auto`] runs, for whoever runs them otherwise.
pub fn plan(problem: &Problem<'_>) -> Vec<&'static AttackSpec> {
    plan_after(&identify(problem.text), problem)
}

/// The share (0 to 1) of the time left for the next of so many attacks: the likelier an attack, the more time it gets,
/// and those behind it still get some.
pub fn share(to_come: usize) -> f64 {
    (2.0 / to_come.max(1) as f64).min(1.0)
}

fn plan_after(guess: &Guess, problem: &Problem<'_>) -> Vec<&'static AttackSpec> {
    let mut order = order(guess);
    order.retain(|attack| {
        let Help { crib, locks } = attack.help;
        (crib || problem.crib.is_none()) && (locks || problem.locks.is_empty())
    });
    // What gives itself away by its alphabet is no other cipher's: its attack gets all the time.
    if let Some(first) = order.first()
        && OF_FEW_SYMBOLS.contains(&first.cipher)
        && guess.ciphers == [first.cipher]
    {
        order.truncate(1);
    }
    order
}

/// The attacks to run: quick ones first whatever the guess, then in the guess's order, then all others.
fn order(guess: &Guess) -> Vec<&'static AttackSpec> {
    let named = |id: &&'static str| attacks::find(id);
    let mut order: Vec<&'static AttackSpec> = Vec::new();
    let quick = match guess.ciphers.first() {
        // Nor are alphabets of a few symbols a Caesar's.
        Some(first) if *first == "aes-256-gcm" || OF_FEW_SYMBOLS.contains(first) => &[][..],
        _ => &QUICK,
    };
    let rest = attacks::ALL
        .iter()
        .filter(|attack| !HOPELESS.contains(&attack.cipher));
    let all = quick
        .iter()
        .filter_map(named)
        .chain(guess.ciphers.iter().filter_map(named))
        .chain(rest.copied());
    for attack in all {
        if !order.iter().any(|other| other.cipher == attack.cipher) {
            order.push(attack);
        }
    }
    order
}

/// ROT13 is one of Caesar's shifts, Atbash one of the affine keys: they have no attack of their own here. The rail
/// fence has so few keys that all are tried at once.
const QUICK: [&str; 3] = ["caesar", "affine", "rail-fence"];
/// Those whose ciphertexts have an alphabet of their own.
const OF_FEW_SYMBOLS: [&str; 3] = ["adfgx", "adfgvx", "polybius"];
const HOPELESS: [&str; 2] = ["one-time-pad", "aes-256-gcm"];

#[cfg(test)]
mod tests {
    use super::super::attack::{Lock, Progress};
    use super::super::language::Language;
    use super::*;
    use crate::ciphers;

    /// Lets each attack ask ten thousand times, so that none goes on for ever.
    struct Patient(Vec<&'static str>, u32);

    impl Watch for Patient {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.go_on()
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            self.1 += 1;
            match self.1 > 10_000 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        }
    }

    impl Turns for Patient {
        fn turn(&mut self, attack: &'static AttackSpec, share: f64) -> ControlFlow<()> {
            assert!(share > 0.0 && share <= 1.0);
            self.0.push(attack.cipher);
            self.1 = 0;
            ControlFlow::Continue(())
        }
    }

    const PROSE: &str = "the ferry was late again so we sat on the wall above the harbour and watched the boats come in one after \
                         another until the lamps were lit along the quay";

    #[test]
    fn the_cipher_is_found_and_named() {
        for (id, key) in [
            ("caesar", &[("shift", "3")][..]),
            ("substitution", &[("keyword", "ZEBRAS")]),
            ("rail-fence", &[("rails", "4")]),
            ("columnar", &[("keyword", "GULLS"), ("characters", "all")]),
        ] {
            let cipher = ciphers::find(id)
                .unwrap()
                .build(&key.iter().copied().collect())
                .unwrap();
            let text = cipher.encrypt(PROSE).unwrap();
            let broken = auto(
                &Problem::new(&text, Language::english()),
                &mut Patient(Vec::new(), 0),
            )
            .unwrap();
            assert!(broken.finding.confident, "{id}: {}", broken.finding.why);
            assert_eq!(broken.cipher, id);
        }
    }

    /// The ciphertext of the prose under a cipher with one parameter.
    fn secret(id: &str, key: (&str, &str)) -> String {
        let cipher = ciphers::find(id)
            .unwrap()
            .build(&[key].into_iter().collect())
            .unwrap();
        cipher.encrypt(PROSE).unwrap()
    }

    #[test]
    fn with_locked_letters_only_attacks_that_use_them_take_part() {
        // A Vigenère's text: whoever ignores the lock solves it and is sure.
        let text = secret("vigenere", ("keyword", "LEMON"));
        let locks = [Lock {
            cipher: 'E',
            plain: 'E',
        }];
        let problem = Problem {
            locks: &locks,
            ..Problem::new(&text, Language::english())
        };
        let mut patient = Patient(Vec::new(), 0);
        let broken = auto(&problem, &mut patient).unwrap();
        assert!(
            !broken.finding.confident,
            "{}: {}",
            broken.cipher, broken.finding.text
        );
        assert!(patient.0.contains(&"substitution"));
        for id in patient.0 {
            assert!(attacks::find(id).unwrap().help.locks, "{id}");
        }
        // A Caesar's: the lock that is true leaves it solved, another does not.
        let text = secret("caesar", ("shift", "3"));
        for (plain, sure) in [('T', true), ('E', false)] {
            let locks = [Lock { cipher: 'W', plain }];
            let problem = Problem {
                locks: &locks,
                ..Problem::new(&text, Language::english())
            };
            let broken = auto(&problem, &mut Patient(Vec::new(), 0)).unwrap();
            assert_eq!(broken.finding.confident, sure, "{}", broken.finding.why);
        }
    }

    /// Notes the turns and their shares, and stops every search at once.
    struct Shares(Vec<(&'static str, f64)>);

    impl Watch for Shares {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            ControlFlow::Break(())
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }

    impl Turns for Shares {
        fn turn(&mut self, attack: &'static AttackSpec, share: f64) -> ControlFlow<()> {
            self.0.push((attack.cipher, share));
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn a_text_that_gives_itself_away_by_its_alphabet_gets_all_the_time() {
        let plain = [PROSE; 3].join(" ");
        for (id, key) in [
            (
                "adfgvx",
                &[
                    ("square", "NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ"),
                    ("keyword", "PRIVACY"),
                ][..],
            ),
            ("adfgx", &[("square", "LIGHTHOUSE"), ("keyword", "PRIVACY")]),
            ("polybius", &[("keyword", "LIGHTHOUSE")]),
        ] {
            let cipher = ciphers::find(id).unwrap();
            let cipher = cipher.build(&key.iter().copied().collect()).unwrap();
            let text = cipher.encrypt(&plain).unwrap();
            let mut shares = Shares(Vec::new());
            auto(&Problem::new(&text, Language::english()), &mut shares).unwrap();
            assert_eq!(shares.0, [(id, 1.0)]);
        }
    }

    /// Notes whose turn is the first, and ends the search.
    struct First(Option<&'static str>);

    impl Watch for First {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            ControlFlow::Break(())
        }
    }

    impl Turns for First {
        fn turn(&mut self, attack: &'static AttackSpec, _: f64) -> ControlFlow<()> {
            self.0 = Some(attack.cipher);
            ControlFlow::Break(())
        }
    }

    #[test]
    fn with_a_crib_an_attack_that_knows_none_has_no_turn() {
        // Hexadecimal, so that the guess is an AEAD.
        let text = "9F3A7C01D4E8B25560FF1C9A83E7D21B44C05E6A97F8123B5D0E6CB1A2F49387C6D5";
        for (crib, is_asked) in [(None, true), (Some("harbour"), false)] {
            let problem = Problem {
                crib,
                ..Problem::new(text, Language::english())
            };
            let mut first = First(None);
            assert!(auto(&problem, &mut first).is_err());
            assert_eq!(first.0 == Some("aes-256-gcm"), is_asked, "{:?}", first.0);
        }
    }
}
