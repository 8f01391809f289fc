//! The guest's side: offers key shares, checks the host, proves itself, unwraps the session secret.

use std::marker::PhantomData;

use rand::CryptoRng;

use super::transcript::Transcript;
use super::{
    Agreed, ApplicationKeys, Established, HandshakeError, Peer, PeerVerified, Refusal, Role, SUITE, VERSION,
    confirmation,
};
use crate::crypto::{
    Answer, EarlySecret, Fingerprint, HandshakeSecret, MAX_SPKI_BYTES, ML_KEM_CIPHERTEXT_BYTES, Offer,
    OpeningKey, PublicIdentity, PublicWrapKey, Sas, SealingKey, Secret, Signature, Statement, TAG_BYTES,
    WrapKey, commitment, invite_mac_key, mac, mac_matches,
};
use crate::protocol::body::{self, RoomDescriptor, Standing, Welcome};
use crate::protocol::checks::{Checks, Whole};
use crate::protocol::limits::MAX_HANDSHAKE_BYTES;
use crate::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind};

/// What a guest brings to a handshake.
#[derive(Debug, Clone)]
pub struct GuestHello {
    /// The invitation's secret; [`Secret::ZERO`] for a typed address.
    pub invite: Secret,
    /// The host's fingerprint from the invitation; `None` trusts on first use.
    pub pinned: Option<Fingerprint>,
    /// The guest's identity.
    pub identity: PublicIdentity,
    /// The key of this run that the host wraps the session secret for.
    pub wrap: PublicWrapKey,
    /// The name to be shown to others, 1 to 128 bytes.
    pub name: String,
}

/// M1 is sent; M2 is awaited.
#[derive(Debug)]
pub struct AwaitHost<C: Checks = Whole> {
    hello: GuestHello,
    offer: Offer,
    nonce: [u8; 32],
    transcript: Transcript,
    checks: PhantomData<C>,
}

impl AwaitHost {
    /// Makes M1. Draws, in this order: nG, the X25519 key, the ML-KEM seed.
    pub fn start(hello: GuestHello, rng: &mut dyn CryptoRng) -> (AwaitHost, Vec<u8>) {
        AwaitHost::start_with(hello, rng)
    }
}

impl<C: Checks> AwaitHost<C> {
    /// [`AwaitHost::start`] for whatever checks the type names.
    pub(crate) fn start_with(hello: GuestHello, rng: &mut dyn CryptoRng) -> (AwaitHost<C>, Vec<u8>) {
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let offer = Offer::generate(rng);
        let commitment = commitment(&nonce, hello.identity.as_der());
        let fields: [&[u8]; 5] = [
            VERSION,
            SUITE,
            &offer.public().x25519,
            &offer.public().ml_kem,
            &commitment,
        ];
        let before_mac = fields
            .into_iter()
            .fold(FieldWriter::default(), FieldWriter::put)
            .into_bytes();
        let proof = mac(&invite_mac_key(&hello.invite), &before_mac);

        let transcript = fields
            .into_iter()
            .fold(
                Transcript::default().message(FrameKind::GuestHello),
                Transcript::field,
            )
            .field(&proof);
        let mut body = before_mac;
        body.extend(FieldWriter::default().put(&proof).into_bytes());
        (
            AwaitHost {
                hello,
                offer,
                nonce,
                transcript,
                checks: PhantomData,
            },
            FrameKind::GuestHello.frame(&body),
        )
    }

