//! The search for both keys: the second by the digraphic potential, the first by pairs of columns, then both in turn.

use super::potential::digraphic_potential;
use super::second::{classes, neighbours, swap_classes, tells_little};
use super::verdict::{PROSE, described, most_moved, moved_by};
use super::{Part, Search, Solution};
use crate::analysis::attack::Random;
use crate::analysis::attacks::adjacency::{Adjacency, Shape};
use crate::analysis::attacks::orders::{accepts, disturb, shuffled};
use crate::analysis::attacks::reading::Reading;
use crate::analysis::attacks::square_search;

/// How often all pairs of lengths are gone through: a single pair more often than many.
const ROUNDS: [usize; 2] = [60, 8];
/// How many times more patient the later rounds are than the first.
const MOST_PATIENT: usize = 5;

impl Search<'_, '_> {
    /// Searches, and says whether the best solution is sure.
    pub(super) fn run(&mut self, first: &Part, second: &Part) -> bool {
        let single = first.widths().len() * second.widths().len() == 1;
        for round in 1..=ROUNDS[usize::from(!single)] {
            let round = round.min(MOST_PATIENT);
            if first.given().is_none() && second.given().is_none() {
                for width in first.widths() {
                    let both = second.widths().contains(&width);
                    if both && self.is_confirmed((width, width), |search| search.same(width, round)) {
                        return true;
                    }
                    if self.tally.stopped() {
                        return false;
                    }
                }
            }
            let (widths, others) = (first.widths(), second.widths());
            let mut pairs: Vec<(usize, usize)> = others
                .iter()
                .flat_map(|&other| widths.iter().map(move |&width| (width, other)))
                .collect();
            // Short keys first: they cost least.
            pairs.sort_by_key(|&(width, other)| width.max(other) * 64 + width + other);
            for (width, other) in pairs {
                if self.is_confirmed((width, other), |search| {
                    search.divided(first.given(), second.given(), (width, other), round)
                }) {
                    return true;
                }
                if self.tally.stopped() {
                    return false;
                }
            }
        }
        false
    }

    /// Starts with keys of these lengths and, when the text looks right, again until another start ends at the same one:
    /// pieces as long as a row read well in a wrong order too, but hardly twice in the same.
    fn is_confirmed(&mut self, (width, other): (usize, usize), start: impl Fn(&mut Self)) -> bool {
        for _ in 0..=MOST_CONFIRMATIONS {
            start(self);
            let is_best = |best: &Solution| best.first.len() == width && best.second.len() == other;
            let wanted = match self.wanted() {
                Some(wanted) if self.best.first().is_some_and(is_best) => wanted,
                _ => return false,
            };
            if self.found >= wanted {
                return true;
            }
            if self.tally.stopped() {
                return false;
            }
        }
        false
    }

    /// One key used twice: annealed as a whole by quadgrams.
    fn same(&mut self, width: usize, round: usize) {
        if width > 9 && round == 1 && self.known.value("columns1").is_none() {
            return;
        }
        self.tally.begin();
        let order = shuffled(width, &mut self.dice);
        let steps = 300 * width * width * round;
        let (first, second) = self.anneal((order.clone(), order), 40.0, steps, |(first, second), dice| {
            disturb(first, dice);
            second.copy_from_slice(first);
        });
        self.offer(first, second);
    }

