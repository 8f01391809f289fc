//! Kept rooms as a whole: the list with its retention, searching in all of them, exporting one, pruning.
//!
//! What happens inside a room is the affair of its own thread.

use std::collections::HashMap;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::clock::now_unix_ms;
use super::keep::Shelf;
use super::limits::MAX_HITS;
use super::thread::Teller;
use super::{Event, FoundMessage, KeptSeen, PrivateEnd};
use crate::crypto::{Fingerprint, PublicIdentity};
use crate::protocol::{Content, RoomEvent};
use crate::store::{
    Export, ExportFormat, Found, FoundPrivate, KeptRole, KeptRoom, ProfileError, Retention, StoreError,
    Vault, Words,
};

/// Hits told at once: few enough that the first are there at once.
const HITS_AT_ONCE: usize = 20;

/// Everything that is kept, for the list, and how many rooms can't be read. Of those that stand in the list nobody knows how
/// many messages they have.
pub(super) fn list(vault: &Vault) -> Result<(Vec<KeptSeen>, usize), StoreError> {
    let (rooms, mut damaged) = vault.rooms()?;
    let mut seen = Vec::with_capacity(rooms.len());
    for room in rooms {
        let messages = match vault.log_extent(&room.id) {
            Err(StoreError::Damaged { .. }) => {
                damaged += 1;
                0
            }
            extent => extent?.map_or(0, |extent| extent.messages),
        };
        seen.push(KeptSeen {
            id: room.id,
            is_own: room.role == KeptRole::Host,
            messages,
            used_unix: room.used_unix,
            retention: room.retention,
            name: room.name,
            host_name: room.host_name,
        });
    }
    Ok((seen, damaged))
}

/// Looks through every kept room, and through the private conversations in each, and tells what it finds, until
/// another search is the newest.
pub(super) fn search(vault: &Vault, asked: u64, question: &str, search: &Search<'_>) {
    let mut telling = Telling {
        asked,
        search,
        told: 0,
        hits: Vec::new(),
    };
    let mut lost = 0;
    if let (Some(words), Ok((rooms, _))) = (Words::parse(question), vault.rooms()) {
        for room in rooms {
            let in_room = vault.search(&room.id, &words, &mut |found| {
                telling.take(found_in(&room, found))
            });
            let in_private = vault.search_talks(&room.id, &words, &mut |found| {
                telling.take(found_in_private(&room, search.own, found))
            });
            telling.tell();
            for searched in [in_room, in_private] {
                match searched {
                    Ok(searched) => lost += searched.lost,
                    Err(error) => {
                        log::warn!("a room could not be searched: {error}");
                        lost += 1;
                    }
                }
            }
            if search.is_over(asked) {
                return;
            }
        }
    }
    let cut = telling.told >= MAX_HITS;
    search.teller.tell(Event::SearchEnded { asked, cut, lost });
}

/// For whom something is looked for.
pub(super) struct Search<'a> {
    /// Who asks: the author of its own private words.
    pub own: Fingerprint,
    /// The newest search.
    pub newest: &'a AtomicU64,
    pub teller: &'a Teller,
}

impl Search<'_> {
    fn is_over(&self, asked: u64) -> bool {
        self.newest.load(Ordering::Relaxed) != asked
    }
}

/// Tells what is found, a few at once.
struct Telling<'a> {
    asked: u64,
    search: &'a Search<'a>,
    told: usize,
    hits: Vec<FoundMessage>,
}

impl Telling<'_> {
    fn take(&mut self, hit: FoundMessage) -> ControlFlow<()> {
        if self.search.is_over(self.asked) || self.told >= MAX_HITS {
            return ControlFlow::Break(());
        }
        self.told += 1;
        self.hits.push(hit);
        // The first hit of all is told alone: it is what somebody waits for.
        if self.hits.len() >= HITS_AT_ONCE || self.told == 1 {
            self.tell();
        }
        ControlFlow::Continue(())
    }

    fn tell(&mut self) {
        let hits = std::mem::take(&mut self.hits);
        if !hits.is_empty() {
            let asked = self.asked;
            self.search.teller.tell(Event::SearchFound { asked, hits });
        }
    }
}

fn found_in(room: &KeptRoom, found: Found) -> FoundMessage {
    FoundMessage {
        room: room.id,
        room_name: room.name.clone(),
        n: found.n,
        author: found.author,
        name: found.name,
        text: found.text,
        time_ms: found.time_ms,
        private: None,
    }
}

