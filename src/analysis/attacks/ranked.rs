//! Attacks on ciphers with so few keys that all of them are tried and ranked.

use super::characters::is_break;
use super::ends::typed;
use crate::analysis::attack::{
    AttackError, Candidate, Evidence, Finding, Lock, Problem, Progress, Watch, reading_score,
};
use crate::analysis::language::{Language, letters_of};
use crate::ciphers::{self, Cipher, CipherSpec, Key, residue};

/// Which characters of the input go into the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// All of them: what the cipher leaves alone stays where it is.
    Substitution,
    /// Letters and digits alone, those of other alphabets too, since they move as well: everything else has no place
    /// after they have moved.
    Transposition,
    /// All of them: everything but line breaks has moved.
    WholeTransposition,
}

/// Tries every key, and ranks them by how the text reads. A key comes with what it is in words.
pub fn rank(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    cipher: &'static str,
    shape: Shape,
    mut keys: impl Iterator<Item = (Key, String)>,
) -> Result<Finding, AttackError> {
    let text: String = match shape {
        Shape::Substitution | Shape::WholeTransposition => problem.text.to_owned(),
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
    check(&problem.known, spec)?;
    let given = Given::of(problem, &text, shape)?;
    let sample = excerpt(&text, shape);
    let is_whole = sample.len() == text.len();
    let mut ranked: Vec<(f64, Key, String, String)> = Vec::new();
    let (mut tried, mut without_crib, mut against_locks) = (0u64, 0u64, 0u64);
    let mut stopped = false;
    for (key, note) in keys.by_ref() {
        if !agrees(&problem.known, &key) {
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
        if !given.respects_locks(cipher.as_ref()) {
            against_locks += 1;
            continue;
        }
        let codes = letters_of(&plain);
        if !given.shows_crib(cipher.as_ref(), &codes) {
            without_crib += 1;
            // The whole of a long text was read for this key.
            if watch.go_on().is_break() {
                stopped = true;
                break;
            }
            continue;
        }
        let score = problem
            .language
            .quadgrams()
            .score(&folded(problem.language, &plain));
        let best = ranked.first().map_or(f64::NEG_INFINITY, |(best, ..)| *best);
        let flow = match score > best {
            true => {
                let whole = (!is_whole).then(|| cipher.decrypt(&text).unwrap_or_default());
                watch.seen(Progress {
                    key: &key,
                    text: whole.as_deref().unwrap_or(&plain),
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
            stopped = true;
            break;
        }
    }
    // Who stops it at the last key has stopped nothing.
    let stopped = stopped && keys.any(|(key, _)| agrees(&problem.known, &key));
    if ranked.is_empty() {
        return Err(match (without_crib, against_locks) {
            (0, 0) => match problem.known.iter().next() {
                Some((param, _)) => AttackError::Known {
                    param: param.to_owned(),
                    reason: "none of the keys that are tried agrees with what is known".to_owned(),
                },
                None => AttackError::NotThisCipher {
                    reason: "no key reads it".to_owned(),
                },
            },
            (0, _) => AttackError::LocksContradict {
                reason: "no key makes the locked letters what they are said to be".to_owned(),
            },
            (n, _) if stopped => AttackError::CribDoesNotFit {
                reason: format!(
                    "it stands in none of the {n} texts that were looked at before the search was stopped"
                ),
            },
            (n, _) => AttackError::CribDoesNotFit {
                reason: format!("it stands in none of the {n} texts that the keys give"),
            },
        });
    }
    let language = problem.language;
    let judged_by = |plain: &str| ends(folded(language, plain));
    // The judgement of whole words decides among the best few.
    for entry in ranked.iter_mut().take(JUDGED) {
        entry.0 = reading_score(language, &judged_by(&entry.3));
    }
    let begins_plainly = |key: &Key| key.value("offset") == Some("0");
    // How likely a key is, in nats: twins differ at their ends alone, and as it was typed a text shows where it begins.
    let likely = |(reading, key, _, plain): &(f64, Key, String, String)| {
        let text = match shape {
            Shape::WholeTransposition => typed(
                language,
                &plain.chars().filter(|&c| !is_break(c)).collect::<Vec<_>>(),
            ),
            _ => reading * judged_by(plain).len() as f64,
        };
        text + if begins_plainly(key) { OFFSET_IS_RARE } else { 0.0 }
    };
    let judged = ranked.len().min(JUDGED);
    let mut likeliest: Vec<_> = ranked
        .drain(..judged)
        .map(|entry| (likely(&entry), entry))
        .collect();
    likeliest.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    ranked.splice(0..0, likeliest.into_iter().map(|(_, entry)| entry));
    let whole = |key: &Key, plain: String| match is_whole {
        true => plain,
        false => {
            let cipher = spec.build(key).ok();
            cipher
                .and_then(|cipher| cipher.decrypt(&text).ok())
                .unwrap_or_default()
        }
    };
    let best_codes = judged_by(&ranked[0].3);
    let key_bits = (tried.max(1) as f64).log2();
    let evidence = match shape {
        Shape::Substitution => Evidence::of(language, &ends(letters_of(&ranked[0].3)), key_bits)
            .with_score(ranked[0].0, key_bits),
        Shape::Transposition | Shape::WholeTransposition => {
            Evidence::of_moved(language, &best_codes, key_bits)
        }
    };
    // The next other text has to be clearly worse: by as much as chance hardly gives. Where few letters differ many keys
    // give the same text, so that it may stand behind those that were judged.
    let is_other = |entry: &&(f64, Key, String, String)| differs(&entry.3, &ranked[0].3);
    let next = match ranked[1..judged].iter().find(is_other) {
        Some((reading, key, ..)) => Some((*reading, key)),
        None => ranked[judged..].iter().find(is_other).map(|(_, key, _, plain)| {
            let reading = reading_score(language, &judged_by(plain));
            (reading, key)
        }),
    };
    let margin = next.map_or(f64::INFINITY, |(reading, key)| {
        let rare = begins_plainly(&ranked[0].1) && !begins_plainly(key);
        let prior = if rare { OFFSET_IS_RARE } else { 0.0 };
        (ranked[0].0 - reading) * best_codes.len() as f64 + prior
    });
    let wanted = match shape {
        Shape::Substitution => MARGIN,
        Shape::Transposition | Shape::WholeTransposition => MARGIN_OF_TWINS,
    };
    // Letters that have hardly moved prove nothing: what reads before anything has moved is no ciphertext.
    let gained = (ranked[0].0 - reading_score(language, &judged_by(sample))) * best_codes.len() as f64;
    let reads_as_it_is = shape != Shape::Substitution && gained < wanted;
    // A row of equal letters is likely in any model, and no text.
    let kinds = best_codes
        .iter()
        .fold(0u32, |kinds, &code| kinds | 1 << (code % 26));
    let is_varied = kinds.count_ones() >= FEWEST_KINDS;
    let confident = !stopped && evidence.is_convincing() && margin >= wanted && !reads_as_it_is && is_varied;
    let keys = match tried {
        1 if stopped => "stopped after the first key".to_owned(),
        n if stopped => format!("stopped after {n} keys, of which this reads best"),
        1 => "the only key".to_owned(),
        n => format!("the best of all {n} keys"),
    };
    let why = match evidence.is_convincing() && !confident {
        true if reads_as_it_is => {
            format!("{keys}, but the text reads nearly as well before anything has moved")
        }
        true if margin < wanted => {
            format!("{keys}, but another key gives a text that reads nearly as well")
        }
        true if !is_varied => format!("{keys}, but a text has more kinds of letters than this"),
        true => format!("{keys}, but others were not looked at"),
        // The others may be what the language is under.
        false if stopped => format!("{keys}; others were not looked at"),
        false => format!("{keys}; {}", evidence.why()),
    };
    let (score, key, _, plain) = ranked.remove(0);
    // A long substitution is decrypted anew for each: who stopped the search does not wait for all of them.
    let shown = if stopped && !is_whole { JUDGED } else { KEPT };
    let others = ranked
        .into_iter()
        .take(shown)
        .map(|(score, key, note, plain)| Candidate {
            text: whole(&key, plain),
            key,
            score,
            note,
        });
    let others = others.collect();
    Ok(Finding {
        text: whole(&key, plain),
        key,
        score,
        confident,
        why,
        tried,
        certainty: Vec::new(),
        others,
    })
}

/// The letters of a text, those with an accent too: they read as part of their words whether they moved or not.
fn folded(language: &Language, text: &str) -> Vec<u8> {
    match text.is_ascii() {
        true => letters_of(text),
        false => language.folded(text),
    }
}

/// Whether two texts are more than a slip apart: more than one letter in twenty.
fn differs(a: &str, b: &str) -> bool {
    let differing = a.chars().zip(b.chars()).filter(|(a, b)| a != b).count();
    differing * 20 > a.chars().count()
}

/// Fails when the cipher itself would not take a known value.
fn check(known: &Key, spec: &'static CipherSpec) -> Result<(), AttackError> {
    let whole = known
        .iter()
        .fold(spec.sample_key(), |key, (param, value)| key.with(param, value));
    let Err(error) = spec.build(&whole) else {
        return Ok(());
    };
    let param = error.param().unwrap_or("key").to_owned();
    let said = error.to_string();
    let reason = said.strip_prefix(&format!("{param}: ")).unwrap_or(&said);
    Err(AttackError::Known {
        reason: reason.to_owned(),
        param,
    })
}

/// Whether a key has the values that are known, which the cipher takes: as there, only the rest of a whole number by the
/// alphabet, or by a full turn of the zigzag, matters.
fn agrees(known: &Key, key: &Key) -> bool {
    let mut given = known.iter().filter(|(_, value)| !value.trim().is_empty());
    given.all(|(param, value)| {
        let of_key = key.value(param).unwrap_or_default();
        let modulus = match param {
            "rails" => MORE_THAN_RAILS,
            "offset" => key
                .value("rails")
                .and_then(|rails| rails.parse().ok())
                .map_or(1, |rails: usize| 2 * rails.saturating_sub(1).max(1)),
            _ => 26,
        };
        residue(value, modulus) == residue(of_key, modulus)
    })
}

/// Above every number of rails, so that the rest by it is the number.
const MORE_THAN_RAILS: usize = 1 << 16;

/// The crib and the locked letters, for the whole text: its beginning may lack what stands further on.
struct Given<'a> {
    shape: Shape,
    locks: &'a [Lock],
    /// The crib's letters; none without a crib.
    crib: Vec<u8>,
    /// All letters of the ciphertext as capitals, where there is a crib and the letters keep their places.
    letters: String,
}

impl<'a> Given<'a> {
    fn of(problem: &Problem<'a>, text: &str, shape: Shape) -> Result<Self, AttackError> {
        let stay = shape == Shape::Substitution;
        let locks = if stay { problem.locks } else { &[] };
        let is_letter = |lock: &Lock| lock.cipher.is_ascii_alphabetic() && lock.plain.is_ascii_alphabetic();
        if !locks.iter().all(is_letter) {
            return Err(AttackError::LocksContradict {
                reason: "a lock is a cipher letter and a plain letter, both A to Z".to_owned(),
            });
        }
        let crib = problem.crib.map(letters_of).unwrap_or_default();
        let letters = match stay && !crib.is_empty() {
            true => capitals(&letters_of(text)),
            false => String::new(),
        };
        Ok(Self {
            shape,
            locks,
            crib,
            letters,
        })
    }

    /// Whether the cipher makes of each locked letter what it is said to be, wherever that stands in the text.
    fn respects_locks(&self, cipher: &dyn Cipher) -> bool {
        self.locks.iter().all(|lock| {
            let plain = cipher.decrypt(lock.cipher.encode_utf8(&mut [0; 4]));
            plain.is_ok_and(|plain| plain.chars().all(|c| c.eq_ignore_ascii_case(&lock.plain)))
        })
    }

    /// Whether the crib stands in the plaintext, of which the sample shows these letters.
    fn shows_crib(&self, cipher: &dyn Cipher, sample: &[u8]) -> bool {
        if self.crib.is_empty() {
            return true;
        }
        match self.shape {
            // A letter becomes the same letter everywhere, so the crib's own ciphertext is looked for: a tenth of the
            // work of decrypting a long text.
            Shape::Substitution => cipher
                .encrypt(&capitals(&self.crib))
                .is_ok_and(|secret| self.letters.contains(&secret)),
            // The sample is the whole text.
            Shape::Transposition | Shape::WholeTransposition => {
                sample.windows(self.crib.len()).any(|window| window == self.crib)
            }
        }
    }
}

/// Numbers from 0 as capital letters.
fn capitals(codes: &[u8]) -> String {
    codes.iter().map(|&code| char::from(b'A' + code)).collect()
}

/// A long substitution is judged by its first letters, wherever they begin; letters that change places need the whole.
fn excerpt(text: &str, shape: Shape) -> &str {
    let mut letters = text
        .char_indices()
        .filter(|(_, c)| c.is_ascii_alphabetic())
        .map(|(at, _)| at);
    match (shape, letters.next(), letters.nth(EXCERPT - 1)) {
        (Shape::Substitution, Some(first), Some(end)) => &text[first..end],
        _ => text,
    }
}

/// What finished texts are judged by: of a long one its beginning and its end, for twins differ there alone.
fn ends(mut codes: Vec<u8>) -> Vec<u8> {
    if codes.len() > 2 * END {
        codes.drain(END..codes.len() - END);
    }
    codes
}

/// Letters that a substitution is judged by.
const EXCERPT: usize = 3_000;
/// How many different letters a text has at least.
const FEWEST_KINDS: u32 = 4;
/// Letters that a long text is judged by at its beginning, and as many at its end.
const END: usize = 10_000;
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
/// In nats: hardly anybody begins in the middle of the zigzag, so of two texts that are one another moved by a few letters,
/// the one without an offset is a hundred times likelier beforehand.
const OFFSET_IS_RARE: f64 = 5.0;

#[cfg(test)]
mod tests;
