//! The inspector: a recorded connection taken apart, of which one end's frames are a stranger's.

use std::net::SocketAddr;
use std::sync::OnceLock;

use cipher_room::crypto::{SealingKey, Secret, TrafficSecret};
use cipher_room::inspect::{Broken, Drawn, Piece, Tee, TimeMachine, Wire};
use cipher_room::protocol::body::{self, Body, Standing, Submit};
use cipher_room::protocol::connection::RunningKeys;
use cipher_room::protocol::handshake::{AwaitHost, InvitedHello, Role};
use cipher_room::protocol::wire::{Frame, FrameKind};
use rand::Rng as _;

use super::records::shares;
use super::{
    Fixed, PSK, World, form_of, guest_hello, host_hello, invite, overwrite, parts_of, script, seal_alone,
};

const KINDS: [FrameKind; 6] = [
    FrameKind::Data,
    FrameKind::KeyUpdate,
    FrameKind::RekeyOffer,
    FrameKind::RekeyAnswer,
    FrameKind::RekeyDone,
    FrameKind::Close,
];

/// A recording at either end, each frame of which is then looked at in every way.
pub fn inspection(data: &[u8]) {
    look_at(&recorded(data));
}

/// A genuine handshake but for one frame perhaps, and a script of what is recorded behind it.
fn recorded(data: &[u8]) -> Wire {
    let (form, data) = form_of(data);
    let role = if form % 2 == 0 { Role::Guest } else { Role::Host };
    let mut parts = parts_of(data).take(64);
    let spoilt = usize::from(form / 2 % 6);
    let other = (spoilt < 5).then(|| parts.next().map_or(&[][..], |(_, text)| text));
    let mut recording = Recording::new(role);
    recording.shake_hands(other.map(|text| (spoilt, text)));
    for (choice, text) in parts {
        let kind = KINDS[usize::from(choice / 8) % KINDS.len()];
        let is_guest = role == Role::Guest;
        match choice % 8 {
            0..=3 => recording.record(!is_guest, kind, text),
            4 => recording.record(is_guest, kind, text),
            5 => recording.frame(choice / 8 % 2 == 0, text.to_vec()),
            6 => recording.wire.take(Piece::Drew(Drawn::known(text.to_vec()))),
            _ => recording.begin_anew(choice / 8 % 4),
        }
    }
    recording.wire
}

/// One end's recording, and the keys of both.
struct Recording {
    wire: Wire,
    role: Role,
    host: Side,
    guest: Side,
    at_ms: u64,
}

/// One direction's key as it is now.
struct Side {
    secret: Option<TrafficSecret>,
    key: SealingKey,
}

impl Side {
    /// Behind the first text under the key, which stood in the handshake.
    fn new(secret: TrafficSecret) -> Side {
        let mut key = SealingKey::new(&secret);
        key.seal(b"", &mut Vec::new());
        Side {
            secret: Some(secret),
            key,
        }
    }

    fn update(&mut self) {
        if let Some(next) = self.secret.take().map(TrafficSecret::update) {
            self.key = SealingKey::new(&next);
            self.secret = Some(next);
        }
    }
}

impl Recording {
    fn new(role: Role) -> Recording {
        let [host, guest] = sides();
        Recording {
            wire: Wire::default(),
            role,
            host,
            guest,
            at_ms: 1,
        }
    }

