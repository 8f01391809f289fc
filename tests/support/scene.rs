//! Made-up sessions for the tests of the screens: a class, an invitation, a conversation.

use cipher_room::net::{
    Admission, Event, HostRoom, JoinRoom, Joined, ListenOn, MemberSeen, Message, MessageId, RoomKey,
    RoomOpened,
};
use cipher_room::session::{Contact, Endpoint, Fingerprint, Invite, Sas, Session, Settings, ThemeChoice};
use cipher_room::store::{HostTrust, MetAs};
use cipher_room::ui::{Clock, UiCommand, View};
use egui_kittest::Harness;

use super::builder;

/// Monday, 23 November 2026, 09:45 in a place one hour ahead of UTC.
pub const CLOCK: Clock = Clock {
    now_unix: 1_795_423_500,
    utc_offset_secs: 3600,
};

/// The window with a session by hand, and what the user asked for.
pub struct Window {
    pub session: Session,
    pub view: View,
    pub commands: Vec<UiCommand>,
    next_message: u64,
}

pub type WindowHarness = Harness<'static, Window>;

impl Window {
    /// A window before anything happened.
    pub fn new(theme: egui::Theme) -> Window {
        let mut session = Session::default();
        session.settings.theme = choice(theme);
        Window {
            session,
            view: View::default(),
            commands: Vec::new(),
            next_message: 0,
        }
    }

    /// The first run: nobody has a key yet.
    pub fn first_run(theme: egui::Theme) -> Window {
        let mut window = Window::new(theme);
        let settings = window.session.settings.clone();
        window.session.apply(Event::IdentityMissing { settings });
        window
    }

    /// A window whose user is Ada.
    pub fn of_ada(theme: egui::Theme) -> Window {
        let mut window = Window::new(theme);
        let settings = Settings {
            name: "Ada Brandt".to_owned(),
            theme: choice(theme),
            ..Settings::default()
        };
        window
            .session
            .apply(Event::ProtectionChanged { has_passphrase: true });
        window.session.apply(Event::IdentityReady {
            fingerprint: person("Ada Brandt"),
            settings,
        });
        window
    }

    /// Ada hosts a room that is open.
    pub fn host(&mut self, name: &str, open_to_address: bool) -> RoomKey {
        let key = self.session.new_key();
        self.session.begin_host(&HostRoom {
            key,
            room_name: name.to_owned(),
            host_name: "Ada Brandt".to_owned(),
            listen: ListenOn {
                address: None,
                port: 4747,
                or_any_port: true,
            },
            admission: Admission {
                open_to_address,
                invite_lifetime_secs: None,
            },
        });
        self.session.apply(Event::RoomOpened(RoomOpened {
            room: key,
            id: room_id(name),
            room_name: name.to_owned(),
            invite: invite(name, None),
            listen: "0.0.0.0:4747".parse().unwrap(),
            wanted_port: None,
            open_to_address,
            fingerprint: person("Ada Brandt"),
            own_name: "Ada Brandt".to_owned(),
        }));
        self.view.show_room(key);
        key
    }

    /// Ada is on the way into a room.
    pub fn begin_join(&mut self, target: &str) -> RoomKey {
        let key = self.session.new_key();
        self.session.begin_join(&JoinRoom {
            key,
            target: target.parse().unwrap(),
            name: "Ada Brandt".to_owned(),
            is_trial: false,
        });
        self.view.show_room(key);
        key
    }

    /// Ada is in a room that Mira hosts.
    pub fn join(&mut self, name: &str, trust: HostTrust) -> RoomKey {
        let key = self.begin_join("192.168.1.20:4747");
        self.joined(key, name, trust);
        key
    }

    pub fn joined(&mut self, key: RoomKey, name: &str, trust: HostTrust) {
        self.session.apply(Event::Joined(Joined {
            room: key,
            id: room_id(name),
            room_name: name.to_owned(),
            host_name: "Mira Sand".to_owned(),
            host: person("Mira Sand"),
            own: person("Ada Brandt"),
            own_name: "Ada Brandt".to_owned(),
            trust,
            sas: sas(),
            address: "192.168.1.20:4747".parse().unwrap(),
        }));
    }

    /// Somebody comes in.
    pub fn member(&mut self, room: RoomKey, name: &str, was_here: bool) {
        let member = MemberSeen {
            fingerprint: person(name),
            name: name.to_owned(),
            is_host: false,
            was_here,
            sas: None,
        };
        self.session.apply(Event::MemberJoined { room, member });
    }

