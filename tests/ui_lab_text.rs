//! The bench's text: long ones page by page, dropped and typed files, what is kept when the panel is left; and the
//! "break it" cell beside a key space.

mod support;

use std::path::PathBuf;
use std::sync::Arc;

use cipher_room::lab::trial::Verdict;
use cipher_room::lab::{Bench, Lab};
use cipher_room::ui::UiCommand;
use cipher_room::ui::lab::{LabCommand, Place};
use egui::accesskit::Role;
use egui::{Key, Theme, vec2};
use egui_kittest::kittest::Queryable as _;

use support::lab::{SIZES, attacks_end, bench, click, panel, panel_of, reach, settle, value};
use support::scene::{self, Window};

fn long_bench() -> Bench {
    let mut bench = bench();
    bench.set_text(&"It was the best of times, it was the worst of times. ".repeat(2_000));
    bench
}

#[test]
fn a_long_text_is_edited_page_by_page() {
    let mut harness = panel_of(long_bench(), SIZES[0], Theme::Dark, Place::Bench);
    let before = harness.state().lab.bench.text().len();
    harness.get_by_label_contains("of 14");
    click(&mut harness, Role::Button, "Next page");
    let page = value(&harness, "Text");
    assert!(page.len() < 10_500 && page.len() > 6_000, "{}", page.len());
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .focus();
    settle(&mut harness);
    // Without Ctrl itself, Home goes to the beginning of the row only.
    let control = egui::Modifiers::CTRL | egui::Modifiers::COMMAND;
    harness.key_press_modifiers(control, Key::Home);
    harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .type_text("ZEBRA ");
    settle(&mut harness);
    let text = harness.state().lab.bench.text().clone();
    assert_eq!(text.len(), before + 6);
    let at = text.find("ZEBRA").expect("it was typed");
    assert!(
        (6_000..10_500).contains(&at),
        "it stands on the second page: {at}"
    );
    // The other pages are as they were.
    click(&mut harness, Role::Button, "Previous page");
    assert!(value(&harness, "Text").starts_with("It was the best"));
}

#[test]
fn linked_letters_scroll_into_view() {
    let mut harness = panel(Place::Bench);
    let place = |harness: &egui_kittest::Harness<'static, support::lab::Panel>| {
        let node = harness.get_by_role_and_label(Role::MultilineTextInput, "Caesar result");
        node.rect().top()
    };
    let before = place(&harness);
    let text = harness
        .get_by_role_and_label(Role::MultilineTextInput, "Text")
        .rect();
    // The fourth line of the text is far below the four short lines that the card shows.
    harness.hover_at(text.left_top() + vec2(41.0, 3.5 * 18.0));
    harness.run_steps(20);
    let after = place(&harness);
    assert!(after < before - 100.0, "{before} {after}");
    harness.hover_at(text.left_top() + vec2(41.0, 9.0));
    harness.run_steps(20);
    assert!(place(&harness) > before - 20.0);
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only its path is asked for".to_owned())
    }
}

#[test]
fn a_dropped_file_is_asked_for() {
    let mut harness = panel(Place::Bench);
    let path = PathBuf::from("/texts/letter.txt");
    harness
        .input_mut()
        .dropped_files
        .push(Arc::new(Dropped(path.clone())));
    harness.run_steps(2);
    assert!(harness.state().commands.contains(&LabCommand::ReadFile(path)));
}

#[test]
fn a_text_that_was_read_goes_where_it_was_asked_for() {
    let mut harness = panel(Place::BreakIt);
    let state = harness.state_mut();
    state.view.take_text(&mut state.lab, "LXFOPV EFRNHR");
    harness.run_steps(2);
    assert_eq!(harness.state().lab.breaking.text, "LXFOPV EFRNHR");
    let state = harness.state_mut();
    state.view.go(Place::Bench);
    state.view.take_text(&mut state.lab, "Meet me");
    assert_eq!(state.lab.bench.text().as_ref(), "Meet me");
}

#[test]
fn a_result_is_attacked_where_it_stands() {
    let mut harness = panel(Place::Bench);
    let caesar = harness.state().lab.bench.cards()[0].id;
    reach(&mut harness, Role::Button, "Break Caesar");
    attacks_end(&mut harness);
    assert!(matches!(
        harness.state().lab.verdict(caesar),
        Verdict::Broken { .. }
    ));
    harness.get_by_label_contains("broken in");
    // Another key makes it stale.
    reach(&mut harness, Role::Button, "Increase shift");
    assert_eq!(harness.state().lab.verdict(caesar), Verdict::NotTried);
    harness.get_by_role_and_label(Role::Button, "Break Caesar");
}

