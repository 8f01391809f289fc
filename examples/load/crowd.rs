//! All guests on a few threads: first they join, so many at once, then some of them talk.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, WrapKey};
use cipher_room::protocol::Invite;
use mio::{Events, Interest, Poll, Token};

use crate::confirming;
use crate::guest::{Guest, Lost};
use crate::heads::Heads;
use crate::timetable::Timetable;

/// How a run goes.
#[derive(Clone)]
pub struct Plan {
    pub invite: Invite,
    pub senders: usize,
    /// So many guests check everything, the senders among them.
    pub checking: usize,
    pub pause: Duration,
    pub at_once: usize,
    pub threads: usize,
}

/// Guests that are in the room.
pub struct Crowd {
    plan: Plan,
    shares: Vec<Share>,
    took: Duration,
    began: Instant,
}

/// What came of it.
#[derive(Default)]
pub struct Talk {
    pub joined: usize,
    pub join_seconds: f64,
    /// How many messages the senders were to say …
    pub asked: u64,
    /// … and how many they said.
    pub sent: u64,
    pub delivered: u64,
    pub checked: u64,
    /// How often guests told the host how far they have the log.
    pub confirmed: u64,
    /// Microseconds from when a message was due until it was heard.
    pub latencies: Vec<u32>,
    pub talk_seconds: f64,
    pub tried_again: TriedAgain,
    pub failures: Vec<String>,
}

impl Talk {
    /// Whether nearly all was said that was asked for. Else the guests had too little of this machine, and what was measured
    /// is another, quieter talk.
    pub fn is_as_asked(&self) -> bool {
        self.sent * 10 >= self.asked * 9
    }
}

/// How often somebody who wanted to come in was sent back and tried again, as people do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TriedAgain {
    /// The host had hung up: a busy one does with whom it could not answer in time.
    pub hung_up: u64,
    /// The host had said that it is full.
    pub full: u64,
}

/// Nobody joins, nothing comes, or the host does not answer, for so long: then it is over.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// What was due while they talked may still be said so long afterwards: five times what a signature waits for others.
const LATE: Duration = Duration::from_millis(500);
const WRAP: &str = include_str!("../../tests/keys/ada-wrap.pem");
/// Bytes read at once.
const READ_BYTES: usize = 256 * 1024;

impl Crowd {
    /// Lets everybody join. Who checks everything comes last: it would otherwise check each newcomer. Who does not get
    /// in is a failure of the talk.
    pub fn join(plan: Plan, mut identities: Vec<Identity>) -> Result<Crowd, String> {
        let wrap = Arc::new(WrapKey::from_pem(WRAP).map_err(|error| error.to_string())?);
        let (began, heads) = (Instant::now(), Arc::default());
        let mut shares = Vec::new();
        for index in 0..plan.threads {
            let of_all = |count: usize| count / plan.threads + usize::from(index < count % plan.threads);
            let own = identities.split_off(identities.len() - of_all_left(&identities, &plan, index));
            let (checking, senders) = (of_all(plan.checking), of_all(plan.senders));
            shares.push(Share::new(own, checking, senders, &heads)?);
        }
        std::thread::scope(|threads| {
            for share in &mut shares {
                let (plan, wrap) = (&plan, &wrap);
                threads.spawn(move || {
                    if let Err(reason) = share.join_all(plan, wrap, began) {
                        share.failures.push(reason);
                    }
                    // From here on nobody is let in.
                    share.tries_left = 0;
                });
            }
        });
        let took = began.elapsed();
        Ok(Crowd {
            plan,
            shares,
            took,
            began,
        })
    }

    /// How many are in the room.
    pub fn joined(&self) -> usize {
        self.shares.iter().map(Share::joined).sum()
    }

