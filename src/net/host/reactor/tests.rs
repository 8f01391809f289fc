//! A reactor without its thread: what waits for members who read nothing, and what a stranger has it do.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, bounded};
use socket2::SockRef;

use super::{ConnId, Input, Job, Reactor, Stage, Task, prepare};
use crate::crypto::test_keys::{ADA, ADA_WRAP, BOB};
use crate::crypto::{Identity, Secret, Signature, Statement, WrapKey, sign_batch};
use crate::net::host::gate::Origin;
use crate::net::host::piece::{Piece, Waiting};
use crate::net::host::rehearsal::shared;
use crate::net::limits::{HELD_AFTERWARDS, HELD_BYTES, LAST_WORD_TIMEOUT, MAX_PIECES_FOR_ONE, OUTBOX_BYTES};
use crate::net::thread::Teller;
use crate::protocol::handshake::{AwaitHost, GuestHello, InviteSecret, InvitedHello};
use crate::protocol::limits::{MAX_PRIVATE_BYTES, MAX_RECORD_BYTES};
use crate::protocol::wire::{Frame, FrameBuffer};
use crate::protocol::{CloseReason, Connection, DepartureReason, Output};

/// A reactor of Ada's room, and Bob, who comes as often as he likes and never reads.
struct Ground {
    ada: Arc<Identity>,
    bob: Identity,
    wrap: WrapKey,
    reactor: Reactor,
    told: Receiver<Input>,
    /// What the threads that do RSA are given.
    jobs: Receiver<Job>,
    /// Bob's ends.
    ends: Vec<(TcpStream, Connection)>,
}

impl Ground {
    fn new() -> Ground {
        let ada = Arc::new(Identity::from_pem(ADA).unwrap());
        let (events, _) = bounded(1);
        let shared = shared(&ada, Teller::new(events, Arc::new(|| {})));
        let (to_do, jobs) = bounded(10);
        let (inputs, told) = bounded(1000);
        Ground {
            ada,
            bob: Identity::from_pem(BOB).unwrap(),
            wrap: WrapKey::from_pem(ADA_WRAP).unwrap(),
            reactor: Reactor::new(prepare(0).unwrap(), shared, Vec::new(), Vec::new(), to_do, inputs),
            told,
            jobs,
            ends: Vec::new(),
        }
    }

    /// Bob comes once more, and says nothing; gives the number of the connection, and his end of it.
    fn stranger(&mut self) -> (u64, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let end = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        // So that the system takes little of what waits.
        SockRef::from(&end).set_recv_buffer_size(4096).unwrap();
        SockRef::from(&stream).set_send_buffer_size(4096).unwrap();
        stream.set_nonblocking(true).unwrap();
        let number = self.reactor.next_number;
        let origin = Origin::of(Ipv4Addr::LOCALHOST.into());
        self.reactor.adopt(mio::net::TcpStream::from_std(stream), origin);
        (number, end)
    }

    /// Bob comes once more and is a member; gives the number of the connection.
    fn member(&mut self) -> u64 {
        let (number, end) = self.stranger();
        let (own, connection) = self.shake_hands();
        self.reactor.conns.get_mut(&number).unwrap().stage = Stage::Live(Box::new(connection));
        self.ends.push((end, own));
        number
    }

    /// What Bob begins with who holds this secret.
    fn hello(&self, secret: Secret) -> GuestHello {
        GuestHello {
            invite: secret,
            pinned: None,
            identity: self.bob.public().clone(),
            wrap: self.wrap.public().clone(),
            name: "Bob".to_owned(),
        }
    }

    /// Gives Bob's end of a new connection, and Ada's.
    fn shake_hands(&self) -> (Connection, Connection) {
        let mut rng = rand::rng();
        let secret = Secret::new([5; 32]);
        let hello = self.hello(secret.clone());
        let (guest, m1) = AwaitHost::start(hello, &mut rng);
        let invites = [InviteSecret {
            secret,
            expires_unix: None,
        }];
        let host = InvitedHello::check(&frame(&m1), &invites, 0).unwrap();
        let host = host.answer(&self.reactor.shared.hello, &mut rng).unwrap();
        let signature = sign(&self.ada, host.statement());
        let (host, m2) = host.signed(&signature);
        let guest = guest.receive(frame(&m2)).unwrap();
        let signature = sign(&self.bob, guest.statement());
        let (guest, m3) = guest.signed(&signature);
        let host = host.receive(frame(&m3)).unwrap();
        let (host, m4) = host.admit(&mut rng).unwrap();
        let (established, m5) = guest.receive(frame(&m4), &self.wrap, &mut rng).unwrap();
        let ends = [established, host.receive(frame(&m5)).unwrap()];
        let [bob, ada] = ends.map(|end| end.into_connection(&[], Instant::now()).1);
        (bob, ada)
    }

