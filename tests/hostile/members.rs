//! Attacks of members: who holds an invitation, comes in, and then does what no honest program does.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use cipher_room::crypto::sign_batch;
use cipher_room::net::limits::{MAX_DECLINED, OUTBOX_BYTES, SHORT_MESSAGE};
use cipher_room::protocol::body::{self, Body, Private, Standing, Submit};
use cipher_room::protocol::handshake::{AwaitResumed, Session};
use cipher_room::protocol::limits::{MAX_MESSAGE_BYTES, MAX_PRIVATE_BYTES, REKEY_INTERVAL};
use cipher_room::protocol::wire::FrameKind;
use cipher_room::protocol::{Content, Output, OwnChain};

use super::Target;
use crate::people::keys::{keys, many_keys};
use crate::people::{CEM, RawGuest, read_frame};

/// How long who was sent away, or not let in, waits before it tries again.
const PAUSE: Duration = Duration::from_millis(50);

/// Shakes hands and hears the first of the room, as any member; `None` where the host does not let it.
fn enter(target: &Target, key: &str) -> Option<RawGuest> {
    let mut raw = RawGuest::try_join(&target.invite, key).ok()?;
    let Some(Body::Roster(roster)) = raw.next_body() else {
        return None;
    };
    raw.log.take_roster(roster).ok()?;
    Some(raw)
}

/// Sends a text in a record; fails when the host has hung up.
fn send(raw: &mut RawGuest, text: &[u8]) -> io::Result<()> {
    send_often(raw, text, 1)
}

/// The same text, each time in a record of its own, and all of them in one write.
fn send_often(raw: &mut RawGuest, text: &[u8], times: usize) -> io::Result<()> {
    let mut frames = Vec::new();
    for _ in 0..times {
        raw.connection.send_into(text, &mut frames).unwrap();
    }
    raw.stream.write_all(&frames)
}

/// Does something while all that the host sends is read and forgotten, or it would drop a slow reader. Hangs up behind it.
fn while_reading(raw: &mut RawGuest, act: impl FnOnce(&mut RawGuest) -> io::Result<()>) {
    let Ok(mut reading) = raw.stream.try_clone() else {
        return;
    };
    std::thread::scope(|threads| {
        threads.spawn(move || {
            let mut buffer = vec![0; 64 * 1024];
            while reading.read(&mut buffer).is_ok_and(|count| count > 0) {}
        });
        // That the host hung up first is an end like any other.
        let _ = act(raw);
        let _ = raw.stream.shutdown(Shutdown::Both);
    });
}

/// Becomes a member, and sends noise.
pub fn garbage_member(target: &Target) {
    while target.goes_on(PAUSE) {
        let Ok(mut raw) = RawGuest::try_join(&target.invite, CEM) else {
            continue;
        };
        target.did(u64::from(raw.stream.write_all(&[0x55; 4096]).is_ok()));
    }
}

/// Messages of one letter, as many as the host takes.
pub fn tiny_messages(target: &Target) {
    say_without_end(target, "x");
}

/// The longest messages that there are.
pub fn long_messages(target: &Target) {
    say_without_end(target, &"x".repeat(MAX_MESSAGE_BYTES));
}

/// The same again and again, as fast as the host takes it; signed 64 at once.
fn say_without_end(target: &Target, what: &str) {
    let Some(mut raw) = enter(target, CEM) else {
        return;
    };
    while_reading(&mut raw, |raw| {
        // It may have been here before.
        let mut chain = raw.log.chain_of(&raw.identity.fingerprint());
        loop {
            for text in batch_of(what, raw, &mut chain) {
                if !target.goes_on(Duration::ZERO) {
                    return Ok(());
                }
                send(raw, &text)?;
                target.did(1);
            }
        }
    });
}

/// So many submissions has a batch, the most that one signature covers.
const BATCH: usize = 64;

