//! The panel "Classical Ciphers" by names and in pictures: what is changed in it changes what it shows.

mod support;

use std::time::Duration;

use cipher_room::ciphers::Key as CipherKey;
use cipher_room::lab::Bench;
use cipher_room::ui::lab::{LabCommand, Place};
use egui::accesskit::{Role, Toggled};
use egui::{Key, Theme, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};

use support::lab::{Panel, SIZES, bench, click, panel, panel_of, pictures, reach, result, settle};

#[test]
fn the_bench_looks_as_drawn() {
    pictures("bench", Place::Bench, |_| ());
}

#[test]
fn the_comparison_looks_as_drawn() {
    pictures("compare", Place::Compare, |_| ());
}

#[test]
fn the_step_views_look_as_drawn() {
    pictures("how", Place::HowItWorks, |harness| {
        for _ in 0..3 {
            click(harness, Role::Button, "Next step");
        }
    });
}

#[test]
fn all_step_views_together_look_as_drawn() {
    pictures("together", Place::HowItWorks, |harness| {
        click(harness, Role::RadioButton, "All together");
        for _ in 0..12 {
            click(harness, Role::Button, "Next step");
        }
    });
}

#[test]
fn rsa_by_hand_looks_as_drawn() {
    pictures("rsa", Place::RsaByHand, |_| ());
}

#[test]
fn all_shifts_look_as_drawn() {
    pictures("shifts", Place::Bench, |harness| {
        click(harness, Role::Button, "See all shifts");
    });
}

#[test]
fn a_bench_of_machines_looks_as_drawn() {
    let mut results = SnapshotResults::new();
    let mut bench = Bench::empty();
    bench
        .set_text("The enemy knows the system. Meet me under the clock at noon and bring the blue notebook.");
    for id in [
        "vigenere",
        "playfair",
        "hill",
        "rail-fence",
        "enigma",
        "one-time-pad",
    ] {
        bench.add(id);
    }
    let mut harness = panel_of(bench.clone(), SIZES[1], Theme::Dark, Place::Bench);
    results.add(harness.try_snapshot("lab_machines_bench_dark"));
    let mut harness = panel_of(bench, SIZES[1], Theme::Dark, Place::HowItWorks);
    click(&mut harness, Role::RadioButton, "All together");
    for _ in 0..7 {
        click(&mut harness, Role::Button, "Next step");
    }
    results.add(harness.try_snapshot("lab_machines_together_dark"));
}

#[test]
fn turning_the_shift_changes_the_result() {
    let mut harness = panel(Place::Bench);
    assert!(result(&harness, "Caesar").starts_with("Lw zdv"));
    click(&mut harness, Role::Button, "Increase shift");
    assert!(result(&harness, "Caesar").starts_with("Mx aew"));
    harness.get_by_role_and_label(Role::Slider, "Wheel").focus();
    settle(&mut harness);
    harness.key_press(Key::ArrowLeft);
    settle(&mut harness);
    assert!(result(&harness, "Caesar").starts_with("Lw zdv"));
}

#[test]
fn the_wheel_turns_by_dragging() {
    let mut harness = panel(Place::Bench);
    let rect = harness.get_by_role_and_label(Role::Slider, "Wheel").rect();
    let at = |angle: f32| rect.center() + rect.width() * 0.4 * vec2(angle.cos(), angle.sin());
    harness.drag_at(at(0.0));
    harness.step();
    // A quarter turn against the clock, in small moves: six and a half letters on.
    for step in 1..=20 {
        harness.hover_at(at(-step as f32 * std::f32::consts::FRAC_PI_2 / 20.0));
        harness.step();
    }
    harness.drop_at(at(-std::f32::consts::FRAC_PI_2));
    settle(&mut harness);
    let caesar = &harness.state().lab.bench.cards()[0];
    assert_eq!(caesar.key.value("shift"), Some("9"));
}

#[test]
fn what_is_typed_is_encrypted() {
    let mut harness = panel(Place::Bench);
    click(&mut harness, Role::Button, "Clear the text");
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .focus();
    settle(&mut harness);
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .type_text("Attack at dawn");
    settle(&mut harness);
    assert_eq!(result(&harness, "Caesar"), "Dwwdfn dw gdzq");
    assert_eq!(harness.state().lab.bench.text().as_ref(), "Attack at dawn");
}

