//! The profile folder: who this is, for one running program at a time.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::{Contacts, Settings};
use crate::crypto::Identity;

/// An open profile folder. Nobody else can open it until this is dropped.
#[derive(Debug)]
pub struct Profile {
    folder: PathBuf,
    _lock: File,
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
    /// A file can't be read.
    NotReadable(PathBuf, io::Error),
    /// A file can't be understood. It was left as it is.
    Damaged(PathBuf),
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
            ProfileError::NotReadable(path, error) => {
                write!(f, "{} can't be read ({error})", path.display())
            }
            ProfileError::Damaged(path) => write!(
                f,
                "{} is damaged and was left as it is; put back a copy of it, or move it away to begin anew",
                path.display()
            ),
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

    /// Opens a folder, making it when it is not there, and locks it.
    pub fn open(folder: &Path) -> Result<Profile, ProfileError> {
        let not_writable = |error| ProfileError::NotWritable(folder.to_owned(), error);
        if !folder.is_dir() {
            fs::create_dir_all(folder).map_err(not_writable)?;
            // Only a folder of our own making: the rights of another are its owner's affair.
            restrict(folder, 0o700).map_err(not_writable)?;
        }
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(folder.join(LOCK_FILE))
            .map_err(not_writable)?;
        match lock.try_lock() {
            Ok(()) => Ok(Profile {
                folder: folder.to_owned(),
                _lock: lock,
            }),
            Err(fs::TryLockError::WouldBlock) => Err(ProfileError::InUse(folder.to_owned())),
            Err(fs::TryLockError::Error(error)) => Err(not_writable(error)),
        }
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Reads the identity; `None` before the first run is done.
    pub fn identity(&self) -> Result<Option<Identity>, ProfileError> {
        let path = self.folder.join(IDENTITY_FILE);
        let Some(pem) = self.read(IDENTITY_FILE)?.map(Zeroizing::new) else {
            return Ok(None);
        };
        Identity::from_pem(&pem)
            .map(Some)
            .map_err(|_| ProfileError::Damaged(path))
    }

    /// Writes the identity, readable by its owner only. Refuses to replace one.
    pub fn keep_identity(&self, identity: &Identity) -> Result<(), ProfileError> {
        let path = self.folder.join(IDENTITY_FILE);
        if path.exists() {
            return Err(ProfileError::Damaged(path));
        }
        let pem = identity.to_pem().map_err(|_| ProfileError::Damaged(path))?;
        self.write(IDENTITY_FILE, pem.as_bytes())
    }

    /// Reads the settings; the defaults before they were ever written.
    pub fn settings(&self) -> Result<Settings, ProfileError> {
        self.read_json(SETTINGS_FILE)
    }

    /// Writes the settings.
    pub fn keep_settings(&self, settings: &Settings) -> Result<(), ProfileError> {
        self.write_json(SETTINGS_FILE, settings)
    }

    /// Reads the known hosts.
    pub fn contacts(&self) -> Result<Contacts, ProfileError> {
        self.read_json(CONTACTS_FILE)
    }

    /// Writes the known hosts.
    pub fn keep_contacts(&self, contacts: &Contacts) -> Result<(), ProfileError> {
        self.write_json(CONTACTS_FILE, contacts)
    }

    fn read(&self, name: &str) -> Result<Option<String>, ProfileError> {
        let path = self.folder.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(ProfileError::Damaged(path)),
            Err(error) => Err(ProfileError::NotReadable(path, error)),
        }
    }

    fn read_json<T: DeserializeOwned + Default>(&self, name: &str) -> Result<T, ProfileError> {
        match self.read(name)? {
            Some(text) => {
                serde_json::from_str(&text).map_err(|_| ProfileError::Damaged(self.folder.join(name)))
            }
            None => Ok(T::default()),
        }
    }

    fn write_json<T: Serialize>(&self, name: &str, value: &T) -> Result<(), ProfileError> {
        let text = serde_json::to_string_pretty(value).expect("settings and contacts are plain JSON");
        self.write(name, text.as_bytes())
    }

