//! Which names look alike: Unicode TS 39's skeletons, without case, spaces and what is not drawn.

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

/// What a name looks like. Two names whose likenesses touch can be taken for each other.
///
/// There are two skeletons because case matters in both directions: a capital I looks like a small l,
/// and "ADA" is read as "Ada".
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Likeness {
    /// The skeleton of the name as it stands, then in small letters.
    as_written: String,
    /// The skeleton of the name in small letters.
    in_small: String,
}

impl Likeness {
    /// Of a name.
    pub fn of(name: &str) -> Likeness {
        let plain = plain(name);
        Likeness {
            as_written: skeleton(&plain).collect::<String>().to_lowercase(),
            in_small: skeleton(&plain.to_lowercase()).collect(),
        }
    }

    /// Whether one can be taken for the other.
    pub fn is_like(&self, other: &Likeness) -> bool {
        self.as_written == other.as_written || self.in_small == other.in_small
    }

    /// The two keys under which a name is found by its looks.
    pub fn keys(&self) -> [&str; 2] {
        [&self.as_written, &self.in_small]
    }
}

/// Whether two names are one name: the same letters, whatever their case, spaces and encoding.
pub fn same_name(one: &str, other: &str) -> bool {
    plain(one).to_lowercase() == plain(other).to_lowercase()
}

/// NFKC, without what is not drawn, with single spaces.
fn plain(name: &str) -> String {
    let drawn: String = name.nfkc().filter(|c| !is_not_drawn(*c)).collect();
    drawn.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Control characters, joiners, marks of direction, variation selectors, tags: nobody sees them.
fn is_not_drawn(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_like_each_other() {
        for (one, other) in [
            ("Paul", "Pаul"), // Cyrillic а
            ("Paul", "PauI"), // capital i
            ("Ada", "ADA"),
            ("Ada Brandt", "Ada  Brandt "),
            ("Ada", "A\u{200b}da"),
            ("Ada", "Аdа"),
            ("scope", "ѕсоре"),
            ("rn", "m"),
            ("Ünsal", "U\u{308}nsal"),
            ("Ada", "Ａｄａ"),
        ] {
            assert!(Likeness::of(one).is_like(&Likeness::of(other)), "{one} {other}");
        }
    }

    #[test]
    fn different_names_are_not() {
        for (one, other) in [("Ada", "Adam"), ("Bob", "Bop"), ("Mira", "Mina"), ("李", "王")] {
            assert!(!Likeness::of(one).is_like(&Likeness::of(other)), "{one} {other}");
        }
    }

    #[test]
    fn one_name_is_told_from_a_look_alike() {
        assert!(same_name("Ada", " ada"));
        assert!(same_name("Ünsal", "U\u{308}nsal"));
        assert!(!same_name("Paul", "Pаul"));
    }
}
