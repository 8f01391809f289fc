//! Private conversations of one member: CR/1 end to end with another member, carried by the room's host.
//!
//! The host sees who sends to whom, when and how much; the channel inside has keys, emoji and proof of its
//! own. What is said to somebody who is away waits here, and is sealed and sent when it is back; what was
//! not confirmed when a channel broke is sent again in the next one, and the other end drops what it has.
//!
//! What happened is kept before anything of it is told or sent: [`Desk::drain`] keeps it and then gives out what
//! is to be done. So over a crash of either end a message is neither lost nor shown twice.

mod again;
mod channel;
mod numbering;
mod page;
mod saying;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::channel::Stage;
use super::guest::WrapKeyCell;
use super::keep::{KeptTalks, TalkChange, TalkEnd, TalkKeeper};
use super::{MessageId, PrivateEvent, RoomKey};
use crate::crypto::{Fingerprint, Identity, Secret, labelled_hash};
use crate::net::limits::{HELLO_WINDOW, MAX_CHATS, MAX_HELLOS};

use self::again::Again;
pub(super) use self::page::Reader;
use self::saying::Said;

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
    /// When something of that was confirmed last, or the first of it was sent.
    moved_at: Instant,
    last_seq: u64,
    /// Whether the other end has heard, in this channel, a number that we know nothing of.
    numbered_anew: bool,
    /// The newest that we heard.
    heard: u64,
    again: Again,
}

impl Chat {
    /// Whether nothing was ever said in it.
    fn is_unused(&self) -> bool {
        self.waiting.is_empty() && self.last_seq == 0 && self.heard == 0
    }

    /// Whether the other end began it, so long ago that its hellos no longer count.
    fn has_rested(&self, now: Instant) -> bool {
        self.hellos
            .is_some_and(|(since, _)| now.saturating_duration_since(since) >= HELLO_WINDOW)
    }
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
        let KeptTalks { talks, unread } = keeper.load();
        let mut desk = Desk {
            key,
            identity,
            own_name,
            wrap,
            room,
            chats: HashMap::new(),
            keeper,
            outs: unread.into_iter().map(|reason| Out::NotKept { reason }).collect(),
        };
        talks.into_iter().for_each(|talk| desk.take_up(talk));
        desk
    }

    /// Keeps what happened, then gives what is to be done, in order.
    pub fn drain(&mut self) -> Vec<Out> {
        if let Err(reason) = self.keeper.keep() {
            self.outs.push(Out::NotKept { reason });
        }
        std::mem::take(&mut self.outs)
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
        match self.chat(partner) {
            Some(_) => self.go_on(partner, now, true),
            None => self.refuse_chat(partner),
        }
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

    /// A conversation for which there is no place.
    fn refuse_chat(&mut self, partner: &Partner) {
        if partner.fingerprint == self.identity.fingerprint() {
            return self.refuse();
        }
        let reason = format!(
            "There are {MAX_CHATS} private conversations in this room, and there can be no more. \
             The one with {} was not begun, and nothing was sent.",
            partner.name
        );
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
        let Some(chat) = self.chat_for(partner, bytes, now) else {
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

    fn break_off(&mut self, who: &Fingerprint) {
        let Some(chat) = self.chats.get_mut(who) else {
            return;
        };
        let was_live = matches!(chat.stage, Stage::Live(_));
        (chat.stage, chat.sent) = (Stage::Idle, 0);
        chat.again.call_off();
        if was_live {
            self.tell(*who, PrivateEvent::Waiting);
        }
    }

    /// The chat that the user wants.
    fn chat(&mut self, partner: &Partner) -> Option<&mut Chat> {
        self.chat_in_place_of(partner, |_| true)
    }

    /// The chat that bytes are for. Only a right hello makes one, or the noise of many keys would take every place; and
    /// only rested ones give way to it, or many keys in turn would have each hello of theirs answered with RSA.
    fn chat_for(&mut self, partner: &Partner, bytes: &[u8], now: Instant) -> Option<&mut Chat> {
        let with = partner.fingerprint;
        if !self.chats.contains_key(&with) && !self.is_hello(&with, bytes) {
            return None;
        }
        self.chat_in_place_of(partner, |chat| chat.has_rested(now))
    }

    fn chat_in_place_of(&mut self, partner: &Partner, may_go: impl Fn(&Chat) -> bool) -> Option<&mut Chat> {
        let with = partner.fingerprint;
        let is_own = with == self.identity.fingerprint();
        if is_own || !(self.chats.contains_key(&with) || self.make_room(may_go)) {
            return None;
        }
        let chat = self.chats.entry(with).or_insert_with(|| Chat {
            name: String::new(),
            stage: Stage::Idle,
            begun_at: Instant::now(),
            hellos: None,
            waiting: VecDeque::new(),
            sent: 0,
            moved_at: Instant::now(),
            last_seq: 0,
            numbered_anew: false,
            heard: 0,
            again: Again::default(),
        });
        chat.name.clone_from(&partner.name);
        Some(chat)
    }

    /// Whether one more chat may be; among as many as there can be, the oldest in which nothing was ever said gives way.
    fn make_room(&mut self, may_go: impl Fn(&Chat) -> bool) -> bool {
        if self.chats.len() < MAX_CHATS {
            return true;
        }
        let unused = self
            .chats
            .iter()
            .filter(|(_, chat)| chat.is_unused() && may_go(chat));
        let oldest = unused.min_by_key(|(_, chat)| chat.begun_at);
        let Some(who) = oldest.map(|(who, _)| *who) else {
            return false;
        };
        self.hang_up(&who);
        self.chats.remove(&who).is_some()
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
