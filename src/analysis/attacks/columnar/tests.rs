use std::ops::ControlFlow;

use super::super::tests::Patience;
use super::*;
use crate::analysis::attack::{Blind, Finding, Progress, Random};
use crate::analysis::language::Language;
use crate::ciphers::{self, Key};

const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                     GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSE";

fn encrypted(keyword: &str) -> String {
    let key = Key::new().with("keyword", keyword);
    let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
    cipher.encrypt(PLAIN).unwrap()
}

fn attack(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    (COLUMNAR.search)(problem, watch)
}

fn solve(problem: &Problem<'_>) -> Finding {
    attack(problem, &mut Blind).unwrap()
}

#[test]
fn an_incomplete_grid_of_unknown_width_falls_and_its_key_gives_the_text_back() {
    let cipher = encrypted("HARBOURMASTER");
    let finding = solve(&Problem::new(&cipher, Language::english()));
    assert_eq!(finding.text, PLAIN);
    assert!(finding.confident, "{}", finding.why);
    let again = ciphers::find("columnar").unwrap().build(&finding.key).unwrap();
    assert_eq!(again.decrypt(&cipher).unwrap(), PLAIN);
}

/// A text as people type it, with a line break among its spaces.
const TYPED: &str = "The ferry was late again, so we sat on the wall above the harbour and watched the boats come in. Gulls, \
                     as always, quarrelled over scraps of bread;\nsome children had left them on the steps of the old \
                     custom-house. \"We might as well walk,\" said Anna. Nobody answered her, and nobody moved until the \
                     lamps were lit along the quay.\n";

/// A text all of whose characters have moved.
fn moved(plain: &str, keyword: &str) -> String {
    let key = Key::new().with("keyword", keyword).with("characters", "all");
    let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
    cipher.encrypt(plain).unwrap()
}

#[test]
fn a_text_through_which_spaces_and_punctuation_moved_falls_too() {
    let capitals = TYPED.to_uppercase().replace([',', '.', '"', ';', '-'], "");
    for (plain, keyword) in [
        (TYPED, "GULLS"),
        (TYPED, "FERRYMEN"),
        (TYPED, "HARBOURLIGHT"),
        (capitals.as_str(), "HARBOUR"),
    ] {
        let cipher = moved(plain, keyword);
        let finding = solve(&Problem::new(&cipher, Language::english()));
        assert_eq!(finding.text, plain, "{keyword}: {}", finding.why);
        assert!(finding.confident, "{keyword}: {}", finding.why);
        assert_eq!(finding.key.value("characters"), Some("all"));
        let again = ciphers::find("columnar").unwrap().build(&finding.key).unwrap();
        assert_eq!(again.decrypt(&cipher).unwrap(), plain);
    }
}

#[test]
fn whoever_says_which_characters_moved_is_believed() {
    let cipher = moved(TYPED, "FERRYMEN");
    for (known, crib, falls) in [
        (Key::new().with("characters", "all"), Some("said Anna"), true),
        (
            Key::new().with("keyword", "FERRYMEN").with("characters", "all"),
            None,
            true,
        ),
        (
            Key::new().with("columns", "8").with("characters", "letters"),
            None,
            false,
        ),
    ] {
        let mut problem = Problem::new(&cipher, Language::english());
        (problem.known, problem.crib) = (known, crib);
        let finding = solve(&problem);
        assert_eq!(finding.confident, falls, "{}", finding.why);
        assert_eq!(finding.text == TYPED, falls, "{}", finding.text);
    }
}

#[test]
fn letters_alone_still_fall_where_spaces_stayed() {
    let key = Key::new().with("keyword", "FERRYMEN");
    let cipher = ciphers::find("columnar").unwrap().build(&key).unwrap();
    let text = cipher.encrypt(TYPED).unwrap();
    let finding = solve(&Problem::new(&text, Language::english()));
    let letters: String = TYPED.chars().filter(|c| c.is_alphanumeric()).collect();
    assert_eq!(finding.text, letters, "{}", finding.why);
    assert!(finding.confident && finding.key.value("characters").is_none());
}

#[test]
fn a_doubt_says_as_what_the_text_was_not_read_to_the_end() {
    let text = moved(
        "The ferry was late again, so we sat on the wall above the harbour.",
        "ZEBRA",
    );
    for (text, is_said) in [(text, true), (encrypted("GULLS"), false)] {
        let finding = attack(&Problem::new(&text, Language::english()), &mut Patience(1)).unwrap();
        assert!(!finding.confident, "{}", finding.text);
        assert_eq!(
            finding.why.contains("(characters=letters)"),
            is_said,
            "{}",
            finding.why
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let cipher = encrypted("GULLS");
    let problem = Problem::new(&cipher, Language::english());
    assert_eq!(solve(&problem), solve(&problem));
}

#[test]
fn a_known_width_is_the_only_one_tried() {
    let cipher = encrypted("GULLSCRY");
    for (param, value) in [("columns", "8"), ("keyword", "????????")] {
        let mut problem = Problem::new(&cipher, Language::english());
        problem.known = Key::new().with(param, value);
        let finding = solve(&problem);
        assert_eq!(finding.text, PLAIN);
        assert!(finding.others.iter().all(|other| !other.note.contains("columns")));
    }
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    let cipher = encrypted("GULLS");
    let mut problem = Problem::new(&cipher, Language::english());
    problem.crib = Some("ZZZZ");
    let error = attack(&problem, &mut Blind).unwrap_err();
    assert!(error.to_string().contains("4 of the letter Z"), "{error}");
    problem.crib = None;
    for (param, value) in [("columns", "1"), ("columns", "many"), ("keyword", "A!B")] {
        problem.known = Key::new().with(param, value);
        let error = attack(&problem, &mut Blind).unwrap_err();
        assert!(matches!(error, AttackError::Known { .. }), "{error}");
    }
    let short = Problem::new("TOO SHORT", Language::english());
    assert!(matches!(
        attack(&short, &mut Blind),
        Err(AttackError::TooShort { letters: 8, .. })
    ));
}

#[test]
fn noise_is_never_sure_and_says_so() {
    let mut dice = Random::new(8);
    let noise: String = (0..80).map(|_| char::from(b'A' + dice.below(26) as u8)).collect();
    let mut problem = Problem::new(&noise, Language::english());
    problem.known = Key::new().with("columns", "20");
    let finding = solve(&problem);
    assert!(!finding.confident);
    assert!(finding.why.contains("unicity distance"), "{}", finding.why);
}

#[test]
fn whoever_says_stop_gets_the_best_so_far_at_once() {
    struct Stop(u32);
    impl Watch for Stop {
        fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
            self.0 += 1;
            ControlFlow::Break(())
        }
    }
    let cipher = encrypted("HARBOURMASTER");
    let mut stop = Stop(0);
    let finding = attack(&Problem::new(&cipher, Language::english()), &mut stop).unwrap();
    assert_eq!(stop.0, 1);
    assert!(!finding.confident && finding.tried < 10_000);
}
