//! What lies on a disk: files that somebody sent, or that another program or a fault wrote into.
//!
//! Whoever makes a backup chooses its passphrase too, so its rows are entered rightly sealed, with any
//! content.

use std::fs;
use std::ops::ControlFlow;
use std::sync::{Mutex, OnceLock, PoisonError};

use cipher_room::crypto::{Identity, Passphrase, Secret, Stretching, VaultKey};
use cipher_room::store::{Profile, Table, Vault, Words, read_identity, write_identity};
use tempfile::TempDir;

use super::{ADA, Fixed, World, form_of, overwrite};

const ROOM: [u8; 32] = [7; 32];

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

/// The small files of a profile folder, and those of version 0.1.
pub fn profile_files(data: &[u8]) {
    const NAMES: [&str; 6] = [
        "vault.json",
        "attempts.json",
        "settings.json",
        "contacts.json",
        "identity.pem",
        "vault.redb",
    ];
    let folder = folder();
    let (form, data) = form_of(data);
    let name = NAMES[usize::from(form) % NAMES.len()];
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

/// Rows of the database, rightly sealed, with any content.
pub fn kept_rows(data: &[u8]) {
    static VAULT: OnceLock<(TempDir, Mutex<Vault>)> = OnceLock::new();
    let (_, vault) = VAULT.get_or_init(|| {
        let folder = folder();
        let vault = Vault::open(&folder.path().join("vault.redb"), key()).expect("a scratch folder");
        (folder, Mutex::new(vault))
    });
    let vault = vault.lock().unwrap_or_else(PoisonError::into_inner);
    let mut keys: Vec<(Table, Vec<u8>)> = Vec::new();
    let mut rest = data;
    vault
        .write(|writing| {
            while let Some((head, behind)) = rest.split_first_chunk::<3>() {
                let len = usize::from(u16::from_be_bytes([head[1], head[2]])).min(behind.len());
                let (value, after) = behind.split_at(len);
                rest = after;
                let (table, key) = place(head[0]);
                writing.keep(table, &key, value)?;
                keys.push((table, key));
            }
            Ok(())
        })
        .expect("a scratch folder");
    look_through(&vault);
    vault
        .write(|writing| {
            keys.iter()
                .try_for_each(|(table, key)| writing.drop_row(*table, key))
        })
        .expect("a scratch folder");
}

/// The table and the key that a byte names.
fn place(choice: u8) -> (Table, Vec<u8>) {
    let entry = |n: u64| [&ROOM[..], &n.to_be_bytes()].concat();
    match choice % 12 {
        0 => (Table::Own, b"identity".to_vec()),
        1 => (Table::Own, b"settings".to_vec()),
        2 => (Table::Own, b"hosts".to_vec()),
        3 => (Table::Contacts, vec![choice / 12; 32]),
        4 => (Table::Rooms, ROOM.to_vec()),
        5 => (Table::Extents, ROOM.to_vec()),
        6 => (Table::Log, entry(u64::from(choice / 12))),
        7 => (Table::Texts, entry(u64::from(choice / 12))),
        8 => (Table::Outbox, ROOM.to_vec()),
        9 => (Table::Outbox, entry(u64::from(choice / 12))),
        10 => (Table::RoomStates, ROOM.to_vec()),
        _ => (Table::Own, b"version".to_vec()),
    }
}

/// Reads everything that a profile has.
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
        let _ = vault.lost_entries(&ROOM, extent.first..end);
    }
    if let Some(words) = Words::parse("hello") {
        let _ = vault.search(&ROOM, &words, &mut |_| ControlFlow::Continue(()));
    }
}

pub fn imported_key_seeds() -> Vec<Vec<u8>> {
    vec![
        [&[0], ADA.as_bytes()].concat(),
        [&[0], encrypted_pem()].concat(),
        vec![1, 0, 80, b'A'],
        vec![2, 0, 90, b'B'],
    ]
}

pub fn profile_file_seeds() -> Vec<Vec<u8>> {
    let key_file = format!("{{\"cipher_room_vault\": 1, \"key\": \"{}\"}}", "07".repeat(32));
    let wrapped = "{\"cipher_room_vault\":1,\"argon2id\":{\"memory_kib\":8192,\"passes\":1,\"lanes\":1,\
                   \"salt\":\"000102030405060708090a0b0c0d0e0f\"},\"wrapped\":\"00\"}";
    let with_form = |form: u8, text: &str| [&[form], text.as_bytes()].concat();
    vec![
        with_form(0, &key_file),
        with_form(0, wrapped),
        with_form(1, "{\"failed\":3,\"last_unix\":1999999999}"),
        with_form(2, "{\"name\":\"Ada\",\"theme\":\"dark\",\"port\":4747}"),
        with_form(3, "{}"),
        with_form(4, ADA),
        with_form(5, "redb"),
    ]
}

pub fn backup_seeds() -> Vec<Vec<u8>> {
    vec![
        [&[0], &backup_of(b"\xff")[..]].concat(),
        vec![1, 0, 30, 0xff],
        vec![1, 1, 0, 0, 0, 0, 9],
        [&[2, 0][..], &[9; 16], &[0, 0, 0, 3, 1, 2, 3, 0xff]].concat(),
    ]
}

pub fn kept_row_seeds() -> Vec<Vec<u8>> {
    let entry = super::body::encode(&super::Body::Roster(World::get().roster.clone()));
    let row = |choice: u8, value: &[u8]| {
        let [high, low] = (value.len() as u16).to_be_bytes();
        [&[choice, high, low], value].concat()
    };
    vec![
        row(1, b"{\"name\":\"Ada\"}"),
        row(0, ADA.as_bytes()),
        [row(5, &[0xa5, 0, 0, 1, 2, 2, 0x58, 32]), row(6, &entry)].concat(),
        row(8, &[0xa2, 0, 0, 1, 2]),
        row(4, &entry),
    ]
}

fn key() -> VaultKey {
    VaultKey::from_secret(Secret::new([7; 32]))
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a scratch folder")
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