    /// Checks M2, in this order: shares, seal, identity key, pinned fingerprint, room, signature, `fin`.
    pub fn receive(self, frame: Frame) -> Result<ProveGuest<C>, HandshakeError> {
        match frame.kind {
            FrameKind::HostHello => {}
            FrameKind::Refusal => return Err(read_refusal(&frame.body)),
            _ => return Err(HandshakeError::NotCipherRoom),
        }
        let header = frame.header();
        let mut fields = FieldReader::new(&frame.body);
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_CIPHERTEXT_BYTES>()?;
        let host_nonce: [u8; 32] = fields.take_array()?;
        let mut sealed = fields.take(MAX_HANDSHAKE_BYTES)?.to_vec();
        fields.finish()?;

        let transcript = self
            .transcript
            .message(FrameKind::HostHello)
            .field(&x25519)
            .field(&ml_kem)
            .field(&host_nonce);
        let hybrid = C::fresh(self.offer.finish(&Answer {
            x25519,
            ml_kem: ml_kem.to_vec(),
        })?);
        let secret = EarlySecret::new(&self.hello.invite).mix(&hybrid);
        let mut opening = OpeningKey::new(&secret.host_traffic(&transcript.hash()));
        let sealing = SealingKey::new(&secret.guest_traffic(&transcript.hash()));
        opening.open(&header, &mut sealed)?;

        let mut fields = FieldReader::new(&sealed);
        let identity_der = fields.take(MAX_SPKI_BYTES)?;
        let room_bytes = fields.take(MAX_HANDSHAKE_BYTES)?;
        let signature_bytes = fields.take(MAX_HANDSHAKE_BYTES)?;
        let finished = fields.take_array::<32>()?;
        fields.finish()?;

        let identity = PublicIdentity::from_der(identity_der)?;
        let found = identity.fingerprint();
        if let Some(expected) = self.hello.pinned
            && !C::pinned(Some(expected), found)
        {
            return Err(HandshakeError::WrongHost { expected, found });
        }
        let room: RoomDescriptor = body::decode(room_bytes).map_err(|_| HandshakeError::Malformed)?;
        let signature: Signature = body::decode(signature_bytes).map_err(|_| HandshakeError::Malformed)?;
        let transcript = transcript.field(identity_der).field(room_bytes);
        let proof = PeerVerified::check(
            &identity,
            &Statement::new("host", &[&transcript.hash()]),
            &signature,
        )?;
        let transcript = transcript.field(signature_bytes);
        if !mac_matches(&secret.host_finished(), &transcript.hash(), &finished) {
            return Err(HandshakeError::NotAuthentic);
        }
        let transcript = transcript.field(&finished);

        let own = &self.hello;
        let transcript = transcript
            .message(FrameKind::GuestProof)
            .field(&self.nonce)
            .field(own.identity.as_der())
            .field(own.wrap.as_der())
            .field(own.name.as_bytes());
        let sas = Sas::new(&own.identity.fingerprint(), &found, &self.nonce, &host_nonce);
        let host = Peer {
            identity,
            name: String::new(),
            _proof: proof,
        };
        Ok(ProveGuest {
            hello: self.hello,
            nonce: self.nonce,
            transcript,
            secret,
            sealing,
            opening,
            host,
            room,
            sas,
        })
    }
}

#[cfg(test)]
impl AwaitHost {
    /// Swaps the identity after the commitment, as a cheating guest would.
    pub(super) fn with_identity(mut self, identity: PublicIdentity) -> AwaitHost {
        self.hello.identity = identity;
        self
    }
}

/// The host is proven; the guest's own signature is needed for M3.
#[derive(Debug)]
pub struct ProveGuest<C: Checks = Whole> {
    hello: GuestHello,
    nonce: [u8; 32],
    transcript: Transcript,
    secret: HandshakeSecret,
    sealing: SealingKey,
    opening: OpeningKey,
    host: Peer<C>,
    room: RoomDescriptor,
    sas: Sas,
}

impl<C: Checks> ProveGuest<C> {
    /// What the guest's identity key has to sign.
    pub fn statement(&self) -> Statement {
        Statement::new("guest", &[&self.transcript.hash()])
    }

    /// The host's identity, proven by its signature.
    pub fn host(&self) -> &PublicIdentity {
        &self.host.identity
    }

    /// Makes M3.
    pub fn signed(mut self, signature: &Signature) -> (AwaitWelcome<C>, Vec<u8>) {
        let signature_bytes = body::encode(signature);
        let transcript = self.transcript.field(&signature_bytes);
        let finished = mac(&self.secret.guest_finished(), &transcript.hash());
        let transcript = transcript.field(&finished);
        let mut text = FieldWriter::default()
            .put(&self.nonce)
            .put(self.hello.identity.as_der())
            .put(self.hello.wrap.as_der())
            .put(self.hello.name.as_bytes())
            .put(&signature_bytes)
            .put(&finished)
            .into_bytes();
        let header = FrameKind::GuestProof.header(text.len() + TAG_BYTES);
        self.sealing.seal(&header, &mut text);
        let frame = FrameKind::GuestProof.frame(&text);
        let next = AwaitWelcome {
            transcript,
            secret: self.secret,
            opening: self.opening,
            host: self.host,
            room: self.room,
            sas: self.sas,
            standing: Standing::default(),
            asked: false,
        };
        (next, frame)
    }
}

/// M3 is sent; M4 is awaited.
#[derive(Debug)]
pub struct AwaitWelcome<C: Checks = Whole> {
    transcript: Transcript,
    secret: HandshakeSecret,
    opening: OpeningKey,
    host: Peer<C>,
    room: RoomDescriptor,
    sas: Sas,
    standing: Standing,
    asked: bool,
}

