//! What hostile peers do to a host, each until told to stop; `tests/siege.rs` asserts what comes of it,
//! `examples/under_attack` measures what it costs others. To loopback only, and bounded in number.
//!
//! Strangers go as fast as they can up to a rate that stands in their code (a thousand connections a second, five
//! hundred hellos): this machine is to be the host's, too. Members go as fast as the host takes it.

#![allow(dead_code, reason = "each program uses a part of it")]

pub mod members;
pub mod strangers;
pub mod verdict;

use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cipher_room::crypto::Secret;
use cipher_room::net::limits::{
    HELLOS_A_SECOND, HELLOS_AT_ONCE, MAX_DECLINED, MAX_HANDSHAKES, MAX_HANDSHAKES_PER_ORIGIN, REACTORS,
};
use cipher_room::protocol::Invite;
use cipher_room::protocol::handshake::{AwaitHost, GuestHello};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use rand::RngExt;
use socket2::{Domain, Socket, Type};

use crate::people::CEM;

/// A host under attack.
#[derive(Clone)]
pub struct Target {
    pub invite: Invite,
    /// The addresses that the attack comes from; for each connection one of them by chance.
    from: Vec<Ipv4Addr>,
    /// Closed when it is enough.
    enough: Receiver<()>,
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
    /// A test lets it do so much before it believes that a room goes on under it: more than fits into the limit that the
    /// attack is aimed at, or a second's worth where there is none.
    pub enough: u64,
    /// What it may cost the host beyond a quiet room.
    pub most: Cost,
    /// Behind the first that was counted it needs so long to be under way.
    pub lead: Duration,
    /// It is measured until so many are done: of a flood that has an end, all of it.
    pub whole: u64,
}

/// What an attack costs a host.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// Of one core.
    pub cpu_percent: f64,
    pub megabytes: f64,
}

impl Cost {
    /// Almost nothing: for who holds no invitation. A thousand connections a second are some 2 % of a core, noise and hellos 1
    /// to 3, a slow loris, each of whose 10,000 bytes a second is a packet, 6 (`docs/performance.md`). If their hellos were
    /// answered, even at a rate, it would be more than this.
    const LITTLE: Cost = Cost {
        cpu_percent: 15.0,
        megabytes: 16.0,
    };
    /// For who holds one, and whose hello is therefore answered with a share of a signature and a key exchange.
    const ANSWERED: Cost = Cost {
        cpu_percent: 50.0,
        megabytes: 16.0,
    };
    /// A member's is bounded by its allowance and by what the others feel of it.
    const ALLOWANCE: Cost = Cost {
        cpu_percent: f64::INFINITY,
        megabytes: f64::INFINITY,
    };
}

const fn stranger(name: &'static str, run: Attack, unit: &'static str, floor: f64, enough: u64) -> Hostile {
    Hostile {
        name,
        run,
        unit,
        floor,
        enough,
        most: Cost::LITTLE,
        lead: Duration::from_secs(1),
        whole: 0,
    }
}

const fn member(name: &'static str, run: Attack, unit: &'static str, floor: f64, enough: u64) -> Hostile {
    Hostile {
        most: Cost::ALLOWANCE,
        ..stranger(name, run, unit, floor, enough)
    }
}

impl Hostile {
    const fn invited(self) -> Hostile {
        Hostile {
            most: Cost::ANSWERED,
            ..self
        }
    }

    const fn after(self, lead: Duration) -> Hostile {
        Hostile { lead, ..self }
    }

    /// With an end, so that all of it is measured.
    const fn whole(self) -> Hostile {
        Hostile {
            whole: self.enough,
            ..self
        }
    }
}

/// More silent connections than one origin may have at both reactors …
const CONNECTIONS: u64 = (REACTORS * MAX_HANDSHAKES_PER_ORIGIN) as u64 + 50;
/// … and as many as shake hands at once in all.
const ALL_CONNECTIONS: u64 = (REACTORS * MAX_HANDSHAKES) as u64;
/// More right hellos than one origin may show at once, and while they come.
const HELLOS: u64 = HELLOS_AT_ONCE as u64 + 8 * HELLOS_A_SECOND as u64;

