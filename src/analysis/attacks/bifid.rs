//! The attack on bifid: the period and the square, from the text alone.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::given::{GivenKey, PROSE, crib_in_square};
use super::letters::{Letters, numbers};
use super::movers::contains;
use super::square_search::{Doubt, Rule, SPELL, SquareSearch};
use super::squares::{self, Cells};
use super::tally::Tally;
use crate::ciphers::Key;

/// The description of the attack on bifid.
pub static BIFID: AttackSpec = AttackSpec {
    cipher: "bifid",
    method: "period by coincidence of pairs, then annealing over squares",
    summary: "Ranks the periods by how often pairs of letters half a period apart repeat, then anneals the square under \
              the likeliest ones in turn, at a temperature that stays almost the same, until the text reads like the \
              language. It takes some 200 letters.",
    help: Help::CRIB,
    known: &["keyword", "period"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 50;
/// The greatest period that is tried when it is not known; the whole text at once is tried too.
const LONGEST: usize = 20;
/// Periods that are searched in turn.
const IN_TURN: usize = 6;
/// The greatest period that the cipher takes.
const MOST_PERIOD: usize = 1_000_000;
/// Squares tried before the search gives up.
const PATIENCE: u64 = 40_000_000;

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let mut cipher = numbers(problem.text);
    // J shares the cell of I.
    cipher
        .iter_mut()
        .filter(|letter| **letter == 9)
        .for_each(|letter| *letter = 8);
    let given = problem
        .known
        .value("period")
        .map(str::trim)
        .filter(|period| !period.is_empty());
    let period = match given.map(str::parse::<usize>) {
        Some(Ok(period @ 0..=MOST_PERIOD)) => Some(period),
        None => None,
        Some(_) => {
            return Err(AttackError::Known {
                param: "period".to_owned(),
                reason: format!("has to be a whole number from 0 (the whole text) to {MOST_PERIOD}"),
            });
        }
    };
    if cipher.len() < FEWEST {
        return Err(AttackError::too_short(cipher.len(), FEWEST));
    }
    let crib = crib_in_square(problem.crib);
    if crib.len() > cipher.len() {
        return Err(AttackError::CribDoesNotFit {
            reason: "it is longer than the text".to_owned(),
        });
    }
    if let Some(keyword) = problem
        .known
        .value("keyword")
        .filter(|word| !word.trim().is_empty())
    {
        return known_square(problem, keyword, &cipher, period, &crib);
    }
    let periods = match period {
        Some(period) => vec![period],
        None => ranked_periods(&cipher),
    };
    let mut search = SquareSearch::new(
        problem,
        problem.language.quadgrams(),
        cipher.len(),
        Tally::over(cipher.len(), watch),
    );
    let mut lanes: Vec<(Regrouped<'_>, Cells)> = periods
        .iter()
        .take(IN_TURN)
        .map(|&period| (Regrouped::new(&cipher, period, &crib), search.cells()))
        .collect();
    let letters = Letters::of(problem.text);
    let mut best: Option<(f64, usize, Cells, Option<Doubt>)> = None;
    let mut sure = false;
    'search: while search.tally.tried() < PATIENCE && !search.tally.stopped() {
        for (lane, (rule, cells)) in lanes.iter_mut().enumerate() {
            search.forget(*cells);
            sure = search.spell(rule, SPELL, &|cells| keyed(cells, rule, &letters));
            *cells = search.cells();
            let found = *search.best();
            let mean = search.mean(rule, &found);
            if sure || best.is_none_or(|(score, ..)| mean > score) {
                best = Some((mean, lane, found, search.doubt));
            }
            if sure || search.tally.stopped() {
                break 'search;
            }
        }
    }
    let (score, lane, cells, doubt) = best.unwrap_or((f64::NEG_INFINITY, 0, search.cells(), None));
    search.doubt = doubt;
    let rule = &lanes[lane].0;
    let (key, text) = keyed(&cells, rule, &letters);
    Ok(Finding {
        key,
        text,
        score,
        confident: sure,
        why: search.why(rule, sure),
        tried: search.tally.tried(),
        certainty: Vec::new(),
        others: Vec::new(),
    })
}

/// The square is known: only the period is left.
fn known_square(
    problem: &Problem<'_>,
    keyword: &str,
    cipher: &[u8],
    period: Option<usize>,
    crib: &[u8],
) -> Result<Finding, AttackError> {
    let periods = match period {
        Some(period) => vec![period],
        None => (0..=cipher.len().min(100))
            .filter(|&period| period != 1)
            .collect(),
    };
    let given = GivenKey {
        cipher: "bifid",
        param: "keyword",
        least: PROSE,
    };
    let tried = periods.len() as u64;
    let mut best: Option<Finding> = None;
    for period in periods {
        let key = Key::new()
            .with("keyword", keyword)
            .with("period", &period.to_string());
        let finding = given.finding(problem, key, |plain| contains(plain, crib))?;
        if best.as_ref().is_none_or(|best| finding.score > best.score) {
            best = Some(finding);
        }
    }
    let mut finding = best.ok_or_else(|| AttackError::Known {
        param: "period".to_owned(),
        reason: "no period is left".to_owned(),
    })?;
    if tried > 1 {
        finding.tried = tried;
        finding.why = finding.why.replace(
            "The key was given; nothing was searched for.",
            "The square was given; of all periods, this one reads best.",
        );
    }
    Ok(finding)
}

/// A square as a key, and what it makes of the text: as the cipher would, case and all.
fn keyed(cells: &Cells, rule: &Regrouped<'_>, text: &Letters<'_>) -> (Key, String) {
    let key = Key::new()
        .with("keyword", &squares::as_keyword(cells))
        .with("period", &rule.period.to_string());
    let mut plain = vec![0; rule.letters()];
    rule.plain(cells, &mut plain);
    (key, text.replaced(&plain, '?'))
}

/// Bifid under one period.
struct Regrouped<'a> {
    period: usize,
    crib: &'a [u8],
    /// For each letter of the plaintext, where its row and its column come from: twice the cipher letter, plus 1 for the
    /// column of that letter.
    sources: Vec<[u8; 2]>,
}

