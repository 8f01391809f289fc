//! Random keys of every cipher, of the lengths that people use: for trials and for challenges.

use rand::{Rng, RngExt};

use crate::ciphers::{CipherSpec, Key};

/// A random valid key. A one-time pad gets one as long as `letters`.
pub fn random_key(spec: &'static CipherSpec, letters: usize, rng: &mut impl Rng) -> Key {
    loop {
        let key = draw(spec, letters, rng);
        // Only Hill's matrix can fail: about one in three of them can't be undone.
        if spec.build(&key).is_ok() {
            return key;
        }
    }
}

fn draw(spec: &'static CipherSpec, letters: usize, rng: &mut impl Rng) -> Key {
    let key = Key::new();
    let word =
        |rng: &mut dyn FnMut() -> char, length: usize| -> String { (0..length).map(|_| rng()).collect() };
    let mut alphabet: Vec<char> = ('A'..='Z').collect();
    match spec.id {
        "caesar" => key.with("shift", &rng.random_range(1..26).to_string()),
        "rot13" | "atbash" => key,
        "affine" => {
            let factors = [1, 3, 5, 7, 9, 11, 15, 17, 19, 21, 23, 25];
            key.with("a", &factors[rng.random_range(1..factors.len())].to_string())
                .with("b", &rng.random_range(0..26).to_string())
        }
        "substitution" => {
            shuffle(&mut alphabet, rng);
            key.with("alphabet", &alphabet.iter().collect::<String>())
        }
        "columnar" => key.with("keyword", &order(rng.random_range(6..13), rng)),
        "double-columnar" => key
            .with("keyword1", &order(rng.random_range(6..11), rng))
            .with("keyword2", &order(rng.random_range(6..11), rng)),
        "rail-fence" => key.with("rails", &rng.random_range(2..10).to_string()),
        "gronsfeld" => {
            let length = rng.random_range(5..11);
            key.with(
                "digits",
                &word(&mut || char::from(b'0' + rng.random_range(0..10u8)), length),
            )
        }
        "vigenere" | "beaufort" | "autokey" | "porta" => {
            let length = rng.random_range(5..11);
            key.with(
                "keyword",
                &word(&mut || char::from(b'A' + rng.random_range(0..26u8)), length),
            )
        }
        "playfair" | "polybius" | "bifid" => {
            alphabet.retain(|&letter| letter != 'J');
            shuffle(&mut alphabet, rng);
            let key = key.with("keyword", &alphabet.iter().collect::<String>());
            match spec.id {
                "bifid" => key.with("period", &rng.random_range(5..10).to_string()),
                _ => key,
            }
        }
        "hill" => {
            let numbers: Vec<String> = (0..4).map(|_| rng.random_range(0..26).to_string()).collect();
            key.with("matrix", &numbers.join(" "))
        }
        "adfgvx" => {
            alphabet.extend('0'..='9');
            shuffle(&mut alphabet, rng);
            key.with("square", &alphabet.iter().collect::<String>())
                .with("keyword", &order(rng.random_range(5..10), rng))
        }
        "adfgx" => {
            alphabet.retain(|&letter| letter != 'J');
            shuffle(&mut alphabet, rng);
            key.with("square", &alphabet.iter().collect::<String>())
                .with("keyword", &order(rng.random_range(5..10), rng))
        }
        "enigma" => {
            let mut rotors = ["I", "II", "III", "IV", "V"];
            shuffle(&mut rotors, rng);
            key.with("model", "I")
                .with("rotors", &rotors[..3].join(" "))
                .with(
                    "start",
                    &word(&mut || char::from(b'A' + rng.random_range(0..26u8)), 3),
                )
        }
        "one-time-pad" => {
            let length = letters.max(26);
            key.with(
                "pad",
                &word(&mut || char::from(b'A' + rng.random_range(0..26u8)), length),
            )
        }
        "aes-256-gcm" => {
            let mut digits = || char::from_digit(rng.random_range(0..16), 16).unwrap_or('0');
            key.with("key", &word(&mut digits, 64))
        }
        _ => spec.sample_key(),
    }
}

/// The numbers of so many columns in a random order.
fn order(columns: usize, rng: &mut impl Rng) -> String {
    let mut numbers: Vec<usize> = (1..=columns).collect();
    shuffle(&mut numbers, rng);
    let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
    numbers.join(" ")
}

/// Fisher and Yates.
fn shuffle<T>(all: &mut [T], rng: &mut impl Rng) {
    for place in (1..all.len()).rev() {
        all.swap(place, rng.random_range(0..=place));
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;
    use crate::ciphers::ALL;

    #[test]
    fn every_cipher_gets_valid_keys_that_differ() {
        let mut rng = StdRng::seed_from_u64(1);
        for spec in ALL {
            let keys: Vec<Key> = (0..4).map(|_| random_key(spec, 40, &mut rng)).collect();
            for key in &keys {
                let cipher = spec
                    .build(key)
                    .unwrap_or_else(|error| panic!("{}: {error}", spec.id));
                assert!(cipher.encrypt("Meet me under the clock").is_ok(), "{}", spec.id);
            }
            let keyless = keys[0].iter().next().is_none();
            assert!(keyless || keys.iter().any(|key| *key != keys[0]), "{}", spec.id);
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_key() {
        let spec = crate::ciphers::find("substitution").unwrap();
        let key = |seed| random_key(spec, 0, &mut StdRng::seed_from_u64(seed));
        assert_eq!(key(7), key(7));
        assert_ne!(key(7), key(8));
    }
}
