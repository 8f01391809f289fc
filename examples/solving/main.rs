//! Measures how often attacks solve ciphertexts that they have not seen, and how long that takes.
//!
//! `cargo run --release --example solving [-- CIPHER [COUNT]]` prints one line of Markdown for each row: solved texts (at
//! least 95 % of the letters right), those of them that were sure, wrong answers given as sure, and the median CPU time on one
//! thread. With `--wrong` it asks every attack, and `auto`, about texts that are too short, that no cipher made or that another
//! one made, and counts wrong answers given as sure. `--texts en=FILE` (also `de`, `fr`, `es`) takes plaintexts from a file, a
//! text a line; `--seconds N` stops an attack there; `--wrong guess` counts wrong guesses at the family and the language instead; `--show` prints the answers that were wrong and sure. `docs/performance.md` holds the figures. The
//! plaintexts that are built in (`tests/texts`) are of other origin than the models.

mod honest;
#[path = "../../benches/measure/mod.rs"]
mod measure;
mod rows;
mod texts;

use std::ops::ControlFlow;
use std::process::ExitCode;
use std::time::Duration;

use cipher_room::analysis::attack::{Problem, Progress, Random, Watch};
use cipher_room::analysis::attacks;
use cipher_room::analysis::language::{Language, letters_of};
use cipher_room::ciphers::{self, Key};
use honest::Options;
use measure::{Rounds, thread_cpu};
use rows::ROWS;
use texts::{Lines, excerpt};

/// Stops an attack after so much CPU time of its thread.
struct Limit {
    ends: Duration,
}

impl Watch for Limit {
    fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
        self.go_on()
    }

    fn go_on(&mut self) -> ControlFlow<()> {
        match thread_cpu() >= self.ends {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }
}

fn main() -> ExitCode {
    let (mut options, mut wrong) = (
        Options {
            only: None,
            count: 40,
            texts: Vec::new(),
            seconds: 2,
            show: false,
        },
        false,
    );
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--wrong" => wrong = true,
            "--show" => options.show = true,
            "--seconds" => options.seconds = arguments.next().and_then(|n| n.parse().ok()).unwrap_or(2),
            "--texts" => match Lines::of(&arguments.next().unwrap_or_default()) {
                Ok(lines) => options.texts.push(lines),
                Err(reason) => {
                    eprintln!("{reason}");
                    return ExitCode::from(2);
                }
            },
            word => match word.parse() {
                Ok(count) => options.count = count,
                Err(_) => options.only = Some(word.to_owned()),
            },
        }
    }
    // The tables are unpacked once for a program, and that is not the attack's time.
    let language = Language::english();
    language.pentagrams();
    language.spaced_pentagrams();
    language.words();
    match wrong {
        true if options.only.as_deref() == Some("guess") => honest::measure_guesses(&options),
        true => honest::measure(&options),
        false => solve(&options),
    }
    ExitCode::SUCCESS
}

/// Prints a line for each row of the table.
fn solve(options: &Options) {
    let language = Language::english();
    println!("| cipher | task | letters | solved | of them sure | wrong, given as sure | median CPU time |");
    println!("|---|---|---|---|---|---|---|");
    let english = options.texts.iter().find(|lines| lines.language.id == "en");
    let (mut answers, mut wrong_and_sure) = (0, 0);
    let wanted = |row: &&rows::Row| options.only.as_deref().is_none_or(|only| only == row.cipher);
    for row in ROWS.iter().filter(wanted) {
        let Some(attack) = attacks::find(row.cipher) else {
            continue;
        };
        let (mut solved, mut sure, mut wrong, mut times) = (0, 0, 0, Rounds::default());
        let count = options.count.min(row.most);
        for number in 0..count {
            let mut random = Random::new(row.letters as u64 * 1_000 + number);
            let plain = match english {
                Some(lines) => lines.excerpt(&mut random, row.letters, row.spaces),
                None => excerpt(&mut random, row.letters, row.spaces),
            };
            let spec = ciphers::find(row.cipher).expect("an attack's cipher exists");
            let key = (row.key)(&mut random);
            let cipher = spec.build(&key).expect("the key is valid");
            let text = cipher.encrypt(&plain).expect("a classical cipher takes any text");
            let plain = cipher.prepare(&plain);
            let before = thread_cpu();
            let mut limit = Limit {
                ends: before + Duration::from_secs(row.seconds),
            };
            let known = row
                .known
                .iter()
                .fold(Key::new(), |key, (param, value)| key.with(param, value));
            let problem = Problem {
                known,
                ..Problem::new(&text, language)
            };
            let found = attack.run(&problem, &mut limit);
            times.add((thread_cpu() - before).as_secs_f64() * 1e3);
            let Ok(found) = found else { continue };
            let (of_plain, of_found) = (letters_of(&plain), letters_of(&found.text));
            let right = of_plain.iter().zip(&of_found).filter(|(a, b)| a == b).count();
            let is_solved = right * 100 >= 95 * of_plain.len();
            solved += u32::from(is_solved);
            sure += u32::from(is_solved && found.confident);
            wrong += u32::from(!is_solved && found.confident);
            if options.show && !is_solved {
                let sure = if found.confident { "sure" } else { "unsure" };
                let keys = [&key, &found.key]
                    .map(|key| key.iter().map(|(_, value)| value.to_owned()).collect::<Vec<_>>());
                eprintln!(
                    "{number} {sure} {keys:?}\n    {plain}\n    {}\n    {}",
                    found.text, found.why
                );
            }
        }
        answers += count;
        wrong_and_sure += wrong;
        println!(
            "| {} | {} | {} | {solved} of {count} | {sure} | {wrong} | {:.1} ms |",
            row.cipher,
            row.task,
            row.letters,
            times.median()
        );
    }
    println!("\nWrong answers given as sure: {wrong_and_sure} of {answers}.");
}
