//! A person's lasting key: RSA-3072, signs and does nothing else.

use std::fmt;
use std::sync::{Arc, OnceLock};

use pkcs8::der::Decode;
use pkcs8::der::pem::PemLabel;
use pkcs8::pkcs5::EncryptionScheme;
use pkcs8::pkcs5::pbes2::ScryptParams;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SecretDocument};
use rand::CryptoRng;
use rsa::pkcs1::RsaPrivateKeyRef;
use rsa::pkcs8::{DecodePrivateKey, DecodePublicKey, EncodePrivateKey, EncodePublicKey, LineEnding};
use rsa::pss;
use rsa::signature::{RandomizedSigner, SignatureEncoding, Verifier};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey, PublicKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{CryptoError, Fingerprint, MAX_RSA_BITS, MAX_SPKI_BYTES, MIN_RSA_BITS, Passphrase};

/// The secret identity key `IK`.
pub struct Identity {
    signing: pss::SigningKey<Sha256>,
    public: PublicIdentity,
}

impl Identity {
    /// Makes a new key of 3072 bits. Takes 0.2 s, now and then over a second: call it on a thread.
    pub fn generate(rng: &mut dyn CryptoRng) -> Result<Identity, CryptoError> {
        let key = PrivateKey::new(rng, MIN_RSA_BITS as usize).map_err(|_| CryptoError::KeyGeneration)?;
        Identity::from_private_key(key)
    }

    /// Reads PKCS#8 PEM (RFC 5208). Fails when it is damaged, not RSA, or outside our limits.
    pub fn from_pem(pem: &str) -> Result<Identity, CryptoError> {
        check_length(pem)?;
        let (label, document) = SecretDocument::from_pem(pem).map_err(|_| CryptoError::DamagedPrivateKey)?;
        PrivateKeyInfoRef::validate_pem_label(label).map_err(|_| CryptoError::DamagedPrivateKey)?;
        Identity::from_private_der(document.as_bytes())
    }

    /// Writes PKCS#8 PEM, not encrypted.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, CryptoError> {
        self.signing
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| CryptoError::DamagedPrivateKey)
    }

    /// Writes encrypted PKCS#8 PEM (RFC 5958, PBES2 with scrypt and AES-256-CBC), as `openssl pkey` reads
    /// it. A tenth of a second.
    pub fn to_encrypted_pem(&self, passphrase: &Passphrase) -> Result<Zeroizing<String>, CryptoError> {
        self.signing
            .to_pkcs8_encrypted_pem(passphrase.expose(), LineEnding::LF)
            .map_err(|_| CryptoError::DamagedPrivateKey)
    }

    /// Reads encrypted PKCS#8 PEM. Fails for a wrong passphrase, as [`Identity::from_pem`] does, and when
    /// the file asks for more work than anybody would choose: it must not take all memory or an hour.
    pub fn from_encrypted_pem(pem: &str, passphrase: &Passphrase) -> Result<Identity, CryptoError> {
        check_length(pem)?;
        let damaged = |_| CryptoError::DamagedPrivateKey;
        let (label, document) = SecretDocument::from_pem(pem).map_err(|_| CryptoError::DamagedPrivateKey)?;
        EncryptedPrivateKeyInfoRef::validate_pem_label(label).map_err(|_| CryptoError::DamagedPrivateKey)?;
        let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).map_err(damaged)?;
        if !has_bounded_cost(&encrypted.encryption_algorithm) {
            return Err(CryptoError::DamagedPrivateKey);
        }
        let opened = encrypted.decrypt(passphrase.expose()).map_err(damaged)?;
        Identity::from_private_der(opened.as_bytes())
    }

    /// The half that everybody may know.
    pub fn public(&self) -> &PublicIdentity {
        &self.public
    }

    /// The fingerprint of the public half.
    pub fn fingerprint(&self) -> Fingerprint {
        self.public.fingerprint
    }

    /// RSASSA-PSS with SHA-256 and a 32-byte salt (RFC 8017, section 8.1). About 5 ms.
    pub(super) fn sign_bytes(&self, message: &[u8], rng: &mut dyn CryptoRng) -> Result<Vec<u8>, CryptoError> {
        let signature = self
            .signing
            .try_sign_with_rng(rng, message)
            .map_err(|_| CryptoError::KeyGeneration)?;
        Ok(signature.to_vec())
    }

    fn from_private_der(der: &[u8]) -> Result<Identity, CryptoError> {
        let bits = modulus_bits(der).ok_or(CryptoError::DamagedPrivateKey)?;
        // Before any arithmetic: that of a key which is far too long takes minutes.
        if !(MIN_RSA_BITS as usize..=MAX_RSA_BITS as usize).contains(&bits) {
            return Err(CryptoError::KeyLength { bits });
        }
        let key = PrivateKey::from_pkcs8_der(der).map_err(|_| CryptoError::DamagedPrivateKey)?;
        key.validate().map_err(|_| CryptoError::DamagedPrivateKey)?;
        Identity::from_private_key(key)
    }

    fn from_private_key(key: PrivateKey) -> Result<Identity, CryptoError> {
        let public = PublicIdentity::from_key(key.to_public_key())?;
        Ok(Identity {
            signing: pss::SigningKey::new(key),
            public,
        })
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identity([secret], {})", self.public.fingerprint)
    }
}

