//! Resumption: a session that was lost goes on with fresh key shares and without RSA.
//!
//! ```text
//!   guest                                               host
//!   AwaitResumed::start ── R1 ───────────────────────▶  ResumeHello::parse   which ticket
//!                                                          ProvenResume      the ticket's MAC, 24 hours
//!   AwaitResumed::receive ◀───────────────────── R2 ──── AwaitResumedConfirmation
//!      └────────────────── R3 ───────────────────────▶  Established
//! ```
//!
//! A [`Session`] is used by value: each side forgets its ticket with the first use, and the new session
//! has a new one. So a repeated R1 finds nothing, and who steals a ticket can't read what was said before.

use std::marker::PhantomData;
use std::time::Instant;

use rand::CryptoRng;

use super::initiator::read_refusal;
use super::transcript::Transcript;
use super::{
    Agreed, ApplicationKeys, Established, HandshakeError, Peer, PeerVerified, Role, SUITE, VERSION,
    confirmation,
};
use crate::crypto::{
    Answer, Digest, HandshakeSecret, ML_KEM_CIPHERTEXT_BYTES, ML_KEM_KEY_BYTES, MasterSecret, Offer,
    OfferPublic, OpeningKey, Sas, SealingKey, TAG_BYTES, Ticket, answer, mac, mac_matches,
};
use crate::protocol::body::{RoomDescriptor, Standing, Welcome};
use crate::protocol::limits::{MAX_HANDSHAKE_BYTES, RESUMPTION_LIFETIME};
use crate::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind};

/// What one side keeps of a session to resume it once. Only a finished handshake makes one.
#[derive(Debug)]
pub struct Session {
    ticket: Ticket,
    peer: Peer,
    room: RoomDescriptor,
    sas: Sas,
    since: Instant,
}

impl Session {
    pub(super) fn new(agreed: &Agreed, now: Instant) -> Session {
        let peer = Peer {
            identity: agreed.peer.identity.clone(),
            name: agreed.peer.name.clone(),
            // The signature was checked in the full handshake whose secrets the ticket carries on.
            _proof: PeerVerified(PhantomData),
        };
        Session {
            ticket: agreed.ticket.clone(),
            peer,
            room: agreed.room.clone(),
            sas: agreed.sas,
            since: agreed.resumed_since.unwrap_or(now),
        }
    }

    /// The name under which a host keeps it.
    pub fn id(&self) -> &[u8; Ticket::ID_BYTES] {
        self.ticket.id()
    }

    /// What proves and resumes it, for who looks inside an own connection.
    pub(crate) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Who the other end is, as the full handshake proved.
    pub fn peer(&self) -> &Peer {
        &self.peer
    }

    /// The room.
    pub fn room(&self) -> &RoomDescriptor {
        &self.room
    }

    /// Whether its full handshake is too long ago to resume it.
    pub fn is_over(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.since) >= RESUMPTION_LIFETIME
    }
}

/// R1 is sent; R2 is awaited.
#[derive(Debug)]
pub struct AwaitResumed {
    session: Session,
    offer: Offer,
    transcript: Transcript,
}

impl AwaitResumed {
    /// Makes R1 and uses the session up. Draws, in this order: nG, the X25519 key, the ML-KEM seed.
    pub fn start(session: Session, rng: &mut dyn CryptoRng) -> (AwaitResumed, Vec<u8>) {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let offer = Offer::generate(rng);
        let fields: [&[u8]; 6] = [
            VERSION,
            SUITE,
            session.ticket.id(),
            &offer.public().x25519,
            &offer.public().ml_kem,
            &nonce,
        ];
        let mut frame_body = fields
            .into_iter()
            .fold(FieldWriter::default(), FieldWriter::put)
            .into_bytes();
        let proof = mac(&session.ticket.mac_key(), &frame_body);
        frame_body.extend(FieldWriter::default().put(&proof).into_bytes());
        let transcript = first_message(&fields, &proof);
        let frame = FrameKind::ResumeHello.frame(&frame_body);
        (
            AwaitResumed {
                session,
                offer,
                transcript,
            },
            frame,
        )
    }

