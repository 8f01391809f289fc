//! The screens before and around a room, by keyboard and by accessible name.

mod support;

use cipher_room::net::{Event, HostFailure, JoinCause, JoinFailure, JoinStep};
use cipher_room::protocol::handshake::Refusal;
use cipher_room::session::{JoinTarget, Me, Passphrase, ThemeChoice, Work};
use cipher_room::ui::{FileAct, UiCommand};
use egui::accesskit::Role;
use egui::{Key, Modifiers, Theme};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use support::scene::{CLOCK, Window, WindowHarness, invite, open, person};

const SIZE: [f32; 2] = [1000.0, 700.0];
/// So that all of a long screen is in sight.
const HIGH: [f32; 2] = [1000.0, 1600.0];

fn ada() -> WindowHarness {
    open(SIZE, Theme::Dark, Window::of_ada(Theme::Dark))
}

fn press(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run();
}

fn write(harness: &mut WindowHarness, field: &str, text: &str) {
    let node = harness.get_by_role_and_label(Role::TextInput, field);
    node.focus();
    harness.run();
    harness
        .get_by_role_and_label(Role::TextInput, field)
        .type_text(text);
    harness.run();
}

/// Presses what begins something that takes a moment: the window does not come to rest, because something turns in it.
fn begin(harness: &mut WindowHarness, label: &str) {
    harness.get_by_role_and_label(Role::Button, label).click();
    harness.run_steps(4);
}

fn is_busy(harness: &WindowHarness) -> bool {
    let turning = harness.query_all_by_role(Role::ProgressIndicator);
    turning.count() > 0
}

fn is_disabled(harness: &WindowHarness, button: &str) -> bool {
    harness
        .get_by_role_and_label(Role::Button, button)
        .accesskit_node()
        .is_disabled()
}

