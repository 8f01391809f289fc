//! What is done to a log, written before it is signed: the plan keeps the room's order and the authors' chains as they will be
//! when everything goes as it should.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use cipher_room::crypto::{
    Digest, Fingerprint, Identity, PublicIdentity, Signature, Statement, labelled_hash, sign_batch,
};
use cipher_room::protocol::body::{self, Body, LetGo, MemberEntry, Roster};
use cipher_room::protocol::event::{event_hash, event_statement};
use cipher_room::protocol::limits::MAX_COUNT;
use cipher_room::protocol::{Content, DepartureReason, OwnChain, RoomEvent};

use super::super::{Fixed, World};
use super::ROOM;

// What a step is: the choice of a part, of 16. Events first, Bob's and then Ada's.
pub const BOB_SAYS: u8 = 0;
pub const BOB_ADMITS: u8 = 1;
pub const BOB_SENDS_AWAY: u8 = 2;
pub const BOB_READ_ONLY: u8 = 3;
pub const BOB_MUTES: u8 = 4;
pub const ADA_SAYS: u8 = 5;
pub const ADA_READ_ONLY: u8 = 8;
pub const ANY_EVENT: u8 = 10;
pub const SIGN_HEAD: u8 = 11;
pub const AS_IT_CAME: u8 = 12;
pub const PIECE: u8 = 13;
pub const OUT_OF_LINE: u8 = 14;
pub const AGAIN: u8 = 15;

// What is wrong with an event: the first byte of its text. The second one says by how much, what follows is its content.
pub const OTHER_ROOM: u8 = 1;
pub const NO_MEMBER: u8 = 2;
pub const SPOILT_SIGNATURE: u8 = 3;
pub const OTHER_SIGNER: u8 = 4;
pub const LATER_SEQUENCE: u8 = 5;
pub const EARLIER_SEQUENCE: u8 = 6;
pub const SPOILT_PREVIOUS: u8 = 7;
pub const EARLIER_SEEN: u8 = 8;
pub const SPOILT_SEEN: u8 = 9;
pub const LATER_SEEN: u8 = 10;
pub const OTHER_NUMBER: u8 = 11;
pub const OTHER_SENDER: u8 = 12;
pub const LAST_SEQUENCE: u8 = 13;

// Who is spoken of.
pub const ADA: u8 = 0;
pub const CEM: u8 = 1;
pub const BOB: u8 = 2;

// Pieces, and what is out of line: the first byte of their text.
pub const ROSTER: u8 = 0;
pub const LET_GO: u8 = 1;
pub const RESTART: u8 = 0;
pub const COME_BACK: u8 = 1;
pub const SKIP: u8 = 2;
pub const TRUST: u8 = 3;

pub enum Step {
    Event {
        n: u64,
        sender: Fingerprint,
        bytes: Vec<u8>,
        by: Signed,
    },
    Head {
        n: u64,
        head: Digest,
        by: Signed,
    },
    Loose(Body),
    Gap(u64),
    ComeBack,
    Trust(u64, Digest),
    Restart,
    Nothing,
}

/// The place of a signature among those of its signer.
#[derive(Clone, Copy)]
pub struct Signed {
    by_ada: bool,
    place: usize,
    is_spoilt: bool,
}

impl Signed {
    /// The signature, from Bob's and Ada's.
    pub fn of(&self, signatures: &[Vec<Signature>; 2]) -> Signature {
        let mut signature = signatures[usize::from(self.by_ada)][self.place].clone();
        if self.is_spoilt {
            signature.rsa[self.place] ^= 1;
        }
        signature
    }
}

pub struct Plan {
    is_host: bool,
    n: u64,
    heads: BTreeMap<u64, Digest>,
    chains: HashMap<Fingerprint, OwnChain>,
    ada_is_muted: bool,
    read_only: bool,
    statements: [Vec<Statement>; 2],
    events: Vec<(Fingerprint, Vec<u8>, Signed)>,
}

impl Plan {
    pub fn new(is_host: bool) -> Plan {
        let world = World::get();
        let first = OwnChain {
            seq: 1,
            last: event_hash(&world.entry.event),
        };
        Plan {
            is_host,
            n: 1,
            heads: [(1, world.roster.head)].into(),
            chains: [
                (world.bob.fingerprint(), first),
                (world.ada.fingerprint(), OwnChain::default()),
            ]
            .into(),
            ada_is_muted: false,
            read_only: false,
            statements: Default::default(),
            events: Vec::new(),
        }
    }

