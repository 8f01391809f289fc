//! The page "Break it": a ciphertext, what is known of it, and the attacks that were set on it.

use std::sync::Arc;
use std::time::Duration;

use super::attack_job::{AttackId, Attacks, Task};
use super::plan::{Plan, Stand};
use crate::analysis::attack::{AttackSpec, Lock, Problem};
use crate::analysis::language::Language;
use crate::analysis::{attacks, auto};
use crate::ciphers::Key;

/// Which attack is to be set on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Find out which cipher it is: the attacks of [`auto::plan`] in turn, until one is sure.
    #[default]
    FindOut,
    /// This cipher.
    Cipher(&'static str),
}

/// A ciphertext and what is known of it.
#[derive(Clone, Debug)]
pub struct Breaking {
    /// The ciphertext as it was pasted.
    pub text: String,
    /// Which cipher it is taken for.
    pub choice: Choice,
    /// The place of the language in [`languages`](super::languages).
    pub language: usize,
    /// A word that is known to stand in the plaintext; may be empty.
    pub crib: String,
    /// Values of parameters that are known.
    pub known: Key,
    /// Letters that are known.
    pub locks: Vec<Lock>,
    /// Where randomness begins.
    pub seed: u64,
    /// The longest working time, in seconds.
    pub longest_secs: u32,
    /// The attack that is shown.
    pub shown: Option<AttackId>,
    set_on: Vec<AttackId>,
    /// Those on other texts that stood here before: they come back with their text.
    put_by: Vec<AttackId>,
    /// The text that these two lists were parted for.
    parted_for: String,
    /// The search for the cipher, while it goes on.
    plan: Option<Plan>,
    /// Whether that search has just ended well, and nobody was told yet.
    is_found: bool,
}

impl Default for Breaking {
    fn default() -> Self {
        Self {
            text: String::new(),
            choice: Choice::FindOut,
            language: 0,
            crib: String::new(),
            known: Key::new(),
            locks: Vec::new(),
            seed: 1,
            longest_secs: 60,
            shown: None,
            set_on: Vec::new(),
            put_by: Vec::new(),
            parted_for: String::new(),
            plan: None,
            is_found: false,
        }
    }
}

impl Breaking {
    /// Puts another ciphertext there, with nothing known of it.
    pub fn set(&mut self, text: &str, choice: Choice) {
        let end = text.floor_char_boundary(MOST_BYTES);
        *self = Self {
            text: text[..end].to_owned(),
            choice,
            language: self.language,
            seed: self.seed,
            longest_secs: self.longest_secs,
            set_on: std::mem::take(&mut self.set_on),
            put_by: std::mem::take(&mut self.put_by),
            parted_for: std::mem::take(&mut self.parted_for),
            ..Self::default()
        };
    }

