//! The attack on Playfair: the square, from the text alone.

use super::super::attack::{AttackError, AttackSpec, Candidate, Evidence, Finding, Help, Problem, Watch};
use super::dice::Dice;
use super::letters::numbers;
use super::orders::accepts;
use super::squares::{self, Cells};
use super::sure::{factorial_bits, unsure};
use super::tally::Tally;
use crate::analysis::language::Gram;
use crate::ciphers::{self, Key};

/// The description of the attack on Playfair.
pub static PLAYFAIR: AttackSpec = AttackSpec {
    cipher: "playfair",
    method: "annealing over squares at constant temperature, by quadgrams",
    summary: "Finds the square of a Playfair cipher. Letters, rows and columns of a square change places at random, and \
              changes for the worse are taken with a chance that stays the same all the time, until the text under it \
              reads like the language. 150 letters mostly fall within seconds, 80 letters now and then. A crib \
              draws the search to every place where it can stand. Squares that differ by rotated rows or columns are \
              the same key.",
    help: Help::CRIB,
    known: &["keyword"],
    run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 30;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let mut cipher = numbers(problem.text);
    let letters = cipher.len();
    if let Some(keyword) = problem.known.value("keyword").filter(|word| !word.trim().is_empty()) {
        return given(problem, keyword);
    }
    if letters < FEWEST {
        return Err(AttackError::TooShort {
            letters,
            needed: FEWEST,
        });
    }
    // J shares the cell of I.
    cipher.iter_mut().filter(|letter| **letter == 9).for_each(|letter| *letter = 8);
    pairs_are_possible(&cipher)?;
    let crib = Crib::of(problem.crib, &cipher)?;
    let mut search = Search {
        problem,
        cipher: &cipher,
        gram: problem.language.quadgrams(),
        crib,
        plain: vec![0; letters],
        dice: Dice::new(problem.seed),
        tally: Tally::new(watch),
    };
    Ok(search.run())
}

/// Playfair makes whole pairs, and never a pair of two equal letters.
fn pairs_are_possible(cipher: &[u8]) -> Result<(), AttackError> {
    if cipher.len() % 2 == 1 {
        return Err(AttackError::NotThisCipher {
            reason: format!("it has {} letters, and Playfair makes pairs", cipher.len()),
        });
    }
    let doubles = cipher.chunks_exact(2).filter(|pair| pair[0] == pair[1]).count();
    // One pair in a hundred may be a slip of the pen.
    if doubles * 100 > cipher.len() / 2 {
        return Err(AttackError::NotThisCipher {
            reason: format!("{doubles} of its pairs have two equal letters, which Playfair never makes"),
        });
    }
    Ok(())
}

fn given(problem: &Problem<'_>, keyword: &str) -> Result<Finding, AttackError> {
    let key = Key::new().with("keyword", keyword);
    let text = decrypt("playfair", &key, problem.text).map_err(|reason| AttackError::Known {
        param: "keyword".to_owned(),
        reason,
    })?;
    let score = problem.language.quadgrams().score(&numbers(&text));
    Ok(Finding {
        key,
        text,
        score,
        confident: score > PROSE,
        why: "The key was given; nothing was searched for.".to_owned(),
        tried: 1,
        certainty: Vec::new(),
        others: Vec::new(),
    })
}

/// What a key makes of a text; the error as text.
pub(super) fn decrypt(cipher: &str, key: &Key, text: &str) -> Result<String, String> {
    let spec = ciphers::find(cipher).ok_or("no such cipher")?;
    let cipher = spec.build(key).map_err(|error| error.to_string())?;
    cipher.decrypt(text).map_err(|error| error.to_string())
}

/// log2 of the number of squares; 25 rotations of each are the same.
fn key_bits() -> f64 {
    factorial_bits(25) - 25f64.log2()
}

/// Nats beyond chance that convince, as for the other attacks.
const SURPLUS: f64 = 12.0;

