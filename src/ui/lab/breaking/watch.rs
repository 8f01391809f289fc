//! One attack being watched: the plaintext emerges, the score climbs; paused, cancelled, and afterwards replayed.

use std::time::Duration;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Frame, Layout, Margin, ScrollArea, Sense, Slider, Stroke, Ui, vec2};

use super::plot::plot_ui;
use super::{BreakView, outcome};
use crate::analysis::keyspace::grouped;
use crate::ciphers::find;
use crate::lab::Lab;
use crate::lab::attack_job::{Attack, AttackId, Phase, Stopped};
use crate::lab::breaking::Choice;
use crate::lab::trial::in_short;
use crate::ui::lab::LabCommand;
use crate::ui::lab::acts::Act;
use crate::ui::theme::{Palette, Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, Drawing, IconButton, Pill, empty_ui};

/// What watching remembers between frames.
pub(super) struct WatchView {
    /// The attack that was shown last, to notice another one.
    of: Option<AttackId>,
    /// The moment that is shown, while a search is replayed or scrubbed; `None` for the newest.
    at: Option<f32>,
    playing: bool,
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
    fn follow(&mut self, ui: &Ui, attack: &Attack) {
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
    fn moment(&self, attack: &Attack) -> usize {
        let last = attack.moments.len().saturating_sub(1);
        self.at.map_or(last, |at| (at as usize).min(last))
    }
}

impl BreakView {
    /// The attacks on this page, and the one that is chosen.
    pub(super) fn attacks_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        if let Choice::Cipher(id @ ("one-time-pad" | "aes-256-gcm")) = lab.breaking.choice {
            outcome::honest_ui(ui, id, &mut self.part);
        }
        let shown = lab.breaking.shown.and_then(|id| lab.attacks.attack(id));
        let Some(shown) = shown.map(|attack| attack.id) else {
            ui.add_space(16.0);
            let sentence =
                "Paste a ciphertext, or take one from a card on the bench. Then watch the plaintext come up.";
            empty_ui(ui, Drawing::Search, "Nothing under attack", sentence, |_| ());
            return;
        };
        if lab.breaking.set_on().len() > 1 {
            chips_ui(ui, lab);
        }
        self.attack_ui(ui, lab, shown, acts, commands);
    }

