//! Pearson's chi-squared: how far the counts of a text are from what was expected.

use super::frequency::Census;

/// The sum over all symbols of (counted − expected)² / expected. `None` for an empty text, or where the shares are not
/// one for each symbol.
pub fn chi_squared(census: &Census, shares: &[f64]) -> Option<f64> {
    if census.total == 0 || shares.len() != census.counts.len() {
        return None;
    }
    let total = census.total as f64;
    let terms = census.counts.iter().zip(shares).map(|(&count, share)| {
        let expected = share * total;
        (count as f64 - expected).powi(2) / expected.max(f64::MIN_POSITIVE)
    });
    Some(terms.sum())
}

/// The same for A to Z against every shift of the alphabet: item `s` is the value after moving back by `s`.
pub fn for_all_shifts(census: &Census, shares: &[f64]) -> Vec<f64> {
    let size = census.counts.len();
    (0..size)
        .map(|shift| {
            let mut moved = census.clone();
            moved.counts.rotate_left(shift);
            chi_squared(&moved, shares).unwrap_or(f64::INFINITY)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::frequency::{ENGLISH, Symbols};
    use super::*;

    #[test]
    fn a_die_comes_out_as_in_the_textbook() {
        // Sixty throws: 5, 8, 9, 8, 10, 20 against ten each. Wikipedia, Pearson's chi-squared test, "Fairness of dice".
        let text: String = [5, 8, 9, 8, 10, 20]
            .iter()
            .zip("123456".chars())
            .flat_map(|(&times, digit)| std::iter::repeat_n(digit, times))
            .collect();
        let census = Census::of(&text, Symbols::Listed("123456".chars().collect()));
        let value = chi_squared(&census, &[1.0 / 6.0; 6]).unwrap();
        assert!((value - 13.4).abs() < 1e-9, "{value}");
    }

    #[test]
    fn the_right_shift_is_nearest_to_english() {
        // Caesar, shift 3.
        let text = "GHIHQG WKH HDVW ZDOO RI WKH FDVWOH DQG NHHS WKH JDWH VKXW XQWLO WKH PRUQLQJ FRPHV";
        let values = for_all_shifts(&Census::of(text, Symbols::Latin), &ENGLISH);
        let best = (0..26).min_by(|&a, &b| values[a].total_cmp(&values[b]));
        assert_eq!(best, Some(3));
    }

    #[test]
    fn nothing_is_said_about_an_empty_text() {
        assert_eq!(chi_squared(&Census::of("", Symbols::Latin), &ENGLISH), None);
        assert_eq!(chi_squared(&Census::of("a", Symbols::Latin), &[1.0]), None);
    }
}
