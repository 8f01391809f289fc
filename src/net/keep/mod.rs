//! What rooms remember between two connections and two runs: entries, the state of the checks, the outbox.
//!
//! It goes into the profile's [`Vault`], unless the user wants nothing of a room on the disk; then, and when
//! the disk fails, a room goes on in memory and says so.

mod failing;
mod followed;
mod host;
mod member;
mod talks;

use std::collections::HashMap;

use crate::crypto::{Digest, Fingerprint, PublicIdentity, Signature};
use crate::net::clock::now_unix_ms;
use crate::net::{Event, HistoryPage, Message, MessageId, RoomKey, Teller};
use crate::protocol::body::Entry;
use crate::protocol::event::event_hash;
use crate::protocol::{Appended, Content, RoomLog};
use crate::store::{KeptRole, KeptRoom, LogRow, Retention, StoreError, Vault};

pub use failing::KeepingChange;
pub use followed::Followed;
pub use host::{KeptLog, LogKeeper};
pub use member::{KeptMember, MemberKeeper};
pub use talks::{KeptTalk, KeptTalks, TalkChange, TalkEnd, TalkKeeper, said_now};

/// The state of the checks is kept anew after so many entries; those behind it are checked again at the start.
const STATE_EVERY: u64 = 256;

/// So many of the newest entries are told when a room is opened or returned to.
const HISTORY: u64 = 2048;
/// So many entries from before are told at once to who scrolls up to them.
const EARLIER: u64 = 1024;

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

    fn row(self, kept_ms: u64) -> LogRow {
        LogRow {
            n: self.n,
            head: self.head,
            event: self.event,
            signature: self.signature,
            name: self.name,
            kept_ms,
            fault: self.fault,
            missed: self.missed,
        }
    }
}

impl From<LogRow> for Kept {
    fn from(row: LogRow) -> Kept {
        Kept {
            n: row.n,
            head: row.head,
            event: row.event,
            signature: row.signature,
            name: row.name,
            fault: row.fault,
            missed: row.missed,
        }
    }
}

fn rows(kept: Vec<Kept>) -> Vec<LogRow> {
    let now = now_unix_ms();
    kept.into_iter().map(|kept| kept.row(now)).collect()
}

fn unrow(rows: Vec<LogRow>) -> Vec<Kept> {
    rows.into_iter().map(Kept::from).collect()
}

/// Checks again what came behind a kept state; what is damaged ends it there. A gap ends it in a room of ours; a member
/// goes on behind one, as it did when the entries came.
fn replay(log: &mut RoomLog, vault: &Vault, room: &[u8; 32], over_gaps: bool) -> Result<(), String> {
    let failed = |error: StoreError| error.to_string();
    loop {
        let from = log.n() + 1;
        let rows = vault.log_rows(room, from..from + STATE_EVERY).map_err(failed)?;
        for row in rows {
            if row.n != log.n() + 1 {
                break;
            }
            let (n, head) = (row.n, row.head);
            // A fault was told when it came; the order counts it all the same.
            let _ = log.receive(Kept::from(row).entry());
            // What is kept with its head came when the host had signed one behind the gap.
            if !log.knows_head() && head != [0; 32] {
                log.trust_head(n, &head);
            }
        }
        if log.n() + 1 > from {
            continue;
        }
        match vault.log_gap_end(room, from).map_err(failed)? {
            Some(behind) if over_gaps && log.go_on_behind_gap(behind) => {}
            _ => return Ok(()),
        }
    }
}

/// What is kept behind where the checks of a member's log could go on to, by number, with the hashes of the events: a
/// damaged entry stands in front of it. The host sends it all once more.
fn had(log: &RoomLog, vault: &Vault, room: &[u8; 32]) -> Result<HashMap<u64, Digest>, String> {
    let failed = |error: StoreError| error.to_string();
    let mut had = HashMap::new();
    let pieces = vault.log_pieces(room, STATE_EVERY).map_err(failed)?;
    for piece in pieces.into_iter().filter(|piece| piece.end > log.n() + 1) {
        let numbers = piece.start.max(log.n() + 1)..piece.end;
        let rows = vault.log_rows(room, numbers).map_err(failed)?;
        had.extend(rows.into_iter().map(|row| (row.n, event_hash(&row.event))));
    }
    Ok(had)
}

