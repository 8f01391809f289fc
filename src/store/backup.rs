//! A whole profile as one encrypted file, and its way back into an empty folder.
//!
//! The file holds the vault key wrapped under the backup's own passphrase, then every record as it is
//! sealed in the database, then a MAC over all of it. So it is no weaker than the profile, can be carried
//! anywhere, and a cut or altered copy is refused before anything is written.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

use super::key_file::{KeyFile, KeyFileFault};
use super::profile::{DATABASE_FILE, KEY_FILE, Unwritten, place_file, write_whole};
use super::{Profile, ProfileError, ProfileState, Vault};
use crate::crypto::{OPAQUE_BYTES, Passphrase, RunningMac, VaultKey};
use crate::files::{self, ReadError};

/// What a backup starts with; the digit is its version.
const MAGIC: &[u8; 24] = b"cipher-room backup v001\n";
/// Longest key file in a backup.
const MAX_KEY_FILE_BYTES: usize = 64 * 1024;
/// Longest record in a backup: as long as `redb` would take, and what memory can hold for sure.
const MAX_RECORD_BYTES: usize = 64 * 1024 * 1024;
/// Records restored in one transaction, at most …
const RECORDS_AT_ONCE: usize = 4096;
/// … and the bytes in them, but for the last one: all of them are in memory together.
const BYTES_AT_ONCE: usize = 8 * 1024 * 1024;

impl Vault {
    /// Writes everything into a new file under a passphrase of its own. One that is cut short does not look like a backup.
    /// Long: call it on a thread.
    pub fn back_up(&self, path: &Path, passphrase: &Passphrase) -> Result<(), ProfileError> {
        let key_file = KeyFile::wrap(self.key(), passphrase)?.to_text();
        write_whole(path, |file| -> Result<(), Unwritten> {
            let mac = self.key().running_mac("backup");
            let mut backup = Backup { file, mac };
            backup.put(MAGIC)?;
            backup.put_long(key_file.as_bytes())?;
            self.put_each_record(&mut backup)?;
            backup.put(&[END])?;
            Ok(backup.finish()?)
        })
        .map_err(|unwritten| unwritten.of(path, self.path()))
    }

    fn put_each_record(&self, backup: &mut Backup<'_, impl Write>) -> Result<(), Unwritten> {
        // The file's own error, which must not be taken for one of the database.
        let mut unwritten = None;
        let given = self.each_record(&mut |table, key, value| {
            backup.put_record(table, key, value).map_err(|error| {
                let kind = error.kind();
                unwritten = Some(error);
                kind.into()
            })
        });
        match unwritten {
            Some(error) => Err(Unwritten::File(error)),
            None => given.map_err(Unwritten::Database),
        }
    }
}

/// A backup being written.
struct Backup<'a, W: Write> {
    file: &'a mut W,
    mac: RunningMac,
}

impl<W: Write> Backup<'_, W> {
    fn put_record(&mut self, table: u8, key: &[u8; OPAQUE_BYTES], value: &[u8]) -> io::Result<()> {
        self.put(&[table])?;
        self.put(key)?;
        self.put_long(value)
    }

    fn put_long(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.put(&length(bytes.len())?)?;
        self.put(bytes)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.mac.update(bytes);
        self.file.write_all(bytes)
    }

    /// Writes the tag over everything before it.
    fn finish(self) -> io::Result<()> {
        self.file.write_all(&self.mac.finish())
    }
}

/// A database that is being restored.
const DATABASE_PART: &str = "vault.redb.part";
/// The key of a database that is restored and complete.
const KEY_PART: &str = "vault.json.part";

