//! What the time of an unwrap tells about what was wrapped (RUSTSEC-2023-0071, "Marvin"; Manger 2001).
//!
//! `cargo bench --bench oaep_timing [-- UNWRAPS]`: so many of each kind, 2,000 unless said
//!
//! Ciphertexts of six kinds are unwrapped in random order, with the same key, and each kind is compared with the good ones:
//! by the CPU time of one thread, and by the clock of a peer that sends them over loopback and waits for the answer (a byte
//! behind each unwrap, whatever came of it). Medians, the difference of the means with its interval of 95 %, and Welch's t, over
//! the lower nine tenths of the times (as dudect does: the upper ones are interrupts). Above 4.5 the difference is no
//! accident; what 4.5 would be in nanoseconds stands beside it, because nothing smaller could have been told.
//! An attacker has one attempt for each handshake.

mod measure;

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use cipher_room::crypto::{Secret, WrapKey};
use rand::Rng;
use rand::seq::SliceRandom;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Oaep, PublicKey};
use sha2::Sha256;

use self::measure::{heading, line, on_cpu};

/// Unwraps of each kind.
const UNWRAPS: usize = 2000;
/// The threshold of dudect (Reparaz, Balasch, Verbauwhede 2017).
const NO_ACCIDENT: f64 = 4.5;
const LABEL: [u8; 32] = [7; 32];
const KINDS: [&str; 6] = [
    "good",
    "another label",
    "31 bytes inside",
    "random, below the modulus",
    "above the modulus",
    "one byte too short",
];

/// The nanoseconds of every unwrap, by kind.
type Times = [Vec<f64>; KINDS.len()];

fn main() {
    // Cargo hands its own `--bench` down too.
    let unwraps = std::env::args().find_map(|argument| argument.parse().ok());
    let unwraps: usize = unwraps.unwrap_or(UNWRAPS);
    let mut times = Times::default();
    measure(unwraps, &mut times, |key, wrapped| {
        let mut took = Duration::ZERO;
        on_cpu(&mut took, || unwrap(key, wrapped));
        took
    });
    print("Unwrapping, CPU time", &mut times);

    let mut times = Times::default();
    std::thread::scope(|scope| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("it was bound");
        scope.spawn(move || answer(&listener));
        let mut stream = TcpStream::connect(address).expect("it listens");
        stream.set_nodelay(true).expect("it is connected");
        measure(unwraps, &mut times, |_, wrapped| ask(&mut stream, wrapped));
    });
    print("Unwrapping, as a peer over loopback sees it", &mut times);
    println!(
        "\nThe last two are told by their first look, before the key is touched: they say nothing of it."
    );
}

/// Times so many ciphertexts of each kind, in random order.
fn measure(unwraps: usize, times: &mut Times, mut time: impl FnMut(&WrapKey, &[u8]) -> Duration) {
    let mut rng = rand::rng();
    let key = wrap_key();
    let public = PublicKey::from_public_key_der(key.public().as_der()).expect("a good key");
    let mut order: Vec<usize> = (0..KINDS.len() * unwraps).map(|i| i % KINDS.len()).collect();
    order.shuffle(&mut rng);
    for kind in order {
        let wrapped = ciphertext(kind, &key, &public, &mut rng);
        times[kind].push(time(&key, &wrapped).as_nanos() as f64);
    }
}

fn wrap_key() -> WrapKey {
    WrapKey::from_pem(include_str!("../tests/keys/ada-wrap.pem")).expect("a good key")
}

fn unwrap(key: &WrapKey, wrapped: &[u8]) {
    let secret = key.unwrap(std::hint::black_box(wrapped), &LABEL, &mut rand::rng());
    std::hint::black_box(secret);
}

/// Unwraps what the one peer sends, each behind its length in two bytes, until it hangs up.
fn answer(listener: &TcpListener) {
    let key = wrap_key();
    let (mut stream, _) = listener.accept().expect("somebody connects");
    stream.set_nodelay(true).expect("it is connected");
    let mut length = [0; 2];
    while stream.read_exact(&mut length).is_ok() {
        let mut wrapped = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut wrapped).expect("all of it comes");
        unwrap(&key, &wrapped);
        stream.write_all(&[0]).expect("the peer waits for it");
    }
}

/// How long the answer takes, by the clock on the wall.
fn ask(stream: &mut TcpStream, wrapped: &[u8]) -> Duration {
    let length = u16::try_from(wrapped.len()).expect("it is short").to_be_bytes();
    let question = [&length[..], wrapped].concat();
    let sent = Instant::now();
    stream.write_all(&question).expect("it listens");
    stream.read_exact(&mut [0]).expect("it answers");
    sent.elapsed()
}

fn print(title: &str, times: &mut Times) {
    heading(
        title,
        &[
            "median µs",
            "differs by ns",
            "± 95 %",
            "t",
            "t = 4.5 is ns",
            "verdict",
        ],
    );
    for kind in times.iter_mut() {
        kind.sort_by(f64::total_cmp);
    }
    let good = Cropped::of(&times[0]);
    for (kind, (name, times)) in KINDS.iter().zip(times.iter()).enumerate() {
        let median = format!("{:.1}", times[times.len() / 2] / 1e3);
        if kind == 0 {
            line(name, &[median]);
            continue;
        }
        let own = Cropped::of(times);
        let (difference, error) = (own.mean - good.mean, own.error_beside(&good));
        let t = difference / error;
        let verdict = if t.abs() < NO_ACCIDENT {
            "alike"
        } else {
            "told apart"
        };
        line(
            name,
            &[
                median,
                format!("{difference:.0}"),
                format!("{:.0}", 1.96 * error),
                format!("{t:.2}"),
                format!("{:.0}", NO_ACCIDENT * error),
                verdict.to_owned(),
            ],
        );
    }
}

fn ciphertext(kind: usize, key: &WrapKey, public: &PublicKey, rng: &mut rand::rngs::ThreadRng) -> Vec<u8> {
    let secret = Secret::generate(rng);
    let wrap =
        |label, rng: &mut rand::rngs::ThreadRng| key.public().wrap(&secret, label, rng).expect("a good key");
    match kind {
        0 => wrap(&LABEL, rng),
        1 => wrap(&[8; 32], rng),
        2 => public
            .encrypt(
                rng,
                Oaep::<Sha256>::new_with_label(LABEL.to_vec()),
                &secret.expose()[..31],
            )
            .expect("a good key"),
        3 => {
            let mut bytes = vec![0; 384];
            rng.fill_bytes(&mut bytes);
            // The modulus has its highest bit set.
            bytes[0] &= 0x7f;
            bytes
        }
        4 => vec![0xff; 384],
        _ => {
            let mut bytes = wrap(&LABEL, rng);
            bytes.truncate(383);
            bytes
        }
    }
}

/// The lower nine tenths of some times.
struct Cropped {
    mean: f64,
    variance_of_mean: f64,
}

impl Cropped {
    fn of(sorted: &[f64]) -> Cropped {
        let kept = &sorted[..sorted.len() * 9 / 10];
        let count = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / count;
        let squares = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>();
        Cropped {
            mean,
            variance_of_mean: squares / (count - 1.0) / count,
        }
    }

    /// The standard error of the difference of the two means (Welch).
    fn error_beside(&self, other: &Cropped) -> f64 {
        (self.variance_of_mean + other.variance_of_mean).sqrt()
    }
}