fn found_in_private(room: &KeptRoom, own: Fingerprint, found: FoundPrivate) -> FoundMessage {
    let FoundPrivate { talk, place, said } = found;
    let with = talk.partner();
    let (author, name) = match said.own {
        true => (own, room.own_name.clone()),
        false => (with, talk.name.clone()),
    };
    FoundMessage {
        room: room.id,
        room_name: room.name.clone(),
        n: place,
        author,
        name,
        text: said.text,
        time_ms: said.time_ms,
        private: Some(PrivateEnd {
            with,
            name: talk.name,
        }),
    }
}

/// Writes a kept room into a file; gives what to say.
pub(super) fn export(
    vault: &Vault,
    id: &[u8; 32],
    own: &PublicIdentity,
    what: Export,
    path: &Path,
) -> Result<String, ProfileError> {
    let failed = |error| ProfileError::Database(vault.path().to_owned(), error);
    let room = vault
        .room(id)
        .map_err(failed)?
        .ok_or_else(|| ProfileError::Failed("this room is not kept any more".to_owned()))?;
    let keys = match what.format {
        ExportFormat::Json => authors(vault, &room, own).map_err(failed)?,
        _ => HashMap::new(),
    };
    let exported = vault.export_room(&room, &keys, what, path)?;
    let messages = match exported.messages {
        1 => "1 message".to_owned(),
        count => format!("{count} messages"),
    };
    let lost = match exported.lost {
        0 => String::new(),
        1 => " One more can't be read: the profile is damaged there.".to_owned(),
        lost => format!(" {lost} more can't be read: the profile is damaged there."),
    };
    Ok(format!(
        "{messages} saved as {}, readable without a passphrase.{lost}",
        path.display()
    ))
}

/// The public keys of everybody who wrote: ours, the host's, and those that the log introduces.
fn authors(
    vault: &Vault,
    room: &KeptRoom,
    own: &PublicIdentity,
) -> Result<HashMap<Fingerprint, PublicIdentity>, StoreError> {
    let mut keys = HashMap::from([(own.fingerprint(), own.clone())]);
    let mut add = |der: &[u8]| {
        if let Ok(key) = PublicIdentity::from_der(der) {
            keys.insert(key.fingerprint(), key);
        }
    };
    add(&room.host);
    // Who was there before us stands in no entry of ours, but in the state of the checks. A room of ours may be one of a key
    // that we had before.
    let shelf = Shelf::new(vault.clone());
    let host = PublicIdentity::from_der(&room.host).ok();
    let log = host.and_then(|host| match room.role {
        KeptRole::Host => shelf.own_room(&room.id, &host).ok().map(|kept| kept.log),
        KeptRole::Member | KeptRole::Private => {
            let kept = shelf.member(&room.id, &host).ok().flatten();
            kept.map(|kept| kept.log)
        }
    });
    for author in log.iter().flat_map(|log| log.state().authors) {
        add(&author.member.identity);
    }
    for piece in vault.log_pieces(&room.id, 512)? {
        for row in vault.log_rows(&room.id, piece)? {
            let event: Result<RoomEvent, _> = minicbor::decode(&row.event);
            if let Ok(RoomEvent {
                content: Content::Admitted(member),
                ..
            }) = event
            {
                add(&member.identity);
            }
        }
    }
    Ok(keys)
}

/// How many messages of a room would go if it were kept so long, private ones too. Long: on a thread.
pub(super) fn weigh(vault: &Vault, room: &[u8; 32], retention: Retention) -> Result<u64, StoreError> {
    let young_ms = match retention {
        Retention::All => return Ok(0),
        Retention::Days(days) => young_ms(days),
        Retention::Nothing => {
            let in_room = vault.log_extent(room)?.map_or(0, |extent| extent.messages);
            let talks = vault.talks(room)?;
            let in_private: u64 = talks.iter().map(|talk| talk.next - talk.first).sum();
            return Ok(in_room + in_private);
        }
    };
    let mut goes = weigh_log(vault, room, &young_ms)?;
    for talk in vault.talks(room)? {
        let mut going = Going::new(&young_ms);
        for (_, said) in vault.said(&talk.channel, talk.first..talk.waits_from)? {
            if going.take(said.kept_ms, true).is_break() {
                break;
            }
        }
        goes += going.goes;
    }
    Ok(goes)
}

fn weigh_log(vault: &Vault, room: &[u8; 32], young_ms: &RangeInclusive<u64>) -> Result<u64, StoreError> {
    let mut going = Going::new(young_ms);
    for piece in vault.log_pieces(room, 512)? {
        for row in vault.log_rows(room, piece)? {
            let event = row.signed_event();
            let is_message = event.is_ok_and(|event| matches!(event.event.content, Content::Message { .. }));
            if going.take(row.kept_ms, is_message).is_break() {
                return Ok(going.goes);
            }
        }
    }
    Ok(going.goes)
}

