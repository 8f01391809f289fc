//! Two windows of the real application on real sockets, driven by what a screen reader would find.

mod people;
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use cipher_room::app::CipherRoom;
use cipher_room::session::{Line, MessageState, Room, RoomState};
use eframe::App as _;
use egui::accesskit::Role;
use egui::{RawInput, ViewportCommand, ViewportEvent, ViewportId, ViewportInfo};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use people::{ADA, BOB};
use tempfile::TempDir;

/// A window with a profile of its own.
struct Window {
    harness: Harness<'static, CipherRoom>,
    folder: TempDir,
}

impl Window {
    /// With a ready-made key and name, past the first run.
    fn of(name: &str, pem: &str) -> Window {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("identity.pem"), pem).unwrap();
        std::fs::write(
            folder.path().join("settings.json"),
            format!("{{\"name\":\"{name}\"}}"),
        )
        .unwrap();
        Window::on(folder)
    }

    fn on(folder: TempDir) -> Window {
        let path = folder.path().to_owned();
        let harness = support::builder([1100.0, 720.0], egui::Theme::Dark)
            .build_eframe(move |creation| open(creation, &path));
        Window { harness, folder }
    }

    /// Lets the window run until what is wanted is so.
    fn until(&mut self, what: &str, wanted: impl Fn(&Harness<'static, CipherRoom>) -> bool) {
        let by = Instant::now() + Duration::from_secs(60);
        while !wanted(&self.harness) {
            assert!(Instant::now() < by, "waited in vain for {what}");
            std::thread::park_timeout(Duration::from_millis(5));
            self.harness.step();
        }
    }

    fn press(&mut self, button: &str) {
        self.until(button, |harness| {
            harness.query_by_role_and_label(Role::Button, button).is_some()
        });
        self.harness.get_by_role_and_label(Role::Button, button).click();
        self.harness.step();
        self.harness.step();
    }

    fn write(&mut self, field: &str, text: &str) {
        let is_there = |harness: &Harness<'static, CipherRoom>| {
            harness
                .query_all_by_label(field)
                .any(|node| is_field(node.accesskit_node().role()))
        };
        self.until(field, is_there);
        let node = self
            .harness
            .query_all_by_label(field)
            .find(|node| is_field(node.accesskit_node().role()))
            .unwrap();
        node.focus();
        self.harness.step();
        let node = self
            .harness
            .query_all_by_label(field)
            .find(|node| is_field(node.accesskit_node().role()))
            .unwrap();
        node.type_text(text);
        self.harness.step();
        self.harness.step();
    }

    fn say(&mut self, text: &str) {
        self.write("Message", text);
        self.harness.key_press(egui::Key::Enter);
        self.harness.step();
        self.harness.step();
    }

    /// Waits until a text stands on the screen.
    fn see(&mut self, text: &str) {
        self.until(text, |harness| {
            let spoken = |node: &egui_kittest::Node<'_>| {
                node.accesskit_node()
                    .description()
                    .is_some_and(|spoken| spoken.contains(text))
            };
            harness.query_all_by_label_contains(text).next().is_some()
                || harness.query_all_by_role(Role::Label).any(|node| spoken(&node))
        });
    }

    fn room(&self) -> &Room {
        &self.harness.state().session().rooms[0]
    }
}

fn is_field(role: Role) -> bool {
    matches!(
        role,
        Role::TextInput | Role::MultilineTextInput | Role::PasswordInput
    )
}

fn open(creation: &eframe::CreationContext<'_>, folder: &Path) -> CipherRoom {
    CipherRoom::new(creation, folder).unwrap()
}

/// Bob's window with a room of his, and Ada's window as a guest in it.
fn host_and_guest() -> (Window, Window) {
    let mut bob = Window::of("Bob", BOB);
    bob.press("Host");
    bob.until("the form", |harness| {
        harness
            .query_by_role_and_label(Role::Button, "Open room")
            .is_some()
    });
    bob.press("Open room");
    bob.until("the room", |harness| {
        harness
            .state()
            .session()
            .rooms
            .first()
            .is_some_and(|room| room.opened.is_some())
    });
    let invite = bob.room().opened.as_ref().unwrap().invite.to_string();
    bob.see("Only people with this invitation can join");

    let mut ada = Window::of("Ada", ADA);
    ada.press("Join");
    ada.write("Invitation or address", &invite);
    ada.press("Join");
    ada.until("the room", |harness| {
        harness
            .state()
            .session()
            .rooms
            .first()
            .is_some_and(|room| room.state == RoomState::Open)
    });
    bob.see("Ada joined");
    (bob, ada)
}

