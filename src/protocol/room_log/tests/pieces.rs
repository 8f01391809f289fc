//! Rosters, and what a host let go of, of more people than one piece holds.

use super::crowd::strangers;
use super::*;
use crate::protocol::body::LetGo;
use crate::protocol::limits::MAX_ROSTER_PIECE;

/// A log that knows so many people beside Bob and Ada, who never said anything.
fn crowded(room: &Room, others: usize) -> RoomLog {
    let mut log = room.member();
    log.take_roster(Roster {
        members: strangers(0..others),
        ..roster_of(room)
    })
    .unwrap();
    log
}

#[test]
fn a_roster_comes_in_pieces_of_up_to_64_and_all_but_the_last_say_that_more_follow() {
    let room = Room::new();
    for (people, lengths) in [(64, vec![(64, false)]), (65, vec![(64, true), (1, false)])] {
        let log = crowded(&room, people - 2);
        let pieces = log.roster();
        let found: Vec<_> = pieces
            .iter()
            .map(|piece| (piece.members.len(), piece.more))
            .collect();
        assert_eq!(found, lengths);
        let mut member = RoomLog::join(ROOM, room.host.public().clone());
        pieces
            .into_iter()
            .for_each(|piece| member.take_roster(piece).unwrap());
        assert_eq!(member.members().count(), people);
    }
}

/// What a host with 65 people lets go of behind the end of `member`'s log, in two pieces.
fn two_pieces(room: &Room) -> [LetGo; 2] {
    let log = crowded(room, MAX_ROSTER_PIECE - 1);
    let pieces = log.let_go(room.log.n() + 5, [3; 32]);
    pieces.try_into().unwrap()
}

#[test]
fn what_was_let_go_is_told_with_the_last_piece() {
    let room = Room::new();
    let [first, last] = two_pieces(&room);
    assert_eq!((first.members.len(), first.more), (64, true));
    assert_eq!((last.members.len(), last.more), (1, false));
    let mut member = away(&room);
    assert_eq!(member.take_let_go(first.clone()), Ok(None));
    let told = NotKept {
        from: room.log.n() + 1,
        to: room.log.n() + 5,
    };
    assert_eq!(member.take_let_go(last.clone()), Ok(Some(told)));
    assert_eq!(member.members().count(), 2, "nobody new is here yet");
    assert_eq!(member.awaited().count(), 65);
    // It is over: the same once more would let go of what is there.
    let again = EntryFault::LetGo { n: last.n };
    assert_eq!(member.take_let_go(last), Err(again));
}

#[test]
fn pieces_of_what_was_let_go_agree() {
    let room = Room::new();
    let [first, last] = two_pieces(&room);
    let other_n = LetGo {
        n: last.n + 1,
        ..last.clone()
    };
    let other_head = LetGo {
        head: [4; 32],
        ..last
    };
    for other in [other_n, other_head] {
        let mut member = away(&room);
        member.take_let_go(first.clone()).unwrap();
        assert_eq!(member.take_let_go(other), Err(EntryFault::Roster));
    }
}

#[test]
fn behind_what_was_let_go_a_roster_may_tell_of_later_chains_and_never_of_others() {
    let mut room = Room::new();
    for text in ["one", "two"] {
        room.by_ada(message(text)).unwrap();
    }
    let told = |seq: u64, last: u8| {
        let mut member = away(&room);
        let n = room.log.n() + 5;
        for piece in room.log.let_go(n, [3; 32]) {
            member.take_let_go(piece).unwrap();
        }
        let mut ada = room.log.introduction(room.ada.public(), "Ada");
        (ada.seq, ada.last) = (seq, [last; 32]);
        member
            .take_roster(Roster {
                n,
                head: [3; 32],
                members: vec![ada],
                ..roster_of(&room)
            })
            .unwrap();
        member.take_break()
    };
    let author = room.ada.fingerprint();
    assert_eq!(told(3, 9), None);
    assert_eq!(told(2, 9), Some(LogBreak::Chain { author }));
    assert_eq!(told(1, 9), Some(LogBreak::Chain { author }));
}
