//! One peer's socket as a reactor keeps it: how far it came, and what waits to be written to it.
//!
//! Texts for the room wait unsealed and shared, and are sealed when the socket takes them: so a
//! thousand slow readers hold one copy of what they have not read, and somebody who is dropped can
//! still be told why in place of what it will not get. Private pieces stand back behind them, and
//! count for nothing here: the room bounds them, and nobody is dropped for what others send to it.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::rc::Rc;
use std::time::Instant;

use mio::net::TcpStream;

use super::Allowance;
use super::ledger::{Ledger, Text};
use super::recorder::Recorder;
use crate::crypto::Fingerprint;
use crate::net::host::allowances::MemberAllowance;
use crate::net::host::gate::Origin;
use crate::net::host::piece::Piece;
use crate::net::limits::{OUTBOX_BYTES, WRITE_BUDGET};
use crate::protocol::handshake::{AdmitGuest, AwaitConfirmation, AwaitProof, AwaitResumedConfirmation};
use crate::protocol::wire::FrameBuffer;
use crate::protocol::{CloseReason, Connection};

/// One peer's socket and how far it came.
pub struct Conn {
    pub stream: TcpStream,
    pub origin: Origin,
    pub outgoing: Outgoing,
    pub frames: FrameBuffer,
    pub stage: Stage,
    /// When it must be gone, or looked at again.
    pub deadline: Option<Instant>,
    /// Counted at the gate, as everybody is who is not a member yet.
    pub at_the_gate: bool,
    /// Since when it is a member.
    pub member_since: Option<Instant>,
    /// The goodbye that is said when all texts are written.
    pub goodbye: Option<CloseReason>,
    pub ends_when_flushed: bool,
    /// All is said; what the peer still sends is read and forgotten until it hangs up, because
    /// hanging up first could take back what is on its way.
    pub lingers: bool,
    pub hears_room: bool,
    /// The room knows that it is gone.
    pub told_gone: bool,
    /// Waits for its turn to be flushed.
    pub is_dirty: bool,
    /// How often somebody had been sent away when its handshake began.
    pub removals: u64,
    /// What it may still cost, once it is a member.
    pub allowance: Option<MemberAllowance>,
    /// Who it is, once it is a member.
    pub member: Option<Fingerprint>,
    /// Where the host looks into this connection.
    pub recorder: Option<Box<Recorder>>,
}

impl Conn {
    /// Has a member pay.
    pub fn charge(&self, charge: impl FnOnce(&mut Allowance)) {
        if let Some(allowance) = &self.allowance {
            charge(&mut allowance.lock());
        }
    }

    /// When it may be read from again; `None` if it may be now.
    pub fn paid_at(&self) -> Option<Instant> {
        self.allowance.as_ref()?.lock().paid_at()
    }

    /// Whether it has used up half of what it may cost at once.
    pub fn runs_low(&self, now: Instant) -> bool {
        let allowance = self.allowance.as_ref();
        allowance.is_some_and(|allowance| allowance.lock().runs_low(now))
    }
}

/// How far a peer came.
pub enum Stage {
    AwaitHello,
    /// The pool or the signer has the state.
    Away,
    AwaitProof(Box<AwaitProof>),
    AwaitConfirm(Box<AwaitConfirmation>),
    /// The host is asked whether to admit it.
    Knocking(Box<AdmitGuest>),
    AwaitResumed(Box<AwaitResumedConfirmation>),
    Live(Box<Connection>),
}

/// What waits to be written to one peer, with a cap in bytes.
#[derive(Debug)]
pub struct Outgoing {
    /// Bytes that the socket did not take yet, from `written` on.
    sealed: Vec<u8>,
    written: usize,
    texts: VecDeque<Text>,
    text_bytes: usize,
    /// What other members have for this one; sealed while no text waits.
    pieces: VecDeque<Piece>,
    /// When the socket last took something, or had nothing to take.
    progress_at: Instant,
    /// Where it is counted what waits here.
    ledger: Rc<Ledger>,
    /// The memory of the sealed bytes and of the queue, as it is counted there.
    own_held: usize,
}

/// The cap is reached; nothing was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

/// How far a flush came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flushed {
    /// Nothing waits.
    All,
    /// The socket takes no more now.
    SocketFull,
    /// The others are to have their turn first.
    BudgetSpent,
}

/// As much is sealed before it is written, about. What the socket does not take of it waits for this one member, so that
/// thousands who read slowly hold that much each.
const CHUNK_BYTES: usize = 32 * 1024;
/// What a waiting text counts beside its bytes, against the cap of an outbox.
const TEXT_OVERHEAD: usize = 64;
/// The queue keeps the memory of so many texts for the next ones.
const PLACES_KEPT: usize = 64;

