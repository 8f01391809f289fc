use super::*;
use crate::crypto::Identity;
use crate::crypto::test_keys::{ADA, BOB};
use crate::store::{Contacts, Settings};

const NOW: u64 = 1_795_000_000;

fn ada() -> Identity {
    Identity::from_pem(ADA).unwrap()
}

fn settings() -> Settings {
    Settings {
        name: "Ada ✈ Brandt".to_owned(),
        room: "Attic of secrets".to_owned(),
        port: 9,
        ..Settings::default()
    }
}

/// A profile with an identity, as after the first run.
fn made(folder: &Path, passphrase: Option<&Passphrase>) -> Profile {
    let profile = Profile::open(folder).unwrap();
    let vault = profile.create(passphrase).unwrap();
    vault.keep_identity(&ada(), &settings()).unwrap();
    profile
}

#[test]
fn an_identity_is_kept_over_restarts_and_never_replaced_by_accident() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(
        Profile::open(folder.path()).unwrap().state().unwrap(),
        ProfileState::New
    );
    drop(made(folder.path(), None));
    let profile = Profile::open(folder.path()).unwrap();
    assert_eq!(profile.state().unwrap(), ProfileState::Open);
    let vault = profile.unlock(None, NOW).unwrap();
    assert_eq!(
        vault.identity().unwrap().unwrap().fingerprint(),
        ada().fingerprint()
    );
    assert_eq!(vault.settings().unwrap(), settings());
    let bob = Identity::from_pem(BOB).unwrap();
    assert!(vault.keep_identity(&bob, &settings()).is_err());
    assert_eq!(
        vault.identity().unwrap().unwrap().fingerprint(),
        ada().fingerprint()
    );
    assert!(profile.create(None).is_err(), "a vault is not made twice");
}

#[test]
fn a_profile_with_a_passphrase_opens_with_it_only_and_the_delay_outlives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let right = Passphrase::new("orbit velvet mango");
    drop(made(folder.path(), Some(&right)));
    let profile = Profile::open(folder.path()).unwrap();
    assert_eq!(profile.state().unwrap(), ProfileState::Locked);
    assert!(matches!(
        profile.unlock(Some(&Passphrase::new("orbit velvet")), NOW),
        Err(ProfileError::WrongPassphrase { wait_secs: 1 })
    ));
    // The right one is not even tried before the delay is over.
    assert!(matches!(
        profile.unlock(Some(&right), NOW),
        Err(ProfileError::TooSoon { wait_secs: 1 })
    ));
    assert!(matches!(
        profile.unlock(Some(&Passphrase::new("x")), NOW + 1),
        Err(ProfileError::WrongPassphrase { wait_secs: 2 })
    ));
    drop(profile);
    let profile = Profile::open(folder.path()).unwrap();
    assert_eq!(profile.wait_secs(NOW + 2), 1);
    let vault = profile.unlock(Some(&right), NOW + 10).unwrap();
    assert_eq!(vault.settings().unwrap(), settings());
    assert_eq!(
        profile.wait_secs(NOW + 10),
        0,
        "a right passphrase ends the delay"
    );
}

#[test]
fn a_wrong_passphrase_while_the_clock_was_ahead_costs_the_delay_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let (right, wrong) = (Passphrase::new("orbit velvet"), Passphrase::new("x"));
    let profile = made(folder.path(), Some(&right));
    // The window asks how long to wait before anybody gives a passphrase; the terminal does not.
    for (now, asks_first) in [(NOW, true), (NOW + 1000, false)] {
        assert!(matches!(
            profile.unlock(Some(&wrong), now + 7200),
            Err(ProfileError::WrongPassphrase { wait_secs: 1 })
        ));
        if asks_first {
            assert_eq!(profile.wait_secs(now), 1);
        }
        assert!(matches!(
            profile.unlock(Some(&right), now),
            Err(ProfileError::TooSoon { wait_secs: 1 })
        ));
        assert!(profile.unlock(Some(&right), now + 1).is_ok());
        assert_eq!(profile.wait_secs(now + 1), 0);
    }
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_that_cannot_be_written_whole_leaves_the_earlier_one_and_no_part() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let half = |file: &mut BufWriter<File>| -> io::Result<()> {
        file.write_all(b"half of it")?;
        Err(io::ErrorKind::StorageFull.into())
    };
    assert!(write_whole(&path, half).is_err());
    assert!(names(folder.path()).is_empty());
    fs::write(&path, b"yesterday's").unwrap();
    assert!(write_whole(&path, half).is_err());
    assert_eq!(names(folder.path()), ["x"]);
    assert_eq!(fs::read(&path).unwrap(), b"yesterday's");
    // It can't get its name.
    let taken = folder.path().join("folder");
    fs::create_dir(&taken).unwrap();
    assert!(write_whole(&taken, |file| file.write_all(b"new")).is_err());
    assert_eq!(names(folder.path()), ["folder", "x"]);
    write_whole(&path, |file| file.write_all(b"new")).unwrap();
    assert_eq!(names(folder.path()), ["folder", "x"]);
    assert_eq!(fs::read(&path).unwrap(), b"new");
}

