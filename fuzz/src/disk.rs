//! What lies on a disk: files that somebody sent, or that another program or a fault wrote into.
//!
//! Whoever makes a backup chooses its passphrase too, so its rows are entered rightly sealed, with any
//! content.

use std::fs;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use cipher_room::crypto::{Identity, Passphrase, Secret, Stretching, VaultKey};
use cipher_room::net::foreign;
use cipher_room::protocol::RoomLog;
use cipher_room::store::{Profile, Table, Vault, Words, read_identity, write_identity};
use tempfile::TempDir;

use self::rows::{ROOM, channel, kept_room, place};
use super::{ADA, Fixed, World, form_of, overwrite, parts_of};

mod database;
mod rows;

pub use self::rows::seeds as kept_row_seeds;

/// A key file that is imported: PEM with and without a passphrase.
pub fn imported_keys(data: &[u8]) {
    let folder = folder();
    let path = folder.path().join("key.pem");
    let (form, data) = form_of(data);
    let mut bytes = match form % 3 {
        0 => data.to_vec(),
        1 => ADA.as_bytes().to_vec(),
        _ => encrypted_pem().to_vec(),
    };
    if form % 3 != 0 {
        overwrite(&mut bytes, data);
    }
    fs::write(&path, bytes).expect("a scratch folder");
    if let Ok(identity) = read_identity(&path, &Passphrase::new("x")) {
        let pem = identity.to_pem().expect("a key that was read");
        let again = Identity::from_pem(&pem).expect("what we write we can read");
        assert_eq!(again.fingerprint(), identity.fingerprint());
    }
}

/// The files of a profile folder, each alone but for the database, which is read only with its key beside it; and those of
/// version 0.1.
pub fn profile_files(data: &[u8]) {
    const NAMES: [&str; 6] = [
        "vault.json",
        "attempts.json",
        "settings.json",
        "contacts.json",
        "identity.pem",
        "vault.redb",
    ];
    const FORMS: usize = NAMES.len() + database::FORMS;
    let (form, data) = form_of(data);
    let Some(name) = NAMES.get(usize::from(form) % FORMS) else {
        database::opened(usize::from(form) % FORMS - NAMES.len(), data);
        return;
    };
    let name = *name;
    let folder = folder();
    fs::write(folder.path().join(name), data).expect("a scratch folder");
    let profile = Profile::open(folder.path()).expect("nobody else has it");
    let _ = profile.state();
    let _ = profile.wait_secs(2_000_000_000);
    let before = fs::read(folder.path().join(name)).ok();
    match profile.unlock(None, 2_000_000_000) {
        Ok(vault) => look_through(&vault),
        // A file that can't be understood stays as it is.
        Err(_) => assert!(name == "vault.redb" || fs::read(folder.path().join(name)).ok() == before),
    }
}

/// A backup that somebody sent, with its passphrase: as it came, overwritten, or with a right MAC.
pub fn backups(data: &[u8]) {
    let folder = folder();
    let (form, data) = form_of(data);
    let bytes = match form % 3 {
        0 => data.to_vec(),
        1 => {
            let mut bytes = backup_of(b"\xff");
            overwrite(&mut bytes, data);
            bytes
        }
        _ => backup_of(data),
    };
    let path = folder.path().join("backup");
    fs::write(&path, bytes).expect("a scratch folder");
    let place = folder.path().join("profile");
    let profile = Profile::open(&place).expect("nobody else has it");
    match profile.restore(&path, &Passphrase::new("x")) {
        Ok(vault) => look_through(&vault),
        // The database's version may be at fault, which is seen last.
        Err(_) => assert!(form % 3 == 2 || !place.join("vault.json").exists()),
    }
}

/// Rows of the database, rightly sealed, with any content: a room of ours and one of Bob's are taken up from them.
pub fn kept_rows(data: &[u8]) {
    let vault = vault_of(data);
    if is_room_given(data) {
        look_through(&vault);
    } else {
        for is_own in [true, false] {
            vault
                .write(|writing| writing.keep_room(&kept_room(is_own)))
                .expect("memory");
            look_through(&vault);
        }
    }
    foreign::let_old_go(&vault);
    look_through(&vault);
    let _ = vault.forget_room(&ROOM);
}

