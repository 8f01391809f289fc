//! Messages of 200 bytes over loopback TCP: CR/1 records and rustls, and beside them signed room messages.
//!
//! `cargo bench --bench messages`
//!
//! Two threads, one at each end, by the wall clock. Round trips: one message there, one back. One way:
//! each message written by itself, and 64 at a time. The rounds of CR/1 and rustls stand side by side;
//! every figure is the median.
//!
//! Room messages go through the real program without its window: commands, a guest's thread, the
//! host's reactors and log. Every one is covered by an RSA-PSS signature of its author, which the host
//! checks, and comes back to its author as an entry of the log.

mod ends;
mod measure;
#[path = "../tests/people/mod.rs"]
mod people;

use std::io::BufReader;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cipher_room::net::{Command, Event};

use self::ends::cr1::People;
use self::ends::tls::Configs;
use self::ends::{End, READ_BYTES, loopback, open_all};
use self::measure::{Rounds, heading, line, seconds};
use self::people::{Person, ROOM};

const TEXT: [u8; 200] = [b'x'; 200];
const ROUNDS: usize = 7;
const ROUND_TRIPS: usize = 10_000;
const SINGLE_MESSAGES: usize = 100_000;
const BURST_MESSAGES: usize = 400_000;
const BURST: usize = 64;
const ROOM_MESSAGES: usize = 20_000;
/// Messages of one's own that are said and not signed yet, at most: a guest takes a thousand.
const UNSIGNED: usize = 1_000;
const CALM_MESSAGES: usize = 21;
/// Longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Messages a second in every round.
#[derive(Default)]
struct Speed {
    round_trips: Rounds,
    single: Rounds,
    bursts: Rounds,
}

impl Speed {
    /// `connect` gives two fresh ends, the guest's first; `buffered` puts a buffer in front of each
    /// reader, for ends that read in small pieces.
    fn measure<E: End>(&mut self, connect: impl Fn() -> (E, E), buffered: bool) {
        let (guest, host) = connect();
        self.round_trips.add(round_trips(guest, host, buffered));
        let (guest, host) = connect();
        self.single
            .add(one_way(guest, host, SINGLE_MESSAGES, 1, buffered));
        let (guest, host) = connect();
        self.bursts
            .add(one_way(guest, host, BURST_MESSAGES, BURST, buffered));
    }

    fn print(&self, name: &str, rival: &Speed) {
        let figure =
            |own: &Rounds, other: &Rounds| format!("{:.0} ({:.2})", own.median(), own.ratio_to(other));
        line(
            name,
            &[
                figure(&self.round_trips, &rival.round_trips),
                figure(&self.single, &rival.single),
                figure(&self.bursts, &rival.bursts),
            ],
        );
    }
}

fn round_trips<E: End>(mut guest: E, mut host: E, buffered: bool) -> f64 {
    let (at_guest, at_host) = loopback();
    let took = seconds(|| {
        std::thread::scope(|threads| {
            threads.spawn(|| {
                let mut wire = reader(&at_host, buffered);
                for _ in 0..ROUND_TRIPS {
                    open_all(&mut host, &mut wire, TEXT.len());
                    host.seal(&TEXT);
                    host.transmit(&mut &at_host);
                }
            });
            let mut wire = reader(&at_guest, buffered);
            for _ in 0..ROUND_TRIPS {
                guest.seal(&TEXT);
                guest.transmit(&mut &at_guest);
                open_all(&mut guest, &mut wire, TEXT.len());
            }
        });
    });
    ROUND_TRIPS as f64 / took
}

fn one_way<E: End>(mut guest: E, mut host: E, messages: usize, at_once: usize, buffered: bool) -> f64 {
    let (at_guest, at_host) = loopback();
    let took = seconds(|| {
        std::thread::scope(|threads| {
            threads.spawn(|| {
                for _ in 0..messages / at_once {
                    for _ in 0..at_once {
                        guest.seal(&TEXT);
                    }
                    guest.transmit(&mut &at_guest);
                }
            });
            let bytes = messages / at_once * at_once * TEXT.len();
            open_all(&mut host, &mut reader(&at_host, buffered), bytes);
        });
    });
    messages as f64 / took
}

