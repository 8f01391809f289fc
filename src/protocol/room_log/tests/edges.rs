//! What is let through at a limit, and what is refused one beyond it.

use super::*;
use crate::crypto::Digest;
use crate::protocol::body::LetGo;
use crate::protocol::limits::MAX_COUNT;

/// An event of Ada's with any numbers, as it crosses.
fn numbered(room: &Room, seq: u64, seen: u64) -> Result<SignedEvent, EventFault> {
    let (bytes, statement) =
        OwnChain::default().write(&room.log, room.ada.fingerprint(), 5, message("numbers"));
    let mut event: RoomEvent = body::decode(&bytes).unwrap();
    (event.seq, event.seen) = (seq, seen);
    SignedEvent::decode(body::encode(&event), sign(&room.ada, &statement))
}

fn let_go(room: &Room, n: u64, head: Digest) -> LetGo {
    let mut pieces = room.log.let_go(n, head);
    assert_eq!(pieces.len(), 1);
    // Where anybody's chain stands is not for the host to say.
    assert!(
        pieces[0]
            .members
            .iter()
            .all(|member| (member.seq, member.last) == (0, [0; 32]))
    );
    pieces.remove(0)
}

/// Ada's event with a number of its own, following whatever hash.
fn by_ada_at(room: &Room, member: &RoomLog, seq: u64) -> Entry {
    let mut chain = OwnChain {
        seq: seq - 1,
        last: [7; 32],
    };
    let (event, statement) = chain.write(member, room.ada.fingerprint(), 5, message("later"));
    Entry {
        n: member.n() + 1,
        event,
        signature: sign(&room.ada, &statement),
    }
}

#[test]
fn numbers_up_to_the_largest_are_read_and_no_larger_ones() {
    let room = Room::new();
    for (seq, seen) in [(1, 1), (MAX_COUNT, 1), (1, MAX_COUNT), (MAX_COUNT, MAX_COUNT)] {
        let event = numbered(&room, seq, seen).unwrap().event;
        assert_eq!((event.seq, event.seen), (seq, seen));
    }
    for (seq, seen) in [(MAX_COUNT + 1, 1), (1, MAX_COUNT + 1), (u64::MAX, u64::MAX)] {
        assert_eq!(numbered(&room, seq, seen).err(), Some(EventFault::Malformed));
    }
}

#[test]
fn somebody_is_introduced_with_a_chain_of_up_to_the_largest_number() {
    let room = Room::new();
    for (seq, known) in [(MAX_COUNT, true), (MAX_COUNT + 1, false), (u64::MAX, false)] {
        let mut roster = roster_of(&room);
        roster.members.iter_mut().for_each(|member| member.seq = seq);
        let mut member = RoomLog::join(ROOM, room.host.public().clone());
        assert_eq!(member.take_roster(roster).is_ok(), known, "{seq}");
    }
}

#[test]
fn a_gap_ends_at_the_largest_number_at_most() {
    let room = Room::new();
    for (n, is_gap) in [
        (room.log.n() + 1, false),
        (room.log.n() + 2, true),
        (MAX_COUNT, true),
        (MAX_COUNT + 1, false),
        (u64::MAX, false),
    ] {
        let mut member = room.member();
        assert_eq!(member.go_on_behind_gap(n), is_gap, "{n}");
        let newest = if is_gap { n - 1 } else { room.log.n() };
        assert_eq!((member.n(), member.knows_head()), (newest, !is_gap));
    }
}

#[test]
fn a_head_inside_a_gap_is_no_fault_and_one_that_has_not_come_is() {
    let mut room = Room::new();
    let mut member = room.member();
    room.by_host(message("kept back")).unwrap();
    let inside = room.signed_head();
    let shown = room.by_ada(message("one")).unwrap();
    member.go_on_behind_gap(shown.n);
    assert_eq!(member.receive_head(&inside), Ok(()));
    let ahead = room.signed_head();
    let at = ahead.n;
    assert_eq!(member.receive_head(&ahead), Err(HeadFault::Unknown { at }));
    assert!(!member.knows_head());
    member.receive(shown).unwrap();
    assert_eq!(member.receive_head(&ahead), Ok(()));
    assert!(member.knows_head());
}

