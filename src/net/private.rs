//! Private conversations of one member: CR/1 end to end with another member, carried by the room's host.
//!
//! The host sees who sends to whom, when and how much; the channel inside has keys, emoji and proof of its
//! own. What is said to somebody who is away waits here, and is sealed and sent when it is back; what was
//! not confirmed when a channel broke is sent again in the next one, and the other end drops what it has.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use minicbor::{Decode, Encode};

use super::clock::now_unix_ms;
use super::guest::WrapKeyCell;
use super::{Message, MessageId, PrivateEvent, RoomKey};
use crate::crypto::{Fingerprint, Identity, Secret, Statement, labelled_hash, sign_batch};
use crate::protocol::body::{self, RoomDescriptor, Welcome};
use crate::protocol::handshake::{
    AwaitConfirmation, AwaitHost, AwaitProof, AwaitWelcome, Established, GuestHello, HandshakeError,
    HostHello, InviteSecret, InvitedHello,
};
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_COUNT, MAX_MESSAGE_BYTES};
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind};
use crate::protocol::{Connection, Output};

/// Messages that may wait for one member.
const MAX_WAITING: usize = 1024;
/// Members with whom a conversation may be open.
const MAX_CHATS: usize = 256;
/// One member may begin a channel with us so often.
const MIN_HELLO_INTERVAL: Duration = Duration::from_secs(1);

/// What a desk wants done.
#[derive(Debug)]
pub(super) enum Out {
    /// Have the host pass this on.
    Send { to: Fingerprint, bytes: Vec<u8> },
    /// Tell the user.
    Tell { with: Fingerprint, event: PrivateEvent },
}

/// Somebody at the other end.
#[derive(Debug, Clone)]
pub(super) struct Partner {
    pub fingerprint: Fingerprint,
    pub name: String,
    /// Whether it is in the room now.
    pub present: bool,
}

/// All private conversations of one member in one room.
pub(super) struct Desk {
    key: RoomKey,
    identity: Arc<Identity>,
    own_name: String,
    wrap: Arc<WrapKeyCell>,
    room: [u8; 32],
    chats: HashMap<Fingerprint, Chat>,
    outs: Vec<Out>,
}

struct Chat {
    name: String,
    stage: Stage,
    begun_at: Instant,
    heard_hello_at: Option<Instant>,
    /// What the other end has not confirmed, in order.
    waiting: VecDeque<Said>,
    /// How many of those were sent in this channel.
    sent: usize,
    last_seq: u64,
    /// The newest that we heard.
    heard: u64,
}

enum Stage {
    Idle,
    AwaitHost(Box<AwaitHost>),
    AwaitWelcome(Box<AwaitWelcome>),
    AwaitProof(Box<AwaitProof>),
    AwaitConfirmation(Box<AwaitConfirmation>),
    Live(Box<Connection>),
}

#[derive(Debug, Clone)]
struct Said {
    id: MessageId,
    seq: u64,
    time_ms: u64,
    text: String,
}

/// The text of a record in a private channel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
enum Piece {
    /// A message; numbers rise, also over restarts.
    #[n(1)]
    Message {
        #[n(0)]
        seq: u64,
        #[n(1)]
        time_ms: u64,
        #[n(2)]
        text: String,
    },
    /// Everything up to this number arrived.
    #[n(2)]
    Heard(#[n(0)] u64),
}

impl Desk {
    pub fn new(
        key: RoomKey,
        identity: Arc<Identity>,
        own_name: String,
        wrap: Arc<WrapKeyCell>,
        room: [u8; 32],
    ) -> Desk {
        Desk {
            key,
            identity,
            own_name,
            wrap,
            room,
            chats: HashMap::new(),
            outs: Vec::new(),
        }
    }

    /// What is to be done, in order.
    pub fn drain(&mut self) -> Vec<Out> {
        std::mem::take(&mut self.outs)
    }

    /// Begins a channel, so that its emoji can be compared before anything is said.
    pub fn open(&mut self, partner: &Partner, now: Instant) {
        if self.chat(partner).is_some() {
            self.go_on(partner, now, true);
        }
    }

