//! `analyse` and `break` as other programs meet them: arguments, standard output, JSON and exit codes of the real program.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use cipher_room::analysis::attacks;
use serde_json::Value;

const PROSE: &str = "The ferry was late again, so we sat on the wall above the harbour and watched the boats come in one after \
                     another until the lamps were lit along the quay.";

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_cipher-room"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn encrypt(cipher: &str, key: &[&str]) -> String {
    let mut arguments = vec!["encrypt", cipher];
    key.iter().for_each(|pair| arguments.extend(["--key", pair]));
    let output = run(&arguments, PROSE);
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn break_prints_the_plaintext_alone_and_leaves_what_is_no_letter_where_it_was() {
    let secret = encrypt("substitution", &["keyword=ZEBRAS"]);
    let output = run(&["break", "substitution"], &secret);
    assert_eq!(text(&output.stdout), PROSE);
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn a_square_s_digits_are_broken_as_a_square_and_not_as_a_transposition() {
    let secret = encrypt("polybius", &["keyword=CHOCOLATE"]);
    let output = run(&["break", "auto"], &secret);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), PROSE.to_uppercase());
    for id in ["columnar", "double-columnar"] {
        assert_eq!(run(&["break", id], &secret).status.code(), Some(1), "{id}");
    }
}

#[test]
fn a_transposition_comes_back_as_letters_alone() {
    let secret = encrypt("rail-fence", &["rails=4", "offset=2"]);
    let output = run(&["break", "rail-fence"], &secret);
    let letters: String = PROSE.chars().filter(char::is_ascii_alphabetic).collect();
    assert_eq!(text(&output.stdout).to_lowercase(), letters.to_lowercase());
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn the_last_line_of_json_is_solved_with_a_key_that_decrypts() {
    let secret = encrypt("affine", &["a=5", "b=8"]);
    let output = run(&["break", "auto", "--json"], &secret);
    let lines: Vec<Value> = text(&output.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (solved, told) = lines.split_last().unwrap();
    assert!(!told.is_empty() && told.iter().all(|line| line["event"] == "progress"));
    assert_eq!(
        (&solved["event"], &solved["cipher"], &solved["confident"]),
        (&"solved".into(), &"affine".into(), &true.into())
    );
    let key: Vec<String> = solved["key"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(param, value)| format!("{param}={}", value.as_str().unwrap()))
        .collect();
    let mut arguments = vec!["decrypt", "affine"];
    key.iter().for_each(|pair| arguments.extend(["--key", pair]));
    assert_eq!(text(&run(&arguments, &secret).stdout), PROSE);
}

#[test]
fn too_little_text_is_said_with_the_unicity_distance_and_never_sure() {
    let output = run(&["break", "substitution"], "XQPL KDWV RTZB QLXP");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(text(&output.stdout).len(), 19);
    let reason = text(&output.stderr);
    assert!(
        reason.contains("not enough text") && reason.contains("unicity distance"),
        "{reason}"
    );
}

#[test]
fn every_attack_and_auto_say_the_unicity_distance_for_a_text_that_is_too_short() {
    let breakable = attacks::ALL.iter().map(|attack| attack.cipher);
    let breakable = breakable.filter(|id| !["one-time-pad", "aes-256-gcm"].contains(id));
    for id in breakable.chain(["auto"]) {
        // Symbols of ADFGX, which are letters to all the others; digits in pairs for the square.
        let short = if id == "polybius" { "11 25" } else { "AF GX" };
        for json in [false, true] {
            let mut arguments = vec!["break", id, "--time", "0.5"];
            arguments.extend(json.then_some("--json"));
            for input in [short, ""] {
                let output = run(&arguments, input);
                let reason = text(&output.stderr);
                assert!(reason.contains("unicity distance"), "{id}: {reason}");
                assert_eq!(output.status.code(), Some(1), "{id}");
                let lines = text(&output.stdout).lines();
                let solved = lines
                    .filter_map(|line| serde_json::from_str::<Value>(line).ok())
                    .find(|line| line["event"] == "solved");
                if let Some(solved) = solved {
                    assert_eq!(solved["confident"], false, "{id}");
                    assert!(
                        solved["why"].as_str().unwrap().contains("unicity distance"),
                        "{id}"
                    );
                }
            }
        }
    }
}

#[test]
fn a_lock_and_a_crib_are_honoured_and_contradictions_named() {
    let secret = encrypt("substitution", &["keyword=ZEBRAS"]);
    let output = run(
        &["break", "substitution", "--crib", "harbour", "--lock", "q=t"],
        &secret,
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), PROSE);
    let output = run(
        &["break", "substitution", "--lock", "X=E", "--lock", "X=T"],
        &secret,
    );
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("X would stand for E and for T"));
    let output = run(&["break", "substitution", "--crib", "zzzzzz"], &secret);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stderr).contains("stands nowhere"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_matrix_that_is_given_is_used_and_a_crib_that_is_not_there_makes_it_unsure() {
    for matrix in ["matrix=3 3; 2 5", "matrix=17 17 5; 21 18 21; 2 2 19"] {
        let secret = encrypt("hill", &[matrix]);
        let broken = |more: &[&str]| {
            let mut arguments = vec!["break", "hill", "--key", matrix];
            arguments.extend(more);
            run(&arguments, &secret)
        };
        let output = broken(&[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).starts_with(&PROSE[..PROSE.len() - 1]));
        let output = broken(&["--crib", "harbour lights"]);
        assert_eq!(output.status.code(), Some(1));
        let said = text(&output.stderr);
        assert!(said.contains("does not show the crib"), "{said}");
    }
}

#[test]
fn a_known_number_is_read_as_encrypt_reads_it_and_a_wrong_one_is_wrong_usage() {
    let secret = encrypt("rail-fence", &["rails=4", "offset=-1"]);
    let output = run(&["break", "rail-fence", "--key", "offset=-1"], &secret);
    let letters: String = PROSE.chars().filter(char::is_ascii_alphabetic).collect();
    assert_eq!(
        text(&output.stdout).to_lowercase(),
        letters.to_lowercase(),
        "{}",
        text(&output.stderr)
    );
    let output = run(&["break", "affine", "--key", "a=2"], &secret);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a: 2 has a factor in common"));
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let secret = encrypt("substitution", &["keyword=ZEBRAS"]);
    let lines = |seed: &str| {
        let output = run(&["break", "substitution", "--json", "--seed", seed], &secret);
        let lines = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap());
        let mut lines: Vec<Value> = lines.collect();
        lines
            .iter_mut()
            .for_each(|line| drop(line.as_object_mut().unwrap().remove("elapsed_ms")));
        lines
    };
    assert_eq!(lines("7"), lines("7"));
    assert_ne!(lines("7"), lines("8"));
}