#[test]
fn cards_are_added_copied_moved_removed_and_brought_back() {
    let ids = |harness: &Harness<'static, Panel>| -> Vec<&'static str> {
        harness
            .state()
            .lab
            .bench
            .cards()
            .iter()
            .map(|card| card.cipher.id)
            .collect()
    };
    let mut harness = panel_of(bench(), SIZES[1], Theme::Dark, Place::Bench);
    click(&mut harness, Role::ComboBox, "Add a cipher");
    harness.get_by_label("ROT13").click();
    settle(&mut harness);
    assert_eq!(ids(&harness)[4], "rot13");
    let menu = |harness: &mut Harness<'static, Panel>, cipher: &str, item: &str| {
        click(harness, Role::Button, &format!("More for {cipher}"));
        click(harness, Role::Button, item);
    };
    menu(&mut harness, "Caesar", "Duplicate");
    assert_eq!(ids(&harness)[..3], ["caesar", "caesar", "substitution"]);
    menu(&mut harness, "AES-256-GCM", "Move left");
    assert_eq!(ids(&harness)[3..5], ["aes-256-gcm", "columnar"]);
    menu(&mut harness, "AES-256-GCM", "Remove");
    assert!(!ids(&harness).contains(&"aes-256-gcm"));
    click(&mut harness, Role::Button, "Bring it back");
    assert_eq!(ids(&harness)[3], "aes-256-gcm");
}

#[test]
fn a_card_that_is_added_is_scrolled_to() {
    let mut harness = panel_of(bench(), [800.0, 700.0], Theme::Dark, Place::Bench);
    click(&mut harness, Role::ComboBox, "Add a cipher");
    harness.get_by_label("ROT13").click();
    settle(&mut harness);
    harness.run_steps(90);
    let text = harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .rect();
    let title = harness.get_by_label("ROT13").rect();
    assert!(title.top() > text.bottom() && title.bottom() < 700.0, "{title:?}");
}

#[test]
fn the_list_of_ciphers_gives_the_focus_back_when_it_is_closed_by_key() {
    let mut harness = panel(Place::Bench);
    let is_focused = |harness: &Harness<'static, Panel>| {
        let button = harness.get_by_role_and_label(Role::ComboBox, "Add a cipher");
        button.is_focused()
    };
    harness
        .get_by_role_and_label(Role::ComboBox, "Add a cipher")
        .focus();
    settle(&mut harness);
    harness.key_press(Key::Enter);
    settle(&mut harness);
    harness.key_press(Key::ArrowDown);
    settle(&mut harness);
    assert!(!is_focused(&harness), "the focus is in the list");
    harness.key_press(Key::Escape);
    settle(&mut harness);
    assert!(harness.query_by_role_and_label(Role::Button, "ROT13").is_none());
    assert!(is_focused(&harness));
}

#[test]
fn the_reflector_that_an_enigma_has_is_marked() {
    let mut bench = Bench::empty();
    bench.set_text("Attack at dawn");
    let enigma = bench.add("enigma").unwrap();
    let mut harness = panel_of(bench, SIZES[0], Theme::Dark, Place::Bench);
    let is_marked = |harness: &Harness<'static, Panel>, name: &str| {
        let option = harness.get_by_role_and_label(Role::RadioButton, name);
        option.accesskit_node().toggled() == Some(Toggled::True)
    };
    if harness
        .query_by_role_and_label(Role::RadioButton, "B-thin")
        .is_none()
    {
        click(&mut harness, Role::Button, "More settings of Enigma");
    }
    assert!(is_marked(&harness, "B") && !is_marked(&harness, "B-thin"));
    reach(&mut harness, Role::RadioButton, "C");
    let reflector = |harness: &Harness<'static, Panel>| {
        let card = harness.state().lab.bench.card(enigma).unwrap();
        card.key.value("reflector").map(str::to_owned)
    };
    assert_eq!(reflector(&harness).as_deref(), Some("C"));
    // The usual one follows the machine.
    reach(&mut harness, Role::RadioButton, "B");
    assert_eq!(reflector(&harness), None);
    reach(&mut harness, Role::RadioButton, "M4");
    assert!(is_marked(&harness, "B-thin") && !is_marked(&harness, "B"));
}

