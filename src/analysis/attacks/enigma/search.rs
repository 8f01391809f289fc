//! The three searches: with the plugboard known, by statistics with it unknown, and by crib.

use super::super::super::attack::{AttackError, Candidate, Finding, Problem, Progress, Watch};
use super::super::letters;
use super::judge::{Judge, Judged};
use super::menu::{Menu, UNKNOWN, clashes};
use super::plugboard::{Coincidence, Likelihood, Plugboard, Tally};
use super::scrambler::{Order, Place, Scrambler};
use super::space::{Setting, Space};
use crate::analysis::language::Gram;
use crate::ciphers::{self, Key};

/// Letters that a search looks at. More make it slower, not surer.
const SEARCHED_LETTERS: usize = 500;
/// Letters by which settings are compared when the plugboard is known.
const PREFIX: usize = 50;
/// Steps in which an unknown right ring is tried before it is polished: each letter off costs one letter in 26.
const RING_STEP: u8 = 3;
/// Cables that the climbing may use: at most all, and as many as were in use.
const MOST_CABLES: usize = 13;
const USUAL_CABLES: usize = 10;
/// How many candidates are polished, over all orders; each order at least so many.
const POLISHED: usize = 250;
const CHECKED_STOPS: usize = 600;
const LEAST_POLISHED: usize = 24;
/// The shortest crib with which anything can be done.
const SHORTEST_CRIB: usize = 4;

pub(super) struct Search<'a, 'w> {
    problem: &'a Problem<'a>,
    /// The letters that are searched.
    cipher: &'a [u8],
    /// How many letters the whole text has.
    letters: usize,
    space: Space,
    gram: &'static Gram,
    logs: [f32; 26],
    crib: Option<Vec<u8>>,
    judge: Judge<'a>,
    watch: &'w mut dyn Watch,
    tried: u64,
    /// The order that is being searched, from 1, for those who watch.
    order: u32,
    best: Option<Judged>,
    sure: bool,
    stopped: bool,
}

/// The best candidates of one order.
struct Few<T> {
    most: usize,
    kept: Vec<(f64, T)>,
    record: f64,
}

impl<T> Few<T> {
    fn new(most: usize) -> Self {
        Self {
            most,
            kept: Vec::new(),
            record: f64::NEG_INFINITY,
        }
    }

    /// Keeps a candidate if it is among the best, and says whether it is better than all before.
    fn take(&mut self, worth: f64, candidate: impl FnOnce() -> T) -> bool {
        if self.kept.len() == self.most {
            if self.kept.last().is_some_and(|last| worth <= last.0) {
                return false;
            }
            self.kept.pop();
        }
        let place = self.kept.partition_point(|(other, _)| *other >= worth);
        self.kept.insert(place, (worth, candidate()));
        let record = worth > self.record;
        self.record = self.record.max(worth);
        record
    }
}

impl<'a, 'w> Search<'a, 'w> {
    pub(super) fn new(
        problem: &'a Problem<'a>,
        letters: &'a [u8],
        space: Space,
        crib: Option<Vec<u8>>,
        watch: &'w mut dyn Watch,
    ) -> Self {
        let cipher = &letters[..letters.len().min(SEARCHED_LETTERS)];
        let gram = problem.language.quadgrams();
        Self {
            problem,
            cipher,
            letters: letters.len(),
            space,
            gram,
            logs: problem
                .language
                .letters()
                .map(|share| share.max(1e-6).ln() as f32),
            crib,
            judge: Judge::new(cipher, gram),
            watch,
            tried: 0,
            order: 0,
            best: None,
            sure: false,
            stopped: false,
        }
    }

    pub(super) fn run(mut self, at_start: bool) -> Result<Finding, AttackError> {
        if let Some(crib) = self.crib.clone() {
            let mut menus = self.menus(&crib)?;
            if at_start {
                menus.retain(|menu| menu.place == 0);
            }
            // Behind what is searched it may stand too, unless it is known to stand at the beginning.
            let binds = !self.is_longer() || (at_start && crib.len() <= self.cipher.len());
            // So long a text mostly falls without it, in less time than hundreds of places take at every setting.
            if !binds {
                self.without_crib();
            }
            if binds || !menus.is_empty() {
                let known = self.known_plugs();
                self.each_order(|search, order, fourth, scrambler| {
                    search.by_crib(order, fourth, scrambler, &menus, &known);
                });
            }
        } else {
            self.without_crib();
        }
        Ok(self.conclude())
    }

