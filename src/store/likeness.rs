//! Which names look alike: Unicode TS 39's skeletons, without case, spaces and what is not drawn.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::crypto::Fingerprint;

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
    /// The name itself in small letters.
    name: String,
}

impl Likeness {
    /// Of a name. Costs more than comparing two.
    pub fn of(name: &str) -> Likeness {
        #[cfg(test)]
        COMPUTED.set(COMPUTED.get() + 1);
        let plain = plain(name);
        let name = plain.to_lowercase();
        Likeness {
            as_written: skeleton(&plain).collect::<String>().to_lowercase(),
            in_small: skeleton(&name).collect(),
            name,
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

    /// Whether two names are one name: the same letters, whatever their case, spaces and encoding. One name is like
    /// itself.
    pub fn is_same_name(&self, other: &Likeness) -> bool {
        self.name == other.name
    }
}

/// People listed by how their names look: each name is computed once, and compared with those only that it touches.
#[derive(Debug, Default)]
pub struct Lookalikes {
    listed: HashMap<Fingerprint, Listed>,
    by_looks: HashMap<String, BTreeSet<Fingerprint>>,
}

#[derive(Debug)]
struct Listed {
    name: String,
    likeness: Likeness,
}

impl Lookalikes {
    /// Lists somebody under a name, in place of the one that it had.
    pub fn list(&mut self, who: Fingerprint, name: &str) {
        if self.listed.get(&who).is_some_and(|listed| listed.name == name) {
            return;
        }
        self.unlist(&who);
        let likeness = Likeness::of(name);
        for key in likeness.keys() {
            self.by_looks.entry(key.to_owned()).or_default().insert(who);
        }
        let name = name.to_owned();
        self.listed.insert(who, Listed { name, likeness });
    }

    /// Lists somebody no more.
    pub fn unlist(&mut self, who: &Fingerprint) {
        let Some(listed) = self.listed.remove(who) else {
            return;
        };
        for key in listed.likeness.keys() {
            if let Some(alike) = self.by_looks.get_mut(key) {
                alike.remove(who);
                if alike.is_empty() {
                    self.by_looks.remove(key);
                }
            }
        }
    }

    /// Lists those only who are still to be.
    pub fn retain(&mut self, stays: impl Fn(&Fingerprint) -> bool) {
        let gone: Vec<Fingerprint> = self.listed.keys().filter(|who| !stays(who)).copied().collect();
        gone.iter().for_each(|who| self.unlist(who));
    }

    /// What the name looks like under which somebody is listed.
    pub fn get(&self, who: &Fingerprint) -> Option<&Likeness> {
        self.listed.get(who).map(|listed| &listed.likeness)
    }

    /// What a name looks like; it is not computed where it is the one under which this person is listed.
    pub fn likeness(&self, who: &Fingerprint, name: &str) -> Likeness {
        match self.listed.get(who) {
            Some(listed) if listed.name == name => listed.likeness.clone(),
            _ => Likeness::of(name),
        }
    }

    /// Those whose names touch this one in any way, by their fingerprints: all that are like it, and some more, whose
    /// capitals look like its small letters.
    pub fn touching<'a>(
        &'a self,
        likeness: &Likeness,
    ) -> impl Iterator<Item = (&'a Fingerprint, &'a Likeness)> + use<'a> {
        let [as_written, in_small] = likeness
            .keys()
            .map(|key| self.by_looks.get(key).unwrap_or(&NOBODY));
        as_written
            .union(in_small)
            .filter_map(move |who| Some((who, self.get(who)?)))
    }
}

/// Whom an unknown look is found under.
static NOBODY: BTreeSet<Fingerprint> = BTreeSet::new();

#[cfg(test)]
thread_local! {
    static COMPUTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
impl Likeness {
    /// How many names this thread has computed.
    pub(crate) fn computed() -> usize {
        COMPUTED.get()
    }
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
        let same_name = |one, other| Likeness::of(one).is_same_name(&Likeness::of(other));
        assert!(same_name("Ada", " ada"));
        assert!(same_name("Ünsal", "U\u{308}nsal"));
        assert!(!same_name("Paul", "Pаul"));
    }

    #[test]
    fn whoever_is_listed_is_found_by_every_name_like_its_own_and_by_no_earlier_one() {
        let key = |who: &str| Fingerprint::of_der(who.as_bytes());
        let mut looks = Lookalikes::default();
        let found = |looks: &Lookalikes, name: &str| -> Vec<Fingerprint> {
            looks.touching(&Likeness::of(name)).map(|(who, _)| *who).collect()
        };
        for (who, name) in [("paul", "Paul"), ("fake", "Pаul"), ("ada", "Ada")] {
            looks.list(key(who), name);
        }
        let mut both = [key("paul"), key("fake")];
        both.sort();
        assert_eq!(found(&looks, "PAUL"), both);
        looks.list(key("fake"), "Adа");
        assert_eq!(found(&looks, "PAUL"), [key("paul")]);
        assert_eq!(found(&looks, "Ada").len(), 2);
        looks.retain(|who| *who != key("ada"));
        assert_eq!(found(&looks, "Ada"), [key("fake")]);
        looks.unlist(&key("fake"));
        looks.unlist(&key("paul"));
        assert!(looks.listed.is_empty() && looks.by_looks.is_empty());
    }
}
