//! A guest's thread: joins, talks, and comes back by itself when the connection was lost.

use std::collections::VecDeque;
use std::sync::Weak;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError};
use rand::RngExt;

use super::link::{self, End, Ended};
use super::membership::Membership;
use super::reach::{Course, hold, reach};
use super::way_back::{Answers, is_final, is_proven};
use super::writing::Wait;
use super::{GuestContext, Way, Wish, failed};
use crate::net::limits::{MAX_OUTBOX, MAX_TO_SAY};
use crate::net::{Alarm, ClosedReason, Event, JoinCause, JoinFailure, JoinRoom, JoinStep};
use crate::protocol::handshake::Refusal;

/// Waiting times between two tries, each drawn from half to all of it: a class must not come back in chorus.
const BACK_OFF: [Duration; 8] = [
    Duration::from_millis(700),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
    Duration::from_secs(15),
    Duration::from_secs(30),
    Duration::from_secs(60),
];

/// Joins and stays until it is over; tells why.
pub(super) fn stay(
    wish: &JoinRoom,
    context: &GuestContext,
    kept: Option<[u8; 32]>,
    wishes: &Receiver<Wish>,
    way: &Weak<Way>,
) {
    // What is kept can be read, and what is said waits, whether the host is there or not.
    let mut membership = kept.and_then(|id| Membership::of_kept(&id, wish, context));
    let is_known = membership.is_some();
    let mut course = match &membership {
        Some(here) => Course::back_to(wish, here),
        None => Course::first(wish, context, kept),
    };
    if let Some(here) = &mut membership {
        context
            .shelf
            .tell_history(&here.room.id, wish.key, &here.own, &context.teller);
        here.tell_last_seen(wish, context);
        here.tell_waiting(wish, context);
        link::tell_private(here, wish, context);
    }
    let mut away = Away {
        wish,
        context,
        wishes,
        way,
        held: VecDeque::new(),
        tries: 0,
        answers: Answers::default(),
    };
    let fail = |failure| {
        context.teller.tell(Event::JoinFailed {
            room: wish.key,
            failure,
        });
    };
    let mut reached = loop {
        match reach(&mut course, wish, context, wishes, &mut away.held) {
            Ok(reached) if course.leads_elsewhere(&reached) => {
                return fail(failed(JoinStep::Admitted, JoinCause::OtherRoom));
            }
            Ok(reached) => break reached,
            Err(failure) => {
                let Some(here) = &mut membership else {
                    // The host does not know the secret to come back with any more: the invitation may do.
                    if is_final(&failure.cause) && course.fall_back() {
                        continue;
                    }
                    return fail(failure);
                };
                if failure.cause == JoinCause::Cancelled || away.is_over(&failure, &mut course) {
                    away.keep_what_is_held(here);
                    return fail(failure);
                }
                // Where the host itself refused the one, the other is tried at once.
                if is_final(&failure.cause) && is_proven(&failure) {
                    continue;
                }
                away.tries = 1;
                match away.come_back(here, &mut course, not_reached(&failure.cause)) {
                    Ok(back) => break *back,
                    Err(reason) => return away.close(here, reason),
                }
            }
        }
    };
    loop {
        let address = reached.address;
        let Ended { end, entered } =
            link::run(reached, &mut membership, wish, context, wishes, &mut away.held);
        let was_in = is_known || membership.as_ref().is_some_and(|here| here.was_in);
        let reason = match end {
            End::NotAdmitted(cause) if !was_in => return fail(failed(JoinStep::Admitted, cause)),
            End::Closed(reason) if !was_in => return fail(failed(JoinStep::Admitted, cause_of(reason))),
            End::NotAdmitted(cause) => not_reached(&cause),
            End::Closed(reason) => reason,
        };
        let Some(here) = membership.as_mut() else {
            return;
        };
        if !matches!(
            reason,
            ClosedReason::ConnectionLost { .. } | ClosedReason::TooSlow
        ) {
            return away.close(here, reason);
        }
        away.tries = if entered { 0 } else { 1 };
        course.come_back(here, Some(address));
        reached = match away.come_back(here, &mut course, reason) {
            Ok(back) => *back,
            Err(reason) => return away.close(here, reason),
        };
    }
}

/// The time between two connections.
struct Away<'a> {
    wish: &'a JoinRoom,
    context: &'a GuestContext,
    wishes: &'a Receiver<Wish>,
    /// How they come.
    way: &'a Weak<Way>,
    /// Wishes that could not be carried out yet.
    held: VecDeque<Wish>,
    /// How often the host was tried in vain since the last connection.
    tries: u32,
    /// What was said in its place.
    answers: Answers,
}

