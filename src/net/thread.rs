//! Named threads whose death is told, and the way to tell.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use crossbeam_channel::{Sender, TrySendError};

use super::book::Book;
use super::{Event, Loss, RoomKey};
use crate::crypto::Fingerprint;

/// Wakes who draws; called after every event.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// Tells events to whoever listens, and wakes it.
#[derive(Clone)]
pub struct Teller {
    events: Sender<Event>,
    wake: Wake,
    book: Option<Book>,
    #[cfg(test)]
    doomed: Arc<std::sync::Mutex<Vec<&'static str>>>,
}

impl Teller {
    /// Tells on `events`, then calls `wake`.
    pub fn new(events: Sender<Event>, wake: Wake) -> Teller {
        Teller {
            events,
            wake,
            book: None,
            #[cfg(test)]
            doomed: Arc::default(),
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

/// For tests: threads that die of a fault as soon as they begin.
#[cfg(test)]
impl Teller {
    /// The next thread of this name that is started with this teller, or with a copy, dies.
    pub fn doom(&self, name: &'static str) {
        self.doomed.lock().unwrap().push(name);
    }

    /// Where a thread of this name meets what was said of it.
    pub fn meet_fate(&self, name: &str) {
        let mut doomed = self.doomed.lock().unwrap();
        let place = doomed.iter().position(|one| *one == name);
        let dies = place.map(|place| doomed.remove(place)).is_some();
        drop(doomed);
        assert!(!dies, "on purpose");
    }
}

/// Starts a named thread. When it panics, [`Event::ThreadDied`] is told with what is lost by it, and the program goes on.
pub fn spawn(
    name: &str,
    loss: Loss,
    teller: &Teller,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    start(name, loss, teller, None, work)
}

/// Starts a thread for a task whose outcome somebody waits for. When it dies, or can't begin, `otherwise` is told in
/// place of the outcome.
pub fn spawn_task(name: &str, teller: &Teller, otherwise: Event, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = start(name, Loss::Task, teller, Some(otherwise.clone()), work) {
        log::warn!("no thread ({name}): {error}");
        teller.tell(otherwise);
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the net itself")]
fn start(
    name: &str,
    loss: Loss,
    teller: &Teller,
    otherwise: Option<Event>,
    work: impl FnOnce() + Send + 'static,
) -> std::io::Result<JoinHandle<()>> {
    let teller = teller.clone();
    let own_name = name.to_owned();
    Builder::new().name(name.to_owned()).spawn(move || {
        #[cfg(test)]
        let work = {
            let (teller, name) = (teller.clone(), own_name.clone());
            move || {
                teller.meet_fate(&name);
                work();
            }
        };
        // The work owns all it touches; what it shares sits behind channels.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log::error!("thread {own_name} died");
            teller.tell(Event::ThreadDied { name: own_name, loss });
            if let Some(otherwise) = otherwise {
                teller.tell(otherwise);
            }
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
        let lost = Loss::Room(RoomKey(3));
        spawn("doomed", lost, &teller, || panic!("on purpose"))
            .unwrap()
            .join()
            .unwrap();
        match heard.recv().unwrap() {
            Event::ThreadDied { name, loss } => assert_eq!((name.as_str(), loss), ("doomed", lost)),
            other => panic!("{other:?}"),
        }
    }
}
