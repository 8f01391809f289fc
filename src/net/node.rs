//! The background's front desk: opens the profile, then takes commands and runs rooms.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select};

use super::book::Book;
use super::clock::now_unix;
use super::guest::{self, GuestContext, GuestHandle, MetHost, WrapKeyCell};
use super::host::{self, HostContext, HostHandle};
use super::keep::Shelf;
use super::kept;
use super::thread::{Teller, Wake, spawn};
use super::{
    Command, Event, HostFailure, HostRoom, JoinCause, JoinFailure, JoinRoom, JoinStep, Look, PastRoom,
    RoomKey,
};
use crate::crypto::{Fingerprint, Identity, Passphrase};
use crate::protocol::limits::MAX_MESSAGE_BYTES;
use crate::store::{
    Contact, Contacts, Decision, HostTrust, KeptRole, KeptRoom, People, Profile, ProfileError, ProfileState,
    Retention, Settings, StoreError, Vault, VerifiedBy, read_identity, write_identity, write_public_key,
};

/// Commands that may wait; a window that gives more is told to wait.
const WAITING_COMMANDS: usize = 1024;
/// Events that may wait before the background waits for the listener.
const WAITING_EVENTS: usize = 4096;
/// How long leaving all rooms may take at exit.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(3);

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
        let (events, heard) = bounded(WAITING_EVENTS);
        let (commands, waiting) = bounded(WAITING_COMMANDS);
        let teller = Teller::new(events, wake);
        let own_teller = teller.clone();
        let thread = spawn("node", None, &teller, move || run(&folder, own_teller, &waiting))?;
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

