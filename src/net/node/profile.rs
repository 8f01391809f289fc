//! The profile at the front desk: first run, unlocking, locking, passphrase, identity and backup files.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, after};

use super::{Desk, Open, Outcome};
use crate::crypto::{Identity, Passphrase, VaultKey};
use crate::net::clock::now_unix;
use crate::net::guest::{MetHost, WrapKeyCell};
use crate::net::limits::LET_GO_TIMEOUT;
use crate::net::thread::spawn;
use crate::net::{Command, Event, Loss, Teller};
use crate::store::{Contacts, Profile, ProfileError, ProfileState, Settings, StoreError, Vault};

/// How long until a database that somebody still holds is asked for again.
const LET_GO_INTERVAL: Duration = Duration::from_millis(200);
/// Why one thing is not done beside another.
const BUSY: &str = "something else is still being written or read; try again when that is done";

impl Desk {
    pub(super) fn begin(&mut self) {
        match self.profile.state() {
            Err(error) => tell_failed(&self.teller, &error),
            Ok(ProfileState::New) => self.teller.tell(Event::IdentityMissing {
                settings: Settings::default(),
            }),
            // Without a passphrase there is no key to derive, so it opens at once.
            Ok(ProfileState::Open) => {
                let outcome = self.profile.unlock(None, now_unix());
                self.unlocked(outcome);
            }
            Ok(ProfileState::Locked) => self.tell_locked(None),
        }
    }

    /// Puts a damaged profile aside; then there is none, as at the first run.
    pub(super) fn begin_anew(&mut self) {
        let is_damaged = match self.profile.state() {
            Err(error) => error.is_damage(),
            Ok(_) => self.is_damaged,
        };
        if self.open.is_some() || self.working || !is_damaged {
            return;
        }
        match self.profile.put_aside(now_unix()) {
            Ok(aside) => {
                self.is_damaged = false;
                let report = format!(
                    "The damaged profile is put aside as {}. If you have a backup, restore it here.",
                    aside.display()
                );
                self.teller.tell(Event::ProfileMended { report });
                self.begin();
                // The passphrase went with it.
                self.tell_protection();
            }
            Err(error) => tell_failed(&self.teller, &error),
        }
    }

    /// Does what takes a while on a thread; one at a time. Where somebody waits for an answer, [`refusal`] gives it.
    pub(super) fn work(&mut self, name: &str, work: impl FnOnce(&Profile) -> Outcome + Send + 'static) {
        if self.working {
            return;
        }
        self.working = true;
        let (done, profile) = (self.done.clone(), Arc::clone(&self.profile));
        let started = spawn(name, Loss::Task, &self.teller, move || {
            match catch_unwind(AssertUnwindSafe(|| work(&profile))) {
                Ok(outcome) => drop(done.send(outcome)),
                Err(fault) => {
                    let _ = done.send(Outcome::Died);
                    resume_unwind(fault);
                }
            }
        });
        if let Err(error) = started {
            self.working = false;
            self.teller.tell(Event::ProfileFailed {
                reason: error.to_string(),
                is_damaged: false,
            });
        }
    }

    /// What was under way has no outcome: whoever waits for one is told where things stand.
    pub(super) fn work_died(&mut self) {
        if self.open.is_some() {
            let reason = "this failed, which is a fault of Cipher Room; nothing was changed".to_owned();
            return self.teller.tell(Event::FileFailed { reason });
        }
        match self.profile.state() {
            Ok(ProfileState::Locked) => {
                self.tell_locked(Some(
                    "Unlocking failed, which is a fault of Cipher Room.".to_owned(),
                ));
            }
            _ => self.begin(),
        }
    }