    /// A message as the background would tell it, `minutes` before now.
    pub fn message(&mut self, room: RoomKey, name: &str, minutes: u64, text: &str) -> Message {
        self.next_message += 1;
        let mut id = [0x5a; 32];
        id[..8].copy_from_slice(&self.next_message.to_be_bytes());
        Message {
            room,
            id: MessageId(id),
            author: person(name),
            name: name.to_owned(),
            text: text.to_owned(),
            time_ms: (CLOCK.now_unix - minutes * 60) * 1000,
            own: name == "Ada Brandt",
        }
    }

    /// Somebody said something.
    pub fn say(&mut self, room: RoomKey, name: &str, minutes: u64, text: &str) {
        let message = self.message(room, name, minutes, text);
        let n = self.next_message;
        self.session.apply(Event::Logged { message, n });
    }

    /// A class that breaks ciphers, with Ada as a guest.
    pub fn class_talk(&mut self, room: RoomKey) {
        for name in ["Jonas Weber", "Elif Kaya", "Tomás Ferreira", "Yuki Tanaka"] {
            self.member(room, name, true);
        }
        let talk = [
            ("Mira Sand", 24, "Good morning! Everybody here who should be?"),
            ("Jonas Weber", 23, "Here 👋"),
            (
                "Elif Kaya",
                23,
                "Me too. The seal beside each message is the signature, right?",
            ),
            (
                "Mira Sand",
                22,
                "Exactly. Press it and compare the fingerprint with the one on the author's own screen.",
            ),
            (
                "Mira Sand",
                21,
                "Today's ciphertext:\nLXFOPV EFRNHR LXFOPV EFRNHR",
            ),
            ("Ada Brandt", 17, "It repeats after 12 letters. Vigenère?"),
            (
                "Ada Brandt",
                16,
                "Kasiski gives distances of 12 and 24, so a key of 3, 4, 6 or 12.",
            ),
            ("Tomás Ferreira", 9, "The index of coincidence says 5 🤔"),
            ("Elif Kaya", 8, "Short texts lie. Try LEMON as a crib."),
            ("Ada Brandt", 2, "ATTACK AT DAWN. It was LEMON all along 🍋"),
        ];
        for (name, minutes, text) in talk {
            if name == "Tomás Ferreira" {
                self.member(room, "Priya Nair", false);
            }
            self.say(room, name, minutes, text);
        }
    }
}

/// The window, drawn.
pub fn open(size: [f32; 2], theme: egui::Theme, window: Window) -> WindowHarness {
    let mut harness = builder(size, theme).with_max_steps(30).build_ui_state(
        |ui: &mut egui::Ui, window: &mut Window| {
            let rect = ui.ctx().content_rect();
            // The harness leaves a margin that the application does not have.
            ui.scope_builder(egui::UiBuilder::new().max_rect(rect), |ui| {
                ui.set_clip_rect(rect);
                let commands = window.view.ui(ui, &mut window.session, &CLOCK);
                window.commands.extend(commands);
            });
        },
        window,
    );
    harness.run();
    harness
}

/// The fingerprint of somebody, from the name.
pub fn person(name: &str) -> Fingerprint {
    Fingerprint::of_der(name.as_bytes())
}

/// Somebody who was met in person before, and never compared.
pub fn contact(name: &str) -> Contact {
    Contact {
        fingerprint: person(name),
        name: name.to_owned(),
        first_seen_unix: CLOCK.now_unix - 900_000,
        last_seen_unix: CLOCK.now_unix - 3_600,
        met: MetAs::InPerson,
        verified: None,
        blocked: false,
        change: None,
    }
}

/// The id of a room with this name.
pub fn room_id(name: &str) -> [u8; 32] {
    *person(name).as_bytes()
}

/// Seven emoji.
pub fn sas() -> Sas {
    Sas::new(&person("Ada Brandt"), &person("Mira Sand"), &[4; 32], &[2; 32])
}

/// An invitation of Ada.
pub fn invite(room: &str, expires_unix: Option<u64>) -> Invite {
    let endpoint = |host: &str| Endpoint {
        host: host.to_owned(),
        port: 4747,
    };
    Invite {
        endpoints: ["192.168.1.23", "10.0.0.7", "fd12:3456:789a::23", "127.0.0.1"]
            .map(endpoint)
            .into(),
        room: room.to_owned(),
        host: person("Ada Brandt"),
        secret: cipher_room::crypto::Secret::new([7; 32]),
        expires_unix,
    }
}

fn choice(theme: egui::Theme) -> ThemeChoice {
    match theme {
        egui::Theme::Dark => ThemeChoice::Dark,
        egui::Theme::Light => ThemeChoice::Light,
    }
}
