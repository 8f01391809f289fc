//! The sealed database: transactions over opaque tables. Knows keys and bytes, not what they mean.
//!
//! One `redb` file. The names of its tables and the keys in them are HMACs, its values are sealed with
//! AES-256-GCM and padded (`crypto::TableKeys`), so that the file tells how many records there are and
//! roughly how long, and nothing else.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use redb::ReadableTableMetadata as _;
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable};
use redb::{TableDefinition, TableError, WriteTransaction};

use super::StoreError;
use crate::crypto::{OPAQUE_BYTES, Opened, TableKeys, VaultKey};

/// What a record is about. Each has a table and keys of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Table {
    /// One of a kind: identity, settings, version.
    Own,
    /// Everybody met.
    Contacts,
    /// The rooms that are kept.
    Rooms,
    /// How far each log goes.
    Extents,
    /// Entries of the rooms' logs.
    Log,
    /// The words of the logs, packed for searching.
    Texts,
    /// Messages of ours that wait.
    Outbox,
    /// What a room's threads remember, in their own form.
    RoomStates,
    /// Whatever else, under keys of its owner's choice.
    Notes,
}

impl Table {
    const ALL: [Table; 9] = [
        Table::Own,
        Table::Contacts,
        Table::Rooms,
        Table::Extents,
        Table::Log,
        Table::Texts,
        Table::Outbox,
        Table::RoomStates,
        Table::Notes,
    ];

    fn name(self) -> &'static str {
        match self {
            Table::Own => "own",
            Table::Contacts => "contacts",
            Table::Rooms => "rooms",
            Table::Extents => "extents",
            Table::Log => "log",
            Table::Texts => "texts",
            Table::Outbox => "outbox",
            Table::RoomStates => "room states",
            Table::Notes => "notes",
        }
    }

    /// For messages about damage.
    fn in_words(self) -> &'static str {
        match self {
            Table::Own => "the settings or the identity",
            Table::Contacts => "a contact",
            Table::Rooms | Table::Extents | Table::RoomStates => "a kept room",
            Table::Log => "a message of a kept room",
            Table::Texts => "a part of the search index",
            Table::Outbox => "a message that waits",
            Table::Notes => "a private message or a note of the program",
        }
    }
}

/// An open database with the keys to it. Clones share both; the keys are zeroed when the last is dropped.
#[derive(Clone)]
pub struct Vault(Arc<Shared>);

struct Shared {
    path: PathBuf,
    /// Reopened after a failed write: `redb` answers nothing more until then.
    file: RwLock<OpenFile>,
    keys: Vec<(TableKeys, String)>,
    key: VaultKey,
    /// Whether a damaged file was copied in this run.
    copied: AtomicBool,
}

enum OpenFile {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
    /// It could not be opened again after a fault.
    Gone(StoreError),
}

/// Takes one record as it stands in the file: the number of its table, its key, its sealed value.
pub(super) type GiveRecord<'a> = dyn FnMut(u8, &[u8; OPAQUE_BYTES], &[u8]) -> io::Result<()> + 'a;

type Row<'a> = TableDefinition<'a, &'static [u8; OPAQUE_BYTES], &'static [u8]>;

impl Vault {
    /// Opens a database, making it when it is not there. One on a read-only disk can be read only.
    pub fn open(path: &Path, key: VaultKey) -> Result<Vault, StoreError> {
        let file = open_or_repair(path, &key)?;
        Ok(Vault::with(path.to_owned(), file, key))
    }

    /// A database in memory, under a key of its own: it ends with the last clone.
    pub fn in_memory() -> Result<Vault, StoreError> {
        let database = Builder::new().create_with_backend(InMemoryBackend::new())?;
        let key = VaultKey::generate(&mut rand::rng());
        Ok(Vault::with(PathBuf::new(), OpenFile::Writable(database), key))
    }

