//! Mallory's own ends: a host that keeps one log for each guest, a guest, and a hub of the textbook kind.

use std::collections::HashMap;
use std::time::Instant;

use super::ablation::{AUTHOR, CHAIN, ROOM, SEEN, Without};
use super::cr1::{Ticket, host_hello, now_ms, sign, signed_head};
use super::hands::{Halt, Hands};
use super::relay::Relay;
use super::stage::Person;
use super::textbook::{Hello, SUITES, SessionKey, key_packet};
use crate::crypto::{Fingerprint, PublicIdentity, Secret, Signature};
use crate::protocol::body::{self, Body, Entry, MemberEntry, Submit};
use crate::protocol::event::Content;
use crate::protocol::handshake::{
    Agreed, AwaitHost, GuestHello, HandshakeError, HostHello, InviteSecret, InvitedHello,
};
use crate::protocol::wire::{Frame, FrameBuffer};
use crate::protocol::{Connection, Output, OwnChain, RoomLog};

/// A log that lets everything in: Mallory writes what she likes.
type LooseLog = RoomLog<Without<{ AUTHOR | ROOM | CHAIN | SEEN }>>;

/// Mallory as a host.
pub(super) struct EvilHost<'a> {
    hands: &'a Hands,
    relay: &'a Relay,
    hello: HostHello,
    secret: Secret,
    views: HashMap<Person, View>,
    chain: OwnChain,
    /// What everybody is shown.
    common: LooseLog,
    /// The same, to begin another view with.
    before: Vec<Handed>,
}

/// What one guest is shown.
struct View {
    connection: Connection,
    log: LooseLog,
}

/// An event with its signature.
#[derive(Debug, Clone)]
pub(super) struct Handed {
    pub(super) event: Vec<u8>,
    pub(super) signature: Signature,
}

