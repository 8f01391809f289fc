//! What hostile peers do to a host, each until told to stop; `tests/siege.rs` asserts what comes of it,
//! `examples/under_attack` measures what it costs others. To loopback only, and bounded in number.

#![expect(
    clippy::disallowed_methods,
    reason = "a test that loses one of its threads fails by itself"
)]
#![allow(dead_code, reason = "each program uses a part of it")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Secret, sign_batch};
use cipher_room::net::limits::{OUTBOX_BYTES, SHORT_MESSAGE};
use cipher_room::protocol::body::{self, Body, Private, Submit};
use cipher_room::protocol::handshake::{AwaitHost, GuestHello};
use cipher_room::protocol::limits::{MAX_MESSAGE_BYTES, REKEY_INTERVAL};
use cipher_room::protocol::{CloseReason, Content, Invite, Output, OwnChain};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rand::RngExt;
use socket2::{Domain, Socket, Type};

use crate::people::{CEM, RawGuest};

/// A host under attack.
#[derive(Clone)]
pub struct Target {
    pub invite: Invite,
    /// The address that the attack comes from.
    pub from: Ipv4Addr,
    /// Closed when it is enough.
    pub enough: Receiver<()>,
    /// What the attack did so far, in its own unit.
    pub done: Arc<AtomicU64>,
}

/// Goes on until it is enough.
pub type Attack = fn(&Target);

/// An attack with its name.
pub struct Hostile {
    pub name: &'static str,
    pub run: Attack,
    /// What is counted of it.
    pub unit: &'static str,
    /// Fewer a second are no attack, about a third of what a quiet machine gives: then it had no processor, and nothing
    /// was measured.
    pub floor: f64,
}

const fn hostile(name: &'static str, run: Attack, unit: &'static str, floor: f64) -> Hostile {
    Hostile {
        name,
        run,
        unit,
        floor,
    }
}

/// Every attack.
pub const ALL: &[Hostile] = &[
    hostile("slow loris", slow_loris, "bytes", 3000.0),
    hostile("half-open connections", half_open, "connections", 200.0),
    hostile(
        "half-open, a guest's address",
        half_open_from_a_guest,
        "connections",
        200.0,
    ),
    hostile("connection flood", connection_flood, "connections", 300.0),
    hostile(
        "flood, a guest's address",
        flood_from_a_guest,
        "connections",
        300.0,
    ),
    hostile("repeated M1", repeated_m1, "hellos", 150.0),
    hostile("hellos without an invitation", uninvited, "hellos", 150.0),
    hostile("oversized lengths", oversized, "frames", 150.0),
    hostile("random bytes", random_bytes, "frames", 150.0),
    hostile("handshake, then garbage", garbage_member, "handshakes", 2.0),
    hostile("tiny messages", tiny_messages, "messages", 200.0),
    hostile("long messages", long_messages, "messages", 5.0),
    hostile("key-update storm", key_updates, "handshakes", 2.0),
    // The host fills its outbox within a second, as fast as a member's work is let through.
    hostile("a reader who reads nothing", reads_nothing, "drops", 0.3),
];

/// Addresses of strangers: others than the one that honest guests come from.
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// Connections that an attack holds at once, at most.
const HELD: usize = 600;

impl Target {
    fn address(&self) -> SocketAddr {
        let port = self.invite.endpoints.first().map_or(0, |endpoint| endpoint.port);
        (Ipv4Addr::LOCALHOST, port).into()
    }

    /// Counts what was done.
    fn did(&self, count: u64) {
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Waits so long; tells whether it is to go on.
    fn goes_on(&self, pause: Duration) -> bool {
        matches!(self.enough.recv_timeout(pause), Err(RecvTimeoutError::Timeout))
    }

    /// The same host, attacked from the address that honest guests come from: behind one router, say.
    pub fn beside_the_guests(&self) -> Target {
        Target {
            from: Ipv4Addr::LOCALHOST,
            ..self.clone()
        }
    }

    /// Connects from the attack's address.
    pub fn connect(&self) -> std::io::Result<TcpStream> {
        self.connect_from(self.from)
    }

    pub fn connect_from(&self, from: Ipv4Addr) -> std::io::Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_address(true)?;
        // Other systems have one address of loopback.
        #[cfg(target_os = "linux")]
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        let _ = from;
        socket.connect_timeout(&self.address().into(), Duration::from_secs(5))?;
        let stream: TcpStream = socket.into();
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.set_write_timeout(Some(Duration::from_millis(500)))?;
        Ok(stream)
    }

    /// The first message of a guest; with the zero secret it is anybody's.
    pub fn hello(&self, secret: &Secret) -> Vec<u8> {
        self.hellos(secret)()
    }