#[test]
fn who_comes_back_behind_a_gap_compares_numbers_and_no_heads() {
    let mut room = Room::new();
    let before = room.member();
    room.by_ada(message("kept back")).unwrap();
    let shown = room.by_ada(message("one")).unwrap();
    let ours = shown.n;
    for (theirs, told) in [
        (ours, None),
        (
            ours - 1,
            Some(LogBreak::Behind {
                ours,
                theirs: ours - 1,
            }),
        ),
        (
            ours + 1,
            Some(LogBreak::Missing {
                from: ours + 1,
                to: ours + 1,
            }),
        ),
    ] {
        let mut member = RoomLog::restore(ROOM, room.host.public().clone(), before.state()).unwrap();
        member.go_on_behind_gap(ours);
        assert!(member.receive(shown.clone()).is_err(), "one of Ada's is missing");
        let roster = Roster {
            n: theirs,
            ..roster_of(&room)
        };
        member.take_roster(roster).unwrap();
        assert_eq!(member.take_break(), told);
        assert_eq!((member.n(), member.head()), (theirs, room.log.head()));
    }
}

#[test]
fn a_head_that_was_kept_beside_an_entry_leads_on_as_a_signed_one_does() {
    let mut room = Room::new();
    let mut member = room.member();
    room.by_host(message("not kept")).unwrap();
    let kept = room.by_ada(message("one")).unwrap();
    member.go_on_behind_gap(kept.n);
    member.receive(kept).unwrap();
    assert_eq!(member.standing(), Standing::default());
    member.trust_head(room.log.n(), &room.log.head());
    assert_eq!(member.standing(), room.log.standing());
}

#[test]
fn another_event_with_a_number_that_was_there_moves_no_chain() {
    let mut room = Room::new();
    let mut member = room.member();
    let before = room.ada_chain;
    let (twin, signature) = room.written_by_ada(message("twin"));
    room.ada_chain = before;
    member.receive(room.by_ada(message("one")).unwrap()).unwrap();
    let twin = Entry {
        n: member.n() + 1,
        event: twin,
        signature,
    };
    let fault = EventFault::WrongSequence {
        expected: 2,
        found: 1,
    };
    let chain = member.chain_of(&room.ada.fingerprint());
    assert_eq!(member.receive(twin), Err(room.ada_fault(fault)));
    assert_eq!(member.chain_of(&room.ada.fingerprint()), chain);
}

#[test]
fn a_roster_counts_up_to_the_largest_number() {
    let room = Room::new();
    let roster = |n| Roster {
        n,
        ..roster_of(&room)
    };
    let mut member = RoomLog::join(ROOM, room.host.public().clone());
    member.take_roster(roster(MAX_COUNT)).unwrap();
    assert_eq!(member.n(), MAX_COUNT);
    for n in [MAX_COUNT + 1, u64::MAX] {
        let mut member = RoomLog::join(ROOM, room.host.public().clone());
        assert_eq!(member.take_roster(roster(n)), Err(EntryFault::Roster));
    }
}

#[test]
fn behind_the_largest_number_no_entry_is_taken_and_none_is_restored() {
    let room = Room::new();
    let at = |n| {
        let mut member = RoomLog::join(ROOM, room.host.public().clone());
        let roster = roster_of(&room);
        member.take_roster(Roster { n, ..roster }).unwrap();
        member
    };
    for (n, is_taken) in [(MAX_COUNT - 1, true), (MAX_COUNT, false)] {
        let mut member = at(n);
        // Its number is looked at before anything in it.
        let taken = member.receive(by_ada_at(&room, &member, 1));
        assert_eq!(matches!(taken, Err(EntryFault::Gap { .. })), !is_taken, "{n}");
        assert_eq!(member.n(), MAX_COUNT);
        let back = RoomLog::restore(ROOM, room.host.public().clone(), member.state());
        assert_eq!(back.map(|back| back.n()), Some(MAX_COUNT));
    }
    let kept = |change: &dyn Fn(&mut LogState)| {
        let mut state = room.log.state();
        change(&mut state);
        RoomLog::restore(ROOM, room.host.public().clone(), state)
    };
    assert!(kept(&|_| ()).is_some());
    // Its one head stands behind the base: their sum overflowed.
    for base in [MAX_COUNT + 1, u64::MAX] {
        assert!(kept(&|state| state.base = base).is_none(), "{base}");
    }
    for (first, is_taken) in [(MAX_COUNT, true), (MAX_COUNT + 1, false), (u64::MAX, false)] {
        let admitted = |state: &mut LogState| {
            for author in &mut state.authors {
                author.first_admitted = Some(first);
            }
        };
        assert_eq!(kept(&admitted).is_some(), is_taken, "{first}");
    }
}

