//! What this layer reads of foreign bytes behind its threads and sockets: ways in for `fuzz/`, which the program does not
//! take.
//!
//! A backup that somebody sent has rows with any content under right seals, and a member of a room says anything in a
//! private channel of its own.

use std::path::Path;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use crossbeam_channel::bounded;

use super::guest::WrapKeyCell;
use super::keep::Shelf;
use super::kept::{self, Search};
use super::private::{Desk, Out, Partner, Reader, channel_id};
use super::{PrivateEvent, RoomKey, Teller, host};
use crate::crypto::{Fingerprint, Identity, PublicIdentity};
use crate::protocol::limits::{MAX_PAGE_BYTES, MAX_PAGE_ENTRIES};
use crate::protocol::{Connection, RoomLog};
use crate::store::{Export, ExportFormat, Retention, StoreError, Vault};

const KEY: RoomKey = RoomKey(1);

/// Reads all that is kept of a room, as who opens it again does where it is ours, and who returns to it where it is
/// `their_host`'s; then searches it, weighs it, writes it into a file, and speaks on in its private conversations. Gives
/// the logs as they were taken up.
pub fn take_up(
    vault: &Vault,
    room: &[u8; 32],
    identity: &Arc<Identity>,
    their_host: &PublicIdentity,
    file: &Path,
) -> Vec<RoomLog> {
    let (own, shelf) = (identity.fingerprint(), Shelf::new(vault.clone()));
    let teller = to_nobody();
    let mut logs = Vec::new();
    if let Ok(kept) = shelf.own_room(room, identity.public()) {
        host::reads_door(&kept);
        let keeper = shelf.log_keeper(room);
        keeper.said_earlier(&own, &kept.log);
        keeper.let_go(&kept.log);
        keeper.behind(0, MAX_PAGE_ENTRIES, MAX_PAGE_BYTES);
        logs.push(kept.log);
    }
    if let Ok(Some(kept)) = shelf.member(room, their_host) {
        shelf.member_keeper(room).said_earlier(&own, &kept.log);
        logs.push(kept.log);
    }
    shelf.tell_history(room, KEY, &own, &teller);
    let search = Search {
        own,
        newest: &AtomicU64::new(0),
        teller: &teller,
    };
    kept::search(vault, 0, "hello", &search);
    for retention in [Retention::Days(7), Retention::Nothing] {
        let _ = kept::weigh(vault, room, retention);
    }
    let what = Export {
        format: ExportFormat::Json,
        with_private: true,
    };
    let _ = kept::export(vault, room, identity.public(), what, file);
    talk_on(vault, room, identity, &teller);
    logs
}

/// Drops what is older than each kept room keeps.
pub fn let_old_go(vault: &Vault) {
    let _ = kept::prune(vault);
}

/// Takes up the private conversations of a room, scrolls up in each, and says something that waits.
fn talk_on(vault: &Vault, room: &[u8; 32], identity: &Arc<Identity>, teller: &Teller) {
    let (own, own_name) = (identity.fingerprint(), "We".to_owned());
    let keeper = Shelf::new(vault.clone()).talk_keeper(room);
    let mut desk = Desk::new(KEY, Arc::clone(identity), own_name.clone(), wrap(), *room, keeper);
    let reader = Reader {
        room: KEY,
        own,
        own_name,
    };
    for out in desk.drain() {
        if let Out::Tell { with, .. } = out
            && let Some(partner) = desk.partner(&with)
        {
            reader.tell_earlier(vault, &channel_id(room, &own, &with), u64::MAX, teller);
            desk.say(&partner, "hello".to_owned(), Instant::now());
        }
    }
    desk.drain();
}

/// One private conversation behind the handshake of its channel.
pub struct Conversation {
    desk: Desk,
    partner: Partner,
}

/// What a turn of a conversation brings about.
#[derive(Debug, Default)]
pub struct Turn {
    /// What the user is told.
    pub told: Vec<PrivateEvent>,
    /// What the host is to pass on.
    pub sent: Vec<Vec<u8>>,
}

impl Conversation {
    /// Goes on from a connection between the two. It is kept in memory.
    pub fn begin(
        identity: Arc<Identity>,
        with: Fingerprint,
        connection: Connection,
    ) -> Result<Conversation, StoreError> {
        let room = [7; 32];
        let keeper = Shelf::new(Vault::in_memory()?).talk_keeper(&room);
        let mut desk = Desk::new(KEY, identity, "We".to_owned(), wrap(), room, keeper);
        let partner = Partner {
            fingerprint: with,
            name: "The other end".to_owned(),
            present: true,
        };
        desk.begin_live(&partner, connection);
        Ok(Conversation { desk, partner })
    }

    /// Says something.
    pub fn say(&mut self, text: String, now: Instant) -> Turn {
        self.desk.say(&self.partner, text, now);
        self.turn()
    }

    /// Takes what the host passed on.
    pub fn receive(&mut self, bytes: &[u8], now: Instant) -> Turn {
        self.desk.receive(&self.partner, bytes, now);
        self.turn()
    }

    fn turn(&mut self) -> Turn {
        let mut turn = Turn::default();
        for out in self.desk.drain() {
            match out {
                Out::Send { bytes, .. } => turn.sent.push(bytes),
                Out::Tell { event, .. } => turn.told.push(event),
                Out::NotKept { .. } => {}
            }
        }
        turn
    }
}

/// Nobody listens, so that nothing that is told waits.
fn to_nobody() -> Teller {
    let (events, _) = bounded(1);
    Teller::new(events, Arc::new(|| {}))
}

/// Made when the first channel is begun.
fn wrap() -> Arc<WrapKeyCell> {
    static WRAP: OnceLock<Arc<WrapKeyCell>> = OnceLock::new();
    Arc::clone(WRAP.get_or_init(Arc::default))
}