/// The public identity key, with its DER form and fingerprint at hand.
#[derive(Clone)]
pub struct PublicIdentity {
    /// Made when something is verified: it is ten times as large as the rest, and most members of a large room say nothing.
    verifying: Arc<OnceLock<Option<pss::VerifyingKey<Sha256>>>>,
    der: Arc<[u8]>,
    fingerprint: Fingerprint,
}

impl PublicIdentity {
    /// Reads a SubjectPublicKeyInfo. Fails unless it is an RSA key of 3072 to 4096 bits with
    /// e = 65537, encoded canonically, so that a key has one fingerprint only.
    pub fn from_der(der: &[u8]) -> Result<PublicIdentity, CryptoError> {
        PublicIdentity::from_key(acceptable_public_key(der)?)
    }

    /// The SubjectPublicKeyInfo in DER.
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// Writes SPKI PEM, as `openssl pkey -pubin` reads it.
    pub fn to_pem(&self) -> Result<String, CryptoError> {
        let key: &PublicKey = self.verifying()?.as_ref();
        key.to_public_key_pem(LineEnding::LF)
            .map_err(|_| CryptoError::UnacceptableKey)
    }

    /// The fingerprint of this key.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Checks a bare RSASSA-PSS signature over `message`.
    pub(super) fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> Result<(), CryptoError> {
        let signature = pss::Signature::try_from(signature).map_err(|_| CryptoError::BadSignature)?;
        self.verifying()?
            .verify(message, &signature)
            .map_err(|_| CryptoError::BadSignature)
    }

    fn verifying(&self) -> Result<&pss::VerifyingKey<Sha256>, CryptoError> {
        let read = || acceptable_public_key(&self.der).ok().map(pss::VerifyingKey::new);
        let key = self.verifying.get_or_init(read).as_ref();
        // It could be read when this was made.
        key.ok_or(CryptoError::UnacceptableKey)
    }

    fn from_key(key: PublicKey) -> Result<PublicIdentity, CryptoError> {
        check_limits(&key)?;
        let der = key
            .to_public_key_der()
            .map_err(|_| CryptoError::UnacceptableKey)?;
        let fingerprint = Fingerprint::of_der(der.as_bytes());
        Ok(PublicIdentity {
            verifying: Arc::default(),
            der: der.as_bytes().into(),
            fingerprint,
        })
    }
}

impl PartialEq for PublicIdentity {
    fn eq(&self, other: &PublicIdentity) -> bool {
        self.der == other.der
    }
}

impl Eq for PublicIdentity {}

impl fmt::Debug for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicIdentity({})", self.fingerprint)
    }
}

/// How many bits the modulus of a key in PKCS#8 has (RFC 8017, appendix A.1.2), read without any arithmetic.
fn modulus_bits(der: &[u8]) -> Option<usize> {
    let info = PrivateKeyInfoRef::try_from(der).ok()?;
    let key = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).ok()?;
    let modulus = key.modulus.as_bytes();
    let unused = modulus.first()?.leading_zeros() as usize;
    Some(modulus.len() * 8 - unused)
}