/// Mean log-probability in nats above which a text is prose: the best wrong squares end a whole nat lower.
const PROSE: f64 = -2.75;

/// A crib and every place where Playfair's rules let it stand.
struct Crib {
    /// As written from the first and from the second letter of a pair on, with X between equal letters of a pair.
    written: [Vec<u8>; 2],
    places: Vec<usize>,
}

impl Crib {
    fn of(crib: Option<&str>, cipher: &[u8]) -> Result<Self, AttackError> {
        let mut letters = numbers(crib.unwrap_or_default());
        letters.iter_mut().filter(|letter| **letter == 9).for_each(|letter| *letter = 8);
        let written = [0, 1].map(|phase| with_nulls(&letters, phase));
        if letters.is_empty() {
            return Ok(Self {
                written,
                places: Vec::new(),
            });
        }
        let stands = |&place: &usize| {
            let written = &written[place % 2];
            place + written.len() <= cipher.len()
                && written.iter().zip(&cipher[place..]).all(|(plain, cipher)| plain != cipher)
                && pairs_agree(written, place, cipher)
        };
        let places: Vec<usize> = (0..cipher.len()).filter(stands).collect();
        if places.is_empty() {
            return Err(AttackError::CribDoesNotFit {
                reason: "in every place a letter would stand for itself, or one pair would become two; Playfair does \
                         neither"
                    .to_owned(),
            });
        }
        Ok(Self { written, places })
    }

    /// The most letters that agree in one place.
    fn agreement(&self, plain: &[u8]) -> usize {
        let agreeing = |&place: &usize| {
            let pairs = self.written[place % 2].iter().zip(&plain[place..]);
            pairs.filter(|(a, b)| a == b).count()
        };
        self.places.iter().map(agreeing).max().unwrap_or(0)
    }

    fn stands_in(&self, plain: &[u8]) -> bool {
        self.places.is_empty()
            || self
                .places
                .iter()
                .any(|&place| plain[place..].starts_with(&self.written[place % 2]))
    }
}

/// A word as Playfair writes it from the first (phase 0) or second (1) letter of a pair on.
fn with_nulls(letters: &[u8], phase: usize) -> Vec<u8> {
    const X: u8 = 23;
    let mut out: Vec<u8> = Vec::with_capacity(letters.len() + 2);
    for &letter in letters {
        let second = (out.len() + phase) % 2 == 1;
        if second && out.last() == Some(&letter) && letter != X {
            out.push(X);
        }
        out.push(letter);
    }
    out
}

/// Whether equal whole pairs of the crib meet equal pairs of the text, and turned ones turned ones.
fn pairs_agree(written: &[u8], place: usize, cipher: &[u8]) -> bool {
    let skip = place % 2;
    let plain = written.get(skip..).unwrap_or_default().chunks_exact(2);
    let pairs: Vec<(&[u8], &[u8])> = plain.zip(cipher[place + skip..].chunks_exact(2)).collect();
    let turned = |pair: &[u8], other: &[u8]| pair[0] == other[1] && pair[1] == other[0];
    pairs.iter().enumerate().all(|(index, (plain, cipher))| {
        pairs[..index].iter().all(|(other_plain, other_cipher)| {
            (plain == other_plain) == (cipher == other_cipher)
                && turned(plain, other_plain) == turned(cipher, other_cipher)
        })
    })
}

struct Search<'a, 'p, 'w> {
    problem: &'a Problem<'p>,
    cipher: &'a [u8],
    gram: &'static Gram,
    crib: Crib,
    plain: Vec<u8>,
    dice: Dice,
    tally: Tally<'w>,
}

/// Squares tried before the search gives up: some ten seconds for a short text.
const PATIENCE: u64 = 30_000_000;
/// The temperature for each letter of the text, in nats: energies grow with the text, the square's entropy does not.
/// Around one temperature squares turn from melted to frozen, and right ones come up; it differs a little from text to
/// text, so it is passed in waves.
const HOT: f32 = 0.037;
const COLD: f32 = 0.032;
/// Squares in one wave, in one start, and in the freezing of a square that gives sense.
const WAVE: usize = 400_000;
const FREEZING: usize = 120_000;
const START: usize = 2_000_000;
/// What one agreeing letter of a crib is worth, in nats.
const CRIB_LETTER: f32 = 4.0;

