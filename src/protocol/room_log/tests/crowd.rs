//! A host names more people than a room can have: a member takes no more of them than its memory bears.

use std::ops::Range;

use super::*;
use crate::protocol::body::{LetGo, MemberEntry};
use crate::protocol::limits::{MAX_KNOWN, MAX_MEMBERS, MAX_ROSTER_PIECE};

/// People who say nothing: keys that nobody holds, of the right form.
pub(super) fn strangers(numbers: Range<usize>) -> Vec<MemberEntry> {
    let ada = Identity::from_pem(ADA).unwrap().public().as_der().to_vec();
    let stranger = |number: usize| {
        let mut identity = ada.clone();
        // In the middle of the modulus.
        identity[100..108].copy_from_slice(&(number as u64).to_be_bytes());
        MemberEntry {
            identity,
            name: String::new(),
            seq: 0,
            last: [0; 32],
        }
    };
    numbers.map(stranger).collect()
}

/// A piece of a roster that goes on.
fn piece(members: Vec<MemberEntry>) -> Roster {
    Roster {
        n: 0,
        head: [0; 32],
        members,
        more: true,
        read_only: false,
        muted: Vec::new(),
    }
}

#[test]
fn a_roster_without_end_is_refused_at_the_number_that_a_room_can_have() {
    let host = Identity::from_pem(BOB).unwrap();
    let mut log = RoomLog::join([1; 32], host.public().clone());
    for members in strangers(0..MAX_MEMBERS).chunks(MAX_ROSTER_PIECE) {
        assert_eq!(log.take_roster(piece(members.to_vec())), Ok(()));
    }
    let one_more = log.take_roster(piece(strangers(MAX_MEMBERS..MAX_MEMBERS + 1)));
    assert_eq!(one_more, Err(EntryFault::TooMany));
    assert_eq!(log.members().count(), MAX_MEMBERS);
}

#[test]
fn people_without_end_whom_a_host_let_go_of_are_refused_too() {
    let host = Identity::from_pem(BOB).unwrap();
    let mut log = RoomLog::join([1; 32], host.public().clone());
    let piece = |members| LetGo {
        n: 7,
        head: [9; 32],
        members,
        more: true,
    };
    // Who is named again is known already, and reckoned before anything is read.
    let few = strangers(0..MAX_ROSTER_PIECE);
    let again = |count| few.iter().cycle().take(count).cloned().collect();
    assert_eq!(log.take_let_go(piece(few.clone())), Ok(None));
    let most = MAX_KNOWN - MAX_ROSTER_PIECE;
    let one_more = log.take_let_go(piece(again(most + 1)));
    assert_eq!(one_more, Err(EntryFault::TooMany));
    // So many may come, and are read: the first of these has no key.
    let mut members: Vec<MemberEntry> = again(most);
    members[0].identity.clear();
    assert_eq!(log.take_let_go(piece(members)), Err(EntryFault::Roster));
}

#[test]
fn nobody_new_is_admitted_where_as_many_are_known_as_can_be_and_the_log_goes_on() {
    let mut room = Room::new();
    let mut member = room.member();
    member.fill(0);
    let named = |mut new: MemberEntry| {
        new.name = "Zoe".to_owned();
        new
    };
    let new = named(strangers(0..1).remove(0));
    let admission = room.by_host(Content::Admitted(new)).unwrap();
    let refused = EntryFault::Event {
        fault: EventFault::TooMany,
        author: Some(room.host.fingerprint()),
    };
    assert_eq!(member.receive(admission), Err(refused));
    assert_eq!(member.authors.len(), MAX_KNOWN);
    // The host's next event follows on, and whoever is known comes in again.
    let said = room.by_host(message("still here")).unwrap();
    assert!(member.receive(said).is_ok());
    let again = room.log.introduction(room.ada.public(), "Ada");
    let again = room.by_host(Content::Admitted(again)).unwrap();
    assert!(member.receive(again).is_ok());
    // A host doesn't even write it.
    room.log.fill(0);
    let new = named(strangers(1..2).remove(0));
    let refused = room.by_host(Content::Admitted(new)).err();
    assert_eq!(refused, Some(EventFault::TooMany));
}

#[test]
fn rosters_that_name_others_each_time_add_up_to_as_many_as_can_be_known() {
    let host = Identity::from_pem(BOB).unwrap();
    let mut log = RoomLog::join(ROOM, host.public().clone());
    log.fill(1);
    let members = strangers(0..2);
    assert_eq!(log.take_roster(piece(members[..1].to_vec())), Ok(()));
    log.come_back();
    assert_eq!(
        log.take_roster(piece(members[..1].to_vec())),
        Ok(()),
        "known by now"
    );
    log.come_back();
    assert_eq!(log.take_roster(piece(members)), Err(EntryFault::TooMany));
    assert_eq!(log.authors.len(), MAX_KNOWN);
}
