//! What can still be read of a damaged file, put into a new one.
//!
//! `redb` opens a file only when all of its pages agree, or goes back to a state in which they do. Where neither
//! works, the file is read here as a second process reads one beside its writer: from the commit that the header
//! names, and from the one before it where that one fails, without a look at pages that nobody asks for. A page that
//! can't be read is passed over by going on at a later key; keys are MACs, so that they are spread evenly. Every
//! value is sealed: what comes out is what was put in, or does not open.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Bound;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use redb::{BackendError, Builder, ConcurrencyMode, Database, ReadableDatabase, StorageBackend, TableError};

use super::Row;
use crate::crypto::OPAQUE_BYTES;
use crate::store::{StoreError, profile};

type Key = [u8; OPAQUE_BYTES];

/// What stands in front of the commits in every file: taken from a new one, as it may be damaged in the old one.
type Form = [u8; COMMITS];

/// Puts every record of these tables that can be read into a new file; gives how many there are.
pub(super) fn salvage(damaged: &Path, new: &Path, tables: &[Row<'_>]) -> Result<u64, StoreError> {
    let _ = std::fs::remove_file(new);
    profile::owner_only(new)?;
    drop(Builder::new().create(new)?);
    let mut form = [0; COMMITS];
    read_at(&File::open(new)?, &mut form, 0)?;
    let database = Builder::new().create(new)?;
    let damaged = Damaged { path: damaged, form };
    let mut found = 0;
    for table in tables {
        let mut rows = Rows {
            database: &database,
            table,
            waiting: Vec::new(),
            bytes: 0,
            known: HashSet::new(),
        };
        // The commit before is asked for what the newest one can't give.
        if !read_all(&damaged, Commit::Newest, table, &mut rows)? {
            read_all(&damaged, Commit::Before, table, &mut rows)?;
        }
        rows.flush()?;
        found += rows.known.len() as u64;
    }
    Ok(found)
}

/// The file that is damaged.
struct Damaged<'a> {
    path: &'a Path,
    form: Form,
}

/// One of the two commits that a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commit {
    Newest,
    Before,
}

/// Reads a table as far as it goes; gives whether nothing was in the way.
fn read_all(
    damaged: &Damaged<'_>,
    commit: Commit,
    table: &Row<'_>,
    rows: &mut Rows<'_>,
) -> Result<bool, StoreError> {
    let (mut from, mut step, mut whole) = ([0; OPAQUE_BYTES], SMALLEST_STEP, true);
    loop {
        let mut last = None;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            read_from(damaged, commit, table, &from, &mut last, rows)
        }));
        match outcome {
            Ok(Ok(())) => return Ok(whole),
            // The new file can't be written.
            Ok(Err(Stopped::New(error))) => return Err(error),
            Ok(Err(Stopped::Damaged)) | Err(_) => whole = false,
        }
        step = if last.is_some() {
            SMALLEST_STEP
        } else {
            step.saturating_mul(2)
        };
        match behind(&last.unwrap_or(from), step) {
            Some(next) => from = next,
            None => return Ok(false),
        }
    }
}

/// Why reading stopped.
enum Stopped {
    Damaged,
    New(StoreError),
}

impl<E: Into<redb::Error>> From<E> for Stopped {
    fn from(_: E) -> Stopped {
        Stopped::Damaged
    }
}

/// Reads a table from a key on, until its end or until a page can't be read. After that nothing more can be asked of the
/// same reader.
fn read_from(
    damaged: &Damaged<'_>,
    commit: Commit,
    table: &Row<'_>,
    from: &Key,
    last: &mut Option<Key>,
    rows: &mut Rows<'_>,
) -> Result<(), Stopped> {
    let torn = Torn::open(damaged.path, commit, &damaged.form).map_err(|_| Stopped::Damaged)?;
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_concurrency_mode(ConcurrencyMode::SingleWriter);
    let transaction = builder.open_read_only_with_backend(torn)?.begin_read()?;
    let table = match transaction.open_table(*table) {
        Ok(table) => table,
        Err(TableError::TableDoesNotExist(_)) => return Ok(()),
        Err(_) => return Err(Stopped::Damaged),
    };
    for row in table.range::<&Key>(from..)? {
        let (key, value) = row?;
        let key = *key.value();
        // Out of order: no page of ours.
        if key < *from || last.is_some_and(|last| key <= last) {
            return Err(Stopped::Damaged);
        }
        rows.add(&key, value.value()).map_err(Stopped::New)?;
        *last = Some(key);
    }
    Ok(())
}

