//! A host, two members, and hosts and members that lie.

use super::*;
use crate::crypto::test_keys::{ADA, BOB, CEM};
use crate::crypto::{Identity, sign_batch};
use crate::protocol::body::{self, Roster};
use crate::protocol::event::{DepartureReason, RoomEvent};

mod admissions;
mod crowd;
mod edges;
mod pieces;

const ROOM: [u8; 32] = [8; 32];

struct Room {
    host: Identity,
    ada: Identity,
    log: RoomLog,
    host_chain: OwnChain,
    ada_chain: OwnChain,
}

fn message(text: &str) -> Content {
    Content::Message {
        text: text.to_owned(),
    }
}

fn sign(identity: &Identity, statement: &Statement) -> Signature {
    sign_batch(identity, std::slice::from_ref(statement), &mut rand::rng())
        .unwrap()
        .remove(0)
}

impl Room {
    /// Bob hosts; Ada is admitted.
    fn new() -> Room {
        let (host, ada) = (Identity::from_pem(BOB).unwrap(), Identity::from_pem(ADA).unwrap());
        let log = RoomLog::create(ROOM, host.public().clone(), "Bob");
        let mut room = Room {
            host,
            ada,
            log,
            host_chain: OwnChain::default(),
            ada_chain: OwnChain::default(),
        };
        let introduction = room.log.introduction(room.ada.public(), "Ada");
        room.by_host(Content::Admitted(introduction)).unwrap();
        room
    }

    /// Somebody who joined now.
    fn member(&self) -> RoomLog {
        let mut log = RoomLog::join(ROOM, self.host.public().clone());
        self.log
            .roster()
            .into_iter()
            .for_each(|piece| log.take_roster(piece).unwrap());
        log
    }

    fn by_host(&mut self, content: Content) -> Result<Entry, EventFault> {
        let (bytes, statement) = self
            .host_chain
            .write(&self.log, self.host.fingerprint(), 5, content);
        self.append(bytes, sign(&self.host, &statement))
    }

    fn written_by_ada(&mut self, content: Content) -> (Vec<u8>, Signature) {
        let (bytes, statement) = self
            .ada_chain
            .write(&self.log, self.ada.fingerprint(), 5, content);
        let signature = sign(&self.ada, &statement);
        (bytes, signature)
    }

    fn by_ada(&mut self, content: Content) -> Result<Entry, EventFault> {
        let (bytes, signature) = self.written_by_ada(content);
        self.append(bytes, signature)
    }

    /// As the host does with what its own author, or the sender of a submission, hands in.
    fn append(&mut self, bytes: Vec<u8>, signature: Signature) -> Result<Entry, EventFault> {
        let sender = body::decode::<RoomEvent>(&bytes).unwrap().author;
        let appended = self.log.append(&sender, bytes, signature)?;
        Ok(Entry {
            n: appended.n,
            event: appended.event.bytes,
            signature: appended.event.signature,
        })
    }

    fn signed_head(&self) -> SignedHead {
        let signature = sign(&self.host, &self.log.newest_head_statement());
        SignedHead {
            n: self.log.n(),
            head: self.log.head(),
            signature,
        }
    }

    fn ada_fault(&self, fault: EventFault) -> EntryFault {
        EntryFault::Event {
            fault,
            author: Some(self.ada.fingerprint()),
        }
    }
}

#[test]
fn host_and_members_reach_the_same_head() {
    let mut room = Room::new();
    let mut member = room.member();
    for text in ["one", "two", "three"] {
        let entry = room.by_ada(message(text)).unwrap();
        let appended = member.receive(entry).unwrap();
        assert_eq!(appended.author_name, "Ada");
        assert_eq!((member.n(), member.head()), (room.log.n(), room.log.head()));
        assert_eq!(member.head_at(room.log.n()), Some(room.log.head()));
        assert_eq!(member.head_at(room.log.n() + 1), None);
        assert_eq!(member.receive_head(&room.signed_head()), Ok(()));
    }
}

#[test]
fn a_changed_event_is_named_for_its_signature() {
    let mut room = Room::new();
    let mut member = room.member();
    let mut entry = room.by_ada(message("one")).unwrap();
    let place = entry.event.windows(3).position(|w| w == b"one").unwrap();
    entry.event[place] = b'O';
    assert_eq!(
        member.receive(entry),
        Err(room.ada_fault(EventFault::BadSignature))
    );
}

