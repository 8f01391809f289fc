//! Taking up a log where it was left: what is kept behind the last state goes through the checks again, and what does not fit
//! together is told.

use std::collections::HashMap;

use super::{Kept, STATE_EVERY};
use crate::crypto::Digest;
use crate::protocol::RoomLog;
use crate::protocol::event::event_hash;
use crate::store::{KeptRole, StoreError, Vault};

/// Checks again what came behind a kept state; what is damaged ends it there. A gap ends it in a room of ours; a member
/// goes on behind one, as it did when the entries came.
pub(super) fn replay(
    log: &mut RoomLog,
    vault: &Vault,
    room: &[u8; 32],
    over_gaps: bool,
) -> Result<(), String> {
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
pub(super) fn had(log: &RoomLog, vault: &Vault, room: &[u8; 32]) -> Result<HashMap<u64, Digest>, String> {
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
pub(super) fn doubt(log: &RoomLog, is_old: bool, vault: &Vault, room: &[u8; 32]) -> Option<String> {
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
