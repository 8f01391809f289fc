//! The database of a profile with its key beside it: damaged in places, cut, or another file altogether.
//!
//! The file is made once a run. Its values are sealed with fresh nonces, so that its bytes differ from run to run; where its
//! pages lie does not.

use std::cell::RefCell;
use std::fs;
use std::panic::{catch_unwind, resume_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::{Once, OnceLock};

use cipher_room::store::{Mended, Profile, Rows as _, Table, Vault};
use tempfile::TempDir;

use super::super::script;
use super::rows::{ROOM, kept_room, place, state_of_room};
use super::{folder, key, look_through, parts_of, plain_key_file};

/// The forms: the file as it was closed, as it stands while it is open, and any bytes.
pub const FORMS: usize = 3;

const PAGE: usize = 4096;
/// The part of the first page that says where everything is: two commits behind 64 bytes.
const HEADER: usize = 320;
/// The longest file that is opened.
const MAX_BYTES: usize = 4 << 20;
/// Notes in the genuine file, which fill some pages.
const NOTES: u32 = 60;

/// Opens a profile with such a database, and reads whatever it gives.
pub fn opened(form: usize, data: &[u8]) {
    if let Err(panic) = catch_unwind(|| drop(open(form, data))) {
        let said = UNHEARD.with_borrow(Clone::clone);
        assert!(said.is_empty(), "nobody caught it: {said}");
        resume_unwind(panic);
    }
}

/// What came of it: how many notes could be read, and how the file was mended.
fn open(form: usize, data: &[u8]) -> Option<(usize, Option<Mended>)> {
    let bytes = match form {
        2 => data.to_vec(),
        form => {
            let mut bytes = genuine()[form].clone();
            parts_of(data).for_each(|(choice, text)| damage(&mut bytes, choice, text));
            bytes
        }
    };
    leave_panics_of_the_database_to_the_store();
    let folder = folder();
    let file = folder.path().join("vault.redb");
    fs::write(folder.path().join("vault.json"), plain_key_file()).expect("a scratch folder");
    fs::write(&file, &bytes).expect("a scratch folder");
    let profile = Profile::open(folder.path()).expect("nobody else has it");
    let vault = match profile.unlock(None, 2_000_000_000) {
        Ok(vault) => vault,
        Err(error) => {
            assert!(
                is_kept(folder.path(), &bytes),
                "a file that can't be mended is not lost: {error}"
            );
            return None;
        }
    };
    if let Some(mended) = vault.mended() {
        let copy = fs::read(&mended.copy).expect("a scratch folder");
        assert!(copy == bytes, "{mended}");
    }
    look_through(&vault);
    let notes = vault.read(|reading| reading.all(Table::Notes));
    let readable = notes.map_or(0, |(notes, _)| notes.len());
    let mended = vault.mended().cloned();
    let _ = vault.write(|writing| writing.keep(Table::Notes, b"new", b"new"));
    drop(vault);
    Some((readable, mended))
}

/// Whether a folder holds a file with this content.
fn is_kept(folder: &Path, bytes: &[u8]) -> bool {
    let entries = fs::read_dir(folder).expect("a scratch folder");
    let mut paths = entries.map(|entry| entry.expect("a scratch folder").path());
    paths.any(|path| fs::read(path).is_ok_and(|content| content == bytes))
}

/// Does one thing to a file.
fn damage(bytes: &mut Vec<u8>, choice: u8, text: &[u8]) {
    let number = |at: usize| text.get(at).map_or(0, |byte| usize::from(*byte));
    let place = number(0) << 16 | number(1) << 8 | number(2);
    let pages = bytes.len() / PAGE;
    match choice % 6 {
        // The header, or the rest of its page.
        0 => write_at(bytes, (number(0) << 8 | number(1)) % HEADER, text.get(2..)),
        1 => write_at(bytes, (number(0) << 8 | number(1)) % PAGE, text.get(2..)),
        // The beginning of a page, where its kind and its count of entries stand.
        2 => write_at(
            bytes,
            number(0) % pages.max(1) * PAGE + number(1) % 64,
            text.get(2..),
        ),
        3 => write_at(bytes, place, text.get(3..)),
        // Shorter or longer.
        4 => bytes.resize(place % MAX_BYTES, 0),
        // One page in the place of another one.
        _ => {
            let (from, to) = (number(0) % pages.max(1), number(1) % pages.max(1));
            if from != to && pages > 0 {
                bytes.copy_within(from * PAGE..(from + 1) * PAGE, to * PAGE);
            }
        }
    }
}

fn write_at(bytes: &mut [u8], place: usize, new: Option<&[u8]>) {
    let place = place % bytes.len().max(1);
    let old = bytes.iter_mut().skip(place);
    for (old, new) in old.zip(new.unwrap_or_default()) {
        *old = *new;
    }
}

/// A file as it was closed, and one as a program leaves it that is killed.
fn genuine() -> &'static [Vec<u8>; 2] {
    static FILES: OnceLock<[Vec<u8>; 2]> = OnceLock::new();
    FILES.get_or_init(|| {
        let folder: TempDir = folder();
        let path = folder.path().join("vault.redb");
        let vault = Vault::open(&path, key()).expect("a scratch folder");
        let kept = vault.write(|writing| {
            writing.keep_room(&kept_room(false))?;
            writing.keep_room_state(&ROOM, &state_of_room())?;
            let (table, key) = place(1);
            writing.keep(table, &key, b"{\"name\":\"Ada\"}")
        });
        kept.expect("a scratch folder");
        for notes in (0..NOTES).collect::<Vec<_>>().chunks(20) {
            let note = |n: &u32| (n.to_be_bytes(), vec![*n as u8; 300]);
            let kept = vault.write(|writing| writing.keep_all(Table::Notes, notes.iter().map(note)));
            kept.expect("a scratch folder");
        }
        let killed = fs::read(&path).expect("just written");
        drop(vault);
        [fs::read(&path).expect("just written"), killed]
    })
}