impl Search<'_, '_, '_> {
    fn run(&mut self) -> Finding {
        let letter = self.cipher.len() as f32 / self.gram.unit() as f32;
        let crib_letter = CRIB_LETTER / self.gram.unit() as f32;
        let mut best = (f32::NEG_INFINITY, squares::shuffled(&mut self.dice));
        let mut sure = false;
        let mut cells = squares::shuffled(&mut self.dice);
        let mut score = self.score(&cells, crib_letter);
        while !sure && self.tally.tried() < PATIENCE && !self.tally.stopped() {
            self.tally.begin();
            for step in 0..START {
                let temperature = letter * (HOT + (COLD - HOT) * (step % WAVE) as f32 / WAVE as f32);
                let mut next = cells;
                squares::disturb(&mut next, &mut self.dice);
                let found = self.score(&next, crib_letter);
                if accepts(found - score, temperature, &mut self.dice) {
                    (cells, score) = (next, found);
                    if score > best.0 {
                        best = (score, cells);
                        if self.mean(&cells) > NEAR {
                            best.1 = self.climb(cells, crib_letter);
                            if self.mean(&best.1) > PROSE {
                                best.1 = self.freeze(best.1, letter, crib_letter);
                            }
                            best.0 = self.score(&best.1, crib_letter);
                            self.tell(&best.1);
                            sure = self.convincing(&best.1);
                            if sure {
                                break;
                            }
                        } else {
                            self.tell(&best.1);
                        }
                    }
                }
                if step % 64 == 63 && !self.tally.count(64) {
                    break;
                }
            }
        }
        self.finding(&best.1, sure)
    }

    /// The text's weight, and what the crib adds.
    fn score(&mut self, cells: &Cells, crib_letter: f32) -> f32 {
        unpair(cells, self.cipher, &mut self.plain);
        let sum = weigh(self.gram.table(), &self.plain);
        let crib = if self.crib.places.is_empty() {
            0.0
        } else {
            crib_letter * self.crib.agreement(&self.plain) as f32
        };
        sum as f32 + crib
    }

    fn mean(&mut self, cells: &Cells) -> f64 {
        unpair(cells, self.cipher, &mut self.plain);
        self.gram.score(&self.plain)
    }

    /// Cools a square that gives sense, until its last rare letters are in their places too.
    fn freeze(&mut self, mut cells: Cells, letter: f32, crib_letter: f32) -> Cells {
        let mut score = self.score(&cells, crib_letter);
        let mut best = (score, cells);
        for step in 0..FREEZING {
            let temperature = letter * COLD * (1.001 - step as f32 / FREEZING as f32);
            let mut next = cells;
            squares::disturb(&mut next, &mut self.dice);
            let found = self.score(&next, crib_letter);
            if accepts(found - score, temperature, &mut self.dice) {
                (cells, score) = (next, found);
                if score > best.0 {
                    best = (score, cells);
                }
            }
            if step % 64 == 63 && !self.tally.count(64) {
                break;
            }
        }
        self.climb(best.1, crib_letter)
    }

    /// Whether a square's text is beyond doubt: prose, far beyond what chance gives, with the crib in it.
    fn convincing(&mut self, cells: &Cells) -> bool {
        if self.mean(cells) < PROSE || !self.crib.stands_in(&self.plain) {
            return false;
        }
        let evidence = Evidence::of(self.problem.language, &self.plain, key_bits());
        evidence.surplus >= SURPLUS
    }

    /// Climbs until no two letters, rows or columns are better the other way round.
    fn climb(&mut self, mut cells: Cells, crib_letter: f32) -> Cells {
        let mut score = self.score(&cells, crib_letter);
        loop {
            let before = score;
            for a in 0..25 {
                for b in a + 1..25 {
                    let mut next = cells;
                    next.swap(a, b);
                    let found = self.score(&next, crib_letter);
                    if found > score {
                        (cells, score) = (next, found);
                    }
                }
            }
            for lines in 0..20 {
                let (a, b) = (lines % 5, (lines % 5 + 1 + lines / 5 % 2) % 5);
                let next: Cells = std::array::from_fn(|cell| {
                    let line = |line: usize| match line {
                        line if line == a => b,
                        line if line == b => a,
                        line => line,
                    };
                    if lines < 10 {
                        cells[line(cell / 5) * 5 + cell % 5]
                    } else {
                        cells[cell / 5 * 5 + line(cell % 5)]
                    }
                });
                let found = self.score(&next, crib_letter);
                if found > score {
                    (cells, score) = (next, found);
                }
            }
            if score <= before || !self.tally.count(320) {
                return cells;
            }
        }
    }

    fn tell(&mut self, cells: &Cells) {
        let score = self.mean(cells);
        let text = self.problem.text;
        self.tally.tell(score, || keyed(cells, text));
    }

    fn finding(&mut self, cells: &Cells, sure: bool) -> Finding {
        let cells = &squares::as_set_up(cells);
        let score = self.mean(cells);
        let (key, text) = keyed(cells, self.problem.text);
        let letters = self.cipher.len();
        let equivalent = |rows: usize, columns: usize, what: &str| {
            let (key, text) = keyed(&squares::rotated(cells, rows, columns), self.problem.text);
            Candidate {
                key,
                text,
                score,
                note: format!("the same square with its {what} rotated: an equivalent key, one of 24"),
            }
        };
        Finding {
            key,
            text,
            score,
            confident: sure,
            why: if sure {
                format!(
                    "The text reads like {}, a nat per letter above the best that wrong squares reach.",
                    self.problem.language.name
                )
            } else if self.tally.stopped() {
                "Stopped before a square gave sense. This is the best so far.".to_owned()
            } else {
                unsure(letters, key_bits(), "no square gave sense.")
            },
            tried: self.tally.tried(),
            certainty: Vec::new(),
            others: vec![equivalent(1, 0, "rows"), equivalent(0, 1, "columns")],
        }
    }
}

