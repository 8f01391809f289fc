//! The random bytes that one end drew for its key exchange: noted while they are drawn, drawn again later.

use std::convert::Infallible;
use std::fmt;

use rand::rand_core::utils::next_word_via_fill;
use rand::{CryptoRng, TryCryptoRng, TryRng};
use zeroize::Zeroizing;

/// Random bytes that were drawn, in order. Secret, and forgotten when dropped.
#[derive(Clone, Default)]
pub struct Drawn(Zeroizing<Vec<u8>>);

/// No exchange draws more than a few hundred bytes.
const MAX_DRAWN: usize = 4096;

impl Drawn {
    /// What is known to have been drawn, as from a worked example.
    pub fn known(bytes: Vec<u8>) -> Drawn {
        Drawn(Zeroizing::new(bytes))
    }

    /// Whether nothing was drawn.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bytes from `at` on, to be drawn once more.
    pub(crate) fn replay_from(&self, at: usize) -> Replay<'_> {
        Replay(self.0.get(at..).unwrap_or_default())
    }

    /// The 32 bytes at `at`.
    pub(crate) fn word(&self, at: usize) -> Option<[u8; 32]> {
        self.stretch(at, 32)?.try_into().ok()
    }

    /// The bytes at `at`, so many.
    pub(crate) fn stretch(&self, at: usize, length: usize) -> Option<&[u8]> {
        self.0.get(at..at + length)
    }
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Drawn([secret], {} bytes)", self.0.len())
    }
}

/// Real randomness, noted.
pub struct Tee<'a> {
    source: &'a mut dyn CryptoRng,
    drawn: Drawn,
}

impl<'a> Tee<'a> {
    /// Notes what is drawn from `source`.
    pub fn new(source: &'a mut dyn CryptoRng) -> Tee<'a> {
        Tee {
            source,
            drawn: Drawn::default(),
        }
    }

    /// What was drawn.
    pub fn into_drawn(self) -> Drawn {
        self.drawn
    }
}

impl TryRng for Tee<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.source.fill_bytes(out);
        if self.drawn.0.len() + out.len() <= MAX_DRAWN {
            self.drawn.0.extend_from_slice(out);
        }
        Ok(())
    }
}

impl TryCryptoRng for Tee<'_> {}

/// Draws again what was drawn; zeros behind its end.
pub(crate) struct Replay<'a>(&'a [u8]);

impl TryRng for Replay<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        let count = out.len().min(self.0.len());
        let (now, later) = self.0.split_at(count);
        out.iter_mut().for_each(|byte| *byte = 0);
        for (byte, drawn) in out.iter_mut().zip(now) {
            *byte = *drawn;
        }
        self.0 = later;
        Ok(())
    }
}

impl TryCryptoRng for Replay<'_> {}
