//! What a reactor can be asked, and the way to ask it.

use std::io;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use mio::net::TcpStream;
use mio::{Poll, Token};

use crate::crypto::{PublicIdentity, Signature};
use crate::net::host::ConnId;
use crate::net::host::gate::Origin;
use crate::net::host::piece::Piece;
use crate::net::limits::WAITING_TASKS;
use crate::net::waking::Waking;
use crate::protocol::handshake::{
    AdmitGuest, AwaitConfirmation, AwaitResumedConfirmation, Refusal, SignHello,
};

/// The token under which a reactor hears that there are tasks.
pub(super) const WAKE: Token = Token(usize::MAX);

/// What others ask a reactor to do.
pub enum Task {
    /// Take over a new connection.
    Adopt(TcpStream, Origin),
    /// M2 can be sent.
    HelloSigned {
        conn: ConnId,
        state: Box<SignHello>,
        signature: Signature,
    },
    /// There will be no M2.
    HelloRefused { conn: ConnId, refusal: Refusal },
    /// M4 can be sent.
    ProofAccepted {
        conn: ConnId,
        state: Box<AwaitConfirmation>,
        answer: Vec<u8>,
    },
    /// There will be no M4, but perhaps a refusal.
    ProofRefused { conn: ConnId, answer: Option<Vec<u8>> },
    /// The host is asked about this guest.
    Ask {
        conn: ConnId,
        state: Box<AdmitGuest>,
        frame: Vec<u8>,
    },
    /// The host has decided about a guest that knocked, or can't be asked about it.
    Decide {
        conn: ConnId,
        decision: Result<(), Refusal>,
    },
    /// R2 can be sent.
    ResumeAnswered {
        conn: ConnId,
        state: Box<AwaitResumedConfirmation>,
        answer: Vec<u8>,
    },
    /// These guests are members: tell each what it missed, and all of them the roster, of which there is one copy for them
    /// all. From now on they hear the room.
    Enter {
        entrants: Vec<Entrant>,
        texts: Arc<[Arc<[u8]>]>,
    },
    /// Tell one guest.
    Send { conn: ConnId, text: Arc<[u8]> },
    /// Tell one guest several things in order.
    SendAll { conn: ConnId, texts: Arc<[Arc<[u8]>]> },
    /// Tell one guest what another member has for it, behind all that the room says.
    Pass { conn: ConnId, piece: Piece },
    /// Tell every member.
    Broadcast(Arc<[u8]>),
    /// Record this connection and no other; `None` for none.
    Watch {
        conn: Option<ConnId>,
        /// Whose signatures can be checked with it.
        known: Arc<[PublicIdentity]>,
    },
    /// End a connection.
    Drop { conn: ConnId },
    /// End a connection whose guest has come over another one, and tell it so in place of what waits for it.
    Replace { conn: ConnId },
    /// Say goodbye to all and end.
    CloseAll,
    /// This thread panics, or one of the pool.
    #[cfg(test)]
    Die(crate::net::host::deaths::Victim),
}

/// Somebody who comes into the room.
pub struct Entrant {
    pub conn: ConnId,
    /// What came since its last page.
    pub missed: Vec<Arc<[u8]>>,
}

/// The way to a reactor.
#[derive(Clone)]
pub struct ReactorHandle {
    tasks: Sender<Task>,
    waking: Arc<Waking>,
}

impl ReactorHandle {
    /// Hands over a task; may wait for the reactor, which never waits itself. Returns whether the
    /// reactor still runs.
    pub fn give(&self, task: Task) -> bool {
        let given = self.tasks.send(task).is_ok();
        given && self.waking.wake().is_ok()
    }

    /// How many tasks it has not begun with.
    pub fn waiting_tasks(&self) -> usize {
        self.tasks.len()
    }
}

/// A reactor before its thread runs.
pub struct Prepared {
    pub(super) index: usize,
    pub(super) poll: Poll,
    pub(super) tasks: Receiver<Task>,
    pub(super) waking: Arc<Waking>,
    /// The way to it.
    pub handle: ReactorHandle,
}

/// Makes the poll and the way in.
pub fn prepare(index: usize) -> io::Result<Prepared> {
    let poll = Poll::new()?;
    let waking = Arc::new(Waking::new(poll.registry(), WAKE)?);
    let (sender, tasks) = bounded(WAITING_TASKS);
    Ok(Prepared {
        index,
        poll,
        tasks,
        waking: Arc::clone(&waking),
        handle: ReactorHandle {
            tasks: sender,
            waking,
        },
    })
}