    fn with(path: PathBuf, file: OpenFile, key: VaultKey) -> Vault {
        let keys = Table::ALL
            .iter()
            .map(|table| {
                let keys = key.table(table.name());
                let name = keys.table_name();
                (keys, name)
            })
            .collect();
        Vault(Arc::new(Shared {
            path,
            file: RwLock::new(file),
            keys,
            key,
            copied: AtomicBool::new(false),
        }))
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
            let outcome = writing.transaction.commit().map_err(StoreError::from);
            if outcome.is_err() {
                // The next transaction may find space again.
                self.reopen();
            }
            outcome.map(|()| value)
        })
    }

    /// Does something with the file. One that was damaged from outside can make the database panic: that is
    /// an error here. At the first damage that is found, a copy of the file is put aside.
    fn guarded<T>(&self, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
        let outcome = catch_unwind(AssertUnwindSafe(work))
            .unwrap_or_else(|_| Err(StoreError::damaged("a page of the file can't be read")));
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
        match copy_aside(&self.0.path, &self.0.key) {
            Ok(copy) => log::warn!("the database is damaged; a copy stands as {}", copy.display()),
            Err(error) => log::warn!("the database is damaged and could not be copied: {error}"),
        }
    }

    /// Gives every record as it stands in the file, in one transaction: the number of its table, its
    /// key, its sealed value.
    pub(super) fn each_record(&self, give: &mut GiveRecord<'_>) -> Result<(), StoreError> {
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
        Ok(transaction.commit()?)
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
        begin().or_else(|_: StoreError| {
            self.reopen();
            begin()
        })
    }

    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        let begin = || {
            let file = self.0.file.read().unwrap_or_else(PoisonError::into_inner);
            match &*file {
                OpenFile::Writable(database) => Ok(database.begin_write()?),
                OpenFile::ReadOnly(_) => Err(StoreError::ReadOnly),
                OpenFile::Gone(error) => Err(error.clone()),
            }
        };
        match begin() {
            Err(StoreError::ReadOnly) => Err(StoreError::ReadOnly),
            Err(_) => {
                self.reopen();
                begin()
            }
            begun => begun,
        }
    }

    /// Whether walking through the whole file, as after a crash, would take long.
    fn is_large(&self) -> bool {
        std::fs::metadata(&self.0.path).is_ok_and(|file| file.len() > LARGE_BYTES)
    }

    fn reopen(&self) {
        let mut file = self.0.file.write().unwrap_or_else(PoisonError::into_inner);
        // Closed first: the file is locked while it is open.
        *file = OpenFile::Gone(StoreError::System("it is being opened again".to_owned()));
        *file = open_file(&self.0.path).unwrap_or_else(OpenFile::Gone);
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

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault([secret], {})", self.0.path.display())
    }
}

/// Opens the file. When it is damaged, a copy is put aside first, then the database goes back to the last
/// state of it that is whole, if there is one.
fn open_or_repair(path: &Path, key: &VaultKey) -> Result<OpenFile, StoreError> {
    let attempt = |check| {
        catch_unwind(AssertUnwindSafe(|| open_with(path, check)))
            .unwrap_or_else(|_| Err(StoreError::damaged("the file itself")))
    };
    match attempt(false) {
        Err(StoreError::Damaged { part }) => {
            let copy = copy_aside(path, key)?;
            attempt(true)
                .map_err(|_| StoreError::damaged(format!("{part}. A copy stands as {}", copy.display())))
        }
        outcome => outcome,
    }
}

/// Copies a file beside itself, under a name made of its content: the same damage is copied once. There are at most
/// [`MOST_COPIES`]; the first ones stay, because what is damaged now was whole at the earlier time, if ever.
fn copy_aside(path: &Path, key: &VaultKey) -> io::Result<PathBuf> {
    let prefix = format!("{}.damaged-", path.file_name().unwrap_or_default().display());
    let is_copy = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(&prefix));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut copies: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|copy| copy.file_name().is_some_and(is_copy))
        .collect();
    copies.sort();
    let copy = folder.join(format!("{prefix}{}", content_name(path, key)?));
    match copies.first() {
        _ if copies.contains(&copy) => return Ok(copy),
        Some(earlier) if copies.len() >= MOST_COPIES => return Ok(earlier.clone()),
        _ => {}
    }
    // Beside its place first: a copy that was cut short must not look like one.
    let part = folder.join(format!(
        "{}.copy.part",
        path.file_name().unwrap_or_default().display()
    ));
    super::profile::owner_only(&part)?;
    std::fs::copy(path, &part)?;
    std::fs::File::open(&part)?.sync_all()?;
    std::fs::rename(&part, &copy)?;
    Ok(copy)
}

