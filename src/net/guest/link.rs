//! A guest's running conversation: one socket, one thread, no waiting but in one poll.

mod entering;
mod hearing;
mod saying;
mod ticks;

use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crossbeam_channel::Receiver;
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use super::membership::Membership;
use super::reach::Reached;
use super::recorder::Recorder;
use super::writing::Wait;
use super::{GuestContext, Wish};
use crate::crypto::Fingerprint;
use crate::inspect::Tee;
use crate::net::limits::READ_BUDGET;
use crate::net::outbox::{Full, Outbox};
use crate::net::private::Out;
use crate::net::waking::Waking;
use crate::net::{Alarm, ClosedReason, Event, JoinCause, JoinRoom, PrivateEvent, keepalive};
use crate::protocol::body::{self, Body, Private};
use crate::protocol::handshake::Agreed;
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::{CloseReason, Connection, Output};
use crate::store::HostTrust;

/// Entries that are missed and come are kept so many at once.
const KEPT_AT_ONCE: usize = 2048;

const SOCKET: Token = Token(0);
const WAKE: Token = Token(1);

/// Wakes the link's poll once there is one.
#[derive(Default)]
pub struct LinkWaker(Mutex<Option<Waking>>);

impl LinkWaker {
    /// Wakes the link; before it runs, wishes are heard without.
    pub fn wake(&self) {
        if let Some(waking) = &*self.waking() {
            let _ = waking.wake();
        }
    }

    fn awake(&self) {
        if let Some(waking) = &*self.waking() {
            waking.awake();
        }
    }

    fn waking(&self) -> MutexGuard<'_, Option<Waking>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a link ends.
pub(super) enum End {
    /// The room is over for us, or the connection is.
    Closed(ClosedReason),
    /// We were not let in.
    NotAdmitted(JoinCause),
}

impl End {
    fn not_authentic(reason: impl ToString) -> End {
        End::Closed(ClosedReason::NotAuthentic {
            reason: reason.to_string(),
        })
    }

    fn lost(reason: Option<String>) -> End {
        End::Closed(ClosedReason::ConnectionLost { reason })
    }

