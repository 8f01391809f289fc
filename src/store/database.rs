//! The sealed database: transactions over opaque tables. Knows keys and bytes, not what they mean.
//!
//! One `redb` file. The names of its tables and the keys in them are HMACs, its values are sealed with
//! AES-256-GCM and padded (`crypto::TableKeys`), so that the file tells how many records there are and
//! roughly how long, and nothing else.

mod copies;
mod file;
mod salvage;
mod table;
mod transaction;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use redb::backends::InMemoryBackend;
use redb::{Builder, ReadTransaction, ReadableDatabase, ReadableTable};
use redb::{TableDefinition, TableError, WriteTransaction};

use self::copies::Found;
pub use self::file::Mended;
use self::file::{OpenFile, caught};
pub use self::table::Table;
pub use self::transaction::{LookUp, Reading, Rows, Writing};
use super::StoreError;
use crate::crypto::{OPAQUE_BYTES, TableKeys, VaultKey};

/// An open database with the keys to it. Clones share both; the keys are zeroed when the last is dropped.
#[derive(Clone)]
pub struct Vault(Arc<Shared>);

struct Shared {
    path: PathBuf,
    /// Reopened after a failed write: `redb` answers nothing more until then.
    file: RwLock<OpenFile>,
    keys: Vec<(TableKeys, String)>,
    key: VaultKey,
    /// How the file was before it was opened, until something is written to it.
    found: Mutex<Option<Found>>,
    /// Whether a damaged file was copied in this run.
    copied: AtomicBool,
    mended: Option<Mended>,
    #[cfg(test)]
    disk_full: AtomicBool,
}

/// Takes one record as it stands in the file: the number of its table, its key, its sealed value.
pub(super) type GiveRecord<'a> = dyn FnMut(u8, &[u8; OPAQUE_BYTES], &[u8]) -> io::Result<()> + 'a;

type Row<'a> = TableDefinition<'a, &'static [u8; OPAQUE_BYTES], &'static [u8]>;

impl Vault {
    /// Opens a database, making it when it is not there. One on a read-only disk can be read only, one that is damaged is
    /// mended as far as it goes: [`Vault::mended`] tells how.
    pub fn open(path: &Path, key: VaultKey) -> Result<Vault, StoreError> {
        let keys = table_keys(&key);
        let tables: Vec<Row<'_>> = keys.iter().map(|(_, name)| TableDefinition::new(name)).collect();
        let found = Found::of(path);
        let (file, mended) = file::open_or_mend(path, found.as_ref(), &key, &tables)?;
        // What was mended is another file.
        let found = found.filter(|_| mended.is_none());
        Ok(Vault::with(path.to_owned(), file, key, found, mended))
    }

    /// A database in memory, under a key of its own: it ends with the last clone.
    pub fn in_memory() -> Result<Vault, StoreError> {
        let database = Builder::new().create_with_backend(InMemoryBackend::new())?;
        let key = VaultKey::generate(&mut rand::rng());
        Ok(Vault::with(
            PathBuf::new(),
            OpenFile::Writable(database),
            key,
            None,
            None,
        ))
    }

    fn with(
        path: PathBuf,
        file: OpenFile,
        key: VaultKey,
        found: Option<Found>,
        mended: Option<Mended>,
    ) -> Vault {
        Vault(Arc::new(Shared {
            path,
            file: RwLock::new(file),
            keys: table_keys(&key),
            key,
            found: Mutex::new(found),
            copied: AtomicBool::new(mended.is_some()),
            mended,
            #[cfg(test)]
            disk_full: AtomicBool::new(false),
        }))
    }

    /// What was done to the file when it was opened, if it was damaged.
    pub fn mended(&self) -> Option<&Mended> {
        self.0.mended.as_ref()
    }

    /// Where the database lies; empty when it is in memory.
    pub fn path(&self) -> &Path {
        &self.0.path
    }

    /// The key to everything, to wrap it anew.
    pub fn key(&self) -> &VaultKey {
        &self.0.key
    }