#[test]
fn the_list_of_ciphers_is_long_and_holds_nothing_but_ciphers() {
    let mut harness = panel(Place::Bench);
    click(&mut harness, Role::ComboBox, "Add a cipher");
    assert!(
        harness
            .query_by_role_and_label(Role::Button, "Add a cipher")
            .is_none()
    );
    let eighth = cipher_room::ciphers::ALL[7];
    // With the pointer, which reaches only what is in sight.
    let row = harness.get_by_role_and_label(Role::Button, eighth.name);
    let at = row.rect().center();
    harness.hover_at(at);
    harness.run_steps(2);
    harness.drag_at(at);
    harness.run_steps(2);
    harness.drop_at(at);
    settle(&mut harness);
    let cards = harness.state().lab.bench.cards();
    assert_eq!(cards.last().unwrap().cipher.id, eighth.id);
}

#[test]
fn a_result_used_as_input_decrypts_to_the_text() {
    let mut harness = panel(Place::Bench);
    let text = harness.state().lab.bench.text().clone();
    click(&mut harness, Role::Button, "Use Caesar as input");
    assert!(harness.state().lab.bench.text().starts_with("Lw zdv"));
    click(&mut harness, Role::RadioButton, "Decrypt");
    assert_eq!(result(&harness, "Caesar"), *text);
    // What is no AES ciphertext is refused, visibly.
    harness.get_by_label_contains("is not hexadecimal digits");
}

#[test]
fn an_invalid_key_is_explained_below_its_field() {
    let mut harness = panel(Place::Bench);
    harness.get_by_role_and_label(Role::TextInput, "Shift").focus();
    settle(&mut harness);
    harness
        .get_by_role_and_label(Role::TextInput, "Shift")
        .type_text("x");
    settle(&mut harness);
    harness.get_by_label_contains("is not a whole number");
    harness.get_by_label_contains("look at the field in red");
}

#[test]
fn a_letter_typed_on_a_tile_changes_places() {
    let mut harness = panel(Place::Bench);
    harness.get_by_role_and_label(Role::Button, "A becomes Z").focus();
    settle(&mut harness);
    harness.event(egui::Event::Text("q".to_owned()));
    settle(&mut harness);
    let key = &harness.state().lab.bench.cards()[1].key;
    assert!(
        key.value("alphabet")
            .is_some_and(|alphabet| alphabet.starts_with('Q'))
    );
    assert_eq!(key.value("keyword"), None);
    harness.get_by_role_and_label(Role::Button, "A becomes Q");
}

#[test]
fn pointing_at_a_letter_lights_it_everywhere() {
    let mut harness = panel(Place::Bench);
    let before = harness.render().unwrap();
    let text = harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .rect();
    harness.hover_at(text.left_top() + vec2(36.0, 8.0));
    harness.run_steps(3);
    let after = harness.render().unwrap();
    let caesar = harness
        .get_by_role_and_label(Role::MultilineTextInput, "Caesar result")
        .rect();
    let aes = harness
        .get_by_role_and_label(Role::MultilineTextInput, "AES-256-GCM result")
        .rect();
    for rect in [caesar, aes] {
        let changed = (rect.left() as u32..rect.right() as u32)
            .flat_map(|x| (rect.top() as u32..rect.top() as u32 + 40).map(move |y| (x, y)))
            .filter(|&(x, y)| before.get_pixel(x, y) != after.get_pixel(x, y))
            .count();
        assert!(changed > 30, "{changed} pixels at {rect:?}");
    }
}

#[test]
fn the_policy_holds_for_all_cards() {
    let mut harness = panel(Place::Bench);
    click(&mut harness, Role::Button, "Letters as is");
    click(&mut harness, Role::Switch, "Groups of five");
    click(&mut harness, Role::RadioButton, "ABC");
    assert!(result(&harness, "Caesar").starts_with("LWZDV WKHEH"));
    assert!(
        result(&harness, "Columnar transposition")
            .chars()
            .take(30)
            .all(|c| !c.is_lowercase())
    );
}