/// The weights of all quadgrams. Each index is made anew, so that none waits for the one before.
#[inline]
pub(super) fn weigh(table: &[u8], plain: &[u8]) -> u32 {
    let at = |window: &[u8]| {
        let (front, back) = (
            usize::from(window[0]) * 26 + usize::from(window[1]),
            usize::from(window[2]) * 26 + usize::from(window[3]),
        );
        u32::from(table[front * 676 + back])
    };
    plain.windows(4).map(at).sum()
}

/// A climb is worth its time from here on.
const NEAR: f64 = -3.1;

fn keyed(cells: &Cells, text: &str) -> (Key, String) {
    let key = Key::new().with("keyword", &squares::as_keyword(cells));
    let plain = decrypt("playfair", &key, text).unwrap_or_default();
    (key, plain)
}

/// Decrypts pairs under a square.
#[inline]
fn unpair(cells: &Cells, cipher: &[u8], plain: &mut [u8]) {
    let places = squares::places(cells);
    for (pair, out) in cipher.chunks_exact(2).zip(plain.chunks_exact_mut(2)) {
        let (a, b) = (places[usize::from(pair[0] & 31)], places[usize::from(pair[1] & 31)]);
        let [first, second] = CORNERS[(usize::from(a) * 25 + usize::from(b)).min(624)];
        out[0] = cells[usize::from(first)];
        out[1] = cells[usize::from(second)];
    }
}

/// For each pair of cells, those that their letters came from.
static CORNERS: [[u8; 2]; 625] = corners();