    /// Lets the senders talk for so long, and waits for what is on its way.
    pub fn talk(&mut self, length: Duration) -> Talk {
        let joined = self.joined();
        let (sent, delivered) = (AtomicU64::new(0), AtomicU64::new(0));
        let talking = AtomicUsize::new(self.shares.len());
        let start = Instant::now();
        let progress = Progress {
            sent: &sent,
            delivered: &delivered,
            talking: &talking,
            joined: joined as u64,
        };
        std::thread::scope(|threads| {
            for share in &mut self.shares {
                let (plan, progress, began) = (&self.plan, &progress, self.began);
                threads.spawn(move || share.talk(plan, length, progress, began));
            }
        });
        let talk_seconds = start.elapsed().as_secs_f64();
        let mut latencies = Vec::new();
        let mut failures = Vec::new();
        let (mut asked, mut checked, mut confirmed) = (0, 0, 0);
        let mut tried_again = TriedAgain::default();
        for share in &mut self.shares {
            tried_again.hung_up += share.tried_again.hung_up;
            tried_again.full += share.tried_again.full;
            latencies.append(&mut share.latencies);
            failures.append(&mut share.failures);
            asked += std::mem::take(&mut share.asked);
            confirmed += std::mem::take(&mut share.confirmed);
            let guests = share.guests.iter_mut().flatten();
            checked += guests
                .map(|guest| std::mem::take(&mut guest.checked))
                .sum::<u64>();
        }
        Talk {
            joined,
            join_seconds: self.took.as_secs_f64(),
            asked,
            sent: sent.into_inner(),
            delivered: delivered.into_inner(),
            checked,
            confirmed,
            latencies,
            talk_seconds,
            tried_again,
            failures,
        }
    }
}

fn of_all_left(identities: &[Identity], plan: &Plan, index: usize) -> usize {
    identities.len().div_ceil(plan.threads - index)
}

struct Progress<'a> {
    sent: &'a AtomicU64,
    delivered: &'a AtomicU64,
    /// Threads whose senders still talk.
    talking: &'a AtomicUsize,
    joined: u64,
}

impl Progress<'_> {
    /// Whether nothing is on its way.
    fn is_all_heard(&self) -> bool {
        self.delivered.load(Ordering::SeqCst) >= self.sent.load(Ordering::SeqCst) * self.joined
    }

    fn is_complete(&self) -> bool {
        self.talking.load(Ordering::SeqCst) == 0 && self.is_all_heard()
    }
}

/// The guests of one thread.
struct Share {
    poll: Poll,
    waiting: Vec<Identity>,
    guests: Vec<Option<Guest>>,
    checking: usize,
    senders: usize,
    heads: Arc<Heads>,
    /// Who confirms what it heard, and when.
    to_confirm: BTreeSet<(Instant, usize)>,
    asked: u64,
    confirmed: u64,
    latencies: Vec<u32>,
    failures: Vec<String>,
    tried_again: TriedAgain,
    /// So often somebody may still try again.
    tries_left: usize,
    buffer: Vec<u8>,
}

impl Share {
    fn new(
        waiting: Vec<Identity>,
        checking: usize,
        senders: usize,
        heads: &Arc<Heads>,
    ) -> Result<Share, String> {
        Ok(Share {
            poll: Poll::new().map_err(|error| error.to_string())?,
            guests: Vec::with_capacity(waiting.len()),
            tried_again: TriedAgain::default(),
            tries_left: waiting.len(),
            waiting,
            checking,
            senders,
            heads: Arc::clone(heads),
            to_confirm: BTreeSet::new(),
            asked: 0,
            confirmed: 0,
            latencies: Vec::new(),
            failures: Vec::new(),
            buffer: vec![0; READ_BYTES],
        })
    }

    fn joined(&self) -> usize {
        self.guests.iter().flatten().filter(|guest| guest.joined).count()
    }

    fn join_all(&mut self, plan: &Plan, wrap: &Arc<WrapKey>, began: Instant) -> Result<(), String> {
        let mut events = Events::with_capacity(1024);
        let at_once = (plan.at_once / plan.threads).max(1);
        let (mut under_way, mut progress_at) = (0, Instant::now());
        while !self.waiting.is_empty() || under_way > 0 {
            while under_way < at_once
                && let Some(identity) = self.waiting.pop()
            {
                let checks = self.waiting.len() < self.checking;
                self.connect(plan, identity, wrap, checks)?;
                under_way += 1;
            }
            self.wait(&mut events, Duration::from_secs(1))?;
            for index in tokens(&events) {
                let was_joined = self.guests[index].as_ref().is_some_and(|guest| guest.joined);
                self.go_on(index, began);
                let is_over = self.guests[index].as_ref().is_none_or(|guest| guest.joined);
                if !was_joined && is_over {
                    under_way -= 1;
                    progress_at = Instant::now();
                }
            }
            if progress_at.elapsed() > PATIENCE {
                return Err(format!("{under_way} guests wait in vain to be let in"));
            }
        }
        Ok(())
    }

