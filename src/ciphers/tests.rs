//! Tests that loop over all ciphers: known answers, round trips, limits, and steps that agree with the output.

use super::alphabet::{LATIN, PRESETS};
use super::*;

/// A small seeded generator (SplitMix64), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    fn word(&mut self, letters: &[char], least: usize, most: usize) -> String {
        let length = least + self.below(most - least + 1);
        (0..length).map(|_| self.pick(letters)).collect()
    }

    fn shuffled(&mut self, letters: &[char]) -> String {
        let mut letters = letters.to_vec();
        for last in (1..letters.len()).rev() {
            letters.swap(last, self.below(last + 1));
        }
        letters.into_iter().collect()
    }

    /// Text with everything that can hurt: letters, digits, marks, other scripts, line breaks, zero bytes.
    fn text(&mut self) -> String {
        let length = self.pick(&[0, 1, 2, 3, 5, 17, 60, 200]);
        (0..length)
            .map(|_| match self.below(10) {
                0..=4 => char::from(b'a' + self.below(26) as u8),
                5 | 6 => char::from(b'A' + self.below(26) as u8),
                7 => self.pick(&[
                    ' ', '.', '\n', '\r', '\t', '\0', '-', '0', '5', '9', 'x', 'X', 'q', 'J', 'j', 'i',
                ]),
                8 => self.pick(&[
                    'é', '\u{301}', 'ß', 'ẞ', 'Ä', 'ı', 'İ', 'ς', 'Ω', 'Ж', 'K', '漢', '🙂', '\u{200d}',
                ]),
                _ => char::from_u32(self.below(0x11_0000) as u32).unwrap_or('\u{fffd}'),
            })
            .collect()
    }

    /// Letters of both cases among characters that belong to no alphabet.
    fn prose(&mut self) -> String {
        let length = self.below(120);
        (0..length)
            .map(|_| match self.below(5) {
                0 => self.pick(&[' ', ',', '\n', '—', '🙂', '\u{301}']),
                1 => char::from(b'A' + self.below(26) as u8),
                _ => char::from(b'a' + self.below(26) as u8),
            })
            .collect()
    }

    /// A valid key, made from the cipher's own description.
    fn key(&mut self, spec: &CipherSpec) -> Key {
        let mut key = Key::new();
        let mut letters: Vec<char> = LATIN.chars().collect();
        if spec.param("letters").is_some() && self.below(3) == 0 {
            let preset = self.pick(PRESETS).1;
            letters = preset.chars().collect();
            key.set("letters", preset);
        }
        for param in spec.params {
            let either = ["alphabet", "passphrase"].contains(&param.name)
                || (param.name == "keyword" && param.optional);
            if param.optional && !either && self.below(2) == 0 {
                continue;
            }
            let value = match param.kind {
                Kind::Integer { min, max, wraps } => match (param.name, wraps) {
                    ("a", _) => self.unit(letters.len()).to_string(),
                    (_, Some(_)) => format!("-{}{}", self.below(1000), self.next()),
                    _ => (min.unwrap_or(-50) + self.below(max.unwrap_or(50).min(40) as usize) as i64)
                        .to_string(),
                },
                Kind::Keyword if param.optional => match key.value("alphabet") {
                    Some(_) => continue,
                    None => self.word(&letters, 1, 30),
                },
                Kind::Keyword => self.word(&letters, 1, 12),
                Kind::ColumnOrder => match self.below(3) {
                    0 => {
                        (1..=1 + self.below(30))
                            .rev()
                            .map(|n| format!("{n} "))
                            .collect::<String>()
                            + ","
                    }
                    _ => self.word(&letters, 1, 12),
                },
                Kind::Alphabet26 if self.below(2) == 0 => continue,
                Kind::Alphabet26 => self.shuffled(&letters),
                Kind::Letters => continue,
                Kind::Square { cells: 25 } => {
                    self.shuffled(&"ABCDEFGHIKLMNOPQRSTUVWXYZ".chars().collect::<Vec<_>>())
                }
                Kind::Square { .. } => self.word(
                    &"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".chars().collect::<Vec<_>>(),
                    1,
                    40,
                ),
                Kind::Choice(choices) => match param.name {
                    "model" | "reflector" => continue,
                    _ => self.pick(choices).to_owned(),
                },
                Kind::Digits => self.word(&('0'..='9').collect::<Vec<_>>(), 1, 9),
                Kind::Matrix => self
                    .pick(&["3 3 2 5", "GYBNQKURP", "17 17 5; 21 18 21; 2 2 19", "1 0 0 1"])
                    .to_owned(),
                Kind::Rotors => self.pick(&["II IV V", "III I II", "V I IV"]).to_owned(),
                Kind::RotorPositions => self.word(&LATIN.chars().collect::<Vec<_>>(), 3, 3),
                Kind::Pairs => {
                    self.shuffled(&LATIN.chars().collect::<Vec<_>>())[..2 * self.below(14)].to_owned()
                }
                Kind::Pad => self.word(&letters, 400, 400),
                Kind::Passphrase => continue,
                Kind::Hex { bytes } if param.name == "nonce" && self.below(2) == 0 => {
                    "0b".repeat(bytes as usize)
                }
                Kind::Hex { .. } if param.name == "nonce" => continue,
                Kind::Hex { bytes } => (0..bytes).map(|_| format!("{:02X}", self.below(256))).collect(),
            };
            key.set(param.name, &value);
        }
        if spec.id == "aes-256-gcm" {
            key.set(
                "key",
                &(0..32)
                    .map(|_| format!("{:02x}", self.below(256)))
                    .collect::<String>(),
            );
        }
        key
    }

    fn unit(&mut self, size: usize) -> usize {
        loop {
            let a = self.below(size);
            if (0..size).filter(|x| (a * x) % size == 1 % size).count() == 1 {
                return a;
            }
        }
    }
}

