//! A guest's thread dies by a panic: it is told, the host hears that the guest is gone, and the guest comes back with
//! all that it had.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crossbeam_channel::{Receiver, bounded};
use tempfile::TempDir;

use super::{GuestContext, GuestHandle, Wish, WrapKeyCell, join};
use crate::crypto::test_keys::{ADA_WRAP, BOB};
use crate::crypto::{Identity, WrapKey};
use crate::net::keep::Shelf;
use crate::net::thread::Teller;
use crate::net::{Admission, Command, Event, HostRoom, JoinRoom, ListenOn, Look, Node, RoomKey};
use crate::store::{Contacts, Profile, Vault};

/// What the thread does.
pub fn die() -> ! {
    panic!("on purpose")
}

/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);
const KEY: RoomKey = RoomKey(1);

fn wait_for<T>(events: &Receiver<Event>, mut pick: impl FnMut(Event) -> Option<T>) -> T {
    loop {
        let event = events.recv_timeout(PATIENCE).expect("an event in time");
        if let Some(found) = pick(event) {
            return found;
        }
    }
}

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
    node.send(Command::HostRoom(HostRoom {
        key: KEY,
        room_name: "Den".to_owned(),
        host_name: "Ada".to_owned(),
        listen: ListenOn {
            address: Some([127, 0, 0, 1].into()),
            port: 0,
            or_any_port: true,
        },
        admission: Admission {
            open_to_address: false,
            invite_lifetime_secs: None,
        },
    }))
    .unwrap();
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

/// Bob comes in with what is kept in this vault.
fn come_in(host: &Host, vault: &Vault) -> (GuestHandle, Receiver<Event>) {
    let (tell, events) = bounded(1024);
    let (met, _) = bounded(8);
    let wish = JoinRoom {
        key: KEY,
        target: host.invitation.parse().unwrap(),
        name: "Bob".to_owned(),
        is_trial: false,
    };
    let context = GuestContext {
        identity: Arc::new(Identity::from_pem(BOB).unwrap()),
        wrap: Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap())),
        contacts: Arc::new(Mutex::new(Contacts::default())),
        shelf: Shelf::new(vault.clone()),
        met,
        look: Look::default(),
        waker: Arc::default(),
        go_on: None,
        teller: Teller::new(tell, Arc::new(|| {})),
    };
    let guest = join(wish, context, None).unwrap();
    wait_for(&events, |event| matches!(event, Event::Joined(_)).then_some(()));
    (guest, events)
}

fn die_and_be_told(guest: GuestHandle, events: &Receiver<Event>) {
    assert!(guest.wish(Wish::Die).is_ok());
    let (name, room) = wait_for(events, |event| match event {
        Event::ThreadDied { name, room } => Some((name, room)),
        _ => None,
    });
    assert_eq!((name.as_str(), room), ("guest", Some(KEY)));
    guest.thread.join().unwrap();
}

#[test]
fn a_guest_whose_thread_died_is_gone_for_the_others_and_comes_back_with_what_it_said() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    let vault = Profile::open(folder.path()).unwrap().create(None).unwrap();
    let (guest, events) = come_in(&host, &vault);
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
    let (guest, events) = come_in(&host, &vault);
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
