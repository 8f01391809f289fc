//! A contact card: a name and a key's fingerprint as one line of text, short enough for a QR code.
//!
//! `cipher-room-contact:NAME#FINGERPRINT.CHECK`. Nothing in it is secret. The last eight digits catch
//! typing errors; they prove nothing.

use std::fmt;
use std::str::FromStr;

use super::invite::{percent_decode, percent_encode};
use super::limits::MAX_NAME_BYTES;
use crate::crypto::{Fingerprint, labelled_hash};
use crate::protocol::limits::MAX_CARD_BYTES;

/// What a card starts with.
const SCHEME: &str = "cipher-room-contact:";

/// Somebody's name and key, as that person hands it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactCard {
    /// The name that the person gives itself.
    pub name: String,
    /// The fingerprint of its key.
    pub fingerprint: Fingerprint,
}

impl fmt::Display for ContactCard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = percent_encode(&self.name);
        write!(f, "{SCHEME}{name}#{}.{}", self.fingerprint, self.check())
    }
}

impl ContactCard {
    fn check(&self) -> String {
        let hash = labelled_hash("card check", &[self.name.as_bytes(), self.fingerprint.as_bytes()]);
        hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Why a text is not a contact card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardError {
    /// It does not start like one, or is far too long.
    NotACard,
    /// It starts like one and ends too soon.
    Cut,
    /// A character was changed: the check does not fit.
    Mistyped,
}

impl fmt::Display for CardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CardError::NotACard => write!(f, "this is not a contact card ({SCHEME}…)"),
            CardError::Cut => f.write_str("the contact card is cut off; copy all of it"),
            CardError::Mistyped => f.write_str("the contact card has a typing error; copy it again"),
        }
    }
}

impl std::error::Error for CardError {}

impl FromStr for ContactCard {
    type Err = CardError;

    fn from_str(text: &str) -> Result<ContactCard, CardError> {
        if text.len() > MAX_CARD_BYTES {
            return Err(CardError::NotACard);
        }
        // Mail programs break long lines and put brackets around them.
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let text = text.trim_matches(['<', '>', '"', '\'', '`']);
        let rest = text
            .get(..SCHEME.len())
            .filter(|start| start.eq_ignore_ascii_case(SCHEME))
            .and_then(|_| text.get(SCHEME.len()..))
            .ok_or(CardError::NotACard)?;
        let (name, rest) = rest.split_once('#').ok_or(CardError::Cut)?;
        let (fingerprint, check) = rest.split_once('.').ok_or(CardError::Cut)?;
        if fingerprint.len() < 2 * Fingerprint::BYTES || check.len() < 8 {
            return Err(CardError::Cut);
        }
        let card = ContactCard {
            name: percent_decode(name)
                .filter(|name| !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES)
                .ok_or(CardError::Mistyped)?,
            fingerprint: fingerprint.parse().map_err(|_| CardError::Mistyped)?,
        };
        match card.check() == check.to_ascii_lowercase() {
            true => Ok(card),
            false => Err(CardError::Mistyped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn card() -> ContactCard {
        ContactCard {
            name: "Ünsal #1 ✈".to_owned(),
            fingerprint: Fingerprint::of_der(b"ada"),
        }
    }

    #[test]
    fn a_card_reads_back_however_it_was_wrapped() {
        let text = card().to_string();
        assert!(text.is_ascii());
        assert_eq!(text.parse(), Ok(card()));
        let wrapped = format!(" <{}\n{}>\n", &text[..40], &text[40..]);
        assert_eq!(wrapped.parse(), Ok(card()));
    }

    #[test]
    fn a_card_has_a_name_of_up_to_128_bytes() {
        let named = |name: String| ContactCard { name, ..card() }.to_string().parse::<ContactCard>();
        assert!(named("n".repeat(MAX_NAME_BYTES)).is_ok());
        for name in [String::new(), "  ".to_owned(), "n".repeat(MAX_NAME_BYTES + 1)] {
            assert_eq!(named(name), Err(CardError::Mistyped));
        }
        let text = card().to_string();
        let digits = card().fingerprint.to_string();
        let shorter = text.replace(&digits, &digits[1..]);
        for cut in [&text[..text.len() - 1], shorter.as_str()] {
            assert_eq!(cut.parse::<ContactCard>(), Err(CardError::Cut), "{cut}");
        }
    }

    #[test]
    fn a_card_has_up_to_1024_bytes_with_all_that_was_put_around_it() {
        let padded = |len: usize| {
            let text = card().to_string();
            (text.clone() + &" ".repeat(len - text.len())).parse::<ContactCard>()
        };
        assert_eq!(padded(MAX_CARD_BYTES), Ok(card()));
        for len in [MAX_CARD_BYTES + 1, MAX_CARD_BYTES * 2] {
            assert_eq!(padded(len), Err(CardError::NotACard));
        }
    }

    #[test]
    fn every_changed_character_is_noticed() {
        let text = card().to_string();
        for at in SCHEME.len()..text.len() {
            let mut bytes = text.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(changed.parse::<ContactCard>().is_err(), "{at}: {changed}");
        }
        for end in 0..text.len() {
            assert!(text[..end].parse::<ContactCard>().is_err(), "{end}");
        }
        assert_eq!("hello".parse::<ContactCard>(), Err(CardError::NotACard));
        assert_eq!("é".repeat(600).parse::<ContactCard>(), Err(CardError::NotACard));
    }
}
