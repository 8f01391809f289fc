//! "Break it" by names: the machine that is watched, paused and replayed, and the boards for hands.

mod support;

use std::time::{Duration, Instant};

use cipher_room::analysis::attack::Lock;
use cipher_room::ciphers::{Key as CipherKey, find};
use cipher_room::lab::attack_job::Phase;
use cipher_room::lab::breaking::Choice;
use cipher_room::lab::{Bench, cribs, languages, samples};
use cipher_room::ui::lab::Place;
use egui::accesskit::Role;
use egui::{Key, Theme, vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use support::lab::{Panel, SIZES, attacks_end, bench, both_themes, click, panel_of, reach, settle, value};

/// The page with a sample under a cipher's key.
fn page(cipher: &'static str, key: &CipherKey, size: [f32; 2], theme: Theme) -> Harness<'static, Panel> {
    let text = find(cipher)
        .unwrap()
        .build(key)
        .unwrap()
        .encrypt(samples::ALL[1].text)
        .unwrap();
    page_of(&text, Choice::Cipher(cipher), size, theme)
}

fn page_of(text: &str, choice: Choice, size: [f32; 2], theme: Theme) -> Harness<'static, Panel> {
    let mut harness = panel_of(bench(), size, theme, Place::BreakIt);
    harness.state_mut().lab.breaking.set(text, choice);
    harness.run_steps(3);
    harness
}

fn sample(cipher: &'static str) -> Harness<'static, Panel> {
    page(cipher, &find(cipher).unwrap().sample_key(), SIZES[0], Theme::Dark)
}

/// Lets a replay come to its end.
fn replayed(harness: &mut Harness<'static, Panel>) {
    harness.run_steps(260);
}

/// What is measured is never the same twice, so this picture is drawn for the README and compared with nothing.
#[test]
fn a_broken_cipher_is_drawn() {
    for theme in [Theme::Dark, Theme::Light] {
        let key = find("substitution").unwrap().sample_key();
        let mut harness = page("substitution", &key, SIZES[0], theme);
        click(&mut harness, Role::Button, "Break it");
        attacks_end(&mut harness);
        replayed(&mut harness);
        harness.get_by_label_contains("Score over time: from");
        harness.get_by_label("keys a second");
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let name = support::themed("lab-break", theme).replace('_', "-");
            let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
            support::save_picture(&mut harness, folder.join(format!("{name}.png")));
        }
    }
}

#[test]
fn the_board_for_letters_looks_as_drawn() {
    both_themes("board_letters", SIZES[0], |size, theme| {
        let mut harness = page(
            "substitution",
            &find("substitution").unwrap().sample_key(),
            size,
            theme,
        );
        click(&mut harness, Role::RadioButton, "By hand");
        for (cipher, plain) in [("T", "t"), ("D", "h"), ("A", "e"), ("Z", "e")] {
            harness.get_by_label_contains(&format!("{cipher} is")).click();
            harness.run_steps(2);
            harness.event(egui::Event::Text(plain.to_owned()));
            harness.run_steps(2);
        }
        harness
    });
}

#[test]
fn the_board_for_columns_looks_as_drawn() {
    both_themes("board_columns", SIZES[0], |size, theme| {
        let mut harness = page("columnar", &find("columnar").unwrap().sample_key(), size, theme);
        click(&mut harness, Role::RadioButton, "By hand");
        harness
    });
}

#[test]
fn the_board_for_wheels_looks_as_drawn() {
    both_themes("board_wheels", SIZES[0], |size, theme| {
        let key = CipherKey::new().with("keyword", "LEMON");
        let mut harness = page("vigenere", &key, size, theme);
        click(&mut harness, Role::RadioButton, "By hand");
        harness.get_by_label_contains("Period 5:").click();
        harness.run_steps(3);
        click(&mut harness, Role::Button, "Turn all to the best");
        harness
    });
}

/// The page "Analyse" with a text.
fn analysis(text: &str, size: [f32; 2], theme: Theme) -> Harness<'static, Panel> {
    let mut harness = panel_of(bench(), size, theme, Place::Analyse);
    let state = harness.state_mut();
    state.view.take_text(&mut state.lab, text);
    harness.run_steps(4);
    harness
}

fn vigenere() -> String {
    let key = CipherKey::new().with("keyword", "LEMON");
    find("vigenere")
        .unwrap()
        .build(&key)
        .unwrap()
        .encrypt(samples::ALL[1].text)
        .unwrap()
}

