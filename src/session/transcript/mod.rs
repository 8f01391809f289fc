//! The conversation of one room as lines, in the order of the room's log; what waits stands last.

mod alarms;
mod line;

use std::collections::{HashMap, HashSet};

use self::alarms::{NameWarnings, OpenAlarms};
pub use self::line::{Line, MessageLine, MessageState};
use self::line::{line, lines};
use super::Trust;
#[cfg(test)]
use super::namesakes::LOOKED_AT;
use crate::crypto::Fingerprint;
use crate::net::{Delivery, HistoryPage, Message, MessageId};

/// The conversation, and how far it was read.
#[derive(Debug, Default)]
pub struct Transcript {
    lines: Vec<Line>,
    waiting: Vec<MessageLine>,
    read: usize,
    version: u64,
    /// How its authors are trusted; kept after they left.
    author_trust: HashMap<Fingerprint, Trust>,
    folds: u64,
    /// Authors whose names can be taken for another's here.
    alike: HashSet<Fingerprint>,
    /// What is kept of the conversation and not here.
    before: Option<Before>,
    prepended: usize,
    removed: usize,
    open_alarms: OpenAlarms,
    name_warnings: NameWarnings,
}

/// What is kept on the disk from before the first line.
#[derive(Debug, Clone, Copy)]
struct Before {
    id: [u8; 32],
    /// The first entry that is here.
    first: u64,
    has_more: bool,
    /// Whether it was asked for and did not come yet.
    asked: bool,
}

/// So many lines of one conversation are held in memory before nothing more is read from the disk.
const MOST_LINES: usize = 64 * 1024;

impl Transcript {
    /// The settled lines; the messages of [`Transcript::waiting`] come behind them.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Our messages that are not in the log yet, or never came there.
    pub fn waiting(&self) -> &[MessageLine] {
        &self.waiting
    }

    /// Changes whenever a line does: for caches of what was laid out.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// How an author is trusted; `None` for who was never seen in the room.
    pub fn author_trust(&self, author: &Fingerprint) -> Option<Trust> {
        self.author_trust.get(author).copied()
    }

    /// Whether an author's name can be taken for another's here.
    pub fn is_alike(&self, author: &Fingerprint) -> bool {
        self.alike.contains(author)
    }

    /// Changes whenever somebody's messages begin or cease to be folded away, because the user blocks their author.
    pub fn folds(&self) -> u64 {
        self.folds
    }

    pub(super) fn set_author_trust(&mut self, author: Fingerprint, trust: Trust) {
        let before = self.author_trust.insert(author, trust);
        if (before == Some(Trust::Blocked)) != (trust == Trust::Blocked) {
            self.folds += 1;
        }
    }

    pub(super) fn set_alike(&mut self, author: Fingerprint) {
        self.alike.insert(author);
    }

    /// The first line that was not read; equals the number of lines when all were.
    pub fn read(&self) -> usize {
        self.read
    }

    /// How many messages of others were not read yet.
    pub fn unread_messages(&self) -> usize {
        let unread = self.lines.get(self.read..).unwrap_or_default();
        unread
            .iter()
            .filter(|line| matches!(line, Line::Message(message) if !message.own))
            .count()
    }

    /// Marks all lines as read.
    pub fn mark_read(&mut self) {
        self.read = self.lines.len();
    }

    /// The line of the alarm to show: the oldest that was not put away. A warning about names, which anybody who
    /// joins can bring about, comes after all others.
    pub fn alarm_to_show(&self) -> Option<usize> {
        self.open_alarms.to_show(&self.lines)
    }

    /// How many alarms and warnings about names were not put away.
    pub fn open_alarms(&self) -> usize {
        self.open_alarms.count()
    }

    /// Puts the alarm on this line away, and no other.
    pub fn put_alarm_away(&mut self, line: usize) {
        self.open_alarms.put_away(line);
    }