/// The database panics at some damage, which the store catches and takes for what it is; a fuzzer ends at every panic that
/// it hears of. Those that nobody catches are not lost to it: they come out of the entry point.
fn leave_panics_of_the_database_to_the_store() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            let is_of_the_database = panic.location().is_some_and(|at| at.file().contains("/redb-"));
            UNHEARD.set(match is_of_the_database {
                true => panic.to_string(),
                false => String::new(),
            });
            if !is_of_the_database {
                before(panic);
            }
        }));
    });
}

thread_local! {
    /// The newest panic of the database, when it was the newest of all.
    static UNHEARD: RefCell<String> = const { RefCell::new(String::new()) };
}

pub fn seeds() -> [Vec<Vec<u8>>; FORMS] {
    for form in [0, 1] {
        let (notes, mended) = open(form, &[]).expect("it is whole");
        assert!(notes >= NOTES as usize && mended.is_none());
    }
    assert!(genuine()[0].len() < MAX_BYTES, "{}", genuine()[0].len());
    // The byte that says which commit is the newest, and the checksums of both.
    let other_commit = script(&[(0, &[0, 9, 1])]);
    let no_commit = script(&[(0, &[0, 64 + 112, 1, 2, 3]), (0, &[1, 48, 1, 2, 3])]);
    let cut = script(&[(4, &[0, 96, 0])]);
    let page = script(&[(2, &[3, 0, 0xa5, 0xa5, 0xa5, 0xa5]), (5, &[1, 4])]);
    let outcomes: Vec<_> = [&other_commit, &no_commit, &cut, &page]
        .into_iter()
        .flat_map(|damage| [0, 1].map(|form| open(form, damage)))
        .collect();
    let salvaged = outcomes.iter().flatten().filter(|(notes, mended)| {
        *notes > 0 && mended.as_ref().is_some_and(|mended| mended.records.is_some())
    });
    assert!(salvaged.count() > 0, "what can be read is put into a new file");
    [
        vec![Vec::new(), other_commit.clone(), no_commit.clone(), page.clone()],
        vec![Vec::new(), other_commit, no_commit, cut, page],
        vec![b"redb".to_vec(), genuine()[0][..HEADER].to_vec()],
    ]
}