impl Away<'_> {
    /// Tries until the host is reached, or until there is no way back.
    fn come_back(
        &mut self,
        here: &mut Membership,
        course: &mut Course,
        mut reason: ClosedReason,
    ) -> Result<Box<super::reach::Reached>, ClosedReason> {
        loop {
            self.wait(here, reason)?;
            self.tries += 1;
            course.session = here.session.take();
            course.pin(here);
            match reach(course, self.wish, self.context, self.wishes, &mut self.held) {
                Ok(reached) if reached.established.agreed().room.id != here.room.id => {
                    return Err(ClosedReason::Refused(JoinCause::OtherRoom));
                }
                Ok(reached) => {
                    self.answers = Answers::default();
                    return Ok(Box::new(reached));
                }
                Err(failure) if failure.cause == JoinCause::Cancelled => return Err(ClosedReason::Left),
                Err(failure) if self.is_over(&failure, course) => {
                    return Err(ClosedReason::Refused(failure.cause));
                }
                Err(failure) => reason = not_reached(&failure.cause),
            }
        }
    }

    /// Whether there is no way back behind this answer. That another key answers is an alarm in any case.
    fn is_over(&mut self, failure: &JoinFailure, course: &mut Course) -> bool {
        if let JoinCause::WrongHost { expected, found } = failure.cause
            && self.answers.is_new(found)
        {
            self.context.teller.tell(Event::Alarmed {
                room: self.wish.key,
                alarm: Alarm::OtherHost { expected, found },
            });
        }
        self.answers.end_the_way_back(failure, course)
    }

    /// The room is over for now; what was said last waits for the next time.
    fn close(&mut self, here: &mut Membership, reason: ClosedReason) {
        self.keep_what_is_held(here);
        here.note_use(self.context);
        self.context.teller.tell(Event::Closed {
            room: self.wish.key,
            reason,
        });
    }

    /// What was said and not written yet, up to the last word, is written, kept and told: it waits for the room like everything
    /// else.
    fn keep_what_is_held(&mut self, here: &mut Membership) {
        if let Some(way) = self.way.upgrade() {
            way.shut();
        }
        self.held.extend(self.wishes.try_iter());
        self.held
            .retain(|wish| matches!(wish, Wish::Say { .. } | Wish::SayPrivately { .. }));
        while let Some(wish) = self.held.pop_front() {
            // A wish to leave that came behind it is carried out already.
            if let Err(ClosedReason::Broken { reason }) = self.heed(here, wish) {
                self.context.teller.tell(Event::NotKept { reason });
            }
        }
    }

    /// Waits for the time of the next try, and hears wishes meanwhile.
    fn wait(&mut self, here: &mut Membership, reason: ClosedReason) -> Result<(), ClosedReason> {
        let longest = BACK_OFF
            .get(self.tries as usize)
            .or(BACK_OFF.last())
            .copied()
            .unwrap_or_default();
        let share: f64 = rand::rng().random_range(0.5..1.0);
        let pause = longest.mul_f64(share);
        self.context.teller.tell(Event::Lost {
            room: self.wish.key,
            reason,
            tries: self.tries,
            next_secs: pause.as_millis().div_ceil(1000) as u64,
        });
        let until = Instant::now() + pause;
        // One at a time: what is left when there is to be a try at once stays held, in order.
        while here.outbox.len() < MAX_OUTBOX
            && let Some(wish) = self.held.pop_front()
        {
            if self.heed(here, wish)? {
                return Ok(());
            }
        }
        loop {
            match self.wishes.recv_deadline(until) {
                // Further texts wait, but nobody waits behind them to leave.
                Ok(wish @ Wish::Say { .. }) if here.outbox.len() >= MAX_OUTBOX => {
                    hold(wish, &mut self.held, self.context);
                }
                Ok(wish) => {
                    if self.heed(here, wish)? {
                        return Ok(());
                    }
                }
                Err(RecvTimeoutError::Timeout) => return Ok(()),
                Err(RecvTimeoutError::Disconnected) => return Err(ClosedReason::Left),
            }
        }
    }

    /// Does what can be done without a connection; `true` when it is to be tried at once.
    fn heed(&mut self, here: &mut Membership, wish: Wish) -> Result<bool, ClosedReason> {
        match wish {
            Wish::TryNow => return Ok(true),
            Wish::Leave => return Err(ClosedReason::Left),
            Wish::Say { text } => {
                let mut texts = vec![text];
                while texts.len() < MAX_TO_SAY.min(crate::crypto::MAX_BATCH) {
                    // What is held was wished before what waits in the channel.
                    match self.held.pop_front() {
                        Some(Wish::Say { text }) => {
                            texts.push(text);
                            continue;
                        }
                        Some(other) => {
                            self.held.push_front(other);
                            break;
                        }
                        None => {}
                    }
                    match self.wishes.try_recv() {
                        Ok(Wish::Say { text }) => texts.push(text),
                        Ok(other) => {
                            self.write(here, texts)?;
                            return self.heed(here, other);
                        }
                        Err(_) => break,
                    }
                }
                self.write(here, texts)?;
            }
            Wish::SayPrivately { to, text } => {
                here.say_privately(&to, text, false);
                link::tell_private(here, self.wish, self.context);
            }
            Wish::OpenPrivate { .. } => {}
            #[cfg(test)]
            Wish::Die => super::deaths::die(),
        }
        Ok(false)
    }

    fn write(&self, here: &mut Membership, texts: Vec<String>) -> Result<(), ClosedReason> {
        here.write(texts, self.wish, self.context)
            .and_then(|()| here.take_signed(Wait::ForAll, self.wish, self.context))
            .map_err(|reason| ClosedReason::Broken { reason })
    }
}