    /// Bob's signatures and Ada's, one batch of each.
    pub fn sign(&self) -> [Vec<Signature>; 2] {
        let world = World::get();
        let sign = |(signer, statements): (&Identity, &Vec<Statement>)| match statements.as_slice() {
            [] => Vec::new(),
            some => sign_batch(signer, some, &mut Fixed::new(b"log")).expect("a good key"),
        };
        let [bobs, adas] = &self.statements;
        [(&world.bob, bobs), (&world.ada, adas)].map(sign)
    }

    pub fn step(&mut self, choice: u8, text: &[u8]) -> Step {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        match choice % 16 {
            event @ ..ANY_EVENT => self.event(event >= ADA_SAYS, event % ADA_SAYS, text),
            ANY_EVENT => self.any_event(choice & 16 != 0, text),
            SIGN_HEAD => {
                let n = self.n.saturating_sub(u64::from(byte(0)));
                let n = n + u64::from(byte(1));
                let mut head = self.heads.get(&n).copied().unwrap_or([byte(0); 32]);
                head[0] ^= byte(2);
                let statement = Statement::new("head", &[&ROOM, &n.to_be_bytes(), &head]);
                let by = self.signed(byte(3) % 4 == 1, statement, byte(3) % 4 == 2);
                Step::Head { n, head, by }
            }
            AS_IT_CAME => body::decode(text).map_or(Step::Nothing, Step::Loose),
            PIECE if byte(0) % 2 == ROSTER => Step::Loose(Body::Roster(self.roster(text))),
            PIECE => Step::Loose(Body::LetGo(self.let_go(text))),
            OUT_OF_LINE => match byte(0) % 4 {
                RESTART => Step::Restart,
                _ if self.is_host => Step::Nothing,
                COME_BACK => Step::ComeBack,
                SKIP => Step::Gap(self.gap(text)),
                _ => {
                    let n = self.n.saturating_sub(u64::from(byte(1)));
                    Step::Trust(n, self.heads.get(&n).copied().unwrap_or_default())
                }
            },
            _ => self.again(usize::from(byte(0))),
        }
    }

    fn event(&mut self, by_ada: bool, kind: u8, text: &[u8]) -> Step {
        let world = World::get();
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        let (wrong, amount) = (byte(0), u64::from(byte(1)));
        let content = self.content(kind, text.get(2..).unwrap_or_default());
        let author = match (wrong, by_ada) {
            (NO_MEMBER, _) => cem().fingerprint(),
            (_, true) => world.ada.fingerprint(),
            (_, false) => world.bob.fingerprint(),
        };
        let chain = self.chains.get(&author).copied().unwrap_or_default();
        let (&newest, &newest_head) = self.heads.last_key_value().expect("one at least");
        let mut event = RoomEvent {
            room: ROOM,
            author,
            seq: chain.seq.saturating_add(1),
            prev: chain.last,
            seen: newest,
            seen_head: newest_head,
            time_ms: amount,
            content,
        };
        match wrong {
            OTHER_ROOM => event.room[0] ^= 1,
            LATER_SEQUENCE => event.seq += amount,
            EARLIER_SEQUENCE => event.seq = event.seq.saturating_sub(amount),
            LAST_SEQUENCE => event.seq = MAX_COUNT - 2 + amount % 4,
            SPOILT_PREVIOUS => event.prev[0] ^= 1,
            EARLIER_SEEN => {
                event.seen = newest.saturating_sub(amount);
                event.seen_head = self.heads.get(&event.seen).copied().unwrap_or_default();
            }
            SPOILT_SEEN => event.seen_head[0] ^= 1,
            LATER_SEEN => event.seen = newest.saturating_add(amount),
            _ => {}
        }
        let bytes = body::encode(&event);
        let is_spoilt = wrong == SPOILT_SIGNATURE;
        let by = self.signed(
            by_ada ^ (wrong == OTHER_SIGNER),
            event_statement(&bytes),
            is_spoilt,
        );
        let mut n = self.n.saturating_add(1);
        let mut sender = if by_ada { &world.ada } else { &world.bob }.fingerprint();
        match wrong {
            OTHER_NUMBER => n = n.saturating_add(amount),
            OTHER_SENDER if by_ada => sender = world.bob.fingerprint(),
            OTHER_SENDER => sender = world.ada.fingerprint(),
            _ => {}
        }
        if self.is_host || n == self.n.saturating_add(1) {
            self.follow(by_ada, wrong, &event, event_hash(&bytes));
        }
        self.events.push((sender, bytes.clone(), by));
        Step::Event { n, sender, bytes, by }
    }

