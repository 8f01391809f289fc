//! The front desk and its threads die of a fault: it is told, and the next command is carried out.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Receiver;

use super::Node;
use crate::net::{Command, Event};

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

fn died(events: &Receiver<Event>) -> String {
    loop {
        if let Event::ThreadDied { name, room: None } = events.recv_timeout(PATIENCE).expect("it is told") {
            return name;
        }
    }
}

#[test]
fn a_fault_in_a_command_is_told_and_the_next_one_is_carried_out() {
    let folder = tempfile::tempdir().unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    for _ in 0..2 {
        node.send(Command::Die).unwrap();
        assert_eq!(died(&events), "front desk");
    }
    drop(events);
}

#[test]
fn work_that_died_keeps_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    let says_where_things_stand = |event: &Event| matches!(event, Event::IdentityMissing { .. });
    assert!(says_where_things_stand(&events.recv_timeout(PATIENCE).unwrap()));
    // Were the desk still busy with the first, the second would not be begun.
    for _ in 0..2 {
        node.send(Command::DieAtWork).unwrap();
        let mut told = [
            events.recv_timeout(PATIENCE).unwrap(),
            events.recv_timeout(PATIENCE).unwrap(),
        ];
        told.sort_by_key(says_where_things_stand);
        assert!(
            matches!(&told[0], Event::ThreadDied { name, .. } if name == "doomed"),
            "{told:?}"
        );
        assert!(says_where_things_stand(&told[1]), "{told:?}");
    }
    drop(events);
}
