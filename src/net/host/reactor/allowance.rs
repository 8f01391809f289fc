//! What one member's messages may cost: work of the host, in reckoned microseconds, bytes written to the others, and
//! bytes that everybody keeps or one other member alone is to read.
//!
//! Nobody is thrown out for talking fast. Who has used up its allowance is not read from for a while, and TCP makes it
//! wait; who runs low is read from in small pieces, so that one piece can't cost much more than what is left.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::net::bucket::{Bucket, Rate};
use crate::net::host::together::Together;
use crate::net::limits::{
    MEMBER_BYTES_A_SECOND, MEMBER_BYTES_AT_ONCE, MEMBER_KEPT_A_SECOND, MEMBER_KEPT_AT_ONCE,
    MEMBER_PAGES_AT_ONCE, MEMBER_WORK_A_SECOND, MEMBER_WORK_AT_ONCE, SHORT_MESSAGE, WORK_OF_A_DELIVERY,
    WORK_OF_A_MESSAGE, WORK_OF_A_PAGE, WORK_OF_A_PRIVATE_HELLO, WORK_OF_A_SIGNATURE, WORK_OF_A_TICK,
};
use crate::protocol::body::Submit;
use crate::protocol::wire::FrameKind;

const WORK: Rate = Rate {
    at_once: MEMBER_WORK_AT_ONCE,
    a_second: MEMBER_WORK_A_SECOND,
};
const PAGES: Rate = Rate {
    at_once: MEMBER_PAGES_AT_ONCE,
    a_second: MEMBER_WORK_A_SECOND,
};
const BYTES: Rate = Rate {
    at_once: MEMBER_BYTES_AT_ONCE,
    a_second: MEMBER_BYTES_A_SECOND,
};
const KEPT: Rate = Rate {
    at_once: MEMBER_KEPT_AT_ONCE,
    a_second: MEMBER_KEPT_A_SECOND,
};

/// What a member may still cost.
#[derive(Debug)]
pub struct Allowance {
    work: Bucket,
    pages: Bucket,
    bytes: Bucket,
    kept: Bucket,
    together: Arc<Together>,
    /// The RSA bytes of the last event that it handed in: what they cover was paid for.
    last_signature: Vec<u8>,
}

impl Allowance {
    /// Begins with nothing used; what all may cost is counted too.
    pub fn new(together: &Arc<Together>, now: Instant) -> Allowance {
        Allowance {
            work: Bucket::full(WORK, now),
            pages: Bucket::full(PAGES, now),
            bytes: Bucket::full(BYTES, now),
            kept: Bucket::full(KEPT, now),
            together: Arc::clone(together),
            last_signature: Vec::new(),
        }
    }

    /// For an event, which goes to so many hearers.
    pub fn charge_submit(&mut self, submit: &Submit, hearers: usize, now: Instant) {
        let signature = if self.last_signature == submit.signature.rsa {
            0
        } else {
            self.last_signature.clone_from(&submit.signature.rsa);
            WORK_OF_A_SIGNATURE
        };
        let bytes = submit.event.len() + submit.signature.rsa.len() + 32 * submit.signature.path.len();
        self.charge(WORK_OF_A_MESSAGE + signature, bytes, hearers, now);
        self.kept.charge(count(bytes.saturating_sub(SHORT_MESSAGE)), now);
    }

    /// For saying where its log stands.
    pub fn charge_standing(&mut self, now: Instant) {
        self.charge(WORK_OF_A_MESSAGE, 0, 0, now);
    }

    /// For so many messages of the host that it has now.
    pub fn charge_ticks(&mut self, ticks: usize, now: Instant) {
        self.charge(count(ticks).saturating_mul(WORK_OF_A_TICK), 0, 0, now);
    }

    /// For a piece of a private conversation: its way, and the answer to a hello. Short or long, it counts whole: it goes
    /// unread to one member, who may have a slow line.
    pub fn charge_private(&mut self, bytes: &[u8], now: Instant) {
        let begins = bytes
            .first()
            .is_some_and(|kind| *kind == FrameKind::GuestHello as u8);
        let answer = if begins { WORK_OF_A_PRIVATE_HELLO } else { 0 };
        self.charge(WORK_OF_A_MESSAGE + answer, bytes.len(), 1, now);
        self.kept.charge(count(bytes.len()), now);
    }

    /// For a page of what it missed: so many texts of so many bytes together, read from the disk and sent to it alone.
    pub fn charge_page(&mut self, texts: usize, bytes: usize, now: Instant) {
        let each = count(texts).saturating_mul(WORK_OF_A_MESSAGE);
        // To open them costs about as much as to seal and send them.
        let both = count(bytes.div_ceil(2048)).saturating_mul(2 * WORK_OF_A_DELIVERY);
        let work = WORK_OF_A_PAGE.saturating_add(each).saturating_add(both);
        self.pages.charge(self.together.charge_page(work, now), now);
    }