    /// The session that is being resumed.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Checks R2 and makes R3, which says where our copy of the room's log stands.
    pub fn receive(self, frame: Frame, standing: Standing) -> Result<(Established, Vec<u8>), HandshakeError> {
        match frame.kind {
            FrameKind::ResumeAnswer => {}
            FrameKind::Refusal => return Err(read_refusal(&frame.body)),
            _ => return Err(HandshakeError::NotCipherRoom),
        }
        let header = frame.header();
        let mut fields = FieldReader::new(&frame.body);
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_CIPHERTEXT_BYTES>()?;
        let nonce: [u8; 32] = fields.take_array()?;
        let mut sealed = fields.take(MAX_HANDSHAKE_BYTES)?.to_vec();
        fields.finish()?;
        let transcript = second_message(self.transcript, &x25519, &ml_kem, &nonce);
        let hybrid = self.offer.finish(&Answer {
            x25519,
            ml_kem: ml_kem.to_vec(),
        })?;
        let handshake: HandshakeSecret = self.session.ticket.early().mix(&hybrid);
        let master = handshake.mix_nothing();
        let (sealing_secret, opening_secret) = (
            master.guest_traffic(&transcript),
            master.host_traffic(&transcript),
        );
        let (mut sealing, mut opening) = (SealingKey::new(&sealing_secret), OpeningKey::new(&opening_secret));
        opening.open(&header, &mut sealed)?;
        let welcome: Welcome = confirmation::read(&master.host_confirmation(), &transcript, &sealed)?;

        let confirm = confirmation::write_guests(
            FrameKind::ResumeConfirm,
            &master,
            &transcript,
            &standing,
            &mut sealing,
        );
        let keys = ApplicationKeys {
            sealing,
            sealing_secret,
            opening,
            opening_secret,
            rekey: master.rekey_secret(&transcript),
        };
        let agreed = resumed(
            Role::Guest,
            self.session,
            welcome,
            standing,
            master.ticket(&transcript),
        );
        Ok((Established { agreed, keys }, confirm))
    }
}

/// R1 as it came: which ticket it names. Nothing is checked yet.
#[derive(Debug)]
pub struct ResumeHello {
    id: [u8; Ticket::ID_BYTES],
    offer: OfferPublic,
    nonce: [u8; 32],
    /// What the MAC covers.
    covered: Vec<u8>,
    proof: Digest,
}

impl ResumeHello {
    /// Reads R1: version, suite, form.
    pub fn parse(frame: &Frame) -> Result<ResumeHello, HandshakeError> {
        if frame.kind != FrameKind::ResumeHello {
            return Err(HandshakeError::Malformed);
        }
        let mut fields = FieldReader::new(&frame.body);
        if fields.take(MAX_HANDSHAKE_BYTES)? != VERSION || fields.take(MAX_HANDSHAKE_BYTES)? != SUITE {
            return Err(HandshakeError::WrongVersion);
        }
        let id = fields.take_array()?;
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_KEY_BYTES>()?.to_vec();
        let nonce = fields.take_array()?;
        let covered = frame.body.len() - fields.rest().len();
        let proof = fields.take_array()?;
        fields.finish()?;
        Ok(ResumeHello {
            id,
            offer: OfferPublic { x25519, ml_kem },
            nonce,
            covered: frame.body.get(..covered).unwrap_or_default().to_vec(),
            proof,
        })
    }

    /// Which ticket it names.
    pub fn id(&self) -> &[u8; Ticket::ID_BYTES] {
        &self.id
    }

    /// Whether its sender holds the session's ticket. Costs a hash; the session is not used up.
    pub fn proves(&self, session: &Session) -> bool {
        self.id == *session.id() && mac_matches(&session.ticket.mac_key(), &self.covered, &self.proof)
    }

    /// Goes on with the session, which the host has taken out of what it keeps: a repeated R1 finds nothing.
    /// Fails when the proof is wrong, or the full handshake was too long ago.
    pub fn check(self, session: Session, now: Instant) -> Result<ProvenResume, HandshakeError> {
        if !self.proves(&session) || session.is_over(now) {
            return Err(HandshakeError::NotAuthentic);
        }
        let fields: [&[u8]; 6] = [
            VERSION,
            SUITE,
            &self.id,
            &self.offer.x25519,
            &self.offer.ml_kem,
            &self.nonce,
        ];
        let transcript = first_message(&fields, &self.proof);
        Ok(ProvenResume {
            session,
            offer: self.offer,
            transcript,
        })
    }
}

