//! R1 to R3 opened a second time, from the frames, the ticket and what one end drew (`docs/protocol.md`, section 5).

use sha2::{Digest as _, Sha256};

use super::handshake::{DoesNotOpen, OpenedText, Transcript, opened};
use crate::crypto::{
    Digest, HybridSecret, ML_KEM_CIPHERTEXT_BYTES, ML_KEM_KEY_BYTES, MasterSecret, Secret, Ticket,
};
use crate::protocol::wire::{FieldReader, Frame, FrameKind};

const MAX: usize = 16 * 1024;

/// A resumption with everything in it.
#[derive(Debug)]
pub(super) struct OpenedResumption {
    /// The key of R1's proof, and what it covers.
    pub(super) mac_key: Secret,
    pub(super) covered: Vec<u8>,
    /// R1 and the clear part of R2 as they are hashed, and their hash thQ.
    pub(super) transcript: Vec<u8>,
    pub(super) th: Digest,
    pub(super) early: Secret,
    pub(super) hybrid: HybridSecret,
    pub(super) handshake: Secret,
    pub(super) master: MasterSecret,
    pub(super) r2: OpenedText,
    pub(super) r3: OpenedText,
}

/// Opens the three frames.
pub(super) fn open_resumption(
    frames: [&Frame; 3],
    ticket: &Ticket,
    hybrid: HybridSecret,
) -> Result<OpenedResumption, DoesNotOpen> {
    let [r1, r2, r3] = frames;
    let mut transcript = Transcript::default();
    transcript.message(FrameKind::ResumeHello);
    let mut fields = FieldReader::new(&r1.body);
    for max in [MAX, MAX, Ticket::ID_BYTES, 32, ML_KEM_KEY_BYTES, 32] {
        transcript.field(fields.take(max)?);
    }
    let covered = r1.body.len() - fields.rest().len();
    let covered = r1.body.get(..covered).unwrap_or_default().to_vec();
    transcript.field(fields.take(32)?);

    transcript.message(FrameKind::ResumeAnswer);
    let mut fields = FieldReader::new(&r2.body);
    for max in [32, ML_KEM_CIPHERTEXT_BYTES, 32] {
        transcript.field(fields.take(max)?);
    }
    let sealed = fields.take(MAX)?;
    let th: Digest = Sha256::digest(&transcript.0).into();

    let early = ticket.early();
    let early_secret = early.secret().clone();
    let handshake = early.mix(&hybrid);
    let handshake_secret = handshake.secret().clone();
    let master = handshake.mix_nothing();
    let r2 = opened(|| master.host_traffic(&th), 0, r2, sealed)?;
    let r3 = opened(|| master.guest_traffic(&th), 0, r3, &r3.body)?;
    Ok(OpenedResumption {
        mac_key: ticket.mac_key(),
        covered,
        transcript: transcript.0,
        th,
        early: early_secret,
        hybrid,
        handshake: handshake_secret,
        master,
        r2,
        r3,
    })
}
