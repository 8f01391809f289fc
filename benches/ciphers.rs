//! Megabytes per second of every cipher, encrypting and decrypting 1 MB of prose on one thread: the median of 15 runs.
//!
//! `cargo bench --bench ciphers`

use std::hint::black_box;
use std::time::Instant;

use cipher_room::ciphers::{ALL, Cipher, Direction, Family};

const BYTES: usize = 1_000_000;
const RUNS: usize = 15;

/// The least that issue "The Classical Ciphers lab" asks for, in MB/s.
fn goal(id: &str, family: Family) -> Option<f64> {
    match family {
        Family::Monoalphabetic | Family::Polyalphabetic | Family::Polygraphic | Family::OneTimePad => {
            Some(200.0)
        }
        Family::Transposition => Some(100.0),
        Family::Rotor => Some(20.0),
        Family::Fractionating if id == "polybius" => Some(200.0),
        Family::Fractionating => Some(100.0),
        Family::Modern => None,
    }
}

/// English-like prose: words of uneven length, capitals, commas and line breaks, the same at every run.
fn prose() -> String {
    const WORDS: [&str; 16] = [
        "the",
        "quick",
        "cipher",
        "of",
        "a",
        "general",
        "attacks",
        "at",
        "dawn",
        "while",
        "letters",
        "and",
        "everything",
        "else",
        "stays",
        "in",
    ];
    let mut text = String::with_capacity(BYTES + 16);
    let mut state = 1u64;
    while text.len() < BYTES {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        text.push_str(WORDS[(state >> 60) as usize]);
        text.push_str(match (state >> 32) % 12 {
            0 => ". But ",
            1 => ", ",
            2 => "\n",
            _ => " ",
        });
    }
    text.truncate(BYTES);
    text
}

fn megabytes_per_second(cipher: &dyn Cipher, direction: Direction, text: &str) -> f64 {
    let mut seconds: Vec<f64> = (0..RUNS)
        .map(|_| {
            let start = Instant::now();
            black_box(cipher.apply(direction, black_box(text))).expect("the benchmark's texts are valid");
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    text.len() as f64 / 1e6 / seconds[RUNS / 2]
}

fn main() {
    let text = prose();
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect();
    println!(
        "{:<16} {:>12} {:>12} {:>14} {:>8}",
        "MB/s", "encrypt", "decrypt", "letters only", "goal"
    );
    for spec in ALL {
        let mut key = spec.sample_key();
        if spec.id == "one-time-pad" {
            key.set("pad", &letters);
        }
        let cipher = spec.build(&key).expect("a fresh card has a valid key");
        let secret = cipher.encrypt(&text).expect("the pad is long enough");
        let encrypting = megabytes_per_second(cipher.as_ref(), Direction::Encrypt, &text);
        let decrypting = megabytes_per_second(cipher.as_ref(), Direction::Decrypt, &secret);
        let plain = megabytes_per_second(cipher.as_ref(), Direction::Encrypt, &letters);
        let goal = goal(spec.id, spec.family).map_or(String::new(), |goal| format!("{goal}"));
        println!(
            "{:<16} {encrypting:>12.0} {decrypting:>12.0} {plain:>14.0} {goal:>8}",
            spec.id
        );
    }
}
