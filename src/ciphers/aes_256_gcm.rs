//! AES-256-GCM: the modern reference beside the classical ciphers. The real work is the `aes-gcm` crate's.
//!
//! A passphrase becomes a key by PBKDF2-HMAC-SHA-256 with 600,000 rounds and the fixed salt
//! `cipher-room/lab/aes-256-gcm`, so that a text can be opened with other tools:
//!
//! ```text
//! python3: hashlib.pbkdf2_hmac("sha256", passphrase, b"cipher-room/lab/aes-256-gcm", 600_000, 32)
//! openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt pass:PASSPHRASE \
//!             -kdfopt salt:cipher-room/lab/aes-256-gcm -kdfopt iter:600000 PBKDF2
//! ```
//!
//! A fixed salt keeps the output at ciphertext ‖ tag, but lets an attacker prepare a table for all texts of this lab at
//! once. Messages of the application's rooms never pass through here; they have keys of their own.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::cipher::{Cipher, Direction, TextError};
use super::key::{Key, KeyError};
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};
use super::step::{How, Step};
use super::values::Values;

/// The description of AES-256-GCM.
pub static AES_256_GCM: CipherSpec = CipherSpec {
    id: "aes-256-gcm",
    name: "AES-256-GCM",
    family: Family::Modern,
    year: "2001 (AES), 2007 (GCM)",
    summary: "Today's standard, for comparison: every byte of the UTF-8 text is combined with a key stream from AES, and \
              a tag of 16 bytes guards the whole. The output is ciphertext and tag as hexadecimal digits or base64; a \
              nonce that was not given is random and stands in front. Altered text is refused. A passphrase becomes \
              a key by PBKDF2-HMAC-SHA-256 (600,000 rounds, salt cipher-room/lab/aes-256-gcm).",
    params: &[
        ParamSpec::optional(
            "passphrase",
            "Passphrase",
            Kind::Passphrase,
            "",
            "any text from which the key is derived (or give the key)",
        )
        .with_sample("correct horse battery staple"),
        ParamSpec::optional(
            "key",
            "Key",
            Kind::Hex { bytes: 32 },
            "",
            "64 hexadecimal digits (or give a passphrase)",
        ),
        ParamSpec::optional(
            "nonce",
            "Nonce",
            Kind::Hex { bytes: 12 },
            "",
            "24 hexadecimal digits, never the same twice under one key; left out, it is random and put in front",
        ),
        ParamSpec::optional(
            "encoding",
            "Encoding",
            Kind::Choice(&["hex", "base64"]),
            "hex",
            "hex or base64",
        ),
    ],
    examples: &[
        Example {
            key: &[("key", ZEROS), ("nonce", "000000000000000000000000")],
            plaintext: "",
            ciphertext: "530f8afbc74536b9a963b4f1c4cb738b",
            source: "McGrew and Viega, The Galois/Counter Mode of Operation, test case 13",
        },
        Example {
            key: &[("key", ZEROS), ("nonce", "000000000000000000000000")],
            plaintext: "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0",
            ciphertext: "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
            source: "McGrew and Viega, The Galois/Counter Mode of Operation, test case 14",
        },
    ],
    make,
};

const ZEROS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const SALT: &[u8] = b"cipher-room/lab/aes-256-gcm";
const ROUNDS: u32 = 600_000;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

type KeyBytes = Zeroizing<[u8; 32]>;

fn make(values: &Values<'_>) -> Result<Box<dyn Cipher>, KeyError> {
    let encoding = match values.choice("encoding") {
        Some("base64") => Encoding::Base64,
        _ => Encoding::Hex,
    };
    let key = key_of(values)?;
    let nonce = values.given("nonce").map(bytes_of::<NONCE_BYTES>);
    Ok(Box::new(Sealed {
        cipher: Aes256Gcm::new(&(*key).into()),
        nonce,
        encoding,
    }))
}

/// The 32 key bytes that a key of this cipher stands for; with them a view can trace AES's rounds.
pub fn key_bytes(key: &Key) -> Result<KeyBytes, KeyError> {
    let values = AES_256_GCM.check(key)?;
    key_of(&values)
}

