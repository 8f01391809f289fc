//! The room's own thread: keeps the log, decides what goes into it, and has it told to everybody.
//!
//! What comes into the log is kept first and told afterwards: nothing that anybody saw in it can be lost.

mod admissions;
mod catching_up;
mod declined;
mod delivery;
mod entering;
mod guests;
mod input;
mod keeping;
mod knocking;
mod passing_on;
mod powers;
mod submitting;
mod writing;

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};

use self::admissions::Admissions;
use self::catching_up::CatchUps;
pub use self::declined::DeclinedEvents;
use self::declined::DeclinedOfGone;
use self::delivery::Delivered;
use self::entering::Arrival;
use self::guests::Guests;
pub use self::input::{Input, Knocker};
use self::knocking::Knocking;
use self::passing_on::PassedOn;
pub use self::writing::start_signer;
use self::writing::{Asked, ToWrite};
use super::reactor::Task;
use super::{ConnId, Reactors, Shared};
use crate::crypto::{Fingerprint, Statement};
use crate::net::keep::{Kept, LogKeeper};
use crate::net::limits::{LAST_WORDS_TIMEOUT, MAX_TO_WRITE};
use crate::net::private::Desk;
use crate::net::{ClosedReason, Event};
use crate::protocol::body::{self, Body};
use crate::protocol::{Appended, OwnChain, RoomLog};

/// Inputs that are taken in before what came into the log is kept and told.
const INPUTS_AT_ONCE: usize = 512;

/// What a room's thread begins with.
pub struct Beginning {
    /// The log, empty or as it was kept.
    pub log: RoomLog,
    /// Its entries.
    pub keeper: LogKeeper,
    /// The host's own private conversations.
    pub desk: Desk,
}

/// Runs until the room is closed; tells so when every goodbye is out.
pub fn run(
    shared: &Arc<Shared>,
    inputs: &Receiver<Input>,
    reactors: &Reactors,
    signing: Sender<Vec<Statement>>,
    beginning: Beginning,
) {
    let mut room = RoomThread::new(shared, reactors, signing, beginning);
    room.begin();
    let reason = room.run(inputs);
    room.keep_last();
    for reactor in &reactors.handles {
        reactor.give(Task::CloseAll);
    }
    // Reactors may still hand in what came meanwhile; it is heard and forgotten.
    while !reactors.threads.iter().all(std::thread::JoinHandle::is_finished) {
        let _ = inputs.recv_timeout(Duration::from_millis(5));
    }
    shared.teller.tell(Event::Closed {
        room: shared.key,
        reason,
    });
}

struct RoomThread<'a> {
    shared: Arc<Shared>,
    reactors: &'a Reactors,
    signing: Sender<Vec<Statement>>,
    log: RoomLog,
    keeper: LogKeeper,
    desk: Desk,
    own_chain: OwnChain,
    /// What the host has to write, in order.
    to_write: VecDeque<ToWrite>,
    /// Who waits to be let in.
    admissions: Admissions,
    /// What is being signed, in order.
    asked: VecDeque<Asked>,
    /// In the log, and neither kept nor told yet.
    unpublished: Vec<Appended>,
    unsigned_entries: bool,
    is_closing: bool,
    head_signed_at: Option<Instant>,
    /// When it was last asked to have signed who came or went.
    comings_asked_at: Option<Instant>,
    guests: Guests,
    declined_of_gone: DeclinedOfGone,
    /// Who is admitted by an event that is not in the log yet.
    arriving: HashMap<Fingerprint, Arrival>,
    /// Who gets what it missed before it is admitted.
    catch_ups: CatchUps,
    /// Who asks to be let in.
    knocking: Knocking,
    delivered: Delivered,
    /// What waits of the private pieces that members send to each other.
    passed_on: PassedOn,
    /// Whose admission went into the log with the batch at hand.
    entering: Vec<Fingerprint>,
    /// Who was told to be here, and not to be gone.
    told: HashSet<Fingerprint>,
}

impl<'a> RoomThread<'a> {
    fn new(
        shared: &Arc<Shared>,
        reactors: &'a Reactors,
        signing: Sender<Vec<Statement>>,
        beginning: Beginning,
    ) -> RoomThread<'a> {
        let Beginning { log, keeper, desk } = beginning;
        let own_chain = log.chain_of(&shared.identity.fingerprint());
        RoomThread {
            shared: Arc::clone(shared),
            reactors,
            signing,
            log,
            keeper,
            desk,
            own_chain,
            to_write: VecDeque::new(),
            admissions: Admissions::default(),
            asked: VecDeque::new(),
            unpublished: Vec::new(),
            unsigned_entries: false,
            is_closing: false,
            head_signed_at: None,
            comings_asked_at: None,
            guests: Guests::default(),
            declined_of_gone: DeclinedOfGone::default(),
            arriving: HashMap::new(),
            catch_ups: CatchUps::default(),
            knocking: Knocking::default(),
            delivered: Delivered::default(),
            passed_on: PassedOn::default(),
            entering: Vec::new(),
            told: HashSet::new(),
        }
    }
}

