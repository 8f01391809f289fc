//! Private conversations of one member: CR/1 end to end with another member, carried by the room's host.
//!
//! The host sees who sends to whom, when and how much; the channel inside has keys, emoji and proof of its
//! own. What is said to somebody who is away waits here, and is sealed and sent when it is back; what was
//! not confirmed when a channel broke is sent again in the next one, and the other end drops what it has.
//!
//! What happened is kept before anything of it is told or sent: [`Desk::drain`] keeps it and then gives out what
//! is to be done. So over a crash of either end a message is neither lost nor shown twice.

mod channel;
mod page;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use minicbor::{Decode, Encode};

use self::channel::Stage;
use super::clock::now_unix_ms;
use super::guest::WrapKeyCell;
use super::keep::{KeptTalk, TalkChange, TalkEnd, TalkKeeper, said_now};
use super::{HistoryPage, Message, MessageId, PrivateEvent, RoomKey};
use crate::crypto::{Fingerprint, Identity, Secret, labelled_hash};
use crate::protocol::body;
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_COUNT, MAX_MESSAGE_BYTES};

pub(super) use self::page::Reader;

/// Messages that may wait for one member.
const MAX_WAITING: usize = 1024;
/// Members with whom a conversation may be open.
const MAX_CHATS: usize = 256;
/// One member may begin a channel with us so often in so long: a line that is lost and found again begins anew
/// each time.
const MAX_HELLOS: u32 = 8;
const HELLO_WINDOW: Duration = Duration::from_secs(8);
/// A channel that broke is begun anew after so long at the earliest.
const BEGIN_AGAIN: Duration = Duration::from_secs(1);

/// What a desk wants done.
#[derive(Debug)]
pub(super) enum Out {
    /// Have the host pass this on.
    Send { to: Fingerprint, bytes: Vec<u8> },
    /// Tell the user.
    Tell { with: Fingerprint, event: PrivateEvent },
    /// Tell the user that something is not kept on the disk.
    NotKept { reason: String },
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
    keeper: TalkKeeper,
    outs: Vec<Out>,
}

struct Chat {
    name: String,
    stage: Stage,
    begun_at: Instant,
    /// Since when channels were begun with us, and how many.
    hellos: Option<(Instant, u32)>,
    /// What the other end has not confirmed, in order.
    waiting: VecDeque<Said>,
    /// How many of those were sent in this channel.
    sent: usize,
    last_seq: u64,
    /// The newest that we heard.
    heard: u64,
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
        keeper: TalkKeeper,
    ) -> Desk {
        let kept = keeper.load();
        let mut desk = Desk {
            key,
            identity,
            own_name,
            wrap,
            room,
            chats: HashMap::new(),
            keeper,
            outs: Vec::new(),
        };
        kept.into_iter().for_each(|talk| desk.take_up(talk));
        desk
    }

    /// Keeps what happened, then gives what is to be done, in order.
    pub fn drain(&mut self) -> Vec<Out> {
        if let Err(reason) = self.keeper.keep() {
            self.outs.push(Out::NotKept { reason });
        }
        std::mem::take(&mut self.outs)
    }

    /// Goes on with a conversation of an earlier run, and tells what is kept of it.
    fn take_up(&mut self, kept: KeptTalk) {
        let with = kept.talk.partner();
        // Of another identity that this profile had before.
        if kept.talk.channel != self.channel(&with) {
            return;
        }
        let partner = Partner {
            fingerprint: with,
            name: kept.talk.name.clone(),
            present: false,
        };
        let reader = Reader {
            room: self.key,
            own: self.identity.fingerprint(),
            own_name: self.own_name.clone(),
        };
        let page = HistoryPage {
            id: kept.talk.channel,
            messages: kept
                .said
                .iter()
                .map(|(place, said)| (reader.message(&kept.talk, said), *place))
                .collect(),
            first: kept.from,
            has_more: kept.from > kept.talk.first,
        };
        let waiting: Vec<Message> = kept
            .waiting
            .iter()
            .map(|said| reader.message(&kept.talk, said))
            .collect();
        let Some(chat) = self.chat(&partner) else {
            return;
        };
        (chat.last_seq, chat.heard) = (kept.talk.last_seq, kept.talk.heard);
        for (said, message) in kept.waiting.into_iter().zip(&waiting) {
            chat.waiting.push_back(Said {
                id: message.id,
                seq: said.seq,
                time_ms: said.time_ms,
                text: said.text,
            });
        }
        self.tell(
            with,
            PrivateEvent::Kept {
                name: partner.name,
                page,
                waiting,
            },
        );
    }

    /// Notes what happened in a conversation, to be kept.
    fn note(&mut self, partner: &Partner, change: TalkChange) {
        let end = TalkEnd {
            channel: self.channel(&partner.fingerprint),
            with: partner.fingerprint,
            name: partner.name.clone(),
        };
        self.keeper.note(end, change);
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
            return self.refuse();
        };
        if chat.waiting.len() >= MAX_WAITING {
            let reason =
                "Too many private messages wait for this person; the last one was not kept.".to_owned();
            return self.outs.push(Out::NotKept { reason });
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
        self.note(partner, said_now(true, seq, time_ms, &message.text));
        self.tell(partner.fingerprint, PrivateEvent::Written { message });
        self.go_on(partner, now, true);
    }

    /// Somebody with whom there is a conversation, away as far as it is known here.
    pub fn partner(&self, who: &Fingerprint) -> Option<Partner> {
        let chat = self.chats.get(who)?;
        Some(Partner {
            fingerprint: *who,
            name: chat.name.clone(),
            present: false,
        })
    }

    /// A message to somebody with whom there can be no conversation.
    pub fn refuse(&mut self) {
        let reason = "The private message was not sent: nobody with this key was in the room.".to_owned();
        self.outs.push(Out::NotKept { reason });
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
        self.outs.retain(|out| !matches!(out, Out::Send { .. }));
    }

    /// The host passed something on.
    pub fn receive(&mut self, partner: &Partner, bytes: &[u8], now: Instant) {
        let Some(chat) = self.chat(partner) else {
            return;
        };
        let was_idle = matches!(chat.stage, Stage::Idle);
        if let Err(reason) = self.take_in(partner, bytes, now) {
            let with = partner.fingerprint;
            self.break_off(&with);
            log::info!("a private channel broke: {reason}");
            if was_idle {
                // There was nothing to break; who sends noise gets nobody's attention by it.
                return;
            }
            let text = format!("The private channel was broken off: {reason}. What was not confirmed waits.");
            self.tell(with, PrivateEvent::Alarmed { text });
            // The other end may not know: what it says would be lost on us.
            self.begin_again(with, now);
        }
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
                    self.note(partner, said_now(false, seq, time_ms, &message.text));
                    self.tell(with, PrivateEvent::Heard { message });
                }
            }
            Piece::Heard(seq) => {
                let waited = chat.waiting.front().is_some_and(|said| said.seq <= seq);
                while chat.waiting.front().is_some_and(|said| said.seq <= seq) {
                    chat.sent = chat.sent.saturating_sub(1);
                    if let Some(said) = chat.waiting.pop_front() {
                        let event = PrivateEvent::Delivered { id: said.id };
                        self.outs.push(Out::Tell { with, event });
                    }
                }
                if waited {
                    self.note(partner, TalkChange::Confirmed(seq));
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
            hellos: None,
            waiting: VecDeque::new(),
            sent: 0,
            last_seq: 0,
            heard: 0,
        });
        chat.name.clone_from(&partner.name);
        Some(chat)
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

#[cfg(test)]
mod tests;