impl<C: Checks> AwaitWelcome<C> {
    /// The room, proven by the host's signature.
    pub fn room(&self) -> &RoomDescriptor {
        &self.room
    }

    /// The host's identity, proven by its signature.
    pub fn host(&self) -> &PublicIdentity {
        &self.host.identity
    }

    /// Says in M5 where our copy of the room's log stands; without it, that we have none.
    pub fn standing(mut self, standing: Standing) -> AwaitWelcome<C> {
        self.standing = standing;
        self
    }

    /// Whether the frame says that the host asks somebody first. Then M4 or a refusal comes later. A host says so
    /// once: a second time could make a guest wait for ever.
    pub fn is_asking(&mut self, frame: &Frame) -> Result<bool, HandshakeError> {
        if frame.kind != FrameKind::Asking {
            return Ok(false);
        }
        let again = std::mem::replace(&mut self.asked, true);
        let mut sealed = frame.body.clone();
        self.opening.open(&frame.header(), &mut sealed)?;
        if sealed.is_empty() && !again {
            Ok(true)
        } else {
            Err(HandshakeError::Malformed)
        }
    }

    /// Checks M4 and makes M5. A wrapped secret that does not unwrap fails like every other cause.
    pub fn receive(
        self,
        frame: Frame,
        wrap: &WrapKey,
        rng: &mut dyn CryptoRng,
    ) -> Result<(Established<C>, Vec<u8>), HandshakeError> {
        self.receive_noting(frame, wrap, rng, &mut |_| ())
    }

    /// The same, and shows the unwrapped secret to who records this end.
    pub fn receive_noting(
        mut self,
        frame: Frame,
        wrap: &WrapKey,
        rng: &mut dyn CryptoRng,
        note: &mut dyn FnMut(&Secret),
    ) -> Result<(Established<C>, Vec<u8>), HandshakeError> {
        let header = frame.header();
        if frame.kind == FrameKind::SealedRefusal {
            let mut sealed = frame.body;
            self.opening.open(&header, &mut sealed)?;
            return Err(read_refusal(&sealed));
        }
        if frame.kind != FrameKind::HostWelcome {
            return Err(HandshakeError::Malformed);
        }
        let mut fields = FieldReader::new(&frame.body);
        let mut sealed_wrap = fields.take(MAX_HANDSHAKE_BYTES)?.to_vec();
        let mut sealed_welcome = fields.take(MAX_HANDSHAKE_BYTES)?.to_vec();
        fields.finish()?;

        self.opening.open(&header, &mut sealed_wrap)?;
        let mut fields = FieldReader::new(&sealed_wrap);
        let wrapped = fields.take(MAX_SPKI_BYTES)?;
        fields.finish()?;
        let session = wrap.unwrap(wrapped, &self.transcript.hash(), rng);
        note(&session);
        let transcript = self
            .transcript
            .message(FrameKind::HostWelcome)
            .field(wrapped)
            .hash();

        let master = self.secret.mix(&session);
        let sealing_secret = C::traffic(&master, Role::Guest, &transcript);
        let opening_secret = C::traffic(&master, Role::Host, &transcript);
        let mut opening = OpeningKey::new(&opening_secret);
        let mut sealing = SealingKey::new(&sealing_secret);
        opening.open(&header, &mut sealed_welcome)?;
        let welcome: Welcome = confirmation::read(&master.host_confirmation(), &transcript, &sealed_welcome)?;

        let confirm = confirmation::write_guests(
            FrameKind::GuestConfirm,
            &master,
            &transcript,
            &self.standing,
            &mut sealing,
        );
        let rekey = master.rekey_secret(&transcript);
        let ticket = master.ticket(&transcript);
        let peer = Peer {
            name: welcome.host_name.clone(),
            ..self.host
        };
        let keys = ApplicationKeys {
            sealing,
            sealing_secret,
            opening,
            opening_secret,
            rekey,
        };
        let agreed = Agreed {
            role: Role::Guest,
            peer,
            room: self.room,
            welcome,
            sas: self.sas,
            standing: self.standing,
            ticket,
            resumed_since: None,
        };
        Ok((Established { agreed, keys }, confirm))
    }
}

pub(super) fn read_refusal(body: &[u8]) -> HandshakeError {
    match body {
        [code] => HandshakeError::Refused(Refusal::parse(*code)),
        _ => HandshakeError::Malformed,
    }
}