#[test]
fn the_first_run_asks_for_a_name_and_makes_a_key() {
    let window = Window::first_run(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(is_disabled(&harness, "Continue"));
    let field = harness.get_by_role_and_label(Role::TextInput, "Your name");
    assert!(field.is_focused(), "one can write at once");
    field.type_text("  Ada ");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    // The passphrase: once, again, and from there to the key.
    let first = harness.get_by_role_and_label(Role::PasswordInput, "Passphrase");
    assert!(first.is_focused());
    first.type_text("orbit velvet mango");
    harness.run();
    harness.get_by_label("Strength: fair");
    assert!(is_disabled(&harness, "Create my key"));
    harness.key_press(Key::Enter);
    harness.run();
    let again = harness.get_by_role_and_label(Role::PasswordInput, "Passphrase again");
    assert!(again.is_focused());
    again.type_text("orbit velvet mangi");
    harness.run();
    harness.get_by_label("The two differ.");
    assert!(is_disabled(&harness, "Create my key"));
    harness.key_press(Key::Backspace);
    harness.run();
    harness
        .get_by_role_and_label(Role::PasswordInput, "Passphrase again")
        .type_text("o");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let expected = Passphrase::new("orbit velvet mango");
    assert!(matches!(&harness.state().commands[..],
        [UiCommand::CreateIdentity { name, passphrase: Some(passphrase) }]
            if name == "Ada" && *passphrase == expected));
    assert_eq!(harness.state().session.me, Me::Making);
    harness.get_by_label("Making your key…");
}

#[test]
fn escape_leads_from_the_passphrase_back_to_the_name() {
    let window = Window::first_run(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    write(&mut harness, "Your name", "Ada");
    press(&mut harness, "Continue");
    harness.get_by_role_and_label(Role::PasswordInput, "Passphrase");
    harness.key_press(Key::Escape);
    harness.run();
    let name = harness.get_by_role_and_label(Role::TextInput, "Your name");
    assert!(name.is_focused());
    assert_eq!(name.value().as_deref(), Some("Ada"));
}

#[test]
fn the_offer_of_the_tour_does_not_push_the_end_of_a_form_out_of_sight() {
    let window = Window::first_run(Theme::Dark);
    let mut harness = open([1100.0, 720.0], Theme::Dark, window);
    harness.state_mut().session = Window::of_ada(Theme::Dark).session;
    harness.run();
    harness.get_by_label("Show me around");
    press(&mut harness, "Host");
    assert!(harness.query_by_label("Show me around").is_none());
    let end = harness.get_by_role_and_label(Role::Button, "Open room").rect();
    assert!(end.bottom() <= 720.0, "{end:?}");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_label("Show me around");
}

#[test]
fn the_passphrase_can_be_skipped_and_the_home_screen_says_so() {
    let window = Window::first_run(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    write(&mut harness, "Your name", "Ada");
    press(&mut harness, "Continue");
    harness
        .get_by_role_and_label(Role::Button, "Skip the passphrase")
        .click();
    harness.run_steps(3);
    assert!(matches!(
        &harness.state().commands[..],
        [UiCommand::CreateIdentity { passphrase: None, .. }]
    ));
    let mut window = Window::of_ada(Theme::Dark);
    window.session.has_passphrase = false;
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(
        harness
            .query_all_by_label_contains("There is no passphrase")
            .next()
            .is_some()
    );
    press(&mut harness, "Set a passphrase");
    harness.run();
    harness.get_by_role_and_label(Role::Dialog, "Set a passphrase");
}

#[test]
fn a_profile_that_lost_its_key_is_asked_for_a_name_only_because_it_has_a_passphrase() {
    let mut window = Window::new(Theme::Dark);
    let settings = window.session.settings.clone();
    window
        .session
        .apply(Event::ProtectionChanged { has_passphrase: true });
    window.session.apply(Event::IdentityMissing { settings });
    let mut harness = open(SIZE, Theme::Dark, window);
    write(&mut harness, "Your name", "Ada");
    harness
        .get_by_role_and_label(Role::Button, "Create my key")
        .click();
    harness.run_steps(3);
    assert!(matches!(
        &harness.state().commands[..],
        [UiCommand::CreateIdentity { passphrase: None, .. }]
    ));
}

fn locked(reason: Option<&str>, wait_secs: u64) -> WindowHarness {
    let mut window = Window::new(Theme::Dark);
    window.session.apply(Event::Locked {
        reason: reason.map(str::to_owned),
        until_unix: CLOCK.now_unix + wait_secs,
    });
    open(SIZE, Theme::Dark, window)
}

#[test]
fn a_locked_profile_asks_for_its_passphrase() {
    let mut harness = locked(None, 0);
    assert!(is_disabled(&harness, "Unlock"));
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Passphrase");
    assert!(field.is_focused(), "one can write at once");
    field.type_text("orbit velvet");
    harness.run();
    harness.key_press(Key::Enter);
    harness.run_steps(3);
    let expected = Passphrase::new("orbit velvet");
    assert!(matches!(&harness.state().commands[..],
        [UiCommand::Unlock { passphrase }] if *passphrase == expected));
    harness.get_by_label("Deriving the key…");
}

#[test]
fn a_wrong_passphrase_is_said_and_the_wait_is_shown() {
    let mut harness = locked(Some("the passphrase is wrong"), 4);
    let said = "That passphrase does not open this profile. The next attempt is possible in 4 seconds";
    assert!(harness.query_all_by_label_contains(said).next().is_some());
    harness
        .get_by_role_and_label(Role::PasswordInput, "Passphrase")
        .type_text("x");
    harness.run_steps(2);
    assert!(is_disabled(&harness, "Unlock (in 4 seconds)"));
    harness.key_press(Key::Enter);
    harness.run_steps(2);
    assert!(harness.state().commands.is_empty());
}

#[test]
fn locking_is_a_key_away_and_leaves_nothing_on_the_screen() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", cipher_room::store::HostTrust::FirstUse);
    window.class_talk(room);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::L);
    harness.run();
    assert!(matches!(harness.state().commands[..], [UiCommand::Lock]));
    harness.state_mut().session.apply(Event::Locked {
        reason: None,
        until_unix: 0,
    });
    harness.run();
    harness.get_by_role_and_label(Role::PasswordInput, "Passphrase");
    let session = &harness.state().session;
    assert!(session.rooms.is_empty() && session.settings.name.is_empty() && session.fingerprint().is_none());
    assert!(harness.query_by_label_contains("Den").is_none());
}

#[test]
fn a_lock_that_has_to_wait_hides_everything_at_once_and_a_profile_that_stays_open_is_shown_again() {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.file_work = Work::Working;
    let room = window.join("Den", cipher_room::store::HostTrust::FirstUse);
    window.class_talk(room);
    let mut harness = open(SIZE, Theme::Dark, window);
    assert!(harness.query_all_by_label_contains("Den").next().is_some());
    harness.state_mut().session.apply(Event::Locking);
    harness.run_steps(3);
    harness.get_by_label("Cipher Room is about to be locked");
    assert!(harness.query_all_by_label_contains("Den").next().is_none());
    // No key leads anywhere.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("Den").next().is_none());
    let session = &mut harness.state_mut().session;
    assert_eq!(session.file_work, Work::Unwatched, "its dialog is gone");
    let settings = session.settings.clone();
    session.apply(Event::IdentityReady {
        fingerprint: person("Ada Brandt"),
        settings,
    });
    harness.run_steps(3);
    assert!(harness.query_all_by_label_contains("Den").next().is_some());
}

#[test]
fn what_a_lock_waits_for_is_said_and_nothing_but_that() {
    type SetWork = fn(&mut cipher_room::session::Session);
    let works: [(SetWork, &str); 4] = [
        (
            |session| session.file_work = Work::Working,
            "Working with a file…",
        ),
        (
            |session| session.export_work = Work::Working,
            "Working with a file…",
        ),
        (
            |session| session.passphrase_work = Work::Working,
            "Changing the passphrase…",
        ),
        (|_| (), "Finishing…"),
    ];
    for (set_work, said) in works {
        let mut window = Window::of_ada(Theme::Dark);
        set_work(&mut window.session);
        let room = window.host("Den", false);
        window.member(room, "Mira Sand", true);
        let mut harness = open(SIZE, Theme::Dark, window);
        harness.state_mut().session.apply(Event::Locking);
        harness.run_steps(3);
        harness.get_by_label(said);
        assert!(is_busy(&harness));
        let buttons = harness.query_all_by_role(Role::Button).count();
        assert_eq!(buttons, 0, "whoever passes by can't undo it");
        // Closing the window asks nothing: that would tell of the rooms, which are left anyway.
        let Window { session, view, .. } = harness.state_mut();
        assert!(view.may_close(session));
        harness.run_steps(3);
        assert_eq!(harness.query_all_by_role(Role::Dialog).count(), 0);
    }
}

#[test]
fn locking_without_a_passphrase_says_where_to_set_one() {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.has_passphrase = false;
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::L);
    harness.run_steps(3);
    assert!(harness.state().commands.is_empty());
    harness.get_by_label("There is no passphrase to lock with. Set one in the settings, under Lock.");
    // The screen is the same: it is another key that leads to the ciphers.
    harness.get_by_label("Set a passphrase");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(3);
    assert!(harness.query_by_label("Set a passphrase").is_none());
}

