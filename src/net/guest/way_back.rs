//! Whether there is a way back into a room behind an answer that let us not in: who gave it, and how often.
//!
//! Until a host has proven itself, anybody can answer in its place who is on the path, or has its address for a while. So
//! who was in a room believes such an answer only when it is the outcome of several tries in a row. What comes sealed
//! behind the proof is the host's own word, and our own clock is ours.

use super::reach::Course;
use crate::crypto::Fingerprint;
use crate::net::limits::UNPROVEN_ANSWERS;
use crate::net::{JoinCause, JoinFailure, JoinStep};
use crate::protocol::handshake::Refusal;

/// What was answered since the host itself was heard last.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// So many in a row that would end the way back, and that anybody can have given.
    unproven: u32,
    /// Whose key answered in the host's place last.
    other: Option<Fingerprint>,
}

impl Answers {
    /// Takes an answer; gives whether it ends the way back. Where the way goes on, it may do so with another secret.
    pub(super) fn end_the_way_back(&mut self, failure: &JoinFailure, course: &mut Course) -> bool {
        if !is_final(&failure.cause) {
            *self = Answers::default();
            return false;
        }
        if is_proven(failure) {
            *self = Answers::default();
            // The host does not know the secret to come back with any more, say: the invitation may do.
            return !course.fall_back();
        }
        self.unproven += 1;
        course.take_turns();
        self.unproven >= UNPROVEN_ANSWERS
    }

    /// Whether another key answers than at the try before.
    pub(super) fn is_new(&mut self, found: Fingerprint) -> bool {
        self.other.replace(found) != Some(found)
    }
}

/// Answers after which trying again changes nothing, if they are true.
pub(super) fn is_final(cause: &JoinCause) -> bool {
    match cause {
        JoinCause::WrongHost { .. } | JoinCause::WrongVersion | JoinCause::InvitationExpired => true,
        JoinCause::Refused(refusal) => matches!(
            refusal,
            Refusal::WrongVersion
                | Refusal::NotInvited
                | Refusal::InvitationExpired
                | Refusal::NotAdmitted
                | Refusal::Banned
                | Refusal::InvitationUsed
        ),
        _ => false,
    }
}

/// Whether nobody but the host, or our own clock, can have said so. A refusal is the host's own when it comes in place of
/// M4: it is sealed with keys that only the proven host has.
pub(super) fn is_proven(failure: &JoinFailure) -> bool {
    failure.step == JoinStep::Admitted || failure.cause == JoinCause::InvitationExpired
}

#[cfg(test)]
mod tests {
    use super::super::deaths::{bob, wish};
    use super::super::failed;
    use super::*;
    use crate::store::Vault;

    fn course() -> Course {
        let (context, _events) = bob(&Vault::in_memory().unwrap());
        Course::first(&wish("127.0.0.1:9".parse().unwrap()), &context, None)
    }

    /// What anybody can say.
    fn unproven() -> [JoinFailure; 4] {
        let [expected, found] = [b"Ada", b"Eve"].map(|name| Fingerprint::of_der(name));
        [
            failed(JoinStep::KeysAgreed, JoinCause::Refused(Refusal::Banned)),
            failed(JoinStep::KeysAgreed, JoinCause::Refused(Refusal::NotInvited)),
            failed(JoinStep::KeysAgreed, JoinCause::WrongVersion),
            failed(JoinStep::IdentityProven, JoinCause::WrongHost { expected, found }),
        ]
    }

    #[test]
    fn what_anybody_can_say_ends_the_way_back_after_several_times_in_a_row() {
        let mut course = course();
        for failure in unproven() {
            let mut answers = Answers::default();
            let goes_on = (0..100).take_while(|_| !answers.end_the_way_back(&failure, &mut course));
            assert_eq!(goes_on.count() as u32, UNPROVEN_ANSWERS - 1, "{failure:?}");
        }
        // Taken together they say no more than each by itself.
        let mut answers = Answers::default();
        let mut all = unproven().into_iter().cycle();
        let ends = all.position(|failure| answers.end_the_way_back(&failure, &mut course));
        assert_eq!(ends, Some(UNPROVEN_ANSWERS as usize - 1));
    }

    #[test]
    fn a_host_that_is_not_there_in_between_makes_it_begin_anew() {
        let (mut course, mut answers) = (course(), Answers::default());
        let [refused, ..] = unproven();
        for cause in [
            JoinCause::NobodyListens,
            JoinCause::HungUp,
            JoinCause::Refused(Refusal::Full),
        ] {
            for _ in 1..UNPROVEN_ANSWERS {
                assert!(!answers.end_the_way_back(&refused, &mut course));
            }
            let other = failed(JoinStep::KeysAgreed, cause);
            assert!(!answers.end_the_way_back(&other, &mut course));
        }
    }

    #[test]
    fn the_hosts_own_word_and_our_own_clock_count_at_once() {
        for refusal in [Refusal::Banned, Refusal::NotAdmitted, Refusal::InvitationUsed] {
            let sealed = failed(JoinStep::Admitted, JoinCause::Refused(refusal));
            assert!(Answers::default().end_the_way_back(&sealed, &mut course()));
        }
        let over = failed(JoinStep::Reached, JoinCause::InvitationExpired);
        assert!(Answers::default().end_the_way_back(&over, &mut course()));
    }

    #[test]
    fn another_key_is_new_once_however_often_it_answers_in_a_row() {
        let (mut course, mut answers) = (course(), Answers::default());
        let [eve, mallory] = [&b"Eve"[..], b"Mallory"].map(Fingerprint::of_der);
        assert!(answers.is_new(eve) && !answers.is_new(eve));
        assert!(answers.is_new(mallory) && answers.is_new(eve));
        let lost = failed(JoinStep::Reached, JoinCause::NobodyListens);
        answers.end_the_way_back(&lost, &mut course);
        assert!(answers.is_new(eve));
    }
}
