//! The tasks of the table in `docs/performance.md`, and fresh keys for them.

use cipher_room::analysis::attack::Random;
use cipher_room::ciphers::{self, Key};

/// One row of the table: a task of one size.
pub struct Row {
    pub cipher: &'static str,
    /// What is special about it, in words.
    pub task: &'static str,
    pub letters: usize,
    /// Whether the ciphertext keeps the spaces between words.
    pub spaces: bool,
    /// A fresh key.
    pub key: fn(&mut Random) -> Key,
    /// Parameters that the attack is told.
    pub known: &'static [(&'static str, &'static str)],
    /// CPU seconds after which the attack is stopped.
    pub seconds: u64,
    /// The most texts that are tried: slow attacks take fewer.
    pub most: u64,
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

/// All rows, in the order of the document.
pub const ROWS: &[Row] = &[
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
        "spaces moved too (characters=all)",
        &[],
        1_000,
        row("columnar", 100, true, columns_of_all, 10),
    ),
    told(
        "spaces moved too (characters=all)",
        &[],
        1_000,
        row("columnar", 300, true, columns_of_all, 10),
    ),
    told(
        "spaces moved too (characters=all)",
        &[],
        1_000,
        row("rail-fence", 60, true, rails_of_all, 10),
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

pub fn rails(random: &mut Random) -> Key {
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
pub fn columns(random: &mut Random) -> Key {
    let length = 8 + random.below(18);
    let mut order: Vec<u8> = (b'A'..=b'Z').take(length).collect();
    random.shuffle(&mut order);
    Key::new().with("keyword", &String::from_utf8_lossy(&order))
}

/// The same, and spaces move too.
fn columns_of_all(random: &mut Random) -> Key {
    columns(random).with("characters", "all")
}

fn rails_of_all(random: &mut Random) -> Key {
    rails(random).with("characters", "all")
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