/// The dialog that changes the passphrase, filled in.
fn changing() -> WindowHarness {
    let mut harness = ada();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Comma);
    harness.run();
    press(&mut harness, "Change passphrase");
    let fields = [
        ("Current passphrase", "wrong"),
        ("New passphrase", "new words"),
        ("New passphrase again", "new words"),
    ];
    for (label, text) in fields {
        let field = |harness: &WindowHarness| {
            harness.get_by_role_and_label(Role::PasswordInput, label).focus();
        };
        field(&harness);
        harness.run();
        harness
            .get_by_role_and_label(Role::PasswordInput, label)
            .type_text(text);
        harness.run();
    }
    harness
}

#[test]
fn a_wrong_current_passphrase_keeps_the_dialog_with_what_was_typed_and_says_so_there() {
    let mut harness = changing();
    assert!(!is_busy(&harness));
    begin(&mut harness, "Change");
    let asked = std::mem::take(&mut harness.state_mut().commands);
    assert!(
        matches!(&asked[..], [UiCommand::ChangePassphrase { current: Some(current), new: Some(new) }]
        if *current == Passphrase::new("wrong") && *new == Passphrase::new("new words"))
    );
    assert!(is_disabled(&harness, "Change"), "it is being done");
    assert!(is_busy(&harness), "and that shows");
    harness.get_by_label("Deriving the key…");
    let reason = "that is not the current one".to_owned();
    let session = &mut harness.state_mut().session;
    session.apply(Event::PassphraseNotChanged { reason });
    harness.run();
    harness.get_by_label("The passphrase stays as it was: that is not the current one.");
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Current passphrase");
    assert!(field.is_focused(), "what is asked for again can be typed at once");
    begin(&mut harness, "Change");
    let asked = std::mem::take(&mut harness.state_mut().commands);
    assert!(
        matches!(&asked[..], [UiCommand::ChangePassphrase { new: Some(new), .. }]
            if *new == Passphrase::new("new words")),
        "what was typed stays"
    );
    let has_passphrase = true;
    let session = &mut harness.state_mut().session;
    session.apply(Event::ProtectionChanged { has_passphrase });
    harness.run_steps(3);
    assert!(
        harness
            .query_by_role_and_label(Role::Dialog, "Change the passphrase")
            .is_none()
    );
    harness.get_by_label("The passphrase is changed.");
}

#[test]
fn what_comes_of_a_passphrase_whose_dialog_was_closed_is_told() {
    let mut harness = changing();
    begin(&mut harness, "Remove the passphrase");
    press(&mut harness, "Close dialog");
    let reason = "that is not the current one".to_owned();
    let session = &mut harness.state_mut().session;
    session.apply(Event::PassphraseNotChanged { reason });
    harness.run_steps(3);
    harness.get_by_label("The passphrase stays as it was: that is not the current one.");
    press(&mut harness, "Change passphrase");
}

#[test]
fn enter_leads_from_the_current_passphrase_to_the_new_one() {
    let mut harness = changing();
    let field = |harness: &WindowHarness, label, focus| {
        let field = harness.get_by_role_and_label(Role::PasswordInput, label);
        if focus {
            field.focus();
        }
        field.is_focused()
    };
    field(&harness, "Current passphrase", true);
    harness.run();
    harness.key_press(Key::Enter);
    harness.run();
    assert!(field(&harness, "New passphrase", false));
    assert!(harness.state().commands.is_empty(), "nothing is changed by it");
}

#[test]
fn enter_leads_from_a_path_to_its_passphrase_and_does_at_once_what_needs_none() {
    let dialog = |act: &str| {
        let mut harness = open(HIGH, Theme::Dark, Window::of_ada(Theme::Dark));
        press(&mut harness, "Settings");
        press(&mut harness, act);
        harness.get_by_role_and_label(Role::TextInput, "File").focus();
        harness.run();
        harness
    };
    let asked = |harness: &WindowHarness| {
        let mut commands = harness.state().commands.iter();
        commands.any(|command| matches!(command, UiCommand::File { .. }))
    };
    for (act, passphrase) in [
        ("Back up everything", "Passphrase"),
        ("Import a key", "Passphrase of the file"),
    ] {
        let mut harness = dialog(act);
        harness.key_press(Key::Enter);
        harness.run();
        let path = harness.get_by_role_and_label(Role::TextInput, "File");
        assert!(path.is_focused(), "{act}: there is no path yet");
        write(&mut harness, "File", "/home/ada/cipher-room.file");
        harness.key_press(Key::Enter);
        harness.run();
        let passphrase = harness.get_by_role_and_label(Role::PasswordInput, passphrase);
        assert!(passphrase.is_focused() && !asked(&harness), "{act}");
    }
    let mut harness = dialog("Save your public key");
    write(&mut harness, "File", "/home/ada/public-key.pem");
    harness.key_press(Key::Enter);
    harness.run_steps(4);
    assert!(asked(&harness));
}

