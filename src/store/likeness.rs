//! Which names look alike: Unicode TS 39's skeletons, without case, spaces and what is not drawn.

use std::collections::{BTreeSet, HashMap};

use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::crypto::Fingerprint;

/// What a name looks like: see [`Likeness::is_like`].
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

    /// Whether two names are one name: the same letters, whatever their case, spaces and encoding. One name is like
    /// itself.
    pub fn is_same_name(&self, other: &Likeness) -> bool {
        self.name == other.name
    }
}

/// People listed by how their names look: each name is computed once, and compared with those only that are like it.
#[derive(Debug, Default)]
pub struct Lookalikes {
    listed: HashMap<Fingerprint, Listed>,
    /// Who bears a name that looks so as it stands; whoever shares one of these keys is like everybody else under it.
    as_written: HashMap<String, Namesakes>,
    /// Who bears a name that looks so in small letters.
    in_small: HashMap<String, Namesakes>,
}

/// Those whose names look one way, the first in rank first.
type Namesakes = BTreeSet<(Rank, Fingerprint)>;

/// Who comes first among those whose names are alike. Of a crowd of namesakes only the first are looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Not compared: whom the user verified comes first.
    pub unverified: bool,
    /// Known by a host's word alone. A host can say that as many are there as it likes, so these come last.
    pub hearsay: bool,
    /// Whoever was met first comes first, seconds since 1970.
    pub first_seen_unix: u64,
}

#[derive(Debug)]
struct Listed {
    name: String,
    rank: Rank,
    likeness: Likeness,
}

impl Lookalikes {
    /// Lists somebody under a name, in place of the one that it had.
    pub fn list(&mut self, who: Fingerprint, name: &str, rank: Rank) {
        let known = self.listed.get(&who).filter(|listed| listed.name == name);
        if known.is_some_and(|listed| listed.rank == rank) {
            return;
        }
        let likeness = match known {
            Some(listed) => listed.likeness.clone(),
            None => Likeness::of(name),
        };
        self.unlist(&who);
        let place = (rank, who);
        for (names, key) in [
            (&mut self.as_written, &likeness.as_written),
            (&mut self.in_small, &likeness.in_small),
        ] {
            names.entry(key.clone()).or_default().insert(place);
        }
        let name = name.to_owned();
        self.listed.insert(who, Listed { name, rank, likeness });
    }

    /// Lists somebody no more.
    pub fn unlist(&mut self, who: &Fingerprint) {
        let Some(Listed { rank, likeness, .. }) = self.listed.remove(who) else {
            return;
        };
        let place = (rank, *who);
        for (names, key) in [
            (&mut self.as_written, &likeness.as_written),
            (&mut self.in_small, &likeness.in_small),
        ] {
            if let Some(alike) = names.get_mut(key) {
                alike.remove(&place);
                if alike.is_empty() {
                    names.remove(key);
                }
            }
        }
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

    /// Those whose names can be taken for this one, by rank; of a crowd the first only, so that one more namesake costs
    /// the same however many there are.
    pub fn alike<'a>(
        &'a self,
        likeness: &Likeness,
    ) -> impl Iterator<Item = (&'a Fingerprint, &'a Likeness)> + use<'a> {
        let [as_written, in_small] = self.namesakes(likeness);
        let first = as_written.union(in_small).take(MOST_NAMESAKES);
        first.filter_map(move |(_, who)| {
            #[cfg(test)]
            VISITED.set(VISITED.get() + 1);
            Some((who, self.get(who)?))
        })
    }

    /// The first two whose names look like this one as it stands, and the first two in small letters, but for one person.
    /// Where there are more, these two are like somebody else already.
    pub fn nearest(&self, likeness: &Likeness, but: &Fingerprint) -> Vec<Fingerprint> {
        let first_two = |alike: &Namesakes| -> Vec<Fingerprint> {
            let others = alike.iter().map(|(_, who)| *who).filter(|who| who != but);
            others.take(2).collect()
        };
        self.namesakes(likeness).map(first_two).concat()
    }

    fn namesakes(&self, likeness: &Likeness) -> [&Namesakes; 2] {
        let as_written = self.as_written.get(&likeness.as_written);
        let in_small = self.in_small.get(&likeness.in_small);
        [as_written, in_small].map(|alike| alike.unwrap_or(&NOBODY))
    }
}

/// So many namesakes are looked at. A host can fill a room with people of one name.
const MOST_NAMESAKES: usize = 64;

/// Whom an unknown look is found under.
static NOBODY: Namesakes = BTreeSet::new();

#[cfg(test)]
thread_local! {
    static COMPUTED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    static VISITED: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
}

#[cfg(test)]
impl Likeness {
    /// How many names this thread has computed.
    pub(crate) fn computed() -> usize {
        COMPUTED.get()
    }
}

#[cfg(test)]
impl Lookalikes {
    /// How many namesakes this thread has looked at.
    pub(crate) fn visited() -> usize {
        VISITED.get()
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
            looks.alike(&Likeness::of(name)).map(|(who, _)| *who).collect()
        };
        for (who, name) in [("paul", "Paul"), ("fake", "Pаul"), ("ada", "Ada")] {
            looks.list(key(who), name, Rank::default());
        }
        let mut both = [key("paul"), key("fake")];
        both.sort();
        assert_eq!(found(&looks, "PAUL"), both);
        looks.list(key("fake"), "Adа", Rank::default());
        assert_eq!(found(&looks, "PAUL"), [key("paul")]);
        assert_eq!(found(&looks, "Ada").len(), 2);
        looks.unlist(&key("ada"));
        assert_eq!(found(&looks, "Ada"), [key("fake")]);
        looks.unlist(&key("fake"));
        looks.unlist(&key("paul"));
        assert!(looks.listed.is_empty() && looks.as_written.is_empty() && looks.in_small.is_empty());
    }

    #[test]
    fn of_a_crowd_of_namesakes_the_first_in_rank_are_looked_at_and_whom_the_user_verified_is_among_them() {
        let mut looks = Lookalikes::default();
        let key = |n: u64| Fingerprint::of_der(&n.to_be_bytes());
        let hearsay = |first_seen_unix| Rank {
            unverified: true,
            hearsay: true,
            first_seen_unix,
        };
        for n in 0..1000 {
            looks.list(key(n), "Anna", hearsay(n));
        }
        let met = Rank {
            hearsay: false,
            ..hearsay(5000)
        };
        let verified = Rank {
            unverified: false,
            ..met
        };
        let computed = Likeness::computed();
        looks.list(key(700), "Anna", met);
        looks.list(key(800), "Anna", verified);
        assert_eq!(Likeness::computed(), computed, "another rank is no other name");
        let anna = Likeness::of("anna");
        let found: Vec<Fingerprint> = looks.alike(&anna).map(|(who, _)| *who).collect();
        assert_eq!(found.len(), MOST_NAMESAKES);
        assert_eq!(found[..4], [key(800), key(700), key(0), key(1)]);
        assert_eq!(
            looks.nearest(&anna, &key(800)),
            [key(700), key(0), key(700), key(0)]
        );
    }
}
