//! Sixty digits that two people compare: thirty from each key, the same on both screens.

use std::fmt;

use super::Fingerprint;
use super::digest::labelled_hash;

/// The safety number of two keys: twelve groups of five digits. It is the same in every room and does
/// not change while both keep their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SafetyNumber([u32; SafetyNumber::GROUPS]);

impl SafetyNumber {
    /// How many groups of five digits.
    pub const GROUPS: usize = 12;
    /// How often each half is hashed: a search for a key with given digits costs so much more.
    const ROUNDS: usize = 5200;

    /// Of two keys, in either order.
    pub fn of(one: &Fingerprint, other: &Fingerprint) -> SafetyNumber {
        // Both halves sorted, so that the two screens show one number.
        let (first, second) = match one.as_bytes() <= other.as_bytes() {
            true => (one, other),
            false => (other, one),
        };
        let mut groups = [0; SafetyNumber::GROUPS];
        let halves = half(first).into_iter().chain(half(second));
        for (group, digits) in groups.iter_mut().zip(halves) {
            *group = digits;
        }
        SafetyNumber(groups)
    }

    /// The groups, five digits each.
    pub fn groups(&self) -> [String; SafetyNumber::GROUPS] {
        self.0.map(|group| format!("{group:05}"))
    }

    /// Whether a text holds the same sixty digits, whatever stands between them.
    pub fn matches(&self, text: &str) -> bool {
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        digits == self.groups().concat()
    }
}

impl fmt::Display for SafetyNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.groups().join(" "))
    }
}

/// Thirty digits of one key: six times five bytes of its hash, modulo 100,000 (the bias is below 2⁻²³).
fn half(key: &Fingerprint) -> [u32; SafetyNumber::GROUPS / 2] {
    let mut hash = labelled_hash("safety number", &[key.as_bytes()]);
    for _ in 1..SafetyNumber::ROUNDS {
        hash = labelled_hash("safety number", &[&hash, key.as_bytes()]);
    }
    let mut groups = [0; SafetyNumber::GROUPS / 2];
    for (group, bytes) in groups.iter_mut().zip(hash.chunks_exact(5)) {
        let number = bytes
            .iter()
            .fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
        *group = (number % 100_000) as u32;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_screens_show_one_number_of_sixty_digits() {
        let (ada, bob) = (Fingerprint::of_der(b"ada"), Fingerprint::of_der(b"bob"));
        let number = SafetyNumber::of(&ada, &bob);
        assert_eq!(number, SafetyNumber::of(&bob, &ada));
        let smaller = if ada.as_bytes() < bob.as_bytes() { ada } else { bob };
        assert_eq!(number.0[..6], half(&smaller));
        let text = number.to_string();
        assert_eq!(text.chars().filter(char::is_ascii_digit).count(), 60);
        assert_eq!(text.split(' ').count(), 12);
        assert!(number.matches(&text) && number.matches(&text.replace(' ', "\n")));
        assert!(!number.matches(&text[1..]));
    }

    #[test]
    fn another_key_on_either_side_changes_thirty_digits() {
        let (ada, bob, eve) = (
            Fingerprint::of_der(b"ada"),
            Fingerprint::of_der(b"bob"),
            Fingerprint::of_der(b"eve"),
        );
        let number = SafetyNumber::of(&ada, &bob).groups();
        let other = SafetyNumber::of(&ada, &eve).groups();
        let shared = number.iter().filter(|group| other.contains(group)).count();
        assert_eq!(shared, 6, "Ada's half stays");
    }

    #[test]
    fn each_half_is_the_documented_hash() {
        let ada = Fingerprint::of_der(b"ada");
        let mut hash = labelled_hash("safety number", &[ada.as_bytes()]);
        for _ in 0..5199 {
            hash = labelled_hash("safety number", &[&hash, ada.as_bytes()]);
        }
        let first =
            (u64::from_be_bytes([0, 0, 0, hash[0], hash[1], hash[2], hash[3], hash[4]]) % 100_000) as u32;
        assert_eq!(half(&ada)[0], first);
    }
}