#[test]
fn the_tab_key_leads_from_passphrase_to_passphrase_and_then_to_the_eyes() {
    let mut harness = changing();
    harness
        .get_by_role_and_label(Role::PasswordInput, "Current passphrase")
        .focus();
    harness.run();
    for label in ["New passphrase", "New passphrase again"] {
        harness.key_press(Key::Tab);
        harness.run();
        let field = harness.get_by_role_and_label(Role::PasswordInput, label);
        assert!(field.is_focused(), "{label}");
    }
    harness.key_press(Key::Tab);
    harness.run();
    let focused = |harness: &WindowHarness| {
        harness
            .query_all_by_label("Show what I type")
            .any(|eye| eye.is_focused())
    };
    assert!(focused(&harness), "the keyboard reaches them, behind the fields");
}

#[test]
fn a_profile_that_is_left_alone_locks_itself_after_the_chosen_time() {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.settings.lock_after_minutes = 5;
    let mut harness = support::builder(SIZE, Theme::Dark).build_ui_state(
        |ui: &mut egui::Ui, (window, clock): &mut (Window, cipher_room::ui::Clock)| {
            let commands = window.view.ui(ui, &mut window.session, clock);
            window.commands.extend(commands);
        },
        (window, CLOCK),
    );
    harness.run_steps(3);
    harness.state_mut().1.now_unix += 5 * 60 - 1;
    harness.run_steps(2);
    assert!(harness.state().0.commands.is_empty());
    // Something is typed: the time begins anew.
    harness.key_press(Key::Tab);
    harness.run_steps(2);
    harness.state_mut().1.now_unix += 5 * 60 - 1;
    harness.run_steps(2);
    assert!(harness.state().0.commands.is_empty());
    harness.state_mut().1.now_unix += 1;
    harness.run_steps(1);
    assert!(matches!(harness.state().0.commands[..], [UiCommand::Lock, ..]));
}

#[test]
fn a_profile_that_fails_says_why_and_offers_to_quit() {
    let mut window = Window::new(Theme::Dark);
    let reason = "The key file is damaged. Restore it from a copy.".to_owned();
    window.session.apply(Event::ProfileFailed {
        reason,
        is_damaged: true,
    });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("The key file is damaged. Restore it from a copy.");
    press(&mut harness, "Quit");
    press(&mut harness, "Put it aside and begin anew");
    assert!(matches!(
        &harness.state().commands[..],
        [UiCommand::Quit, UiCommand::BeginAnew]
    ));
}

#[test]
fn a_profile_that_can_be_used_elsewhere_is_not_put_aside() {
    let mut window = Window::new(Theme::Dark);
    window.session.apply(Event::ProfileFailed {
        reason: "Cipher Room is already running with this profile.".to_owned(),
        is_damaged: false,
    });
    let harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Quit");
    assert!(harness.query_by_label("Put it aside and begin anew").is_none());
}

#[test]
fn what_was_mended_is_said_until_it_is_put_away() {
    for ready in [false, true] {
        let mut window = match ready {
            true => Window::of_ada(Theme::Dark),
            false => Window::new(Theme::Dark),
        };
        if !ready {
            window.session.apply(Event::IdentityMissing {
                settings: cipher_room::session::Settings::default(),
            });
        }
        let report = "Your profile's database was damaged. 812 records could be read.".to_owned();
        window.session.apply(Event::ProfileMended { report });
        let mut harness = open(SIZE, Theme::Dark, window);
        harness.get_by_label_contains("812 records could be read");
        press(&mut harness, "Dismiss");
        assert!(harness.query_by_label_contains("812 records").is_none());
    }
}

fn asks_again_for_the_passphrase_of_a_file(harness: &mut WindowHarness, act: FileAct, button: &str) {
    let path = "/home/ada/cipher-room.file";
    let write_passphrase = |harness: &mut WindowHarness, text: &str| {
        let field = |harness: &WindowHarness| {
            harness
                .get_by_role_and_label(Role::PasswordInput, "Passphrase of the file")
                .focus();
        };
        field(harness);
        harness.run();
        harness
            .get_by_role_and_label(Role::PasswordInput, "Passphrase of the file")
            .type_text(text);
        harness.run();
    };
    let asked = |harness: &mut WindowHarness| {
        let commands = std::mem::take(&mut harness.state_mut().commands);
        let of_file = commands.into_iter().filter_map(|command| match command {
            UiCommand::File {
                act,
                path,
                passphrase,
            } => Some((act, path, passphrase)),
            _ => None,
        });
        of_file.collect::<Vec<_>>()
    };
    write(harness, "File", path);
    write_passphrase(harness, "wrong");
    begin(harness, button);
    assert!(matches!(&asked(harness)[..], [(told, at, typed)]
        if *told == act && at.to_str() == Some(path) && *typed == Passphrase::new("wrong")));
    assert!(is_disabled(harness, button), "it is being done");
    harness.get_by_label("Reading the file…");
    let reason = "the passphrase does not open this file".to_owned();
    harness.state_mut().session.apply(Event::FileFailed { reason });
    harness.run();
    harness.get_by_label("Nothing was changed: the passphrase does not open this file.");
    let field = harness.get_by_role_and_label(Role::TextInput, "File");
    assert_eq!(field.value().as_deref(), Some(path), "the path stays");
    let field = harness.get_by_role_and_label(Role::PasswordInput, "Passphrase of the file");
    assert!(field.is_focused(), "what is asked for again can be typed at once");
    // Only the passphrase is asked for again.
    write_passphrase(harness, "right");
    begin(harness, button);
    assert!(matches!(&asked(harness)[..], [(_, at, typed)]
        if at.to_str() == Some(path) && *typed == Passphrase::new("right")));
}