/// Runs a check for every cipher with many keys.
fn for_all(rounds: usize, check: impl Fn(&'static CipherSpec, &dyn Cipher, &str, &mut Dice)) {
    for (number, spec) in ALL.iter().enumerate() {
        let mut dice = Dice(number as u64);
        for round in 0..rounds {
            let key = dice.key(spec);
            let cipher = spec
                .build(&key)
                .unwrap_or_else(|error| panic!("{} {key:?}: {error}", spec.id));
            check(
                spec,
                cipher.as_ref(),
                &format!("{} {key:?}, round {round}", spec.id),
                &mut dice,
            );
        }
    }
}

#[test]
fn the_names_of_ciphers_and_parameters_are_kept() {
    let contract = [
        ("caesar", "shift"),
        ("rot13", ""),
        ("atbash", ""),
        ("affine", "a b"),
        ("substitution", "alphabet keyword"),
        ("columnar", "keyword fill"),
        ("double-columnar", "keyword1 keyword2 fill"),
        ("rail-fence", "rails offset"),
        ("vigenere", "keyword"),
        ("beaufort", "keyword"),
        ("autokey", "keyword"),
        ("gronsfeld", "digits"),
        ("porta", "keyword"),
        ("playfair", "keyword"),
        ("hill", "matrix"),
        ("polybius", "keyword"),
        ("bifid", "keyword period"),
        ("adfgvx", "square keyword"),
        ("adfgx", "square keyword"),
        ("enigma", "model rotors reflector rings start plugboard"),
        ("one-time-pad", "pad"),
        ("aes-256-gcm", "passphrase key nonce encoding"),
    ];
    assert_eq!(contract.map(|(id, _)| id), ALL.map(|spec| spec.id));
    for (id, params) in contract {
        let spec = find(id).unwrap();
        for param in params.split_whitespace() {
            assert!(spec.param(param).is_some(), "{id} has no {param}");
        }
    }
}

#[test]
fn every_published_answer_is_given_in_both_directions() {
    for spec in ALL {
        assert!(!spec.examples.is_empty(), "{}", spec.id);
        for example in spec.examples {
            let cipher = spec.build(&example.key()).unwrap();
            let case = format!("{}: {}", spec.id, example.source);
            assert_eq!(
                cipher.encrypt(example.plaintext).unwrap(),
                example.ciphertext,
                "{case}"
            );
            assert_eq!(
                cipher.decrypt(example.ciphertext).unwrap(),
                example.plaintext,
                "{case}"
            );
            assert_eq!(cipher.prepare(example.plaintext), example.plaintext, "{case}");
        }
    }
}

#[test]
fn decrypting_an_encryption_gives_the_prepared_text_back() {
    for_all(120, |_, cipher, case, dice| {
        let text = dice.text();
        let secret = cipher.encrypt(&text).unwrap();
        assert_eq!(
            cipher.decrypt(&secret).unwrap(),
            cipher.prepare(&text),
            "{case}: {text:?} {secret:?}"
        );
    });
}

#[test]
fn a_prepared_text_differs_only_as_the_cipher_states() {
    let exact = "caesar rot13 atbash affine substitution rail-fence vigenere beaufort autokey gronsfeld porta enigma \
                 one-time-pad aes-256-gcm";
    for_all(60, |spec, cipher, case, dice| {
        let text = dice.text();
        let prepared = cipher.prepare(&text);
        let no_j = text.replace('J', "I").replace('j', "i");
        match spec.id {
            "bifid" => assert_eq!(prepared, no_j, "{case}"),
            "polybius" | "adfgx" => assert_eq!(prepared, no_j.to_ascii_uppercase(), "{case}"),
            "adfgvx" => assert_eq!(prepared, text.to_ascii_uppercase(), "{case}"),
            "playfair" | "hill" | "columnar" | "double-columnar" => {
                // Only nulls were added: without them the text is there, in order.
                let mut left = prepared.chars();
                let wanted = if spec.id == "playfair" { &no_j } else { &text };
                let skipped = |wanted: char, left: &mut std::str::Chars<'_>| {
                    left.by_ref()
                        .take_while(|&c| c != wanted)
                        .all(|c| "xXqQ".contains(c))
                };
                assert!(
                    wanted.chars().all(|c| skipped(c, &mut left)),
                    "{case}: {text:?} {prepared:?}"
                );
                assert!(left.all(|c| "xXqQ".contains(c)), "{case}");
            }
            id => {
                assert!(exact.contains(id), "{id}");
                let unfolded = |text: &str| text.to_lowercase();
                assert_eq!(unfolded(&prepared), unfolded(&text), "{case}");
                if !case.contains("letters") {
                    assert_eq!(prepared, text, "{case}");
                }
            }
        }
        assert_eq!(
            cipher.prepare(&prepared),
            prepared,
            "{case}: preparing twice changes nothing more"
        );
    });
}

