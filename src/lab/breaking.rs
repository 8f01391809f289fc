//! The page "Break it": a ciphertext, what is known of it, and the attacks that were set on it.

use super::attack_job::{AttackId, Attacks, Task};
use crate::analysis::attack::{AttackSpec, Lock};
use crate::analysis::attacks;
use crate::analysis::language::Language;
use crate::ciphers::Key;

use std::time::Duration;

/// Which attack is to be set on the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Find out which cipher it is, and attack the likeliest.
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

    /// Sets the attack, or the likeliest ones, on the text. Says which began; none where there is no text or no
    /// attack, or where too many wait already.
    pub fn start(&mut self, all: &mut Attacks) -> Vec<AttackId> {
        if self.text.trim().is_empty() {
            return Vec::new();
        }
        let begun: Vec<AttackId> = self
            .specs()
            .into_iter()
            .filter_map(|spec| all.start(self.task(spec)))
            .collect();
        self.set_on.extend(&begun);
        self.shown = begun.first().copied().or(self.shown);
        begun
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
        let begun = all.start(task)?;
        self.set_on.push(begun);
        self.shown = Some(begun);
        Some(begun)
    }

    /// The same task again: the same seed, the same run.
    pub fn again(&mut self, all: &mut Attacks, task: Task) -> Option<AttackId> {
        let begun = all.start(task)?;
        self.set_on.push(begun);
        self.shown = Some(begun);
        Some(begun)
    }

    /// The attacks that were set on texts here and are remembered, oldest first.
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

    /// Forgets attacks that the pool has forgotten.
    pub(super) fn forget_gone(&mut self, all: &Attacks) {
        self.set_on.retain(|id| all.attack(*id).is_some());
        if self.shown.is_some_and(|id| all.attack(id).is_none()) {
            self.shown = self.set_on.last().copied();
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

    /// The attacks to set on the text.
    fn specs(&self) -> Vec<&'static AttackSpec> {
        match self.choice {
            Choice::Cipher(id) => attacks::find(id).into_iter().collect(),
            Choice::FindOut => super::guess::likeliest(&self.text, MOST_AT_ONCE),
        }
    }
}

/// The longest ciphertext that is attacked, in bytes.
pub const MOST_BYTES: usize = 40_000;
/// Attacks that are set on a text of which the cipher is not known.
const MOST_AT_ONCE: usize = 4;
