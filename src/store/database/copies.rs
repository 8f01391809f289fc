//! Copies of damaged files, each beside its file and byte for byte as that was found.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use super::file::beside;
use crate::crypto::VaultKey;
use crate::files;
use crate::store::profile;

/// What opening changes of a file, as it was before. `redb` writes into the header as soon as it opens a file, and says
/// only then, or much later, that a page of it is damaged; until it commits something, it changes nothing else.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// The first page, in which the header stands.
    beginning: Vec<u8>,
    length: u64,
}

impl Found {
    /// Looks at a file that is about to be opened; `None` where there is none, or none that can be read.
    pub(super) fn of(path: &Path) -> Option<Found> {
        let file = files::open(path).ok()?;
        let length = file.metadata().ok()?.len();
        let beginning = files::read_limited(file.take(BEGINNING), BEGINNING).ok()?;
        Some(Found { beginning, length })
    }

    /// Leaves a file that could not be opened as it was. One that can't be written to was not changed either.
    pub(super) fn put_back(&self, path: &Path) {
        if let Ok(mut file) = OpenOptions::new().write(true).open(path)
            && let Err(error) = file.write_all(&self.beginning)
        {
            log::warn!("the header of the damaged file is not as it was found: {error}");
        }
    }
}

/// A page of the database: its header is shorter.
const BEGINNING: u64 = 4096;

/// The bytes of a file; where it is open, as it was found.
fn bytes_of(path: &Path, found: Option<&Found>) -> io::Result<impl Read> {
    let (beginning, length) = found.map_or((&[] as &[u8], u64::MAX), |found| {
        (found.beginning.as_slice(), found.length)
    });
    let begun = beginning.len() as u64;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begun))?;
    Ok(beginning.chain(file.take(length.saturating_sub(begun))))
}

/// Copies a file that stays in use beside itself. There are at most [`MOST_COPIES`]; the first ones stay, because what is
/// damaged now was whole at the earlier time, if ever. Gives the copy, or an earlier one.
pub(super) fn copy_aside(path: &Path, found: Option<&Found>, key: &VaultKey) -> io::Result<PathBuf> {
    let copy = copy_of(path, found, key)?;
    match copy.others.first() {
        Some(earlier) if !copy.is_made && copy.others.len() >= MOST_COPIES => Ok(earlier.clone()),
        _ => copy.make(),
    }
}

/// Copies of damaged files that are kept, but for those of files that were mended.
const MOST_COPIES: usize = 3;

/// The copy of a file beside it, under a name made of its content: the same damage is copied once.
pub(super) struct DamagedCopy<'a> {
    of: &'a Path,
    found: Option<&'a Found>,
    path: PathBuf,
    is_made: bool,
    /// The copies of other content, the first by name in front.
    others: Vec<PathBuf>,
}

pub(super) fn copy_of<'a>(
    path: &'a Path,
    found: Option<&'a Found>,
    key: &VaultKey,
) -> io::Result<DamagedCopy<'a>> {
    let prefix = format!("{}.damaged-", path.file_name().unwrap_or_default().display());
    let is_copy = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.starts_with(&prefix));
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut copies: Vec<PathBuf> = fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|copy| copy.file_name().is_some_and(is_copy))
        .collect();
    copies.sort();
    let name = content_name(bytes_of(path, found)?, key)?;
    let copy = folder.join(format!("{prefix}{name}"));
    Ok(DamagedCopy {
        of: path,
        found,
        is_made: copies.contains(&copy),
        others: copies.into_iter().filter(|other| *other != copy).collect(),
        path: copy,
    })
}

impl DamagedCopy<'_> {
    /// Makes it, if it is not there; gives where it stands.
    pub(super) fn make(self) -> io::Result<PathBuf> {
        if self.is_made {
            return Ok(self.path);
        }
        // Beside its place first: a copy that was cut short must not look like one.
        let part = beside(self.of, "copy.part");
        let copy = || {
            let mut file = profile::owner_only(&part)?;
            io::copy(&mut bytes_of(self.of, self.found)?, &mut file)?;
            file.sync_all()?;
            fs::rename(&part, &self.path)
        };
        copy().inspect_err(|_| drop(fs::remove_file(&part)))?;
        Ok(self.path)
    }
}

/// Some digits that stand for a file's content, and tell nothing of it without the key.
fn content_name(mut content: impl Read, key: &VaultKey) -> io::Result<String> {
    let mut mac = key.running_mac("damaged copy");
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match content.read(&mut buffer)? {
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
