//! Attacks on ciphers with so few keys that all of them are tried and ranked.

use crate::analysis::attack::{
    AttackError, Candidate, Evidence, Finding, Problem, Progress, Watch, reading_score,
};
use crate::analysis::language::letters_of;
use crate::ciphers::{self, Key};

/// Which characters of the input go into the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All of them: what the cipher leaves alone stays where it is.
    Substitution,
    /// Letters and digits alone, those of other alphabets too, since they move as well: everything else has no place
    /// after they have moved.
    Transposition,
}

/// Tries every key, and ranks them by how the text reads. A key comes with what it is in words.
pub fn rank(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    cipher: &'static str,
    shape: Shape,
    keys: impl Iterator<Item = (Key, String)>,
) -> Result<Finding, AttackError> {
    let text: String = match shape {
        Shape::Substitution => problem.text.to_owned(),
        Shape::Transposition => problem.text.chars().filter(|c| c.is_alphanumeric()).collect(),
    };
    let letters = letters_of(&text).len();
    if letters < LEAST {
        let needed = LEAST;
        return Err(AttackError::too_short(letters, needed));
    }
    let spec = ciphers::find(cipher).ok_or_else(|| AttackError::NotThisCipher {
        reason: format!("there is no cipher {cipher}"),
    })?;
    let crib = problem.crib.map(letters_of).filter(|crib| !crib.is_empty());
    let sample = excerpt(&text, shape);
    let mut ranked: Vec<(f64, Key, String, String)> = Vec::new();
    let (mut tried, mut without_crib, mut against_locks) = (0u64, 0u64, 0u64);
    for (key, note) in keys {
        if !agrees(problem, &key)? {
            continue;
        }
        let cipher = spec.build(&key).map_err(|error| AttackError::Known {
            param: error.param().unwrap_or_default().to_owned(),
            reason: error.to_string(),
        })?;
        let Ok(plain) = cipher.decrypt(sample) else {
            continue;
        };
        tried += 1;
        if shape == Shape::Substitution && !respects_locks(problem, sample, &plain)? {
            against_locks += 1;
            continue;
        }
        let codes = letters_of(&plain);
        if crib
            .as_ref()
            .is_some_and(|crib| !codes.windows(crib.len()).any(|window| window == crib))
        {
            without_crib += 1;
            continue;
        }
        let score = problem.language.quadgrams().score(&codes);
        let best = ranked.first().map_or(f64::NEG_INFINITY, |(best, ..)| *best);
        let flow = match score > best {
            true => {
                let whole = cipher.decrypt(&text).unwrap_or_default();
                watch.seen(Progress {
                    key: &key,
                    text: &whole,
                    score,
                    tried,
                    start: 1,
                    better: true,
                })
            }
            false => watch.go_on(),
        };
        if ranked.len() < KEPT || ranked.last().is_some_and(|(least, ..)| score > *least) {
            ranked.push((score, key, note, plain));
            ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
            ranked.truncate(KEPT);
        }
        if flow.is_break() {
            break;
        }
    }
    if ranked.is_empty() {
        return Err(match (without_crib, against_locks) {
            (0, 0) => AttackError::NotThisCipher {
                reason: "no key agrees with what is known".to_owned(),
            },
            (0, _) => AttackError::LocksContradict {
                reason: "no key makes the locked letters what they are said to be".to_owned(),
            },
            (n, _) => AttackError::CribDoesNotFit {
                reason: format!("it stands in none of the {n} texts that the keys give"),
            },
        });
    }
    // The judgement of whole words decides among the best few.
    for entry in ranked.iter_mut().take(JUDGED) {
        entry.0 = reading_score(problem.language, &letters_of(&entry.3));
    }
    let judged = ranked.len().min(JUDGED);
    ranked[..judged].sort_by(|a, b| b.0.total_cmp(&a.0));
    let whole = |key: &Key| {
        let cipher = spec.build(key).ok();
        cipher
            .and_then(|cipher| cipher.decrypt(&text).ok())
            .unwrap_or_default()
    };
    let best_codes = letters_of(&ranked[0].3);
    let key_bits = (tried.max(1) as f64).log2();
    let evidence = match shape {
        Shape::Substitution => Evidence::of(problem.language, &best_codes, key_bits),
        Shape::Transposition => Evidence::of_moved(problem.language, &best_codes, key_bits),
    };
    // The next other text has to be clearly worse: by as much as chance hardly gives.
    let next = ranked[1..judged.max(1)]
        .iter()
        .find(|(.., plain)| differs(plain, &ranked[0].3));
    let begins_plainly = |key: &Key| key.value("offset") == Some("0");
    let margin = next.map_or(f64::INFINITY, |(score, key, ..)| {
        let rare = begins_plainly(&ranked[0].1) && !begins_plainly(key);
        let prior = if rare { OFFSET_IS_RARE } else { 0.0 };
        (ranked[0].0 - score) * best_codes.len() as f64 + prior
    });
    let wanted = match shape {
        Shape::Substitution => MARGIN,
        Shape::Transposition => MARGIN_OF_TWINS,
    };
    // Letters that have hardly moved prove nothing: what reads before anything has moved is no ciphertext.
    let gained =
        (ranked[0].0 - reading_score(problem.language, &letters_of(sample))) * best_codes.len() as f64;
    let reads_as_it_is = shape == Shape::Transposition && gained < wanted;
    let confident = evidence.is_convincing() && margin >= wanted && !reads_as_it_is;
    let keys = match tried {
        1 => "the only key".to_owned(),
        n => format!("the best of all {n} keys"),
    };
    let why = match evidence.is_convincing() && !confident {
        true if reads_as_it_is => {
            format!("{keys}, but the text reads nearly as well before anything has moved")
        }
        true => format!("{keys}, but another key gives a text that reads nearly as well"),
        false => format!("{keys}; {}", evidence.why()),
    };
    let others = ranked[1..]
        .iter()
        .map(|(score, key, note, _)| Candidate {
            key: key.clone(),
            text: whole(key),
            score: *score,
            note: note.clone(),
        })
        .collect();
    let best = &ranked[0];
    Ok(Finding {
        key: best.1.clone(),
        text: whole(&best.1),
        score: best.0,
        confident,
        why,
        tried,
        certainty: Vec::new(),
        others,
    })
}

