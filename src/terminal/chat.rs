//! `host` and `join`: lines in, events out.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select};

use super::lines::{Asked, Named, read_lines, understand};
use super::report::{Report, complain};
use super::{Exit, HostArguments, JoinArguments, passphrase};
use crate::net::{
    Admission, ClosedReason, Command, Event, HostAct, HostRoom, JoinRoom, Joined, ListenOn, MessageId, Node,
    PrivateEvent, RoomKey, default_profile_folder,
};
use crate::session::{
    Contact, DEFAULT_PORT, Fingerprint, HostTrust, JoinTarget, MAX_NAME_BYTES, MAX_ROOM_NAME_BYTES,
    Passphrase,
};

/// Runs `cipher-room host`.
pub fn host(arguments: HostArguments) -> Exit {
    let room_name = arguments.room.unwrap_or_else(|| "Cipher Room".to_owned());
    if let Err(reason) = check_name("--room", &room_name, MAX_ROOM_NAME_BYTES) {
        complain(&reason);
        return Exit::Usage;
    }
    let listen = listen_on(arguments.listen);
    let admission = Admission {
        open_to_address: true,
        invite_lifetime_secs: None,
    };
    let who = Who {
        name: arguments.name,
        profile: arguments.profile,
        passphrase_file: arguments.passphrase_file,
    };
    // The room of this name goes on, with its log and its invitation, if this profile hosted it before.
    run(who, arguments.json, |name| Command::HostAgain {
        wish: HostRoom {
            key: ROOM,
            room_name,
            host_name: name,
            listen,
            admission,
        },
        id: None,
    })
}

/// Runs `cipher-room join`.
pub fn join(arguments: JoinArguments) -> Exit {
    let target: JoinTarget = match arguments.target.parse() {
        Ok(target) => target,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Usage;
        }
    };
    let who = Who {
        name: arguments.name,
        profile: arguments.profile,
        passphrase_file: arguments.passphrase_file,
    };
    run(who, arguments.json, |name| {
        Command::JoinRoom(JoinRoom {
            key: ROOM,
            target,
            name,
            is_trial: false,
        })
    })
}

const ROOM: RoomKey = RoomKey(1);
/// Lines that the background may have without having written them.
const MAX_GIVEN: usize = 512;
/// At the end of input, how long our last messages may take into the room's log.
const LAST_WORDS_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a full background is left to catch up before it is asked again.
const RETRY_INTERVAL: Duration = Duration::from_millis(2);

fn listen_on(listen: Option<SocketAddr>) -> ListenOn {
    match listen {
        Some(address) => ListenOn {
            address: Some(address.ip()),
            port: address.port(),
            or_any_port: false,
        },
        None => ListenOn {
            address: None,
            port: DEFAULT_PORT,
            or_any_port: true,
        },
    }
}

fn check_name(option: &str, name: &str, max: usize) -> Result<(), String> {
    if name.trim().is_empty() || name.len() > max {
        return Err(format!("{option} takes a name of 1 to {max} bytes"));
    }
    Ok(())
}

/// The name of the user of this machine, for who gives none.
fn user_name() -> String {
    let found = ["USER", "USERNAME"]
        .iter()
        .find_map(|name| std::env::var(name).ok());
    found
        .filter(|name| check_name("", name, MAX_NAME_BYTES).is_ok())
        .unwrap_or_else(|| "Somebody".to_owned())
}

/// Whose profile is opened, and how.
struct Who {
    name: Option<String>,
    profile: Option<PathBuf>,
    passphrase_file: Option<PathBuf>,
}