    pub(super) fn push(&mut self, line: Line) {
        if line.is_alarm() {
            self.open_alarms.open(self.lines.len());
        }
        if let Line::Alike { who, .. } = &line {
            self.name_warnings.stands(who, self.lines.len());
        }
        self.lines.push(line);
        self.version += 1;
    }

    /// Takes the mark away behind which nothing came that was missed.
    pub(super) fn nothing_missed(&mut self) {
        if let Some(at) = self.lines.iter().rposition(|line| matches!(line, Line::Missed)) {
            self.lines.remove(at);
            self.removed += 1;
            self.read -= usize::from(at < self.read);
            self.open_alarms.taken_away(at);
            self.name_warnings.taken_away(at);
            self.version += 1;
        }
    }

    /// Everybody whom a warning about names names.
    pub(super) fn named_in_warnings(&self) -> impl Iterator<Item = &Fingerprint> {
        self.name_warnings.named()
    }

    /// Has the warnings about somebody's name become notes. Gives whether there were any.
    pub(super) fn calm_alike(&mut self, gone: &Fingerprint) -> bool {
        let warnings = self.name_warnings.naming(gone);
        for at in &warnings {
            #[cfg(test)]
            LOOKED_AT.set(LOOKED_AT.get() + 1);
            let Some(line) = self.lines.get_mut(*at) else {
                continue;
            };
            let Line::Alike { who, afterwards, .. } = line else {
                continue;
            };
            self.name_warnings.ended(who, *at);
            *line = Line::Note {
                text: std::mem::take(afterwards),
            };
            self.open_alarms.put_away(*at);
        }
        if warnings.is_empty() {
            return false;
        }
        self.removed += 1;
        self.version += 1;
        true
    }

    /// One that waits already, as when a room is joined again, waits once.
    pub(super) fn written(&mut self, message: Message) {
        self.waiting.retain(|waiting| waiting.id != message.id);
        self.waiting.push(line(message, MessageState::Waiting));
        self.version += 1;
    }

    pub(super) fn logged(&mut self, message: Message) {
        self.waiting.retain(|waiting| waiting.id != message.id);
        self.push(Line::Message(line(message, MessageState::Logged)));
    }

    /// How far a message of ours was delivered. Those of others and old ones are not looked for long. A tick that was shown
    /// is not taken back.
    pub(super) fn delivered(&mut self, delivery: Delivery) {
        let newest = self.lines.iter_mut().rev().take(SEARCHED);
        let found = newest
            .filter_map(|line| match line {
                Line::Message(message) => Some(message),
                _ => None,
            })
            .find(|message| message.id == delivery.id);
        if let Some(message) = found {
            message.delivery = Some(match message.delivery.take() {
                Some(known) if known.of > 0 => further(known, delivery),
                _ => delivery,
            });
        }
    }

    /// A private message of ours that waits is known by another id.
    pub(super) fn renumbered(&mut self, before: &MessageId, id: MessageId) {
        if let Some(message) = self.waiting.iter_mut().find(|waiting| waiting.id == *before) {
            message.id = id;
            self.version += 1;
        }
    }

