//! Damage that shows while the database is open, and a database that panics.

use std::panic::{AssertUnwindSafe, catch_unwind};

use redb::StorageBackend;

use super::*;
use crate::crypto::Secret;
use crate::store::Settings;

fn key() -> VaultKey {
    VaultKey::from_secret(Secret::new([5; 32]))
}

/// Writes a database that was closed and of which a byte of the settings is another one; gives its bytes.
fn with_damaged_settings(path: &Path) -> Vec<u8> {
    let sealed = {
        let vault = Vault::open(path, key()).unwrap();
        vault.keep_settings(&Settings::default()).unwrap();
        vault.sealed(Table::Own, b"settings")
    };
    let mut bytes = std::fs::read(path).unwrap();
    let places = 0..bytes.len() - sealed.len();
    let places: Vec<usize> = places.filter(|at| bytes[*at..].starts_with(&sealed)).collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at + sealed.len() / 2] ^= 1;
    }
    std::fs::write(path, &bytes).unwrap();
    bytes
}

/// The copies of damaged files beside a file.
fn copies(path: &Path) -> Vec<Vec<u8>> {
    let paths = std::fs::read_dir(path.parent().unwrap()).unwrap();
    let paths = paths.map(|entry| entry.unwrap().path());
    let copies = paths.filter(|path| path.to_string_lossy().contains(".damaged-"));
    copies.map(|path| std::fs::read(path).unwrap()).collect()
}

#[test]
fn a_file_whose_damage_shows_when_it_is_read_stands_aside_as_it_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.redb");
    let bytes = with_damaged_settings(&path);
    let vault = Vault::open(&path, key()).unwrap();
    assert_eq!(vault.mended(), None);
    assert!(
        std::fs::read(&path).unwrap() != bytes,
        "opening it writes into it"
    );
    assert!(matches!(vault.settings(), Err(StoreError::Damaged { .. })));
    assert!(copies(&path) == [bytes]);
}

#[test]
fn what_was_written_before_the_damage_shows_is_in_the_copy() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.redb");
    with_damaged_settings(&path);
    let vault = Vault::open(&path, key()).unwrap();
    vault
        .write(|writing| writing.keep(Table::Notes, b"new", b"new"))
        .unwrap();
    assert!(matches!(vault.settings(), Err(StoreError::Damaged { .. })));
    assert!(copies(&path) == [std::fs::read(&path).unwrap()]);
}

/// A file in memory at which the database panics once that is wanted, when the file is to grow: in the middle of a write and
/// of a change to what it knows of the file, as damage makes it do.
#[derive(Debug)]
struct Panicking {
    file: InMemoryBackend,
    panics: Arc<AtomicBool>,
}

impl StorageBackend for Panicking {
    fn len(&self) -> io::Result<u64> {
        StorageBackend::len(&self.file)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        StorageBackend::read(&self.file, offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        assert!(!self.panics.load(Ordering::Relaxed), "on purpose");
        self.file.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        StorageBackend::write(&self.file, offset, data)
    }
}

/// A vault whose database panicked in the middle of a write, with a path where it may be opened again.
fn after_a_panic(path: &Path) -> Vault {
    let panics = Arc::new(AtomicBool::new(false));
    let file = Panicking {
        file: InMemoryBackend::new(),
        panics: Arc::clone(&panics),
    };
    let database = Builder::new().create_with_backend(file).unwrap();
    let file = OpenFile::Writable(database);
    let vault = Vault::with(path.to_owned(), file, key(), None, None);
    panics.store(true, Ordering::Relaxed);
    let long = vec![0_u8; 8 << 20];
    let written = vault.write(|writing| writing.keep(Table::Notes, b"long", &long));
    assert!(matches!(written, Err(StoreError::Damaged { .. })), "{written:?}");
    vault
}

#[test]
fn a_database_that_panicked_is_closed_without_another_panic() {
    let folder = tempfile::tempdir().unwrap();
    let vault = after_a_panic(&folder.path().join("x.redb"));
    assert!(catch_unwind(AssertUnwindSafe(|| drop(vault))).is_ok());
}

#[test]
fn after_a_panic_of_the_database_its_file_is_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.redb");
    drop(Vault::open(&path, key()).unwrap());
    let vault = after_a_panic(&path);
    vault
        .write(|writing| writing.keep(Table::Notes, b"key", b"value"))
        .unwrap();
    let row = vault.read(|reading| reading.row(Table::Notes, b"key")).unwrap();
    assert_eq!(row.unwrap().value(), b"value");
}