fn key_of(values: &Values<'_>) -> Result<KeyBytes, KeyError> {
    match (values.given("passphrase"), values.given("key")) {
        (Some(_), Some(_)) => Err(values.invalid_because(
            "key",
            "stands beside a passphrase",
            "one of the two: passphrase or key",
        )),
        (Some(passphrase), None) => Ok(derive(passphrase)),
        (None, Some(digits)) => Ok(Zeroizing::new(bytes_of(digits))),
        (None, None) => Err(values.missing("passphrase")),
    }
}

/// Hexadecimal digits whose number and form have been checked.
fn bytes_of<const BYTES: usize>(digits: &str) -> [u8; BYTES] {
    let mut out = [0; BYTES];
    for (byte, pair) in out.iter_mut().zip(digits.trim().as_bytes().chunks_exact(2)) {
        *byte = pair
            .iter()
            .fold(0, |byte, &digit| byte << 4 | nibble(digit).unwrap_or(0));
    }
    out
}

fn nibble(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// PBKDF2 (RFC 8018, section 5.2) for a key as long as one output of the hash: a single block.
fn derive(passphrase: &str) -> KeyBytes {
    let mac = Hmac::<Sha256>::new_from_slice(passphrase.as_bytes()).expect("HMAC takes keys of any length");
    let mut first = mac.clone();
    first.update(SALT);
    first.update(&1u32.to_be_bytes());
    let mut last: [u8; 32] = first.finalize().into_bytes().into();
    let mut key = Zeroizing::new(last);
    for _ in 1..ROUNDS {
        let mut next = mac.clone();
        next.update(&last);
        last = next.finalize().into_bytes().into();
        key.iter_mut().zip(last).for_each(|(byte, other)| *byte ^= other);
    }
    key
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Hex,
    Base64,
}

impl Encoding {
    fn encode(self, bytes: &[u8]) -> String {
        match self {
            Encoding::Hex => {
                let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble)];
                let digits = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]);
                String::from_utf8(digits.collect()).expect("hexadecimal digits are ASCII")
            }
            Encoding::Base64 => Base64::encode_string(bytes),
        }
    }

    /// Reads the bytes; white space is skipped, so that a line's end or groups do no harm.
    fn decode(self, text: &str) -> Result<Vec<u8>, TextError> {
        let encoding = if self == Encoding::Hex {
            "hexadecimal digits"
        } else {
            "base64"
        };
        let belongs = |c: char| match self {
            Encoding::Hex => c.is_ascii_hexdigit(),
            Encoding::Base64 => c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '='),
        };
        if let Some(place) = text.chars().position(|c| !belongs(c) && !c.is_whitespace()) {
            return Err(TextError::NotEncoded {
                encoding,
                position: Some(place + 1),
            });
        }
        let digits: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let incomplete = TextError::NotEncoded {
            encoding,
            position: None,
        };
        match self {
            Encoding::Base64 => Base64::decode_vec(&digits).map_err(|_| incomplete),
            Encoding::Hex if !digits.len().is_multiple_of(2) => Err(incomplete),
            Encoding::Hex => {
                let pairs = digits.as_bytes().chunks_exact(2);
                pairs
                    .map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?))
                    .collect::<Option<_>>()
                    .ok_or(incomplete)
            }
        }
    }

    /// The byte in which the encoded character with this index begins.
    fn byte_of(self, index: usize) -> usize {
        match self {
            Encoding::Hex => index / 2,
            Encoding::Base64 => index * 6 / 8,
        }
    }
}

struct Sealed {
    cipher: Aes256Gcm,
    nonce: Option<[u8; NONCE_BYTES]>,
    encoding: Encoding,
}

impl Sealed {
    /// Nonce (if it is to be sent), ciphertext and tag.
    fn seal(&self, plaintext: &[u8]) -> Result<Vec<u8>, TextError> {
        let nonce = self.nonce.unwrap_or_else(rand::random);
        let sealed = self
            .cipher
            .encrypt(&Nonce::from(nonce), plaintext)
            .map_err(|_| TextError::TooLong)?;
        let mut out = if self.nonce.is_some() {
            Vec::new()
        } else {
            nonce.to_vec()
        };
        out.extend(sealed);
        Ok(out)
    }

