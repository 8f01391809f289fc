//! The Enigma's rotors and reflectors: their wirings and turnover notches, as they were built.

/// A rotor as it was built.
#[derive(Debug, PartialEq, Eq)]
pub struct Wheel {
    /// Its name, as stamped on it.
    pub name: &'static str,
    /// The letter that each contact A to Z leads to, from right to left.
    pub wiring: &'static [u8; 26],
    /// The letters in the window at which the next key press turns the rotor to the left.
    pub notches: &'static [u8],
}

/// The rotors that move, and the two thin ones of the M4 that do not.
pub static WHEELS: [Wheel; 10] = [
    Wheel {
        name: "I",
        wiring: b"EKMFLGDQVZNTOWYHXUSPAIBRCJ",
        notches: b"Q",
    },
    Wheel {
        name: "II",
        wiring: b"AJDKSIRUXBLHWTMCQGZNPYFVOE",
        notches: b"E",
    },
    Wheel {
        name: "III",
        wiring: b"BDFHJLCPRTXVZNYEIWGAKMUSQO",
        notches: b"V",
    },
    Wheel {
        name: "IV",
        wiring: b"ESOVPZJAYQUIRHXLNFTGKDCMWB",
        notches: b"J",
    },
    Wheel {
        name: "V",
        wiring: b"VZBRGITYUPSDNHLXAWMJQOFECK",
        notches: b"Z",
    },
    Wheel {
        name: "VI",
        wiring: b"JPGVOUMFYQBENHZRDKASXLICTW",
        notches: b"MZ",
    },
    Wheel {
        name: "VII",
        wiring: b"NZJHGRCXMYSWBOUFAIVLPEKQDT",
        notches: b"MZ",
    },
    Wheel {
        name: "VIII",
        wiring: b"FKQHTLXOCBJSPDZRAMEWNIUYGV",
        notches: b"MZ",
    },
    Wheel {
        name: "Beta",
        wiring: b"LEYJVCNIXWPBQMDRTAKZGFUHOS",
        notches: b"",
    },
    Wheel {
        name: "Gamma",
        wiring: b"FSOKANUERHMBTIYCWLQPZXVGJD",
        notches: b"",
    },
];

/// A reflector as it was built.
#[derive(Debug, PartialEq, Eq)]
pub struct Reflector {
    /// Its name.
    pub name: &'static str,
    /// The letter that each contact A to Z is joined to.
    pub wiring: &'static [u8; 26],
}

/// The reflectors of the Enigma I and M3, and the thin ones of the M4.
pub static REFLECTORS: [Reflector; 5] = [
    Reflector {
        name: "A",
        wiring: b"EJMZALYXVBWFCRQUONTSPIKHGD",
    },
    Reflector {
        name: "B",
        wiring: b"YRUHQSLDPXNGOKMIEBFZCWVJAT",
    },
    Reflector {
        name: "C",
        wiring: b"FVPJIAOYEDRZXWGCTKUQSBNMHL",
    },
    Reflector {
        name: "B-thin",
        wiring: b"ENKQAUYWJICOPBLMDXZVFTHRGS",
    },
    Reflector {
        name: "C-thin",
        wiring: b"RDOBJNTKVEHMLFCWZAXGYIPSUQ",
    },
];

/// A machine that was issued: which parts fit into it.
#[derive(Debug, PartialEq, Eq)]
pub struct Model {
    /// Its name.
    pub name: &'static str,
    /// The rotors that were issued for the three moving places.
    pub moving: &'static [&'static str],
    /// The rotors for the fourth place, if there is one.
    pub fourth: &'static [&'static str],
    /// The reflectors that fit; the first is the usual one.
    pub reflectors: &'static [&'static str],
    /// The usual rotors.
    pub usual_rotors: &'static str,
}

/// The models of the army and air force (I) and of the navy (M3, M4).
pub static MODELS: [Model; 3] = [
    Model {
        name: "I",
        moving: &["I", "II", "III", "IV", "V"],
        fourth: &[],
        reflectors: &["B", "A", "C"],
        usual_rotors: "I II III",
    },
    Model {
        name: "M3",
        moving: &["I", "II", "III", "IV", "V", "VI", "VII", "VIII"],
        fourth: &[],
        reflectors: &["B", "C"],
        usual_rotors: "I II III",
    },
    Model {
        name: "M4",
        moving: &["I", "II", "III", "IV", "V", "VI", "VII", "VIII"],
        fourth: &["Beta", "Gamma"],
        reflectors: &["B-thin", "C-thin"],
        usual_rotors: "Beta I II III",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rotor_is_a_permutation_and_every_reflector_joins_pairs() {
        for wheel in &WHEELS {
            let mut letters = wheel.wiring.to_vec();
            letters.sort_unstable();
            assert_eq!(letters, (b'A'..=b'Z').collect::<Vec<_>>(), "{}", wheel.name);
        }
        for reflector in &REFLECTORS {
            for (contact, &letter) in reflector.wiring.iter().enumerate() {
                let other = usize::from(letter - b'A');
                assert_ne!(other, contact, "{}", reflector.name);
                assert_eq!(
                    usize::from(reflector.wiring[other] - b'A'),
                    contact,
                    "{}",
                    reflector.name
                );
            }
        }
    }
}