    /// An event that was handed in before, once more.
    fn again(&mut self, place: usize) -> Step {
        let Some((sender, bytes, by)) = self.events.get(place % self.events.len().max(1)).cloned() else {
            return Step::Nothing;
        };
        let n = self.n.saturating_add(1);
        if !self.is_host {
            self.push(&event_hash(&bytes));
        }
        Step::Event { n, sender, bytes, by }
    }

    /// Goes on as the log will.
    fn follow(&mut self, by_ada: bool, wrong: u8, event: &RoomEvent, hash: Digest) {
        let is_allowed = match &event.content {
            Content::Message { .. } => !by_ada || !(self.ada_is_muted || self.read_only),
            Content::Admitted(member) => !by_ada && self.introduces_rightly(member),
            _ => !by_ada,
        };
        let is_right = is_allowed && matches!(wrong, 0 | EARLIER_SEEN | OTHER_NUMBER | 14..);
        if self.is_host && !is_right {
            return;
        }
        self.push(&hash);
        let is_signed = !matches!(wrong, OTHER_ROOM | NO_MEMBER | SPOILT_SIGNATURE | OTHER_SIGNER);
        let chain = self.chains.entry(event.author).or_default();
        if is_signed && event.seq > chain.seq {
            (chain.seq, chain.last) = (event.seq, hash);
        }
        match &event.content {
            _ if !is_right => {}
            Content::Admitted(member) => {
                let chain = OwnChain {
                    seq: member.seq,
                    last: member.last,
                };
                self.chains.insert(Fingerprint::of_der(&member.identity), chain);
            }
            Content::ReadOnly(read_only) => self.read_only = *read_only,
            Content::Muted { member, muted } if *member == World::get().ada.fingerprint() => {
                self.ada_is_muted = *muted;
            }
            _ => {}
        }
    }

    /// Whether Bob may: not himself, and whom the room knows with the chain that it knows.
    fn introduces_rightly(&self, member: &MemberEntry) -> bool {
        if member.identity == World::get().bob.public().as_der() {
            return false;
        }
        let known = self.chains.get(&Fingerprint::of_der(&member.identity));
        known.is_none_or(|chain| (chain.seq, chain.last) == (member.seq, member.last))
    }

    fn push(&mut self, hash: &Digest) {
        let before = self.heads.get(&self.n).copied().unwrap_or_default();
        self.n = self.n.saturating_add(1);
        let head = labelled_hash("head", &[&before, &self.n.to_be_bytes(), hash]);
        self.heads.insert(self.n, head);
    }

    fn content(&self, kind: u8, text: &[u8]) -> Content {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        match kind {
            BOB_SAYS => Content::Message {
                text: String::from_utf8_lossy(text).into_owned(),
            },
            BOB_ADMITS => {
                let rest = text.get(2..).unwrap_or_default();
                let mut member = self.member(byte(0), rest);
                member.seq = member.seq.saturating_add(u64::from(byte(1)));
                Content::Admitted(member)
            }
            BOB_SENDS_AWAY => {
                use DepartureReason::*;
                let reasons = [Goodbye, ConnectionLost, TooSlow, ProtocolError, Removed, Banned];
                Content::Departed {
                    member: who(byte(0)).fingerprint(),
                    reason: reasons[usize::from(byte(1)) % reasons.len()],
                }
            }
            BOB_READ_ONLY => Content::ReadOnly(byte(0) % 2 == 1),
            _ => Content::Muted {
                member: who(byte(0)).fingerprint(),
                muted: byte(1) % 2 == 1,
            },
        }
    }