#[test]
fn every_flipped_bit_of_an_event_is_refused() {
    let mut room = Room::new();
    let (bytes, signature) = room.written_by_ada(message("hello"));
    for bit in 0..bytes.len() * 8 {
        let mut spoiled = bytes.clone();
        spoiled[bit / 8] ^= 1 << (bit % 8);
        assert!(
            room.log
                .append(&room.ada.fingerprint(), spoiled, signature.clone())
                .is_err(),
            "bit {bit}"
        );
    }
    assert!(room.log.append(&room.ada.fingerprint(), bytes, signature).is_ok());
}

#[test]
fn an_event_of_another_room_or_a_stranger_is_refused() {
    let mut room = Room::new();
    let other = RoomLog::create([9; 32], room.host.public().clone(), "Bob");
    let (bytes, statement) = room
        .ada_chain
        .write(&other, room.ada.fingerprint(), 5, message("x"));
    let signature = sign(&room.ada, &statement);
    assert_eq!(room.append(bytes, signature), Err(EventFault::WrongRoom));

    let cem = Identity::from_pem(CEM).unwrap();
    let (bytes, statement) = OwnChain::default().write(&room.log, cem.fingerprint(), 5, message("x"));
    assert_eq!(
        room.append(bytes, sign(&cem, &statement)),
        Err(EventFault::UnknownAuthor)
    );
}

#[test]
fn a_forged_author_is_refused() {
    let mut room = Room::new();
    let cem = Identity::from_pem(CEM).unwrap();
    let (bytes, statement) = room
        .ada_chain
        .write(&room.log, room.ada.fingerprint(), 5, message("x"));
    assert_eq!(
        room.append(bytes, sign(&cem, &statement)),
        Err(EventFault::BadSignature)
    );
}

#[test]
fn a_dropped_message_is_named_once_and_the_room_goes_on() {
    let mut room = Room::new();
    let mut liar = room.member();
    let mut member = room.member();
    let _dropped = room.by_ada(message("one")).unwrap();
    let two = room.by_ada(message("two")).unwrap();
    let three = room.by_ada(message("three")).unwrap();
    // The host numbers the rest as if the first had never been.
    let renumber = |entry: Entry, n| Entry { n, ..entry };
    let first = liar.n() + 1;
    let fault = EventFault::WrongSequence {
        expected: 1,
        found: 2,
    };
    assert_eq!(
        liar.receive(renumber(two.clone(), first)),
        Err(room.ada_fault(fault))
    );
    let fork = EventFault::WrongSeen { at: 3 };
    assert_eq!(
        liar.receive(renumber(three, first + 1)),
        Err(room.ada_fault(fork))
    );
    // Or it leaves the gap in its own numbers.
    assert_eq!(
        member.receive(two),
        Err(EntryFault::Gap {
            expected: first,
            found: first + 1
        })
    );
}

#[test]
fn behind_a_gap_the_order_is_known_again_from_a_signed_head() {
    let mut room = Room::new();
    let mut member = room.member();
    let first = member.n() + 1;
    let before = (member.n(), member.head());
    assert!(!member.go_on_behind_gap(first), "the next one is no gap");
    room.by_host(message("kept back")).unwrap();
    let shown = room.by_ada(message("one")).unwrap();
    let signed = room.signed_head();
    let later = room.by_ada(message("two")).unwrap();
    assert!(member.go_on_behind_gap(shown.n));
    member.receive(shown).unwrap();
    member.receive(later).unwrap();
    assert_eq!((member.n(), member.knows_head()), (room.log.n(), false));
    assert_eq!(
        member.standing(),
        Standing::default(),
        "there is nothing to come back to"
    );
    // What a member writes meanwhile goes on from what it is sure of.
    let own = room.ada.fingerprint();
    let (bytes, _) = OwnChain::default().write(&member, own, 5, message("x"));
    let event: RoomEvent = body::decode(&bytes).unwrap();
    assert_eq!((event.seen, event.seen_head), before);
    // A head of an entry that came before the newest one leads to the newest.
    assert_eq!(member.receive_head(&signed), Ok(()));
    assert_eq!((member.n(), member.head()), (room.log.n(), room.log.head()));
    let mut fork = room.signed_head();
    fork.head = [7; 32];
    fork.signature = sign(&room.host, &member.head_statement(fork.n, &fork.head));
    let at = fork.n;
    assert_eq!(member.receive_head(&fork), Err(HeadFault::Fork { at }));
}