#[test]
fn a_wrong_passphrase_for_a_backup_leaves_the_dialog_with_its_path_and_says_so() {
    let window = Window::first_run(Theme::Dark);
    let mut harness = open(HIGH, Theme::Dark, window);
    press(&mut harness, "Restore a backup");
    asks_again_for_the_passphrase_of_a_file(&mut harness, FileAct::Restore, "Restore");
    assert_eq!(harness.state().session.me, Me::Making);
    harness.get_by_label("Restoring your backup…");
}

#[test]
fn a_wrong_passphrase_for_a_key_leaves_the_dialog_with_its_path_and_the_right_one_closes_it() {
    let mut harness = open(HIGH, Theme::Dark, Window::of_ada(Theme::Dark));
    press(&mut harness, "Settings");
    press(&mut harness, "Import a key");
    asks_again_for_the_passphrase_of_a_file(&mut harness, FileAct::ImportIdentity, "Import");
    let text = "The imported key is yours now.".to_owned();
    harness
        .state_mut()
        .session
        .apply(Event::FileDone { text, is_room: false });
    harness.run();
    assert!(harness.query_by_label("Passphrase of the file").is_none());
    // Another dialog knows nothing of that one, and what comes after it is closed is a notice.
    press(&mut harness, "Import a key");
    assert!(harness.query_by_label_contains("Nothing was changed").is_none());
}

#[test]
fn nothing_else_is_begun_with_a_file_until_the_one_that_was_asked_for_is_done() {
    let mut harness = open(HIGH, Theme::Dark, Window::of_ada(Theme::Dark));
    press(&mut harness, "Settings");
    press(&mut harness, "Save your public key");
    write(&mut harness, "File", "/home/ada/public-key.pem");
    begin(&mut harness, "Save");
    harness.get_by_label("Writing the file…");
    press(&mut harness, "Close dialog");
    // The file of a room is another one.
    for is_room in [true, false] {
        assert!(is_disabled(&harness, "Back up everything"), "{is_room}");
        let text = "It is saved.".to_owned();
        let session = &mut harness.state_mut().session;
        session.apply(Event::FileDone { text, is_room });
        harness.run_steps(3);
    }
    assert!(!is_disabled(&harness, "Back up everything"));
}

#[test]
fn whoever_locks_while_a_file_is_written_is_told_that_this_comes_first() {
    let mut window = Window::of_ada(Theme::Dark);
    window.session.file_work = Work::Unwatched;
    let mut harness = open(HIGH, Theme::Dark, window);
    press(&mut harness, "Settings");
    press(&mut harness, "Lock now");
    assert!(matches!(harness.state().commands[..], [UiCommand::Lock]));
    harness.get_by_label("It locks as soon as that is done.");
}

#[test]
fn kept_rooms_that_cannot_be_read_are_named_and_removed_when_asked() {
    let mut harness = ada();
    assert!(
        harness
            .query_by_label_contains("can't be read any more")
            .is_none()
    );
    harness
        .state_mut()
        .session
        .apply(Event::UnreadableRooms { count: 2 });
    harness.run();
    harness.get_by_label_contains("2 of your kept rooms can't be read any more");
    press(&mut harness, "Remove");
    assert!(matches!(
        harness.state().commands.last(),
        Some(UiCommand::ForgetUnreadable)
    ));
    harness
        .state_mut()
        .session
        .apply(Event::UnreadableRooms { count: 0 });
    harness.run();
    assert!(
        harness
            .query_by_label_contains("can't be read any more")
            .is_none()
    );
}

#[test]
fn the_fingerprint_is_one_click_away() {
    let mut harness = ada();
    press(&mut harness, "Your fingerprint");
    harness.get_by_role_and_label(Role::Dialog, "Your fingerprint");
    press(&mut harness, "Copy fingerprint");
    harness.get_by_label("Fingerprint copied.");
}

#[test]
fn hosting_needs_a_name_and_a_port() {
    let mut harness = ada();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::H);
    harness.run();
    let name = harness.get_by_role_and_label(Role::TextInput, "Room name");
    assert!(name.is_focused());
    assert_eq!(name.value().as_deref(), Some("Ada Brandt's room"));
    write(&mut harness, "Port", "");
    for _ in 0..4 {
        harness.key_press(Key::Backspace);
        harness.run();
    }
    harness.get_by_label("Enter a port from 1 to 65535.");
    assert!(is_disabled(&harness, "Open room"));
    write(&mut harness, "Port", "4747");
    harness
        .get_by_role_and_label(Role::RadioButton, "Anyone who can reach this computer")
        .click();
    harness.get_by_role_and_label(Role::RadioButton, "1 hour").click();
    harness
        .get_by_role_and_label(Role::Switch, "Use another port if this one is taken")
        .click();
    harness.run();
    press(&mut harness, "Open room");
    let Some(UiCommand::Host {
        room_name,
        port,
        or_any_port,
        open_to_address,
        invite_lifetime_secs,
        ..
    }) = harness.state().commands.last()
    else {
        panic!("{:?}", harness.state().commands);
    };
    assert_eq!(room_name, "Ada Brandt's room");
    assert_eq!((*port, *or_any_port, *open_to_address), (4747, false, true));
    assert_eq!(*invite_lifetime_secs, Some(3600));
}

