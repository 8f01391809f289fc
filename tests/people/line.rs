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
    streams: std::sync::Arc<std::sync::Mutex<Vec<TcpStream>>>,
    refuses: std::sync::Arc<std::sync::atomic::AtomicBool>,
    swallows: std::sync::Arc<std::sync::atomic::AtomicBool>,
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
        };
        let (streams, refuses) = (line.streams.clone(), line.refuses.clone());
        let swallows = line.swallows.clone();
        let nothing: std::sync::Arc<std::sync::atomic::AtomicBool> = Default::default();
        let carry = |mut from: TcpStream,
                     mut into: TcpStream,
                     swallows: &std::sync::Arc<std::sync::atomic::AtomicBool>| {
            let swallows = swallows.clone();
            let work = move || {
                let mut buffer = vec![0; 64 * 1024];
                while let Ok(count @ 1..) = from.read(&mut buffer) {
                    if !swallows.load(Ordering::SeqCst) && into.write_all(&buffer[..count]).is_err() {
                        break;
                    }
                }
                let _ = into.shutdown(std::net::Shutdown::Both);
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
                streams.lock().unwrap().extend(copies);
                carry(guest.try_clone().unwrap(), host.try_clone().unwrap(), &nothing);
                carry(host, guest, &swallows);
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
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
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
