//! The profile folder: one running program at a time, a key file, and the sealed database.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::key_file::{Attempts, KeyFile, KeyFileFault};
use super::{StoreError, Vault, migration};
use crate::crypto::{CryptoError, Passphrase, VaultKey};
use crate::files::{ReadError, read_text, size};

/// A profile folder that nobody else can open until this is dropped. Its database may still be locked.
#[derive(Debug)]
pub struct Profile {
    folder: PathBuf,
    _lock: File,
}

/// How a profile stands before it is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProfileState {
    /// There is nothing yet: the first run.
    New,
    /// It has no passphrase, or is still in the form of version 0.1.
    Open,
    /// Its passphrase is needed.
    Locked,
}

/// Why a profile can't be used.
#[derive(Debug)]
pub enum ProfileError {
    /// The platform names no folder for application data.
    NoFolder,
    /// Another running program has it open.
    InUse(PathBuf),
    /// The folder can't be made or written to.
    NotWritable(PathBuf, io::Error),
    /// A file that was to be written somewhere else can't be.
    FileNotWritable(PathBuf, io::Error),
    /// A file can't be read.
    NotReadable(PathBuf, io::Error),
    /// A file can't be understood. It was left as it is.
    Damaged(PathBuf),
    /// A file is not one that this program wrote, as this says. It was left as it is.
    Foreign(PathBuf, String),
    /// There is a database, and the key to it is gone.
    KeyMissing(PathBuf),
    /// There is a key, and its database is gone or empty.
    DatabaseMissing(PathBuf),
    /// A newer version of the program wrote it.
    Newer(PathBuf),
    /// The passphrase is wrong.
    WrongPassphrase {
        /// How long to wait before the next attempt.
        wait_secs: u64,
    },
    /// Too many wrong passphrases were given just before.
    TooSoon {
        /// How long to wait.
        wait_secs: u64,
    },
    /// The database can't be used.
    Database(PathBuf, StoreError),
    /// Something of ours failed.
    Failed(String),
}

impl ProfileError {
    /// Whether the profile's own files are damaged or lost, so that one can only begin anew or restore a backup.
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            ProfileError::Damaged(_)
                | ProfileError::Foreign(..)
                | ProfileError::KeyMissing(_)
                | ProfileError::DatabaseMissing(_)
                | ProfileError::Database(_, StoreError::Damaged { .. })
        )
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProfileError::NoFolder => {
                f.write_str("this system names no folder for application data; give one with --profile")
            }
            ProfileError::InUse(path) => write!(
                f,
                "Cipher Room is already running with the profile {}; close it, or choose another folder with --profile",
                path.display()
            ),
            ProfileError::NotWritable(path, error) => write!(
                f,
                "the profile folder {} can't be written to ({error}); make it writable, or choose another with --profile",
                path.display()
            ),
            ProfileError::FileNotWritable(path, error) => write!(
                f,
                "{} can't be written ({error}); choose another place, in a folder where you can make files",
                path.display()
            ),
            ProfileError::NotReadable(path, error) => {
                write!(f, "{} can't be read ({error})", path.display())
            }
            ProfileError::Damaged(path) => write!(
                f,
                "{} is damaged and was left as it is; put back a copy of it, or move it away to begin anew",
                path.display()
            ),
            ProfileError::Foreign(path, why) => write!(
                f,
                "{} {why}; it was left as it is; put back the right file, or move this one away to begin anew",
                path.display()
            ),
            ProfileError::DatabaseMissing(path) => write!(
                f,
                "{} is missing or empty: your key, your contacts and your rooms were in it; put back a copy of it, or restore a backup",
                path.display()
            ),
            ProfileError::KeyMissing(path) => write!(
                f,
                "{} is missing, and without it the database beside it can't be opened; put back a copy of it",
                path.display()
            ),
            ProfileError::Newer(path) => write!(
                f,
                "{} was written by a newer version of Cipher Room, which this one would damage; use the newer version, or choose another folder with --profile",
                path.display()
            ),
            ProfileError::WrongPassphrase { wait_secs } => {
                write!(
                    f,
                    "the passphrase is wrong; the next attempt is possible in {wait_secs} s"
                )
            }
            ProfileError::TooSoon { wait_secs } => write!(
                f,
                "too many wrong passphrases were given; the next attempt is possible in {wait_secs} s"
            ),
            ProfileError::Database(path, error) => write!(f, "{}: {error}", path.display()),
            ProfileError::Failed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for ProfileError {}

