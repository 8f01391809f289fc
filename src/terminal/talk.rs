//! A conversation on a terminal: its lines are given to the background, which tells what happened.

mod hearing;
mod rules;

use std::collections::{HashMap, HashSet};
use std::io;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, never, select};

use super::chat::{check_name, user_name};
use super::interrupt::interruptions;
use super::lines::{Asked, Named, read_lines, understand};
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

/// Why a conversation ended before its goodbye.
#[derive(Debug)]
pub(super) enum Cut {
    /// For this reason.
    Failed(String),
    /// What happened could not be written to standard output.
    Output(io::Error),
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
    /// Ours, written and neither in the log nor declined.
    under_way: HashSet<MessageId>,
    /// Lines that were given to the background and are not written yet.
    given: usize,
    /// What can't be given to the background yet.
    pending: Option<Command>,
    in_room: bool,
    leave_by: Option<Instant>,
    left: bool,
    changed_key: Option<Fingerprint>,
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
            under_way: HashSet::new(),
            given: 0,
            pending: None,
            in_room: false,
            leave_by: None,
            left: false,
            changed_key: None,
            end: None,
        }
    }

    /// Waits for the identity, makes one at the first run, and opens or joins the room.
    pub(super) fn begin(
        &mut self,
        events: &Receiver<Event>,
        name: Option<String>,
        mut passphrase: Option<Passphrase>,
        command: impl FnOnce(String) -> Command,
    ) -> Result<(), Cut> {
        let (mut mended, mut making) = (false, false);
        loop {
            match events.recv().map_err(|_| "the background ended".to_owned())? {
                Event::IdentityMissing { .. } if mended => return Err(KEY_LOST.to_owned().into()),
                // Told again: the thread that made it died.
                Event::IdentityMissing { .. } if making => return Err(NO_KEY_MADE.to_owned().into()),
                Event::IdentityMissing { .. } => {
                    making = true;
                    // Not on standard output: the first line there is the room's.
                    complain("making your key; this happens once and takes a second");
                    let name = name.clone().unwrap_or_else(user_name);
                    let passphrase = passphrase.take();
                    self.give(Command::CreateIdentity { name, passphrase });
                }
                Event::Locked {
                    reason: Some(reason), ..
                } => return Err(reason.into()),
                Event::Locked { reason: None, .. } => {
                    let given = passphrase.take().map_or_else(passphrase::ask, Ok)?;
                    self.give(Command::Unlock { passphrase: given });
                }
                Event::IdentityReady { settings, .. } => {
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
    pub(super) fn talk(&mut self, events: &Receiver<Event>) -> Result<(), Cut> {
        let lines = read_lines()?;
        let interrupted = interruptions();
        let mut lines_end = false;
        loop {
            if let Some(end) = self.end.take() {
                return end.map_err(Cut::from);
            }
            if let Some(command) = self.pending.take() {
                self.give(command);
            }
            self.leave_when_all_is_said(lines_end);
            // Lines are read only in the room, and while the background keeps up.
            let may_read = self.in_room && self.pending.is_none() && self.given < MAX_GIVEN && !lines_end;
            let no_lines = never();
            let from = if may_read { &lines } else { &no_lines };
            let wait = match (&self.pending, self.leave_by) {
                (Some(_), _) => crossbeam_channel::after(RETRY_INTERVAL),
                (None, Some(by)) if !self.left => crossbeam_channel::at(by),
                _ => never(),
            };
            select! {
                recv(events) -> event => self.hear(event.map_err(|_| "the background ended".to_owned())?)?,
                recv(from) -> line => match line {
                    Ok(Ok(text)) if text.is_empty() => {}
                    Ok(Ok(text)) => self.take_line(text)?,
                    Ok(Err(reason)) => self.report.warning(&reason)?,
                    Err(_) => lines_end = true,
                },
                recv(interrupted) -> _ => lines_end = true,
                recv(wait) -> _ => {}
            }
        }
    }

    fn take_line(&mut self, line: String) -> io::Result<()> {
        let named = |(fingerprint, name): (&Fingerprint, &'_ String)| (*fingerprint, name.clone());
        let (people, asking): (Vec<_>, Vec<_>) = (
            self.names.iter().map(named).collect(),
            self.asking.iter().map(named).collect(),
        );
        let room = ROOM;
        let command = match understand(line, &all_named(&people), &all_named(&asking)) {
            Ok(Asked::Say(text)) => {
                self.given += 1;
                Command::Say { room, text }
            }
            Ok(Asked::Private { to, text }) => {
                self.given += 1;
                Command::SayPrivately { room, to, text }
            }
            Ok(Asked::Answer { who, admit }) => {
                let act = HostAct::Answer { who, admit };
                Command::Govern { room, act }
            }
            Ok(Asked::AskFirst(_)) if !self.is_host => {
                return self.report.warning("Only the host of a room is asked.");
            }
            Ok(Asked::AskFirst(asks)) => {
                let act = HostAct::AskFirst(asks);
                Command::Govern { room, act }
            }
            Err(reason) => return self.report.warning(&reason),
        };
        self.give(command);
        Ok(())
    }

    /// After the end of input our last messages go into the log first, if they can soon.
    fn leave_when_all_is_said(&mut self, lines_end: bool) {
        if !lines_end || self.left || self.pending.is_some() {
            return;
        }
        let by = *self
            .leave_by
            .get_or_insert_with(|| Instant::now() + LAST_WORDS_TIMEOUT);
        // What is for somebody away waits on the disk.
        let mut private = self.private_under_way.values();
        let all_said =
            self.given == 0 && self.under_way.is_empty() && !private.any(|with| self.others.contains(with));
        if all_said || Instant::now() >= by || !self.in_room {
            self.left = true;
            self.give(Command::Leave { room: ROOM });
        }
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

    use super::*;

    #[test]
    fn a_terminal_ends_with_what_it_cannot_do_without_and_with_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let (node, events) = Node::start(folder.path().to_owned(), Arc::new(|| {})).unwrap();
        let mut chat = Chat::new(node, false);
        let mut ends = |loss| {
            let name = "doomed".to_owned();
            chat.hear(Event::ThreadDied { name, loss }).unwrap();
            chat.end.take().is_some_and(|end| end.is_err())
        };
        assert!(!ends(Loss::Task));
        assert!(ends(Loss::Room(ROOM)));
        assert!(ends(Loss::Background));
        drop(events);
    }
}
