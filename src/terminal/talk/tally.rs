//! What became of the lines of a conversation: which are on their way, which arrived, and which were not sent.

use std::collections::{HashSet, VecDeque};

use crate::net::limits::MAX_FOLLOWED;
use crate::net::{Delivery, MessageId};

/// Counts messages from the line that was read to the room's log.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// Given to the background, and as far as it is known neither written nor refused by it.
    given: usize,
    /// Given to the background, and not written.
    unwritten: usize,
    /// Written, and neither in the log nor declined.
    under_way: HashSet<MessageId>,
    /// Came into the log in this run, and not everybody has them: the newest, as many as the background follows.
    in_log: VecDeque<MessageId>,
    /// Lines that were never given, and messages that the host declined.
    unsent: usize,
    /// Messages of others that were shown since what was missed began to come.
    heard: u64,
    /// Whether something was not kept, so that what waits for somebody away may not be on the disk.
    keeping_failed: bool,
}

impl Tally {
    /// A line is given to the background as a message.
    pub(super) fn give(&mut self) {
        self.given += 1;
        self.unwritten += 1;
    }

    /// A message for everybody is written. What waits from an earlier run is told again, which is no line of this one.
    pub(super) fn written(&mut self, id: MessageId) {
        if self.under_way.insert(id) {
            self.written_privately();
        }
    }

    /// A message for one member is written: from here on it is kept until it arrives.
    pub(super) fn written_privately(&mut self) {
        self.given = self.given.saturating_sub(1);
        self.unwritten = self.unwritten.saturating_sub(1);
    }

    /// A message is in the room's log.
    pub(super) fn logged(&mut self, id: &MessageId) {
        self.under_way.remove(id);
        if self.in_log.len() >= MAX_FOLLOWED {
            self.in_log.pop_front();
        }
        self.in_log.push_back(*id);
    }

    /// What was missed begins to come.
    pub(super) fn begin_missed(&mut self) {
        self.heard = 0;
    }

    /// A message of somebody else is shown.
    pub(super) fn heard(&mut self) {
        self.heard += 1;
    }

    /// Of so many messages that were missed, gives how many were not shown: our identity said them from somewhere else.
    pub(super) fn own_of_missed(&self, messages: u64) -> u64 {
        messages.saturating_sub(self.heard)
    }

    /// A message was delivered so far. Gives whether that is news: of one that came into the log in an earlier run it was
    /// told by that run, and comes once more because nobody keeps it.
    pub(super) fn delivered(&mut self, delivery: &Delivery) -> bool {
        let Some(at) = self.in_log.iter().rposition(|id| *id == delivery.id) else {
            return false;
        };
        if delivery.to >= delivery.of {
            self.in_log.remove(at);
        }
        true
    }

    /// The host did not take a message.
    pub(super) fn declined(&mut self, id: &MessageId) {
        self.under_way.remove(id);
        self.unsent += 1;
    }

    /// Something was not kept. A message that was refused is not waited for; other things that were not kept are rare.
    pub(super) fn not_kept(&mut self) {
        self.given = self.given.saturating_sub(1);
        self.keeping_failed = true;
    }

    /// So many lines can't be sent, or come too late.
    pub(super) fn unsent(&mut self, lines: usize) {
        self.unsent += lines;
    }

    /// Messages that the background has without having written them.
    pub(super) fn given(&self) -> usize {
        self.given
    }

    /// Whether no message for everybody is on its way any more.
    pub(super) fn is_settled(&self) -> bool {
        self.given == 0 && self.under_way.is_empty()
    }

