//! Somebody on the line between a guest and a host, who can cut it and mend it.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]

use std::net::TcpStream;

/// Somebody on the line who can cut it, as often as it is mended.
pub struct Line {
    port: u16,
    streams: std::sync::Arc<std::sync::Mutex<Vec<TcpStream>>>,
    refuses: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Line {
    pub fn to(port: u16) -> Line {
        use std::sync::atomic::Ordering;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line {
            port: listener.local_addr().unwrap().port(),
            streams: Default::default(),
            refuses: Default::default(),
        };
        let (streams, refuses) = (line.streams.clone(), line.refuses.clone());
        let carry = |mut from: TcpStream, mut into: TcpStream| {
            let work = move || {
                let _ = std::io::copy(&mut from, &mut into);
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
                carry(guest.try_clone().unwrap(), host.try_clone().unwrap());
                carry(host, guest);
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

    pub fn mend(&self) {
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
