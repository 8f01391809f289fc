//! Measures how often attacks solve ciphertexts that they have not seen, and how long that takes.
//!
//! `cargo run --release --example solving [-- CIPHER [COUNT]]` prints one line of Markdown for each row: solved texts (at
//! least 95 % of the letters right), those of them that were sure, wrong answers given as sure, and the median CPU time on one
//! thread. `docs/performance.md` holds the figures. The plaintexts (`tests/texts`) are of other origin than the models.

#[path = "../benches/measure/mod.rs"]
mod measure;

use std::ops::ControlFlow;
use std::time::Duration;

use cipher_room::analysis::attack::{Problem, Progress, Random, Watch};
use cipher_room::analysis::attacks;
use cipher_room::analysis::language::{Language, letters_of};
use cipher_room::ciphers::{self, Key};
use measure::{Rounds, thread_cpu};

/// One row of the table: a task of one size.
struct Row {
    cipher: &'static str,
    /// What is special about it, in words.
    task: &'static str,
    letters: usize,
    /// Whether the ciphertext keeps the spaces between words.
    spaces: bool,
    /// A fresh key.
    key: fn(&mut Random) -> Key,
    /// Parameters that the attack is told.
    known: &'static [(&'static str, &'static str)],
    /// CPU seconds after which the attack is stopped.
    seconds: u64,
    /// The most texts that are tried: slow attacks take fewer.
    most: u64,
}

const fn row(
    cipher: &'static str,
    letters: usize,
    spaces: bool,
    key: fn(&mut Random) -> Key,
    seconds: u64,
) -> Row {
    let task = match spaces {
        true => "spaces kept",
        false => "no spaces",
    };
    Row {
        cipher,
        task,
        letters,
        spaces,
        key,
        known: &[],
        seconds,
        most: 1_000,
    }
}

/// A row of which something is known, or that is slow.
const fn told(
    task: &'static str,
    known: &'static [(&'static str, &'static str)],
    most: u64,
    row: Row,
) -> Row {
    Row {
        task,
        known,
        most,
        ..row
    }
}

const ROWS: &[Row] = &[
    row("substitution", 60, false, alphabet, 10),
    row("substitution", 80, false, alphabet, 10),
    row("substitution", 100, false, alphabet, 10),
    row("substitution", 150, false, alphabet, 10),
    row("substitution", 400, false, alphabet, 10),
    row("substitution", 40, true, alphabet, 10),
    row("substitution", 60, true, alphabet, 10),
    row("substitution", 80, true, alphabet, 10),
    row("substitution", 100, true, alphabet, 10),
    row("caesar", 20, false, shift, 5),
    row("affine", 30, false, affine, 5),
    row("rail-fence", 60, false, rails, 10),
    row("vigenere", 50, false, keyword, 10),
    row("vigenere", 80, false, keyword, 10),
    row("vigenere", 100, false, keyword, 10),
    row("vigenere", 150, false, keyword, 10),
    row("beaufort", 150, false, keyword, 10),
    row("porta", 200, false, keyword, 10),
    row("gronsfeld", 150, false, digits, 10),
    row("autokey", 200, false, keyword, 10),
    row("columnar", 300, false, columns, 10),
    row("columnar", 600, false, columns, 10),
    row("columnar", 1000, false, columns, 10),
    told(
        "30 columns, their number known",
        &[("columns", "30")],
        40,
        row("columnar", 300, false, thirty_columns, 10),
    ),
    told(
        "6 to 12 and 6 to 9 columns, unknown",
        &[],
        20,
        row("double-columnar", 250, false, two_orders, 30),
    ),
    row("hill", 100, false, two_by_two, 10),
    told(
        "three by three",
        &[],
        20,
        row("hill", 200, false, three_by_three, 20),
    ),
    told(
        "period 5 to 9, unknown",
        &[],
        10,
        row("bifid", 300, false, square_and_period, 20),
    ),
    told(
        "6 to 9 columns, unknown",
        &[],
        10,
        row("adfgvx", 300, false, square_and_order, 30),
    ),
    told(
        "start unknown, no plugboard",
        &[
            ("rotors", "II IV V"),
            ("reflector", "B"),
            ("rings", "1 1 1"),
            ("plugboard", ""),
        ],
        20,
        row("enigma", 80, false, enigma, 20),
    ),
    row("playfair", 80, false, square, 10),
    row("playfair", 150, false, square, 10),
    row("playfair", 200, false, square, 10),
    row("playfair", 400, false, square, 10),
];

