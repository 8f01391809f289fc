//! A passphrase, and a modest estimate of how long it would last against guessing.

use std::fmt;

use zeroize::Zeroizing;

/// What a person types to open a profile or a key file. Zeroed on drop and never printed.
#[derive(Clone)]
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over what was typed.
    pub fn new(text: &str) -> Passphrase {
        Passphrase(Zeroizing::new(text.to_owned()))
    }

    /// Shows the text to a primitive.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl PartialEq for Passphrase {
    /// For comparing a passphrase with its repetition by the same person; not for secrets of others.
    fn eq(&self, other: &Passphrase) -> bool {
        *self.0 == *other.0
    }
}

impl Eq for Passphrase {}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

/// How long a passphrase would last against somebody who has the file and many machines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Guessed in hours.
    Weak,
    /// Guessed by who really wants it.
    Fair,
    /// Out of reach for most.
    Good,
    /// Out of reach.
    Strong,
}

impl Strength {
    /// Estimates. It counts what a guesser would try first: common words, repetitions, runs like "1234"
    /// and dates count little. It never overstates by much, and can understate.
    pub fn of(text: &str) -> Strength {
        match bits(text) {
            bits if bits < 30.0 => Strength::Weak,
            bits if bits < 45.0 => Strength::Fair,
            bits if bits < 60.0 => Strength::Good,
            _ => Strength::Strong,
        }
    }

    /// One word for the screen.
    pub fn word(self) -> &'static str {
        match self {
            Strength::Weak => "weak",
            Strength::Fair => "fair",
            Strength::Good => "good",
            Strength::Strong => "strong",
        }
    }

    /// How many of four steps.
    pub fn steps(self) -> usize {
        match self {
            Strength::Weak => 1,
            Strength::Fair => 2,
            Strength::Good => 3,
            Strength::Strong => 4,
        }
    }
}

/// An estimate of the guessing entropy, in bits.
fn bits(text: &str) -> f64 {
    let lower = text.to_lowercase();
    let mut total = 0.0;
    let mut words = 0_u32;
    let mut seen: Vec<&str> = Vec::new();
    for part in lower.split(|c: char| c.is_whitespace() || "-_.,;:".contains(c)) {
        if part.is_empty() {
            continue;
        }
        if seen.contains(&part) {
            total += 1.0;
            continue;
        }
        seen.push(part);
        words += 1;
        total += part_bits(part);
    }
    // Where capitals and separators stand is worth a little.
    if text.chars().any(char::is_uppercase) && text.chars().any(char::is_lowercase) {
        total += 1.5;
    }
    total + f64::from(words.saturating_sub(1)).min(3.0) * 0.5
}

fn part_bits(part: &str) -> f64 {
    let plain: String = part.chars().map(unleet).collect();
    let letters: String = plain.trim_end_matches(|c: char| !c.is_alphabetic()).to_owned();
    let tail = part.chars().count() - letters.chars().count().min(part.chars().count());
    if COMMON.contains(&letters.as_str()) || COMMON.contains(&plain.as_str()) {
        return 6.0 + 2.0 * tail as f64;
    }
    // A common word with something around it: the word is worth little, the rest a little.
    if let Some(word) = COMMON
        .iter()
        .filter(|word| word.len() >= 4 && plain.contains(**word))
        .max_by_key(|word| word.len())
    {
        let rest = plain.chars().count().saturating_sub(word.chars().count());
        return 6.0 + 3.5 * rest as f64;
    }
    let mut sum = 0.0;
    let mut before: Option<(char, i64)> = None;
    let pool = pool_bits(part);
    // A part of letters only may be a word: no more than a word of a large dictionary is worth, unless
    // it is too long to be one.
    let only_letters = part.chars().all(char::is_alphabetic);
    for c in part.chars() {
        let step = before.map(|(last, _)| i64::from(u32::from(c)) - i64::from(u32::from(last)));
        let predictable = matches!((step, before), (Some(step), Some((_, last_step))) if step == last_step && (-1..=1).contains(&step));
        sum += if predictable { 0.5 } else { pool };
        before = Some((c, step.unwrap_or(i64::MAX)));
    }
    if only_letters && part.chars().count() <= 12 {
        sum.min(13.0)
    } else {
        sum
    }
}

/// What one character of such a text is worth.
fn pool_bits(part: &str) -> f64 {
    let has = |test: fn(&char) -> bool| part.chars().any(|c| test(&c));
    let mut pool = 0.0;
    if has(|c| c.is_ascii_lowercase()) {
        pool += 26.0;
    }
    if has(|c| c.is_ascii_digit()) {
        pool += 10.0;
    }
    if has(|c| c.is_ascii_punctuation()) {
        pool += 20.0;
    }
    if has(|c| !c.is_ascii()) {
        pool += 40.0;
    }
    // People don't choose evenly.
    f64::log2(f64::max(pool, 2.0)) * 0.8
}

fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    }
}

/// What is tried first.
const COMMON: &[&str] = &[
    "password",
    "passwort",
    "passwd",
    "pass",
    "secret",
    "geheim",
    "letmein",
    "qwerty",
    "qwertz",
    "azerty",
    "asdf",
    "asdfgh",
    "admin",
    "welcome",
    "willkommen",
    "hello",
    "hallo",
    "monkey",
    "dragon",
    "master",
    "login",
    "football",
    "baseball",
    "iloveyou",
    "princess",
    "sunshine",
    "shadow",
    "superman",
    "batman",
    "trustno",
    "abc",
    "abcdef",
    "test",
    "guest",
    "cipher",
    "room",
    "cipherroom",
    "summer",
    "winter",
    "spring",
    "autumn",
    "sommer",
    "love",
    "god",
    "killer",
    "michael",
    "jordan",
    "charlie",
    "daniel",
    "thomas",
    "computer",
    "internet",
    "starwars",
    "whatever",
    "changeme",
    "default",
    "freedom",
    "ninja",
    "mustang",
    "access",
    "flower",
    "cheese",
    "pepper",
    "ginger",
    "hunter",
    "soccer",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_weak() {
        for text in [
            "",
            "a",
            "password",
            "Passw0rd!",
            "P@ssword1",
            "123456789",
            "1234567890123",
            "qwerty123",
            "aaaaaaaaaaaaaaaa",
            "abcdefgh",
            "hello hello hello",
            "letmein",
            "summer2024",
        ] {
            assert_eq!(Strength::of(text), Strength::Weak, "{text}: {}", bits(text));
        }
    }

    #[test]
    fn random_words_and_random_characters_are_good() {
        for text in [
            "orbit velvet mango quarry",
            "k7#Qv9!xT2m",
            "giraffe-sonnet-copper-lantern-mist",
        ] {
            assert!(Strength::of(text) >= Strength::Good, "{text}: {}", bits(text));
        }
        assert!(Strength::of("orbit velvet mango quarry dusk") == Strength::Strong);
    }

    #[test]
    fn a_passphrase_is_repeated_whole_or_not_at_all() {
        let passphrase = Passphrase::new("hunter2");
        assert!(passphrase == Passphrase::new("hunter2"));
        assert!(passphrase != Passphrase::new("hunter") && passphrase != Passphrase::new(""));
        assert!(Passphrase::new("").is_empty() && !passphrase.is_empty());
    }

    #[test]
    fn a_passphrase_is_not_printed() {
        assert_eq!(format!("{:?}", Passphrase::new("hunter2")), "[secret]");
    }
}
