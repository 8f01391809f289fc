//! Whether the spaces of a text part its words, or only groups of equal length, as telegraphists and programs write them.

/// Whether spaces part words, rather than groups of equal length or nothing.
pub fn spaces_part_words(text: &str) -> bool {
    let lengths = lengths(text, |c| c.is_ascii_alphabetic());
    if lengths.len() < 3 {
        return false;
    }
    let mean = lengths.iter().sum::<usize>() as f64 / lengths.len() as f64;
    (2.2..8.5).contains(&mean) && !is_in_groups(text)
}

/// Whether the text is written in groups: of letters, of letters and digits, or of whatever came, punctuation included.
fn is_in_groups(text: &str) -> bool {
    let counted: [fn(char) -> bool; 3] = [|c| c.is_ascii_alphabetic(), char::is_alphanumeric, |_| true];
    counted.iter().any(|counts| are_equal(&lengths(text, counts)))
}

/// How many characters that count each word has, without the words that have none.
fn lengths(text: &str, counts: impl Fn(char) -> bool) -> Vec<usize> {
    let words = text.split_whitespace();
    let lengths = words.map(|word| word.chars().filter(|&c| counts(c)).count());
    lengths.filter(|&length| length > 0).collect()
}

/// Whether all lengths but the last are equal; of many, all but a few, for each paragraph may end with a shorter group.
fn are_equal(lengths: &[usize]) -> bool {
    let Some((_, before)) = lengths.split_last() else {
        return false;
    };
    let usual = before
        .iter()
        .max_by_key(|&length| before.iter().filter(|other| *other == length).count());
    let others = before.iter().filter(|&length| Some(length) != usual).count();
    others == 0 || (lengths.len() >= MANY && others * FEW <= lengths.len())
}

/// Groups from which on a few may be of another length, and how many there have to be for one that is: prose has no
/// four words of five as long as each other.
const MANY: usize = 10;
const FEW: usize = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_no_groups() {
        for words in [
            "we sat on the wall above the harbour and watched the boats come in",
            "In 1942, 3 of the 14 boats came in; \"The Gull\" (1931) did not.",
            "XQ KWDV RTZB Q LXP",
            "see https://www.example.org/boats/harbour/quay and the gulls there, or ask at the inn",
        ] {
            assert!(spaces_part_words(words), "{words}");
        }
    }

    #[test]
    fn groups_are_no_words_whatever_they_are_counted_by() {
        for groups in [
            "WESAT ONTHE WALLA BOVET HEHAR BOURA ND",
            // Letters with digits, with punctuation, and with accents.
            "AT10A MTHE3 BOATS CAME1 NTOTH E4",
            "We,sa tonth ewall ,abov ethe: harbo ur.",
            "HIERS OIRMA THILD EATRO UVÉUN EVALI SE",
            // Three paragraphs.
            "WESAT ONTHE WALLA BOVET HE\nHARBO URAND WATCH EDTHE BO\nATSCO MEINO NEAFT ERANO THER",
            "WESATONTHEWALL",
            "W E S A T O N",
        ] {
            assert!(!spaces_part_words(groups), "{groups}");
        }
    }
}