    fn connect(
        &mut self,
        plan: &Plan,
        identity: Identity,
        wrap: &Arc<WrapKey>,
        checks: bool,
    ) -> Result<(), String> {
        let mut guest = Guest::connect(&plan.invite, identity, wrap, checks, &self.heads)?;
        let token = Token(self.guests.len());
        self.poll
            .registry()
            .register(&mut guest.stream, token, Interest::READABLE | Interest::WRITABLE)
            .map_err(|error| error.to_string())?;
        self.guests.push(Some(guest));
        Ok(())
    }

    fn go_on(&mut self, index: usize, began: Instant) -> u64 {
        let Some(guest) = self.guests.get_mut(index).and_then(Option::as_mut) else {
            return 0;
        };
        let (latencies, mut heard) = (&mut self.latencies, 0);
        let outcome = guest.go_on(&mut self.buffer, began, &mut |delay| {
            heard += 1;
            latencies.push(u32::try_from(delay.as_micros()).unwrap_or(u32::MAX));
        });
        if let Err(lost) = outcome {
            self.lose(index, &lost);
        }
        heard
    }

    /// Somebody's line is over. Who was not in the room yet tries again where the host had no time or no place for it;
    /// anything else is a failure of the run.
    fn lose(&mut self, index: usize, lost: &Lost) {
        let newcomer = self.guests[index].take().filter(|guest| !guest.joined);
        let again = match lost {
            Lost::HungUp => Some(&mut self.tried_again.hung_up),
            Lost::Full => Some(&mut self.tried_again.full),
            Lost::Failed(_) => None,
        };
        match (newcomer, again) {
            (Some(newcomer), Some(count)) if self.tries_left > 0 => {
                self.tries_left -= 1;
                *count += 1;
                self.waiting.push(newcomer.into_identity());
            }
            _ => self.failures.push(lost.to_string()),
        }
    }

    /// Plans what a guest that heard others is to confirm.
    fn plan_confirmation(&mut self, index: usize, interval: Duration) {
        let guest = self.guests.get_mut(index).and_then(Option::as_mut);
        let at = guest.and_then(|guest| guest.confirms_at(Instant::now(), interval));
        self.to_confirm.extend(at.map(|at| (at, index)));
    }

    /// Has those confirm whose time has come.
    fn confirm(&mut self, now: Instant, began: Instant) {
        while let Some((at, index)) = self.to_confirm.first().copied()
            && at <= now
        {
            self.to_confirm.pop_first();
            let guest = self.guests.get_mut(index).and_then(Option::as_mut);
            match guest.map_or(Ok(false), |guest| guest.confirm(now, began)) {
                Ok(told) => self.confirmed += u64::from(told),
                Err(lost) => self.failures.push(lost.to_string()),
            }
        }
    }

    fn talk(&mut self, plan: &Plan, length: Duration, progress: &Progress, began: Instant) {
        let start = Instant::now();
        // With the host.
        let interval = confirming::interval(progress.joined + 1);
        let mut talkers = self.talkers(plan, start, length);
        let mut events = Events::with_capacity(1024);
        let (mut talks, mut heard_at) = (true, Instant::now());
        while !progress.is_complete() && heard_at.elapsed() < PATIENCE {
            let now = Instant::now();
            if progress.is_all_heard() {
                heard_at = now;
            }
            if self.guests.iter().all(Option::is_none) {
                break;
            }
            let said = self.say_what_is_due(&mut talkers, now, began);
            progress.sent.fetch_add(said, Ordering::SeqCst);
            self.confirm(now, began);
            let first = talkers.iter().filter_map(|(_, sender)| sender.says_at()).min();
            if talks && (now >= start + length + LATE || now >= start + length && first.is_none()) {
                talks = false;
                talkers.clear();
                progress.talking.fetch_sub(1, Ordering::SeqCst);
            }
            let until = first.unwrap_or(start + length);
            let until = match talks {
                true => until.saturating_duration_since(now),
                false => Duration::from_millis(100),
            };
            let confirms = self
                .to_confirm
                .first()
                .map(|(at, _)| at.saturating_duration_since(now));
            let until = until
                .min(confirms.unwrap_or(until))
                .min(Duration::from_millis(100));
            if self.wait(&mut events, until).is_err() {
                break;
            }
            for index in tokens(&events) {
                let heard = self.go_on(index, began);
                self.plan_confirmation(index, interval);
                if heard > 0 {
                    progress.delivered.fetch_add(heard, Ordering::SeqCst);
                    heard_at = Instant::now();
                }
            }
        }
        if talks {
            progress.talking.fetch_sub(1, Ordering::SeqCst);
        }
    }

