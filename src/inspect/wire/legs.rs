//! The connections of a recording, one after the other: how each began, which frames are its own, which are kept.

use std::net::SocketAddr;

use super::{Wire, cost, keys};
use crate::crypto::{HybridSecret, Secret, Ticket};
use crate::inspect::drawn::Drawn;
use crate::inspect::handshake::{OpenedHandshake, open_handshake};
use crate::inspect::resumption::{OpenedResumption, open_resumption};
use crate::protocol::handshake::Role;
use crate::protocol::wire::{Frame, FrameKind};

/// Connections of one recording of which the beginnings are kept; the oldest goes first, with its frames.
const MAX_LEGS: usize = 64;
const HANDSHAKE_FRAMES: usize = 5;
/// The handshake's frames, with word that the host is asked between them.
const MAX_PINNED: usize = 8;

/// One connection of a recording.
#[derive(Debug)]
pub(in crate::inspect) struct Leg {
    /// Which connection of the recording it is, from 1.
    pub(in crate::inspect) number: u64,
    /// The number of its first frame.
    pub(in crate::inspect) first: u64,
    pub(in crate::inspect) local: SocketAddr,
    pub(in crate::inspect) peer: SocketAddr,
    /// The number of its first keys.
    pub(in crate::inspect) epoch: u64,
    pub(in crate::inspect) begins: Begins,
}

/// How a connection began.
#[derive(Debug)]
pub(in crate::inspect) enum Begins {
    /// With M1 to M5.
    Handshake(Box<Opening>),
    /// With R1 to R3.
    Resumption(Box<Resuming>),
    /// Before the recording.
    Before,
}

/// A full handshake: what is known of it, and what was opened with that.
#[derive(Debug)]
pub(in crate::inspect) struct Opening {
    pub(in crate::inspect) psk: Secret,
    /// sH, and the seed of OAEP where this end drew it.
    session: Option<(Secret, Option<Secret>)>,
    frames: Vec<Frame>,
    /// How often the host said that it is being asked.
    asked: u64,
    pub(in crate::inspect) opened: Option<Opened>,
}

/// A handshake that was opened.
#[derive(Debug)]
pub(in crate::inspect) struct Opened {
    pub(in crate::inspect) handshake: OpenedHandshake,
    pub(in crate::inspect) hybrid: HybridSecret,
    /// What this end drew for the exchange.
    pub(in crate::inspect) drawn: Drawn,
    /// The seed of OAEP, at the end that wrapped.
    pub(in crate::inspect) seed: Option<Secret>,
}

/// A resumption.
#[derive(Debug)]
pub(in crate::inspect) struct Resuming {
    ticket: Ticket,
    frames: Vec<Frame>,
    pub(in crate::inspect) opened: Option<(OpenedResumption, Drawn)>,
}

/// How a connection began, for the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// With a full handshake.
    Handshake,
    /// It resumed the one before.
    Resumption,
    /// Before the recording.
    Before,
}

impl Beginning {
    /// The same, in words.
    pub fn words(self) -> &'static str {
        match self {
            Beginning::Handshake => "a full handshake",
            Beginning::Resumption => "resumed with a ticket",
            Beginning::Before => "taken up while it ran",
        }
    }
}

/// One connection of a recording, for the screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connection {
    /// Which one it is, from 1.
    pub number: u64,
    /// How it began.
    pub beginning: Beginning,
    /// The place of its first frame among those that are kept.
    pub place: usize,
}

impl Begins {
    pub(super) fn handshake(psk: Secret) -> Begins {
        Begins::Handshake(Box::new(Opening {
            psk,
            session: None,
            frames: Vec::new(),
            asked: 0,
            opened: None,
        }))
    }

    pub(super) fn resumption(ticket: Ticket) -> Begins {
        Begins::Resumption(Box::new(Resuming {
            ticket,
            frames: Vec::new(),
            opened: None,
        }))
    }

    /// The same, for the screens.
    pub(in crate::inspect) fn beginning(&self) -> Beginning {
        match self {
            Begins::Handshake(_) => Beginning::Handshake,
            Begins::Resumption(_) => Beginning::Resumption,
            Begins::Before => Beginning::Before,
        }
    }
}

