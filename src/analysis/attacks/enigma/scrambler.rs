//! The Enigma without its plugboard, as tables: fast enough for all positions of all rotor orders.
//!
//! A rotor's *offset* is its window less its ring: how far the wiring is turned. Windows matter only for the notches.

use crate::ciphers::enigma::wheels::{Reflector, Wheel};

/// Which wheels stand where.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Order {
    /// The rotor of the M4 that does not move, with its offset.
    pub fourth: Option<(&'static Wheel, u8)>,
    pub left: &'static Wheel,
    pub middle: &'static Wheel,
    pub right: &'static Wheel,
    pub reflector: &'static Reflector,
}

/// The ways of the current for one order.
pub(super) struct Scrambler {
    /// The right rotor at each offset, inwards and outwards.
    inwards: [[u8; 26]; 26],
    outwards: [[u8; 26]; 26],
    /// From the right rotor through the others and back: at `left offset * 26 + middle offset`.
    core: Vec<[u8; 26]>,
    right_notch: [bool; 26],
    middle_notch: [bool; 26],
}

/// Where the rotors stand at one letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stand {
    /// The right rotor's offset.
    pub right: u8,
    /// How far the middle and the left rotor have moved since the start.
    pub middle: u8,
    pub left: u8,
}

/// A rotor's window and ring, 0 to 25.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub window: u8,
    pub ring: u8,
}

impl Place {
    pub(super) fn offset(self) -> u8 {
        (self.window + 26 - self.ring) % 26
    }
}

impl Scrambler {
    #[inline(never)]
    pub(super) fn new(order: &Order) -> Self {
        let turned = |wheel: &Wheel| -> ([[u8; 26]; 26], [[u8; 26]; 26]) {
            let forward = wheel.wiring.map(|letter| letter - b'A');
            let mut backward = [0; 26];
            for (from, &to) in forward.iter().enumerate() {
                backward[usize::from(to)] = from as u8;
            }
            (all_offsets(&forward), all_offsets(&backward))
        };
        let mut reflector = order.reflector.wiring.map(|letter| letter - b'A');
        if let Some((wheel, offset)) = order.fourth {
            let (inwards, outwards) = turned(wheel);
            let (inwards, outwards) = (inwards[usize::from(offset)], outwards[usize::from(offset)]);
            let through = reflector;
            reflector = std::array::from_fn(|x| outwards[usize::from(through[usize::from(inwards[x])])]);
        }
        let (left_in, left_out) = turned(order.left);
        let (middle_in, middle_out) = turned(order.middle);
        let (inwards, outwards) = turned(order.right);
        let mut core = Vec::with_capacity(26 * 26);
        for left in 0..26 {
            let mut beyond = [0; 26];
            for (out, &inner) in beyond.iter_mut().zip(&left_in[left]) {
                *out = left_out[left][usize::from(reflector[usize::from(inner)])];
            }
            for middle in 0..26 {
                let mut way = [0; 26];
                for (out, &inner) in way.iter_mut().zip(&middle_in[middle]) {
                    *out = middle_out[middle][usize::from(beyond[usize::from(inner)])];
                }
                core.push(way);
            }
        }
        let notches =
            |wheel: &Wheel| std::array::from_fn(|window| wheel.notches.contains(&(b'A' + window as u8)));
        Self {
            inwards,
            outwards,
            core,
            right_notch: notches(order.right),
            middle_notch: notches(order.middle),
        }
    }

    /// Where the rotors stand at each of `letters` letters, from these windows and rings of the right and the middle
    /// rotor. They move before each letter.
    #[inline(never)]
    pub(super) fn stands(&self, right: Place, middle: Place, letters: usize, stands: &mut Vec<Stand>) {
        stands.clear();
        let (mut right_window, mut middle_window) = (right.window, middle.window);
        let (mut middle_moved, mut left_moved) = (0u8, 0u8);
        for _ in 0..letters {
            // The middle rotor at its notch moves itself and the left one: the double step.
            let double = self.middle_notch[usize::from(middle_window)];
            if double || self.right_notch[usize::from(right_window)] {
                middle_window = next(middle_window);
                middle_moved = next(middle_moved);
                if double {
                    left_moved = next(left_moved);
                }
            }
            right_window = next(right_window);
            stands.push(Stand {
                right: turn_back(right_window, right.ring),
                middle: middle_moved,
                left: left_moved,
            });
        }
    }

