//! What is older than its room keeps goes, at the opening and while the program runs; where it does not, that is told.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use crossbeam_channel::{Receiver, bounded};

use super::Node;
use crate::crypto::Identity;
use crate::crypto::test_keys::ADA;
use crate::net::keep::tests::{ROOM, kept_room, row};
use crate::net::rehearsal::wait_for;
use crate::net::{Command, Event, Loss};
use crate::protocol::Content;
use crate::store::{KeptRole, KeptRoom, LogRow, Profile, Retention, Settings, Table};

const OTHER: [u8; 32] = [8; 32];

/// A profile with two rooms of old messages that are kept for a week. In the one that was used last, and so stands first in
/// every list, nobody can read how far its log goes.
fn make_profile(folder: &Path) {
    let ada = Identity::from_pem(ADA).unwrap();
    let vault = Profile::open(folder).unwrap().create(None).unwrap();
    vault.keep_identity(&ada, &Settings::default()).unwrap();
    let den = KeptRoom {
        retention: Retention::Days(7),
        ..kept_room(ada.public(), KeptRole::Member)
    };
    let attic = KeptRoom {
        id: OTHER,
        name: "Attic".to_owned(),
        used_unix: 9,
        ..den.clone()
    };
    let rows: Vec<LogRow> = (1..=3)
        .map(|n| row(n, Content::Message { text: n.to_string() }))
        .collect();
    vault
        .write(|writing| {
            for room in [&den, &attic] {
                writing.keep_room(room)?;
                writing.append(&room.id, None, &rows)?;
            }
            writing.damage(Table::Extents, &OTHER)
        })
        .unwrap();
}

/// The next thing that is told not to be as the user wants it kept.
fn not_kept(events: &Receiver<Event>) -> String {
    wait_for(events, |event| match event {
        Event::NotKept { reason } => Some(reason),
        _ => None,
    })
}

fn names_the_attic(told: &str) -> bool {
    told.starts_with("Messages in Attic that should be gone by now could not all be deleted")
}

#[test]
fn what_grew_old_goes_while_the_program_runs_too() {
    let folder = tempfile::tempdir().unwrap();
    make_profile(folder.path());
    let (due, prunes) = bounded(1);
    let (node, events) = Node::start_pruning(folder.path().to_owned(), Arc::new(|| {}), prunes).unwrap();
    let told = not_kept(&events);
    assert!(names_the_attic(&told), "{told}");
    due.send(Instant::now()).unwrap();
    let told = not_kept(&events);
    assert!(names_the_attic(&told), "{told}");
    node.send(Command::Doom("prune")).unwrap();
    node.send(Command::ListKept).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::KeptListed(_)).then_some(())
    });
    due.send(Instant::now()).unwrap();
    let died = wait_for(&events, |event| match event {
        Event::ThreadDied { name, loss } => Some((name, loss)),
        _ => None,
    });
    assert_eq!(died, ("prune".to_owned(), Loss::Task));
    let told = not_kept(&events);
    assert!(told.contains("could not be deleted"), "{told}");
    drop(events);
}

#[test]
fn a_room_of_which_the_old_could_not_go_is_named_and_keeps_no_other_from_it() {
    let folder = tempfile::tempdir().unwrap();
    make_profile(folder.path());
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    let told = not_kept(&events);
    assert!(names_the_attic(&told), "{told}");
    node.send(Command::SetRetention {
        room: OTHER,
        retention: Retention::Nothing,
    })
    .unwrap();
    let told = not_kept(&events);
    assert!(names_the_attic(&told), "{told}");
    let listed = wait_for(&events, |event| match event {
        Event::KeptListed(rooms) => Some(rooms),
        _ => None,
    });
    let messages: Vec<_> = listed.iter().map(|room| (room.id, room.messages)).collect();
    assert_eq!(messages, [(OTHER, 0), (ROOM, 0)]);
    drop(events);
}
