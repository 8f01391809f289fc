//! Files and streams read whole, up to a limit: whoever names one may name one that has no end.
//!
//! What counts are the bytes that come, not a length that the system tells: a device tells none, and a file can
//! grow meanwhile. What the bytes mean, and what to do when there are too many, is for the caller to say.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// Why something was not read.
#[derive(Debug)]
pub enum ReadError {
    /// The system does not give it.
    Failed(io::Error),
    /// It is a device or a pipe, which may have no end, or no beginning.
    NoFile,
    /// It goes on behind the limit.
    TooLong {
        /// The limit, in bytes.
        limit: u64,
    },
    /// It is not UTF-8.
    NoText,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Failed(error) => error.fmt(f),
            ReadError::NoFile => f.write_str("it is a device or a pipe, not a file"),
            ReadError::TooLong { limit } => write!(f, "it is longer than {}", size(*limit)),
            ReadError::NoText => f.write_str("it is not a text in UTF-8"),
        }
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        ReadError::Failed(error)
    }
}

/// Opens a file, and neither a device nor a pipe: that could wait for ever for somebody who writes into it.
pub fn open(path: &Path) -> Result<File, ReadError> {
    let found = fs::metadata(path)?;
    match found.is_file() || found.is_dir() {
        true => Ok(File::open(path)?),
        false => Err(ReadError::NoFile),
    }
}

/// Reads a file of at most so many bytes.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = open(path)?;
    // Room for all of it at once: bytes that grow leave copies behind in memory, of a key too.
    let expected = file.metadata()?.len().min(limit).saturating_add(1);
    let bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or_default());
    read_into(bytes, file, limit)
}

/// Reads a file of at most so many bytes as a text in UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    String::from_utf8(read_file(path, limit)?).map_err(|_| ReadError::NoText)
}

/// Reads a stream to its end, which comes after at most so many bytes.
pub fn read_limited(from: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    read_into(Vec::new(), from, limit)
}

fn read_into(mut bytes: Vec<u8>, from: impl Read, limit: u64) -> Result<Vec<u8>, ReadError> {
    from.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    match bytes.len() as u64 > limit {
        true => Err(ReadError::TooLong { limit }),
        false => Ok(bytes),
    }
}

/// A limit in words.
pub fn size(bytes: u64) -> String {
    match (bytes >> 20, bytes >> 10) {
        (mebibytes, _) if mebibytes << 20 == bytes => format!("{mebibytes} MiB"),
        (_, kibibytes) if kibibytes << 10 == bytes => format!("{kibibytes} KiB"),
        _ => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_long_as_the_limit_is_read_and_one_byte_more_is_not() {
        assert_eq!(read_limited(&b"four"[..], 4).unwrap(), b"four");
        assert_eq!(read_limited(&b""[..], 0).unwrap(), b"");
        for (more, limit) in [(&b"fives"[..], 4), (b"x", 0)] {
            let error = read_limited(more, limit).unwrap_err();
            assert!(matches!(error, ReadError::TooLong { limit: said } if said == limit));
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_text(&path, 4).unwrap(), "four");
        assert!(matches!(
            read_text(&path, 3),
            Err(ReadError::TooLong { limit: 3 })
        ));
        fs::write(&path, [0xff]).unwrap();
        assert!(matches!(read_text(&path, 3), Err(ReadError::NoText)));
    }

    #[test]
    fn a_stream_without_an_end_is_left_behind_the_limit() {
        let read = read_limited(io::repeat(b'x'), 1 << 20);
        assert!(matches!(read, Err(ReadError::TooLong { limit }) if limit == 1 << 20));
    }

    #[test]
    fn no_device_and_no_folder_is_read_as_a_file() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read_file(folder.path(), 9), Err(ReadError::Failed(_))));
        #[cfg(unix)]
        assert!(matches!(
            read_file(Path::new("/dev/zero"), 9),
            Err(ReadError::NoFile)
        ));
    }

    #[test]
    fn limits_are_said_in_round_units() {
        assert_eq!(size(64 << 20), "64 MiB");
        assert_eq!(size(64 << 10), "64 KiB");
        assert_eq!(size(4097), "4097 bytes");
    }
}