impl RoomThread<'_> {
    fn run(&mut self, inputs: &Receiver<Input>) -> ClosedReason {
        let mut close_by: Option<Instant> = None;
        loop {
            self.publish_all();
            let now = Instant::now();
            self.send_pages(now);
            self.let_in(now);
            self.ask_for_signatures();
            self.tell_positions(Instant::now());
            self.tell_declined_of_gone(now);
            self.try_private_again(now);
            self.pass_on_private();
            let all_said = self.to_write.is_empty() && self.asked.is_empty() && !self.unsigned_entries;
            if close_by.is_some_and(|by| all_said || by <= Instant::now()) {
                return ClosedReason::Left;
            }
            let until = [
                self.next_head_at(now),
                self.comings_wait_until(now),
                close_by,
                self.delivered.due(),
                self.admissions.due(self.guests.len(), now),
                self.catch_ups.due(now),
                self.declined_of_gone.due(),
                self.desk.due(),
            ];
            let first = match until.into_iter().flatten().min() {
                Some(at) => match inputs.recv_timeout(at.saturating_duration_since(Instant::now())) {
                    Err(RecvTimeoutError::Timeout) => continue,
                    outcome => outcome.map_err(|_| ()),
                },
                None => inputs.recv().map_err(|_| ()),
            };
            let Ok(first) = first else {
                return ClosedReason::Left;
            };
            let more = inputs.try_iter().take(INPUTS_AT_ONCE);
            for input in std::iter::once(first).chain(more) {
                match input {
                    Input::Close => {
                        self.is_closing = true;
                        close_by = Some(Instant::now() + LAST_WORDS_TIMEOUT);
                    }
                    Input::Broken { reason } => return ClosedReason::Broken { reason },
                    input => self.take_in(input),
                }
            }
        }
    }

    fn take_in(&mut self, input: Input) {
        match input {
            Input::Arrived {
                conn,
                identity,
                name,
                sas,
                standing,
                removals,
            } => self.arrived(
                Arrival {
                    conn,
                    identity,
                    name,
                    sas,
                    at: standing.n,
                    removals,
                },
                &standing,
            ),
            Input::Knocked(knocker) => self.knocked(knocker),
            Input::KnockGone { conn } => self.knock_gone(conn),
            Input::Submitted {
                conn,
                event,
                signature,
            } => self.submitted(conn, event, signature),
            Input::Here { conn, standing } => self.here(conn, &standing),
            Input::Private { conn, private } => self.private(conn, private),
            Input::Gone { conn, reason } => self.gone(conn, reason),
            Input::Say { text } if self.to_write.len() < MAX_TO_WRITE => {
                self.to_write.push_back(ToWrite::Message(text));
            }
            Input::Say { .. } => {
                let reason = "Too many messages wait; the last one was not sent.".to_owned();
                self.shared.teller.tell(Event::NotKept { reason });
            }
            Input::SayPrivately { to, text } => match self.partner(&to).or_else(|| self.desk.partner(&to)) {
                Some(partner) => self.desk.say(&partner, text, Instant::now()),
                None => self.desk.refuse(),
            },
            Input::OpenPrivate { with } => {
                if let Some(partner) = self.partner(&with) {
                    self.desk.open(&partner, Instant::now());
                }
            }
            Input::Govern(act) => self.govern(act),
            Input::Signed(signatures) => self.signed(signatures),
            Input::Hindered { reason } => self.shared.teller.tell(Event::Hindered {
                room: self.shared.key,
                reason,
            }),
            #[cfg(test)]
            Input::Die(super::deaths::Victim::Room) => super::deaths::die(),
            #[cfg(test)]
            Input::Die(victim) => self.give(
                ConnId {
                    reactor: 0,
                    number: 0,
                },
                Task::Die(victim),
            ),
            // Handled by the loop.
            Input::Close | Input::Broken { .. } => {}
        }
    }

    fn conn_of(&self, who: &Fingerprint) -> Option<ConnId> {
        self.guests.conn_of(who)
    }

    fn tell_one(&self, conn: ConnId, text: &Body) {
        let text = body::encode(text).into();
        self.give(conn, Task::Send { conn, text });
    }

    fn broadcast(&self, text: &Body) {
        let text: Arc<[u8]> = body::encode(text).into();
        for reactor in &self.reactors.handles {
            reactor.give(Task::Broadcast(Arc::clone(&text)));
        }
    }

    fn give(&self, conn: ConnId, task: Task) {
        if let Some(reactor) = self.reactors.handles.get(conn.reactor) {
            reactor.give(task);
        }
    }
}
