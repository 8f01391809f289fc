//! The background's front desk: opens the profile, then takes commands and runs rooms.

mod archive;
#[cfg(test)]
mod busy;
#[cfg(test)]
mod deaths;
#[cfg(test)]
mod first_run;
mod people;
mod profile;
#[cfg(test)]
mod pruning;
mod rooms;
#[cfg(test)]
mod twice;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select, tick};

use self::archive::PRUNE_INTERVAL;
use self::rooms::Again;
use super::book::Book;
use super::clock::now_unix;
use super::guest::{GuestHandle, MetHost, WrapKeyCell};
use super::host::HostHandle;
use super::kept;
use super::limits::{WAITING_COMMANDS, WAITING_EVENTS};
use super::thread::{Teller, Wake, spawn};
use super::{ClosedReason, Command, Event, Look, Loss, RoomKey};
use crate::crypto::{Fingerprint, Identity};
use crate::store::{
    Contacts, Decision, Profile, ProfileError, Settings, Vault, read_identity, write_identity,
    write_public_key,
};

/// What the desk itself is called where it fails.
const FRONT_DESK: &str = "front desk";

/// The profile folder of who names none: where the platform keeps this application's data.
pub fn default_profile_folder() -> Result<PathBuf, ProfileError> {
    Profile::default_folder()
}

/// The background. Dropping it says goodbye in every room.
pub struct Node {
    commands: Option<Sender<Command>>,
    thread: Option<JoinHandle<()>>,
}

/// The command was not taken: the background is behind, or gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

impl Node {
    /// Starts the background for a profile folder. The first event says how the profile is.
    pub fn start(folder: PathBuf, wake: Wake) -> std::io::Result<(Node, Receiver<Event>)> {
        Node::start_pruning(folder, wake, tick(PRUNE_INTERVAL))
    }

    /// [`Node::start`], with the moments at which old messages are dropped.
    fn start_pruning(
        folder: PathBuf,
        wake: Wake,
        prunes: Receiver<Instant>,
    ) -> std::io::Result<(Node, Receiver<Event>)> {
        let (events, heard) = bounded(WAITING_EVENTS);
        let (commands, waiting) = bounded(WAITING_COMMANDS);
        let teller = Teller::new(events, wake);
        let own_teller = teller.clone();
        let thread = spawn("node", Loss::Background, &teller, move || {
            run(&folder, own_teller, &waiting, &prunes)
        })?;
        Ok((
            Node {
                commands: Some(commands),
                thread: Some(thread),
            },
            heard,
        ))
    }

    /// Hands over a command without waiting.
    pub fn send(&self, command: Command) -> Result<(), Busy> {
        let Some(commands) = &self.commands else {
            return Err(Busy);
        };
        commands.try_send(command).map_err(|refused| match refused {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })
    }
}

