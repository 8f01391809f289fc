//! "Somebody steals this machine's keys now": which frames open, which don't, and why.
//!
//! The answers follow from `docs/protocol.md` sections 6 and 7 and from which keys are in memory at that
//! moment, for a thief who has recorded the line all along and only listens.

use super::wire::{Wire, WireFrame};
use crate::protocol::handshake::Role;
use crate::protocol::wire::FrameKind;

/// What mathematics no longer holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Broken {
    /// RSA: wrapped secrets open, signatures can be forged.
    pub rsa: bool,
    /// X25519: its shared secret can be computed.
    pub x25519: bool,
    /// ML-KEM: its shared secret can be computed.
    pub ml_kem: bool,
}

/// What happens to a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fate {
    /// Whether the thief reads it.
    pub opens: bool,
    /// Why.
    pub why: &'static str,
}

/// The moment of the theft, and what is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeMachine {
    /// Behind which frame the keys are stolen; `None`: nobody steals anything.
    pub stolen_at: Option<u64>,
    /// What is broken.
    pub broken: Broken,
}

impl TimeMachine {
    /// What happens to a frame of a recording.
    pub fn fate(&self, wire: &Wire, frame: &WireFrame) -> Fate {
        let Broken { rsa, x25519, ml_kem } = self.broken;
        if rsa && x25519 && ml_kem {
            return Fate {
                opens: true,
                why: "all three exchanges are broken, and the invitation was on the stolen machine or on a wall: nothing is left",
            };
        }
        if let Some(fate) = self.fate_in_handshake(wire, frame) {
            return fate;
        }
        if let Some(fate) = self.fate_in_exchange(wire, frame) {
            return fate;
        }
        let epoch_of_frame = match (&frame.record, frame.kind()) {
            (Some(record), _) => record.epoch,
            // Their sealed parts are the first records of the connection's keys.
            (None, Some(FrameKind::ResumeAnswer | FrameKind::ResumeConfirm)) => {
                wire.leg_of(frame.n).map_or(0, |leg| leg.epoch)
            }
            _ => return self.fate_of_handshake(frame),
        };
        let Some(stolen_at) = self.stolen_at else {
            return self.mathematics();
        };
        if x25519 && ml_kem && wire.role() == Some(Role::Guest) {
            return Fate {
                opens: true,
                why: "X25519 and ML-KEM are broken, and the key that unwraps the session's secret was stolen too",
            };
        }
        let now = (0..wire.place_of(stolen_at.saturating_add(1)))
            .rev()
            .filter_map(|place| wire.nth(place))
            .take_while(|other| wire.is_of_leg(other.n, stolen_at))
            .filter(|other| other.sent == frame.sent)
            .find_map(|other| other.record.as_ref());
        let leg = wire.leg_of(stolen_at).map_or(0, |leg| leg.epoch);
        let epoch = now.map_or(leg, |record| record.epoch_behind);
        match epoch_of_frame.cmp(&epoch) {
            std::cmp::Ordering::Equal if frame.n <= stolen_at => Fate {
                opens: true,
                why: "it was sealed under the key that is in memory now; within one key's time records do not protect each other",
            },
            std::cmp::Ordering::Equal => Fate {
                opens: true,
                why: "it is sealed under the stolen key, which stays until the next fresh exchange",
            },
            std::cmp::Ordering::Less => Fate {
                opens: false,
                why: "its key was replaced and forgotten before the theft (forward secrecy): a key update can't be run backwards",
            },
            std::cmp::Ordering::Greater if !wire.is_fresh_between(epoch, epoch_of_frame) => Fate {
                opens: true,
                why: "its key was made from the stolen one by a key update alone",
            },
            std::cmp::Ordering::Greater
                if x25519 && ml_kem && wire.is_other_handshake(stolen_at, frame.n) =>
            {
                Fate {
                    opens: false,
                    why: "a whole handshake came between, with a secret that was wrapped with RSA; the thief has no key to unwrap it",
                }
            }
            std::cmp::Ordering::Greater if x25519 && ml_kem => Fate {
                opens: true,
                why: "a fresh exchange came between, but X25519 and ML-KEM are both broken, and its salt was stolen",
            },
            std::cmp::Ordering::Greater => Fate {
                opens: false,
                why: "a fresh exchange of X25519 and ML-KEM came between, with secrets that the thief never saw",
            },
        }
    }