    /// A private message of ours arrived: it stands among the lines now.
    pub(super) fn private_delivered(&mut self, id: &MessageId) {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting.id == *id) {
            let mut message = self.waiting.remove(at);
            message.state = MessageState::Logged;
            message.delivery = Some(Delivery::to_one(*id));
            self.push(Line::Message(message));
        }
    }

    /// What was kept of a room, in front of everything new.
    pub(super) fn history(&mut self, page: HistoryPage) {
        // A room that is joined again tells what is here already, and goes on from there.
        if self.before.is_none() {
            self.before = Some(Before {
                id: page.id,
                first: page.first,
                has_more: page.has_more,
                asked: false,
            });
            let known = self.ids();
            for line in lines(page, &known) {
                self.push(line);
            }
            return self.mark_read();
        }
        self.kept(page.messages.into_iter().map(|(message, _)| message));
    }

    /// Messages of an earlier run; what is here already is left out.
    pub(super) fn kept(&mut self, messages: impl IntoIterator<Item = Message>) {
        let known = self.ids();
        for message in messages {
            if !known.contains(&message.id) {
                self.push(Line::Message(line(message, MessageState::Logged)));
            }
        }
        self.mark_read();
    }

    /// A page from before all that is here.
    pub(super) fn earlier(&mut self, page: HistoryPage) {
        let Some(before) = self.before.as_mut().filter(|before| before.id == page.id) else {
            return;
        };
        before.asked = false;
        // Only what follows on: an answer that came twice changes nothing.
        if page.first >= before.first && page.has_more {
            return;
        }
        (before.first, before.has_more) = (page.first, page.has_more);
        let known = self.ids();
        let new = lines(page, &known);
        self.move_back(new.len());
        self.lines.splice(0..0, new);
        if self.lines.len() >= MOST_LINES && self.before.is_some_and(|before| before.has_more) {
            self.begin_with(
                "There is more from before on the disk. Look for words in it under Search, or export the room there, to read it.",
            );
        }
        self.version += 1;
    }

    /// What came before could not be read, and is not asked for again: it would fail again.
    pub(super) fn earlier_unread(&mut self, id: &[u8; 32]) {
        if self.before.is_some_and(|before| before.id == *id) {
            self.begin_with(
                "What was said before could not be read. It is untouched on the disk: come back into the room to try again, or look for words under Search, or export the room there.",
            );
            self.version += 1;
        }
    }

    /// Nothing comes in front of what is here any more, for the reason that is said there.
    fn begin_with(&mut self, reason: &str) {
        self.before = None;
        let text = reason.to_owned();
        self.move_back(1);
        self.lines.insert(0, Line::Note { text });
    }

    /// So many lines come in front: what is remembered by its place stands further behind.
    fn move_back(&mut self, lines: usize) {
        self.prepended += lines;
        self.read += lines;
        self.open_alarms.move_back(lines);
        self.name_warnings.move_back(lines);
    }

    /// Where more of the conversation can be asked for, when nothing was asked yet: the room's id, and the
    /// first entry that is here.
    pub fn wants_earlier(&self) -> Option<([u8; 32], u64)> {
        let before = self.before.filter(|before| before.has_more && !before.asked)?;
        Some((before.id, before.first))
    }

    /// Notes that what came before was asked for.
    pub fn asked_earlier(&mut self) {
        if let Some(before) = &mut self.before {
            before.asked = true;
        }
    }

    /// How many lines were put in front of others so far.
    pub fn prepended(&self) -> usize {
        self.prepended
    }

    /// How often lines were taken away, or became other ones, so far.
    pub fn removed(&self) -> usize {
        self.removed
    }

    fn ids(&self) -> HashSet<MessageId> {
        let id = |line: &Line| match line {
            Line::Message(message) => Some(message.id),
            _ => None,
        };
        self.lines.iter().filter_map(id).collect()
    }

    pub(super) fn failed(&mut self, id: MessageId, reason: &str) {
        if let Some(message) = self.waiting.iter_mut().find(|message| message.id == id) {
            message.state = MessageState::Failed {
                reason: reason.to_owned(),
            };
            self.version += 1;
        }
    }

    pub(super) fn all_waiting_failed(&mut self, reason: &str) {
        let waiting = self.waiting.iter_mut();
        for message in waiting.filter(|message| message.state == MessageState::Waiting) {
            message.state = MessageState::Failed {
                reason: reason.to_owned(),
            };
            self.version += 1;
        }
    }
}

/// How far a message was delivered, by what is known and what is told now. Who had it has it: where a room was opened or
/// joined again, that is told anew as they come back, and of who stays away nothing is.
fn further(known: Delivery, mut told: Delivery) -> Delivery {
    if known.to >= known.of {
        return known;
    }
    let had = told.awaited.extract_if(.., |who| known.confirmed.contains(who));
    told.confirmed.extend(had);
    told.to = told.to.max(told.confirmed.len());
    if told.to < known.to { known } else { told }
}

/// So many lines back a tick finds its message.
const SEARCHED: usize = 4096;
