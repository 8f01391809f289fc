//! The avalanche: change one letter of the text or of the key, and see how much of the output changes.
//!
//! A good cipher changes half of the output's bits for any change. AES-GCM's ciphertext alone shows no avalanche under a
//! fixed nonce: it is a key stream combined with the text, so one changed letter changes one byte. What scrambles is the
//! tag, and inside, the AES block itself. So for AES the strips are taken from the raw block, the key and the tag.

use crate::ciphers::{CipherSpec, Key, Kind, aes_256_gcm, aes_trace, find};

/// One line of the picture: the cells of an output, and which of them changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Strip {
    /// What was changed and where the cells are from, in a few words.
    pub title: &'static str,
    /// For each character or bit of the output, whether it changed.
    pub changed: Vec<bool>,
    /// Whether the cells are bits (otherwise characters).
    pub bits: bool,
}

impl Strip {
    /// The share of the cells that changed.
    pub fn share(&self) -> f64 {
        let changed = self.changed.iter().filter(|&&changed| changed).count();
        changed as f64 / self.changed.len().max(1) as f64
    }
}

/// One letter of the text changed, the output's characters.
pub const TEXT_LETTER: &str = "One letter of the text";
/// One part of the key changed, the output's characters.
pub const KEY_LETTER: &str = "One step of the key";
/// One bit of the block changed, the encrypted block's bits.
pub const BLOCK_BIT: &str = "One bit of an AES block";
/// One bit of the key changed, the encrypted block's bits.
pub const KEY_BIT: &str = "One bit of the AES key";
/// One letter changed under the same nonce, the ciphertext's bits without the tag.
pub const GCM_TEXT: &str = "One letter, same nonce: the ciphertext";
/// One letter changed under the same nonce, the tag's bits.
pub const GCM_TAG: &str = "One letter, same nonce: the tag";

/// Why AES has strips of its own.
pub const AES_EXPLANATION: &str = "GCM combines the text with a key stream. Under the same nonce one changed letter \
    therefore changes one byte of the ciphertext, and the tag exposes it. The avalanche is inside: one bit of a block \
    or of the key flips about half of the block that AES gives.";

/// Measures a cipher with a valid key on a text. Empty where nothing can be changed; at most [`EXCERPT`] characters of
/// the text are used.
pub fn avalanche(spec: &'static CipherSpec, key: &Key, text: &str) -> Vec<Strip> {
    let excerpt: String = text.chars().take(EXCERPT).collect();
    if spec.id == "aes-256-gcm" {
        return aes_256_gcm::key_bytes(key).map_or_else(|_| Vec::new(), |bytes| aes(&bytes, &excerpt));
    }
    let Ok(cipher) = spec.build(key) else {
        return Vec::new();
    };
    let mut strips = Vec::new();
    let Ok(before) = cipher.encrypt(&excerpt) else {
        return strips;
    };
    if let Some(altered) = alter_letter(&excerpt)
        && let Ok(after) = cipher.encrypt(&altered)
    {
        strips.push(compare(TEXT_LETTER, &before, &after));
    }
    if let Some(other) = neighbour(spec, key, &excerpt)
        && let Ok(after) = spec.build(&other).map(|cipher| cipher.encrypt(&excerpt))
        && let Ok(after) = after
    {
        strips.push(compare(KEY_LETTER, &before, &after));
    }
    strips
}

/// The text with its middle letter replaced by the next one. `None` without letters A to Z.
pub fn alter_letter(text: &str) -> Option<String> {
    let letters: Vec<usize> = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphabetic())
        .map(|(at, _)| at)
        .collect();
    let at = *letters.get(letters.len() / 2)?;
    let mut bytes = text.as_bytes().to_vec();
    bytes[at] = next_letter(char::from(bytes[at])) as u8;
    String::from_utf8(bytes).ok()
}

