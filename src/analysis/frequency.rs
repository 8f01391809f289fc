//! How often each symbol stands in a text, and how often English uses its letters.

/// The symbols that are counted, and in what order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Symbols {
    /// A to Z, capitals and small letters alike.
    Latin,
    /// The sixteen hexadecimal digits, in either case.
    Hex,
    /// The sixty-four characters of base64 (RFC 4648), capitals and small letters apart.
    Base64,
    /// The letters of another alphabet, capitals and small letters alike.
    Listed(Vec<char>),
}

impl Symbols {
    /// The symbols in order.
    pub fn list(&self) -> Vec<char> {
        match self {
            Symbols::Latin => ('A'..='Z').collect(),
            Symbols::Hex => ('0'..='9').chain('A'..='F').collect(),
            Symbols::Base64 => ('A'..='Z')
                .chain('a'..='z')
                .chain('0'..='9')
                .chain(['+', '/'])
                .collect(),
            Symbols::Listed(letters) => letters.clone(),
        }
    }

    /// The number of different symbols.
    pub fn size(&self) -> usize {
        match self {
            Symbols::Latin => 26,
            Symbols::Hex => 16,
            Symbols::Base64 => 64,
            Symbols::Listed(letters) => letters.len(),
        }
    }

    /// One symbol in words: "letter", "hexadecimal digit".
    pub fn noun(&self) -> &'static str {
        match self {
            Symbols::Latin => "letter",
            Symbols::Hex => "hexadecimal digit",
            Symbols::Base64 => "base64 character",
            Symbols::Listed(_) => "symbol",
        }
    }
}

/// The counts of all symbols in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Census {
    /// What was counted.
    pub symbols: Symbols,
    /// For each symbol, in order, how often it stands there.
    pub counts: Vec<u64>,
    /// All of them together.
    pub total: u64,
}

impl Census {
    /// Counts a text.
    pub fn of(text: &str, symbols: Symbols) -> Self {
        let list = symbols.list();
        let folds = symbols != Symbols::Base64;
        let mut ascii = [0u64; 128];
        let mut others: std::collections::HashMap<char, u64> = std::collections::HashMap::new();
        if text.is_ascii() {
            text.bytes().for_each(|byte| ascii[usize::from(byte & 127)] += 1);
        } else {
            for c in text.chars() {
                match u8::try_from(c).ok().filter(u8::is_ascii) {
                    Some(byte) => ascii[usize::from(byte)] += 1,
                    None => *others.entry(c).or_default() += 1,
                }
            }
        }
        let count = |c: char| match u8::try_from(c).ok().filter(u8::is_ascii) {
            Some(byte) => ascii[usize::from(byte)],
            None => others.get(&c).copied().unwrap_or(0),
        };
        let counts: Vec<u64> = list
            .iter()
            .map(|&c| {
                let other = match folds {
                    true => other_case(c).filter(|other| !list.contains(other)),
                    false => None,
                };
                count(c) + other.map_or(0, count)
            })
            .collect();
        let total = counts.iter().sum();
        Self {
            symbols,
            counts,
            total,
        }
    }

    /// The share of each symbol, from 0 to 1; all 0 in an empty text.
    pub fn shares(&self) -> Vec<f64> {
        let total = self.total.max(1) as f64;
        self.counts.iter().map(|&count| count as f64 / total).collect()
    }

    /// The shares to expect: English for Latin letters, otherwise all equal.
    pub fn expected(&self) -> Vec<f64> {
        match self.symbols {
            Symbols::Latin => ENGLISH.to_vec(),
            _ => vec![1.0 / self.symbols.size().max(1) as f64; self.symbols.size()],
        }
    }
}

fn other_case(c: char) -> Option<char> {
    let mut other: Vec<char> = c.to_lowercase().collect();
    if other == [c] {
        other = c.to_uppercase().collect();
    }
    match other.as_slice() {
        [only] if *only != c => Some(*only),
        _ => None,
    }
}

/// The shares of A to Z in English texts: Robert Lewand, Cryptological Mathematics (Mathematical Association of America,
/// 2000), page 36.
pub const ENGLISH: [f64; 26] = [
    0.08167, 0.01492, 0.02782, 0.04253, 0.12702, 0.02228, 0.02015, 0.06094, 0.06966, 0.00153, 0.00772,
    0.04025, 0.02406, 0.06749, 0.07507, 0.01929, 0.00095, 0.05987, 0.06327, 0.09056, 0.02758, 0.00978,
    0.02360, 0.00150, 0.01974, 0.00074,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted_in_both_cases_and_nothing_else_is() {
        let census = Census::of("Abba, 42 Äffchen!", Symbols::Latin);
        assert_eq!(census.counts[0], 2);
        assert_eq!(census.counts[1], 2);
        assert_eq!(census.counts[5], 2);
        assert_eq!(census.total, 10);
    }

    #[test]
    fn the_english_shares_add_up_to_one() {
        assert!((ENGLISH.iter().sum::<f64>() - 1.0).abs() < 0.001);
        assert!(ENGLISH.iter().all(|&share| share <= ENGLISH[4]));
    }

    #[test]
    fn hexadecimal_digits_and_other_alphabets_are_counted_as_such() {
        let hex = Census::of("00ff 1A1a", Symbols::Hex);
        assert_eq!((hex.counts[0], hex.counts[15], hex.counts[10]), (2, 2, 2));
        let greek = Census::of("αΑβ abc", Symbols::Listed("ΑΒΓ".chars().collect()));
        assert_eq!(greek.counts, [2, 1, 0]);
        let base64 = Census::of("aA+a", Symbols::Base64);
        assert_eq!(
            (base64.counts[0], base64.counts[26], base64.counts[62]),
            (1, 2, 1)
        );
    }

    #[test]
    fn an_alphabet_with_both_cases_keeps_them_apart() {
        let census = Census::of("aAA", Symbols::Listed(vec!['A', 'a']));
        assert_eq!(census.counts, [2, 1]);
    }
}