#[test]
fn characters_outside_the_alphabet_stay_between_the_same_letters() {
    for_all(60, |spec, cipher, case, dice| {
        if spec.id == "aes-256-gcm" || case.contains("letters") || case.contains("\"all\"") {
            return;
        }
        let text = dice.prose();
        let letters_of = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        };
        let others_of = |text: &str| {
            text.chars()
                .filter(|c| !c.is_ascii_alphanumeric())
                .collect::<String>()
        };
        let secret = cipher.encrypt(&text).unwrap();
        assert_eq!(others_of(&secret), others_of(&text), "{case}");
        assert_eq!(
            letters_of(&secret),
            cipher.encrypt(&letters_of(&text)).unwrap(),
            "{case}"
        );
    });
}

#[test]
fn case_is_kept_by_the_substitutions() {
    for_all(20, |spec, cipher, case, dice| {
        let by_place = [
            Family::Monoalphabetic,
            Family::Polyalphabetic,
            Family::Rotor,
            Family::OneTimePad,
        ];
        if by_place.contains(&spec.family) && !case.contains("letters") {
            let text = dice.text();
            let secret = cipher.encrypt(&text).unwrap();
            for (a, b) in text.chars().zip(secret.chars()) {
                match a.is_ascii_alphabetic() {
                    true => assert_eq!(a.is_uppercase(), b.is_uppercase(), "{case}"),
                    false => assert_eq!(a, b, "{case}"),
                }
            }
        }
    });
}

#[test]
fn foreign_ciphertext_is_decrypted_or_refused_but_never_a_crash() {
    for_all(40, |spec, cipher, case, dice| {
        let text = dice.text();
        let result = cipher.decrypt(&text);
        assert!(result.is_ok() || spec.id == "aes-256-gcm", "{case}: {result:?}");
    });
}

#[test]
fn steps_and_links_agree_with_the_output() {
    for_all(30, |spec, cipher, case, dice| {
        let text = dice.text();
        let secret = cipher.encrypt(&text).unwrap();
        let random = spec.id == "aes-256-gcm" && !case.contains("nonce");
        for (direction, text) in [(Direction::Encrypt, &text), (Direction::Decrypt, &secret)] {
            let output: Vec<char> = cipher.apply(direction, text).unwrap().chars().collect();
            let input: Vec<char> = text.chars().collect();
            let mut made: Vec<Option<char>> = vec![None; output.len()];
            let mut used = vec![false; input.len()];
            for step in cipher.steps(direction, text).unwrap() {
                assert_eq!(step.outputs.len(), step.to.chars().count(), "{case}: {step:?}");
                for (&place, c) in step.outputs.iter().zip(step.to.chars()) {
                    assert!(made[place].replace(c).is_none(), "{case}: {place} made twice");
                }
                // What went in stands in the text at the places named; only nulls come from nowhere.
                let merge = |c: char| {
                    if c.eq_ignore_ascii_case(&'j') {
                        'i'
                    } else {
                        c.to_ascii_lowercase()
                    }
                };
                let mut from = step.from.chars().map(merge);
                for &place in &step.inputs {
                    assert!(from.any(|c| c == merge(input[place])), "{case}: {step:?}");
                    used[place] = true;
                }
            }
            assert!(
                used.iter().all(|&used| used),
                "{case}: not all of the input is explained"
            );
            let made: Option<Vec<char>> = made.into_iter().collect();
            assert!(made.is_some(), "{case}: not all of the output is explained");
            if !(random && direction == Direction::Encrypt) {
                assert_eq!(made.unwrap(), output, "{case} {direction:?}");
            }
            let links = cipher.links(direction, text).unwrap();
            assert_eq!(links.len(), input.len(), "{case}");
            assert!(
                (0..input.len()).all(|i| links.outputs_of(i).iter().all(|&o| (o as usize) < output.len()))
            );
        }
    });
}

