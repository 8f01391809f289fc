//! One setting judged by n-grams: decrypting, polishing plugboard and rings, and saying whether the find is sure.

use super::plugboard::Plugboard;
use super::scrambler::{Place, Scrambler, Stand, add};
use super::space::{Setting, Space};
use crate::analysis::language::Gram;

/// What judging needs, and room to work in.
pub(super) struct Judge<'a> {
    cipher: &'a [u8],
    gram: &'static Gram,
    stands: Vec<Stand>,
    permutations: Vec<[u8; 26]>,
    text: Vec<u8>,
}

/// A setting with its plugboard and its worth: the sum of the quadgrams' weights.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judged {
    pub setting: Setting,
    pub plugboard: Plugboard,
    pub sum: u32,
}

/// How often plugboard and rings are polished in turn.
const ROUNDS: u32 = 4;
/// How many nats a find must be likelier than chance, the choice among all settings paid for.
const LEAST_EXCESS: f64 = 9.0;
/// Which share of the letters may be in doubt.
const DOUBT: f64 = 0.03;

impl<'a> Judge<'a> {
    pub(super) fn new(cipher: &'a [u8], gram: &'static Gram) -> Self {
        Self {
            cipher,
            gram,
            stands: Vec::new(),
            permutations: Vec::new(),
            text: Vec::new(),
        }
    }

    /// The plaintext's letters.
    pub(super) fn text(&mut self, scrambler: &Scrambler, judged: &Judged) -> &[u8] {
        self.set(scrambler, &judged.setting);
        self.decrypt(&judged.plugboard);
        &self.text
    }

    /// Improves a candidate's plugboard (letters in `fixed` stay) and the rings that are free, in turn.
    pub(super) fn polish(
        &mut self,
        scrambler: &Scrambler,
        space: &Space,
        (setting, plugboard): (Setting, Plugboard),
        fixed: &[bool; 26],
        tried: &mut u64,
    ) -> Judged {
        self.set(scrambler, &setting);
        let sum = self.weigh(&plugboard);
        let mut judged = Judged {
            setting,
            plugboard,
            sum,
        };
        for _ in 0..ROUNDS {
            let before = judged.sum;
            if !space.plugboard_known {
                self.set(scrambler, &judged.setting);
                self.plug(&mut judged, fixed, tried);
            }
            self.turn(scrambler, space, &mut judged, tried);
            if judged.sum == before {
                break;
            }
        }
        judged
    }

    /// Takes each change of the plugboard that helps, until none does.
    #[inline(never)]
    fn plug(&mut self, judged: &mut Judged, fixed: &[bool; 26], tried: &mut u64) {
        loop {
            let before = judged.sum;
            for a in 0..26u8 {
                for b in a + 1..26 {
                    let touched = [a, b, judged.plugboard.of(a), judged.plugboard.of(b)];
                    if touched.iter().any(|&letter| fixed[usize::from(letter)]) {
                        continue;
                    }
                    let next = judged.plugboard.toggled(a, b);
                    *tried += 1;
                    let sum = self.weigh(&next);
                    if sum > judged.sum {
                        judged.sum = sum;
                        judged.plugboard = next;
                    }
                }
            }
            if judged.sum == before {
                return;
            }
        }
    }

    /// Turns ring and window of a rotor together: the wiring stays, the turnover of its neighbour moves.
    fn turn(&mut self, scrambler: &Scrambler, space: &Space, judged: &mut Judged, tried: &mut u64) {
        let mut best = *judged;
        // Where the turnover moves past the first letter, the neighbour begins one place away.
        let beside = |free: bool| if free { vec![0, 1, 25] } else { vec![0] };
        let from = judged.setting;
        if space.right_ring_free {
            for by in 0..26 {
                for &other in &beside(space.middle.len() > 1) {
                    let mut setting = from;
                    setting.right = both(from.right, by);
                    setting.middle.window = add(from.middle.window, other);
                    self.better(scrambler, setting, &mut best, tried);
                }
            }
        }
        let from = best.setting;
        if space.middle_ring_free {
            for by in 0..26 {
                for &other in &beside(space.left.len() > 1) {
                    let mut setting = from;
                    setting.middle = both(from.middle, by);
                    setting.left.window = add(from.left.window, other);
                    self.better(scrambler, setting, &mut best, tried);
                }
            }
        }
        *judged = best;
    }

