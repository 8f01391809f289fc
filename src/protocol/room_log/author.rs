//! Somebody who writes, or wrote, in the room: its key, its chain, and whether it is here.

use crate::crypto::{CryptoError, Digest, PublicIdentity, Signature, Statement};
use crate::protocol::body::MemberEntry;
use crate::protocol::limits::MAX_COUNT;

/// Whether somebody is in the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Presence {
    /// Connected.
    Here = 0,
    /// Its connection was lost; it is expected back.
    Away = 1,
    /// It said goodbye, or was sent away.
    Gone = 2,
}

/// Somebody who writes, or wrote, in the room.
#[derive(Debug)]
pub(super) struct Author {
    pub(super) identity: PublicIdentity,
    pub(super) name: String,
    pub(super) seq: u64,
    pub(super) last: Digest,
    pub(super) presence: Presence,
    pub(super) muted: bool,
    /// Whether its next event may be any later one: those between were let go by the host.
    pub(super) may_jump: bool,
    /// The entry that admitted it first; `None` where that came before what this log knows.
    pub(super) first_admitted: Option<u64>,
    /// The newest batch whose RSA signature was checked: its other leaves need hashing only.
    checked_batch: Option<(Vec<u8>, Statement)>,
}

impl Author {
    pub(super) fn new(identity: PublicIdentity, name: &str, seq: u64, last: Digest) -> Author {
        Author {
            identity,
            name: name.to_owned(),
            seq,
            last,
            presence: Presence::Here,
            muted: false,
            may_jump: false,
            first_admitted: None,
            checked_batch: None,
        }
    }

    pub(super) fn introduced(member: &MemberEntry) -> Option<Author> {
        if member.seq > MAX_COUNT {
            return None;
        }
        let identity = PublicIdentity::from_der(&member.identity).ok()?;
        Some(Author::new(identity, &member.name, member.seq, member.last))
    }

    pub(super) fn is_present(&self) -> bool {
        self.presence == Presence::Here
    }

    pub(super) fn entry(&self) -> MemberEntry {
        MemberEntry {
            identity: self.identity.as_der().to_vec(),
            name: self.name.clone(),
            seq: self.seq,
            last: self.last,
        }
    }

    /// As somebody of whom nothing was heard yet.
    pub(super) fn unheard(&self) -> MemberEntry {
        MemberEntry {
            seq: 0,
            last: [0; 32],
            ..self.entry()
        }
    }

    pub(super) fn verify(&mut self, statement: &Statement, signature: &Signature) -> Result<(), CryptoError> {
        let signed = signature.signed_statement(statement)?;
        let known = self.checked_batch.as_ref();
        if known.is_some_and(|(rsa, batch)| *rsa == signature.rsa && *batch == signed) {
            return Ok(());
        }
        signature.verify(&self.identity, statement)?;
        self.checked_batch = (signature.size > 1).then(|| (signature.rsa.clone(), signed));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::ADA;
    use crate::crypto::{Identity, sign_batch};
    use crate::protocol::event::event_statement;

    #[test]
    fn a_batch_is_remembered_for_its_own_statements_and_an_ordinary_signature_not_at_all() {
        let ada = Identity::from_pem(ADA).unwrap();
        let mut author = Author::new(ada.public().clone(), "Ada", 0, [0; 32]);
        let statements = [&b"one"[..], b"two"].map(event_statement);
        let alone = sign_batch(&ada, &statements[..1], &mut rand::rng()).unwrap();
        author.verify(&statements[0], &alone[0]).unwrap();
        assert_eq!(author.checked_batch, None, "a statement can be 48 KiB");
        let batch = sign_batch(&ada, &statements, &mut rand::rng()).unwrap();
        author.verify(&statements[0], &batch[0]).unwrap();
        assert!(author.checked_batch.is_some());
        assert_eq!(author.verify(&statements[1], &batch[1]), Ok(()));
        let mut forged = batch[1].clone();
        forged.rsa[0] ^= 1;
        for (statement, signature) in [(&statements[1], &batch[0]), (&statements[1], &forged)] {
            assert_eq!(
                author.verify(statement, signature),
                Err(CryptoError::BadSignature)
            );
        }
    }
}