/// A key of 4096 bits takes 3.3 kB; one that is sixteen times as long can still be told its length.
fn check_length(pem: &str) -> Result<(), CryptoError> {
    match pem.len() <= MAX_PEM_BYTES {
        true => Ok(()),
        false => Err(CryptoError::DamagedPrivateKey),
    }
}

/// Whether stretching the passphrase stays at 1 GiB and some seconds, with numbers that the standards allow. `openssl`
/// writes PBKDF2 with 2,048 rounds, or scrypt with 16 MiB; we write the latter.
fn has_bounded_cost(scheme: &EncryptionScheme) -> bool {
    let Some(parameters) = scheme.pbes2() else {
        return false;
    };
    if let Some(pbkdf2) = parameters.kdf.pbkdf2() {
        // RFC 8018, appendix A.2: at least one round.
        return (1..=MAX_PBKDF2_ROUNDS).contains(&pbkdf2.iteration_count);
    }
    parameters.kdf.scrypt().is_some_and(is_bounded_scrypt)
}

/// RFC 7914, section 2: N is a power of two above 1, and r and p are positive; `pkcs5` panics where N is 0.
fn is_bounded_scrypt(scrypt: &ScryptParams) -> bool {
    let cost = u128::from(scrypt.cost_parameter);
    let block = 128 * u128::from(scrypt.block_size);
    let lanes = u128::from(scrypt.parallelization);
    let is_valid = cost >= 2 && cost.is_power_of_two() && block > 0 && lanes > 0;
    // The table of N blocks, p blocks to work on, and one more; work in proportion to N·r·p.
    let memory = block * (cost + lanes + 1);
    let work = block * cost * lanes;
    is_valid && memory <= MAX_SCRYPT_BYTES && work <= 4 * MAX_SCRYPT_BYTES
}

/// Longest PEM that is read as a private key, in bytes.
const MAX_PEM_BYTES: usize = 64 * 1024;
/// Most rounds of PBKDF2 in an imported key.
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;
/// Most memory of scrypt in an imported key: a table of 1 GiB, and 1 MiB beside it.
const MAX_SCRYPT_BYTES: u128 = (1 << 30) + (1 << 20);

/// Decodes a public key that meets the limits of the protocol.
pub(super) fn acceptable_public_key(der: &[u8]) -> Result<PublicKey, CryptoError> {
    if der.len() > MAX_SPKI_BYTES {
        return Err(CryptoError::UnacceptableKey);
    }
    let key = PublicKey::from_public_key_der(der).map_err(|_| CryptoError::UnacceptableKey)?;
    check_limits(&key)?;
    let canonical = key
        .to_public_key_der()
        .map_err(|_| CryptoError::UnacceptableKey)?;
    if canonical.as_bytes() == der {
        Ok(key)
    } else {
        Err(CryptoError::UnacceptableKey)
    }
}

