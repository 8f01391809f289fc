//! How it works: a cipher at work, played, stepped and scrubbed; one alone, or all of the bench together.

use egui::{Frame, Margin, Rect, Role, ScrollArea, Sense, Slider, Stroke, Ui, WidgetInfo, vec2};

use super::LabView;
use super::letters::excerpt;
use super::scene::Scene;
use crate::ciphers::{CipherSpec, Direction, Key};
use crate::lab::{CardId, Lab, stories};
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Drawing, IconButton, empty_ui, segmented_ui, select_ui};

/// What the step views remember between frames.
pub(super) struct HowView {
    /// The card on the stage; `None` for all together.
    chosen: Option<CardId>,
    together: bool,
    at: f32,
    playing: bool,
    speed: f32,
    /// The scenes, and what they were made from.
    made: Vec<Made>,
}

struct Made {
    card: CardId,
    spec: &'static CipherSpec,
    key: Key,
    direction: Direction,
    text: String,
    scene: Option<Scene>,
}

impl Default for HowView {
    fn default() -> Self {
        Self {
            chosen: None,
            together: false,
            at: 0.0,
            playing: false,
            speed: 2.0,
            made: Vec::new(),
        }
    }
}

impl LabView {
    pub(super) fn how_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let view = &mut self.how;
        view.make(lab);
        if view.made.is_empty() {
            ui.add_space(24.0);
            let sentence = "Put a cipher on the bench, and see here how it works.";
            empty_ui(ui, Drawing::Wheel, "Nothing on the bench", sentence, |_| ());
            return;
        }
        let chosen = view
            .chosen
            .and_then(|id| view.made.iter().position(|made| made.card == id));
        let chosen = chosen.unwrap_or(0);
        view.chosen = Some(view.made[chosen].card);
        view.chooser_ui(ui, chosen);
        let chosen = view
            .made
            .iter()
            .position(|made| Some(made.card) == view.chosen)
            .unwrap_or(0);
        let longest = match view.together {
            true => view.made.iter().map(Made::len).max().unwrap_or(0),
            false => view.made[chosen].len(),
        };
        view.advance(ui, longest);
        let player = 44.0;
        let told = if view.together { 0.0 } else { 136.0 };
        let height = (ui.available_height() - player - told - 3.0 * ui.spacing().item_spacing.y).max(180.0);
        match view.together {
            true => view.together_ui(ui, height),
            false => view.stage_ui(ui, chosen, height),
        }
        view.player_ui(ui, longest);
        if !view.together {
            view.story_ui(ui, chosen);
        }
    }
}

impl Made {
    fn len(&self) -> usize {
        self.scene.as_ref().map_or(0, Scene::len)
    }
}

impl HowView {
    /// Makes what has changed since the last frame; the rest stays.
    fn make(&mut self, lab: &Lab) {
        let direction = lab.bench.direction();
        // AES in hexadecimal is decrypted whole or not at all.
        let whole = lab.bench.text();
        let mut old = std::mem::take(&mut self.made);
        for card in lab.bench.cards() {
            let key = match lab.outcome(card.id) {
                Some(Ok(output)) => output.resolved.clone(),
                _ => Key::new(),
            };
            let most = match card.cipher.id {
                "aes-256-gcm" if direction == Direction::Decrypt => whole.len().min(20_000),
                _ => EXCERPT,
            };
            let text = excerpt(whole, most);
            let same = old.iter().position(|made| {
                made.card == card.id
                    && made.spec == card.cipher
                    && made.key == key
                    && made.direction == direction
                    && made.text == text
            });
            let made = match same {
                Some(place) => old.swap_remove(place),
                None => Made {
                    card: card.id,
                    spec: card.cipher,
                    scene: Scene::new(card.cipher, &key, direction, text),
                    key,
                    direction,
                    text: text.to_owned(),
                },
            };
            self.made.push(made);
        }
    }

