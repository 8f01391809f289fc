//! Where a known word could stand in a ciphertext, place by place: which are impossible and why, which are likely.

use crate::analysis::ENGLISH;
use crate::analysis::attack::Lock;

/// One place at which a word could stand.
#[derive(Clone, Debug, PartialEq)]
pub struct Placement {
    /// The place of its first letter among the letters of the ciphertext, from 0.
    pub place: usize,
    /// What would follow, in words.
    pub says: String,
    /// How likely it is; greater is better. Comparable within one list only.
    pub score: f64,
    /// The letters that it would decide, for a substitution.
    pub locks: Vec<Lock>,
}

/// All places for a word.
#[derive(Clone, Debug, PartialEq)]
pub struct Placements {
    /// The possible ones, the likeliest first.
    pub possible: Vec<Placement>,
    /// Places that are impossible.
    pub impossible: usize,
    /// Why they are, in words.
    pub why: &'static str,
}

/// Where a word could stand under this cipher. `None` for ciphers that say nothing about single places.
pub fn placements(cipher: &str, ciphertext: &str, word: &str) -> Option<Placements> {
    let (text, word) = (letters(ciphertext), letters(word));
    if word.is_empty() || word.len() > text.len() {
        return None;
    }
    let at: &dyn Fn(usize) -> Option<Placement> = match cipher {
        "substitution" => &|place| substitution(&text, &word, place),
        "enigma" => &|place| enigma(&text, &word, place),
        "vigenere" | "beaufort" | "autokey" | "gronsfeld" => &|place| running(cipher, &text, &word, place),
        _ => return None,
    };
    let all = text.len() - word.len() + 1;
    let mut possible: Vec<Placement> = (0..all).filter_map(at).collect();
    possible.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.place.cmp(&b.place)));
    Some(Placements {
        impossible: all - possible.len(),
        possible,
        why: match cipher {
            "substitution" => {
                "equal letters of the word would have to be equal in the ciphertext, and different ones different"
            }
            "enigma" => "no letter of an Enigma ever becomes itself",
            "gronsfeld" => "a letter would have to move more than nine places",
            _ => "",
        },
    })
}

/// Possible where word and ciphertext have the same pattern; likely where the letters are as frequent as they should be.
fn substitution(text: &[u8], word: &[u8], place: usize) -> Option<Placement> {
    let here = &text[place..place + word.len()];
    let mut to = [None; 26];
    let mut from = [None; 26];
    for (&cipher, &plain) in here.iter().zip(word) {
        let (there, back) = (&mut to[usize::from(cipher)], &mut from[usize::from(plain)]);
        if there.is_some_and(|other| other != plain) || back.is_some_and(|other| other != cipher) {
            return None;
        }
        (*there, *back) = (Some(plain), Some(cipher));
    }
    let mut counts = [0.0f64; 26];
    text.iter().for_each(|&letter| counts[usize::from(letter)] += 1.0);
    let mut locks = Vec::new();
    let mut score = 0.0;
    for (cipher, plain) in to.iter().enumerate() {
        let Some(plain) = plain else { continue };
        let expected = ENGLISH[usize::from(*plain)] * text.len() as f64;
        score -= (counts[cipher] - expected).powi(2) / (expected + 1.0);
        locks.push(Lock {
            cipher: char::from(b'A' + cipher as u8),
            plain: char::from(b'A' + plain),
        });
    }
    let told: Vec<String> = locks
        .iter()
        .map(|lock| format!("{} = {}", lock.cipher, lock.plain))
        .collect();
    Some(Placement {
        place,
        says: told.join(", "),
        score: score / locks.len().max(1) as f64,
        locks,
    })
}

/// Possible where no letter would become itself. All such places are equally likely.
fn enigma(text: &[u8], word: &[u8], place: usize) -> Option<Placement> {
    let here = &text[place..place + word.len()];
    here.iter().zip(word).all(|(a, b)| a != b).then(|| Placement {
        place,
        says: format!("opposite {}", shown(here)),
        score: 0.0,
        locks: Vec::new(),
    })
}

/// The key letters that the word would need; likely where they repeat, or look like a word.
fn running(cipher: &str, text: &[u8], word: &[u8], place: usize) -> Option<Placement> {
    let here = &text[place..place + word.len()];
    let key: Vec<u8> = here
        .iter()
        .zip(word)
        .map(|(&c, &p)| match cipher {
            "beaufort" => (c + p) % 26,
            _ => (c + 26 - p) % 26,
        })
        .collect();
    if cipher == "gronsfeld" && key.iter().any(|&shift| shift > 9) {
        return None;
    }
    let repeats = (1..key.len())
        .map(|period| {
            let same = key.iter().zip(&key[period..]).filter(|(a, b)| a == b).count();
            same as f64 / (key.len() - period) as f64 * ((key.len() - period) as f64).sqrt()
        })
        .fold(0.0, f64::max);
    let likely: f64 = key
        .iter()
        .map(|&letter| ENGLISH[usize::from(letter)].ln())
        .sum::<f64>()
        / key.len() as f64;
    let says = match cipher {
        "gronsfeld" => key.iter().map(|digit| char::from(b'0' + digit)).collect(),
        _ => shown(&key),
    };
    Some(Placement {
        place,
        says: format!("the key there would be {says}"),
        score: likely + repeats,
        locks: Vec::new(),
    })
}

fn letters(text: &str) -> Vec<u8> {
    text.bytes()
        .filter(u8::is_ascii_alphabetic)
        .map(|byte| byte.to_ascii_uppercase() - b'A')
        .collect()
}

fn shown(letters: &[u8]) -> String {
    letters.iter().map(|&letter| char::from(b'A' + letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{Key, find};

    #[test]
    fn a_word_fits_a_substitution_only_where_the_pattern_is_the_same() {
        let all = placements("substitution", "XYYZ ABBA XYZW", "noon").unwrap();
        assert_eq!(
            all.possible.iter().map(|place| place.place).collect::<Vec<_>>(),
            [4]
        );
        assert_eq!(all.impossible, 8);
        assert_eq!(all.possible[0].says, "A = N, B = O");
        assert_eq!(all.possible[0].locks.len(), 2);
    }

    #[test]
    fn no_letter_of_an_enigma_becomes_itself() {
        let all = placements("enigma", "WXYZ", "WZ").unwrap();
        assert_eq!(
            all.possible.iter().map(|place| place.place).collect::<Vec<_>>(),
            [1]
        );
        assert!(placements("enigma", "AB", "LONG").is_none());
        assert!(placements("columnar", "ABCD", "AB").is_none());
    }

    #[test]
    fn the_true_place_shows_the_key_and_comes_first() {
        let key = Key::new().with("keyword", "LEMON");
        let sealed = find("vigenere").unwrap().build(&key).unwrap();
        let text = sealed
            .encrypt("attack at dawn from the northern side of the river")
            .unwrap();
        let all = placements("vigenere", &text, "attackatdawn").unwrap();
        assert_eq!(all.possible[0].place, 0);
        assert!(all.possible[0].says.contains("LEMONLEMONLE"));
    }
}
