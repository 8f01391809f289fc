//! M1 to M5 opened a second time, from the frames and the secrets of one end, as `docs/protocol.md` sections 5 and 6 say.
//!
//! It shares the primitives and the key schedule with the protocol, not its states: what it finds is
//! a check on them.

use sha2::{Digest as _, Sha256};

use crate::crypto::{
    Digest, EarlySecret, HandshakeSecret, HybridSecret, MAX_SPKI_BYTES, ML_KEM_CIPHERTEXT_BYTES,
    ML_KEM_KEY_BYTES, MasterSecret, OpeningKey, Secret, TAG_BYTES, TrafficSecret,
};
use crate::protocol::wire::{FieldReader, FieldWriter, Frame, FrameKind, WireError};

const MAX: usize = 16 * 1024;

/// A sealed text: under which secret, with which counter, and what it says.
#[derive(Debug)]
pub(crate) struct OpenedText {
    /// The traffic secret of its direction at that moment.
    pub(crate) secret: TrafficSecret,
    pub(crate) counter: u64,
    pub(crate) header: [u8; 5],
    pub(crate) sealed: Vec<u8>,
    pub(crate) text: Vec<u8>,
}

/// A handshake with everything in it.
#[derive(Debug)]
pub(crate) struct OpenedHandshake {
    /// The transcript after each message, and the hashes of it: th1, th2, th4, th6.
    pub(crate) transcript: Vec<u8>,
    pub(crate) th1: Digest,
    pub(crate) th2: Digest,
    pub(crate) th4: Digest,
    pub(crate) th6: Digest,
    /// How long the transcript was at each of the hashes.
    pub(crate) ends: [usize; 5],
    /// How long it was behind sigH and behind sigG: what finH and finG cover.
    pub(crate) finished_ends: [usize; 2],
    pub(crate) host_finished: Secret,
    pub(crate) guest_finished: Secret,
    pub(crate) early: Secret,
    pub(crate) handshake: Secret,
    pub(crate) session: Secret,
    pub(crate) master: MasterSecret,
    pub(crate) m2: OpenedText,
    pub(crate) m3: OpenedText,
    pub(crate) wrap: OpenedText,
    pub(crate) welcome: OpenedText,
    pub(crate) m5: OpenedText,
}

impl OpenedHandshake {
    /// The hash that finH or finG covers, and its key.
    pub(crate) fn finished(&self, by_host: bool) -> (&Secret, Digest) {
        let [host, guest] = self.finished_ends;
        let (end, key) = if by_host {
            (host, &self.host_finished)
        } else {
            (guest, &self.guest_finished)
        };
        let covered = self.transcript.get(..end).unwrap_or_default();
        (key, Sha256::digest(covered).into())
    }

    /// The first application secret of the host.
    pub(crate) fn host_traffic(&self) -> TrafficSecret {
        self.master.host_traffic(&self.th6)
    }

    /// The first application secret of the guest.
    pub(crate) fn guest_traffic(&self) -> TrafficSecret {
        self.master.guest_traffic(&self.th6)
    }
}

/// A transcript that keeps its bytes.
#[derive(Default)]
pub(super) struct Transcript(pub(super) Vec<u8>);

impl Transcript {
    pub(super) fn message(&mut self, kind: FrameKind) {
        self.0.push(kind as u8);
    }

    pub(super) fn field(&mut self, field: &[u8]) {
        self.0.extend(FieldWriter::default().put(field).into_bytes());
    }

    fn hash(&self) -> Digest {
        Sha256::digest(&self.0).into()
    }
}

/// Why a handshake could not be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DoesNotOpen;

impl From<WireError> for DoesNotOpen {
    fn from(_: WireError) -> DoesNotOpen {
        DoesNotOpen
    }
}

