//! Attacks of strangers: sockets, bytes and first messages.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use cipher_room::crypto::Secret;
use rand::RngExt;

use super::Target;

/// Connections that a stranger holds at once, more than one address may have …
const HELD: usize = 600;
/// … and one with many addresses, more than a host lets shake hands.
const HELD_BY_MANY: usize = 2400;

/// A byte now and then, on many connections.
pub fn slow_loris(target: &Target) {
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
pub fn half_open(target: &Target) {
    hold_open(target, HELD);
}

pub fn half_open_from_a_guest(target: &Target) {
    half_open(&target.beside_the_guests());
}

/// Takes all places of those who shake hands.
pub fn half_open_from_many(target: &Target) {
    hold_open(&target.with_many_addresses(), HELD_BY_MANY);
}

fn hold_open(target: &Target, most: usize) {
    let mut held: Vec<TcpStream> = Vec::new();
    while target.goes_on(Duration::from_millis(20)) {
        held.retain_mut(|stream| !matches!(stream.read(&mut [0; 16]), Ok(0)));
        for _ in 0..20 {
            if held.len() < most
                && let Ok(stream) = target.connect()
                && stream.set_nonblocking(true).is_ok()
            {
                target.did(1);
                held.push(stream);
            }
        }
    }
}

/// Comes and goes, as often as it can: a thousand times a second.
pub fn connection_flood(target: &Target) {
    while target.goes_on(Duration::from_millis(10)) {
        for _ in 0..10 {
            target.did(u64::from(target.connect().is_ok()));
        }
    }
}

pub fn flood_from_a_guest(target: &Target) {
    connection_flood(&target.beside_the_guests());
}

pub fn flood_from_many(target: &Target) {
    connection_flood(&target.with_many_addresses());
}

/// A hello that was recorded, again and again.
pub fn repeated_m1(target: &Target) {
    let recorded = target.hello(&target.invite.secret);
    send_and_leave(target, || recorded.clone());
}

/// Fresh hellos of somebody without an invitation.
pub fn uninvited(target: &Target) {
    let some: Vec<_> = (0..32).map(|_| target.hello(&Secret::ZERO)).collect();
    let mut next = some.iter().cycle();
    send_and_leave(target, || next.next().cloned().unwrap_or_default());
}

/// Fresh hellos of somebody who holds the invitation: each takes the host a signature.
pub fn invited(target: &Target) {
    send_and_leave(target, target.hellos(&target.invite.secret));
}

pub fn invited_from_many(target: &Target) {
    invited(&target.with_many_addresses());
}

pub fn oversized(target: &Target) {
    let mut kinds = [1_u8, 3, 5, 16, 21].into_iter().cycle();
    send_and_leave(target, || vec![kinds.next().unwrap_or(1), 0xff, 0xff, 0xff, 0xff]);
}

pub fn random_bytes(target: &Target) {
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
