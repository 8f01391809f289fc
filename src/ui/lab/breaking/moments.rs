//! Which attack and which moment of it are on the screen: the newest, one that was picked, or a replay's.

use std::time::Duration;

use egui::Ui;

use crate::lab::attack_job::{Attack, AttackId, Phase};

/// What watching remembers between frames.
pub(super) struct WatchView {
    /// The attack that was shown last, to notice another one.
    of: Option<AttackId>,
    /// The moment that is shown, while a search is replayed or scrubbed; `None` for the newest.
    pub at: Option<f32>,
    pub playing: bool,
    /// Whether the end of a quick search is still to be shown slowly.
    unseen: bool,
    /// The place among the other candidates that is shown in place of the best.
    pub other: Option<usize>,
    pub spaced: bool,
}

impl Default for WatchView {
    fn default() -> Self {
        Self {
            of: None,
            at: None,
            playing: false,
            unseen: false,
            other: None,
            spaced: true,
        }
    }
}

impl WatchView {
    /// The attack that was just started is to be watched from its beginning.
    pub fn follow_newest(&mut self) {
        *self = Self {
            spaced: self.spaced,
            ..Self::default()
        };
    }

    /// Takes note of which attack is shown, and plays a search that was over too soon to be seen.
    pub fn follow(&mut self, ui: &Ui, attack: &Attack) {
        if self.of != Some(attack.id) {
            let was_over = attack.phase == Phase::Ended && self.of.is_some();
            *self = Self {
                of: Some(attack.id),
                unseen: !was_over,
                spaced: self.spaced,
                ..Self::default()
            };
        }
        if attack.phase == Phase::Ended && self.unseen {
            self.unseen = false;
            if attack.elapsed < SLOW_ENOUGH && attack.moments.len() > 2 {
                self.at = Some(0.0);
                self.playing = true;
            }
        }
        let last = attack.moments.len().saturating_sub(1) as f32;
        if let Some(at) = self.at.filter(|_| self.playing) {
            let passed = ui.input(|input| input.stable_dt).min(0.1);
            let at = at + passed * (last / REPLAY_SECS).max(4.0);
            if at >= last {
                self.playing = false;
                self.at = None;
            } else {
                self.at = Some(at);
                ui.ctx().request_repaint();
            }
        }
        if attack.phase == Phase::Running {
            // The clock runs even where nothing improves.
            ui.ctx().request_repaint_after(Duration::from_millis(60));
        }
    }

    /// The moment that is shown.
    pub fn moment(&self, attack: &Attack) -> usize {
        let last = attack.moments.len().saturating_sub(1);
        self.at.map_or(last, |at| (at as usize).min(last))
    }
}

/// A search that took less is replayed slowly when it is over: nobody has seen it.
const SLOW_ENOUGH: Duration = Duration::from_millis(1_500);
/// How long a replay takes.
const REPLAY_SECS: f32 = 3.0;