    /// Somebody as the host introduces it: with the chain that the room knows of. From the fourth on a key of any form.
    fn member(&self, choice: u8, other: &[u8]) -> MemberEntry {
        let identity = match choice {
            ..=BOB => who(choice).as_der().to_vec(),
            _ => other.to_vec(),
        };
        let chain = self.chains.get(&Fingerprint::of_der(&identity));
        let OwnChain { seq, last } = chain.copied().unwrap_or_default();
        MemberEntry {
            identity,
            name: "Somebody".to_owned(),
            seq,
            last,
        }
    }

    /// Bytes of any form as an event that is rightly signed.
    fn any_event(&mut self, by_ada: bool, text: &[u8]) -> Step {
        let signer = if by_ada {
            &World::get().ada
        } else {
            &World::get().bob
        };
        let by = self.signed(by_ada, event_statement(text), false);
        let n = self.n.saturating_add(1);
        if !self.is_host {
            self.push(&event_hash(text));
        }
        Step::Event {
            n,
            sender: signer.fingerprint(),
            bytes: text.to_vec(),
            by,
        }
    }

    /// Everybody as the plan has them; `text` says what is otherwise.
    fn roster(&mut self, text: &[u8]) -> Roster {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        self.jump_to(self.n.saturating_add(u64::from(byte(1))));
        self.read_only = byte(2) % 2 == 1;
        self.ada_is_muted = byte(3) % 2 == 1;
        let muted = self.ada_is_muted.then(|| who(ADA).fingerprint());
        let mut members = vec![self.member(BOB, &[]), self.member(ADA, &[])];
        if byte(5) != 0 {
            members.push(self.member(byte(5), text.get(6..).unwrap_or_default()));
        }
        members[1].seq = members[1].seq.saturating_add(u64::from(byte(4)));
        Roster {
            n: self.n,
            head: self.heads.get(&self.n).copied().unwrap_or_default(),
            members,
            more: byte(7) % 2 == 1,
            muted: muted.into_iter().collect(),
            read_only: self.read_only,
        }
    }

    fn let_go(&mut self, text: &[u8]) -> LetGo {
        let byte = |at: usize| text.get(at).copied().unwrap_or(0);
        self.jump_to(self.n.saturating_add(u64::from(byte(1))));
        let other = text.get(4..).unwrap_or_default();
        let members = [BOB, ADA, byte(3)].map(|choice| MemberEntry {
            seq: 0,
            last: [0; 32],
            ..self.member(choice, other)
        });
        LetGo {
            n: self.n,
            head: self.heads.get(&self.n).copied().unwrap_or_default(),
            members: members.to_vec(),
            more: byte(2) % 2 == 1,
        }
    }

    fn gap(&mut self, text: &[u8]) -> u64 {
        let amount = match text.get(1..) {
            Some(bytes @ [_, _, _, _, _, _, _, _, ..]) => {
                bytes.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
            }
            Some([amount, ..]) => u64::from(*amount),
            _ => 0,
        };
        let n = self.n.saturating_add(1).saturating_add(amount);
        if amount > 0 && n <= MAX_COUNT {
            self.jump_to(n - 1);
        }
        n
    }

    /// Goes on behind an entry, with a head that only the host knows.
    fn jump_to(&mut self, n: u64) {
        if n != self.n {
            self.n = n;
            self.heads.insert(n, [n as u8; 32]);
        }
    }

    fn signed(&mut self, by_ada: bool, statement: Statement, is_spoilt: bool) -> Signed {
        let statements = &mut self.statements[usize::from(by_ada)];
        statements.push(statement);
        Signed {
            by_ada,
            place: statements.len() - 1,
            is_spoilt,
        }
    }
}

fn who(choice: u8) -> &'static PublicIdentity {
    let world = World::get();
    match choice % 3 {
        ADA => world.ada.public(),
        CEM => cem(),
        _ => world.bob.public(),
    }
}

/// Somebody who is in no room yet.
fn cem() -> &'static PublicIdentity {
    static CEM: OnceLock<PublicIdentity> = OnceLock::new();
    CEM.get_or_init(|| {
        Identity::from_pem(super::super::CEM)
            .expect("a good key")
            .public()
            .clone()
    })
}