impl<'a> Regrouped<'a> {
    fn new(cipher: &[u8], period: usize, crib: &'a [u8]) -> Self {
        let length = if period == 0 { cipher.len() } else { period };
        let mut sources = Vec::with_capacity(cipher.len());
        for block in cipher.chunks(length) {
            let digit = |index: usize| block[index / 2] * 2 + (index % 2) as u8;
            sources.extend((0..block.len()).map(|index| [digit(index), digit(block.len() + index)]));
        }
        Self {
            period,
            crib,
            sources,
        }
    }
}

impl Rule for Regrouped<'_> {
    fn letters(&self) -> usize {
        self.sources.len()
    }

    #[inline]
    fn plain(&self, cells: &Cells, plain: &mut [u8]) {
        let mut lines = [0; 64];
        for (cell, &letter) in cells.iter().enumerate() {
            lines[usize::from(letter) * 2] = (cell / 5) as u8;
            lines[usize::from(letter) * 2 + 1] = (cell % 5) as u8;
        }
        for (out, &[row, column]) in plain.iter_mut().zip(&self.sources) {
            let cell = lines[usize::from(row & 63)] * 5 + lines[usize::from(column & 63)];
            *out = cells[usize::from(cell.min(24))];
        }
    }

    fn agreement(&self, plain: &[u8]) -> usize {
        if self.crib.is_empty() {
            return 0;
        }
        let agreeing = |window: &[u8]| window.iter().zip(self.crib).filter(|(a, b)| a == b).count();
        plain.windows(self.crib.len()).map(agreeing).max().unwrap_or(0)
    }

    fn has_crib(&self, plain: &[u8]) -> bool {
        contains(plain, self.crib)
    }
}

/// The periods, the likeliest first; 0 for the whole text at once.
///
/// In a period of even length, two letters half a period apart hold the rows and the columns of the same two plaintext
/// letters, so such pairs repeat as pairs of a language do. In one of odd length each shares one plaintext letter with
/// each of two others.
fn ranked_periods(cipher: &[u8]) -> Vec<usize> {
    let mut ranking: Vec<(f64, usize)> = (2..=LONGEST.min(cipher.len() / 2))
        .chain([0])
        .map(|period| (surprise(cipher, period), period))
        .collect();
    ranking.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranking.into_iter().map(|(_, period)| period).collect()
}