/// Opens the five frames. `asked` is how often the host said before M4 that it is being asked; `unwrap` gives sH for the wrapped secret and th5.
pub(crate) fn open_handshake(
    frames: [&Frame; 5],
    asked: u64,
    psk: &Secret,
    hybrid: &HybridSecret,
    unwrap: impl FnOnce(&[u8], &Digest) -> Option<Secret>,
) -> Result<OpenedHandshake, DoesNotOpen> {
    let [m1, m2, m3, m4, m5] = frames;
    let mut transcript = Transcript::default();

    transcript.message(FrameKind::GuestHello);
    let mut fields = FieldReader::new(&m1.body);
    for max in [MAX, MAX, 32, ML_KEM_KEY_BYTES, 32, 32] {
        transcript.field(fields.take(max)?);
    }

    transcript.message(FrameKind::HostHello);
    let mut fields = FieldReader::new(&m2.body);
    for max in [32, ML_KEM_CIPHERTEXT_BYTES, 32] {
        transcript.field(fields.take(max)?);
    }
    let sealed = fields.take(MAX)?;
    let th1 = transcript.hash();
    let end1 = transcript.0.len();
    let early = EarlySecret::new(psk);
    let early_secret = early.secret().clone();
    let secret: HandshakeSecret = early.mix(hybrid);
    let handshake = secret.secret().clone();
    let m2 = opened(|| secret.host_traffic(&th1), 0, m2, sealed)?;
    let mut fields = FieldReader::new(&m2.text);
    transcript.field(fields.take(MAX_SPKI_BYTES)?);
    transcript.field(fields.take(MAX)?);
    let th2 = transcript.hash();
    let end2 = transcript.0.len();
    transcript.field(fields.take(MAX)?);
    let signed2 = transcript.0.len();
    transcript.field(fields.take(32)?);

    transcript.message(FrameKind::GuestProof);
    let m3 = opened(|| secret.guest_traffic(&th1), 0, m3, &m3.body)?;
    let mut fields = FieldReader::new(&m3.text);
    for max in [32, MAX_SPKI_BYTES, MAX_SPKI_BYTES, MAX] {
        transcript.field(fields.take(max)?);
    }
    let th4 = transcript.hash();
    let end4 = transcript.0.len();
    transcript.field(fields.take(MAX)?);
    let signed4 = transcript.0.len();
    transcript.field(fields.take(32)?);
    let th5 = transcript.hash();
    let end5 = transcript.0.len();

    let mut fields = FieldReader::new(&m4.body);
    let (sealed_wrap, sealed_welcome) = (fields.take(MAX)?, fields.take(MAX)?);
    let wrap = opened(|| secret.host_traffic(&th1), 1 + asked, m4, sealed_wrap)?;
    let wrapped = FieldReader::new(&wrap.text).take(MAX_SPKI_BYTES)?;
    let session = unwrap(wrapped, &th5).ok_or(DoesNotOpen)?;
    transcript.message(FrameKind::HostWelcome);
    transcript.field(wrapped);
    let th6 = transcript.hash();
    let end6 = transcript.0.len();
    let (host_finished, guest_finished) = (secret.host_finished(), secret.guest_finished());
    let master = secret.mix(&session);
    let welcome = opened(|| master.host_traffic(&th6), 0, m4, sealed_welcome)?;
    let m5 = opened(|| master.guest_traffic(&th6), 0, m5, &m5.body)?;
    Ok(OpenedHandshake {
        transcript: transcript.0,
        th1,
        th2,
        th4,
        th6,
        ends: [end1, end2, end4, end5, end6],
        finished_ends: [signed2, signed4],
        host_finished,
        guest_finished,
        early: early_secret,
        handshake,
        session,
        master,
        m2,
        m3,
        wrap,
        welcome,
        m5,
    })
}

/// Opens one sealed part of a frame.
pub(super) fn opened(
    secret: impl Fn() -> TrafficSecret,
    counter: u64,
    frame: &Frame,
    sealed: &[u8],
) -> Result<OpenedText, DoesNotOpen> {
    let secret = secret();
    let mut key = OpeningKey::new(&secret);
    for _ in 0..counter {
        // The counter moves on with every attempt.
        let _ = key.open(&[], &mut vec![0; TAG_BYTES]);
    }
    let mut text = sealed.to_vec();
    let header = frame.header();
    key.open(&header, &mut text).map_err(|_| DoesNotOpen)?;
    Ok(OpenedText {
        secret,
        counter,
        header,
        sealed: sealed.to_vec(),
        text,
    })
}
