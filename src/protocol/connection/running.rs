//! A running connection's keys as they are now, for who looks inside an own one from the middle.

use super::{Connection, Rekey};
use crate::crypto::Secret;
use crate::protocol::checks::Whole;
use crate::protocol::handshake::Role;

/// What opens the records of a connection from some moment on. Secret, and forgotten when dropped.
#[derive(Debug, Clone)]
pub struct RunningKeys {
    /// The host's traffic secret, and how many records it has sealed.
    pub(crate) host: (Secret, u64),
    /// The guest's.
    pub(crate) guest: (Secret, u64),
    /// The salt of the next exchange, where none is under way.
    pub(crate) salt: Option<Secret>,
    /// Behind an answered exchange: the guest's next traffic secret, and the salt of the one after.
    pub(crate) answered: Option<(Secret, Secret)>,
    /// The beginning of a frame that has not come whole yet.
    pub(crate) begun: Vec<u8>,
}

impl Connection<Whole> {
    /// The keys as they are now; they open nothing of an earlier key. `None` while a guest's exchange is
    /// under way, whose secrets can't be shared.
    pub fn running_keys(&self) -> Option<RunningKeys> {
        let sending = (
            self.sending.secret.as_ref()?.secret().clone(),
            self.sending.key.sealed(),
        );
        let receiving = (
            self.receiving.secret.as_ref()?.secret().clone(),
            self.receiving.key.opened(),
        );
        let (host, guest) = match self.role {
            Role::Host => (sending, receiving),
            Role::Guest => (receiving, sending),
        };
        let (salt, answered) = match &self.rekey {
            Rekey::Idle(salt) => (Some(salt.secret().clone()), None),
            Rekey::Answered { master, context } => {
                let guest = master.guest_traffic(context).secret().clone();
                (None, Some((guest, master.rekey_secret(context).secret().clone())))
            }
            Rekey::Offered { .. } | Rekey::Broken => return None,
        };
        Some(RunningKeys {
            host,
            guest,
            salt,
            answered,
            begun: self.buffer.waiting().to_vec(),
        })
    }
}