impl Outgoing {
    pub fn new(ledger: &Rc<Ledger>, now: Instant) -> Outgoing {
        Outgoing {
            sealed: Vec::new(),
            written: 0,
            texts: VecDeque::new(),
            text_bytes: 0,
            pieces: VecDeque::new(),
            progress_at: now,
            ledger: Rc::clone(ledger),
            own_held: 0,
        }
    }

    /// Adds bytes that go out before every text that waits.
    pub fn push_sealed(&mut self, bytes: &[u8]) -> Result<(), Full> {
        self.check_cap(bytes.len())?;
        self.sealed.extend_from_slice(bytes);
        self.count();
        Ok(())
    }

    /// Adds a text, which is sealed when its turn comes.
    pub fn push_text(&mut self, text: Text) -> Result<(), Full> {
        self.check_cap(text.bytes().len())?;
        self.set_text_bytes(self.text_bytes + text.bytes().len() + TEXT_OVERHEAD);
        self.texts.push_back(text);
        self.count();
        Ok(())
    }

    /// Adds a private piece, which is sealed when no text waits.
    pub fn push_piece(&mut self, piece: Piece) {
        self.pieces.push_back(piece);
    }

    /// Forgets the texts and pieces that wait.
    pub fn forget_unsealed(&mut self) {
        self.texts = VecDeque::new();
        self.pieces = VecDeque::new();
        self.set_text_bytes(0);
        self.count();
    }

    /// Its part of the memory in which everything but pieces waits: what is its own, and its share of what waits for others
    /// too.
    pub fn held_bytes(&self) -> usize {
        self.own_held + self.texts.iter().map(Text::share).sum::<usize>()
    }

    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.sealed.is_empty() && self.nothing_to_seal()
    }

    fn nothing_to_seal(&self) -> bool {
        self.texts.is_empty() && self.pieces.is_empty()
    }

    /// When the socket last took something, or had nothing to take.
    pub fn progress_at(&self) -> Instant {
        self.progress_at
    }

    /// Seals and writes as much as the socket takes; `wire` is a buffer to be used again.
    pub fn flush(
        &mut self,
        connection: Option<&mut Connection>,
        recorder: Option<&mut Recorder>,
        socket: &mut impl Write,
        wire: &mut Vec<u8>,
        now: Instant,
    ) -> io::Result<Flushed> {
        let outcome = self.write_out(connection, recorder, socket, wire, now);
        let few = 2 * self.texts.len();
        if self.texts.capacity() > PLACES_KEPT.max(2 * few) {
            self.texts.shrink_to(few);
        }
        if self.pieces.is_empty() && self.pieces.capacity() > PLACES_KEPT {
            self.pieces = VecDeque::new();
        }
        self.count();
        outcome
    }

    fn write_out(
        &mut self,
        mut connection: Option<&mut Connection>,
        mut recorder: Option<&mut Recorder>,
        socket: &mut impl Write,
        wire: &mut Vec<u8>,
        now: Instant,
    ) -> io::Result<Flushed> {
        let mut budget = WRITE_BUDGET;
        loop {
            while let Some(rest) = self.sealed.get(self.written..).filter(|rest| !rest.is_empty()) {
                let Some(count) = write_some(socket, rest)? else {
                    return Ok(Flushed::SocketFull);
                };
                self.written += count;
                self.progress_at = now;
            }
            self.sealed = Vec::new();
            self.written = 0;
            if self.nothing_to_seal() {
                self.progress_at = now;
                return Ok(Flushed::All);
            }
            if budget == 0 {
                return Ok(Flushed::BudgetSpent);
            }
            wire.clear();
            let mut seal = |text: &[u8], wire: &mut Vec<u8>| {
                // Behind a goodbye nothing is said; then what waits is of no use.
                if let Some(connection) = connection.as_deref_mut() {
                    let _ = connection.send_into(text, wire);
                }
            };
            while wire.len() < CHUNK_BYTES
                && let Some(text) = self.texts.pop_front()
            {
                self.set_text_bytes(self.text_bytes - text.bytes().len() - TEXT_OVERHEAD);
                seal(text.bytes(), wire);
            }
            while wire.len() < CHUNK_BYTES
                && let Some(piece) = self.pieces.pop_front()
            {
                seal(piece.text(), wire);
            }
            if let Some(recorder) = recorder.as_deref_mut() {
                recorder.sent(wire);
            }
            let count = write_some(socket, wire)?.unwrap_or(0);
            if count > 0 {
                self.progress_at = now;
            }
            budget = budget.saturating_sub(wire.len());
            self.sealed
                .extend_from_slice(wire.get(count..).unwrap_or_default());
        }
    }

    fn check_cap(&self, more: usize) -> Result<(), Full> {
        let waiting = self.sealed.len() - self.written + self.text_bytes;
        if waiting + more > OUTBOX_BYTES {
            Err(Full)
        } else {
            Ok(())
        }
    }

    fn set_text_bytes(&mut self, bytes: usize) {
        self.ledger.change_unsent(self.text_bytes, bytes);
        self.text_bytes = bytes;
    }

    /// Counts anew what memory is its own.
    fn count(&mut self) {
        let own = self.sealed.capacity() + self.texts.capacity() * size_of::<Text>();
        self.ledger.change_held(self.own_held, own);
        self.own_held = own;
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        self.ledger.change_unsent(self.text_bytes, 0);
        self.ledger.change_held(self.own_held, 0);
    }
}

