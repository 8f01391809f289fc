//! The host's side: checks the invitation, answers, checks the guest, wraps the session secret.

use std::marker::PhantomData;

use rand::CryptoRng;

use super::transcript::Transcript;
use super::{
    Agreed, ApplicationKeys, Established, HandshakeError, Peer, PeerVerified, Refusal, Role, SUITE,
    confirmation,
};
use crate::crypto::{
    Digest, EarlySecret, HandshakeSecret, MAX_SPKI_BYTES, ML_KEM_KEY_BYTES, MasterSecret, OfferPublic,
    OpeningKey, PublicIdentity, PublicWrapKey, Sas, SealingKey, Secret, Signature, Statement, TAG_BYTES,
    answer, commitment, invite_mac_key, mac, mac_matches,
};
use crate::protocol::body::{self, RoomDescriptor, Welcome};
use crate::protocol::checks::{Checks, Whole};
use crate::protocol::limits::{MAX_HANDSHAKE_BYTES, MAX_NAME_BYTES};
use crate::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind, HEADER_BYTES};

/// A secret that admits, and until when.
#[derive(Debug, Clone)]
pub struct InviteSecret {
    /// The secret of the invitation; [`Secret::ZERO`] lets in who typed the address.
    pub secret: Secret,
    /// Seconds since 1970 after which it admits nobody; `None` while the room is open.
    pub expires_unix: Option<u64>,
}

/// What a host brings to every handshake.
#[derive(Debug, Clone)]
pub struct HostHello {
    /// The host's identity.
    pub identity: PublicIdentity,
    /// The room.
    pub room: RoomDescriptor,
    /// What is said to a guest that is admitted.
    pub welcome: Welcome,
}

impl HostHello {
    fn sealed_refusal(refusal: Refusal, sealing: &mut SealingKey) -> Vec<u8> {
        let mut text = vec![refusal as u8];
        let header = FrameKind::SealedRefusal.header(text.len() + TAG_BYTES);
        sealing.seal(&header, &mut text);
        FrameKind::SealedRefusal.frame(&text)
    }
}

impl Refusal {
    /// The frame that says so in clear, before there are keys.
    pub fn clear_frame(self) -> Vec<u8> {
        FrameKind::Refusal.frame(&[self as u8])
    }
}

/// M1 came from somebody who holds an invitation. Until here the host did nothing expensive.
#[derive(Debug)]
pub struct InvitedHello<C: Checks = Whole> {
    offer: OfferPublic,
    commitment: Digest,
    invite: Secret,
    proof: Digest,
    transcript: Transcript,
    checks: PhantomData<C>,
}

impl InvitedHello {
    /// M1's `mac`. Whoever sends the same one again has recorded it: two honest hellos differ.
    pub fn proof(&self) -> &Digest {
        &self.proof
    }

    /// Whether it was made with the secret of zeros, which everybody knows: the sender typed an address.
    pub fn came_uninvited(&self) -> bool {
        self.invite.expose() == Secret::ZERO.expose()
    }

    /// Checks M1, in this order: version, suite, form, invite MAC, expiry. No key is touched.
    pub fn check(
        frame: &Frame,
        invites: &[InviteSecret],
        now_unix: u64,
    ) -> Result<InvitedHello, HandshakeError> {
        InvitedHello::check_with(frame, invites, now_unix)
    }
}

