//! Counts of letter sequences, of repeats and their distances, and of coincidences at a distance: what a text's structure
//! tells before anything is solved.

use std::collections::HashMap;

use super::language::letters_of;

/// A sequence of letters and how often it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The letters, capitals.
    pub letters: String,
    /// How often.
    pub times: usize,
}

/// The most frequent sequences of `length` letters, overlapping, at most `most` of them; equal counts in alphabetical order.
pub fn ngrams(text: &str, length: usize, most: usize) -> Vec<Count> {
    let codes = letters_of(text);
    let mut counts: HashMap<&[u8], usize> = HashMap::new();
    if length > 0 {
        codes
            .windows(length)
            .for_each(|window| *counts.entry(window).or_default() += 1);
    }
    let mut counts: Vec<(&[u8], usize)> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    counts.truncate(most);
    counts
        .into_iter()
        .map(|(codes, times)| Count {
            letters: word(codes),
            times,
        })
        .collect()
}

/// The index of coincidence of each assumed period from 1 to `longest`: the mean over the columns that the period gives.
///
/// At a multiple of a polyalphabetic cipher's period it comes near that of the language (English: 0.066), otherwise it stays
/// near 1/26. Columns of fewer than two letters are left out; item 0 is period 1.
pub fn coincidence_by_period(text: &str, longest: usize) -> Vec<f64> {
    let codes = letters_of(text);
    (1..=longest)
        .map(|period| {
            let columns = (0..period).filter_map(|start| {
                let mut counts = [0usize; 26];
                let column = codes.iter().skip(start).step_by(period);
                let total = column.map(|&code| counts[usize::from(code)] += 1).count();
                let pairs: usize = counts.iter().map(|&n| n * n.saturating_sub(1)).sum();
                (total > 1).then(|| pairs as f64 / (total * (total - 1)) as f64)
            });
            let indices: Vec<f64> = columns.collect();
            match indices.len() {
                0 => 0.0,
                n => indices.iter().sum::<f64>() / n as f64,
            }
        })
        .collect()
}

/// For each shift from 1 to `longest`, the share of places where the text and the shifted text have the same letter.
pub fn autocorrelation(text: &str, longest: usize) -> Vec<f64> {
    let codes = letters_of(text);
    (1..=longest)
        .map(|shift| {
            let pairs = codes.len().saturating_sub(shift);
            let same = codes
                .iter()
                .zip(codes.iter().skip(shift))
                .filter(|(a, b)| a == b)
                .count();
            same as f64 / pairs.max(1) as f64
        })
        .collect()
}

/// A sequence that stands at several places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The letters, capitals.
    pub letters: String,
    /// Where it begins, counted in letters from 0.
    pub places: Vec<usize>,
    /// From each place to the next.
    pub distances: Vec<usize>,
}

impl Repeat {
    fn new(letters: String, places: Vec<usize>) -> Self {
        let distances = places.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Self {
            letters,
            places,
            distances,
        }
    }

    /// Its letters where there is little room: of a long one how it begins, and how long it is.
    pub fn in_short(&self) -> String {
        match self.letters.get(..SHORT) {
            Some(beginning) if self.letters.len() > 2 * SHORT => {
                format!("{beginning}… ({} letters)", self.letters.len())
            }
            _ => self.letters.clone(),
        }
    }

    /// Whether so many letters from a place on stand inside one of its occurrences.
    fn covers(&self, at: usize, length: usize) -> bool {
        let up_to = self.places.partition_point(|&place| place <= at);
        up_to > 0 && at + length <= self.places[up_to - 1] + self.letters.len()
    }
}

