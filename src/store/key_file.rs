//! The small file beside the database: the vault key, wrapped by the passphrase or, without one, plain.
//!
//! It is read before anything else, says its version, and is replaced whole when the passphrase changes.

use serde::{Deserialize, Serialize};

use super::ProfileError;
use crate::crypto::{CryptoError, Passphrase, Secret, Stretching, VaultKey};

/// The version that this program writes, and the newest that it reads.
const VERSION: u32 = 1;

/// What the key file says.
#[derive(Debug, Clone)]
pub(super) enum KeyFile {
    /// There is no passphrase: whoever can read the file can read everything.
    Plain(VaultKey),
    /// Only the passphrase opens it.
    Wrapped {
        stretching: Stretching,
        wrapped: Vec<u8>,
    },
}

#[derive(Serialize, Deserialize)]
struct Form {
    cipher_room_vault: u32,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    key: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    argon2id: Option<StretchingForm>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    wrapped: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StretchingForm {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: String,
}

/// Only the version, which every version can read.
#[derive(Deserialize)]
struct VersionForm {
    cipher_room_vault: u32,
}

/// Why a key file can't be used.
pub(super) enum KeyFileFault {
    Newer,
    Damaged,
}

impl KeyFile {
    /// Wraps a key under a passphrase, with fresh salt. A few tenths of a second.
    pub fn wrap(key: &VaultKey, passphrase: &Passphrase) -> Result<KeyFile, ProfileError> {
        let mut rng = rand::rng();
        let stretching = Stretching::recommended(&mut rng);
        let wrapped = key
            .wrap(passphrase, &stretching, &mut rng)
            .map_err(|error| ProfileError::Failed(error.to_string()))?;
        Ok(KeyFile::Wrapped { stretching, wrapped })
    }

    /// Gives the key. `None` for a wrong passphrase. A few tenths of a second when there is one.
    pub fn open(&self, passphrase: Option<&Passphrase>) -> Result<Option<VaultKey>, CryptoError> {
        match (self, passphrase) {
            (KeyFile::Plain(key), _) => Ok(Some(key.clone())),
            (KeyFile::Wrapped { .. }, None) => Ok(None),
            (KeyFile::Wrapped { stretching, wrapped }, Some(passphrase)) => {
                match VaultKey::unwrap(wrapped, passphrase, stretching) {
                    Ok(key) => Ok(Some(key)),
                    Err(CryptoError::BadSeal) => Ok(None),
                    Err(error) => Err(error),
                }
            }
        }
    }

    #[expect(clippy::expect_used, reason = "our own value")]
    pub fn to_text(&self) -> String {
        let form = match self {
            KeyFile::Plain(key) => Form {
                cipher_room_vault: VERSION,
                key: Some(to_hex(key.secret().expose())),
                argon2id: None,
                wrapped: None,
            },
            KeyFile::Wrapped { stretching, wrapped } => Form {
                cipher_room_vault: VERSION,
                key: None,
                argon2id: Some(StretchingForm {
                    memory_kib: stretching.memory_kib,
                    passes: stretching.passes,
                    lanes: stretching.lanes,
                    salt: to_hex(&stretching.salt),
                }),
                wrapped: Some(to_hex(wrapped)),
            },
        };
        serde_json::to_string_pretty(&form).expect("the key file is plain JSON")
    }

    pub fn parse(text: &str) -> Result<KeyFile, KeyFileFault> {
        let version: VersionForm = serde_json::from_str(text).map_err(|_| KeyFileFault::Damaged)?;
        if version.cipher_room_vault > VERSION {
            return Err(KeyFileFault::Newer);
        }
        let form: Form = serde_json::from_str(text).map_err(|_| KeyFileFault::Damaged)?;
        let parse = || match (form.key, form.argon2id, form.wrapped) {
            (Some(key), None, None) => {
                let bytes: [u8; Secret::BYTES] = from_hex(&key)?.try_into().ok()?;
                Some(KeyFile::Plain(VaultKey::from_secret(Secret::new(bytes))))
            }
            (None, Some(stretching), Some(wrapped)) => Some(KeyFile::Wrapped {
                stretching: Stretching {
                    memory_kib: stretching.memory_kib,
                    passes: stretching.passes,
                    lanes: stretching.lanes,
                    salt: from_hex(&stretching.salt)?.try_into().ok()?,
                },
                wrapped: from_hex(&wrapped)?,
            }),
            _ => None,
        };
        parse().ok_or(KeyFileFault::Damaged)
    }
}

fn to_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// How often a wrong passphrase was given, and when last: kept over restarts, so that guessing at the
/// keyboard gets slower and slower. It stops nobody who has a copy of the folder; Argon2id does that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempts {
    failed: u32,
    last_unix: u64,
}

