//! Thousands of identities in seconds: from few primes, each pair of which makes another key.
//!
//! Keys that share primes protect nobody: whoever has two of them has both. They are for this program.

use std::sync::Mutex;

use cipher_room::crypto::Identity;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use rsa::traits::PrivateKeyParts;
use rsa::{BoxedUint, PrivateKey};

const BITS: usize = 3072;
const PUBLIC_EXPONENT: u64 = 65_537;
const THREADS: usize = 2;

/// So many identities with different keys.
pub fn distinct(count: usize) -> Result<Vec<Identity>, String> {
    let primes = primes(count)?;
    let pairs = (0..primes.len()).flat_map(|p| (0..p).map(move |q| (p, q)));
    let pairs: Vec<_> = pairs.collect();
    let next = Mutex::new(pairs.into_iter());
    let found = Mutex::new(Vec::with_capacity(count));
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while let Some((p, q)) = taken(&next) {
                    // A product of 3071 bits is no acceptable key.
                    let Some(identity) = from_primes(&primes[p], &primes[q]) else {
                        continue;
                    };
                    let mut found = found.lock().expect("nobody panicked");
                    if found.len() == count {
                        return;
                    }
                    found.push(identity);
                }
            });
        }
    });
    let found = found.into_inner().expect("nobody panicked");
    if found.len() < count {
        return Err(format!("only {} keys could be made", found.len()));
    }
    Ok(found)
}

fn taken<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().expect("nobody panicked").next()
}

/// Enough primes for so many pairs.
fn primes(pairs: usize) -> Result<Vec<BoxedUint>, String> {
    let enough = (2..).find(|n| n * (n - 1) / 2 >= pairs).unwrap_or(2);
    let wanted = Mutex::new(0..enough.div_ceil(2));
    let found = Mutex::new(Vec::new());
    std::thread::scope(|threads| {
        for _ in 0..THREADS {
            threads.spawn(|| {
                while taken(&wanted).is_some() {
                    if let Ok(key) = PrivateKey::new(&mut rand::rng(), BITS) {
                        let both = key.primes().iter().map(|prime| prime.as_ref().clone());
                        found.lock().expect("nobody panicked").extend(both);
                    }
                }
            });
        }
    });
    let found = found.into_inner().expect("nobody panicked");
    if found.len() < enough {
        return Err("keys could not be made".to_owned());
    }
    Ok(found)
}

fn from_primes(p: &BoxedUint, q: &BoxedUint) -> Option<Identity> {
    let key = PrivateKey::from_p_q(p.clone(), q.clone(), BoxedUint::from(PUBLIC_EXPONENT)).ok()?;
    let pem = key.to_pkcs8_pem(LineEnding::LF).ok()?;
    Identity::from_pem(&pem).ok()
}
