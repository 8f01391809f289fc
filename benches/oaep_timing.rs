//! What the time of an unwrap tells about what was wrapped (RUSTSEC-2023-0071, "Marvin"; Manger 2001).
//!
//! `cargo bench --bench oaep_timing`
//!
//! Ciphertexts of six kinds are unwrapped in random order, with the same key, by the CPU time of one
//! thread, and each kind is compared with the good ones: medians, and Welch's t over the lower nine tenths
//! of the times (as dudect does: the upper ones are interrupts). Above 4.5 the difference is no accident.
//! The difference in nanoseconds is what an attacker on the network would have to see behind a network's
//! own noise, in one attempt for each wrap key and handshake.

mod measure;

use cipher_room::crypto::{Secret, WrapKey};
use rand::Rng;
use rand::seq::SliceRandom;
use rsa::pkcs8::DecodePublicKey;
use rsa::{Oaep, PublicKey};
use sha2::Sha256;

use self::measure::{heading, line, on_cpu};

/// Unwraps of each kind.
const UNWRAPS: usize = 1500;
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

fn main() {
    let mut rng = rand::rng();
    let key = WrapKey::from_pem(include_str!("../tests/keys/ada-wrap.pem")).expect("a good key");
    let public = PublicKey::from_public_key_der(key.public().as_der()).expect("a good key");
    let mut order: Vec<usize> = (0..KINDS.len() * UNWRAPS).map(|i| i % KINDS.len()).collect();
    order.shuffle(&mut rng);
    let mut times: [Vec<f64>; KINDS.len()] = Default::default();
    for kind in order {
        let wrapped = ciphertext(kind, &key, &public, &mut rng);
        let mut took = std::time::Duration::ZERO;
        on_cpu(&mut took, || {
            std::hint::black_box(key.unwrap(std::hint::black_box(&wrapped), &LABEL, &mut rand::rng()))
        });
        times[kind].push(took.as_nanos() as f64);
    }
    heading("Unwrapping", &["median µs", "differs by ns", "t", "verdict"]);
    for kind in &mut times {
        kind.sort_by(f64::total_cmp);
    }
    let good = Cropped::of(&times[0]);
    for (name, times) in KINDS.iter().zip(&times) {
        let own = Cropped::of(times);
        let t = own.welch(&good);
        let verdict = if t.abs() < NO_ACCIDENT {
            "alike"
        } else {
            "told apart"
        };
        line(
            name,
            &[
                format!("{:.1}", times[times.len() / 2] / 1e3),
                format!("{:.0}", own.mean - good.mean),
                format!("{t:.2}"),
                verdict.to_owned(),
            ],
        );
    }
    println!(
        "\nThe last two are told by their first look, before the key is touched: they say nothing of it."
    );
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

    fn welch(&self, other: &Cropped) -> f64 {
        (self.mean - other.mean) / (self.variance_of_mean + other.variance_of_mean).sqrt()
    }
}