/// Whether two texts are more than a slip apart: more than one letter in twenty.
fn differs(a: &str, b: &str) -> bool {
    let differing = a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    differing * 20 > a.chars().count()
}

/// Whether a key has the values that are known: whole numbers are compared modulo 26.
fn agrees(problem: &Problem<'_>, key: &Key) -> Result<bool, AttackError> {
    for (param, value) in problem.known.iter() {
        let number: i64 = value.trim().parse().map_err(|_| AttackError::Known {
            param: param.to_owned(),
            reason: format!("{value} is no whole number"),
        })?;
        let of_key = key.value(param).and_then(|value| value.parse::<i64>().ok());
        let same = match (param, of_key) {
            ("rails" | "offset", of_key) => of_key == Some(number),
            (_, Some(of_key)) => (of_key - number).rem_euclid(26) == 0,
            (_, None) => {
                return Err(AttackError::Known {
                    param: param.to_owned(),
                    reason: "this cipher has no such parameter".to_owned(),
                });
            }
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

fn respects_locks(problem: &Problem<'_>, cipher: &str, plain: &str) -> Result<bool, AttackError> {
    for lock in problem.locks {
        if !lock.cipher.is_ascii_alphabetic() || !lock.plain.is_ascii_alphabetic() {
            return Err(AttackError::LocksContradict {
                reason: "a lock is a cipher letter and a plain letter, both A to Z".to_owned(),
            });
        }
        let mut pairs = cipher.chars().zip(plain.chars());
        if pairs.any(|(c, p)| c.eq_ignore_ascii_case(&lock.cipher) && !p.eq_ignore_ascii_case(&lock.plain)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A long substitution is judged by its beginning; letters that change places need the whole.
fn excerpt(text: &str, shape: Shape) -> &str {
    let end = text.char_indices().nth(EXCERPT).map_or(text.len(), |(at, _)| at);
    match shape {
        Shape::Substitution => &text[..end],
        Shape::Transposition => text,
    }
}

const EXCERPT: usize = 3_000;
/// Letters below which nothing can be said at all.
const LEAST: usize = 4;
/// Keys that are shown, and those that are judged by words too.
const KEPT: usize = 26;
const JUDGED: usize = 8;
/// Nats by which the second-best text has to be less likely: one in 400.
const MARGIN: f64 = 6.0;
/// The same where the next best is most often a twin, moved by a letter or two: both read alike but at their ends, where
/// the language knows least. Of 1,000 texts of 60 letters one was wrong and sure; with 6, three.
const MARGIN_OF_TWINS: f64 = 8.0;
/// In nats: hardly anybody begins in the middle of the zigzag, so of two texts that are one another moved by a letter or
/// two, the one without an offset is a hundred times likelier beforehand.
const OFFSET_IS_RARE: f64 = 5.0;

#[cfg(test)]
mod tests {
    use super::super::find;
    use super::*;
    use crate::analysis::attack::Blind;
    use crate::analysis::language::Language;

    const PROSE: &str = "The ferry was late again, so we sat on the wall above the harbour.";

    fn attack(id: &str, text: &str, known: Key) -> Result<Finding, AttackError> {
        let problem = Problem {
            known,
            ..Problem::new(text, Language::english())
        };
        find(id).unwrap().run(&problem, &mut Blind)
    }

    #[test]
    fn every_cipher_with_few_keys_falls_and_all_shifts_are_listed() {
        for (id, key) in [
            ("caesar", &[("shift", "7")][..]),
            ("rot13", &[]),
            ("atbash", &[]),
            ("affine", &[("a", "5"), ("b", "8")]),
            ("rail-fence", &[("rails", "5"), ("offset", "0")]),
            ("rail-fence", &[("rails", "5"), ("offset", "3")]),
        ] {
            let key: Key = key.iter().copied().collect();
            // In so short a text a twin, moved by a letter or two, is not ruled out: it is shown beside it.
            let has_twin = key.value("offset") == Some("3");
            let text = ciphers::find(id)
                .unwrap()
                .build(&key)
                .unwrap()
                .encrypt(PROSE)
                .unwrap();
            let found = attack(id, &text, Key::new()).unwrap();
            assert_eq!(letters_of(&found.text), letters_of(PROSE), "{id}");
            assert_eq!(found.key, key, "{id}");
            assert_eq!(found.confident, !has_twin, "{id}: {}", found.why);
            if id == "caesar" {
                assert_eq!((found.tried, found.others.len()), (26, 25));
            }
        }
    }

    #[test]
    fn a_rail_fence_of_a_text_with_umlauts_falls() {
        let plain =
            "Am Donnerstag früh stand Frau Kühnemann vor dem Bäcker und wartete, bis endlich geöffnet wurde.";
        let key = Key::new().with("rails", "6").with("offset", "4");
        let text = ciphers::find("rail-fence").unwrap().build(&key).unwrap();
        let text = text.encrypt(plain).unwrap();
        let found = find("rail-fence")
            .unwrap()
            .run(&Problem::new(&text, Language::find("de").unwrap()), &mut Blind)
            .unwrap();
        assert_eq!(found.key, key);
        assert!(
            found.text.starts_with("AmDonnerstagfrühstandFrauKühnemann"),
            "{}",
            found.text
        );
    }

    #[test]
    fn a_short_text_among_26_keys_is_sure() {
        let text = ciphers::find("caesar").unwrap();
        let text = text.build(&text.sample_key()).unwrap();
        let found = attack("caesar", &text.encrypt("This is a test").unwrap(), Key::new()).unwrap();
        assert_eq!(found.text, "This is a test");
        assert!(found.confident, "{}", found.why);
    }

    #[test]
    fn a_text_that_reads_as_it_is_is_no_rail_fence_with_nearly_as_many_rails_as_letters() {
        for plain in [
            "A COMPROMISE I IMAGINE THE DIF",
            "I HAVE NO NEED FOR SUCH AM",
            PROSE,
        ] {
            let found = attack("rail-fence", plain, Key::new()).unwrap();
            assert!(!found.confident, "{}", found.text);
            assert!(found.why.contains("before anything has moved"), "{}", found.why);
        }
    }

    #[test]
    fn noise_is_not_sure_and_a_known_value_is_kept() {
        let noise = "XQZKJ VWPBF GYMUC LDHRS NIOAT EXQJZ";
        for id in ["caesar", "affine", "rail-fence", "rot13"] {
            assert!(!attack(id, noise, Key::new()).unwrap().confident, "{id}");
        }
        let found = attack("affine", noise, Key::new().with("a", "5")).unwrap();
        assert_eq!((found.key.value("a"), found.tried), (Some("5"), 26));
        assert!(matches!(
            attack("affine", noise, Key::new().with("a", "x")),
            Err(AttackError::Known { .. })
        ));
    }

    #[test]
    fn too_few_letters_are_refused() {
        assert!(matches!(
            attack("caesar", "ab!", Key::new()),
            Err(AttackError::TooShort { .. })
        ));
    }
}