    /// As many first messages as one likes, each another one.
    pub fn hellos(&self, secret: &Secret) -> impl Fn() -> Vec<u8> {
        use cipher_room::crypto::{Identity, WrapKey};
        let identity = Identity::from_pem(CEM).unwrap();
        let wrap = WrapKey::from_pem(include_str!("../keys/ada-wrap.pem")).unwrap();
        let (identity, wrap) = (identity.public().clone(), wrap.public().clone());
        let secret = secret.clone();
        move || {
            let hello = GuestHello {
                invite: secret.clone(),
                pinned: None,
                identity: identity.clone(),
                wrap: wrap.clone(),
                name: "Mallory".to_owned(),
            };
            AwaitHost::start(hello, &mut rand::rng()).1
        }
    }
}

/// A byte now and then, on many connections.
fn slow_loris(target: &Target) {
    let hello = target.hello(&target.invite.secret);
    let mut held: Vec<(TcpStream, usize)> = Vec::new();
    while target.goes_on(Duration::from_millis(50)) {
        while held.len() < HELD
            && let Ok(stream) = target.connect()
        {
            held.push((stream, 0));
        }
        held.retain_mut(|(stream, at)| {
            let byte = hello.get(*at..=*at).unwrap_or(&[0]);
            *at += 1;
            let is_written = stream.write_all(byte).is_ok();
            target.did(u64::from(is_written));
            is_written
        });
    }
}

/// Connections that say nothing, taken up again when the host ends them.
fn half_open(target: &Target) {
    let mut held: Vec<TcpStream> = Vec::new();
    while target.goes_on(Duration::from_millis(20)) {
        held.retain_mut(|stream| {
            let _ = stream.set_nonblocking(true);
            !matches!(stream.read(&mut [0; 16]), Ok(0))
        });
        for _ in 0..20 {
            if held.len() < HELD
                && let Ok(stream) = target.connect()
            {
                target.did(1);
                held.push(stream);
            }
        }
    }
}

fn half_open_from_a_guest(target: &Target) {
    half_open(&target.beside_the_guests());
}

fn flood_from_a_guest(target: &Target) {
    connection_flood(&target.beside_the_guests());
}

/// Comes and goes, as often as it can: a thousand times a second.
fn connection_flood(target: &Target) {
    while target.goes_on(Duration::from_millis(10)) {
        for _ in 0..10 {
            target.did(u64::from(target.connect().is_ok()));
        }
    }
}

/// A hello that was recorded, again and again.
fn repeated_m1(target: &Target) {
    let recorded = target.hello(&target.invite.secret);
    send_and_leave(target, || recorded.clone());
}

/// Fresh hellos of somebody without an invitation.
fn uninvited(target: &Target) {
    let some: Vec<_> = (0..32).map(|_| target.hello(&Secret::ZERO)).collect();
    let mut next = some.iter().cycle();
    send_and_leave(target, || next.next().cloned().unwrap_or_default());
}

fn oversized(target: &Target) {
    let mut kinds = [1_u8, 3, 5, 16, 21].into_iter().cycle();
    send_and_leave(target, || vec![kinds.next().unwrap_or(1), 0xff, 0xff, 0xff, 0xff]);
}

fn random_bytes(target: &Target) {
    send_and_leave(target, || {
        let mut bytes = vec![0; rand::rng().random_range(1..20_000)];
        rand::rng().fill(&mut bytes[..]);
        bytes
    });
}

/// Five hundred times a second.
fn send_and_leave(target: &Target, mut bytes: impl FnMut() -> Vec<u8>) {
    while target.goes_on(Duration::from_millis(10)) {
        for _ in 0..5 {
            if let Ok(mut stream) = target.connect() {
                target.did(u64::from(stream.write_all(&bytes()).is_ok()));
            }
        }
    }
}

/// Becomes a member, and sends noise.
fn garbage_member(target: &Target) {
    while target.goes_on(Duration::from_millis(50)) {
        let Ok(mut raw) = RawGuest::try_join(&target.invite, CEM) else {
            continue;
        };
        target.did(u64::from(raw.stream.write_all(&[0x55; 4096]).is_ok()));
    }
}

/// Messages of one letter, as many as the host takes.
fn tiny_messages(target: &Target) {
    say_without_end(target, "x");
}

/// The longest messages that there are.
fn long_messages(target: &Target) {
    say_without_end(target, &"x".repeat(MAX_MESSAGE_BYTES));
}

