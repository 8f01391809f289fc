//! The Enigma's moving parts: rotors that step, and the path of the current through them.
//!
//! Letters are numbers from 0 to 25. The machine knows nothing of texts; attacks drive it directly.

use super::super::step::Contact;
use super::wheels::{Reflector, Wheel};

/// A set-up Enigma. Cloning it gives a machine in the same position.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Three or four rotors, left to right; the last three move.
    rotors: Vec<Rotor>,
    reflector: [u8; 26],
    reflector_name: &'static str,
    plugboard: [u8; 26],
    /// The way from the right rotor's left side through the others and back. It changes only when they move.
    core: [u8; 26],
    /// The right rotor's wiring in each of its 26 positions, inwards and outwards.
    inwards: [[u8; 26]; 26],
    outwards: [[u8; 26]; 26],
}

#[derive(Clone, Debug)]
struct Rotor {
    name: &'static str,
    forward: [u8; 26],
    backward: [u8; 26],
    /// Whether the rotor to the left turns when this one leaves a position.
    notched: [bool; 26],
    ring: u8,
    window: u8,
}

impl Rotor {
    fn new(wheel: &'static Wheel, ring: u8, window: u8) -> Self {
        let forward = wheel.wiring.map(|letter| letter - b'A');
        let mut backward = [0; 26];
        for (from, &to) in forward.iter().enumerate() {
            backward[usize::from(to)] = from as u8;
        }
        let notched = std::array::from_fn(|window| wheel.notches.contains(&(b'A' + window as u8)));
        Self {
            name: wheel.name,
            forward,
            backward,
            notched,
            ring: ring % 26,
            window: window % 26,
        }
    }

    /// How far the wiring is turned against the fixed contacts.
    fn turn(&self) -> u8 {
        (self.window + 26 - self.ring) % 26
    }

    fn at_notch(&self) -> bool {
        self.notched[usize::from(self.window)]
    }

    fn step(&mut self) {
        self.window = (self.window + 1) % 26;
    }

    /// From right to left.
    fn enter(&self, letter: u8) -> u8 {
        through(&self.forward, self.turn(), letter)
    }

    /// From left to right.
    fn leave(&self, letter: u8) -> u8 {
        through(&self.backward, self.turn(), letter)
    }
}

fn through(wiring: &[u8; 26], turn: u8, letter: u8) -> u8 {
    // Both sums are below 52; a comparison is quicker than a division.
    let turned = |sum: u8| if sum >= 26 { sum - 26 } else { sum };
    turned(wiring[usize::from(turned(letter + turn))] + 26 - turn)
}

