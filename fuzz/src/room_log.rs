//! The log of a room, with what a hostile host writes into a member's, and a hostile author into the host's: events that are
//! rightly signed and chained, or in which one thing is wrong; signed heads, rosters, gaps, and what is kept no more.
//!
//! The log checks signatures early, so that nothing behind that check is met by who can't sign. All the events of an input
//! are written first, and each signer signs its own in one batch: two RSA operations for an input.

mod plan;

use cipher_room::crypto::{Fingerprint, Signature};
use cipher_room::protocol::body::{self, Body, Entry, LetGo, Roster, SignedHead};
use cipher_room::protocol::event::{event_hash, event_statement};
use cipher_room::protocol::limits::MAX_COUNT;
use cipher_room::protocol::{
    Content, EntryFault, EventFault, HeadFault, LogState, OwnChain, RoomEvent, RoomLog,
};

use self::plan::{Plan, Step};
use super::{World, form_of, parts_of, script};

const ROOM: [u8; 32] = [7; 32];

/// Steps of one input: each signer's statements fit into a batch.
const MOST_STEPS: usize = 48;

/// What a hostile host or author does to the log of the others.
pub fn room_log(data: &[u8]) {
    play(data);
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Taken,
    Refused(EventFault),
    /// An entry that does not come behind the newest one.
    Gap,
    Head(Result<(), HeadFault>),
    Roster {
        taken: bool,
    },
    LetGo {
        taken: bool,
    },
    Other,
}

/// Plays a script: its first byte says whether the log is the host's, its parts are steps.
fn play(data: &[u8]) -> (Room, Vec<Told>) {
    let (form, rest) = form_of(data);
    let is_host = form % 2 == 1;
    let mut plan = Plan::new(is_host);
    let steps: Vec<Step> = parts_of(rest)
        .take(MOST_STEPS)
        .map(|(choice, text)| plan.step(choice, text))
        .collect();
    let signatures = plan.sign();
    let mut room = Room::new(is_host);
    let told = steps
        .into_iter()
        .map(|step| match step {
            Step::Event { n, sender, bytes, by } => room.event(n, sender, bytes, by.of(&signatures)),
            Step::Head { n, head, by } => room.head(SignedHead {
                n,
                head,
                signature: by.of(&signatures),
            }),
            Step::Loose(body) => room.loose(body),
            Step::Gap(n) => room.gap(n),
            Step::ComeBack => {
                room.log.come_back();
                Told::Other
            }
            Step::Trust(n, head) => {
                let before = room.log.n();
                room.log.trust_head(n, &head);
                assert_eq!(room.log.n(), before);
                Told::Other
            }
            Step::Restart => room.restart(),
            Step::Nothing => Told::Other,
        })
        .collect();
    room.restart();
    (room, told)
}

/// A log that holds one entry: Bob, who is the host, admitted Ada.
struct Room {
    log: RoomLog,
    is_host: bool,
}

impl Room {
    fn new(is_host: bool) -> Room {
        let world = World::get();
        let host = world.bob.public().clone();
        let log = if is_host {
            let mut log = RoomLog::create(ROOM, host, "Bob");
            let Entry { event, signature, .. } = world.entry.clone();
            log.append(&world.bob.fingerprint(), event, signature)
                .expect("a genuine event");
            log
        } else {
            let mut log = RoomLog::join(ROOM, host);
            log.take_roster(world.roster.clone()).expect("a genuine roster");
            log
        };
        Room { log, is_host }
    }

    fn event(&mut self, n: u64, sender: Fingerprint, bytes: Vec<u8>, signature: Signature) -> Told {
        let before = self.log.state();
        let (n_before, head_before) = (self.log.n(), self.log.head());
        let expected = Expected::of(&self.log, &before, &bytes, &signature);
        let outcome = if self.is_host {
            self.log.append(&sender, bytes, signature)
        } else {
            let entry = Entry {
                n,
                event: bytes,
                signature,
            };
            match self.log.receive(entry) {
                Ok(appended) => Ok(appended),
                Err(EntryFault::Event { fault, .. }) => Err(fault),
                Err(EntryFault::Gap { expected, found }) => {
                    assert_eq!((expected, found), (n_before + 1, n));
                    assert!(found != expected || found > MAX_COUNT);
                    assert_eq!(self.log.state(), before, "nothing came");
                    return Told::Gap;
                }
                Err(fault) => panic!("an entry has no such fault: {fault}"),
            }
        };
        match outcome {
            Ok(appended) => {
                assert_eq!((appended.n, self.log.n()), (n_before + 1, n_before + 1));
                assert!(!self.log.knows_head() || self.log.head_at(appended.n) == Some(appended.head));
                let expected = expected.expect("it decodes, and its author is known");
                expected.assert_allowed(self.is_host && appended.event.event.author != sender);
                assert!(expected.is_followed_in(&self.log), "the author's chain goes on");
                Told::Taken
            }
            Err(fault) if self.is_host => {
                assert_eq!(self.log.state(), before, "what is refused changes nothing");
                assert_eq!(self.log.head(), head_before);
                Told::Refused(fault)
            }
            Err(fault) => {
                assert_eq!(self.log.n(), n_before + 1, "a member goes on behind it");
                let after = self.log.state();
                assert_eq!(rights_of(&after), rights_of(&before), "nobody's rights change");
                for (was, is) in before.authors.iter().zip(&after.authors) {
                    assert!(is.member.seq >= was.member.seq, "no chain goes back");
                }
                Told::Refused(fault)
            }
        }
    }

