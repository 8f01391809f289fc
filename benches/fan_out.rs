//! One message to 1,000 guests: the host's CPU time for each delivery, and how long it takes, for CR/1 and for rustls.
//!
//! `cargo bench --bench fan_out`
//!
//! The host is one thread that seals the message for each guest by itself and writes it to the guest's
//! socket, which is what a reactor of the program does (`net/host/reactor/writing.rs`); the guests are
//! another thread that waits for all sockets at once and opens what comes. Both channels run under the same loop, over
//! loopback, 20 messages of 200 bytes a second; the rounds stand side by side, every figure is the median.

#![expect(
    clippy::disallowed_methods,
    reason = "a bench that loses one of its threads fails by itself"
)]

mod ends;
mod measure;

use std::io::Read;
use std::net::Shutdown;
use std::time::{Duration, Instant};

use crossbeam_channel::{Sender, bounded};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use self::ends::cr1::People;
use self::ends::tls::Configs;
use self::ends::{End, loopback};
use self::measure::{Rounds, heading, line, on_cpu};

const GUESTS: usize = 1_000;
const ROUNDS: usize = 5;
const MESSAGES: usize = 40;
const INTERVAL: Duration = Duration::from_millis(50);
const TEXT: [u8; 200] = [b'x'; 200];
/// Handshakes that one signature answers, while the room fills.
const BATCH: usize = 50;

/// Figures of every round.
#[derive(Default)]
struct Cost {
    /// Microseconds of the host's CPU for a delivery.
    delivery: Rounds,
    p50: Rounds,
    p99: Rounds,
}

impl Cost {
    fn print(&self, name: &str, rival: &Cost) {
        let figure =
            |own: &Rounds, other: &Rounds| format!("{:.2} ({:.2})", own.median(), own.ratio_to(other));
        line(
            name,
            &[
                figure(&self.delivery, &rival.delivery),
                figure(&self.p50, &rival.p50),
                figure(&self.p99, &rival.p99),
            ],
        );
    }
}

/// A room that is full: the host's ends, and the guests at work on a thread of their own.
struct Room<E> {
    host: Vec<(E, std::net::TcpStream)>,
    /// When each message reached each guest.
    arrivals: crossbeam_channel::Receiver<Instant>,
    guests: std::thread::JoinHandle<()>,
}

impl<E: End + 'static> Room<E> {
    fn fill(ends: Vec<(E, E)>) -> Room<E> {
        let (tell, arrivals) = bounded(GUESTS * MESSAGES);
        let (mut host, mut guests) = (Vec::new(), Vec::new());
        for (guest, end) in ends {
            let (to_host, from_guest) = loopback();
            to_host.set_nonblocking(true).expect("a socket takes options");
            host.push((end, from_guest));
            guests.push((guest, TcpStream::from_std(to_host)));
        }
        let guests = std::thread::Builder::new()
            .name("guests".to_owned())
            .spawn(move || hear(guests, &tell))
            .expect("a thread starts");
        Room {
            host,
            arrivals,
            guests,
        }
    }

    fn measure(&mut self, cost: &mut Cost) {
        let mut wire = Vec::new();
        let mut cpu = Duration::ZERO;
        let mut latencies = Rounds::default();
        for _ in 0..MESSAGES {
            let said = Instant::now();
            on_cpu(&mut cpu, || {
                for (end, socket) in &mut self.host {
                    end.send(&TEXT, &mut wire, socket);
                }
            });
            for _ in 0..self.host.len() {
                let heard = self.arrivals.recv().expect("the guests are there");
                latencies.add((heard - said).as_secs_f64() * 1e3);
            }
            let pause = crossbeam_channel::after(INTERVAL.saturating_sub(said.elapsed()));
            pause.recv().expect("time passes");
        }
        cost.delivery
            .add(cpu.as_secs_f64() * 1e6 / (MESSAGES * self.host.len()) as f64);
        cost.p50.add(latencies.median());
        cost.p99.add(latencies.share(0.99));
    }

    fn end(self) {
        for (_, socket) in &self.host {
            let _ = socket.shutdown(Shutdown::Both);
        }
        self.guests.join().expect("the guests heard everything");
    }
}

/// Opens what comes to every guest until the host hangs up.
fn hear<E: End>(mut guests: Vec<(E, TcpStream)>, tell: &Sender<Instant>) {
    let mut poll = Poll::new().expect("the system can poll");
    for (number, (_, socket)) in guests.iter_mut().enumerate() {
        let registered = poll
            .registry()
            .register(socket, Token(number), Interest::READABLE);
        registered.expect("a socket can be polled");
    }
    let mut events = Events::with_capacity(GUESTS);
    let mut left = guests.len();
    while left > 0 {
        poll.poll(&mut events, None).expect("the system can poll");
        for event in &events {
            let (end, socket) = &mut guests[event.token().0];
            let mut there = Vec::new();
            let ended = match socket.read_to_end(&mut there) {
                Ok(_) => true,
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => false,
                Err(error) => panic!("a line broke: {error}"),
            };
            let mut bytes = there.as_slice();
            let mut opened = 0;
            while !bytes.is_empty() {
                opened += end.open(&mut bytes);
            }
            for _ in 0..opened / TEXT.len() {
                tell.send(Instant::now()).expect("the host listens");
            }
            left -= usize::from(ended);
        }
    }
}

fn main() {
    let (people, configs) = (People::new(), Configs::new());
    let cr1 = (0..GUESTS / BATCH).flat_map(|_| people.connect_many(BATCH));
    let mut cr1_room = Room::fill(cr1.collect());
    let mut tls_room = Room::fill((0..GUESTS).map(|_| configs.connect()).collect());
    let [mut cr1, mut tls] = [Cost::default(), Cost::default()];
    for _ in 0..ROUNDS {
        cr1_room.measure(&mut cr1);
        tls_room.measure(&mut tls);
    }
    cr1_room.end();
    tls_room.end();
    heading(
        "A message of 200 bytes to 1,000 guests",
        &["host µs each", "p50 ms", "p99 ms"],
    );
    cr1.print("CR/1 (ratio to rustls)", &tls);
    tls.print("rustls, AES-256-GCM", &tls);
}
