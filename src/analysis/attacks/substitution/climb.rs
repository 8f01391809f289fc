//! The search over letter swaps: annealing by quadgrams, then climbing by pentagrams. Knows nothing of keys as text.

use crate::analysis::attack::Random;
use crate::analysis::language::{Gram, SPACE};

/// What each cipher letter stands for; the space stands for itself.
pub type Table = [u8; 27];

/// A ciphertext laid out for one model: which windows each cipher letter touches.
pub struct Layout<'a, const SIZE: usize, const ORDER: usize> {
    gram: &'a [u8],
    windows: Vec<[u8; ORDER]>,
    /// For each cipher letter, one bit for each window that it stands in.
    touched: Vec<Vec<u64>>,
}

impl<'a, const SIZE: usize, const ORDER: usize> Layout<'a, SIZE, ORDER> {
    /// Lays out a ciphertext; the model must be of this size and order.
    pub fn new(codes: &[u8], gram: &'a Gram) -> Self {
        assert_eq!(
            (gram.size(), gram.order()),
            (SIZE, ORDER),
            "the model fits the layout"
        );
        let windows: Vec<[u8; ORDER]> = codes.array_windows().copied().collect();
        let words = windows.len().div_ceil(64);
        let mut touched = vec![vec![0u64; words]; 26];
        for (at, window) in windows.iter().enumerate() {
            for &letter in window.iter().filter(|&&letter| letter != SPACE) {
                touched[usize::from(letter)][at / 64] |= 1 << (at % 64);
            }
        }
        Self {
            gram: gram.table(),
            windows,
            touched,
        }
    }

    /// Windows of the text.
    pub fn windows(&self) -> usize {
        self.windows.len()
    }

    fn weight(&self, window: &[u8; ORDER], table: &Table) -> u8 {
        let index = window
            .iter()
            .fold(0, |index, &c| index * SIZE + usize::from(table[usize::from(c)]));
        self.gram[index]
    }
}

/// A key on its way, with the weight of each window under it.
pub struct Walk<'l, 'a, const SIZE: usize, const ORDER: usize> {
    layout: &'l Layout<'a, SIZE, ORDER>,
    /// The key.
    pub table: Table,
    weights: Vec<u8>,
    /// The sum of the weights.
    pub sum: i32,
    changed: Vec<(u32, u8)>,
    /// Swaps tried.
    pub tried: u64,
}

impl<'l, 'a, const SIZE: usize, const ORDER: usize> Walk<'l, 'a, SIZE, ORDER> {
    /// Begins at a key.
    pub fn new(layout: &'l Layout<'a, SIZE, ORDER>, table: Table) -> Self {
        let weights: Vec<u8> = layout.windows.iter().map(|w| layout.weight(w, &table)).collect();
        let sum = weights.iter().map(|&w| i32::from(w)).sum();
        Self {
            layout,
            table,
            weights,
            sum,
            changed: Vec::new(),
            tried: 0,
        }
    }

    /// What the sum would change by if two cipher letters exchanged what they stand for. The swap stands until it is
    /// [kept](Self::keep) or [taken back](Self::take_back).
    fn swap(&mut self, a: usize, b: usize) -> i32 {
        self.tried += 1;
        self.table.swap(a, b);
        self.changed.clear();
        let mut delta = 0;
        let both = self.layout.touched[a].iter().zip(&self.layout.touched[b]);
        for (word, (&of_a, &of_b)) in both.enumerate() {
            let mut bits = of_a | of_b;
            while bits != 0 {
                let at = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let weight = self.layout.weight(&self.layout.windows[at], &self.table);
                delta += i32::from(weight) - i32::from(self.weights[at]);
                self.changed.push((at as u32, weight));
            }
        }
        delta
    }

    fn keep(&mut self, delta: i32) {
        self.sum += delta;
        for &(at, weight) in &self.changed {
            self.weights[at as usize] = weight;
        }
    }

    fn take_back(&mut self, a: usize, b: usize) {
        self.table.swap(a, b);
    }

    /// Shows a key one swap away and what it changes the sum by, and gives that.
    pub fn probe(&mut self, a: usize, b: usize, mut seen: impl FnMut(&Table, i32)) -> i32 {
        let delta = self.swap(a, b);
        seen(&self.table, delta);
        self.take_back(a, b);
        delta
    }

    /// Anneals: `steps` random swaps while it cools from one temperature to the other, in steps of a weight.
    pub fn anneal(&mut self, swaps: &Swaps, random: &mut Random, steps: u32, hot: f64, cold: f64) {
        let cooling = (cold / hot).powf(1.0 / f64::from(steps.max(1)));
        let mut temperature = hot;
        for _ in 0..steps {
            let (a, b) = swaps.any(random);
            let delta = self.swap(a, b);
            // A swap is kept with the chance e^(delta / temperature).
            if delta >= 0 || f64::from(delta) > temperature * quick_ln(random) {
                self.keep(delta);
            } else {
                self.take_back(a, b);
            }
            temperature *= cooling;
        }
    }

    /// Wanders at one temperature, and shows every key that it comes to with its sum.
    pub fn wander(
        &mut self,
        swaps: &Swaps,
        random: &mut Random,
        steps: u32,
        temperature: f64,
        mut seen: impl FnMut(&Table, i32),
    ) {
        for _ in 0..steps {
            let (a, b) = swaps.any(random);
            let delta = self.swap(a, b);
            if delta >= 0 || f64::from(delta) > temperature * quick_ln(random) {
                self.keep(delta);
                seen(&self.table, self.sum);
            } else {
                self.take_back(a, b);
            }
        }
    }

    /// Climbs: takes every swap that is better, until none is.
    pub fn climb(&mut self, swaps: &Swaps) {
        let mut better = true;
        while better {
            better = false;
            for &(a, b) in &swaps.all {
                let (a, b) = (usize::from(a), usize::from(b));
                let delta = self.swap(a, b);
                if delta > 0 {
                    self.keep(delta);
                    better = true;
                } else {
                    self.take_back(a, b);
                }
            }
        }
    }
}

/// The logarithm of a random number from 0 to 1.
fn quick_ln(random: &mut Random) -> f64 {
    f64::from((random.unit() as f32).max(1e-9).ln())
}

/// Which swaps make a difference: at least one of the two letters stands in the text, and neither is locked.
pub struct Swaps {
    all: Vec<(u8, u8)>,
}

impl Swaps {
    /// All swaps for letters that stand in the text and letters that are free to move.
    pub fn new(present: &[bool; 26], free: &[bool; 26]) -> Self {
        let mut all = Vec::new();
        for a in 0..26u8 {
            for b in a + 1..26 {
                let (x, y) = (usize::from(a), usize::from(b));
                if free[x] && free[y] && (present[x] || present[y]) {
                    all.push((a, b));
                }
            }
        }
        Self { all }
    }

    /// Whether there is nothing to search.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize)> {
        self.all.iter().map(|&(a, b)| (usize::from(a), usize::from(b)))
    }

    fn any(&self, random: &mut Random) -> (usize, usize) {
        let (a, b) = self.all[random.below(self.all.len())];
        (usize::from(a), usize::from(b))
    }
}