    /// The senders among these guests, and when each of them talks: not in chorus. Who joined last checks everything, and of
    /// those the last ones talk.
    fn talkers(&mut self, plan: &Plan, start: Instant, length: Duration) -> Vec<(usize, Timetable)> {
        let (count, until) = (self.senders.max(1) as u32, start + length);
        let timetables: Vec<Timetable> = (0..self.senders)
            .map(|place| Timetable::new(start + plan.pause * place as u32 / count, plan.pause, until))
            .collect();
        // Whoever is not there was asked as well.
        self.asked = timetables.iter().map(Timetable::left).sum();
        let checks = |index: &usize| self.guests[*index].as_ref().is_some_and(|guest| guest.checks);
        let indices = (0..self.guests.len()).rev().filter(checks);
        indices.zip(timetables).collect()
    }

    /// Has those say something who have something to say; gives how many messages it is. Who can't is no sender any more.
    fn say_what_is_due(
        &mut self,
        talkers: &mut Vec<(usize, Timetable)>,
        now: Instant,
        began: Instant,
    ) -> u64 {
        let mut said = 0;
        talkers.retain_mut(|(index, sender)| {
            let Some(guest) = self.guests[*index].as_mut() else {
                return false;
            };
            let due = sender.take_due(now);
            let outcome = guest.say(&due, began);
            match &outcome {
                Ok(()) => said += due.len() as u64,
                Err(lost) => self.failures.push(lost.to_string()),
            }
            outcome.is_ok()
        });
        said
    }

    fn wait(&mut self, events: &mut Events, at_most: Duration) -> Result<(), String> {
        match self.poll.poll(events, Some(at_most)) {
            Err(error) if error.kind() != std::io::ErrorKind::Interrupted => Err(error.to_string()),
            _ => Ok(()),
        }
    }
}

fn tokens(events: &Events) -> Vec<usize> {
    events.iter().map(|event| event.token().0).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::{TcpListener, TcpStream};

    use cipher_room::crypto::Secret;
    use cipher_room::protocol::handshake::Refusal;

    use super::*;
    use crate::people::{ADA, BOB, CEM, read_frame};

    /// What guests hear of a host that answers their first messages one after the other with these bytes, and hangs up.
    fn talk_of_a_host_that_answers(answers: &[Vec<u8>]) -> Talk {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let identities = [ADA, BOB, CEM].map(|pem| Identity::from_pem(pem).unwrap());
        let plan = Plan {
            invite: Invite {
                endpoints: vec![address.to_string().parse().unwrap()],
                room: "Den".to_owned(),
                host: identities[0].fingerprint(),
                secret: Secret::new([5; 32]),
                expires_unix: None,
            },
            senders: 0,
            checking: 0,
            pause: Duration::from_secs(1),
            at_once: 1,
            threads: 1,
        };
        std::thread::scope(|threads| {
            threads.spawn(move || {
                for answer in answers {
                    let (mut stream, _) = listener.accept().unwrap();
                    if read_frame(&mut stream).is_err() {
                        return;
                    }
                    stream.write_all(answer).unwrap();
                }
            });
            let talk = Crowd::join(plan, identities.into()).unwrap().talk(Duration::ZERO);
            // Where fewer came than are answered, the last one to come is nobody.
            drop(TcpStream::connect(address));
            talk
        })
    }

    #[test]
    fn who_finds_no_place_tries_again_and_is_counted_and_whatever_else_goes_wrong_is_a_failure() {
        let (hang_up, full) = (Vec::new(), Refusal::Full.clear_frame());
        let (refused, noise) = (Refusal::BadHandshake.clear_frame(), vec![0x55; 16]);
        let talk = talk_of_a_host_that_answers(&[hang_up, full, refused, noise.clone(), noise]);
        let tried_again = TriedAgain { hung_up: 1, full: 1 };
        assert_eq!((talk.joined, talk.tried_again), (0, tried_again));
        let failures = [
            "the host did not accept the handshake",
            "no frame starts with byte 0x55",
            "no frame starts with byte 0x55",
        ];
        assert_eq!(talk.failures, failures);
    }

    #[test]
    fn nobody_tries_again_for_ever() {
        let hang_ups: [Vec<u8>; 6] = Default::default();
        let talk = talk_of_a_host_that_answers(&hang_ups);
        assert_eq!(talk.tried_again.hung_up, 3);
        assert_eq!(talk.failures, ["the host hung up"; 3]);
    }
}