impl Drop for Node {
    /// Drop the receiver of events first: nobody must wait for a listener that is gone.
    fn drop(&mut self) {
        self.commands = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn run(folder: &Path, teller: Teller, commands: &Receiver<Command>, prunes: &Receiver<Instant>) {
    let profile = match Profile::open(folder) {
        Ok(profile) => profile,
        Err(error) => return profile::tell_failed(&teller, &error),
    };
    let (done, outcomes) = bounded(4);
    let (met, hosts_met) = bounded(64);
    let (book, noted) = Book::closed();
    let mut desk = Desk {
        profile: Arc::new(profile),
        open: None,
        working: false,
        wants_lock: false,
        is_damaged: false,
        search: Arc::default(),
        holding: bounded(0),
        rooms: HashMap::new(),
        met_at: HashMap::new(),
        teller: teller.with_book(book.clone()),
        book,
        done,
        met,
        looks: HashMap::new(),
    };
    if catch_unwind(AssertUnwindSafe(|| desk.begin())).is_err() {
        desk.tell_died(None);
        desk.teller.tell(Event::ProfileFailed {
            reason: "opening it failed, which is a fault of Cipher Room".to_owned(),
            is_damaged: false,
        });
    }
    loop {
        // The room that a command is just opening, or going into.
        let mut entered = None;
        let turn = || {
            select! {
                recv(commands) -> command => match command {
                    Ok(command) => {
                        entered = command.enters();
                        desk.handle(command, &hosts_met);
                    }
                    Err(_) => return false,
                },
                recv(outcomes) -> outcome => if let Ok(outcome) = outcome {
                    desk.hear(outcome, &hosts_met);
                },
                recv(noted) -> _ => desk.keep_people(),
                recv(prunes) -> _ => desk.prune(),
                recv(hosts_met) -> met => if let Ok(met) = met {
                    desk.host_met(met);
                },
            }
            true
        };
        match catch_unwind(AssertUnwindSafe(turn)) {
            Ok(true) => {}
            Ok(false) => break,
            // A fault in one command ends that command; rooms and profile are still there.
            Err(_) => desk.tell_died(entered),
        }
    }
    desk.leave_all(&hosts_met);
    desk.keep_people();
    desk.end_holders();
}

/// What a thread of the desk came to.
enum Outcome {
    /// The first run: a vault, and an identity in it.
    Made(Result<(Vault, Identity, Settings), String>),
    Unlocked(Result<Vault, ProfileError>),
    PassphraseChanged(Result<(), ProfileError>),
    /// What is to be said of it.
    FileWritten(Result<String, ProfileError>),
    /// A kept room was exported: what is to be said of it.
    RoomWritten(Result<String, ProfileError>),
    IdentityRead(Result<Identity, ProfileError>),
    Restored(Result<Vault, ProfileError>),
    /// The thread died, which is told already.
    Died,
}

/// What there is while the profile is open. Dropped as a whole when it is locked.
struct Open {
    vault: Vault,
    settings: Settings,
    contacts: Arc<Mutex<Contacts>>,
    identity: Option<Arc<Identity>>,
    wrap: Arc<WrapKeyCell>,
    /// Whether it was said that contacts can't be kept.
    people_not_kept: bool,
}

enum RoomHandle {
    Host(HostHandle),
    Guest(GuestHandle),
}

struct Desk {
    profile: Arc<Profile>,
    open: Option<Open>,
    /// Whether a thread derives a key just now, or reads or writes a file.
    working: bool,
    /// Whether the profile is to be locked as soon as that is done.
    wants_lock: bool,
    /// Whether the profile could not be opened because it is damaged.
    is_damaged: bool,
    /// The newest search; an older one ends when it sees another number.
    search: Arc<AtomicU64>,
    /// Threads that search and prune, and hold the vault open meanwhile.
    holding: (Sender<()>, Receiver<()>),
    rooms: HashMap<RoomKey, RoomHandle>,
    met_at: HashMap<RoomKey, (String, Fingerprint)>,
    teller: Teller,
    book: Book,
    done: Sender<Outcome>,
    met: Sender<MetHost>,
    /// How each room's connection is looked at, and the way to go on in slow motion.
    looks: HashMap<RoomKey, (Look, Sender<()>, Receiver<()>)>,
}

impl Desk {
    /// A fault ended what the desk was doing, and the room with it that was to be entered just then.
    fn tell_died(&self, entered: Option<RoomKey>) {
        self.teller.tell(Event::ThreadDied {
            name: FRONT_DESK.to_owned(),
            loss: Loss::Task,
        });
        if let Some(room) = entered {
            let reason = "opening it failed, which is a fault of Cipher Room".to_owned();
            self.teller.tell(Event::Closed {
                room,
                reason: ClosedReason::Broken { reason },
            });
        }
    }

    fn handle(&mut self, command: Command, hosts_met: &Receiver<MetHost>) {
        #[cfg(test)]
        self.teller.meet_fate(FRONT_DESK);
        if self.working
            && let Some(refusal) = profile::refusal(&command)
        {
            return self.teller.tell(refusal);
        }
        match command {
            #[cfg(test)]
            Command::Doom(name) => self.teller.doom(name),
            #[cfg(test)]
            Command::DieAtWork => self.work("doomed", |_| panic!("on purpose")),
            #[cfg(test)]
            Command::WorkUntil(over) => self.work("busy", move |_| {
                // Nothing is ever sent: it ends with the other end.
                let _ = over.recv();
                Outcome::FileWritten(Ok("The work is done.".to_owned()))
            }),
            Command::CreateIdentity { name, passphrase } => self.create_identity(name, passphrase),
            Command::Unlock { passphrase } => self.unlock(passphrase),
            Command::ChangePassphrase { current, new } => self.change_passphrase(current, new),
            Command::Lock => self.lock(hosts_met),
            Command::BeginAnew => self.begin_anew(),
            Command::ExportIdentity { path, passphrase } => {
                self.with_identity("export", Outcome::FileWritten, move |identity| {
                    write_identity(&path, identity, &passphrase)?;
                    Ok(format!(
                        "Your key is saved as {}, locked by its passphrase.",
                        path.display()
                    ))
                });
            }
            Command::ExportPublicKey { path } => {
                self.with_identity("export", Outcome::FileWritten, move |identity| {
                    write_public_key(&path, identity)?;
                    Ok(format!("Your public key is saved as {}.", path.display()))
                });
            }
            Command::ImportIdentity { path, passphrase } => {
                self.work("import", move |_| {
                    Outcome::IdentityRead(read_identity(&path, &passphrase))
                });
            }
            Command::ListKept => self.list_kept(),
            Command::SearchKept { asked, question } => self.search_kept(asked, question),
            Command::WeighRetention { room, retention } => self.weigh_retention(room, retention),
            Command::SetRetention { room, retention } => self.set_retention(room, retention),
            Command::ExportRoom { room, what, path } => {
                if let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) {
                    self.with_identity("export", Outcome::RoomWritten, move |identity| {
                        kept::export(&vault, &room, identity.public(), what, &path)
                    });
                }
            }
            Command::BackUp { path, passphrase } => self.back_up(path, passphrase),
            Command::Restore { path, passphrase } => {
                if self.open.is_some() {
                    let reason =
                        "this profile is in use, and a backup is restored into an empty one".to_owned();
                    return self.teller.tell(Event::FileFailed { reason });
                }
                self.work("restore", move |profile| {
                    Outcome::Restored(profile.restore(&path, &passphrase))
                });
            }
            Command::KeepSettings(settings) => self.keep_settings(settings),
            Command::HostRoom(wish) => self.host(wish, Again::No),
            Command::HostAgain { wish, id } => self.host(wish, id.map_or(Again::ByName, Again::ById)),
            Command::LookInside { room, look } => {
                let (go_on, paused) = bounded(1);
                self.looks.insert(room, (look, go_on, paused));
            }
            Command::NextHandshakeStep { room } => {
                if let Some((_, go_on, _)) = self.looks.get(&room) {
                    // Pressed twice is pressed once.
                    let _ = go_on.try_send(());
                }
            }
            Command::JoinRoom(wish) => self.join(wish, None),
            Command::ReturnToRoom { wish, id } => self.join(wish, Some(id)),
            Command::ForgetRoom { id } => self.forget_room(&id),
            Command::ForgetUnreadable => self.forget_unreadable(),
            Command::Say { room, text } => self.say(room, text),
            Command::MarkHostVerified { room } => self.remember_host(room, true),
            Command::AcceptChangedHost { room } => self.remember_host(room, false),
            Command::SayPrivately { room, to, text } => self.say_privately(room, to, text),
            Command::OpenPrivate { room, with } => match self.rooms.get(&room) {
                Some(RoomHandle::Host(handle)) => drop(handle.open_private(with)),
                Some(RoomHandle::Guest(handle)) => drop(handle.open_private(with)),
                None => {}
            },
            Command::TellEarlier { room, id, before } => self.tell_earlier(room, id, before),
            Command::TellEarlierPrivate {
                room,
                channel,
                before,
            } => self.tell_earlier_private(room, channel, before),
            Command::TryNow { room } => {
                if let Some(RoomHandle::Guest(handle)) = self.rooms.get(&room) {
                    drop(handle.try_now());
                }
            }
            Command::Govern { room, act } => {
                if let Some(RoomHandle::Host(handle)) = self.rooms.get(&room) {
                    drop(handle.govern(act));
                }
            }
            Command::Decide {
                fingerprint,
                decision,
            } => {
                self.change_contact(|people| people.decide(&fingerprint, decision, now_unix()));
                if decision == Decision::Block {
                    self.send_away(fingerprint);
                }
            }
            Command::ImportContact { fingerprint, name } => {
                self.change_contact(|people| people.import(fingerprint, &name, now_unix()));
            }
            Command::ForgetContact { fingerprint } => {
                self.book.with(|people| people.forget(&fingerprint));
                self.keep_people();
                self.teller.tell(Event::ContactForgotten(fingerprint));
            }
            Command::Leave { room } => self.leave(room),
        }
    }

    /// Takes in what a thread came to; then the profile is locked, if that was asked for meanwhile.
    fn hear(&mut self, outcome: Outcome, hosts_met: &Receiver<MetHost>) {
        self.working = false;
        let locks = std::mem::take(&mut self.wants_lock);
        self.take_in(outcome, hosts_met);
        if locks {
            self.lock_at_last(hosts_met);
        }
    }

    fn take_in(&mut self, outcome: Outcome, hosts_met: &Receiver<MetHost>) {
        match outcome {
            Outcome::Made(Ok((vault, identity, settings))) => {
                self.tell_protection();
                self.opened(vault, settings, Contacts::default(), Some(identity));
            }
            Outcome::Made(Err(reason)) => self.teller.tell(Event::ProfileFailed {
                reason,
                is_damaged: false,
            }),
            Outcome::Unlocked(outcome) => self.unlocked(outcome),
            Outcome::FileWritten(Ok(text)) => self.teller.tell(Event::FileDone { text, is_room: false }),
            Outcome::RoomWritten(Ok(text)) => self.teller.tell(Event::FileDone { text, is_room: true }),
            Outcome::FileWritten(Err(error))
            | Outcome::RoomWritten(Err(error))
            | Outcome::Restored(Err(error))
            | Outcome::IdentityRead(Err(error)) => {
                let reason = match error {
                    ProfileError::WrongPassphrase { .. } => {
                        "the passphrase does not open this file".to_owned()
                    }
                    error => error.to_string(),
                };
                self.teller.tell(Event::FileFailed { reason });
            }
            Outcome::Restored(Ok(vault)) => self.unlocked(Ok(vault)),
            Outcome::IdentityRead(Ok(identity)) => self.replace_identity(&identity, hosts_met),
            Outcome::Died => self.work_died(),
            Outcome::PassphraseChanged(Ok(())) => self.tell_protection(),
            Outcome::PassphraseChanged(Err(error)) => {
                let reason = match error {
                    ProfileError::WrongPassphrase { wait_secs: 0 } => {
                        "that is not the current one".to_owned()
                    }
                    ProfileError::WrongPassphrase { wait_secs } => {
                        format!("that is not the current one; the next attempt is possible in {wait_secs} s")
                    }
                    error => error.to_string(),
                };
                self.teller.tell(Event::PassphraseNotChanged { reason });
            }
        }
    }
}
