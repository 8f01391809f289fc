//! The attack on the Hill cipher: the matrix row by row from the text, or by linear algebra from a crib.

use super::super::attack::{AttackError, AttackSpec, Candidate, Evidence, Finding, Help, Problem, Watch};
use super::given::{GivenKey, PROSE};
use super::letters::numbers;
use super::movers::contains;
use super::playfair::decrypt;
use super::tally::Tally;
use crate::ciphers::Key;

/// The description of the attack on the Hill cipher.
pub static HILL: AttackSpec = AttackSpec {
    cipher: "hill",
    method: "rows of the inverse matrix one by one, then n-grams; linear algebra with a crib",
    summary: "Finds a matrix of two or three rows. Each row of the inverse makes every second or third letter of the \
              plaintext by itself, so that all rows can be tried and ranked by single letters; the best are joined in \
              every order, and quadgrams decide. With a crib of four (nine) letters the matrix follows by solving \
              linear equations modulo 26 in each place where the crib can stand.",
    help: Help::CRIB,
    known: &["matrix"],
    search: run,
};

/// Fewer letters say nothing.
const FEWEST: usize = 16;
/// Rows that are joined with one another.
const JOINED: [usize; 2] = [676, 120];

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    let crib = numbers(problem.crib.unwrap_or_default());
    if let Some(matrix) = problem
        .known
        .value("matrix")
        .filter(|matrix| !matrix.trim().is_empty())
    {
        let given = GivenKey {
            cipher: "hill",
            param: "matrix",
            least: PROSE,
        };
        return given.finding(problem, Key::new().with("matrix", matrix), |plain| {
            contains(plain, &crib)
        });
    }
    let cipher = numbers(problem.text);
    let mut search = Search {
        problem,
        cipher: &cipher,
        tally: Tally::over(cipher.len(), watch),
        best: Vec::new(),
    };
    if cipher.len() < FEWEST {
        return Err(AttackError::too_short(cipher.len(), FEWEST));
    }
    let sizes: Vec<usize> = [2, 3]
        .into_iter()
        .filter(|size| cipher.len().is_multiple_of(*size))
        .collect();
    if sizes.is_empty() {
        return Err(AttackError::NotThisCipher {
            reason: format!(
                "it has {} letters, which are neither pairs nor triples, and the cipher fills up its last block",
                cipher.len()
            ),
        });
    }
    if !crib.is_empty() {
        let mut possible = false;
        for &size in &sizes {
            possible |= search.by_crib(size, &crib);
        }
        if !possible {
            return Err(AttackError::CribDoesNotFit {
                reason: "in no place does it follow from the text by an invertible matrix".to_owned(),
            });
        }
    }
    if search.best.is_empty() || !search.convincing(0) {
        for &size in &sizes {
            search.by_rows(size);
        }
    }
    let shows_crib = |solution: &Solution| contains(&solution.plain, &crib);
    search.best.sort_by_key(|solution| !shows_crib(solution));
    let missing = search.best.first().is_some_and(|best| !shows_crib(best));
    let mut finding = search.finding();
    if missing {
        finding.confident = false;
        finding.why = match search.tally.stopped() {
            true => "Stopped before a matrix was found that shows the crib.".to_owned(),
            false => "Not sure: the best text does not show the crib.".to_owned(),
        };
    }
    Ok(finding)
}

/// A decrypting matrix by rows, and what it makes of the text.
struct Solution {
    score: f64,
    matrix: Vec<u8>,
    plain: Vec<u8>,
}

struct Search<'a, 'p, 'w> {
    problem: &'a Problem<'p>,
    cipher: &'a [u8],
    tally: Tally<'w>,
    /// The best solutions, the best first.
    best: Vec<Solution>,
}