    /// The attack on the cipher that was chosen, if there is one.
    pub fn spec(&self) -> Option<&'static AttackSpec> {
        match self.choice {
            Choice::FindOut => None,
            Choice::Cipher(id) => attacks::find(id),
        }
    }

    /// The language that the plaintext is expected to be in.
    pub fn expected(&self) -> &'static Language {
        super::languages()[self.language.min(super::languages().len() - 1)]
    }

    /// Sets the attack on the text, or the first ones of the plan, whose others follow when the lab is refreshed. Says
    /// which began; none where there is no text or no attack, or where too many wait already.
    pub fn start(&mut self, all: &mut Attacks) -> Vec<AttackId> {
        if self.text.trim().is_empty() {
            return Vec::new();
        }
        self.end_plan(all);
        match self.choice {
            Choice::Cipher(id) => {
                let begun = attacks::find(id).and_then(|spec| self.begin(all, self.task(spec)));
                self.shown = begun.or(self.shown);
                begun.into_iter().collect()
            }
            Choice::FindOut => {
                let crib = self.crib.trim();
                let problem = Problem {
                    crib: (!crib.is_empty()).then_some(crib),
                    locks: &self.locks,
                    ..Problem::new(&self.text, self.expected())
                };
                let longest = Duration::from_secs(self.longest_secs.into());
                self.plan = Some(Plan::new(auto::plan(&problem), longest));
                let before = self.shown.take();
                let begun = self.go_on(all);
                self.shown = self.shown.or(before);
                begun
            }
        }
    }

    /// How many attacks of the search for the cipher are still to come; `None` where no such search goes on.
    pub fn to_come(&self) -> Option<usize> {
        self.plan.as_ref().map(Plan::to_come)
    }

    /// Whether the search for the cipher has just found it; says so once.
    pub fn take_found(&mut self) -> bool {
        std::mem::take(&mut self.is_found)
    }

    /// Ends all attacks on the text, and the search for the cipher.
    pub fn cancel_all(&mut self, all: &Attacks) {
        self.plan = None;
        self.set_on.iter().for_each(|id| all.cancel(*id));
    }

    /// Sets one attack on the text with locked letters, as from a board.
    pub fn start_with(
        &mut self,
        all: &mut Attacks,
        spec: &'static AttackSpec,
        locks: Vec<Lock>,
        known: Key,
    ) -> Option<AttackId> {
        let task = Task {
            locks,
            known,
            ..self.task(spec)
        };
        self.end_plan(all);
        let begun = self.begin(all, task)?;
        self.shown = Some(begun);
        Some(begun)
    }

    /// The same task again: the same seed, the same run.
    pub fn again(&mut self, all: &mut Attacks, task: Task) -> Option<AttackId> {
        self.end_plan(all);
        let begun = all.start(task)?;
        self.set_on.push(begun);
        self.shown = Some(begun);
        Some(begun)
    }

    /// The attacks that were set on this text and are remembered, oldest first.
    pub fn set_on(&self) -> &[AttackId] {
        &self.set_on
    }

    /// Ends an attack and forgets it.
    pub fn remove(&mut self, all: &mut Attacks, id: AttackId) {
        all.remove(id);
        self.set_on.retain(|other| *other != id);
        if self.shown == Some(id) {
            self.shown = self.set_on.last().copied();
        }
    }

    /// Forgets attacks that the pool has forgotten, puts by those on another text, and lets the search for the cipher go
    /// on.
    pub(super) fn refresh(&mut self, all: &mut Attacks) {
        self.set_on.retain(|id| all.attack(*id).is_some());
        self.put_by.retain(|id| all.attack(*id).is_some());
        if self.parted_for != self.text {
            self.part(all);
        }
        if self.shown.is_some_and(|id| !self.set_on.contains(&id)) {
            self.shown = self.set_on.last().copied();
        }
        self.go_on(all);
    }

    /// Parts the attacks on the text that stands here from those on others. Those end: nobody watches them.
    fn part(&mut self, all: &Attacks) {
        self.parted_for.clone_from(&self.text);
        let mut known = std::mem::take(&mut self.put_by);
        known.append(&mut self.set_on);
        known.sort_unstable();
        let is_on_this = |id: &AttackId| {
            all.attack(*id)
                .is_some_and(|attack| *attack.task.text == *self.text)
        };
        (self.set_on, self.put_by) = known.into_iter().partition(is_on_this);
        self.put_by.iter().for_each(|id| all.cancel(*id));
        if self.plan.as_ref().is_some_and(|plan| !plan.is_of(&self.set_on)) {
            self.plan = None;
        }
        self.shown = self.shown.or(self.set_on.last().copied());
    }

    /// Begins an attack, in place of the same cipher's earlier one on this text: one result of each is enough.
    fn begin(&mut self, all: &mut Attacks, task: Task) -> Option<AttackId> {
        let (cipher, text) = (task.spec.cipher, Arc::clone(&task.text));
        let begun = all.start(task)?;
        let is_earlier = |id: &AttackId| {
            let earlier = all.attack(*id).map(|attack| &attack.task);
            earlier.is_some_and(|task| task.spec.cipher == cipher && task.text == text)
        };
        let earlier: Vec<AttackId> = self.set_on.iter().copied().filter(is_earlier).collect();
        earlier.into_iter().for_each(|id| self.remove(all, id));
        self.set_on.push(begun);
        Some(begun)
    }

    /// Gives the next attacks of the plan their turns, or ends it where there is an answer. What it begins is shown, as
    /// long as the user has not picked another one.
    fn go_on(&mut self, all: &mut Attacks) -> Vec<AttackId> {
        let mut begun = Vec::new();
        let Some(mut plan) = self.plan.take() else {
            return begun;
        };
        let follows = self.shown.is_none_or(|shown| plan.followed == Some(shown));
        match plan.look(all) {
            Stand::Found(id) => {
                plan.end(all);
                self.shown = Some(id);
                self.is_found = true;
                return begun;
            }
            Stand::Over(best) => {
                if follows {
                    self.shown = best.or(self.shown);
                }
                return begun;
            }
            Stand::GoingOn => {}
        }
        while let Some((spec, longest)) = plan.next_turn() {
            let task = Task {
                longest,
                ..self.task(spec)
            };
            let Some(id) = self.begin(all, task) else {
                break;
            };
            plan.begun(id, longest);
            begun.push(id);
        }
        if follows && let Some(&first) = begun.first() {
            self.shown = Some(first);
            plan.followed = Some(first);
        }
        self.plan = plan.is_at_work().then_some(plan);
        begun
    }

    /// Ends the search for the cipher: what the user starts now is to be shown.
    fn end_plan(&mut self, all: &Attacks) {
        if let Some(plan) = self.plan.take() {
            plan.end(all);
        }
    }

    fn task(&self, spec: &'static AttackSpec) -> Task {
        let crib = self.crib.trim();
        // What is known of another cipher says nothing here.
        let known = self
            .known
            .iter()
            .filter(|(name, value)| spec.known.contains(name) && !value.trim().is_empty());
        Task {
            spec,
            text: self.text.as_str().into(),
            language: self.expected(),
            crib: (spec.help.crib && !crib.is_empty()).then(|| crib.to_owned()),
            locks: if spec.help.locks {
                self.locks.clone()
            } else {
                Vec::new()
            },
            known: known.collect(),
            seed: self.seed,
            longest: Duration::from_secs(self.longest_secs.into()),
        }
    }
}

/// The longest ciphertext that is attacked, in bytes.
pub const MOST_BYTES: usize = 40_000;

#[cfg(test)]
mod tests;