#[test]
fn a_room_that_cannot_open_says_why() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.host("Den", false);
    window.session.room_mut(room).unwrap().state = cipher_room::session::RoomState::Opening;
    let failure = HostFailure::PortTaken { port: 4747 };
    window.session.apply(Event::HostFailed { room, failure });
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.get_by_label("Port 4747 is in use by another program. Choose another port.");
    press(&mut harness, "Change and try again");
    harness.get_by_role_and_label(Role::TextInput, "Room name");
    assert!(matches!(harness.state().commands[..], [UiCommand::Forget { .. }]));
}

#[test]
fn the_join_field_says_what_is_in_it() {
    let good = invite("Den", None).to_string();
    let soon = invite("Den", Some(CLOCK.now_unix + 60)).to_string();
    let over = invite("Den", Some(CLOCK.now_unix - 1)).to_string();
    let mistyped = good.replace(&person("Ada Brandt").to_string(), &person("Eve").to_string());
    let cases = [
        (good.as_str(), "Invitation to \"Den\"", true),
        (soon.as_str(), "valid until 09:46", true),
        (over.as_str(), "This invitation has expired", false),
        (
            &good[..good.len() - 20],
            "The invitation is cut off; copy all of it.",
            false,
        ),
        (
            mistyped.as_str(),
            "The invitation has a typing error; copy it again.",
            false,
        ),
        ("what?!", "This is neither an invitation", false),
        ("192.168.1.20:4747", "An address, without an invitation", true),
        ("192.168.1.20:99999", "is not an address like", false),
        ("", "The invitation names the host's key", false),
    ];
    for (text, said, joinable) in cases {
        let mut harness = ada();
        press(&mut harness, "Join");
        let field = harness.get_by_role_and_label(Role::TextInput, "Invitation or address");
        assert!(field.is_focused());
        if !text.is_empty() {
            field.type_text(text);
            harness.run();
        }
        assert!(
            harness.query_all_by_label_contains(said).next().is_some(),
            "{text}: {said}"
        );
        assert_eq!(!is_disabled(&harness, "Join"), joinable, "{text}");
        harness.key_press(Key::Enter);
        harness.run();
        let joins = matches!(&harness.state().commands[..], [UiCommand::Join { .. }]);
        assert_eq!(joins, joinable, "{text}");
    }
}

#[test]
fn hidden_characters_of_an_invitation_are_shown() {
    let mut harness = ada();
    press(&mut harness, "Join");
    let text = invite("gro\u{202E}pu", None).to_string();
    write(&mut harness, "Invitation or address", &text);
    assert!(harness.query_by_label_contains("gro⟨U+202E⟩pu").is_some());
}

fn on_the_way(target: &str) -> (WindowHarness, cipher_room::net::RoomKey) {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.begin_join(target);
    (open(SIZE, Theme::Dark, window), room)
}

#[test]
fn each_step_of_joining_is_marked() {
    let (mut harness, room) = on_the_way(&invite("Den", None).to_string());
    let titles = [
        ("Reach the host", "Reached"),
        ("Agree on keys", "Keys agreed"),
        ("Prove the identity", "Identity proven"),
        ("Be admitted", "Admitted"),
    ];
    let check = |harness: &WindowHarness, done: usize| {
        for (place, (act, fact)) in titles.iter().enumerate() {
            let (title, state) = match place.cmp(&done) {
                std::cmp::Ordering::Less => (fact, "done"),
                std::cmp::Ordering::Equal => (act, "under way"),
                std::cmp::Ordering::Greater => (act, "waiting"),
            };
            harness.get_by_label(&format!("{title}: {state}"));
        }
    };
    check(&harness, 0);
    for (done, step) in JoinStep::ALL.into_iter().enumerate() {
        harness
            .state_mut()
            .session
            .apply(Event::JoinAdvanced { room, step });
        harness.run();
        check(&harness, done + 1);
    }
}

#[test]
fn joining_can_be_cancelled_and_the_text_stays() {
    let (mut harness, _) = on_the_way("192.168.1.20:4747");
    press(&mut harness, "Cancel");
    let commands = &harness.state().commands[..];
    assert!(matches!(
        commands,
        [UiCommand::Leave { .. }, UiCommand::Forget { .. }]
    ));
    let field = harness.get_by_role_and_label(Role::TextInput, "Invitation or address");
    assert_eq!(field.value().as_deref(), Some("192.168.1.20:4747"));
}

