//! How much text it takes: a slider for the length, the share of texts that an attack solves, the unicity distance.

use std::time::Duration;

use egui::{Align2, Rect, Response, Role, Sense, Slider, Stroke, Ui, Vec2, WidgetInfo, pos2, vec2};
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::start::cipher_ui;
use crate::analysis::attack::AttackSpec;
use crate::analysis::attacks;
use crate::analysis::unicity;
use crate::ciphers::find;
use crate::lab::Lab;
use crate::lab::breaking::Choice;
use crate::lab::random_key::random_key;
use crate::lab::rate::{Point, piece};
use crate::lab::trial::in_short;
use crate::ui::theme::{fonts, icons, palette, text};
use crate::ui::widgets::{Button, Card, segmented_ui};

/// What the part remembers between frames.
pub(super) struct LengthView {
    choice: Choice,
    length: usize,
    trials: usize,
    seed: u64,
}

impl Default for LengthView {
    fn default() -> Self {
        Self {
            choice: Choice::Cipher("substitution"),
            length: 60,
            trials: 4,
            seed: 1,
        }
    }
}

impl LengthView {
    pub(super) fn ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let id = match self.choice {
            Choice::Cipher(id) => id,
            Choice::FindOut => "substitution",
        };
        let Some(spec) = attacks::find(id).or_else(|| attacks::ALL.first().copied()) else {
            ui.label(text::weak(ui, "There is no attack to measure."));
            return;
        };
        let title = "How much text does it take?";
        Card::new().title(title).icon(icons::CHART_LINE_UP).full_width().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 10.0;
            let said = "Below the unicity distance several keys give readable texts, and nobody can know which is right. Above it \
                        there is one answer, and the attack still has to find it. Measured here and now, on texts and keys that \
                        were never seen before.";
            ui.add(egui::Label::new(text::weak(ui, said)).wrap());
            self.controls_ui(ui, lab, spec);
            let points: Vec<Point> = match lab.rate.cipher() == Some(spec.cipher) {
                true => lab.rate.points().to_vec(),
                false => Vec::new(),
            };
            let cipher = find(spec.cipher);
            let distance = cipher.and_then(|cipher| {
                let mut rng = StdRng::seed_from_u64(self.seed);
                unicity::of(cipher, &random_key(cipher, 100, &mut rng))
            });
            let size = vec2(ui.available_width(), 220.0);
            let (_, picked) = curve_ui(ui, size, &points, distance, self.length);
            if let Some(picked) = picked {
                self.length = picked;
            }
            ui.horizontal(|ui| {
                ui.label(text::body(ui, "Length"));
                ui.spacing_mut().slider_width = (ui.available_width() - 110.0).max(80.0);
                let range = LENGTHS[0]..=LENGTHS[LENGTHS.len() - 1];
                ui.add(Slider::new(&mut self.length, range).suffix(" letters"))
                    .accessible_name("Length of the text");
            });
            self.told_ui(ui, spec, &points, distance);
        });
        if lab.rate.left() > 0 {
            ui.ctx().request_repaint_after(Duration::from_millis(100));
        }
    }

    fn controls_ui(&mut self, ui: &mut Ui, lab: &mut Lab, spec: &'static AttackSpec) {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            cipher_ui(ui, &mut self.choice, false);
            let trials = [(4, "4 texts each"), (10, "10"), (40, "40")];
            segmented_ui(ui, "Texts of each length", &mut self.trials, &trials);
            let Lab { rate, attacks, .. } = lab;
            if rate.left() > 0 {
                if ui.add(Button::secondary("Stop").icon(icons::STOP)).clicked() {
                    rate.stop(attacks);
                }
                ui.label(text::small(ui, format!("{} to go", rate.left())));
            } else {
                if ui.add(Button::primary("Measure").icon(icons::PLAY)).clicked() {
                    self.seed += 1_000;
                    rate.begin(attacks, spec, &LENGTHS, self.trials, self.seed);
                }
                let only = format!("Only {} letters", self.length);
                if ui.add(Button::secondary(&only)).clicked() {
                    self.seed += 1_000;
                    rate.begin(attacks, spec, &[self.length], self.trials, self.seed);
                }
            }
        });
    }

    /// What the slider's length means.
    fn told_ui(&self, ui: &mut Ui, spec: &AttackSpec, points: &[Point], distance: Option<f64>) {
        let measured = points.iter().find(|point| point.length == self.length);
        let found = match measured {
            Some(point) => format!(
                "At {} letters {} of {} texts were solved, in {} each{}.",
                point.length,
                point.solved,
                point.tried,
                in_short(point.time / point.tried.max(1)),
                match point.falsely_sure {
                    0 => String::new(),
                    count => format!("; {count} wrong answers were given as sure"),
                }
            ),
            None => format!("{} letters were not measured yet.", self.length),
        };
        ui.add(egui::Label::new(text::strong(ui, found)).wrap());
        if let Some(distance) = distance {
            let said = unicity::in_words(self.length, distance);
            ui.add(egui::Label::new(text::body(ui, said)).wrap());
        }
        let mut rng = StdRng::seed_from_u64(self.seed);
        let sample = piece(self.length, &mut rng);
        let sealed = find(spec.cipher).and_then(|cipher| {
            let key = random_key(cipher, self.length, &mut rng);
            cipher.build(&key).ok()?.encrypt(&sample).ok()
        });
        if let Some(sealed) = sealed {
            ui.label(text::caption(ui, "So much text"));
            let shown: String = sealed.chars().take(1_000).collect();
            ui.add(egui::Label::new(text::mono(ui, shown)).wrap());
        }
    }
}