/// R1 came from who holds the ticket; the host answers.
#[derive(Debug)]
pub struct ProvenResume {
    session: Session,
    offer: OfferPublic,
    transcript: Transcript,
}

impl ProvenResume {
    /// What proves and resumes the session, for who looks inside an own connection.
    pub(crate) fn ticket(&self) -> &Ticket {
        self.session.ticket()
    }

    /// Makes R2. Draws, in this order: the X25519 key, ML-KEM's m, nH.
    pub fn answer(
        self,
        welcome: &Welcome,
        rng: &mut dyn CryptoRng,
    ) -> Result<(AwaitResumedConfirmation, Vec<u8>), HandshakeError> {
        let (answer, hybrid) = answer(&self.offer, rng)?;
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let transcript = second_message(self.transcript, &answer.x25519, &answer.ml_kem, &nonce);
        let master = self.session.ticket.early().mix(&hybrid).mix_nothing();
        let (sealing_secret, opening_secret) = (
            master.host_traffic(&transcript),
            master.guest_traffic(&transcript),
        );
        let mut sealing = SealingKey::new(&sealing_secret);
        let mut sealed = confirmation::write(&master.host_confirmation(), &transcript, welcome);
        let clear = FieldWriter::default()
            .put(&answer.x25519)
            .put(&answer.ml_kem)
            .put(&nonce)
            .into_bytes();
        let header = FrameKind::ResumeAnswer.header(clear.len() + 2 + sealed.len() + TAG_BYTES);
        sealing.seal(&header, &mut sealed);
        let mut frame_body = clear;
        frame_body.extend(FieldWriter::default().put(&sealed).into_bytes());
        let keys = ApplicationKeys {
            sealing,
            sealing_secret,
            opening: OpeningKey::new(&opening_secret),
            opening_secret,
            rekey: master.rekey_secret(&transcript),
        };
        let next = AwaitResumedConfirmation {
            session: self.session,
            welcome: welcome.clone(),
            transcript,
            master,
            keys,
        };
        Ok((next, FrameKind::ResumeAnswer.frame(&frame_body)))
    }
}

/// R2 is sent; R3 is awaited. Only with it the guest is back.
#[derive(Debug)]
pub struct AwaitResumedConfirmation {
    session: Session,
    welcome: Welcome,
    transcript: Digest,
    master: MasterSecret,
    keys: ApplicationKeys,
}

impl AwaitResumedConfirmation {
    /// Checks R3.
    pub fn receive(mut self, frame: Frame) -> Result<Established, HandshakeError> {
        let standing = confirmation::read_guests(
            frame,
            FrameKind::ResumeConfirm,
            &self.master,
            &self.transcript,
            &mut self.keys.opening,
        )?;
        let ticket = self.master.ticket(&self.transcript);
        Ok(Established {
            agreed: resumed(Role::Host, self.session, self.welcome, standing, ticket),
            keys: self.keys,
        })
    }
}

fn resumed(role: Role, session: Session, welcome: Welcome, standing: Standing, ticket: Ticket) -> Agreed {
    let name = match role {
        Role::Guest => welcome.host_name.clone(),
        Role::Host => session.peer.name.clone(),
    };
    Agreed {
        role,
        peer: Peer { name, ..session.peer },
        room: session.room,
        welcome,
        sas: session.sas,
        standing,
        ticket,
        resumed_since: Some(session.since),
    }
}

fn first_message(fields: &[&[u8]], proof: &Digest) -> Transcript {
    fields
        .iter()
        .copied()
        .fold(
            Transcript::default().message(FrameKind::ResumeHello),
            Transcript::field,
        )
        .field(proof)
}

fn second_message(transcript: Transcript, x25519: &[u8], ml_kem: &[u8], nonce: &[u8]) -> Digest {
    transcript
        .message(FrameKind::ResumeAnswer)
        .field(x25519)
        .field(ml_kem)
        .field(nonce)
        .hash()
}

#[cfg(test)]
mod tests;