/// Every attack.
pub const ALL: &[Hostile] = &[
    stranger("slow loris", strangers::slow_loris, "bytes", 3000.0, 6000),
    stranger(
        "half-open connections",
        strangers::half_open,
        "connections",
        200.0,
        CONNECTIONS,
    ),
    stranger(
        "half-open, a guest's address",
        strangers::half_open_from_a_guest,
        "connections",
        200.0,
        CONNECTIONS,
    ),
    stranger(
        "half-open, 64 addresses",
        strangers::half_open_from_many,
        "connections",
        200.0,
        ALL_CONNECTIONS,
    ),
    stranger(
        "connection flood",
        strangers::connection_flood,
        "connections",
        300.0,
        1000,
    ),
    stranger(
        "flood, a guest's address",
        strangers::flood_from_a_guest,
        "connections",
        300.0,
        1000,
    ),
    stranger(
        "flood, 64 addresses",
        strangers::flood_from_many,
        "connections",
        300.0,
        1000,
    ),
    stranger("repeated M1", strangers::repeated_m1, "hellos", 150.0, 500),
    stranger(
        "hellos without an invitation",
        strangers::uninvited,
        "hellos",
        150.0,
        500,
    ),
    stranger("right hellos", strangers::invited, "hellos", 150.0, HELLOS).invited(),
    stranger(
        "right hellos, 64 addresses",
        strangers::invited_from_many,
        "hellos",
        100.0,
        500,
    )
    .invited(),
    stranger("oversized lengths", strangers::oversized, "frames", 150.0, 500),
    stranger("random bytes", strangers::random_bytes, "frames", 150.0, 500),
    member(
        "handshake, then garbage",
        members::garbage_member,
        "handshakes",
        2.0,
        20,
    ),
    member("tiny messages", members::tiny_messages, "messages", 200.0, 5000),
    member("long messages", members::long_messages, "messages", 5.0, 300),
    member(
        "a million tiny records",
        members::tiny_records,
        "records",
        5000.0,
        members::MANY_RECORDS,
    )
    .whole(),
    member("key-update storm", members::key_updates, "offers", 2.0, 20),
    member(
        "declined events",
        members::declined_events,
        "declined",
        150.0,
        4 * MAX_DECLINED as u64,
    ),
    member("resumption storm", members::resumptions, "returns", 10.0, 100),
    member("catch-up pages", members::catch_ups, "returns", 1.0, 20),
    // Each is a kilobyte, and the host takes a megabyte a second.
    member(
        "a reader who reads nothing",
        members::reads_nothing,
        "pieces",
        300.0,
        3000,
    ),
    // Of the 5,950 pieces that they send when nobody is dropped.
    member("50 readers who read little", members::hoards, "pieces", 5.0, 5000).after(Duration::from_secs(8)),
];

/// The attack of this name.
pub fn named(name: &str) -> Option<&'static Hostile> {
    ALL.iter().find(|attack| attack.name == name)
}

/// An address of strangers: another one than that from which honest guests come.
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 66);
/// So many addresses has a stranger who comes from many.
const MANY_ADDRESSES: u8 = 64;

impl Target {
    /// A host that is attacked from one address of strangers.
    pub fn new(invite: Invite, enough: Receiver<()>) -> Target {
        Target {
            invite,
            from: vec![STRANGER],
            enough,
            done: Arc::default(),
        }
    }

    /// The same host, attacked from the address that honest guests come from: behind one router, say.
    pub fn beside_the_guests(&self) -> Target {
        Target {
            from: vec![Ipv4Addr::LOCALHOST],
            ..self.clone()
        }
    }

    /// The same host, attacked from many addresses, so that no limit of one address is in the way.
    pub fn with_many_addresses(&self) -> Target {
        Target {
            from: (1..=MANY_ADDRESSES)
                .map(|last| Ipv4Addr::new(127, 0, 1, last))
                .collect(),
            ..self.clone()
        }
    }

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

    /// Connects from an address of the attack.
    pub fn connect(&self) -> std::io::Result<TcpStream> {
        let place = rand::rng().random_range(0..self.from.len());
        self.connect_from(self.from[place])
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
