//! The book of everybody met: listens to what is told, notes who is there, and says who it is.
//!
//! It stands in the teller, so that nobody can come into a room without passing it. The front desk keeps
//! what it notes; decisions of the user are kept before they are told.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::clock::now_unix;
use super::{Event, RoomKey};
use crate::crypto::Fingerprint;
use crate::store::{Contact, MetAs, People};

/// A handle to the book. Closed, it notes nothing: before the profile is open, and while it is locked.
#[derive(Clone)]
pub struct Book {
    pages: Arc<Mutex<Pages>>,
    noted: Sender<()>,
}

#[derive(Default)]
struct Pages {
    people: Option<People>,
    /// Who is in which room now.
    present: HashMap<RoomKey, HashSet<Fingerprint>>,
    /// The rooms of ours, where everybody proved its key to us.
    ours: HashSet<RoomKey>,
}

impl Book {
    /// A closed book, and where it says that something is to be kept.
    pub fn closed() -> (Book, Receiver<()>) {
        let (noted, heard) = bounded(1);
        let pages = Arc::default();
        (Book { pages, noted }, heard)
    }

    /// Opens it with everybody who was kept.
    pub fn open(&self, people: People) {
        self.pages().people = Some(people);
    }

    /// Closes it, and forgets everybody.
    pub fn close(&self) {
        *self.pages() = Pages::default();
    }

    /// Does something with the people in it; `None` when it is closed.
    pub fn with<T>(&self, work: impl FnOnce(&mut People) -> T) -> Option<T> {
        self.pages().people.as_mut().map(work)
    }

    /// Whether the user keeps somebody out.
    pub fn is_blocked(&self, who: &Fingerprint) -> bool {
        let pages = self.pages();
        let contact = pages.people.as_ref().and_then(|people| people.get(who));
        contact.is_some_and(|contact| contact.blocked)
    }

    /// Whether somebody is known by more than the word of another room's host.
    pub fn has_met(&self, who: &Fingerprint) -> bool {
        let pages = self.pages();
        let contact = pages.people.as_ref().and_then(|people| people.get(who));
        contact.is_some_and(|contact| contact.met != MetAs::Introduced || contact.verified.is_some())
    }

    /// Notes who is in a room, all at once: whoever is told of next is not met as if the others behind it in
    /// the list were away.
    pub fn note_present(&self, room: RoomKey, present: impl IntoIterator<Item = Fingerprint>) {
        self.pages().present.insert(room, present.into_iter().collect());
    }

    /// Notes what an event says of who is where; gives what is to be told before it.
    pub fn note(&self, event: &Event) -> Option<Event> {
        let mut pages = self.pages();
        let (room, contact) = match event {
            Event::RoomOpened(opened) => {
                pages.ours.insert(opened.room);
                return None;
            }
            Event::Welcomed(joined) | Event::Joined(joined) => {
                let met = pages.meet(joined.room, joined.host, &joined.host_name, MetAs::InPerson);
                (joined.room, met?)
            }
            Event::MemberJoined { room, member } => {
                let met = match pages.ours.contains(room) {
                    true => MetAs::InPerson,
                    false => MetAs::Introduced,
                };
                (*room, pages.meet(*room, member.fingerprint, &member.name, met)?)
            }
            Event::MemberLeft {
                room, fingerprint, ..
            } => {
                if let Some(present) = pages.present.get_mut(room) {
                    present.remove(fingerprint);
                }
                return None;
            }
            Event::Closed { room, .. } => {
                pages.present.remove(room);
                pages.ours.remove(room);
                return None;
            }
            _ => return None,
        };
        drop(pages);
        // One word is enough: whoever hears it keeps all that was noted until then.
        let _ = self.noted.try_send(());
        Some(Event::Met { room, contact })
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.pages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn meet(&mut self, room: RoomKey, who: Fingerprint, name: &str, met: MetAs) -> Option<Contact> {
        // In another room its presence shows nothing: a host can have anybody's key stand in its own.
        let here = self.present.get(&room);
        let is_present = |who: &Fingerprint| here.is_some_and(|present| present.contains(who));
        let met = self
            .people
            .as_mut()?
            .meet(who, name, met, now_unix(), &is_present);
        self.present.entry(room).or_default().insert(who);
        met
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::MemberSeen;

    fn joined(room: u64, who: &str, name: &str) -> Event {
        Event::MemberJoined {
            room: RoomKey(room),
            member: MemberSeen {
                fingerprint: Fingerprint::of_der(who.as_bytes()),
                name: name.to_owned(),
                is_host: false,
                was_here: false,
                sas: None,
            },
        }
    }

    #[test]
    fn who_comes_in_is_told_with_what_is_known_of_it() {
        let (book, noted) = Book::closed();
        assert!(book.note(&joined(1, "ada", "Ada")).is_none(), "it is closed");
        book.open(People::default());
        let Some(Event::Met { contact, room }) = book.note(&joined(1, "ada", "Ada")) else {
            panic!("nothing was told");
        };
        assert_eq!((room, contact.met), (RoomKey(1), MetAs::Introduced));
        assert!(noted.try_recv().is_ok());
        assert!(
            !book.has_met(&contact.fingerprint),
            "a host's word for it is not enough"
        );
        // Present beside it: another person. In another room, or gone before: another key.
        let Some(Event::Met { contact, .. }) = book.note(&joined(1, "other", "Ada")) else {
            panic!("nothing was told");
        };
        assert!(!contact.needs_decision());
        let Some(Event::Met { contact, .. }) = book.note(&joined(2, "elsewhere", "Ada")) else {
            panic!("nothing was told");
        };
        assert!(contact.needs_decision());
        book.note(&Event::Closed {
            room: RoomKey(1),
            reason: crate::net::ClosedReason::Left,
        });
        book.note(&Event::Closed {
            room: RoomKey(2),
            reason: crate::net::ClosedReason::Left,
        });
        let Some(Event::Met { contact, .. }) = book.note(&joined(3, "third", "Ada")) else {
            panic!("nothing was told");
        };
        assert!(contact.needs_decision());
        book.close();
        assert!(book.note(&joined(3, "third", "Ada")).is_none());
    }

    #[test]
    fn the_order_in_which_namesakes_are_told_of_makes_no_alarm_and_a_list_replaces_the_one_before() {
        let (book, _noted) = Book::closed();
        book.open(People::default());
        let key = |who: &str| Fingerprint::of_der(who.as_bytes());
        let asks = |room, who| match book.note(&joined(room, who, "Anna")) {
            Some(Event::Met { contact, .. }) => contact.needs_decision(),
            told => panic!("{told:?}"),
        };
        book.note_present(RoomKey(1), [key("one"), key("two")]);
        assert!(!asks(1, "one") && !asks(1, "two"));
        // Back in the room, told of in the other order.
        book.note_present(RoomKey(1), [key("one"), key("two")]);
        assert!(!asks(1, "two") && !asks(1, "one"));
        // One of them left meanwhile.
        book.note_present(RoomKey(1), [key("two")]);
        assert!(asks(1, "two"));
    }
}
