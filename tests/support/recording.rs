//! A room whose connection was recorded: that of the worked example.

use cipher_room::crypto::Secret;
use cipher_room::inspect::{Drawn, Piece};
use cipher_room::net::{Event, Message, MessageId, RoomKey};
use cipher_room::protocol::handshake::Role;
use cipher_room::store::HostTrust;
use egui::Theme;
use serde_json::Value;

use super::scene::{CLOCK, Window, person};

/// What the button says that leads to it.
pub const INSIDE: &str = "Look inside: this connection is recorded";

pub fn example() -> Value {
    serde_json::from_str(include_str!("../vectors/worked_example.json")).unwrap()
}

pub fn bytes(value: &Value) -> Vec<u8> {
    let digits = value.as_str().unwrap();
    (0..digits.len() / 2)
        .map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

fn secret(value: &Value) -> Secret {
    Secret::new(bytes(value).try_into().unwrap())
}

/// What the guest of the worked example would have recorded.
pub fn recording() -> Vec<Piece> {
    let example = example();
    let drawn = &example["drawn"];
    let own: Vec<u8> = ["nG", "guest_x25519_private", "guest_mlkem_seed"]
        .iter()
        .flat_map(|name| bytes(&drawn[name]))
        .collect();
    let at = |n: u64| (CLOCK.now_unix - 3600) * 1000 + n * 40;
    let mut pieces = vec![
        Piece::Began {
            role: Role::Guest,
            psk: secret(&drawn["psk"]),
            local: "192.168.1.31:51624".parse().unwrap(),
            peer: "192.168.1.20:4747".parse().unwrap(),
        },
        Piece::Drew(Drawn::known(own)),
        Piece::Session(secret(&drawn["sH"])),
    ];
    let frames = ["M1", "M2", "M3", "M4", "M5"].map(|name| bytes(&example["frames"][name]));
    let records = example["records"].as_array().unwrap();
    let records = records.iter().map(|record| bytes(&record["frame"]));
    let sent = [true, false, true, false, true, false, true, false, false];
    for (n, (bytes, sent)) in frames.into_iter().chain(records).zip(sent).enumerate() {
        pieces.push(Piece::Frame {
            at_ms: at(n as u64),
            sent,
            bytes,
        });
    }
    pieces
}

/// A room with the recording, and the message of the worked example in its conversation.
pub fn recorded(theme: Theme) -> (Window, RoomKey) {
    let mut window = Window::of_ada(theme);
    let room = window.join("Den", HostTrust::Pinned);
    for piece in recording() {
        window.session.apply(Event::WireRecorded {
            room,
            guest: None,
            piece,
        });
    }
    let id = bytes(&example()["events"][1]["hash"]).try_into().unwrap();
    let message = Message {
        room,
        id: MessageId(id),
        author: person("Ada Brandt"),
        name: "Ada Brandt".to_owned(),
        text: "the message of the example".to_owned(),
        time_ms: CLOCK.now_unix * 1000,
        own: true,
    };
    window.session.apply(Event::Logged { message, n: 2 });
    (window, room)
}
