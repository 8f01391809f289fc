//! The way back into a room: where it is open already, and what may be forgotten of it.

use super::*;
use crate::net::Alarm;

fn close(session: &mut Session, room: RoomKey) {
    let reason = ClosedReason::Left;
    session.apply(Event::Closed { room, reason });
}

/// What happens to the room before it is closed.
type Change<'a> = &'a dyn Fn(&mut Session, RoomKey);

#[test]
fn a_closed_room_of_which_something_is_in_memory_alone_does_not_give_way() {
    let nothing_kept = || KeptSeen {
        id: [4; 32],
        name: "Den".to_owned(),
        is_own: false,
        host_name: "Bob".to_owned(),
        messages: 0,
        used_unix: 0,
        retention: Retention::Nothing,
    };
    let in_memory: [(&str, Change<'_>); 5] = [
        ("the disk was full", &|session, room| {
            let change = KeepingChange::Stopped("no space".to_owned());
            session.apply(Event::KeepingChanged { room, change });
        }),
        ("nothing of it is kept", &|session, _| {
            session.apply(Event::KeptListed(vec![nothing_kept()]));
        }),
        ("words were not sent", &|session, room| {
            let message = message(room, 1, true);
            session.apply(Event::Written { message });
        }),
        ("an alarm was not put away", &|session, room| {
            let alarm = Alarm::NotClosed;
            session.apply(Event::Alarmed { room, alarm });
        }),
        ("it was recorded", &|session, room| {
            session.room_mut(room).unwrap().wire = Some(Box::default());
        }),
    ];
    for (why, change) in in_memory {
        let (mut session, key) = guest_room(HostTrust::Pinned);
        change(&mut session, key);
        close(&mut session, key);
        assert!(!session.gives_way(key), "{why}");
    }
    let (mut session, key) = guest_room(HostTrust::Pinned);
    assert!(!session.gives_way(key), "it is open");
    close(&mut session, key);
    assert!(session.gives_way(key));
}

#[test]
fn an_address_leads_into_a_room_only_while_it_is_reached_there() {
    let (mut session, key) = guest_room(HostTrust::Pinned);
    let given = |target: &str| target.parse::<JoinTarget>().unwrap();
    let joined = |session: &Session, target: &str| session.joined_with(&given(target)).map(|room| room.key);
    assert_eq!(joined(&session, "192.168.1.20:4747"), Some(key));
    assert_eq!(joined(&session, "192.168.1.20:4748"), None);
    session.apply(Event::Lost {
        room: key,
        reason: ClosedReason::ConnectionLost { reason: None },
        tries: 1,
        next_secs: 2,
    });
    // Its host may have another room there by now.
    assert_eq!(joined(&session, "192.168.1.20:4747"), None);
}

#[test]
fn a_kept_room_that_is_just_being_opened_is_known_by_its_name() {
    let mut session = Session::default();
    let key = session.new_key();
    session.begin_host(&HostRoom {
        key,
        room_name: "Den".to_owned(),
        host_name: "Ada".to_owned(),
        listen: ListenOn {
            address: None,
            port: 4747,
            or_any_port: true,
        },
        admission: Admission {
            open_to_address: false,
            invite_lifetime_secs: None,
        },
    });
    let past = |name: &str, is_own: bool| PastRoom {
        id: [4; 32],
        name: name.to_owned(),
        is_own,
        host_name: "Ada".to_owned(),
        target: None,
        port: 4747,
        used_unix: 0,
    };
    let open_as = |session: &Session, past: &PastRoom| session.open_as(past).map(|room| room.key);
    assert_eq!(open_as(&session, &past("Den", true)), Some(key));
    assert_eq!(open_as(&session, &past("Attic", true)), None);
    assert_eq!(open_as(&session, &past("Den", false)), None);
    let failure = HostFailure::AlreadyOpen;
    session.apply(Event::HostFailed { room: key, failure });
    assert_eq!(open_as(&session, &past("Den", true)), None);
}