/// Why what is kept of a room may not be as it was left, with `log` as its state and the entries behind it made it. A host
/// gives out the numbers, so in its log none may be missing; to a member a host may have told none of them.
fn doubt(log: &RoomLog, is_old: bool, vault: &Vault, room: &[u8; 32]) -> Option<String> {
    if is_old {
        let said =
            "an older record of its state was put back, with the invitations, members and bans of that time";
        return Some(said.to_owned());
    }
    let extent = match vault.log_extent(room) {
        Ok(extent) => extent?,
        Err(error) => return Some(error.to_string()),
    };
    let (newest, next) = (log.n(), log.n() + 1);
    if newest > 0 && next == extent.next && log.knows_head() && log.head() != extent.head {
        return Some(format!(
            "the entries up to {newest} are not those that were kept last"
        ));
    }
    let is_short = next < extent.next && (extent.first <= next || is_own(vault, room));
    is_short.then(|| {
        format!(
            "entry {next} is missing or can't be read, and {} were kept",
            extent.next - 1
        )
    })
}

fn is_own(vault: &Vault, room: &[u8; 32]) -> bool {
    let kept = vault.room(room).ok().flatten();
    kept.is_some_and(|kept| kept.role == KeptRole::Host)
}

/// Where rooms are kept.
#[derive(Debug, Clone)]
pub struct Shelf {
    vault: Vault,
}

impl Shelf {
    /// Keeps rooms in a vault.
    pub fn new(vault: Vault) -> Shelf {
        Shelf { vault }
    }

    /// What is kept of a room that we were in, if its host is the same. Fails, with the reason, when something is kept
    /// and can't be used.
    pub fn member(&self, room: &[u8; 32], host: &PublicIdentity) -> Result<Option<KeptMember>, String> {
        match self.vault.room(room).map_err(|error| error.to_string())? {
            Some(kept) if kept.role == KeptRole::Member && kept.host == host.as_der() => {
                member::load(&self.vault, room, host)
            }
            _ => Ok(None),
        }
    }

    /// Keeps what happens in a room elsewhere.
    pub fn member_keeper(&self, room: &[u8; 32]) -> MemberKeeper {
        MemberKeeper::new(self.vault.clone(), *room)
    }

    /// Keeps the log of a room of ours.
    pub fn log_keeper(&self, room: &[u8; 32]) -> LogKeeper {
        LogKeeper::new(self.vault.clone(), *room)
    }

    /// Keeps the private conversations of a room.
    pub fn talk_keeper(&self, room: &[u8; 32]) -> TalkKeeper {
        TalkKeeper::new(self.vault.clone(), *room)
    }

    /// A room of ours as it was kept. Fails, with the reason, when it can't be used; so where another key opened it, because
    /// only with that one its log goes on.
    pub fn own_room(&self, room: &[u8; 32], identity: &PublicIdentity) -> Result<KeptLog, String> {
        let kept = self.vault.room(room).map_err(|error| error.to_string())?;
        if kept.is_some_and(|kept| kept.host != identity.as_der()) {
            return Err(ANOTHER_KEY.to_owned());
        }
        host::load(&self.vault, room, identity)
    }

    /// Has the state of a room of ours count what is kept of its log, before that is dropped as old. Gives the newest entry
    /// that it counts; what comes behind it must stay.
    pub fn bring_forward(&self, room: &KeptRoom) -> u64 {
        host::bring_forward(&self.vault, room)
    }

    /// A room by its id.
    pub fn room(&self, id: &[u8; 32]) -> Option<KeptRoom> {
        self.vault.room(id).ok().flatten()
    }

    /// Whether another host's room, or one of ours, is kept under the id that this host gives: nothing of
    /// the one may be written into the other. Fails when that can't be told: a record that can't be read, or a log whose
    /// room is gone, might be another host's.
    pub fn is_taken(&self, id: &[u8; 32], host: &PublicIdentity) -> Result<bool, String> {
        let failed = |error: StoreError| format!("what is kept of this room can't be read ({error})");
        if let Some(kept) = self.vault.room(id).map_err(failed)? {
            return Ok(kept.role != KeptRole::Member || kept.host != host.as_der());
        }
        match self.vault.log_extent(id).map_err(failed)? {
            None => Ok(false),
            Some(_) => Err("a log is kept under this room's number, and not whose it is".to_owned()),
        }
    }

