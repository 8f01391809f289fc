//! The attacks on ADFGVX and ADFGX: the transposition by how often pairs coincide, then the square as a substitution.

use super::super::attack::{AttackError, AttackSpec, Candidate, Finding, Help, Problem, Random, Watch};
use super::adjacency::Shape;
use super::cells::{self, Signs, pairs_reach_across_spaces};
use super::columnar::order_of;
use super::ends::ends;
use super::movers::Movers;
use super::orders::{accepts, as_keyword, disturb, shuffled};
use super::playfair::decrypt;
use super::tally::Tally;
use super::twins::{is_doubtful, twins};
use crate::analysis::grouping::spaces_part_words;
use crate::ciphers::Key;

/// The description of the attack on ADFGVX.
pub static ADFGVX: AttackSpec = AttackSpec {
    cipher: "adfgvx",
    method: METHOD,
    summary: SUMMARY,
    help: Help::CRIB,
    known: KNOWN,
    search: |problem, watch| run(problem, watch, "adfgvx", b"ADFGVX"),
};

/// The description of the attack on ADFGX.
pub static ADFGX: AttackSpec = AttackSpec {
    cipher: "adfgx",
    method: METHOD,
    summary: SUMMARY,
    help: Help::CRIB,
    known: KNOWN,
    search: |problem, watch| run(problem, watch, "adfgx", b"ADFGX"),
};

const METHOD: &str = "annealing of the columns by coincidence of pairs, then substitution";
const SUMMARY: &str = "Finds the transposition first, without knowing the square: only in the right order of the columns \
                       do pairs of symbols, and pairs of pairs, repeat as often as the letters of a language do. Then \
                       the pairs are letters of an unknown alphabet, and the square follows as for a substitution. Some \
                       300 letters do for 15 columns. In a square of 36 cells digits can't be told from rare letters: both \
                       are guesses there, and a text that has any is not called sure. A known number of columns is given as \
                       columns=15.";
const KNOWN: &[&str] = &["keyword", "columns"];

/// Fewer letters say nothing.
const FEWEST: usize = 40;
/// The widths that are tried when nothing is known.
const WIDEST: usize = 20;

fn run(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    cipher: &'static str,
    symbols: &'static [u8],
) -> Result<Finding, AttackError> {
    let text: Vec<u8> = problem
        .text
        .bytes()
        .filter_map(|byte| {
            let place = symbols
                .iter()
                .position(|symbol| *symbol == byte.to_ascii_uppercase());
            place.map(|place| place as u8)
        })
        .collect();
    // ADFGX leaves digits where they stand.
    let is_of_square =
        |byte: &u8| byte.is_ascii_alphabetic() || (symbols.len() == 6 && byte.is_ascii_digit());
    let strangers = problem.text.bytes().filter(is_of_square).count() - text.len();
    if strangers > 0 || text.len() % 2 == 1 {
        return Err(AttackError::NotThisCipher {
            reason: if strangers > 0 {
                format!(
                    "{strangers} of its characters are none of {}",
                    String::from_utf8_lossy(symbols)
                )
            } else {
                "it has an odd number of symbols, and each letter gives two".to_owned()
            },
        });
    }
    if text.len() < 2 * FEWEST {
        return Err(AttackError::too_short(text.len() / 2, FEWEST));
    }
    let given = match problem
        .known
        .value("keyword")
        .filter(|word| !word.trim().is_empty())
    {
        Some(keyword) => Some(order_of(cipher, "keyword", keyword)?),
        None => None,
    };
    let widths = widths(&problem.known, text.len())?;
    let mut dice = Random::new(problem.seed);
    let search = Search::new(&text, symbols.len());
    let mut best: Option<Finding> = None;
    let mut misfit = None;
    let (mut tried, mut starts, mut stopped) = (0, 0, false);
    'rounds: for round in 1..=ROUNDS {
        let orders = match &given {
            Some(order) => vec![order.clone()],
            None => {
                let mut tally = Tally::over(search.judged(), watch);
                let orders = search.orders(&widths, round, &mut dice, &mut tally);
                tried += tally.tried();
                starts += tally.starts();
                orders
            }
        };
        for order in orders {
            match square(problem, watch, cipher, symbols.len(), &text, &order) {
                Ok(finding) => {
                    tried += finding.tried;
                    let rank = |finding: &Finding| (finding.confident, finding.score);
                    if best.as_ref().is_none_or(|best| rank(&finding) > rank(best)) {
                        best = Some(finding);
                    }
                }
                // A true crib need not fit under a wrong order of the columns.
                Err(AttackError::CribDoesNotFit { reason }) => misfit = Some(reason),
                Err(error) => return Err(error),
            }
            let is_sure = best.as_ref().is_some_and(|best| best.confident);
            stopped = !is_sure && watch.go_on().is_break();
            if is_sure || stopped {
                break 'rounds;
            }
        }
        if given.is_some() {
            break;
        }
    }
    let mut finding = best.ok_or_else(|| match misfit {
        Some(reason) if given.is_some() => AttackError::CribDoesNotFit { reason },
        Some(_) if stopped => AttackError::CribDoesNotFit {
            reason: "it stands under none of the orders of columns that were looked at before the search was stopped"
                .to_owned(),
        },
        Some(reason) => AttackError::CribDoesNotFit {
            reason: format!("it stands under none of the likeliest orders of columns: {reason}"),
        },
        None => AttackError::NotThisCipher {
            reason: "no order of columns was found".to_owned(),
        },
    })?;
    finding.tried = tried;
    if stopped && !finding.confident {
        finding.why =
            "Stopped before an order of columns and a square gave a text to rely on. This is the best so far.".to_owned();
    }
    if starts > 0 && finding.confident {
        finding = settle_twins(problem, watch, cipher, symbols.len(), &text, finding)?;
    }
    if starts > 0 && finding.confident {
        let columns = finding
            .key
            .value("keyword")
            .map_or(0, |order| order.split(' ').count());
        finding.why = format!(
            "Under {columns} columns pairs repeat like letters. {}",
            finding.why
        );
    }
    if symbols.len() == 6 && finding.confident {
        cells::doubt_guesses(problem.language, &mut finding);
    }
    Ok(finding)
}