    /// The second key by the digraphic potential, then the first.
    fn divided(
        &mut self,
        first: Option<&[u8]>,
        second: Option<&[u8]>,
        (width, other): (usize, usize),
        round: usize,
    ) {
        self.tally.begin();
        let cipher = self.movers.codes();
        let (shape, other_shape) = (Shape::of(cipher.len(), width), Shape::of(cipher.len(), other));
        let order = match second {
            Some(order) => order.to_vec(),
            None => self.potential(shape, other_shape, round),
        };
        let mut between = vec![0; cipher.len()];
        other_shape.unread(cipher, &order, &mut between);
        let mut inner = match first {
            Some(first) => first.to_vec(),
            None => {
                let adjacency = Adjacency::new(&between, shape, &self.pairs);
                let steps = 1000 + 20 * width * width;
                let found = adjacency.anneal(steps, &mut self.dice, &mut self.tally);
                let mut reading = Reading::new(&between, shape, self.gram, &found);
                reading.climb(&mut self.tally);
                reading.order().to_vec()
            }
        };
        if self.tally.stopped() {
            self.offer(inner, order);
            return;
        }
        let mut outer = order;
        let is_free = (first.is_none(), second.is_none());
        if is_free.1 {
            if self.mean(&inner, &outer) > NEAR {
                self.climb_both(&mut inner, &mut outer, is_free.0);
                // A climb leaves whole rows in a wrong order.
                let steps = 60 * other * other;
                (inner, outer) = self.anneal((inner, outer), 10.0, steps, |(_, second), dice| {
                    disturb(second, dice)
                });
                let is_wrong = tells_little(shape, other_shape) && self.mean(&inner, &outer) < PROSE;
                if is_wrong {
                    (inner, outer) = self.together((inner, outer), is_free.0, round);
                }
            } else if round > 1 || !is_free.0 || tells_little(shape, other_shape) {
                (inner, outer) = self.together((inner, outer), is_free.0, round);
            }
            if self.mean(&inner, &outer) > NEAR {
                self.climb_both(&mut inner, &mut outer, is_free.0);
            }
        }
        self.offer(inner, outer);
    }

    /// Makes right on both sides in turn what is nearly right.
    fn climb_both(&mut self, inner: &mut [u8], outer: &mut Vec<u8>, is_first_free: bool) {
        let cipher = self.movers.codes();
        let (shape, other) = (
            Shape::of(cipher.len(), inner.len()),
            Shape::of(cipher.len(), outer.len()),
        );
        let mut between = vec![0; cipher.len()];
        for _ in 0..3 {
            self.climb_second(inner, outer);
            if is_first_free {
                other.unread(cipher, outer, &mut between);
                let mut reading = Reading::new(&between, shape, self.gram, inner);
                reading.climb(&mut self.tally);
                inner.copy_from_slice(reading.order());
            }
        }
    }

    /// Anneals both keys together, or the second under a first that is given: where the potential does not find the second by
    /// itself.
    fn together(
        &mut self,
        start: (Vec<u8>, Vec<u8>),
        is_first_free: bool,
        round: usize,
    ) -> (Vec<u8>, Vec<u8>) {
        let (width, other) = (start.0.len(), start.1.len());
        let classes: Vec<usize> = classes(other).collect();
        let squares = |width: usize| width * width;
        let steps = TOGETHER * round * (squares(other) + if is_first_free { squares(width) } else { 0 });
        let (first, second) = self.anneal(start, 20.0, steps, |(first, second), dice| {
            if is_first_free && dice.below(width + other) < width {
                disturb(first, dice);
                return;
            }
            match classes.get(dice.below(classes.len().max(1))) {
                Some(&classes) if dice.below(3) == 0 => {
                    swap_classes(second, classes, dice.below(classes), dice.below(classes));
                }
                _ => disturb(second, dice),
            }
        });
        (first, second)
    }

    /// Anneals both keys by quadgrams, from so many nats on, and ends at the best that was met. `change` makes the next pair.
    fn anneal(
        &mut self,
        start: (Vec<u8>, Vec<u8>),
        hot: f32,
        steps: usize,
        change: impl Fn(&mut (Vec<u8>, Vec<u8>), &mut Random),
    ) -> (Vec<u8>, Vec<u8>) {
        let cipher = self.movers.codes();
        let shape = Shape::of(cipher.len(), start.0.len());
        let other = Shape::of(cipher.len(), start.1.len());
        let (mut between, mut plain) = (vec![0; cipher.len()], vec![0; cipher.len()]);
        let gram = self.gram;
        let mut weigh = |(first, second): &(Vec<u8>, Vec<u8>)| {
            other.unread(cipher, second, &mut between);
            shape.unread(&between, first, &mut plain);
            square_search::weigh(gram.table(), &plain) as f32
        };
        let hot = hot / gram.unit() as f32;
        let mut keys = start;
        let mut score = weigh(&keys);
        let mut best = (score, keys.clone());
        let mut next = keys.clone();
        for step in 0..steps {
            next.0.copy_from_slice(&keys.0);
            next.1.copy_from_slice(&keys.1);
            change(&mut next, &mut self.dice);
            let found = weigh(&next);
            let temperature = hot * (1.02 - step as f32 / steps as f32);
            if accepts(found - score, temperature, &mut self.dice) {
                std::mem::swap(&mut keys, &mut next);
                score = found;
                if score > best.0 {
                    best = (score, keys.clone());
                }
            }
            // Of a long text every single pair takes its time.
            if !self.tally.count(1) {
                break;
            }
        }
        best.1
    }