#[test]
fn one_window_hosts_another_joins_and_they_talk() {
    let (mut bob, mut ada) = host_and_guest();
    ada.say("Hello Bob");
    bob.see("Hello Bob");
    bob.say("Hello Ada");
    ada.see("Hello Ada");
    let logged = |room: &Room| {
        room.transcript
            .lines()
            .iter()
            .filter(|line| matches!(line, Line::Message(m) if m.state == MessageState::Logged))
            .count()
    };
    bob.until("both in the log", |harness| {
        logged(&harness.state().session().rooms[0]) == 2
    });
    assert_eq!(logged(ada.room()), 2);

    // The host's window is closed: the guest keeps the text and is told.
    drop(bob);
    ada.see("The conversation ended: the host said goodbye");
    ada.see("Hello Ada");
}

#[test]
fn a_minimised_window_asks_before_it_closes_a_room_with_guests() {
    let (mut bob, _ada) = host_and_guest();
    // What eframe does with a window that is not shown: no frame, only the logic.
    let info = ViewportInfo {
        minimized: Some(true),
        events: vec![ViewportEvent::Close],
        ..ViewportInfo::default()
    };
    let input = RawInput {
        viewports: std::iter::once((ViewportId::ROOT, info)).collect(),
        ..RawInput::default()
    };
    let context = bob.harness.ctx.clone();
    let mut frame = eframe::Frame::_new_kittest();
    let app = bob.harness.state_mut();
    let output = context.run_logic(&input, |context| app.logic(context, &mut frame));
    let mut asked = output.viewport_commands.into_values().flatten();
    assert!(
        asked.any(|command| command == ViewportCommand::CancelClose),
        "eframe would quit"
    );
    bob.until("the question", |harness| {
        let question = "Close the room for everybody?";
        harness.query_by_role_and_label(Role::Dialog, question).is_some()
    });
}

#[test]
fn a_first_run_makes_a_key_and_leads_home() {
    let mut window = Window::on(tempfile::tempdir().unwrap());
    window.write("Your name", "Ünsal");
    window.press("Continue");
    window.write("Passphrase", "orbit velvet mango");
    window.write("Passphrase again", "orbit velvet mango");
    window.press("Create my key");
    window.until("home", |harness| {
        harness.query_by_role_and_label(Role::Button, "Host").is_some()
    });
    // Another window on the same profile knows both.
    let Window { harness, folder } = window;
    let made = harness.state().session().fingerprint();
    drop(harness);
    let mut again = Window::on(folder);
    again.write("Passphrase", "orbit velvet");
    again.press("Unlock");
    again.see("That passphrase does not open this profile");
    again.write("Passphrase", "orbit velvet mango");
    // The delay after one wrong passphrase is a second.
    again.press("Unlock");
    again.until("home", |harness| {
        harness.query_by_role_and_label(Role::Button, "Host").is_some()
    });
    let session = again.harness.state().session();
    assert_eq!(
        (session.fingerprint(), session.settings.name.as_str()),
        (made, "Ünsal")
    );
}

#[test]
fn a_second_window_on_one_profile_says_so() {
    let first = Window::of("Ada", ADA);
    let mut first = first;
    first.until("home", |harness| {
        harness.query_by_role_and_label(Role::Button, "Host").is_some()
    });
    let path = first.folder.path().to_owned();
    let harness = support::builder([800.0, 600.0], egui::Theme::Light)
        .build_eframe(move |creation| open(creation, &path));
    let mut second = Window {
        harness,
        folder: tempfile::tempdir().unwrap(),
    };
    second.see("already running");
}

#[test]
fn a_wrong_address_is_explained_and_can_be_changed() {
    let gone = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let mut ada = Window::of("Ada", ADA);
    ada.press("Join");
    ada.write("Invitation or address", &gone.to_string());
    ada.press("Join");
    ada.see("Nobody listens there");
}

#[test]
fn the_classical_ciphers_need_no_name_and_no_key() {
    let mut window = Window::on(tempfile::tempdir().unwrap());
    window.press("Only the Classical Ciphers");
    window.see("Caesar");
    window.press("Back to the welcome");
    window.write("Your name", "Ada");
    window.press("Continue");
    window.press("Skip the passphrase");
    // It stays at the bench, now with everything else beside it.
    window.until("the key", |harness| {
        harness.state().session().fingerprint().is_some()
    });
    window
        .harness
        .key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::L);
    window.harness.step();
    window.harness.step();
    window.see("Caesar");
}