impl Machine {
    /// Sets up a machine: `(rotor, ring, window)` from left to right, rings and windows as letters from 0. Letters of
    /// the plugboard pairs must differ. `None` unless there are three or four rotors.
    pub fn new(
        rotors: &[(&'static Wheel, u8, u8)],
        reflector: &'static Reflector,
        plugs: &[(u8, u8)],
    ) -> Option<Self> {
        if !(3..=4).contains(&rotors.len()) {
            return None;
        }
        let mut plugboard: [u8; 26] = std::array::from_fn(|letter| letter as u8);
        for &(a, b) in plugs {
            *plugboard.get_mut(usize::from(a))? = b;
            *plugboard.get_mut(usize::from(b))? = a;
        }
        let rotors: Vec<Rotor> = rotors
            .iter()
            .map(|&(wheel, ring, window)| Rotor::new(wheel, ring, window))
            .collect();
        let right = rotors.last()?;
        let table = |wiring: &[u8; 26]| {
            let row = |turn: usize| std::array::from_fn(|letter| through(wiring, turn as u8, letter as u8));
            std::array::from_fn(row)
        };
        let (inwards, outwards) = (table(&right.forward), table(&right.backward));
        let mut machine = Self {
            inwards,
            outwards,
            rotors,
            reflector: reflector.wiring.map(|letter| letter - b'A'),
            reflector_name: reflector.name,
            plugboard,
            core: [0; 26],
        };
        machine.renew_core();
        Some(machine)
    }

    /// The letters in the windows, left to right.
    pub fn windows(&self) -> Vec<u8> {
        self.rotors.iter().map(|rotor| rotor.window).collect()
    }

    /// Presses a key: the rotors move first, then the current flows. Gives the letter of the lamp.
    pub fn press(&mut self, letter: u8) -> u8 {
        self.step();
        let turn = self.rotors.last().map_or(0, |rotor| usize::from(rotor.turn()));
        let entered = self.inwards[turn][usize::from(self.plugboard[usize::from(letter)])];
        let back = self.core[usize::from(entered)];
        self.plugboard[usize::from(self.outwards[turn][usize::from(back)])]
    }

    /// Moves the rotors as a key press does. A middle rotor at its notch moves itself and the left one: the double step.
    pub fn step(&mut self) {
        let fourth = self.rotors.len() - 3;
        let [left, middle, right] = &mut self.rotors[fourth..] else {
            return;
        };
        let (double, carry) = (middle.at_notch(), right.at_notch());
        right.step();
        if double || carry {
            middle.step();
            if double {
                left.step();
            }
            self.renew_core();
        }
    }

    fn renew_core(&mut self) {
        let others = &self.rotors[..self.rotors.len() - 1];
        let mut met = [false; 26];
        for letter in 0..26 {
            if met[letter] {
                continue;
            }
            let inwards = others
                .iter()
                .rev()
                .fold(letter as u8, |letter, rotor| rotor.enter(letter));
            let reflected = self.reflector[usize::from(inwards)];
            let other = others.iter().fold(reflected, |letter, rotor| rotor.leave(letter));
            // The way back is the way there, so each letter serves two.
            self.core[letter] = other;
            self.core[usize::from(other)] = letter as u8;
            met[usize::from(other)] = true;
        }
    }

    /// The current's way for a letter in the present position, from the plugboard to the lamp.
    pub fn path(&self, letter: u8) -> Vec<Contact> {
        let mut letter = self.plugboard[usize::from(letter)];
        let mut path = vec![Contact {
            part: "plugboard",
            letter,
        }];
        for rotor in self.rotors.iter().rev() {
            letter = rotor.enter(letter);
            path.push(Contact {
                part: rotor.name,
                letter,
            });
        }
        letter = self.reflector[usize::from(letter)];
        path.push(Contact {
            part: self.reflector_name,
            letter,
        });
        for rotor in &self.rotors {
            letter = rotor.leave(letter);
            path.push(Contact {
                part: rotor.name,
                letter,
            });
        }
        path.push(Contact {
            part: "plugboard",
            letter: self.plugboard[usize::from(letter)],
        });
        path
    }
}

#[cfg(test)]
mod tests {
    use super::super::wheels::{REFLECTORS, WHEELS};
    use super::*;

    fn windows_after(rotors: [usize; 3], start: &[u8; 3], presses: usize) -> Vec<String> {
        let set: Vec<_> = rotors
            .iter()
            .zip(start)
            .map(|(&rotor, &c)| (&WHEELS[rotor], 0, c - b'A'))
            .collect();
        let mut machine = Machine::new(&set, &REFLECTORS[1], &[]).unwrap();
        (0..presses)
            .map(|_| {
                machine.step();
                machine
                    .windows()
                    .iter()
                    .map(|&window| char::from(b'A' + window))
                    .collect()
            })
            .collect()
    }

    #[test]
    fn the_middle_rotor_steps_twice() {
        // Hamer, "Enigma: Actions Involved in the 'Double Stepping' of the Middle Rotor" (1997): rotors III II I.
        assert_eq!(
            windows_after([2, 1, 0], b"KDO", 6),
            ["KDP", "KDQ", "KER", "LFS", "LFT", "LFU"]
        );
    }

    #[test]
    fn rotors_six_to_eight_have_two_notches() {
        assert_eq!(windows_after([0, 1, 5], b"AAL", 3), ["AAM", "ABN", "ABO"]);
        assert_eq!(windows_after([0, 1, 7], b"AAY", 3), ["AAZ", "ABA", "ABB"]);
    }

    #[test]
    fn a_machine_has_three_or_four_rotors() {
        assert!(Machine::new(&[(&WHEELS[0], 0, 0)], &REFLECTORS[1], &[]).is_none());
    }
}
