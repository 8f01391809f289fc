//! The attack on the Porta cipher: thirteen reciprocal alphabets under a repeating keyword, with the period unknown.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::polyalphabetic::{self, Kind};

/// The description of the attack on the Porta cipher.
pub static PORTA: AttackSpec = AttackSpec {
    cipher: "porta",
    method: "quadgram climbing over whole keys for each period",
    summary: "Finds the keyword of a Porta cipher. Two letters in a row (A and B, C and D, …) do the same in a \
              keyword: the first of the two is given. The period is unknown: columns of equal place are set by the \
              frequency of single letters, then whole keys climb by quadgrams from several starts, a longer key paying \
              for its length. It ends as soon as a key is sure: some 50 letters do for a key of 5 to 8, some 80 for \
              one of 12. A crib is tried in every place. Known places of the keyword are given as LE?ON, with ? for \
              each that is not known.",
    help: Help::CRIB,
    known: &["keyword"],
    search: run,
};

static KIND: Kind = Kind {
    cipher: "porta",
    param: "keyword",
    symbols: 13,
    write: |symbol| char::from(b'A' + 2 * symbol),
    read: |c| super::letters::number(c).map(|letter| letter / 2),
    plain,
    running: false,
};

/// Swaps the halves of the alphabet, the second turned by the symbol: the tableau of [`ciphers`](crate::ciphers)' own.
fn plain(symbol: u8, cipher: u8) -> u8 {
    if cipher < 13 {
        13 + (cipher + symbol) % 13
    } else {
        (cipher - symbol) % 13
    }
}

fn run(problem: &Problem<'_>, watch: &mut dyn Watch) -> Result<Finding, AttackError> {
    polyalphabetic::attack(&KIND, problem, watch)
}

#[cfg(test)]
mod tests {
    use super::super::polyalphabetic::trial;
    use super::*;

    #[test]
    fn a_fixed_text_falls_and_the_same_seed_gives_the_same_run() {
        trial::falls(&PORTA, "FORTIFY");
    }

    #[test]
    fn a_crib_and_known_places_of_the_key_are_honoured() {
        trial::takes_help(&PORTA, "FORTIFY", "F?R????");
    }
}