    fn charge(&mut self, work: u32, bytes: usize, hearers: usize, now: Instant) {
        let deliveries = count(bytes.div_ceil(2048).saturating_mul(hearers));
        let work = work.saturating_add(deliveries.saturating_mul(WORK_OF_A_DELIVERY));
        self.work.charge(self.together.charge_work(work, now), now);
        self.bytes.charge(count(bytes.saturating_mul(hearers)), now);
    }

    /// When it may be read from again; `None` if it may be now.
    pub fn paid_at(&self) -> Option<Instant> {
        let buckets = [&self.work, &self.pages, &self.bytes, &self.kept];
        buckets.into_iter().filter_map(Bucket::paid_at).max()
    }

    /// When the next page of what it missed may be sent; `None` if it may be now.
    pub fn next_page_at(&self) -> Option<Instant> {
        self.pages.paid_at()
    }

    /// Whether it owes so much work that paying takes longer than this.
    pub fn owes_work_for(&self, time: Duration, now: Instant) -> bool {
        let owed = [&self.work, &self.pages].into_iter().filter_map(Bucket::paid_at);
        owed.max().is_some_and(|at| at > now + time)
    }

    /// Whether nothing is used up.
    pub fn is_full(&mut self, now: Instant) -> bool {
        let buckets = [&mut self.work, &mut self.pages, &mut self.bytes, &mut self.kept];
        buckets.into_iter().all(|bucket| bucket.is_full(now))
    }