    fn head(&mut self, signed: SignedHead) -> Told {
        let n_before = self.log.n();
        let outcome = self.log.receive_head(&signed);
        assert_eq!(self.log.n(), n_before, "a head is no entry");
        if outcome.is_ok() {
            let known = self.log.head_at(signed.n);
            assert!(known.is_none_or(|known| known == signed.head));
        }
        Told::Head(outcome)
    }

    /// What a host sends with no signature of its own, or with the one that it came with.
    fn loose(&mut self, body: Body) -> Told {
        match body {
            Body::Roster(roster) if !self.is_host => self.roster(roster),
            Body::LetGo(piece) if !self.is_host => self.let_go(piece),
            Body::Head(head) => self.head(head),
            Body::Entry(entry) => {
                let author = body::decode::<RoomEvent>(&entry.event).map(|event| event.author);
                let sender = author.unwrap_or_else(|_| World::get().ada.fingerprint());
                self.event(entry.n, sender, entry.event, entry.signature)
            }
            Body::Submit(submit) => self.event(
                self.log.n() + 1,
                World::get().ada.fingerprint(),
                submit.event,
                submit.signature,
            ),
            _ => Told::Other,
        }
    }

    fn roster(&mut self, roster: Roster) -> Told {
        let (n, head) = (roster.n, roster.head);
        let before = self.log.n();
        let taken = self.log.take_roster(roster).is_ok();
        assert!(!taken || self.log.n() == n);
        assert!(!taken || !self.log.knows_head() || self.log.head() == head);
        assert!(self.log.n() == before || self.log.n() == n);
        self.log.take_break();
        Told::Roster { taken }
    }

    fn let_go(&mut self, piece: LetGo) -> Told {
        let (n, before) = (piece.n, self.log.n());
        let outcome = self.log.take_let_go(piece);
        assert!(outcome.is_err() || self.log.n() == n);
        assert!(self.log.n() >= before, "a host takes nothing back");
        Told::LetGo {
            taken: outcome.is_ok(),
        }
    }

    fn gap(&mut self, n: u64) -> Told {
        let before = self.log.n();
        let is_gap = self.log.go_on_behind_gap(n);
        assert_eq!(self.log.n(), if is_gap { n - 1 } else { before });
        assert!(self.log.n() >= before && self.log.n() <= MAX_COUNT);
        Told::Other
    }

    /// Goes on from what is kept, as the next run of the program does.
    fn restart(&mut self) -> Told {
        let state = self.log.state();
        let host = World::get().bob.public().clone();
        let log = RoomLog::restore(ROOM, host, state.clone()).expect("what was taken can be kept");
        assert_eq!(as_kept(log.state()), as_kept(state));
        // Behind a gap the entries that are kept themselves come in again.
        if self.log.knows_head() {
            assert_eq!((log.n(), log.head()), (self.log.n(), self.log.head()));
            self.log = log;
        }
        Told::Other
    }
}

/// What is known of an event before a log judges it, when it decodes and its author is known.
struct Expected {
    event: RoomEvent,
    hash: [u8; 32],
    chain: OwnChain,
    may_jump: bool,
    is_signed: bool,
    saw_our_order: bool,
    is_silenced: bool,
    introduces_rightly: bool,
}

