//! A conversation on a terminal: its lines are given to the background, which tells what happened.

mod hearing;
mod rules;
mod tally;

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never, select};

use self::tally::Tally;
use super::chat::{check_name, user_name};
use super::lines::{Asked, Line, Named, Unclear, WAITING_LINES, read_lines, understand};
use super::passphrase;
use super::report::{Report, complain};
use crate::net::{Command, Event, HostAct, Loss, MessageId, Node, RoomKey, Rules};
use crate::session::{Contact, Fingerprint, MAX_NAME_BYTES, Passphrase};

/// The one room of a program on a terminal.
pub(super) const ROOM: RoomKey = RoomKey(1);
/// Lines that the background may have without having written them.
const MAX_GIVEN: usize = 512;
/// What is said where a profile is damaged and has lost its key: a new one is another person, so that is for the user to say.
const KEY_LOST: &str = "the profile's key can't be read; start Cipher Room's window to restore a backup, or to begin with a new key";
/// What is said where the making of the key died.
const NO_KEY_MADE: &str = "your key could not be made, which is a fault of Cipher Room; try again";
/// At the end of input, how long our last messages may take into the room's log.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a full background is left to catch up before it is asked again.
const RETRY_INTERVAL: Duration = Duration::from_millis(2);
/// What is said where a goodbye has to wait.
const GOODBYE_WAITS: &str = "Your last messages are on their way. Interrupt again to end at once.";

/// Why a conversation ended before its goodbye.
#[derive(Debug)]
pub(super) enum Cut {
    /// For this reason.
    Failed(String),
    /// What happened could not be written to standard output.
    Output(io::Error),
    /// It was interrupted a second time.
    Interrupted,
}

impl From<String> for Cut {
    fn from(reason: String) -> Cut {
        Cut::Failed(reason)
    }
}

impl From<io::Error> for Cut {
    fn from(error: io::Error) -> Cut {
        Cut::Output(error)
    }
}

/// A conversation, from the profile to the goodbye.
pub(super) struct Chat {
    node: Node,
    report: Report,
    /// Who is in the room but us.
    others: HashSet<Fingerprint>,
    /// The names of who is, or was, in the room.
    names: HashMap<Fingerprint, String>,
    /// Who asks to be let in.
    asking: HashMap<Fingerprint, String>,
    /// Whether we are asked before somebody new gets in.
    asks: bool,
    /// Private messages of ours that were not confirmed, and to whom they go.
    private_under_way: HashMap<MessageId, Fingerprint>,
    /// What is known of who is, or was, in the room.
    met: HashMap<Fingerprint, Contact>,
    /// Our own fingerprint, as a guest.
    own: Option<Fingerprint>,
    /// Who may write, as it was told last.
    rules: Rules,
    is_host: bool,
    /// What became of the lines.
    tally: Tally,
    /// What can't be given to the background yet.
    pending: Option<Command>,
    in_room: bool,
    /// Whether no more lines are taken: at the end of input, after an interruption, or because reading failed.
    lines_end: Option<Result<(), String>>,
    /// Whether it was interrupted already.
    interrupted: bool,
    leave_by: Option<Instant>,
    left: bool,
    changed_key: Option<Fingerprint>,
    /// Warnings of what is met in the room, until it was told which room that is.
    held: Vec<String>,
    end: Option<Result<(), String>>,
}

impl Chat {
    pub(super) fn new(node: Node, json: bool) -> Chat {
        Chat {
            node,
            report: Report::new(json),
            others: HashSet::new(),
            names: HashMap::new(),
            asking: HashMap::new(),
            asks: false,
            private_under_way: HashMap::new(),
            met: HashMap::new(),
            own: None,
            rules: Rules::default(),
            is_host: false,
            tally: Tally::default(),
            pending: None,
            in_room: false,
            lines_end: None,
            interrupted: false,
            leave_by: None,
            left: false,
            changed_key: None,
            held: Vec::new(),
            end: None,
        }
    }

