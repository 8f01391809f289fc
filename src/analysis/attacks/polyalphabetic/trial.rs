//! What the tests of all attacks on repeating keys share.

use std::ops::ControlFlow;

use super::super::super::attack::{AttackError, AttackSpec, Blind, Finding, Problem, Progress, Watch};
use crate::analysis::language::Language;
use crate::ciphers::{self, Key};

/// Mary Shelley, Frankenstein (1818), the opening of the first letter.
const PLAIN: &str = "You will rejoice to hear that no disaster has accompanied the commencement of an enterprise which you \
                     have regarded with such evil forebodings. I arrived here yesterday; and my first task is to assure \
                     my dear sister of my welfare, and increasing confidence in the success of my undertaking.";

/// The plaintext under a key, letters and all else.
fn encrypted(spec: &AttackSpec, key: &str, plain: &str) -> String {
    let key = Key::new().with(spec.known[0], key);
    ciphers::find(spec.cipher)
        .unwrap()
        .build(&key)
        .unwrap()
        .encrypt(plain)
        .unwrap()
}

fn run(spec: &AttackSpec, problem: &Problem<'_>) -> Finding {
    spec.run(problem, &mut Blind).unwrap()
}

/// A text with spaces and punctuation falls; two runs with one seed are the same; a stop is heeded at once.
pub(in super::super) fn falls(spec: &AttackSpec, key: &str) {
    let text = encrypted(spec, key, PLAIN);
    let finding = run(spec, &Problem::new(&text, Language::english()));
    assert_eq!(finding.text, PLAIN);
    assert!(finding.confident, "{}", finding.why);
    assert_eq!(
        finding.certainty.len(),
        PLAIN.bytes().filter(u8::is_ascii_alphabetic).count()
    );
    assert_eq!(
        encrypted(spec, finding.key.value(spec.known[0]).unwrap(), PLAIN),
        text
    );
    assert_eq!(run(spec, &Problem::new(&text, Language::english())), finding);

    let mut stop = StopAtOnce(0);
    let stopped = spec
        .run(&Problem::new(&text, Language::english()), &mut stop)
        .unwrap();
    assert_eq!(stop.0, 1, "asked again after a stop");
    assert!(!stopped.key.value(spec.known[0]).unwrap().is_empty());
}

/// A short text that is not sure alone is with a crib, and with known places of the key.
pub(in super::super) fn takes_help(spec: &AttackSpec, key: &str, pattern: &str) {
    let plain = &PLAIN[..52];
    let text = encrypted(spec, key, plain);
    let with_crib = Problem {
        crib: Some("no disaster"),
        ..Problem::new(&text, Language::english())
    };
    assert_eq!(run(spec, &with_crib).text, plain);
    let with_places = Problem {
        known: Key::new().with(spec.known[0], pattern),
        ..Problem::new(&text, Language::english())
    };
    assert_eq!(run(spec, &with_places).text, plain);
    let wrong = Problem {
        known: Key::new().with(spec.known[0], "1A!"),
        ..Problem::new(&text, Language::english())
    };
    assert!(matches!(
        spec.run(&wrong, &mut Blind),
        Err(AttackError::Known { .. })
    ));
}

struct StopAtOnce(u32);

impl Watch for StopAtOnce {
    fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Break(())
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        self.0 += 1;
        ControlFlow::Break(())
    }
}