    /// Whether nothing can be kept.
    pub fn is_read_only(&self) -> bool {
        let file = self.0.file.read().unwrap_or_else(PoisonError::into_inner);
        !matches!(*file, OpenFile::Writable(_))
    }

    /// Reads in one transaction: a state of the database that does not change meanwhile.
    pub fn read<T>(&self, work: impl FnOnce(&Reading<'_>) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.guarded(|| {
            let transaction = self.begin_read()?;
            let reading = Reading {
                vault: self,
                transaction,
            };
            work(&reading)
        })
    }

    /// Writes in one transaction. When this returns `Ok`, everything is on the disk and survives a crash;
    /// when it returns `Err`, nothing of it is kept. Writers wait for each other.
    pub fn write<T>(
        &self,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.guarded(|| {
            let mut transaction = self.begin_write()?;
            transaction.set_quick_repair(self.is_large());
            let mut writing = Writing {
                vault: self,
                transaction,
            };
            let value = work(&mut writing)?;
            match writing.transaction.commit().map_err(StoreError::from) {
                Ok(()) => {
                    self.forget_found();
                    Ok(value)
                }
                Err(error) => {
                    // The next transaction may find space again.
                    self.reopen(&error);
                    Err(error)
                }
            }
        })
    }

    /// Does something with the file. One that was damaged from outside can make the database panic: that is
    /// an error here. At the first damage that is found, a copy of the file is put aside.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let outcome = caught(A_PAGE, work);
        if matches!(outcome, Err(StoreError::Damaged { .. })) {
            self.copy_aside_once();
        }
        outcome
    }

    /// Puts a copy of the damaged file aside, unless that was done in this run.
    pub(super) fn copy_aside_once(&self) {
        if self.0.copied.swap(true, Ordering::Relaxed) {
            return;
        }
        // Before anything more is written to it.
        let found = self.found().clone();
        match copies::copy_aside(&self.0.path, found.as_ref(), &self.0.key) {
            Ok(copy) => log::warn!("the database is damaged; a copy stands as {}", copy.display()),
            Err(error) => log::warn!("the database is damaged and could not be copied: {error}"),
        }
    }

    fn found(&self) -> MutexGuard<'_, Option<Found>> {
        self.0.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The file is not as it was found any more.
    fn forget_found(&self) {
        *self.found() = None;
    }

    /// Gives every record as it stands in the file, in one transaction: the number of its table, its
    /// key, its sealed value.
    pub(super) fn each_record(&self, give: &mut GiveRecord<'_>) -> Result<(), StoreError> {
        self.guarded(|| {
            let transaction = self.begin_read()?;
            for table in Table::ALL {
                let (_, definition) = self.keys(table);
                let rows = match transaction.open_table(definition) {
                    Ok(rows) => rows,
                    Err(TableError::TableDoesNotExist(_)) => continue,
                    Err(error) => return Err(error.into()),
                };
                for row in rows.iter()? {
                    let (key, value) = row?;
                    give(table as u8, key.value(), value.value())?;
                }
            }
            Ok(())
        })
    }

    /// Puts records as another file of the same vault had them. Tables of newer versions are left out.
    pub(super) fn put_records(&self, records: &[super::backup::Record]) -> Result<(), StoreError> {
        let transaction = self.begin_write()?;
        for table in Table::ALL {
            let (_, definition) = self.keys(table);
            let mut rows = transaction.open_table(definition)?;
            for (number, key, value) in records {
                if *number == table as u8 {
                    rows.insert(key, value.as_slice())?;
                }
            }
        }
        transaction.commit()?;
        self.forget_found();
        Ok(())
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        let begin = || {
            let file = self.0.file.read().unwrap_or_else(PoisonError::into_inner);
            match &*file {
                OpenFile::Writable(database) => Ok(database.begin_read()?),
                OpenFile::ReadOnly(database) => Ok(database.begin_read()?),
                OpenFile::Gone(error) => Err(error.clone()),
            }
        };
        // One that panicked panics here again.
        caught(A_PAGE, begin).or_else(|error| {
            self.reopen(&error);
            begin()
        })
    }

    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        #[cfg(test)]
        if self.0.disk_full.load(Ordering::Relaxed) {
            return Err(StoreError::DiskFull);
        }
        let begin = || {
            let file = self.0.file.read().unwrap_or_else(PoisonError::into_inner);
            match &*file {
                OpenFile::Writable(database) => Ok(database.begin_write()?),
                OpenFile::ReadOnly(_) => Err(StoreError::ReadOnly),
                OpenFile::Gone(error) => Err(error.clone()),
            }
        };
        match caught(A_PAGE, begin) {
            Err(StoreError::ReadOnly) => Err(StoreError::ReadOnly),
            Err(error) => {
                self.reopen(&error);
                begin()
            }
            begun => begun,
        }
    }

    /// Whether walking through the whole file, as after a crash, would take long.
    fn is_large(&self) -> bool {
        std::fs::metadata(&self.0.path).is_ok_and(|file| file.len() > LARGE_BYTES)
    }

    /// Opens the file again after a fault.
    fn reopen(&self, fault: &StoreError) {
        // Closing it and opening it again write into it.
        if matches!(fault, StoreError::Damaged { .. }) {
            self.copy_aside_once();
        }
        self.forget_found();
        let mut file = self.0.file.write().unwrap_or_else(PoisonError::into_inner);
        // Closed first: the file is locked while it is open.
        let closed = OpenFile::Gone(StoreError::System("it is being opened again".to_owned()));
        std::mem::replace(&mut *file, closed).close();
        *file = file::open(&self.0.path).unwrap_or_else(OpenFile::Gone);
    }

    #[expect(clippy::expect_used, reason = "a table and its keys come from one list")]
    fn keys(&self, table: Table) -> (&TableKeys, Row<'_>) {
        let (keys, name) = self
            .0
            .keys
            .get(table as usize)
            .expect("there are keys for every table");
        (keys, TableDefinition::new(name))
    }
}