    /// Writes a message; it is sent when the other end is there.
    pub fn say(&mut self, partner: &Partner, text: String, now: Instant) {
        let own = self.identity.fingerprint();
        let (key, own_name, channel) = (
            self.key,
            self.own_name.clone(),
            self.channel(&partner.fingerprint),
        );
        let Some(chat) = self.chat(partner) else {
            return;
        };
        if chat.waiting.len() >= MAX_WAITING {
            let text =
                "Too many private messages wait for this person; the last one was not kept.".to_owned();
            return self.tell(partner.fingerprint, PrivateEvent::Alarmed { text });
        }
        let time_ms = now_unix_ms();
        let seq = time_ms.max(chat.last_seq + 1);
        chat.last_seq = seq;
        let id = message_id(&channel, &own, seq, &text);
        chat.waiting.push_back(Said {
            id,
            seq,
            time_ms,
            text: text.clone(),
        });
        let message = Message {
            room: key,
            id,
            author: own,
            name: own_name,
            text,
            time_ms,
            own: true,
        };
        self.tell(partner.fingerprint, PrivateEvent::Written { message });
        self.go_on(partner, now, true);
    }

    /// Somebody came in, or came back: its side of an earlier channel is gone.
    pub fn came(&mut self, partner: &Partner, now: Instant) {
        if self.chats.contains_key(&partner.fingerprint) {
            self.break_off(&partner.fingerprint);
            self.go_on(partner, now, false);
        }
    }

    /// Somebody is gone.
    pub fn left(&mut self, who: &Fingerprint) {
        if self.chats.contains_key(who) {
            self.break_off(who);
        }
    }

    /// We are gone ourselves.
    pub fn lost(&mut self) {
        let all: Vec<Fingerprint> = self.chats.keys().copied().collect();
        all.iter().for_each(|who| self.break_off(who));
        self.outs.retain(|out| matches!(out, Out::Tell { .. }));
    }

    /// The host passed something on.
    pub fn receive(&mut self, partner: &Partner, bytes: &[u8], now: Instant) {
        if self.chat(partner).is_none() {
            return;
        }
        if let Err(reason) = self.take_in(partner, bytes, now) {
            let with = partner.fingerprint;
            self.break_off(&with);
            log::info!("a private channel broke: {reason}");
            let text = format!("The private channel was broken off: {reason}. What was not confirmed waits.");
            self.tell(with, PrivateEvent::Alarmed { text });
        }
    }

    fn take_in(&mut self, partner: &Partner, bytes: &[u8], now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        let is_live = matches!(
            self.chats.get(&with).map(|chat| &chat.stage),
            Some(Stage::Live(_))
        );
        // A kind of handshake frame in a live channel: the other end began anew.
        let begins = bytes
            .first()
            .is_some_and(|kind| *kind == FrameKind::GuestHello as u8);
        if !is_live || begins {
            let mut frames = FrameBuffer::default();
            frames.push(bytes);
            while let Some(frame) = frames.next_frame().map_err(|error| error.to_string())? {
                self.handshake(partner, frame, now)
                    .map_err(|error| error.to_string())?;
            }
            return Ok(());
        }
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        let Stage::Live(connection) = &mut chat.stage else {
            return Ok(());
        };
        let outcome = connection.handle_input(bytes, now, &mut rand::rng());
        self.flush(partner, now)?;
        outcome.map_err(|error| error.to_string())
    }