    /// The newest room with this name that was opened with our key.
    pub fn own_by_name(&self, name: &str, identity: &PublicIdentity) -> Option<KeptRoom> {
        self.find(|room| room.role == KeptRole::Host && room.name == name && room.host == identity.as_der())
    }

    /// The newest room elsewhere that was joined with this invitation or address.
    pub fn member_by_target(&self, target: &str) -> Option<KeptRoom> {
        self.find(|room| room.role == KeptRole::Member && room.target.as_deref() == Some(target))
    }

    fn find(&self, wanted: impl Fn(&KeptRoom) -> bool) -> Option<KeptRoom> {
        let (rooms, _) = self.vault.rooms().ok()?;
        rooms.into_iter().find(|room| wanted(room))
    }

    /// Tells the newest messages of a room that are kept, if there are any, or that they could not be read.
    pub fn tell_history(&self, room: &[u8; 32], key: RoomKey, own: &Fingerprint, teller: &Teller) {
        let (page, is_read) = match self.page(room, u64::MAX, HISTORY, key, own) {
            Ok(None) => return,
            Ok(Some(page)) if page.messages.is_empty() && page.lost.is_empty() => return,
            Ok(Some(page)) => (page, true),
            Err(error) => {
                log::warn!("what is kept of a room could not be read: {error}");
                let page = HistoryPage {
                    has_more: true,
                    ..nothing_before(room, u64::MAX)
                };
                (page, false)
            }
        };
        teller.tell(Event::History { room: key, page });
        if !is_read {
            teller.tell(Event::EarlierUnread { room: key, id: *room });
        }
    }

    /// Tells messages from before entry `before`, for who scrolls up to them, or that they could not be read.
    pub fn tell_earlier(
        &self,
        room: &[u8; 32],
        before: u64,
        key: RoomKey,
        own: &Fingerprint,
        teller: &Teller,
    ) {
        match self.page(room, before, EARLIER, key, own) {
            Ok(page) => {
                // Where nothing is kept, that is told too: nothing more comes.
                let page = page.unwrap_or_else(|| nothing_before(room, before));
                teller.tell(Event::Earlier { room: key, page });
            }
            Err(error) => {
                log::warn!("earlier messages of a room could not be read: {error}");
                teller.tell(Event::EarlierUnread { room: key, id: *room });
            }
        }
    }

    /// At most so many entries before `before`; `None` when nothing is kept. Pages without a message, as when many came and
    /// went, are passed over.
    fn page(
        &self,
        room: &[u8; 32],
        before: u64,
        most: u64,
        key: RoomKey,
        own: &Fingerprint,
    ) -> Result<Option<HistoryPage>, StoreError> {
        let Some(extent) = self.vault.log_extent(room)? else {
            return Ok(None);
        };
        let mut until = before.min(extent.next);
        let mut lost = Vec::new();
        loop {
            let from = self.vault.log_back_from(room, until, most)?;
            let part = self.vault.log_part(room, from..until)?;
            lost.splice(0..0, part.lost);
            let messages: Vec<(Message, u64)> = part
                .rows
                .iter()
                .filter(|row| row.fault.is_none())
                .filter_map(|row| Some((message_of(row, key, own)?, row.n)))
                .collect();
            let has_more = from > extent.first;
            if messages.is_empty() && has_more {
                until = from;
                continue;
            }
            return Ok(Some(HistoryPage {
                id: *room,
                messages,
                lost,
                first: from,
                has_more,
            }));
        }
    }

    /// Keeps a room in the list; what the user chose for it before stays.
    pub fn keep_room(&self, mut room: KeptRoom) -> Result<(), String> {
        if let Some(before) = self.room(&room.id) {
            room.retention = before.retention;
            room.begun_unix = before.begun_unix;
            room.read_n = before.read_n;
        }
        self.vault
            .write(|writing| writing.keep_room(&room))
            .map_err(|error| error.to_string())
    }
}

