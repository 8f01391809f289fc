//! The keys of the profile's database: one vault key, wrapped by a passphrase, and what is derived from it.
//!
//! The vault key is random and never changes; a passphrase only wraps it (Argon2id, RFC 9106, then
//! AES-256-GCM), so another passphrase rewrites nothing else. Each table has keys of its own. What is
//! stored where is the affair of `store`.

use std::fmt;

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use rand::CryptoRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::digest::labelled_bytes;
use super::{CryptoError, Passphrase, Secret, TAG_BYTES};

/// Length of a nonce of AES-GCM.
const NONCE_BYTES: usize = 12;
/// Length of an opaque key or table name.
pub const OPAQUE_BYTES: usize = 16;

/// What Argon2id costs, and its salt. Stored in clear beside what it wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretching {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
    /// Random.
    pub salt: [u8; 16],
}

impl Stretching {
    /// 64 MiB, three passes, four lanes: the second recommended choice of RFC 9106, section 4.
    pub fn recommended(rng: &mut dyn CryptoRng) -> Stretching {
        let mut salt = [0; 16];
        rng.fill_bytes(&mut salt);
        Stretching {
            memory_kib: 64 * 1024,
            passes: 3,
            lanes: 4,
            salt,
        }
    }

    /// Whether somebody could have chosen this: an altered file must not make the program take all memory.
    fn is_reasonable(&self) -> bool {
        (8 * 1024..=1024 * 1024).contains(&self.memory_kib)
            && (1..=64).contains(&self.passes)
            && (1..=16).contains(&self.lanes)
    }

    /// Stretches a passphrase. A few tenths of a second: call it on a thread. Fails for parameters that
    /// nobody would choose.
    fn stretch(&self, passphrase: &Passphrase) -> Result<Secret, CryptoError> {
        if !self.is_reasonable() {
            return Err(CryptoError::DamagedVault);
        }
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(Secret::BYTES))
            .map_err(|_| CryptoError::DamagedVault)?;
        let mut key = Zeroizing::new([0; Secret::BYTES]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.expose().as_bytes(), &self.salt, key.as_mut())
            .map_err(|_| CryptoError::DamagedVault)?;
        Ok(Secret::new(*key))
    }

    /// The parameters as associated data, so that none can be exchanged unseen.
    fn associated(&self) -> Vec<u8> {
        let numbers = [self.memory_kib, self.passes, self.lanes].map(u32::to_be_bytes);
        labelled_bytes("vault wrap", &[&numbers.concat(), &self.salt])
    }
}

/// The key that opens everything in a profile.
#[derive(Clone)]
pub struct VaultKey(Secret);

impl VaultKey {
    /// Draws a fresh key.
    pub fn generate(rng: &mut dyn CryptoRng) -> VaultKey {
        VaultKey(Secret::generate(rng))
    }

    /// Takes over a key that lay beside its database, of who has no passphrase.
    pub fn from_secret(secret: Secret) -> VaultKey {
        VaultKey(secret)
    }

    /// The key itself, to lay it beside its database where there is no passphrase.
    pub fn secret(&self) -> &Secret {
        &self.0
    }

    /// Wraps the key under a passphrase: nonce, sealed key, tag. A few tenths of a second.
    pub fn wrap(
        &self,
        passphrase: &Passphrase,
        stretching: &Stretching,
        rng: &mut dyn CryptoRng,
    ) -> Result<Vec<u8>, CryptoError> {
        let cipher = cipher(&stretching.stretch(passphrase)?);
        Ok(seal(&cipher, &stretching.associated(), self.0.expose(), rng))
    }

    /// Unwraps a key. [`CryptoError::BadSeal`] for a wrong passphrase, and for altered bytes: nobody
    /// can tell the two apart. A few tenths of a second.
    pub fn unwrap(
        wrapped: &[u8],
        passphrase: &Passphrase,
        stretching: &Stretching,
    ) -> Result<VaultKey, CryptoError> {
        let cipher = cipher(&stretching.stretch(passphrase)?);
        let opened = open(&cipher, &stretching.associated(), wrapped)?;
        let bytes: [u8; Secret::BYTES] = opened
            .as_slice()
            .try_into()
            .map_err(|_| CryptoError::DamagedVault)?;
        Ok(VaultKey(Secret::new(bytes)))
    }

