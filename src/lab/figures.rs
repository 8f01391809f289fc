//! What a text's counts say, in one place: the numbers under a card, and whether a language shows through them.

use crate::analysis::coincidence::above_chance;
use crate::analysis::{Census, ENGLISH, Symbols, chi_squared, entropy, index_of_coincidence};
use crate::ciphers::alphabet::{Alphabet, LATIN};
use crate::ciphers::{CipherSpec, Direction, Key};

/// The numbers of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Figures {
    /// The counts that they come from.
    pub census: Census,
    /// The index of coincidence.
    pub index: Option<f64>,
    /// The same in units of pure chance.
    pub above_chance: Option<f64>,
    /// Bits for each symbol.
    pub entropy: Option<f64>,
    /// Chi-squared against English; only for Latin letters.
    pub chi_english: Option<f64>,
    /// Chi-squared against equal shares.
    pub chi_flat: Option<f64>,
}

/// Whether the language shows through a text's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fingerprint {
    /// Too few symbols to say.
    TooShort,
    /// As uneven as a language.
    Kept,
    /// Between the two.
    Blurred,
    /// As even as chance.
    Flat,
}

impl Figures {
    /// Counts a text and works out the numbers.
    pub fn of(text: &str, symbols: Symbols) -> Self {
        let census = Census::of(text, symbols);
        let flat = vec![1.0 / census.symbols.size().max(1) as f64; census.symbols.size()];
        Self {
            index: index_of_coincidence(&census),
            above_chance: above_chance(&census),
            entropy: entropy(&census),
            chi_english: match census.symbols {
                Symbols::Latin => chi_squared(&census, &ENGLISH),
                _ => None,
            },
            chi_flat: chi_squared(&census, &flat),
            census,
        }
    }

    /// The most bits that a symbol could carry.
    pub fn most_entropy(&self) -> f64 {
        (self.census.symbols.size().max(1) as f64).log2()
    }

    /// Whether the language shows.
    pub fn fingerprint(&self) -> Fingerprint {
        match self.above_chance {
            Some(_) if self.census.total < LEAST_SYMBOLS => Fingerprint::TooShort,
            Some(above) if above >= KEPT => Fingerprint::Kept,
            Some(above) if above >= BLURRED => Fingerprint::Blurred,
            Some(_) => Fingerprint::Flat,
            None => Fingerprint::TooShort,
        }
    }
}

/// What is counted in a cipher's output.
pub fn symbols(spec: &CipherSpec, key: &Key, direction: Direction) -> Symbols {
    let letters = key.value("letters").map(str::trim).unwrap_or_default();
    if !letters.is_empty()
        && !letters.eq_ignore_ascii_case(LATIN)
        && let Ok(alphabet) = Alphabet::parse(letters)
    {
        return Symbols::Listed(alphabet.letters().to_vec());
    }
    if direction == Direction::Decrypt {
        return Symbols::Latin;
    }
    let listed = |symbols: &str| Symbols::Listed(symbols.chars().collect());
    match spec.id {
        "aes-256-gcm"
            if key
                .value("encoding")
                .is_some_and(|e| e.trim().eq_ignore_ascii_case("base64")) =>
        {
            Symbols::Base64
        }
        "aes-256-gcm" => Symbols::Hex,
        "polybius" => listed("12345"),
        "adfgvx" => listed("ADFGVX"),
        "adfgx" => listed("ADFGX"),
        _ => Symbols::Latin,
    }
}

const LEAST_SYMBOLS: u64 = 100;
/// English is at 1.7; the limits leave room for short texts.
const KEPT: f64 = 1.42;
const BLURRED: f64 = 1.14;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::find;
    use crate::lab::samples;

    fn fingerprint(id: &str) -> Fingerprint {
        let spec = find(id).unwrap();
        let key = match id {
            "aes-256-gcm" => Key::new().with("key", &"00".repeat(32)),
            _ => spec.sample_key(),
        };
        let text = spec.build(&key).unwrap().encrypt(samples::ALL[0].text).unwrap();
        Figures::of(&text, symbols(spec, &key, Direction::Encrypt)).fingerprint()
    }

    #[test]
    fn classical_ciphers_keep_the_fingerprint_and_aes_does_not() {
        for id in ["caesar", "substitution", "columnar", "rail-fence", "atbash"] {
            assert_eq!(fingerprint(id), Fingerprint::Kept, "{id}");
        }
        assert_eq!(fingerprint("vigenere"), Fingerprint::Blurred);
        assert_eq!(fingerprint("enigma"), Fingerprint::Flat);
        assert_eq!(fingerprint("aes-256-gcm"), Fingerprint::Flat);
    }

    #[test]
    fn little_text_says_nothing() {
        let figures = Figures::of("attack at dawn", Symbols::Latin);
        assert_eq!(figures.fingerprint(), Fingerprint::TooShort);
        assert_eq!(Figures::of("", Symbols::Hex).fingerprint(), Fingerprint::TooShort);
    }

    #[test]
    fn each_output_is_counted_in_its_own_symbols() {
        let of = |id: &str, key: Key| symbols(find(id).unwrap(), &key, Direction::Encrypt).size();
        assert_eq!(of("caesar", Key::new()), 26);
        assert_eq!(of("caesar", Key::new().with("letters", "0123456789")), 10);
        assert_eq!(of("aes-256-gcm", Key::new().with("encoding", "base64")), 64);
        assert_eq!(of("adfgvx", Key::new()), 6);
    }
}