#[test]
fn a_host_lets_go_of_what_we_lack_and_of_nothing_that_we_have() {
    let room = Room::new();
    let n = room.log.n();
    let behind = away(&room).take_let_go(let_go(&room, n + 1, [3; 32])).unwrap();
    assert_eq!(
        behind,
        Some(NotKept {
            from: n + 1,
            to: n + 1
        })
    );
    let farthest = away(&room)
        .take_let_go(let_go(&room, MAX_COUNT, [3; 32]))
        .unwrap();
    assert_eq!(
        farthest,
        Some(NotKept {
            from: n + 1,
            to: MAX_COUNT
        })
    );
    for to in [n - 1, n, MAX_COUNT + 1, u64::MAX] {
        let refused = away(&room).take_let_go(let_go(&room, to, [3; 32]));
        assert_eq!(refused, Err(EntryFault::LetGo { n: to }));
    }
}

#[test]
fn behind_what_was_let_go_an_author_goes_on_later_and_never_earlier() {
    let mut room = Room::new();
    for text in ["one", "two", "three"] {
        room.by_ada(message(text)).unwrap();
    }
    let go_on = |seq| {
        let mut member = away(&room);
        member
            .take_let_go(let_go(&room, room.log.n() + 5, [3; 32]))
            .unwrap();
        let entry = by_ada_at(&room, &member, seq);
        member.receive(entry).map(|appended| appended.n)
    };
    // The member joined behind Ada's three.
    assert_eq!(go_on(9), Ok(room.log.n() + 6));
    for seq in [1, 3] {
        let fault = EventFault::WrongSequence {
            expected: 4,
            found: seq,
        };
        assert_eq!(go_on(seq), Err(room.ada_fault(fault)));
    }
    // Nothing lies between this one and the last that we have: it must follow that.
    assert_eq!(go_on(4), Err(room.ada_fault(EventFault::WrongPrevious)));
}

#[test]
fn a_kept_state_remembers_whose_chain_may_go_on_later() {
    let room = Room::new();
    let kept = |log: &RoomLog| RoomLog::restore(ROOM, room.host.public().clone(), log.state()).unwrap();
    let mut member = kept(&away(&room));
    let entry = by_ada_at(&room, &member, 9);
    let fault = EventFault::WrongSequence {
        expected: 1,
        found: 9,
    };
    assert_eq!(member.receive(entry).err(), Some(room.ada_fault(fault)));
    let mut member = away(&room);
    member
        .take_let_go(let_go(&room, room.log.n() + 5, [3; 32]))
        .unwrap();
    let mut member = kept(&member);
    let entry = by_ada_at(&room, &member, 9);
    assert!(member.receive(entry).is_ok());
}

#[test]
fn who_somebody_is_and_what_it_may_is_told_as_it_stands() {
    let mut room = Room::new();
    assert_eq!(room.log.room(), &ROOM);
    let ada = room.ada.fingerprint();
    assert_eq!(room.log.identity_of(&ada), Some(room.ada.public()));
    assert_eq!(room.log.name_of(&ada), Some("Ada"));
    assert_eq!(room.log.name_of(&Fingerprint::of_der(b"nobody")), None);
    assert!(!room.log.is_read_only());
    room.by_host(Content::ReadOnly(true)).unwrap();
    assert!(room.log.is_read_only());
}