    /// The keys of one table.
    pub fn table(&self, name: &str) -> TableKeys {
        let derive = |purpose: &str| {
            let label = format!("vault {purpose}");
            super::mac(&self.0, &labelled_bytes(&label, &[name.as_bytes()]))
        };
        let keys = Zeroizing::new(derive("keys"));
        let hmac = Hmac::<Sha256>::new_from_slice(keys.as_ref()).expect("HMAC takes keys of any length");
        let [table_name, _] = halves(derive("name"));
        TableKeys {
            table_name,
            hmac,
            cipher: cipher(&Secret::new(derive("seal"))),
        }
    }

    /// A MAC over a whole file of this vault, piece by piece. `kind` says what the file is.
    pub fn running_mac(&self, kind: &str) -> RunningMac {
        let label = labelled_bytes("vault file", &[kind.as_bytes()]);
        let key = Zeroizing::new(super::mac(&self.0, &label));
        RunningMac(Hmac::new_from_slice(key.as_ref()).expect("HMAC takes keys of any length"))
    }
}

/// HMAC-SHA-256 (RFC 2104) over what is given to it, in order.
pub struct RunningMac(Hmac<Sha256>);

impl RunningMac {
    /// Takes in more.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The tag over everything.
    pub fn finish(self) -> [u8; 32] {
        self.0.finalize().into_bytes().into()
    }

    /// Whether the tag is the one over everything; in constant time.
    pub fn matches(self, tag: &[u8]) -> bool {
        self.0.verify_slice(tag).is_ok()
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VaultKey([secret])")
    }
}

/// What one table is called, how its keys are hidden, and how its values are sealed.
#[derive(Clone)]
pub struct TableKeys {
    table_name: [u8; OPAQUE_BYTES],
    hmac: Hmac<Sha256>,
    cipher: Aes256Gcm,
}

impl TableKeys {
    /// The name of the table in the file, as hex digits.
    pub fn table_name(&self) -> String {
        self.table_name.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What stands in the file for a key: the first half of its HMAC-SHA-256.
    pub fn opaque(&self, key: &[u8]) -> [u8; OPAQUE_BYTES] {
        let mut hmac = self.hmac.clone();
        hmac.update(key);
        let [opaque, _] = halves(hmac.finalize().into_bytes().into());
        opaque
    }

    /// Seals a value, with its key inside and its table and key as associated data, padded so that its
    /// length tells little. The nonce is random: tables stay far below 2³² writes.
    pub fn seal(&self, key: &[u8], value: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
        self.seal_under(&self.opaque(key), key, value, rng)
    }

    /// [`TableKeys::seal`] for who has the key's opaque form at hand already.
    pub fn seal_under(
        &self,
        opaque: &[u8; OPAQUE_BYTES],
        key: &[u8],
        value: &[u8],
        rng: &mut dyn CryptoRng,
    ) -> Vec<u8> {
        let key_len = u16::try_from(key.len()).expect("keys of tables are short");
        let value_len = u32::try_from(value.len()).expect("values are far below 4 GiB");
        let len = padded(FRAME_BYTES + key.len() + value.len());
        // Written where it is sealed: nothing in clear stays behind.
        let mut sealed = Vec::with_capacity(NONCE_BYTES + len + TAG_BYTES);
        let mut nonce = [0; NONCE_BYTES];
        rng.fill_bytes(&mut nonce);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&key_len.to_be_bytes());
        sealed.extend_from_slice(&value_len.to_be_bytes());
        sealed.extend_from_slice(key);
        sealed.extend_from_slice(value);
        sealed.resize(NONCE_BYTES + len, 0);
        seal_in_place(&self.cipher, &self.associated(opaque), &nonce, &mut sealed);
        sealed
    }