/// A valid key as near as can be: one letter or one number of it is another, and the output changes with it. `None`
/// for a cipher without a key.
pub fn neighbour(spec: &'static CipherSpec, key: &Key, probe: &str) -> Option<Key> {
    let output = |key: &Key| spec.build(key).ok()?.encrypt(probe).ok();
    let before = output(key)?;
    let candidates = spec.params.iter().flat_map(|param| {
        let value = key.value(param.name).unwrap_or_default().to_owned();
        nearby(&param.kind, &value)
            .into_iter()
            .map(|value| key.clone().with(param.name, &value))
    });
    candidates
        .take(MOST_CANDIDATES)
        .find(|candidate| output(candidate).is_some_and(|after| after != before))
}

/// Values one step from this one; not all of them need be valid.
fn nearby(kind: &Kind, value: &str) -> Vec<String> {
    match kind {
        Kind::Integer { .. } => {
            let Ok(number) = value.trim().parse::<i64>() else {
                return Vec::new();
            };
            [1, -1, 2, -2]
                .iter()
                .map(|step| number.saturating_add(*step).to_string())
                .collect()
        }
        Kind::Alphabet26 if !value.is_empty() => {
            let mut letters: Vec<char> = value.chars().filter(|c| !c.is_whitespace()).collect();
            if letters.len() > 5 {
                letters.swap(4, 5);
            }
            vec![letters.into_iter().collect()]
        }
        Kind::Square { .. } if value.is_empty() => vec!["B".to_owned()],
        Kind::RotorPositions if value.is_empty() => vec!["AAB".to_owned(), "AAAB".to_owned()],
        Kind::Digits | Kind::Matrix => replaced(
            value,
            |c| c.is_ascii_digit(),
            |c| match c {
                '9' => '8',
                _ => (c as u8 + 1) as char,
            },
        ),
        Kind::Keyword | Kind::ColumnOrder | Kind::Square { .. } | Kind::Pad | Kind::RotorPositions => {
            let mut values = swapped(value);
            let letters = replaced(value, |c| c.is_ascii_alphanumeric(), next_letter);
            match kind {
                // In a whole square a replaced letter would stand there twice; two that change places do not.
                Kind::Square { .. } => values.extend(letters),
                _ => {
                    values.splice(0..0, letters);
                }
            }
            values
        }
        _ => Vec::new(),
    }
}

fn replaced(value: &str, belongs: impl Fn(char) -> bool, next: impl Fn(char) -> char) -> Vec<String> {
    let letters: Vec<char> = value.chars().collect();
    (0..letters.len())
        .filter(|&place| belongs(letters[place]))
        .map(|place| {
            let mut letters = letters.clone();
            letters[place] = next(letters[place]);
            letters.into_iter().collect()
        })
        .collect()
}

fn swapped(value: &str) -> Vec<String> {
    let letters: Vec<char> = value.chars().collect();
    (1..letters.len())
        .filter(|&place| letters[place] != letters[place - 1])
        .map(|place| {
            let mut letters = letters.clone();
            letters.swap(place - 1, place);
            letters.into_iter().collect()
        })
        .collect()
}

fn next_letter(c: char) -> char {
    match c {
        'Z' => 'A',
        'z' => 'a',
        '9' => '0',
        _ => char::from_u32(u32::from(c) + 1).unwrap_or(c),
    }
}

fn compare(title: &'static str, before: &str, after: &str) -> Strip {
    let mut others = after.chars();
    let mut changed: Vec<bool> = before.chars().map(|c| Some(c) != others.next()).collect();
    changed.extend(others.map(|_| true));
    Strip {
        title,
        changed,
        bits: false,
    }
}

fn compare_bits(title: &'static str, before: &[u8], after: &[u8]) -> Strip {
    let changed = before.iter().zip(after).flat_map(|(a, b)| {
        let differing = a ^ b;
        (0..8).rev().map(move |bit| differing >> bit & 1 == 1)
    });
    Strip {
        title,
        changed: changed.collect(),
        bits: true,
    }
}