#[test]
fn every_failure_of_joining_marks_its_step_and_says_what_to_do() {
    let failures = [
        (
            JoinStep::Reached,
            JoinCause::UnknownName {
                host: "den.local".to_owned(),
            },
            "No machine called",
        ),
        (
            JoinStep::Reached,
            JoinCause::NobodyListens,
            "Nobody listens there",
        ),
        (
            JoinStep::Reached,
            JoinCause::Unreachable {
                reason: "no route".to_owned(),
            },
            "no route",
        ),
        (JoinStep::Reached, JoinCause::NoAnswer, "within ten seconds"),
        (JoinStep::KeysAgreed, JoinCause::HungUp, "hung up"),
        (
            JoinStep::KeysAgreed,
            JoinCause::NotCipherRoom,
            "not a Cipher Room",
        ),
        (JoinStep::KeysAgreed, JoinCause::WrongVersion, "another version"),
        (
            JoinStep::KeysAgreed,
            JoinCause::Refused(Refusal::NotInvited),
            "takes only people with an invitation",
        ),
        (
            JoinStep::Admitted,
            JoinCause::Refused(Refusal::Full),
            "The room is full",
        ),
        (JoinStep::Reached, JoinCause::InvitationExpired, "has expired"),
        (
            JoinStep::IdentityProven,
            JoinCause::WrongHost {
                expected: person("Mira"),
                found: person("Eve"),
            },
            "Another key answers there",
        ),
        (
            JoinStep::IdentityProven,
            JoinCause::NotAuthentic {
                reason: "bad signature".to_owned(),
            },
            "bad signature",
        ),
        (JoinStep::Reached, JoinCause::NoIdentity, "not ready yet"),
        (
            JoinStep::Reached,
            JoinCause::System {
                reason: "no thread".to_owned(),
            },
            "no thread",
        ),
    ];
    for (step, cause, said) in failures {
        let mut window = Window::of_ada(Theme::Dark);
        let room = window.begin_join("192.168.1.20:4747");
        let failure = JoinFailure { step, cause };
        window.session.apply(Event::JoinFailed { room, failure });
        let mut harness = open(SIZE, Theme::Dark, window);
        let failed = harness.query_all_by_label_contains(": failed").count();
        assert_eq!(failed, 1, "{said}");
        let spoken: Vec<String> = harness
            .query_all_by_role(Role::Label)
            .filter_map(|node| node.accesskit_node().description())
            .collect();
        assert!(
            spoken.iter().any(|text| text.contains(said)),
            "{said}: {spoken:?}"
        );
        let again = harness.get_by_role_and_label(Role::Button, "Try again");
        assert!(again.is_focused());
        press(&mut harness, "Try again");
        assert!(matches!(
            harness.state().commands[..],
            [UiCommand::Reconnect { .. }]
        ));
        press(&mut harness, "Change");
        let field = harness.get_by_role_and_label(Role::TextInput, "Invitation or address");
        assert_eq!(field.value().as_deref(), Some("192.168.1.20:4747"));
    }
}

#[test]
fn an_invitation_given_to_join_is_the_one_that_was_typed() {
    let mut harness = ada();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    harness.run();
    let text = invite("Den", None).to_string();
    write(&mut harness, "Invitation or address", &text);
    press(&mut harness, "Join");
    let [
        UiCommand::Join {
            target: JoinTarget::Invite(invite),
            ..
        },
    ] = &harness.state().commands[..]
    else {
        panic!("{:?}", harness.state().commands);
    };
    assert_eq!(invite.to_string(), text);
}

#[test]
fn name_and_theme_are_kept() {
    let mut harness = ada();
    press(&mut harness, "Settings");
    let light = harness.get_by_role_and_label(Role::RadioButton, "Light");
    // The card stands below what fits.
    light.scroll_to_me();
    harness.run();
    harness.get_by_role_and_label(Role::RadioButton, "Light").click();
    harness.run();
    assert!(
        !harness.ctx.global_style().visuals.dark_mode,
        "the theme changes at once"
    );
    write(&mut harness, "Your name", " L.");
    harness
        .get_by_role_and_label(Role::Button, "Save name")
        .scroll_to_me();
    harness.run();
    press(&mut harness, "Save name");
    let Some(UiCommand::KeepSettings(settings)) = harness.state().commands.last() else {
        panic!("nothing is kept");
    };
    assert_eq!(settings.theme, ThemeChoice::Light);
    assert_eq!(settings.name, "Ada Brandt L.");
    assert_eq!(&harness.state().session.settings, settings);
}

#[test]
fn escape_goes_home_and_digits_go_to_rooms() {
    let mut window = Window::of_ada(Theme::Dark);
    window.host("Den", false);
    window.host("Attic", false);
    window.view = cipher_room::ui::View::default();
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num2);
    harness.run();
    harness.get_by_role_and_label(Role::Heading, "Attic");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num1);
    harness.run();
    harness.get_by_role_and_label(Role::Heading, "Den");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Heading, "Den");
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Host");
    harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
    harness.run();
    harness.key_press(Key::Escape);
    harness.run();
    harness.get_by_role_and_label(Role::Button, "Your fingerprint");
}

#[test]
fn escape_closes_an_open_list_before_it_goes_home() {
    let mut harness = ada();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(4);
    harness
        .get_by_role_and_label(Role::ComboBox, "Add a cipher")
        .click();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Button, "ROT13");
    harness.key_press(Key::Escape);
    harness.run_steps(4);
    assert!(harness.query_by_role_and_label(Role::Button, "ROT13").is_none());
    harness.get_by_role_and_label(Role::ComboBox, "Add a cipher");
    harness.key_press(Key::Escape);
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Button, "Your fingerprint");
}

#[test]
fn notices_of_the_session_are_shown_once() {
    let mut harness = ada();
    let reason = "The settings could not be written.".to_owned();
    harness.state_mut().session.apply(Event::NotKept { reason });
    harness.step();
    harness.step();
    harness.get_by_label("The settings could not be written.");
    assert!(harness.state().session.notices.is_empty());
}

#[test]
fn hidden_characters_in_a_notice_are_shown() {
    let mut harness = ada();
    let reason = "Messages in Den\u{202E} could not all be deleted.".to_owned();
    harness.state_mut().session.apply(Event::NotKept { reason });
    harness.step();
    harness.step();
    harness.get_by_label("Messages in Den⟨U+202E⟩ could not all be deleted.");
}

#[test]
fn a_join_that_fails_while_it_is_watched_offers_to_try_again() {
    let (mut harness, room) = on_the_way("192.168.1.20:4747");
    let failure = JoinFailure {
        step: JoinStep::KeysAgreed,
        cause: JoinCause::HungUp,
    };
    harness
        .state_mut()
        .session
        .apply(Event::JoinFailed { room, failure });
    harness.run();
    let again = harness.get_by_role_and_label(Role::Button, "Try again");
    assert!(again.is_focused());
    harness.get_by_label("Agree on keys: failed");
}