/// A database in memory with the rows of a script.
fn vault_of(script: &[u8]) -> Vault {
    let vault = Vault::in_memory().expect("memory");
    let kept = vault.write(|writing| {
        parts_of(script).try_for_each(|(choice, value)| {
            let (table, key) = place(choice);
            writing.keep(table, &key, value)
        })
    });
    kept.expect("memory");
    vault
}

fn is_room_given(script: &[u8]) -> bool {
    parts_of(script).any(|(choice, _)| place(choice).0 == Table::Rooms)
}

/// Reads everything that a profile has, alone and as the rooms' threads do.
fn look_through(vault: &Vault) {
    let _ = vault.identity();
    let _ = vault.settings();
    let _ = vault.hosts();
    let _ = vault.contacts();
    let _ = vault.rooms();
    let _ = vault.room(&ROOM);
    let _ = vault.room_state(&ROOM);
    let _ = vault.outbox(&ROOM);
    if let Ok(Some(extent)) = vault.log_extent(&ROOM) {
        let end = extent.next.min(extent.first.saturating_add(40));
        for row in vault.log_rows(&ROOM, extent.first..end).unwrap_or_default() {
            let _ = row.signed_event();
        }
        let _ = vault.log_part(&ROOM, extent.first..end);
        let _ = vault.lost_entries(&ROOM, extent.first..end);
        let _ = vault.log_gap_end(&ROOM, extent.first);
        let _ = vault.log_back_from(&ROOM, u64::MAX, 40);
    }
    let _ = vault.talk(&channel());
    for talk in vault.talks(&ROOM).unwrap_or_default() {
        let end = talk.next.min(talk.first.saturating_add(40));
        let _ = vault.said(&talk.channel, talk.first..end);
    }
    if let Some(words) = Words::parse("hello") {
        let _ = vault.search(&ROOM, &words, &mut |_| ControlFlow::Continue(()));
        let _ = vault.search_talks(&ROOM, &words, &mut |_| ControlFlow::Continue(()));
    }
    for log in take_up(vault) {
        let _ = (log.roster(), log.let_go(log.n(), log.head()));
        if log.knows_head() {
            let again = RoomLog::restore(ROOM, World::get().ada.public().clone(), log.state());
            assert_eq!(
                again.map(|again| again.n()),
                Some(log.n()),
                "what was taken up is kept"
            );
        }
    }
}

/// Takes up the room, as Ada.
fn take_up(vault: &Vault) -> Vec<RoomLog> {
    static ADA_HERSELF: OnceLock<Arc<Identity>> = OnceLock::new();
    static FILE: OnceLock<(TempDir, PathBuf)> = OnceLock::new();
    let ada = ADA_HERSELF.get_or_init(|| Arc::new(Identity::from_pem(ADA).expect("a good key")));
    let (_, file) = FILE.get_or_init(|| {
        let folder = folder();
        let file = folder.path().join("exported.json");
        (folder, file)
    });
    foreign::take_up(vault, &ROOM, ada, World::get().bob.public(), file)
}

pub fn imported_key_seeds() -> Vec<Vec<u8>> {
    let folder = folder();
    for pem in [ADA.as_bytes(), encrypted_pem()] {
        let path = folder.path().join("key.pem");
        fs::write(&path, pem).expect("a scratch folder");
        assert!(read_identity(&path, &Passphrase::new("x")).is_ok());
    }
    vec![
        [&[0], ADA.as_bytes()].concat(),
        [&[0], encrypted_pem()].concat(),
        vec![1, 0, 80, b'A'],
        vec![2, 0, 90, b'B'],
    ]
}

