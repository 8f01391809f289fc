//! What stands on the stage while a cipher works: its wheel, table, grid, square, rotors or rounds.

use super::{enigma, fractions};
use crate::ciphers::aes_trace::{Trace, trace};
use crate::ciphers::alphabet::Alphabet;
use crate::ciphers::square::Square;
use crate::ciphers::step::{How, Step};
use crate::ciphers::{CipherSpec, Direction, Key, aes_256_gcm, find};

/// The machinery in the middle.
pub(super) enum Stage {
    /// A cipher disk: its letters and how far the inner ring is turned.
    Wheel { letters: Vec<char>, shift: usize },
    /// Two rows of letters.
    Table { plain: Vec<char>, cipher: Vec<char> },
    /// A row of the tableau for each key letter.
    Tableau {
        plain: Vec<char>,
        keys: Vec<char>,
        rows: Vec<Vec<char>>,
        running: Vec<char>,
    },
    /// A grid for a transposition, or two of them.
    Grid { widths: Vec<usize> },
    /// The zigzag of a rail fence.
    Rails { rails: usize },
    /// A square of letters.
    Square {
        cells: Vec<char>,
        width: usize,
        names: Vec<char>,
        beside: Beside,
    },
    /// A matrix.
    Matrix,
    /// Rotors and the wires between them, at each key press.
    Rotors { wires: enigma::Wires },
    /// A block going through the rounds of AES.
    Rounds { trace: Trace, text: Vec<u8> },
}

/// What stands beside a square.
pub(super) enum Beside {
    Nothing,
    /// The grid in which the halves of letters are moved.
    Grid(fractions::Folded),
    /// The lines of rows and columns, so many letters at once.
    Lines {
        period: usize,
    },
}

impl Stage {
    pub(super) fn of(
        spec: &'static CipherSpec,
        key: &Key,
        direction: Direction,
        text: &str,
        output: &str,
        steps: &[Step],
    ) -> Option<Self> {
        let letters = match key.value("letters").filter(|letters| !letters.trim().is_empty()) {
            Some(letters) => Alphabet::parse(letters).ok()?,
            None => Alphabet::latin(),
        };
        let plain = letters.letters().to_vec();
        let listed: String = plain.iter().collect();
        let row = |key: &Key| -> Option<Vec<char>> {
            let id = match spec.id {
                "autokey" | "one-time-pad" => "vigenere",
                id => id,
            };
            Some(
                find(id)?
                    .build(key)
                    .ok()?
                    .encrypt(&listed)
                    .ok()?
                    .chars()
                    .collect(),
            )
        };
        match &steps.first()?.how {
            How::Shift { .. } => {
                let first = *row(key)?.first()?;
                let shift = plain.iter().position(|&c| c == first)?;
                Some(Stage::Wheel {
                    letters: plain,
                    shift,
                })
            }
            How::Lookup { .. } | How::Linear { .. } => Some(Stage::Table {
                cipher: row(key)?,
                plain,
            }),
            How::Tableau { .. } => {
                let digits = spec.id == "gronsfeld";
                let keys: Vec<char> = if digits {
                    ('0'..='9').collect()
                } else {
                    plain.clone()
                };
                let rows = keys.iter().map(|c| {
                    let name = if digits { "digits" } else { "keyword" };
                    let mut one = Key::new().with(name, &c.to_string());
                    if let Some(letters) = key.value("letters") {
                        one.set("letters", letters);
                    }
                    row(&one)
                });
                let running = steps.iter().map(|step| match step.how {
                    How::Tableau { key, .. } => key,
                    _ => ' ',
                });
                Some(Stage::Tableau {
                    rows: rows.collect::<Option<_>>()?,
                    keys,
                    running: running.collect(),
                    plain,
                })
            }
            How::Grid { passes } => {
                let width = |pass: usize| {
                    let orders = steps.iter().filter_map(|step| match &step.how {
                        How::Grid { passes } => passes.get(pass).map(|place| place.cell.column + 1),
                        _ => None,
                    });
                    orders.max().unwrap_or(1)
                };
                Some(Stage::Grid {
                    widths: (0..passes.len()).map(width).collect(),
                })
            }
            How::Rail { .. } => {
                let rails = steps.iter().filter_map(|step| match step.how {
                    How::Rail { rail, .. } => Some(rail + 1),
                    _ => None,
                });
                Some(Stage::Rails {
                    rails: rails.max().unwrap_or(2),
                })
            }
            How::Product { .. } => Some(Stage::Matrix),
            How::Rotors { .. } => Some(Stage::Rotors {
                wires: enigma::wires(key, steps.len()),
            }),
            How::KeyStream { .. } | How::Nonce | How::Tag => Self::rounds(key, direction, text, output),
            How::Square { .. }
            | How::Marked
            | How::Digraph { .. }
            | How::Regrouped { .. }
            | How::Fractionated { .. }
            | How::Joined { .. } => {
                let six = spec.id == "adfgvx";
                let name = if spec.id.starts_with("adfg") {
                    "square"
                } else {
                    "keyword"
                };
                let keyword = key.value(name).unwrap_or_default();
                let square = match six {
                    true => Square::six(keyword),
                    false => Square::five(keyword),
                };
                let square = square.ok()?;
                let names = match spec.id {
                    "adfgvx" => "ADFGVX",
                    "adfgx" => "ADFGX",
                    "playfair" => "",
                    _ => "12345",
                };
                let beside = match spec.id {
                    "adfgvx" | "adfgx" => {
                        fractions::Folded::of(steps, key.value("keyword").unwrap_or_default())
                            .map_or(Beside::Nothing, Beside::Grid)
                    }
                    "bifid" => Beside::Lines {
                        period: key
                            .value("period")
                            .and_then(|period| period.trim().parse().ok())
                            .unwrap_or(0),
                    },
                    _ => Beside::Nothing,
                };
                Some(Stage::Square {
                    beside,
                    cells: square.cells().iter().map(|&c| char::from(c)).collect(),
                    width: square.width(),
                    names: names.chars().collect(),
                })
            }
            How::Kept | How::Leftover => None,
        }
    }

    /// The first counter block of GCM, which becomes the key stream for the text's first 16 bytes (NIST SP 800-38D).
    fn rounds(key: &Key, direction: Direction, text: &str, output: &str) -> Option<Self> {
        let bytes = aes_256_gcm::key_bytes(key).ok()?;
        let sealed = match direction {
            Direction::Encrypt => output,
            Direction::Decrypt => text,
        };
        let nonce = match key.value("nonce").filter(|nonce| !nonce.trim().is_empty()) {
            Some(nonce) => nonce.trim(),
            None => sealed,
        };
        let mut block = [0u8; 16];
        for (byte, pair) in block.iter_mut().take(12).zip(nonce.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(pair).ok();
            *byte = digits
                .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                .unwrap_or(0);
        }
        // The counter begins at 1, which is used for the tag; the text begins with 2.
        block[15] = 2;
        let plaintext = match direction {
            Direction::Encrypt => text,
            Direction::Decrypt => output,
        };
        Some(Stage::Rounds {
            trace: trace(bytes.as_slice(), block)?,
            text: plaintext.bytes().take(16).collect(),
        })
    }
}