    /// The core at one letter, given the left and middle rotors' offsets at the start.
    pub(super) fn core_at(&self, stand: Stand, left: u8, middle: u8) -> &[u8; 26] {
        let (left, middle) = (add(left, stand.left), add(middle, stand.middle));
        &self.core[usize::from(left) * 26 + usize::from(middle)]
    }

    /// One letter through the machine without plugboard.
    pub(super) fn pass(&self, stand: Stand, core: &[u8; 26], letter: u8) -> u8 {
        let turn = usize::from(stand.right);
        self.outwards[turn][usize::from(core[usize::from(self.inwards[turn][usize::from(letter)])])]
    }

    /// What the machine without plugboard makes of each letter, for each place of a text.
    #[inline(never)]
    pub(super) fn permutations(&self, stands: &[Stand], left: u8, middle: u8, all: &mut Vec<[u8; 26]>) {
        all.clear();
        all.extend(stands.iter().map(|&stand| {
            let core = self.core_at(stand, left, middle);
            let mut permutation = [0; 26];
            for (letter, out) in permutation.iter_mut().enumerate() {
                *out = self.pass(stand, core, letter as u8);
            }
            permutation
        }));
    }
}

pub(super) fn add(a: u8, b: u8) -> u8 {
    let sum = a + b;
    if sum >= 26 { sum - 26 } else { sum }
}

fn next(letter: u8) -> u8 {
    if letter == 25 { 0 } else { letter + 1 }
}

fn turn_back(window: u8, ring: u8) -> u8 {
    if window >= ring {
        window - ring
    } else {
        window + 26 - ring
    }
}

fn all_offsets(wiring: &[u8; 26]) -> [[u8; 26]; 26] {
    let mut all = [[0; 26]; 26];
    for (offset, row) in all.iter_mut().enumerate() {
        for (letter, out) in row.iter_mut().enumerate() {
            let through = wiring[(letter + offset) % 26];
            *out = (through + 26 - offset as u8) % 26;
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::enigma::machine::Machine;
    use crate::ciphers::enigma::wheels::{REFLECTORS, WHEELS};

    #[test]
    fn the_tables_agree_with_the_machine() {
        // Two-notch rotors in the middle and on the right, a fourth one, and enough letters for the left one to move.
        for (fourth, left, middle, right, reflector) in
            [(None, 1, 5, 7, 1), (Some(8), 0, 3, 4, 3), (Some(9), 7, 6, 2, 4)]
        {
            let (ring, window) = ([3, 17, 21, 12], [9, 0, 24, 5]);
            let mut set: Vec<(&'static Wheel, u8, u8)> = Vec::new();
            if let Some(fourth) = fourth {
                set.push((&WHEELS[fourth], ring[0], window[0]));
            }
            for (place, wheel) in [left, middle, right].into_iter().enumerate() {
                set.push((&WHEELS[wheel], ring[place + 1], window[place + 1]));
            }
            let mut machine = Machine::new(&set, &REFLECTORS[reflector], &[]).unwrap();
            let place = |i: usize| Place {
                window: window[i],
                ring: ring[i],
            };
            let scrambler = Scrambler::new(&Order {
                fourth: fourth.map(|wheel| (&WHEELS[wheel], place(0).offset())),
                left: &WHEELS[left],
                middle: &WHEELS[middle],
                right: &WHEELS[right],
                reflector: &REFLECTORS[reflector],
            });
            let mut stands = Vec::new();
            scrambler.stands(place(3), place(2), 1500, &mut stands);
            let mut all = Vec::new();
            scrambler.permutations(&stands, place(1).offset(), place(2).offset(), &mut all);
            for (i, permutation) in all.iter().enumerate() {
                let letter = (i % 26) as u8;
                assert_eq!(
                    permutation[usize::from(letter)],
                    machine.press(letter),
                    "letter {i}"
                );
            }
        }
    }
}