    /// Whether half of what it may cost at once is used up, or half of what all may.
    pub fn runs_low(&mut self, now: Instant) -> bool {
        !self.work.holds(MEMBER_WORK_AT_ONCE / 2, now)
            || !self.bytes.holds(MEMBER_BYTES_AT_ONCE / 2, now)
            || !self.kept.holds(MEMBER_KEPT_AT_ONCE / 2, now)
            || self.together.runs_low(now)
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Signature;

    fn submit(bytes: usize, signature: u8) -> Submit {
        Submit {
            event: vec![0; bytes],
            signature: Signature {
                rsa: vec![signature; 384],
                index: 0,
                size: 1,
                path: Vec::new(),
            },
        }
    }

    /// Of the only member.
    fn alone(now: Instant) -> Allowance {
        Allowance::new(&Arc::new(Together::new(now)), now)
    }

    /// Whether it is read from.
    fn may_speak(allowance: &Allowance, now: Instant) -> bool {
        allowance.paid_at().is_none_or(|at| at <= now)
    }

    /// Submits that are taken until it has to rest.
    fn until_rest(allowance: &mut Allowance, submit: &Submit, hearers: usize, now: Instant) -> usize {
        let mut taken = 0;
        while allowance.paid_at().is_none() {
            allowance.charge_submit(submit, hearers, now);
            taken += 1;
        }
        taken
    }

    #[test]
    fn large_messages_to_many_use_up_the_bytes_before_the_work() {
        let now = Instant::now();
        let mut allowance = alone(now);
        let hearers = 60;
        let taken = until_rest(&mut allowance, &submit(16_000, 1), hearers, now);
        let bytes = taken * 16_384 * hearers;
        assert!(bytes < MEMBER_BYTES_AT_ONCE as usize + 16_384 * hearers + 1);
        let rests = allowance.paid_at().expect("it has to rest") - now;
        assert!(rests < Duration::from_secs(1));
    }

    #[test]
    fn long_messages_are_kept_at_a_rate_in_the_smallest_room_and_short_ones_are_not_counted() {
        let now = Instant::now();
        let mut allowance = alone(now);
        let long = submit(32 * 1024, 1);
        let taken = until_rest(&mut allowance, &long, 1, now);
        assert!(
            taken * 32 * 1024 < MEMBER_KEPT_AT_ONCE as usize + 4 * 32 * 1024,
            "{taken}"
        );
        let second = now + Duration::from_secs(1);
        let more = until_rest(&mut allowance, &long, 1, second);
        assert!(
            more * 32 * 1024 < MEMBER_KEPT_A_SECOND as usize + 4 * 32 * 1024,
            "{more}"
        );
        let mut allowance = alone(now);
        for i in 0..10_000 {
            allowance.charge_submit(&submit(600, 1), 0, now + Duration::from_millis(i));
        }
        assert!(allowance.kept.is_full(now));
    }

    #[test]
    fn private_pieces_are_passed_on_at_a_rate_however_short_and_a_pasted_text_of_many_pieces_at_once() {
        let now = Instant::now();
        for length in [100, SHORT_MESSAGE, 60_000] {
            let mut allowance = alone(now);
            let piece = vec![FrameKind::Data as u8; length];
            let mut passed = 0;
            for second in 0..10 {
                let now = now + Duration::from_secs(second);
                while may_speak(&allowance, now) {
                    allowance.charge_private(&piece, now);
                    passed += length;
                }
                let most = MEMBER_KEPT_AT_ONCE as usize + second as usize * MEMBER_KEPT_A_SECOND as usize;
                assert!(
                    passed <= most + length,
                    "{passed} bytes of {length} by {second} s"
                );
                assert!(second > 0 || length < 1000 || passed > 1024 * 1024, "{passed}");
            }
        }
    }

    #[test]
    fn one_signature_over_many_messages_is_paid_for_once() {
        let now = Instant::now();
        let (mut alike, mut each) = (alone(now), alone(now));
        let taken = until_rest(&mut alike, &submit(100, 1), 1, now);
        let mut taken_each = 0;
        while each.paid_at().is_none() {
            each.charge_submit(&submit(100, taken_each as u8), 1, now);
            taken_each += 1;
        }
        assert!(taken > 4 * taken_each, "{taken} {taken_each}");
    }

    #[test]
    fn pages_of_a_catch_up_are_paid_for_and_count_as_nothing_that_everybody_keeps() {
        let now = Instant::now();
        let mut allowance = alone(now);
        let mut pages = 0;
        while allowance.paid_at().is_none() {
            allowance.charge_page(22, 1 << 20, now);
            pages += 1;
        }
        assert!((50..200).contains(&pages), "{pages}");
        assert!(allowance.kept.is_full(now) && allowance.bytes.is_full(now));
        let mut short = alone(now);
        while short.paid_at().is_none() {
            short.charge_page(512, 512 * 100, now);
        }
        let rests = short.paid_at().expect("it has to rest") - now;
        assert!(rests < Duration::from_millis(100), "{rests:?}");
    }

    #[test]
    fn who_ran_low_has_all_again_in_time() {
        let now = Instant::now();
        let mut allowance = alone(now);
        assert!(!allowance.runs_low(now));
        until_rest(&mut allowance, &submit(100, 1), 60, now);
        assert!(allowance.runs_low(now));
        assert!(!allowance.runs_low(now + Duration::from_secs(1)));
    }

    #[test]
    fn many_keys_together_do_not_get_many_allowances_and_who_says_little_is_heard_beside_them() {
        let start = Instant::now();
        let together = Arc::new(Together::new(start));
        let new = || Allowance::new(&together, start);
        let mut greedy: Vec<Allowance> = (0..50).map(|_| new()).collect();
        let mut class: Vec<Allowance> = (0..60).map(|_| new()).collect();
        // Each signed for itself, for the class and the others.
        let hearers = 110;
        let (mut said, mut signature) = (0, 0_u8);
        for step in 0..1000 {
            let now = start + Duration::from_millis(10 * step);
            for one in &mut greedy {
                while may_speak(one, now) {
                    signature = signature.wrapping_add(1);
                    one.charge_submit(&submit(100, signature), hearers, now);
                    said += 1;
                }
            }
            // Everybody once in 640 ms.
            if let Some(one) = class.get_mut(step as usize % 64) {
                assert!(may_speak(one, now), "{step}");
                one.charge_submit(&submit(100, step as u8), hearers, now);
            }
        }
        let work = said * (WORK_OF_A_MESSAGE + WORK_OF_A_SIGNATURE + 110 * WORK_OF_A_DELIVERY);
        let seconds = work / 1_000_000;
        assert!((8..20).contains(&seconds), "{seconds} s of work in ten");
    }

    #[test]
    fn a_full_room_in_which_twenty_talk_is_not_slowed() {
        let start = Instant::now();
        let together = Arc::new(Together::new(start));
        let new = || Allowance::new(&together, start);
        let mut talkers: Vec<Allowance> = (0..20).map(|_| new()).collect();
        let mut listeners: Vec<Allowance> = (0..250).map(|_| new()).collect();
        for second in 0..30 {
            let now = start + Duration::from_secs(second);
            for one in &mut talkers {
                assert!(may_speak(one, now), "{second}");
                one.charge_submit(&submit(600, second as u8), 10_000, now);
            }
            // Of 10,000 who confirm every 40 s what they heard so many come in a second.
            for one in &mut listeners {
                assert!(may_speak(one, now));
                one.charge_standing(now);
            }
        }
    }

    #[test]
    fn a_class_that_comes_back_gets_what_it_missed_at_once_and_a_crowd_without_end_does_not() {
        let now = Instant::now();
        let together = Arc::new(Together::new(now));
        // Ten thousand messages for each of sixty.
        for _ in 0..60 {
            let mut one = Allowance::new(&together, now);
            (0..20).for_each(|_| one.charge_page(512, 256 * 1024, now));
            assert!(may_speak(&one, now));
        }
        let pages = |allowance: &mut Allowance| {
            let most = (0..1000).take_while(|_| {
                allowance.charge_page(512, 256 * 1024, now);
                may_speak(allowance, now)
            });
            most.count()
        };
        let one = pages(&mut Allowance::new(&together, now));
        for _ in 0..100 {
            pages(&mut Allowance::new(&together, now));
        }
        let last = pages(&mut Allowance::new(&together, now));
        assert!(one > 5 * last, "{one} {last}");
    }
}