    fn handshake(&mut self, partner: &Partner, frame: Frame, now: Instant) -> Result<(), HandshakeError> {
        let with = partner.fingerprint;
        let own = self.identity.fingerprint();
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        let stage = std::mem::replace(&mut chat.stage, Stage::Idle);
        if frame.kind == FrameKind::GuestHello {
            // Both began at once: the smaller fingerprint's hello counts.
            let ours_counts = matches!(stage, Stage::AwaitHost(_) | Stage::AwaitWelcome(_)) && own < with;
            let too_often = chat
                .heard_hello_at
                .is_some_and(|at| now.saturating_duration_since(at) < MIN_HELLO_INTERVAL);
            if ours_counts || too_often {
                chat.stage = stage;
                return Ok(());
            }
            (chat.heard_hello_at, chat.begun_at, chat.sent) = (Some(now), now, 0);
            return self.answer_hello(with, &frame);
        }
        let mut rng = rand::rng();
        match stage {
            Stage::AwaitHost(state) => {
                let state = state.receive(frame)?;
                let signature = sign(&self.identity, state.statement())?;
                let (state, m3) = state.signed(&signature);
                self.put_stage(&with, Stage::AwaitWelcome(Box::new(state)));
                self.send(with, m3);
            }
            Stage::AwaitWelcome(state) => {
                let wrap = self.wrap.wait()?;
                let (established, m5) = state.receive(frame, &wrap, &mut rng)?;
                self.send(with, m5);
                self.secured(partner, established, now);
            }
            Stage::AwaitProof(state) => {
                let guest = state.receive(frame)?;
                let found = guest.guest().identity.fingerprint();
                if found != with {
                    return Err(HandshakeError::WrongHost {
                        expected: with,
                        found,
                    });
                }
                let (state, m4) = guest.admit(&mut rng)?;
                self.put_stage(&with, Stage::AwaitConfirmation(Box::new(state)));
                self.send(with, m4);
            }
            Stage::AwaitConfirmation(state) => {
                let established = state.receive(frame)?;
                self.secured(partner, established, now);
            }
            // Of a channel that is gone.
            Stage::Idle => {}
            live @ Stage::Live(_) => self.put_stage(&with, live),
        }
        Ok(())
    }

    /// M1 of the other end: answer it. RSA of ours costs 5 ms here, at most once a second for each member.
    fn answer_hello(&mut self, with: Fingerprint, frame: &Frame) -> Result<(), HandshakeError> {
        let invites = [InviteSecret {
            secret: self.psk(&with),
            expires_unix: None,
        }];
        let hello = InvitedHello::check(frame, &invites, 0)?;
        let host = HostHello {
            identity: self.identity.public().clone(),
            room: RoomDescriptor {
                id: self.channel(&with),
                name: "private".to_owned(),
            },
            welcome: Welcome {
                host_name: self.own_name.clone(),
            },
        };
        let state = hello.answer(&host, &mut rand::rng())?;
        let signature = sign(&self.identity, state.statement())?;
        let (state, m2) = state.signed(&signature);
        self.put_stage(&with, Stage::AwaitProof(Box::new(state)));
        self.send(with, m2);
        Ok(())
    }

    fn secured(&mut self, partner: &Partner, established: Established, now: Instant) {
        let with = partner.fingerprint;
        let (agreed, connection) = established.into_connection(&[], now);
        if let Some(chat) = self.chats.get_mut(&with) {
            chat.sent = 0;
        }
        self.put_stage(&with, Stage::Live(Box::new(connection)));
        self.tell(with, PrivateEvent::Secured { sas: agreed.sas });
        self.go_on(partner, now, false);
    }

    /// Does what can be done now: sends what waits, or begins a channel for it.
    fn go_on(&mut self, partner: &Partner, now: Instant, wanted: bool) {
        let with = partner.fingerprint;
        let Some(chat) = self.chats.get_mut(&with) else {
            return;
        };
        match &mut chat.stage {
            Stage::Live(connection) => {
                while let Some(said) = chat.waiting.get(chat.sent) {
                    let piece = Piece::Message {
                        seq: said.seq,
                        time_ms: said.time_ms,
                        text: said.text.clone(),
                    };
                    if connection.send(&body::encode(&piece)).is_err() {
                        break;
                    }
                    chat.sent += 1;
                }
                connection.handle_timeout(now, &mut rand::rng());
                if let Err(reason) = self.flush(partner, now) {
                    log::info!("a private channel broke: {reason}");
                    self.break_off(&with);
                }
            }
            _ if !partner.present && !wanted => {}
            _ if !partner.present => self.tell(with, PrivateEvent::Waiting),
            Stage::Idle => self.begin(with, wanted, now),
            // A handshake that nobody answers is begun anew when something is said.
            _ if wanted && now.saturating_duration_since(chat.begun_at) > HANDSHAKE_TIMEOUT => {
                self.begin(with, true, now);
            }
            _ => {}
        }
    }