impl Search<'_, '_, '_> {
    /// Ranks all rows by the single letters that they make, then joins the best.
    fn by_rows(&mut self, size: usize) {
        let language = self.problem.language;
        let letters: Vec<f64> = language
            .letters()
            .iter()
            .map(|share| share.max(1e-5).ln())
            .collect();
        let blocks: Vec<&[u8]> = self.cipher.chunks_exact(size).collect();
        let mut ranking: Vec<(f64, Vec<u8>)> = Vec::new();
        for number in 1..26usize.pow(size as u32) {
            let row: Vec<u8> = (0..size)
                .map(|i| (number / 26usize.pow(i as u32) % 26) as u8)
                .collect();
            // A row of a matrix that is invertible modulo 26 is zero neither modulo 2 nor modulo 13.
            if row.iter().all(|entry| entry % 2 == 0) || row.iter().all(|entry| entry % 13 == 0) {
                continue;
            }
            let sum: f64 = blocks
                .iter()
                .map(|block| letters[usize::from(product(&row, block))])
                .sum();
            ranking.push((sum, row));
            if !self.tally.count(1) {
                return;
            }
        }
        ranking.sort_by(|a, b| b.0.total_cmp(&a.0));
        ranking.truncate(JOINED[size - 2]);
        let made: Vec<Vec<u8>> = ranking
            .iter()
            .map(|(_, row)| blocks.iter().map(|block| product(row, block)).collect())
            .collect();
        let mut choice = vec![0; size];
        let mut plain = vec![0; self.cipher.len()];
        // All ordered choices of different rows.
        let count = ranking.len();
        for number in 0..count.pow(size as u32) {
            for (place, slot) in choice.iter_mut().enumerate() {
                *slot = number / count.pow(place as u32) % count;
            }
            let repeated = (1..size).any(|place| choice[..place].contains(&choice[place]));
            if repeated {
                continue;
            }
            for (place, &row) in choice.iter().enumerate() {
                for (slot, &letter) in plain.iter_mut().skip(place).step_by(size).zip(&made[row]) {
                    *slot = letter;
                }
            }
            let score = language.quadgrams().score(&plain);
            if self.best.len() < KEPT || score > self.best[self.best.len() - 1].score {
                let matrix: Vec<u8> = choice.iter().flat_map(|&row| ranking[row].1.clone()).collect();
                self.offer(score, matrix, &plain);
            }
            if !self.tally.count(1) {
                return;
            }
        }
    }

    /// Solves for the decrypting matrix in every place where the crib can stand. False when it can stand nowhere; a
    /// place where its blocks are too few to tell is one where it can, and so are those behind a stop.
    fn by_crib(&mut self, size: usize, crib: &[u8]) -> bool {
        let mut possible = false;
        for place in 0..(self.cipher.len() + 1).saturating_sub(crib.len()) {
            let skip = (size - place % size) % size;
            let plain: Vec<&[u8]> = crib.get(skip..).unwrap_or_default().chunks_exact(size).collect();
            let blocks: Vec<&[u8]> = self.cipher[place + skip..].chunks_exact(size).collect();
            let blocks = &blocks[..plain.len()];
            // Each block gives one equation for each row of the inverse; as many as the size solve it. Any whose matrix
            // can be inverted will do; neighbours mostly can.
            let solved = blocks
                .windows(size)
                .zip(plain.windows(size))
                .find_map(|(from, to)| solve(from, to));
            match solved {
                Some(matrix) => {
                    // The blocks that the crib touches, those at its ends in part.
                    let begins = place - place % size;
                    let touched = &self.cipher[begins..(place + crib.len()).next_multiple_of(size)];
                    let shows_crib = times(&matrix, size, touched)[place - begins..].starts_with(crib);
                    if shows_crib && inverse(&matrix, size).is_some() {
                        possible = true;
                        let whole = times(&matrix, size, self.cipher);
                        let score = self.problem.language.quadgrams().score(&whole);
                        self.offer(score, matrix, &whole);
                    }
                }
                // An invertible matrix modulo 26 is one modulo 2 and one modulo 13.
                None => {
                    possible |= [2, 13].iter().all(|&prime| is_one_matrix(blocks, &plain, prime));
                }
            }
            if !self.tally.count(26) {
                return true;
            }
        }
        possible
    }

    fn offer(&mut self, score: f64, matrix: Vec<u8>, plain: &[u8]) {
        if self.best.iter().any(|solution| solution.matrix == matrix) {
            return;
        }
        let size = if matrix.len() == 4 { 2 } else { 3 };
        if inverse(&matrix, size).is_none() {
            return;
        }
        let place = self.best.partition_point(|solution| solution.score >= score);
        let solution = Solution {
            score,
            matrix,
            plain: plain.to_vec(),
        };
        self.best.insert(place, solution);
        self.best.truncate(KEPT);
        if place == 0 {
            let (best, text) = (&self.best[0], self.problem.text);
            self.tally.tell(score, || keyed(&best.matrix, text));
        }
    }

    fn evidence(&self, index: usize) -> Evidence {
        let solution = &self.best[index];
        // 26⁴ and 26⁹ matrices, not all invertible.
        let bits = solution.matrix.len() as f64 * 26f64.log2();
        let (_, text) = keyed(&solution.matrix, self.problem.text);
        let language = self.problem.language;
        Evidence::of(language, &solution.plain, bits).with_accents(language, &text, bits)
    }

    fn convincing(&self, index: usize) -> bool {
        self.evidence(index).is_convincing()
    }

    fn finding(&self) -> Finding {
        let Some(best) = self.best.first() else {
            return Finding::nothing_yet(self.tally.tried());
        };
        let (key, text) = keyed(&best.matrix, self.problem.text);
        let evidence = self.evidence(0);
        // The next in rank must be far behind, or two matrices give sense.
        let alone = self
            .best
            .get(1)
            .is_none_or(|next| (best.score - next.score) * best.plain.len() as f64 > 12.0);
        let confident = evidence.is_convincing() && alone;
        Finding {
            key,
            text,
            score: best.score,
            confident,
            why: if evidence.is_convincing() && !alone {
                "Not sure: another matrix gives a text almost as likely.".to_owned()
            } else if !confident && self.tally.stopped() {
                "Stopped before a matrix gave sense. This is the best so far.".to_owned()
            } else {
                sentence(&evidence)
            },
            tried: self.tally.tried(),
            certainty: Vec::new(),
            others: (1..self.best.len())
                .map(|index| {
                    let (key, text) = keyed(&self.best[index].matrix, self.problem.text);
                    Candidate {
                        key,
                        text,
                        score: self.best[index].score,
                        note: "the next in rank".to_owned(),
                    }
                })
                .collect(),
        }
    }
}