fn reader(socket: &TcpStream, buffered: bool) -> Box<dyn std::io::Read + '_> {
    if buffered {
        Box::new(BufReader::with_capacity(READ_BYTES, socket))
    } else {
        Box::new(socket)
    }
}

/// Two people in a room.
struct Room {
    host: Person,
    guest: Person,
}

impl Room {
    fn open() -> Room {
        let (host, guest) = (Person::ada(), Person::bob());
        let opened = host.host(false);
        guest.join(&opened.invite.to_string());
        Room { host, guest }
    }

    /// Signed messages a second from one to the other, until the other has them checked and in order.
    fn one_way(&self, from_guest: bool) -> f64 {
        let (author, reader) = if from_guest {
            (&self.guest, &self.host)
        } else {
            (&self.host, &self.guest)
        };
        seconds_until_heard(author, reader, ROOM_MESSAGES)
    }

    /// Milliseconds from saying one message in a calm room until the other side has it.
    fn calm(&self, latency: &mut Rounds) {
        for _ in 0..CALM_MESSAGES {
            let said = Instant::now();
            self.guest.say("Good morning");
            self.host.hear(1);
            latency.add(said.elapsed().as_secs_f64() * 1e3);
            self.guest.hear(1);
            // The guest's own pause between two signatures is over before the next one.
            let until = Instant::now() + Duration::from_millis(150);
            while self.guest.events.recv_deadline(until).is_ok() {}
        }
    }
}

fn seconds_until_heard(author: &Person, reader: &Person, count: usize) -> f64 {
    let took = seconds(|| {
        std::thread::scope(|threads| {
            threads.spawn(|| say_all(author, count));
            reader.hear(count);
        });
    });
    count as f64 / took
}

/// Says as much as goes, and waits when a thousand messages are not signed yet.
fn say_all(author: &Person, count: usize) {
    let text = String::from_utf8(TEXT.to_vec()).expect("it is ASCII");
    let (mut said, mut written, mut logged) = (0, 0, 0);
    while logged < count {
        while said < count && said - written < UNSIGNED {
            let command = Command::Say {
                room: ROOM,
                text: text.clone(),
            };
            if author.node.send(command).is_err() {
                break;
            }
            said += 1;
        }
        let first = author.events.recv_timeout(PATIENCE).expect("the room goes on");
        for event in std::iter::once(first).chain(author.events.try_iter()) {
            match event {
                Event::Written { .. } => written += 1,
                Event::Logged { .. } => logged += 1,
                Event::Alarmed { alarm, .. } => panic!("{alarm}"),
                Event::NotKept { reason } => panic!("{reason}"),
                Event::Declined { reason, .. } => panic!("{reason}"),
                Event::Closed { reason, .. } => panic!("{reason}"),
                _ => {}
            }
        }
    }
}

fn main() {
    let (people, configs) = (People::new(), Configs::new());
    let [mut cr1, mut tls] = [Speed::default(), Speed::default()];
    let [mut to_host, mut to_guest, mut latency] = [Rounds::default(), Rounds::default(), Rounds::default()];
    let room = Room::open();
    for _ in 0..ROUNDS {
        cr1.measure(|| people.connect(), false);
        tls.measure(|| configs.connect(), true);
        to_host.add(room.one_way(true));
        to_guest.add(room.one_way(false));
    }
    room.calm(&mut latency);

    heading(
        "Messages of 200 bytes/s (ratio to rustls)",
        &["round trips", "one way", "64 at a time"],
    );
    cr1.print("CR/1 records", &tls);
    tls.print("rustls", &tls);
    heading("Signed messages of 200 bytes/s", &["one way", "to rustls"]);
    for (name, speed) in [("guest to host", &to_host), ("host to guest", &to_guest)] {
        line(
            name,
            &[
                format!("{:.0}", speed.median()),
                format!("{:.3}", speed.ratio_to(&tls.bursts)),
            ],
        );
    }
    heading("One signed message, calm room", &["p50 ms", "p95 ms"]);
    let shares = [0.5, 0.95].map(|share| format!("{:.1}", latency.share(share)));
    line("said until heard by the other", &shares);
}
