//! CR/1 in memory: handshakes step by step with the CPU time of each side, and connections.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Identity, MAX_BATCH, Secret, Statement, WrapKey, sign_batch};
use cipher_room::protocol::body::{RoomDescriptor, Standing, Welcome};
use cipher_room::protocol::handshake::{
    AwaitHost, AwaitResumed, Established, GuestHello, HostHello, InviteSecret, InvitedHello, ResumeHello,
};
use cipher_room::protocol::wire::{Frame, FrameBuffer};
use cipher_room::protocol::{Connection, Output};

use super::{End, READ_BYTES};
use crate::measure::on_cpu;

/// A host and a guest with their keys.
pub struct People {
    pub host: Identity,
    pub guest: Identity,
    wrap: WrapKey,
    hello: HostHello,
    invites: Vec<InviteSecret>,
    invited: GuestHello,
}

/// CPU time of the two sides.
#[derive(Debug, Default, Clone, Copy)]
pub struct Sides {
    pub guest: Duration,
    pub host: Duration,
}

impl People {
    /// Reads ready-made keys.
    pub fn new() -> People {
        let host = Identity::from_pem(include_str!("../../tests/keys/ada.pem")).expect("a good key");
        let guest = Identity::from_pem(include_str!("../../tests/keys/bob.pem")).expect("a good key");
        let wrap = WrapKey::from_pem(include_str!("../../tests/keys/ada-wrap.pem")).expect("a good key");
        let invite = Secret::generate(&mut rand::rng());
        let hello = HostHello {
            identity: host.public().clone(),
            room: RoomDescriptor {
                id: [7; 32],
                name: "Den".to_owned(),
            },
            welcome: Welcome {
                host_name: "Ada".to_owned(),
            },
        };
        let invited = GuestHello {
            invite: invite.clone(),
            pinned: Some(host.fingerprint()),
            identity: guest.public().clone(),
            wrap: wrap.public().clone(),
            name: "Bob".to_owned(),
        };
        let invites = vec![InviteSecret {
            secret: invite,
            expires_unix: None,
        }];
        People {
            host,
            guest,
            wrap,
            hello,
            invites,
            invited,
        }
    }

    /// So many handshakes at once, whose answers the host signs with one RSA operation. Every guest
    /// signs for itself, as guests at different machines do.
    pub fn shake_hands(&self, count: usize, sides: &mut Sides) -> Vec<(Established, Established)> {
        let mut rng = rand::rng();
        let hellos: Vec<_> = (0..count)
            .map(|_| {
                on_cpu(&mut sides.guest, || {
                    AwaitHost::start(self.invited.clone(), &mut rng)
                })
            })
            .collect();
        let answers = on_cpu(&mut sides.host, || {
            let signing: Vec<_> = hellos
                .iter()
                .map(|(_, m1)| {
                    let invited = InvitedHello::check(&frame(m1), &self.invites, 0);
                    let invited = invited.expect("the guest is invited");
                    invited.answer(&self.hello, &mut rng).expect("good key shares")
                })
                .collect();
            let statements: Vec<_> = signing.iter().map(|state| state.statement()).collect();
            let signatures = sign_batch(&self.host, &statements, &mut rng).expect("a good key");
            let signed = signing.into_iter().zip(signatures);
            signed
                .map(|(state, signature)| state.signed(&signature))
                .collect::<Vec<_>>()
        });
        let mut done = Vec::with_capacity(count);
        for ((awaits_host, _), (awaits_proof, m2)) in hellos.into_iter().zip(answers) {
            let (awaits_welcome, m3) = on_cpu(&mut sides.guest, || {
                let prove = awaits_host.receive(frame(&m2)).expect("the host is genuine");
                let signatures = sign_batch(&self.guest, &[prove.statement()], &mut rng);
                prove.signed(&signatures.expect("a good key").remove(0))
            });
            let (awaits_confirmation, m4) = on_cpu(&mut sides.host, || {
                let admit = awaits_proof.receive(frame(&m3)).expect("the guest is genuine");
                admit.admit(&mut rng).expect("a good key")
            });
            let (guest, m5) = on_cpu(&mut sides.guest, || {
                let outcome = awaits_welcome.receive(frame(&m4), &self.wrap, &mut rng);
                outcome.expect("the welcome is genuine")
            });
            let host = on_cpu(&mut sides.host, || {
                awaits_confirmation.receive(frame(&m5)).expect("confirmed")
            });
            done.push((guest, host));
        }
        done
    }

    /// A session that was lost is resumed, without RSA.
    pub fn resume(&self, lost: &(Established, Established), sides: &mut Sides) {
        let now = Instant::now();
        let mut rng = rand::rng();
        let kept = lost.1.agreed().session(now);
        let (awaits_host, r1) = on_cpu(&mut sides.guest, || {
            AwaitResumed::start(lost.0.agreed().session(now), &mut rng)
        });
        let (awaits_confirmation, r2) = on_cpu(&mut sides.host, || {
            let hello = ResumeHello::parse(&frame(&r1)).expect("a good frame");
            let proven = hello.check(kept, now).expect("the ticket is the guest's");
            let answered = proven.answer(&self.hello.welcome, &mut rng);
            answered.expect("good key shares")
        });
        let (guest, r3) = on_cpu(&mut sides.guest, || {
            let outcome = awaits_host.receive(frame(&r2), Standing::default());
            outcome.expect("the host is genuine")
        });
        let host = on_cpu(&mut sides.host, || {
            awaits_confirmation.receive(frame(&r3)).expect("confirmed")
        });
        std::hint::black_box((guest, host));
    }