impl<C: Checks> InvitedHello<C> {
    /// [`InvitedHello::check`] for whatever checks the type names.
    pub(crate) fn check_with(
        frame: &Frame,
        invites: &[InviteSecret],
        now_unix: u64,
    ) -> Result<InvitedHello<C>, HandshakeError> {
        if frame.kind != FrameKind::GuestHello {
            return Err(HandshakeError::Malformed);
        }
        let mut fields = FieldReader::new(&frame.body);
        let version = fields.take(MAX_HANDSHAKE_BYTES)?;
        let suite = match fields.take(MAX_HANDSHAKE_BYTES) {
            // What follows the version is another version's own affair.
            Err(_) if !C::suite(version, SUITE) => return Err(HandshakeError::WrongVersion),
            suite => suite?,
        };
        if !C::suite(version, suite) {
            return Err(HandshakeError::WrongVersion);
        }
        let x25519 = fields.take_array()?;
        let ml_kem = fields.take_array::<ML_KEM_KEY_BYTES>()?;
        let commitment: Digest = fields.take_array()?;
        let before_mac = frame.body.len() - fields.rest().len();
        let proof = fields.take_array::<32>()?;
        fields.finish()?;

        let signed = frame.body.get(..before_mac).ok_or(HandshakeError::Malformed)?;
        let invite = invites
            .iter()
            .find(|invite| C::invited(&invite_mac_key(&invite.secret), signed, &proof))
            .ok_or(HandshakeError::NotInvited)?;
        if invite.expires_unix.is_some_and(|expires| now_unix > expires) {
            return Err(HandshakeError::InvitationExpired);
        }
        let fields: [&[u8]; 6] = [version, suite, &x25519, &ml_kem, &commitment, &proof];
        let transcript = fields.into_iter().fold(
            Transcript::default().message(FrameKind::GuestHello),
            Transcript::field,
        );
        let offer = OfferPublic {
            x25519,
            ml_kem: ml_kem.to_vec(),
        };
        Ok(InvitedHello {
            offer,
            commitment,
            invite: invite.secret.clone(),
            proof,
            transcript,
            checks: PhantomData,
        })
    }

    /// The secret of the invitation that it came with.
    pub fn invite(&self) -> &Secret {
        &self.invite
    }

    /// Answers the key exchange. Draws, in this order: the X25519 key, ML-KEM's m, nH.
    pub fn answer(self, host: &HostHello, rng: &mut dyn CryptoRng) -> Result<SignHello<C>, HandshakeError> {
        let (answer, hybrid) = answer(&self.offer, rng)?;
        let mut nonce = [0; 32];
        rng.fill_bytes(&mut nonce);
        let clear = FieldWriter::default()
            .put(&answer.x25519)
            .put(&answer.ml_kem)
            .put(&nonce)
            .into_bytes();
        let transcript = self
            .transcript
            .message(FrameKind::HostHello)
            .field(&answer.x25519)
            .field(&answer.ml_kem)
            .field(&nonce);
        let secret = EarlySecret::new(&self.invite).mix(&C::fresh(hybrid));
        let sealing = SealingKey::new(&secret.host_traffic(&transcript.hash()));
        let opening = OpeningKey::new(&secret.guest_traffic(&transcript.hash()));
        let room_bytes = body::encode(&host.room);
        let transcript = transcript.field(host.identity.as_der()).field(&room_bytes);
        Ok(SignHello {
            host: host.clone(),
            room_bytes,
            clear,
            nonce,
            commitment: self.commitment,
            invite: self.invite,
            transcript,
            secret,
            sealing,
            opening,
            checks: PhantomData,
        })
    }
}

/// The keys are agreed; the host's signature is needed for M2.
#[derive(Debug)]
pub struct SignHello<C: Checks = Whole> {
    host: HostHello,
    room_bytes: Vec<u8>,
    clear: Vec<u8>,
    nonce: [u8; 32],
    commitment: Digest,
    invite: Secret,
    transcript: Transcript,
    secret: HandshakeSecret,
    sealing: SealingKey,
    opening: OpeningKey,
    checks: PhantomData<C>,
}

impl<C: Checks> SignHello<C> {
    /// What the host's identity key has to sign.
    pub fn statement(&self) -> Statement {
        Statement::new("host", &[&self.transcript.hash()])
    }