impl Profile {
    /// The folder that the platform has for this application's data.
    pub fn default_folder() -> Result<PathBuf, ProfileError> {
        directories::ProjectDirs::from("", "", "cipher-room")
            .map(|dirs| dirs.data_dir().to_owned())
            .ok_or(ProfileError::NoFolder)
    }

    /// Opens a folder, making it when it is not there, and keeps other programs out.
    pub fn open(folder: &Path) -> Result<Profile, ProfileError> {
        let not_writable = |error| ProfileError::NotWritable(folder.to_owned(), error);
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(not_writable)?;
            // Only a folder of our own making: the rights of another are its owner's affair.
            restrict(folder, 0o700).map_err(not_writable)?;
        }
        let lock = lock_file(&folder.join(LOCK_FILE)).map_err(not_writable)?;
        match lock.try_lock() {
            Ok(()) => {
                if let Err(error) = super::backup::finish_restore(folder) {
                    log::warn!("what a restore left behind can't be cleaned away: {error}");
                }
                if let Err(error) = finish_create(folder) {
                    log::warn!("what a first run left behind can't be cleaned away: {error}");
                }
                Ok(Profile {
                    folder: folder.to_owned(),
                    _lock: lock,
                })
            }
            Err(fs::TryLockError::WouldBlock) => Err(ProfileError::InUse(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(not_writable(error)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// How it stands.
    pub fn state(&self) -> Result<ProfileState, ProfileError> {
        Ok(match self.key_file()? {
            Some(KeyFile::Plain(_)) => ProfileState::Open,
            Some(KeyFile::Wrapped { .. }) => ProfileState::Locked,
            None if migration::is_due(&self.folder) => ProfileState::Open,
            None => ProfileState::New,
        })
    }

    /// How long to wait before a passphrase may be given again, after wrong ones.
    pub fn wait_secs(&self, now_unix: u64) -> u64 {
        self.attempts(now_unix).wait_secs(now_unix)
    }

    /// Makes the vault of a new profile. With a passphrase a few tenths of a second: call it on a thread.
    pub fn create(&self, passphrase: Option<&Passphrase>) -> Result<Vault, ProfileError> {
        if self.key_file()?.is_some() {
            return Err(ProfileError::Damaged(self.folder.join(KEY_FILE)));
        }
        let key = VaultKey::generate(&mut rand::rng());
        let file = match passphrase {
            Some(passphrase) => KeyFile::wrap(&key, passphrase)?,
            None => KeyFile::Plain(key.clone()),
        };
        // Beside its place first: a crash leaves nothing, or both files but for a new name (`finish_create`).
        let part = self.folder.join(DATABASE_NEW);
        let failed = |error| ProfileError::NotWritable(self.folder.clone(), error);
        let _ = fs::remove_file(&part);
        drop(Vault::open(&part, key.clone()).map_err(|error| ProfileError::Database(part, error))?);
        self.write(KEY_FILE, file.to_text().as_bytes())?;
        finish_create(&self.folder).map_err(failed)?;
        self.open_vault(key)
    }

    /// Opens the vault. A profile in the form of version 0.1 is taken over, without a passphrase. With a
    /// passphrase a few tenths of a second: call it on a thread.
    pub fn unlock(&self, passphrase: Option<&Passphrase>, now_unix: u64) -> Result<Vault, ProfileError> {
        let Some(file) = self.key_file()? else {
            return match self.state()? {
                ProfileState::Open => self.create(None),
                _ => Err(ProfileError::Failed("the profile is not set up yet".to_owned())),
            };
        };
        let key = self.check_passphrase(&file, passphrase, now_unix)?;
        self.open_vault(key)
    }

    /// The first half of [`Profile::unlock`]: checks the passphrase and derives the key, a few tenths of a second.
    pub fn unlock_key(&self, passphrase: &Passphrase, now_unix: u64) -> Result<VaultKey, ProfileError> {
        let file = self.set_up_key_file()?;
        self.check_passphrase(&file, Some(passphrase), now_unix)
    }

    fn set_up_key_file(&self) -> Result<KeyFile, ProfileError> {
        self.key_file()?
            .ok_or_else(|| ProfileError::Failed("the profile is not set up yet".to_owned()))
    }

    /// Moves the files of a profile that can't be used into a folder beside the new ones; gives that folder. What is in them
    /// stays as it is. The profile is new then.
    pub fn put_aside(&self, now_unix: u64) -> Result<PathBuf, ProfileError> {
        let failed = |error| ProfileError::NotWritable(self.folder.clone(), error);
        let aside = self.folder.join(format!("put-aside-{now_unix}"));
        fs::create_dir(&aside).map_err(failed)?;
        restrict(&aside, 0o700).map_err(failed)?;
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            // Links, pipes and devices too: what stands in the place of a file is in the way as well.
            if entry.file_name() != LOCK_FILE && !entry.file_type().map_err(failed)?.is_dir() {
                files.push(entry.file_name());
            }
        }
        // The database last: while it is there, nothing is taken for a new profile.
        files.sort_by_key(|name| name == DATABASE_FILE);
        for name in files {
            fs::rename(self.folder.join(&name), aside.join(&name)).map_err(failed)?;
        }
        Ok(aside)
    }

    /// Whether the profile has a passphrase.
    pub fn has_passphrase(&self) -> bool {
        matches!(self.key_file(), Ok(Some(KeyFile::Wrapped { .. })))
    }

    /// Sets, changes or takes away the passphrase. Nothing but the key file is written anew. Twice a few
    /// tenths of a second.
    pub fn change_passphrase(
        &self,
        current: Option<&Passphrase>,
        new: Option<&Passphrase>,
        now_unix: u64,
    ) -> Result<(), ProfileError> {
        let file = self.set_up_key_file()?;
        let key = self.check_passphrase(&file, current, now_unix)?;
        let file = match new {
            Some(new) => KeyFile::wrap(&key, new)?,
            None => KeyFile::Plain(key),
        };
        self.write(KEY_FILE, file.to_text().as_bytes())
    }

    fn check_passphrase(
        &self,
        file: &KeyFile,
        passphrase: Option<&Passphrase>,
        now_unix: u64,
    ) -> Result<VaultKey, ProfileError> {
        let attempts = self.attempts(now_unix);
        let wait_secs = attempts.wait_secs(now_unix);
        if matches!(file, KeyFile::Wrapped { .. }) && wait_secs > 0 {
            return Err(ProfileError::TooSoon { wait_secs });
        }
        let opened = file
            .open(passphrase)
            .map_err(|_| ProfileError::Damaged(self.folder.join(KEY_FILE)))?;
        match opened {
            Some(key) => {
                if attempts != Attempts::default() {
                    let _ = fs::remove_file(self.folder.join(ATTEMPTS_FILE));
                }
                Ok(key)
            }
            None => {
                let attempts = attempts.one_more(now_unix);
                self.keep_attempts(&attempts);
                Err(ProfileError::WrongPassphrase {
                    wait_secs: attempts.wait_secs(now_unix),
                })
            }
        }
    }

    /// The second half of [`Profile::unlock`].
    pub fn open_vault(&self, key: VaultKey) -> Result<Vault, ProfileError> {
        let path = self.folder.join(DATABASE_FILE);
        // A new one in its place would look as if nothing had ever been kept.
        if fs::metadata(&path).map_or(true, |file| file.len() == 0) {
            return Err(ProfileError::DatabaseMissing(path));
        }
        let failed = |error| match error {
            StoreError::Newer => ProfileError::Newer(path.clone()),
            error => ProfileError::Database(path.clone(), error),
        };
        let vault = Vault::open(&path, key).map_err(failed)?;
        vault.check_version().map_err(failed)?;
        migration::take_over(&self.folder, &vault)?;
        Ok(vault)
    }

    /// The wrong passphrases that were given. One that was given later than now, by a clock that was ahead, counts from
    /// now on, and is kept so: the delay runs once.
    fn attempts(&self, now_unix: u64) -> Attempts {
        let kept: Attempts = read_text(&self.folder.join(ATTEMPTS_FILE), MAX_SMALL_BYTES)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        let attempts = kept.until(now_unix);
        if attempts != kept {
            self.keep_attempts(&attempts);
        }
        attempts
    }

    fn keep_attempts(&self, attempts: &Attempts) {
        // On a read-only disk the delay holds for this run only; there is nothing else to do.
        if let Err(error) = self.write(ATTEMPTS_FILE, &to_json(attempts)) {
            log::warn!("the wrong passphrase could not be counted: {error}");
        }
    }

    fn key_file(&self) -> Result<Option<KeyFile>, ProfileError> {
        let path = self.folder.join(KEY_FILE);
        let Some(text) = read(&path, MAX_SMALL_BYTES)? else {
            return match self.folder.join(DATABASE_FILE).exists() {
                // A database without its key must not be taken for a new profile.
                true => Err(ProfileError::KeyMissing(path)),
                false => Ok(None),
            };
        };
        match KeyFile::parse(&text) {
            Ok(file) => Ok(Some(file)),
            Err(KeyFileFault::Newer) => Err(ProfileError::Newer(path)),
            Err(KeyFileFault::Damaged) => Err(ProfileError::Damaged(path)),
        }
    }

    /// Writes a new file beside the old one, makes it durable, and puts it in its place.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ProfileError> {
        place_file(&self.folder, name, bytes)
            .map_err(|error| ProfileError::NotWritable(self.folder.clone(), error))
    }
}

/// Longest of the small files: the vault key, an identity, settings.
pub(super) const MAX_SMALL_BYTES: u64 = 64 << 10;
/// Keeps other programs out.
const LOCK_FILE: &str = "lock";
/// The vault key.
pub(super) const KEY_FILE: &str = "vault.json";
/// Everything else.
pub(super) const DATABASE_FILE: &str = "vault.redb";
/// The database of a profile that is being made.
const DATABASE_NEW: &str = "vault.redb.first";
/// How often a wrong passphrase was given.
const ATTEMPTS_FILE: &str = "attempts.json";

/// Ends the making of a profile that was interrupted: its database gets its name if there is the key to it, and goes if
/// there is none.
fn finish_create(folder: &Path) -> io::Result<()> {
    let (part, database) = (folder.join(DATABASE_NEW), folder.join(DATABASE_FILE));
    if !part.exists() {
        return Ok(());
    }
    match folder.join(KEY_FILE).exists() && !database.exists() {
        true => fs::rename(part, database)?,
        false => fs::remove_file(part)?,
    }
    // The new name itself must outlive a power cut.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Writes a new file beside the old one, makes it durable, and puts it in its place: a crash leaves the
/// old or the new, never half of either.
pub(super) fn place_file(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let new = folder.join(format!("{name}.new"));
    write_beside(&new, &folder.join(name), |file| file.write_all(bytes))?;
    // The new name itself must outlive a power cut.
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    Ok(())
}

/// Writes a file somewhere else than into the profile, through one beside it whose name ends in `.part`. Where that
/// fails, what stood there before stays as it was.
pub(super) fn write_whole<T, E: From<io::Error>>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, E>,
) -> Result<T, E> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    write_beside(Path::new(&part), path, write)
}

/// Why a file was not written that is filled from the database.
#[derive(Debug)]
pub(super) enum Unwritten {
    /// The file itself can't be written.
    File(io::Error),
    /// What was to stand in it can't be read from the profile.
    Database(StoreError),
}

impl Unwritten {
    /// Says it of this file, and of this database.
    pub(super) fn of(self, path: &Path, database: &Path) -> ProfileError {
        match self {
            Unwritten::File(error) => ProfileError::FileNotWritable(path.to_owned(), error),
            Unwritten::Database(error) => ProfileError::Database(database.to_owned(), error),
        }
    }
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Unwritten {
        Unwritten::File(error)
    }
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Unwritten {
        Unwritten::Database(error)
    }
}

/// Writes a file under the name `part`, for its owner only, and gives it its own name once it is whole and durable. Where
/// that fails, the part is removed.
fn write_beside<T, E: From<io::Error>>(
    part: &Path,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T, E>,
) -> Result<T, E> {
    let mut file = BufWriter::new(owner_only(part)?);
    let written = write(&mut file).and_then(|value| {
        file.flush()?;
        file.get_ref().sync_all()?;
        fs::rename(part, path)?;
        Ok(value)
    });
    drop(file);
    if written.is_err() {
        let _ = fs::remove_file(part);
    }
    written
}

/// Reads a text of at most so many bytes; `None` when there is no such file.
pub(super) fn read(path: &Path, limit: u64) -> Result<Option<String>, ProfileError> {
    let foreign = |why: String| Err(ProfileError::Foreign(path.to_owned(), why));
    match read_text(path, limit) {
        Ok(text) => Ok(Some(text)),
        Err(ReadError::Failed(error)) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(ReadError::Failed(error)) => Err(ProfileError::NotReadable(path.to_owned(), error)),
        Err(ReadError::NoText) => Err(ProfileError::Damaged(path.to_owned())),
        Err(ReadError::NoFile) => foreign("is a device or a pipe, not a file".to_owned()),
        Err(ReadError::TooLong { limit }) => {
            foreign(format!("is longer than {}, and no such file is", size(limit)))
        }
    }
}

/// What to say of an identity in a file that can't be used.
pub(super) fn bad_identity(path: &Path, error: CryptoError) -> ProfileError {
    match error {
        CryptoError::KeyLength { .. } => {
            ProfileError::Foreign(path.to_owned(), format!("can't be used: {error}"))
        }
        _ => ProfileError::Damaged(path.to_owned()),
    }
}

/// Reads JSON of the form of version 0.1; the default when there is no such file.
pub(super) fn read_json<T: DeserializeOwned + Default>(path: &Path, limit: u64) -> Result<T, ProfileError> {
    match read(path, limit)? {
        Some(text) => serde_json::from_str(&text).map_err(|_| ProfileError::Damaged(path.to_owned())),
        None => Ok(T::default()),
    }
}

/// Writes a value as JSON.
#[expect(clippy::expect_used, reason = "our own value")]
pub(super) fn to_json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("what is kept as JSON is plain")
}

/// Creates a file that only its owner can read, from the first byte on.
pub(super) fn owner_only(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(path, 0o600)?;
    Ok(file)
}

/// On a read-only disk the lock of the run that made it will do.
fn lock_file(path: &Path) -> io::Result<File> {
    let made = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path);
    made.or_else(|error| match error.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            File::open(path).map_err(|_| error)
        }
        _ => Err(error),
    })
}

#[cfg(unix)]
fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

/// Other systems give the user's data folder to that user alone.
#[cfg(not(unix))]
fn restrict(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