    /// M1 to M5 with what this end drew for them. Instead of one of them another: M4 and M5 with any text under the right
    /// key, the others with some bytes written over.
    fn shake_hands(&mut self, other: Option<(usize, &[u8])>) {
        let world = World::get();
        let mut frames = [&world.m1, &world.m2, &world.m3, &world.m4, &world.m5].map(Frame::clone);
        if let Some((place, text)) = other {
            frames[place] = match place {
                3 => world.m4_with(&mut world.host_key_behind_m2(), text),
                4 => {
                    let mut key = SealingKey::new(&world.master().guest_traffic(&world.th6));
                    seal_alone(FrameKind::GuestConfirm, &mut key, text)
                }
                _ => {
                    let mut frame = frames[place].clone();
                    overwrite(&mut frame.body, text);
                    frame
                }
            };
        }
        self.wire.take(began(self.role));
        self.wire.take(Piece::Drew(drawn(self.role).clone()));
        let mut rng = Fixed::new(b"admit");
        let (session, seed) = (Secret::generate(&mut rng), Secret::generate(&mut rng));
        self.wire.take(match self.role {
            Role::Guest => Piece::Session(session),
            Role::Host => Piece::Wrapped { session, seed },
        });
        for (by_guest, frame) in [true, false, true, false, true].into_iter().zip(frames) {
            self.frame(by_guest, frame.kind.frame(&frame.body));
        }
    }

    /// A record under the key of one end, which follows its updates.
    fn record(&mut self, by_guest: bool, kind: FrameKind, text: &[u8]) {
        let side = if by_guest { &mut self.guest } else { &mut self.host };
        let frame = seal_alone(kind, &mut side.key, text);
        if kind == FrameKind::KeyUpdate {
            side.update();
        }
        self.frame(by_guest, kind.frame(&frame.body));
    }

    fn frame(&mut self, by_guest: bool, bytes: Vec<u8>) {
        self.at_ms += 1;
        self.wire.take(Piece::Frame {
            at_ms: self.at_ms,
            sent: by_guest == (self.role == Role::Guest),
            bytes,
        });
    }

    /// Another connection of the same recording.
    fn begin_anew(&mut self, how: u8) {
        let world = World::get();
        let [local, peer] = addresses();
        match how {
            0 => self.wire.take(began(self.role)),
            1 => self.wire.take(Piece::Resumed {
                role: self.role,
                ticket: world.master().ticket(&world.th6),
                local,
                peer,
            }),
            2 => {
                [self.host, self.guest] = sides();
                self.wire.take(Piece::TakenUp {
                    role: self.role,
                    keys: Box::new(running().clone()),
                    local,
                    peer,
                    room: [7; 32],
                    known: vec![world.bob.public().clone(), world.ada.public().clone()],
                });
            }
            _ => {
                [self.host, self.guest] = sides();
                self.shake_hands(None);
            }
        }
    }
}

fn sides() -> [Side; 2] {
    let world = World::get();
    let master = world.master();
    [master.host_traffic(&world.th6), master.guest_traffic(&world.th6)].map(Side::new)
}

fn began(role: Role) -> Piece {
    let [local, peer] = addresses();
    Piece::Began {
        role,
        psk: Secret::new(PSK),
        local,
        peer,
    }
}

fn addresses() -> [SocketAddr; 2] {
    [4000, 4747].map(|port| SocketAddr::from(([127, 0, 0, 1], port)))
}

/// What an end drew for the exchange of the handshake.
fn drawn(role: Role) -> &'static Drawn {
    static DRAWN: OnceLock<[Drawn; 2]> = OnceLock::new();
    let [guest, host] = DRAWN.get_or_init(|| {
        let (mut guest, mut host) = (Fixed::new(b"guest"), Fixed::new(b"host"));
        let (mut at_guest, mut at_host) = (Tee::new(&mut guest), Tee::new(&mut host));
        let _ = AwaitHost::start(guest_hello(), &mut at_guest);
        let hello = InvitedHello::check(&World::get().m1, &[invite()], 0).expect("the genuine M1");
        hello.answer(&host_hello(), &mut at_host).expect("good shares");
        [at_guest.into_drawn(), at_host.into_drawn()]
    });
    match role {
        Role::Guest => guest,
        Role::Host => host,
    }
}

/// The keys of the connection as they are behind the handshake.
fn running() -> &'static RunningKeys {
    static KEYS: OnceLock<RunningKeys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let world = World::get();
        let (_, connection) = world.at_host().into_connection(&[], world.start);
        connection.running_keys().expect("no exchange is under way")
    })
}

