//! What can go wrong between the program and its database, in words that say what to do.

use std::fmt;
use std::io;

use crate::crypto::CryptoError;

/// Why something could not be kept or read. Nothing of a failed transaction is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The disk has no room left.
    DiskFull,
    /// The disk, the folder or the file can't be written to.
    ReadOnly,
    /// The system refused for another reason.
    System(String),
    /// A part of the database can't be read any more. What else is there can.
    Damaged {
        /// Which part, in words.
        part: String,
    },
    /// It can't stand with what is kept, for this reason. The disk is not at fault: to try again would change nothing.
    DoesNotFit(String),
    /// A newer version of this program wrote it.
    Newer,
    /// A part of this program has not let go of it yet, as just after it was locked.
    Busy,
}

impl StoreError {
    pub(super) fn damaged(part: impl Into<String>) -> StoreError {
        StoreError::Damaged { part: part.into() }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreError::DiskFull => f.write_str(
                "the disk is full, so nothing more is kept; what is said now stays in memory only. Free some space",
            ),
            StoreError::ReadOnly => f.write_str(
                "the profile folder can't be written to, so nothing is kept; what is said now stays in memory only",
            ),
            StoreError::System(reason) => write!(
                f,
                "the profile's database does not answer ({reason}); what is said now may stay in memory only"
            ),
            StoreError::Damaged { part } => write!(f, "a part of the profile's database is damaged: {part}"),
            StoreError::DoesNotFit(why) => write!(
                f,
                "what comes can't be kept with what is kept already ({why}): that stays as it was, and what is said now stays in memory only"
            ),
            StoreError::Busy => {
                f.write_str("the profile's database is still being closed; try again in a few seconds")
            }
            StoreError::Newer => f.write_str(
                "a newer version of Cipher Room wrote this profile, and this one would damage it; use the newer version",
            ),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> StoreError {
        use io::ErrorKind as Kind;
        match error.kind() {
            Kind::StorageFull | Kind::QuotaExceeded | Kind::FileTooLarge | Kind::WriteZero => {
                StoreError::DiskFull
            }
            Kind::ReadOnlyFilesystem | Kind::PermissionDenied => StoreError::ReadOnly,
            _ => StoreError::System(error.to_string()),
        }
    }
}

impl From<redb::StorageError> for StoreError {
    fn from(error: redb::StorageError) -> StoreError {
        match error {
            // There should be a page.
            redb::StorageError::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                StoreError::damaged("its file ends too early")
            }
            redb::StorageError::Io(error) => error.into(),
            redb::StorageError::Corrupted(what) => StoreError::damaged(what),
            other => StoreError::System(other.to_string()),
        }
    }
}

impl From<redb::TableError> for StoreError {
    fn from(error: redb::TableError) -> StoreError {
        match error {
            redb::TableError::Storage(error) => error.into(),
            other => StoreError::damaged(other.to_string()),
        }
    }
}

impl From<redb::TransactionError> for StoreError {
    fn from(error: redb::TransactionError) -> StoreError {
        match error {
            redb::TransactionError::Storage(error) => error.into(),
            other => StoreError::System(other.to_string()),
        }
    }
}

impl From<redb::CommitError> for StoreError {
    fn from(error: redb::CommitError) -> StoreError {
        match error {
            redb::CommitError::Storage(error) => error.into(),
            other => StoreError::System(other.to_string()),
        }
    }
}

impl From<redb::DatabaseError> for StoreError {
    fn from(error: redb::DatabaseError) -> StoreError {
        match error {
            redb::DatabaseError::Storage(error) => error.into(),
            redb::DatabaseError::UpgradeRequired(_) => StoreError::Newer,
            redb::DatabaseError::DatabaseAlreadyOpen => StoreError::Busy,
            other => StoreError::System(other.to_string()),
        }
    }
}

impl From<CryptoError> for StoreError {
    fn from(_: CryptoError) -> StoreError {
        StoreError::damaged("a record that was altered")
    }
}
