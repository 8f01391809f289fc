//! The identity as a file that other programs read: encrypted PKCS#8 PEM, and the public half as SPKI PEM.

use std::io::Write;
use std::path::Path;

use zeroize::Zeroizing;

use super::ProfileError;
use super::profile::{MAX_SMALL_BYTES, write_whole};
use crate::crypto::{CryptoError, Identity, Passphrase};
use crate::files::{ReadError, read_text, size};

/// Writes the identity under a passphrase of its own, readable by its owner only. `openssl pkey -in FILE`
/// reads it. An earlier file of the name stays as it is until the new one is whole.
pub fn write_identity(path: &Path, identity: &Identity, passphrase: &Passphrase) -> Result<(), ProfileError> {
    let pem = identity
        .to_encrypted_pem(passphrase)
        .map_err(|error| ProfileError::Failed(error.to_string()))?;
    write(path, pem.as_bytes())
}

/// Writes the public half. `openssl pkey -pubin -in FILE` reads it.
pub fn write_public_key(path: &Path, identity: &Identity) -> Result<(), ProfileError> {
    let pem = identity
        .public()
        .to_pem()
        .map_err(|error| ProfileError::Failed(error.to_string()))?;
    write(path, pem.as_bytes())
}

/// Reads an identity that was exported. One that is not encrypted is read too; then the passphrase does
/// not matter.
pub fn read_identity(path: &Path, passphrase: &Passphrase) -> Result<Identity, ProfileError> {
    let refused = |why: String| ProfileError::Failed(format!("{} {why}", path.display()));
    let pem = read_text(path, MAX_SMALL_BYTES).map_err(|error| match error {
        ReadError::Failed(error) => ProfileError::NotReadable(path.to_owned(), error),
        ReadError::TooLong { limit } => refused(format!(
            "is longer than {}, and no key is; choose the file of the key",
            size(limit)
        )),
        error => refused(format!("can't be read: {error}; choose the file of the key")),
    })?;
    let pem = Zeroizing::new(pem);
    let opened = match Identity::from_pem(&pem) {
        Err(CryptoError::DamagedPrivateKey) => Identity::from_encrypted_pem(&pem, passphrase),
        opened => opened,
    };
    opened.map_err(|error| match error {
        CryptoError::KeyLength { .. } => refused(format!("can't be used: {error}")),
        _ => refused(
            "does not open: the passphrase is wrong, or it is not an RSA key of 3072 to 4096 bits in PKCS#8 PEM"
                .to_owned(),
        ),
    })
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), ProfileError> {
    write_whole(path, |file| file.write_all(bytes))
        .map_err(|error| ProfileError::FileNotWritable(path.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::ADA;

    #[test]
    fn an_exported_identity_is_the_same_on_the_other_side() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ada.pem");
        let ada = Identity::from_pem(ADA).unwrap();
        let passphrase = Passphrase::new("orbit velvet");
        write_identity(&path, &ada, &passphrase).unwrap();
        assert_eq!(
            read_identity(&path, &passphrase).unwrap().fingerprint(),
            ada.fingerprint()
        );
        let wrong = read_identity(&path, &Passphrase::new("x")).unwrap_err();
        assert!(wrong.to_string().contains("passphrase is wrong"));
        std::fs::write(&path, "hello").unwrap();
        assert!(read_identity(&path, &passphrase).is_err());
        assert!(read_identity(&folder.path().join("none"), &passphrase).is_err());
    }

    #[test]
    fn an_identity_that_cannot_be_exported_leaves_the_earlier_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ada.pem");
        std::fs::write(&path, "yesterday's").unwrap();
        // Something is in the way.
        std::fs::create_dir(folder.path().join("ada.pem.part")).unwrap();
        let ada = Identity::from_pem(ADA).unwrap();
        let written = write_identity(&path, &ada, &Passphrase::new("orbit velvet"));
        assert!(matches!(written, Err(ProfileError::FileNotWritable(named, _)) if named == path));
        assert_eq!(std::fs::read(&path).unwrap(), b"yesterday's");
    }

    /// Where `openssl` is installed, it reads both files.
    #[test]
    fn openssl_reads_what_is_exported() {
        let folder = tempfile::tempdir().unwrap();
        let (secret, public) = (folder.path().join("ada.pem"), folder.path().join("ada.pub"));
        let ada = Identity::from_pem(ADA).unwrap();
        write_identity(&secret, &ada, &Passphrase::new("orbit velvet")).unwrap();
        write_public_key(&public, &ada).unwrap();
        let openssl = |arguments: &[&str], file: &Path| {
            std::process::Command::new("openssl")
                .args(arguments)
                .arg("-in")
                .arg(file)
                .output()
        };
        let Ok(from_secret) = openssl(&["pkey", "-pubout", "-passin", "pass:orbit velvet"], &secret) else {
            return;
        };
        assert!(
            from_secret.status.success(),
            "{}",
            String::from_utf8_lossy(&from_secret.stderr)
        );
        let from_public = openssl(&["pkey", "-pubin", "-pubout"], &public).unwrap();
        assert!(from_public.status.success());
        assert_eq!(from_secret.stdout, from_public.stdout);
    }
}
