//! How much of two texts differs, place by place.

/// The share of places at which two texts differ, over the longer one; a place that only one has counts as different.
/// `None` when both are empty. Case does not count.
pub fn difference(a: &str, b: &str) -> Option<f64> {
    let mut left = a.chars();
    let mut right = b.chars();
    let (mut places, mut different) = (0usize, 0usize);
    loop {
        match (left.next(), right.next()) {
            (None, None) => break,
            (Some(x), Some(y)) => different += usize::from(!x.eq_ignore_ascii_case(&y)),
            _ => different += 1,
        }
        places += 1;
    }
    (places > 0).then(|| different as f64 / places as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_shares_of_the_longer_text() {
        assert_eq!(difference("abcd", "ABCD"), Some(0.0));
        assert_eq!(difference("abcd", "abce"), Some(0.25));
        assert_eq!(difference("ab", "abcd"), Some(0.5));
        assert_eq!(difference("", "xy"), Some(1.0));
        assert_eq!(difference("", ""), None);
    }
}
