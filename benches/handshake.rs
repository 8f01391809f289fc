//! Handshakes in memory: how many a second, and the CPU time of each side, for CR/1 and for mutual TLS 1.3.
//!
//! `cargo bench --bench handshake`
//!
//! CR/1 one at a time; CR/1 in a storm, where one signature of the host covers 64 answers; CR/1 resumed, without
//! RSA; and rustls with the same key exchange and RSA-3072 certificates on both sides. CPU time of one thread; the rounds
//! of the three stand side by side, and every figure is the median of the rounds.

mod ends;
mod measure;

use std::time::Duration;

use cipher_room::crypto::MAX_BATCH;

use self::ends::cr1::{People, Sides};
use self::ends::tls::Configs;
use self::measure::{Rounds, heading, line};

const ROUNDS: usize = 9;
const HANDSHAKES: usize = 16;

/// CPU milliseconds of a handshake in every round.
#[derive(Default)]
struct Cost {
    guest: Rounds,
    host: Rounds,
    both: Rounds,
}

impl Cost {
    fn add(&mut self, sides: Sides, handshakes: usize) {
        let each = |cpu: Duration| cpu.as_secs_f64() * 1e3 / handshakes as f64;
        self.guest.add(each(sides.guest));
        self.host.add(each(sides.host));
        self.both.add(each(sides.guest + sides.host));
    }

    fn print(&self, name: &str, rival: &Cost) {
        let ratio =
            |own: &Rounds, other: &Rounds| format!("{:.2} ({:.2})", own.median(), own.ratio_to(other));
        line(
            name,
            &[
                ratio(&self.guest, &rival.guest),
                ratio(&self.host, &rival.host),
                format!("{:.0}", 1e3 / self.both.median()),
                format!("{:.0}", 1e3 / self.host.median()),
            ],
        );
    }
}

fn main() {
    let (people, configs) = (People::new(), Configs::new());
    let [mut single, mut storm, mut resumed, mut tls] = std::array::from_fn(|_| Cost::default());
    let mut operations: [Rounds; 7] = std::array::from_fn(|_| Rounds::default());
    for _ in 0..ROUNDS {
        let mut sides = Sides::default();
        for _ in 0..HANDSHAKES {
            drop(people.shake_hands(1, &mut sides));
        }
        single.add(sides, HANDSHAKES);

        let mut sides = Sides::default();
        for _ in 0..HANDSHAKES {
            drop(configs.shake_hands(&mut sides));
        }
        tls.add(sides, HANDSHAKES);

        let mut sides = Sides::default();
        let established = people.shake_hands(MAX_BATCH, &mut sides);
        storm.add(sides, MAX_BATCH);

        let mut sides = Sides::default();
        for lost in &established {
            people.resume(lost, &mut sides);
        }
        resumed.add(sides, MAX_BATCH);

        for _ in 0..HANDSHAKES {
            let ours = people.rsa_operations().into_iter();
            let all = ours.chain(configs.rsa_operations());
            for (rounds, cpu) in operations.iter_mut().zip(all) {
                rounds.add(cpu.as_secs_f64() * 1e3);
            }
        }
    }

    heading(
        "CPU ms of a handshake (ratio to rustls)",
        &["guest", "host", "both/s, 1 core", "host/s, 1 core"],
    );
    single.print("CR/1, one at a time", &tls);
    storm.print("CR/1, 64 at once", &tls);
    resumed.print("CR/1, resumed", &tls);
    tls.print("rustls, mutual TLS 1.3", &tls);

    let [sign, verify, wrap, unwrap, batch, rival_sign, rival_verify] = &operations;
    heading("CPU ms of one RSA-3072 operation", &["ours", "rustls", "ratio"]);
    for (name, own, rival) in [
        ("sign, PSS", sign, Some(rival_sign)),
        ("sign 64 at once, PSS and Merkle tree", batch, None),
        ("verify, PSS", verify, Some(rival_verify)),
        ("wrap, OAEP", wrap, None),
        ("unwrap, OAEP, blinded", unwrap, None),
    ] {
        let of_rival = rival.map_or(String::new(), |rival| format!("{:.3}", rival.median()));
        let ratio = rival.map_or(String::new(), |rival| format!("{:.2}", own.ratio_to(rival)));
        line(name, &[format!("{:.3}", own.median()), of_rival, ratio]);
    }
}