fn check_limits(key: &PublicKey) -> Result<(), CryptoError> {
    let bits = key.n().bit_width();
    let exponent_is_f4 = *key.e() == BoxedUint::from(65_537_u64);
    if (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits) && exponent_is_f4 {
        Ok(())
    } else {
        Err(CryptoError::UnacceptableKey)
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_keys::{ADA, BOB};
    use super::*;

    /// What `openssl pkcs8 -topk8 -scrypt -scrypt_N N -scrypt_r R` writes with other numbers.
    fn with_scrypt(cost: u64, block: u16, lanes: u16) -> String {
        use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
        let mut parameters = Parameters::generate_scrypt_aes256cbc(
            pkcs8::pkcs5::scrypt::Params::new(4, 8, 1).unwrap(),
            &[1; 16],
            [2; 16],
        )
        .unwrap();
        let Kdf::Scrypt(scrypt) = &mut parameters.kdf else {
            panic!("asked for scrypt");
        };
        (scrypt.cost_parameter, scrypt.block_size, scrypt.parallelization) = (cost, block, lanes);
        file_of(parameters)
    }

    fn with_pbkdf2(rounds: u32) -> String {
        use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
        let mut parameters = Parameters::generate_pbkdf2_sha256_aes256cbc(16, &[1; 16], [2; 16]).unwrap();
        let Kdf::Pbkdf2(pbkdf2) = &mut parameters.kdf else {
            panic!("asked for PBKDF2");
        };
        pbkdf2.iteration_count = rounds;
        file_of(parameters)
    }

    fn file_of(parameters: pkcs8::pkcs5::pbes2::Parameters) -> String {
        let encrypted = pkcs8::EncryptedPrivateKeyInfo {
            encryption_algorithm: parameters.into(),
            encrypted_data: pkcs8::der::asn1::OctetString::new([0; 64]).unwrap(),
        };
        let document = SecretDocument::encode_msg(&encrypted).unwrap();
        let pem = document.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF);
        pem.unwrap().to_string()
    }

    fn cost_is_bounded(pem: &str) -> bool {
        let (_, document) = SecretDocument::from_pem(pem).unwrap();
        let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).unwrap();
        has_bounded_cost(&encrypted.encryption_algorithm)
    }

    #[test]
    fn a_key_file_that_asks_for_too_much_work_is_refused() {
        let passphrase = Passphrase::new("x");
        for pem in [
            with_scrypt(1 << 21, 8, 1),
            with_scrypt(1 << 20, 9, 1),
            with_scrypt(1 << 20, 8, 5),
            with_scrypt(1 << 14, 8, u16::MAX),
            with_scrypt(u64::MAX, u16::MAX, u16::MAX),
            // Little in the table, and 2 GiB in the blocks beside it.
            with_scrypt(2, u16::MAX, 255),
            // Blocks of 1 MiB, one more than there is room for: two in the table, one a lane, and the last.
            with_scrypt(2, 8192, 1023),
            // Numbers that RFC 7914 and RFC 8018 do not allow; 0 for N is a panic in `pkcs5`.
            with_scrypt(0, 8, 1),
            with_scrypt(1, 8, 1),
            with_scrypt((1 << 14) + 1, 8, 1),
            with_scrypt(1 << 14, 0, 1),
            with_scrypt(1 << 14, 8, 0),
            with_pbkdf2(0),
            with_pbkdf2(MAX_PBKDF2_ROUNDS + 1),
            with_pbkdf2(u32::MAX),
        ] {
            assert!(!cost_is_bounded(&pem));
            // It comes back at once: nothing is stretched.
            assert!(Identity::from_encrypted_pem(&pem, &passphrase).is_err());
        }
        for pem in [
            with_scrypt(2, 1, 1),
            with_scrypt(1 << 14, 8, 1),
            with_scrypt(1 << 20, 8, 1),
            with_scrypt(1 << 20, 8, 4),
            with_scrypt(2, 8192, 1022),
            with_pbkdf2(1),
            with_pbkdf2(2048),
            with_pbkdf2(MAX_PBKDF2_ROUNDS),
        ] {
            assert!(cost_is_bounded(&pem));
        }
    }

    #[test]
    fn a_key_file_has_up_to_64_kib() {
        assert_eq!(check_length(&" ".repeat(MAX_PEM_BYTES)), Ok(()));
        let long = format!("{ADA}{}", " ".repeat(MAX_PEM_BYTES + 1 - ADA.len()));
        assert!(check_length(&long).is_err() && Identity::from_pem(&long).is_err());
    }

    #[test]
    fn a_key_of_another_length_is_told_from_a_damaged_one() {
        let passphrase = Passphrase::new("orbit velvet");
        for (pem, bits) in [
            (include_str!("../../tests/keys/rsa-2048.pem"), 2048),
            (include_str!("../../tests/keys/rsa-8192.pem"), 8192),
        ] {
            let refused = CryptoError::KeyLength { bits };
            assert_eq!(Identity::from_pem(pem).unwrap_err(), refused);
            let (_, document) = SecretDocument::from_pem(pem).unwrap();
            let info = PrivateKeyInfoRef::try_from(document.as_bytes()).unwrap();
            let sealed = info.encrypt(passphrase.expose()).unwrap();
            let pem = sealed
                .to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
                .unwrap();
            assert_eq!(
                Identity::from_encrypted_pem(&pem, &passphrase).unwrap_err(),
                refused
            );
        }
    }

    #[test]
    fn an_identity_reads_back_from_its_pem() {
        let identity = Identity::from_pem(ADA).unwrap();
        let again = Identity::from_pem(&identity.to_pem().unwrap()).unwrap();
        assert_eq!(identity.public(), again.public());
        let public = PublicKey::from_public_key_pem(&identity.public().to_pem().unwrap()).unwrap();
        assert_eq!(PublicIdentity::from_key(public).unwrap(), *identity.public());
        assert_eq!(
            PublicIdentity::from_der(identity.public().as_der()).unwrap(),
            *identity.public()
        );
    }

    #[test]
    fn an_encrypted_pem_opens_with_its_passphrase_only() {
        let identity = Identity::from_pem(ADA).unwrap();
        let (right, wrong) = (Passphrase::new("orbit velvet"), Passphrase::new("orbit"));
        let pem = identity.to_encrypted_pem(&right).unwrap();
        assert!(pem.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
        let again = Identity::from_encrypted_pem(&pem, &right).unwrap();
        assert_eq!(again.public(), identity.public());
        assert!(Identity::from_encrypted_pem(&pem, &wrong).is_err());
        assert!(Identity::from_pem(&pem).is_err());
    }

    #[test]
    fn a_damaged_pem_is_refused() {
        assert_eq!(
            Identity::from_pem("").unwrap_err(),
            CryptoError::DamagedPrivateKey
        );
        let cut = &ADA[..ADA.len() / 2];
        assert_eq!(
            Identity::from_pem(cut).unwrap_err(),
            CryptoError::DamagedPrivateKey
        );
    }

    /// The SubjectPublicKeyInfo around a number of so many ones; nobody asks for its factors.
    fn spki(bits: usize, exponent: u64) -> Vec<u8> {
        let mut bytes = vec![0xff; bits.div_ceil(8)];
        bytes[0] >>= 8 * bytes.len() - bits;
        let n = BoxedUint::from_be_slice(&bytes, bits.next_multiple_of(64) as u32).unwrap();
        let key = PublicKey::new_unchecked(n, BoxedUint::from(exponent));
        key.to_public_key_der().unwrap().as_bytes().to_vec()
    }

    #[test]
    fn keys_have_3072_to_4096_bits_and_the_usual_exponent() {
        for bits in [3072, 3073, 4096] {
            assert!(PublicIdentity::from_der(&spki(bits, 65_537)).is_ok(), "{bits}");
        }
        for (bits, exponent) in [
            (2048, 65_537),
            (3071, 65_537),
            (4097, 65_537),
            (3072, 3),
            (3072, 65_539),
        ] {
            assert_eq!(
                PublicIdentity::from_der(&spki(bits, exponent)).unwrap_err(),
                CryptoError::UnacceptableKey,
                "{bits} {exponent}"
            );
        }
    }

    #[test]
    fn bytes_behind_the_key_are_refused() {
        let mut der = Identity::from_pem(ADA).unwrap().public().as_der().to_vec();
        der.push(0);
        assert_eq!(
            PublicIdentity::from_der(&der).unwrap_err(),
            CryptoError::UnacceptableKey
        );
    }

    #[test]
    fn a_signature_belongs_to_one_key_and_one_message() {
        let (ada, bob) = (Identity::from_pem(ADA).unwrap(), Identity::from_pem(BOB).unwrap());
        assert_ne!(ada.public(), bob.public());
        let signature = ada.sign_bytes(b"hello", &mut rand::rng()).unwrap();
        assert_eq!(ada.public().verify_bytes(b"hello", &signature), Ok(()));
        assert_eq!(
            ada.public().verify_bytes(b"hullo", &signature),
            Err(CryptoError::BadSignature)
        );
        assert_eq!(
            bob.public().verify_bytes(b"hello", &signature),
            Err(CryptoError::BadSignature)
        );
        assert_eq!(
            ada.public().verify_bytes(b"hello", &[]),
            Err(CryptoError::BadSignature)
        );
    }

    #[test]
    fn an_identity_prints_no_secret() {
        let ada = Identity::from_pem(ADA).unwrap();
        assert_eq!(
            format!("{ada:?}"),
            format!("Identity([secret], {})", ada.fingerprint())
        );
    }
}
