//! A room that can know hardly anybody more.

use super::*;

/// Somebody new, whose key nobody holds.
fn stranger(number: u8) -> PublicIdentity {
    let mut identity = bob().as_der().to_vec();
    // In the middle of the modulus.
    identity[100] = number;
    PublicIdentity::from_der(&identity).unwrap()
}

/// Has somebody come, on a line of its own.
fn comes(room: &mut RoomThread<'_>, identity: PublicIdentity, number: u64) -> Fingerprint {
    let who = identity.fingerprint();
    let conn = ConnId { reactor: 0, number };
    let standing = Standing::default();
    let arrival = Arrival {
        conn,
        identity,
        ..arrival(&standing, 0)
    };
    room.arrived(arrival, &standing);
    who
}

#[test]
fn of_newcomers_who_are_admitted_together_no_more_come_in_than_there_are_places() {
    let ground = Ground::new();
    let mut room = ground.room();
    ground.admit(&mut room, &bob(), "Bob");
    room.log.fill(2);
    let known = comes(&mut room, bob(), 10);
    let newcomers = [1, 2, 3].map(|number| comes(&mut room, stranger(number), 10 + u64::from(number)));
    assert_eq!(ground.given(), 0, "each by itself has a place");
    room.let_in(Instant::now());
    room.ask_for_signatures();
    let statements = ground.to_sign.try_recv().unwrap();
    assert_eq!(
        statements.len(),
        3,
        "the two places, and whoever is known already"
    );
    assert_eq!(ground.given(), 1, "the last one is hung up on");
    assert!(room.arriving.contains_key(&known));
    assert_eq!(
        newcomers.map(|who| room.arriving.contains_key(&who)),
        [true, true, false]
    );
}