    /// When the theft falls into a handshake: the secrets that it is made of are in memory then.
    fn fate_in_handshake(&self, wire: &Wire, frame: &WireFrame) -> Option<Fate> {
        let stolen_at = self.stolen_at?;
        let stolen = wire.frame_at(stolen_at)?;
        let under_way = matches!(
            stolen.kind(),
            Some(
                FrameKind::GuestHello
                    | FrameKind::HostHello
                    | FrameKind::GuestProof
                    | FrameKind::HostWelcome
                    | FrameKind::ResumeHello
                    | FrameKind::ResumeAnswer
            )
        );
        if !under_way || !wire.is_of_leg(frame.n, stolen_at) {
            return None;
        }
        let leg = wire.leg_of(stolen_at).map_or(0, |leg| leg.epoch);
        let why = match &frame.record {
            None if matches!(frame.kind(), Some(FrameKind::GuestHello | FrameKind::ResumeHello)) => {
                return None;
            }
            None => "the secrets of this handshake were in memory, and they are stolen with the rest",
            Some(record) if !wire.is_fresh_between(leg, record.epoch) => {
                "its key was agreed in the handshake whose secrets are stolen, and stays until the next fresh exchange"
            }
            Some(_) => return None,
        };
        Some(Fate { opens: true, why })
    }

    /// When the theft falls into a fresh exchange: what its keys are made of is in memory then.
    fn fate_in_exchange(&self, wire: &Wire, frame: &WireFrame) -> Option<Fate> {
        let made = wire.epoch_under_way(self.stolen_at?)?;
        let epoch = frame.record.as_ref()?.epoch;
        let opens = epoch >= made && !wire.is_fresh_between(made, epoch);
        opens.then_some(Fate {
            opens,
            why: "its key comes of the fresh exchange that was under way, and the secrets of that are stolen",
        })
    }

    /// Without a theft: what holds although something is broken.
    fn mathematics(&self) -> Fate {
        let Broken { rsa, x25519, ml_kem } = self.broken;
        let why = match (rsa, x25519, ml_kem) {
            (false, false, false) => "nobody has a key, and nothing is broken",
            (true, false, false) => {
                "RSA is broken: the wrapped secret opens and signatures can be forged from now on, but X25519 and ML-KEM still hide this"
            }
            (false, true, false) => "X25519 is broken, but ML-KEM and the RSA-wrapped secret still hide this",
            (false, false, true) => "ML-KEM is broken, but X25519 and the RSA-wrapped secret still hide this",
            (true, true, false) => "only ML-KEM is left, and it hides this",
            (true, false, true) => "only X25519 is left, and it hides this",
            (false, true, true) => "only the RSA-wrapped secret is left, and it hides this",
            (true, true, true) => "nothing is left",
        };
        Fate { opens: false, why }
    }

    /// The sealed parts of the handshake hang on ML-KEM and X25519 alone: the wrapped secret comes later.
    fn fate_of_handshake(&self, frame: &WireFrame) -> Fate {
        let is_sealed = !matches!(
            frame.kind(),
            Some(FrameKind::GuestHello | FrameKind::ResumeHello | FrameKind::Refusal) | None
        );
        match (is_sealed, self.broken.x25519 && self.broken.ml_kem) {
            (false, _) => Fate {
                opens: true,
                why: "it is in clear, and tells nobody anything secret",
            },
            (true, true) => Fate {
                opens: true,
                why: "identities and names hang on X25519 and ML-KEM, and both are broken",
            },
            (true, false) => Fate {
                opens: false,
                why: "the secrets of the handshake were forgotten when it was over",
            },
        }
    }
}