/// Kasiski's examination: sequences of at least `least` letters that repeat, the longest first, and their distances.
///
/// Friedrich Kasiski, Die Geheimschriften und die Dechiffrir-Kunst (Berlin, 1863). Each is as long as its occurrences agree.
/// A sequence that only ever stands inside longer ones, at distances that they have too, is not told again.
pub fn kasiski(text: &str, least: usize, most: usize) -> Vec<Repeat> {
    let codes = letters_of(text);
    let codes = &codes[..codes.len().min(MOST_EXAMINED)];
    let mut found: Vec<Repeat> = Vec::new();
    for length in (least.max(2)..=LONGEST_REPEAT).rev() {
        let mut places: HashMap<&[u8], Vec<usize>> = HashMap::new();
        for (at, window) in codes.windows(length).enumerate() {
            places.entry(window).or_default().push(at);
        }
        let mut repeats: Vec<(&[u8], Vec<usize>)> =
            places.into_iter().filter(|(_, at)| at.len() > 1).collect();
        repeats.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(b.0)));
        for (window, places) in repeats {
            let repeat = Repeat::new(word(window), places);
            if !is_told(&found, &repeat) {
                found.push(widened(codes, &repeat));
            }
        }
        found.sort_by(|a, b| {
            let longer = b.letters.len().cmp(&a.letters.len());
            let oftener = b.places.len().cmp(&a.places.len());
            longer.then(oftener).then(a.letters.cmp(&b.letters))
        });
        if found.len() >= most {
            break;
        }
    }
    found.truncate(most);
    found
}

/// Whether longer repeats tell all of this one: a piece of one of them, or one that overlaps itself.
fn is_told(found: &[Repeat], repeat: &Repeat) -> bool {
    let length = repeat.letters.len();
    let is_inside = |&at: &usize| found.iter().any(|longer| longer.covers(at, length));
    let is_known = |distance: &usize| found.iter().any(|longer| longer.distances.contains(distance));
    repeat.places.iter().all(is_inside) && repeat.distances.iter().all(is_known)
}

/// The repeat with all letters before and after it in which its occurrences still agree.
fn widened(codes: &[u8], repeat: &Repeat) -> Repeat {
    let places = &repeat.places;
    let (Some(&first), Some(&last)) = (places.first(), places.last()) else {
        return repeat.clone();
    };
    let mut before = 0;
    while before < first && agree(places.iter().map(|at| codes[at - before - 1])) {
        before += 1;
    }
    let mut length = repeat.letters.len();
    while last + length < codes.len() && agree(places.iter().map(|at| codes[at + length])) {
        length += 1;
    }
    let letters = word(&codes[first - before..first + length]);
    Repeat::new(letters, places.iter().map(|at| at - before).collect())
}

fn agree(mut codes: impl Iterator<Item = u8>) -> bool {
    codes.next().is_none_or(|first| codes.all(|code| code == first))
}

/// For each period from 2 to `longest`, how many distances between repeats it divides: the period shows as a peak.
pub fn divided_distances(repeats: &[Repeat], longest: usize) -> Vec<usize> {
    let distances: Vec<usize> = repeats
        .iter()
        .flat_map(|repeat| repeat.distances.iter().copied())
        .collect();
    (2..=longest)
        .map(|period| {
            distances
                .iter()
                .filter(|distance| distance.is_multiple_of(period))
                .count()
        })
        .collect()
}

fn word(codes: &[u8]) -> String {
    codes.iter().map(|&code| char::from(b'A' + code)).collect()
}