    /// Searches by the language alone.
    fn without_crib(&mut self) {
        let plugboard = self.space.plugboard;
        self.each_order(|search, order, fourth, scrambler| {
            search.plainly(order, fourth, scrambler, plugboard);
        });
        if !self.space.plugboard_known {
            let mut tally = Tally::new();
            self.each_order(|search, order, fourth, scrambler| {
                search.by_statistics(order, fourth, scrambler, &mut tally);
            });
        }
    }

    /// Whether the text is longer than what is searched: then the crib may stand behind it.
    fn is_longer(&self) -> bool {
        self.letters > self.cipher.len()
    }

    /// Searches one order after the other until one is sure or the search is stopped.
    fn each_order(&mut self, mut search: impl FnMut(&mut Self, &Order, Option<Place>, &Scrambler)) {
        for place in 0..self.space.orders.len() {
            if self.is_over() {
                return;
            }
            let (order, fourth) = self.space.orders[place];
            self.order = place as u32 + 1;
            let scrambler = Scrambler::new(&order);
            if self.best.is_none() {
                self.consider(
                    &scrambler,
                    self.first(order, fourth),
                    self.space.plugboard,
                    &[true; 26],
                );
            }
            search(self, &order, fourth, &scrambler);
            self.alive(&scrambler);
        }
    }

    fn first(&self, order: Order, fourth: Option<Place>) -> Setting {
        Setting {
            order,
            fourth,
            left: self.space.left[0],
            middle: self.space.middles(&order)[0],
            right: self.space.right[0],
        }
    }

    /// How many candidates of an order are polished, of `most` over all orders.
    fn kept(&self, most: usize) -> usize {
        (most / self.space.orders.len()).max(LEAST_POLISHED)
    }

    /// Places of the right rotor to try before polishing.
    fn coarse_rights(&self) -> Vec<Place> {
        let coarse = |place: &&Place| !self.space.right_ring_free || place.ring.is_multiple_of(RING_STEP);
        self.space.right.iter().filter(coarse).copied().collect()
    }

    /// The plugboard is known: every setting reads the first letters.
    #[inline(never)]
    fn plainly(&mut self, order: &Order, fourth: Option<Place>, scrambler: &Scrambler, plugboard: Plugboard) {
        let prefix: Vec<u8> = self
            .cipher
            .iter()
            .take(PREFIX)
            .map(|&letter| plugboard.of(letter))
            .collect();
        let mut few = Few::new(self.kept(LEAST_POLISHED));
        let middles = self.space.middles(order);
        let mut stands = Vec::new();
        let table = self.gram.table();
        for right in self.coarse_rights() {
            for &middle in &middles {
                if self.is_over() {
                    return;
                }
                scrambler.stands(right, middle, prefix.len(), &mut stands);
                for &left in &self.space.left {
                    let (mut index, mut sum) = (0usize, 0u32);
                    for (i, (&letter, &stand)) in prefix.iter().zip(&stands).enumerate() {
                        let core = scrambler.core_at(stand, left.offset(), middle.offset());
                        let plain = plugboard.of(scrambler.pass(stand, core, letter));
                        index = index % (26 * 26 * 26) * 26 + usize::from(plain);
                        if i >= 3 {
                            sum += u32::from(table[index]);
                        }
                    }
                    few.take(f64::from(sum), || (left, middle, right));
                }
                self.tried += self.space.left.len() as u64;
            }
        }
        for (_, (left, middle, right)) in few.kept {
            let setting = Setting {
                order: *order,
                fourth,
                left,
                middle,
                right,
            };
            if self.is_over() {
                return;
            }
            // Only whether it is this plugboard: the others have their own search.
            self.consider(scrambler, setting, plugboard, &[true; 26]);
        }
    }

