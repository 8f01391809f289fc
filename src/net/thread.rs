//! Named threads whose death is told, and the way to tell.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, TrySendError};

use super::book::Book;
use super::{Event, RoomKey};
use crate::crypto::Fingerprint;

/// Wakes who draws; called after every event.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Tells events to whoever listens, and wakes it.
#[derive(Clone)]
pub struct Teller {
    events: Sender<Event>,
    wake: Wake,
    book: Option<Book>,
}

impl Teller {
    /// Tells on `events`, then calls `wake`.
    pub fn new(events: Sender<Event>, wake: Wake) -> Teller {
        Teller {
            events,
            wake,
            book: None,
        }
    }

    /// Everything that is told passes the book first, which says who is met.
    pub fn with_book(self, book: Book) -> Teller {
        Teller {
            book: Some(book),
            ..self
        }
    }

    /// Nobody who is met is noted.
    pub fn without_book(self) -> Teller {
        Teller { book: None, ..self }
    }

    /// Whether the user keeps somebody out.
    pub fn is_blocked(&self, who: &Fingerprint) -> bool {
        self.book.as_ref().is_some_and(|book| book.is_blocked(who))
    }

    /// Whether somebody proved its key to us once, or was compared or introduced by its card.
    pub fn has_met(&self, who: &Fingerprint) -> bool {
        self.book.as_ref().is_some_and(|book| book.has_met(who))
    }

    /// Notes who is in a room, before each of them is told of.
    pub fn note_present(&self, room: RoomKey, present: impl IntoIterator<Item = Fingerprint>) {
        if let Some(book) = &self.book {
            book.note_present(room, present);
        }
    }

    /// Waits while the listener is far behind. When nobody listens any more, nothing happens.
    pub fn tell(&self, event: Event) {
        if let Some(met) = self.book.as_ref().and_then(|book| book.note(&event)) {
            let _ = self.events.send(met);
        }
        if self.events.send(event).is_ok() {
            (self.wake)();
        }
    }
}

impl Teller {
    /// Tells without waiting, past the book, so only what meets nobody. Gives the event back when the
    /// listener is behind; `None` when nobody listens any more.
    #[expect(
        clippy::result_large_err,
        reason = "the event is given back as it is, to be told later"
    )]
    pub fn try_tell(&self, event: Event) -> Result<(), Option<Event>> {
        match self.events.try_send(event) {
            Ok(()) => {
                (self.wake)();
                Ok(())
            }
            Err(TrySendError::Full(event)) => Err(Some(event)),
            Err(TrySendError::Disconnected(_)) => Err(None),
        }
    }
}

/// Starts a named thread. When it panics, [`Event::ThreadDied`] is told and the program goes on.
pub fn spawn(
    name: &str,
    room: Option<RoomKey>,
    teller: &Teller,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let teller = teller.clone();
    let own_name = name.to_owned();
    Builder::new().name(name.to_owned()).spawn(move || {
        // The work owns all it touches; what it shares sits behind channels.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log::error!("thread {own_name} died");
            teller.tell(Event::ThreadDied { name: own_name, room });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_thread_is_told_and_the_rest_goes_on() {
        let (events, heard) = crossbeam_channel::bounded(4);
        let teller = Teller::new(events, Arc::new(|| {}));
        let room = Some(RoomKey(3));
        spawn("doomed", room, &teller, || panic!("on purpose"))
            .unwrap()
            .join()
            .unwrap();
        match heard.recv().unwrap() {
            Event::ThreadDied { name, room: told } => assert_eq!((name.as_str(), told), ("doomed", room)),
            other => panic!("{other:?}"),
        }
    }
}