    /// Waits for the identity, makes one at the first run, and opens or joins the room.
    pub(super) fn begin(
        &mut self,
        events: &Receiver<Event>,
        name: Option<String>,
        mut passphrase: Option<Passphrase>,
        interrupted: &Receiver<()>,
        command: impl FnOnce(String) -> Command,
    ) -> Result<(), Cut> {
        let (mut mended, mut making) = (false, false);
        loop {
            let event = select! {
                recv(events) -> event => event.map_err(|_| "the background ended".to_owned())?,
                recv(interrupted) -> _ => return Err(passphrase::INTERRUPTED.to_owned().into()),
            };
            match event {
                Event::IdentityMissing { .. } if mended => return Err(KEY_LOST.to_owned().into()),
                // Told again: the thread that made it died.
                Event::IdentityMissing { .. } if making => return Err(NO_KEY_MADE.to_owned().into()),
                Event::IdentityMissing { .. } => {
                    making = true;
                    let passphrase = match passphrase.take() {
                        None => passphrase::choose(interrupted)?,
                        given => given,
                    };
                    // Not on standard output, which is for what happens in the room.
                    complain("making your key; this happens once and takes a second");
                    let name = name.clone().unwrap_or_else(user_name);
                    self.give(Command::CreateIdentity { name, passphrase });
                }
                Event::Locked {
                    reason: Some(reason), ..
                } => return Err(reason.into()),
                Event::Locked { reason: None, .. } => {
                    let given = passphrase
                        .take()
                        .map_or_else(|| passphrase::ask(interrupted), Ok)?;
                    self.give(Command::Unlock { passphrase: given });
                }
                Event::IdentityReady { settings, .. } => {
                    if passphrase.is_some() {
                        complain(
                            "this profile has no passphrase, so the one that was given protects nothing; Cipher Room's \
                             window sets one, under Settings",
                        );
                    }
                    let kept =
                        Some(settings.name).filter(|kept| check_name("", kept, MAX_NAME_BYTES).is_ok());
                    let name = name.or(kept).unwrap_or_else(user_name);
                    self.give(command(name));
                    return Ok(());
                }
                Event::ProfileFailed { reason, .. } => return Err(reason.into()),
                Event::ProfileMended { report } => {
                    complain(&report);
                    mended = true;
                }
                Event::NotKept { reason } => self.report.warning(&reason)?,
                // Whatever it was, what is waited for here is told in any case.
                Event::ThreadDied {
                    name,
                    loss: Loss::Task,
                } => complain(&format!("a part of the program failed ({name})")),
                Event::ThreadDied { name, .. } => {
                    return Err(format!("a part of the program failed ({name})").into());
                }
                _ => {}
            }
        }
    }

    /// Gives lines and hears events until the end.
    pub(super) fn talk(&mut self, events: &Receiver<Event>, interrupted: &Receiver<()>) -> Result<(), Cut> {
        let lines = read_lines()?;
        let outcome = self.converse(events, &lines, interrupted);
        self.give_up(&lines);
        // Who did not come in is told what speaks against the room all the same.
        outcome.and(self.tell_held().map_err(Cut::from))
    }

    /// What was read and not given comes too late.
    fn give_up(&mut self, lines: &Receiver<Line>) {
        // Standard input may have no end.
        let waiting = lines.try_iter().take(WAITING_LINES);
        let waiting = waiting.filter(|line| !matches!(line, Line::Failed(_)));
        self.tally.unsent(waiting.count());
    }

    /// What of the lines was not sent, or is not known to be, in a sentence.
    pub(super) fn left_unsaid(&self) -> Option<String> {
        self.tally.left_unsaid(self.private_under_way.len())
    }

    fn converse(
        &mut self,
        events: &Receiver<Event>,
        lines: &Receiver<Line>,
        interrupted: &Receiver<()>,
    ) -> Result<(), Cut> {
        loop {
            if let Some(end) = self.end.take() {
                let reading = self.lines_end.take().unwrap_or(Ok(()));
                return end.and(reading).map_err(Cut::from);
            }
            if let Some(command) = self.pending.take() {
                self.give(command);
            }
            self.leave_when_all_is_said();
            // Lines are read only in the room, and while the background keeps up.
            let keeps_up = self.pending.is_none() && self.tally.given() < MAX_GIVEN;
            let may_read = self.in_room && keeps_up && self.lines_end.is_none();
            let no_lines = never();
            let from = if may_read { lines } else { &no_lines };
            let wait = match (&self.pending, self.leave_by) {
                (Some(_), _) => crossbeam_channel::after(RETRY_INTERVAL),
                (None, Some(by)) if !self.left => crossbeam_channel::at(by),
                _ => never(),
            };
            select! {
                recv(events) -> event => self.hear(event.map_err(|_| "the background ended".to_owned())?)?,
                recv(from) -> line => match line {
                    Ok(Line::Text(text)) => self.take_line(text)?,
                    Ok(Line::Unsendable(reason)) => self.refuse_line(&reason)?,
                    Ok(Line::Failed(reason)) => self.end_lines(Err(reason)),
                    Err(_) => self.end_lines(Ok(())),
                },
                recv(interrupted) -> _ => self.interrupt()?,
                recv(wait) -> _ => {}
            }
        }
    }

