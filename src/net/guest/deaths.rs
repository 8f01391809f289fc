//! Each of a guest's threads dies by a panic: it is told, and what goes on without it does. Where that is nothing, the
//! host hears that the guest is gone, and the guest comes back with all that it had.

use std::sync::{Arc, Mutex};

use crossbeam_channel::{Receiver, bounded};
use tempfile::TempDir;

use super::{GuestContext, GuestHandle, Wish, WrapKeyCell, join};
use crate::crypto::test_keys::{ADA_WRAP, BOB};
use crate::crypto::{Identity, WrapKey};
use crate::net::keep::Shelf;
use crate::net::rehearsal::{room_on_loopback, wait_for};
use crate::net::thread::Teller;
use crate::net::{ClosedReason, Command, Event, JoinCause, JoinRoom, Look, Loss, Node, RoomKey};
use crate::protocol::JoinTarget;
use crate::store::{Contacts, Profile, Vault};

/// What the thread does.
pub fn die() -> ! {
    panic!("on purpose")
}

const KEY: RoomKey = RoomKey(1);

/// Ada's room, with its invitation.
struct Host {
    events: Receiver<Event>,
    _node: Node,
    invitation: String,
    _folder: TempDir,
}

fn host() -> Host {
    let folder = tempfile::tempdir().unwrap();
    let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
    node.send(Command::CreateIdentity {
        name: "Ada".to_owned(),
        passphrase: None,
    })
    .unwrap();
    wait_for(&events, |event| {
        matches!(event, Event::IdentityReady { .. }).then_some(())
    });
    node.send(Command::HostRoom(room_on_loopback(KEY))).unwrap();
    let invitation = wait_for(&events, |event| match event {
        Event::RoomOpened(opened) => Some(opened.invite.to_string()),
        _ => None,
    });
    Host {
        events,
        _node: node,
        invitation,
        _folder: folder,
    }
}

/// What Bob wishes who wants to go there.
pub(super) fn wish(target: JoinTarget) -> JoinRoom {
    JoinRoom {
        key: KEY,
        target,
        name: "Bob".to_owned(),
        is_trial: false,
    }
}

/// What Bob has of the program, with this vault, and what he is told.
pub(super) fn bob(vault: &Vault) -> (GuestContext, Receiver<Event>) {
    let (tell, events) = bounded(1024);
    let (met, _) = bounded(8);
    let context = GuestContext {
        identity: Arc::new(Identity::from_pem(BOB).unwrap()),
        wrap: Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap())),
        contacts: Arc::new(Mutex::new(Contacts::default())),
        shelf: Shelf::new(vault.clone()),
        met,
        look: Look::default(),
        waker: Arc::default(),
        go_on: None,
        tell_rooms: Arc::new(|| {}),
        teller: Teller::new(tell, Arc::new(|| {})),
    };
    (context, events)
}