/// How many standard deviations more pairs repeat than letters of these frequencies would by chance.
fn surprise(cipher: &[u8], period: usize) -> f64 {
    let length = if period == 0 { cipher.len() } else { period };
    let distances: &[usize] = &match length % 2 {
        0 => vec![length / 2],
        _ => vec![length / 2, length / 2 + 1],
    };
    let mut shares = [0.0; 26];
    cipher
        .iter()
        .for_each(|&letter| shares[usize::from(letter)] += 1.0 / cipher.len() as f64);
    let single: f64 = shares.iter().map(|share| share * share).sum();
    let mut surprise = 0.0;
    for &distance in distances {
        let mut counts = vec![0u32; 26 * 26];
        let mut pairs = 0.0;
        for block in cipher.chunks(length) {
            for (a, b) in block.iter().zip(block.get(distance..).unwrap_or_default()) {
                counts[usize::from(*a) * 26 + usize::from(*b)] += 1;
                pairs += 1.0;
            }
        }
        let repeats: f64 = counts
            .iter()
            .map(|&n| f64::from(n) * (f64::from(n) - 1.0) / 2.0)
            .sum();
        let expected = pairs * (pairs - 1.0) / 2.0 * single * single;
        surprise += (repeats - expected) / expected.max(1.0).sqrt();
    }
    surprise / (distances.len() as f64).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::playfair::decrypt;
    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::language::Language;

    const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                         GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSEANDNOBODY\
                         SPOKEOFTHEMORNINGWHENTHELASTOFTHEMHADSAILEDINTOTHEFOGWITHOUTALAMPORABELL";

    fn secret(period: &str) -> String {
        let key = Key::new().with("keyword", "LIGHTHOUSE").with("period", period);
        let cipher = crate::ciphers::find("bifid").unwrap().build(&key).unwrap();
        cipher.encrypt(PLAIN).unwrap()
    }

    #[test]
    fn regrouping_agrees_with_the_cipher() {
        let cells: Cells = numbers("LIGHTOUSEABCDFKMNPQRVWXYZ").try_into().unwrap();
        for period in ["0", "5", "8"] {
            let cipher = numbers(&secret(period));
            let rule = Regrouped::new(&cipher, period.parse().unwrap(), &[]);
            let mut plain = vec![0; cipher.len()];
            rule.plain(&cells, &mut plain);
            assert_eq!(super::super::letters::word(&plain), PLAIN, "{period}");
        }
    }

    #[test]
    fn a_period_that_the_cipher_does_not_take_is_refused() {
        let secret = secret("6");
        let outcome = |known: Key| {
            let mut problem = Problem::new(&secret, Language::english());
            problem.known = known;
            run(&problem, &mut Patience(1))
        };
        let beyond = (MOST_PERIOD + 1).to_string();
        for period in ["-1", "x", "2000000", &beyond] {
            for key in [Key::new(), Key::new().with("keyword", "LIGHTHOUSE")] {
                let outcome = outcome(key.with("period", period));
                assert!(
                    matches!(&outcome, Err(AttackError::Known { param, .. }) if param == "period"),
                    "{period}: {outcome:?}"
                );
            }
        }
        let longest = Key::new().with("period", &MOST_PERIOD.to_string());
        let finding = outcome(longest).unwrap();
        assert_eq!(decrypt("bifid", &finding.key, &secret), Ok(finding.text));
    }

    #[test]
    fn what_is_shown_is_what_the_cipher_makes_of_the_key() {
        let text = "Jk qj, Fyz jabé J!";
        let cells: Cells = numbers("LIGHTOUSEABCDFKMNPQRVWXYZ").try_into().unwrap();
        let mut cipher = numbers(text);
        cipher
            .iter_mut()
            .filter(|letter| **letter == 9)
            .for_each(|letter| *letter = 8);
        for period in [0, 1, 3, 4] {
            let (key, shown) = keyed(&cells, &Regrouped::new(&cipher, period, &[]), &Letters::of(text));
            assert_eq!(decrypt("bifid", &key, text), Ok(shown), "{period}");
        }
    }

    #[test]
    fn an_even_period_is_the_most_surprising() {
        assert_eq!(ranked_periods(&numbers(&secret("8")))[0], 8);
    }

    #[test]
    fn a_known_square_leaves_the_period_to_be_found() {
        let secret = secret("7");
        let mut problem = Problem::new(&secret, Language::english());
        problem.known = Key::new().with("keyword", "LIGHTHOUSE");
        let finding = run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, PLAIN);
        assert_eq!(finding.key.value("period"), Some("7"));
    }

    #[test]
    fn a_text_falls_with_the_square_unknown_and_the_key_gives_it_back() {
        let secret = secret("6");
        let mut problem = Problem::new(&secret, Language::english());
        problem.known = Key::new().with("period", "6");
        let finding = run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, PLAIN);
        assert!(finding.confident, "{}", finding.why);
        assert_eq!(decrypt("bifid", &finding.key, &secret).unwrap(), PLAIN);
    }
}
