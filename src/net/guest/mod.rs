//! A room elsewhere: tries every address at once, shakes hands, then carries the conversation.

#[cfg(test)]
mod deaths;
mod link;
mod membership;
mod reach;
mod recorder;
mod stay;
mod way_back;
mod writing;

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use crossbeam_channel::{Receiver, Sender, bounded};

pub use self::link::LinkWaker;
use super::keep::Shelf;
use super::thread::{Teller, Wake, spawn};
use super::{JoinCause, JoinFailure, JoinRoom, JoinStep, Look, Loss, RoomKey};
use crate::crypto::{CryptoError, Fingerprint, Identity, WrapKey};
use crate::net::limits::WAITING_WISHES;
use crate::store::Contacts;

/// The key that this run of the program unwraps session secrets with, made once.
#[derive(Default)]
pub struct WrapKeyCell(OnceLock<Result<Arc<WrapKey>, CryptoError>>);

#[cfg(test)]
impl WrapKeyCell {
    /// A key that is ready.
    pub(super) fn of(key: WrapKey) -> WrapKeyCell {
        WrapKeyCell(OnceLock::from(Ok(Arc::new(key))))
    }
}

impl WrapKeyCell {
    /// Makes the key, or waits for whoever is making it. Up to a second or two: not for the window.
    pub fn wait(&self) -> Result<Arc<WrapKey>, CryptoError> {
        self.0
            .get_or_init(|| WrapKey::generate(&mut rand::rng()).map(Arc::new))
            .clone()
    }
}

/// What a guest needs of the program.
#[derive(Clone)]
pub struct GuestContext {
    /// Who we are.
    pub identity: Arc<Identity>,
    /// The key of this run.
    pub wrap: Arc<WrapKeyCell>,
    /// The hosts met before.
    pub contacts: Arc<Mutex<Contacts>>,
    /// What is kept of rooms.
    pub shelf: Shelf,
    /// Hears where which host was met.
    pub met: Sender<MetHost>,
    /// How this connection is looked at.
    pub look: Look,
    /// Wakes the guest's thread out of its poll.
    pub waker: Arc<LinkWaker>,
    /// Heard when a handshake in slow motion may go on.
    pub go_on: Option<Receiver<()>>,
    /// Has the list of kept rooms told again: ours came into it, or was used.
    pub tell_rooms: Wake,
    /// Where to tell.
    pub teller: Teller,
}

/// A host was met at a typed address.
#[derive(Debug, Clone)]
pub struct MetHost {
    /// Our room with it.
    pub room: RoomKey,
    /// The address as typed.
    pub address: String,
    /// Its key.
    pub host: Fingerprint,
    /// Whether another key was known there.
    pub changed: bool,
}

/// What a guest's thread is asked.
enum Wish {
    Say {
        text: String,
    },
    SayPrivately {
        to: Fingerprint,
        text: String,
    },
    OpenPrivate {
        with: Fingerprint,
    },
    TryNow,
    Leave,
    /// The guest's thread panics.
    #[cfg(test)]
    Die,
}

/// The way for wishes to a guest's thread. The thread shuts it when it ends and then hears what came over it: so whatever is
/// wished is heard, or whoever wishes it is told that it is not.
struct Way(Mutex<Option<Sender<Wish>>>);

impl Way {
    fn new(wishes: Sender<Wish>) -> Way {
        Way(Mutex::new(Some(wishes)))
    }

    fn send(&self, wish: Wish) -> Result<(), NotHeard> {
        let wishes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let wishes = wishes.as_ref().ok_or(NotHeard)?;
        wishes.try_send(wish).map_err(|_| NotHeard)
    }

    fn shut(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

/// The way to a room elsewhere.
pub struct GuestHandle {
    way: Arc<Way>,
    waker: Arc<LinkWaker>,
    /// The guest's thread.
    pub thread: JoinHandle<()>,
}

/// The guest's thread has ended, or has too much to do.
pub struct NotHeard;

impl GuestHandle {
    /// Says something in the room.
    pub fn say(&self, text: String) -> Result<(), NotHeard> {
        self.wish(Wish::Say { text })
    }

    /// Says something to one member alone.
    pub fn say_privately(&self, to: Fingerprint, text: String) -> Result<(), NotHeard> {
        self.wish(Wish::SayPrivately { to, text })
    }

    /// Begins a private channel with one member.
    pub fn open_private(&self, with: Fingerprint) -> Result<(), NotHeard> {
        self.wish(Wish::OpenPrivate { with })
    }

    /// Tries a lost room now rather than later.
    pub fn try_now(&self) -> Result<(), NotHeard> {
        self.wish(Wish::TryNow)
    }

    /// Says goodbye, or gives up joining.
    pub fn leave(&self) -> Result<(), NotHeard> {
        self.wish(Wish::Leave)
    }

    fn wish(&self, wish: Wish) -> Result<(), NotHeard> {
        self.way.send(wish)?;
        self.waker.wake();
        Ok(())
    }
}

/// Begins to join. Everything that happens is told.
///
/// `kept` names a room that we were in; else one is looked for that was joined with the same target.
pub fn join(wish: JoinRoom, context: GuestContext, kept: Option<[u8; 32]>) -> std::io::Result<GuestHandle> {
    let (wishes, heard) = bounded(WAITING_WISHES);
    let way = Arc::new(Way::new(wishes));
    // The thread holds the way no longer than its other end does: that this one is gone is a wish to leave.
    let own_way = Arc::downgrade(&way);
    let waker = Arc::clone(&context.waker);
    let teller = context.teller.clone();
    let thread = spawn("guest", Loss::Room(wish.key), &teller, move || {
        stay::stay(&wish, &context, kept, &heard, &own_way);
    })?;
    Ok(GuestHandle { way, waker, thread })
}

fn failed(step: JoinStep, cause: JoinCause) -> JoinFailure {
    JoinFailure { step, cause }
}