    /// What was not sent, or is not known to be, in a sentence. So many private messages wait for somebody away: they
    /// count as sent unless they may not be on the disk.
    pub(super) fn left_unsaid(&self, private_waiting: usize) -> Option<String> {
        let unkept = if self.keeping_failed { private_waiting } else { 0 };
        let unconfirmed = self.unwritten + self.under_way.len() + unkept;
        let unsent = (self.unsent > 0).then(|| match self.unsent {
            1 => "1 line was not sent".to_owned(),
            lines => format!("{lines} lines were not sent"),
        });
        let unconfirmed = (unconfirmed > 0).then(|| match unconfirmed {
            1 => "1 message was not confirmed".to_owned(),
            messages => format!("{messages} messages were not confirmed"),
        });
        match (unsent, unconfirmed) {
            (Some(unsent), Some(unconfirmed)) => Some(format!("{unsent}; {unconfirmed}")),
            (unsent, unconfirmed) => unsent.or(unconfirmed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: MessageId = MessageId([1; 32]);
    const TWO: MessageId = MessageId([2; 32]);

    fn given(count: usize) -> Tally {
        let mut tally = Tally::default();
        (0..count).for_each(|_| tally.give());
        tally
    }

    #[test]
    fn nothing_is_left_unsaid_where_every_line_came_into_the_log_or_waits_for_somebody_away() {
        let mut tally = given(2);
        tally.written(ONE);
        tally.logged(&ONE);
        tally.written_privately();
        assert_eq!((tally.left_unsaid(1), tally.is_settled()), (None, true));
    }

    #[test]
    fn what_is_on_its_way_is_not_confirmed() {
        let mut tally = given(2);
        tally.written(ONE);
        let said = tally.left_unsaid(0);
        assert_eq!(said.as_deref(), Some("2 messages were not confirmed"));
        tally.written(TWO);
        tally.logged(&ONE);
        let said = tally.left_unsaid(0);
        assert_eq!(said.as_deref(), Some("1 message was not confirmed"));
    }

    #[test]
    fn what_was_declined_or_never_given_was_not_sent() {
        let mut tally = given(2);
        tally.written(ONE);
        tally.declined(&ONE);
        assert_eq!(
            tally.left_unsaid(0).as_deref(),
            Some("1 line was not sent; 1 message was not confirmed")
        );
        tally.written(TWO);
        tally.logged(&TWO);
        tally.unsent(1);
        assert_eq!(tally.left_unsaid(0).as_deref(), Some("2 lines were not sent"));
    }

    #[test]
    fn a_message_that_was_not_kept_is_not_waited_for_and_not_forgotten() {
        let mut tally = given(1);
        tally.not_kept();
        assert!(tally.is_settled());
        assert_eq!(
            tally.left_unsaid(0).as_deref(),
            Some("1 message was not confirmed")
        );
        let mut tally = given(1);
        tally.written_privately();
        tally.not_kept();
        assert!(tally.left_unsaid(1).is_some(), "it waits in memory alone");
    }

    #[test]
    fn of_what_was_missed_what_was_not_shown_is_our_own() {
        let mut tally = Tally::default();
        tally.heard();
        tally.begin_missed();
        (0..2).for_each(|_| tally.heard());
        assert_eq!((tally.own_of_missed(2), tally.own_of_missed(3)), (0, 1));
    }

    fn delivery(id: MessageId, to: usize) -> Delivery {
        Delivery {
            id,
            to,
            of: 2,
            confirmed: Vec::new(),
            awaited: Vec::new(),
        }
    }

    #[test]
    fn a_delivery_is_news_for_what_came_into_the_log_in_this_run() {
        let mut tally = given(1);
        assert!(!tally.delivered(&delivery(ONE, 1)), "an earlier run told it");
        tally.written(TWO);
        tally.logged(&TWO);
        assert!(tally.delivered(&delivery(TWO, 1)) && tally.delivered(&delivery(TWO, 2)));
        assert!(!tally.delivered(&delivery(ONE, 2)));
        assert!(
            tally.in_log.is_empty(),
            "nothing more comes of what everybody has"
        );
    }

    #[test]
    fn what_somebody_away_never_gets_takes_no_memory_without_end() {
        let mut tally = Tally::default();
        let id = |n: usize| MessageId([u8::try_from(n % 251).unwrap(); 32]);
        (0..2 * MAX_FOLLOWED).for_each(|n| tally.logged(&id(n)));
        assert_eq!(tally.in_log.len(), MAX_FOLLOWED);
        assert!(tally.delivered(&delivery(id(2 * MAX_FOLLOWED - 1), 1)));
    }

    #[test]
    fn what_waits_from_an_earlier_run_and_is_told_twice_is_no_line_of_this_one() {
        let mut tally = Tally::default();
        tally.written(ONE);
        tally.give();
        tally.written(ONE);
        assert_eq!(tally.given(), 1);
        tally.written(TWO);
        tally.logged(&ONE);
        tally.logged(&TWO);
        assert_eq!(tally.left_unsaid(0), None);
    }
}
