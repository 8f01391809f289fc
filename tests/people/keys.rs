//! Many identity keys in little time: what takes long about one is to find its primes, so these share theirs.

use pkcs8::{EncodePrivateKey, LineEnding};
use rsa::BoxedUint;
use rsa::traits::PrivateKeyParts;

/// So many keys as PEM, each another one.
pub fn many_keys(count: usize) -> Vec<String> {
    keys().take(count).collect()
}

/// As many keys as one likes, each another one; primes are sought when they are needed.
pub fn keys() -> impl Iterator<Item = String> {
    let mut primes: Vec<BoxedUint> = Vec::new();
    let pairs = (1..).flat_map(|one| (0..one).map(move |other| (one, other)));
    pairs.map(move |(one, other)| {
        while primes.len() <= one {
            let key = rsa::PrivateKey::new(&mut rand::rng(), 3072).unwrap();
            primes.extend(key.primes().iter().map(|prime| prime.as_ref().clone()));
        }
        let (p, q) = (primes[one].clone(), primes[other].clone());
        let key = rsa::PrivateKey::from_p_q(p, q, BoxedUint::from(65537_u32)).unwrap();
        key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string()
    })
}