    /// Opens a value that stands in the file under `opaque`: gives its key and the value. Fails when it
    /// was altered, or moved here from another place.
    pub fn open(&self, opaque: &[u8; OPAQUE_BYTES], sealed: &[u8]) -> Result<Opened, CryptoError> {
        let plain = open(&self.cipher, &self.associated(opaque), sealed)?;
        let (key_len, rest) = plain.split_first_chunk::<2>().ok_or(CryptoError::BadSeal)?;
        let (value_len, rest) = rest.split_first_chunk::<4>().ok_or(CryptoError::BadSeal)?;
        let key_len = usize::from(u16::from_be_bytes(*key_len));
        let value_len = u32::from_be_bytes(*value_len) as usize;
        if rest.len() < key_len.saturating_add(value_len) {
            return Err(CryptoError::BadSeal);
        }
        Ok(Opened {
            plain,
            key_len,
            value_len,
        })
    }

    fn associated(&self, opaque: &[u8; OPAQUE_BYTES]) -> [u8; 2 * OPAQUE_BYTES] {
        let mut associated = [0; 2 * OPAQUE_BYTES];
        let (table, key) = associated.split_at_mut(OPAQUE_BYTES);
        table.copy_from_slice(&self.table_name);
        key.copy_from_slice(opaque);
        associated
    }
}

impl fmt::Debug for TableKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TableKeys([secret], {})", self.table_name())
    }
}

/// A value that was opened; zeroed on drop.
pub struct Opened {
    plain: Zeroizing<Vec<u8>>,
    key_len: usize,
    value_len: usize,
}

impl Opened {
    /// The key that it stands under.
    pub fn key(&self) -> &[u8] {
        self.plain
            .get(FRAME_BYTES..FRAME_BYTES + self.key_len)
            .unwrap_or_default()
    }

    /// The value.
    pub fn value(&self) -> &[u8] {
        let start = FRAME_BYTES + self.key_len;
        self.plain.get(start..start + self.value_len).unwrap_or_default()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Opened([secret])")
    }
}

/// The two lengths in front of key and value.
const FRAME_BYTES: usize = 6;

/// The length to which a value is padded: steps of 256 bytes, from 4 KiB on steps of about an eighth
/// of it. So a short message and a longer one look alike, and nothing grows by more than an eighth
/// or 255 bytes.
fn padded(len: usize) -> usize {
    let step = (len.next_power_of_two() / 16).max(256);
    len.div_ceil(step) * step
}

fn cipher(key: &Secret) -> Aes256Gcm {
    Aes256Gcm::new(&Key::<Aes256Gcm>::from(*key.expose()))
}

fn seal(cipher: &Aes256Gcm, associated: &[u8], plain: &[u8], rng: &mut dyn CryptoRng) -> Vec<u8> {
    let mut nonce = [0; NONCE_BYTES];
    rng.fill_bytes(&mut nonce);
    let mut sealed = Vec::with_capacity(NONCE_BYTES + plain.len() + TAG_BYTES);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(plain);
    seal_in_place(cipher, associated, &nonce, &mut sealed);
    sealed
}

/// Seals what stands behind the nonce, and puts the tag behind it.
fn seal_in_place(cipher: &Aes256Gcm, associated: &[u8], nonce: &[u8; NONCE_BYTES], sealed: &mut Vec<u8>) {
    let (_, body) = sealed.split_at_mut(NONCE_BYTES);
    let tag = cipher
        .encrypt_inout_detached(&Nonce::from(*nonce), associated, body.into())
        .expect("values are far below the 64 GiB limit of AES-GCM");
    sealed.extend_from_slice(&tag);
}