const fn corners() -> [[u8; 2]; 625] {
    let mut corners = [[0; 2]; 625];
    let mut pair = 0;
    while pair < 625 {
        let (a, b) = (pair / 25, pair % 25);
        let (row_a, row_b, column_a, column_b) = (a / 5, b / 5, a % 5, b % 5);
        let (first, second) = if row_a == row_b {
            (row_a * 5 + (column_a + 4) % 5, row_b * 5 + (column_b + 4) % 5)
        } else if column_a == column_b {
            ((row_a + 4) % 5 * 5 + column_a, (row_b + 4) % 5 * 5 + column_b)
        } else {
            (row_a * 5 + column_b, row_b * 5 + column_a)
        };
        corners[pair] = [first as u8, second as u8];
        pair += 1;
    }
    corners
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use super::super::super::attack::{Blind, Progress};
    use super::*;
    use crate::analysis::language::Language;

    const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALXLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                         GULXLSQUARXRELXLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSE";

    #[test]
    fn decrypting_agrees_with_the_cipher() {
        let key = Key::new().with("keyword", "PLAYFIREXMBCDGHKNOQSTUVWZ");
        let cells: Cells = numbers("PLAYFIREXMBCDGHKNOQSTUVWZ").try_into().unwrap();
        let secret = numbers("BMODZBXDNABEKUDMUIXMMOUVIF");
        let mut plain = vec![0; secret.len()];
        unpair(&cells, &secret, &mut plain);
        assert_eq!(
            super::super::letters::word(&plain),
            decrypt("playfair", &key, "BMODZBXDNABEKUDMUIXMMOUVIF").unwrap()
        );
    }

    #[test]
    fn a_text_falls_with_a_crib_and_the_key_gives_it_back() {
        let key = Key::new().with("keyword", "LIGHTHOUSE");
        let cipher = ciphers::find("playfair").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let mut problem = Problem::new(&secret, Language::english());
        problem.crib = Some("satonthewallabovetheharbour");
        let finding = run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, cipher.decrypt(&secret).unwrap());
        assert!(finding.confident, "{}", finding.why);
        let again = ciphers::find("playfair").unwrap().build(&finding.key).unwrap();
        assert_eq!(again.decrypt(&secret).unwrap(), finding.text);
        for other in &finding.others {
            assert_eq!(other.text, finding.text);
        }
    }

    #[test]
    fn what_playfair_never_makes_is_refused() {
        let odd = Problem::new("ABCDEFGHIKLMNOPQRSTUVWXYZABCDEFGHIK", Language::english());
        assert!(matches!(
            run(&odd, &mut Blind),
            Err(AttackError::NotThisCipher { .. })
        ));
        let doubles = Problem::new("AABBCCDDEEFFGGHHIIKKLLMMNNOOPPQQ", Language::english());
        assert!(matches!(
            run(&doubles, &mut Blind),
            Err(AttackError::NotThisCipher { .. })
        ));
    }

    #[test]
    fn a_crib_that_would_stand_for_itself_everywhere_is_refused() {
        let cipher = "ABCDEFGHIKLMNOPQRSTUVWXYZABCDEFGHIKL";
        let mut problem = Problem::new(cipher, Language::english());
        problem.crib = Some("ABCDEFGHIKLMNOPQRSTUVWXYZABCDEFGHIKL");
        assert!(matches!(
            run(&problem, &mut Blind),
            Err(AttackError::CribDoesNotFit { .. })
        ));
    }

    #[test]
    fn the_search_ends_as_soon_as_it_is_told_to() {
        struct Stop;
        impl Watch for Stop {
            fn seen(&mut self, _: Progress<'_>) -> ControlFlow<()> {
                ControlFlow::Continue(())
            }
            fn go_on(&mut self) -> ControlFlow<()> {
                ControlFlow::Break(())
            }
        }
        let cipher = "BMODZBXDNABEKUDMUIXMMOUVIFBMODZBXDNABEKUDMUIXM";
        let finding = run(&Problem::new(cipher, Language::english()), &mut Stop).unwrap();
        assert!(finding.tried < 2000 && !finding.confident);
    }
}