#[test]
fn a_replayed_message_is_refused() {
    let mut room = Room::new();
    let mut member = room.member();
    let one = room.by_ada(message("one")).unwrap();
    member.receive(one.clone()).unwrap();
    let again = Entry { n: one.n + 1, ..one };
    let fault = EventFault::WrongSequence {
        expected: 2,
        found: 1,
    };
    assert_eq!(member.receive(again), Err(room.ada_fault(fault)));
}

#[test]
fn two_events_with_one_number_are_told_apart_by_the_previous_hash() {
    let mut room = Room::new();
    let before = room.ada_chain;
    let _ = room.written_by_ada(message("secretly"));
    let (bytes, signature) = room.written_by_ada(message("two"));
    room.ada_chain = before;
    room.by_ada(message("one")).unwrap();
    assert_eq!(room.append(bytes, signature), Err(EventFault::WrongPrevious));
}

#[test]
fn an_author_who_saw_another_order_raises_a_fork() {
    let mut room = Room::new();
    let mut fork = Room {
        log: room.member(),
        ..Room::new()
    };
    fork.host_chain = room.host_chain;
    fork.by_host(message("only for Ada")).unwrap();
    room.by_host(message("for the others")).unwrap();
    // Ada writes on what she saw.
    let (bytes, statement) = room
        .ada_chain
        .write(&fork.log, room.ada.fingerprint(), 5, message("hi"));
    let signature = sign(&room.ada, &statement);
    assert_eq!(
        room.append(bytes, signature),
        Err(EventFault::WrongSeen { at: 2 })
    );
}

#[test]
fn a_head_of_another_order_is_a_fork() {
    let mut room = Room::new();
    let mut fork = Room {
        log: room.member(),
        ..Room::new()
    };
    fork.host_chain = room.host_chain;
    let mut member = room.member();
    member.receive(room.by_host(message("a")).unwrap()).unwrap();
    fork.by_host(message("b")).unwrap();
    assert_eq!(
        member.receive_head(&fork.signed_head()),
        Err(HeadFault::Fork { at: 2 })
    );
    let mut forged = room.signed_head();
    forged.n = 1;
    assert_eq!(member.receive_head(&forged), Err(HeadFault::BadSignature));
    room.by_host(message("kept back")).unwrap();
    assert_eq!(
        member.receive_head(&room.signed_head()),
        Err(HeadFault::Unknown { at: 3 })
    );
}

#[test]
fn a_member_cannot_hand_in_the_event_of_another() {
    let mut room = Room::new();
    let (bytes, signature) = room.written_by_ada(message("x"));
    let sender = room.host.fingerprint();
    assert_eq!(
        room.log.append(&sender, bytes, signature),
        Err(EventFault::NotAllowed)
    );
}

#[test]
fn a_head_from_before_we_came_is_no_fault() {
    let mut room = Room::new();
    let before = room.signed_head();
    room.by_host(message("before")).unwrap();
    assert_eq!(room.member().receive_head(&before), Ok(()));
}

#[test]
fn only_the_host_admits_and_dismisses() {
    let mut room = Room::new();
    let member = room.host.fingerprint();
    let gone = Content::Departed {
        member,
        reason: DepartureReason::Goodbye,
    };
    assert_eq!(room.by_ada(gone), Err(EventFault::NotAllowed));
}

#[test]
fn a_host_cannot_rewrite_the_chain_of_somebody_known() {
    let mut room = Room::new();
    room.by_ada(message("one")).unwrap();
    let mut introduction = room.log.introduction(room.ada.public(), "Ada");
    introduction.seq = 0;
    assert_eq!(
        room.by_host(Content::Admitted(introduction)),
        Err(EventFault::NotAllowed)
    );
}