    fn attack_ui(
        &mut self,
        ui: &mut Ui,
        lab: &mut Lab,
        id: AttackId,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        let mut again = None;
        let mut remove = false;
        if let Some(attack) = lab.attacks.attack(id) {
            self.watch.follow(ui, attack);
            let p = palette(ui);
            Frame::new()
                .fill(p.surface_2)
                .stroke(Stroke::new(1.0, edge(attack, p)))
                .corner_radius(style::RADIUS_LARGE)
                .inner_margin(Margin::symmetric(14, 12))
                .show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 10.0;
                    let pressed = head_ui(ui, lab, attack);
                    again = pressed.again.then(|| attack.task.clone());
                    remove = pressed.remove;
                    let wide = ui.available_width() > 720.0;
                    let side = if wide { 300.0 } else { ui.available_width() };
                    let left = if wide {
                        ui.available_width() - side - 16.0
                    } else {
                        side
                    };
                    let height = if crate::ui::lab::is_tall(ui) { 330.0 } else { 236.0 };
                    let layout = match wide {
                        true => Layout::left_to_right(Align::Min),
                        false => Layout::top_down(Align::Min),
                    };
                    ui.with_layout(layout, |ui| {
                        ui.spacing_mut().item_spacing.x = 16.0;
                        ui.allocate_ui_with_layout(vec2(left, height), Layout::top_down(Align::Min), |ui| {
                            ui.set_width(left);
                            self.emerging_ui(ui, attack, height - 8.0);
                        });
                        ui.allocate_ui_with_layout(vec2(side, height), Layout::top_down(Align::Min), |ui| {
                            ui.set_width(side);
                            self.course_ui(ui, attack, if wide { height - 112.0 } else { 120.0 });
                        });
                    });
                    self.outcome_ui(ui, attack, acts, commands);
                });
        }
        let Lab {
            breaking, attacks, ..
        } = lab;
        if let Some(task) = again {
            breaking.again(attacks, task);
            self.watch.follow_newest();
        }
        if remove {
            breaking.remove(attacks, id);
        }
    }

    /// The text that the shown key gives.
    fn emerging_ui(&mut self, ui: &mut Ui, attack: &Attack, height: f32) {
        let p = palette(ui);
        let at = self.watch.moment(attack);
        let finding = attack.finding();
        let replayed = self.watch.at.is_some();
        let (caption, whole) = match (finding, replayed) {
            (Some(finding), false) => match self.watch.other.and_then(|place| finding.others.get(place)) {
                Some(other) => ("Another candidate", other.text.as_str()),
                None => ("Plaintext", finding.text.as_str()),
            },
            _ => (
                "Best so far",
                attack.moments.get(at).map_or("", |moment| &moment.text),
            ),
        };
        ui.horizontal(|ui| {
            ui.label(text::caption(ui, caption));
            if replayed {
                let said = format!("improvement {} of {}", at + 1, attack.moments.len());
                ui.label(text::small(ui, said));
            } else if finding.is_some_and(|finding| !finding.certainty.is_empty())
                && self.watch.other.is_none()
            {
                ui.label(text::small(
                    ui,
                    "shaded: letters on which the starts did not agree",
                ));
            }
        });
        let certainty = match (finding, replayed, self.watch.other) {
            (Some(finding), false, None) => finding.certainty.as_slice(),
            _ => &[],
        };
        let last = match (replayed, finding) {
            (true, Some(finding)) => Some(finding.text.as_str()),
            _ => None,
        };
        let spaced = match (finding, replayed, self.watch.spaced) {
            (Some(_), false, true) => outcome::spaced(attack, whole),
            _ => None,
        };
        let shown: String = spaced
            .as_deref()
            .unwrap_or(whole)
            .chars()
            .take(MOST_SHOWN)
            .collect();
        Frame::new()
            .fill(p.surface_0)
            .corner_radius(style::RADIUS)
            .inner_margin(Margin::symmetric(12, 10))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ScrollArea::vertical()
                    .id_salt("emerging")
                    .max_height(height - 46.0)
                    .min_scrolled_height(height - 46.0)
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        if shown.is_empty() {
                            let said = match attack.phase {
                                Phase::Waiting => "Waiting for its turn.",
                                Phase::Ended => "Nothing to show.",
                                Phase::Running | Phase::Paused => "Looking for the first key.",
                            };
                            ui.label(text::weak(ui, said));
                            return;
                        }
                        let job = coloured(&shown, certainty, last, ui.available_width(), p);
                        let galley = ui.painter().layout_job(job);
                        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
                        response.widget_info(|| {
                            egui::WidgetInfo::labeled(
                                egui::Role::MultilineTextInput,
                                true,
                                "Plaintext so far",
                            )
                        });
                        ui.ctx().accesskit_node_builder(response.id, |node| {
                            node.set_read_only();
                            node.set_value(shown.as_str());
                        });
                        ui.painter().galley(rect.min, galley, p.text_strong);
                    });
            });
    }

    /// The chart, the numbers, and the way through the moments.
    fn course_ui(&mut self, ui: &mut Ui, attack: &Attack, height: f32) {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.horizontal(|ui| {
            number_ui(ui, "time", &in_short(attack.elapsed));
            number_ui(ui, "keys tried", &grouped(attack.tried));
            number_ui(ui, "keys a second", &rounded(attack.keys_per_second()));
        });
        let at = self.watch.moment(attack);
        let size = vec2(ui.available_width(), height.max(80.0));
        let (_, picked) = plot_ui(ui, size, &attack.moments, at, attack.elapsed);
        if let Some(picked) = picked {
            self.watch.at = Some(picked as f32);
            self.watch.playing = false;
        }
        let last = attack.moments.len().saturating_sub(1);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let (icon, name) = match self.watch.playing {
                true => (icons::PAUSE, "Hold the replay"),
                false => (icons::PLAY, "Replay the search"),
            };
            let replay = IconButton::new(icon, name).small();
            if ui.add_enabled(last > 0, replay).clicked() {
                self.watch.playing = !self.watch.playing;
                if self.watch.playing && self.watch.at.is_none() {
                    self.watch.at = Some(0.0);
                }
            }
            let mut place = at;
            ui.spacing_mut().slider_width = (ui.available_width() - 40.0).max(60.0);
            let slider = ui
                .add_enabled(
                    last > 0,
                    Slider::new(&mut place, 0..=last.max(1)).show_value(false),
                )
                .accessible_name("Improvement");
            if slider.changed() {
                self.watch.playing = false;
                self.watch.at = (place < last).then_some(place as f32);
            }
            let newest = IconButton::new(icons::SKIP_FORWARD, "To the end of the search").small();
            if ui.add_enabled(self.watch.at.is_some(), newest).clicked() {
                self.watch.at = None;
                self.watch.playing = false;
            }
        });
    }
}