fn not_reached(cause: &JoinCause) -> ClosedReason {
    ClosedReason::ConnectionLost {
        reason: Some(cause.to_string()),
    }
}

/// An end before we were in the room.
fn cause_of(reason: ClosedReason) -> JoinCause {
    match reason {
        ClosedReason::Left => JoinCause::Cancelled,
        ClosedReason::HostClosed | ClosedReason::TooSlow | ClosedReason::ConnectionLost { .. } => {
            JoinCause::HungUp
        }
        ClosedReason::Replaced => JoinCause::Replaced,
        ClosedReason::NotAuthentic { reason } => JoinCause::NotAuthentic { reason },
        ClosedReason::Broken { reason } => JoinCause::System { reason },
        ClosedReason::Removed { .. } => JoinCause::Refused(Refusal::NotAdmitted),
        ClosedReason::Refused(cause) => cause,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::bounded;

    use super::super::deaths::{bob, wish};
    use super::*;
    use crate::crypto::test_keys::ADA;
    use crate::crypto::{Fingerprint, Identity};
    use crate::net::keep::tests::kept_room;
    use crate::protocol::body::RoomDescriptor;
    use crate::store::{KeptRole, Vault};

    const ROOM: [u8; 32] = [7; 32];

    #[test]
    fn what_is_said_just_before_a_room_ends_waits_and_who_speaks_later_is_told() {
        let vault = Vault::in_memory().unwrap();
        let (context, events) = bob(&vault);
        let wish = wish("127.0.0.1:9".parse().unwrap());
        let ada = Identity::from_pem(ADA).unwrap().public().clone();
        let room = RoomDescriptor {
            id: ROOM,
            name: "Den".to_owned(),
        };
        let mut here = Membership::new(room, ada, &wish, &context, None);
        let (wishes, heard) = bounded(16);
        let way = Arc::new(Way::new(wishes));
        let say = |text: &str| {
            let text = text.to_owned();
            way.send(Wish::Say { text })
        };
        assert!(say("one").is_ok());
        let to_nobody = Wish::SayPrivately {
            to: Fingerprint::of_der(b"cem"),
            text: "in private".to_owned(),
        };
        assert!(way.send(to_nobody).is_ok());
        assert!(way.send(Wish::TryNow).is_ok());
        assert!(say("two").is_ok());
        let mut away = Away {
            wish: &wish,
            context: &context,
            wishes: &heard,
            way: &Arc::downgrade(&way),
            held: VecDeque::from([Wish::Say {
                text: "held".to_owned(),
            }]),
            tries: 0,
            answers: Answers::default(),
        };
        away.close(&mut here, ClosedReason::HostClosed);
        assert!(say("too late").is_err());
        let mut told = Vec::new();
        for event in events.try_iter() {
            told.push(match event {
                Event::Written { message } => message.text,
                Event::NotKept { reason } if reason.contains("nobody with this key") => "refused".to_owned(),
                Event::Closed { .. } => "closed".to_owned(),
                other => panic!("{other:?}"),
            });
        }
        assert_eq!(told, ["held", "one", "refused", "two", "closed"]);
        assert_eq!(vault.outbox(&ROOM).unwrap().waiting.len(), 3);
    }
    #[test]
    fn a_room_was_last_used_when_it_ended_and_one_that_was_removed_meanwhile_stays_away() {
        let vault = Vault::in_memory().unwrap();
        let (context, _events) = bob(&vault);
        let wish = wish("127.0.0.1:9".parse().unwrap());
        let ada = Identity::from_pem(ADA).unwrap().public().clone();
        let mut kept = kept_room(&ada, KeptRole::Member);
        kept.used_unix = 1;
        let room = RoomDescriptor {
            id: kept.id,
            name: kept.name.clone(),
        };
        let mut here = Membership::new(room, ada, &wish, &context, None);
        vault.write(|writing| writing.keep_room(&kept)).unwrap();
        let used = || vault.room(&kept.id).unwrap().map(|room| room.used_unix);
        here.note_use(&context);
        assert_eq!(used(), Some(1), "it was never entered in this run");
        here.was_in = true;
        here.note_use(&context);
        assert!(used() > Some(1));
        vault.forget_room(&kept.id).unwrap();
        here.note_use(&context);
        assert_eq!(used(), None);
    }
}