#[test]
fn a_member_who_left_and_came_back_keeps_its_chain() {
    let mut room = Room::new();
    let mut member = room.member();
    member.receive(room.by_ada(message("one")).unwrap()).unwrap();
    let ada = room.ada.fingerprint();
    let gone = Content::Departed {
        member: ada,
        reason: DepartureReason::ConnectionLost,
    };
    member.receive(room.by_host(gone).unwrap()).unwrap();
    assert_eq!(member.members().count(), 1);
    let introduction = room.log.introduction(room.ada.public(), "Ada");
    assert_eq!(introduction.seq, 1);
    member
        .receive(room.by_host(Content::Admitted(introduction)).unwrap())
        .unwrap();
    assert_eq!(room.log.chain_of(&ada), room.ada_chain);
    member.receive(room.by_ada(message("two")).unwrap()).unwrap();
    assert_eq!(member.members().count(), 2);
}

#[test]
fn events_of_a_batch_are_verified_by_one_rsa_operation_each_by_its_own_path() {
    let mut room = Room::new();
    let mut written = Vec::new();
    for i in 0..10 {
        let ada = room.ada.fingerprint();
        written.push(room.ada_chain.write(&room.log, ada, 5, message(&i.to_string())));
    }
    let statements: Vec<Statement> = written.iter().map(|(_, statement)| statement.clone()).collect();
    let mut signatures = sign_batch(&room.ada, &statements, &mut rand::rng()).unwrap();
    signatures.swap(8, 9);
    for (i, ((bytes, _), signature)) in written.into_iter().zip(signatures).enumerate() {
        let outcome = room.append(bytes, signature);
        assert_eq!(outcome.is_ok(), i < 8, "{i}");
    }
}

#[test]
fn a_roster_comes_in_pieces_that_agree() {
    let room = Room::new();
    let pieces = room.log.roster();
    assert_eq!(
        (pieces.len(), pieces[0].members.len(), pieces[0].more),
        (1, 2, false)
    );
    let mut member = room.member();
    let other = Roster {
        n: 77,
        ..pieces[0].clone()
    };
    assert_eq!(member.take_roster(other), Err(EntryFault::Roster));
    let mut member = RoomLog::join(ROOM, room.host.public().clone());
    let mut spoiled = pieces[0].clone();
    spoiled.members[0].identity.truncate(30);
    assert_eq!(member.take_roster(spoiled), Err(EntryFault::Roster));
}

/// A member that was there until now, and is away while the room goes on.
fn away(room: &Room) -> RoomLog {
    let mut member = room.member();
    member.come_back();
    member
}

fn roster_of(room: &Room) -> Roster {
    room.log.roster().remove(0)
}

#[test]
fn a_member_that_missed_nothing_or_got_it_all_goes_on_without_a_break() {
    let mut room = Room::new();
    let mut member = away(&room);
    let missed = [
        room.by_ada(message("one")).unwrap(),
        room.by_ada(message("two")).unwrap(),
    ];
    assert!(room.log.continues(&member.standing()));
    missed
        .into_iter()
        .for_each(|entry| drop(member.receive(entry).unwrap()));
    member.take_roster(roster_of(&room)).unwrap();
    assert_eq!(member.take_break(), None);
    member.receive(room.by_ada(message("three")).unwrap()).unwrap();
    assert_eq!(member.receive_head(&room.signed_head()), Ok(()));
}

#[test]
fn an_old_a_forked_and_a_shortened_log_are_told_apart() {
    let mut room = Room::new();
    let before = roster_of(&room);
    room.by_ada(message("one")).unwrap();
    let mut member = away(&room);
    member.take_roster(before.clone()).unwrap();
    assert_eq!(member.take_break(), Some(LogBreak::Behind { ours: 2, theirs: 1 }));

    let mut member = away(&room);
    let forked = Roster {
        head: [1; 32],
        ..roster_of(&room)
    };
    member.take_roster(forked).unwrap();
    assert_eq!(member.take_break(), Some(LogBreak::Fork { at: 2 }));

    let mut member = away(&room);
    room.by_ada(message("two")).unwrap();
    room.by_ada(message("three")).unwrap();
    member.take_roster(roster_of(&room)).unwrap();
    assert_eq!(member.take_break(), Some(LogBreak::Missing { from: 3, to: 4 }));
    let strange = crate::protocol::body::Standing { n: 2, head: [1; 32] };
    assert!(!room.log.continues(&strange));
}