/// Bob sets out with what is kept in this vault; the next threads of these names die.
fn set_out(target: JoinTarget, vault: &Vault, doomed: &[&'static str]) -> (GuestHandle, Receiver<Event>) {
    let (context, events) = bob(vault);
    doomed.iter().for_each(|name| context.teller.doom(name));
    (join(wish(target), context, None).unwrap(), events)
}

/// Bob is in the room.
fn come_in(host: &Host, vault: &Vault, doomed: &[&'static str]) -> (GuestHandle, Receiver<Event>) {
    let (guest, events) = set_out(host.invitation.parse().unwrap(), vault, doomed);
    wait_for(&events, |event| matches!(event, Event::Joined(_)).then_some(()));
    (guest, events)
}

fn new_vault() -> (Vault, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let vault = Profile::open(folder.path()).unwrap().create(None).unwrap();
    (vault, folder)
}

fn died(event: Event) -> Option<(String, Loss)> {
    match event {
        Event::ThreadDied { name, loss } => Some((name, loss)),
        _ => None,
    }
}

fn die_and_be_told(guest: GuestHandle, events: &Receiver<Event>) {
    assert!(guest.wish(Wish::Die).is_ok());
    assert_eq!(wait_for(events, died), ("guest".to_owned(), Loss::Room(KEY)));
    guest.thread.join().unwrap();
}

#[test]
fn a_guest_whose_thread_died_is_gone_for_the_others_and_comes_back_with_what_it_said() {
    let host = host();
    let (vault, _folder) = new_vault();
    let (guest, events) = come_in(&host, &vault, &[]);
    assert!(guest.say("logged".to_owned()).is_ok());
    wait_for(&events, |event| {
        matches!(event, Event::Logged { .. }).then_some(())
    });
    assert!(guest.say("written".to_owned()).is_ok());
    wait_for(&events, |event| {
        matches!(event, Event::Written { .. }).then_some(())
    });
    die_and_be_told(guest, &events);
    let mut heard = Vec::new();
    wait_for(&host.events, |event| match event {
        Event::MemberLeft { .. } => Some(()),
        Event::Logged { message, .. } => {
            heard.push(message.text);
            None
        }
        _ => None,
    });
    let (guest, events) = come_in(&host, &vault, &[]);
    assert!(guest.say("after".to_owned()).is_ok());
    wait_for(&events, |event| match event {
        Event::Logged { message, .. } => (message.text == "after").then_some(()),
        _ => None,
    });
    wait_for(&host.events, |event| match event {
        Event::Logged { message, .. } => {
            heard.push(message.text);
            (heard.last()? == "after").then_some(())
        }
        _ => None,
    });
    assert_eq!(heard, ["logged", "written", "after"]);
    drop((host.events, guest));
}

#[test]
fn an_attempt_that_died_leaves_the_door_to_the_others() {
    let host = host();
    let (vault, _folder) = new_vault();
    let mut target: JoinTarget = host.invitation.parse().unwrap();
    let JoinTarget::Invite(invite) = &mut target else {
        panic!("it is an invitation");
    };
    invite.endpoints.push(invite.endpoints[0].clone());
    let (guest, events) = set_out(target, &vault, &["attempt"]);
    let (mut lost, mut joined) = (None, false);
    wait_for(&events, |event| {
        joined |= matches!(event, Event::Joined(_));
        lost = died(event).or(lost.take());
        (lost.is_some() && joined).then_some(())
    });
    assert_eq!(lost, Some(("attempt".to_owned(), Loss::Task)));
    drop((host.events, guest));
}

#[test]
fn where_all_that_tries_dies_nobody_is_told_that_the_host_does_not_listen() {
    let host = host();
    let (vault, _folder) = new_vault();
    for doomed in ["attempt", "reach"] {
        let (guest, events) = set_out(host.invitation.parse().unwrap(), &vault, &[doomed]);
        // Either may be told first.
        let (mut lost, mut cause) = (None, None);
        while lost.is_none() || cause.is_none() {
            wait_for(&events, |event| match event {
                Event::JoinFailed { failure, .. } => cause.replace(failure.cause).map_or(Some(()), |_| None),
                event => died(event).map(|dead| lost = Some(dead)),
            });
        }
        assert_eq!(lost, Some((doomed.to_owned(), Loss::Task)));
        assert_eq!(cause, Some(JoinCause::Fault), "{doomed}");
        guest.thread.join().unwrap();
    }
    drop(host.events);
}

#[test]
fn a_guest_whose_signer_died_leaves_with_a_reason_and_comes_back() {
    let host = host();
    let (vault, _folder) = new_vault();
    let (guest, events) = come_in(&host, &vault, &["guest-signer"]);
    assert!(guest.say("unsigned".to_owned()).is_ok());
    let mut lost = None;
    let reason = wait_for(&events, |event| match event {
        Event::Closed { reason, .. } => Some(reason),
        event => {
            lost = died(event).or(lost.take());
            None
        }
    });
    assert!(
        matches!(&reason, ClosedReason::Broken { reason } if reason.contains("signs died")),
        "{reason}"
    );
    let lost = lost.unwrap_or_else(|| wait_for(&events, died));
    assert_eq!(lost, ("guest-signer".to_owned(), Loss::Room(KEY)));
    guest.thread.join().unwrap();
    let (guest, events) = come_in(&host, &vault, &[]);
    assert!(guest.say("signed".to_owned()).is_ok());
    wait_for(&events, |event| match event {
        Event::Logged { message, .. } => (message.text == "signed").then_some(()),
        _ => None,
    });
    drop((host.events, guest));
}
