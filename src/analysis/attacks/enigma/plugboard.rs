//! The plugboard: who is plugged to whom, and climbing towards it from a text's statistics.

/// For each letter the one that it is plugged to, itself when it has no cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Plugboard(pub [u8; 26]);

impl Plugboard {
    pub(super) const EMPTY: Plugboard = {
        let mut letters = [0; 26];
        let mut letter = 0;
        while letter < 26 {
            letters[letter] = letter as u8;
            letter += 1;
        }
        Plugboard(letters)
    };

    pub(super) fn of(self, letter: u8) -> u8 {
        self.0[usize::from(letter)]
    }

    /// Joins two letters, pulling out the cables that they had; joined ones are parted.
    pub(super) fn toggled(mut self, a: u8, b: u8) -> Self {
        let joined = self.of(a) == b;
        for letter in [a, b] {
            let other = self.of(letter);
            self.0[usize::from(other)] = other;
            self.0[usize::from(letter)] = letter;
        }
        if !joined {
            self.0[usize::from(a)] = b;
            self.0[usize::from(b)] = a;
        }
        self
    }

    /// The pairs, in alphabetical order.
    pub(super) fn pairs(self) -> Vec<(u8, u8)> {
        (0..26)
            .filter(|&a| self.of(a) > a)
            .map(|a| (a, self.of(a)))
            .collect()
    }

    pub(super) fn cables(self) -> usize {
        self.pairs().len()
    }
}

/// A text at one position of the rotors, counted so that any plugboard's worth is read without touching the text.
///
/// The letter before the last pass of the plugboard depends on the cipher letter's plug alone. So the counts of these
/// letters are those without plugboard, plus one row of differences for each cable. Numbers wrap: a difference may be
/// negative, a count is not, and there are at most [`COUNTED_LETTERS`].
pub(super) struct Tally {
    /// For each cipher letter and each plug that it can have, the counts of what comes out.
    rows: Vec<Row>,
    /// The counts without plugboard.
    bare: Row,
    /// For each pair `a * 26 + b`, `a < b`, what its cable changes.
    cables: Vec<Row>,
}

type Row = [u8; 32];

/// How many letters a tally can hold.
pub(super) const COUNTED_LETTERS: usize = 250;

/// What a plugboard is worth by the counts of the letters before the last pass.
pub(super) trait Worth {
    /// The worth under a plugboard.
    fn of(&mut self, counts: &Row, plugboard: &Plugboard) -> i32;
    /// Called when another plugboard is taken.
    fn take(&mut self, plugboard: &Plugboard);
    /// The worth when `a` and `b` are toggled on the plugboard that was taken last.
    fn toggled(&mut self, counts: &Row, a: u8, b: u8) -> i32;
}

/// By coincidence: the sum of the squared counts.
pub(super) struct Coincidence;

impl Worth for Coincidence {
    fn of(&mut self, counts: &Row, _: &Plugboard) -> i32 {
        counts
            .iter()
            .map(|&count| i32::from(count) * i32::from(count))
            .sum()
    }

    fn take(&mut self, _: &Plugboard) {}

    fn toggled(&mut self, counts: &Row, _: u8, _: u8) -> i32 {
        counts
            .iter()
            .map(|&count| i32::from(count) * i32::from(count))
            .sum()
    }
}

/// By the language's single letters.
pub(super) struct Likelihood {
    /// Scaled log-probabilities.
    letters: [i16; 26],
    /// The same for the letters before the last pass, under the plugboard taken.
    plugged: [i16; 32],
    plugboard: Plugboard,
}

impl Likelihood {
    pub(super) fn new(letters: &[f32; 26]) -> Self {
        Self {
            letters: letters.map(|letter| (letter * 100.0) as i16),
            plugged: [0; 32],
            plugboard: Plugboard::EMPTY,
        }
    }
}

impl Worth for Likelihood {
    fn of(&mut self, counts: &Row, plugboard: &Plugboard) -> i32 {
        self.take(plugboard);
        weighed(counts, &self.plugged)
    }

    fn take(&mut self, plugboard: &Plugboard) {
        self.plugboard = *plugboard;
        for (plugged, &plug) in self.plugged.iter_mut().zip(&plugboard.0) {
            *plugged = self.letters[usize::from(plug)];
        }
    }

    fn toggled(&mut self, counts: &Row, a: u8, b: u8) -> i32 {
        let mut sum = weighed(counts, &self.plugged);
        let mut change = |letter: u8, plug: u8| {
            let by = self.letters[usize::from(plug)] - self.plugged[usize::from(letter)];
            sum += i32::from(counts[usize::from(letter)]) * i32::from(by);
        };
        let (pa, pb) = (self.plugboard.of(a), self.plugboard.of(b));
        if pa == b {
            change(a, a);
            change(b, b);
        } else {
            change(a, b);
            change(b, a);
            if pa != a {
                change(pa, pa);
            }
            if pb != b {
                change(pb, pb);
            }
        }
        sum
    }
}

fn weighed(counts: &Row, weights: &[i16; 32]) -> i32 {
    counts
        .iter()
        .zip(weights)
        .map(|(&count, &weight)| i32::from(i16::from(count)) * i32::from(weight))
        .sum()
}

impl Tally {
    pub(super) fn new() -> Self {
        Self {
            rows: vec![[0; 32]; 26 * 26],
            bare: [0; 32],
            cables: vec![[0; 32]; 26 * 26],
        }
    }

