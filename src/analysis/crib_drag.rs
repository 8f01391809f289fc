//! Crib dragging: texts under one pad betray one another, since the pad falls out of their difference.
//!
//! A word guessed in one text gives the pad there, and so what stands in the others. Where that looks like the language
//! the guess was right. Pure functions of the texts, cheap enough to be called at each key press; what tries all of it by
//! itself is the attack on the one-time pad.

use super::language::{Language, letters_of};

/// A crib at one place of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Drag {
    /// The text that the crib was laid into, from 0.
    pub text: usize,
    /// The letter that it begins at, from 0.
    pub place: usize,
    /// The letters of the pad that follow.
    pub pad: String,
    /// What appears in each of the other texts: its number and its letters there; fewer where it ends.
    pub appears: Vec<(usize, String)>,
    /// The mean log-probability in nats of a letter of what appears; greater is better.
    pub score: f64,
}

/// Lays a crib into every place of every text, and ranks by what appears in the others: the best first.
///
/// The texts are in the shape in which they were pasted; letters A to Z count. `C = P + K` modulo 26, as in the lab's
/// one-time pad. Nothing comes of an empty crib or of a single text.
pub fn drag(texts: &[&str], crib: &str, language: &Language) -> Vec<Drag> {
    let texts: Vec<Vec<u8>> = texts.iter().map(|text| letters_of(text)).collect();
    let crib = letters_of(crib);
    let mut drags = Vec::new();
    if crib.is_empty() {
        return drags;
    }
    for (text, letters) in texts.iter().enumerate() {
        for place in 0..(letters.len() + 1).saturating_sub(crib.len()) {
            drags.extend(drag_at(&texts, &crib, text, place, language));
        }
    }
    drags.sort_by(|a, b| b.score.total_cmp(&a.score));
    drags
}

/// One place. `None` where no other text reaches.
fn drag_at(texts: &[Vec<u8>], crib: &[u8], text: usize, place: usize, language: &Language) -> Option<Drag> {
    let pad: Vec<u8> = crib
        .iter()
        .zip(&texts[text][place..])
        .map(|(plain, cipher)| (26 + cipher - plain) % 26)
        .collect();
    let mut appears = Vec::new();
    let (mut sum, mut count) = (0.0, 0);
    for (other, letters) in texts.iter().enumerate() {
        if other == text || letters.len() <= place {
            continue;
        }
        let plain: Vec<u8> = letters[place..]
            .iter()
            .zip(&pad)
            .map(|(cipher, key)| (26 + cipher - key) % 26)
            .collect();
        sum += likelihood(&plain, language) * plain.len() as f64;
        count += plain.len();
        appears.push((other, word(&plain)));
    }
    (count > 0).then(|| Drag {
        text,
        place,
        pad: word(&pad),
        appears,
        score: sum / count as f64,
    })
}

/// How much a piece out of the middle of a text looks like the language: the mean log-probability of a letter in nats, the
/// first letters by their own frequency, the others by those before them.
pub fn likelihood(letters: &[u8], language: &Language) -> f64 {
    let alone: f64 = letters
        .iter()
        .take(3)
        .map(|&letter| language.letters()[usize::from(letter)].max(1e-6).ln())
        .sum();
    let windows = letters.len().saturating_sub(3);
    let sum = match windows {
        0 => alone,
        _ => alone + language.quadgrams().score(letters) * windows as f64,
    };
    sum / letters.len().max(1) as f64
}

fn word(numbers: &[u8]) -> String {
    numbers.iter().map(|&letter| char::from(b'A' + letter)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{self, Key};

    #[test]
    fn the_right_place_shows_the_other_text_first() {
        let pad = "XMCKLQWZJVTBRAEOYHDGNSPIUFXKCMWLQZBJVTREAOHYDGSNPIFU";
        let cipher = ciphers::find("one-time-pad")
            .unwrap()
            .build(&Key::new().with("pad", pad))
            .unwrap();
        let one = cipher.encrypt("Meet me behind the station at seven").unwrap();
        let two = cipher.encrypt("The weather in the mountains is fine").unwrap();
        let drags = drag(&[&one, &two], "the mountains", Language::english());
        // The crib stands at letter 12 of the second text, counted from 0.
        assert_eq!((drags[0].text, drags[0].place), (1, 12));
        assert_eq!(drags[0].appears, [(0, "THESTATIONAT".to_owned())]);
        assert_eq!(drags[0].pad, pad[12..24]);
        assert!(drags.iter().all(|drag| drag.score <= drags[0].score));
    }

    #[test]
    fn nothing_comes_of_one_text_or_of_no_crib() {
        assert_eq!(drag(&["ABCDEF"], "THE", Language::english()), []);
        assert_eq!(drag(&["ABCDEF", "GHIJKL"], "1 2", Language::english()), []);
        assert_eq!(drag(&["ABC", "DEF"], "LONGER", Language::english()), []);
    }
}
