//! Everybody met, at the front desk: the book, the hosts at addresses, and what the user decides.

use std::sync::PoisonError;

use super::{Desk, RoomHandle};
use crate::crypto::Fingerprint;
use crate::net::clock::now_unix;
use crate::net::guest::MetHost;
use crate::net::{Event, HostAct, RoomKey};
use crate::store::{Contact, Decision, HostTrust, People, VerifiedBy};

impl Desk {
    pub(super) fn open_book(&self, own: Option<Fingerprint>) {
        let Some(open) = &self.open else {
            return;
        };
        let (kept, damaged) = open.vault.contacts().unwrap_or_else(|error| {
            log::warn!("the contacts can't be read: {error}");
            (Vec::new(), 1)
        });
        if damaged > 0 {
            let reason = format!("{damaged} of your contacts can't be read any more; the others are here.");
            self.teller.tell(Event::NotKept { reason });
        }
        self.teller.tell(Event::ContactsOpened(kept.clone()));
        self.book.open(People::of(kept, own));
    }

    /// Takes in a decision of the user, keeps it, and tells it.
    pub(super) fn change_contact(&mut self, change: impl FnOnce(&mut People) -> Option<Contact>) {
        if let Some(contact) = self.book.with(change).flatten() {
            self.keep_people();
            self.teller.tell(Event::ContactChanged(contact));
        }
    }

    /// Who is blocked leaves the rooms that are ours; the door keeps it out of them from now on.
    pub(super) fn send_away(&self, who: Fingerprint) {
        for handle in self.rooms.values() {
            if let RoomHandle::Host(handle) = handle {
                drop(handle.govern(HostAct::Remove(who)));
            }
        }
    }

    pub(super) fn keep_people(&mut self) {
        let Some(open) = &mut self.open else {
            return;
        };
        let outcome = self.book.with(|people| people.keep(&open.vault));
        // Said once: every meeting would fail alike.
        match outcome {
            Some(Err(error)) if !open.people_not_kept => {
                open.people_not_kept = true;
                self.teller.tell(Event::NotKept {
                    reason: error.to_string(),
                });
            }
            Some(Ok(())) => open.people_not_kept = false,
            _ => {}
        }
    }

    pub(super) fn host_met(&mut self, met: MetHost) {
        let MetHost {
            room,
            address,
            host,
            changed,
        } = met;
        self.met_at.insert(room, (address, host));
        if !changed {
            self.remember_host(room, false);
        }
    }

    pub(super) fn remember_host(&mut self, room: RoomKey, verified: bool) {
        let (Some((address, host)), Some(open)) = (self.met_at.get(&room), &self.open) else {
            return;
        };
        let mut contacts = open.contacts.lock().unwrap_or_else(PoisonError::into_inner);
        let before = contacts.clone();
        let changed = match contacts.judge(address, host) {
            HostTrust::Changed { before } => Some(before),
            _ => None,
        };
        contacts.remember(address, host, verified);
        if *contacts != before
            && let Err(error) = open.vault.keep_hosts(&contacts)
        {
            self.teller.tell(Event::NotKept {
                reason: error.to_string(),
            });
        }
        drop(contacts);
        let host = *host;
        if let Some(before) = changed {
            // The address book forgets the old key; the mark on the new one stays.
            self.change_contact(|people| people.note_change(&host, before, now_unix()));
        }
        if verified {
            let decision = Decision::Verify(VerifiedBy::Emoji);
            self.change_contact(|people| people.decide(&host, decision, now_unix()));
        }
    }
}
