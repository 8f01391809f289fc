//! A private conversation with one member, as this program knows it.

use super::{Line, Transcript};
use crate::crypto::{Fingerprint, Sas};
use crate::net::{Delivery, PrivateEvent};

/// How a private channel stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lock {
    /// There is no channel: the other one or we ourselves are away, or nothing was said yet. What is said waits.
    Waiting,
    /// Keys that only the two ends have.
    Secured {
        /// The emoji of this channel.
        sas: Sas,
    },
}

/// A private conversation.
#[derive(Debug)]
pub struct PrivateTalk {
    /// The other member.
    pub with: Fingerprint,
    /// Its name.
    pub name: String,
    /// How the channel stands.
    pub lock: Lock,
    /// What was said.
    pub transcript: Transcript,
    /// What stands in the composer.
    pub draft: String,
}

impl PrivateTalk {
    pub(super) fn new(with: Fingerprint, name: String) -> PrivateTalk {
        PrivateTalk {
            with,
            name,
            lock: Lock::Waiting,
            transcript: Transcript::default(),
            draft: String::new(),
        }
    }

    /// `is_verified` says whether the user made sure of the other one's key: until then the host can have put another there.
    pub(super) fn apply(&mut self, event: PrivateEvent, is_verified: bool) {
        match event {
            PrivateEvent::Secured { sas } => {
                if self.transcript.lines().is_empty() {
                    let text = match is_verified {
                        true => "Sealed between the two of you: nobody else can read it.".to_owned(),
                        false => format!(
                            "Sealed. Nobody else can read it if this is really {}'s key: compare emoji to be sure.",
                            self.name
                        ),
                    };
                    self.transcript.push(Line::Note { text });
                }
                self.lock = Lock::Secured { sas };
            }
            PrivateEvent::Kept { name, page, waiting } => {
                self.name = name;
                let own = page.messages.iter().filter(|(one, _)| one.own);
                let own: Vec<_> = own.map(|(one, _)| one.id).collect();
                self.transcript.history(page);
                for id in own {
                    self.transcript.delivered(Delivery::to_one(id));
                }
                for message in waiting {
                    self.transcript.written(message);
                }
            }
            PrivateEvent::Earlier { page } => self.transcript.earlier(page),
            PrivateEvent::Waiting | PrivateEvent::RoomLost => self.lock = Lock::Waiting,
            PrivateEvent::Written { message } => self.transcript.written(message),
            PrivateEvent::Renumbered { before, id } => self.transcript.renumbered(&before, id),
            PrivateEvent::Delivered { id } => self.transcript.private_delivered(&id),
            PrivateEvent::Heard { message } => self.transcript.logged(message),
            PrivateEvent::Alarmed { text } => self.transcript.push(Line::Alarm { text }),
        }
    }
}