    /// No more lines are taken. The first reason is the one that counts.
    fn end_lines(&mut self, how: Result<(), String>) {
        if self.lines_end.is_none() {
            self.lines_end = Some(how);
        }
    }

    /// Says goodbye, as at the end of input. Whoever asks twice does not want to wait for that.
    fn interrupt(&mut self) -> Result<(), Cut> {
        if self.interrupted {
            return Err(Cut::Interrupted);
        }
        self.interrupted = true;
        self.end_lines(Ok(()));
        if !self.all_is_said() {
            self.report.note(GOODBYE_WAITS)?;
        }
        Ok(())
    }

    /// A line with which nothing is done.
    fn refuse_line(&mut self, reason: &str) -> io::Result<()> {
        self.tally.unsent(1);
        self.report.warning(reason)
    }

    fn take_line(&mut self, line: String) -> io::Result<()> {
        let named = |(fingerprint, name): (&Fingerprint, &'_ String)| (*fingerprint, name.clone());
        let (people, asking): (Vec<_>, Vec<_>) = (
            self.names.iter().map(named).collect(),
            self.asking.iter().map(named).collect(),
        );
        let room = ROOM;
        let command = match understand(line, self.is_host, &all_named(&people), &all_named(&asking)) {
            Ok(Asked::Say(text)) => {
                self.tally.give();
                Command::Say { room, text }
            }
            Ok(Asked::Private { to, text }) => {
                self.tally.give();
                Command::SayPrivately { room, to, text }
            }
            Ok(Asked::Answer { who, admit }) => {
                let act = HostAct::Answer { who, admit };
                Command::Govern { room, act }
            }
            Ok(Asked::AskFirst(asks)) => {
                let act = HostAct::AskFirst(asks);
                Command::Govern { room, act }
            }
            Err(Unclear::Message(reason)) => return self.refuse_line(&reason),
            // Who types a command wrong is told, and types it again.
            Err(Unclear::Command(reason)) => return self.report.warning(&reason),
        };
        self.give(command);
        Ok(())
    }

    /// After the end of input our last messages go into the log first, as long as one more does so before long.
    fn leave_when_all_is_said(&mut self) {
        if self.lines_end.is_none() || self.left || self.pending.is_some() {
            return;
        }
        let by = *self
            .leave_by
            .get_or_insert_with(|| Instant::now() + LAST_WORDS_TIMEOUT);
        if self.all_is_said() || Instant::now() >= by || !self.in_room {
            self.left = true;
            self.give(Command::Leave { room: ROOM });
        }
    }

    /// Whether nothing of ours is on its way any more.
    fn all_is_said(&self) -> bool {
        // What is for somebody away waits on the disk.
        let mut private = self.private_under_way.values();
        self.tally.is_settled() && !private.any(|with| self.others.contains(with))
    }

    fn give(&mut self, command: Command) {
        if self.node.send(command.clone()).is_err() {
            self.pending = Some(command);
        }
    }
}

fn all_named(people: &[(Fingerprint, String)]) -> Vec<Named<'_>> {
    people
        .iter()
        .map(|(fingerprint, name)| Named {
            fingerprint: *fingerprint,
            name,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crossbeam_channel::bounded;
    use tempfile::TempDir;

    use super::*;
    use crate::net::{ClosedReason, Message};

    /// In the order opposite to the one in which they are dropped.
    pub(super) fn chat() -> (TempDir, Chat, Receiver<Event>) {
        let folder = tempfile::tempdir().unwrap();
        let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
        (folder, Chat::new(node, false), events)
    }

    fn written(id: u8) -> Event {
        let message = Message {
            room: ROOM,
            id: MessageId([id; 32]),
            author: Fingerprint::of_der(b"ada"),
            name: "Ada".to_owned(),
            text: "hello".to_owned(),
            time_ms: 0,
            own: true,
        };
        Event::Written { message }
    }

    fn closed() -> Event {
        let reason = ClosedReason::Left;
        Event::Closed { room: ROOM, reason }
    }

    #[test]
    fn a_message_that_was_declined_is_counted_as_not_sent() {
        let (_folder, mut chat, _events) = chat();
        chat.take_line("hello".to_owned()).unwrap();
        chat.hear(written(1)).unwrap();
        let declined = Event::Declined {
            room: ROOM,
            id: MessageId([1; 32]),
            reason: "its author is muted".to_owned(),
        };
        chat.hear(declined).unwrap();
        assert!(chat.all_is_said(), "nothing is waited for");
        assert_eq!(chat.left_unsaid().as_deref(), Some("1 line was not sent"));
    }

    #[test]
    fn a_message_for_nobody_is_counted_as_not_sent_and_a_wrong_command_is_not() {
        let (_folder, mut chat, _events) = chat();
        chat.is_host = true;
        chat.take_line("/admit Dora".to_owned()).unwrap();
        assert_eq!(chat.left_unsaid(), None);
        chat.take_line("/private Dora hello".to_owned()).unwrap();
        assert_eq!(chat.left_unsaid().as_deref(), Some("1 line was not sent"));
    }

    #[test]
    fn lines_that_were_read_and_come_too_late_are_counted_as_not_sent() {
        let (_folder, mut chat, _events) = chat();
        let (lines, heard) = bounded(2);
        for line in ["a", "b"] {
            lines.send(Line::Text(line.to_owned())).unwrap();
        }
        chat.give_up(&heard);
        assert_eq!(chat.left_unsaid().as_deref(), Some("2 lines were not sent"));
    }

    #[test]
    fn an_input_that_cannot_be_read_fails_after_the_goodbye() {
        let (_folder, mut chat, events) = chat();
        let (lines, heard) = bounded(1);
        let reason = "standard input can't be read".to_owned();
        chat.in_room = true;
        chat.end_lines(Err(reason.clone()));
        chat.leave_when_all_is_said();
        assert!(chat.left);
        chat.hear(closed()).unwrap();
        let end = chat.converse(&events, &heard, &never());
        assert!(matches!(end, Err(Cut::Failed(told)) if told == reason));
        drop(lines);
    }

    #[test]
    fn last_words_are_waited_for_as_long_as_one_more_is_written_before_long() {
        let (_folder, mut chat, _events) = chat();
        chat.in_room = true;
        for _ in 0..2 {
            chat.take_line("hello".to_owned()).unwrap();
        }
        chat.end_lines(Ok(()));
        // The time is over, but for the one that is written now.
        chat.leave_by = Some(Instant::now());
        chat.hear(written(1)).unwrap();
        chat.leave_when_all_is_said();
        assert!(!chat.left);
        chat.leave_by = Some(Instant::now());
        chat.leave_when_all_is_said();
        assert!(chat.left);
    }

    #[test]
    fn whoever_is_here_still_after_a_lost_line_is_no_news() {
        let (_folder, mut chat, _events) = chat();
        let ada = Fingerprint::of_der(b"ada");
        assert!(chat.is_news(ada, "Ada"));
        assert!(!chat.is_news(ada, "Ada"));
        assert!(chat.is_news(ada, "Ada Brandt"), "another name");
        chat.others.remove(&ada);
        assert!(chat.is_news(ada, "Ada Brandt"), "it was gone");
    }

    #[test]
    fn a_second_interruption_does_not_wait_for_the_goodbye() {
        let (_folder, mut chat, _events) = chat();
        chat.take_line("hello".to_owned()).unwrap();
        chat.hear(written(1)).unwrap();
        assert!(chat.interrupt().is_ok());
        assert_eq!(chat.lines_end, Some(Ok(())), "it says goodbye");
        assert!(matches!(chat.interrupt(), Err(Cut::Interrupted)));
        assert_eq!(chat.left_unsaid().as_deref(), Some("1 message was not confirmed"));
    }

    #[test]
    fn a_terminal_ends_with_what_it_cannot_do_without_and_with_nothing_else() {
        let (_folder, mut chat, _events) = chat();
        let mut ends = |loss| {
            let name = "doomed".to_owned();
            chat.hear(Event::ThreadDied { name, loss }).unwrap();
            chat.end.take().is_some_and(|end| end.is_err())
        };
        assert!(!ends(Loss::Task));
        assert!(ends(Loss::Room(ROOM)));
        assert!(ends(Loss::Background));
    }
}