/// Copies of damaged files that are kept.
const MOST_COPIES: usize = 3;

/// Some digits that stand for a file's content, and tell nothing of it without the key.
fn content_name(path: &Path, key: &VaultKey) -> io::Result<String> {
    use io::Read as _;
    let mut mac = key.running_mac("damaged copy");
    let mut file = std::fs::File::open(path)?;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            count => mac.update(buffer.get(..count).unwrap_or_default()),
        }
    }
    Ok(mac
        .finish()
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

fn open_file(path: &Path) -> Result<OpenFile, StoreError> {
    open_with(path, false)
}

fn open_with(path: &Path, check: bool) -> Result<OpenFile, StoreError> {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(check);
    if !path.exists() {
        // Readable by its owner only, from the first byte on.
        super::profile::owner_only(path).map_err(StoreError::from)?;
    }
    match builder.create(path) {
        Ok(database) => Ok(OpenFile::Writable(database)),
        Err(redb::DatabaseError::Storage(redb::StorageError::Io(error)))
            if matches!(
                error.kind(),
                io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem
            ) =>
        {
            Ok(OpenFile::ReadOnly(builder.open_read_only(path)?))
        }
        // A file that is no database at all.
        Err(redb::DatabaseError::Storage(redb::StorageError::Io(error)))
            if error.kind() == io::ErrorKind::InvalidData =>
        {
            Err(StoreError::damaged("the file is no database"))
        }
        Err(error) => Err(error.into()),
    }
}

/// From this size on each transaction also writes which pages are free, and the file is whole without a look at
/// its checksums: then it opens at once after a crash. Below, the walk through the file is short, and leaving that
/// out makes every message cheaper.
const LARGE_BYTES: u64 = 64 * 1024 * 1024;

/// Pages of the file kept in memory: sealed, so they tell nothing.
const CACHE_BYTES: usize = 64 * 1024 * 1024;

/// Looks a record of one table up.
pub type LookUp<'a> = dyn Fn(&[u8]) -> Result<Option<Opened>, StoreError> + 'a;

/// Looking things up, in a reading or a writing transaction.
pub trait Rows {
    /// The record under a key; `None` when there is none.
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError>;

    /// Looks up as many records of one table as `work` wants, each depending on the one before, perhaps. Where the table
    /// has no record yet, nothing is done.
    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;

    /// Goes through all records of a table, in no order; gives how many could not be read. Long for tables with many.
    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError>;

    /// How many records a table has.
    fn count(&self, table: Table) -> Result<u64, StoreError>;

    /// All records of a table, in no order. For tables with few of them. Records that can't be read are
    /// counted and left out.
    fn all(&self, table: Table) -> Result<(Vec<Opened>, usize), StoreError> {
        let mut found = Vec::new();
        let damaged = self.each(table, &mut |record| found.push(record))?;
        Ok((found, damaged))
    }
}

/// A reading transaction.
pub struct Reading<'a> {
    vault: &'a Vault,
    transaction: ReadTransaction,
}

