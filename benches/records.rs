//! The record layer at 64 KiB: MB/s sealed, opened, and over loopback, for CR/1 and for rustls.
//!
//! `cargo bench --bench records`
//!
//! In memory on one thread, by CPU time. Over loopback one thread writes and one reads, by the wall
//! clock. TLS cuts 64 KiB into four records, CR/1 sends one; rustls reads through a buffer as large as
//! the one that CR/1 reads into. The rounds stand side by side; every figure is the median.

mod ends;
mod measure;

use std::io::{BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use self::ends::cr1::People;
use self::ends::tls::Configs;
use self::ends::{End, READ_BYTES, loopback, open_all};
use self::measure::{Rounds, heading, line, on_cpu, seconds};

const ROUNDS: usize = 11;
const TEXT_BYTES: usize = 64 * 1024;
const TEXTS_IN_MEMORY: usize = 512;
const TEXTS_OVER_LOOPBACK: usize = 2048;

/// MB/s in every round.
#[derive(Default)]
struct Speed {
    sealed: Rounds,
    opened: Rounds,
    loopback: Rounds,
}

impl Speed {
    fn in_memory(&mut self, guest: &mut dyn End, host: &mut dyn End) {
        let text = vec![0x5a; TEXT_BYTES];
        let mut wire = Vec::with_capacity(TEXT_BYTES * 2);
        let [mut sealing, mut opening] = [Duration::ZERO; 2];
        for _ in 0..TEXTS_IN_MEMORY {
            wire.clear();
            on_cpu(&mut sealing, || {
                guest.seal(&text);
                guest.transmit(&mut wire);
            });
            on_cpu(&mut opening, || open_all(host, &mut wire.as_slice(), TEXT_BYTES));
        }
        let speed = |cpu: Duration| (TEXTS_IN_MEMORY * TEXT_BYTES) as f64 / 1e6 / cpu.as_secs_f64();
        self.sealed.add(speed(sealing));
        self.opened.add(speed(opening));
    }

    /// `buffered` puts a buffer in front of the reader, for an end that reads in small pieces.
    fn over_loopback(&mut self, guest: &mut dyn End, host: &mut dyn End, buffered: bool) {
        let (to_host, from_guest) = loopback();
        let bytes = TEXTS_OVER_LOOPBACK * TEXT_BYTES;
        let took = seconds(|| {
            std::thread::scope(|threads| {
                threads.spawn(|| write_all(guest, to_host));
                if buffered {
                    open_all(host, &mut BufReader::with_capacity(READ_BYTES, from_guest), bytes);
                } else {
                    open_all(host, &mut &from_guest, bytes);
                }
            });
        });
        self.loopback.add(bytes as f64 / 1e6 / took);
    }

    fn print(&self, name: &str, rival: &Speed) {
        let figure =
            |own: &Rounds, other: &Rounds| format!("{:.0} ({:.2})", own.median(), own.ratio_to(other));
        line(
            name,
            &[
                figure(&self.sealed, &rival.sealed),
                figure(&self.opened, &rival.opened),
                figure(&self.loopback, &rival.loopback),
            ],
        );
    }
}

fn write_all(end: &mut dyn End, mut socket: TcpStream) {
    let text = vec![0x5a; TEXT_BYTES];
    for _ in 0..TEXTS_OVER_LOOPBACK {
        end.seal(&text);
        end.transmit(&mut socket);
    }
    socket.flush().expect("the other end reads");
}

fn main() {
    let (people, configs) = (People::new(), Configs::new());
    let [mut cr1, mut tls] = [Speed::default(), Speed::default()];
    for _ in 0..ROUNDS {
        let (mut guest, mut host) = people.connect();
        cr1.in_memory(&mut guest, &mut host);
        let (mut guest, mut host) = configs.connect();
        tls.in_memory(&mut guest, &mut host);
        let (mut guest, mut host) = people.connect();
        cr1.over_loopback(&mut guest, &mut host, false);
        let (mut guest, mut host) = configs.connect();
        tls.over_loopback(&mut guest, &mut host, true);
    }
    heading(
        "MB/s at 64 KiB (ratio to rustls)",
        &["sealed", "opened", "loopback"],
    );
    cr1.print("CR/1", &tls);
    tls.print("rustls, AES-256-GCM", &tls);
}