impl Wire {
    /// The connections of which something is kept, oldest first.
    pub fn connections(&self) -> impl ExactSizeIterator<Item = Connection> {
        self.legs.iter().map(|leg| Connection {
            number: leg.number,
            beginning: leg.begins.beginning(),
            place: self.place_of(leg.first),
        })
    }

    /// Which connection of the recording a frame belongs to, from 1.
    pub fn connection_of(&self, n: u64) -> Option<u64> {
        self.leg_of(n).map(|leg| leg.number)
    }

    /// A connection begins.
    pub(super) fn leg(&mut self, role: Role, local: SocketAddr, peer: SocketAddr, begins: Begins) {
        self.role = Some(role);
        self.overrun = false;
        let epoch = self.keys.interrupt();
        self.rekeys.end(self.count + 1);
        self.begun += 1;
        self.legs.push_back(Leg {
            number: self.begun,
            first: self.count + 1,
            local,
            peer,
            epoch,
            begins,
        });
        if self.legs.len() > MAX_LEGS {
            let first = self.newest_handshake();
            let oldest = self.legs.iter().position(|leg| Some(leg.first) != first);
            self.forget_leg(oldest.unwrap_or(0));
        }
    }

    /// The connection that a frame belongs to.
    pub(in crate::inspect) fn leg_of(&self, n: u64) -> Option<&Leg> {
        self.legs.get(self.leg_place(n)?)
    }

    fn leg_place(&self, n: u64) -> Option<usize> {
        self.legs.partition_point(|leg| leg.first <= n).checked_sub(1)
    }

    /// Whether two frames belong to one connection.
    pub(in crate::inspect) fn is_of_leg(&self, n: u64, other: u64) -> bool {
        self.leg_place(n) == self.leg_place(other)
    }

    /// The handshake that a frame's connection goes back to, over resumptions.
    pub(in crate::inspect) fn opening_of(&self, n: u64) -> Option<&Opening> {
        let legs = self.legs.range(..=self.leg_place(n)?);
        legs.rev().find_map(|leg| match &leg.begins {
            Begins::Handshake(opening) => Some(opening.as_ref()),
            _ => None,
        })
    }

    /// Whether two frames' connections go back to different handshakes.
    pub(in crate::inspect) fn is_other_handshake(&self, n: u64, other: u64) -> bool {
        match (self.opening_of(n), self.opening_of(other)) {
            (Some(one), Some(other)) => !std::ptr::eq(one, other),
            (one, other) => one.is_some() != other.is_some(),
        }
    }

    /// That handshake, once it is opened.
    pub(in crate::inspect) fn handshake_of(&self, n: u64) -> Option<&Opened> {
        self.opening_of(n)?.opened.as_ref()
    }

    /// The first frame of the newest connection that began with a handshake.
    fn newest_handshake(&self) -> Option<u64> {
        let mut legs = self.legs.iter().rev();
        legs.find_map(|leg| matches!(leg.begins, Begins::Handshake(_)).then_some(leg.first))
    }

    /// Lets the oldest frame go that explains nothing: of the newest handshake none, of others the beginning
    /// only when all else of their connection is gone. Returns whether one was found.
    pub(super) fn forget(&mut self) -> bool {
        let Some(oldest) = self.frames.front() else {
            return false;
        };
        let n = oldest.n;
        let first = self.leg_of(n).map(|leg| leg.first);
        let beginning = self.frames.iter().take(MAX_PINNED).take_while(|frame| {
            frame.kind().is_some_and(|kind| kind < FrameKind::Data) && self.is_of_leg(n, frame.n)
        });
        let behind = beginning.count();
        let next = self.frames.get(behind);
        let stays = first == self.newest_handshake() || next.is_some_and(|next| self.is_of_leg(n, next.n));
        let place = if stays {
            behind.min(self.frames.len() - 1)
        } else {
            0
        };
        let Some(gone) = self.frames.remove(place) else {
            return false;
        };
        self.kept_bytes -= cost(&gone);
        self.forgotten += 1;
        if let Some(place) = self.leg_place(gone.n) {
            self.forget_leg_if_empty(place);
        }
        true
    }