fn open(cipher: &Aes256Gcm, associated: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let (nonce, rest) = sealed
        .split_first_chunk::<NONCE_BYTES>()
        .ok_or(CryptoError::BadSeal)?;
    let (body, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(CryptoError::BadSeal)?;
    let mut plain = Zeroizing::new(body.to_vec());
    cipher
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            associated,
            plain.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .map_err(|_| CryptoError::BadSeal)?;
    Ok(plain)
}

fn halves(bytes: [u8; 2 * OPAQUE_BYTES]) -> [[u8; OPAQUE_BYTES]; 2] {
    let mut halves = [[0; OPAQUE_BYTES]; 2];
    for (half, part) in halves.iter_mut().zip(bytes.chunks_exact(OPAQUE_BYTES)) {
        half.copy_from_slice(part);
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Length of a wrapped vault key: nonce, key, tag.
    const WRAPPED_BYTES: usize = NONCE_BYTES + Secret::BYTES + TAG_BYTES;

    fn small() -> Stretching {
        Stretching {
            memory_kib: 8 * 1024,
            passes: 1,
            lanes: 1,
            salt: [7; 16],
        }
    }

    fn key() -> VaultKey {
        VaultKey::from_secret(Secret::new([9; 32]))
    }

    #[test]
    fn argon2id_gives_the_published_answer() {
        // RFC 9106, section 5.3, has a secret and associated data; without them the answers of the
        // reference implementation's test.c (version 0x13, Argon2id) stand for the same code.
        let params = Params::new(65536, 2, 1, Some(32)).unwrap();
        let mut out = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(b"password", b"somesalt", &mut out)
            .unwrap();
        let hex: String = out.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex,
            "09316115d5cf24ed5a15a31a3ba326e5cf32edc24702987c02b6566f61913cf7"
        );
    }

    #[test]
    fn a_wrapped_key_opens_with_its_passphrase_only() {
        let (right, wrong) = (Passphrase::new("correct horse"), Passphrase::new("correct hors"));
        let wrapped = key().wrap(&right, &small(), &mut rand::rng()).unwrap();
        assert_eq!(wrapped.len(), WRAPPED_BYTES);
        let opened = VaultKey::unwrap(&wrapped, &right, &small()).unwrap();
        assert_eq!(opened.secret().expose(), key().secret().expose());
        assert_eq!(
            VaultKey::unwrap(&wrapped, &wrong, &small()).unwrap_err(),
            CryptoError::BadSeal
        );
        for at in 0..wrapped.len() {
            let mut altered = wrapped.clone();
            altered[at] ^= 1;
            assert!(VaultKey::unwrap(&altered, &right, &small()).is_err(), "{at}");
        }
    }

    #[test]
    fn the_second_choice_of_rfc_9106_is_recommended_with_a_salt_of_its_own() {
        let [one, other] = [(); 2].map(|()| Stretching::recommended(&mut rand::rng()));
        assert_eq!((one.memory_kib, one.passes, one.lanes), (65_536, 3, 4));
        assert_ne!(one.salt, other.salt);
    }

    #[test]
    fn every_parameter_of_stretching_is_bound_to_what_it_wraps() {
        let whole = small();
        for other in [
            Stretching {
                memory_kib: 9 * 1024,
                ..whole
            },
            Stretching { passes: 2, ..whole },
            Stretching { lanes: 2, ..whole },
            Stretching {
                salt: [8; 16],
                ..whole
            },
        ] {
            assert_ne!(other.associated(), whole.associated());
        }
    }

    #[test]
    fn the_mac_of_a_file_is_over_its_kind_and_all_its_bytes() {
        let mac = |kind: &str, pieces: &[&[u8]]| {
            let mut mac = key().running_mac(kind);
            pieces.iter().for_each(|piece| mac.update(piece));
            mac
        };
        let tag = mac("backup", &[b"ab", b"c"]).finish();
        assert!(mac("backup", &[b"abc"]).matches(&tag));
        assert!(!mac("backup", &[b"abd"]).matches(&tag));
        assert!(!mac("backup", &[b"ab"]).matches(&tag));
        assert!(!mac("export", &[b"abc"]).matches(&tag));
        assert!(!mac("backup", &[b"abc"]).matches(&tag[..31]));
    }

    #[test]
    fn parameters_that_nobody_would_choose_are_refused() {
        let with = |(memory_kib, passes, lanes)| Stretching {
            memory_kib,
            passes,
            lanes,
            salt: [0; 16],
        };
        for refused in [
            (8191, 1, 1),
            (1_048_577, 1, 1),
            (u32::MAX, 3, 4),
            (8192, 0, 1),
            (8192, 65, 1),
            (8192, 1, 0),
            (8192, 1, 17),
        ] {
            let error = VaultKey::unwrap(&[0; WRAPPED_BYTES], &Passphrase::new("x"), &with(refused));
            assert_eq!(error.unwrap_err(), CryptoError::DamagedVault, "{refused:?}");
        }
        assert!(with((8192, 1, 1)).is_reasonable() && with((1_048_576, 64, 16)).is_reasonable());
    }

    #[test]
    fn a_value_opens_in_its_own_place_only() {
        let (one, two) = (key().table("one"), key().table("two"));
        let sealed = one.seal(b"key", b"value", &mut rand::rng());
        let opened = one.open(&one.opaque(b"key"), &sealed).unwrap();
        assert_eq!((opened.key(), opened.value()), (&b"key"[..], &b"value"[..]));
        assert!(one.open(&one.opaque(b"other"), &sealed).is_err());
        assert!(two.open(&two.opaque(b"key"), &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(one.open(&one.opaque(b"key"), &altered).is_err(), "{at}");
        }
        assert!(one.open(&one.opaque(b"key"), &sealed[..20]).is_err());
    }

    #[test]
    fn a_value_may_fill_its_padding_and_claim_no_more_than_there_is() {
        let table = key().table("one");
        let opaque = table.opaque(b"key");
        let most = 256 - FRAME_BYTES - 3;
        for (bytes, padded) in [(most, 256), (most + 1, 512)] {
            let value = vec![7; bytes];
            let sealed = table.seal(b"key", &value, &mut rand::rng());
            assert_eq!(sealed.len(), NONCE_BYTES + padded + TAG_BYTES);
            assert_eq!(table.open(&opaque, &sealed).unwrap().value(), value);
        }
        // A key of one byte and a value of two, or one more.
        for (claimed, opens) in [(2, true), (3, false), (u8::MAX, false)] {
            let plain = [0, 1, 0, 0, 0, claimed, 1, 2, 3];
            let sealed = seal(
                &table.cipher,
                &table.associated(&opaque),
                &plain,
                &mut rand::rng(),
            );
            assert_eq!(table.open(&opaque, &sealed).is_ok(), opens, "{claimed}");
        }
    }

    #[test]
    fn names_and_keys_are_opaque_and_differ_between_vaults() {
        let other = VaultKey::from_secret(Secret::new([8; 32])).table("rooms");
        let table = key().table("rooms");
        assert_ne!(table.table_name(), other.table_name());
        assert_ne!(table.opaque(b"a"), other.opaque(b"a"));
        assert_ne!(table.opaque(b"a"), key().table("outbox").opaque(b"a"));
        assert_eq!(table.opaque(b"a"), key().table("rooms").opaque(b"a"));
    }

    #[test]
    fn lengths_tell_little_and_cost_little() {
        assert_eq!(padded(1), 256);
        assert_eq!(padded(256), 256);
        assert_eq!(padded(257), 512);
        assert_eq!((padded(4097), padded(40_000)), (4608, 40_960));
        for len in 4096..40_000 {
            assert!(padded(len) >= len && padded(len) <= len + len / 8 + 1, "{len}");
        }
        let table = key().table("x");
        let lengths = |text: &str| table.seal(b"k", text.as_bytes(), &mut rand::rng()).len();
        assert_eq!(lengths("yes"), lengths("certainly not"));
    }

    #[test]
    fn nothing_secret_is_printed() {
        let shown = format!("{:?} {:?}", key(), key().table("x").open(&[0; 16], &[]));
        assert!(!shown.contains("09") && shown.contains("[secret]"), "{shown}");
    }
}
