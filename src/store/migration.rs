//! Takes over a profile of version 0.1: `identity.pem`, `settings.json` and `contacts.json` in clear.
//!
//! What is taken over is read back from the database before the old files go. A file that can't be
//! understood stops everything and stays as it is.

use std::fs;
use std::path::Path;

use zeroize::Zeroizing;

use super::profile::{DATABASE_FILE, MAX_SMALL_BYTES, bad_identity, read, read_json};
use super::{Contacts, ProfileError, Settings, StoreError, Vault};
use crate::crypto::Identity;

const IDENTITY_FILE: &str = "identity.pem";
const SETTINGS_FILE: &str = "settings.json";
const CONTACTS_FILE: &str = "contacts.json";
/// Tens of thousands of people.
const MAX_CONTACTS_BYTES: u64 = 16 << 20;

/// Whether a folder holds a profile of version 0.1.
pub(super) fn is_due(folder: &Path) -> bool {
    [IDENTITY_FILE, SETTINGS_FILE, CONTACTS_FILE]
        .iter()
        .any(|name| folder.join(name).exists())
}

/// Takes the old files over into the vault, then removes them. Does nothing where there are none.
pub(super) fn take_over(folder: &Path, vault: &Vault) -> Result<(), ProfileError> {
    if !is_due(folder) || vault.is_read_only() {
        return Ok(());
    }
    let settings: Settings = read_json(&folder.join(SETTINGS_FILE), MAX_SMALL_BYTES)?;
    let contacts: Contacts = read_json(&folder.join(CONTACTS_FILE), MAX_CONTACTS_BYTES)?;
    let identity_path = folder.join(IDENTITY_FILE);
    let identity = match read(&identity_path, MAX_SMALL_BYTES)?.map(Zeroizing::new) {
        Some(pem) => Some(Identity::from_pem(&pem).map_err(|error| bad_identity(&identity_path, error))?),
        None => None,
    };
    let failed = |error: StoreError| ProfileError::Database(folder.join(DATABASE_FILE), error);
    let kept = vault.identity().map_err(failed)?;
    match (&identity, &kept) {
        (Some(old), Some(kept)) if old.fingerprint() != kept.fingerprint() => {
            // Two identities: nobody but the user can say which. Nothing is removed.
            log::warn!(
                "{} holds another identity than the profile and was left alone",
                identity_path.display()
            );
            return Ok(());
        }
        // Taken over before; only the removal was cut short.
        (Some(_), Some(_)) => {}
        (Some(old), None) => {
            vault.keep_hosts(&contacts).map_err(failed)?;
            vault.keep_identity(old, &settings).map_err(failed)?;
        }
        (None, None) => {
            vault.keep_hosts(&contacts).map_err(failed)?;
            vault.keep_settings(&settings).map_err(failed)?;
        }
        (None, Some(_)) => {}
    }
    if let Some(old) = &identity {
        let kept = vault.identity().map_err(failed)?;
        if kept.map(|kept| kept.fingerprint()) != Some(old.fingerprint()) {
            return Err(failed(StoreError::damaged(
                "the identity that was just taken over",
            )));
        }
    }
    for name in [IDENTITY_FILE, SETTINGS_FILE, CONTACTS_FILE] {
        let path = folder.join(name);
        if let Err(error) = fs::remove_file(&path)
            && path.exists()
        {
            return Err(ProfileError::NotWritable(folder.to_owned(), error));
        }
    }
    Ok(())
}
