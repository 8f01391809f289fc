//! ADFGX: the field cipher of March 1918, with a square of 25 letters.

use super::adfgvx::{KEYWORD_PARAM, fractionated};
use super::spec::{CipherSpec, Example, Family, Kind, ParamSpec};

/// The description of ADFGX.
pub static ADFGX: CipherSpec = CipherSpec {
    id: "adfgx",
    name: "ADFGX",
    family: Family::Fractionating,
    year: "1918",
    summary: "Replaces each letter by two of the letters A, D, F, G, X (row and column in a 5×5 square) and transposes \
              the result by columns, the last row incomplete. J is written as I, the case is lost; everything else \
              stays where it is.",
    params: &[
        ParamSpec::required(
            "square",
            "Square",
            Kind::Square { cells: 25 },
            "BTALPDHOZKQFVSNGICUXMREWY",
            "one or more letters A to Z, up to a whole square of 25 letters by rows",
        ),
        KEYWORD_PARAM,
    ],
    examples: &[
        Example {
            key: &[("square", "btalpdhozkqfvsngjcuxmrewy"), ("keyword", "CARGO")],
            plaintext: "ATTACKATONCE",
            ciphertext: "FAXDFADDDGDGFFFAFAXAFAFX",
            source: "Wikipedia, ADFGVX cipher",
        },
        Example {
            key: &[("square", "KEYABCDFGHILMNOPQRSTUVWXZ"), ("keyword", "WORDS")],
            plaintext: "MESSAGE",
            ciphertext: "DADFGGAGAGGFGD",
            source: "W. Plotz, German Field Cipher (1918) - ADFGVX",
        },
    ],
    make: |values| fractionated(values, 5),
};
