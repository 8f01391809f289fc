//! Where a text begins: what tells twin keys apart, under which the whole text is moved by a few letters.

use crate::analysis::language::Language;

/// How many letters of each end are looked at.
const END: usize = 40;
/// The most letters of a word that broke off.
const LONGEST_BREAK: usize = 12;
/// ln of one in two: a text that ends with a whole word may have ended there on purpose.
const ON_PURPOSE: f64 = -std::f64::consts::LN_2;

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
    let broken_off: Vec<f64> = (0..=tail.len().min(LONGEST_BREAK))
        .map(|broken| {
            let (whole, broken) = tail.split_at(tail.len() - broken);
            let broken = match broken {
                [] => ON_PURPOSE,
                _ => words.begins_log_probability(broken),
            };
            words.part(whole).log_probability + broken
        })
        .collect();
    // All ways to break off are likely together.
    let most = broken_off.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let broken_off = most + broken_off.iter().map(|way| (way - most).exp()).sum::<f64>().ln();
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

    #[test]
    fn a_text_that_breaks_off_is_judged_by_the_words_that_could_go_on() {
        // "VULNERABILIT" is the beginning of one word; that the text loses its "A" in front counts for less.
        let language = Language::english();
        let text = letters_of(
            "ASECURITYISSUEISABUGINONEORMORESPECIFICCOMPONENTSOFASOFTWARESYSTEMTHATCREATESAVULNERABILIT",
        );
        let mut twin = text.clone();
        twin.rotate_left(1);
        let (own, moved) = (ends(language, &text, 0), ends(language, &twin, 1));
        assert!(moved < own - 4.0, "{own} {moved}");
    }
}
