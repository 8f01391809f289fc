//! What waits to be written to one peer, with a cap in bytes.

use std::collections::VecDeque;
use std::io::{self, Write};

use super::limits::OUTBOX_BYTES;

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

    /// Writes as much as the socket takes. Returns whether everything is out.
    pub fn flush(&mut self, socket: &mut impl Write) -> io::Result<bool> {
        while let Some(frame) = self.frames.front() {
            let rest = frame.get(self.written..).unwrap_or_default();
            match socket.write(rest) {
                Ok(0) if !rest.is_empty() => return Err(io::ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.written += count;
                    self.waiting_bytes -= count;
                    if self.written == frame.len() {
                        self.frames.pop_front();
                        self.written = 0;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(false),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
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