/// Writes once; `None` when the socket takes nothing now.
fn write_some(socket: &mut impl Write, bytes: &[u8]) -> io::Result<Option<usize>> {
    loop {
        match socket.write(bytes) {
            Ok(0) if !bytes.is_empty() => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => return Ok(Some(count)),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time, then pauses.
    struct Slow(Vec<u8>, bool);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let count = bytes.len().min(3);
            self.0.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn text(len: usize, ledger: &Rc<Ledger>) -> Text {
        Text::new(vec![0; len].into(), ledger)
    }

    #[test]
    fn everything_comes_out_in_order_however_slow_the_socket() {
        let now = Instant::now();
        let mut outgoing = Outgoing::new(&Rc::default(), now);
        outgoing.push_sealed(b"hello ").unwrap();
        outgoing.push_sealed(b"world").unwrap();
        let mut socket = Slow(Vec::new(), false);
        while outgoing
            .flush(None, None, &mut socket, &mut Vec::new(), now)
            .unwrap()
            != Flushed::All
        {}
        assert_eq!(socket.0, b"hello world");
        assert!(outgoing.is_empty());
    }

    #[test]
    fn the_cap_counts_bytes_that_wait_and_a_socket_that_takes_nothing_makes_no_progress() {
        let start = Instant::now();
        let later = start + std::time::Duration::from_secs(9);
        let ledger = Rc::default();
        let mut outgoing = Outgoing::new(&ledger, start);
        outgoing.push_sealed(&vec![0; OUTBOX_BYTES / 2]).unwrap();
        outgoing.push_text(text(OUTBOX_BYTES / 2 - 64, &ledger)).unwrap();
        assert_eq!(outgoing.push_sealed(&[0]), Err(Full));
        assert_eq!(outgoing.push_text(text(1, &ledger)), Err(Full));
        let mut stuck = Slow(Vec::new(), false);
        let outcome = outgoing.flush(None, None, &mut stuck, &mut Vec::new(), later);
        assert_eq!(outcome.unwrap(), Flushed::SocketFull);
        assert_eq!(outgoing.progress_at(), start);
        outgoing.forget_unsealed();
        let mut all = Vec::new();
        let outcome = outgoing.flush(None, None, &mut all, &mut Vec::new(), later);
        assert_eq!(outcome.unwrap(), Flushed::All);
        assert_eq!(outgoing.push_text(text(1, &ledger)), Ok(()));
        assert_eq!(outgoing.progress_at(), later);
    }

    #[test]
    fn what_slow_readers_share_is_held_once_and_nothing_is_held_when_it_is_written() {
        let now = Instant::now();
        let ledger = Rc::new(Ledger::default());
        let mut readers: Vec<Outgoing> = (0..100).map(|_| Outgoing::new(&ledger, now)).collect();
        for _ in 0..1000 {
            let shared = text(1000, &ledger);
            for reader in &mut readers {
                reader.push_text(shared.clone()).unwrap();
            }
        }
        assert!(ledger.unsent_bytes() > 100_000_000);
        assert!(ledger.held_bytes() < 3_000_000, "{}", ledger.held_bytes());
        let parts: usize = readers.iter().map(Outgoing::held_bytes).sum();
        assert!(parts <= ledger.held_bytes() && parts > ledger.held_bytes() - 100_000);
        readers[7].push_text(text(1_000_000, &ledger)).unwrap();
        assert!(readers[7].held_bytes() > 1_000_000 && readers[8].held_bytes() < 30_000);
        for reader in &mut readers {
            let written = reader.flush(None, None, &mut std::io::sink(), &mut Vec::new(), now);
            assert_eq!(written.unwrap(), Flushed::All);
        }
        assert_eq!((ledger.unsent_bytes(), ledger.held_bytes()), (0, 0));
    }
}