#[test]
fn behind_what_was_let_go_somebody_is_introduced_with_a_later_chain_and_never_an_earlier_one() {
    let mut room = Room::new();
    for text in ["one", "two", "three"] {
        room.by_ada(message(text)).unwrap();
    }
    let introduce = |seq: u64| {
        let mut member = away(&room);
        member
            .take_let_go(let_go(&room, room.log.n() + 5, [3; 32]))
            .unwrap();
        let mut ada = room.log.introduction(room.ada.public(), "Ada");
        (ada.seq, ada.last) = (seq, [9; 32]);
        let mut chain = OwnChain {
            seq: room.host_chain.seq + 4,
            last: [7; 32],
        };
        let (event, statement) = chain.write(&member, room.host.fingerprint(), 5, Content::Admitted(ada));
        let entry = Entry {
            n: member.n() + 1,
            event,
            signature: sign(&room.host, &statement),
        };
        member.receive(entry).map(|appended| appended.n)
    };
    assert_eq!(introduce(4), Ok(room.log.n() + 6));
    for seq in [2, 3] {
        let refused = EntryFault::Event {
            fault: EventFault::NotAllowed,
            author: Some(room.host.fingerprint()),
        };
        assert_eq!(introduce(seq), Err(refused), "{seq}");
    }
}

#[test]
fn a_host_that_introduces_itself_takes_back_nothing_that_it_said() {
    let mut room = Room::new();
    let mut member = room.member();
    let host = room.host.fingerprint();
    let itself = room.log.introduction(room.host.public(), "Bob");
    let (event, statement) = room
        .host_chain
        .write(&room.log, host, 5, Content::Admitted(itself));
    let entry = Entry {
        n: member.n() + 1,
        event,
        signature: sign(&room.host, &statement),
    };
    let before = room.log.state();
    let appended = room.append(entry.event.clone(), entry.signature.clone());
    assert_eq!(appended.err(), Some(EventFault::OwnIntroduction));
    assert_eq!(room.log.state(), before);
    let refused = EntryFault::Event {
        fault: EventFault::OwnIntroduction,
        author: Some(host),
    };
    assert_eq!(member.receive(entry), Err(refused));
    // What it says next follows on this event.
    assert_eq!(member.chain_of(&host), room.host_chain);
}

#[test]
fn what_was_handed_in_twice_is_known_for_what_it_is_and_nothing_else_is() {
    let mut room = Room::new();
    let (bytes, signature) = room.written_by_ada(message("once"));
    room.append(bytes.clone(), signature.clone()).unwrap();
    assert_eq!(room.append(bytes, signature).err(), Some(EventFault::Duplicate));
    let ahead = by_ada_at(&room, &room.log, 9);
    let fault = EventFault::WrongSequence {
        expected: 2,
        found: 9,
    };
    assert_eq!(room.append(ahead.event, ahead.signature).err(), Some(fault));
}

#[test]
fn every_reason_to_decline_crosses_as_a_code_of_its_own_with_words_of_its_own() {
    let number = EventFault::WrongSequence {
        expected: 1,
        found: 2,
    };
    let faults = [
        EventFault::Malformed,
        EventFault::WrongRoom,
        EventFault::UnknownAuthor,
        EventFault::BadSignature,
        number,
        EventFault::WrongPrevious,
        EventFault::WrongSeen { at: 1 },
        EventFault::NotAllowed,
        EventFault::Muted,
        EventFault::ReadOnly,
        EventFault::Duplicate,
        EventFault::TooMany,
        EventFault::OwnIntroduction,
    ];
    let unknown = EventFault::describe_code(0);
    let mut words: Vec<&str> = faults
        .map(|fault| EventFault::describe_code(fault.code()))
        .to_vec();
    assert!(!words.contains(&unknown));
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), faults.len());
}

#[test]
fn who_said_goodbye_is_not_awaited_in_a_kept_state() {
    let mut room = Room::new();
    let kept = |room: &Room| RoomLog::restore(ROOM, room.host.public().clone(), room.log.state()).unwrap();
    let lost = Content::Departed {
        member: room.ada.fingerprint(),
        reason: DepartureReason::ConnectionLost,
    };
    room.by_host(lost).unwrap();
    assert!(
        kept(&room)
            .awaited()
            .any(|(who, _)| who == room.ada.fingerprint())
    );
    let departed = Content::Departed {
        member: room.ada.fingerprint(),
        reason: DepartureReason::Goodbye,
    };
    room.by_host(departed).unwrap();
    assert!(
        !kept(&room)
            .awaited()
            .any(|(who, _)| who == room.ada.fingerprint())
    );
    assert!(kept(&room).is_present(&room.host.fingerprint()));
    assert!(!kept(&room).is_present(&room.ada.fingerprint()));
}
