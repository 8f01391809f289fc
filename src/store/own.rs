//! The records of which there is one each: the identity, the settings, the known hosts, the version.

use super::profile::to_json;
use super::{Contacts, Rows, Settings, StoreError, Table, Vault};
use crate::crypto::Identity;

const IDENTITY: &[u8] = b"identity";
const SETTINGS: &[u8] = b"settings";
const HOSTS: &[u8] = b"hosts";
const VERSION: &[u8] = b"version";

/// The form of the records that this program writes, and the newest that it reads. Since 2 several entries of a
/// log may stand in one record.
const RECORDS_VERSION: u8 = 3;

impl Vault {
    /// Refuses a database of a newer version, and marks a fresh or an older one with ours.
    pub(super) fn check_version(&self) -> Result<(), StoreError> {
        let found =
            self.read(|reading| Ok(reading.row(Table::Own, VERSION)?.map(|row| row.value().to_vec())))?;
        match found.as_deref() {
            Some([RECORDS_VERSION]) => Ok(()),
            Some([version]) if *version > RECORDS_VERSION => Err(StoreError::Newer),
            Some([]) | Some([_, _, ..]) => Err(StoreError::Newer),
            Some([_]) | None if self.is_read_only() => Ok(()),
            // What an older version wrote is read as it stands; what is written now, that one could not read.
            Some([_]) | None => self.write(|writing| writing.keep(Table::Own, VERSION, &[RECORDS_VERSION])),
        }
    }

    /// The identity; `None` before the first run is done.
    pub fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.read(|reading| {
            let Some(row) = reading.row(Table::Own, IDENTITY)? else {
                return Ok(None);
            };
            let pem = std::str::from_utf8(row.value()).map_err(|_| StoreError::damaged("the identity"))?;
            Identity::from_pem(pem)
                .map(Some)
                .map_err(|_| StoreError::damaged("the identity"))
        })
    }

    /// Keeps the identity and the settings of a first run together. Refuses to replace an identity.
    pub fn keep_identity(&self, identity: &Identity, settings: &Settings) -> Result<(), StoreError> {
        let pem = identity
            .to_pem()
            .map_err(|error| StoreError::System(error.to_string()))?;
        self.write(|writing| {
            match writing.row(Table::Own, IDENTITY) {
                Ok(None) => {}
                Ok(Some(_)) => return Err(StoreError::System("there is an identity already".to_owned())),
                // It can't be read any more; a copy of the file was put aside when that was found.
                Err(StoreError::Damaged { .. }) => {}
                Err(error) => return Err(error),
            }
            writing.keep(Table::Own, SETTINGS, &to_json(settings))?;
            writing.keep(Table::Own, IDENTITY, pem.as_bytes())
        })
    }

    /// Puts another identity in the place of the one that is there: the user imported it.
    pub fn replace_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        let pem = identity
            .to_pem()
            .map_err(|error| StoreError::System(error.to_string()))?;
        self.write(|writing| writing.keep(Table::Own, IDENTITY, pem.as_bytes()))
    }

    /// The settings; the defaults before they were ever kept.
    pub fn settings(&self) -> Result<Settings, StoreError> {
        self.json(SETTINGS, "the settings")
    }

    /// Keeps the settings.
    pub fn keep_settings(&self, settings: &Settings) -> Result<(), StoreError> {
        self.write(|writing| writing.keep(Table::Own, SETTINGS, &to_json(settings)))
    }

    /// The hosts known by their addresses.
    pub fn hosts(&self) -> Result<Contacts, StoreError> {
        self.json(HOSTS, "the known hosts")
    }

    /// Keeps the hosts known by their addresses.
    pub fn keep_hosts(&self, hosts: &Contacts) -> Result<(), StoreError> {
        self.write(|writing| writing.keep(Table::Own, HOSTS, &to_json(hosts)))
    }

    fn json<T: serde::de::DeserializeOwned + Default>(
        &self,
        key: &[u8],
        what: &str,
    ) -> Result<T, StoreError> {
        self.read(|reading| match reading.row(Table::Own, key)? {
            Some(row) => serde_json::from_slice(row.value()).map_err(|_| StoreError::damaged(what)),
            None => Ok(T::default()),
        })
    }
}