    fn forget_leg_if_empty(&mut self, place: usize) {
        let (Some(leg), Some(next)) = (self.legs.get(place), self.legs.get(place + 1)) else {
            return;
        };
        let is_empty = self.place_of(leg.first) == self.place_of(next.first);
        if is_empty && Some(leg.first) != self.newest_handshake() {
            self.legs.remove(place);
        }
    }

    /// Lets a connection go with all its frames: they would be taken for another one's.
    fn forget_leg(&mut self, place: usize) {
        let Some(leg) = self.legs.get(place) else {
            return;
        };
        let start = self.place_of(leg.first);
        let end = self
            .legs
            .get(place + 1)
            .map_or(self.frames.len(), |next| self.place_of(next.first));
        for gone in self.frames.drain(start..end) {
            self.kept_bytes -= cost(&gone);
            self.forgotten += 1;
        }
        self.legs.remove(place);
    }

    /// A frame of M1 to M5, or of R1 to R3.
    pub(super) fn beginning_frame(&mut self, frame: Frame) {
        let Some(leg) = self.legs.back_mut() else {
            return;
        };
        let is_resumption = matches!(
            frame.kind,
            FrameKind::ResumeHello | FrameKind::ResumeAnswer | FrameKind::ResumeConfirm
        );
        match &mut leg.begins {
            Begins::Handshake(opening) if frame.kind == FrameKind::Asking => opening.asked += 1,
            Begins::Handshake(opening) if !is_resumption => {
                if opening.frames.len() < HANDSHAKE_FRAMES {
                    opening.frames.push(frame);
                }
                self.open_handshake();
            }
            Begins::Resumption(resuming) if is_resumption => {
                if resuming.frames.len() < HANDSHAKE_FRAMES {
                    resuming.frames.push(frame);
                }
                self.open_resumption();
            }
            _ => {}
        }
    }

    /// This end knows the session's secret; it may also have drawn the seed with which it was wrapped.
    pub(super) fn session(&mut self, session: Secret, seed: Option<Secret>) {
        if let Some(Leg {
            begins: Begins::Handshake(opening),
            ..
        }) = self.legs.back_mut()
        {
            opening.session = Some((session, seed));
            self.open_handshake();
        }
    }

    /// Opens the handshake once everything is there, and the first keys with it.
    fn open_handshake(&mut self) {
        let (Some(role), Some(leg)) = (self.role, self.legs.back_mut()) else {
            return;
        };
        let Begins::Handshake(opening) = &mut leg.begins else {
            return;
        };
        if opening.opened.is_some() {
            return;
        }
        let (Some((session, seed)), [m1, m2, m3, m4, m5]) = (&opening.session, opening.frames.as_slice())
        else {
            return;
        };
        let Some(drawn) = self.keys.next_drawn() else {
            return;
        };
        let Some(hybrid) = keys::first_exchange(role, &drawn, m1, m2, 2) else {
            return;
        };
        let frames = [m1, m2, m3, m4, m5];
        let opened = open_handshake(frames, opening.asked, &opening.psk, &hybrid, |_, _| {
            Some(session.clone())
        });
        if let Ok(handshake) = opened {
            self.keys.begin(&handshake.master, &handshake.th6);
            opening.opened = Some(Opened {
                handshake,
                hybrid,
                drawn,
                seed: seed.clone(),
            });
        }
    }

    /// Opens a resumption once everything is there, and the keys behind it.
    fn open_resumption(&mut self) {
        let (Some(role), Some(leg)) = (self.role, self.legs.back_mut()) else {
            return;
        };
        let Begins::Resumption(resuming) = &mut leg.begins else {
            return;
        };
        let [r1, r2, r3] = resuming.frames.as_slice() else {
            return;
        };
        let Some(drawn) = self.keys.next_drawn() else {
            return;
        };
        let opened = keys::first_exchange(role, &drawn, r1, r2, 3)
            .and_then(|hybrid| open_resumption([r1, r2, r3], &resuming.ticket, hybrid).ok());
        if let Some(opened) = opened {
            self.keys.begin(&opened.master, &opened.th);
            resuming.opened = Some((opened, drawn));
        }
    }
}