fn alphabet(random: &mut Random) -> Key {
    let mut letters: Vec<u8> = (b'A'..=b'Z').collect();
    random.shuffle(&mut letters);
    Key::new().with("alphabet", &String::from_utf8_lossy(&letters))
}

fn shift(random: &mut Random) -> Key {
    Key::new().with("shift", &random.below(26).to_string())
}

fn affine(random: &mut Random) -> Key {
    const FACTORS: [&str; 12] = ["1", "3", "5", "7", "9", "11", "15", "17", "19", "21", "23", "25"];
    Key::new()
        .with("a", FACTORS[random.below(12)])
        .with("b", &random.below(26).to_string())
}

fn rails(random: &mut Random) -> Key {
    let rails = 2 + random.below(9);
    let offset = random.below(2 * (rails - 1));
    Key::new()
        .with("rails", &rails.to_string())
        .with("offset", &offset.to_string())
}

fn letters(random: &mut Random, length: usize) -> String {
    (0..length)
        .map(|_| char::from(b'A' + random.below(26) as u8))
        .collect()
}

fn keyword(random: &mut Random) -> Key {
    let length = 5 + random.below(8);
    Key::new().with("keyword", &letters(random, length))
}

fn digits(random: &mut Random) -> Key {
    let length = 5 + random.below(6);
    let digits: String = (0..length)
        .map(|_| char::from(b'0' + random.below(10) as u8))
        .collect();
    Key::new().with("digits", &digits)
}

/// A random order of 8 to 25 columns; the last row is as the text leaves it.
fn columns(random: &mut Random) -> Key {
    let length = 8 + random.below(18);
    let mut order: Vec<u8> = (b'A'..=b'Z').take(length).collect();
    random.shuffle(&mut order);
    Key::new().with("keyword", &String::from_utf8_lossy(&order))
}

fn square(random: &mut Random) -> Key {
    let mut letters: Vec<u8> = (b'A'..=b'Z').filter(|&letter| letter != b'J').collect();
    random.shuffle(&mut letters);
    Key::new().with("keyword", &String::from_utf8_lossy(&letters))
}

fn order(random: &mut Random, columns: usize) -> String {
    let mut numbers: Vec<usize> = (1..=columns).collect();
    random.shuffle(&mut numbers);
    let numbers: Vec<String> = numbers.iter().map(usize::to_string).collect();
    numbers.join(" ")
}

fn thirty_columns(random: &mut Random) -> Key {
    Key::new().with("keyword", &order(random, 30))
}

fn two_orders(random: &mut Random) -> Key {
    let (first, second) = (6 + random.below(7), 6 + random.below(4));
    Key::new()
        .with("keyword1", &order(random, first))
        .with("keyword2", &order(random, second))
}

fn square_and_period(random: &mut Random) -> Key {
    square(random).with("period", &(5 + random.below(5)).to_string())
}

fn square_and_order(random: &mut Random) -> Key {
    let mut cells: Vec<u8> = (b'A'..=b'Z').chain(b'0'..=b'9').collect();
    random.shuffle(&mut cells);
    let columns = 6 + random.below(4);
    Key::new()
        .with("square", &String::from_utf8_lossy(&cells))
        .with("keyword", &order(random, columns))
}