#[test]
fn an_analysis_looks_as_drawn() {
    both_themes("analyse", SIZES[0], |size, theme| {
        analysis(&vigenere(), size, theme)
    });
}

#[test]
fn a_text_is_analysed_and_attacked_from_there() {
    let mut harness = analysis(&vigenere(), SIZES[1], Theme::Dark);
    harness.get_by_label_contains("every 5th letter");
    // The key's length stands out with its multiples, and nothing else does.
    harness.get_by_label("Index of coincidence by period: 25 0.064, 10 0.061, 5 0.060");
    harness.get_by_label_contains("Letters: ");
    reach(&mut harness, Role::RadioButton, "Threes");
    harness.get_by_label_contains("Threes: ");
    reach(&mut harness, Role::Button, "Attack it as Vigenère");
    assert_eq!(harness.state().view.place(), Place::BreakIt);
    assert_eq!(harness.state().lab.breaking.choice, Choice::Cipher("vigenere"));
    assert_eq!(harness.state().lab.breaking.text, vigenere());
}

#[test]
fn a_known_word_is_placed_and_its_letters_are_locked() {
    let mut harness = sample("substitution");
    harness
        .get_by_role_and_label(Role::TextInput, "Known word")
        .focus();
    settle(&mut harness);
    harness
        .get_by_role_and_label(Role::TextInput, "Known word")
        .type_text("universally");
    settle(&mut harness);
    harness.get_by_label_contains("UNIVERSALLY could stand at");
    let best = harness
        .get_all_by_label_contains("letter ")
        .next()
        .expect("a place is offered");
    best.click();
    harness.run_steps(2);
    assert!(harness.state().lab.breaking.locks.len() >= 8);
}

#[test]
fn a_suggested_word_is_taken_over() {
    let mut harness = page_of(&vigenere(), Choice::Cipher("vigenere"), SIZES[0], Theme::Dark);
    harness
        .get_by_role_and_label(Role::Button, "Suggest words")
        .click();
    harness.run_steps(4);
    // Sought on a thread of their own; meanwhile the menu says so.
    let ends = Instant::now() + Duration::from_secs(60);
    while harness.query_by_label_contains("Looking for words").is_some() {
        assert!(Instant::now() < ends);
        std::thread::yield_now();
        harness.run_steps(1);
    }
    // The menu takes a frame or two to grow with them.
    harness.run_steps(4);
    harness.get_by_label_contains("none is certain");
    let best = harness
        .get_all_by_label_contains("suit all of the columns that 5 key letters make")
        .count();
    assert!(best >= 3);
    let english = languages()[0];
    let word = cribs::proposals("vigenere", &vigenere(), english)[0].word.clone();
    harness.get_by_role_and_label(Role::Button, &word).click();
    harness.run_steps(4);
    assert_eq!(harness.state().lab.breaking.crib, word);
    harness.get_by_label_contains(&format!("{word} could stand at"));
}

#[test]
fn a_caesar_falls_while_it_is_watched_and_the_key_goes_to_the_bench() {
    let mut harness = sample("caesar");
    click(&mut harness, Role::Button, "Break it");
    attacks_end(&mut harness);
    replayed(&mut harness);
    assert_eq!(value(&harness, "Plaintext so far"), samples::ALL[1].text);
    harness.get_by_label_contains("broken in");
    harness.get_by_label_contains("The plaintext was found");
    reach(&mut harness, Role::Button, "Use this key");
    let lab = &harness.state().lab;
    assert_eq!(lab.bench.direction(), cipher_room::ciphers::Direction::Decrypt);
    assert_eq!(lab.bench.cards()[0].cipher.id, "caesar");
    assert_eq!(lab.bench.cards()[0].key.value("shift"), Some("3"));
    assert_eq!(harness.state().view.place(), Place::Bench);
    assert_eq!(support::lab::result(&harness, "Caesar"), samples::ALL[1].text);
}