/// Submissions that all say the same, under one signature.
pub fn batch_of(what: &str, raw: &RawGuest, chain: &mut OwnChain) -> Vec<Vec<u8>> {
    let own = raw.identity.fingerprint();
    let (events, statements): (Vec<_>, Vec<_>) = (0..BATCH)
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

/// So many tiny records are a flood.
pub const MANY_RECORDS: u64 = 1_000_000;

/// The smallest records that a member may send as often as it likes; at each 65,536th of them the key is changed.
pub fn tiny_records(target: &Target) {
    if let Some(mut raw) = enter(target, CEM) {
        while_reading(&mut raw, |raw| confirm(target, raw, MANY_RECORDS));
    }
}

/// Says so often that it has the log, in records of some 60 bytes without a signature, as fast as the host takes them.
pub fn confirm(target: &Target, raw: &mut RawGuest, count: u64) -> io::Result<()> {
    const AT_ONCE: u64 = 1000;
    let here = body::encode(&Body::Here(raw.log.standing()));
    for _ in 0..count / AT_ONCE {
        if !target.goes_on(Duration::ZERO) {
            break;
        }
        send_often(raw, &here, AT_ONCE as usize)?;
        target.did(AT_ONCE);
    }
    Ok(())
}

/// Becomes a member, and offers fresh keys at once: genuine ones, far too soon. Goes when the host has hung up for it.
pub fn key_updates(target: &Target) {
    while target.goes_on(PAUSE) {
        let Some(mut raw) = enter(target, CEM) else {
            continue;
        };
        let frames = early_rekey(&mut raw).concat();
        if raw.stream.write_all(&frames).is_ok() {
            target.did(1);
            while target.goes_on(Duration::ZERO) && raw.next_body().is_some() {}
        }
    }
}

/// A first word, and the offer of fresh keys that a guest makes ten minutes after it came. Where nothing was said it makes
/// none, and the host opens it only behind all that was sealed before.
pub fn early_rekey(raw: &mut RawGuest) -> Vec<Vec<u8>> {
    let here = body::encode(&Body::Here(raw.log.standing()));
    raw.connection.send(&here).unwrap();
    let much_later = Instant::now() + REKEY_INTERVAL + Duration::from_secs(1);
    raw.connection.handle_timeout(much_later, &mut rand::rng());
    let frames: Vec<Vec<u8>> = std::iter::from_fn(|| raw.connection.poll_output())
        .filter_map(|output| match output {
            Output::Transmit(frame) => Some(frame),
            _ => None,
        })
        .collect();
    let kinds: Vec<u8> = frames.iter().map(|frame| frame[0]).collect();
    assert_eq!(kinds, [FrameKind::Data as u8, FrameKind::RekeyOffer as u8]);
    frames
}

/// Members one after the other, each with a key of its own: each hands in what can only be declined until it is sent away
/// for that. The same key would be sent away at its next one.
pub fn declined_events(target: &Target) {
    let mut keys = keys();
    // To look for primes takes longer than the rest, so these are there before it begins.
    let ready: Vec<String> = keys.by_ref().take(60).collect();
    for key in ready.into_iter().chain(keys) {
        if !target.goes_on(Duration::ZERO) {
            break;
        }
        let Some(mut raw) = enter(target, &key) else {
            continue;
        };
        // As if much of what it said had been lost.
        let mut chain = raw.log.chain_of(&raw.identity.fingerprint());
        chain.seq += 40;
        let _ = (0..MAX_DECLINED as usize / BATCH).try_for_each(|_| {
            let batch = batch_of("x", &raw, &mut chain);
            batch.iter().try_for_each(|text| send(&mut raw, text))
        });
        while target.goes_on(Duration::ZERO)
            && let Some(body) = raw.next_body()
        {
            target.did(u64::from(matches!(body, Body::Declined(_))));
        }
    }
}

/// Six members, each of whom comes back with its ticket as soon as it was let in, and brings no log: two entries in
/// everybody's log each time.
pub fn resumptions(target: &Target) {
    with_keys(6, |key| {
        while target.goes_on(PAUSE) {
            if let Some(raw) = enter(target, key) {
                come_and_go(target, raw.session, Standing::default());
            }
        }
    });
}

/// A member says much, and comes back again and again with the log from before that: each time the host reads pages from
/// its disk for it. It hangs up when the first one comes.
pub fn catch_ups(target: &Target) {
    // A key of its own: what it owes for the pages is not to be asked of other attackers.
    with_keys(1, |key| {
        let mut left_at = None;
        while target.goes_on(PAUSE) {
            let Some(mut raw) = enter(target, key) else {
                continue;
            };
            let at = match left_at {
                Some(at) => at,
                None => {
                    let at = raw.log.standing();
                    if say_much(&mut raw, at.n).is_none() {
                        continue;
                    }
                    *left_at.insert(at)
                }
            };
            come_and_go(target, raw.session, at);
        }
    });
}

/// Puts four pages into the log behind entry `n`, and waits until they are there. `None` when the host hangs up.
fn say_much(raw: &mut RawGuest, n: u64) -> Option<()> {
    const BATCHES: usize = 32;
    let mut chain = raw.log.chain_of(&raw.identity.fingerprint());
    for _ in 0..BATCHES {
        let batch = batch_of("x", raw, &mut chain);
        batch.iter().try_for_each(|text| send(raw, text)).ok()?;
    }
    loop {
        if let Body::Entry(entry) = raw.next_body()?
            && entry.n >= n + (BATCHES * BATCH) as u64
        {
            return Some(());
        }
    }
}

/// Resumes a session and hangs up when the host has said something, again and again until the host refuses it.
fn come_and_go(target: &Target, mut session: Session, standing: Standing) {
    while target.goes_on(Duration::ZERO) {
        match come_back(target, session, standing) {
            Ok(next) => session = next,
            Err(_) => return,
        }
        target.did(1);
    }
}

/// Gives the session to come back with the next time.
fn come_back(target: &Target, session: Session, standing: Standing) -> io::Result<Session> {
    let mut stream = target.connect()?;
    let (state, r1) = AwaitResumed::start(session, &mut rand::rng());
    stream.write_all(&r1)?;
    let answer = read_frame(&mut stream)?;
    let (established, r3) = state.receive(answer, standing).map_err(io::Error::other)?;
    stream.write_all(&r3)?;
    // It is in now, or the next ticket would not be known yet.
    stream.read_exact(&mut [0])?;
    Ok(established.agreed().session(Instant::now()))
}

/// So many members at once, each with a key of its own.
fn with_keys(count: usize, attack: impl Fn(&str) + Sync) {
    let (keys, attack) = (many_keys(count), &attack);
    std::thread::scope(|threads| {
        for key in &keys {
            threads.spawn(move || attack(key));
        }
    });
}

/// Becomes a member, has short private pieces sent to itself without end, and reads none of them. Of what does not find a
/// place it is told that each piece goes back, which it does not read either, until the host takes it for dead; then it
/// comes again.
pub fn reads_nothing(target: &Target) {
    while target.goes_on(PAUSE) {
        if let Some(mut raw) = enter(target, CEM) {
            let _ = fill_own_outbox(target, &mut raw);
        }
    }
}

fn fill_own_outbox(target: &Target, raw: &mut RawGuest) -> io::Result<()> {
    const AT_ONCE: usize = 64;
    let piece = to_itself(raw, SHORT_MESSAGE);
    while target.goes_on(Duration::ZERO) {
        send_often(raw, &piece, AT_ONCE)?;
        target.did(AT_ONCE as u64);
    }
    Ok(())
}

/// A private piece that the host passes on to who sent it.
fn to_itself(raw: &RawGuest, bytes: usize) -> Vec<u8> {
    body::encode(&Body::Private(Private {
        member: raw.identity.fingerprint(),
        bytes: vec![0; bytes],
    }))
}

/// Members who each have nearly as much sent to themselves as may wait of what the room says, and take a little of it now
/// and then: none of them is slow enough to be dropped, and together it would be 350 MiB.
pub fn hoards(target: &Target) {
    with_keys(HOARDS, |key| {
        while target.goes_on(PAUSE) {
            if let Some(mut raw) = enter(target, key) {
                // Until the host has enough of it; it comes again.
                let _ = hoard(target, &mut raw);
            }
        }
    });
}

const HOARDS: usize = 50;
/// So much of what one of them sends is not read: it lies in the systems' buffers, waits, or went back.
const HOARD_BYTES: usize = OUTBOX_BYTES - 1024 * 1024;
/// How often it reads, long before the host takes it for dead.
const NOW_AND_THEN: Duration = Duration::from_secs(2);

/// Long pieces: the host takes a megabyte of them a second, and hardly works for it.
fn hoard(target: &Target, raw: &mut RawGuest) -> io::Result<()> {
    let piece = to_itself(raw, MAX_PRIVATE_BYTES);
    raw.stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    let (mut waiting, mut read_at) = (0, Instant::now());
    let mut buffer = vec![0; 128 * 1024];
    while target.goes_on(Duration::from_millis(20)) {
        if waiting < HOARD_BYTES {
            send(raw, &piece)?;
            waiting += piece.len();
            target.did(1);
        }
        if read_at.elapsed() >= NOW_AND_THEN {
            read_at = Instant::now();
            match raw.stream.read(&mut buffer)? {
                0 => break,
                count => waiting = waiting.saturating_sub(count),
            }
        }
    }
    Ok(())
}
