//! What people compare: the fingerprint of an identity, and the seven emoji of a session.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};

use super::digest::{Digest, labelled_hash};

/// SHA-256 of an identity key's SubjectPublicKeyInfo in DER (RFC 5280), shown as 64 hex digits.
///
/// `openssl pkey -pubin -in key.pem -outform DER | sha256sum` prints the same digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    /// Length in bytes.
    pub const BYTES: usize = 32;

    /// The fingerprint of a key in DER.
    pub fn of_der(spki: &[u8]) -> Fingerprint {
        Fingerprint(Sha256::digest(spki).into())
    }

    /// Takes over the bytes of a fingerprint.
    pub fn from_bytes(bytes: [u8; Fingerprint::BYTES]) -> Fingerprint {
        Fingerprint(bytes)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; Fingerprint::BYTES] {
        &self.0
    }

    /// The first eight digits, for places where the whole does not fit. Not for comparing.
    pub fn short(&self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text was not 64 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAFingerprint;

impl FromStr for Fingerprint {
    type Err = NotAFingerprint;

    fn from_str(text: &str) -> Result<Fingerprint, NotAFingerprint> {
        if text.len() != 2 * Fingerprint::BYTES || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(NotAFingerprint);
        }
        let mut bytes = [0; Fingerprint::BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| NotAFingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| NotAFingerprint)?;
        }
        Ok(Fingerprint(bytes))
    }
}

/// The short authentication string of one session: seven emoji, 42 bits.
///
/// Both sides committed to their part before they saw the other's, so nobody between them can
/// search for a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sas([u8; Sas::LENGTH]);

impl Sas {
    /// How many emoji are compared.
    pub const LENGTH: usize = 7;

    /// The first 42 bits of `H("sas", H(IK_G), H(IK_H), nG, nH)`, six bits an emoji.
    pub fn new(
        guest: &Fingerprint,
        host: &Fingerprint,
        guest_nonce: &[u8; 32],
        host_nonce: &[u8; 32],
    ) -> Sas {
        let hash = labelled_hash(
            "sas",
            &[guest.as_bytes(), host.as_bytes(), guest_nonce, host_nonce],
        );
        let bits = hash
            .iter()
            .take(6)
            .fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        Sas(std::array::from_fn(|i| (bits >> (42 - 6 * i) & 0x3f) as u8))
    }

    /// The emoji and their names, in order.
    pub fn emoji(&self) -> [(&'static str, &'static str); Sas::LENGTH] {
        self.0
            .map(|index| SAS_EMOJI[usize::from(index) % SAS_EMOJI.len()])
    }
}

/// The alphabet of the emoji check: distinct at a glance, each with the name to read out.
pub const SAS_EMOJI: [(&str, &str); 64] = [
    ("🐶", "Dog"),
    ("🐱", "Cat"),
    ("🐴", "Horse"),
    ("🐷", "Pig"),
    ("🐘", "Elephant"),
    ("🐰", "Rabbit"),
    ("🐻", "Bear"),
    ("🐔", "Chicken"),
    ("🐧", "Penguin"),
    ("🐢", "Turtle"),
    ("🐟", "Fish"),
    ("🐙", "Octopus"),
    ("🐌", "Snail"),
    ("🐝", "Bee"),
    ("🐞", "Ladybird"),
    ("🐍", "Snake"),
    ("🌷", "Tulip"),
    ("🌳", "Tree"),
    ("🌵", "Cactus"),
    ("🍄", "Mushroom"),
    ("🌍", "Globe"),
    ("🌙", "Moon"),
    ("☁", "Cloud"),
    ("🔥", "Fire"),
    ("🍌", "Banana"),
    ("🍎", "Apple"),
    ("🍓", "Strawberry"),
    ("🌽", "Corn"),
    ("🍕", "Pizza"),
    ("🎂", "Cake"),
    ("❤", "Heart"),
    ("😊", "Smile"),
    ("👍", "Thumbs up"),
    ("👑", "Crown"),
    ("👓", "Glasses"),
    ("🎩", "Hat"),
    ("👟", "Shoe"),
    ("☂", "Umbrella"),
    ("⌛", "Hourglass"),
    ("⏰", "Clock"),
    ("🎁", "Gift"),
    ("💡", "Light bulb"),
    ("📕", "Book"),
    ("✏", "Pencil"),
    ("📎", "Paper clip"),
    ("✂", "Scissors"),
    ("🔒", "Lock"),
    ("🔑", "Key"),
    ("🔨", "Hammer"),
    ("☎", "Telephone"),
    ("🏁", "Flag"),
    ("🚂", "Train"),
    ("🚲", "Bicycle"),
    ("✈", "Aeroplane"),
    ("🚀", "Rocket"),
    ("🏆", "Trophy"),
    ("⚽", "Ball"),
    ("🎸", "Guitar"),
    ("🎺", "Trumpet"),
    ("🔔", "Bell"),
    ("⚓", "Anchor"),
    ("🎧", "Headphones"),
    ("📁", "Folder"),
    ("📌", "Pin"),
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_fingerprint_reads_back_from_its_text() {
        let fingerprint = Fingerprint::of_der(b"key");
        let text = fingerprint.to_string();
        assert_eq!(text.parse(), Ok(fingerprint));
        assert_eq!(fingerprint.short(), text[..8]);
        assert_eq!("12".parse::<Fingerprint>(), Err(NotAFingerprint));
        assert_eq!("g".repeat(64).parse::<Fingerprint>(), Err(NotAFingerprint));
        assert_eq!("é".repeat(32).parse::<Fingerprint>(), Err(NotAFingerprint));
    }

    #[test]
    fn the_alphabet_has_no_twins() {
        let emoji: HashSet<_> = SAS_EMOJI.iter().map(|(e, _)| e).collect();
        let names: HashSet<_> = SAS_EMOJI.iter().map(|(_, n)| n).collect();
        assert_eq!((emoji.len(), names.len()), (64, 64));
    }

    #[test]
    fn every_part_changes_the_emoji() {
        let (g, h) = (Fingerprint::of_der(b"g"), Fingerprint::of_der(b"h"));
        let sas = Sas::new(&g, &h, &[1; 32], &[2; 32]);
        assert_ne!(sas, Sas::new(&h, &g, &[1; 32], &[2; 32]));
        assert_ne!(sas, Sas::new(&g, &h, &[3; 32], &[2; 32]));
        assert_ne!(sas, Sas::new(&g, &h, &[1; 32], &[3; 32]));
        assert_eq!(sas, Sas::new(&g, &h, &[1; 32], &[2; 32]));
    }

    #[test]
    fn the_emoji_are_the_first_42_bits() {
        let (g, h) = (Fingerprint::of_der(b"g"), Fingerprint::of_der(b"h"));
        let hash = labelled_hash("sas", &[g.as_bytes(), h.as_bytes(), &[1; 32], &[2; 32]]);
        let bits: String = hash.iter().map(|b| format!("{b:08b}")).collect();
        let expected: Vec<usize> = (0..7)
            .map(|i| usize::from_str_radix(&bits[6 * i..6 * i + 6], 2).unwrap())
            .collect();
        let shown = Sas::new(&g, &h, &[1; 32], &[2; 32]).emoji();
        assert_eq!(
            shown
                .map(|e| SAS_EMOJI.iter().position(|s| *s == e).unwrap())
                .to_vec(),
            expected
        );
    }
}
