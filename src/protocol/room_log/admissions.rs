//! When everybody was first admitted, on the host: nobody gets what was said before that.

use std::collections::HashMap;

use super::RoomLog;
#[cfg(test)]
use super::author::{Author, Presence};
use crate::crypto::Fingerprint;

impl RoomLog {
    /// The entry that first admitted somebody; 0 where that came before everything that is kept, `None` for a stranger.
    pub fn first_admission(&self, member: &Fingerprint) -> Option<u64> {
        let author = self.authors.get(member)?;
        Some(author.first_admitted.unwrap_or(0))
    }

    /// Whether it is known of everybody; not so in a state of an earlier version.
    pub fn knows_first_admissions(&self) -> bool {
        let host = self.host.fingerprint();
        let mut others = self.authors.iter().filter(|(who, _)| **who != host);
        others.all(|(_, author)| author.first_admitted.is_some())
    }

    /// Takes the first admissions among the entries that are kept, for those of whom it is not known. Who has none there
    /// was admitted before them.
    pub fn note_first_admissions(&mut self, kept: &HashMap<Fingerprint, u64>) {
        for (who, author) in &mut self.authors {
            let found = kept.get(who).copied().unwrap_or(0);
            author.first_admitted.get_or_insert(found);
        }
    }
}

#[cfg(test)]
impl RoomLog {
    /// Has it know so many people, none of whom is here, that only so many more can be known.
    pub fn fill(&mut self, places: usize) {
        let host = self.host.clone();
        for number in places..self.places() {
            let mut author = Author::new(host.clone(), "", 0, [0; 32]);
            author.presence = Presence::Gone;
            self.authors
                .insert(Fingerprint::of_der(&number.to_be_bytes()), author);
        }
    }
}
