//! The hosts that were met at a typed address, so that another key at the same address is noticed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::crypto::Fingerprint;

/// How a host's key is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostTrust {
    /// The invitation named it.
    Pinned,
    /// Met at this address for the first time, or again and never compared.
    FirstUse,
    /// The emoji were compared with the host.
    Verified,
    /// Another key was here before.
    Changed {
        /// The key that was known.
        before: Fingerprint,
    },
}

/// The known hosts by address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contacts {
    hosts: BTreeMap<String, KnownHost>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct KnownHost {
    fingerprint: String,
    verified: bool,
}

impl Contacts {
    /// Judges a host at a typed address. Nothing is remembered by asking.
    pub fn judge(&self, address: &str, found: &Fingerprint) -> HostTrust {
        let Some(known) = self.hosts.get(address) else {
            return HostTrust::FirstUse;
        };
        match known.fingerprint.parse::<Fingerprint>() {
            Ok(before) if before != *found => HostTrust::Changed { before },
            _ if known.verified => HostTrust::Verified,
            _ => HostTrust::FirstUse,
        }
    }

    /// Remembers a host that was met; keeps what is known of the same key.
    pub fn remember(&mut self, address: &str, found: &Fingerprint, verified: bool) {
        let fingerprint = found.to_string();
        let known = self.hosts.entry(address.to_owned()).or_insert_with(|| KnownHost {
            fingerprint: fingerprint.clone(),
            verified: false,
        });
        if known.fingerprint != fingerprint {
            *known = KnownHost {
                fingerprint,
                verified: false,
            };
        }
        known.verified |= verified;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_key_at_a_known_address_is_noticed_until_accepted() {
        let (one, two) = (Fingerprint::of_der(b"one"), Fingerprint::of_der(b"two"));
        let mut contacts = Contacts::default();
        assert_eq!(contacts.judge("a:1", &one), HostTrust::FirstUse);
        contacts.remember("a:1", &one, false);
        assert_eq!(contacts.judge("a:1", &one), HostTrust::FirstUse);
        contacts.remember("a:1", &one, true);
        contacts.remember("a:1", &one, false);
        assert_eq!(contacts.judge("a:1", &one), HostTrust::Verified);
        assert_eq!(contacts.judge("a:1", &two), HostTrust::Changed { before: one });
        assert_eq!(contacts.judge("b:1", &two), HostTrust::FirstUse);
        contacts.remember("a:1", &two, false);
        assert_eq!(contacts.judge("a:1", &two), HostTrust::FirstUse);
    }
}
