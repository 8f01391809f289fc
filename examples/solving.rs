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
    /// CPU seconds after which the attack is stopped.
    seconds: u64,
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
        seconds,
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
            let found = (attack.run)(&Problem::new(&text, language), &mut limit);
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