    fn broken(reason: impl ToString) -> End {
        End::Closed(ClosedReason::Broken {
            reason: reason.to_string(),
        })
    }
}

/// How a link ended.
pub(super) struct Ended {
    pub end: End,
    /// Whether we were in the room over this connection.
    pub entered: bool,
}

/// Carries the conversation until the connection ends. `held` are wishes made while it was reached.
pub(super) fn run(
    reached: Reached,
    membership: &mut Option<Membership>,
    wish: &JoinRoom,
    context: &GuestContext,
    wishes: &Receiver<Wish>,
    held: &mut VecDeque<Wish>,
) -> Ended {
    let Reached {
        stream,
        address,
        established,
        rest,
        kept,
        mut recorder,
    } = reached;
    recorder.got_bytes(&rest);
    let (mut poll, stream) = match prepare(stream, &context.waker) {
        Ok(prepared) => prepared,
        Err(error) => {
            let reason = error.to_string();
            return Ended {
                end: End::NotAdmitted(JoinCause::System { reason }),
                entered: false,
            };
        }
    };
    let now = Instant::now();
    let (agreed, connection) = established.into_connection(&rest, now);
    let is_first = membership.is_none();
    if is_first {
        let refused = match context.shelf.is_taken(&agreed.room.id, &agreed.peer.identity) {
            Ok(false) => None,
            Ok(true) => Some(JoinCause::FeignedRoom),
            Err(reason) => Some(JoinCause::System { reason }),
        };
        if let Some(cause) = refused {
            return Ended {
                end: End::NotAdmitted(cause),
                entered: false,
            };
        }
        context.shelf.tell_history(
            &agreed.room.id,
            wish.key,
            &context.identity.fingerprint(),
            &context.teller,
        );
    }
    let here = membership.get_or_insert_with(|| {
        let (room, host) = (agreed.room.clone(), agreed.peer.identity.clone());
        Membership::new(room, host, wish, context, kept)
    });
    let was_in = here.was_in;
    here.session = Some(agreed.session(now));
    here.log.come_back();
    let mut link = Link {
        wish,
        context,
        own: context.identity.fingerprint(),
        stream,
        address,
        connection,
        outbox: Outbox::default(),
        recorder,
        agreed,
        here,
        entered: false,
        enter_by: now + HANDSHAKE_TIMEOUT,
        welcomed: None,
        missed_messages: None,
        to_say: VecDeque::new(),
        sent: 0,
        sign_at: now,
        confirmed_at: None,
        confirmed: 0,
        confirm_due: None,
        leaving_by: None,
        more_to_read: false,
        sent_away: None,
    };
    if !was_in {
        link.follow_further();
    }
    let end = link.run(&mut poll, wishes, held);
    link.here.knows_too_slow |= matches!(end, End::Closed(ClosedReason::TooSlow));
    let (entered, to_say) = (link.entered, std::mem::take(&mut link.to_say));
    held.extend(to_say.into_iter().map(|text| Wish::Say { text }));
    let signed = here.take_signed(Wait::ForAll, wish, context);
    here.desk.lost();
    here.keep(context);
    here.keep_last(context);
    tell_private(here, wish, context);
    let end = match signed {
        Ok(()) => end,
        Err(reason) => End::broken(reason),
    };
    Ended { end, entered }
}

fn prepare(stream: std::net::TcpStream, waker: &LinkWaker) -> io::Result<(Poll, TcpStream)> {
    let poll = Poll::new()?;
    stream.set_nonblocking(true)?;
    keepalive::set(&stream);
    let mut stream = TcpStream::from_std(stream);
    poll.registry()
        .register(&mut stream, SOCKET, Interest::READABLE | Interest::WRITABLE)?;
    *waker.waking() = Some(Waking::new(poll.registry(), WAKE)?);
    Ok((poll, stream))
}

/// Tells what private conversations have to tell while there is no connection.
pub(super) fn tell_private(here: &mut Membership, wish: &JoinRoom, context: &GuestContext) {
    for out in here.desk.drain() {
        match out {
            Out::Tell { with, event } => {
                let (room, event) = (wish.key, while_away(event));
                context.teller.tell(Event::Private { room, with, event });
            }
            Out::NotKept { reason } => context.teller.tell(Event::NotKept { reason }),
            Out::Send { .. } => {}
        }
    }
}

/// What a private conversation tells while we are not in the room: that something waits says nothing of the other end then.
fn while_away(event: PrivateEvent) -> PrivateEvent {
    match event {
        PrivateEvent::Waiting => PrivateEvent::RoomLost,
        event => event,
    }
}

struct Link<'a> {
    wish: &'a JoinRoom,
    context: &'a GuestContext,
    own: Fingerprint,
    stream: TcpStream,
    address: std::net::SocketAddr,
    connection: Connection,
    outbox: Outbox,
    recorder: Recorder,
    agreed: Agreed,
    here: &'a mut Membership,
    entered: bool,
    enter_by: Instant,
    /// How the host's key is known, once the room was told to have let us in.
    welcomed: Option<HostTrust>,
    /// How many messages we missed, while they come; not those that were written here.
    missed_messages: Option<u64>,
    /// Texts that are not written as events yet.
    to_say: VecDeque<String>,
    /// How many of our outbox were handed in over this connection.
    sent: usize,
    sign_at: Instant,
    confirmed_at: Option<Instant>,
    /// Up to which entry we confirmed.
    confirmed: u64,
    confirm_due: Option<Instant>,
    leaving_by: Option<Instant>,
    more_to_read: bool,
    /// Whether the host said that it sends us away, and whether it bans us.
    sent_away: Option<bool>,
}

