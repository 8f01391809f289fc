//! A room's thread without its thread: what it is given goes in, and what it gives its one reactor is counted.

mod last_places;
mod private_pieces;

use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::{Arrival, Beginning, DeclinedEvents, Knocker, RoomThread, ToWrite};
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB, CEM};
use crate::crypto::{Fingerprint, Identity, MAX_BATCH, PublicIdentity, Sas, Statement, WrapKey, sign_batch};
use crate::net::guest::WrapKeyCell;
use crate::net::host::gate::Origin;
use crate::net::host::reactor::{Prepared, prepare};
use crate::net::host::rehearsal::{KEY, ROOM, shared};
use crate::net::host::{ConnId, Guest, Reactors, Shared};
use crate::net::keep::{Kept, Shelf};
use crate::net::limits::COMING_AND_GOING_INTERVAL;
use crate::net::private::Desk;
use crate::net::thread::Teller;
use crate::net::{Event, HostAct, MessageId};
use crate::protocol::body::Standing;
use crate::protocol::limits::MAX_MESSAGE_BYTES;
use crate::protocol::{Content, DepartureReason, RoomLog};
use crate::store::Vault;

const CONN: ConnId = ConnId {
    reactor: 0,
    number: 5,
};
/// The same person's other line.
const OTHER: ConnId = ConnId {
    reactor: 0,
    number: 6,
};

/// What a room of Ada's stands on.
struct Ground {
    vault: Vault,
    shelf: Shelf,
    identity: Arc<Identity>,
    shared: Arc<Shared>,
    reactors: Reactors,
    reactor: Prepared,
    signing: Sender<Vec<Statement>>,
    to_sign: Receiver<Vec<Statement>>,
    heard: Receiver<Event>,
}