/// The evidence as a sentence.
pub(super) fn sentence(evidence: &Evidence) -> String {
    let why = evidence.why();
    let mut letters = why.chars();
    match letters.next() {
        Some(first) => format!("{}{}.", first.to_uppercase(), letters.as_str()),
        None => String::new(),
    }
}

/// Solutions that are kept for showing.
const KEPT: usize = 3;

/// What a matrix makes of all blocks.
fn times(matrix: &[u8], size: usize, blocks: &[u8]) -> Vec<u8> {
    blocks
        .chunks_exact(size)
        .flat_map(|block| matrix.chunks_exact(size).map(move |row| product(row, block)))
        .collect()
}

fn product(row: &[u8], block: &[u8]) -> u8 {
    let sum: u32 = row
        .iter()
        .zip(block)
        .map(|(a, b)| u32::from(*a) * u32::from(*b))
        .sum();
    (sum % 26) as u8
}

fn keyed(decrypting: &[u8], text: &str) -> (Key, String) {
    let size = if decrypting.len() == 4 { 2 } else { 3 };
    let Some(matrix) = inverse(decrypting, size) else {
        return (Key::new(), String::new());
    };
    let rows: Vec<String> = matrix
        .chunks_exact(size)
        .map(|row| row.iter().map(u8::to_string).collect::<Vec<_>>().join(" "))
        .collect();
    let key = Key::new().with("matrix", &rows.join("; "));
    let text = decrypt("hill", &key, text).unwrap_or_default();
    (key, text)
}

/// The matrix that turns each block of `from` into that of `to`, by rows; `None` unless `from` can be inverted.
fn solve(from: &[&[u8]], to: &[&[u8]]) -> Option<Vec<u8>> {
    let size = from.len();
    // As columns: M · F = T, so M = T · F⁻¹.
    let columns = |blocks: &[&[u8]]| -> Vec<u8> {
        (0..size)
            .flat_map(|row| blocks.iter().map(move |block| block[row]))
            .collect()
    };
    let inverse = inverse(&columns(from), size)?;
    let to = columns(to);
    Some(
        (0..size * size)
            .map(|cell| {
                let column: Vec<u8> = (0..size).map(|row| inverse[row * size + cell % size]).collect();
                product(&to[cell / size * size..][..size], &column)
            })
            .collect(),
    )
}

