//! The two ends of a channel under test, alike for CR/1 and for TLS 1.3, in memory and over loopback.
#![allow(dead_code, reason = "each benchmark uses a part of it")]

pub mod cr1;
pub mod tls;

use std::io::Read;
use std::net::{TcpListener, TcpStream};

/// Bytes that a reader takes from its socket at once, at most.
pub const READ_BYTES: usize = 128 * 1024;

/// One end of an established channel.
pub trait End: Send {
    /// Seals a text; its bytes wait behind those of earlier texts.
    fn seal(&mut self, text: &[u8]);

    /// Takes out what waits to be written, with as few copies as the implementation allows, and
    /// hands it to `write`.
    fn transmit(&mut self, socket: &mut dyn std::io::Write);

    /// Seals a text and writes it at once, through a buffer that is used again where the implementation takes one.
    fn send(&mut self, text: &[u8], wire: &mut Vec<u8>, socket: &mut dyn std::io::Write);

    /// Opens what can be read from `wire` at once; gives the number of bytes of text that came out.
    fn open(&mut self, wire: &mut dyn Read) -> usize;
}

/// Reads until so many bytes of text came out.
pub fn open_all(end: &mut dyn End, wire: &mut dyn Read, bytes: usize) {
    let mut opened = 0;
    while opened < bytes {
        opened += end.open(wire);
    }
}

/// Two sockets that are connected over loopback and send at once what they are given.
pub fn loopback() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let address = listener.local_addr().expect("a listener has an address");
    let guest = TcpStream::connect(address).expect("somebody listens");
    let (host, _) = listener.accept().expect("somebody connects");
    for socket in [&guest, &host] {
        socket.set_nodelay(true).expect("a socket takes options");
    }
    (guest, host)
}
