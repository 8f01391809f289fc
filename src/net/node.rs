//! The background's front desk: opens the profile, then takes commands and runs rooms.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, TrySendError, bounded, select};

use super::guest::{self, GuestContext, GuestHandle, MetHost, WrapKeyCell};
use super::host::{self, HostContext, HostHandle};
use super::keep::Shelf;
use super::thread::{Teller, Wake, spawn};
use super::{Command, Event, HostFailure, HostRoom, JoinCause, JoinFailure, JoinRoom, JoinStep, RoomKey};
use crate::crypto::{CryptoError, Fingerprint, Identity};
use crate::protocol::limits::MAX_MESSAGE_BYTES;
use crate::store::{Contacts, Profile, ProfileError, Settings};

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
    let profile = match open(folder) {
        Ok(opened) => opened,
        Err(error) => {
            return teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
            });
        }
    };
    let Opened {
        profile,
        settings,
        contacts,
        identity,
    } = profile;
    let (made, identities) = bounded(1);
    let (met, hosts_met) = bounded(64);
    let mut desk = Desk {
        profile,
        settings,
        contacts: Arc::new(Mutex::new(contacts)),
        identity: None,
        wrap: Arc::default(),
        shelf: Shelf,
        rooms: HashMap::new(),
        met_at: HashMap::new(),
        teller,
        made,
        met,
    };
    match identity {
        Some(identity) => desk.identity_ready(identity),
        None => desk.teller.tell(Event::IdentityMissing {
            settings: desk.settings.clone(),
        }),
    }
    loop {
        select! {
            recv(commands) -> command => match command {
                Ok(command) => desk.handle(command),
                Err(_) => break,
            },
            recv(identities) -> identity => if let Ok(identity) = identity {
                desk.identity_made(identity);
            },
            recv(hosts_met) -> met => if let Ok(met) = met {
                desk.host_met(met);
            },
        }
    }
    desk.leave_all(&hosts_met);
}

struct Opened {
    profile: Profile,
    settings: Settings,
    contacts: Contacts,
    identity: Option<Identity>,
}

fn open(folder: &Path) -> Result<Opened, ProfileError> {
    let profile = Profile::open(folder)?;
    Ok(Opened {
        settings: profile.settings()?,
        contacts: profile.contacts()?,
        identity: profile.identity()?,
        profile,
    })
}

enum RoomHandle {
    Host(HostHandle),
    Guest(GuestHandle),
}

struct Desk {
    profile: Profile,
    settings: Settings,
    contacts: Arc<Mutex<Contacts>>,
    identity: Option<Arc<Identity>>,
    wrap: Arc<WrapKeyCell>,
    shelf: Shelf,
    rooms: HashMap<RoomKey, RoomHandle>,
    met_at: HashMap<RoomKey, (String, Fingerprint)>,
    teller: Teller,
    made: Sender<Result<Identity, CryptoError>>,
    met: Sender<MetHost>,
}

impl Desk {
    fn handle(&mut self, command: Command) {
        match command {
            Command::CreateIdentity { name } => self.create_identity(name),
            Command::KeepSettings(settings) => {
                self.settings = settings;
                self.keep_settings();
            }
            Command::HostRoom(wish) => self.host(wish),
            Command::JoinRoom(wish) => self.join(wish),
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
            Command::Leave { room } => self.leave(room),
        }
    }

    fn create_identity(&mut self, name: String) {
        if self.identity.is_some() {
            return;
        }
        self.settings.name = name;
        let made = self.made.clone();
        let started = spawn("identity", None, &self.teller, move || {
            let _ = made.send(Identity::generate(&mut rand::rng()));
        });
        if let Err(error) = started {
            self.teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
            });
        }
    }

    fn identity_made(&mut self, outcome: Result<Identity, CryptoError>) {
        let kept = outcome.map_err(|error| error.to_string()).and_then(|identity| {
            match self.profile.keep_identity(&identity) {
                Ok(()) => Ok(identity),
                Err(error) => Err(error.to_string()),
            }
        });
        match kept {
            Ok(identity) => {
                self.keep_settings();
                self.identity_ready(identity);
            }
            Err(reason) => self.teller.tell(Event::ProfileFailed { reason }),
        }
    }

    /// The key of this run is made meanwhile, so that the first join need not wait for it.
    fn identity_ready(&mut self, identity: Identity) {
        let fingerprint = identity.fingerprint();
        self.identity = Some(Arc::new(identity));
        let wrap = Arc::clone(&self.wrap);
        if let Err(error) = spawn("wrap-key", None, &self.teller, move || drop(wrap.wait())) {
            log::warn!("the wrap key will be made when it is needed: {error}");
        }
        self.teller.tell(Event::IdentityReady {
            fingerprint,
            settings: self.settings.clone(),
        });
    }

    fn keep_settings(&self) {
        if let Err(error) = self.profile.keep_settings(&self.settings) {
            self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            });
        }
    }

    fn host(&mut self, wish: HostRoom) {
        let room = wish.key;
        let Some(identity) = self.identity.clone() else {
            return self.teller.tell(Event::HostFailed {
                room,
                failure: HostFailure::NoIdentity,
            });
        };
        let context = HostContext {
            identity,
            wrap: Arc::clone(&self.wrap),
            shelf: self.shelf.clone(),
            teller: self.teller.clone(),
        };
        match host::open(wish, context, None) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Host(handle))),
            Err(failure) => self.teller.tell(Event::HostFailed { room, failure }),
        }
    }

    fn join(&mut self, wish: JoinRoom) {
        let room = wish.key;
        let fail = |cause| JoinFailure {
            step: JoinStep::Reached,
            cause,
        };
        let Some(identity) = self.identity.clone() else {
            return self.teller.tell(Event::JoinFailed {
                room,
                failure: fail(JoinCause::NoIdentity),
            });
        };
        let context = GuestContext {
            identity,
            wrap: Arc::clone(&self.wrap),
            contacts: Arc::clone(&self.contacts),
            shelf: self.shelf.clone(),
            met: self.met.clone(),
            teller: self.teller.clone(),
        };
        // Whoever is on the way back by itself gives way to who joins by hand.
        if let Some(RoomHandle::Guest(earlier)) = self.rooms.remove(&room) {
            drop(earlier.leave());
        }
        match guest::join(wish, context) {
            Ok(handle) => drop(self.rooms.insert(room, RoomHandle::Guest(handle))),
            Err(error) => {
                let failure = fail(JoinCause::System {
                    reason: error.to_string(),
                });
                self.teller.tell(Event::JoinFailed { room, failure });
            }
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
        let Some((address, host)) = self.met_at.get(&room) else {
            return;
        };
        let mut contacts = self.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        let before = contacts.clone();
        contacts.remember(address, host, verified);
        if *contacts != before
            && let Err(error) = self.profile.keep_contacts(&contacts)
        {
            self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            });
        }
    }

    fn leave_all(self, hosts_met: &Receiver<MetHost>) {
        let until = Instant::now() + GOODBYE_TIMEOUT;
        let threads: Vec<JoinHandle<()>> = self
            .rooms
            .into_values()
            .map(|handle| match handle {
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