    /// The plugboard is not known: for every setting it is climbed by coincidence, then by the language's letters.
    #[inline(never)]
    fn by_statistics(
        &mut self,
        order: &Order,
        fourth: Option<Place>,
        scrambler: &Scrambler,
        tally: &mut Tally,
    ) {
        let fixed = self.fixed(self.space.plugboard);
        let mut likelihood = Likelihood::new(&self.logs);
        let mut few = Few::new(self.kept(POLISHED));
        let middles = self.space.middles(order);
        let (mut stands, mut permutations) = (Vec::new(), Vec::new());
        for right in self.coarse_rights() {
            for &middle in &middles {
                scrambler.stands(
                    right,
                    middle,
                    self.cipher.len().min(super::plugboard::COUNTED_LETTERS),
                    &mut stands,
                );
                for place in 0..self.space.left.len() {
                    if self.is_over() {
                        return;
                    }
                    let left = self.space.left[place];
                    scrambler.permutations(&stands, left.offset(), middle.offset(), &mut permutations);
                    tally.count(self.cipher, &permutations);
                    let cables = USUAL_CABLES.max(self.space.plugboard.cables());
                    let mut plugboard = self.space.plugboard;
                    // Two ways up: each fails in a quarter of the cases, seldom in the same ones.
                    let straight =
                        tally.climb(&mut plugboard, &fixed, cables, &mut likelihood, &mut self.tried);
                    let mut other = self.space.plugboard;
                    tally.climb(&mut other, &fixed, MOST_CABLES, &mut Coincidence, &mut self.tried);
                    let mut worth = tally.climb(&mut other, &fixed, cables, &mut likelihood, &mut self.tried);
                    if worth > straight {
                        plugboard = other;
                    }
                    worth = worth.max(straight);
                    let setting = Setting {
                        order: *order,
                        fourth,
                        left,
                        middle,
                        right,
                    };
                    if few.take(f64::from(worth), || (setting, plugboard)) {
                        self.consider(scrambler, setting, plugboard, &fixed);
                    }
                }
            }
        }
        for (_, (setting, plugboard)) in few.kept {
            if self.is_over() {
                return;
            }
            self.consider(scrambler, setting, plugboard, &fixed);
        }
    }

    /// A crib: at every setting its menu is followed, and what contradicts nothing is judged by the rest of the text.
    #[inline(never)]
    fn by_crib(
        &mut self,
        order: &Order,
        fourth: Option<Place>,
        scrambler: &Scrambler,
        menus: &[Menu],
        known: &[u8; 26],
    ) {
        let mut few = Few::new(self.kept(CHECKED_STOPS));
        let middles = self.space.middles(order);
        let mut stands = Vec::new();
        let mut stops: Vec<[u8; 26]> = Vec::new();
        for at_right in 0..self.space.right.len() {
            for &middle in &middles {
                let right = self.space.right[at_right];
                scrambler.stands(right, middle, self.cipher.len(), &mut stands);
                for at_left in 0..self.space.left.len() {
                    if self.is_over() {
                        return;
                    }
                    let left = self.space.left[at_left];
                    let offsets = (left.offset(), middle.offset());
                    for menu in menus {
                        stops.clear();
                        menu.stops(scrambler, &stands, offsets, known, |plugs| stops.push(plugs));
                        self.tried += 26;
                        for plugs in &stops {
                            let worth = self.read(scrambler, &stands, offsets, plugs);
                            let setting = Setting {
                                order: *order,
                                fourth,
                                left,
                                middle,
                                right,
                            };
                            if few.take(worth, || (setting, *plugs)) && worth > 0.0 {
                                self.check(scrambler, setting, plugs);
                            }
                        }
                    }
                }
            }
        }
        for (_, (setting, plugs)) in few.kept {
            if self.is_over() {
                return;
            }
            self.check(scrambler, setting, &plugs);
        }
    }

    /// How much likelier than chance the letters are that a partly known plugboard reads.
    #[inline(never)]
    fn read(
        &self,
        scrambler: &Scrambler,
        stands: &[super::scrambler::Stand],
        (left, middle): (u8, u8),
        plugs: &[u8; 26],
    ) -> f64 {
        let chance = 26f32.ln();
        let mut sum = 0.0;
        for (&letter, &stand) in self.cipher.iter().zip(stands) {
            let plug = plugs[usize::from(letter)];
            if plug == UNKNOWN {
                continue;
            }
            let out = plugs[usize::from(scrambler.pass(stand, scrambler.core_at(stand, left, middle), plug))];
            if out != UNKNOWN {
                sum += self.logs[usize::from(out)] + chance;
            }
        }
        f64::from(sum)
    }