    fn chooser_ui(&mut self, ui: &mut Ui, chosen: usize) {
        ui.horizontal(|ui| {
            let names: Vec<String> = numbered(&self.made);
            let mut card = chosen;
            let options: Vec<(usize, &str)> = names.iter().map(String::as_str).enumerate().collect();
            ui.add_enabled_ui(!self.together, |ui| {
                select_ui(ui, "Cipher", 260.0, &mut card, &options);
            });
            if card != chosen {
                self.chosen = Some(self.made[card].card);
                self.at = 0.0;
            }
            let views = [(false, "One"), (true, "All together")];
            segmented_ui(ui, "Views", &mut self.together, &views);
        });
    }

    /// Moves on while it plays; nothing is repainted otherwise.
    fn advance(&mut self, ui: &Ui, longest: usize) {
        let end = longest.saturating_sub(1) as f32;
        if self.playing {
            // A frame that took long must not jump over a step.
            let passed = ui.input(|input| input.stable_dt).min(0.1);
            self.at += passed * self.speed;
            if self.at >= end {
                self.at = end;
                self.playing = false;
            } else {
                ui.ctx().request_repaint();
            }
        }
        self.at = self.at.clamp(0.0, end.max(0.0));
    }

    fn stage_ui(&self, ui: &mut Ui, chosen: usize, height: f32) {
        let made = &self.made[chosen];
        let size = vec2(ui.available_width(), height);
        scene_ui(ui, made, size, self.at, self.playing, false);
    }

    fn together_ui(&self, ui: &mut Ui, height: f32) {
        let columns = match self.made.len() {
            0..=1 => 1,
            2..=4 => 2,
            _ => 3,
        };
        let rows = self.made.len().div_ceil(columns).min(2);
        let width = (ui.available_width() + 10.0) / columns as f32 - 10.0;
        let each = (height + 10.0) / rows as f32 - 10.0;
        ScrollArea::vertical()
            .id_salt("scenes")
            .max_height(height)
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing = vec2(10.0, 10.0);
                for chunk in self.made.chunks(columns) {
                    ui.horizontal(|ui| {
                        for made in chunk {
                            scene_ui(ui, made, vec2(width, each), self.at, self.playing, true);
                        }
                    });
                }
            });
    }

    fn player_ui(&mut self, ui: &mut Ui, longest: usize) {
        let end = longest.saturating_sub(1);
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            if ui
                .add(IconButton::new(icons::SKIP_BACK, "To the beginning"))
                .clicked()
            {
                self.at = 0.0;
                self.playing = false;
            }
            let step = |at: f32, by: f32| (at.floor() + by).clamp(0.0, end as f32);
            if ui
                .add(IconButton::new(icons::CARET_LEFT, "Previous step"))
                .clicked()
            {
                self.at = step(self.at, -1.0);
                self.playing = false;
            }
            let (icon, name) = match self.playing {
                true => (icons::PAUSE, "Pause"),
                false => (icons::PLAY, "Play"),
            };
            if ui
                .add(IconButton::new(icon, name).selected(self.playing))
                .clicked()
            {
                self.playing = !self.playing;
                if self.playing && self.at >= end as f32 {
                    self.at = 0.0;
                }
            }
            if ui.add(IconButton::new(icons::CARET_RIGHT, "Next step")).clicked() {
                self.at = step(self.at, 1.0);
                self.playing = false;
            }
            if ui
                .add(IconButton::new(icons::SKIP_FORWARD, "To the end"))
                .clicked()
            {
                self.at = end as f32;
                self.playing = false;
            }
            let speeds = 186.0;
            let count = 74.0;
            let mut place = self.at.floor() as usize;
            ui.spacing_mut().slider_width = (ui.available_width() - speeds - count - 16.0).max(80.0);
            let slider = ui
                .add(Slider::new(&mut place, 0..=end.max(1)).show_value(false))
                .accessible_name("Step");
            if slider.changed() {
                self.at = place.min(end) as f32;
                self.playing = false;
            }
            let said = format!("{} of {}", (self.at.floor() as usize + 1).min(longest), longest);
            ui.allocate_ui(vec2(count, 20.0), |ui| {
                ui.set_width(count);
                ui.label(text::small(ui, said));
            });
            let speeds = [(1.0, "Slow"), (3.0, "Usual"), (10.0, "Fast")];
            let mut speed = speeds
                .iter()
                .map(|(speed, _)| *speed)
                .find(|speed| *speed >= self.speed)
                .unwrap_or(3.0);
            segmented_ui(ui, "Speed", &mut speed, &speeds);
            self.speed = speed;
        });
    }

    fn story_ui(&self, ui: &mut Ui, chosen: usize) {
        let p = palette(ui);
        let made = &self.made[chosen];
        let Some(story) = stories::story(made.spec.id) else {
            return;
        };
        let parts = [
            (icons::BOOK_OPEN, "Where it comes from", story.history, p.info),
            (icons::CROSSHAIR, "What breaks it", story.weakness, p.danger),
        ];
        let width = (ui.available_width() + 10.0) / 2.0 - 10.0;
        let height = ui.available_height().min(150.0);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            for (icon, title, said, color) in parts {
                let frame = Frame::new()
                    .fill(p.surface_2)
                    .stroke(Stroke::new(1.0, p.border))
                    .corner_radius(style::RADIUS_LARGE)
                    .inner_margin(Margin::symmetric(14, 10));
                frame.show(ui, |ui| {
                    ui.set_width(width - 30.0);
                    ui.set_height((height - 22.0).max(60.0));
                    ui.vertical(|ui| {
                        ui.spacing_mut().item_spacing.y = 4.0;
                        ui.horizontal(|ui| {
                            ui.label(icons::text(icon, 16.0).color(color));
                            ui.label(text::strong(ui, title));
                            if color == p.info {
                                ui.label(text::small(ui, made.spec.year));
                            }
                        });
                        ui.add(egui::Label::new(text::body(ui, said).size(13.0)).wrap());
                    });
                });
            }
        });
    }
}