    /// Writes a new file beside the old one, makes it durable, and puts it in its place.
    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), ProfileError> {
        let new = self.folder.join(format!("{name}.new"));
        let place = || -> io::Result<()> {
            let mut file = owner_only(&new)?;
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&new, self.folder.join(name))?;
            // The new name itself must outlive a power cut.
            #[cfg(unix)]
            File::open(&self.folder)?.sync_all()?;
            Ok(())
        };
        place().map_err(|error| ProfileError::NotWritable(self.folder.clone(), error))
    }
}

const LOCK_FILE: &str = "lock";
const IDENTITY_FILE: &str = "identity.pem";
const SETTINGS_FILE: &str = "settings.json";
const CONTACTS_FILE: &str = "contacts.json";

/// Creates a file that only its owner can read, from the first byte on.
fn owner_only(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    restrict(path, 0o600)?;
    Ok(file)
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
mod tests {
    use super::*;
    use crate::crypto::test_keys::{ADA, BOB};

    #[test]
    fn an_identity_is_kept_over_restarts_and_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let ada = Identity::from_pem(ADA).unwrap();
        {
            let profile = Profile::open(folder.path()).unwrap();
            assert!(profile.identity().unwrap().is_none());
            profile.keep_identity(&ada).unwrap();
        }
        let profile = Profile::open(folder.path()).unwrap();
        assert_eq!(
            profile.identity().unwrap().unwrap().fingerprint(),
            ada.fingerprint()
        );
        assert!(profile.keep_identity(&Identity::from_pem(BOB).unwrap()).is_err());
        assert_eq!(
            profile.identity().unwrap().unwrap().fingerprint(),
            ada.fingerprint()
        );
    }

    #[cfg(unix)]
    #[test]
    fn the_key_file_is_readable_by_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(&folder.path().join("new")).unwrap();
        profile.keep_identity(&Identity::from_pem(ADA).unwrap()).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&profile.folder.join(IDENTITY_FILE)), 0o600);
        assert_eq!(mode(&profile.folder), 0o700);
    }

    #[cfg(unix)]
    #[test]
    fn the_rights_of_a_folder_that_was_there_are_left_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let profile = Profile::open(folder.path()).unwrap();
        assert_eq!(
            fs::metadata(&profile.folder).unwrap().permissions().mode() & 0o777,
            0o755
        );
    }

    #[test]
    fn a_second_program_on_one_profile_is_told_so() {
        let folder = tempfile::tempdir().unwrap();
        let first = Profile::open(folder.path()).unwrap();
        assert!(matches!(
            Profile::open(folder.path()),
            Err(ProfileError::InUse(_))
        ));
        drop(first);
        assert!(Profile::open(folder.path()).is_ok());
    }

    #[test]
    fn a_damaged_file_is_reported_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(folder.path()).unwrap();
        for (name, bytes) in [
            (IDENTITY_FILE, &b"-----BEGIN"[..]),
            (SETTINGS_FILE, b"{"),
            (CONTACTS_FILE, b"\xff"),
        ] {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        assert!(matches!(profile.identity(), Err(ProfileError::Damaged(_))));
        assert!(matches!(profile.settings(), Err(ProfileError::Damaged(_))));
        assert!(matches!(profile.contacts(), Err(ProfileError::Damaged(_))));
        assert!(profile.keep_identity(&Identity::from_pem(ADA).unwrap()).is_err());
        assert_eq!(
            fs::read(folder.path().join(IDENTITY_FILE)).unwrap(),
            b"-----BEGIN"
        );
    }

    #[test]
    fn a_folder_that_is_a_file_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, b"x").unwrap();
        assert!(matches!(Profile::open(&path), Err(ProfileError::NotWritable(..))));
    }

    #[test]
    fn settings_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let profile = Profile::open(folder.path()).unwrap();
        assert_eq!(profile.settings().unwrap(), Settings::default());
        let settings = Settings {
            name: "Ada ✈".to_owned(),
            port: 9,
            ..Settings::default()
        };
        profile.keep_settings(&settings).unwrap();
        assert_eq!(profile.settings().unwrap(), settings);
    }
}