fn run(folder: &Path, teller: Teller, commands: &Receiver<Command>) {
    let (profile, state) = match Profile::open(folder).and_then(|profile| {
        let state = profile.state()?;
        Ok((profile, state))
    }) {
        Ok(found) => found,
        Err(error) => {
            return teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
            });
        }
    };
    let (done, outcomes) = bounded(4);
    let (met, hosts_met) = bounded(64);
    let (book, noted) = Book::closed();
    let mut desk = Desk {
        profile: Arc::new(profile),
        open: None,
        working: false,
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
    desk.begin(state);
    loop {
        select! {
            recv(commands) -> command => match command {
                Ok(command) => desk.handle(command, &hosts_met),
                Err(_) => break,
            },
            recv(outcomes) -> outcome => if let Ok(outcome) = outcome {
                desk.hear(outcome, &hosts_met);
            },
            recv(noted) -> _ => desk.keep_people(),
            recv(hosts_met) -> met => if let Ok(met) = met {
                desk.host_met(met);
            },
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
    IdentityRead(Result<Identity, ProfileError>),
    Restored(Result<Vault, ProfileError>),
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

/// Which room of ours is to be opened.
enum Again {
    No,
    ByName,
    ById([u8; 32]),
}

fn past_room(kept: &KeptRoom) -> Option<PastRoom> {
    let is_own = match kept.role {
        KeptRole::Host => true,
        KeptRole::Member => false,
        KeptRole::Private => return None,
    };
    Some(PastRoom {
        id: kept.id,
        name: kept.name.clone(),
        is_own,
        host_name: kept.host_name.clone(),
        target: kept.target.clone(),
        port: kept.port,
        used_unix: kept.used_unix,
    })
}

enum RoomHandle {
    Host(HostHandle),
    Guest(GuestHandle),
}

struct Desk {
    profile: Arc<Profile>,
    open: Option<Open>,
    /// Whether a thread derives a key just now.
    working: bool,
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
    fn begin(&mut self, state: ProfileState) {
        match state {
            ProfileState::New => self.teller.tell(Event::IdentityMissing {
                settings: Settings::default(),
            }),
            // Without a passphrase there is no key to derive, so it opens at once.
            ProfileState::Open => {
                let outcome = self.profile.unlock(None, now_unix());
                self.unlocked(outcome);
            }
            ProfileState::Locked => self.tell_locked(None),
        }
    }

    fn handle(&mut self, command: Command, hosts_met: &Receiver<MetHost>) {
        match command {
            Command::CreateIdentity { name, passphrase } => self.create_identity(name, passphrase),
            Command::Unlock { passphrase } => self.unlock(passphrase),
            Command::ChangePassphrase { current, new } => self.change_passphrase(current, new),
            Command::Lock => self.lock(hosts_met),
            Command::ExportIdentity { path, passphrase } => {
                self.with_identity("export", move |identity| {
                    write_identity(&path, identity, &passphrase)?;
                    Ok(format!(
                        "Your key is saved as {}, locked by its passphrase.",
                        path.display()
                    ))
                });
            }
            Command::ExportPublicKey { path } => self.with_identity("export", move |identity| {
                write_public_key(&path, identity)?;
                Ok(format!("Your public key is saved as {}.", path.display()))
            }),
            Command::ImportIdentity { path, passphrase } => {
                self.work("import", move |_| {
                    Outcome::IdentityRead(read_identity(&path, &passphrase))
                });
            }
            Command::ListKept => self.list_kept(),
            Command::SearchKept { asked, question } => self.search_kept(asked, question),
            Command::SetRetention { room, retention } => self.set_retention(room, retention),
            Command::ExportRoom { room, format, path } => {
                if let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) {
                    self.with_identity("export", move |identity| {
                        kept::export(&vault, &room, identity.public(), format, &path)
                    });
                }
            }
            Command::BackUp { path, passphrase } => self.back_up(path, passphrase),
            Command::Restore { path, passphrase } => {
                if self.open.is_none() {
                    self.work("restore", move |profile| {
                        Outcome::Restored(profile.restore(&path, &passphrase))
                    });
                }
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
            Command::Say { room, text } => self.say(room, text),
            Command::MarkHostVerified { room } => self.remember_host(room, true),
            Command::AcceptChangedHost { room } => self.remember_host(room, false),
            Command::SayPrivately { room, to, text } => self.say_privately(room, to, text),
            Command::OpenPrivate { room, with } => match self.rooms.get(&room) {
                Some(RoomHandle::Host(handle)) => drop(handle.open_private(with)),
                Some(RoomHandle::Guest(handle)) => drop(handle.open_private(with)),
                None => {}
            },
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
            } => self.change_contact(|people| people.decide(&fingerprint, decision, now_unix())),
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

    fn hear(&mut self, outcome: Outcome, hosts_met: &Receiver<MetHost>) {
        self.working = false;
        match outcome {
            Outcome::Made(Ok((vault, identity, settings))) => {
                self.tell_protection();
                self.opened(vault, settings, Contacts::default(), Some(identity));
            }
            Outcome::Made(Err(reason)) => self.teller.tell(Event::ProfileFailed { reason }),
            Outcome::Unlocked(outcome) => self.unlocked(outcome),
            Outcome::FileWritten(Ok(text)) => self.teller.tell(Event::FileDone { text }),
            Outcome::FileWritten(Err(error))
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
            Outcome::PassphraseChanged(Ok(())) => self.tell_protection(),
            Outcome::PassphraseChanged(Err(error)) => self.teller.tell(Event::PassphraseNotChanged {
                reason: error.to_string(),
            }),
        }
    }

    /// Does what takes a while on a thread; one at a time.
    fn work(&mut self, name: &str, work: impl FnOnce(&Profile) -> Outcome + Send + 'static) {
        if self.working {
            return;
        }
        self.working = true;
        let (done, profile) = (self.done.clone(), Arc::clone(&self.profile));
        let started = spawn(name, None, &self.teller, move || {
            let _ = done.send(work(&profile));
        });
        if let Err(error) = started {
            self.working = false;
            self.teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
            });
        }
    }

    fn create_identity(&mut self, name: String, passphrase: Option<Passphrase>) {
        let known = match &self.open {
            Some(open) if open.identity.is_some() => return,
            Some(open) => Some((open.vault.clone(), open.settings.clone())),
            None => None,
        };
        self.work("identity", move |profile| {
            let make = || -> Result<(Vault, Identity, Settings), String> {
                let identity = Identity::generate(&mut rand::rng()).map_err(|error| error.to_string())?;
                let (vault, mut settings) = match known {
                    // The vault of a first run that was cut short, or of old settings without a key.
                    Some((vault, settings)) => {
                        if passphrase.is_some() {
                            profile
                                .change_passphrase(None, passphrase.as_ref(), now_unix())
                                .map_err(|error| error.to_string())?;
                        }
                        (vault, settings)
                    }
                    None => {
                        let vault = profile
                            .create(passphrase.as_ref())
                            .map_err(|error| error.to_string())?;
                        (vault, Settings::default())
                    }
                };
                settings.name = name;
                vault
                    .keep_identity(&identity, &settings)
                    .map_err(|error| error.to_string())?;
                Ok((vault, identity, settings))
            };
            Outcome::Made(make())
        });
    }

    /// Does something with the identity and a file, on a thread.
    fn with_identity(
        &mut self,
        name: &str,
        work: impl FnOnce(&Identity) -> Result<String, ProfileError> + Send + 'static,
    ) {
        if let Some(identity) = self.open.as_ref().and_then(|open| open.identity.clone()) {
            self.work(name, move |_| Outcome::FileWritten(work(&identity)));
        }
    }

    fn list_kept(&self) {
        let Some(open) = &self.open else {
            return;
        };
        match kept::list(&open.vault) {
            Ok((rooms, damaged)) => {
                if damaged > 0 {
                    let reason =
                        format!("{damaged} of your kept rooms can't be read any more; the others are here.");
                    self.teller.tell(Event::NotKept { reason });
                }
                self.teller.tell(Event::KeptListed(rooms));
            }
            Err(error) => self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            }),
        }
    }

    fn search_kept(&mut self, asked: u64, question: String) {
        self.search.store(asked, Ordering::Relaxed);
        let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) else {
            return;
        };
        let (newest, teller) = (Arc::clone(&self.search), self.teller.clone());
        let hold = self.holding.0.clone();
        let started = spawn("search", None, &self.teller, move || {
            kept::search(&vault, asked, &question, &newest, &teller);
            drop((vault, hold));
        });
        if let Err(error) = started {
            log::warn!("no thread for searching: {error}");
            self.teller.tell(Event::SearchEnded { asked, cut: false });
        }
    }

    fn set_retention(&mut self, room: [u8; 32], retention: Retention) {
        let Some(open) = &self.open else {
            return;
        };
        let kept = open
            .vault
            .write(|writing| writing.change_room(&room, |kept| kept.retention = retention));
        match kept {
            Ok(()) => self.prune(),
            Err(error) => self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            }),
        }
        self.list_kept();
    }

    /// Drops what is older than the rooms keep, on a thread.
    fn prune(&mut self) {
        let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) else {
            return;
        };
        let hold = self.holding.0.clone();
        let started = spawn("prune", None, &self.teller, move || {
            if let Err(error) = kept::prune(&vault) {
                log::warn!("old messages could not be dropped: {error}");
            }
            drop((vault, hold));
        });
        if let Err(error) = started {
            log::warn!("no thread for dropping old messages: {error}");
        }
    }

    /// Waits until nothing but the desk holds the vault: it can be opened again only when it is closed.
    fn end_holders(&mut self) {
        // A search that is under way ends, and lets go of its handle.
        self.search.store(u64::MAX, Ordering::Relaxed);
        let (hold, all_let_go) = std::mem::replace(&mut self.holding, bounded(0));
        drop(hold);
        // Nothing is ever sent: the channel ends with the last holder.
        let _ = all_let_go.recv_timeout(GOODBYE_TIMEOUT);
    }

    fn back_up(&mut self, path: PathBuf, passphrase: Passphrase) {
        self.keep_people();
        if let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) {
            self.work("backup", move |_| {
                let written = vault.back_up(&path, &passphrase);
                Outcome::FileWritten(written.map(|()| {
                    format!(
                        "Everything is saved as {}, locked by its passphrase.",
                        path.display()
                    )
                }))
            });
        }
    }

    /// Another identity is another person: rooms are left, and the wrap key is made anew.
    fn replace_identity(&mut self, identity: &Identity, hosts_met: &Receiver<MetHost>) {
        let Some(vault) = self.open.as_ref().map(|open| open.vault.clone()) else {
            return;
        };
        match vault.replace_identity(identity) {
            Ok(()) => {
                self.leave_all(hosts_met);
                self.met_at.clear();
                self.keep_people();
                self.book.close();
                self.unlocked(Ok(vault));
                let text = "The imported key is yours now.".to_owned();
                self.teller.tell(Event::FileDone { text });
            }
            Err(error) => self.teller.tell(Event::FileFailed {
                reason: error.to_string(),
            }),
        }
    }

    fn unlock(&mut self, passphrase: Passphrase) {
        if self.open.is_none() {
            self.work("unlock", move |profile| {
                Outcome::Unlocked(profile.unlock(Some(&passphrase), now_unix()))
            });
        }
    }

    fn change_passphrase(&mut self, current: Option<Passphrase>, new: Option<Passphrase>) {
        self.work("passphrase", move |profile| {
            Outcome::PassphraseChanged(profile.change_passphrase(current.as_ref(), new.as_ref(), now_unix()))
        });
    }

    fn unlocked(&mut self, outcome: Result<Vault, ProfileError>) {
        let opened = outcome.and_then(|vault| {
            let failed = |error| ProfileError::Database(vault.path().to_owned(), error);
            let settings = vault.settings().map_err(failed)?;
            let contacts = vault.hosts().map_err(failed)?;
            let identity = vault.identity().map_err(failed)?;
            Ok((vault, settings, contacts, identity))
        });
        match opened {
            Ok((vault, settings, contacts, identity)) => {
                self.tell_protection();
                self.opened(vault, settings, contacts, identity);
            }
            Err(error @ (ProfileError::WrongPassphrase { .. } | ProfileError::TooSoon { .. })) => {
                self.tell_locked(Some(error.to_string()));
            }
            Err(error) => self.teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
            }),
        }
    }

    fn opened(&mut self, vault: Vault, settings: Settings, contacts: Contacts, identity: Option<Identity>) {
        if vault.is_read_only() {
            self.teller.tell(Event::NotKept {
                reason: StoreError::ReadOnly.to_string(),
            });
        }
        let fingerprint = identity.as_ref().map(Identity::fingerprint);
        let wrap: Arc<WrapKeyCell> = Arc::default();
        self.open = Some(Open {
            vault,
            settings: settings.clone(),
            contacts: Arc::new(Mutex::new(contacts)),
            identity: identity.map(Arc::new),
            wrap: Arc::clone(&wrap),
            people_not_kept: false,
        });
        self.open_book(fingerprint);
        self.prune();
        let Some(fingerprint) = fingerprint else {
            return self.teller.tell(Event::IdentityMissing { settings });
        };
        // The key of this run is made meanwhile, so that the first join need not wait for it.
        if let Err(error) = spawn("wrap-key", None, &self.teller, move || drop(wrap.wait())) {
            log::warn!("the wrap key will be made when it is needed: {error}");
        }
        self.teller.tell(Event::IdentityReady {
            fingerprint,
            settings,
        });
        self.tell_rooms();
    }

    fn open_book(&self, own: Option<Fingerprint>) {
        let Some(open) = &self.open else {
            return;
        };
        let (kept, damaged) = open.vault.contacts().unwrap_or_else(|error| {
            log::warn!("the contacts can't be read: {error}");
            (Vec::new(), 1)
        });
        if damaged > 0 {
            let reason = format!("{damaged} of your contacts can't be read any more; the others are here.");
            self.teller.tell(Event::NotKept { reason });
        }
        self.teller.tell(Event::ContactsOpened(kept.clone()));
        self.book.open(People::of(kept, own));
    }

    fn lock(&mut self, hosts_met: &Receiver<MetHost>) {
        if self.open.is_none() || self.working || !self.profile.has_passphrase() {
            return;
        }
        self.leave_all(hosts_met);
        self.met_at.clear();
        self.keep_people();
        self.book.close();
        self.end_holders();
        // The last handles to the keys: they are zeroed here.
        self.open = None;
        self.tell_locked(None);
    }

    fn tell_locked(&self, reason: Option<String>) {
        let now = now_unix();
        self.teller.tell(Event::Locked {
            reason,
            until_unix: now + self.profile.wait_secs(now),
        });
    }

    fn tell_protection(&self) {
        self.teller.tell(Event::ProtectionChanged {
            has_passphrase: self.profile.has_passphrase(),
        });
    }

    /// Takes in a decision of the user, keeps it, and tells it.
    fn change_contact(&mut self, change: impl FnOnce(&mut People) -> Option<Contact>) {
        if let Some(contact) = self.book.with(change).flatten() {
            self.keep_people();
            self.teller.tell(Event::ContactChanged(contact));
        }
    }

    fn keep_people(&mut self) {
        let Some(open) = &mut self.open else {
            return;
        };
        let outcome = self.book.with(|people| people.keep(&open.vault));
        // Said once: every meeting would fail alike.
        match outcome {
            Some(Err(error)) if !open.people_not_kept => {
                open.people_not_kept = true;
                self.teller.tell(Event::NotKept {
                    reason: error.to_string(),
                });
            }
            Some(Ok(())) => open.people_not_kept = false,
            _ => {}
        }
    }

    fn keep_settings(&mut self, settings: Settings) {
        let Some(open) = &mut self.open else {
            return;
        };
        open.settings = settings;
        if let Err(error) = open.vault.keep_settings(&open.settings) {
            self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            });
        }
    }

    fn host(&mut self, wish: HostRoom, again: Again) {
        let room = wish.key;
        let Some((open, identity)) = self.opened_identity() else {
            return self.teller.tell(Event::HostFailed {
                room,
                failure: HostFailure::NoIdentity,
            });
        };
        let shelf = Shelf::new(open.vault.clone());
        let id = match again {
            Again::No => None,
            Again::ById(id) => Some(id),
            Again::ByName => shelf.own_by_name(&wish.room_name).map(|kept| kept.id),
        };
        let kept = match id.map(|id| shelf.own_room(&id, identity.public())).transpose() {
            Ok(kept) => kept,
            Err(reason) => {
                let failure = HostFailure::System {
                    reason: format!("what is kept of this room can't be used ({reason})"),
                };
                return self.teller.tell(Event::HostFailed { room, failure });
            }
        };
        let context = HostContext {
            identity,
            wrap: Arc::clone(&open.wrap),
            shelf,
            teller: self.teller.clone(),
        };
        match host::open(wish, context, kept) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Host(handle))),
            Err(failure) => self.teller.tell(Event::HostFailed { room, failure }),
        }
        self.tell_rooms();
    }

    fn join(&mut self, wish: JoinRoom, id: Option<[u8; 32]>) {
        let room = wish.key;
        let fail = |cause| JoinFailure {
            step: JoinStep::Reached,
            cause,
        };
        let Some((open, identity)) = self.opened_identity() else {
            return self.teller.tell(Event::JoinFailed {
                room,
                failure: fail(JoinCause::NoIdentity),
            });
        };
        let look = self.looks.get(&room);
        let context = GuestContext {
            look: look.map_or(Look::default(), |(look, ..)| *look),
            go_on: look.map(|(_, _, paused)| paused.clone()),
            identity,
            wrap: Arc::clone(&open.wrap),
            contacts: Arc::clone(&open.contacts),
            shelf: Shelf::new(open.vault.clone()),
            met: self.met.clone(),
            teller: self.teller.clone(),
        };
        // Whoever is on the way back by itself gives way to who joins by hand.
        if let Some(RoomHandle::Guest(earlier)) = self.rooms.remove(&room) {
            drop(earlier.leave());
        }
        match guest::join(wish, context, id) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Guest(handle))),
            Err(error) => {
                let failure = fail(JoinCause::System {
                    reason: error.to_string(),
                });
                self.teller.tell(Event::JoinFailed { room, failure });
            }
        }
    }

    fn opened_identity(&self) -> Option<(&Open, Arc<Identity>)> {
        let open = self.open.as_ref()?;
        Some((open, open.identity.clone()?))
    }

    fn forget_room(&mut self, id: &[u8; 32]) {
        let Some(open) = &self.open else {
            return;
        };
        if let Err(error) = open.vault.forget_room(id) {
            let reason = format!("The room could not be removed: {error}.");
            self.teller.tell(Event::NotKept { reason });
        }
        self.tell_rooms();
    }

    fn tell_rooms(&self) {
        let Some(open) = &self.open else {
            return;
        };
        match open.vault.rooms() {
            Ok((rooms, _)) => {
                let rooms = rooms.iter().filter_map(past_room).collect();
                self.teller.tell(Event::RoomsKept { rooms });
            }
            Err(error) => self.teller.tell(Event::NotKept {
                reason: format!("The earlier rooms can't be read: {error}."),
            }),
        }
    }

    fn is_sayable(&self, text: &str) -> bool {
        let fits = !text.is_empty() && text.len() <= MAX_MESSAGE_BYTES;
        if !fits {
            let reason = format!(
                "A message has 1 to {MAX_MESSAGE_BYTES} bytes; this one has {}.",
                text.len()
            );
            self.teller.tell(Event::NotKept { reason });
        }
        fits
    }

    fn say_privately(&mut self, room: RoomKey, to: Fingerprint, text: String) {
        if !self.is_sayable(&text) {
            return;
        }
        let heard = match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => handle.say_privately(to, text).is_ok(),
            Some(RoomHandle::Guest(handle)) => handle.say_privately(to, text).is_ok(),
            None => false,
        };
        if !heard {
            let reason = "The private message was not sent: the room is over.".to_owned();
            self.teller.tell(Event::NotKept { reason });
        }
    }

    fn say(&mut self, room: RoomKey, text: String) {
        if !self.is_sayable(&text) {
            return;
        }
        let heard = match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => handle.say(text).is_ok(),
            Some(RoomHandle::Guest(handle)) => handle.say(text).is_ok(),
            None => false,
        };
        if !heard {
            let reason = "The message was not sent: the room is over, or too many messages wait.".to_owned();
            self.teller.tell(Event::NotKept { reason });
        }
    }

    fn leave(&mut self, room: RoomKey) {
        // A room whose thread has ended has told so already.
        match self.rooms.get(&room) {
            Some(RoomHandle::Host(handle)) => drop(handle.close()),
            Some(RoomHandle::Guest(handle)) => drop(handle.leave()),
            None => {}
        }
    }

    fn host_met(&mut self, met: MetHost) {
        let MetHost {
            room,
            address,
            host,
            changed,
        } = met;
        self.met_at.insert(room, (address, host));
        if !changed {
            self.remember_host(room, false);
        }
    }

    fn remember_host(&mut self, room: RoomKey, verified: bool) {
        let (Some((address, host)), Some(open)) = (self.met_at.get(&room), &self.open) else {
            return;
        };
        let mut contacts = open.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        let before = contacts.clone();
        let changed = match contacts.judge(address, host) {
            HostTrust::Changed { before } => Some(before),
            _ => None,
        };
        contacts.remember(address, host, verified);
        if *contacts != before
            && let Err(error) = open.vault.keep_hosts(&contacts)
        {
            self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            });
        }
        drop(contacts);
        let host = *host;
        if let Some(before) = changed {
            // The address book forgets the old key; the mark on the new one stays.
            self.change_contact(|people| people.note_change(&host, before, now_unix()));
        }
        if verified {
            let decision = Decision::Verify(VerifiedBy::Emoji);
            self.change_contact(|people| people.decide(&host, decision, now_unix()));
        }
    }

    /// Says goodbye in every room and waits for the threads, so that they hold no key any more.
    fn leave_all(&mut self, hosts_met: &Receiver<MetHost>) {
        let until = Instant::now() + GOODBYE_TIMEOUT;
        let threads: Vec<JoinHandle<()>> = self
            .rooms
            .drain()
            .map(|(_, handle)| match handle {
                RoomHandle::Host(handle) => {
                    let _ = handle.close();
                    handle.thread
                }
                RoomHandle::Guest(handle) => {
                    let _ = handle.leave();
                    handle.thread
                }
            })
            .collect();
        for thread in threads {
            while !thread.is_finished() && Instant::now() < until {
                // A guest that is just arriving must not wait for us.
                let _ = hosts_met.recv_timeout(Duration::from_millis(5));
            }
        }
    }
}