/// The keys of every table, and its name in the file.
fn table_keys(key: &VaultKey) -> Vec<(TableKeys, String)> {
    let tables = Table::ALL.iter().map(|table| key.table(table.name()));
    tables
        .map(|keys| {
            let name = keys.table_name();
            (keys, name)
        })
        .collect()
}

impl Drop for Shared {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(file, OpenFile::Gone(StoreError::Busy)).close();
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault([secret], {})", self.0.path.display())
    }
}

/// What is damaged where the database panics.
const A_PAGE: &str = "a page of the file can't be read";

/// From this size on each transaction also writes which pages are free, and the file is whole without a look at
/// its checksums: then it opens at once after a crash. Below, the walk through the file is short, and leaving that
/// out makes every message cheaper.
const LARGE_BYTES: u64 = 64 * 1024 * 1024;

#[cfg(test)]
impl Vault {
    /// Has the disk take nothing, or take everything again.
    pub(crate) fn fill_disk(&self, full: bool) {
        self.0.disk_full.store(full, Ordering::Relaxed);
    }

    /// A record as it stands in the file.
    pub(super) fn sealed(&self, table: Table, key: &[u8]) -> Vec<u8> {
        let (keys, definition) = self.keys(table);
        let transaction = self.begin_read().unwrap();
        let rows = transaction.open_table(definition).unwrap();
        rows.get(&keys.opaque(key)).unwrap().unwrap().value().to_vec()
    }

    /// Puts a record back as it stood in the file, as who can write to it could.
    pub(super) fn put_sealed(&self, table: Table, key: &[u8], sealed: &[u8]) {
        let (keys, definition) = self.keys(table);
        let transaction = self.begin_write().unwrap();
        transaction
            .open_table(definition)
            .unwrap()
            .insert(&keys.opaque(key), sealed)
            .unwrap();
        transaction.commit().unwrap();
        self.forget_found();
    }
}

#[cfg(test)]
mod tests;