impl Expected {
    fn of(log: &RoomLog, state: &LogState, bytes: &[u8], signature: &Signature) -> Option<Expected> {
        let event: RoomEvent = body::decode(bytes).ok()?;
        let author = log.identity_of(&event.author)?;
        let may_jump = |who: &[u8]| {
            let mut authors = state
                .authors
                .iter()
                .filter(|author| author.member.identity == who);
            authors.any(|author| author.may_jump == Some(true))
        };
        let introduces_rightly = match &event.content {
            Content::Admitted(member) => {
                let who = Fingerprint::of_der(&member.identity);
                let chain = log.chain_of(&who);
                let is_right = log.identity_of(&who).is_none()
                    || (chain.seq, chain.last) == (member.seq, member.last)
                    || (may_jump(&member.identity) && member.seq > chain.seq);
                is_right && who != event.author
            }
            _ => true,
        };
        let known = log.head_at(event.seen);
        Some(Expected {
            hash: event_hash(bytes),
            chain: log.chain_of(&event.author),
            may_jump: may_jump(author.as_der()),
            is_signed: signature.verify(author, &event_statement(bytes)).is_ok(),
            saw_our_order: event.seen <= log.n() && known.is_none_or(|head| head == event.seen_head),
            is_silenced: log.is_muted(&event.author) || log.is_read_only(),
            introduces_rightly,
            event,
        })
    }

    /// Says what an event that was taken may not be, each for itself.
    fn assert_allowed(&self, was_handed_in_for_another: bool) {
        let event = &self.event;
        let is_host = event.author == World::get().bob.fingerprint();
        assert_eq!(event.room, ROOM);
        assert!(!was_handed_in_for_another);
        assert!(self.is_signed, "its author signed it");
        let follows = event.seq == self.chain.seq + 1 && event.prev == self.chain.last;
        assert!(follows || (self.may_jump && event.seq > self.chain.seq + 1));
        assert!(self.saw_our_order, "no other order was seen");
        match event.content {
            Content::Message { .. } => assert!(is_host || !self.is_silenced),
            _ => assert!(is_host, "only a host says that"),
        }
        assert!(self.introduces_rightly, "nobody's chain is given another end");
    }

    fn is_followed_in(&self, log: &RoomLog) -> bool {
        let chain = log.chain_of(&self.event.author);
        (chain.seq, chain.last) == (self.event.seq, self.hash)
    }
}

/// Who is here and who may write; with nobody's identity, whether only the host may.
fn rights_of(state: &LogState) -> Vec<(&[u8], u8, bool)> {
    let authors = state.authors.iter();
    let authors = authors.map(|author| (&author.member.identity[..], author.presence, author.muted));
    authors.chain([(&[][..], 0, state.read_only)]).collect()
}

/// A state as it comes back: who was here is waited for, but for the host in its own room.
fn as_kept(mut state: LogState) -> LogState {
    for author in &mut state.authors {
        author.presence = match author.presence {
            _ if author.member.identity == World::get().bob.public().as_der() => 0,
            0 => 1,
            other => other,
        };
    }
    state
}

