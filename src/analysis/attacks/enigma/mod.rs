//! The attack on the Enigma: every setting that agrees with what is known, by crib or by the language alone.
//!
//! Turing's bombe with Welchman's diagonal board (1940) for cribs; for ciphertext alone Gillogly, Ciphertext-only
//! Cryptanalysis of Enigma (Cryptologia 19, 1995), with the refinements of Williams (Cryptologia 24, 2000) and of Ostwald
//! and Weierud (Cryptologia 41, 2017): a plugboard is climbed for *each* setting. That is within reach here because a
//! [tally](plugboard::Tally) gives the worth of any plugboard without decrypting.

mod judge;
mod menu;
mod plugboard;
mod scrambler;
mod search;
mod space;

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::letters;

/// The description of the attack on the Enigma.
pub static ENIGMA: AttackSpec = AttackSpec {
    cipher: "enigma",
    method: "bombe for a crib; hill climbing on the plugboard by coincidence, then n-grams, without one",
    summary: "Searches all settings that agree with what is known of model (I unless said), rotors, reflector, rings, \
              start and plugboard; write ? for a part that is not known (rotors II ? V, start B?A, plugboard AV BS ?), \
              and an empty plugboard for none. Without plugboard some 50 letters fall in a second or a few. Without a \
              crib a plugboard is climbed for each setting: with rotors and rings known that takes about 3 seconds, \
              with unknown rotors some 3 minutes (model I, one reflector), with unknown rings too half an hour; of \
              texts of 200 letters with 10 cables three of four fall, of shorter ones fewer. With a crib each setting \
              is tried as on the bombe: 16 letters or more, whose place may be unknown (an ^ in front says that it is \
              the beginning), settle rotors and start in seconds, unknown rings in a minute for a place; on an M3 or \
              M4 with nothing known, in hours. Only the first 500 letters are searched; where the text is longer, the \
              settings that make sense without the crib come first, and the crib is looked for in the whole under them. A middle rotor that carries the left one along within the crib is not \
              foreseen where its ring is unknown. The left ring can't be found from any text.",
    help: Help::CRIB,
    known: &["model", "rotors", "reflector", "rings", "start", "plugboard"],
    search: run,
};