#[test]
fn links_of_transpositions_follow_each_character() {
    for id in ["columnar", "double-columnar", "rail-fence"] {
        let spec = find(id).unwrap();
        let cipher = spec.build(&spec.sample_key()).unwrap();
        let text = "ABCDEFGHIJKLMNOPQRSTUVWXYZ 0123456789";
        let secret: Vec<char> = cipher.encrypt(text).unwrap().chars().collect();
        let links = cipher.links(Direction::Encrypt, text).unwrap();
        for (place, c) in text.chars().enumerate() {
            let [output] = links.outputs_of(place) else {
                panic!("{id}: one character, one place")
            };
            assert_eq!(secret[*output as usize], c, "{id}");
        }
    }
}

#[test]
fn grid_places_tell_the_order_of_reading() {
    use super::step::How;
    let text = "Flee at once, we are discovered!\n";
    for (id, key) in [
        ("columnar", Key::new().with("keyword", "ZEBRAS").with("fill", "x")),
        (
            "double-columnar",
            Key::new()
                .with("keyword1", "ZEBRAS")
                .with("keyword2", "CARGO")
                .with("fill", "x"),
        ),
    ] {
        let cipher = find(id).unwrap().build(&key).unwrap();
        let steps = cipher.steps(Direction::Encrypt, text).unwrap();
        let mut last_grid: Vec<_> = steps
            .iter()
            .filter_map(|step| match &step.how {
                How::Grid { passes } => passes
                    .last()
                    .map(|place| (place.order, place.cell.row, step.outputs[0])),
                _ => None,
            })
            .collect();
        last_grid.sort_unstable();
        assert!(
            last_grid.is_sorted_by_key(|&(.., output)| output),
            "{id}: {last_grid:?}"
        );
        let nulls: Vec<_> = steps.iter().filter(|step| step.inputs.is_empty()).collect();
        assert!(
            !nulls.is_empty() && nulls.iter().all(|step| step.to == "x"),
            "{id}"
        );
        let tail = steps.iter().find(|step| step.from == "!").unwrap();
        assert_eq!((tail.inputs[0], tail.outputs[0]), (31, 31 + nulls.len()), "{id}");
    }
}

#[test]
fn a_fresh_card_has_a_valid_key() {
    for spec in ALL {
        let cipher = spec
            .build(&spec.sample_key())
            .unwrap_or_else(|error| panic!("{}: {error}", spec.id));
        let text = "Attack at dawn.";
        assert_ne!(cipher.encrypt(text).unwrap(), text, "{}", spec.id);
        assert!(
            cipher.key_bits() >= 0.0 && cipher.key_bits().is_finite(),
            "{}",
            spec.id
        );
    }
}

#[test]
fn unknown_and_missing_parameters_are_named() {
    for spec in ALL {
        let error = spec.build(&Key::new().with("shfit", "3")).err().unwrap();
        assert_eq!(error.param(), Some("shfit"), "{}", spec.id);
        assert!(
            spec.params
                .iter()
                .all(|param| error.to_string().contains(param.name)),
            "{error}"
        );
        for param in spec.params.iter().filter(|param| !param.optional) {
            let mut key = spec.sample_key();
            key.remove(param.name);
            let error = spec.build(&key).err().unwrap();
            assert!(matches!(error, KeyError::Missing { .. }), "{} {error}", spec.id);
            assert_eq!(error.param(), Some(param.name));
            key.set(param.name, "");
            assert_eq!(
                spec.build(&key).err().unwrap().param(),
                Some(param.name),
                "{}",
                spec.id
            );
        }
    }
}

