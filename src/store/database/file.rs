//! The file of the database: opened, repaired as far as it goes, and copied aside before, when it is damaged.

use std::fmt;
use std::io::{self, Read as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, ReadOnlyDatabase};

use super::Row;
use super::salvage::salvage;
use crate::crypto::VaultKey;
use crate::store::{StoreError, profile};

pub(super) enum OpenFile {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
    /// It could not be opened again after a fault.
    Gone(StoreError),
}

/// What was done to a damaged file before it could be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// Where the damaged file stands.
    pub copy: PathBuf,
    /// How many records could be read and were put into a new file; `None` when the file went back to its last state
    /// that was whole.
    pub records: Option<u64>,
}

impl fmt::Display for Mended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Your profile's database was damaged. ")?;
        match self.records {
            None => {
                f.write_str("It went back to how it last was whole: what was kept last may be missing.")?
            }
            Some(records) => write!(
                f,
                "What could still be read was put into a new file ({records} records); the rest is lost."
            )?,
        }
        write!(f, " The damaged file stays as {}.", self.copy.display())
    }
}

/// Opens the file. When it is damaged, a copy is put aside first; then the database goes back to the last state of it
/// that is whole, or else what can be read of it is put into a new file.
pub(super) fn open_or_mend(
    path: &Path,
    key: &VaultKey,
    tables: &[Row<'_>],
) -> Result<(OpenFile, Option<Mended>), StoreError> {
    match attempt(path, false) {
        Err(StoreError::Damaged { part }) => {
            // The file is about to change, so this one is copied however many copies there are.
            let copy = copy_of(path, key)?.make()?;
            if let Ok(whole) = attempt(path, true) {
                return Ok((whole, Some(Mended { copy, records: None })));
            }
            let stands = format!("{part}. A copy stands as {}", copy.display());
            mend(path, copy, tables).map_err(|error| match error {
                StoreError::Damaged { .. } => StoreError::damaged(stands),
                error => error,
            })
        }
        outcome => Ok((outcome?, None)),
    }
}

/// Puts what can be read of a file into a new one in its place; the file stands as `copy` already.
fn mend(path: &Path, copy: PathBuf, tables: &[Row<'_>]) -> Result<(OpenFile, Option<Mended>), StoreError> {
    let part = beside(path, "mended.part");
    let found = salvage(path, &part, tables);
    let records = match found {
        Ok(0) => Err(StoreError::damaged("nothing of it can be read")),
        found => found,
    };
    let records = records.inspect_err(|_| drop(std::fs::remove_file(&part)))?;
    std::fs::rename(&part, path)?;
    let mended = Mended {
        copy,
        records: Some(records),
    };
    Ok((attempt(path, false)?, Some(mended)))
}

fn attempt(path: &Path, check: bool) -> Result<OpenFile, StoreError> {
    catch_unwind(AssertUnwindSafe(|| open_with(path, check)))
        .unwrap_or_else(|_| Err(StoreError::damaged("the file itself")))
}

/// A file beside another one, whose name begins with its name.
fn beside(path: &Path, end: &str) -> PathBuf {
    path.with_file_name(format!(
        "{}.{end}",
        path.file_name().unwrap_or_default().display()
    ))
}

/// Copies a file that stays in use beside itself. There are at most [`MOST_COPIES`]; the first ones stay, because what is
/// damaged now was whole at the earlier time, if ever. Gives the copy, or an earlier one.
pub(super) fn copy_aside(path: &Path, key: &VaultKey) -> io::Result<PathBuf> {
    let copy = copy_of(path, key)?;
    match copy.others.first() {
        Some(earlier) if !copy.is_made && copy.others.len() >= MOST_COPIES => Ok(earlier.clone()),
        _ => copy.make(),
    }
}

/// The copy of a file beside it, under a name made of its content: the same damage is copied once.
struct DamagedCopy<'a> {
    of: &'a Path,
    path: PathBuf,
    is_made: bool,
    /// The copies of other content, the first by name in front.
    others: Vec<PathBuf>,
}

fn copy_of<'a>(path: &'a Path, key: &VaultKey) -> io::Result<DamagedCopy<'a>> {
    let prefix = format!("{}.damaged-", path.file_name().unwrap_or_default().display());
    let is_copy = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(&prefix));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut copies: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|copy| copy.file_name().is_some_and(is_copy))
        .collect();
    copies.sort();
    let copy = folder.join(format!("{prefix}{}", content_name(path, key)?));
    Ok(DamagedCopy {
        of: path,
        is_made: copies.contains(&copy),
        others: copies.into_iter().filter(|other| *other != copy).collect(),
        path: copy,
    })
}

impl DamagedCopy<'_> {
    /// Makes it, if it is not there; gives where it stands.
    fn make(self) -> io::Result<PathBuf> {
        if self.is_made {
            return Ok(self.path);
        }
        // Beside its place first: a copy that was cut short must not look like one.
        let part = beside(self.of, "copy.part");
        let copy = || {
            profile::owner_only(&part)?;
            std::fs::copy(self.of, &part)?;
            std::fs::File::open(&part)?.sync_all()?;
            std::fs::rename(&part, &self.path)
        };
        copy().inspect_err(|_| drop(std::fs::remove_file(&part)))?;
        Ok(self.path)
    }
}

/// Copies of damaged files that are kept, but for those of files that were mended.
const MOST_COPIES: usize = 3;

/// Some digits that stand for a file's content, and tell nothing of it without the key.
fn content_name(path: &Path, key: &VaultKey) -> io::Result<String> {
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

pub(super) fn open(path: &Path) -> Result<OpenFile, StoreError> {
    open_with(path, false)
}

fn open_with(path: &Path, check: bool) -> Result<OpenFile, StoreError> {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_check_integrity_on_open(check);
    if !path.exists() {
        // Readable by its owner only, from the first byte on.
        profile::owner_only(path).map_err(StoreError::from)?;
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

/// Pages of the file kept in memory: sealed, so they tell nothing.
const CACHE_BYTES: usize = 64 * 1024 * 1024;