    #[inline(never)]
    fn better(&mut self, scrambler: &Scrambler, setting: Setting, best: &mut Judged, tried: &mut u64) {
        *tried += 1;
        self.set(scrambler, &setting);
        let sum = self.weigh(&best.plugboard);
        if sum > best.sum {
            best.sum = sum;
            best.setting = setting;
        }
    }

    /// The mean log-probability of a letter.
    pub(super) fn score(&self, judged: &Judged) -> f64 {
        self.gram.mean(judged.sum, self.windows())
    }

    /// Whether a find is sure: far likelier than the best of so many settings would be by chance, and with few letters
    /// in doubt. A crib's letters count as known, its place as chosen.
    pub(super) fn is_sure(
        &mut self,
        scrambler: &Scrambler,
        space: &Space,
        judged: &Judged,
        crib: Option<&[u8]>,
    ) -> bool {
        let mut excess = (self.score(judged) + 26f64.ln()) * self.windows() as f64;
        excess -= space.surprise(judged.plugboard.cables().max(6));
        self.set(scrambler, &judged.setting);
        self.decrypt(&judged.plugboard);
        if let Some(crib) = crib {
            let Some(place) = self.text.windows(crib.len()).position(|window| window == crib) else {
                return false;
            };
            let in_crib = &self.text[place.saturating_sub(3)..place + crib.len()];
            excess -= self.gram.score(in_crib) * in_crib.len().saturating_sub(3) as f64;
            excess -= (self.cipher.len() as f64).ln();
        }
        excess > LEAST_EXCESS && (space.plugboard_known || self.doubt(judged) < DOUBT)
    }

    /// The share of letters that other plugboards, one change away, would read otherwise, by how likely each is.
    #[inline(never)]
    fn doubt(&mut self, judged: &Judged) -> f64 {
        let kept = self.text.clone();
        let mut doubt = 0.0;
        for a in 0..26u8 {
            for b in a + 1..26 {
                let sum = self.weigh(&judged.plugboard.toggled(a, b));
                let nats = (f64::from(sum) - f64::from(judged.sum)) * self.gram.unit();
                if nats > -12.0 {
                    let other = self.text.iter().zip(&kept).filter(|(a, b)| a != b).count();
                    doubt += nats.min(0.0).exp() * other as f64 / kept.len().max(1) as f64;
                }
            }
        }
        doubt
    }

    fn windows(&self) -> usize {
        self.cipher.len().saturating_sub(3).max(1)
    }

    #[inline(never)]
    fn set(&mut self, scrambler: &Scrambler, setting: &Setting) {
        scrambler.stands(setting.right, setting.middle, self.cipher.len(), &mut self.stands);
        let (left, middle) = (setting.left.offset(), setting.middle.offset());
        scrambler.permutations(&self.stands, left, middle, &mut self.permutations);
    }

    #[inline(never)]
    fn decrypt(&mut self, plugboard: &Plugboard) {
        self.text.clear();
        self.text.extend(
            self.cipher
                .iter()
                .zip(&self.permutations)
                .map(|(&letter, permutation)| plugboard.of(permutation[usize::from(plugboard.of(letter))])),
        );
    }

    fn weigh(&mut self, plugboard: &Plugboard) -> u32 {
        self.decrypt(plugboard);
        self.gram.sum(&self.text)
    }
}

fn both(place: Place, by: u8) -> Place {
    Place {
        window: add(place.window, by),
        ring: add(place.ring, by),
    }
}
