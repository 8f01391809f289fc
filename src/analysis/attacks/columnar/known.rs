//! What is known of a columnar key, and which widths are left to try.

use super::FEWEST;
use crate::analysis::attack::AttackError;
use crate::ciphers::columnar::Columns;
use crate::ciphers::{self, Key};

/// What is known of the key.
pub(super) struct Known {
    /// The order, where the key is known whole.
    pub order: Option<Vec<u8>>,
    /// Otherwise the numbers of columns that it may have.
    pub widths: Vec<usize>,
}

impl Known {
    /// What a key says of a text of so many movers. Fails with the parameter that no grid can have.
    pub fn of(key: &Key, letters: usize) -> Result<Self, AttackError> {
        let wrong = |param: &str, reason: String| AttackError::Known {
            param: param.to_owned(),
            reason,
        };
        let mut width = None;
        if let Some(columns) = key.value("columns") {
            let valid = |&width: &usize| (2..=WIDEST_KNOWN).contains(&width) && width * 2 <= letters;
            let most = WIDEST_KNOWN.min(letters / 2);
            let number = columns.trim().parse().ok().filter(valid);
            width =
                Some(number.ok_or_else(|| wrong("columns", format!("has to be a number from 2 to {most}")))?);
        }
        let mut order = None;
        if let Some(keyword) = key.value("keyword").map(str::trim) {
            let places = keyword.chars().filter(|c| !c.is_whitespace());
            if !keyword.is_empty() && places.clone().all(|c| c == '?') {
                width = Some(places.count());
            } else {
                order = Some(order_of("columnar", "keyword", keyword)?);
            }
        }
        let complete_only = key
            .value("fill")
            .is_some_and(|fill| fill.trim().eq_ignore_ascii_case("x"));
        let widths: Vec<usize> = match width {
            Some(width) => vec![width],
            None => (2..=WIDEST.min(letters / 2).max(2)).collect(),
        };
        let widths: Vec<usize> = widths
            .into_iter()
            .filter(|&width| !complete_only || letters.is_multiple_of(width))
            .collect();
        if widths.is_empty() || widths[0] > WIDEST_KNOWN || widths[0] * 2 > letters.max(FEWEST) {
            let reason = format!("no grid of this kind holds {letters} letters in at least two rows");
            return Err(wrong(if complete_only { "fill" } else { "keyword" }, reason));
        }
        Ok(Self { order, widths })
    }
}

/// The order that a keyword gives; fails as the cipher does.
pub(in crate::analysis::attacks) fn order_of(
    cipher: &str,
    param: &str,
    keyword: &str,
) -> Result<Vec<u8>, AttackError> {
    let spec = ciphers::find(cipher).map(|spec| (spec, spec.sample_key().with(param, keyword)));
    let wrong = |reason: String| AttackError::Known {
        param: param.to_owned(),
        reason,
    };
    if let Some(Err(error)) = spec.map(|(spec, key)| spec.build(&key)) {
        return Err(wrong(error.to_string()));
    }
    let numbers: Option<Vec<usize>> = keyword
        .split(|c: char| c.is_whitespace() || c == ',' || c == '-')
        .filter(|number| !number.is_empty())
        .map(|number| number.parse().ok())
        .collect();
    let ranks = match numbers {
        Some(numbers) if numbers.len() > 1 => numbers.into_iter().map(|number| number - 1).collect(),
        _ => {
            let columns = Columns::from_keyword(keyword).ok().flatten();
            let columns = columns.ok_or_else(|| wrong("is not a keyword".to_owned()))?;
            let mut ranks = vec![0; columns.width()];
            for (rank, &column) in columns.order().iter().enumerate() {
                ranks[column] = rank;
            }
            ranks
        }
    };
    if ranks.len() > WIDEST_KNOWN {
        return Err(wrong(format!("has more than {WIDEST_KNOWN} columns")));
    }
    Ok(ranks.into_iter().map(|rank| rank as u8).collect())
}

/// The widths that are tried when nothing is known.
const WIDEST: usize = 30;
/// The widest grid that can be asked for; bits of one word mark its columns.
const WIDEST_KNOWN: usize = 60;
