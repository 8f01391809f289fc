//! The attack on Playfair: the square, from the text alone.

use super::super::attack::{AttackError, AttackSpec, Candidate, Finding, Help, Problem, Watch};
use super::given::{GivenKey, crib_in_square};
use super::letters::numbers;
use super::pair_score::PairScore;
use super::pair_table::PairTable;
use super::square_search::{PROSE, Rule, SPELL, SquareSearch};
use super::squares::{self, Cells};
use super::tally::Tally;
use crate::ciphers::{self, Key};

/// The description of the attack on Playfair.
pub static PLAYFAIR: AttackSpec = AttackSpec {
    cipher: "playfair",
    method: "keywords from the word list, then annealing over squares in waves, by whole pairs",
    summary: "Finds the square of a Playfair cipher. First the squares that words of the language set up are tried. Then \
              letters, rows and columns of a square change places at random, and changes for the worse are taken with a \
              chance that falls a little in each wave, until the text under it reads like the language. 200 letters \
              fall within seconds, 150 nearly always within ten, 80 about three times in four. A crib draws the search to every place where \
              it can stand. Squares that differ by rotated rows or columns are the same key.",
    help: Help::CRIB,
    known: &["keyword"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 30;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let mut cipher = numbers(problem.text);
    let letters = cipher.len();
    // J shares the cell of I.
    cipher
        .iter_mut()
        .filter(|letter| **letter == 9)
        .for_each(|letter| *letter = 8);
    if let Some(keyword) = problem
        .known
        .value("keyword")
        .filter(|word| !word.trim().is_empty())
    {
        let crib = Crib::of(problem.crib, &cipher)?;
        let given = GivenKey {
            cipher: "playfair",
            param: "keyword",
            least: PROSE,
        };
        return given.finding(problem, Key::new().with("keyword", keyword), |plain| {
            crib.stands_in(plain)
        });
    }
    if letters < FEWEST {
        return Err(AttackError::too_short(letters, FEWEST));
    }
    pairs_are_possible(&cipher)?;
    let crib = Crib::of(problem.crib, &cipher)?;
    let rule = Pairs {
        cipher: &cipher,
        crib,
    };
    // A crib pulls by itself; without one the text has only its own weight.
    let has_crib = !rule.crib.places.is_empty();
    let gram = match has_crib {
        true => problem.language.quadgrams(),
        false => problem.language.pentagrams(),
    };
    let mut search = SquareSearch::new(problem, gram, letters, Tally::over(letters, watch));
    let keyed = |cells: &Cells| keyed(cells, problem.text);
    let mut sure = search.words(&rule, &keyed);
    let mut pairs = (!has_crib && !sure && !search.tally.stopped())
        .then(|| PairScore::new(&cipher, PairTable::of(problem.language)));
    while !sure && search.tally.tried() < PATIENCE / letters as u64 && !search.tally.stopped() {
        sure = match &mut pairs {
            Some(pairs) => search.wave(&rule, pairs, &keyed),
            None => search.spell(&rule, SPELL, &keyed),
        };
    }
    Ok(finding(problem, &mut search, &rule, sure))
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

/// What a key makes of a text; the error as text.
pub(super) fn decrypt(cipher: &str, key: &Key, text: &str) -> Result<String, String> {
    let spec = ciphers::find(cipher).ok_or("no such cipher")?;
    let cipher = spec.build(key).map_err(|error| error.to_string())?;
    cipher.decrypt(text).map_err(|error| error.to_string())
}

/// A crib and every place where Playfair's rules let it stand.
struct Crib {
    /// As written from the first and from the second letter of a pair on, with X between equal letters of a pair.
    written: [Vec<u8>; 2],
    places: Vec<usize>,
}

impl Crib {
    fn of(crib: Option<&str>, cipher: &[u8]) -> Result<Self, AttackError> {
        let letters = crib_in_square(crib);
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
                && written
                    .iter()
                    .zip(&cipher[place..])
                    .all(|(plain, cipher)| plain != cipher)
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

/// The letter that Playfair puts in.
const X: u8 = 23;

/// A word as Playfair writes it from the first (phase 0) or second (1) letter of a pair on.
fn with_nulls(letters: &[u8], phase: usize) -> Vec<u8> {
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

/// Playfair's rules, and the crib.
struct Pairs<'a> {
    cipher: &'a [u8],
    crib: Crib,
}

impl Rule for Pairs<'_> {
    fn letters(&self) -> usize {
        self.cipher.len()
    }

    #[inline]
    fn plain(&self, cells: &Cells, plain: &mut [u8]) {
        unpair(cells, self.cipher, plain);
    }

    fn allowance(&self) -> f64 {
        0.15
    }

    /// The X between two equal letters, and the one that makes the last pair whole.
    fn is_null(&self, plain: &[u8], place: usize) -> bool {
        let is_second = place % 2 == 1;
        let parts = || plain.get(place + 1).is_none_or(|next| *next == plain[place - 1]);
        is_second && plain[place] == X && parts()
    }

    fn agreement(&self, plain: &[u8]) -> usize {
        if self.crib.places.is_empty() {
            return 0;
        }
        self.crib.agreement(plain)
    }

    fn has_crib(&self, plain: &[u8]) -> bool {
        self.crib.stands_in(plain)
    }
}

/// Letters read before the search gives up: longer than most time limits allow.
const PATIENCE: u64 = 20_000_000_000;

fn finding(
    problem: &Problem<'_>,
    search: &mut SquareSearch<'_, '_>,
    rule: &Pairs<'_>,
    sure: bool,
) -> Finding {
    let cells = &squares::as_set_up(search.best());
    let score = search.mean(rule, cells);
    let (key, text) = keyed(cells, problem.text);
    let equivalent = |rows: usize, columns: usize, what: &str| {
        let (key, text) = keyed(&squares::rotated(cells, rows, columns), problem.text);
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
        why: search.why(rule, sure),
        tried: search.tally.tried(),
        certainty: search.certainty.clone(),
        others: vec![equivalent(1, 0, "rows"), equivalent(0, 1, "columns")],
    }
}

fn keyed(cells: &Cells, text: &str) -> (Key, String) {
    let key = Key::new().with("keyword", &squares::as_keyword(cells));
    let plain = decrypt("playfair", &key, text).unwrap_or_default();
    (key, plain)
}

/// Decrypts pairs under a square.
#[inline]
pub(super) fn unpair(cells: &Cells, cipher: &[u8], plain: &mut [u8]) {
    let places = squares::places(cells);
    for (pair, out) in cipher.chunks_exact(2).zip(plain.chunks_exact_mut(2)) {
        let (a, b) = (
            places[usize::from(pair[0] & 31)],
            places[usize::from(pair[1] & 31)],
        );
        let [first, second] = CORNERS[(usize::from(a) * 25 + usize::from(b)).min(624)];
        out[0] = cells[usize::from(first)];
        out[1] = cells[usize::from(second)];
    }
}

/// For each pair of cells, those that their letters came from.
pub(super) static CORNERS: [[u8; 2]; 625] = corners();

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
    fn a_square_from_a_word_falls_at_once_and_a_random_one_in_waves() {
        for (keyword, most) in [("journey", 400_000), ("OQAGXWSTDMNZHBEKPVFUCRLIY", 6_000_000)] {
            let key = Key::new().with("keyword", keyword);
            let cipher = ciphers::find("playfair").unwrap().build(&key).unwrap();
            let secret = cipher.encrypt(PLAIN).unwrap();
            let finding = run(&Problem::new(&secret, Language::english()), &mut Blind).unwrap();
            assert_eq!(finding.text, cipher.decrypt(&secret).unwrap(), "{keyword}");
            assert!(finding.confident, "{}", finding.why);
            assert!(finding.tried < most, "{keyword}: {}", finding.tried);
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

    /// Ends the search when it is told of a text.
    struct Until<'a>(&'a str, bool);

    impl Watch for Until<'_> {
        fn seen(&mut self, progress: Progress<'_>) -> ControlFlow<()> {
            self.1 |= progress.text == self.0;
            self.go_on()
        }

        fn go_on(&mut self) -> ControlFlow<()> {
            match self.1 {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            }
        }
    }

    #[test]
    fn a_search_that_is_stopped_at_a_square_that_gives_sense_says_that() {
        let key = Key::new().with("keyword", "journey");
        let cipher = ciphers::find("playfair").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let plain = cipher.decrypt(&secret).unwrap();
        let finding = run(
            &Problem::new(&secret, Language::english()),
            &mut Until(&plain, false),
        )
        .unwrap();
        assert_eq!((finding.text, finding.confident), (plain, false));
        assert!(
            finding
                .why
                .starts_with("A square gives sense, but the search was stopped"),
            "{}",
            finding.why
        );
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