impl Ground {
    fn new() -> Ground {
        let vault = Vault::in_memory().unwrap();
        let identity = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, heard) = bounded(256);
        let (signing, to_sign) = bounded(1);
        let reactor = prepare(0).unwrap();
        Ground {
            shelf: Shelf::new(vault.clone()),
            vault,
            shared: shared(&identity, Teller::new(events, Arc::new(|| {}))),
            identity,
            reactors: Reactors {
                handles: vec![reactor.handle.clone()],
                threads: Vec::new(),
            },
            reactor,
            signing,
            to_sign,
            heard,
        }
    }

    /// Bob and Cem are in it, and Bob said something: the room, the two, and the number of what was said.
    fn room_where_bob_said_something(&self) -> (RoomThread<'_>, [Fingerprint; 2], u64) {
        let mut room = self.room();
        let cem = Identity::from_pem(CEM).unwrap().public().clone();
        self.admit(&mut room, &bob(), "Bob");
        self.admit(&mut room, &cem, "Cem");
        let (author, n) = (bob().fingerprint(), room.log.n());
        room.said(author, MessageId([1; 32]), n);
        (room, [author, cem.fingerprint()], n)
    }

    fn room(&self) -> RoomThread<'_> {
        let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
        let name = "Ada".to_owned();
        let beginning = Beginning {
            log: RoomLog::create(ROOM, self.identity.public().clone(), &name),
            keeper: self.shelf.log_keeper(&ROOM),
            desk: Desk::new(
                KEY,
                Arc::clone(&self.identity),
                name,
                wrap,
                ROOM,
                self.shelf.talk_keeper(&ROOM),
            ),
        };
        RoomThread::new(&self.shared, &self.reactors, self.signing.clone(), beginning)
    }

    /// How much the room gave its reactor to do.
    fn given(&self) -> usize {
        self.reactor.handle.waiting_tasks()
    }

    /// Whose knocks the host was told to be over since it was asked last.
    fn knocks_ended(&self) -> Vec<Fingerprint> {
        let ended = |event| match event {
            Event::KnockEnded { fingerprint, .. } => Some(fingerprint),
            _ => None,
        };
        self.heard.try_iter().filter_map(ended).collect()
    }

    /// Has the room keep an event of the host.
    fn write(&self, room: &mut RoomThread<'_>, content: Content) {
        let own = self.identity.fingerprint();
        let (bytes, statement) = room.own_chain.write(&room.log, own, 5, content);
        let signature = sign_batch(&self.identity, &[statement], &mut rand::rng())
            .unwrap()
            .remove(0);
        let appended = room.log.append(&own, bytes, signature).unwrap();
        room.keep(vec![Kept::of(&appended)]);
    }

    fn say(&self, room: &mut RoomThread<'_>, text: &str) {
        let text = text.to_owned();
        self.write(room, Content::Message { text });
    }

    fn admit(&self, room: &mut RoomThread<'_>, who: &PublicIdentity, name: &str) {
        let introduction = room.log.introduction(who, name);
        self.write(room, Content::Admitted(introduction));
    }

    /// Has what the room wants to write signed.
    fn sign(&self, room: &mut RoomThread<'_>) {
        room.ask_for_signatures();
        assert!(self.sign_what_is_asked(room), "something is to be signed");
    }

    fn sign_what_is_asked(&self, room: &mut RoomThread<'_>) -> bool {
        let Ok(statements) = self.to_sign.try_recv() else {
            return false;
        };
        room.signed(sign_batch(&self.identity, &statements, &mut rand::rng()).unwrap());
        true
    }

    /// Has the room's log know no head but the newest one, as after a restart long behind the others.
    fn forget_heads(&self, room: &mut RoomThread<'_>) {
        let mut state = room.log.state();
        (state.base, state.base_head) = (room.log.n(), room.log.head());
        state.heads.clear();
        room.log = RoomLog::restore(ROOM, self.identity.public().clone(), state).unwrap();
    }

    /// Has the room keep 64 of the longest messages, 2 MiB.
    fn keep_long_messages(&self, room: &mut RoomThread<'_>) {
        let (own, text) = (self.identity.fingerprint(), "x".repeat(MAX_MESSAGE_BYTES));
        let (events, statements): (Vec<_>, Vec<_>) = (0..MAX_BATCH)
            .map(|_| {
                let text = text.clone();
                room.own_chain.write(&room.log, own, 5, Content::Message { text })
            })
            .unzip();
        let signatures = sign_batch(&self.identity, &statements, &mut rand::rng()).unwrap();
        let kept: Vec<Kept> = events
            .into_iter()
            .zip(signatures)
            .map(|(bytes, signature)| Kept::of(&room.log.append(&own, bytes, signature).unwrap()))
            .collect();
        room.keep(kept);
    }
}

fn bob() -> PublicIdentity {
    Identity::from_pem(BOB).unwrap().public().clone()
}

/// Bob at the end of a handshake that began after so many removals.
fn arrival(standing: &Standing, removals: u64) -> Arrival {
    let identity = bob();
    let who = identity.fingerprint();
    Arrival {
        conn: CONN,
        sas: Sas::new(&who, &who, &[1; 32], &[2; 32]),
        identity,
        name: "Bob".to_owned(),
        at: standing.n,
        removals,
    }
}

/// Bob at the door.
fn knocker(conn: ConnId) -> Knocker {
    let Arrival {
        identity, name, sas, ..
    } = arrival(&Standing::default(), 0);
    Knocker {
        conn,
        origin: Origin::of([192, 0, 2, 1].into()),
        identity,
        name,
        sas,
    }
}

/// Where a copy of the log stands that goes up to entry `n`.
fn standing_at(room: &RoomThread<'_>, n: u64) -> Standing {
    let head = room.log.head_at(n).unwrap();
    Standing { n, head }
}

#[test]
fn the_first_head_is_signed_at_once_and_the_next_ones_at_intervals() {
    let ground = Ground::new();
    let mut room = ground.room();
    for is_first in [true, false] {
        ground.say(&mut room, "hello");
        room.unsigned_entries = true;
        assert!(room.next_head_at(Instant::now()).is_some());
        room.ask_for_signatures();
        assert_eq!(ground.sign_what_is_asked(&mut room), is_first);
        assert_eq!(room.unsigned_entries, !is_first);
    }
}

