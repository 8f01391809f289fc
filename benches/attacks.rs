//! Texts that each scorer judges in a second, and keys that an attack tries: `cargo bench --bench attacks`.
//!
//! Timed like the other benchmarks here, by the CPU time of one thread (`benches/measure`), and not with Criterion, whose wall
//! clock says little on a busy machine.

mod measure;

use std::hint::black_box;
use std::time::Duration;

use cipher_room::analysis::attack::{Blind, Problem, reading_score};
use cipher_room::analysis::attacks;
use cipher_room::analysis::language::{Language, letters_of, spaced_of};
use cipher_room::ciphers::{self, Key};
use measure::{Rounds, on_cpu};

const PROSE: &str = "The ferry was late again, so we sat on the wall above the harbour and watched the boats come in one after another \
                     until the lamps were lit along the quay.";
const ROUNDS: usize = 15;

fn main() {
    let language = Language::english();
    let (letters, spaced) = (letters_of(PROSE), spaced_of(PROSE));
    println!(
        "A text of {} letters is judged, times a second on one core:",
        letters.len()
    );
    let scorers: [(&str, &dyn Fn() -> f64, u32); 6] = [
        (
            "quadgrams",
            &|| language.quadgrams().score(black_box(&letters)),
            20_000,
        ),
        (
            "pentagrams",
            &|| language.pentagrams().score(black_box(&letters)),
            20_000,
        ),
        (
            "quadgrams with spaces",
            &|| language.spaced_quadgrams().score(black_box(&spaced)),
            20_000,
        ),
        (
            "pentagrams with spaces",
            &|| language.spaced_pentagrams().score(black_box(&spaced)),
            20_000,
        ),
        (
            "words",
            &|| language.words().part(black_box(&letters)).log_probability,
            500,
        ),
        (
            "pentagrams and words",
            &|| reading_score(language, black_box(&letters)),
            500,
        ),
    ];
    for (name, scorer, times) in scorers {
        let mut rounds = Rounds::default();
        scorer();
        for _ in 0..ROUNDS {
            let mut cpu = Duration::ZERO;
            on_cpu(&mut cpu, || {
                for _ in 0..times {
                    black_box(scorer());
                }
            });
            rounds.add(f64::from(times) / cpu.as_secs_f64());
        }
        println!("  {name:<24} {:>12.0}", rounds.median());
    }
    println!("Keys that an attack tries, a second on one core:");
    for (id, key) in [
        ("caesar", Key::new().with("shift", "7")),
        ("affine", Key::new().with("a", "5").with("b", "8")),
        ("rail-fence", Key::new().with("rails", "5")),
        ("substitution", Key::new().with("keyword", "ZEBRAS")),
    ] {
        let cipher = ciphers::find(id)
            .expect("the cipher exists")
            .build(&key)
            .expect("the key is valid");
        let text = cipher.encrypt(PROSE).expect("a classical cipher takes any text");
        let attack = attacks::find(id).expect("it has an attack");
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            let mut cpu = Duration::ZERO;
            let found = on_cpu(&mut cpu, || {
                attack.run(&Problem::new(&text, language), &mut Blind)
            });
            rounds.add(found.map_or(0, |found| found.tried) as f64 / cpu.as_secs_f64());
        }
        println!("  {id:<24} {:>12.0}", rounds.median());
    }
}