    /// Counts the first [`COUNTED_LETTERS`] of a text.
    #[inline(never)]
    pub(super) fn count(&mut self, cipher: &[u8], permutations: &[[u8; 26]]) {
        self.rows.fill([0; 32]);
        for (&letter, permutation) in cipher.iter().zip(permutations).take(COUNTED_LETTERS) {
            let first = usize::from(letter) * 26;
            for (row, &out) in self.rows[first..first + 26].iter_mut().zip(permutation) {
                row[usize::from(out & 31)] += 1;
            }
        }
        self.bare = [0; 32];
        for letter in 0..26 {
            put(&mut self.bare, &self.rows[letter * 27]);
        }
        for a in 0..26 {
            for b in a + 1..26 {
                let mut cable = self.rows[a * 26 + b];
                put(&mut cable, &self.rows[b * 26 + a]);
                take(&mut cable, &self.rows[a * 27]);
                take(&mut cable, &self.rows[b * 27]);
                self.cables[a * 26 + b] = cable;
            }
        }
    }

    fn cable(&self, a: u8, b: u8) -> &Row {
        let (a, b) = if a < b { (a, b) } else { (b, a) };
        &self.cables[usize::from(a) * 26 + usize::from(b)]
    }

    #[inline(never)]
    fn counts(&self, plugboard: Plugboard) -> Row {
        let mut counts = self.bare;
        for (a, b) in plugboard.pairs() {
            put(&mut counts, self.cable(a, b));
        }
        counts
    }

    /// Joins and parts letters while the worth grows: the best change first. Letters in `fixed` keep what they have.
    /// At most `cables` cables. Gives the worth, and adds to the plugboards tried.
    #[inline(never)]
    pub(super) fn climb(
        &self,
        plugboard: &mut Plugboard,
        fixed: &[bool; 26],
        cables: usize,
        worth: &mut impl Worth,
        tried: &mut u64,
    ) -> i32 {
        let mut counts = self.counts(*plugboard);
        let mut now = worth.of(&counts, plugboard);
        loop {
            worth.take(plugboard);
            let mut best = (now, 0, 0);
            let full = plugboard.cables() >= cables;
            for a in (0..26u8).filter(|&a| !fixed[usize::from(a)]) {
                let pa = plugboard.of(a);
                let mut without = counts;
                if pa != a {
                    take(&mut without, self.cable(a, pa));
                }
                for b in (a + 1..26).filter(|&b| !fixed[usize::from(b)]) {
                    let pb = plugboard.of(b);
                    if full && pa == a && pb == b {
                        continue;
                    }
                    let mut moved = without;
                    if pa != b {
                        put(&mut moved, self.cable(a, b));
                        if pb != b {
                            take(&mut moved, self.cable(b, pb));
                        }
                    }
                    *tried += 1;
                    let value = worth.toggled(&moved, a, b);
                    if value > best.0 {
                        best = (value, a, b);
                    }
                }
            }
            let (value, a, b) = best;
            if value == now {
                return now;
            }
            *plugboard = plugboard.toggled(a, b);
            counts = self.counts(*plugboard);
            now = value;
        }
    }
}

fn put(counts: &mut Row, row: &Row) {
    for (count, &more) in counts.iter_mut().zip(row) {
        *count = count.wrapping_add(more);
    }
}

fn take(counts: &mut Row, row: &Row) {
    for (count, &less) in counts.iter_mut().zip(row) {
        *count = count.wrapping_sub(less);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn toggling_pulls_the_old_cables() {
        let plugboard = Plugboard::EMPTY.toggled(0, 1).toggled(2, 3);
        assert_eq!(plugboard.pairs(), [(0, 1), (2, 3)]);
        assert_eq!(plugboard.toggled(1, 2).pairs(), [(1, 2)]);
        assert_eq!(plugboard.toggled(1, 0).pairs(), [(2, 3)]);
        assert_eq!(plugboard.toggled(1, 9).pairs(), [(1, 9), (2, 3)]);
    }

    #[test]
    fn a_toggle_is_worth_what_counting_anew_says() {
        let mut dice = crate::analysis::attack::Random::new(3);
        let mut permutation: [u8; 26] = std::array::from_fn(|letter| letter as u8);
        let mut permutations = Vec::new();
        let cipher: Vec<u8> = (0..120).map(|_| dice.below(26) as u8).collect();
        for _ in &cipher {
            for place in (1..26).rev() {
                permutation.swap(place, dice.below(place + 1));
            }
            permutations.push(permutation);
        }
        let mut tally = Tally::new();
        tally.count(&cipher, &permutations);
        let shares: [f32; 26] = std::array::from_fn(|letter| -1.0 - letter as f32 / 5.0);
        let mut likelihood = Likelihood::new(&shares);
        let mut plugboard = Plugboard::EMPTY;
        for _ in 0..60 {
            let (a, b) = (dice.below(26) as u8, dice.below(26) as u8);
            if a == b {
                continue;
            }
            let next = plugboard.toggled(a, b);
            let counts = tally.counts(next);
            let mut by_hand = [0; 32];
            for (&letter, permutation) in cipher.iter().zip(&permutations) {
                by_hand[usize::from(permutation[usize::from(next.of(letter))])] += 1;
            }
            assert_eq!(counts, by_hand);
            likelihood.take(&plugboard);
            let toggled = likelihood.toggled(&counts, a, b);
            assert_eq!(toggled, likelihood.of(&counts, &next));
            plugboard = next;
        }
    }
}
