//! Where a text begins: what tells twin keys apart, under which the whole text is moved by a few letters.

use crate::analysis::language::Language;

/// How many letters of each end are looked at.
const END: usize = 40;
/// The most letters of a word that broke off.
const LONGEST_BREAK: usize = 10;

/// How likely the two ends of a text are, in nats: it begins with a word, but may break off within one.
///
/// `moved` is by how many letters the text is moved to the left against the others that it is compared with, so that all
/// are judged up to the same letters.
pub(super) fn ends(language: &Language, text: &[u8], moved: isize) -> f64 {
    let words = language.words();
    let reach = (text.len() / 2).min(END);
    let head = reach.saturating_add_signed(-moved).min(text.len());
    let tail = (text.len() - reach).saturating_add_signed(-moved).min(text.len());
    let begun = words.part(&text[..head]).log_probability;
    let tail = &text[tail..];
    let broken_off = (0..=tail.len().min(LONGEST_BREAK))
        .map(|broken| {
            let whole = tail.len() - broken;
            let spelt = &tail[whole.saturating_sub(3)..];
            let windows = spelt.len().saturating_sub(3);
            let spelt = match broken {
                0 => 0.0,
                _ => language.quadgrams().score(spelt) * windows as f64,
            };
            words.part(&tail[..whole]).log_probability + spelt
        })
        .fold(f64::NEG_INFINITY, f64::max);
    begun + broken_off
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::language::letters_of;

    #[test]
    fn the_text_that_begins_with_a_word_is_likelier_than_its_twins() {
        let language = Language::english();
        let text = letters_of(
            "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTH",
        );
        let own = ends(language, &text, 0);
        for moved in [-2isize, -1, 1, 2] {
            let mut twin = text.clone();
            let length = text.len() as isize;
            twin.rotate_left(moved.rem_euclid(length) as usize);
            assert!(ends(language, &twin, moved) < own - 2.0, "{moved}");
        }
    }
}