/// Counts the messages that are old, from the beginning on, as pruning drops them: what seems to come from the future is as
/// old as what follows it.
struct Going<'a> {
    young_ms: &'a RangeInclusive<u64>,
    goes: u64,
    undecided: u64,
}

impl Going<'_> {
    fn new(young_ms: &RangeInclusive<u64>) -> Going<'_> {
        Going {
            young_ms,
            goes: 0,
            undecided: 0,
        }
    }

    /// Takes the next one; breaks when it stays, and with it all that follow.
    fn take(&mut self, kept_ms: u64, is_message: bool) -> ControlFlow<()> {
        if self.young_ms.contains(&kept_ms) {
            return ControlFlow::Break(());
        }
        self.undecided += u64::from(is_message);
        if kept_ms < *self.young_ms.start() {
            self.goes += std::mem::take(&mut self.undecided);
        }
        ControlFlow::Continue(())
    }
}

/// When what a room keeps for so many days was kept, up to now.
fn young_ms(days: u32) -> RangeInclusive<u64> {
    let kept_ms = u64::from(days) * 24 * 60 * 60 * 1000;
    let now_ms = now_unix_ms();
    now_ms.saturating_sub(kept_ms)..=now_ms
}

/// Something that is older than its room keeps is still there.
#[derive(Debug)]
pub(super) struct Unpruned {
    /// The names of the rooms, where it is those alone.
    pub rooms: Vec<String>,
    /// Why, for the first of them.
    pub error: StoreError,
}

/// Drops what is older than each room keeps; damage in one of them keeps it from no other. Long: on a thread.
pub(super) fn prune(vault: &Vault) -> Result<(), Unpruned> {
    let of_all = |error| Unpruned {
        rooms: Vec::new(),
        error,
    };
    let (rooms, _) = vault.rooms().map_err(of_all)?;
    let mut unpruned: Option<Unpruned> = None;
    for room in rooms {
        match prune_room(vault, &room) {
            Ok(()) => {}
            Err(error @ StoreError::Damaged { .. }) => {
                let unpruned = unpruned.get_or_insert_with(|| of_all(error));
                unpruned.rooms.push(room.name);
            }
            Err(error) => return Err(of_all(error)),
        }
    }
    unpruned.map_or(Ok(()), Err)
}

fn prune_room(vault: &Vault, room: &KeptRoom) -> Result<(), StoreError> {
    let young_ms = match room.retention {
        Retention::All => return Ok(()),
        Retention::Days(days) => young_ms(days),
        // Everything is old.
        Retention::Nothing => u64::MAX..=u64::MAX,
    };
    let in_log = prune_log(vault, room, &young_ms);
    let unread = vault.write(|writing| match room.retention {
        Retention::Nothing => writing.drop_talks(&room.id).map(|()| 0),
        _ => writing.prune_talks(&room.id, &young_ms),
    });
    in_log?;
    match unread? {
        0 => Ok(()),
        _ => Err(damaged("a private conversation")),
    }
}

fn prune_log(vault: &Vault, room: &KeptRoom, young_ms: &RangeInclusive<u64>) -> Result<(), StoreError> {
    // The room's own thread may keep its state just then; what came meanwhile is counted the next time.
    for _ in 0..2 {
        // A host counts on from its last entry, so that one must be known when it is gone.
        let counted = match room.role {
            KeptRole::Host => Shelf::new(vault.clone()).bring_forward(room),
            KeptRole::Member | KeptRole::Private => u64::MAX,
        };
        vault.prune_log(&room.id, young_ms, counted)?;
        if !begins_with_old(vault, room, young_ms)? {
            return Ok(());
        }
    }
    Err(damaged("how a room stood, which has to be known before they go"))
}

/// Whether the first entry of a log that can be read is an old one.
fn begins_with_old(
    vault: &Vault,
    room: &KeptRoom,
    young_ms: &RangeInclusive<u64>,
) -> Result<bool, StoreError> {
    // Damage is passed over, as far as one record goes.
    let first = vault.log_extent(&room.id)?.map_or(0, |extent| extent.first);
    let rows = vault.log_rows(&room.id, first..first.saturating_add(32))?;
    Ok(rows.first().is_some_and(|row| row.kept_ms < *young_ms.start()))
}

fn damaged(part: &str) -> StoreError {
    StoreError::Damaged {
        part: part.to_owned(),
    }
}