    /// Anneals the second key by how well the columns of the first grid could stand side by side.
    fn potential(&mut self, shape: Shape, other: Shape, round: usize) -> Vec<u8> {
        const HOT: f32 = 12.0;
        const COLD: f32 = 2.0;
        let cipher = self.movers.codes();
        let mut between = vec![0; cipher.len()];
        let mut order = shuffled(other.width, &mut self.dice);
        let mut potential = |order: &[u8], log_odds: &[f32]| {
            other.unread(cipher, order, &mut between);
            digraphic_potential(&between, shape, log_odds)
        };
        let mut score = potential(&order, &self.pairs.log_odds);
        let mut best = (score, order.clone());
        let steps = (300 + 80 * other.width * other.width) * round;
        let mut next = order.clone();
        for step in 0..steps {
            next.copy_from_slice(&order);
            disturb(&mut next, &mut self.dice);
            let found = potential(&next, &self.pairs.log_odds);
            let temperature = HOT + (COLD - HOT) * step as f32 / steps as f32;
            if accepts(found - score, temperature, &mut self.dice) {
                std::mem::swap(&mut order, &mut next);
                score = found;
                if score > best.0 {
                    best = (score, order.clone());
                }
            }
            // One potential costs as much as many readings: the watcher is asked more often.
            if !self.tally.count(if step % 8 == 7 { 64 } else { 1 }) {
                break;
            }
        }
        best.1
    }

    /// Changes the second key while that makes the text likelier.
    fn climb_second(&mut self, inner: &[u8], outer: &mut Vec<u8>) {
        let mut score = self.mean(inner, outer);
        loop {
            let before = outer.clone();
            for next in neighbours(&before) {
                let found = self.mean(inner, &next);
                if found > score + 1e-9 {
                    (*outer, score) = (next, found);
                }
                if !self.tally.count(1) {
                    return;
                }
            }
            if *outer == before {
                return;
            }
        }
    }

    /// The text under two orders.
    pub(super) fn plain<T: Copy>(text: &[T], first: &[u8], second: &[u8]) -> Vec<T> {
        let (mut between, mut plain) = (text.to_vec(), text.to_vec());
        Shape::of(text.len(), second.len()).unread(text, second, &mut between);
        Shape::of(text.len(), first.len()).unread(&between, first, &mut plain);
        plain
    }

    fn mean(&self, first: &[u8], second: &[u8]) -> f64 {
        self.gram.score(&Self::plain(self.movers.codes(), first, second))
    }

    /// Keeps what a start has found if it is among the best, and counts how often the best text was found.
    fn offer(&mut self, first: Vec<u8>, second: Vec<u8>) {
        let solution = Solution {
            score: self.mean(&first, &second),
            first,
            second,
        };
        let is_again = self.best.first().is_some_and(|best| {
            let plain = |one: &Solution| Self::plain(self.movers.codes(), &one.first, &one.second);
            let (best, text) = (plain(best), plain(&solution));
            let most = most_moved(solution.first.len());
            (-most..=most).any(|moved| moved_by(&best, &text, moved))
        });
        self.found = match self.best.first() {
            _ if is_again => self.found + 1,
            Some(best) if best.score >= solution.score => self.found,
            _ => 1,
        };
        if !self.best.contains(&solution) {
            let place = self.best.partition_point(|other| other.score >= solution.score);
            self.best.insert(place, solution);
            self.best.truncate(3);
            if place == 0 {
                let (best, movers, known) = (self.best[0].clone(), self.movers, self.known);
                self.tally.tell(best.score, || described(movers, known, &best));
            }
        }
    }
}

/// Steps of annealing both keys together, for each square of a width.
const TOGETHER: usize = 60;
/// How many more starts are made for a text that looks right.
const MOST_CONFIRMATIONS: usize = 8;
/// From here on both keys are made right in turn: a wrong second key ends a nat lower.
const NEAR: f64 = -3.6;
