//! What is said in CBOR: the texts of records, one of each kind at least, and what stands in them and in the handshake.

use std::fmt::Debug;

use cipher_room::crypto::{Secret, Signature};
use cipher_room::protocol::body::{
    self, Body, Declined, Entry, LetGo, MemberEntry, PageEnd, Position, Positions, Private, Return,
    RoomDescriptor, Roster, SignedHead, Standing, Submit, Tally, Welcome,
};
use cipher_room::protocol::{Content, LogState, RoomEvent, SignedEvent};

use super::World;
use super::world::host_hello;

/// Every CBOR value: what decodes encodes back to the same bytes.
pub fn bodies(data: &[u8]) {
    fn one<T>(data: &[u8])
    where
        T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()>,
    {
        if let Ok(value) = body::decode::<T>(data) {
            assert_eq!(body::encode(&value), data);
        }
    }
    one::<Body>(data);
    one::<Submit>(data);
    one::<Roster>(data);
    one::<Entry>(data);
    one::<SignedHead>(data);
    one::<Declined>(data);
    one::<Standing>(data);
    one::<Positions>(data);
    one::<Tally>(data);
    one::<Return>(data);
    one::<Private>(data);
    one::<PageEnd>(data);
    one::<LetGo>(data);
    one::<RoomEvent>(data);
    one::<Content>(data);
    one::<MemberEntry>(data);
    one::<RoomDescriptor>(data);
    one::<Welcome>(data);
    one::<Signature>(data);
    one::<LogState>(data);
    let signature = Signature {
        rsa: Vec::new(),
        index: 0,
        size: 1,
        path: Vec::new(),
    };
    let _ = SignedEvent::decode(data.to_vec(), signature);
}

/// A genuine body of the kind that comes next, by the numbers of the kinds: a new kind does not compile without its place.
fn after(kind: &Body) -> Option<Body> {
    let world = World::get();
    let Entry { n, event, signature } = world.entry.clone();
    let member = world.ada.fingerprint();
    let head = world.roster.head;
    let private = Private {
        member,
        bytes: world.m1.kind.frame(&world.m1.body),
    };
    Some(match kind {
        Body::Submit(_) => Body::Roster(world.roster.clone()),
        Body::Roster(_) => Body::Entry(Entry { n, event, signature }),
        Body::Entry(_) => Body::Head(SignedHead {
            n,
            head,
            signature: world.host_signature.clone(),
        }),
        Body::Head(_) => Body::Declined(Declined {
            event: head,
            fault: 9,
        }),
        Body::Declined(_) => Body::Here(Standing { n, head }),
        Body::Here(_) => Body::Positions(Positions {
            confirmed: vec![Position { member, n }],
        }),
        Body::Positions(_) => Body::Tally(Tally { n, members: 4812 }),
        Body::Tally(_) => Body::Return(Return {
            secret: Secret::new([5; 32]),
        }),
        Body::Return(_) => Body::Private(private),
        Body::Private(_) => Body::Away(private),
        Body::Away(_) => Body::PageEnd(PageEnd { n, newest: 900 }),
        Body::PageEnd(_) => Body::LetGo(LetGo {
            n: 90,
            head,
            members: world.roster.members.clone(),
            more: true,
        }),
        Body::LetGo(_) => return None,
    })
}

/// One genuine body of each kind.
pub fn each_kind() -> Vec<Body> {
    let Entry { event, signature, .. } = World::get().entry.clone();
    let first = Body::Submit(Submit { event, signature });
    let kinds: Vec<Body> = std::iter::successors(Some(first), after).collect();
    for number in 1..=u8::MAX {
        let nothing = minicbor::to_vec((number, ())).expect("memory");
        let refused = minicbor::decode::<Body>(&nothing).expect_err("no body is nothing");
        let is_kind = !refused.to_string().contains("no such body");
        assert_eq!(is_kind, usize::from(number) <= kinds.len(), "kind {number}");
    }
    kinds
}

pub fn seeds() -> Vec<Vec<u8>> {
    fn read_back<T>(value: &T) -> Vec<u8>
    where
        T: minicbor::Encode<()> + for<'b> minicbor::Decode<'b, ()> + PartialEq + Debug,
    {
        let bytes = body::encode(value);
        assert_eq!(body::decode::<T>(&bytes).as_ref(), Ok(value));
        bytes
    }
    let world = World::get();
    let [roster, _, head] = world.told_bodies();
    let mut seeds = vec![
        roster,
        head,
        read_back(&host_hello().room),
        read_back(&host_hello().welcome),
    ];
    seeds.extend(each_kind().iter().map(read_back));
    let event: RoomEvent = body::decode(&world.entry.event).expect("our own event");
    seeds.push(read_back(&event));
    seeds.push(read_back(&event.content));
    seeds.push(read_back(&world.host_signature));
    seeds
}