/// What was pressed above an attack.
#[derive(Default)]
struct Pressed {
    again: bool,
    remove: bool,
}

fn head_ui(ui: &mut Ui, lab: &Lab, attack: &Attack) -> Pressed {
    let mut pressed = Pressed::default();
    let name = find(attack.task.spec.cipher).map_or(attack.task.spec.cipher, |cipher| cipher.name);
    ui.horizontal(|ui| {
        ui.label(text::subheading(ui, name));
        let (said, tone, icon) = state_of(attack);
        ui.add(Pill::new(&said, tone).icon(icon));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 6.0;
            let id = attack.id;
            match attack.phase {
                Phase::Ended => {
                    let close = IconButton::new(icons::X, "Close this attack").small();
                    pressed.remove = ui.add(close).clicked();
                    let again = Button::secondary("Run again")
                        .icon(icons::ARROWS_CLOCKWISE)
                        .small();
                    let told = format!("The same seed ({}) gives the same search", attack.task.seed);
                    pressed.again = ui.add(again).on_hover_text(told).clicked();
                }
                phase => {
                    if ui
                        .add(Button::secondary("Cancel").icon(icons::STOP).small())
                        .clicked()
                    {
                        lab.attacks.cancel(id);
                    }
                    let paused = phase == Phase::Paused;
                    let (label, icon) = match paused {
                        true => ("Go on", icons::PLAY),
                        false => ("Pause", icons::PAUSE),
                    };
                    if ui.add(Button::secondary(label).icon(icon).small()).clicked() {
                        match paused {
                            true => lab.attacks.resume(id),
                            false => lab.attacks.pause(id),
                        }
                    }
                }
            }
        });
    });
    pressed
}

fn was_cancelled(attack: &Attack) -> bool {
    let stopped = attack.ending.as_ref().and_then(|ending| ending.stopped);
    stopped == Some(Stopped::ByUser)
}

/// How far an attack is, in a word or two.
fn state_of(attack: &Attack) -> (String, Tone, &'static str) {
    match (attack.phase, attack.ending.as_ref().map(|ending| &ending.outcome)) {
        (Phase::Waiting, _) => (
            "waiting for its turn".to_owned(),
            Tone::Neutral,
            icons::HOURGLASS_MEDIUM,
        ),
        (Phase::Paused, _) => ("paused".to_owned(), Tone::Neutral, icons::PAUSE),
        (Phase::Ended, Some(Ok(finding))) if finding.confident => (
            format!("broken in {}", in_short(attack.elapsed)),
            Tone::Danger,
            icons::LOCK_OPEN,
        ),
        (Phase::Ended, Some(Ok(_))) if was_cancelled(attack) => {
            ("cancelled".to_owned(), Tone::Neutral, icons::X)
        }
        (Phase::Ended, Some(Ok(_))) => ("not sure".to_owned(), Tone::Warning, icons::QUESTION),
        (Phase::Ended, Some(Err(_))) => ("could not begin".to_owned(), Tone::Neutral, icons::INFO),
        (Phase::Running | Phase::Ended, _) => ("at work".to_owned(), Tone::Info, icons::CPU),
    }
}

