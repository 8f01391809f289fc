//! Orders of columns: the moves that change one, and how it is written as a key.

use super::super::attack::Random;

/// A random order of so many columns: for each place in the grid, when it is read.
pub(super) fn shuffled(width: usize, dice: &mut Random) -> Vec<u8> {
    let mut order: Vec<u8> = (0..width).map(|column| column as u8).collect();
    for last in (1..width).rev() {
        order.swap(last, dice.below(last + 1));
    }
    order
}

/// Changes an order at random: two columns change places, a run of columns slides, two runs change places.
///
/// George Lasry, A Methodology for the Cryptanalysis of Classical Ciphers with Search Metaheuristics (2018), chapter 5:
/// what is right so far stands in runs, so runs move whole.
pub(super) fn disturb(order: &mut [u8], dice: &mut Random) {
    let width = order.len();
    match dice.below(4) {
        0 => order.swap(dice.below(width), dice.below(width)),
        1 | 2 => {
            let mut cuts = [
                dice.below(width + 1),
                dice.below(width + 1),
                dice.below(width + 1),
            ];
            cuts.sort_unstable();
            order[cuts[0]..cuts[2]].rotate_left(cuts[1] - cuts[0]);
        }
        _ if width >= 4 => {
            let run = 1 + dice.below(width / 2);
            let first = dice.below(width - 2 * run + 1);
            let second = first + run + dice.below(width - 2 * run - first + 1);
            for place in 0..run {
                order.swap(first + place, second + place);
            }
        }
        _ => {}
    }
}

/// Whether a change of a score is taken at this temperature.
pub(super) fn accepts(change: f32, temperature: f32, dice: &mut Random) -> bool {
    if change >= 0.0 {
        return true;
    }
    let odds = change / temperature;
    odds > -14.0 && unit(dice) < odds.exp()
}

/// A number from 0 to 1.
pub(super) fn unit(dice: &mut Random) -> f32 {
    (dice.bits() >> 40) as f32 / (1u64 << 24) as f32
}

/// The columns' numbers as a value of a keyword: `3 1 2`.
pub(super) fn as_keyword(order: &[u8]) -> String {
    match order {
        // A single number would be read as a keyword's one digit, which is the same.
        [_] => "A".to_owned(),
        _ => {
            let numbers: Vec<String> = order.iter().map(|&rank| (rank + 1).to_string()).collect();
            numbers.join(" ")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_disturbance_keeps_every_column() {
        let mut dice = Random::new(3);
        for width in 2..12 {
            let mut order = shuffled(width, &mut dice);
            for _ in 0..500 {
                disturb(&mut order, &mut dice);
                let mut columns = order.clone();
                columns.sort_unstable();
                assert!(columns.iter().enumerate().all(|(i, &c)| i == usize::from(c)));
            }
        }
    }

    #[test]
    fn the_written_order_is_the_cipher_s_own() {
        let key = crate::ciphers::Key::new().with("keyword", &as_keyword(&[5, 2, 1, 3, 0, 4]));
        let cipher = crate::ciphers::find("columnar").unwrap().build(&key).unwrap();
        // ZEBRAS, Wikipedia, Transposition cipher.
        assert_eq!(
            cipher.encrypt("WEAREDISCOVEREDFLEEATONCE").unwrap(),
            "EVLNACDTESEAROFODEECWIREE"
        );
    }
}
