//! The attack on the Gronsfeld cipher: shifts of 0 to 9 under a repeating number, with the period unknown.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::polyalphabetic::{self, Kind};

/// The description of the attack on the Gronsfeld cipher.
pub static GRONSFELD: AttackSpec = AttackSpec {
    cipher: "gronsfeld",
    method: "quadgram climbing over whole keys for each period",
    summary: "Finds the number of a Gronsfeld cipher. The period is unknown: columns of equal place are set by the \
              frequency of single letters, then whole keys climb by quadgrams from several starts, a longer key paying \
              for its length. It ends as soon as a key is sure: some 50 letters do for a key of 5 to 8, some 80 for \
              one of 12. A crib is tried in every place. Known places of the number are given as 31?15, with ? for \
              each that is not known.",
    help: Help::CRIB,
    known: &["digits"],
    search: run,
};

static KIND: Kind = Kind {
    cipher: "gronsfeld",
    param: "digits",
    symbols: 10,
    write: |symbol| char::from(b'0' + symbol),
    read: |c| c.to_digit(10).map(|digit| digit as u8),
    plain,
    running: false,
};

/// P = C − digit.
fn plain(symbol: u8, cipher: u8) -> u8 {
    (26 + cipher - symbol) % 26
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
        trial::falls(&GRONSFELD, "31415926");
    }

    #[test]
    fn a_crib_and_known_places_of_the_key_are_honoured() {
        trial::takes_help(&GRONSFELD, "31415926", "3?4?????");
    }
}