#[test]
fn saving_asks_the_application() {
    let mut harness = panel(Place::Bench);
    click(&mut harness, Role::Button, "Save Caesar");
    click(&mut harness, Role::Button, "Open a text file");
    let commands = &harness.state().commands;
    assert!(commands.contains(&LabCommand::OpenText));
    let saved = commands.iter().any(|command| {
        matches!(command, LabCommand::SaveText { suggested_name, text } if suggested_name == "caesar.txt" && text.starts_with("Lw"))
    });
    assert!(saved);
}

#[test]
fn the_setup_is_kept_once_it_stands_still() {
    let mut harness = panel(Place::Bench);
    let kept = |harness: &Harness<'static, Panel>| -> Vec<String> {
        let commands = harness.state().commands.iter();
        commands
            .filter_map(|command| match command {
                LabCommand::KeepSetup { json } => Some(json.clone()),
                _ => None,
            })
            .collect()
    };
    harness.run_steps(200);
    assert!(kept(&harness).is_empty(), "nothing has changed");
    click(&mut harness, Role::Button, "Increase shift");
    harness.run_steps(200);
    let setups = kept(&harness);
    assert_eq!(setups.len(), 1);
    let bench = Bench::from_json(&setups[0]).unwrap();
    assert_eq!(bench.cards()[0].key.value("shift"), Some("4"));
}

#[test]
fn the_comparison_can_be_taken_away() {
    let mut harness = panel(Place::Compare);
    for (item, name, head) in [
        ("Table as CSV", "comparison.csv", "Cipher,"),
        ("Table as Markdown", "comparison.md", "| Cipher |"),
    ] {
        click(&mut harness, Role::Button, "Export");
        click(&mut harness, Role::Button, item);
        let found = harness.state().commands.iter().any(|command| {
            matches!(command, LabCommand::SaveText { suggested_name, text } if suggested_name == name && text.starts_with(head))
        });
        assert!(found, "{item}");
    }
}

#[test]
fn the_comparison_becomes_a_picture() {
    let mut harness = panel(Place::Compare);
    click(&mut harness, Role::Button, "Export");
    harness
        .get_by_role_and_label(Role::Button, "Picture as PNG")
        .click();
    // The window's side of it: a picture is asked for, and given.
    let mut given = false;
    for _ in 0..6 {
        harness.step();
        let asked: Vec<_> = harness
            .output()
            .viewport_output
            .values()
            .flat_map(|viewport| viewport.commands.iter())
            .filter_map(|command| match command {
                egui::ViewportCommand::Screenshot(callback) => Some(callback.clone()),
                _ => None,
            })
            .collect();
        for callback in asked {
            callback.complete(std::sync::Arc::new(egui::ColorImage::filled(
                [1000, 700],
                egui::Color32::RED,
            )));
            given = true;
        }
    }
    assert!(given, "a picture is asked for");
    settle(&mut harness);
    let saved = harness.state().commands.iter().any(|command| {
        matches!(command, LabCommand::SavePng { suggested_name, png } if suggested_name == "comparison.png" && png.starts_with(b"\x89PNG"))
    });
    assert!(saved);
}

#[test]
fn a_narrow_window_still_shows_four_cards_side_by_side() {
    let mut harness = panel_of(bench(), [800.0, 700.0], Theme::Dark, Place::Bench);
    harness.snapshot("lab_bench_narrow_dark");
    let top = |name: &str| harness.get_by_label(name).rect().top();
    assert_eq!(top("Caesar"), top("AES-256-GCM"));
}

#[test]
fn step_views_are_stepped_scrubbed_and_played() {
    let mut harness = panel(Place::HowItWorks);
    let told = |harness: &Harness<'static, Panel>| {
        let node = harness.get_by_role_and_label(Role::Image, "Caesar at work");
        node.accesskit_node().value().unwrap_or_default()
    };
    assert_eq!(told(&harness), "I is letter 8: 8 + 3 = 11, and that is L");
    click(&mut harness, Role::Button, "Next step");
    assert!(told(&harness).starts_with("T is letter 19"));
    click(&mut harness, Role::Button, "Previous step");
    click(&mut harness, Role::Button, "To the end");
    let end = told(&harness);
    click(&mut harness, Role::Button, "To the beginning");
    assert_ne!(told(&harness), end);
    harness.get_by_role_and_label(Role::Slider, "Step").focus();
    settle(&mut harness);
    harness.key_press(Key::ArrowRight);
    settle(&mut harness);
    assert!(told(&harness).starts_with("T is letter 19"));
    harness.get_by_role_and_label(Role::Button, "Play").click();
    harness.run_steps(20);
    assert!(
        !told(&harness).starts_with("T is letter 19"),
        "it moves by itself"
    );
    harness.get_by_role_and_label(Role::Button, "Pause").click();
    // At rest nothing is repainted.
    assert!(harness.run() <= 6);
}