impl Rows for Reading<'_> {
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => look_up(&rows, keys, table, key),
            Err(TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => work(&|key| look_up(&rows, keys, table, key)),
            Err(TableError::TableDoesNotExist(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => read_each(&rows, keys, take),
            Err(TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let (_, definition) = self.vault.keys(table);
        match self.transaction.open_table(definition) {
            Ok(rows) => Ok(rows.len()?),
            Err(TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        }
    }
}

/// A writing transaction.
pub struct Writing<'a> {
    vault: &'a Vault,
    transaction: WriteTransaction,
}

impl Writing<'_> {
    /// Keeps a record under a key, in place of the one that was there.
    pub fn keep(&mut self, table: Table, key: &[u8], value: &[u8]) -> Result<(), StoreError> {
        self.keep_all(table, [(key, value)])
    }

    /// Keeps several records.
    pub fn keep_all<'v>(
        &mut self,
        table: Table,
        records: impl IntoIterator<Item = (impl AsRef<[u8]>, impl AsRef<[u8]> + 'v)>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        let mut rng = rand::rng();
        for (key, value) in records {
            let (key, value) = (key.as_ref(), value.as_ref());
            let opaque = keys.opaque(key);
            let sealed = keys.seal_under(&opaque, key, value, &mut rng);
            rows.insert(&opaque, sealed.as_slice())?;
        }
        Ok(())
    }

    /// Drops a record; nothing happens when there is none.
    pub fn drop_row(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        self.drop_rows(table, &mut std::iter::once(key.to_vec()))
    }

    /// Drops the records of a table that don't open; gives how many. The damaged file was copied aside when they were met.
    pub(super) fn drop_unreadable(&mut self, table: Table) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        let before = rows.len()?;
        rows.retain(|opaque, sealed| keys.open(opaque, sealed).is_ok())?;
        Ok(usize::try_from(before - rows.len()?).unwrap_or(usize::MAX))
    }

    /// Drops several records.
    pub fn drop_rows(
        &mut self,
        table: Table,
        dropped: &mut dyn Iterator<Item = Vec<u8>>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        for key in dropped {
            rows.remove(&keys.opaque(&key))?;
        }
        Ok(())
    }
}

#[cfg(test)]
impl Vault {
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
    }
}

#[cfg(test)]
impl Writing<'_> {
    /// Puts bytes into a record's place that don't open there.
    pub(super) fn damage(&mut self, table: Table, key: &[u8]) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let mut rows = self.transaction.open_table(definition)?;
        rows.insert(&keys.opaque(key), &[1_u8; 300][..])?;
        Ok(())
    }
}

impl Rows for Writing<'_> {
    fn row(&self, table: Table, key: &[u8]) -> Result<Option<Opened>, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        look_up(&self.transaction.open_table(definition)?, keys, table, key)
    }

    fn looking_up(
        &self,
        table: Table,
        work: &mut dyn FnMut(&LookUp<'_>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let (keys, definition) = self.vault.keys(table);
        let rows = self.transaction.open_table(definition)?;
        work(&|key| look_up(&rows, keys, table, key))
    }

    fn each(&self, table: Table, take: &mut dyn FnMut(Opened)) -> Result<usize, StoreError> {
        let (keys, definition) = self.vault.keys(table);
        read_each(&self.transaction.open_table(definition)?, keys, take)
    }

    fn count(&self, table: Table) -> Result<u64, StoreError> {
        let (_, definition) = self.vault.keys(table);
        Ok(self.transaction.open_table(definition)?.len()?)
    }
}

fn look_up(
    rows: &impl ReadableTable<&'static [u8; OPAQUE_BYTES], &'static [u8]>,
    keys: &TableKeys,
    table: Table,
    key: &[u8],
) -> Result<Option<Opened>, StoreError> {
    let opaque = keys.opaque(key);
    let Some(sealed) = rows.get(&opaque)? else {
        return Ok(None);
    };
    keys.open(&opaque, sealed.value())
        .map(Some)
        .map_err(|_| StoreError::damaged(table.in_words()))
}

fn read_each(
    rows: &impl ReadableTable<&'static [u8; OPAQUE_BYTES], &'static [u8]>,
    keys: &TableKeys,
    take: &mut dyn FnMut(Opened),
) -> Result<usize, StoreError> {
    let mut damaged = 0;
    for row in rows.iter()? {
        let (opaque, sealed) = row?;
        match keys.open(opaque.value(), sealed.value()) {
            Ok(opened) => take(opened),
            Err(_) => damaged += 1,
        }
    }
    Ok(damaged)
}