    pub(super) fn create_identity(&mut self, name: String, passphrase: Option<Passphrase>) {
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
                        // One that has a passphrase was just unlocked with it, and keeps it.
                        if passphrase.is_some() && !profile.has_passphrase() {
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

    /// Does something with the identity and a file, on a thread; what comes of it is the outcome that is named.
    pub(super) fn with_identity(
        &mut self,
        name: &str,
        outcome: fn(Result<String, ProfileError>) -> Outcome,
        work: impl FnOnce(&Identity) -> Result<String, ProfileError> + Send + 'static,
    ) {
        if let Some(identity) = self.open.as_ref().and_then(|open| open.identity.clone()) {
            self.work(name, move |_| outcome(work(&identity)));
        }
    }

    pub(super) fn back_up(&mut self, path: PathBuf, passphrase: Passphrase) {
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
    pub(super) fn replace_identity(&mut self, identity: &Identity, hosts_met: &Receiver<MetHost>) {
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
                self.teller.tell(Event::FileDone { text, is_room: false });
            }
            Err(error) => self.teller.tell(Event::FileFailed {
                reason: error.to_string(),
            }),
        }
    }

    pub(super) fn unlock(&mut self, passphrase: Passphrase) {
        if self.open.is_none() {
            self.work("unlock", move |profile| {
                let key = profile.unlock_key(&passphrase, now_unix());
                let outcome = key.and_then(|key| open_when_let_go_of(profile, &key));
                Outcome::Unlocked(outcome)
            });
        }
    }

    pub(super) fn change_passphrase(&mut self, current: Option<Passphrase>, new: Option<Passphrase>) {
        self.work("passphrase", move |profile| {
            Outcome::PassphraseChanged(profile.change_passphrase(current.as_ref(), new.as_ref(), now_unix()))
        });
    }

    pub(super) fn unlocked(&mut self, outcome: Result<Vault, ProfileError>) {
        let opened = outcome.and_then(|vault| {
            let failed = |error| ProfileError::Database(vault.path().to_owned(), error);
            let mut lost = Vec::new();
            let settings = or_lost(vault.settings(), "your settings", &mut lost).map_err(failed)?;
            let hosts = "the keys of the hosts that you reached by their addresses";
            let contacts = or_lost(vault.hosts(), hosts, &mut lost).map_err(failed)?;
            let identity = "your identity key (if you saved it in a file, import it in the settings after giving a name here)";
            let identity = or_lost(vault.identity(), identity, &mut lost).map_err(failed)?;
            self.tell_mended(&vault, &lost);
            Ok((vault, settings, contacts, identity))
        });
        match opened {
            Ok((vault, settings, contacts, identity)) => {
                self.tell_protection();
                self.opened(vault, settings, contacts, identity);
            }
            Err(
                error @ (ProfileError::WrongPassphrase { .. }
                | ProfileError::TooSoon { .. }
                | ProfileError::Database(_, StoreError::Busy)),
            ) => {
                self.tell_locked(Some(error.to_string()));
            }
            Err(error) => {
                self.is_damaged = error.is_damage();
                tell_failed(&self.teller, &error);
            }
        }
    }

    /// What was damaged, and what is lost with it.
    fn tell_mended(&self, vault: &Vault, lost: &[&str]) {
        let mut report: Vec<String> = vault.mended().map(ToString::to_string).into_iter().collect();
        if !lost.is_empty() {
            report.push(format!("These can't be read any more: {}.", lost.join(", ")));
        }
        if !report.is_empty() {
            let report = report.join(" ");
            self.teller.tell(Event::ProfileMended { report });
        }
    }

    pub(super) fn opened(
        &mut self,
        vault: Vault,
        settings: Settings,
        contacts: Contacts,
        identity: Option<Identity>,
    ) {
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
        if let Err(error) = spawn("wrap-key", Loss::Task, &self.teller, move || drop(wrap.wait())) {
            log::warn!("the wrap key will be made when it is needed: {error}");
        }
        self.teller.tell(Event::IdentityReady {
            fingerprint,
            settings,
        });
        self.tell_rooms();
    }

    /// Locks the profile; once the work is done that is under way, because it holds keys.
    pub(super) fn lock(&mut self, hosts_met: &Receiver<MetHost>) {
        if self.open.is_none() || !self.profile.has_passphrase() {
            return;
        }
        if self.working {
            self.wants_lock = true;
            return self.teller.tell(Event::Locking);
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

    /// Locks the profile when the work is over for which that had to wait.
    pub(super) fn lock_at_last(&mut self, hosts_met: &Receiver<MetHost>) {
        self.lock(hosts_met);
        // The work took the passphrase away: there is nothing to lock with, and what was hidden is shown again.
        if let Some(open) = &self.open
            && let Some(identity) = &open.identity
        {
            self.teller.tell(Event::IdentityReady {
                fingerprint: identity.fingerprint(),
                settings: open.settings.clone(),
            });
        }
    }

    pub(super) fn tell_locked(&self, reason: Option<String>) {
        let now = now_unix();
        self.teller.tell(Event::Locked {
            reason,
            until_unix: now + self.profile.wait_secs(now),
        });
    }

    pub(super) fn tell_protection(&self) {
        self.teller.tell(Event::ProtectionChanged {
            has_passphrase: self.profile.has_passphrase(),
        });
    }

    pub(super) fn keep_settings(&mut self, settings: Settings) {
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
}

/// What is told of a wish that can't be carried out beside the work that is under way; `None` for the others.
pub(super) fn refusal(command: &Command) -> Option<Event> {
    let reason = BUSY.to_owned();
    match command {
        Command::ChangePassphrase { .. } => Some(Event::PassphraseNotChanged { reason }),
        Command::ExportIdentity { .. }
        | Command::ImportIdentity { .. }
        | Command::ExportPublicKey { .. }
        | Command::ExportRoom { .. }
        | Command::BackUp { .. }
        | Command::Restore { .. } => Some(Event::FileFailed { reason }),
        _ => None,
    }
}

/// Opens the database once nobody holds it any more: who was reaching a host when the profile was locked lets go of it
/// when the host does not answer.
fn open_when_let_go_of(profile: &Profile, key: &VaultKey) -> Result<Vault, ProfileError> {
    let until = Instant::now() + LET_GO_TIMEOUT;
    loop {
        match profile.open_vault(key.clone()) {
            Err(ProfileError::Database(_, StoreError::Busy)) if Instant::now() < until => {
                let _ = after(LET_GO_INTERVAL).recv();
            }
            outcome => return outcome,
        }
    }
}

/// Tells that the profile can't be used.
pub(super) fn tell_failed(teller: &Teller, error: &ProfileError) {
    teller.tell(Event::ProfileFailed {
        reason: error.to_string(),
        is_damaged: error.is_damage(),
    });
}

/// What was read; where it is damaged, nothing, and its name among what is lost.
fn or_lost<T: Default>(
    read: Result<T, StoreError>,
    name: &'static str,
    lost: &mut Vec<&'static str>,
) -> Result<T, StoreError> {
    match read {
        Err(StoreError::Damaged { .. }) => {
            lost.push(name);
            Ok(T::default())
        }
        read => read,
    }
}