/// Why a room of ours is not opened.
const ANOTHER_KEY: &str = "it was opened with another key than the one that is yours now, and only with that one its log goes on. Import that key to open it, or open a new room";

/// The page of a room of which nothing is kept.
fn nothing_before(room: &[u8; 32], before: u64) -> HistoryPage {
    HistoryPage {
        id: *room,
        messages: Vec::new(),
        lost: Vec::new(),
        first: before,
        has_more: false,
    }
}

fn message_of(row: &LogRow, room: RoomKey, own: &Fingerprint) -> Option<Message> {
    let signed = row.signed_event().ok()?;
    let Content::Message { text } = signed.event.content else {
        return None;
    };
    Some(Message {
        room,
        id: MessageId(signed.hash),
        author: signed.event.author,
        name: row.name.clone(),
        text,
        time_ms: signed.event.time_ms,
        own: signed.event.author == *own,
    })
}

/// The head in front of the first of these entries, where the log has it.
fn head_before(kept: &[Kept], log: &RoomLog) -> Option<Digest> {
    let first = kept.first()?;
    log.head_at(first.n.saturating_sub(1))
}

/// Whether nothing of a room's log may go to the disk.
fn stays_in_memory(vault: &Vault, room: &[u8; 32]) -> bool {
    let kept = vault.room(room).ok().flatten();
    kept.is_some_and(|kept| kept.retention == Retention::Nothing)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::crypto::{Secret, VaultKey};
    use crate::protocol::{DepartureReason, RoomEvent, body};
    use crossbeam_channel::bounded;

    pub(in crate::net) const ROOM: [u8; 32] = [7; 32];

    pub(in crate::net) fn row(n: u64, content: Content) -> LogRow {
        let event = RoomEvent {
            room: ROOM,
            author: Fingerprint::of_der(b"ada"),
            seq: n,
            prev: [0; 32],
            seen: 0,
            seen_head: [0; 32],
            time_ms: n,
            content,
        };
        LogRow {
            kept_ms: n,
            ..LogRow::example(n, body::encode(&event))
        }
    }

    /// A room of this host's, as it is kept.
    pub(in crate::net) fn kept_room(host: &PublicIdentity, role: KeptRole) -> KeptRoom {
        KeptRoom {
            id: ROOM,
            name: "Den".to_owned(),
            role,
            own_name: "Ada".to_owned(),
            host: host.as_der().to_vec(),
            host_name: "Ada".to_owned(),
            target: None,
            secret: None,
            expires_unix: None,
            open_to_address: false,
            port: 0,
            addresses: Vec::new(),
            retention: Retention::All,
            begun_unix: 0,
            used_unix: 0,
            listen_address: None,
            read_n: None,
        }
    }

    #[test]
    fn who_scrolls_up_is_told_page_after_page_up_to_the_first_message() {
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        // 3,000 messages, 2,000 departures in the middle of them, which are not shown.
        let content = |n: u64| match n {
            1501..3501 => Content::Departed {
                member: Fingerprint::of_der(b"bob"),
                reason: DepartureReason::Goodbye,
            },
            _ => Content::Message { text: n.to_string() },
        };
        let rows: Vec<LogRow> = (1..=5000).map(|n| row(n, content(n))).collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let shelf = Shelf::new(vault);
        let (events, heard) = bounded(16);
        let teller = Teller::new(events, std::sync::Arc::new(|| {}));
        let own = Fingerprint::of_der(b"cem");
        shelf.tell_history(&ROOM, RoomKey(1), &own, &teller);
        let Event::History { page, .. } = heard.recv().unwrap() else {
            panic!("the history is told first");
        };
        let mut texts: Vec<u64> = Vec::new();
        let mut page = page;
        loop {
            let numbers: Vec<u64> = page
                .messages
                .iter()
                .map(|(message, _)| message.text.parse().unwrap())
                .collect();
            assert!(numbers.len() <= HISTORY as usize && !numbers.is_empty());
            texts.splice(0..0, numbers);
            if !page.has_more {
                break;
            }
            shelf.tell_earlier(&ROOM, page.first, RoomKey(1), &own, &teller);
            let Event::Earlier { page: next, .. } = heard.recv().unwrap() else {
                panic!("the page that was asked for");
            };
            page = next;
        }
        let expected: Vec<u64> = (1..=1500).chain(3501..=5000).collect();
        assert_eq!(texts, expected);
        shelf.tell_earlier(&ROOM, 1, RoomKey(1), &own, &teller);
        assert!(
            matches!(heard.recv().unwrap(), Event::Earlier { page, .. } if page.messages.is_empty() && !page.has_more)
        );
    }

    #[test]
    fn what_is_kept_and_cannot_be_read_is_never_told_as_all_that_is_kept() {
        let vault = Vault::in_memory().unwrap();
        let rows: Vec<LogRow> = (1..=3)
            .map(|n| row(n, Content::Message { text: n.to_string() }))
            .collect();
        vault
            .write(|writing| {
                writing.append(&ROOM, None, &rows)?;
                writing.damage(crate::store::Table::Extents, &ROOM)
            })
            .unwrap();
        let shelf = Shelf::new(vault);
        let (events, heard) = bounded(16);
        let teller = Teller::new(events, std::sync::Arc::new(|| {}));
        let own = Fingerprint::of_der(b"cem");
        let unread =
            |event: Event| matches!(event, Event::EarlierUnread { room: RoomKey(1), id } if id == ROOM);
        shelf.tell_earlier(&ROOM, 3, RoomKey(1), &own, &teller);
        assert!(unread(heard.try_recv().unwrap()));
        shelf.tell_history(&ROOM, RoomKey(1), &own, &teller);
        let first = heard.try_recv().unwrap();
        assert!(
            matches!(&first, Event::History { page, .. } if page.id == ROOM && page.has_more),
            "{first:?}"
        );
        assert!(unread(heard.try_recv().unwrap()));
        assert!(heard.try_recv().is_err());
    }

    #[test]
    fn a_room_of_another_key_is_not_opened_and_not_found_by_its_name() {
        use crate::crypto::Identity;
        use crate::crypto::test_keys::{ADA, BOB};
        let vault = Vault::in_memory().unwrap();
        let [ada, bob] = [ADA, BOB].map(|pem| Identity::from_pem(pem).unwrap().public().clone());
        let log = RoomLog::create(ROOM, ada.clone(), "Ada");
        let room = kept_room(&ada, KeptRole::Host);
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        let shelf = Shelf::new(vault);
        shelf.log_keeper(&ROOM).keep_state(b"the door", &log).unwrap();
        assert!(shelf.own_room(&ROOM, &ada).is_ok());
        assert_eq!(shelf.own_by_name("Den", &ada), Some(room));
        assert_eq!(shelf.own_room(&ROOM, &bob).unwrap_err(), ANOTHER_KEY);
        assert_eq!(shelf.own_by_name("Den", &bob), None);
    }

    #[test]
    fn a_room_is_its_number_and_its_host_and_what_cannot_be_read_is_nobodys() {
        use crate::crypto::Identity;
        use crate::crypto::test_keys::{ADA, BOB};
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        let shelf = Shelf::new(vault.clone());
        let [ada, bob] = [ADA, BOB].map(|pem| Identity::from_pem(pem).unwrap().public().clone());
        assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(false));
        let rows = [row(1, Content::Message { text: "x".to_owned() })];
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        assert!(shelf.is_taken(&ROOM, &ada).is_err(), "a log without its room");
        let mut room = kept_room(&ada, KeptRole::Member);
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(false));
        assert_eq!(shelf.is_taken(&ROOM, &bob), Ok(true));
        room.role = KeptRole::Host;
        vault.write(|writing| writing.keep_room(&room)).unwrap();
        assert_eq!(shelf.is_taken(&ROOM, &ada), Ok(true));
        vault
            .write(|writing| writing.keep(crate::store::Table::Rooms, &ROOM, b"nonsense"))
            .unwrap();
        assert!(shelf.is_taken(&ROOM, &bob).is_err());
        assert!(shelf.member(&ROOM, &ada).is_err(), "not as if nothing were kept");
    }

    #[test]
    fn a_host_knows_what_it_keeps_no_more() {
        use crate::crypto::Identity;
        use crate::crypto::test_keys::ADA;
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        let host = Identity::from_pem(ADA).unwrap().public().clone();
        let log = RoomLog::create(ROOM, host, "Ada");
        let keeper = LogKeeper::new(vault.clone(), ROOM);
        assert_eq!(keeper.let_go(&log), None, "an empty log is whole");
        let rows: Vec<LogRow> = (1..=9)
            .map(|n| LogRow {
                head: [u8::try_from(n).unwrap(); 32],
                ..row(n, Content::Message { text: n.to_string() })
            })
            .collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        assert_eq!(keeper.let_go(&log), None);
        vault.prune_log(&ROOM, &(6..=u64::MAX), u64::MAX).unwrap();
        assert_eq!(keeper.let_go(&log), Some((5, [5; 32])));
    }

    #[test]
    fn a_host_that_does_not_know_the_head_in_front_of_what_it_keeps_lets_one_more_go() {
        use crate::crypto::Identity;
        use crate::crypto::test_keys::ADA;
        let vault = Vault::in_memory().unwrap();
        let host = Identity::from_pem(ADA).unwrap().public().clone();
        let log = RoomLog::create(ROOM, host, "Ada");
        let keeper = LogKeeper::new(vault.clone(), ROOM);
        let rows: Vec<LogRow> = (1..=40)
            .map(|n| LogRow {
                head: [u8::try_from(n).unwrap(); 32],
                ..row(n, Content::Message { text: n.to_string() })
            })
            .collect();
        let key = [ROOM.as_slice(), &16_u64.to_be_bytes()].concat();
        vault
            .write(|writing| {
                writing.append(&ROOM, None, &rows)?;
                // The record of entries 16 to 31.
                writing.damage(crate::store::Table::Log, &key)
            })
            .unwrap();
        vault.prune_log(&ROOM, &(32..=u64::MAX), u64::MAX).unwrap();
        assert_eq!(keeper.let_go(&log), Some((32, [32; 32])));
    }

    #[test]
    fn what_would_go_is_counted_over_a_clock_that_was_once_ahead() {
        let vault = Vault::in_memory().unwrap();
        let now_ms = now_unix_ms();
        let kept_ms = [5, u64::MAX, 6, now_ms, 7];
        let rows: Vec<LogRow> = (1..)
            .zip(kept_ms)
            .map(|(n, kept_ms)| LogRow {
                kept_ms,
                ..row(n, Content::Message { text: n.to_string() })
            })
            .collect();
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let weigh = |retention| crate::net::kept::weigh(&vault, &ROOM, retention).unwrap();
        assert_eq!(weigh(Retention::Days(7)), 3);
        assert_eq!(weigh(Retention::All), 0);
        assert_eq!(weigh(Retention::Nothing), 5);
    }

    #[test]
    fn a_log_that_is_not_as_it_was_left_is_doubted() {
        use crate::crypto::Identity;
        use crate::crypto::test_keys::ADA;
        let folder = tempfile::tempdir().unwrap();
        let key = VaultKey::from_secret(Secret::new([5; 32]));
        let vault = Vault::open(&folder.path().join("x.redb"), key).unwrap();
        let host = Identity::from_pem(ADA).unwrap().public().clone();
        let log = RoomLog::create(ROOM, host.clone(), "Ada");
        assert_eq!(doubt(&log, false, &vault, &ROOM), None);
        assert!(doubt(&log, true, &vault, &ROOM).is_some_and(|why| why.contains("older record")));
        let rows = [row(1, Content::Message { text: "x".to_owned() })];
        vault.write(|writing| writing.append(&ROOM, None, &rows)).unwrap();
        let is_missing =
            || doubt(&log, false, &vault, &ROOM).is_some_and(|why| why.contains("entry 1 is missing"));
        assert!(is_missing());
        // What a member never had is not missed; a host had all of its own log.
        vault.prune_log(&ROOM, &(u64::MAX..=u64::MAX), u64::MAX).unwrap();
        assert!(!is_missing());
        let own = kept_room(&host, KeptRole::Host);
        vault.write(|writing| writing.keep_room(&own)).unwrap();
        assert!(is_missing());
    }
}
