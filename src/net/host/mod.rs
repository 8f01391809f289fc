//! A room of ours: listens, shakes hands with many at once, keeps the log, and fans it out.
//!
//! Two reactors own the sockets; a small pool and a signing thread do RSA; the room's own thread
//! owns the log. Everything they share goes through bounded channels. A reactor never waits: when
//! the room is behind it stops reading, and TCP makes the guests wait.

mod allowances;
mod door;
mod gate;
mod listener;
mod piece;
mod pool;
mod reactor;
mod room;
mod sessions;
mod together;
mod watch;

#[cfg(test)]
mod deaths;
#[cfg(test)]
mod rehearsal;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use crossbeam_channel::{Receiver, Sender, bounded};

use self::allowances::Allowances;
use self::door::{Door, DoorState, Invitation};
use self::gate::Gate;
use self::watch::Watch;
use super::addresses::local_addresses;
use super::clock::now_unix;
use super::guest::WrapKeyCell;
use super::keep::{KeptLog, Shelf};
use super::limits::{
    FEWEST_CONNECTIONS, MAX_CONNECTIONS, MAX_HANDSHAKES, OTHER_FILES, REACTORS, WAITING_JOBS,
};
use super::open_files;
use super::private::Desk;
use super::thread::{Teller, spawn};
use super::{Admission, Alarm, Event, HostAct, HostFailure, HostRoom, Loss, RoomKey, RoomOpened};
use crate::crypto::{Fingerprint, Identity, Secret};
use crate::net::limits::ROOM_INPUTS;
use crate::protocol::body::{RoomDescriptor, Welcome};
use crate::protocol::handshake::HostHello;
use crate::protocol::{Endpoint, Invite, RoomLog};
use crate::store::{KeptRole, KeptRoom, Retention};

/// The way to a running room.
pub struct HostHandle {
    /// The room's id.
    pub id: [u8; 32],
    inputs: Sender<room::Input>,
    /// The room's thread, which ends last.
    pub thread: JoinHandle<()>,
}

/// The room's thread has ended.
pub struct Over;

impl HostHandle {
    /// Says something in the room.
    pub fn say(&self, text: String) -> Result<(), Over> {
        self.inputs.send(room::Input::Say { text }).map_err(|_| Over)
    }

    /// Says something to one member alone.
    pub fn say_privately(&self, to: Fingerprint, text: String) -> Result<(), Over> {
        let input = room::Input::SayPrivately { to, text };
        self.inputs.send(input).map_err(|_| Over)
    }

    /// Begins a private channel with one member.
    pub fn open_private(&self, with: Fingerprint) -> Result<(), Over> {
        self.inputs
            .send(room::Input::OpenPrivate { with })
            .map_err(|_| Over)
    }

    /// Uses a power of the host.
    pub fn govern(&self, act: HostAct) -> Result<(), Over> {
        self.inputs.send(room::Input::Govern(act)).map_err(|_| Over)
    }

    /// Closes the room: everybody hears the goodbye.
    pub fn close(&self) -> Result<(), Over> {
        self.inputs.send(room::Input::Close).map_err(|_| Over)
    }
}

/// Which connection: of which reactor, and its number there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct ConnId {
    reactor: usize,
    number: u64,
}

/// What all threads of one room know.
struct Shared {
    key: RoomKey,
    identity: Arc<Identity>,
    hello: HostHello,
    /// Where the room can be reached.
    endpoints: Vec<Endpoint>,
    /// Held for a few lines at a time, never over anything that waits.
    door: Mutex<Door>,
    teller: Teller,
    gate: Mutex<Gate>,
    /// What each member may still cost.
    allowances: Allowances,
    /// How many members hear the room.
    hearers: AtomicUsize,
    /// Whose connection the host looks into. Held for a few lines at a time.
    watch: Mutex<Watch>,
    /// For each reactor, how many bytes wait in its outboxes.
    unsent: [AtomicUsize; REACTORS],
    /// Connections that one reactor may hold.
    connections_a_reactor: usize,
}

impl Shared {
    /// How many bytes wait to be written to members.
    fn unsent_bytes(&self) -> usize {
        let all = self.unsent.iter();
        all.map(|bytes| bytes.load(Ordering::Relaxed)).sum()
    }

    /// Nobody holds it for longer than a look into a table.
    fn gate(&self) -> MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shared {
    fn watch(&self) -> MutexGuard<'_, Watch> {
        self.watch.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn door(&self) -> MutexGuard<'_, Door> {
        self.door.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says in the room that one of its threads died, so that the room ends rather than half of it.
struct DeathNotice {
    inputs: Sender<room::Input>,
    name: &'static str,
}

impl Drop for DeathNotice {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let reason = format!("its {} died", self.name);
            let _ = self.inputs.send(room::Input::Broken { reason });
        }
    }
}

/// Has the guests told when the room's own thread dies: its reactors would go on without it.
struct LastGoodbye(Vec<reactor::ReactorHandle>);