#[test]
fn enter_in_a_wrong_field_keeps_the_keyboard_there() {
    let focused =
        |harness: &WindowHarness, field| harness.get_by_role_and_label(Role::TextInput, field).is_focused();
    let enter = |harness: &mut WindowHarness| {
        harness.key_press(Key::Enter);
        harness.run();
    };
    let window = Window::first_run(Theme::Dark);
    let mut harness = open(SIZE, Theme::Dark, window);
    enter(&mut harness);
    assert!(focused(&harness, "Your name"));
    let mut harness = ada();
    press(&mut harness, "Join");
    enter(&mut harness);
    assert!(focused(&harness, "Invitation or address"));
    let mut harness = ada();
    press(&mut harness, "Host");
    write(&mut harness, "Port", "x");
    enter(&mut harness);
    assert!(focused(&harness, "Port"));
    assert!(harness.state().commands.is_empty());
}

#[test]
fn the_control_that_has_the_keyboard_is_in_sight() {
    let mut window = Window::of_ada(Theme::Dark);
    window.view.set_profile_folder("somewhere");
    let mut harness = open([640.0, 480.0], Theme::Dark, window);
    press(&mut harness, "Host");
    let button = |harness: &WindowHarness| {
        let button = harness.get_by_role_and_label(Role::Button, "Open room");
        (button.is_focused(), button.rect())
    };
    let (_, before) = button(&harness);
    assert!(before.bottom() > 480.0, "the form is higher than the window");
    for _ in 0..30 {
        harness.key_press(Key::Tab);
        harness.run();
        if button(&harness).0 {
            break;
        }
    }
    harness.run_steps(20);
    let (focused, rect) = button(&harness);
    assert!(focused && rect.bottom() <= 480.0 && rect.top() > 0.0, "{rect:?}");
    harness.key_press(Key::Escape);
    harness.run();
    press(&mut harness, "Host");
    let title = harness.get_by_label("Host a room").rect();
    assert!(title.top() > 0.0, "a page begins at its top: {title:?}");
}

#[test]
fn short_notices_never_take_the_keyboard() {
    let mut harness = ada();
    let toast = |harness: &mut WindowHarness| {
        harness
            .state_mut()
            .view
            .toast(cipher_room::session::Level::Error, "Something.");
        harness.run_steps(3);
    };
    toast(&mut harness);
    assert!(harness.get_by_label("Something.").rect().center().x > 500.0);
    for _ in 0..12 {
        harness.key_press(Key::Tab);
        harness.run_steps(2);
        assert!(
            !harness
                .get_by_role_and_label(Role::Button, "Dismiss")
                .is_focused()
        );
    }
    harness
        .get_by_role_and_label(Role::Button, "Your fingerprint")
        .click_accesskit();
    harness.run_steps(4);
    harness.get_by_role_and_label(Role::Dialog, "Your fingerprint");
    toast(&mut harness);
    let notice = harness.get_by_label("Something.").rect();
    assert!(notice.center().x < 500.0 && notice.top() > 350.0, "{notice:?}");
}

#[test]
fn closing_the_window_asks_while_guests_are_in_a_room_of_ours() {
    let mut window = Window::of_ada(Theme::Dark);
    assert!(window.view.may_close(&window.session), "there is no room");
    let room = window.host("Den", false);
    assert!(window.view.may_close(&window.session), "nobody is in it");
    window.member(room, "Elif Kaya", false);
    let mut harness = open(SIZE, Theme::Dark, window);
    let may_close = |harness: &mut WindowHarness| {
        let window = harness.state_mut();
        let may = window.view.may_close(&window.session);
        harness.run();
        may
    };
    assert!(!may_close(&mut harness));
    harness.get_by_role_and_label(Role::Dialog, "Close the room for everybody?");
    assert!(
        harness
            .get_by_role_and_label(Role::Button, "Keep it open")
            .is_focused()
    );
    harness.key_press(Key::Enter);
    harness.run();
    assert!(harness.query_by_label("Keep it open").is_none());
    assert!(harness.state().commands.is_empty());
    assert!(!may_close(&mut harness));
    press(&mut harness, "Close the window");
    assert!(matches!(harness.state().commands[..], [UiCommand::Quit]));
    assert!(may_close(&mut harness));
}

#[test]
fn the_window_is_named_after_its_room() {
    let mut harness = ada();
    harness.state_mut().host("Den", false);
    harness.step();
    let titles = |harness: &WindowHarness| -> Vec<String> {
        let viewports = harness.output().viewport_output.values();
        viewports
            .flat_map(|viewport| &viewport.commands)
            .filter_map(|command| match command {
                egui::ViewportCommand::Title(title) => Some(title.clone()),
                _ => None,
            })
            .collect()
    };
    assert_eq!(titles(&harness), ["Den – Cipher Room"]);
    harness.step();
    assert!(titles(&harness).is_empty());
}

#[test]
fn an_idle_window_does_not_repaint() {
    let mut window = Window::of_ada(Theme::Dark);
    let room = window.join("Den", cipher_room::store::HostTrust::FirstUse);
    window.class_talk(room);
    let mut harness = open(SIZE, Theme::Dark, window);
    harness.run();
    assert!(harness.run() <= 1, "nothing asks for another frame");
}