/// Ends a restore that was interrupted: one that was complete is put in place, what is left of another is removed.
pub(super) fn finish_restore(folder: &Path) -> io::Result<()> {
    let (database_part, key_part) = (folder.join(DATABASE_PART), folder.join(KEY_PART));
    let is_complete = key_part.exists() && !database_part.exists() && folder.join(DATABASE_FILE).exists();
    if is_complete && !folder.join(KEY_FILE).exists() {
        fs::rename(&key_part, folder.join(KEY_FILE))?;
        #[cfg(unix)]
        File::open(folder)?.sync_all()?;
    }
    for part in [database_part, key_part] {
        if part.exists() {
            log::warn!("a restore was interrupted; {} is removed", part.display());
            fs::remove_file(part)?;
        }
    }
    Ok(())
}

/// Stands where the next table would.
const END: u8 = 0xff;

impl Profile {
    /// Fills a new profile from a backup. The profile then has the backup's passphrase. Long: call it on
    /// a thread. Nothing is written before the whole file was checked, and what is written is checked again; it stands
    /// beside its place until it is complete. A restore that was interrupted is cleaned away, or finished, when the folder is
    /// opened next.
    pub fn restore(&self, path: &Path, passphrase: &Passphrase) -> Result<Vault, ProfileError> {
        if self.state()? != ProfileState::New {
            return Err(ProfileError::Failed(
                "a backup is restored into a new profile only; choose an empty folder with --profile"
                    .to_owned(),
            ));
        }
        let (key_file, key) = self.check_backup(path, passphrase)?;
        let part = self.folder().join(DATABASE_PART);
        let outcome = self
            .fill(path, &key, &part)
            .and_then(|()| self.put_in_place(&part, &key_file));
        if let Err(error) = outcome {
            let _ = fs::remove_file(&part);
            let _ = fs::remove_file(self.folder().join(KEY_PART));
            return Err(error);
        }
        self.open_vault(key)
    }

    /// Writes every record into a database beside its place. The file is read a second time, so it is checked a second time:
    /// somebody may have changed it meanwhile.
    fn fill(&self, path: &Path, key: &VaultKey, part: &Path) -> Result<(), ProfileError> {
        let failed = |error| ProfileError::Database(part.to_owned(), error);
        let _ = fs::remove_file(part);
        let vault = Vault::open(part, key.clone()).map_err(failed)?;
        let mut records = Records::open(path)?;
        records.begin_check(key)?;
        loop {
            let piece = records.next_piece()?;
            if piece.is_empty() {
                return records.end_check();
            }
            vault.put_records(&piece).map_err(failed)?;
        }
    }

    /// The key beside its place, then the database, then the key in its place: whatever was done last, opening the folder
    /// knows how to go on.
    fn put_in_place(&self, part: &Path, key_file: &str) -> Result<(), ProfileError> {
        let failed = |error| ProfileError::NotWritable(self.folder().to_owned(), error);
        place_file(self.folder(), KEY_PART, key_file.as_bytes()).map_err(failed)?;
        fs::rename(part, self.folder().join(DATABASE_FILE)).map_err(failed)?;
        finish_restore(self.folder()).map_err(failed)
    }

    fn check_backup(&self, path: &Path, passphrase: &Passphrase) -> Result<(String, VaultKey), ProfileError> {
        let mut records = Records::open(path)?;
        let key_file = records.key_file.clone();
        let parsed = match KeyFile::parse(&key_file) {
            Ok(parsed @ KeyFile::Wrapped { .. }) => parsed,
            Err(KeyFileFault::Newer) => return Err(ProfileError::Newer(path.to_owned())),
            Ok(KeyFile::Plain(_)) | Err(KeyFileFault::Damaged) => return Err(records.damaged()),
        };
        let key = parsed
            .open(Some(passphrase))
            .map_err(|_| records.damaged())?
            .ok_or(ProfileError::WrongPassphrase { wait_secs: 0 })?;
        records.check(&key)?;
        Ok((key_file, key))
    }
}

/// One record: the number of its table, its key and its value, both as they stand in the database.
pub(super) type Record = (u8, [u8; OPAQUE_BYTES], Vec<u8>);