impl<'a> EvilHost<'a> {
    /// A host under Mallory's key, or one that claims to be somebody else.
    pub(super) fn claiming(
        hands: &'a Hands,
        relay: &'a Relay,
        name: Person,
        identity: &PublicIdentity,
        secret: Secret,
    ) -> EvilHost<'a> {
        let hello = host_hello(name, identity);
        EvilHost {
            common: LooseLog::create_with(hello.room.id, identity.clone(), name.name()),
            hands,
            relay,
            hello,
            secret,
            views: HashMap::new(),
            chain: OwnChain::default(),
            before: Vec::new(),
        }
    }

    fn own(&self) -> Fingerprint {
        self.hello.identity.fingerprint()
    }

    /// Shakes hands with a guest and shows it the room.
    pub(super) fn admit(&mut self, person: Person) -> Result<(), Halt> {
        let (agreed, connection) = self.shake_hands(person)?;
        self.introduce(&agreed.peer.identity, &agreed.peer.name)?;
        let name = &self.hello.welcome.host_name;
        let mut log = LooseLog::create_with(self.hello.room.id, self.hello.identity.clone(), name);
        for handed in self.before.clone() {
            let _ = log.append(&self.own(), handed.event, handed.signature);
        }
        let roster = log.roster();
        self.views.insert(person, View { connection, log });
        for piece in roster {
            self.tell(person, &Body::Roster(piece));
        }
        Ok(())
    }

    /// Puts somebody into the room, who need not be there.
    pub(super) fn introduce(&mut self, identity: &PublicIdentity, name: &str) -> Result<(), Halt> {
        let member = MemberEntry {
            identity: identity.as_der().to_vec(),
            name: name.to_owned(),
            seq: 0,
            last: [0; 32],
        };
        let handed = self.write(Content::Admitted(member))?;
        let author = self.own();
        let _ = self
            .common
            .append(&author, handed.event.clone(), handed.signature.clone());
        self.before.push(handed.clone());
        let there: Vec<Person> = self.views.keys().copied().collect();
        for person in there {
            self.show(person, &author, handed.clone(), true);
        }
        Ok(())
    }

    /// Writes an event of the host's own, chained to the one before.
    pub(super) fn write(&mut self, content: Content) -> Result<Handed, Halt> {
        let author = self.own();
        let (event, statement) = self.chain.write(&self.common, author, now_ms(), content);
        let signature = sign(&self.hands.cast.player(Person::Mallory).identity, &statement)
            .ok_or_else(|| Halt::Failed("signing failed".to_owned()))?;
        Ok(Handed { event, signature })
    }

    /// Writes two events of the host's own for one and the same place.
    pub(super) fn write_two(&mut self, texts: [&str; 2]) -> Result<[Handed; 2], Halt> {
        let before = self.chain;
        let say = |text: &str| Content::Message {
            text: text.to_owned(),
        };
        let first = self.write(say(texts[0]))?;
        self.chain = before;
        Ok([first, self.write(say(texts[1]))?])
    }

    /// Takes the next event that a guest hands in.
    pub(super) fn handed_in(&mut self, person: Person) -> Result<Handed, Halt> {
        loop {
            let frame = self.relay.next_frame(person)?;
            let Some(view) = self.views.get_mut(&person) else {
                return Err(Halt::HungUp);
            };
            let taken = view
                .connection
                .handle_input(&frame, Instant::now(), &mut rand::rng());
            if taken.is_err() {
                return Err(Halt::HungUp);
            }
            while let Some(output) = view.connection.poll_output() {
                if let Output::Received(text) = output
                    && let Ok(Body::Submit(Submit { event, signature })) = body::decode::<Body>(&text)
                {
                    return Ok(Handed { event, signature });
                }
            }
        }
    }

    /// Puts an event into one guest's view of the room. `head`: signs the order, as an honest host does.
    pub(super) fn show(&mut self, person: Person, author: &Fingerprint, handed: Handed, head: bool) {
        let identity = &self.hands.cast.player(Person::Mallory).identity;
        let Some(view) = self.views.get_mut(&person) else {
            return;
        };
        let Handed { event, signature } = handed;
        let Ok(appended) = view.log.append(author, event.clone(), signature.clone()) else {
            return;
        };
        let statement = view.log.newest_head_statement();
        let signed = signed_head(&statement, appended.n, appended.head, identity).filter(|_| head);
        let entry = Entry {
            n: appended.n,
            event,
            signature,
        };
        self.tell(person, &Body::Entry(entry));
        if let Some(signed) = signed {
            self.tell(person, &Body::Head(signed));
        }
    }

    /// Writes an event in somebody's name, as it would stand next in a guest's view.
    pub(super) fn forge(&self, person: Person, author: Fingerprint, text: &str) -> Result<Vec<u8>, Halt> {
        let view = self.views.get(&person).ok_or(Halt::HungUp)?;
        let mut chain = view.log.chain_of(&author);
        let content = Content::Message {
            text: text.to_owned(),
        };
        let (event, _) = chain.write(&view.log, author, now_ms(), content);
        Ok(event)
    }

    fn tell(&mut self, person: Person, body: &Body) {
        let Some(view) = self.views.get_mut(&person) else {
            return;
        };
        let _ = view.connection.send(&body::encode(body));
        while let Some(output) = view.connection.poll_output() {
            if let Output::Transmit(frame) = output {
                self.relay.inject(Person::Mallory, person, &frame);
            }
        }
    }

    fn shake_hands(&self, person: Person) -> Result<(Agreed, Connection), Halt> {
        let mut rng = rand::rng();
        let invites = [InviteSecret {
            secret: self.secret.clone(),
            expires_unix: None,
        }];
        let own = &self.hands.cast.player(Person::Mallory).identity;
        let hello = InvitedHello::check(&self.frame(person)?, &invites, 0).map_err(failed)?;
        let state = hello.answer(&self.hello, &mut rng).map_err(failed)?;
        let signature =
            sign(own, &state.statement()).ok_or_else(|| Halt::Failed("signing failed".to_owned()))?;
        let (state, m2) = state.signed(&signature);
        self.relay.inject(Person::Mallory, person, &m2);
        let state = state.receive(self.frame(person)?).map_err(failed)?;
        let (state, m4) = state.admit(&mut rng).map_err(failed)?;
        self.relay.inject(Person::Mallory, person, &m4);
        let established = state.receive(self.frame(person)?).map_err(failed)?;
        Ok(established.into_connection(&[], Instant::now()))
    }

    fn frame(&self, person: Person) -> Result<Frame, Halt> {
        parse(&self.relay.next_frame(person)?)
    }
}

fn failed(error: HandshakeError) -> Halt {
    match error {
        HandshakeError::Refused(_) => Halt::HungUp,
        error => Halt::Failed(format!("Mallory's own handshake failed: {error}")),
    }
}

pub(super) fn parse(bytes: &[u8]) -> Result<Frame, Halt> {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    match buffer.next_frame() {
        Ok(Some(frame)) => Ok(frame),
        _ => Err(Halt::Failed("the bytes are no frame".to_owned())),
    }
}

/// Mallory as a guest.
pub(super) struct EvilGuest<'a> {
    hands: &'a Hands,
    relay: &'a Relay,
    host: Person,
    connection: Connection,
    log: RoomLog,
    chain: OwnChain,
}