/// The fewest letters of which anything can be said, without and with a crib.
const FEWEST_LETTERS: usize = 20;
const FEWEST_WITH_CRIB: usize = 8;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let space = space::Space::of(&problem.known)?;
    let cipher = letters::numbers(problem.text);
    let needed = if problem.crib.is_some() {
        FEWEST_WITH_CRIB
    } else {
        FEWEST_LETTERS
    };
    if cipher.len() < needed {
        return Err(AttackError::too_short(cipher.len(), needed));
    }
    let at_start = problem
        .crib
        .is_some_and(|crib| crib.trim_start().starts_with('^'));
    let crib = problem.crib.map(letters::numbers);
    search::Search::new(problem, &cipher, space, crib, watch).run(at_start)
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::super::attack::{Blind, Progress};
    use super::*;
    use crate::analysis::language::Language;
    use crate::ciphers::{self, Key};

    const PLAIN: &str = "Our northern patrol has sighted a convoy of thirty merchant ships with four escorts steering west \
                         at nine knots. All boats in the area are to take up positions along the line before dawn and report \
                         weather every six hours until contact is lost or new orders come.";
    const CABLES: &str = "AV BS CG DL FU HZ IN KM OW RX";

    fn known(pairs: &[(&str, &str)]) -> Key {
        pairs.iter().copied().collect()
    }

    fn encrypted(key: &Key, plain: &str) -> String {
        ciphers::find("enigma")
            .unwrap()
            .build(key)
            .unwrap()
            .encrypt(plain)
            .unwrap()
    }

    fn finding(text: &str, known: Key, crib: Option<&str>) -> Result<Finding, AttackError> {
        let problem = Problem {
            known,
            crib,
            ..Problem::new(text, Language::english())
        };
        run(&problem, &mut Blind)
    }

    #[test]
    fn a_start_position_falls_when_the_plugboard_is_known() {
        let rest = [
            ("rotors", "II IV V"),
            ("reflector", "B"),
            ("rings", "2 21 12"),
            ("plugboard", CABLES),
        ];
        let text = encrypted(&known(&rest).with("start", "QEV"), &PLAIN[..90]);
        let finding = finding(&text, known(&rest), None).unwrap();
        assert!(finding.confident, "{}", finding.why);
        assert_eq!(finding.text, PLAIN[..90]);
        assert_eq!(finding.key.value("start"), Some("QEV"));
    }

    #[test]
    fn unknown_rings_are_found_as_far_as_they_show() {
        let rest = [("rotors", "III I II"), ("reflector", "B"), ("plugboard", "")];
        let text = encrypted(
            &known(&rest).with("rings", "5 9 17").with("start", "WHK"),
            &PLAIN[..150],
        );
        let finding = finding(&text, known(&rest), None).unwrap();
        assert!(finding.confident, "{}", finding.why);
        assert_eq!(finding.text, PLAIN[..150]);
        assert!(finding.why.contains("left ring can't be found"));
        // The key that is shown beside it really is the same machine.
        assert_eq!(finding.others[0].text, finding.text);
        assert_ne!(finding.others[0].key, finding.key);
    }

    #[test]
    fn ten_cables_fall_without_a_crib_and_the_same_seed_gives_the_same_run() {
        let rest = [("rotors", "II IV V"), ("reflector", "B"), ("rings", "2 21 12")];
        let text = encrypted(
            &known(&rest).with("start", "BLA").with("plugboard", CABLES),
            PLAIN,
        );
        // Two of the three letters are known, so that the test is quick.
        let clue = known(&rest).with("start", "?LA");
        let found = finding(&text, clue.clone(), None).unwrap();
        assert!(found.confident, "{}", found.why);
        assert_eq!(found.text, PLAIN);
        assert_eq!(found.key.value("plugboard"), Some(CABLES));
        assert_eq!(finding(&text, clue, None).unwrap(), found);
    }

    #[test]
    fn a_crib_finds_the_start_and_all_cables() {
        let rest = [("rotors", "II IV V"), ("reflector", "B"), ("rings", "2 21 12")];
        let text = encrypted(
            &known(&rest).with("start", "BLA").with("plugboard", CABLES),
            &PLAIN[..140],
        );
        let found = finding(&text, known(&rest), Some("merchant ships with")).unwrap();
        assert!(found.confident, "{}", found.why);
        assert_eq!(found.text, PLAIN[..140]);
        let wrong = finding(
            &text,
            known(&rest).with("start", "B??"),
            Some("submarines surfacing"),
        )
        .unwrap();
        assert!(!wrong.confident);
    }

    #[test]
    fn a_crib_behind_what_is_searched_is_looked_for_in_the_whole() {
        let rest = [
            ("rotors", "II IV V"),
            ("reflector", "B"),
            ("rings", "2 21 12"),
            ("plugboard", CABLES),
        ];
        let plain = format!(
            "{} Weather station seven reports thick fog.",
            [PLAIN; 3].join(" ")
        );
        assert!(letters::numbers(&[PLAIN; 3].join(" ")).len() > 500);
        let text = encrypted(&known(&rest).with("start", "BLA"), &plain);
        let clue = known(&rest).with("start", "?LA");
        let found = finding(&text, clue.clone(), Some("seven reports thick fog")).unwrap();
        assert!(found.confident, "{}", found.why);
        assert_eq!(found.text, plain);
        // One that stands nowhere, and one that is longer than what is searched.
        let long = "seven reports thick fog ".repeat(27);
        for crib in ["seven reports light rain", long.as_str()] {
            let found = finding(&text, clue.clone(), Some(crib)).unwrap();
            assert_eq!(found.text, plain);
            assert!(
                !found.confident && found.why.contains("shows the crib"),
                "{}",
                found.why
            );
        }
        let begins = finding(&text, clue, Some("^seven reports thick fog")).unwrap();
        assert!(!begins.confident, "{}", begins.why);
    }

    #[test]
    fn a_crib_behind_what_is_searched_does_not_first_go_through_every_place_before_it() {
        let rest = [
            ("rotors", "II IV V"),
            ("reflector", "B"),
            ("rings", "2 21 12"),
            ("plugboard", ""),
        ];
        let plain = format!(
            "{} Weather station seven reports thick fog.",
            [PLAIN; 3].join(" ")
        );
        let text = encrypted(&known(&rest).with("start", "BLA"), &plain);
        let clue = known(&rest).with("start", "??A");
        let found = finding(&text, clue, Some("seven reports thick fog")).unwrap();
        assert!(found.confident && found.text == plain, "{}", found.why);
        // 676 settings; each of some 200 places of the crib would add 26 to every one of them.
        assert!(found.tried < 1_000_000, "{}", found.tried);
    }

    #[test]
    fn an_m4_falls_by_crib_with_its_start_unknown() {
        let rest = [
            ("model", "M4"),
            ("rotors", "Beta II IV I"),
            ("reflector", "B-thin"),
            ("rings", "1 1 1 22"),
        ];
        let text = encrypted(
            &known(&rest).with("start", "VJNA").with("plugboard", CABLES),
            &PLAIN[..140],
        );
        let clue = known(&rest).with("start", "??NA");
        let found = finding(&text, clue, Some("^our northern patrol has sighted")).unwrap();
        assert!(found.confident, "{}", found.why);
        assert_eq!(found.text, PLAIN[..140]);
    }

    #[test]
    fn a_crib_that_fits_nowhere_is_explained() {
        let text = "ABCDEFGHIJABCDEFGHIJ";
        let error = finding(
            text,
            known(&[("rotors", "I II III")]),
            Some("ABCDEFGHIJABCDEFGHIJ"),
        )
        .unwrap_err();
        assert!(
            error.to_string().contains("never makes a letter of itself"),
            "{error}"
        );
        let error = finding(text, Key::new(), Some("AB")).unwrap_err();
        assert!(matches!(error, AttackError::CribDoesNotFit { .. }));
        assert!(matches!(
            finding("ABC", Key::new(), None),
            Err(AttackError::TooShort { .. })
        ));
    }

    #[test]
    fn letters_by_chance_are_never_sure() {
        let mut dice = crate::analysis::attack::Random::new(11);
        let text: String = (0..160)
            .map(|_| char::from(b'A' + dice.below(26) as u8))
            .collect();
        let rest = [
            ("rotors", "I II III"),
            ("reflector", "B"),
            ("rings", "1 1 1"),
            ("start", "A??"),
        ];
        let found = finding(&text, known(&rest), None).unwrap();
        assert!(!found.confident, "{}", found.text);
    }

    #[test]
    fn a_stop_is_heeded_at_once() {
        struct Stop(u32);
        impl Watch for Stop {
            fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
                self.0 += 1;
                ControlFlow::Break(())
            }
        }
        let text = encrypted(&known(&[("start", "QEV")]), PLAIN);
        let mut stop = Stop(0);
        let problem = Problem::new(&text, Language::english());
        let found = run(&problem, &mut stop).unwrap();
        assert_eq!(stop.0, 1);
        assert!(!found.confident && found.why.contains("stopped"));
        assert!(ciphers::find("enigma").unwrap().build(&found.key).is_ok());
    }
}