#[test]
fn who_comes_and_goes_without_a_pause_is_signed_for_together() {
    let ground = Ground::new();
    let mut room = ground.room();
    let bob = bob();
    let goes = |room: &mut RoomThread<'_>| {
        ground.admit(room, &bob, "Bob");
        let left = ToWrite::Dismiss(bob.fingerprint(), DepartureReason::ConnectionLost);
        room.to_write.push_back(left);
        room.ask_for_signatures();
        // Heads are signed at times of their own.
        ground.sign_what_is_asked(room);
        !room.log.is_present(&bob.fingerprint())
    };
    assert!(goes(&mut room), "the first at once");
    assert!(!goes(&mut room), "the next one waits");
    let until = room.comings_wait_until(Instant::now()).unwrap();
    assert!(until <= Instant::now() + COMING_AND_GOING_INTERVAL);

    // What else is to be said takes it along.
    room.to_write.push_back(ToWrite::Message("hello".to_owned()));
    ground.sign(&mut room);
    assert!(!room.log.is_present(&bob.fingerprint()));

    // And so does the end of the time.
    assert!(!goes(&mut room));
    room.comings_asked_at = Instant::now().checked_sub(COMING_AND_GOING_INTERVAL);
    ground.sign(&mut room);
    assert!(!room.log.is_present(&bob.fingerprint()));
}

#[test]
fn what_is_kept_of_a_room_never_counts_an_entry_that_is_not_on_the_disk() {
    let ground = Ground::new();
    let mut room = ground.room();
    // It came in with the same inputs as what has the state kept.
    let (own, text) = (ground.identity.fingerprint(), "hello".to_owned());
    let (bytes, statement) = room.own_chain.write(&room.log, own, 5, Content::Message { text });
    let signature = sign_batch(&ground.identity, &[statement], &mut rand::rng())
        .unwrap()
        .remove(0);
    let appended = room.log.append(&own, bytes, signature).unwrap();
    room.unpublished.push(appended);
    room.keep_state();
    let stands = ground.shelf.own_room(&ROOM, ground.identity.public()).unwrap();
    assert_eq!(stands.log.n(), 1);
    assert_eq!(ground.vault.log_rows(&ROOM, 1..9).unwrap().len(), 1);
}

#[test]
fn a_page_is_sent_for_the_answer_to_one_and_for_nothing_else_and_is_paid_for() {
    let ground = Ground::new();
    let mut room = ground.room();
    ground.admit(&mut room, &bob(), "Bob");
    (0..2).for_each(|_| ground.keep_long_messages(&mut room));
    let standing = standing_at(&room, 1);
    let began = Instant::now();
    room.arrived(arrival(&standing, 0), &standing);
    room.send_pages(began);
    assert_eq!(ground.given(), 2, "two pages");
    let mut here = |n: u64| {
        room.here(CONN, &Standing { n, head: [0; 32] });
        room.send_pages(began);
        ground.given()
    };
    // Two times 32 messages are on their way.
    let first = 1 + 32;
    for n in [1, first - 1, first + 1, first + 32, 5000] {
        assert_eq!(here(n), 2, "{n}");
    }
    assert_eq!(here(first), 3);
    assert_eq!(here(first), 3, "it was answered");
    assert_eq!(here(0), 4, "behind a gap no head is known");
    assert!(!room.catch_ups.holds(CONN), "that was the last page");
    let allowance = ground.shared.allowances.of(&bob().fingerprint(), began);
    assert!(!allowance.lock().is_full(began));
}

#[test]
fn who_is_sent_away_on_the_way_from_the_door_into_the_room_does_not_come_in() {
    let ground = Ground::new();
    let mut room = ground.room();
    let who = bob().fingerprint();
    let before = ground.shared.door().removals();
    room.govern(HostAct::Remove(who));
    room.arrived(arrival(&Standing::default(), before), &Standing::default());
    assert!(room.arriving.is_empty());
    assert_eq!(ground.given(), 1, "it is hung up on");
    let after = ground.shared.door().removals();
    room.arrived(arrival(&Standing::default(), after), &Standing::default());
    assert!(room.arriving.contains_key(&who), "it came anew");
}

