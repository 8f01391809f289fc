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

#[test]
fn a_roster_without_end_is_refused_at_the_number_that_a_room_can_have() {
    let host = Identity::from_pem(BOB).unwrap();
    let mut log = RoomLog::join([1; 32], host.public().clone());
    let piece = |members| Roster {
        n: 0,
        head: [0; 32],
        members,
        more: true,
        read_only: false,
        muted: Vec::new(),
    };
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