impl Drop for LastGoodbye {
    fn drop(&mut self) {
        if std::thread::panicking() {
            for reactor in &self.0 {
                reactor.give(reactor::Task::CloseAll);
            }
        }
    }
}

/// What a host needs of the program.
pub struct HostContext {
    /// Who we are.
    pub identity: Arc<Identity>,
    /// The key of this run, for the host's own private conversations.
    pub wrap: Arc<WrapKeyCell>,
    /// Where rooms are kept.
    pub shelf: Shelf,
    /// Where to tell.
    pub teller: Teller,
}

/// Opens a room: a new one, or one that was kept. Told: [`Event::RoomOpened`] before anything else of it.
pub fn open(wish: HostRoom, context: HostContext, kept: Option<KeptLog>) -> Result<HostHandle, HostFailure> {
    let HostContext {
        identity,
        wrap,
        shelf,
        teller,
    } = context;
    let system = |error: std::io::Error| HostFailure::System {
        reason: error.to_string(),
    };
    let (listeners, listen) = listener::listen(&wish.listen)?;
    let mut rng = rand::rng();
    let room_name = match kept.as_ref().and_then(|kept| shelf.room(&kept.id)) {
        Some(kept) => kept.name,
        None => wish.room_name.clone(),
    };
    let wish = HostRoom { room_name, ..wish };
    let alarms: Vec<Alarm> = kept.iter().flat_map(doubts).collect();
    let (id, door) = match &kept {
        Some(kept) => (kept.id, kept_door(kept)?),
        None => (
            *Secret::generate(&mut rng).expose(),
            new_door(&wish.admission, false),
        ),
    };
    let room = RoomDescriptor {
        id,
        name: wish.room_name.clone(),
    };
    let hello = HostHello {
        identity: identity.public().clone(),
        room,
        welcome: Welcome {
            host_name: wish.host_name.clone(),
        },
    };
    let fingerprint = identity.fingerprint();
    let log = match kept {
        Some(kept) => kept.log,
        None => RoomLog::create(id, identity.public().clone(), &wish.host_name),
    };
    let desk = Desk::new(
        wish.key,
        Arc::clone(&identity),
        wish.host_name.clone(),
        wrap,
        id,
        shelf.talk_keeper(&id),
    );
    let beginning = room::Beginning {
        log,
        keeper: shelf.log_keeper(&id),
        desk,
    };
    let common = door.invitations.iter().find(|invitation| !invitation.for_one);
    let (secret, expires_unix) = common.map_or((Secret::generate(&mut rng), Some(0)), |invitation| {
        (invitation.secret.clone(), invitation.expires_unix)
    });
    let open_to_address = door.open_to_address;
    let endpoints = endpoints(listen);
    let now = now_unix();
    let listed = shelf.keep_room(KeptRoom {
        id,
        name: wish.room_name.clone(),
        role: KeptRole::Host,
        own_name: wish.host_name.clone(),
        host: identity.public().as_der().to_vec(),
        host_name: wish.host_name.clone(),
        target: None,
        secret: Some(secret.expose().to_vec()),
        expires_unix,
        open_to_address,
        port: listen.port(),
        addresses: endpoints.iter().map(Endpoint::to_string).collect(),
        retention: Retention::default(),
        begun_unix: now,
        used_unix: now,
        listen_address: wish.listen.address.map(|address| address.to_string()),
        read_n: None,
    });
    if let Err(reason) = listed {
        let reason = format!("The room is not kept: {reason}.");
        teller.tell(Event::NotKept { reason });
    }
    shelf.tell_history(&id, wish.key, &fingerprint, &teller);
    let shared = Arc::new(Shared {
        key: wish.key,
        identity,
        hello,
        endpoints: endpoints.clone(),
        door: Mutex::new(door),
        teller: teller.clone(),
        gate: Mutex::new(Gate::new(Instant::now())),
        allowances: Allowances::new(Instant::now()),
        hearers: AtomicUsize::new(0),
        watch: Mutex::default(),
        unsent: Default::default(),
        connections_a_reactor: connections_a_reactor(),
    });

    let (inputs, room_inputs) = bounded(ROOM_INPUTS);
    teller.tell(Event::RoomOpened(RoomOpened {
        room: wish.key,
        id,
        room_name: wish.room_name.clone(),
        invite: Invite {
            endpoints,
            room: wish.room_name,
            host: fingerprint,
            secret,
            expires_unix,
        },
        listen,
        wanted_port: (![0, listen.port()].contains(&wish.listen.port)).then_some(wish.listen.port),
        open_to_address,
        fingerprint,
        own_name: wish.host_name,
    }));
    for alarm in alarms {
        teller.tell(Event::Alarmed {
            room: wish.key,
            alarm,
        });
    }
    let reactors = start_reactors(&shared, listeners, &inputs).map_err(system)?;
    let handles = reactors.handles.clone();
    let thread = start_room(shared, inputs.clone(), room_inputs, reactors, beginning).map_err(|error| {
        handles.iter().for_each(|reactor| {
            reactor.give(reactor::Task::CloseAll);
        });
        system(error)
    })?;
    Ok(HostHandle { id, inputs, thread })
}