    fn begin(&mut self, with: Fingerprint, wanted: bool, now: Instant) {
        let psk = self.psk(&with);
        let Some(chat) = self.chats.get_mut(&with) else {
            return;
        };
        if chat.waiting.is_empty() && !wanted {
            return;
        }
        let Ok(wrap) = self.wrap.wait() else {
            return;
        };
        let hello = GuestHello {
            invite: psk,
            pinned: Some(with),
            identity: self.identity.public().clone(),
            wrap: wrap.public().clone(),
            name: self.own_name.clone(),
        };
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        chat.stage = Stage::AwaitHost(Box::new(state));
        (chat.begun_at, chat.sent) = (now, 0);
        self.send(with, m1);
    }

    /// Hands on what a live channel sends, and takes in what it received.
    fn flush(&mut self, partner: &Partner, now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        loop {
            let Some(Chat {
                stage: Stage::Live(connection),
                ..
            }) = self.chats.get_mut(&with)
            else {
                return Ok(());
            };
            match connection.poll_output() {
                None => return Ok(()),
                Some(Output::Transmit(bytes)) => self.send(with, bytes),
                Some(Output::Received(text)) => self.hear(partner, &text)?,
                Some(Output::PeerClosed) => {
                    self.break_off(&with);
                    self.go_on(partner, now, false);
                }
            }
        }
    }

    fn hear(&mut self, partner: &Partner, text: &[u8]) -> Result<(), String> {
        let with = partner.fingerprint;
        let channel = self.channel(&with);
        let piece: Piece = body::decode(text).map_err(|error| error.to_string())?;
        let key = self.key;
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        match piece {
            Piece::Message { seq, time_ms, text } => {
                if text.is_empty() || text.len() > MAX_MESSAGE_BYTES || seq > MAX_COUNT {
                    return Err("a private message was empty or too long".to_owned());
                }
                let is_new = seq > chat.heard;
                chat.heard = chat.heard.max(seq);
                let heard = Piece::Heard(chat.heard);
                if let Stage::Live(connection) = &mut chat.stage {
                    let _ = connection.send(&body::encode(&heard));
                }
                if is_new {
                    let message = Message {
                        room: key,
                        id: message_id(&channel, &with, seq, &text),
                        author: with,
                        name: partner.name.clone(),
                        text,
                        time_ms,
                        own: false,
                    };
                    self.tell(with, PrivateEvent::Heard { message });
                }
            }
            Piece::Heard(seq) => {
                while chat.waiting.front().is_some_and(|said| said.seq <= seq) {
                    chat.sent = chat.sent.saturating_sub(1);
                    if let Some(said) = chat.waiting.pop_front() {
                        let event = PrivateEvent::Delivered { id: said.id };
                        self.outs.push(Out::Tell { with, event });
                    }
                }
            }
        }
        Ok(())
    }

    fn break_off(&mut self, who: &Fingerprint) {
        let Some(chat) = self.chats.get_mut(who) else {
            return;
        };
        let was_live = matches!(chat.stage, Stage::Live(_));
        (chat.stage, chat.sent) = (Stage::Idle, 0);
        if was_live {
            self.tell(*who, PrivateEvent::Waiting);
        }
    }

    fn chat(&mut self, partner: &Partner) -> Option<&mut Chat> {
        let is_known = self.chats.contains_key(&partner.fingerprint);
        if partner.fingerprint == self.identity.fingerprint() || (!is_known && self.chats.len() >= MAX_CHATS)
        {
            return None;
        }
        let chat = self.chats.entry(partner.fingerprint).or_insert_with(|| Chat {
            name: String::new(),
            stage: Stage::Idle,
            begun_at: Instant::now(),
            heard_hello_at: None,
            waiting: VecDeque::new(),
            sent: 0,
            last_seq: 0,
            heard: 0,
        });
        chat.name.clone_from(&partner.name);
        Some(chat)
    }