#[test]
fn pages_that_are_asked_for_unread_are_not_sent_in_a_row_and_none_is_sent_on_credit() {
    let ground = Ground::new();
    let mut room = ground.room();
    ground.admit(&mut room, &bob(), "Bob");
    (0..4).for_each(|_| ground.keep_long_messages(&mut room));
    let standing = standing_at(&room, 1);
    let now = Instant::now();
    room.arrived(arrival(&standing, 0), &standing);
    room.send_pages(now);
    assert_eq!(ground.given(), 2, "of eight");
    // As many as are read from it at once.
    (0..1000).for_each(|_| room.here(CONN, &Standing::default()));
    assert_eq!(ground.given(), 2, "between what else the room hears");
    room.send_pages(now);
    assert_eq!(ground.given(), 4, "for those that were under way");
    let allowance = ground.shared.allowances.of(&bob().fingerprint(), now);
    while allowance.lock().next_page_at().is_none() {
        allowance.lock().charge_page(512, 1 << 20, now);
    }
    (0..2).for_each(|_| room.here(CONN, &Standing::default()));
    room.send_pages(now);
    assert_eq!(ground.given(), 4, "it has to pay first");
    let paid = room.catch_ups.due(now).unwrap();
    assert!(paid > now);
    room.send_pages(paid);
    assert_eq!(ground.given(), 5, "and for that one too");
}

#[test]
fn what_is_kept_goes_to_who_was_here_before_it_and_to_nobody_with_a_made_up_copy() {
    let who = bob().fingerprint();
    // Whether it was admitted, with entry 2; where it says to stand, and whether it has the head there; whether it gets
    // what came behind. Entries 1 to 3 were let go.
    let cases = [
        (true, 1, true, false),
        (true, 2, true, true),
        (true, 2, false, true),
        (true, 3, true, true),
        (true, 3, false, false),
        (true, 4, true, true),
        (true, 4, false, false),
        (true, 5, false, false),
        (false, 1, false, false),
        (false, 3, true, false),
        (false, 4, true, false),
    ];
    for (was_here, n, has_head, gets) in cases {
        let ground = Ground::new();
        let mut room = ground.room();
        ground.say(&mut room, "one");
        match was_here {
            true => ground.admit(&mut room, &bob(), "Bob"),
            false => ground.say(&mut room, "two"),
        }
        ground.say(&mut room, "three");
        ground
            .vault
            .prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX)
            .unwrap();
        ground.say(&mut room, "four");
        let head = room.log.head_at(n).filter(|_| has_head).unwrap_or([9; 32]);
        ground.forget_heads(&mut room);
        let standing = Standing { n, head };
        room.arrived(arrival(&standing, 0), &standing);
        let case = format!("{was_here} {n} {has_head}");
        assert_eq!(room.catch_ups.holds(CONN), gets, "{case}");
        let arriving = room.arriving.get(&who).map(|arrival| arrival.at);
        assert_eq!(arriving, (!gets).then_some(0), "{case}");
    }
}

#[test]
fn a_head_that_is_known_is_compared_although_its_entry_was_let_go() {
    let ground = Ground::new();
    let mut room = ground.room();
    ground.admit(&mut room, &bob(), "Bob");
    ground.say(&mut room, "two");
    ground
        .vault
        .prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX)
        .unwrap();
    ground.say(&mut room, "three");
    let right = standing_at(&room, 1);
    let wrong = Standing {
        head: [9; 32],
        ..right
    };
    for (standing, gets) in [(wrong, false), (right, true)] {
        room.arrived(arrival(&standing, 0), &standing);
        assert_eq!(room.catch_ups.holds(CONN), gets);
    }
}