/// A key so far behind another one, of a table whose keys are 2^32 apart steps; `None` behind the last.
fn behind(key: &Key, step: u32) -> Option<Key> {
    let [a, b, c, d, ..] = *key;
    let next = u32::from_be_bytes([a, b, c, d]).checked_add(step)?;
    let mut behind = [0; OPAQUE_BYTES];
    let (first, _) = behind.split_at_mut(4);
    first.copy_from_slice(&next.to_be_bytes());
    Some(behind)
}

/// So far behind a page that can't be read one goes on first, of 2^32; it doubles as long as nothing can be read.
const SMALLEST_STEP: u32 = 1 << 12;

/// Pages of the damaged file that are kept in memory.
const CACHE_BYTES: usize = 4 * 1024 * 1024;

/// Records on their way into a table of the new file.
struct Rows<'a> {
    database: &'a Database,
    table: &'a Row<'a>,
    waiting: Vec<(Key, Vec<u8>)>,
    bytes: usize,
    known: HashSet<Key>,
}

impl Rows<'_> {
    fn add(&mut self, key: &Key, value: &[u8]) -> Result<(), StoreError> {
        if !self.known.insert(*key) {
            return Ok(());
        }
        self.bytes += value.len();
        self.waiting.push((*key, value.to_vec()));
        match self.bytes > BYTES_AT_ONCE {
            true => self.flush(),
            false => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.bytes = 0;
        let transaction = self.database.begin_write()?;
        {
            let mut rows = transaction.open_table(*self.table)?;
            for (key, value) in self.waiting.drain(..) {
                rows.insert(&key, value.as_slice())?;
            }
        }
        Ok(transaction.commit()?)
    }
}

/// Bytes that go into the new file in one transaction.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;

/// A damaged file, with a header that says what the file can: its form is every file's, its length is the one that
/// it has.
#[derive(Debug)]
struct Torn {
    file: File,
    header: [u8; HEADER],
    len: u64,
}

impl Torn {
    fn open(path: &Path, commit: Commit, form: &Form) -> io::Result<Torn> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut header = [0; HEADER];
        read_at(&file, &mut header, 0)?;
        let stored = Slot::of(header.get(GOD_BYTE).copied().unwrap_or_default());
        let slot = match commit {
            Commit::Newest => stored,
            Commit::Before => stored.other(),
        };
        let region_pages = u64::from(number(form, REGION_PAGES).max(1));
        let pages = length.div_ceil(PAGE).saturating_sub(1).max(1);
        let (full, rest) = (pages / region_pages, pages % region_pages);
        let (beginning, _) = header.split_at_mut(COMMITS);
        beginning.copy_from_slice(form);
        put(beginning, GOD_BYTE, &[slot as u8]);
        put(
            beginning,
            FULL_REGIONS,
            &u32::try_from(full).unwrap_or(u32::MAX).to_le_bytes(),
        );
        put(
            beginning,
            LAST_REGION_PAGES,
            &u32::try_from(rest).unwrap_or(u32::MAX).to_le_bytes(),
        );
        Ok(Torn {
            file,
            header,
            len: (pages + 1) * PAGE,
        })
    }
}

/// Which of the two places of a header a commit stands in.
#[derive(Clone, Copy)]
#[repr(u8)]
enum Slot {
    First = 0,
    Second = 1,
}

impl Slot {
    fn of(god_byte: u8) -> Slot {
        match god_byte & 1 {
            0 => Slot::First,
            _ => Slot::Second,
        }
    }

    fn other(self) -> Slot {
        match self {
            Slot::First => Slot::Second,
            Slot::Second => Slot::First,
        }
    }
}

// The header of a file of redb, as its design document has it (version 3 of the format).
const HEADER: usize = 320;
const GOD_BYTE: usize = 9;
const REGION_PAGES: usize = 20;
const FULL_REGIONS: usize = 24;
const LAST_REGION_PAGES: usize = 28;
const COMMITS: usize = 64;
const PAGE: u64 = 4096;