/// Whether some invertible matrix modulo a prime turns each block of `from` into that of `to`: the same combinations of
/// blocks vanish on both sides.
fn is_one_matrix(from: &[&[u8]], to: &[&[u8]], prime: u8) -> bool {
    let rank = |blocks: Vec<Vec<u8>>| rank(blocks, prime);
    let owned = |blocks: &[&[u8]]| -> Vec<Vec<u8>> { blocks.iter().map(|block| block.to_vec()).collect() };
    let both = from.iter().zip(to).map(|(from, to)| [*from, *to].concat());
    let together = rank(both.collect());
    rank(owned(from)) == together && rank(owned(to)) == together
}

/// How many of the rows are independent modulo a prime.
fn rank(mut rows: Vec<Vec<u8>>, prime: u8) -> usize {
    let prime = u32::from(prime);
    let mut rank = 0;
    for column in 0..rows.first().map_or(0, Vec::len) {
        let is_pivot = |row: &Vec<u8>| !u32::from(row[column]).is_multiple_of(prime);
        let Some(found) = rows[rank..].iter().position(is_pivot) else {
            continue;
        };
        rows.swap(rank, rank + found);
        let (done, rest) = rows.split_at_mut(rank + 1);
        let pivot = &done[rank];
        for row in rest {
            // Both rows times what makes their entries in this column equal.
            let (ours, theirs) = (u32::from(row[column]), u32::from(pivot[column]));
            for (entry, &other) in row.iter_mut().zip(pivot) {
                let difference = u32::from(*entry) * theirs + (prime - ours % prime) * u32::from(other);
                *entry = (difference % prime) as u8;
            }
        }
        rank += 1;
    }
    rank
}