    /// Makes M2.
    pub fn signed(mut self, signature: &Signature) -> (AwaitProof<C>, Vec<u8>) {
        let signature_bytes = body::encode(signature);
        let transcript = self.transcript.field(&signature_bytes);
        let finished = mac(&self.secret.host_finished(), &transcript.hash());
        let transcript = transcript.field(&finished);
        let mut text = FieldWriter::default()
            .put(self.host.identity.as_der())
            .put(&self.room_bytes)
            .put(&signature_bytes)
            .put(&finished)
            .into_bytes();
        let body_len = self.clear.len() + 2 + text.len() + TAG_BYTES;
        self.sealing
            .seal(&FrameKind::HostHello.header(body_len), &mut text);
        let mut body = self.clear;
        body.extend(FieldWriter::default().put(&text).into_bytes());
        let next = AwaitProof {
            host: self.host,
            nonce: self.nonce,
            commitment: self.commitment,
            invite: self.invite,
            transcript,
            secret: self.secret,
            sealing: self.sealing,
            opening: self.opening,
            checks: PhantomData,
        };
        (next, FrameKind::HostHello.frame(&body))
    }
}

/// M2 is sent; M3 is awaited.
#[derive(Debug)]
pub struct AwaitProof<C: Checks = Whole> {
    host: HostHello,
    nonce: [u8; 32],
    commitment: Digest,
    invite: Secret,
    transcript: Transcript,
    secret: HandshakeSecret,
    sealing: SealingKey,
    opening: OpeningKey,
    checks: PhantomData<C>,
}

impl<C: Checks> AwaitProof<C> {
    /// Checks M3, in this order: seal, form, name, commitment, keys, signature, `fin`.
    pub fn receive(mut self, frame: Frame) -> Result<AdmitGuest<C>, HandshakeError> {
        if frame.kind != FrameKind::GuestProof {
            return Err(HandshakeError::Malformed);
        }
        let header: [u8; HEADER_BYTES] = frame.header();
        let mut text = frame.body;
        self.opening.open(&header, &mut text)?;
        let mut fields = FieldReader::new(&text);
        let guest_nonce: [u8; 32] = fields.take_array()?;
        let identity_der = fields.take(MAX_SPKI_BYTES)?;
        let wrap_der = fields.take(MAX_SPKI_BYTES)?;
        let name_bytes = fields.take(MAX_NAME_BYTES)?;
        let signature_bytes = fields.take(MAX_HANDSHAKE_BYTES)?;
        let finished = fields.take_array::<32>()?;
        fields.finish()?;

        let name = std::str::from_utf8(name_bytes).map_err(|_| HandshakeError::Malformed)?;
        if name.is_empty() {
            return Err(HandshakeError::Malformed);
        }
        if !C::committed(&self.commitment, &commitment(&guest_nonce, identity_der)) {
            return Err(HandshakeError::BrokenCommitment);
        }
        let identity = PublicIdentity::from_der(identity_der)?;
        let wrap = PublicWrapKey::from_der(wrap_der)?;
        let signature: Signature = body::decode(signature_bytes).map_err(|_| HandshakeError::Malformed)?;
        let transcript = self
            .transcript
            .message(FrameKind::GuestProof)
            .field(&guest_nonce)
            .field(identity_der)
            .field(wrap_der)
            .field(name_bytes);
        let proof = PeerVerified::check(
            &identity,
            &Statement::new("guest", &[&transcript.hash()]),
            &signature,
        )?;
        let transcript = transcript.field(signature_bytes);
        if !mac_matches(&self.secret.guest_finished(), &transcript.hash(), &finished) {
            return Err(HandshakeError::NotAuthentic);
        }
        let transcript = transcript.field(&finished);
        let sas = Sas::new(
            &identity.fingerprint(),
            &self.host.identity.fingerprint(),
            &guest_nonce,
            &self.nonce,
        );
        let guest = Peer {
            identity,
            name: name.to_owned(),
            _proof: proof,
        };
        Ok(AdmitGuest {
            host: self.host,
            wrap,
            invite: self.invite,
            transcript,
            secret: self.secret,
            sealing: self.sealing,
            guest,
            sas,
        })
    }
}

