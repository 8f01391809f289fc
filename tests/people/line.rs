//! Somebody on the line between a guest and a host, who can cut it and mend it.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

/// Somebody on the line who can cut it, as often as it is mended.
pub struct Line {
    port: u16,
    /// The guest's end and the host's of each connection.
    streams: std::sync::Arc<std::sync::Mutex<Vec<[TcpStream; 2]>>>,
    refuses: std::sync::Arc<std::sync::atomic::AtomicBool>,
    swallows: std::sync::Arc<std::sync::atomic::AtomicBool>,
    /// Whether the host's end stays open when the guest's ends.
    hides_ends: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Line {
    pub fn to(port: u16) -> Line {
        use std::sync::atomic::Ordering;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line {
            port: listener.local_addr().unwrap().port(),
            streams: Default::default(),
            refuses: Default::default(),
            swallows: Default::default(),
            hides_ends: Default::default(),
        };
        let (streams, refuses) = (line.streams.clone(), line.refuses.clone());
        let (swallows, hides_ends) = (line.swallows.clone(), line.hides_ends.clone());
        let nothing: std::sync::Arc<std::sync::atomic::AtomicBool> = Default::default();
        let carry = |mut from: TcpStream,
                     mut into: TcpStream,
                     swallows: &std::sync::Arc<std::sync::atomic::AtomicBool>,
                     hides_ends: &std::sync::Arc<std::sync::atomic::AtomicBool>| {
            let (swallows, hides_ends) = (swallows.clone(), hides_ends.clone());
            let work = move || {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    if !swallows.load(Ordering::SeqCst) && into.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                if !hides_ends.load(Ordering::SeqCst) {
                    let _ = into.shutdown(std::net::Shutdown::Both);
                }
            };
            std::thread::Builder::new()
                .name("carry".to_owned())
                .spawn(work)
                .unwrap();
        };
        let work = move || {
            for guest in listener.incoming() {
                let Ok(guest) = guest else { return };
                let Ok(host) = TcpStream::connect(("127.0.0.1", port)) else {
                    continue;
                };
                if refuses.load(Ordering::SeqCst) {
                    continue;
                }
                let copies = [guest.try_clone().unwrap(), host.try_clone().unwrap()];
                streams.lock().unwrap().push(copies);
                carry(
                    guest.try_clone().unwrap(),
                    host.try_clone().unwrap(),
                    &nothing,
                    &hides_ends,
                );
                carry(host, guest, &swallows, &nothing);
            }
        };
        std::thread::Builder::new()
            .name("line".to_owned())
            .spawn(work)
            .unwrap();
        line
    }

    pub fn cut(&self) {
        self.refuses.store(true, std::sync::atomic::Ordering::SeqCst);
        for stream in self.streams.lock().unwrap().drain(..).flatten() {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }

    /// Ends the connection at the guest's end alone, and gives the host's: as long as that one is there, the host sees
    /// nothing. From here on no end of a guest is passed on to it.
    pub fn cut_at_the_guest(&self) -> TcpStream {
        self.hides_ends.store(true, std::sync::atomic::Ordering::SeqCst);
        let [guest, host] = self.streams.lock().unwrap().pop().unwrap();
        let _ = guest.shutdown(std::net::Shutdown::Both);
        host
    }

    /// What the host sends does not arrive any more, until it is mended.
    pub fn swallow(&self) {
        self.swallows.store(true, std::sync::atomic::Ordering::SeqCst);
    }

    pub fn mend(&self) {
        self.swallows.store(false, std::sync::atomic::Ordering::SeqCst);
        self.refuses.store(false, std::sync::atomic::Ordering::SeqCst);
    }
}

/// The invitation's address changed for the line's.
pub fn through(invite: &cipher_room::protocol::Invite, line: &Line) -> String {
    let mut through = invite.clone();
    through.endpoints.truncate(1);
    through.endpoints[0].port = line.port;
    through.to_string()
}