#[test]
fn a_changed_chain_in_the_roster_is_named() {
    let room = Room::new();
    let mut member = away(&room);
    let mut roster = roster_of(&room);
    let ada = room.ada.public().as_der().to_vec();
    for known in roster.members.iter_mut().filter(|known| known.identity == ada) {
        known.seq += 1;
    }
    member.take_roster(roster).unwrap();
    let author = room.ada.fingerprint();
    assert_eq!(member.take_break(), Some(LogBreak::Chain { author }));
}

#[test]
fn an_event_that_comes_twice_is_known_and_harms_nothing() {
    let mut room = Room::new();
    let (bytes, signature) = room.written_by_ada(message("one"));
    room.append(bytes.clone(), signature.clone()).unwrap();
    assert_eq!(room.append(bytes, signature), Err(EventFault::Duplicate));
    assert!(room.by_ada(message("two")).is_ok());
}

#[test]
fn who_is_muted_and_a_read_only_room_are_checked_by_members_too() {
    let mut room = Room::new();
    let mut member = room.member();
    let ada = room.ada.fingerprint();
    let mute = |muted| Content::Muted { member: ada, muted };
    member.receive(room.by_host(mute(true)).unwrap()).unwrap();
    let before = room.ada_chain;
    assert_eq!(room.by_ada(message("no")), Err(EventFault::Muted));
    room.ada_chain = before;
    // A host that lets it in all the same is found out.
    let (bytes, signature) = room.written_by_ada(message("no"));
    let entry = Entry {
        n: member.n() + 1,
        event: bytes,
        signature,
    };
    assert_eq!(member.receive(entry), Err(room.ada_fault(EventFault::Muted)));
    room.ada_chain = before;
    let mut member = room.member();
    assert!(member.is_muted(&ada), "the roster says so");
    member.receive(room.by_host(mute(false)).unwrap()).unwrap();
    member.receive(room.by_ada(message("yes")).unwrap()).unwrap();
    member
        .receive(room.by_host(Content::ReadOnly(true)).unwrap())
        .unwrap();
    assert!(member.is_read_only());
    assert_eq!(room.by_ada(message("no")), Err(EventFault::ReadOnly));
    assert!(room.by_host(message("I may")).is_ok());
}

#[test]
fn a_kept_state_goes_on_where_it_was() {
    let mut room = Room::new();
    let mut member = room.member();
    member.receive(room.by_ada(message("one")).unwrap()).unwrap();
    let bytes = body::encode(&member.state());
    let state: LogState = body::decode(&bytes).unwrap();
    let mut back = RoomLog::restore(ROOM, room.host.public().clone(), state).unwrap();
    assert_eq!(back.standing(), member.standing());
    back.receive(room.by_ada(message("two")).unwrap()).unwrap();
    assert_eq!(back.receive_head(&room.signed_head()), Ok(()));
    back.come_back();
    back.take_roster(roster_of(&room)).unwrap();
    assert_eq!(back.take_break(), None);
}

#[test]
fn who_lost_the_line_is_awaited_and_who_said_goodbye_is_not() {
    let mut room = Room::new();
    let ada = room.ada.fingerprint();
    let gone = |reason| Content::Departed { member: ada, reason };
    room.by_host(gone(DepartureReason::ConnectionLost)).unwrap();
    assert!(room.log.awaited().any(|(who, here)| who == ada && !here));
    room.by_host(gone(DepartureReason::Goodbye)).unwrap();
    assert!(!room.log.awaited().any(|(who, _)| who == ada));
}

#[test]
fn whether_somebody_is_awaited_is_told_as_all_who_are_awaited_are() {
    let mut room = Room::new();
    let (ada, host) = (room.ada.fingerprint(), room.host.fingerprint());
    let departed = |reason| Some(Content::Departed { member: ada, reason });
    for (content, is_awaited) in [
        (None, true),
        (departed(DepartureReason::ConnectionLost), true),
        (departed(DepartureReason::Goodbye), false),
    ] {
        if let Some(content) = content {
            room.by_host(content).unwrap();
        }
        for (who, expected) in [
            (host, true),
            (ada, is_awaited),
            (Fingerprint::of_der(b"eve"), false),
        ] {
            assert_eq!(room.log.is_awaited(&who), expected);
            assert_eq!(room.log.awaited().any(|(awaited, _)| awaited == who), expected);
        }
    }
}