    fn put_stage(&mut self, with: &Fingerprint, stage: Stage) {
        if let Some(chat) = self.chats.get_mut(with) {
            chat.stage = stage;
        }
    }

    fn send(&mut self, to: Fingerprint, bytes: Vec<u8>) {
        self.outs.push(Out::Send { to, bytes });
    }

    fn tell(&mut self, with: Fingerprint, event: PrivateEvent) {
        self.outs.push(Out::Tell { with, event });
    }

    /// The channel's own id: room and both people, so that no frame of it can stand elsewhere.
    fn channel(&self, with: &Fingerprint) -> [u8; 32] {
        channel_id(&self.room, &self.identity.fingerprint(), with)
    }

    /// No secret: the host knows the room and the people too. It keeps channels apart.
    fn psk(&self, with: &Fingerprint) -> Secret {
        Secret::new(labelled_hash("private psk", &[&self.channel(with)]))
    }
}

/// The id of the private channel between two members of a room.
pub fn channel_id(room: &[u8; 32], one: &Fingerprint, other: &Fingerprint) -> [u8; 32] {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    labelled_hash("private", &[room, first.as_bytes(), second.as_bytes()])
}

fn message_id(channel: &[u8; 32], author: &Fingerprint, seq: u64, text: &str) -> MessageId {
    let fields: [&[u8]; 4] = [channel, author.as_bytes(), &seq.to_be_bytes(), text.as_bytes()];
    MessageId(labelled_hash("private message", &fields))
}

fn sign(identity: &Identity, statement: Statement) -> Result<crate::crypto::Signature, HandshakeError> {
    let signatures = sign_batch(identity, &[statement], &mut rand::rng())?;
    signatures.into_iter().next().ok_or(HandshakeError::BadSignature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::WrapKey;
    use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};

    struct Pair {
        desks: [Desk; 2],
        partners: [Partner; 2],
        told: Vec<(usize, PrivateEvent)>,
        /// Every byte that the host passed on.
        carried: Vec<u8>,
    }

    impl Pair {
        fn new() -> Pair {
            let identities = [ADA, BOB].map(|pem| Arc::new(Identity::from_pem(pem).unwrap()));
            let desks = [0, 1].map(|i| {
                let wrap = Arc::new(WrapKeyCell::of(WrapKey::from_pem(ADA_WRAP).unwrap()));
                let name = ["Ada", "Bob"][i].to_owned();
                Desk::new(RoomKey(1), Arc::clone(&identities[i]), name, wrap, [7; 32])
            });
            let partners = [1, 0].map(|i: usize| Partner {
                fingerprint: identities[i].fingerprint(),
                name: ["Ada", "Bob"][i].to_owned(),
                present: true,
            });
            Pair {
                desks,
                partners,
                told: Vec::new(),
                carried: Vec::new(),
            }
        }

        /// Passes on what both want to send until there is nothing; `spoil` may change or drop it.
        fn carry(&mut self, mut spoil: impl FnMut(usize, Vec<u8>) -> Option<Vec<u8>>) {
            loop {
                let mut moved = false;
                for i in 0..2 {
                    for out in self.desks[i].drain() {
                        moved = true;
                        match out {
                            Out::Tell { event, .. } => self.told.push((i, event)),
                            Out::Send { bytes, .. } => {
                                if let Some(bytes) = spoil(i, bytes) {
                                    self.carried.extend(&bytes);
                                    let partner = self.partners[1 - i].clone();
                                    self.desks[1 - i].receive(&partner, &bytes, Instant::now());
                                }
                            }
                        }
                    }
                }
                if !moved {
                    return;
                }
            }
        }

        fn say(&mut self, i: usize, text: &str) {
            let partner = self.partners[i].clone();
            self.desks[i].say(&partner, text.to_owned(), Instant::now());
        }

        fn heard(&self, i: usize) -> Vec<&str> {
            let heard = |(at, event): &'_ (usize, PrivateEvent)| match event {
                PrivateEvent::Heard { message } if *at == i => Some(message.text.as_str().to_owned()),
                _ => None,
            };
            self.told
                .iter()
                .filter_map(heard)
                .map(|text| &*text.leak())
                .collect()
        }

        fn delivered(&self, i: usize) -> usize {
            let is = |(at, event): &&(usize, PrivateEvent)| {
                *at == i && matches!(event, PrivateEvent::Delivered { .. })
            };
            self.told.iter().filter(is).count()
        }
    }

