//! Runs that come to a room once more: a second visit, a cut line, the same key from somewhere else.

use cipher_room::protocol::Invite;
use serde_json::Value;

use crate::people::line::{Line, through};
use crate::{ADA, CEM, Running};

fn invite_of(opened: &Value) -> &str {
    opened["invite"].as_str().unwrap()
}

#[test]
fn a_run_whose_key_joins_from_somewhere_else_says_so_and_fails_and_the_other_one_goes_on() {
    let (mut host, opened) = Running::host(&[]);
    let (here, _) = Running::join(ADA, "Ada", invite_of(&opened));
    let (there, _) = Running::join(ADA, "Ada", invite_of(&opened));
    let reason = "this identity joined from somewhere else, so this connection was ended; join again here to go on here";
    assert_eq!(here.until("closed")["reason"], reason);
    assert_eq!(here.end(), (1, vec![format!("cipher-room: {reason}")]));
    host.say("who is here?");
    assert_eq!(there.until("message")["text"], "who is here?");
    assert_eq!(there.end(), (0, vec![]));
}

#[test]
fn a_second_visit_begins_with_joined_and_tells_only_what_is_news() {
    let (mut host, opened) = Running::host(&[]);
    let (mut ada, _) = Running::join(ADA, "Ada", invite_of(&opened));
    let (cem, _) = Running::join(CEM, "Cem", invite_of(&opened));
    ada.until("member_joined");
    ada.say("of the first run");
    while ada.until("delivered")["to"] != 2 {}
    let (code, errors, folder) = ada.end_this_run();
    assert_eq!((code, errors), (0, vec![]));
    cem.until("member_left");
    host.say("while she was away");
    while cem.until("message")["text"] != "while she was away" {}

    let again = ["join", invite_of(&opened), "--name", "Ada", "--json"];
    let mut ada = Running::start_in(folder, &again);
    assert_eq!(ada.next_json()["event"], "joined");
    assert_eq!(ada.until("message")["text"], "while she was away");
    ada.until_notice("That was all: 1 message came while you were away.");
    ada.say("of the second run");
    let id = loop {
        let message = host.until("message");
        if message["text"] == "of the second run" {
            break message["id"].clone();
        }
    };
    // How far the others have what she said before comes first, and was told by the first run.
    loop {
        let delivered = ada.until("delivered");
        assert_eq!(delivered["id"], id);
        if delivered["to"] == 2 {
            break;
        }
    }
    assert_eq!(ada.end(), (0, vec![]));
}

#[test]
fn joined_comes_before_the_warning_of_a_known_name_with_another_key() {
    let (host, opened) = Running::host(&[]);
    let (ada, _) = Running::join(ADA, "Ada", invite_of(&opened));
    host.until("member_joined");
    let (code, errors, folder) = ada.end_this_run();
    assert_eq!((code, errors), (0, vec![]));
    assert_eq!(host.end().0, 0);

    let posing = ["host", "--listen", "127.0.0.1:0", "--name", "Bob", "--json"];
    let other = Running::start(CEM, &posing);
    let opened = other.next_json();
    let again = ["join", invite_of(&opened), "--name", "Ada", "--json"];
    let ada = Running::start_in(folder, &again);
    assert_eq!(ada.next_json()["event"], "joined");
    let warning = ada.until("notice");
    assert_eq!(warning["level"], "warning");
    let text = warning["text"].as_str().unwrap();
    assert!(text.contains("you knew \"Bob\" with another key"), "{text}");
    assert_eq!(ada.end(), (0, vec![]));
}

#[test]
fn who_is_cut_off_is_not_told_that_somebody_else_is_away() {
    let (_host, opened) = Running::host(&[]);
    let invite: Invite = invite_of(&opened).parse().unwrap();
    let line = Line::to(invite.endpoints[0].port);
    let (cem, _) = Running::join(CEM, "Cem", invite_of(&opened));
    let (mut ada, _) = Running::join(ADA, "Ada", &through(&invite, &line));
    ada.say("/private Cem one");
    ada.until("private_delivered");
    line.swallow();
    ada.say("/private Cem two, and she does not hear that it arrives");
    cem.until("private_message");
    cem.until("private_message");
    line.cut();
    line.mend();
    let mut notices = Vec::new();
    // The other end says so again in the next channel.
    loop {
        let told = ada.next_json();
        match told["event"].as_str().unwrap() {
            "notice" => notices.push(told["text"].as_str().unwrap().to_owned()),
            "private_delivered" => break,
            _ => {}
        }
    }
    assert!(
        notices.iter().any(|text| text.contains("is tried again")),
        "{notices:?}"
    );
    assert!(
        !notices.iter().any(|text| text.contains("is away")),
        "{notices:?}"
    );
}