/// The inverse of a matrix of two or three rows modulo 26, if there is one.
fn inverse(matrix: &[u8], size: usize) -> Option<Vec<u8>> {
    let at = |row: usize, column: usize| i64::from(matrix[row % size * size + column % size]);
    // Taking rows and columns in turn gives each cofactor its sign.
    let cofactor = |row: usize, column: usize| match size {
        2 => at(row + 1, column + 1) * if (row + column).is_multiple_of(2) { 1 } else { -1 },
        _ => {
            at(row + 1, column + 1) * at(row + 2, column + 2)
                - at(row + 1, column + 2) * at(row + 2, column + 1)
        }
    };
    let determinant: i64 = (0..size).map(|column| at(0, column) * cofactor(0, column)).sum();
    let factor = (1..26).find(|factor| factor * determinant.rem_euclid(26) % 26 == 1)?;
    Some(
        (0..size * size)
            .map(|cell| (factor * cofactor(cell % size, cell / size)).rem_euclid(26) as u8)
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::super::attack::Blind;
    use super::super::tests::Patience;
    use super::*;
    use crate::analysis::language::Language;

    const PLAIN: &str = "The ferry was late again, so we sat on the wall above the harbour and watched the boats come in one after another.";

    fn falls(matrix: &str, crib: Option<&str>) -> Finding {
        let key = Key::new().with("matrix", matrix);
        let cipher = crate::ciphers::find("hill").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let mut problem = Problem::new(&secret, Language::english());
        problem.crib = crib;
        let finding = run(&problem, &mut Blind).unwrap();
        assert_eq!(finding.text, cipher.prepare(PLAIN));
        assert!(finding.confident, "{}", finding.why);
        finding
    }

    #[test]
    fn a_text_full_of_accents_is_sure() {
        let plain = "Hier après-midi, nous avons marché le long de la rivière jusqu'au vieux moulin, où le propriétaire nous a \
                     offert du cidre et des gâteaux encore chauds.";
        let key = Key::new().with("matrix", "3 3; 2 5");
        let cipher = crate::ciphers::find("hill").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(plain).unwrap();
        let finding = run(&Problem::new(&secret, Language::find("fr").unwrap()), &mut Blind).unwrap();
        assert_eq!(finding.text, cipher.prepare(plain));
        assert!(finding.confident, "{}", finding.why);
    }

    #[test]
    fn a_matrix_of_two_rows_is_found_row_by_row() {
        falls("3 3; 2 5", None);
    }

    #[test]
    fn a_crib_gives_a_matrix_of_three_rows_by_linear_algebra() {
        let finding = falls("17 17 5; 21 18 21; 2 2 19", Some("watched the boats"));
        assert_eq!(finding.key.value("matrix"), Some("17 17 5; 21 18 21; 2 2 19"));
        assert!(finding.tried < 5000, "no row was searched for: {}", finding.tried);
    }

    #[test]
    fn a_matrix_and_its_inverse_make_one() {
        // Stallings' example and its published inverse.
        let inverse = inverse(&[17, 17, 5, 21, 18, 21, 2, 2, 19], 3).unwrap();
        assert_eq!(inverse, [4, 9, 15, 15, 17, 6, 24, 0, 17]);
        assert_eq!(super::inverse(&[2, 0, 0, 1], 2), None);
    }

    /// The text under a matrix, as numbers, with its plaintext.
    fn enciphered(matrix: &str) -> (String, Vec<u8>) {
        let key = Key::new().with("matrix", matrix);
        let cipher = crate::ciphers::find("hill").unwrap().build(&key).unwrap();
        (cipher.encrypt(PLAIN).unwrap(), numbers(&cipher.prepare(PLAIN)))
    }

    #[test]
    fn a_true_crib_is_possible_wherever_it_begins_and_however_short_it_is() {
        for (size, matrix) in [(2, "3 3; 2 5"), (3, "17 17 5; 21 18 21; 2 2 19")] {
            let (secret, plain) = enciphered(matrix);
            let cipher = numbers(&secret);
            let problem = Problem::new(&secret, Language::english());
            for length in [1, 4, 9, 10, 11, 15] {
                for crib in plain.windows(length) {
                    let mut blind = Blind;
                    let mut search = Search {
                        problem: &problem,
                        cipher: &cipher,
                        tally: Tally::over(0, &mut blind),
                        best: Vec::new(),
                    };
                    assert!(search.by_crib(size, crib), "{size}: {crib:?}");
                }
            }
        }
    }

    #[test]
    fn a_stop_is_said_and_not_that_it_is_another_cipher_s() {
        // Read from its end it is no English, so that no matrix gives sense.
        let backwards: String = PLAIN.chars().rev().collect();
        let cipher = crate::ciphers::find("hill").unwrap();
        let cipher = cipher.build(&cipher.sample_key()).unwrap();
        let secret = cipher.encrypt(&backwards).unwrap();
        let finding = run(&Problem::new(&secret, Language::english()), &mut Patience(10)).unwrap();
        assert!(!finding.confident, "{}", finding.text);
        assert!(finding.why.starts_with("Stopped before"), "{}", finding.why);
    }

    #[test]
    fn a_stop_does_not_say_that_a_crib_is_impossible() {
        // Nine letters in four blocks, two of them whole: they do not give the matrix.
        let (secret, plain) = enciphered("17 17 5; 21 18 21; 2 2 19");
        let crib = super::super::letters::word(&plain[22..31]);
        let problem = Problem {
            crib: Some(&crib),
            ..Problem::new(&secret, Language::english())
        };
        let finding = run(&problem, &mut Patience(12)).unwrap();
        assert!(!finding.confident, "{}", finding.text);
        assert!(finding.why.starts_with("Stopped before"), "{}", finding.why);
    }

    #[test]
    fn a_crib_that_fits_nowhere_is_refused() {
        let key = Key::new().with("matrix", "3 3; 2 5");
        let cipher = crate::ciphers::find("hill").unwrap().build(&key).unwrap();
        let secret = cipher.encrypt(PLAIN).unwrap();
        let mut problem = Problem::new(&secret, Language::english());
        problem.crib = Some("a treasure of gold and silver");
        assert!(matches!(
            run(&problem, &mut Blind),
            Err(AttackError::CribDoesNotFit { .. })
        ));
    }
}