    /// What Bob hears on his newest connection, until so many texts are there.
    fn hear(&mut self, count: usize) -> Vec<Vec<u8>> {
        let (end, connection) = self.ends.last_mut().unwrap();
        end.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (mut heard, mut buffer) = (Vec::new(), [0; 4096]);
        while heard.len() < count {
            let count = end.read(&mut buffer).unwrap();
            assert!(count > 0, "it was hung up on");
            connection
                .handle_input(&buffer[..count], Instant::now(), &mut rand::rng())
                .unwrap();
            while let Some(output) = connection.poll_output() {
                match output {
                    Output::Received(text) => heard.push(text),
                    other => panic!("{other:?}"),
                }
            }
        }
        heard
    }

    /// Why Ada says goodbye on Bob's newest connection, behind whatever else she says, and the bytes that he has read then.
    fn hear_goodbye(&mut self) -> (CloseReason, usize) {
        let number = self.reactor.next_number - 1;
        let (end, connection) = self.ends.last_mut().unwrap();
        end.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let (mut buffer, mut read) = ([0; 4096], 0);
        loop {
            // The poll would tell her that the line takes more.
            self.reactor.flush(number);
            let count = end.read(&mut buffer).unwrap();
            assert!(count > 0, "it was hung up on");
            read += count;
            connection
                .handle_input(&buffer[..count], Instant::now(), &mut rand::rng())
                .unwrap();
            while let Some(output) = connection.poll_output() {
                if output == Output::PeerClosed {
                    return (connection.peer_close_reason(), read);
                }
            }
        }
    }

    fn broadcast(&mut self, text: &Arc<[u8]>) {
        self.reactor.handle_task(Task::Broadcast(Arc::clone(text)));
    }

    /// Somebody has a private piece for a member.
    fn pass(&mut self, number: u64, text: Vec<u8>, waiting: &Waiting) {
        let sums = [waiting.clone(), Waiting::default(), Waiting::default()];
        self.reactor.handle_task(Task::Pass {
            conn: ConnId { reactor: 0, number },
            piece: Piece::new(text, sums),
        });
    }

    fn is_let_go(&self, number: u64) -> bool {
        let conn = self.reactor.conns.get(&number);
        conn.is_none_or(|conn| conn.ends_when_flushed)
    }
}

fn sign(who: &Identity, statement: Statement) -> Signature {
    sign_batch(who, &[statement], &mut rand::rng()).unwrap().remove(0)
}

fn frame(bytes: &[u8]) -> Frame {
    let mut frames = FrameBuffer::default();
    frames.push(bytes);
    frames.next_frame().unwrap().unwrap()
}

#[test]
fn where_all_hold_too_much_together_those_with_most_of_it_are_let_go_and_who_shares_stays() {
    let mut ground = Ground::new();
    let hearers: Vec<u64> = (0..6).map(|_| ground.member()).collect();
    for number in &hearers {
        ground.reactor.hears_from_now_on(*number);
    }
    // Each below what may wait for one, and together above what may wait for all.
    let greedy: Vec<u64> = (0..40).map(|_| ground.member()).collect();
    let texts = OUTBOX_BYTES / MAX_RECORD_BYTES - 8;
    assert!(greedy.len() * texts * MAX_RECORD_BYTES > HELD_BYTES);
    let long: Arc<[u8]> = vec![0; MAX_RECORD_BYTES].into();
    for _ in 0..100 {
        ground.broadcast(&long);
    }
    assert!(ground.reactor.ledger.held_bytes() < 2 * OUTBOX_BYTES);
    let mut most = 0;
    for _ in 0..texts {
        for number in &greedy {
            ground.reactor.handle_task(Task::Send {
                conn: ConnId {
                    reactor: 0,
                    number: *number,
                },
                text: Arc::clone(&long),
            });
            most = most.max(ground.reactor.ledger.held_bytes());
        }
    }
    assert!((HELD_AFTERWARDS..=HELD_BYTES).contains(&most), "{most}");
    assert!(hearers.iter().all(|number| !ground.is_let_go(*number)));
    let let_go = greedy.iter().filter(|number| ground.is_let_go(**number));
    let let_go = let_go.count();
    assert!((5..20).contains(&let_go), "{let_go}");
    let reason = DepartureReason::TooSlow;
    let is_told = |input: &Input| matches!(input, Input::Gone { reason: why, .. } if *why == reason);
    assert_eq!(ground.told.try_iter().filter(is_told).count(), let_go);
}

#[test]
fn what_the_room_says_goes_before_private_pieces_that_came_earlier() {
    let mut ground = Ground::new();
    let number = ground.member();
    ground.reactor.hears_from_now_on(number);
    let waiting = Waiting::default();
    ground.pass(number, b"first piece".to_vec(), &waiting);
    ground.pass(number, b"second piece".to_vec(), &waiting);
    ground.broadcast(&b"said".to_vec().into());
    assert!(waiting.bytes() > 0);
    ground.reactor.flush_dirty();
    assert_eq!(ground.hear(3), [&b"said"[..], b"first piece", b"second piece"]);
    assert_eq!(waiting.bytes(), 0);
}

