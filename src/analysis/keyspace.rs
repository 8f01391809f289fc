//! How many keys there are, and how long it takes to try them all.

/// Seconds to try `2^bits` keys at a rate of keys a second. Infinite where that passes what a number can hold.
pub fn seconds_to_try_all(bits: f64, keys_per_second: f64) -> f64 {
    (bits - keys_per_second.log2()).exp2()
}

/// A number of keys in words: "25", "about 4 · 10²⁶".
pub fn keys_in_words(bits: f64) -> String {
    if bits <= 0.0 {
        return "1".to_owned();
    }
    let log10 = bits * std::f64::consts::LOG10_2;
    if log10 < 6.0 {
        return grouped(bits.exp2().round() as u64);
    }
    scientific(log10)
}

/// A time in words, from "less than a millisecond" to "10⁴⁸ ages of the universe".
pub fn duration_in_words(seconds: f64) -> String {
    if !seconds.is_finite() {
        return "longer than can be written down".to_owned();
    }
    if seconds < 1e-3 {
        return "less than a millisecond".to_owned();
    }
    if seconds < 1.0 {
        return counted(seconds * 1e3, "millisecond");
    }
    for (limit, length, unit) in [
        (MINUTE, 1.0, "second"),
        (HOUR, MINUTE, "minute"),
        (DAY, HOUR, "hour"),
        (YEAR, DAY, "day"),
        (1e6 * YEAR, YEAR, "year"),
    ] {
        if seconds < limit {
            return counted(seconds / length, unit);
        }
    }
    let ages = seconds / UNIVERSE;
    if ages < 0.01 {
        return format!(
            "{} million years",
            grouped((seconds / (1e6 * YEAR)).round() as u64)
        );
    }
    if ages < 1.0 {
        let billions = seconds / (1e9 * YEAR);
        return format!("{billions:.1} billion years");
    }
    if ages < 1.5 {
        return "the age of the universe".to_owned();
    }
    if ages < 1e6 {
        return format!("{} ages of the universe", grouped(ages.round() as u64));
    }
    format!("{} ages of the universe", scientific(ages.log10()))
}

/// `about 4 · 10²⁶` from its logarithm.
fn scientific(log10: f64) -> String {
    let mut exponent = log10.floor();
    let mut digit = 10f64.powf(log10 - exponent).round();
    if digit >= 10.0 {
        digit = 1.0;
        exponent += 1.0;
    }
    let raised: String = format!("{exponent}")
        .chars()
        .map(|c| {
            SUPERSCRIPT
                .get(c.to_digit(10).unwrap_or(0) as usize)
                .copied()
                .unwrap_or(c)
        })
        .collect();
    match digit as u64 {
        1 => format!("10{raised}"),
        digit => format!("{digit} · 10{raised}"),
    }
}

fn counted(amount: f64, unit: &str) -> String {
    let amount = amount.round().max(1.0) as u64;
    match amount {
        1 => format!("1 {unit}"),
        _ => format!("{} {unit}s", grouped(amount)),
    }
}

/// A whole number with commas between groups of three digits.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

const SUPERSCRIPT: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86_400.0;
/// A Julian year.
const YEAR: f64 = 31_557_600.0;
/// 13.8 thousand million years (Planck Collaboration, 2018).
const UNIVERSE: f64 = 13.8e9 * YEAR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_spaces_are_told_as_numbers() {
        assert_eq!(keys_in_words(0.0), "1");
        assert_eq!(keys_in_words(26f64.log2()), "26");
        assert_eq!(keys_in_words(312f64.log2()), "312");
        // 26! = 4.03 · 10^26; 2^256 = 1.16 · 10^77.
        let factorial: f64 = (2..=26).map(|n| f64::from(n).log2()).sum();
        assert_eq!(keys_in_words(factorial), "4 · 10²⁶");
        assert_eq!(keys_in_words(256.0), "10⁷⁷");
    }

    #[test]
    fn times_are_told_in_words_that_fit() {
        let at = |bits: f64| duration_in_words(seconds_to_try_all(bits, 1e9));
        assert_eq!(at(4.7), "less than a millisecond");
        assert_eq!(duration_in_words(0.25), "250 milliseconds");
        assert_eq!(duration_in_words(1.2), "1 second");
        assert_eq!(duration_in_words(90.0 * 60.0), "2 hours");
        assert_eq!(duration_in_words(3.0 * 31_557_600.0), "3 years");
        // DES: 2^56 keys at 10^9 a second is 2.28 years.
        assert_eq!(at(56.0), "2 years");
        // AES-256: 2^256 / 10^9 / 86,400 / 365.25 / 13.8 · 10^9 = 2.66 · 10^50.
        assert_eq!(at(256.0), "3 · 10⁵⁰ ages of the universe");
        assert_eq!(at(5000.0), "longer than can be written down");
    }

    #[test]
    fn long_numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_048_576), "1,048,576");
    }
}
