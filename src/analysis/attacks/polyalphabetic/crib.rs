//! Known words: where they can stand, and what each place says about the key.

use super::super::super::attack::AttackError;
use super::super::letters;
use super::columns::Columns;

/// Reads a crib as letters. Fails when it has none, or more than the text.
pub(super) fn read(crib: &str, letters_of_text: usize) -> Result<Vec<u8>, AttackError> {
    let word = letters::numbers(crib);
    let reason = if word.is_empty() {
        "it has no letters A to Z".to_owned()
    } else if word.len() > letters_of_text {
        format!("it has {} letters and the text {letters_of_text}", word.len())
    } else {
        return Ok(word);
    };
    Err(AttackError::CribDoesNotFit { reason })
}

/// What the crib at one place says about each column: its symbol, or nothing. `None` where it contradicts itself or
/// what was known before.
pub(super) fn forced(
    columns: &Columns<'_>,
    crib: &[u8],
    place: usize,
    known: &[Option<u8>],
) -> Option<Vec<Option<u8>>> {
    let mut key = known.to_vec();
    for (i, &letter) in crib.iter().enumerate() {
        let column = (place + i) % columns.period();
        let row = columns.row(place + i);
        let symbol = row.iter().position(|&plain| plain == letter)? as u8;
        match key[column] {
            Some(other) if other != symbol => return None,
            _ => key[column] = Some(symbol),
        }
    }
    Some(key)
}

/// Whether the crib stands in a text.
pub(super) fn stands_in(crib: &[u8], text: &[u8]) -> bool {
    text.windows(crib.len()).any(|window| window == crib)
}

/// How many letters of the crib some symbol can make at a place.
pub(super) fn fitting(columns: &Columns<'_>, crib: &[u8], place: usize) -> usize {
    crib.iter()
        .enumerate()
        .filter(|(i, letter)| columns.row(place + i).contains(letter))
        .count()
}