fn edge(attack: &Attack, p: &Palette) -> egui::Color32 {
    match attack.finding() {
        Some(finding) if finding.confident => p.danger.gamma_multiply(0.5),
        _ => p.border,
    }
}

/// All attacks on this page, to choose among.
fn chips_ui(ui: &mut Ui, lab: &mut Lab) {
    let ids = lab.breaking.set_on().to_vec();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        for id in ids {
            let Some(attack) = lab.attacks.attack(id) else {
                continue;
            };
            let name = find(attack.task.spec.cipher).map_or("", |cipher| cipher.name);
            let (said, tone, icon) = state_of(attack);
            let label = format!("{name}: {said}");
            let mut button = match lab.breaking.shown == Some(id) {
                true => Button::secondary(&label),
                false => Button::ghost(&label),
            }
            .icon(icon)
            .small();
            if tone == Tone::Danger {
                button = button.tone(tone);
            }
            if ui.add(button).clicked() {
                lab.breaking.shown = Some(id);
            }
        }
    });
    let busy = lab
        .breaking
        .set_on()
        .iter()
        .filter_map(|id| lab.attacks.attack(*id))
        .filter(|attack| attack.phase != Phase::Ended)
        .count();
    if busy > 1 {
        let said = format!("{busy} attacks at once");
        let banner = Banner::new(Tone::Info, &said)
            .icon(icons::CPU)
            .action("Cancel all")
            .show(ui);
        if banner.action {
            lab.breaking
                .set_on()
                .iter()
                .for_each(|id| lab.attacks.cancel(*id));
        }
    }
}

/// A number over its name.
pub(super) fn number_ui(ui: &mut Ui, name: &str, value: &str) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.set_width(92.0);
        ui.label(text::strong(ui, value));
        ui.label(text::small(ui, name));
    });
}

/// A rate with three digits that count: "812", "45,100", "1.2 million".
fn rounded(rate: f64) -> String {
    match rate {
        ..1e3 => format!("{rate:.0}"),
        ..1e6 => grouped((rate / 100.0).round() as u64 * 100),
        _ => format!("{:.1} million", rate / 1e6),
    }
}

/// The text with its certainty as shading, or with what already stands as it will at the end in a stronger colour.
fn coloured(text: &str, certainty: &[f32], last: Option<&str>, width: f32, p: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    job.wrap.break_anywhere = !text.chars().take(80).any(char::is_whitespace);
    let mut sure = certainty.iter();
    let mut end = last.map(str::chars);
    let (mut run, mut run_format) = (String::new(), None::<TextFormat>);
    for c in text.chars() {
        let settled = match &mut end {
            Some(end) => end.next().is_none_or(|last| last == c),
            None => true,
        };
        let mut format = TextFormat::simple(
            fonts::mono(15.0),
            if settled {
                p.text_strong
            } else {
                p.text_weak.gamma_multiply(0.75)
            },
        );
        format.line_height = Some(23.0);
        if c.is_alphanumeric() && !certainty.is_empty() {
            let doubt = 1.0 - sure.next().copied().unwrap_or(1.0).clamp(0.0, 1.0);
            if doubt > 0.02 {
                format.background = p.warning.gamma_multiply(0.15 + 0.5 * doubt);
            }
        }
        if run_format.as_ref() != Some(&format) {
            if let Some(before) = run_format.replace(format) {
                job.append(&run, 0.0, before);
            }
            run.clear();
        }
        run.push(if c != '\n' && crate::session::clean::is_hidden(c) {
            '¤'
        } else {
            c
        });
    }
    if let Some(format) = run_format {
        job.append(&run, 0.0, format);
    }
    job
}

/// A search that took less is replayed slowly when it is over: nobody has seen it.
const SLOW_ENOUGH: Duration = Duration::from_millis(1_500);
/// How long a replay takes.
const REPLAY_SECS: f32 = 3.0;
/// The most characters of a text that are shown.
const MOST_SHOWN: usize = 2_000;