#[test]
fn a_search_is_replayed_and_scrubbed_and_runs_again_from_its_seed() {
    let mut harness = sample("substitution");
    click(&mut harness, Role::Button, "Break it");
    attacks_end(&mut harness);
    replayed(&mut harness);
    let end = value(&harness, "Plaintext so far");
    assert_eq!(end, samples::ALL[1].text);
    click(&mut harness, Role::Button, "Replay the search");
    harness.run_steps(3);
    assert_ne!(value(&harness, "Plaintext so far"), end, "it begins anew");
    click(&mut harness, Role::Button, "Hold the replay");
    let held = value(&harness, "Plaintext so far");
    harness.run_steps(10);
    assert_eq!(value(&harness, "Plaintext so far"), held);
    harness.get_by_role_and_label(Role::Slider, "Improvement").focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowLeft);
    harness.run_steps(2);
    click(&mut harness, Role::Button, "To the end of the search");
    assert_eq!(value(&harness, "Plaintext so far"), end);

    click(&mut harness, Role::Button, "Run again");
    attacks_end(&mut harness);
    let lab = &harness.state().lab;
    let ids = lab.breaking.set_on();
    let [first, second] = [ids[0], ids[1]].map(|id| lab.attacks.attack(id).unwrap());
    let course = |attack: &cipher_room::lab::attack_job::Attack| -> Vec<(u64, f64)> {
        attack
            .moments
            .iter()
            .map(|moment| (moment.tried, moment.score))
            .collect()
    };
    assert_eq!(course(first), course(second), "the same seed, the same search");
}

#[test]
fn an_attack_is_paused_and_cancelled() {
    // Fifty letters of noise: nothing to be found, so it goes on.
    let mut harness = page_of(
        &"QXJZKVWPBYFGMCUDLHRTNSOEIA".repeat(8),
        Choice::Cipher("substitution"),
        SIZES[0],
        Theme::Dark,
    );
    harness.state_mut().lab.breaking.longest_secs = 3_600;
    harness.get_by_role_and_label(Role::Button, "Break it").click();
    harness.run_steps(2);
    let id = harness.state().lab.breaking.shown.expect("it has begun");
    let phase = |harness: &mut Harness<'static, Panel>| {
        harness.run_steps(1);
        harness.state().lab.attacks.attack(id).map(|attack| attack.phase)
    };
    let wait_for = |harness: &mut Harness<'static, Panel>, wanted: Phase| {
        let ends = std::time::Instant::now() + Duration::from_secs(30);
        while phase(harness) != Some(wanted) && phase(harness) != Some(Phase::Ended) {
            assert!(std::time::Instant::now() < ends);
            harness
                .state_mut()
                .lab
                .attacks
                .settle(id, Duration::from_millis(5));
        }
        phase(harness) == Some(wanted)
    };
    if wait_for(&mut harness, Phase::Running) {
        harness.get_by_role_and_label(Role::Button, "Pause").click();
        harness.run_steps(1);
        if wait_for(&mut harness, Phase::Paused) {
            harness.get_by_label("paused");
            let tried = harness.state().lab.attacks.attack(id).unwrap().tried;
            harness.run_steps(5);
            assert_eq!(harness.state().lab.attacks.attack(id).unwrap().tried, tried);
            harness.get_by_role_and_label(Role::Button, "Go on").click();
            harness.run_steps(1);
            harness.get_by_role_and_label(Role::Button, "Cancel").click();
            harness.run_steps(1);
        }
    }
    assert!(
        harness
            .state_mut()
            .lab
            .attacks
            .settle(id, Duration::from_secs(30))
    );
    harness.run_steps(3);
    // Never a confident wrong answer.
    let finding = harness.state().lab.attacks.attack(id).unwrap().finding().cloned();
    assert!(finding.is_some_and(|finding| !finding.confident));
}

#[test]
fn too_little_text_is_said_with_the_unicity_distance() {
    let mut harness = page_of("XKQJ ZW", Choice::Cipher("substitution"), SIZES[0], Theme::Dark);
    click(&mut harness, Role::Button, "Break it");
    attacks_end(&mut harness);
    harness.run_steps(10);
    harness.get_by_label_contains("unicity distance");
    assert!(harness.query_by_label_contains("broken in").is_none());
}

#[test]
fn what_cannot_be_broken_is_said_and_the_pad_used_twice_is_offered() {
    let mut harness = page_of(
        "QWERTYUIOPASDF",
        Choice::Cipher("one-time-pad"),
        SIZES[0],
        Theme::Dark,
    );
    harness.get_by_label("A one-time pad, used once, says nothing");
    click(&mut harness, Role::Button, "A pad used twice");
    harness.get_by_role_and_label(Role::RadioButton, "A pad used twice");
    let mut harness = page_of("00ff", Choice::Cipher("aes-256-gcm"), SIZES[0], Theme::Dark);
    harness.run_steps(2);
    harness.get_by_label("AES-256 is not broken by trying");
}