    /// Completes a stop's plugboard by statistics and judges it.
    #[inline(never)]
    fn check(&mut self, scrambler: &Scrambler, setting: Setting, plugs: &[u8; 26]) {
        let mut plugboard = Plugboard::EMPTY;
        let mut fixed = [false; 26];
        for (letter, &plug) in plugs.iter().enumerate() {
            if plug != UNKNOWN {
                fixed[letter] = true;
                plugboard.0[letter] = plug;
            }
        }
        if !self.space.plugboard_known {
            let (mut stands, mut permutations) = (Vec::new(), Vec::new());
            scrambler.stands(setting.right, setting.middle, self.cipher.len(), &mut stands);
            scrambler.permutations(
                &stands,
                setting.left.offset(),
                setting.middle.offset(),
                &mut permutations,
            );
            let mut tally = Tally::new();
            tally.count(self.cipher, &permutations);
            let cables = USUAL_CABLES.max(plugboard.cables());
            tally.climb(
                &mut plugboard,
                &fixed,
                cables,
                &mut Likelihood::new(&self.logs),
                &mut self.tried,
            );
        }
        self.consider(scrambler, setting, plugboard, &fixed);
    }

    /// Polishes a candidate, and keeps and tells it if it is the best.
    #[inline(never)]
    fn consider(
        &mut self,
        scrambler: &Scrambler,
        setting: Setting,
        plugboard: Plugboard,
        fixed: &[bool; 26],
    ) {
        let start = (setting, plugboard);
        let judged = self
            .judge
            .polish(scrambler, &self.space, start, fixed, &mut self.tried);
        if self.best.as_ref().is_some_and(|best| best.sum >= judged.sum) {
            return;
        }
        self.best = Some(judged);
        let key = self.key(&judged);
        let text = self.decrypt(&key);
        self.sure = self
            .judge
            .is_sure(scrambler, &self.space, &judged, self.crib.as_deref());
        if let Some(crib) = self.crib.as_deref().filter(|_| !self.sure && self.is_longer()) {
            // The letters that were searched speak for themselves, and the crib further on agrees.
            self.sure = self.judge.is_sure(scrambler, &self.space, &judged, None)
                && letters::numbers(&text)
                    .windows(crib.len())
                    .any(|window| window == crib);
        }
        self.seen(&judged, &key, &text, true);
    }

    /// A sign of life after each order.
    fn alive(&mut self, _: &Scrambler) {
        let Some(best) = self.best.filter(|_| !self.stopped) else {
            return;
        };
        let key = self.key(&best);
        let text = self.decrypt(&key);
        self.seen(&best, &key, &text, false);
    }

    fn seen(&mut self, judged: &Judged, key: &Key, text: &str, better: bool) {
        let progress = Progress {
            key,
            text,
            score: self.judge.score(judged),
            tried: self.tried,
            start: self.order,
            better,
        };
        self.stopped |= self.watch.seen(progress).is_break();
    }

    fn is_over(&mut self) -> bool {
        self.stopped = self.stopped || (!self.sure && self.watch.go_on().is_break());
        self.stopped || self.sure
    }

    fn fixed(&self, plugboard: Plugboard) -> [bool; 26] {
        std::array::from_fn(|letter| self.space.plugboard_known || usize::from(plugboard.0[letter]) != letter)
    }

    fn known_plugs(&self) -> [u8; 26] {
        let fixed = self.fixed(self.space.plugboard);
        std::array::from_fn(|letter| {
            if fixed[letter] {
                self.space.plugboard.0[letter]
            } else {
                UNKNOWN
            }
        })
    }