#[test]
fn a_knock_on_a_second_line_is_over_when_its_person_comes_in_on_the_first() {
    let ground = Ground::new();
    let mut room = ground.room();
    let who = bob().fingerprint();
    room.knocked(knocker(CONN));
    room.govern(HostAct::Answer { who, admit: true });
    // It keeps back its last message and knocks once more.
    room.knocked(knocker(OTHER));
    assert_eq!((ground.given(), ground.knocks_ended()), (1, vec![who]));
    room.arrived(arrival(&Standing::default(), 0), &Standing::default());
    assert_eq!(ground.given(), 2, "the second line is hung up on");
    assert_eq!(ground.knocks_ended(), [who]);
    room.knock_gone(OTHER);
    assert!(ground.knocks_ended().is_empty(), "told once");
}

#[test]
fn an_answer_to_who_does_not_wait_any_more_ends_the_knock_on_the_screen() {
    let ground = Ground::new();
    let mut room = ground.room();
    let who = bob().fingerprint();
    for admit in [true, false] {
        room.govern(HostAct::Answer { who, admit });
        assert_eq!(ground.knocks_ended(), [who]);
    }
    assert_eq!(ground.given(), 0);
}

#[test]
fn who_is_lost_while_it_catches_up_on_top_of_an_older_line_has_departed() {
    let ends: [fn(&mut RoomThread<'_>); 2] = [
        |room| room.gone(CONN, DepartureReason::ConnectionLost),
        |room| room.spoke_too_soon(CONN),
    ];
    for end in ends {
        let ground = Ground::new();
        let mut room = ground.room();
        let fingerprint = bob().fingerprint();
        ground.admit(&mut room, &bob(), "Bob");
        let older = Guest {
            fingerprint,
            name: "Bob".to_owned(),
            declined: DeclinedEvents::default(),
        };
        room.guests.insert(OTHER, older);
        let standing = standing_at(&room, 1);
        room.arrived(arrival(&standing, 0), &standing);
        room.gone(OTHER, DepartureReason::Goodbye);
        assert!(room.catch_ups.holds(CONN) && room.to_write.is_empty());
        end(&mut room);
        ground.sign(&mut room);
        assert!(!room.log.is_present(&fingerprint));
    }
}

#[test]
fn an_author_waits_for_all_others_who_are_awaited_and_not_for_itself() {
    let ground = Ground::new();
    let (mut room, [author, other], n) = ground.room_where_bob_said_something();
    let mut now = Instant::now();
    let mut is_awaited_behind = |who: &Fingerprint, at: u64| {
        room.delivered.confirm(who, at, &ground.shared);
        now += Duration::from_secs(60);
        room.tell_positions(now);
        // Somebody's news are told as long as an author waits for any.
        room.delivered.confirm(who, at + 1, &ground.shared);
        room.delivered.due().is_some()
    };
    assert!(is_awaited_behind(&author, n), "its own copy is nothing to it");
    assert!(is_awaited_behind(&other, n - 2), "Cem does not have it yet");
    assert!(!is_awaited_behind(&other, n + 1));
}

#[test]
fn an_author_waits_for_the_others_with_no_copy_of_its_own_and_when_it_is_gone() {
    for is_gone in [false, true] {
        let ground = Ground::new();
        let (mut room, [author, other], n) = ground.room_where_bob_said_something();
        if is_gone {
            let (member, reason) = (author, DepartureReason::Goodbye);
            ground.write(&mut room, Content::Departed { member, reason });
        }
        let mut now = Instant::now();
        for (at, waits) in [(n - 1, true), (n, false)] {
            room.delivered.confirm(&other, at, &ground.shared);
            now += Duration::from_secs(60);
            room.tell_positions(now);
            // Somebody's news are told as long as an author waits for any.
            room.delivered
                .confirm(&Fingerprint::of_der(b"eve"), at, &ground.shared);
            assert_eq!(room.delivered.due().is_some(), waits, "{is_gone} {at}");
        }
    }
}