/// A backup being read.
struct Records {
    path: std::path::PathBuf,
    file: BufReader<File>,
    key_file: String,
    mac: Option<RunningMac>,
    ended: bool,
}

impl Records {
    fn open(path: &Path) -> Result<Records, ProfileError> {
        let file = files::open(path).map_err(|error| match error {
            ReadError::Failed(error) => ProfileError::NotReadable(path.to_owned(), error),
            error => ProfileError::Failed(format!("{} is no backup: {error}", path.display())),
        })?;
        let mut records = Records {
            path: path.to_owned(),
            file: BufReader::new(file),
            key_file: String::new(),
            mac: None,
            ended: false,
        };
        let mut magic = [0; MAGIC.len()];
        records.take(&mut magic)?;
        if &magic != MAGIC {
            return Err(match magic.starts_with(b"cipher-room backup v") {
                true => ProfileError::Newer(path.to_owned()),
                false => ProfileError::Failed(format!("{} is not a backup of Cipher Room", path.display())),
            });
        }
        let key_file = records.take_long(MAX_KEY_FILE_BYTES)?;
        records.key_file = String::from_utf8(key_file).map_err(|_| records.damaged())?;
        Ok(records)
    }

    /// Reads everything once and compares the MAC.
    fn check(&mut self, key: &VaultKey) -> Result<(), ProfileError> {
        self.begin_check(key)?;
        while self.next()?.is_some() {}
        self.end_check()
    }

    fn begin_check(&mut self, key: &VaultKey) -> Result<(), ProfileError> {
        let mut mac = key.running_mac("backup");
        mac.update(MAGIC);
        mac.update(&length(self.key_file.len()).map_err(|_| self.damaged())?);
        mac.update(self.key_file.as_bytes());
        self.mac = Some(mac);
        Ok(())
    }

    fn end_check(&mut self) -> Result<(), ProfileError> {
        let mac = self.mac.take().ok_or_else(|| self.damaged())?;
        let mut tag = [0; 32];
        self.file.read_exact(&mut tag).map_err(|_| self.damaged())?;
        let nothing_behind = self.file.read(&mut [0]).is_ok_and(|count| count == 0);
        match mac.matches(&tag) && nothing_behind {
            true => Ok(()),
            false => Err(self.damaged()),
        }
    }

    /// The records of one transaction; none at the end.
    fn next_piece(&mut self) -> Result<Vec<Record>, ProfileError> {
        let (mut piece, mut bytes) = (Vec::new(), 0);
        while piece.len() < RECORDS_AT_ONCE && bytes < BYTES_AT_ONCE {
            let Some(record) = self.next()? else {
                break;
            };
            bytes += record.2.len();
            piece.push(record);
        }
        Ok(piece)
    }

    fn next(&mut self) -> Result<Option<Record>, ProfileError> {
        if self.ended {
            return Ok(None);
        }
        let mut table = [0];
        self.take(&mut table)?;
        let [table] = table;
        if table == END {
            self.ended = true;
            return Ok(None);
        }
        let mut key = [0; OPAQUE_BYTES];
        self.take(&mut key)?;
        Ok(Some((table, key, self.take_long(MAX_RECORD_BYTES)?)))
    }

    fn take_long(&mut self, most: usize) -> Result<Vec<u8>, ProfileError> {
        let mut len = [0; 4];
        self.take(&mut len)?;
        let len = u32::from_be_bytes(len) as usize;
        if len > most {
            return Err(self.damaged());
        }
        // As it comes: a length alone reserves no memory.
        let part = (&mut self.file).take(len as u64);
        let bytes = files::read_limited(part, len as u64).unwrap_or_default();
        if bytes.len() != len {
            return Err(self.damaged());
        }
        if let Some(mac) = &mut self.mac {
            mac.update(&bytes);
        }
        Ok(bytes)
    }

