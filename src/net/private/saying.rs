//! What is said in a private conversation and what is heard: its records, what waits, and what was confirmed.

use std::time::Instant;

use minicbor::{Decode, Encode};

use super::channel::Stage;
use super::{Chat, Desk, Out, Partner, message_id};
use crate::net::clock::now_unix_ms;
use crate::net::keep::{TalkChange, said_now};
use crate::net::limits::{MAX_ON_ITS_WAY, MAX_WAITING_FOR_ONE};
use crate::net::{Message, MessageId, PrivateEvent};
use crate::protocol::body;
use crate::protocol::limits::{HANDSHAKE_TIMEOUT, MAX_COUNT, MAX_MESSAGE_BYTES};

/// The text of a record in a private channel.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(super) enum Piece {
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

#[derive(Debug, Clone)]
pub(super) struct Said {
    pub id: MessageId,
    pub seq: u64,
    pub time_ms: u64,
    pub text: String,
}

impl Said {
    fn piece(&self) -> Piece {
        Piece::Message {
            seq: self.seq,
            time_ms: self.time_ms,
            text: self.text.clone(),
        }
    }
}

impl Chat {
    /// Seals what waits, in order, until enough is on its way.
    pub(super) fn send_waiting(&mut self, now: Instant) {
        if self.sent == 0 {
            self.moved_at = now;
        }
        let mut on_its_way = self.on_its_way();
        let Stage::Live(connection) = &mut self.stage else {
            return;
        };
        while on_its_way < MAX_ON_ITS_WAY
            && let Some(said) = self.waiting.get(self.sent)
        {
            if connection.send(&body::encode(&said.piece())).is_err() {
                break;
            }
            on_its_way += said.text.len();
            self.sent += 1;
        }
    }

    /// Bytes of text that were sent in this channel and not confirmed.
    fn on_its_way(&self) -> usize {
        let sent = self.waiting.iter().take(self.sent);
        sent.map(|said| said.text.len()).sum()
    }

    /// Whether enough is on its way and nothing of it was confirmed for long: it may have been dropped. The next record
    /// would show that to the other end, and none goes.
    fn is_stuck(&self, now: Instant) -> bool {
        self.on_its_way() >= MAX_ON_ITS_WAY
            && now.saturating_duration_since(self.moved_at) > HANDSHAKE_TIMEOUT
    }
}

impl Desk {
    /// Writes a message; it is sent when the other end is there.
    pub fn say(&mut self, partner: &Partner, text: String, now: Instant) {
        let own = self.identity.fingerprint();
        let (key, own_name, channel) = (
            self.key,
            self.own_name.clone(),
            self.channel(&partner.fingerprint),
        );
        let Some(chat) = self.chat(partner) else {
            return self.refuse_chat(partner);
        };
        if chat.waiting.len() >= MAX_WAITING_FOR_ONE {
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

    /// Does what can be done now: sends what waits, or begins a channel for it.
    pub(super) fn go_on(&mut self, partner: &Partner, now: Instant, wanted: bool) {
        let with = partner.fingerprint;
        let Some(chat) = self.chats.get(&with) else {
            return;
        };
        match &chat.stage {
            Stage::Live(_) if wanted && partner.present && chat.is_stuck(now) => {
                self.break_off(&with);
                self.begin(with, true, now);
            }
            Stage::Live(_) => self.send_what_waits(partner, now),
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

    fn send_what_waits(&mut self, partner: &Partner, now: Instant) {
        let with = partner.fingerprint;
        let Some(chat) = self.chats.get_mut(&with) else {
            return;
        };
        chat.send_waiting(now);
        if let Stage::Live(connection) = &mut chat.stage {
            connection.handle_timeout(now, &mut rand::rng());
        }
        if let Err(reason) = self.flush(partner, now) {
            log::info!("a private channel broke: {reason}");
            self.break_off(&with);
        }
    }

    pub(super) fn hear(&mut self, partner: &Partner, text: &[u8], now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        let channel = self.channel(&with);
        let piece: Piece = body::decode(text).map_err(|error| error.to_string())?;
        let key = self.key;
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        chat.again.forget();
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
            Piece::Heard(seq) if chat.was_given_elsewhere(seq) => return self.number_anew(partner, seq, now),
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
                    chat.moved_at = now;
                    chat.send_waiting(now);
                    self.note(partner, TalkChange::Confirmed(seq));
                }
            }
        }
        Ok(())
    }
}