#[test]
fn invalid_values_name_their_parameter_and_say_what_is_valid() {
    for (id, param, value, hint) in [
        ("caesar", "shift", "three", "whole number"),
        ("caesar", "shift", "3.5", "whole number"),
        ("caesar", "letters", "AA", "different"),
        ("affine", "a", "13", "1, 3, 5, 7, 9, 11, 15"),
        ("affine", "a", "0", "25"),
        ("affine", "b", "x", "whole number"),
        ("substitution", "alphabet", "ABC", "26"),
        (
            "substitution",
            "alphabet",
            "AACDEFGHIJKLMNOPQRSTUVWXYZ",
            "A stands there twice",
        ),
        ("substitution", "alphabet", "ÄBCDEFGHIJKLMNOPQRSTUVWXYZ", "'Ä'"),
        ("columnar", "fill", "y", "none, x"),
        ("rail-fence", "rails", "1", "2 to 1000"),
        ("rail-fence", "rails", "-3", "2 to 1000"),
        ("rail-fence", "rails", "99999999999999999999", "2 to 1000"),
        ("rail-fence", "offset", "x", "whole number"),
        ("vigenere", "keyword", "LEM0N", "'0'"),
        ("gronsfeld", "digits", "12a", "'a'"),
        ("porta", "keyword", "é", "A to Z"),
        ("playfair", "keyword", "K3Y", "'3'"),
        ("hill", "matrix", "2 4 6 8", "determinant"),
        ("bifid", "period", "-1", "0"),
        ("adfgvx", "square", "ABC!", "'!'"),
        ("adfgx", "keyword", "?", "letters"),
        ("enigma", "rotors", "IX I II", "I, II, III"),
        ("one-time-pad", "pad", "1", "'1'"),
        ("aes-256-gcm", "key", "00", "64"),
        ("aes-256-gcm", "nonce", "zz", "24"),
        ("aes-256-gcm", "encoding", "rot13", "hex, base64"),
    ] {
        let spec = find(id).unwrap();
        let mut key = spec.sample_key().with(param, value);
        if param == "alphabet" {
            key.remove("keyword");
        }
        if param == "key" {
            key.remove("passphrase");
        }
        let error = spec
            .build(&key)
            .err()
            .unwrap_or_else(|| panic!("{id} {param}={value} was taken"));
        assert_eq!(error.param(), Some(param), "{id} {value}");
        assert!(error.to_string().contains(hint), "{id} {param}={value}: {error}");
    }
}

#[test]
fn a_pad_shorter_than_the_text_is_refused() {
    let pad = find("one-time-pad")
        .unwrap()
        .build(&Key::new().with("pad", "XMCKL"))
        .unwrap();
    assert_eq!(pad.encrypt("H.E-L L O!").unwrap(), "E.Q-N V Z!");
    let short = Err(TextError::PadTooShort {
        needed: 6,
        available: 5,
    });
    assert_eq!(pad.encrypt("HELLOS"), short);
    assert_eq!(pad.decrypt("EQNVZA"), short);
}

#[test]
fn any_whole_number_is_a_shift() {
    for (shift, expected) in [
        ("29", "d"),
        ("-23", "d"),
        ("100000000000000000000000000003", "h"),
        ("+3", "d"),
    ] {
        let cipher = find("caesar")
            .unwrap()
            .build(&Key::new().with("shift", shift))
            .unwrap();
        assert_eq!(cipher.encrypt("a").unwrap(), expected, "{shift}");
    }
}

#[test]
fn choices_may_be_written_in_either_case_and_with_spaces() {
    let build = |fill: &str| {
        find("columnar")
            .unwrap()
            .build(&Key::new().with("keyword", "ABC").with("fill", fill))
    };
    assert_eq!(build(" X ").unwrap().prepare("ABCD"), "ABCDXX");
    assert_eq!(build("None").unwrap().prepare("ABCD"), "ABCD");
}

#[test]
fn national_alphabets_and_digits_can_be_the_alphabet() {
    let caesar = |letters: &str, text: &str| {
        let key = Key::new().with("shift", "1").with("letters", letters);
        find("caesar")
            .unwrap()
            .build(&key)
            .unwrap()
            .encrypt(text)
            .unwrap()
    };
    assert_eq!(
        caesar("ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ", "Zähne, Übung"),
        "Äöiof, Acvoh"
    );
    assert_eq!(caesar("0123456789", "PIN 1929"), "PIN 2030");
    assert_eq!(caesar("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "Язык"), "Аиьл");
}

#[test]
fn all_characters_can_be_made_to_move() {
    let key = Key::new().with("rails", "4").with("characters", "all");
    let cipher = find("rail-fence").unwrap().build(&key).unwrap();
    assert_eq!(cipher.encrypt("Hello World\n").unwrap(), "HWe olordll\n");
}