    /// The two ends of so many fresh connections, the guest's first.
    pub fn connect_many(&self, count: usize) -> Vec<(Cr1End, Cr1End)> {
        let pairs = self.shake_hands(count, &mut Sides::default()).into_iter();
        pairs
            .map(|(guest, host)| (Cr1End::new(guest), Cr1End::new(host)))
            .collect()
    }

    /// The two ends of a fresh connection, the guest's first.
    pub fn connect(&self) -> (Cr1End, Cr1End) {
        let mut pairs = self.shake_hands(1, &mut Sides::default());
        let (guest, host) = pairs.remove(0);
        (Cr1End::new(guest), Cr1End::new(host))
    }

    /// The CPU time of one RSA operation each: sign, verify, wrap and unwrap a secret, and sign 64
    /// statements at once.
    pub fn rsa_operations(&self) -> [Duration; 5] {
        let mut rng = rand::rng();
        let [mut sign, mut verify, mut wrap, mut unwrap, mut batch] = [Duration::ZERO; 5];
        let statement = Statement::new("test", &[b"benchmark"]);
        let signature = on_cpu(&mut sign, || {
            let signatures = sign_batch(&self.host, std::slice::from_ref(&statement), &mut rng);
            signatures.expect("a good key").remove(0)
        });
        on_cpu(&mut verify, || {
            let verified = signature.verify(self.host.public(), &statement);
            verified.expect("the signature is genuine");
        });
        let secret = Secret::generate(&mut rng);
        let wrapped = on_cpu(&mut wrap, || {
            let wrapped = self.wrap.public().wrap(&secret, &[1; 32], &mut rng);
            wrapped.expect("a good key")
        });
        on_cpu(&mut unwrap, || {
            std::hint::black_box(self.wrap.unwrap(&wrapped, &[1; 32], &mut rng));
        });
        let statements = vec![statement; MAX_BATCH];
        on_cpu(&mut batch, || {
            let signatures = sign_batch(&self.host, &statements, &mut rng);
            std::hint::black_box(signatures.expect("a good key"));
        });
        [sign, verify, wrap, unwrap, batch]
    }
}

fn frame(bytes: &[u8]) -> Frame {
    let mut buffer = FrameBuffer::default();
    buffer.push(bytes);
    let frame = buffer.next_frame().expect("a good frame");
    frame.expect("a whole frame")
}

/// An end of a CR/1 connection.
pub struct Cr1End {
    connection: Connection,
    buffer: Vec<u8>,
    waiting: Vec<u8>,
}

impl Cr1End {
    fn new(established: Established) -> Cr1End {
        let (_, connection) = established.into_connection(&[], Instant::now());
        Cr1End {
            connection,
            buffer: vec![0; READ_BYTES],
            waiting: Vec::new(),
        }
    }
}

impl End for Cr1End {
    fn seal(&mut self, text: &[u8]) {
        self.connection
            .send(text)
            .expect("the text is short and the line open");
    }

    fn transmit(&mut self, socket: &mut dyn Write) {
        let Some(first) = self.frame_to_write() else {
            return;
        };
        let Some(second) = self.frame_to_write() else {
            return socket.write_all(&first).expect("the other end reads");
        };
        self.waiting.extend_from_slice(&first);
        self.waiting.extend_from_slice(&second);
        while let Some(frame) = self.frame_to_write() {
            self.waiting.extend_from_slice(&frame);
        }
        socket.write_all(&self.waiting).expect("the other end reads");
        self.waiting.clear();
    }

    fn send(&mut self, text: &[u8], wire: &mut Vec<u8>, socket: &mut dyn Write) {
        wire.clear();
        self.connection
            .send_into(text, wire)
            .expect("the text is short and the line open");
        socket.write_all(wire).expect("the other end reads");
    }

    fn open(&mut self, wire: &mut dyn Read) -> usize {
        let count = wire.read(&mut self.buffer).expect("the other end writes");
        self.connection
            .handle_input(&self.buffer[..count], Instant::now(), &mut rand::rng())
            .expect("nobody is in between");
        let mut opened = 0;
        while let Some(output) = self.connection.poll_output() {
            if let Output::Received(text) = output {
                opened += text.len();
                std::hint::black_box(text);
            }
        }
        opened
    }
}

impl Cr1End {
    fn frame_to_write(&mut self) -> Option<Vec<u8>> {
        match self.connection.poll_output() {
            Some(Output::Transmit(frame)) => Some(frame),
            _ => None,
        }
    }
}