fn aes(key: &[u8; 32], text: &str) -> Vec<Strip> {
    let mut block = [b' '; 16];
    block
        .iter_mut()
        .zip(text.bytes())
        .for_each(|(to, from)| *to = from);
    let encrypt = |key: &[u8], block| aes_trace::trace(key, block).map(|trace| trace.output());
    let mut other_block = block;
    other_block[0] ^= 1;
    let mut other_key = *key;
    other_key[0] ^= 1;
    let mut strips = Vec::new();
    if let Some(before) = encrypt(key, block) {
        for (title, after) in [
            (BLOCK_BIT, encrypt(key, other_block)),
            (KEY_BIT, encrypt(&other_key, block)),
        ] {
            strips.extend(after.map(|after| compare_bits(title, &before, &after)));
        }
    }
    let sealed = |text: &str| -> Option<Vec<u8>> {
        let digits: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = [("key", digits), ("nonce", "00".repeat(12))]
            .into_iter()
            .collect();
        let hex = find("aes-256-gcm")?.build(&key).ok()?.encrypt(text).ok()?;
        let pairs = hex.as_bytes().chunks_exact(2);
        pairs
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    };
    let altered = alter_letter(text);
    if let (Some(before), Some(after)) = (sealed(text), altered.and_then(|text| sealed(&text)))
        && before.len() == after.len()
        && before.len() > TAG_BYTES
    {
        let end = before.len() - TAG_BYTES;
        strips.push(compare_bits(GCM_TEXT, &before[..end], &after[..end]));
        strips.push(compare_bits(GCM_TAG, &before[end..], &after[end..]));
    }
    strips
}

/// The most characters of a text that are measured: what a strip can show.
pub const EXCERPT: usize = 240;
const MOST_CANDIDATES: usize = 200;
const TAG_BYTES: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::ALL;

    const TEXT: &str = "We are discovered, flee at once. The letter was found under the second stone.";

    fn strip(strips: &[Strip], title: &str) -> Strip {
        strips.iter().find(|strip| strip.title == title).unwrap().clone()
    }

    #[test]
    fn one_letter_changes_one_letter_of_caesar_and_the_key_all_of_them() {
        let caesar = find("caesar").unwrap();
        let strips = avalanche(caesar, &caesar.sample_key(), TEXT);
        let text = strip(&strips, TEXT_LETTER);
        assert_eq!(text.changed.iter().filter(|&&changed| changed).count(), 1);
        let letters = TEXT.chars().filter(char::is_ascii_alphabetic).count();
        let key = strip(&strips, KEY_LETTER);
        assert_eq!(key.changed.iter().filter(|&&changed| changed).count(), letters);
    }

    #[test]
    fn one_bit_flips_about_half_of_an_aes_block_and_of_the_tag() {
        let key = Key::new().with("key", &"5a".repeat(32));
        let strips = avalanche(find("aes-256-gcm").unwrap(), &key, TEXT);
        for title in [BLOCK_BIT, KEY_BIT, GCM_TAG] {
            let strip = strip(&strips, title);
            assert_eq!(strip.changed.len(), 128, "{title}");
            // 64 of 128, with a standard deviation of 5.7.
            assert!(
                (0.35..0.65).contains(&strip.share()),
                "{title}: {}",
                strip.share()
            );
        }
        let ciphertext = strip(&strips, GCM_TEXT);
        assert!(ciphertext.changed.iter().filter(|&&changed| changed).count() <= 8);
    }

    #[test]
    fn every_cipher_with_a_key_has_a_neighbouring_key() {
        for spec in ALL.iter().filter(|spec| spec.id != "aes-256-gcm") {
            let keyless = ["rot13", "atbash"].contains(&spec.id);
            let key = spec.sample_key();
            let probe = "we are discovered flee at once";
            assert_eq!(neighbour(spec, &key, probe).is_none(), keyless, "{}", spec.id);
        }
    }

    #[test]
    fn texts_without_letters_and_wrong_keys_give_no_strip() {
        let caesar = find("caesar").unwrap();
        assert!(avalanche(caesar, &caesar.sample_key(), "").is_empty());
        assert!(avalanche(caesar, &Key::new(), TEXT).is_empty());
    }
}