/// Everything that the screens and the files show of a recording.
fn look_at(wire: &Wire) {
    let newest = wire.frames().next_back().map(|frame| frame.n);
    let broken = Broken {
        x25519: true,
        ml_kem: true,
        ..Broken::default()
    };
    let moments = [
        (None, broken),
        (newest, Broken::default()),
        (newest.map(|n| n / 2), broken),
    ];
    for frame in wire.frames() {
        let seen = wire.inspect(frame.n).expect("it is kept");
        let mut at = 0;
        for field in &seen.fields {
            assert_eq!(field.bytes.start, at, "every byte belongs to one field");
            at = field.bytes.end;
        }
        assert_eq!(at, frame.bytes.len());
        for inside in &seen.inside {
            assert!(
                inside
                    .fields
                    .iter()
                    .all(|field| field.bytes.end <= inside.text.len())
            );
        }
        for (stolen_at, broken) in moments {
            TimeMachine { stolen_at, broken }.fate(wire, frame);
        }
        let _ = (frame.name(), frame.said(), wire.connection_of(frame.n));
    }
    assert_eq!(wire.connections().len(), wire.ladders().len());
    wire.frame_of_event(&[0; 32]);
    wire.to_pcapng(true);
}

pub fn seeds() -> Vec<Vec<u8>> {
    // The forms in which no frame of the handshake is another one.
    const AT_GUEST: u8 = 10;
    const AT_HOST: u8 = 11;
    let world = World::get();
    let with_form = |form: u8, parts: &[(u8, &[u8])]| [vec![form], script(parts)].concat();
    let [roster, entry, head] = world.told_bodies();
    let submit = body::encode(&Body::Submit(Submit {
        event: world.entry.event.clone(),
        signature: world.entry.signature.clone(),
    }));
    let here = body::encode(&Body::Here(Standing { n: 1, head: [5; 32] }));
    let mut drawn = vec![0; 96];
    Fixed::new(b"offer").fill_bytes(&mut drawn);
    let offer = cipher_room::crypto::Offer::generate(&mut Fixed::new(b"offer"));
    let (answer, _) =
        cipher_room::crypto::answer(offer.public(), &mut Fixed::new(b"answer")).expect("good shares");
    let offer = shares(&offer.public().x25519, &offer.public().ml_kem);
    let answer = shares(&answer.x25519, &answer.ml_kem);
    let told = with_form(AT_GUEST, &[(0, &roster), (0, &entry), (0, &head), (4, &here)]);
    let rekeyed = with_form(
        AT_GUEST,
        &[(0, &roster), (6, &drawn), (20, &offer), (24, &answer), (36, b"")],
    );
    let names =
        |seed: &[u8]| -> Vec<&'static str> { recorded(seed).frames().map(|frame| frame.name()).collect() };
    assert_eq!(names(&told)[5..], ["Roster", "Entry", "Head", "Here"]);
    assert_eq!(
        names(&rekeyed)[6..],
        ["Rekey offer", "Rekey answer", "Rekey done"]
    );
    let exchanged = recorded(&rekeyed).inspect(8).expect("the answer");
    assert!(
        !exchanged.private.is_empty(),
        "it is known what came of the exchange"
    );
    vec![
        told,
        with_form(
            AT_HOST,
            &[(0, &submit), (0, &here), (8, b""), (0, &submit), (40, &[0; 8])],
        ),
        rekeyed,
        with_form(6, &[(0, &world.welcome_text()), (0, &head)]),
        with_form(9, &[(0, &world.m5_text()), (0, &here)]),
        with_form(2, &[(0, &[0, 90, 7, 7]), (0, &head)]),
        with_form(
            AT_GUEST,
            &[
                (7, b""),
                (15, b""),
                (23, b""),
                (0, &entry),
                (31, b""),
                (5, b"\x10\0\0"),
            ],
        ),
    ]
}