impl<'a> EvilGuest<'a> {
    /// Calls a host. `identity`: whose key she shows; `proof`: a signature that she has from somewhere,
    /// or `None` to sign with her own key.
    pub(super) fn join(
        hands: &'a Hands,
        relay: &'a Relay,
        host: Person,
        ticket: &Ticket,
        identity: PublicIdentity,
        proof: Option<Signature>,
    ) -> Result<EvilGuest<'a>, Halt> {
        let mallory = hands.cast.player(Person::Mallory);
        let hello = GuestHello {
            invite: ticket.secret.clone(),
            pinned: None,
            identity: identity.clone(),
            wrap: mallory.wrap.public().clone(),
            name: Person::Alice.name().to_owned(),
        };
        let mut rng = rand::rng();
        let (state, m1) = AwaitHost::start(hello, &mut rng);
        relay.inject(Person::Mallory, host, &m1);
        let state = state.receive(parse(&relay.next_frame(host)?)?).map_err(failed)?;
        let signature = match proof {
            Some(proof) => proof,
            None => sign(&mallory.identity, &state.statement())
                .ok_or_else(|| Halt::Failed("signing failed".to_owned()))?,
        };
        let (state, m3) = state.signed(&signature);
        relay.inject(Person::Mallory, host, &m3);
        let m4 = parse(&relay.next_frame(host)?)?;
        let (established, m5) = state.receive(m4, &mallory.wrap, &mut rng).map_err(failed)?;
        relay.inject(Person::Mallory, host, &m5);
        let (agreed, connection) = established.into_connection(&[], Instant::now());
        let mut guest = EvilGuest {
            hands,
            relay,
            host,
            connection,
            log: RoomLog::join(agreed.room.id, agreed.peer.identity),
            chain: OwnChain::default(),
        };
        guest.enter(identity.fingerprint())?;
        Ok(guest)
    }

    fn enter(&mut self, own: Fingerprint) -> Result<(), Halt> {
        loop {
            let frame = self.relay.next_frame(self.host)?;
            let taken = self
                .connection
                .handle_input(&frame, Instant::now(), &mut rand::rng());
            if taken.is_err() {
                return Err(Halt::HungUp);
            }
            while let Some(output) = self.connection.poll_output() {
                if let Output::Received(text) = output
                    && let Ok(Body::Roster(piece)) = body::decode::<Body>(&text)
                {
                    let more = piece.more;
                    let _ = self.log.take_roster(piece);
                    if !more {
                        self.chain = self.log.chain_of(&own);
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Says something under her own key.
    pub(super) fn say(&mut self, text: &str) -> Result<(), Halt> {
        let mallory = self.hands.cast.player(Person::Mallory);
        let content = Content::Message {
            text: text.to_owned(),
        };
        let own = mallory.identity.fingerprint();
        let (event, statement) = self.chain.write(&self.log, own, now_ms(), content);
        let signature =
            sign(&mallory.identity, &statement).ok_or_else(|| Halt::Failed("signing failed".to_owned()))?;
        self.submit(event, signature);
        Ok(())
    }

    /// Hands in an event from wherever.
    pub(super) fn submit(&mut self, event: Vec<u8>, signature: Signature) {
        let body = Body::Submit(Submit { event, signature });
        let _ = self.connection.send(&body::encode(&body));
        while let Some(output) = self.connection.poll_output() {
            if let Output::Transmit(frame) = output {
                self.relay.inject(Person::Mallory, self.host, &frame);
            }
        }
    }
}

/// Mallory as the hub of a textbook room: one key for all, messages passed on.
pub(super) struct EvilHub<'a> {
    hands: &'a Hands,
    relay: &'a Relay,
    pub(super) session: SessionKey,
    hellos: Vec<(Person, Hello)>,
}

impl<'a> EvilHub<'a> {
    pub(super) fn new(hands: &'a Hands, relay: &'a Relay) -> EvilHub<'a> {
        EvilHub {
            hands,
            relay,
            session: SessionKey::generate(b"AES256-GCM"),
            hellos: Vec::new(),
        }
    }

    /// Takes a member in and gives it the room's key.
    pub(super) fn admit(&mut self, person: Person) -> Result<(), Halt> {
        let frame = self.relay.next_frame(person)?;
        let hello = Hello::read(&frame).ok_or(Halt::HungUp)?;
        let key = key_packet(&self.session, &hello.key).ok_or(Halt::HungUp)?;
        self.announce(
            person,
            "Mallory",
            self.hands.cast.player(Person::Mallory).textbook.public_der(),
        );
        self.relay.inject(Person::Mallory, person, &key);
        self.hellos.push((person, hello));
        Ok(())
    }

    /// Tells a member somebody's name and bare key.
    pub(super) fn announce(&self, to: Person, name: &str, key: &[u8]) {
        let hello = Hello {
            name: name.to_owned(),
            suites: SUITES.to_vec(),
            key: key.to_vec(),
        };
        self.relay.inject(Person::Mallory, to, &hello.packet());
    }

    /// Tells every member of every other one, honestly.
    pub(super) fn announce_all(&self) {
        for (to, _) in &self.hellos {
            for (other, hello) in self.hellos.iter().filter(|(other, _)| other != to) {
                self.announce(*to, other.name(), &hello.key);
            }
        }
    }

    /// The key that a member showed.
    pub(super) fn key_of(&self, person: Person) -> Vec<u8> {
        let found = self.hellos.iter().find(|(whose, _)| *whose == person);
        found.map_or_else(Vec::new, |(_, hello)| hello.key.clone())
    }
}
