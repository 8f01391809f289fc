//! What is asked of the front desk while a thread of it is busy: it is refused in words, or done afterwards.

use crossbeam_channel::{Receiver, Sender, bounded};

use super::Node;
use super::deaths::ada;
use crate::crypto::Passphrase;
use crate::net::rehearsal::wait_for;
use crate::net::{Command, Event};

/// Has a thread of the desk work until what this gives is dropped.
fn keep_busy(node: &Node) -> Sender<()> {
    let (hold, over) = bounded(0);
    node.send(Command::WorkUntil(over)).unwrap();
    hold
}

/// How the next work with a file ends.
fn file_outcome(events: &Receiver<Event>) -> Result<String, String> {
    wait_for(events, |event| match event {
        Event::FileDone { text, .. } => Some(Ok(text)),
        Event::FileFailed { reason } => Some(Err(reason)),
        _ => None,
    })
}

fn set_passphrase(node: &Node) {
    node.send(Command::ChangePassphrase {
        current: None,
        new: Some(Passphrase::new("orbit velvet")),
    })
    .unwrap();
}

#[test]
fn what_is_asked_for_while_something_is_written_is_refused_in_words_and_done_when_asked_again() {
    let (events, node, folder) = ada();
    let path = folder.path().join("public-key.pem");
    let export = Command::ExportPublicKey { path: path.clone() };
    let busy = keep_busy(&node);
    node.send(export.clone()).unwrap();
    let refused = file_outcome(&events).unwrap_err();
    assert!(refused.contains("try again when that is done"), "{refused}");
    set_passphrase(&node);
    wait_for(&events, |event| {
        matches!(event, Event::PassphraseNotChanged { .. }).then_some(())
    });
    drop(busy);
    assert_eq!(file_outcome(&events).unwrap(), "The work is done.");
    assert!(!path.exists());
    node.send(export).unwrap();
    file_outcome(&events).unwrap();
    assert!(path.exists());
    drop(events);
}

#[test]
fn a_profile_that_is_to_be_locked_while_something_is_written_is_locked_when_that_is_done() {
    let (events, node, _folder) = ada();
    set_passphrase(&node);
    wait_for(&events, |event| match event {
        Event::ProtectionChanged { has_passphrase } => has_passphrase.then_some(()),
        _ => None,
    });
    let busy = keep_busy(&node);
    node.send(Command::Lock).unwrap();
    // Told at once, so that nothing is shown until then.
    wait_for(&events, |event| matches!(event, Event::Locking).then_some(()));
    // Refused after the wish to lock was heard: the work was not over then.
    set_passphrase(&node);
    wait_for(&events, |event| {
        assert!(!matches!(event, Event::Locked { .. }), "a key is in use");
        matches!(event, Event::PassphraseNotChanged { .. }).then_some(())
    });
    drop(busy);
    file_outcome(&events).unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::Locked { .. }).then_some(())
    });
    drop(events);
}

#[test]
fn a_profile_whose_passphrase_is_taken_away_while_it_is_to_be_locked_is_ready_again() {
    let (events, node, _folder) = ada();
    set_passphrase(&node);
    wait_for(&events, |event| match event {
        Event::ProtectionChanged { has_passphrase } => has_passphrase.then_some(()),
        _ => None,
    });
    node.send(Command::ChangePassphrase {
        current: Some(Passphrase::new("orbit velvet")),
        new: None,
    })
    .unwrap();
    node.send(Command::Lock).unwrap();
    wait_for(&events, |event| matches!(event, Event::Locking).then_some(()));
    wait_for(&events, |event| {
        assert!(!matches!(event, Event::Locked { .. }), "nobody could unlock it");
        matches!(event, Event::IdentityReady { .. }).then_some(())
    });
    drop(events);
}