    fn take(&mut self, bytes: &mut [u8]) -> Result<(), ProfileError> {
        self.file.read_exact(bytes).map_err(|_| self.damaged())?;
        if let Some(mac) = &mut self.mac {
            mac.update(bytes);
        }
        Ok(())
    }

    fn damaged(&self) -> ProfileError {
        ProfileError::Failed(format!(
            "{} is cut short or altered, and nothing was restored from it; use another copy",
            self.path.display()
        ))
    }
}

fn length(len: usize) -> io::Result<[u8; 4]> {
    u32::try_from(len).map(u32::to_be_bytes).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::Identity;
    use crate::crypto::test_keys::ADA;
    use crate::store::{Settings, Table};

    const NOW: u64 = 1_795_000_000;

    #[test]
    fn a_backup_restores_everything_on_another_machine_and_shows_nothing() {
        let (old, new, elsewhere) = (
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
            tempfile::tempdir().unwrap(),
        );
        let file = elsewhere.path().join("backup");
        let passphrase = Passphrase::new("for the backup");
        let settings = Settings {
            name: "Ada Brandt".to_owned(),
            ..Settings::default()
        };
        {
            let profile = Profile::open(old.path()).unwrap();
            let vault = profile.create(None).unwrap();
            vault
                .keep_identity(&Identity::from_pem(ADA).unwrap(), &settings)
                .unwrap();
            for n in 0..5000_u32 {
                if n % 500 == 0 {
                    vault
                        .write(|writing| {
                            (n..n + 500)
                                .try_for_each(|n| writing.keep(Table::Notes, &n.to_be_bytes(), b"a word"))
                        })
                        .unwrap();
                }
            }
            vault.back_up(&file, &passphrase).unwrap();
        }
        let bytes = fs::read(&file).unwrap();
        for word in [&b"a word"[..], b"Ada Brandt", b"PRIVATE KEY"] {
            assert!(!bytes.windows(word.len()).any(|window| window == word));
        }
        let profile = Profile::open(new.path()).unwrap();
        assert!(matches!(
            profile.restore(&file, &Passphrase::new("wrong")),
            Err(ProfileError::WrongPassphrase { .. })
        ));
        let restored = profile.restore(&file, &passphrase).unwrap();
        assert_eq!(restored.settings().unwrap(), settings);
        assert!(restored.identity().unwrap().is_some());
        assert_eq!(
            restored
                .read(|r| Ok(crate::store::Rows::all(r, Table::Notes)?.0.len()))
                .unwrap(),
            5000
        );
        drop(restored);
        assert_eq!(profile.state().unwrap(), ProfileState::Locked);
        assert!(profile.unlock(Some(&passphrase), NOW).is_ok());
        assert!(
            profile.restore(&file, &passphrase).is_err(),
            "only into a new profile"
        );
    }

    #[test]
    fn a_cut_or_altered_backup_is_refused_and_nothing_is_restored() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = old.path().join("backup");
        let passphrase = Passphrase::new("for the backup");
        let vault = Profile::open(&old.path().join("p"))
            .unwrap()
            .create(None)
            .unwrap();
        vault
            .write(|writing| writing.keep(Table::Notes, b"k", b"v"))
            .unwrap();
        vault.back_up(&file, &passphrase).unwrap();
        let whole = fs::read(&file).unwrap();
        let profile = Profile::open(new.path()).unwrap();
        let mut altered = whole.clone();
        let middle = whole.len() - 100;
        altered[middle] ^= 1;
        let longer = [&whole[..], b"x"].concat();
        for bytes in [
            &whole[..whole.len() - 1],
            &whole[..whole.len() - 40],
            &whole[..30],
            &altered,
            &longer,
            b"",
            b"other",
        ] {
            fs::write(&file, bytes).unwrap();
            assert!(profile.restore(&file, &passphrase).is_err());
            assert_eq!(
                profile.state().unwrap(),
                ProfileState::New,
                "nothing was restored"
            );
        }
    }

    /// A backup of a profile with one note, under "b".
    fn backup(folder: &Path) -> std::path::PathBuf {
        let file = folder.join("backup");
        let vault = Profile::open(&folder.join("p")).unwrap().create(None).unwrap();
        vault
            .write(|writing| writing.keep(Table::Notes, b"k", b"v"))
            .unwrap();
        vault.back_up(&file, &Passphrase::new("b")).unwrap();
        file
    }

    #[test]
    fn a_restore_holds_few_records_in_memory_where_they_are_long() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup");
        let vault = Profile::open(&folder.path().join("p"))
            .unwrap()
            .create(None)
            .unwrap();
        for n in 0..4 {
            vault
                .write(|writing| writing.keep(Table::Notes, &[n], &vec![n; 5 << 20]))
                .unwrap();
        }
        vault.back_up(&file, &Passphrase::new("b")).unwrap();
        let mut records = Records::open(&file).unwrap();
        let mut long = 0;
        loop {
            let piece = records.next_piece().unwrap();
            let Some((last, before)) = piece.split_last() else {
                break;
            };
            let bytes: usize = before.iter().map(|(_, _, value)| value.len()).sum();
            assert!(bytes < BYTES_AT_ONCE, "{bytes} and {}", last.2.len());
            long += piece.iter().filter(|(_, _, value)| value.len() > 5 << 20).count();
        }
        assert_eq!(long, 4, "none is passed over");
    }

    #[test]
    fn a_backup_that_fails_leaves_the_earlier_one_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let file = backup(folder.path());
        let earlier = fs::read(&file).unwrap();
        // Something is in the way.
        fs::create_dir(folder.path().join("backup.part")).unwrap();
        let vault = Profile::open(&folder.path().join("p"))
            .unwrap()
            .unlock(None, NOW)
            .unwrap();
        let failed = vault.back_up(&file, &Passphrase::new("b"));
        assert!(matches!(failed, Err(ProfileError::FileNotWritable(named, _)) if named == file));
        assert!(fs::read(&file).unwrap() == earlier);
    }

    #[test]
    fn a_restore_that_was_interrupted_at_any_step_blocks_nothing() {
        let old = tempfile::tempdir().unwrap();
        let file = backup(old.path());
        let passphrase = Passphrase::new("b");
        let whole = tempfile::tempdir().unwrap();
        drop(
            Profile::open(whole.path())
                .unwrap()
                .restore(&file, &passphrase)
                .unwrap(),
        );
        let put = |folder: &Path, from: &str, to: &str| {
            fs::copy(whole.path().join(from), folder.join(to)).unwrap();
        };
        // Killed while the database was filled, with the key beside it, and between the two that are put in place.
        for (step, state) in [
            (1, ProfileState::New),
            (2, ProfileState::New),
            (3, ProfileState::Locked),
        ] {
            let new = tempfile::tempdir().unwrap();
            match step {
                1 => fs::write(new.path().join(DATABASE_PART), b"half of it").unwrap(),
                2 => {
                    put(new.path(), DATABASE_FILE, DATABASE_PART);
                    put(new.path(), KEY_FILE, KEY_PART);
                }
                _ => {
                    put(new.path(), DATABASE_FILE, DATABASE_FILE);
                    put(new.path(), KEY_FILE, KEY_PART);
                }
            }
            let profile = Profile::open(new.path()).unwrap();
            assert_eq!(profile.state().unwrap(), state, "step {step}");
            for part in [DATABASE_PART, KEY_PART] {
                assert!(!new.path().join(part).exists(), "step {step}");
            }
            let vault = match state {
                ProfileState::New => profile.restore(&file, &passphrase).unwrap(),
                _ => profile.unlock(Some(&passphrase), NOW).unwrap(),
            };
            let note = vault
                .read(|r| crate::store::Rows::row(r, Table::Notes, b"k"))
                .unwrap();
            assert_eq!(note.unwrap().value(), b"v");
        }
    }
}