/// A number in a header.
fn number(header: &[u8], at: usize) -> u32 {
    let bytes = header.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_le_bytes)
}

fn put(header: &mut [u8], at: usize, bytes: &[u8]) {
    if let Some(place) = header.get_mut(at..at + bytes.len()) {
        place.copy_from_slice(bytes);
    }
}

impl StorageBackend for Torn {
    fn len(&self) -> io::Result<u64> {
        Ok(self.len)
    }

    /// What was cut off is read as zeros, which are no page.
    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        read_at(&self.file, out, offset)?;
        let header = usize::try_from(offset).ok().and_then(|at| self.header.get(at..));
        for (byte, stored) in out.iter_mut().zip(header.unwrap_or_default()) {
            *byte = *stored;
        }
        Ok(())
    }

    fn set_len(&self, _: u64) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, _: u64, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::ReadOnlyFilesystem.into())
    }

    // The profile is locked by its own file, and this one is read only.
    fn try_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn try_lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(true)
    }

    fn lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn lock_shared_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn unlock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<(), BackendError> {
        Ok(())
    }

    fn query_lock_range(&self, _: Bound<u64>, _: Bound<u64>) -> Result<bool, BackendError> {
        Ok(false)
    }
}

/// Fills `out` with what the file has at a place, and with zeros behind its end.
fn read_at(mut file: &File, out: &mut [u8], at: u64) -> io::Result<()> {
    out.fill(0);
    file.seek(SeekFrom::Start(at))?;
    let mut read = 0;
    while let Some(rest) = out.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => read += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::VaultKey;
    use crate::store::{Rows as _, Settings, Table, Vault};

    const RECORDS: u32 = 400;

    /// A database with settings and many records, as a program leaves it that is killed.
    fn killed(folder: &Path) -> (std::path::PathBuf, VaultKey) {
        let key = VaultKey::generate(&mut rand::rng());
        let (path, copy) = (folder.join("x.redb"), folder.join("killed.redb"));
        let vault = Vault::open(&path, key.clone()).unwrap();
        let settings = Settings {
            name: "Ada".to_owned(),
            ..Settings::default()
        };
        vault.keep_settings(&settings).unwrap();
        for piece in (0..RECORDS).collect::<Vec<_>>().chunks(20) {
            vault
                .write(|writing| {
                    let record = |n: &u32| (n.to_be_bytes(), vec![*n as u8; 900]);
                    writing.keep_all(Table::Notes, piece.iter().map(record))
                })
                .unwrap();
        }
        std::fs::copy(&path, &copy).unwrap();
        (copy, key)
    }

    fn readable(vault: &Vault) -> usize {
        vault.read(|reading| reading.all(Table::Notes)).unwrap().0.len()
    }

    /// Opens what the bytes are, beside nothing else.
    fn open(bytes: &[u8], key: &VaultKey) -> Result<Vault, StoreError> {
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("x.redb");
        std::fs::write(&path, bytes).unwrap();
        let opened = Vault::open(&path, key.clone());
        if opened.as_ref().is_ok_and(|vault| vault.mended().is_some()) {
            let copies = std::fs::read_dir(elsewhere.path()).unwrap();
            let mut copies = copies.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
            assert!(
                copies.any(|copy| copy == bytes),
                "the damaged file stands beside it"
            );
        }
        opened
    }

    #[test]
    fn of_a_file_with_one_damaged_page_nearly_all_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let whole = std::fs::read(&killed).unwrap();
        let mut mended = 0;
        for page in (1..whole.len() / PAGE as usize).step_by(9) {
            let mut bytes = whole.clone();
            bytes[page * PAGE as usize..][..PAGE as usize].fill(0xa5);
            let vault = open(&bytes, &key).unwrap_or_else(|error| panic!("page {page}: {error}"));
            // One leaf, or what the last transaction wrote.
            assert!(readable(&vault) >= RECORDS as usize - 20, "page {page}");
            if let Some(how) = vault.mended() {
                mended += 1;
                assert!(how.records.is_some(), "{how}");
                // It is a file like every other.
                vault
                    .write(|writing| writing.keep(Table::Notes, b"new", b"new"))
                    .unwrap();
            }
        }
        assert!(mended > 5, "{mended} files had to be mended");
    }

    #[test]
    fn of_a_file_that_is_cut_short_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let whole = std::fs::read(&killed).unwrap();
        let mut most = 0;
        for share in [3, 5, 7, 8, 9] {
            match open(&whole[..whole.len() / 10 * share + 100], &key) {
                Ok(vault) => {
                    assert!(vault.mended().is_some());
                    most = most.max(readable(&vault));
                }
                Err(error) => assert!(matches!(error, StoreError::Damaged { .. }), "{error}"),
            }
        }
        assert!(most > RECORDS as usize / 2, "{most}");
    }

    #[test]
    fn a_file_is_copied_before_it_is_mended_however_many_copies_there_are() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let whole = std::fs::read(&killed).unwrap();
        let mut mended = 0;
        for share in [7, 8, 9] {
            let elsewhere = tempfile::tempdir().unwrap();
            let path = elsewhere.path().join("x.redb");
            for n in 0..3 {
                let earlier = elsewhere.path().join(format!("x.redb.damaged-{n}"));
                std::fs::write(earlier, b"earlier").unwrap();
            }
            let bytes = &whole[..whole.len() / 10 * share + 100];
            std::fs::write(&path, bytes).unwrap();
            if let Ok(vault) = Vault::open(&path, key.clone()) {
                let how = vault.mended().unwrap();
                assert!(std::fs::read(&how.copy).unwrap() == bytes, "{how}");
                mended += 1;
            }
        }
        assert!(mended > 0);
    }

    /// The copies of damaged files in a folder.
    fn copies(folder: &Path) -> Vec<Vec<u8>> {
        let paths = std::fs::read_dir(folder).unwrap();
        let paths = paths.map(|entry| entry.unwrap().path());
        let copies = paths.filter(|path| path.to_string_lossy().contains(".damaged-"));
        copies.map(|path| std::fs::read(path).unwrap()).collect()
    }

    #[test]
    fn a_file_that_ends_behind_a_page_is_damaged_and_stands_aside_as_it_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let whole = std::fs::read(&killed).unwrap();
        // The records alone take a hundred pages. The first is 24 KiB.
        for pages in [6, 20, 40] {
            let elsewhere = tempfile::tempdir().unwrap();
            let path = elsewhere.path().join("x.redb");
            let bytes = &whole[..pages * PAGE as usize];
            std::fs::write(&path, bytes).unwrap();
            match Vault::open(&path, key.clone()) {
                Ok(vault) => assert!(vault.mended().is_some(), "{pages} pages"),
                Err(StoreError::Damaged { .. }) => {}
                Err(error) => panic!("{pages} pages: {error}"),
            }
            assert!(copies(elsewhere.path()) == [bytes], "{pages} pages");
        }
    }

    #[test]
    fn a_file_without_a_single_record_is_copied_once_and_left_as_it_was_found() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let elsewhere = tempfile::tempdir().unwrap();
        let path = elsewhere.path().join("x.redb");
        // The header, and one page that can't hold both a table and what leads to it.
        let bytes = &std::fs::read(killed).unwrap()[..2 * PAGE as usize];
        std::fs::write(&path, bytes).unwrap();
        for attempt in 1..=2 {
            let opened = Vault::open(&path, key.clone());
            assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{opened:?}");
            assert!(std::fs::read(&path).unwrap() == bytes, "attempt {attempt}");
            assert!(copies(elsewhere.path()) == [bytes], "attempt {attempt}");
        }
    }

    #[test]
    fn a_file_of_which_nothing_can_be_read_is_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (killed, key) = killed(folder.path());
        let length = std::fs::metadata(&killed).unwrap().len() as usize;
        let noise: Vec<u8> = (0..length).map(|at| (at * 131 % 251) as u8).collect();
        std::fs::write(&killed, &noise).unwrap();
        assert!(matches!(
            Vault::open(&killed, key),
            Err(StoreError::Damaged { .. })
        ));
        assert!(std::fs::read(&killed).unwrap() == noise);
    }
}