    fn menus(&self, crib: &[u8]) -> Result<Vec<Menu>, AttackError> {
        let fail = |reason: String| Err(AttackError::CribDoesNotFit { reason });
        if crib.len() < SHORTEST_CRIB {
            return fail(format!(
                "it has {} letters; below {SHORTEST_CRIB} every setting agrees with it, and 10 or more are needed to tell",
                crib.len()
            ));
        }
        if crib.len() > self.letters {
            return fail(format!(
                "it has {} letters and the text {}",
                crib.len(),
                self.letters
            ));
        }
        let menus = match crib.len() <= self.cipher.len() {
            true => Menu::all(self.cipher, crib),
            false => Vec::new(),
        };
        if !menus.is_empty() || self.is_longer() {
            return Ok(menus);
        }
        let places = self.cipher.len() - crib.len() + 1;
        let nearest = (0..places)
            .min_by_key(|&place| clashes(self.cipher, crib, place))
            .unwrap_or(0);
        fail(format!(
            "an Enigma never makes a letter of itself, and at each of the {places} places at least one letter of it meets \
             itself; the nearest begins at letter {} with {} such letters",
            nearest + 1,
            clashes(self.cipher, crib, nearest)
        ))
    }

    fn key(&self, judged: &Judged) -> Key {
        judged.setting.key(self.space.model, judged.plugboard)
    }

    fn decrypt(&self, key: &Key) -> String {
        ciphers::find("enigma")
            .and_then(|spec| spec.build(key).ok())
            .and_then(|cipher| cipher.decrypt(self.problem.text).ok())
            .unwrap_or_default()
    }

    fn conclude(mut self) -> Finding {
        let (order, fourth) = self.space.orders[0];
        let judged = self.best.unwrap_or(Judged {
            setting: self.first(order, fourth),
            plugboard: self.space.plugboard,
            sum: 0,
        });
        let scrambler = Scrambler::new(&judged.setting.order);
        let key = self.key(&judged);
        let score = self.gram.score(self.judge.text(&scrambler, &judged));
        Finding {
            text: self.decrypt(&key),
            score,
            confident: self.sure,
            why: self.why(),
            tried: self.tried,
            certainty: Vec::new(),
            others: self.twin(&judged, score),
            key,
        }
    }

    /// The same machine with the left ring moved: no text can tell them apart.
    fn twin(&self, judged: &Judged, score: f64) -> Vec<Candidate> {
        if !self.sure || self.problem.known.value("rings").is_some() {
            return Vec::new();
        }
        let mut setting = judged.setting;
        setting.left.ring = super::scrambler::add(setting.left.ring, 1);
        setting.left.window = super::scrambler::add(setting.left.window, 1);
        let key = setting.key(self.space.model, judged.plugboard);
        vec![Candidate {
            text: self.decrypt(&key),
            score,
            note: "the same machine: the left ring and its window moved together".to_owned(),
            key,
        }]
    }

    fn why(&self) -> String {
        let mut why = String::new();
        if self.sure {
            why += "The text is far likelier than the best of all settings would be by chance.";
            if self.problem.known.value("rings").is_none() {
                why += " The left ring can't be found, since nothing but its sum with the window shows in a text; the middle \
                        ring only where the middle rotor carried the left one along.";
            }
            return why;
        }
        if self.stopped {
            why += "The search was stopped";
            why += &format!(" at rotor order {} of {}. ", self.order, self.space.orders.len());
        } else {
            why += "All settings that agree with what is known were tried. ";
        }
        let letters = self.cipher.len();
        let distance = (self.space.surprise(USUAL_CABLES) / 2.2).ceil() as usize;
        if self.crib.is_some() && self.is_longer() {
            why += "None makes sense of the text and shows the crib.";
        } else if self.crib.is_some() {
            why += "None that agrees with the crib makes sense of the rest: it may not stand there, or the rotors turned over \
                    within it in another way.";
        } else if letters < 3 * distance {
            why += &format!(
                "Not enough text to be sure: {letters} letters, where below {distance} (the unicity distance) several settings \
                 make sense, and some {} are needed by this method without a crib.",
                if self.space.plugboard_known {
                    2 * distance
                } else {
                    200.max(3 * distance)
                }
            );
        } else {
            why += &format!("None makes a text in {} of this.", self.problem.language.name);
        }
        why
    }
}
