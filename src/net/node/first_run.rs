//! A profile that has a passphrase and no key: its first run died before the key was kept, or the key is damaged.

use std::path::PathBuf;
use std::sync::Arc;

use super::Node;
use crate::crypto::Passphrase;
use crate::net::rehearsal::wait_for;
use crate::net::{Command, Event};
use crate::store::Profile;

const PASSPHRASE: &str = "orbit velvet";

#[test]
fn a_locked_profile_without_a_key_gets_one_and_keeps_its_passphrase() {
    let folder = tempfile::tempdir().unwrap();
    let passphrase = Passphrase::new(PASSPHRASE);
    Profile::open(folder.path())
        .unwrap()
        .create(Some(&passphrase))
        .unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    let unlock = || {
        let passphrase = Passphrase::new(PASSPHRASE);
        node.send(Command::Unlock { passphrase }).unwrap();
    };
    wait_for(&events, |event| {
        matches!(event, Event::Locked { .. }).then_some(())
    });
    unlock();
    wait_for(&events, |event| {
        matches!(event, Event::IdentityMissing { .. }).then_some(())
    });
    // Where a backup is asked for instead, that is answered too.
    node.send(Command::Restore {
        path: PathBuf::from("backup"),
        passphrase: Passphrase::new("another one"),
    })
    .unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::FileFailed { .. }).then_some(())
    });
    node.send(Command::CreateIdentity {
        name: "Ada".to_owned(),
        passphrase: Some(Passphrase::new("another one")),
    })
    .unwrap();
    let ready = |event: Event| match event {
        Event::ProfileFailed { reason, .. } => panic!("{reason}"),
        Event::IdentityReady { fingerprint, .. } => Some(fingerprint),
        _ => None,
    };
    let made = wait_for(&events, ready);
    node.send(Command::Lock).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::Locked { .. }).then_some(())
    });
    unlock();
    assert_eq!(wait_for(&events, ready), made);
    drop(events);
}
