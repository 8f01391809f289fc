//! How a room elsewhere stood, beside its entries: the state of the checks, and how to come back.

use std::collections::HashMap;

use minicbor::bytes::ByteArray;
use minicbor::{Decode, Encode};

use crate::crypto::{Digest, PublicIdentity, Secret};
use crate::net::keep::replay::{doubt, had, replay};
use crate::protocol::body::Submit;
use crate::protocol::{LogState, RoomLog};
use crate::store::{Cut, Queued, Vault};

/// A room elsewhere as it was kept.
#[derive(Debug)]
pub struct KeptMember {
    /// Its log, as far as the checks need it.
    pub log: RoomLog,
    /// The secret to come back with.
    pub return_secret: Option<Secret>,
    /// Entries behind that log that are kept and come once more, with the hashes of their events.
    pub had: HashMap<u64, Digest>,
    /// What waits to come into the log: its place, and what to hand in.
    pub outbox: Vec<(u64, Submit)>,
    /// Where the outbox ends because something in it can't be read any more.
    pub cut: Option<Cut>,
    /// Why it may not be as it was left.
    pub doubt: Option<String>,
}

/// What is kept beside the entries.
#[derive(Encode, Decode)]
#[cbor(map)]
struct MemberState {
    #[n(0)]
    log: LogState,
    #[n(1)]
    return_secret: Option<ByteArray<32>>,
}

pub(in crate::net::keep) fn load(
    vault: &Vault,
    room: &[u8; 32],
    host: &PublicIdentity,
) -> Result<Option<KeptMember>, String> {
    let failed = |error: crate::store::StoreError| error.to_string();
    let Some(kept) = vault.room_state(room).map_err(failed)? else {
        return Ok(None);
    };
    let state: MemberState = minicbor::decode(&kept.bytes).map_err(|_| "its state is damaged".to_owned())?;
    let mut log = RoomLog::restore(*room, host.clone(), state.log)
        .ok_or("a key or a number in its state is damaged")?;
    replay(&mut log, vault, room, true)?;
    let had = had(&log, vault, room)?;
    let Queued { waiting, cut } = vault.outbox(room).map_err(failed)?;
    let outbox = waiting
        .into_iter()
        .map(|waiting| (waiting.place, waiting.submit))
        .collect();
    Ok(Some(KeptMember {
        doubt: doubt(&log, kept.is_old, vault, room),
        log,
        had,
        return_secret: state.return_secret.map(|secret| Secret::new(secret.into())),
        outbox,
        cut,
    }))
}

#[expect(clippy::expect_used, reason = "writing to memory cannot fail")]
pub(super) fn state(log: &RoomLog, back: Option<&Secret>) -> Vec<u8> {
    let state = MemberState {
        log: log.state(),
        return_secret: back.map(|secret| (*secret.expose()).into()),
    };
    minicbor::to_vec(&state).expect("writing to memory cannot fail")
}