/// The same again and again, as fast as the host takes it; signed 64 at once.
fn say_without_end(target: &Target, what: &str) {
    let Ok(mut raw) = RawGuest::try_join(&target.invite, CEM) else {
        return;
    };
    raw.enter();
    let Ok(reading) = raw.stream.try_clone() else {
        return;
    };
    // Reads and forgets, or it would be dropped as a slow reader.
    let reader = std::thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || {
            let mut reading = reading;
            let mut buffer = vec![0; 64 * 1024];
            while reading.read(&mut buffer).is_ok_and(|count| count > 0) {}
        });
    // It may have been here before.
    let mut chain = raw.log.chain_of(&raw.identity.fingerprint());
    'all: for _ in 0..1_000_000 / 64 {
        if !target.goes_on(Duration::ZERO) {
            break;
        }
        for text in batch_of(what, &raw, &mut chain) {
            raw.connection.send(&text).unwrap();
            while let Some(output) = raw.connection.poll_output() {
                if let Output::Transmit(bytes) = output
                    && raw.stream.write_all(&bytes).is_err()
                {
                    break 'all;
                }
            }
            target.did(1);
        }
    }
    let _ = raw.stream.shutdown(std::net::Shutdown::Both);
    if let Ok(reader) = reader {
        let _ = reader.join();
    }
}

/// Sixty-four submissions that say the same, under one signature.
pub fn batch_of(what: &str, raw: &RawGuest, chain: &mut OwnChain) -> Vec<Vec<u8>> {
    let own = raw.identity.fingerprint();
    let (events, statements): (Vec<_>, Vec<_>) = (0..64)
        .map(|_| {
            let content = Content::Message {
                text: what.to_owned(),
            };
            chain.write(&raw.log, own, 1, content)
        })
        .unzip();
    let signatures = sign_batch(&raw.identity, &statements, &mut rand::rng()).unwrap();
    let submits = events.into_iter().zip(signatures);
    submits
        .map(|(event, signature)| body::encode(&Body::Submit(Submit { event, signature })))
        .collect()
}

/// Becomes a member, and offers fresh keys at once: genuine ones, far too soon.
fn key_updates(target: &Target) {
    while target.goes_on(Duration::from_millis(50)) {
        if let Ok(mut raw) = RawGuest::try_join(&target.invite, CEM) {
            for frame in early_rekey(&mut raw) {
                let _ = raw.stream.write_all(&frame);
            }
            target.did(1);
        }
    }
}

/// What a guest would send ten minutes after its first word.
pub fn early_rekey(raw: &mut RawGuest) -> Vec<Vec<u8>> {
    raw.connection.send(b"").unwrap();
    while raw.connection.poll_output().is_some() {}
    let much_later = Instant::now() + REKEY_INTERVAL + Duration::from_secs(1);
    raw.connection.handle_timeout(much_later, &mut rand::rng());
    std::iter::from_fn(|| raw.connection.poll_output())
        .filter_map(|output| match output {
            Output::Transmit(frame) => Some(frame),
            _ => None,
        })
        .collect()
}

/// Becomes a member, has far more sent to itself than may wait for it, and reads none of it until the host has dropped it
/// for that; then it comes again. What counts is how often the host said so.
fn reads_nothing(target: &Target) {
    while target.goes_on(Duration::from_millis(50)) {
        let Ok(mut raw) = RawGuest::try_join(&target.invite, CEM) else {
            continue;
        };
        let Some(Body::Roster(_)) = raw.next_body() else {
            continue;
        };
        if fill_own_outbox(target, &mut raw).is_ok() {
            // It reads what was on its way, and behind that why nothing more comes.
            while target.goes_on(Duration::ZERO) && raw.next_body().is_some() {}
            let is_dropped = raw.connection.peer_close_reason() == CloseReason::TooSlow;
            target.did(u64::from(is_dropped));
        }
    }
}

/// Private pieces from a member to itself: three times as much as may wait for it, so that the system's buffers don't
/// matter. They are short ones, or the host would take a megabyte a second only.
fn fill_own_outbox(target: &Target, raw: &mut RawGuest) -> std::io::Result<()> {
    const AT_ONCE: usize = 64;
    let piece = body::encode(&Body::Private(Private {
        member: raw.identity.fingerprint(),
        bytes: vec![0; SHORT_MESSAGE],
    }));
    for _ in 0..3 * OUTBOX_BYTES / SHORT_MESSAGE / AT_ONCE {
        if !target.goes_on(Duration::ZERO) {
            break;
        }
        let mut frames = Vec::new();
        for _ in 0..AT_ONCE {
            raw.connection.send(&piece).unwrap();
            while let Some(Output::Transmit(frame)) = raw.connection.poll_output() {
                frames.extend(frame);
            }
        }
        raw.stream.write_all(&frames)?;
    }
    Ok(())
}
