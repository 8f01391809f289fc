//! What rooms remember between two connections and two runs: entries, state, outbox; on disk where the
//! profile keeps them, else in memory.

use crate::crypto::{Digest, PublicIdentity, Secret, Signature};
use crate::protocol::body::{Entry, Submit};
use crate::protocol::{Appended, RoomLog};

/// An entry as it is kept.
#[derive(Debug, Clone)]
pub struct Kept {
    /// Its number.
    pub n: u64,
    /// The head with it.
    pub head: Digest,
    /// The encoded event, as signed.
    pub event: Vec<u8>,
    /// The author's signature.
    pub signature: Signature,
    /// The author's name.
    pub name: String,
    /// Why it is not shown, when it failed a check.
    pub fault: Option<String>,
    /// Whether it came as part of what was missed.
    pub missed: bool,
}

impl Kept {
    /// As the log has it.
    pub fn of(appended: &Appended) -> Kept {
        Kept {
            n: appended.n,
            head: appended.head,
            event: appended.event.bytes.clone(),
            signature: appended.event.signature.clone(),
            name: appended.author_name.clone(),
            fault: None,
            missed: false,
        }
    }

    /// As it crosses the wire.
    pub fn entry(self) -> Entry {
        Entry {
            n: self.n,
            event: self.event,
            signature: self.signature,
        }
    }
}

/// Where rooms are kept.
#[derive(Debug, Clone, Default)]
pub struct Shelf;

impl Shelf {
    /// What is kept of a room that we were in, if its host is the same.
    pub fn member(&self, _room: &[u8; 32], _host: &PublicIdentity) -> Option<KeptMember> {
        None
    }

    /// Keeps what happens in a room elsewhere.
    pub fn member_keeper(&self, _room: &[u8; 32]) -> MemberKeeper {
        MemberKeeper
    }

    /// Keeps the log of a room of ours.
    pub fn log_keeper(&self, _room: &[u8; 32]) -> LogKeeper {
        LogKeeper::default()
    }
}

/// A room elsewhere as it was kept.
#[derive(Debug)]
pub struct KeptMember {
    /// Its log, as far as the checks need it.
    pub log: RoomLog,
    /// The secret to come back with.
    pub return_secret: Option<Secret>,
    /// What waits to come into the log: its place, and what to hand in.
    pub outbox: Vec<(u64, Submit)>,
}

/// Keeps what happens in one room elsewhere.
#[derive(Debug)]
pub struct MemberKeeper;

impl MemberKeeper {
    /// Keeps entries and how the log stands behind them.
    pub fn append(&mut self, _rows: Vec<Kept>, _log: &RoomLog, _back: Option<&Secret>) -> Result<(), String> {
        Ok(())
    }

    /// Keeps messages of ours before anybody is told of them; gives their places.
    pub fn queue(&mut self, _submits: &[Submit]) -> Result<Vec<u64>, String> {
        Ok(Vec::new())
    }

    /// Forgets a message that waited.
    pub fn unqueue(&mut self, _place: u64) {}

    /// Keeps how to come back.
    pub fn keep_way_back(&mut self, _log: &RoomLog, _back: Option<&Secret>) {}

    /// The host's log does not go on from what is kept: what comes now is kept behind it all the same.
    pub fn begin_anew(&mut self) {}
}

/// A room of ours as it was kept.
#[derive(Debug)]
pub struct KeptLog {
    /// Its id.
    pub id: [u8; 32],
    /// Its log, as far as the checks need it.
    pub log: RoomLog,
    /// Its invitations, members and bans, in the door's own form.
    pub door: Vec<u8>,
}

/// The log of one room of ours, for members who come back.
#[derive(Debug, Default)]
pub struct LogKeeper {
    memory: Vec<Kept>,
}

impl LogKeeper {
    /// Adds entries, in order. Fails when they can't be kept on disk; then they are kept in memory.
    pub fn append(&mut self, rows: Vec<Kept>) -> Result<(), String> {
        self.memory.extend(rows);
        Ok(())
    }

    /// Keeps what is needed to open the room again.
    pub fn keep_state(&mut self, _door: &[u8], _log: &RoomLog) -> Result<(), String> {
        Ok(())
    }

    /// The entries behind `n`, at most so many, up to so many bytes.
    pub fn behind(&self, n: u64, most: u64, most_bytes: usize) -> Vec<Kept> {
        let from = self.memory.partition_point(|kept| kept.n <= n);
        let mut bytes = 0;
        self.memory
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take(most as usize)
            .take_while(|kept| {
                let fits = bytes < most_bytes;
                bytes += kept.event.len();
                fits
            })
            .cloned()
            .collect()
    }

    /// The head at entry `n`, if it is kept.
    pub fn head_at(&self, n: u64) -> Option<Digest> {
        let place = self.memory.binary_search_by_key(&n, |kept| kept.n).ok()?;
        self.memory.get(place).map(|kept| kept.head)
    }
}