#[test]
fn wrong_usage_is_named() {
    for (arguments, reason) in [
        (&["break", "caesr"][..], "near it: caesar"),
        (&["break", "caesar", "--language", "tlh"], "--language"),
        (&["break", "caesar", "--lock", "XE"], "--lock"),
        (&["break", "caesar", "--key", "rails=3"], "takes no rails"),
        (&["break", "caesar", "--time", "0"], "--time"),
        (
            &["break", "substitution", "--crib", ""],
            "with letters from A to Z",
        ),
        (&["break", "hill", "--crib", "1942"], "'1942' has none"),
        (&["break", "auto", "--crib", " - "], "with letters from A to Z"),
    ] {
        let output = run(arguments, "abc");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(
            text(&output.stderr).contains(reason),
            "{arguments:?}: {}",
            text(&output.stderr)
        );
    }
}

#[test]
fn analyse_says_the_family_and_why() {
    let secret = encrypt("substitution", &["keyword=ZEBRAS"]);
    let output = run(&["analyse", "--json"], &secret);
    let found: Value = serde_json::from_str(text(&output.stdout)).unwrap();
    assert_eq!(found["family"], "monoalphabetic substitution");
    assert_eq!(found["letters"], 122);
    assert!(!found["reasons"].as_array().unwrap().is_empty());
    let output = run(&["analyse"], &secret);
    assert!(text(&output.stdout).contains("index of coincidence"));
    assert_eq!(output.status.code(), Some(0));
}