    #[test]
    fn two_members_talk_and_the_host_reads_no_word() {
        let mut pair = Pair::new();
        pair.say(0, "for your eyes only");
        pair.carry(|_, bytes| Some(bytes));
        pair.say(1, "and for yours");
        pair.carry(|_, bytes| Some(bytes));
        assert_eq!(pair.heard(1), ["for your eyes only"]);
        assert_eq!(pair.heard(0), ["and for yours"]);
        assert_eq!((pair.delivered(0), pair.delivered(1)), (1, 1));
        let emoji: Vec<_> = pair
            .told
            .iter()
            .filter_map(|(_, event)| match event {
                PrivateEvent::Secured { sas } => Some(*sas),
                _ => None,
            })
            .collect();
        assert_eq!(emoji.len(), 2);
        assert_eq!(emoji[0], emoji[1], "both compare the same seven");
        let words = |text: &[u8]| pair.carried.windows(text.len()).any(|part| part == text);
        assert!(!words(b"eyes only") && !words(b"for yours"));
    }

    #[test]
    fn what_is_said_to_somebody_away_arrives_once_when_it_is_back() {
        let mut pair = Pair::new();
        pair.partners[0].present = false;
        pair.say(0, "one");
        pair.say(0, "two");
        pair.carry(|_, _| panic!("nothing is sent to somebody away"));
        pair.partners[0].present = true;
        let partner = pair.partners[0].clone();
        pair.desks[0].came(&partner, Instant::now());
        // The confirmations are lost, so both are sent again in the next channel.
        let mut records = 0;
        pair.carry(|from, bytes| {
            records += usize::from(from == 1 && bytes[0] == FrameKind::Data as u8);
            (from == 0 || bytes[0] != FrameKind::Data as u8).then_some(bytes)
        });
        assert!(records > 0);
        assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 0));
        pair.desks[1].lost();
        let partner = pair.partners[0].clone();
        pair.desks[1]
            .chats
            .values_mut()
            .for_each(|chat| chat.heard_hello_at = None);
        pair.desks[0].came(&partner, Instant::now());
        pair.carry(|_, bytes| Some(bytes));
        assert_eq!((pair.heard(1), pair.delivered(0)), (vec!["one", "two"], 2));
    }

    #[test]
    fn both_may_begin_at_once() {
        let mut pair = Pair::new();
        pair.say(0, "hello from Ada");
        pair.say(1, "hello from Bob");
        pair.carry(|_, bytes| Some(bytes));
        assert_eq!(pair.heard(1), ["hello from Ada"]);
        assert_eq!(pair.heard(0), ["hello from Bob"]);
    }

    #[test]
    fn an_altered_byte_breaks_the_channel_off_and_is_told() {
        let mut pair = Pair::new();
        pair.say(0, "first");
        pair.carry(|_, bytes| Some(bytes));
        pair.say(0, "second");
        pair.carry(|from, mut bytes| {
            if from == 0 {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
            }
            Some(bytes)
        });
        assert_eq!(pair.heard(1), ["first"]);
        assert!(
            pair.told
                .iter()
                .any(|(at, event)| *at == 1 && matches!(event, PrivateEvent::Alarmed { .. }))
        );
    }

    #[test]
    fn a_host_that_puts_itself_in_between_shows_another_key() {
        let mut pair = Pair::new();
        // The host tells Ada that Bob has another key: then Bob's proof does not fit it.
        pair.partners[0].fingerprint = Fingerprint::of_der(b"the host's own");
        pair.say(0, "secret");
        pair.carry(|_, bytes| Some(bytes));
        assert!(pair.heard(1).is_empty());
    }
}