#[test]
fn nobody_is_let_go_for_private_pieces_and_they_take_no_place_of_what_the_room_says() {
    let mut ground = Ground::new();
    let number = ground.member();
    ground.reactor.hears_from_now_on(number);
    let waiting = Waiting::default();
    // Far more than the room would ever pass on.
    for _ in 0..4 * MAX_PIECES_FOR_ONE / MAX_PRIVATE_BYTES {
        ground.pass(number, vec![0; MAX_PRIVATE_BYTES], &waiting);
        ground.reactor.flush_dirty();
    }
    let before = waiting.bytes();
    assert!(before > OUTBOX_BYTES && !ground.is_let_go(number));
    let ledger = &ground.reactor.ledger;
    assert!(ledger.held_bytes() < 1024 * 1024 && ledger.unsent_bytes() == 0);
    let long: Arc<[u8]> = vec![0; MAX_RECORD_BYTES].into();
    let most = OUTBOX_BYTES / MAX_RECORD_BYTES;
    for _ in 0..most - 8 {
        ground.broadcast(&long);
        ground.reactor.flush_dirty();
    }
    assert!(!ground.is_let_go(number), "as much waits for it as may");
    assert_eq!(waiting.bytes(), before, "pieces stand back");
    for _ in 0..16 {
        ground.broadcast(&long);
    }
    assert!(ground.is_let_go(number));
    assert_eq!(waiting.bytes(), 0, "what is forgotten waits no more");
}

#[test]
fn who_came_over_another_line_is_told_so_on_the_one_that_ends_for_it() {
    let mut ground = Ground::new();
    let tasks: [fn(ConnId) -> Task; 2] = [|conn| Task::Replace { conn }, |conn| Task::Drop { conn }];
    for (task, reason) in tasks
        .into_iter()
        .zip([CloseReason::Replaced, CloseReason::Goodbye])
    {
        let number = ground.member();
        ground.reactor.hears_from_now_on(number);
        ground.broadcast(&b"said before".to_vec().into());
        ground.reactor.handle_task(task(ConnId { reactor: 0, number }));
        ground.reactor.flush_dirty();
        assert!(ground.is_let_go(number));
        assert_eq!(ground.hear_goodbye().0, reason);
    }
}

#[test]
fn who_came_over_another_line_is_told_so_in_place_of_all_that_it_has_not_read_on_a_slow_one() {
    let mut ground = Ground::new();
    let number = ground.member();
    ground.reactor.hears_from_now_on(number);
    let waiting = Waiting::default();
    ground.pass(number, vec![0; MAX_PRIVATE_BYTES], &waiting);
    let long: Arc<[u8]> = vec![0; MAX_RECORD_BYTES].into();
    for _ in 0..OUTBOX_BYTES / MAX_RECORD_BYTES - 8 {
        ground.broadcast(&long);
    }
    // The line takes a part of it, and the last record of that not whole.
    ground.reactor.flush_dirty();
    let ledger = Rc::clone(&ground.reactor.ledger);
    assert!(ledger.unsent_bytes() > OUTBOX_BYTES / 2 && waiting.bytes() > 0);
    let now = Instant::now();
    let conn = ConnId { reactor: 0, number };
    ground.reactor.handle_task(Task::Replace { conn });
    assert_eq!((ledger.unsent_bytes(), waiting.bytes()), (0, 0));
    assert!(ledger.held_bytes() < 1024 * 1024, "{}", ledger.held_bytes());
    let ends_at = ground.reactor.conns[&number].deadline;
    assert!(
        ends_at >= Some(now + LAST_WORD_TIMEOUT),
        "a slow line has time for it"
    );
    let (reason, read) = ground.hear_goodbye();
    assert_eq!(reason, CloseReason::Replaced);
    assert!(read < OUTBOX_BYTES / 8, "{read}");
}

#[test]
fn who_was_sent_away_hears_what_was_said_before_also_where_it_comes_over_another_line() {
    let mut ground = Ground::new();
    let number = ground.member();
    ground.reactor.hears_from_now_on(number);
    let long: Arc<[u8]> = vec![0; MAX_RECORD_BYTES].into();
    // More than the line takes at once.
    for _ in 0..3 {
        ground.broadcast(&long);
    }
    let conn = ConnId { reactor: 0, number };
    ground.reactor.handle_task(Task::Drop { conn });
    ground.reactor.handle_task(Task::Replace { conn });
    let (reason, read) = ground.hear_goodbye();
    assert_eq!(reason, CloseReason::Goodbye);
    assert!(read > 3 * MAX_RECORD_BYTES, "{read}");
}

#[test]
fn a_hello_without_the_invitation_gives_those_who_do_rsa_nothing_to_do() {
    let mut ground = Ground::new();
    let invitation = ground.reactor.shared.door().secrets()[0].secret.clone();
    for (secret, jobs) in [(Secret::ZERO, 0), (Secret::new([5; 32]), 0), (invitation, 1)] {
        let m1 = AwaitHost::start(ground.hello(secret), &mut rand::rng()).1;
        let (number, _end) = ground.stranger();
        assert!(ground.reactor.take_in(number, &m1).is_ok());
        assert_eq!(ground.is_let_go(number), jobs == 0);
        let given: Vec<Job> = ground.jobs.try_iter().collect();
        assert_eq!(given.len(), jobs);
        assert!(given.iter().all(|job| matches!(job, Job::Answer { .. })));
    }
}
