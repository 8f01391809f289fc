//! The channel of a private conversation: its handshake, and the records that come out of it and go into it.

use std::time::Instant;

use super::{BEGIN_AGAIN, Chat, Desk, HELLO_WINDOW, MAX_HELLOS, Out, Partner};
use crate::crypto::{Fingerprint, Identity, Statement, sign_batch};
use crate::net::PrivateEvent;
use crate::protocol::body::{RoomDescriptor, Welcome};
use crate::protocol::handshake::{
    AwaitConfirmation, AwaitHost, AwaitProof, AwaitWelcome, Established, GuestHello, HandshakeError,
    HostHello, InviteSecret, InvitedHello,
};
use crate::protocol::limits::HANDSHAKE_TIMEOUT;
use crate::protocol::wire::{Frame, FrameBuffer, FrameKind};
use crate::protocol::{Connection, Output};

/// How far a channel is.
pub(super) enum Stage {
    Idle,
    AwaitHost(Box<AwaitHost>),
    AwaitWelcome(Box<AwaitWelcome>),
    AwaitProof(Box<AwaitProof>),
    AwaitConfirmation(Box<AwaitConfirmation>),
    Live(Box<Connection>),
}

impl Desk {
    pub(super) fn take_in(&mut self, partner: &Partner, bytes: &[u8], now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        let is_live = matches!(
            self.chats.get(&with).map(|chat| &chat.stage),
            Some(Stage::Live(_))
        );
        // A kind of handshake frame in a live channel: the other end began anew.
        let begins = bytes
            .first()
            .is_some_and(|kind| *kind == FrameKind::GuestHello as u8);
        if !is_live || begins {
            let mut frames = FrameBuffer::default();
            frames.push(bytes);
            while let Some(frame) = frames.next_frame().map_err(|error| error.to_string())? {
                self.handshake(partner, frame, now)
                    .map_err(|error| error.to_string())?;
            }
            return Ok(());
        }
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        let Stage::Live(connection) = &mut chat.stage else {
            return Ok(());
        };
        let outcome = connection.handle_input(bytes, now, &mut rand::rng());
        self.flush(partner, now)?;
        outcome.map_err(|error| error.to_string())
    }

    fn handshake(&mut self, partner: &Partner, frame: Frame, now: Instant) -> Result<(), HandshakeError> {
        let with = partner.fingerprint;
        let own = self.identity.fingerprint();
        let Some(chat) = self.chats.get_mut(&with) else {
            return Ok(());
        };
        // A record of the channel before, which came late: the exchange that is under way goes on.
        if frame.kind as u8 >= FrameKind::Data as u8 && !matches!(chat.stage, Stage::Idle | Stage::Live(_)) {
            return Ok(());
        }
        let stage = std::mem::replace(&mut chat.stage, Stage::Idle);
        if frame.kind == FrameKind::GuestHello {
            // Both began at once: the smaller fingerprint's hello counts, as long as it may still be answered.
            let may_be_answered = now.saturating_duration_since(chat.begun_at) <= HANDSHAKE_TIMEOUT;
            let ours_counts = matches!(stage, Stage::AwaitHost(_) | Stage::AwaitWelcome(_))
                && own < with
                && may_be_answered;
            let (since, count) = chat
                .hellos
                .filter(|(since, _)| now.saturating_duration_since(*since) < HELLO_WINDOW)
                .unwrap_or((now, 0));
            let too_often = count >= MAX_HELLOS;
            if ours_counts || too_often {
                chat.stage = stage;
                return Ok(());
            }
            (chat.hellos, chat.begun_at, chat.sent) = (Some((since, count + 1)), now, 0);
            if matches!(stage, Stage::Live(_)) {
                self.tell(with, PrivateEvent::Waiting);
            }
            return self.answer_hello(with, &frame);
        }
        let mut rng = rand::rng();
        match stage {
            Stage::AwaitHost(state) => {
                let state = state.receive(frame)?;
                let signature = sign(&self.identity, state.statement())?;
                let (state, m3) = state.signed(&signature);
                self.put_stage(&with, Stage::AwaitWelcome(Box::new(state)));
                self.send(with, m3);
            }
            Stage::AwaitWelcome(state) => {
                let wrap = self.wrap.wait()?;
                let (established, m5) = state.receive(frame, &wrap, &mut rng)?;
                self.send(with, m5);
                self.secured(partner, established, now);
            }
            Stage::AwaitProof(state) => {
                let guest = state.receive(frame)?;
                let found = guest.guest().identity.fingerprint();
                if found != with {
                    return Err(HandshakeError::WrongHost {
                        expected: with,
                        found,
                    });
                }
                let (state, m4) = guest.admit(&mut rng)?;
                self.put_stage(&with, Stage::AwaitConfirmation(Box::new(state)));
                self.send(with, m4);
            }
            Stage::AwaitConfirmation(state) => {
                let established = state.receive(frame)?;
                self.secured(partner, established, now);
            }
            // Of a channel that is gone here and, as it seems, not there.
            Stage::Idle => self.begin_again(with, now),
            live @ Stage::Live(_) => self.put_stage(&with, live),
        }
        Ok(())
    }

