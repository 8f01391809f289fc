//! What waits to be written to one peer, with a cap in bytes.

use std::collections::VecDeque;
use std::io::{self, IoSlice, Write};

use super::limits::OUTBOX_BYTES;

/// Frames handed to the system at once.
const FRAMES_AT_ONCE: usize = 64;

/// Frames on their way to a socket that may be full.
#[derive(Debug, Default)]
pub struct Outbox {
    frames: VecDeque<Vec<u8>>,
    written: usize,
    waiting_bytes: usize,
}

/// The cap is reached; the frame was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Full;

impl Outbox {
    /// Adds a frame.
    pub fn push(&mut self, frame: Vec<u8>) -> Result<(), Full> {
        if self.waiting_bytes + frame.len() > OUTBOX_BYTES {
            return Err(Full);
        }
        self.waiting_bytes += frame.len();
        self.frames.push_back(frame);
        Ok(())
    }

    /// How many bytes wait.
    pub fn waiting_bytes(&self) -> usize {
        self.waiting_bytes
    }

    /// Writes as much as the socket takes, many frames at once. Returns whether everything is out.
    pub fn flush(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        while !self.frames.is_empty() {
            let mut parts = [IoSlice::new(&[]); FRAMES_AT_ONCE];
            let mut skipped = self.written;
            let mut count = 0;
            for (part, frame) in parts.iter_mut().zip(&self.frames) {
                *part = IoSlice::new(frame.get(std::mem::take(&mut skipped)..).unwrap_or_default());
                count += 1;
            }
            match socket.write_vectored(parts.get(..count).unwrap_or_default()) {
                Ok(0) if self.waiting_bytes > 0 => return Err(io::ErrorKind::WriteZero.into()),
                Ok(taken) => self.passed(taken),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// The socket took so many bytes.
    fn passed(&mut self, taken: usize) {
        self.waiting_bytes -= taken;
        self.written += taken;
        while let Some(frame) = self.frames.front()
            && frame.len() <= self.written
        {
            self.written -= frame.len();
            self.frames.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes three bytes at a time, then pauses.
    struct Slow(Vec<u8>, bool);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.1 = !self.1;
            if self.1 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let count = bytes.len().min(3);
            self.0.extend_from_slice(&bytes[..count]);
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn everything_comes_out_in_order_however_slow_the_socket() {
        let mut outbox = Outbox::default();
        outbox.push(b"hello ".to_vec()).unwrap();
        outbox.push(b"world".to_vec()).unwrap();
        let mut socket = Slow(Vec::new(), false);
        while !outbox.flush(&mut socket).unwrap() {}
        assert_eq!(socket.0, b"hello world");
        assert_eq!(outbox.waiting_bytes, 0);
    }

    /// Takes so many bytes of all that it is given at once.
    struct Gathering(Vec<u8>, usize);

    impl Write for Gathering {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.write_vectored(&[IoSlice::new(bytes)])
        }

        fn write_vectored(&mut self, parts: &[IoSlice<'_>]) -> io::Result<usize> {
            let before = self.0.len();
            self.0
                .extend(parts.iter().flat_map(|part| part.iter()).take(self.1));
            Ok(self.0.len() - before)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn frames_that_go_out_together_stay_in_order_wherever_the_socket_cuts_them() {
        for at_once in 1..=40 {
            let mut outbox = Outbox::default();
            let mut all = Vec::new();
            for i in 0..200u8 {
                let frame = vec![i; usize::from(i) % 5];
                all.extend_from_slice(&frame);
                outbox.push(frame).unwrap();
            }
            let mut socket = Gathering(Vec::new(), at_once);
            assert!(outbox.flush(&mut socket).unwrap());
            assert_eq!(socket.0, all);
            assert_eq!(outbox.waiting_bytes(), 0);
        }
    }

    #[test]
    fn the_cap_counts_bytes_that_wait() {
        let mut outbox = Outbox::default();
        outbox.push(vec![0; OUTBOX_BYTES]).unwrap();
        assert_eq!(outbox.push(vec![0]), Err(Full));
        let mut all = Vec::new();
        assert!(outbox.flush(&mut all).unwrap());
        assert_eq!(outbox.push(vec![0]), Ok(()));
    }
}
