//! The attack on the Beaufort cipher: reversed alphabets under a repeating keyword, with the period unknown.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::polyalphabetic::{self, Kind};

/// The description of the attack on the Beaufort cipher.
pub static BEAUFORT: AttackSpec = AttackSpec {
    cipher: "beaufort",
    method: "quadgram climbing over whole keys for each period",
    summary: "Finds the keyword of a Beaufort cipher (C = K − P). The period is unknown: columns of equal place are \
              set by the frequency of single letters, then whole keys climb by quadgrams from several starts, a longer \
              key paying for its length. It ends as soon as a key is sure: some 50 letters do for a key of 5 to 8, \
              some 80 for one of 12. A crib is tried in every place. Known places of the keyword are given as LE?ON, \
              with ? for each that is not known.",
    help: Help::CRIB,
    known: &["keyword"],
    search: run,
};

static KIND: Kind = Kind {
    cipher: "beaufort",
    param: "keyword",
    symbols: 26,
    write: |symbol| char::from(b'A' + symbol),
    read: super::letters::number,
    plain,
    running: false,
};

/// P = K − C.
fn plain(symbol: u8, cipher: u8) -> u8 {
    (26 + symbol - cipher) % 26
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
        trial::falls(&BEAUFORT, "HARBOUR");
    }

    #[test]
    fn a_crib_and_known_places_of_the_key_are_honoured() {
        trial::takes_help(&BEAUFORT, "HARBOUR", "H?R????");
    }
}