    /// M1 of the other end: answer it. RSA of ours costs 5 ms here, at most once a second for each member on average.
    fn answer_hello(&mut self, with: Fingerprint, frame: &Frame) -> Result<(), HandshakeError> {
        let hello = self.check_hello(&with, frame)?;
        let host = HostHello {
            identity: self.identity.public().clone(),
            room: RoomDescriptor {
                id: self.channel(&with),
                name: "private".to_owned(),
            },
            welcome: Welcome {
                host_name: self.own_name.clone(),
            },
        };
        let state = hello.answer(&host, &mut rand::rng())?;
        let signature = sign(&self.identity, state.statement())?;
        let (state, m2) = state.signed(&signature);
        self.put_stage(&with, Stage::AwaitProof(Box::new(state)));
        self.send(with, m2);
        Ok(())
    }

    /// Whether bytes begin with a right hello of somebody.
    pub(super) fn is_hello(&self, with: &Fingerprint, bytes: &[u8]) -> bool {
        let mut frames = FrameBuffer::default();
        frames.push(bytes);
        let first = frames.next_frame();
        matches!(first, Ok(Some(frame)) if self.check_hello(with, &frame).is_ok())
    }

    fn check_hello(&self, with: &Fingerprint, frame: &Frame) -> Result<InvitedHello, HandshakeError> {
        let invites = [InviteSecret {
            secret: self.psk(with),
            expires_unix: None,
        }];
        InvitedHello::check(frame, &invites, 0)
    }

    fn secured(&mut self, partner: &Partner, established: Established, now: Instant) {
        let with = partner.fingerprint;
        let (agreed, connection) = established.into_connection(&[], now);
        if let Some(chat) = self.chats.get_mut(&with) {
            (chat.sent, chat.numbered_anew) = (0, false);
        }
        self.put_stage(&with, Stage::Live(Box::new(connection)));
        self.tell(with, PrivateEvent::Secured { sas: agreed.sas });
        self.go_on(partner, now, false);
    }

    pub(super) fn begin(&mut self, with: Fingerprint, wanted: bool, now: Instant) {
        let psk = self.psk(&with);
        let Some(chat) = self.chats.get_mut(&with) else {
            return;
        };
        if chat.waiting.is_empty() && !wanted {
            return;
        }
        let Ok(wrap) = self.wrap.wait() else {
            return;
        };
        let hello = GuestHello {
            invite: psk,
            pinned: Some(with),
            identity: self.identity.public().clone(),
            wrap: wrap.public().clone(),
            name: self.own_name.clone(),
        };
        let (state, m1) = AwaitHost::start(hello, &mut rand::rng());
        chat.stage = Stage::AwaitHost(Box::new(state));
        (chat.begun_at, chat.sent) = (now, 0);
        self.send(with, m1);
    }

    /// Goes on with a channel whose handshake was made elsewhere.
    pub fn begin_live(&mut self, partner: &Partner, connection: Connection) {
        if let Some(chat) = self.chat(partner) {
            chat.stage = Stage::Live(Box::new(connection));
        }
    }

    /// Begins anew where the two ends no longer agree; not at once again, whatever the host passes on.
    pub(super) fn begin_again(&mut self, with: Fingerprint, now: Instant) {
        let begun_at = self.chats.get(&with).map(|chat| chat.begun_at);
        if begun_at.is_some_and(|at| now.saturating_duration_since(at) >= BEGIN_AGAIN) {
            self.begin(with, true, now);
        }
    }

    /// Hands on what a live channel sends, and takes in what it received.
    pub(super) fn flush(&mut self, partner: &Partner, now: Instant) -> Result<(), String> {
        let with = partner.fingerprint;
        loop {
            let Some(Chat {
                stage: Stage::Live(connection),
                ..
            }) = self.chats.get_mut(&with)
            else {
                return Ok(());
            };
            match connection.poll_output() {
                None => return Ok(()),
                Some(Output::Transmit(bytes)) => self.send(with, bytes),
                Some(Output::Received(text)) => self.hear(partner, &text, now)?,
                Some(Output::PeerClosed) => {
                    self.break_off(&with);
                    self.go_on(partner, now, false);
                }
            }
        }
    }

    /// Ends a channel, and says goodbye where it is live: the other end would speak into nothing.
    pub(super) fn hang_up(&mut self, who: &Fingerprint) {
        if let Some(Chat {
            stage: Stage::Live(connection),
            ..
        }) = self.chats.get_mut(who)
        {
            connection.close();
            while let Some(output) = connection.poll_output() {
                if let Output::Transmit(bytes) = output {
                    self.outs.push(Out::Send { to: *who, bytes });
                }
            }
        }
        self.break_off(who);
    }

    fn put_stage(&mut self, with: &Fingerprint, stage: Stage) {
        if let Some(chat) = self.chats.get_mut(with) {
            chat.stage = stage;
        }
    }
}

fn sign(identity: &Identity, statement: Statement) -> Result<crate::crypto::Signature, HandshakeError> {
    let signatures = sign_batch(identity, &[statement], &mut rand::rng())?;
    signatures.into_iter().next().ok_or(HandshakeError::BadSignature)
}