/// The guest is proven; the host decides.
#[derive(Debug)]
pub struct AdmitGuest<C: Checks = Whole> {
    host: HostHello,
    wrap: PublicWrapKey,
    invite: Secret,
    transcript: Transcript,
    secret: HandshakeSecret,
    sealing: SealingKey,
    guest: Peer<C>,
    sas: Sas,
}

impl<C: Checks> AdmitGuest<C> {
    /// Who asks to be admitted.
    pub fn guest(&self) -> &Peer<C> {
        &self.guest
    }

    /// The secret of the invitation that it came with.
    pub fn invite(&self) -> &Secret {
        &self.invite
    }

    /// The emoji that both ends can compare, while the host decides.
    pub fn sas(&self) -> Sas {
        self.sas
    }

    /// Makes the frame that says that somebody is asked first.
    pub fn ask(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        self.sealing.seal(&FrameKind::Asking.header(TAG_BYTES), &mut text);
        FrameKind::Asking.frame(&text)
    }

    /// Makes the frame that says no.
    pub fn refuse(mut self, refusal: Refusal) -> Vec<u8> {
        HostHello::sealed_refusal(refusal, &mut self.sealing)
    }

    /// Makes M4. Draws, in this order: sH, the seed of OAEP.
    pub fn admit(
        mut self,
        rng: &mut dyn CryptoRng,
    ) -> Result<(AwaitConfirmation<C>, Vec<u8>), HandshakeError> {
        let session = Secret::generate(rng);
        let wrapped = self.wrap.wrap(&session, &self.transcript.hash(), rng)?;
        let transcript = self
            .transcript
            .message(FrameKind::HostWelcome)
            .field(&wrapped)
            .hash();
        let master = self.secret.mix(&session);
        let sealing_secret = C::traffic(&master, Role::Host, &transcript);
        let opening_secret = C::traffic(&master, Role::Guest, &transcript);
        let mut sealing = SealingKey::new(&sealing_secret);

        let mut sealed_wrap = FieldWriter::default().put(&wrapped).into_bytes();
        let mut sealed_welcome =
            confirmation::write(&master.host_confirmation(), &transcript, &self.host.welcome);
        let body_len = 2 + sealed_wrap.len() + TAG_BYTES + 2 + sealed_welcome.len() + TAG_BYTES;
        let header = FrameKind::HostWelcome.header(body_len);
        self.sealing.seal(&header, &mut sealed_wrap);
        sealing.seal(&header, &mut sealed_welcome);
        let body = FieldWriter::default()
            .put(&sealed_wrap)
            .put(&sealed_welcome)
            .into_bytes();

        let opening = OpeningKey::new(&opening_secret);
        let rekey = master.rekey_secret(&transcript);
        let keys = ApplicationKeys {
            sealing,
            sealing_secret,
            opening,
            opening_secret,
            rekey,
        };
        let next = AwaitConfirmation {
            host: self.host,
            transcript,
            master,
            keys,
            guest: self.guest,
            sas: self.sas,
        };
        Ok((next, FrameKind::HostWelcome.frame(&body)))
    }
}

/// M4 is sent; M5 is awaited. Only with it the guest is a member.
#[derive(Debug)]
pub struct AwaitConfirmation<C: Checks = Whole> {
    host: HostHello,
    transcript: Digest,
    master: MasterSecret,
    keys: ApplicationKeys,
    guest: Peer<C>,
    sas: Sas,
}

impl<C: Checks> AwaitConfirmation<C> {
    /// Checks M5.
    pub fn receive(mut self, frame: Frame) -> Result<Established<C>, HandshakeError> {
        let standing = confirmation::read_guests(
            frame,
            FrameKind::GuestConfirm,
            &self.master,
            &self.transcript,
            &mut self.keys.opening,
        )?;
        let agreed = Agreed {
            role: Role::Host,
            peer: self.guest,
            room: self.host.room,
            welcome: self.host.welcome,
            sas: self.sas,
            standing,
            ticket: self.master.ticket(&self.transcript),
            resumed_since: None,
        };
        Ok(Established {
            agreed,
            keys: self.keys,
        })
    }
}