pub fn profile_file_seeds() -> Vec<Vec<u8>> {
    let wrapped = "{\"cipher_room_vault\":1,\"argon2id\":{\"memory_kib\":8192,\"passes\":1,\"lanes\":1,\
                   \"salt\":\"000102030405060708090a0b0c0d0e0f\"},\"wrapped\":\"00\"}";
    let with_form = |form: u8, text: &str| [&[form], text.as_bytes()].concat();
    vec![
        with_form(0, &plain_key_file()),
        with_form(0, wrapped),
        with_form(1, "{\"failed\":3,\"last_unix\":1999999999}"),
        with_form(2, "{\"name\":\"Ada\",\"theme\":\"dark\",\"port\":4747}"),
        with_form(3, "{}"),
        with_form(4, ADA),
        with_form(5, "redb"),
    ]
    .into_iter()
    .chain((6..).zip(database::seeds()).flat_map(|(form, seeds)| {
        let with_form = move |seed: Vec<u8>| [&[form], &seed[..]].concat();
        seeds.into_iter().map(with_form)
    }))
    .collect()
}

pub fn backup_seeds() -> Vec<Vec<u8>> {
    let folder = folder();
    let path = folder.path().join("backup");
    fs::write(&path, backup_of(b"\xff")).expect("a scratch folder");
    let profile = Profile::open(&folder.path().join("profile")).expect("nobody else has it");
    profile
        .restore(&path, &Passphrase::new("x"))
        .expect("it is a backup");
    vec![
        [&[0], &backup_of(b"\xff")[..]].concat(),
        vec![1, 0, 30, 0xff],
        vec![1, 1, 0, 0, 0, 0, 9],
        [&[2, 0][..], &[9; 16], &[0, 0, 0, 3, 1, 2, 3, 0xff]].concat(),
    ]
}

fn key() -> VaultKey {
    VaultKey::from_secret(Secret::new([7; 32]))
}

/// The file of that key, without a passphrase.
fn plain_key_file() -> String {
    format!("{{\"cipher_room_vault\": 1, \"key\": \"{}\"}}", "07".repeat(32))
}

/// In memory where that can be had: nothing is gained by waiting for a disk.
fn folder() -> TempDir {
    let in_memory = tempfile::tempdir_in("/dev/shm");
    in_memory
        .or_else(|_| tempfile::tempdir())
        .expect("a scratch folder")
}

fn encrypted_pem() -> &'static [u8] {
    static PEM: OnceLock<Vec<u8>> = OnceLock::new();
    PEM.get_or_init(|| {
        let folder = folder();
        let path = folder.path().join("key.pem");
        let identity = Identity::from_pem(ADA).expect("a good key");
        write_identity(&path, &identity, &Passphrase::new("x")).expect("a scratch folder");
        fs::read(&path).expect("just written")
    })
}

/// A backup with these records, and a right MAC over them.
fn backup_of(records: &[u8]) -> Vec<u8> {
    static KEY_FILE: OnceLock<String> = OnceLock::new();
    let key_file = KEY_FILE.get_or_init(|| {
        // As cheap as is accepted.
        let stretching = Stretching {
            memory_kib: 8 * 1024,
            passes: 1,
            lanes: 1,
            salt: [1; 16],
        };
        let wrapped = key()
            .wrap(&Passphrase::new("x"), &stretching, &mut Fixed::new(b"wrap"))
            .expect("good parameters");
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        format!(
            "{{\"cipher_room_vault\":1,\"argon2id\":{{\"memory_kib\":8192,\"passes\":1,\"lanes\":1,\
             \"salt\":\"{}\"}},\"wrapped\":\"{}\"}}",
            hex(&stretching.salt),
            hex(&wrapped)
        )
    });
    let len = (key_file.len() as u32).to_be_bytes();
    let mut bytes = [
        b"cipher-room backup v001\n",
        &len[..],
        key_file.as_bytes(),
        records,
    ]
    .concat();
    let mut mac = key().running_mac("backup");
    mac.update(&bytes);
    bytes.extend(mac.finish());
    bytes
}