#[test]
fn another_passphrase_rewrites_the_key_file_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (Passphrase::new("first one"), Passphrase::new("second one"));
    let profile = made(folder.path(), Some(&first));
    let database = fs::read(folder.path().join(DATABASE_FILE)).unwrap();
    assert!(matches!(
        profile.change_passphrase(Some(&second), Some(&second), NOW),
        Err(ProfileError::WrongPassphrase { .. })
    ));
    profile
        .change_passphrase(Some(&first), Some(&second), NOW + 1)
        .unwrap();
    assert_eq!(fs::read(folder.path().join(DATABASE_FILE)).unwrap(), database);
    assert!(profile.unlock(Some(&first), NOW + 2).is_err());
    assert_eq!(
        profile
            .unlock(Some(&second), NOW + 9)
            .unwrap()
            .settings()
            .unwrap(),
        settings()
    );
    profile.change_passphrase(Some(&second), None, NOW + 9).unwrap();
    assert!(!profile.has_passphrase());
    assert!(profile.unlock(None, NOW).is_ok());
}

#[test]
fn a_profile_of_version_0_1_is_taken_over_with_no_loss() {
    let folder = tempfile::tempdir().unwrap();
    let mut hosts = Contacts::default();
    hosts.remember("192.0.2.1:4747", &ada().fingerprint(), true);
    fs::write(folder.path().join("identity.pem"), ADA).unwrap();
    fs::write(folder.path().join("settings.json"), to_json(&settings())).unwrap();
    fs::write(folder.path().join("contacts.json"), to_json(&hosts)).unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    assert_eq!(profile.state().unwrap(), ProfileState::Open);
    let vault = profile.unlock(None, NOW).unwrap();
    assert_eq!(
        vault.identity().unwrap().unwrap().fingerprint(),
        ada().fingerprint()
    );
    assert_eq!(vault.settings().unwrap(), settings());
    assert_eq!(vault.hosts().unwrap(), hosts);
    for name in ["identity.pem", "settings.json", "contacts.json"] {
        assert!(
            !folder.path().join(name).exists(),
            "{name} is still there in clear"
        );
    }
}

#[test]
fn a_damaged_file_of_version_0_1_is_reported_and_left_alone() {
    for (name, bytes) in [
        ("identity.pem", &b"-----BEGIN"[..]),
        ("settings.json", b"{"),
        ("contacts.json", b"\xff"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("identity.pem"), ADA).unwrap();
        fs::write(folder.path().join(name), bytes).unwrap();
        let profile = Profile::open(folder.path()).unwrap();
        assert!(
            matches!(profile.unlock(None, NOW), Err(ProfileError::Damaged(path)) if path.ends_with(name)),
            "{name}"
        );
        assert_eq!(fs::read(folder.path().join(name)).unwrap(), bytes);
        assert!(folder.path().join("identity.pem").exists());
    }
}

#[test]
fn another_identity_beside_the_vault_is_never_removed() {
    let folder = tempfile::tempdir().unwrap();
    drop(made(folder.path(), None));
    fs::write(folder.path().join("identity.pem"), BOB).unwrap();
    let vault = Profile::open(folder.path()).unwrap().unlock(None, NOW).unwrap();
    assert_eq!(
        vault.identity().unwrap().unwrap().fingerprint(),
        ada().fingerprint()
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("identity.pem")).unwrap(),
        BOB
    );
}

#[cfg(unix)]
#[test]
fn every_file_is_readable_by_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new");
    drop(made(&path, None));
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    assert_eq!(mode(&path.join(KEY_FILE)), 0o600);
    assert_eq!(mode(&path.join(DATABASE_FILE)), 0o600);
}

#[cfg(unix)]
#[test]
fn the_rights_of_a_folder_that_was_there_are_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    assert_eq!(
        fs::metadata(&profile.folder).unwrap().permissions().mode() & 0o777,
        0o755
    );
}

#[test]
fn a_second_program_on_one_profile_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = Profile::open(folder.path()).unwrap();
    assert!(matches!(
        Profile::open(folder.path()),
        Err(ProfileError::InUse(_))
    ));
    drop(first);
    assert!(Profile::open(folder.path()).is_ok());
}

