//! Asks where a file goes or comes from, and writes or reads it. Waits for the user: call it on a thread.
//!
//! Where the desktop has no file dialog, that is told, so that the window can ask for a path instead.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rfd::FileDialog;

use crate::files::{self, ReadError};
use crate::lab::bench::MOST_BYTES;
use crate::session::{Level, Notice};

/// A dialog that is gone sooner was never shown: this desktop has none.
const SHORTEST_DIALOG: Duration = Duration::from_millis(250);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Tell the user.
    Notice(Notice),
    /// A text was read.
    Text(String),
    /// There is no dialog: ask for the path of a text to open.
    NoDialogToOpen,
    /// There is no dialog: ask for the path of a picture with a contact card.
    NoDialogForCard,
    /// There is no dialog: ask for a path to save these bytes at.
    NoDialogToSave {
        /// A path to suggest.
        suggested: PathBuf,
        /// The content.
        bytes: Vec<u8>,
    },
    /// A file was chosen.
    Path(PathBuf),
    /// This desktop has no dialog: the path must be typed.
    NoDialog,
    /// A contact card was found in a picture.
    Card(String),
}

/// Asks where, and writes `bytes`. `None` when the user cancelled.
pub fn save(suggested_name: &str, bytes: &[u8]) -> Option<Outcome> {
    let asked = Instant::now();
    let path = match FileDialog::new().set_file_name(suggested_name).save_file() {
        Some(path) => path,
        None if asked.elapsed() < SHORTEST_DIALOG => {
            return Some(Outcome::NoDialogToSave {
                suggested: free_path(&downloads(), suggested_name),
                bytes: bytes.to_owned(),
            });
        }
        None => return None,
    };
    Some(told(&path, fs::write(&path, bytes)))
}

/// Writes a new file at a path that was typed; `~` is the user's home. A file that is there already is left alone.
pub fn write_new(path: &Path, bytes: &[u8]) -> Outcome {
    let path = expanded(path);
    let written = fs::File::create_new(&path).and_then(|mut file| file.write_all(bytes));
    told(&path, written)
}

fn told(path: &Path, written: std::io::Result<()>) -> Outcome {
    Outcome::Notice(match written {
        Ok(()) => note(Level::Note, format!("Saved as {}.", path.display())),
        Err(error) => note(
            Level::Warning,
            format!("{} could not be written: {error}.", path.display()),
        ),
    })
}

/// The path with the user's home in place of a `~` in front.
fn expanded(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::UserDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_owned(),
    }
}

/// Asks which, and reads a text. `None` when the user cancelled.
pub fn open_text() -> Option<Outcome> {
    let asked = Instant::now();
    match FileDialog::new().pick_file() {
        Some(path) => Some(read_text(&path)),
        None if asked.elapsed() < SHORTEST_DIALOG => Some(Outcome::NoDialogToOpen),
        None => None,
    }
}

/// Asks for a file: a new one under the suggested name, or one that is there. `None` when the user cancelled.
pub fn choose(suggested_name: Option<&str>) -> Option<Outcome> {
    let asked = Instant::now();
    let chosen = match suggested_name {
        Some(name) => FileDialog::new().set_file_name(name).save_file(),
        None => FileDialog::new().pick_file(),
    };
    match chosen {
        Some(path) => Some(Outcome::Path(path)),
        None if asked.elapsed() < SHORTEST_DIALOG => Some(Outcome::NoDialog),
        None => None,
    }
}

/// Asks for a picture and reads the QR code in it. `None` when the user cancelled.
pub fn open_card() -> Option<Outcome> {
    Some(match choose(None)? {
        Outcome::Path(path) => read_card(&path),
        _ => Outcome::NoDialogForCard,
    })
}

/// Reads the QR code in a picture; `~` is the user's home.
pub fn read_card(path: &Path) -> Outcome {
    match super::qr_file::read(&expanded(path)) {
        Ok(text) => Outcome::Card(text),
        Err(reason) => Outcome::Notice(note(Level::Warning, format!("{reason}."))),
    }
}

/// Reads a text in UTF-8, as long as the lab's bench can hold.
pub fn read_text(path: &Path) -> Outcome {
    let path = &expanded(path);
    let warn = |why: String| Outcome::Notice(note(Level::Warning, format!("{} {why}.", path.display())));
    match files::read_text(path, MOST_BYTES as u64) {
        Ok(text) => Outcome::Text(text),
        Err(ReadError::TooLong { limit }) => warn(format!(
            "is longer than {}, the most that the lab holds; open a part of it",
            files::size(limit)
        )),
        Err(error) => warn(format!("can't be read: {error}")),
    }
}

fn note(level: Level, text: String) -> Notice {
    Notice { level, text }
}

fn downloads() -> PathBuf {
    directories::UserDirs::new()
        .map(|dirs| dirs.download_dir().unwrap_or(dirs.home_dir()).to_owned())
        .unwrap_or_default()
}

/// A name in the folder that is not taken yet: "name.png", "name-2.png", …
fn free_path(folder: &Path, name: &str) -> PathBuf {
    let first = folder.join(name);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "txt"));
    let numbered = (2..).map(|n| folder.join(format!("{stem}-{n}.{ending}")));
    std::iter::once(first.clone())
        .chain(numbered)
        .find(|path| !path.exists())
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_overwritten_without_a_dialog() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(free_path(folder.path(), "a.png"), folder.path().join("a.png"));
        fs::write(folder.path().join("a.png"), "x").unwrap();
        assert_eq!(free_path(folder.path(), "a.png"), folder.path().join("a-2.png"));
    }

    #[test]
    fn a_typed_path_writes_a_new_file_and_leaves_an_old_one_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        let said = |outcome| match outcome {
            Outcome::Notice(notice) => notice.text,
            other => panic!("{other:?}"),
        };
        assert!(said(write_new(&path, b"one")).starts_with("Saved as"));
        assert!(said(write_new(&path, b"two")).contains("could not be written"));
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert!(expanded(Path::new("~/a.txt")).is_absolute());
    }

    #[test]
    fn a_card_is_read_from_a_picture_at_a_typed_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("card.png");
        let text = "cipher-room-contact:example";
        fs::write(&path, crate::app::qr_file::png(text).unwrap()).unwrap();
        assert_eq!(read_card(&path), Outcome::Card(text.to_owned()));
        let away = folder.path().join("away.png");
        assert!(matches!(read_card(&away), Outcome::Notice(notice) if notice.text.contains("can't be read")));
    }

    #[test]
    fn what_is_no_text_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, [0xff, 0xfe]).unwrap();
        assert!(matches!(read_text(&path), Outcome::Notice(notice) if notice.text.contains("UTF-8")));
        fs::write(&path, "hello").unwrap();
        assert_eq!(read_text(&path), Outcome::Text("hello".to_owned()));
        assert!(matches!(read_text(folder.path()), Outcome::Notice(_)));
        fs::File::create(&path)
            .unwrap()
            .set_len(MOST_BYTES as u64 + 1)
            .unwrap();
        assert!(matches!(read_text(&path), Outcome::Notice(notice) if notice.text.contains("8 MiB")));
        #[cfg(unix)]
        for endless in ["/dev/zero", "/dev/urandom"] {
            assert!(
                matches!(read_text(Path::new(endless)), Outcome::Notice(notice) if notice.text.contains("device"))
            );
            assert!(
                matches!(read_card(Path::new(endless)), Outcome::Notice(notice) if notice.text.contains("device"))
            );
        }
    }
}