#[test]
fn all_results_are_attacked_from_the_comparison() {
    let mut harness = panel(Place::Compare);
    click(&mut harness, Role::Button, "Break them all");
    attacks_end(&mut harness);
    let lab = &harness.state().lab;
    let known =
        |card: &&cipher_room::lab::Card| cipher_room::analysis::attacks::find(card.cipher.id).is_some();
    assert!(lab.bench.cards()[..3].iter().filter(known).count() >= 2);
    for card in lab.bench.cards()[..3].iter().filter(known) {
        let verdict = lab.verdict(card.id);
        assert!(
            matches!(verdict, Verdict::Broken { .. }),
            "{}: {verdict:?}",
            card.cipher.id
        );
    }
    assert!(
        !matches!(lab.verdict(lab.bench.cards()[3].id), Verdict::Broken { .. }),
        "AES stands"
    );
    let rows = cipher_room::lab::compare::rows(lab);
    let csv = cipher_room::lab::compare::csv(&rows, &cipher_room::lab::compare::RATES[1]);
    assert!(csv.contains("broken in"), "{csv}");
}

fn window() -> scene::WindowHarness {
    scene::open([1000.0, 700.0], Theme::Dark, Window::of_ada(Theme::Dark))
}

fn kept(harness: &scene::WindowHarness) -> Option<Lab> {
    let settings = harness
        .state()
        .commands
        .iter()
        .rev()
        .find_map(|command| match command {
            UiCommand::KeepSettings(settings) => settings.lab_setup.clone(),
            _ => None,
        })?;
    Lab::from_json(&settings, || ()).ok()
}

#[test]
fn the_bench_is_kept_when_the_panel_is_left_at_once() {
    let mut harness = window();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    harness
        .get_by_role_and_label(Role::Button, "Increase shift")
        .click();
    harness.run_steps(2);
    assert!(kept(&harness).is_none(), "a moment has not passed yet");
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::H);
    harness.run_steps(3);
    let lab = kept(&harness).expect("it is kept on leaving");
    assert_eq!(lab.bench.cards()[0].key.value("shift"), Some("4"));
}

#[test]
fn the_bench_is_kept_when_the_window_closes() {
    let mut harness = window();
    harness.key_press_modifiers(egui::Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    harness
        .get_by_role_and_label(Role::Button, "Increase shift")
        .click();
    harness.run_steps(2);
    let id = egui::ViewportId::ROOT;
    let viewport = harness.input_mut().viewports.entry(id).or_default();
    viewport.events.push(egui::ViewportEvent::Close);
    harness.step();
    assert!(kept(&harness).is_some_and(|lab| lab.bench.cards()[0].key.value("shift") == Some("4")));
}

fn asks(harness: &scene::WindowHarness, wanted: &LabCommand) -> bool {
    let mut commands = harness.state().commands.iter();
    commands.any(|command| matches!(command, UiCommand::Lab(command) if command == wanted))
}

#[test]
fn a_path_can_be_typed_where_there_is_no_dialog() {
    let mut harness = window();
    harness.state_mut().view.ask_path_to_open();
    harness.run_steps(3);
    harness.get_by_label_contains("no file dialog");
    harness
        .get_by_role_and_label(Role::TextInput, "Path")
        .type_text("/texts/a.txt");
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Open").click();
    harness.run_steps(2);
    let asked = LabCommand::ReadFile(PathBuf::from("/texts/a.txt"));
    assert!(asks(&harness, &asked));
    assert!(harness.query_by_label_contains("no file dialog").is_none());

    harness
        .state_mut()
        .view
        .ask_path_to_save("/texts/caesar.txt".to_owned(), b"Lw zdv".to_vec());
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Button, "Save").click();
    harness.run_steps(2);
    let asked = LabCommand::WriteFile {
        path: PathBuf::from("/texts/caesar.txt"),
        bytes: b"Lw zdv".to_vec(),
    };
    assert!(asks(&harness, &asked));
}

#[test]
fn a_setup_of_an_earlier_program_still_opens() {
    let setup =
        r#"{"version":1,"text":"abc","decrypt":false,"cards":[{"cipher":"caesar","key":{"shift":"3"}}]}"#;
    let lab = Lab::from_json(setup, || ()).unwrap();
    assert_eq!(
        (lab.bench.text(), lab.bench.cards().len()),
        (&Arc::from("abc"), 1)
    );
}