impl Link<'_> {
    fn run(&mut self, poll: &mut Poll, wishes: &Receiver<Wish>, held: &mut VecDeque<Wish>) -> End {
        let mut events = Events::with_capacity(16);
        let mut buffer = vec![0; 64 * 1024];
        // What came behind the handshake, and wishes made while joining.
        let mut readable = true;
        while let Some(wish) = held.pop_front() {
            self.heed(wish);
        }
        loop {
            let now = Instant::now();
            match self.turn(now, readable, &mut buffer, wishes) {
                Ok(()) => {}
                Err(_) if self.leaving_by.is_some() => return End::Closed(ClosedReason::Left),
                Err(End::Closed(ClosedReason::HostClosed | ClosedReason::ConnectionLost { .. }))
                    if self.sent_away.is_some() =>
                {
                    let banned = self.sent_away == Some(true);
                    return End::Closed(ClosedReason::Removed { banned });
                }
                Err(end) => return end,
            }
            match poll.poll(&mut events, self.timeout()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return End::broken(error),
                Ok(()) => {}
            }
            self.context.waker.awake();
            readable = events.iter().any(|event| event.token() == SOCKET);
        }
    }

    fn turn(
        &mut self,
        now: Instant,
        readable: bool,
        buffer: &mut [u8],
        wishes: &Receiver<Wish>,
    ) -> Result<(), End> {
        if readable || self.more_to_read {
            self.read(now, buffer)?;
        }
        if !self.entered && now >= self.enter_by {
            return Err(End::NotAdmitted(JoinCause::NotLetIn));
        }
        self.hear_wishes(wishes);
        self.take_signed(Wait::ForNone)?;
        if self.writes_at(now).is_some_and(|at| at <= now) {
            self.write_what_waits(now)?;
        }
        if self.may_say() {
            self.hand_in()?;
        }
        if self.confirm_due.is_some_and(|at| at <= now) {
            self.confirm(now)?;
        }
        // While we catch up, many entries go to the disk at once, beside the checks of the next ones: nobody was told
        // that we have them, and after a crash they come again.
        if self.entered {
            self.here.keep(self.context);
        } else if self.here.unkept() >= KEPT_AT_ONCE {
            self.here.keep_beside(self.context);
        }
        self.try_private_again(now);
        self.pass_on_private()?;
        let mut source = rand::rng();
        let mut tee = Tee::new(&mut source);
        self.connection.handle_timeout(now, &mut tee);
        self.recorder.drew(tee.into_drawn());
        self.drain()?;
        let all_out = self
            .outbox
            .flush(&mut self.stream)
            .map_err(|error| End::lost(Some(error.to_string())))?;
        match self.leaving_by {
            Some(by) if now >= by => Err(End::Closed(ClosedReason::Left)),
            // The host hangs up when it has read all; hanging up first could take back what is on its way.
            Some(_) if all_out => {
                let _ = self.stream.shutdown(std::net::Shutdown::Write);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn timeout(&self) -> Option<Duration> {
        let now = Instant::now();
        let may_hand_in = self.may_say() && self.sent < self.here.outbox.len();
        let says = self.writes_at(now);
        if self.more_to_read || may_hand_in || says.is_some_and(|at| at <= now) {
            return Some(Duration::ZERO);
        }
        let enters = (!self.entered).then_some(self.enter_by);
        let rekeys = self.connection.next_timeout();
        let again = self.here.desk.due();
        let first = [says, enters, self.leaving_by, self.confirm_due, rekeys, again]
            .into_iter()
            .flatten()
            .min()?;
        Some(first.saturating_duration_since(now) + Duration::from_millis(1))
    }

    fn pass_on_private(&mut self) -> Result<(), End> {
        for out in self.here.desk.drain() {
            match out {
                Out::Send { to, bytes } if self.entered && self.leaving_by.is_none() => {
                    self.send(&Body::Private(Private { member: to, bytes }))?;
                }
                Out::Send { .. } => {}
                Out::NotKept { reason } => self.context.teller.tell(Event::NotKept { reason }),
                Out::Tell { with, event } => {
                    let room = self.wish.key;
                    let event = if self.entered { event } else { while_away(event) };
                    self.context.teller.tell(Event::Private { room, with, event });
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, text: &Body) -> Result<(), End> {
        if self.connection.send(&body::encode(text)).is_err() {
            return Err(End::broken("something was too long to send"));
        }
        self.drain()
    }

    fn read(&mut self, now: Instant, buffer: &mut [u8]) -> Result<(), End> {
        self.take_in(now, &[])?;
        self.more_to_read = false;
        let mut taken = 0;
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Err(End::lost(None)),
                Ok(count) => {
                    self.take_in(now, buffer.get(..count).unwrap_or_default())?;
                    taken += count;
                    if taken >= READ_BUDGET {
                        self.more_to_read = true;
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(End::lost(Some(error.to_string()))),
            }
        }
    }

    fn take_in(&mut self, now: Instant, bytes: &[u8]) -> Result<(), End> {
        self.recorder.got_bytes(bytes);
        self.recorder.tell(self.wish.key, self.context);
        let outcome = self.connection.handle_input(bytes, now, &mut rand::rng());
        // What came before a bad record was good.
        self.drain()?;
        outcome.map_err(End::not_authentic)
    }

    fn drain(&mut self) -> Result<(), End> {
        while let Some(output) = self.connection.poll_output() {
            match output {
                Output::Transmit(frame) => {
                    self.recorder.sent(&frame);
                    self.recorder.tell(self.wish.key, self.context);
                    self.outbox
                        .push(frame)
                        .map_err(|Full| End::lost(Some("the host reads too slowly".to_owned())))?;
                }
                Output::Received(text) => self.hear(&text)?,
                Output::PeerClosed => {
                    return Err(End::Closed(match self.connection.peer_close_reason() {
                        CloseReason::Goodbye => ClosedReason::HostClosed,
                        CloseReason::TooSlow => ClosedReason::TooSlow,
                        CloseReason::Replaced => ClosedReason::Replaced,
                    }));
                }
            }
        }
        Ok(())
    }

    fn alarm(&self, alarm: Alarm) {
        self.context.teller.tell(Event::Alarmed {
            room: self.wish.key,
            alarm,
        });
    }
}