#[test]
fn letters_are_guessed_locked_and_taken_back_on_the_board() {
    let mut harness = sample("substitution");
    click(&mut harness, Role::RadioButton, "By hand");
    click(&mut harness, Role::Button, "A is not guessed");
    harness.event(egui::Event::Text("e".to_owned()));
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "A is E");
    assert!(value(&harness, "Guessed so far").contains('e'));
    click(&mut harness, Role::Button, "Lock A");
    harness.get_by_role_and_label(Role::Button, "A is E, locked");
    // A second claim on E is a conflict.
    click(&mut harness, Role::Button, "B is not guessed");
    click(&mut harness, Role::Button, "Guess E for B");
    harness.get_by_label_contains("A and B stand for the same letter");
    click(&mut harness, Role::Button, "Undo");
    assert!(
        harness
            .query_by_label_contains("stand for the same letter")
            .is_none()
    );
    click(&mut harness, Role::Button, "Redo");
    harness.get_by_label_contains("A and B stand for the same letter");
    click(&mut harness, Role::Button, "Clear");
    harness.get_by_role_and_label(Role::Button, "A is E, locked");
    harness.get_by_role_and_label(Role::Button, "B is not guessed");
}

#[test]
fn the_machine_does_the_rest_around_the_locks() {
    let mut harness = sample("substitution");
    click(&mut harness, Role::RadioButton, "By hand");
    let key = find("substitution").unwrap().sample_key();
    let alphabet = cipher_room::lab::hand::substitution::cipher_alphabet(&key).unwrap();
    let cipher_of_e = char::from(b'A' + alphabet[4]);
    click(
        &mut harness,
        Role::Button,
        &format!("{cipher_of_e} is not guessed"),
    );
    harness.event(egui::Event::Text("e".to_owned()));
    harness.run_steps(2);
    click(&mut harness, Role::Button, &format!("Lock {cipher_of_e}"));
    click(&mut harness, Role::Button, "Let the machine do the rest");
    let lab = &harness.state().lab;
    let task = &lab.attacks.attack(lab.breaking.shown.unwrap()).unwrap().task;
    assert_eq!(
        task.locks,
        [Lock {
            cipher: cipher_of_e,
            plain: 'E'
        }]
    );
    attacks_end(&mut harness);
    assert_eq!(value(&harness, "Guessed so far"), samples::ALL[1].text);
    click(&mut harness, Role::Button, "Use this key");
    assert_eq!(harness.state().view.place(), Place::Bench);
}

#[test]
fn columns_are_dragged_and_moved_by_key_until_the_text_reads() {
    let mut harness = page_of(
        "EVLNACDTESEAROFODEECWIREE",
        Choice::Cipher("columnar"),
        SIZES[0],
        Theme::Dark,
    );
    click(&mut harness, Role::RadioButton, "By hand");
    let place = |harness: &Harness<'static, Panel>, name: &str| {
        harness.get_by_role_and_label(Role::Button, name).rect()
    };
    // ZEBRAS: the columns stand in the order 6 3 2 4 1 5.
    let from = place(&harness, "Column 6 at place 6").center();
    let to = place(&harness, "Column 1 at place 1").left_center() + vec2(4.0, 0.0);
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(from - vec2(20.0, 0.0));
    harness.run_steps(2);
    harness.hover_at(to);
    harness.run_steps(2);
    harness.drop_at(to);
    settle(&mut harness);
    place(&harness, "Column 6 at place 1");
    let press = |harness: &mut Harness<'static, Panel>, column: usize, from: usize, by: i32| {
        let name = format!("Column {column} at place {from}");
        harness.get_by_role_and_label(Role::Button, &name).focus();
        harness.run_steps(2);
        for _ in 0..by.abs() {
            harness.key_press(if by > 0 { Key::ArrowRight } else { Key::ArrowLeft });
            harness.run_steps(2);
        }
    };
    press(&mut harness, 3, 4, -2);
    press(&mut harness, 2, 4, -1);
    press(&mut harness, 1, 4, 1);
    harness.get_by_label_contains("Read by rows: WEAREDISCOVEREDFLEEATONCE");
    click(&mut harness, Role::Button, "Undo");
    assert!(
        harness
            .query_by_label_contains("Read by rows: WEAREDISCOVERED")
            .is_none()
    );
}