fn widths(known: &Key, symbols: usize) -> Result<Vec<usize>, AttackError> {
    let Some(columns) = known.value("columns") else {
        return Ok((2..=WIDEST.min(symbols / 4)).collect());
    };
    let width = columns.trim().parse().ok();
    match width.filter(|width| (1..=40.min(symbols / 2)).contains(width)) {
        Some(width) => Ok(vec![width]),
        None => Err(AttackError::Known {
            param: "columns".to_owned(),
            reason: format!("has to be a number from 1 to {}", 40.min(symbols / 2)),
        }),
    }
}

/// Among the orders that give the same text moved by a few letters, takes the one whose text begins with a word. Two columns
/// make a letter, and the square stays the same but for a letter or two, so it is sought again under another order.
fn settle_twins(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    cipher: &'static str,
    width: usize,
    text: &[u8],
    mut finding: Finding,
) -> Result<Finding, AttackError> {
    let order = order_of(
        cipher,
        "keyword",
        finding.key.value("keyword").unwrap_or_default(),
    )?;
    let key = finding.key.clone();
    let under = |order: &[u8]| {
        let key = key.clone().with("keyword", &as_keyword(order));
        let text = decrypt(cipher, &key, problem.text).unwrap_or_default();
        (key, text)
    };
    // Characters of no alphabet here keep their places while the letters beside them move: only those count.
    let letters = |order: &[u8]| {
        let (_, text) = under(order);
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
        Movers::of(&plain).codes().to_vec()
    };
    let twins = twins(&order, 2, |order, moved| {
        ends(problem.language, &letters(order), moved)
    });
    if let Some(likeliest) = twins.first().filter(|twin| twin.order != order) {
        let tried = finding.tried;
        match square(problem, watch, cipher, width, text, &likeliest.order) {
            Ok(again) => {
                finding = Finding {
                    tried: tried + again.tried,
                    ..again
                };
            }
            // The crib stands in the text that was found, and not in its twin.
            Err(AttackError::CribDoesNotFit { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    let doubtful = is_doubtful(&twins);
    if doubtful && finding.confident {
        finding.confident = false;
        finding.why = "The columns are found, but a twin key, which moves the whole text by a letter, is almost as likely: \
                       compare the first and last words."
            .to_owned();
    }
    let shown = twins.iter().skip(1).map(|twin| {
        let (key, text) = under(&twin.order);
        Candidate {
            key,
            score: problem.language.quadgrams().score(&letters(&twin.order)),
            text,
            note: twin.note(),
        }
    });
    finding.others.splice(0..0, shown);
    Ok(finding)
}

/// Solves the square under one order of the columns.
fn square(
    problem: &Problem<'_>,
    watch: &mut dyn Watch,
    cipher: &'static str,
    width: usize,
    text: &[u8],
    order: &[u8],
) -> Result<Finding, AttackError> {
    let mut symbols = vec![0; text.len()];
    Shape::of(text.len(), order.len()).unread(text, order, &mut symbols);
    let cells: Vec<usize> = symbols
        .chunks_exact(2)
        .map(|pair| usize::from(pair[0]) * width + usize::from(pair[1]))
        .collect();
    let mut counts = vec![0; width * width];
    cells.iter().for_each(|&cell| counts[cell] += 1);
    let signs = Signs::of(&counts);
    let keyword = as_keyword(order);
    let under = |square: &str| {
        let key = Key::new().with("square", square).with("keyword", &keyword);
        let text = decrypt(cipher, &key, problem.text).unwrap_or_default();
        (key, text)
    };
    // What is no symbol keeps its place: accents, and spaces, which say something where they part words.
    let (_, mut written) = under(&signs.as_square());
    let has_words =
        !pairs_reach_across_spaces(problem.text, char::is_ascii_alphabetic) && spaces_part_words(&written);
    let spaced = has_words.then(|| written.clone());
    written.retain(|c| !c.is_whitespace());
    let solid = cells::solve(problem, &written, &signs, watch, &under);
    let Some(spaced) = spaced.filter(|_| solid.as_ref().is_ok_and(|found| !found.confident)) else {
        return solid;
    };
    let tried = solid.as_ref().map_or(0, |found| found.tried);
    match cells::solve(problem, &spaced, &signs, watch, &under) {
        Ok(found) if found.confident => Ok(Finding {
            tried: found.tried + tried,
            ..found
        }),
        _ => solid,
    }
}

/// The search for the transposition.
struct Search<'a> {
    text: &'a [u8],
    /// Rows of the square.
    rows: usize,
    /// n ln n for small n.
    entropies: Vec<f32>,
}

/// Orders that are handed on to the square.
const HANDED_ON: usize = 4;
/// Symbols that an order is judged by, from the text's beginning. Thirty times what 15 columns need, and few enough that
/// no count of a cell or a pair of cells comes near the end of 16 bits.
const JUDGED: usize = 20_000;

impl<'a> Search<'a> {
    fn new(text: &'a [u8], rows: usize) -> Self {
        // Two symbols make a cell.
        let entropies = (0..=text.len().min(JUDGED) / 2)
            .map(|n| n as f32 * (n as f32).max(1.0).ln())
            .collect();
        Self {
            text,
            rows,
            entropies,
        }
    }

    /// How many symbols an order is judged by, at most.
    fn judged(&self) -> usize {
        self.text.len().min(JUDGED)
    }

    /// The best orders of all widths, the most promising first.
    fn orders(
        &self,
        widths: &[usize],
        round: usize,
        dice: &mut Random,
        tally: &mut Tally<'_>,
    ) -> Vec<Vec<u8>> {
        let mut found: Vec<(f32, Vec<u8>)> = Vec::new();
        for &width in widths {
            for _ in 0..STARTS {
                tally.begin();
                let solution = self.anneal(width, round, dice, tally);
                if !found.contains(&solution) {
                    found.push(solution);
                }
                if tally.stopped() {
                    break;
                }
            }
        }
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.truncate(HANDED_ON);
        found.into_iter().map(|(_, order)| order).collect()
    }

    fn anneal(&self, width: usize, round: usize, dice: &mut Random, tally: &mut Tally<'_>) -> (f32, Vec<u8>) {
        const HOT: f32 = 8.0;
        let shape = Shape::of(self.text.len(), width);
        let steps = (1500 + width * width * 80) * round;
        let mut order = shuffled(width, dice);
        let mut scratch = Scratch::new(self.judged(), self.rows);
        let mut score = self.score(shape, &order, &mut scratch);
        let mut best = (score, order.clone());
        let mut next = order.clone();
        for step in 0..steps {
            let temperature = HOT * (1.05 - step as f32 / steps as f32);
            next.copy_from_slice(&order);
            disturb(&mut next, dice);
            let found = self.score(shape, &next, &mut scratch);
            if accepts(found - score, temperature, dice) {
                std::mem::swap(&mut order, &mut next);
                score = found;
                if score > best.0 {
                    best = (score, order.clone());
                }
            }
            if step % 16 == 15 && !tally.count(16) {
                break;
            }
        }
        best
    }

    /// How far the cells, and pairs of neighbouring cells, are from being all equally frequent: the logarithm of the
    /// likelihood under their own frequencies, in nats.
    fn score(&self, shape: Shape, order: &[u8], scratch: &mut Scratch) -> f32 {
        let unread = self.unread(shape, order, &mut scratch.symbols);
        scratch.cells.fill(0);
        scratch.pairs.fill(0);
        let size = self.rows * self.rows;
        let mut before = None;
        for pair in scratch.symbols[..unread].chunks_exact(2) {
            let cell = usize::from(pair[0]) * self.rows + usize::from(pair[1]);
            scratch.cells[cell] += 1;
            if let Some(before) = before {
                scratch.pairs[before * size + cell] += 1;
            }
            before = Some(cell);
        }
        let sum = |counts: &[u16]| -> f32 { counts.iter().map(|&n| self.entropies[usize::from(n)]).sum() };
        sum(&scratch.cells) + sum(&scratch.pairs)
    }

    /// Reads the text by rows in this order, of a long one only as many whole rows as `out` holds, and says how many
    /// symbols that makes.
    fn unread(&self, shape: Shape, order: &[u8], out: &mut [u8]) -> usize {
        if out.len() == self.text.len() {
            shape.unread(self.text, order, out);
            return out.len();
        }
        let long_ones = shape.long_ones(order);
        let rows = out.len() / shape.width;
        for (place, &rank) in order.iter().enumerate() {
            let start = shape.start(rank, long_ones);
            for (row, &symbol) in self.text[start..start + rows].iter().enumerate() {
                out[row * shape.width + place] = symbol;
            }
        }
        rows * shape.width
    }
}

/// How often all widths are gone through, more patiently each time.
const ROUNDS: usize = 3;
/// Starts for each width.
const STARTS: usize = 3;

struct Scratch {
    symbols: Vec<u8>,
    cells: Vec<u16>,
    pairs: Vec<u16>,
}

impl Scratch {
    fn new(symbols: usize, rows: usize) -> Self {
        Self {
            symbols: vec![0; symbols],
            cells: vec![0; rows * rows],
            pairs: vec![0; (rows * rows).pow(2)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::language::Language;

    const PLAIN: &str = "THEFERRYWASLATEAGAINSOWESATONTHEWALLABOVETHEHARBOURANDWATCHEDTHEBOATSCOMEINONEAFTERANOTHERWHILETHE\
                         GULLSQUARRELLEDOVERSCRAPSOFBREADTHATSOMECHILDRENHADLEFTBEHINDONTHESTEPSOFTHEOLDCUSTOMSHOUSEANDNOBODY\
                         SPOKEOFTHEMORNINGWHENTHELASTOFTHEMHADSAILEDINTOTHEFOGWITHOUTALAMPORABELL";

    fn falls(spec: &AttackSpec, square: &str) {
        let key = Key::new().with("square", square).with("keyword", "FERRYS");
        let cipher = crate::ciphers::find(spec.cipher).unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let mut problem = Problem::new(&secret, Language::english());
        problem.known = Key::new().with("columns", "6");
        let finding = spec.run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, PLAIN);
        let again = crate::ciphers::find(spec.cipher)
            .unwrap()
            .build(&finding.key)
            .unwrap();
        assert_eq!(again.decrypt(&secret).unwrap(), PLAIN);
    }

    #[test]
    fn both_ciphers_fall_with_the_square_and_the_order_unknown() {
        falls(&ADFGVX, "NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ");
        falls(&ADFGX, "LIGHTHOUSE");
    }

    #[test]
    fn digits_that_adfgx_leaves_alone_and_groups_of_five_are_no_hindrance() {
        let plain = PLAIN.replace("HARBOUR", "1931 HARBOUR OF 10,000 PEOPLE");
        let key = Key::new().with("square", "LIGHTHOUSE").with("keyword", "FERRYS");
        let cipher = crate::ciphers::find("adfgx").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(&plain).unwrap();
        let symbols: Vec<char> = secret.chars().filter(char::is_ascii_alphabetic).collect();
        let groups: Vec<String> = symbols.chunks(5).map(|group| group.iter().collect()).collect();
        for text in [secret, groups.join(" ")] {
            let mut problem = Problem::new(&text, Language::english());
            problem.known = Key::new().with("columns", "6");
            let finding = ADFGX.run(&problem, &mut Blind).unwrap();
            assert_eq!(
                super::super::letters::numbers(&finding.text),
                super::super::letters::numbers(&plain),
                "{}",
                finding.why
            );
            assert!(finding.confident, "{}", finding.why);
        }
    }

    /// So short a text is sure by its spaces alone.
    #[test]
    fn spaces_between_words_are_used() {
        let plain = "THE FERRY WAS LATE SO WE SAT IN FRONT OF THE HARBOUR AND WATCHED THE BOATS COME IN ONE AFTER ANOTHER";
        for (plain, is_sure) in [(plain.to_owned(), true), (plain.replace(' ', ""), false)] {
            let text = secret(&plain, SQUARE, "FERRYS");
            let mut problem = Problem::new(&text, Language::english());
            problem.known = Key::new().with("keyword", "FERRYS");
            let finding = ADFGVX.run(&problem, &mut Blind).unwrap();
            assert_eq!(finding.confident, is_sure, "{}: {}", finding.text, finding.why);
            assert!(!is_sure || finding.text == plain, "{}", finding.text);
        }
    }

    #[test]
    fn the_order_whose_text_begins_with_a_word_is_taken_and_not_its_twin() {
        let plain = "AM DONNERSTAG FRÜH STAND FRAU KÜHNEMANN VOR DEM BÄCKER UND WARTETE, BIS ENDLICH GEÖFFNET WURDE. DER SCHNEE LAG SO \
                     HOCH, DASS DIE STRAßENBAHN NICHT FAHREN KONNTE, UND DIE KINDER ZOGEN IHRE SCHLITTEN ÜBER DIE LEERE KREUZUNG. \
                     NIEMAND WUSSTE, WANN DER RÄUMDIENST KOMMEN WÜRDE, ABER DAS STÖRTE AN DIESEM MORGEN EIGENTLICH KEINEN.";
        let key = Key::new()
            .with("square", "K3M8OPQR5STU1VWXYZ0A7B2C4D6E9FGHIJLN")
            .with("keyword", "SILVER");
        let cipher = crate::ciphers::find("adfgvx").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(plain).unwrap();
        let problem = Problem::new(&secret, Language::find("de").unwrap());
        let symbols: Vec<u8> = secret
            .bytes()
            .filter_map(|byte| b"ADFGVX".iter().position(|symbol| *symbol == byte))
            .map(|place| place as u8)
            .collect();
        let mut twin = order_of("adfgvx", "keyword", "SILVER").unwrap();
        twin.rotate_left(2);
        let found = square(&problem, &mut Blind, "adfgvx", 6, &symbols, &twin).unwrap();
        assert!(
            found.confident && found.text.starts_with("MD ONNERSTAGF"),
            "{}",
            found.text
        );
        let settled = settle_twins(&problem, &mut Blind, "adfgvx", 6, &symbols, found).unwrap();
        assert_eq!(settled.text, plain, "{}", settled.why);
    }

    #[test]
    fn a_long_text_is_judged_by_its_beginning_and_no_count_overflows() {
        // 65,537 cells alike: more than 16 bits count.
        let mut text = vec![0; 2 * 65_537 + 5];
        let alike = |text: &[u8]| {
            let search = Search::new(text, 6);
            let mut scratch = Scratch::new(search.judged(), 6);
            search.score(Shape::of(text.len(), 7), &[3, 0, 6, 1, 5, 2, 4], &mut scratch)
        };
        let one = alike(&text);
        let n = (JUDGED / 7 * 7 / 2) as f32;
        let wanted = n * n.ln() + (n - 1.0) * (n - 1.0).ln();
        assert!((one - wanted).abs() < 1.0, "{one}, {wanted}");
        // What is unread of it is what the whole begins with.
        for (place, symbol) in text.iter_mut().enumerate() {
            *symbol = (place * place / 7 % 6) as u8;
        }
        assert!(alike(&text) < one);
        let (shape, order) = (Shape::of(text.len(), 7), [3, 0, 6, 1, 5, 2, 4]);
        let (mut whole, mut beginning) = (vec![0; text.len()], vec![0; JUDGED]);
        shape.unread(&text, &order, &mut whole);
        let unread = Search::new(&text, 6).unread(shape, &order, &mut beginning);
        assert_eq!(unread, JUDGED / 7 * 7);
        assert_eq!(beginning[..unread], whole[..unread]);
    }

    const SQUARE: &str = "NA1C3H8TB2OME5WRPD4F6G7I9J0KLQSUVXYZ";

    fn secret(plain: &str, square: &str, keyword: &str) -> String {
        let key = Key::new().with("square", square).with("keyword", keyword);
        let cipher = crate::ciphers::find("adfgvx").unwrap().build(&key).unwrap();
        cipher.encrypt(plain).unwrap()
    }

    #[test]
    fn digits_and_rare_letters_are_guesses_and_never_sure() {
        let digits = "AFTERMORETHANACENTURYOFRULEBYFRANCEALGERIANSFOUGHTTHROUGHMUCHOFTHE1950STOACHIEVEINDEPENDENCEIN1962\
                      ALGERIASPRIMARYPOLITICALPARTYTHENATIONALLIBERATIONFRONTWASESTABLISHEDIN1954ASPARTOFTHESTRUGGLEFOR\
                      INDEPENDENCEANDHASLARGELYDOMINATEDPOLITICSSINCETHEGOVERNMENTOFALGERIAIN1988INSTITUTEDAMULTIPARTY\
                      SYSTEMINRESPONSETOPUBLICUNRESTBUTTHESURPRISINGFIRSTROUNDSUCCESS";
        for (plain, is_sure) in [(digits, false), (PLAIN, true)] {
            let text = secret(plain, SQUARE, "FERRYS");
            let mut problem = Problem::new(&text, Language::english());
            problem.known = Key::new().with("keyword", "FERRYS");
            let finding = ADFGVX.run(&problem, &mut Blind).unwrap();
            assert_eq!(finding.confident, is_sure, "{}: {}", finding.text, finding.why);
            assert_eq!(finding.why.contains("are guesses"), !is_sure, "{}", finding.why);
            let right = finding.text.chars().zip(plain.chars()).filter(|(a, b)| a == b);
            assert!(right.count() * 100 >= 85 * plain.len(), "{}", finding.text);
        }
    }

    #[test]
    fn a_true_crib_that_fits_under_no_wrong_order_does_not_end_the_search() {
        let plain = "THECARAVANHALTEDATTHEEDGEOFTHEDESERTWHERETHEOLDWELLSTILLGAVEALITTLEWATERANDTHECAMELSWERELEDTODRINK\
                     BEFORETHESUNSETBEHINDTHEHILLS";
        let text = secret(
            plain,
            "DR7B3UL94Z2JYPWOSF60THG18EI5KACQMXVN",
            "3 2 10 1 4 8 6 7 5 9",
        );
        let mut problem = Problem::new(&text, Language::english());
        problem.crib = Some("STILLGAVEALITTLEWATER");
        let found = ADFGVX.run(&problem, &mut Blind).unwrap();
        assert!(found.text.contains("STILLGAVEALITTLEWATER"), "{}", found.text);
        let right = found.text.chars().zip(plain.chars()).filter(|(a, b)| a == b);
        assert!(right.count() * 100 >= 95 * plain.len(), "{}", found.text);
        // One that fits under none is refused all the same.
        problem.crib = Some("ZZZZZZZZZZZZZZZZZZZZZZZZ");
        problem.known = Key::new().with("columns", "10");
        let refused = ADFGVX.run(&problem, &mut Blind).unwrap_err().to_string();
        assert!(refused.contains("none of the likeliest orders"), "{refused}");
    }

    #[test]
    fn a_stopped_search_says_so() {
        let text = secret(PLAIN, SQUARE, "FERRYS");
        let found = ADFGVX
            .run(&Problem::new(&text, Language::english()), &mut Patience(3))
            .unwrap();
        assert!(!found.confident, "{}", found.text);
        assert!(found.why.starts_with("Stopped before"), "{}", found.why);
    }

    #[test]
    fn other_letters_are_refused() {
        let error = ADFGX.run(&Problem::new("ADFGVX", Language::english()), &mut Blind);
        assert!(matches!(error, Err(AttackError::NotThisCipher { .. })));
    }
}
