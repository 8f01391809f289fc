//! A crib laid under the ciphertext: which letters it ties together, and what a guess at one plug makes of the others.
//!
//! The idea is Turing's and Welchman's: if letter `a` is plugged to `x`, the rotors say to what each letter is plugged
//! that the crib ties to `a`; with the diagonal board, `x` is plugged to `a` as well. A guess that gives a letter two
//! plugs is wrong, and nearly all are.

use super::scrambler::{Scrambler, Stand};

/// One placement of a crib.
#[derive(Clone, Debug)]
pub(super) struct Menu {
    /// Where the crib begins.
    pub place: usize,
    /// For each letter, the letters tied to it and at which letter of the text.
    ties: Vec<Vec<(u8, usize)>>,
    /// The letter from which the guess begins: the one with the most ties in the largest part.
    centre: u8,
    /// Ties beyond those that a tree would have: each divides the false stops by 26.
    pub loops: usize,
}

/// No plug known.
pub(super) const UNKNOWN: u8 = u8::MAX;

impl Menu {
    /// All placements of a crib in which no letter stands for itself, those with the most loops first.
    pub(super) fn all(cipher: &[u8], crib: &[u8]) -> Vec<Self> {
        let mut menus: Vec<Self> = (0..=cipher.len().saturating_sub(crib.len()))
            .filter(|&place| clashes(cipher, crib, place) == 0)
            .map(|place| Self::new(cipher, crib, place))
            .collect();
        menus.sort_by_key(|menu| std::cmp::Reverse(menu.loops));
        menus
    }

    #[inline(never)]
    pub(super) fn new(cipher: &[u8], crib: &[u8], place: usize) -> Self {
        let mut ties = vec![Vec::new(); 26];
        for (i, &plain) in crib.iter().enumerate() {
            let letter = cipher[place + i];
            ties[usize::from(plain)].push((letter, place + i));
            ties[usize::from(letter)].push((plain, place + i));
        }
        let mut best = (0, 0, 0);
        let mut loops = 0;
        let mut met = [false; 26];
        for first in 0..26 {
            if met[first] || ties[first].is_empty() {
                continue;
            }
            met[first] = true;
            let mut part = vec![first];
            let mut next = 0;
            while let Some(&letter) = part.get(next) {
                next += 1;
                for &(other, _) in &ties[letter] {
                    if !std::mem::replace(&mut met[usize::from(other)], true) {
                        part.push(usize::from(other));
                    }
                }
            }
            let edges = part.iter().map(|&letter| ties[letter].len()).sum::<usize>() / 2;
            loops += edges + 1 - part.len();
            let centre = part
                .iter()
                .copied()
                .max_by_key(|&letter| ties[letter].len())
                .unwrap_or(first);
            best = best.max((edges, ties[centre].len(), centre));
        }
        Self {
            place,
            ties,
            centre: best.2 as u8,
            loops,
        }
    }

    /// Tries all plugs of the central letter in one setting, and gives those that contradict nothing: for each letter its
    /// plug, or [`UNKNOWN`].
    pub(super) fn stops(
        &self,
        scrambler: &Scrambler,
        stands: &[Stand],
        (left, middle): (u8, u8),
        known: &[u8; 26],
        mut stop: impl FnMut([u8; 26]),
    ) {
        let mut beforehand = 0u32;
        for (letter, &plug) in known.iter().enumerate() {
            beforehand |= u32::from(plug != UNKNOWN) << letter;
        }
        for guess in 0..26 {
            let mut plugs = *known;
            if self.follows(scrambler, stands, (left, middle), &mut plugs, beforehand, guess) {
                stop(plugs);
            }
        }
    }

    #[inline(never)]
    fn follows(
        &self,
        scrambler: &Scrambler,
        stands: &[Stand],
        (left, middle): (u8, u8),
        plugs: &mut [u8; 26],
        beforehand: u32,
        guess: u8,
    ) -> bool {
        // What was known beforehand says something about its neighbours too. Each letter is plugged once, so it comes
        // here once.
        let mut waiting = beforehand;
        if !plug(plugs, self.centre, guess, &mut waiting) {
            return false;
        }
        while waiting != 0 {
            let letter = waiting.trailing_zeros() as usize % 26;
            waiting &= waiting - 1;
            let to = plugs[letter];
            for &(other, at) in &self.ties[letter] {
                let stand = stands[at];
                let out = scrambler.pass(stand, scrambler.core_at(stand, left, middle), to);
                if !plug(plugs, other, out, &mut waiting) {
                    return false;
                }
            }
        }
        true
    }
}

/// Plugs two letters together, and notes those that were not plugged before. False on a contradiction.
fn plug(plugs: &mut [u8; 26], a: u8, b: u8, waiting: &mut u32) -> bool {
    for (letter, to) in [(a, b), (b, a)] {
        let plug = &mut plugs[usize::from(letter)];
        if *plug == UNKNOWN {
            *plug = to;
            *waiting |= 1 << letter;
        } else if *plug != to {
            return false;
        }
    }
    true
}

/// In how many letters the crib agrees with the ciphertext at a place, which an Enigma never does.
pub(super) fn clashes(cipher: &[u8], crib: &[u8], place: usize) -> usize {
    crib.iter().zip(&cipher[place..]).filter(|(a, b)| a == b).count()
}

#[cfg(test)]
mod tests {
    use super::super::super::letters;
    use super::*;

    #[test]
    fn a_crib_never_stands_over_itself() {
        let menus = Menu::all(
            &letters::numbers("QFZWRWIVTYRESXBFOGKUHQBAISE"),
            &letters::numbers("WETTERVORHERSAGE"),
        );
        let mut places: Vec<usize> = menus.iter().map(|menu| menu.place).collect();
        places.sort_unstable();
        let by_hand: Vec<usize> = (0..=11)
            .filter(|&place| {
                "QFZWRWIVTYRESXBFOGKUHQBAISE"[place..]
                    .bytes()
                    .zip("WETTERVORHERSAGE".bytes())
                    .all(|(a, b)| a != b)
            })
            .collect();
        assert_eq!(places, by_hand);
        assert!(places.len() < 12);
    }

    #[test]
    fn loops_are_counted() {
        // A-B, B-C, C-A is one loop; D-E stands apart.
        let menu = Menu::new(&letters::numbers("BCAE"), &letters::numbers("ABCD"), 0);
        assert_eq!(menu.loops, 1);
        let tree = Menu::new(&letters::numbers("BCDE"), &letters::numbers("ABCD"), 0);
        assert_eq!(tree.loops, 0);
    }
}