#[test]
fn the_period_is_chosen_and_the_wheels_are_turned() {
    let key = CipherKey::new().with("keyword", "LEMON");
    let mut harness = page("vigenere", &key, SIZES[0], Theme::Dark);
    click(&mut harness, Role::RadioButton, "By hand");
    harness.get_by_label_contains("Period 5:").click();
    harness.run_steps(3);
    for (number, letter) in "LEMON".chars().enumerate() {
        let name = format!("Wheel {} at A", number + 1);
        harness.get_by_role_and_label(Role::Slider, &name).focus();
        harness.run_steps(2);
        for _ in 0..(letter as u8 - b'A') {
            harness.key_press(Key::ArrowRight);
            harness.run_steps(1);
        }
        harness.run_steps(2);
    }
    harness.get_by_label_contains("As the wheels stand: It is a truth universally");
    click(&mut harness, Role::Button, "Undo");
    assert!(
        harness
            .query_by_label_contains("As the wheels stand: It is a truth")
            .is_none()
    );
    click(&mut harness, Role::Button, "Turn all to the best");
    harness.get_by_label_contains("As the wheels stand: It is a truth");
}

#[test]
fn a_word_is_dragged_along_two_texts_of_one_pad() {
    let pad = CipherKey::new().with("pad", "QXVBZKJWPFMYGCUDLHTRNSOEIAQZ");
    let pad = find("one-time-pad").unwrap().build(&pad).unwrap();
    let texts = ["MEETMEUNDERTHECLOCKATNOON", "THEGENERALLEAVESATMIDNIGHT"];
    let both = texts.map(|text| pad.encrypt(text).unwrap()).join("\n\n");
    let mut harness = page_of(&both, Choice::Cipher("one-time-pad"), SIZES[0], Theme::Dark);
    click(&mut harness, Role::RadioButton, "By hand");
    harness
        .get_by_role_and_label(Role::TextInput, "Word to drag")
        .focus();
    settle(&mut harness);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness
        .get_by_role_and_label(Role::TextInput, "Word to drag")
        .type_text("MEETME");
    settle(&mut harness);
    harness.get_by_label_contains("drags out THEGEN");
    click(&mut harness, Role::Button, "Put it down");
    harness
        .get_by_role_and_label(Role::Slider, "Place of the word")
        .focus();
    harness.run_steps(2);
    harness.key_press(Key::ArrowRight);
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("at place 1 drags out").is_none());
    click(&mut harness, Role::Button, "Undo");
}

#[test]
fn the_length_that_it_takes_is_measured() {
    let mut harness = page_of("", Choice::FindOut, SIZES[0], Theme::Dark);
    click(&mut harness, Role::RadioButton, "How much text?");
    harness.get_by_label_contains("60 letters were not measured yet");
    harness.get_by_label_contains("only one key can be right");
    click(&mut harness, Role::Button, "Only 60 letters");
    let ends = std::time::Instant::now() + Duration::from_secs(60);
    while harness.state().lab.rate.left() > 0 {
        attacks_end(&mut harness);
        assert!(std::time::Instant::now() < ends);
    }
    harness.run_steps(3);
    harness.get_by_label_contains("At 60 letters");
    assert_eq!(harness.state().lab.rate.points()[0].tried, 4);
}

#[test]
fn several_attacks_work_at_once_and_the_window_rests_when_they_are_over() {
    let mut harness = page_of(
        "Lw zdv wkh ehvw ri wlphv, lw zdv wkh zruvw ri wlphv",
        Choice::FindOut,
        SIZES[0],
        Theme::Dark,
    );
    click(&mut harness, Role::Button, "Break it");
    assert!(harness.state().lab.breaking.set_on().len() > 1);
    attacks_end(&mut harness);
    replayed(&mut harness);
    assert!(harness.run() <= 6, "nothing is repainted at rest");
}

#[test]
fn a_card_is_watched_being_attacked() {
    let mut harness = panel_of(bench(), SIZES[0], Theme::Dark, Place::Bench);
    reach(&mut harness, Role::Button, "Break Caesar");
    attacks_end(&mut harness);
    reach(&mut harness, Role::Button, "Watch Caesar being attacked");
    assert_eq!(harness.state().view.place(), Place::BreakIt);
    attacks_end(&mut harness);
    replayed(&mut harness);
    assert_eq!(
        value(&harness, "Plaintext so far"),
        Bench::default().text().as_ref()
    );
}