fn two_by_two(random: &mut Random) -> Key {
    matrix(random, 2)
}

fn three_by_three(random: &mut Random) -> Key {
    matrix(random, 3)
}

/// A random matrix that can be inverted modulo 26.
fn matrix(random: &mut Random, rows: usize) -> Key {
    let hill = ciphers::find("hill").expect("an attack's cipher exists");
    loop {
        let numbers: Vec<String> = (0..rows * rows).map(|_| random.below(26).to_string()).collect();
        let rows: Vec<String> = numbers.chunks(rows).map(|row| row.join(" ")).collect();
        let key = Key::new().with("matrix", &rows.join("; "));
        if hill.build(&key).is_ok() {
            return key;
        }
    }
}

fn enigma(random: &mut Random) -> Key {
    Key::new()
        .with("rotors", "II IV V")
        .with("reflector", "B")
        .with("rings", "1 1 1")
        .with("start", &letters(random, 3))
}

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

fn main() {
    let mut arguments = std::env::args().skip(1);
    let only = arguments.next();
    let count = arguments
        .next()
        .and_then(|count| count.parse().ok())
        .unwrap_or(40);
    let language = Language::english();
    // The tables are unpacked once for a program, and that is not the attack's time.
    language.pentagrams();
    language.spaced_pentagrams();
    language.words();
    println!("| cipher | task | letters | solved | of them sure | wrong, given as sure | median CPU time |");
    println!("|---|---|---|---|---|---|---|");
    let (mut answers, mut wrong_and_sure) = (0, 0);
    let wanted = |row: &&Row| only.as_deref().is_none_or(|only| only == row.cipher);
    for row in ROWS.iter().filter(wanted) {
        let Some(attack) = attacks::find(row.cipher) else {
            continue;
        };
        let (mut solved, mut sure, mut wrong, mut times) = (0, 0, 0, Rounds::default());
        let count = count.min(row.most);
        for number in 0..count {
            let mut random = Random::new(row.letters as u64 * 1_000 + number);
            let plain = excerpt(&mut random, row.letters, row.spaces);
            let spec = ciphers::find(row.cipher).expect("an attack's cipher exists");
            let cipher = spec.build(&(row.key)(&mut random)).expect("the key is valid");
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
            let found = (attack.run)(&problem, &mut limit);
            times.add((thread_cpu() - before).as_secs_f64() * 1e3);
            let Ok(found) = found else { continue };
            let (of_plain, of_found) = (letters_of(&plain), letters_of(&found.text));
            let right = of_plain.iter().zip(&of_found).filter(|(a, b)| a == b).count();
            let is_solved = right * 100 >= 95 * of_plain.len();
            solved += u32::from(is_solved);
            sure += u32::from(is_solved && found.confident);
            wrong += u32::from(!is_solved && found.confident);
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

/// So many letters of prose from the beginning of a sentence, capitals; with spaces it ends with a word.
fn excerpt(random: &mut Random, letters: usize, spaces: bool) -> String {
    let text = TEXTS[random.below(TEXTS.len())];
    loop {
        let mut at = random.below(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let Some(end) = text[at..].find(". ") else {
            continue;
        };
        let mut excerpt = String::new();
        let mut count = 0;
        for c in text[at + end + 2..].chars() {
            let ends = match spaces {
                true => count >= letters && !c.is_ascii_alphabetic(),
                false => count == letters,
            };
            if ends {
                return excerpt.trim().to_owned();
            }
            if c.is_ascii_alphabetic() {
                excerpt.push(c.to_ascii_uppercase());
                count += 1;
            } else if spaces && (c.is_whitespace() || c == '-') && !excerpt.ends_with(' ') {
                excerpt.push(' ');
            }
        }
    }
}

const TEXTS: [&str; 2] = [
    include_str!("../tests/texts/devil.txt"),
    include_str!("../tests/texts/factbook.txt"),
];