/// Letters that the examination looks at: beyond that every short sequence repeats.
const MOST_EXAMINED: usize = 20_000;
/// Letters that are looked for at once; what repeats beyond them is seen from its pieces.
const LONGEST_REPEAT: usize = 12;
/// Letters that a long repeat is shown by.
const SHORT: usize = 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers;

    const PROSE: &str = "the ferry was late again so we sat on the wall above the harbour and watched the boats come in one after \
                         another until the lamps were lit along the quay and the last of the passengers had gone home";

    #[test]
    fn sequences_are_counted_overlapping_and_across_spaces() {
        let counts = ngrams("ana banana", 3, 2);
        assert_eq!(
            counts[0],
            Count {
                letters: "ANA".into(),
                times: 3
            }
        );
        assert_eq!(
            counts[1],
            Count {
                letters: "ABA".into(),
                times: 1
            }
        );
        assert_eq!(ngrams("ab", 3, 5), []);
    }

    #[test]
    fn the_period_of_a_vigenere_text_stands_out() {
        let cipher = ciphers::find("vigenere").unwrap();
        let cipher = cipher
            .build(&[("keyword", "LEMON")].into_iter().collect())
            .unwrap();
        let text = cipher.encrypt(&PROSE.repeat(2)).unwrap();
        let by_period = coincidence_by_period(&text, 9);
        assert!(by_period[4] > 0.058, "{by_period:?}");
        assert!(
            by_period
                .iter()
                .enumerate()
                .all(|(at, &index)| at == 4 || index < 0.055),
            "{by_period:?}"
        );
    }

    #[test]
    fn kasiski_s_distances_are_multiples_of_the_period() {
        // The repeats of the cryptogram in Wikipedia, Kasiski examination: CRYPTO at 0 and 20 under ABCD.
        let cipher = ciphers::find("vigenere").unwrap();
        let cipher = cipher
            .build(&[("keyword", "ABCD")].into_iter().collect())
            .unwrap();
        let text = cipher.encrypt("crypto is short for cryptography").unwrap();
        let repeats = kasiski(&text, 3, 10);
        assert_eq!(repeats[0].letters, "CSASTP");
        assert_eq!(repeats[0].places, [0, 16]);
        assert_eq!(repeats[0].distances, [16]);
        assert_eq!(divided_distances(&repeats, 5), [1, 0, 1, 0]);
    }

    #[test]
    fn a_long_repeat_is_told_once_and_hides_no_other() {
        let long = "QWERTYUIOPASDFGHJKLZXCVBNMMNBVCXZLKJHGFDSAPOIUYTREWQ";
        let text = format!("{long}TANGO1FOXTROT{long}TANGOYFOXTROTE");
        let repeats = kasiski(&text, 3, 10);
        // The 1 is no letter, so that the second copy is longer by its Y.
        let told: Vec<(&str, &[usize])> = repeats
            .iter()
            .map(|repeat| (repeat.letters.as_str(), repeat.places.as_slice()))
            .collect();
        let with_tango = format!("{long}TANGO");
        assert_eq!(
            told,
            [(with_tango.as_str(), &[0usize, 64][..]), ("FOXTROT", &[57, 122])]
        );
        assert_eq!(divided_distances(&repeats, 5), [1, 0, 1, 1]);
        assert_eq!(repeats[0].in_short(), "QWERTYUIOPASDFGHJKLZ… (57 letters)");
        assert_eq!(repeats[1].in_short(), "FOXTROT");
    }

    #[test]
    fn a_piece_is_told_again_only_where_it_has_another_distance() {
        // CAT stands twice in what repeats, and a third time by itself.
        let repeats = kasiski("CATXYCATZZZQCATXYCATWUVCAT", 3, 10);
        let told: Vec<(&str, &[usize])> = repeats
            .iter()
            .map(|repeat| (repeat.letters.as_str(), repeat.distances.as_slice()))
            .collect();
        assert_eq!(told, [("CATXYCAT", &[12usize][..]), ("CAT", &[5, 7, 5, 6])]);
        // A run overlaps itself, at every length.
        let run = kasiski(&"A".repeat(100), 3, 10);
        assert_eq!(run.len(), 1);
        assert_eq!(run[0].distances, [1; 88]);
    }

    #[test]
    fn a_text_agrees_with_itself_at_its_period() {
        assert_eq!(autocorrelation("ABCABCABC", 3), [0.0, 0.0, 1.0]);
        assert_eq!(autocorrelation("", 2), [0.0, 0.0]);
    }
}