/// The names of the cards; equal ones with a number behind.
fn numbered(made: &[Made]) -> Vec<String> {
    let count = |id: &str, before: usize| made[..before].iter().filter(|other| other.spec.id == id).count();
    made.iter()
        .enumerate()
        .map(|(place, made)| match count(made.spec.id, place) {
            0 => made.spec.name.to_owned(),
            earlier => format!("{} ({})", made.spec.name, earlier + 1),
        })
        .collect()
}

/// Draws one scene in a frame, with what its step says above it.
fn scene_ui(ui: &mut Ui, made: &Made, size: egui::Vec2, at: f32, playing: bool, titled: bool) {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let at = at.min(made.len().saturating_sub(1) as f32 + 0.999);
    let said = match &made.scene {
        Some(scene) => scene.tell(at as usize),
        None => {
            "Nothing to show: the key is not valid, or the text has no letters for this cipher.".to_owned()
        }
    };
    let name = format!("{} at work", made.spec.name);
    response.widget_info(|| WidgetInfo::labeled(Role::Image, true, &name));
    ui.ctx().accesskit_node_builder(response.id, |node| {
        node.set_description(said.clone());
        node.set_value(said.clone());
    });
    if !ui.is_rect_visible(rect) {
        return;
    }
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect(
        rect,
        style::RADIUS_LARGE,
        p.surface_2,
        Stroke::new(1.0, p.border),
        egui::StrokeKind::Inside,
    );
    let inside = rect.shrink2(vec2(16.0, 12.0));
    let mut top = inside.top();
    if titled {
        let font = fonts::semibold(fonts::BODY);
        painter.text(
            inside.left_top(),
            egui::Align2::LEFT_TOP,
            made.spec.name,
            font,
            p.text_strong,
        );
        top += 22.0;
    }
    let size = if titled { 12.0 } else { 15.0 };
    let galley = {
        let mut job = egui::text::LayoutJob::simple(said, fonts::regular(size), p.text, inside.width());
        job.wrap.max_rows = if titled { 1 } else { 2 };
        painter.layout_job(job)
    };
    let told = egui::pos2(inside.left(), top);
    top += galley.size().y + 10.0;
    painter.galley(told, galley, p.text);
    if let Some(scene) = &made.scene {
        let stage = Rect::from_min_max(egui::pos2(inside.left(), top), inside.max);
        scene.paint(&painter, stage, at, playing, p);
    }
}

/// As much of the text as a scene shows.
const EXCERPT: usize = 50;
