//! What we say becomes events of ours: written into our chain, signed on a thread of its own, kept, and told.
//!
//! While one burst is signed, the next can be written and the last one be kept and handed in.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TryRecvError, bounded};

use super::GuestContext;
use super::link::LinkWaker;
use super::membership::{Membership, Waiting};
use crate::crypto::{CryptoError, Signature, Statement};
use crate::net::clock::now_unix_ms;
use crate::net::limits::MAX_UNDER_WAY;
use crate::net::{Event, JoinRoom, Message, MessageId, RoomKey, signing};
use crate::protocol::Content;
use crate::protocol::body::Submit;
use crate::protocol::event::event_hash;

/// Why nothing can be written any more.
const DIED: &str = "the thread that signs died";

/// Whether to wait for what is being signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wait {
    /// What is signed by now will do.
    ForNone,
    /// Until nothing is under way.
    ForAll,
}

/// What is written and not signed yet.
#[derive(Default)]
pub(super) struct Writing {
    signer: Option<Signer>,
    under_way: VecDeque<Vec<Written>>,
}

/// The way to the thread that signs, and back.
struct Signer {
    bursts: Sender<Vec<Statement>>,
    signed: Receiver<Outcome>,
}

type Outcome = Result<Vec<Signature>, CryptoError>;

/// A message of ours in our chain.
struct Written {
    event: Vec<u8>,
    text: String,
    time_ms: u64,
}

/// How the thread that signs answers: it wakes the guest's thread for every answer, and when it dies.
struct Answers {
    tell: Option<Sender<Outcome>>,
    waker: Arc<LinkWaker>,
}

impl Answers {
    fn give(&self, outcome: Outcome) -> bool {
        let is_heard = self.tell.as_ref().is_some_and(|tell| tell.send(outcome).is_ok());
        self.waker.wake();
        is_heard
    }
}

impl Drop for Answers {
    fn drop(&mut self) {
        self.tell = None;
        self.waker.wake();
    }
}

impl Writing {
    /// How many bursts are being signed.
    pub fn under_way(&self) -> usize {
        self.under_way.len()
    }

    fn signer(&mut self, key: RoomKey, context: &GuestContext) -> io::Result<&Signer> {
        let signer = match self.signer.take() {
            Some(signer) => signer,
            None => {
                let (tell, signed) = bounded(MAX_UNDER_WAY);
                let answers = Answers {
                    tell: Some(tell),
                    waker: Arc::clone(&context.waker),
                };
                let answer = move |outcome| answers.give(outcome);
                let bursts = signing::start("guest-signer", key, &context.teller, &context.identity, answer)?;
                Signer { bursts, signed }
            }
        };
        Ok(self.signer.insert(signer))
    }
}

impl Membership {
    /// Writes texts as events, at most [`MAX_BURST`](crate::net::limits::MAX_BURST) at once and while fewer than
    /// [`MAX_UNDER_WAY`] bursts are under way, and has them signed. [`Membership::take_signed`] goes on with them.
    pub fn write(
        &mut self,
        texts: Vec<String>,
        wish: &JoinRoom,
        context: &GuestContext,
    ) -> Result<(), String> {
        let mut written = Vec::with_capacity(texts.len());
        let mut statements: Vec<Statement> = Vec::with_capacity(texts.len());
        for text in texts {
            let time_ms = now_unix_ms();
            let content = Content::Message { text: text.clone() };
            let (event, statement) = self.own_chain.write(&self.log, self.own, time_ms, content);
            written.push(Written { event, text, time_ms });
            statements.push(statement);
        }
        let signer = self
            .writing
            .signer(wish.key, context)
            .map_err(|error| error.to_string())?;
        signer.bursts.send(statements).map_err(|_| DIED)?;
        self.writing.under_way.push_back(written);
        Ok(())
    }

    /// Puts what is signed into the outbox. It is kept before anybody is told, each burst in one transaction with what came.
    pub fn take_signed(&mut self, wait: Wait, wish: &JoinRoom, context: &GuestContext) -> Result<(), String> {
        while !self.writing.under_way.is_empty() {
            let Some(signer) = &self.writing.signer else {
                break;
            };
            let answer = match wait {
                Wait::ForAll => signer.signed.recv().map_err(|_| DIED)?,
                Wait::ForNone => match signer.signed.try_recv() {
                    Ok(answer) => answer,
                    Err(TryRecvError::Empty) => break,
                    Err(TryRecvError::Disconnected) => return Err(DIED.to_owned()),
                },
            };
            let signatures = answer.map_err(|error| error.to_string())?;
            let written = self.writing.under_way.pop_front().unwrap_or_default();
            self.put_out(written, signatures, wish, context);
        }
        Ok(())
    }

    fn put_out(
        &mut self,
        written: Vec<Written>,
        signatures: Vec<Signature>,
        wish: &JoinRoom,
        context: &GuestContext,
    ) {
        let (events, told): (Vec<_>, Vec<_>) = written
            .into_iter()
            .map(|written| (written.event, (written.text, written.time_ms)))
            .unzip();
        let submits: Vec<Submit> = events
            .into_iter()
            .zip(signatures)
            .map(|(event, signature)| Submit { event, signature })
            .collect();
        let mut places = match self.keep_and_queue(&submits, context) {
            Ok(places) => places,
            Err(reason) => {
                context.teller.tell(Event::NotKept { reason });
                0..0
            }
        };
        for (submit, (text, time_ms)) in submits.into_iter().zip(told) {
            let id = MessageId(event_hash(&submit.event));
            self.outbox.push_back(Waiting {
                id,
                submit,
                place: places.next(),
            });
            let message = Message {
                room: wish.key,
                id,
                author: self.own,
                name: wish.name.clone(),
                text,
                time_ms,
                own: true,
            };
            context.teller.tell(Event::Written { message });
        }
    }
}