/// The curve of solved texts over their length. A click or drag gives the length under it.
fn curve_ui(
    ui: &mut Ui,
    size: Vec2,
    points: &[Point],
    distance: Option<f64>,
    length: usize,
) -> (Response, Option<usize>) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::CLICK | Sense::DRAG);
    response.widget_info(|| {
        let told: Vec<String> = points
            .iter()
            .map(|point| format!("{} letters {:.0} %", point.length, point.share() * 100.0))
            .collect();
        let told = match told.is_empty() {
            true => "nothing measured yet".to_owned(),
            false => told.join(", "),
        };
        WidgetInfo::labeled(Role::Image, true, format!("Solved texts by length: {told}"))
    });
    if !ui.is_rect_visible(rect) {
        return (response, None);
    }
    let painter = ui.painter().with_clip_rect(rect);
    painter.rect_filled(rect, 8, p.surface_0);
    let ground = Rect::from_min_max(rect.min + vec2(44.0, 26.0), rect.max - vec2(16.0, 24.0));
    let (first, last) = ((LENGTHS[0] as f32).ln(), (LENGTHS[LENGTHS.len() - 1] as f32).ln());
    let x = |length: f32| {
        ground.left() + ((length.max(1.0).ln() - first) / (last - first)).clamp(-0.02, 1.0) * ground.width()
    };
    let y = |share: f64| ground.bottom() - share as f32 * ground.height();
    let small = fonts::regular(11.0);
    for (share, name) in [(0.0, "0 %"), (0.5, "50 %"), (1.0, "100 %")] {
        painter.hline(ground.x_range(), y(share), Stroke::new(1.0, p.border));
        let at = pos2(ground.left() - 8.0, y(share));
        painter.text(at, Align2::RIGHT_CENTER, name, small.clone(), p.text_weak);
    }
    for length in [10, 20, 40, 80, 150, 300, 600] {
        let at = pos2(x(length as f32), ground.bottom() + 5.0);
        painter.text(at, Align2::CENTER_TOP, length, small.clone(), p.text_weak);
    }
    painter.text(
        rect.left_top() + vec2(10.0, 5.0),
        Align2::LEFT_TOP,
        "share of texts that were solved, by their letters",
        small.clone(),
        p.text_weak,
    );
    if let Some(distance) = distance.filter(|distance| distance.is_finite()) {
        let at = x(distance as f32);
        let left = Rect::from_min_max(ground.min, pos2(at, ground.bottom()));
        painter.rect_filled(left, 0, p.danger.gamma_multiply(0.10));
        painter.vline(at, ground.y_range(), Stroke::new(1.5, p.danger));
        let said = format!("unicity distance: {distance:.0}");
        let (anchor, offset) = match at > ground.center().x {
            true => (Align2::RIGHT_TOP, -6.0),
            false => (Align2::LEFT_TOP, 6.0),
        };
        painter.text(
            pos2(at + offset, ground.top() + 4.0),
            anchor,
            said,
            small,
            p.danger,
        );
    }
    let shown = x(length as f32);
    painter.vline(shown, ground.y_range(), Stroke::new(1.0, p.text_weak));
    let places: Vec<egui::Pos2> = points
        .iter()
        .map(|point| pos2(x(point.length as f32), y(point.share())))
        .collect();
    for pair in places.windows(2) {
        painter.line_segment([pair[0], pair[1]], Stroke::new(2.0, p.accent));
    }
    for (place, point) in places.iter().zip(points) {
        let radius = if point.length == length { 6.0 } else { 4.0 };
        painter.circle_filled(*place, radius, p.accent);
    }
    let picked = response.interact_pointer_pos().map(|pointer| {
        let share = ((pointer.x - ground.left()) / ground.width()).clamp(0.0, 1.0);
        (first + share * (last - first)).exp().round() as usize
    });
    // A click near a measured length means that one.
    let near = |length: usize| {
        points
            .iter()
            .map(|point| point.length)
            .find(|&other| (x(other as f32) - x(length as f32)).abs() < 6.0)
    };
    (response, picked.map(|length| near(length).unwrap_or(length)))
}

/// The lengths that are measured.
const LENGTHS: [usize; 10] = [10, 20, 30, 40, 60, 80, 100, 150, 300, 600];