pub fn seeds() -> Vec<Vec<u8>> {
    use EventFault::*;
    use plan::*;
    let on = |form: u8, parts: &[(u8, &[u8])]| [&[form][..], &script(parts)].concat();
    let [roster, entry, head] = World::get().told_bodies();
    let refused = Told::Refused;
    let head_ok = Told::Head(Ok(()));

    // Messages, rights, and who comes and goes, all of them in order; then what is out of order for one reason each.
    let talk: &[(u8, &[u8])] = &[
        (ADA_SAYS, b"\0\0hello"),
        (BOB_SAYS, b"\0\0hello back"),
        (BOB_ADMITS, &[0, 0, CEM, 0]),
        (BOB_MUTES, &[0, 0, ADA, 1]),
        (ADA_SAYS, b"\0\0nobody hears me"),
        (BOB_MUTES, &[0, 0, ADA, 0]),
        (BOB_READ_ONLY, &[0, 0, 1]),
        (ADA_SAYS, b"\0\0nor now"),
        (BOB_READ_ONLY, &[0, 0, 0]),
        (BOB_SENDS_AWAY, &[0, 0, CEM, 5]),
        (BOB_ADMITS, &[0, 0, CEM, 0]),
        (ADA_SAYS, b"\0\0hello again"),
    ];
    let mut expected = [Told::Taken; 12];
    (expected[4], expected[7]) = (refused(Muted), refused(ReadOnly));
    let faults: &[(u8, &[u8])] = &[
        (ADA_SAYS, &[OTHER_ROOM, 0, b'x']),
        (ADA_SAYS, &[NO_MEMBER, 0, b'x']),
        (ADA_SAYS, &[SPOILT_SIGNATURE, 0, b'x']),
        (ADA_SAYS, &[OTHER_SIGNER, 0, b'x']),
        (ADA_SAYS, &[SPOILT_PREVIOUS, 0, b'x']),
        (BOB_SAYS, &[EARLIER_SEEN, 1, b'x']),
        (BOB_SAYS, &[SPOILT_SEEN, 0, b'x']),
        (BOB_SAYS, &[LATER_SEEN, 3, b'x']),
        (BOB_ADMITS, &[0, 0, ADA, 4]),
        (ADA_READ_ONLY, &[0, 0, 1]),
        (ADA_SAYS, &[LATER_SEQUENCE, 2, b'x']),
        (BOB_ADMITS, &[0, 0, BOB, 0]),
    ];
    let (host, member) = (1, 0);
    let (room, told) = play(&on(member, talk));
    assert_eq!((told.as_slice(), room.log.n()), (&expected[..], 13));
    let (room, told) = play(&on(host, talk));
    assert_eq!((told.as_slice(), room.log.n()), (&expected[..], 11));
    let (room, told) = play(&on(host, faults));
    let sequence = |found| WrongSequence { expected: 1, found };
    let refusals = [
        refused(WrongRoom),
        // Nobody hands in for another one.
        refused(NotAllowed),
        refused(BadSignature),
        refused(BadSignature),
        refused(WrongPrevious),
        Told::Taken,
        refused(WrongSeen { at: 2 }),
        refused(WrongSeen { at: 5 }),
        refused(NotAllowed),
        refused(NotAllowed),
        refused(sequence(3)),
        refused(OwnIntroduction),
    ];
    assert_eq!((told.as_slice(), room.log.n()), (&refusals[..], 2));
    let (room, told) = play(&on(member, faults));
    assert!(matches!(told[4], Told::Refused(WrongPrevious)) && told.contains(&refused(UnknownAuthor)));
    assert_eq!(told.last(), Some(&refused(OwnIntroduction)));
    assert_eq!(room.log.n(), 13, "a member goes on behind each");

    // Entries that the host lost or keeps no more, and the head that it signs behind them.
    let gaps: &[(u8, &[u8])] = &[
        (ADA_SAYS, b"\0\0hello"),
        (SIGN_HEAD, &[0, 0]),
        (SIGN_HEAD, &[1, 0]),
        (SIGN_HEAD, &[0, 0, 9]),
        (BOB_SAYS, &[OTHER_NUMBER, 3, b'x']),
        (OUT_OF_LINE, &[SKIP, 5]),
        (BOB_SAYS, b"\0\0behind the gap"),
        (SIGN_HEAD, &[0, 0]),
        (OUT_OF_LINE, &[RESTART]),
        (BOB_SAYS, b"\0\0behind the head"),
        (PIECE, &[LET_GO, 4]),
        (ADA_SAYS, &[LATER_SEQUENCE, 4, b'x']),
        (OUT_OF_LINE, &[COME_BACK]),
        (PIECE, &[ROSTER, 0]),
        (ADA_SAYS, b"\0\0here again"),
        (AGAIN, &[0]),
        (OUT_OF_LINE, &[SKIP, 2]),
        (BOB_SAYS, b"\0\0behind another gap"),
        (OUT_OF_LINE, &[TRUST, 0]),
        (OUT_OF_LINE, &[RESTART]),
    ];
    let (room, told) = play(&on(member, gaps));
    let fork = Told::Head(Err(HeadFault::Fork { at: 2 }));
    assert_eq!(told[..5], [Told::Taken, head_ok, head_ok, fork, Told::Gap]);
    assert_eq!(
        told[6..8],
        [Told::Taken, head_ok],
        "the head leads back to the order"
    );
    assert_eq!(
        told[9..12],
        [Told::Taken, Told::LetGo { taken: true }, Told::Taken]
    );
    assert_eq!(told[13..15], [Told::Roster { taken: true }, Told::Taken]);
    assert!(matches!(told[15], Told::Refused(_)) && room.log.knows_head());

    let twice = on(
        host,
        &[(ADA_SAYS, b"\0\0hello"), (AGAIN, &[0]), (ADA_SAYS, b"\0\0on")],
    );
    assert_eq!(
        play(&twice).1,
        [Told::Taken, refused(Duplicate), Told::Taken],
        "what is handed in twice is known"
    );
    vec![
        on(member, talk),
        on(host, talk),
        on(host, faults),
        on(member, faults),
        on(member, gaps),
        twice,
        on(
            member,
            &[(AS_IT_CAME, &roster), (AS_IT_CAME, &entry), (AS_IT_CAME, &head)],
        ),
        on(
            host,
            &[(ANY_EVENT, &World::get().entry.event), (AS_IT_CAME, &entry)],
        ),
    ]
}
