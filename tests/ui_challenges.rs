//! The challenges by names: hints in steps, answers checked, progress kept; and a challenge made here and opened there.

mod support;

use cipher_room::ciphers::Direction;
use cipher_room::lab::challenge::Challenge;
use cipher_room::lab::{Bench, Lab};
use cipher_room::ui::lab::{LabCommand, Place};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use support::lab::{Panel, SIZES, bench, both_themes, click, panel_of, reach, settle};

fn page() -> Harness<'static, Panel> {
    panel_of(bench(), SIZES[0], Theme::Dark, Place::Challenges)
}

fn type_into(harness: &mut Harness<'static, Panel>, role: Role, name: &str, text: &str) {
    harness.get_by_role_and_label(role, name).focus();
    settle(harness);
    harness.get_by_role_and_label(role, name).type_text(text);
    settle(harness);
}

#[test]
fn the_challenges_look_as_drawn() {
    both_themes("challenges", SIZES[0], |size, theme| {
        let mut harness = panel_of(bench(), size, theme, Place::Challenges);
        harness.state_mut().lab.change_progress(|progress| {
            ["first-wheel", "mirror", "repeat"]
                .into_iter()
                .for_each(|id| progress.solve(id));
            progress.take_hint("columns", 3);
        });
        click(
            &mut harness,
            Role::Button,
            "Read down, not across (Transposition)",
        );
        harness
    });
}

#[test]
fn hints_come_in_steps_and_the_answer_is_checked() {
    let mut harness = page();
    harness.get_by_label("0 of 38 solved");
    click(&mut harness, Role::Button, "The first wheel (Caesar)");
    assert!(harness.query_by_label_contains("twenty-five ways").is_none());
    click(&mut harness, Role::Button, "Give me a hint (1 of 2)");
    harness.get_by_label_contains("twenty-five ways");
    harness.get_by_role_and_label(Role::Button, "Give me a hint (2 of 2)");
    type_into(
        &mut harness,
        Role::MultilineTextInput,
        "The plaintext",
        "every cipher begins with a keel",
    );
    click(&mut harness, Role::Button, "Check");
    harness.get_by_label_contains("Not yet");
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "The plaintext")
        .focus();
    settle(&mut harness);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::A);
    type_into(
        &mut harness,
        Role::MultilineTextInput,
        "The plaintext",
        "every cipher begins with a wheel turn it until the words come out",
    );
    click(&mut harness, Role::Button, "Check");
    harness.get_by_label_contains("With one hint.");
    harness.get_by_label("1 of 38 solved");
    harness.get_by_label("The first wheel (Caesar), solved");
    // It is kept with the rest.
    harness.run_steps(200);
    let kept = harness
        .state()
        .commands
        .iter()
        .rev()
        .find_map(|command| match command {
            LabCommand::KeepSetup { json } => Some(json.clone()),
            _ => None,
        });
    let lab = Lab::from_json(&kept.expect("it is kept"), || ()).unwrap();
    assert!(lab.progress().mark("first-wheel").solved);
    assert_eq!(lab.progress().mark("first-wheel").hints, 1);
}

#[test]
fn a_challenge_goes_to_the_bench_and_to_the_machine() {
    let mut harness = page();
    click(&mut harness, Role::Button, "It comes round again (Vigenère)");
    click(&mut harness, Role::Button, "Put it on the bench");
    let lab = &harness.state().lab;
    assert_eq!(lab.bench.direction(), Direction::Decrypt);
    assert!(lab.bench.cards().iter().any(|card| card.cipher.id == "vigenere"));
    harness.state_mut().view.go(Place::Challenges);
    harness.run_steps(2);
    click(&mut harness, Role::Button, "Attack it");
    assert_eq!(harness.state().view.place(), Place::BreakIt);
    let text = harness.state().lab.breaking.text.clone();
    assert!(text.starts_with(|c: char| c.is_alphabetic()) && text.len() > 200);
    harness.get_by_label_contains("Press Break it");
    assert!(harness.query_by_label_contains("Paste a ciphertext").is_none());
}

#[test]
fn what_is_not_told_is_not_shown() {
    let mut harness = page();
    harness.get_by_label("Which one is it? (which cipher?)");
    reach(&mut harness, Role::Button, "Which one is it? (which cipher?)");
    harness.get_by_label("Which cipher? Find out");
}

#[test]
fn a_challenge_is_made_here_and_solved_there() {
    let mut harness = page();
    click(&mut harness, Role::Button, "Make a challenge");
    // Nothing to encrypt yet.
    reach(&mut harness, Role::Button, "Save the challenge");
    harness.get_by_label_contains("at least 12 letters");
    type_into(
        &mut harness,
        Role::MultilineTextInput,
        "The text",
        "Meet me under the clock at noon",
    );
    type_into(&mut harness, Role::TextInput, "Title", "Under the clock");
    type_into(
        &mut harness,
        Role::TextInput,
        "Hint 1 (may be left out)",
        "It is a place in the station",
    );
    reach(&mut harness, Role::Button, "Save the challenge");
    let saved = harness
        .state()
        .commands
        .iter()
        .rev()
        .find_map(|command| match command {
            LabCommand::SaveText { suggested_name, text } => Some((suggested_name.clone(), text.clone())),
            _ => None,
        });
    let (name, text) = saved.expect("it is saved");
    assert_eq!(name, "under-the-clock.challenge.txt");
    assert!(!text.to_lowercase().contains("meet me") && !text.to_lowercase().contains("meetme"));
    assert!(
        Challenge::parse(&text)
            .unwrap()
            .is_solved_by("meet me under the clock at noon")
    );

    let mut other = page();
    let state = other.state_mut();
    state.view.take_text(&mut state.lab, &text);
    other.run_steps(3);
    other.get_by_label("Under the clock");
    click(&mut other, Role::Button, "Give me a hint (1 of 1)");
    other.get_by_label_contains("a place in the station");
    type_into(
        &mut other,
        Role::MultilineTextInput,
        "The plaintext",
        "meet me under the clock at noon",
    );
    click(&mut other, Role::Button, "Check");
    other.get_by_label_contains("With one hint.");
    click(&mut other, Role::Button, "Take this challenge away");
    assert!(other.query_by_label("Under the clock").is_none());
}

#[test]
fn what_is_no_challenge_is_refused_with_a_reason() {
    let mut harness = page();
    let state = harness.state_mut();
    state.view.take_text(&mut state.lab, "hello");
    harness.run_steps(2);
    let said = LabCommand::Say("This is no challenge of Cipher Room.".to_owned());
    assert!(harness.state().commands.contains(&said));
    // A challenge that is dropped on the bench is opened all the same.
    let mut harness = panel_of(Bench::default(), SIZES[0], Theme::Dark, Place::Bench);
    let spec = cipher_room::ciphers::find("rot13").unwrap();
    let draft = cipher_room::lab::challenge::Draft {
        title: "Half".to_owned(),
        plaintext: "Meet me under the clock".to_owned(),
        ..Default::default()
    };
    let level = cipher_room::lab::challenge::Level::Easy;
    let made = Challenge::make(&draft, level, spec, &spec.sample_key(), [1; 16]).unwrap();
    let state = harness.state_mut();
    state.view.take_text(&mut state.lab, &made.to_text());
    harness.run_steps(2);
    assert_eq!(harness.state().view.place(), Place::Challenges);
}
