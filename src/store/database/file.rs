//! The file of the database: opened, and repaired as far as it goes when it is damaged.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use redb::{Builder, Database, ReadOnlyDatabase};

use super::Row;
use super::copies::{DamagedCopy, Found, copy_of};
use super::salvage::salvage;
use crate::crypto::VaultKey;
use crate::store::{StoreError, profile};

pub(super) enum OpenFile {
    Writable(Database),
    ReadOnly(ReadOnlyDatabase),
    /// It could not be opened again after a fault.
    Gone(StoreError),
}

impl OpenFile {
    /// Closes the file. A database that panicked before panics again where it is dropped, because of what it left half done;
    /// that ends here, and whoever opens the file next repairs it.
    pub(super) fn close(self) {
        if catch_unwind(AssertUnwindSafe(|| drop(self))).is_err() {
            log::warn!("the database panicked once more where it was closed");
        }
    }
}

/// Does something with the database. Damage from outside can make it panic: that is an error here, which names `part`.
pub(super) fn caught<T>(part: &str, work: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(StoreError::damaged(part)))
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

/// Opens the file, which was found like that. When it is damaged, a copy is put aside first; then the database goes back to
/// the last state of it that is whole, or else what can be read of it is put into a new file. Where neither works, the file
/// is left as it was found.
pub(super) fn open_or_mend(
    path: &Path,
    found: Option<&Found>,
    key: &VaultKey,
    tables: &[Row<'_>],
) -> Result<(OpenFile, Option<Mended>), StoreError> {
    let part = match attempt(path, false) {
        Err(StoreError::Damaged { part }) => part,
        outcome => return Ok((outcome?, None)),
    };
    let left_as_found = |error: StoreError| {
        if let Some(found) = found {
            found.put_back(path);
        }
        error
    };
    // The file is about to change, so this one is copied however many copies there are.
    let copy = copy_of(path, found, key).and_then(DamagedCopy::make);
    let copy = copy.map_err(|error| left_as_found(error.into()))?;
    if let Ok(whole) = attempt(path, true) {
        return Ok((whole, Some(Mended { copy, records: None })));
    }
    let stands = |error: StoreError| match error {
        StoreError::Damaged { .. } => {
            StoreError::damaged(format!("{part}. A copy stands as {}", copy.display()))
        }
        error => error,
    };
    let records = salvaged(path, tables).map_err(|error| left_as_found(stands(error)))?;
    let file = attempt(path, false).map_err(stands)?;
    let mended = Mended {
        copy,
        records: Some(records),
    };
    Ok((file, Some(mended)))
}

/// Puts what can be read of a file into a new one in its place; gives how many records that are.
fn salvaged(path: &Path, tables: &[Row<'_>]) -> Result<u64, StoreError> {
    let part = beside(path, "mended.part");
    let found = salvage(path, &part, tables).and_then(|records| match records {
        0 => Err(StoreError::damaged("nothing of it can be read")),
        records => {
            std::fs::rename(&part, path)?;
            Ok(records)
        }
    });
    found.inspect_err(|_| drop(std::fs::remove_file(&part)))
}

pub(super) fn open(path: &Path) -> Result<OpenFile, StoreError> {
    attempt(path, false)
}

fn attempt(path: &Path, check: bool) -> Result<OpenFile, StoreError> {
    caught("the file itself", || open_with(path, check))
}

/// A file beside another one, whose name begins with its name.
pub(super) fn beside(path: &Path, end: &str) -> PathBuf {
    path.with_file_name(format!(
        "{}.{end}",
        path.file_name().unwrap_or_default().display()
    ))
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