/// Opens the profile, gives the command with the name to use, and talks until the end.
fn run(who: Who, json: bool, command: impl FnOnce(String) -> Command) -> Exit {
    if let Some(Err(reason)) = who
        .name
        .as_ref()
        .map(|name| check_name("--name", name, MAX_NAME_BYTES))
    {
        complain(&reason);
        return Exit::Usage;
    }
    let passphrase = match who
        .passphrase_file
        .as_deref()
        .map(passphrase::from_file)
        .transpose()
    {
        Ok(passphrase) => passphrase,
        Err(reason) => {
            complain(&reason);
            return Exit::Failed;
        }
    };
    let folder = match who.profile.map_or_else(default_profile_folder, Ok) {
        Ok(folder) => folder,
        Err(error) => {
            complain(&error.to_string());
            return Exit::Failed;
        }
    };
    let outcome = Node::start(folder, Arc::new(|| {}))
        .map_err(|error| error.to_string())
        .and_then(|(node, events)| {
            let mut chat = Chat::new(node, json);
            let outcome = chat
                .begin(&events, who.name, passphrase, command)
                .and_then(|()| chat.talk(&events));
            // Nobody listens any more: then the background need not wait to be heard.
            drop(events);
            outcome
        });
    match outcome {
        Ok(()) => Exit::Done,
        Err(reason) => {
            complain(&reason);
            Exit::Failed
        }
    }
}

