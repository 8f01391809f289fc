//! Signs what one room says, beside everything else: a burst at a time, and as many full batches of it at once as
//! there are processors.
//!
//! A signature over a batch takes longer than everything else that happens to its 64 messages, and one processor alone
//! makes some 160 to 260 of them a second. The batches are independent of each other: events are chained by their
//! hashes, not by their signatures.

use std::io;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::{Builder, available_parallelism, scope};

use crossbeam_channel::{Sender, bounded};

use super::thread::{Teller, spawn};
use super::{Loss, RoomKey};
use crate::crypto::{CryptoError, Identity, MAX_BATCH, Signature, Statement, sign_batch};

/// The most statements that are signed at once: four batches.
pub const MAX_BURST: usize = 4 * MAX_BATCH;

/// So much may be on its way to be signed at once: the next is signed while the last is put where it belongs.
pub const MAX_UNDER_WAY: usize = 2;

/// Starts a thread that signs one burst after the other and answers each, in order. It ends when the way to it is
/// dropped, or when an answer is `false`: nobody waits for it any more.
pub fn start(
    name: &str,
    room: RoomKey,
    teller: &Teller,
    identity: &Arc<Identity>,
    answer: impl Fn(Result<Vec<Signature>, CryptoError>) -> bool + Send + 'static,
) -> io::Result<Sender<Vec<Statement>>> {
    let (bursts, waiting) = bounded::<Vec<Statement>>(MAX_UNDER_WAY);
    let identity = Arc::clone(identity);
    spawn(name, Loss::Room(room), teller, move || {
        for burst in waiting {
            if !answer(sign_burst(&identity, &burst)) {
                return;
            }
        }
    })?;
    Ok(bursts)
}

/// Signs 1 to [`MAX_BURST`] statements; the answers are in the same order. Up to [`MAX_BATCH`] are one batch, more are
/// spread over as few as hold them. Comes back when all are signed.
fn sign_burst(identity: &Identity, statements: &[Statement]) -> Result<Vec<Signature>, CryptoError> {
    let sign = |batch: &[Statement]| sign_batch(identity, batch, &mut rand::rng());
    if statements.len() <= MAX_BATCH {
        return sign(statements);
    }
    let batches = statements.len().div_ceil(MAX_BATCH);
    let batches: Vec<&[Statement]> = statements.chunks(statements.len().div_ceil(batches)).collect();
    let workers = available_parallelism().map_or(1, usize::from).min(batches.len());
    let sign_all = |part: &[&[Statement]]| -> Result<Vec<Signature>, CryptoError> {
        let signed: Result<Vec<_>, _> = part.iter().map(|batch| sign(batch)).collect();
        Ok(signed?.concat())
    };
    let mut parts = batches.chunks(batches.len().div_ceil(workers));
    let own = parts.next().unwrap_or_default();
    scope(|scope| {
        // Where no thread is to be had, this one does the work.
        let others: Vec<_> = parts
            .map(|part| {
                #[expect(
                    clippy::disallowed_methods,
                    reason = "it is joined below, and its panic goes on here"
                )]
                let started = Builder::new()
                    .name("signing".to_owned())
                    .spawn_scoped(scope, move || sign_all(part));
                (part, started)
            })
            .collect();
        let mut signatures = sign_all(own)?;
        for (part, started) in others {
            signatures.append(&mut match started {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic))?,
                Err(_) => sign_all(part)?,
            });
        }
        Ok(signatures)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::test_keys::ADA;

    #[test]
    fn every_statement_of_a_burst_is_signed_in_its_place_by_as_few_signatures_as_hold_them() {
        let ada = Identity::from_pem(ADA).unwrap();
        for (count, batches) in [(1, 1), (64, 1), (65, 2), (128, 2), (129, 3), (256, 4)] {
            let statements: Vec<Statement> = (0..count)
                .map(|i: u32| Statement::new("test", &[&i.to_be_bytes()]))
                .collect();
            let signatures = sign_burst(&ada, &statements).unwrap();
            assert_eq!(signatures.len(), statements.len());
            for (signature, statement) in signatures.iter().zip(&statements) {
                assert_eq!(signature.verify(ada.public(), statement), Ok(()));
            }
            let mut rsa: Vec<&[u8]> = signatures.iter().map(|signature| &signature.rsa[..]).collect();
            rsa.dedup();
            assert_eq!(rsa.len(), batches, "{count}");
        }
    }
}