impl Attempts {
    /// How long to wait before the next attempt.
    pub fn wait_secs(&self, now_unix: u64) -> u64 {
        let Some(doublings) = self.failed.checked_sub(1) else {
            return 0;
        };
        let delay = 1_u64
            .checked_shl(doublings)
            .unwrap_or(u64::MAX)
            .min(LONGEST_DELAY_SECS);
        // A clock that was set back makes nobody wait longer than the delay.
        let passed = now_unix.saturating_sub(self.last_unix);
        delay.saturating_sub(passed).min(delay)
    }

    /// The same, where the last one was not later than now: a clock that ran ahead and was set back makes nobody wait
    /// until it is that late again.
    pub fn until(self, now_unix: u64) -> Attempts {
        Attempts {
            last_unix: self.last_unix.min(now_unix),
            ..self
        }
    }

    /// Counts one more.
    pub fn one_more(self, now_unix: u64) -> Attempts {
        Attempts {
            failed: self.failed.saturating_add(1),
            last_unix: now_unix,
        }
    }
}

/// The delay doubles with each wrong passphrase up to this.
const LONGEST_DELAY_SECS: u64 = 300;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_reads_back() {
        let key = VaultKey::generate(&mut rand::rng());
        let plain = KeyFile::Plain(key.clone()).to_text();
        let opened = KeyFile::parse(&plain).ok().unwrap().open(None).unwrap().unwrap();
        assert_eq!(opened.secret().expose(), key.secret().expose());
        let passphrase = Passphrase::new("orbit velvet");
        let wrapped = KeyFile::wrap(&key, &passphrase).unwrap().to_text();
        let read = KeyFile::parse(&wrapped).ok().unwrap();
        assert!(read.open(None).unwrap().is_none());
        assert!(read.open(Some(&Passphrase::new("orbit"))).unwrap().is_none());
        let opened = read.open(Some(&passphrase)).unwrap().unwrap();
        assert_eq!(opened.secret().expose(), key.secret().expose());
        let form: Form = serde_json::from_str(&wrapped).unwrap();
        let stretching = form.argon2id.unwrap();
        assert!(stretching.memory_kib >= 65536 && stretching.passes >= 3);
    }

    #[test]
    fn newer_and_damaged_key_files_are_told_apart() {
        let fault = |text: &str| KeyFile::parse(text).err();
        assert!(matches!(
            fault(r#"{"cipher_room_vault":2,"other":[]}"#),
            Some(KeyFileFault::Newer)
        ));
        for text in [
            "",
            "{}",
            r#"{"cipher_room_vault":1}"#,
            r#"{"cipher_room_vault":1,"key":"00"}"#,
            r#"{"cipher_room_vault":1,"key":"zz","wrapped":"00"}"#,
        ] {
            assert!(matches!(fault(text), Some(KeyFileFault::Damaged)), "{text}");
        }
    }

    #[test]
    fn the_delay_doubles_to_five_minutes_and_passes() {
        let mut attempts = Attempts::default();
        assert_eq!(attempts.wait_secs(0), 0);
        let mut delays = Vec::new();
        for _ in 0..12 {
            attempts = attempts.one_more(1000);
            delays.push(attempts.wait_secs(1000));
        }
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(attempts.wait_secs(1100), 200);
        assert_eq!(attempts.wait_secs(1300), 0);
        assert_eq!(attempts.wait_secs(0), 300, "a clock set back");
        let set_back = attempts.until(10);
        assert_eq!((set_back.wait_secs(10), set_back.wait_secs(310)), (300, 0));
        assert_eq!(attempts.until(1100), attempts);
    }
}