struct Chat {
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

/// Why nothing is said to a host whose key changed, and how to go on.
const CHANGED_KEY: &str = "another key answered at an address that you know, so nothing was said. Ask the host over another way; with an invitation, which names its key, you can join";

fn known_name(contact: &Contact, before: &Fingerprint) -> String {
    format!(
        "WARNING: you knew \"{}\" with another key: before {before}, now {}. Either this person has a new key, or somebody else uses the name. Ask over another way.",
        contact.name, contact.fingerprint
    )
}

impl Chat {
    fn new(node: Node, json: bool) -> Chat {
        Chat {
            node,
            report: Report::new(json),
            others: HashSet::new(),
            names: HashMap::new(),
            asking: HashMap::new(),
            asks: false,
            private_under_way: HashMap::new(),
            met: HashMap::new(),
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
    fn begin(
        &mut self,
        events: &Receiver<Event>,
        name: Option<String>,
        mut passphrase: Option<Passphrase>,
        command: impl FnOnce(String) -> Command,
    ) -> Result<(), String> {
        loop {
            match events.recv().map_err(|_| "the background ended".to_owned())? {
                Event::IdentityMissing { .. } => {
                    // Not on standard output: the first line there is the room's.
                    complain("making your key; this happens once and takes a second");
                    let name = name.clone().unwrap_or_else(user_name);
                    let passphrase = passphrase.take();
                    self.give(Command::CreateIdentity { name, passphrase });
                }
                Event::Locked {
                    reason: Some(reason), ..
                } => return Err(reason),
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
                Event::ProfileFailed { reason } => return Err(reason),
                Event::NotKept { reason } => drop(self.report.warning(&reason)),
                Event::ThreadDied { name, .. } => {
                    return Err(format!("a part of the program failed ({name})"));
                }
                _ => {}
            }
        }
    }

    /// How the host's key is known: by its address, and by what is known of the key itself. An
    /// invitation that names the key is the user's own word for it.
    fn judged(&self, joined: &Joined) -> HostTrust {
        match (joined.trust, self.met.get(&joined.host)) {
            (HostTrust::FirstUse, Some(contact)) => match contact.change {
                Some(change) if !change.accepted => HostTrust::Changed {
                    before: change.before,
                },
                None if contact.verified.is_some() => HostTrust::Verified,
                _ => HostTrust::FirstUse,
            },
            (trust, _) => trust,
        }
    }

    fn talk(&mut self, events: &Receiver<Event>) -> Result<(), String> {
        let lines = read_lines()?;
        let interrupted = interruptions();
        let mut lines_end = false;
        loop {
            if let Some(end) = self.end.take() {
                return end;
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
                recv(events) -> event => self.hear(event.map_err(|_| "the background ended".to_owned())?)
                    .map_err(|error| format!("standard output: {error}"))?,
                recv(from) -> line => match line {
                    Ok(Ok(text)) if text.is_empty() => {}
                    Ok(Ok(text)) => self.take_line(text).map_err(|error| error.to_string())?,
                    Ok(Err(reason)) => self.report.warning(&reason).map_err(|error| error.to_string())?,
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

    fn hear(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::RoomOpened(opened) => {
                (self.in_room, self.is_host) = (true, true);
                if let Some(wanted) = opened.wanted_port {
                    let port = opened.listen.port();
                    self.report
                        .note(&format!("Port {wanted} is taken; the room uses port {port}."))?;
                }
                self.report.room_opened(&opened)
            }
            Event::HostFailed { failure, .. } => {
                self.end = Some(Err(failure.to_string()));
                Ok(())
            }
            Event::JoinFailed { failure, .. } => {
                self.end = Some(if self.left {
                    Ok(())
                } else {
                    Err(failure.to_string())
                });
                Ok(())
            }
            Event::Met { contact, .. } => {
                let outcome = match contact.change.filter(|_| contact.needs_decision()) {
                    Some(change) => self.report.warning(&known_name(&contact, &change.before)),
                    None => Ok(()),
                };
                self.met.insert(contact.fingerprint, contact);
                outcome
            }
            Event::Joined(mut joined) => {
                joined.trust = self.judged(&joined);
                self.others.insert(joined.host);
                self.names.insert(joined.host, joined.host_name.clone());
                self.report.joined(&joined)?;
                if let HostTrust::Changed { before } = joined.trust {
                    // Nothing is said to a host whose key changed: going on must be somebody's decision.
                    self.left = true;
                    self.changed_key = Some(before);
                    self.give(Command::Leave { room: ROOM });
                } else {
                    self.in_room = true;
                }
                Ok(())
            }
            Event::MemberJoined { member, .. } => {
                self.others.insert(member.fingerprint);
                self.names.insert(member.fingerprint, member.name.clone());
                self.report.member_joined(&member)
            }
            Event::MemberLeft {
                fingerprint, name, ..
            } => {
                self.others.remove(&fingerprint);
                self.report.member_left(&name, &fingerprint)
            }
            Event::Written { message } => {
                self.given = self.given.saturating_sub(1);
                self.under_way.insert(message.id);
                Ok(())
            }
            Event::Logged { message, .. } if message.own => {
                self.under_way.remove(&message.id);
                Ok(())
            }
            // What was said in an earlier run is the window's to show.
            Event::Delivered { .. } if !self.in_room => Ok(()),
            Event::Delivered { delivery, .. } => {
                self.report.delivered(&delivery.id, delivery.to, delivery.of)
            }
            Event::Lost { reason, tries: 0, .. } => self.report.warning(&format!(
                "{reason}; what you write waits, and the room is tried again until it answers"
            )),
            Event::Lost { .. } => Ok(()),
            Event::Returned { resumed, .. } => {
                let how = if resumed {
                    "the session was resumed"
                } else {
                    "after a full handshake"
                };
                self.report.note(&format!("You are back in the room ({how})."))
            }
            Event::Missed { .. } => self.report.note("What you missed while away follows."),
            Event::LetGo { from, to, .. } => self.report.note(&format!(
                "Older messages were not kept: the host let go of the entries {from} to {to}."
            )),
            Event::CaughtUp { messages, .. } => self.report.note(&format!(
                "That was all: {messages} messages came while you were away."
            )),
            Event::Asking { .. } => self.report.note("The host is asked whether to let you in."),
            Event::Knocked { member, .. } => {
                let outcome = self.report.knocked(&member);
                self.asking.insert(member.fingerprint, member.name);
                outcome
            }
            Event::DoorChanged { door, .. } if door.asks != self.asks => {
                self.asks = door.asks;
                self.report.note(if door.asks {
                    "You are asked before somebody new gets in: /admit NAME or /refuse NAME."
                } else {
                    "Whoever has the invitation gets in without being asked about."
                })
            }
            Event::KnockEnded { fingerprint, .. } => {
                self.asking.remove(&fingerprint);
                Ok(())
            }
            Event::RulesChanged { rules, .. } => self.report.note(if rules.read_only {
                "Only the host may write now."
            } else {
                "Everybody who is not muted may write."
            }),
            Event::Private { with, event, .. } => self.private(with, event),
            Event::Logged { message, .. } => self.report.message(&message),
            Event::Declined { id, reason, .. } => {
                self.under_way.remove(&id);
                self.report
                    .warning(&format!("The host did not take your message: {reason}."))
            }
            Event::Alarmed { alarm, .. } => self.report.warning(&alarm.to_string()),
            Event::NotKept { reason } => {
                // A message that was refused is not on its way; other things that were not kept are rare.
                self.given = self.given.saturating_sub(1);
                self.report.warning(&reason)
            }
            Event::ProfileFailed { reason } => {
                self.end = Some(Err(reason));
                Ok(())
            }
            // A terminal never asks for a recording.
            Event::WireRecorded { .. } | Event::Watching { .. } | Event::HandshakePaused { .. } => Ok(()),
            Event::Closed { reason, .. } => {
                let lost = self.given + self.under_way.len();
                self.end = Some(match &reason {
                    _ if self.changed_key.is_some() => Err(CHANGED_KEY.to_owned()),
                    ClosedReason::Left | ClosedReason::HostClosed if lost == 0 => Ok(()),
                    ClosedReason::Left | ClosedReason::HostClosed => {
                        Err(format!("{reason}; {lost} of your messages were not confirmed"))
                    }
                    _ => Err(reason.to_string()),
                });
                self.report.closed(&reason.to_string())
            }
            Event::ThreadDied { name, .. } => {
                self.end = Some(Err(format!("a part of the program failed ({name})")));
                Ok(())
            }
            Event::RoomsKept { .. }
            | Event::History { .. }
            | Event::Earlier { .. }
            | Event::DoorChanged { .. }
            | Event::OneInvited { .. }
            | Event::IdentityMissing { .. }
            | Event::IdentityReady { .. }
            | Event::Locked { .. }
            | Event::ProtectionChanged { .. }
            | Event::PassphraseNotChanged { .. }
            | Event::KeptListed(_)
            | Event::SearchFound { .. }
            | Event::SearchEnded { .. }
            | Event::FileDone { .. }
            | Event::FileFailed { .. }
            | Event::ContactsOpened(_)
            | Event::ContactChanged(_)
            | Event::ContactForgotten(_)
            | Event::JoinAdvanced { .. } => Ok(()),
        }
    }
}

impl Chat {
    fn private(&mut self, with: Fingerprint, event: PrivateEvent) -> io::Result<()> {
        match event {
            PrivateEvent::Kept { name, waiting, .. } => {
                self.names.entry(with).or_insert(name);
                let waiting = waiting.into_iter().map(|message| (message.id, with));
                self.private_under_way.extend(waiting);
                Ok(())
            }
            PrivateEvent::Written { message } => {
                self.given = self.given.saturating_sub(1);
                self.private_under_way.insert(message.id, with);
                Ok(())
            }
            PrivateEvent::Delivered { id } => {
                self.private_under_way.remove(&id);
                self.report.private_delivered(&id, &with)
            }
            PrivateEvent::Heard { message } => self.report.private(&message),
            PrivateEvent::Secured { sas } => {
                let name = self.names.get(&with).map_or("somebody", String::as_str);
                self.report.private_secured(name, &with, &sas)
            }
            PrivateEvent::Waiting if self.private_under_way.values().any(|who| *who == with) => {
                let name = self.names.get(&with).map_or("somebody", String::as_str);
                self.report.note(&format!(
                    "{name} is away. Your private message waits on this computer."
                ))
            }
            PrivateEvent::Waiting | PrivateEvent::Earlier { .. } => Ok(()),
            PrivateEvent::Alarmed { text } => self.report.warning(&text),
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

/// Hears when the user or the system asks the program to end: it then says goodbye.
pub(super) fn interruptions() -> Receiver<()> {
    let (asked, heard): (Sender<()>, Receiver<()>) = bounded(1);
    let handler = move || {
        // Asked twice: whoever asks does not want to wait for a goodbye.
        if asked.try_send(()).is_err() {
            std::process::exit(Exit::Failed as i32);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::warn!("an interruption will end without a goodbye: {error}");
        return never();
    }
    heard
}