/// A door with one invitation.
fn new_door(admission: &Admission, asks: bool) -> Door {
    let mut rng = rand::rng();
    let first = Invitation {
        secret: Secret::generate(&mut rng),
        expires_unix: admission.invite_lifetime_secs.map(|secs| now_unix() + secs),
        for_one: false,
        used_by: None,
    };
    Door::new(first, admission.open_to_address, asks, Secret::generate(&mut rng))
}

/// What of a room the user must know before it goes on.
fn doubts(kept: &KeptLog) -> impl Iterator<Item = Alarm> {
    let doubt = kept.doubt.clone().map(|reason| Alarm::Kept { reason });
    doubt
        .into_iter()
        .chain(kept.was_not_closed.then_some(Alarm::NotClosed))
}

/// The door as it was left. Where that can't be read, nobody is known, so the host is asked about everybody.
fn kept_door(kept: &KeptLog) -> Result<Door, HostFailure> {
    let Some(door) = &kept.door else {
        let admission = Admission {
            invite_lifetime_secs: None,
            open_to_address: false,
        };
        return Ok(new_door(&admission, true));
    };
    let state: DoorState = minicbor::decode(door).map_err(|_| HostFailure::NotReadable {
        reason: "its invitations can't be read".to_owned(),
    })?;
    Ok(Door::restore(state))
}

/// Whether the door of a room can be read as it was left.
pub fn reads_door(kept: &KeptLog) -> bool {
    kept_door(kept).is_ok()
}

struct Reactors {
    handles: Vec<reactor::ReactorHandle>,
    threads: Vec<JoinHandle<()>>,
}

fn start_reactors(
    shared: &Arc<Shared>,
    listeners: Vec<mio::net::TcpListener>,
    inputs: &Sender<room::Input>,
) -> std::io::Result<Reactors> {
    let (jobs, pool_jobs) = bounded(WAITING_JOBS);
    let mut parts = Vec::new();
    for index in 0..REACTORS {
        parts.push(reactor::prepare(index)?);
    }
    let handles: Vec<_> = parts.iter().map(|part| part.handle.clone()).collect();
    pool::start(shared, &pool_jobs, &handles, inputs)?;
    let mut threads = Vec::new();
    let mut listeners = Some(listeners);
    for part in parts {
        let others = handles.clone();
        let own_listeners = listeners.take().unwrap_or_default();
        let (shared_here, jobs, inputs) = (Arc::clone(shared), jobs.clone(), inputs.clone());
        let name = format!("reactor-{}", threads.len());
        threads.push(spawn(&name, Loss::Room(shared.key), &shared.teller, move || {
            let _notice = DeathNotice {
                inputs: inputs.clone(),
                name: "reactor",
            };
            reactor::run(part, shared_here, own_listeners, others, jobs, inputs);
        })?);
    }
    Ok(Reactors { handles, threads })
}

fn start_room(
    shared: Arc<Shared>,
    inputs: Sender<room::Input>,
    room_inputs: Receiver<room::Input>,
    reactors: Reactors,
    beginning: room::Beginning,
) -> std::io::Result<JoinHandle<()>> {
    let signing = room::start_signer(&shared, inputs)?;
    let (key, teller) = (shared.key, shared.teller.clone());
    spawn("room", Loss::Room(key), &teller, move || {
        let _notice = LastGoodbye(reactors.handles.clone());
        room::run(&shared, &room_inputs, &reactors, signing, beginning)
    })
}

/// How many connections each reactor may hold, as far as the system lets us have files open.
fn connections_a_reactor() -> usize {
    let reactors = REACTORS as u64;
    let wanted = reactors * (MAX_CONNECTIONS + MAX_HANDSHAKES) as u64 + OTHER_FILES;
    let limit = open_files::raise(wanted).unwrap_or(wanted);
    let each = limit.saturating_sub(OTHER_FILES) / reactors;
    usize::try_from(each).map_or(MAX_CONNECTIONS, |each| {
        each.clamp(FEWEST_CONNECTIONS, MAX_CONNECTIONS)
    })
}

/// The addresses to put into the invitation.
fn endpoints(listen: std::net::SocketAddr) -> Vec<Endpoint> {
    let addresses = if listen.ip().is_unspecified() {
        let all = local_addresses();
        all.into_iter()
            .filter(|address| listen.is_ipv6() || address.is_ipv4())
            .collect()
    } else {
        vec![listen.ip()]
    };
    addresses
        .into_iter()
        .take(crate::protocol::limits::MAX_INVITE_ADDRESSES)
        .map(|address| Endpoint {
            host: address.to_string(),
            port: listen.port(),
        })
        .collect()
}

/// Somebody who is connected and admitted.
#[derive(Debug, Clone)]
struct Guest {
    fingerprint: Fingerprint,
    name: String,
    declined: room::DeclinedEvents,
}
