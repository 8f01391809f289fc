//! A window that is minimised or covered, or comes back after a long sleep. eframe draws no frame meanwhile and calls
//! the logic alone.

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cipher_room::net::Event;
use cipher_room::ui::{Clock, UiCommand};
use egui::accesskit::Role;
use egui::{Key, Modifiers, RawInput, Theme, ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use support::scene::{CLOCK, Window};

const SIZE: [f32; 2] = [1000.0, 700.0];
/// After so long a profile of [`left_alone`] locks itself.
const LIMIT_SECS: u64 = 5 * 60;

/// A window, and what time it is.
type Timed = Harness<'static, (Window, Clock)>;

fn open(window: Window) -> Timed {
    support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui: &mut egui::Ui, (window, clock): &mut (Window, Clock)| {
            let commands = window.view.ui(ui, &mut window.session, clock);
            window.commands.extend(commands);
        },
        (window, CLOCK),
    )
}

/// The window of a profile that locks itself.
fn left_alone() -> Timed {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.settings.lock_after_minutes = 5;
    let mut harness = open(window);
    harness.run_steps(3);
    harness
}

fn pass_secs(harness: &mut Timed, secs: u64) {
    harness.state_mut().1.now_unix += secs;
}

/// Does what eframe does with a hidden window. Gives what is asked of the window itself.
fn hidden(harness: &mut Timed, events: Vec<ViewportEvent>) -> Vec<ViewportCommand> {
    let info = ViewportInfo {
        minimized: Some(true),
        events,
        ..ViewportInfo::default()
    };
    let input = RawInput {
        viewports: std::iter::once((ViewportId::ROOT, info)).collect(),
        ..RawInput::default()
    };
    let context = harness.ctx.clone();
    let (window, clock) = harness.state_mut();
    let output = context.run_logic(&input, |context| {
        let commands = window.view.logic(context, &mut window.session, clock);
        window.commands.extend(commands);
    });
    output.viewport_commands.into_values().flatten().collect()
}

/// How often the profile was asked to lock itself; nothing else is wanted.
fn locks(harness: &Timed) -> usize {
    let commands = &harness.state().0.commands;
    assert!(commands.iter().all(|one| matches!(one, UiCommand::Lock)));
    commands.len()
}

#[test]
fn a_profile_in_a_hidden_window_locks_itself() {
    let mut harness = left_alone();
    pass_secs(&mut harness, LIMIT_SECS - 1);
    hidden(&mut harness, Vec::new());
    assert_eq!(locks(&harness), 0);
    pass_secs(&mut harness, 1);
    hidden(&mut harness, Vec::new());
    hidden(&mut harness, Vec::new());
    assert_eq!(locks(&harness), 1, "asked once");
    pass_secs(&mut harness, 5);
    hidden(&mut harness, Vec::new());
    assert_eq!(locks(&harness), 2, "and again, while it is still open");
    harness.state_mut().0.session.apply(Event::Locked {
        reason: None,
        until_unix: 0,
    });
    pass_secs(&mut harness, LIMIT_SECS);
    hidden(&mut harness, Vec::new());
    assert_eq!(locks(&harness), 2);
}

#[test]
fn a_hidden_window_looks_at_the_clock_again_although_no_timer_runs_while_the_computer_sleeps() {
    let mut harness = left_alone();
    let delays = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&delays);
    harness
        .ctx
        .set_repaint_observer(move |info| told.lock().unwrap().push(info.delay));
    hidden(&mut harness, Vec::new());
    let soonest = delays.lock().unwrap().iter().min().copied();
    let soonest = soonest.expect("nothing else wakes a hidden window");
    assert!(
        soonest > Duration::ZERO && soonest <= Duration::from_secs(60),
        "{soonest:?}"
    );
}

#[test]
fn the_first_frame_after_a_long_sleep_locks_the_profile_although_somebody_types() {
    let mut harness = left_alone();
    pass_secs(&mut harness, LIMIT_SECS);
    harness.key_press(Key::Tab);
    harness.step();
    assert_eq!(locks(&harness), 1);
    pass_secs(&mut harness, 5);
    harness.key_press(Key::Tab);
    harness.step();
    assert_eq!(locks(&harness), 2, "what is typed then does not undo it");
}

#[test]
fn a_hidden_window_asks_before_it_closes_a_room_with_guests_and_comes_into_sight() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.member(room, "Elif Kaya", false);
    let mut harness = open(window);
    let asked = hidden(&mut harness, vec![ViewportEvent::Close]);
    for command in [
        ViewportCommand::CancelClose,
        ViewportCommand::Minimized(false),
        ViewportCommand::Focus,
    ] {
        assert!(asked.contains(&command), "{command:?} is not among {asked:?}");
    }
    harness.run_steps(3);
    harness.get_by_role_and_label(Role::Dialog, "Close the room for everybody?");
    harness
        .get_by_role_and_label(Role::Button, "Close the window")
        .click();
    harness.run_steps(3);
    assert!(matches!(harness.state().0.commands[..], [UiCommand::Quit]));
    let asked = hidden(&mut harness, vec![ViewportEvent::Close]);
    assert!(!asked.contains(&ViewportCommand::CancelClose), "the answer holds");
}

#[test]
fn a_hidden_window_that_closes_keeps_the_bench_as_it_is() {
    let mut harness = open(Window::of_ada(Theme::Dark));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(4);
    let window = &mut harness.state_mut().0;
    window.commands.clear();
    window.view.set_lab_text("what was typed a moment ago");
    hidden(&mut harness, vec![ViewportEvent::Close]);
    let kept = harness
        .state()
        .0
        .commands
        .iter()
        .find_map(|command| match command {
            UiCommand::KeepSettings(settings) => settings.lab_setup.clone(),
            _ => None,
        });
    assert!(kept.is_some_and(|setup| setup.contains("what was typed a moment ago")));
}