    fn open(&self, bytes: &[u8]) -> Result<Vec<u8>, TextError> {
        let needed = self.nonce_bytes() + TAG_BYTES;
        if bytes.len() < needed {
            return Err(TextError::TooShort {
                needed,
                available: bytes.len(),
            });
        }
        let (front, sealed) = bytes.split_at(self.nonce_bytes());
        let nonce = match self.nonce {
            Some(nonce) => nonce,
            None => front.try_into().map_err(|_| TextError::NotAuthentic)?,
        };
        self.cipher
            .decrypt(&Nonce::from(nonce), sealed)
            .map_err(|_| TextError::NotAuthentic)
    }

    /// The bytes of the nonce that travel in front of the ciphertext.
    fn nonce_bytes(&self) -> usize {
        if self.nonce.is_some() { 0 } else { NONCE_BYTES }
    }
}

impl Cipher for Sealed {
    fn encrypt(&self, text: &str) -> Result<String, TextError> {
        Ok(self.encoding.encode(&self.seal(text.as_bytes())?))
    }

    fn decrypt(&self, text: &str) -> Result<String, TextError> {
        let bytes = self.open(&self.encoding.decode(text)?)?;
        String::from_utf8(bytes).map_err(|_| TextError::NotText)
    }

    /// One step for each character of the plaintext, and one each for nonce and tag. With a random nonce the steps are
    /// those of an encryption of their own.
    fn steps(&self, direction: Direction, text: &str) -> Result<Vec<Step>, TextError> {
        let (plaintext, sealed) = match direction {
            Direction::Encrypt => (text.to_owned(), self.seal(text.as_bytes())?),
            Direction::Decrypt => (self.decrypt(text)?, self.encoding.decode(text)?),
        };
        let encoded: Vec<(usize, char)> = match direction {
            Direction::Encrypt => self.encoding.encode(&sealed).chars().enumerate().collect(),
            Direction::Decrypt => text
                .chars()
                .enumerate()
                .filter(|(_, c)| !c.is_whitespace())
                .collect(),
        };
        let span = |bytes: std::ops::Range<usize>| -> (Vec<usize>, String) {
            let owner = |index| self.encoding.byte_of(index).min(sealed.len().saturating_sub(1));
            let chars = encoded
                .iter()
                .enumerate()
                .filter(|(index, _)| bytes.contains(&owner(*index)));
            chars.map(|(_, &(place, c))| (place, c)).unzip()
        };
        let step = |plain: (Vec<usize>, String), coded: (Vec<usize>, String), how| match direction {
            Direction::Encrypt => Step {
                inputs: plain.0,
                outputs: coded.0,
                from: plain.1,
                to: coded.1,
                how,
            },
            Direction::Decrypt => Step {
                inputs: coded.0,
                outputs: plain.0,
                from: coded.1,
                to: plain.1,
                how,
            },
        };
        let nothing = || (Vec::new(), String::new());
        let start = self.nonce_bytes();
        let end = start + plaintext.len();
        let mut steps = Vec::new();
        if start > 0 {
            steps.push(step(nothing(), span(0..start), How::Nonce));
        }
        for (place, (byte, c)) in plaintext.char_indices().enumerate() {
            let range = start + byte..start + byte + c.len_utf8();
            let plain = plaintext.as_bytes()[byte..byte + c.len_utf8()].to_vec();
            let coded = sealed[range.clone()].to_vec();
            let key_stream = plain.iter().zip(&coded).map(|(a, b)| a ^ b).collect();
            let (bytes, result) = match direction {
                Direction::Encrypt => (plain, coded),
                Direction::Decrypt => (coded, plain),
            };
            let how = How::KeyStream {
                bytes,
                key_stream,
                result,
                block: byte / 16,
            };
            steps.push(step((vec![place], c.into()), span(range), how));
        }
        steps.push(step(nothing(), span(end..sealed.len()), How::Tag));
        Ok(steps)
    }

    fn key_bits(&self) -> f64 {
        256.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        Encoding::Hex.decode(text).unwrap()
    }

