//! The attack on the autokey cipher: a keyword that the plaintext itself continues, with its length unknown.

use super::super::attack::{AttackError, AttackSpec, Finding, Help, Problem, Watch};
use super::polyalphabetic::{self, Kind};

/// The description of the attack on the autokey cipher.
pub static AUTOKEY: AttackSpec = AttackSpec {
    cipher: "autokey",
    method: "quadgram climbing over whole keywords for each length",
    summary: "Finds the keyword of an autokey cipher. Each letter of the keyword sets every letter that follows at its \
              distance, so each is a column as in the Vigenère cipher. The period is unknown: columns of equal place \
              are set by the frequency of single letters, then whole keys climb by quadgrams from several starts, a \
              longer key paying for its length. It ends as soon as a key is sure: some 50 letters do for a key of 5 to \
              8, some 80 for one of 12. A crib is tried in every place. Known places of the keyword are given as \
              LE?ON, with ? for each that is not known.",
    help: Help::CRIB,
    known: &["keyword"],
    search: run,
};

static KIND: Kind = Kind {
    cipher: "autokey",
    param: "keyword",
    symbols: 26,
    write: |symbol| char::from(b'A' + symbol),
    read: super::letters::number,
    plain,
    running: true,
};

/// P = C − K, where K is the keyword or the plaintext a keyword's length ago.
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
        trial::falls(&AUTOKEY, "QUEENLY");
    }

    #[test]
    fn a_crib_and_known_places_of_the_key_are_honoured() {
        trial::takes_help(&AUTOKEY, "QUEENLY", "Q?E????");
    }
}