#[test]
fn a_profile_of_a_newer_version_is_refused_politely_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(made(folder.path(), None));
    let key_file = folder.path().join(KEY_FILE);
    let kept = fs::read_to_string(&key_file).unwrap();
    fs::write(
        &key_file,
        kept.replace("\"cipher_room_vault\": 1", "\"cipher_room_vault\": 2"),
    )
    .unwrap();
    let error = Profile::open(folder.path()).unwrap().state().unwrap_err();
    assert!(matches!(error, ProfileError::Newer(_)) && error.to_string().contains("newer version"));
    fs::write(&key_file, kept).unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    let vault = profile.unlock(None, NOW).unwrap();
    use crate::store::{Rows, Table};
    vault
        .write(|writing| {
            let ours = writing.row(Table::Own, b"version")?.unwrap().value()[0];
            writing.keep(Table::Own, b"version", &[ours + 1])
        })
        .unwrap();
    drop(vault);
    assert!(matches!(profile.unlock(None, NOW), Err(ProfileError::Newer(_))));
}

#[test]
fn a_database_of_an_older_version_is_opened_and_marked_so_that_that_version_refuses_it() {
    let folder = tempfile::tempdir().unwrap();
    use crate::store::{Rows, Table, Vault};
    let version = |vault: &Vault| {
        vault.read(|reading| Ok(reading.row(Table::Own, b"version")?.unwrap().value().to_vec()))
    };
    let vault = made(folder.path(), None).unlock(None, NOW).unwrap();
    let ours = version(&vault).unwrap();
    vault
        .write(|writing| writing.keep(crate::store::Table::Own, b"version", &[1]))
        .unwrap();
    drop(vault);
    let vault = Profile::open(folder.path()).unwrap().unlock(None, NOW).unwrap();
    assert_eq!(version(&vault).unwrap(), ours);
    assert_ne!(ours, [1]);
}

#[test]
fn a_damaged_or_missing_key_file_is_reported_and_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    drop(made(folder.path(), None));
    let key_file = folder.path().join(KEY_FILE);
    fs::write(&key_file, "{").unwrap();
    let profile = Profile::open(folder.path()).unwrap();
    assert!(matches!(profile.state(), Err(ProfileError::Damaged(path)) if path == key_file));
    assert!(profile.create(None).is_err());
    assert_eq!(fs::read(&key_file).unwrap(), b"{");
    fs::remove_file(&key_file).unwrap();
    assert!(profile.state().unwrap_err().to_string().contains("missing"));
    assert!(
        profile.create(None).is_err(),
        "a database without its key is not a new profile"
    );
}

#[test]
fn a_folder_that_is_a_file_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    fs::write(&path, b"x").unwrap();
    assert!(matches!(Profile::open(&path), Err(ProfileError::NotWritable(..))));
}

#[test]
fn a_database_that_is_gone_or_empty_is_no_new_profile() {
    let folder = tempfile::tempdir().unwrap();
    drop(Profile::open(folder.path()).unwrap().create(None).unwrap());
    let database = folder.path().join(DATABASE_FILE);
    for gone in [false, true] {
        match gone {
            true => fs::remove_file(&database).unwrap(),
            false => fs::write(&database, b"").unwrap(),
        }
        let profile = Profile::open(folder.path()).unwrap();
        let error = profile.unlock(None, 1).map(drop).unwrap_err();
        assert!(matches!(error, ProfileError::DatabaseMissing(_)) && error.is_damage());
        assert_eq!(database.exists(), !gone, "nothing is put in its place");
    }
}

#[test]
fn a_first_run_that_is_cut_short_at_any_point_ends_in_a_new_profile_or_in_one_that_opens() {
    let whole = tempfile::tempdir().unwrap();
    drop(Profile::open(whole.path()).unwrap().create(None).unwrap());
    let [key, database] = [KEY_FILE, DATABASE_FILE].map(|name| fs::read(whole.path().join(name)).unwrap());
    for (has_key, state) in [(false, ProfileState::New), (true, ProfileState::Open)] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(DATABASE_NEW), &database).unwrap();
        if has_key {
            fs::write(folder.path().join(KEY_FILE), &key).unwrap();
        }
        let profile = Profile::open(folder.path()).unwrap();
        assert_eq!(profile.state().unwrap(), state);
        match has_key {
            true => drop(profile.unlock(None, 1).unwrap()),
            false => drop(profile.create(None).unwrap()),
        }
        assert!(!folder.path().join(DATABASE_NEW).exists());
    }
}