    const KEY_15: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";

    fn keyed() -> Key {
        Key::new().with("key", KEY_15)
    }

    #[test]
    fn test_case_15_of_the_gcm_submission_holds() {
        // McGrew and Viega, The Galois/Counter Mode of Operation, test case 15 (its plaintext is not UTF-8).
        let nonce = bytes_of::<12>("cafebabefacedbaddecaf888");
        let cipher = Aes256Gcm::new(&bytes_of::<32>(KEY_15).into());
        let sealed = Sealed {
            cipher,
            nonce: Some(nonce),
            encoding: Encoding::Hex,
        };
        let plaintext = hex(
            "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525\
             b16aedf5aa0de657ba637b391aafd255",
        );
        let expected = hex(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838\
             c5f61e6393ba7a0abcc9f662898015ad b094dac5d93471bdec1a502270e3cc6c",
        );
        assert_eq!(sealed.seal(&plaintext).unwrap(), expected);
        assert_eq!(sealed.open(&expected).unwrap(), plaintext);
        assert_eq!(
            sealed.decrypt(&Encoding::Hex.encode(&expected)),
            Err(TextError::NotText)
        );
    }

    #[test]
    fn a_passphrase_gives_the_documented_key() {
        // Computed with Python's hashlib.pbkdf2_hmac, as the file's head says.
        let key = key_bytes(&Key::new().with("passphrase", "correct horse battery staple")).unwrap();
        assert_eq!(
            Encoding::Hex.encode(&*key),
            "ff242a3ead410ff3af34276107fc190bc8556a133d7e4ef62b2a8386d70cf54a"
        );
    }

    #[test]
    fn a_random_nonce_stands_in_front_and_is_never_the_same() {
        for encoding in ["hex", "base64"] {
            let cipher = AES_256_GCM.build(&keyed().with("encoding", encoding)).unwrap();
            let (first, second) = (
                cipher.encrypt("héllo\n").unwrap(),
                cipher.encrypt("héllo\n").unwrap(),
            );
            assert_ne!(first, second);
            assert_eq!(cipher.decrypt(&format!("{first}\n")).unwrap(), "héllo\n");
            assert_eq!(cipher.decrypt(&second).unwrap(), "héllo\n");
        }
    }

    #[test]
    fn every_altered_character_is_refused() {
        for encoding in ["hex", "base64"] {
            let cipher = AES_256_GCM.build(&keyed().with("encoding", encoding)).unwrap();
            let sealed = cipher.encrypt("attack at dawn").unwrap();
            for place in 0..sealed.len() {
                let mut altered = sealed.clone().into_bytes();
                altered[place] = if altered[place] == b'1' { b'2' } else { b'1' };
                let altered = String::from_utf8(altered).unwrap();
                assert!(cipher.decrypt(&altered).is_err(), "{encoding}, character {place}");
            }
            assert!(cipher.decrypt(&sealed[..sealed.len() - 4]).is_err());
        }
    }

    #[test]
    fn what_is_not_encoded_or_too_short_is_named() {
        let cipher = AES_256_GCM.build(&keyed()).unwrap();
        let not_hex = |position| TextError::NotEncoded {
            encoding: "hexadecimal digits",
            position,
        };
        assert_eq!(cipher.decrypt("00zz"), Err(not_hex(Some(3))));
        assert_eq!(cipher.decrypt("000"), Err(not_hex(None)));
        assert_eq!(
            cipher.decrypt("00"),
            Err(TextError::TooShort {
                needed: 28,
                available: 1
            })
        );
    }

    #[test]
    fn keys_are_checked_and_not_echoed() {
        let error = |key: Key| AES_256_GCM.build(&key).err().unwrap();
        assert_eq!(error(Key::new()).param(), Some("passphrase"));
        assert_eq!(error(keyed().with("passphrase", "x")).param(), Some("key"));
        assert_eq!(error(keyed().with("nonce", "00")).param(), Some("nonce"));
        let short = error(Key::new().with("key", "5ec2e7"));
        assert_eq!(short.param(), Some("key"));
        assert!(!short.to_string().contains("5ec2e7"));
    }
}