#[test]
fn wrong_primes_are_explained() {
    let mut harness = panel(Place::RsaByHand);
    harness.get_by_label_contains("n = p · q = 47 · 59 = 2773");
    harness.get_by_role_and_label(Role::TextInput, "Prime p").focus();
    settle(&mut harness);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::A);
    harness
        .get_by_role_and_label(Role::TextInput, "Prime p")
        .type_text("51");
    settle(&mut harness);
    harness.get_by_label_contains("51 = 3 · 17 is not prime");
    assert!(harness.query_by_label_contains("n = p · q").is_none());
}

#[test]
fn a_megabyte_of_text_stays_fluid() {
    let mut bench = bench();
    bench.set_text(&"It was the best of times, it was the worst of times. ".repeat(20_000));
    let mut harness = panel_of(bench, SIZES[0], Theme::Dark, Place::Bench);
    assert!(result(&harness, "Caesar").starts_with("Lw zdv"));
    // Even unoptimised, a frame with a megabyte on the bench is far below what a person notices.
    let begun = std::time::Instant::now();
    harness.run_steps(10);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
}

#[test]
fn a_card_is_dragged_to_another_place() {
    let mut harness = panel(Place::Bench);
    let from = harness.get_by_label("Caesar").rect().center();
    let to = harness.get_by_label("AES-256-GCM").rect().center();
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(from + vec2(20.0, 10.0));
    harness.run_steps(2);
    harness.hover_at(to);
    harness.run_steps(2);
    harness.drop_at(to);
    settle(&mut harness);
    let ids: Vec<&str> = harness
        .state()
        .lab
        .bench
        .cards()
        .iter()
        .map(|card| card.cipher.id)
        .collect();
    assert_eq!(ids, ["substitution", "columnar", "aes-256-gcm", "caesar"]);
}

#[test]
fn letters_of_a_substitution_are_swapped_by_dragging() {
    let mut harness = panel(Place::Bench);
    let place = |harness: &Harness<'static, Panel>, name: &str| {
        harness.get_by_role_and_label(Role::Button, name).rect().center()
    };
    let (from, to) = (place(&harness, "A becomes Z"), place(&harness, "D becomes R"));
    harness.drag_at(from);
    harness.run_steps(2);
    harness.hover_at(from + vec2(12.0, 2.0));
    harness.run_steps(2);
    harness.hover_at(to);
    harness.run_steps(2);
    harness.drop_at(to);
    settle(&mut harness);
    place(&harness, "A becomes R");
    place(&harness, "D becomes Z");
}

#[test]
fn a_shift_is_picked_from_all_of_them() {
    let mut bench = bench();
    bench.set_text("Dwwdfn dw gdzq, iurp wkh hdvw, zkhq wkh vxq lv orz");
    bench.set_direction(cipher_room::ciphers::Direction::Decrypt);
    bench.set_key(bench.cards()[0].id, CipherKey::new().with("shift", "0"));
    let mut harness = panel_of(bench, SIZES[0], Theme::Dark, Place::Bench);
    click(&mut harness, Role::Button, "See all shifts");
    harness.get_by_label_contains("Shift 3: Attack at dawn").click();
    settle(&mut harness);
    assert_eq!(harness.state().lab.bench.cards()[0].key.value("shift"), Some("3"));
}

#[test]
fn hidden_characters_are_shown_as_a_sign() {
    let mut bench = bench();
    bench.set_text("a\u{202e}b\u{200b}c ⁰¹²³⁴⁵⁶⁷⁸⁹");
    let harness = panel_of(bench, SIZES[0], Theme::Dark, Place::Bench);
    assert_eq!(result(&harness, "Caesar"), "d¤e¤f ⁰¹²³⁴⁵⁶⁷⁸⁹");
}
