//! One cipher at work, step by step: what stands on the stage, how many steps there are, and what each one says.
//!
//! A scene is made once for a card and an excerpt of the text; drawing it at a position needs nothing else.

mod enigma;
mod fractions;
mod grids;
mod letters;
mod rounds;
mod stage;
mod tape;
mod tell;

use egui::{Painter, Rect};

use self::stage::{Beside, Stage};
use crate::ciphers::step::{How, Step};
use crate::ciphers::{CipherSpec, Direction, Key};
use crate::ui::theme::Palette;

/// A cipher with a text on its way through it.
pub(super) struct Scene {
    direction: Direction,
    input: Vec<char>,
    output: Vec<char>,
    /// Only the steps in which something happens, in the order of the work.
    steps: Vec<Step>,
    stage: Stage,
}

impl Scene {
    /// Sets the stage. `key` has nothing left to derive. `None` where the text has nothing for this cipher to do.
    pub fn new(spec: &'static CipherSpec, key: &Key, direction: Direction, text: &str) -> Option<Self> {
        let cipher = spec.build(key).ok()?;
        let output = cipher.apply(direction, text).ok()?;
        let all = cipher.steps(direction, text).ok()?;
        let steps: Vec<Step> = all.into_iter().filter(|step| step.how != How::Kept).collect();
        let stage = Stage::of(spec, key, direction, text, &output, &steps)?;
        if steps.is_empty() {
            return None;
        }
        Some(Self {
            direction,
            input: text.chars().collect(),
            output: output.chars().collect(),
            steps,
            stage,
        })
    }

    /// The number of positions; the last one shows everything done.
    pub fn len(&self) -> usize {
        match &self.stage {
            // Written first, read afterwards.
            Stage::Grid { .. } | Stage::Rails { .. } => 2 * self.steps.len(),
            Stage::Square {
                beside: Beside::Grid(grid),
                ..
            } => 2 * grid.symbols.len(),
            Stage::Rounds { trace, .. } => trace.stages.len() + 1,
            _ => self.steps.len(),
        }
    }

    /// Draws the scene at a position: whole numbers are steps, fractions the way between them. What only moves into
    /// its place while the scene is `playing` stands there otherwise.
    pub fn paint(&self, painter: &Painter, rect: Rect, at: f32, playing: bool, p: &Palette) {
        let now = (at.max(0.0) as usize).min(self.len().saturating_sub(1));
        let part = (at - now as f32).clamp(0.0, 1.0);
        if let Stage::Rounds { trace, text } = &self.stage {
            rounds::paint(painter, rect, trace, text, now, part, p);
            return;
        }
        let tape = tape::HEIGHT.min(rect.height() * 0.13);
        let top = rect.with_max_y(rect.top() + tape);
        let bottom = rect.with_min_y(rect.bottom() - tape);
        let middle = Rect::from_min_max(
            egui::pos2(rect.left(), top.bottom() + 10.0),
            egui::pos2(rect.right(), bottom.top() - 10.0),
        );
        let (taken, made, made_so_far) = self.progress(now);
        tape::paint(painter, top, &self.input, &taken, &|_| true, p);
        tape::paint(
            painter,
            bottom,
            &self.output,
            &made,
            &|place| made_so_far.get(place) == Some(&true),
            p,
        );
        match &self.stage {
            Stage::Wheel { letters, shift } => {
                let way = if playing { at.clamp(0.0, 1.0) } else { 1.0 };
                let turned = *shift as f32 * way;
                letters::wheel(
                    painter,
                    middle,
                    letters,
                    turned,
                    self.steps.get(now),
                    self.direction,
                    p,
                );
            }
            Stage::Table { plain, cipher } => {
                letters::table(
                    painter,
                    middle,
                    plain,
                    cipher,
                    self.steps.get(now),
                    self.direction,
                    p,
                );
            }
            Stage::Tableau {
                plain,
                keys,
                rows,
                running,
            } => {
                let square = letters::Tableau {
                    plain,
                    keys,
                    rows,
                    running,
                };
                square.paint(painter, middle, self.steps.get(now), self.direction, p);
            }
            Stage::Grid { widths } => {
                grids::columns(painter, middle, widths, &self.steps, now, self.direction, p);
            }
            Stage::Rails { rails } => {
                grids::rails(painter, middle, *rails, &self.steps, now, self.direction, p);
            }
            Stage::Square {
                cells,
                width,
                names,
                beside,
            } => {
                let square = grids::Letters {
                    cells,
                    width: *width,
                    names,
                };
                let (here, there) = middle.split_left_right_at_fraction(0.36);
                match beside {
                    Beside::Nothing => square.paint(painter, middle, self.steps.get(now), p),
                    Beside::Grid(grid) => {
                        let step = grid
                            .symbol_at(now)
                            .and_then(|(symbol, _)| self.steps.get(symbol.step));
                        square.paint(painter, here, step, p);
                        grid.paint(
                            painter,
                            there.with_min_x(there.left() + 10.0),
                            now,
                            self.direction,
                            p,
                        );
                    }
                    Beside::Lines { period } => {
                        square.paint(painter, here, self.steps.get(now), p);
                        let lines = fractions::Lines {
                            steps: &self.steps,
                            input: &self.input,
                            cells,
                            period: *period,
                        };
                        lines.paint(
                            painter,
                            there.with_min_x(there.left() + 10.0),
                            now,
                            self.direction,
                            p,
                        );
                    }
                }
            }
            Stage::Matrix => letters::matrix(painter, middle, self.steps.get(now), p),
            Stage::Rotors { wires } => {
                enigma::paint(painter, middle, wires.get(now), self.steps.get(now), part, p);
            }
            Stage::Rounds { .. } => {}
        }
    }

    /// Which characters of the input and the output this position is about, and which outputs are there already.
    fn progress(&self, now: usize) -> (Vec<usize>, Vec<usize>, Vec<bool>) {
        let mut there = vec![false; self.output.len()];
        let mut show = |step: &Step| {
            for &place in &step.outputs {
                if let Some(slot) = there.get_mut(place) {
                    *slot = true;
                }
            }
        };
        let kept_before = |place: usize| !self.steps.iter().any(|step| step.outputs.contains(&place));
        let (taken, made) = match &self.stage {
            Stage::Grid { .. } | Stage::Rails { .. } => {
                let count = self.steps.len();
                if now < count {
                    let step = &self.in_order_of_input()[now];
                    (step.inputs.clone(), Vec::new())
                } else {
                    let order = self.in_order_of_output();
                    order.iter().take(now - count + 1).for_each(|step| show(step));
                    let step = order[now - count];
                    (step.inputs.clone(), step.outputs.clone())
                }
            }
            Stage::Square {
                beside: Beside::Grid(grid),
                ..
            } => {
                let read = now.checked_sub(grid.symbols.len());
                for &symbol in grid.reading.iter().take(read.map_or(0, |read| read + 1)) {
                    let symbol = &grid.symbols[symbol];
                    if symbol.completes {
                        self.steps.get(symbol.step).into_iter().for_each(&mut show);
                    }
                }
                match grid.symbol_at(now) {
                    Some((symbol, true)) if symbol.completes => {
                        (vec![symbol.input], self.steps[symbol.step].outputs.clone())
                    }
                    Some((symbol, _)) => (vec![symbol.input], Vec::new()),
                    None => (Vec::new(), Vec::new()),
                }
            }
            _ => {
                self.steps.iter().take(now + 1).for_each(&mut show);
                let step = self.steps.get(now);
                (
                    step.map(|step| step.inputs.clone()).unwrap_or_default(),
                    step.map(|step| step.outputs.clone()).unwrap_or_default(),
                )
            }
        };
        // What only passes through is there once its neighbours are.
        let last = there.iter().rposition(|&there| there);
        for (place, shown) in there.iter_mut().enumerate().take(last.unwrap_or(0)) {
            *shown = *shown || kept_before(place);
        }
        (taken, made, there)
    }

    fn in_order_of_input(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.inputs.first().copied().unwrap_or(usize::MAX));
        steps
    }

    fn in_order_of_output(&self) -> Vec<&Step> {
        let mut steps: Vec<&Step> = self.steps.iter().collect();
        steps.sort_by_key(|step| step.outputs.first().copied().unwrap_or(usize::MAX));
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ciphers::{ALL, find};
    use crate::ui::theme::palette;

    const TEXT: &str = "Meet me, under the old clock.";

    fn key_of(spec: &CipherSpec) -> Key {
        match spec.id {
            "aes-256-gcm" => Key::new().with("key", &"11".repeat(32)),
            _ => spec.sample_key(),
        }
    }

    #[test]
    fn every_cipher_has_a_scene_in_both_directions() {
        let ctx = egui::Context::default();
        crate::ui::theme::Theme::install(&ctx);
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            for spec in ALL {
                let key = key_of(spec);
                let sealed = spec.build(&key).unwrap().encrypt(TEXT).unwrap();
                for (direction, text) in [(Direction::Encrypt, TEXT), (Direction::Decrypt, &sealed)] {
                    let scene = Scene::new(spec, &key, direction, text)
                        .unwrap_or_else(|| panic!("{} has no scene", spec.id));
                    let rect = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(700.0, 400.0));
                    for now in 0..=scene.len() {
                        scene.paint(ui.painter(), rect, now as f32 + 0.5, true, &palette::DARK);
                        assert!(!scene.tell(now).is_empty(), "{} at {now}", spec.id);
                    }
                }
            }
        });
        output.textures_delta.clear();
    }

    /// The texts that a scene draws.
    fn drawn(scene: &Scene, at: f32, playing: bool) -> Vec<String> {
        let ctx = egui::Context::default();
        crate::ui::theme::Theme::install(&ctx);
        let mut output = ctx.run_ui(egui::RawInput::default(), |ui| {
            let rect = Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(700.0, 400.0));
            scene.paint(ui.painter(), rect, at, playing, &palette::DARK);
        });
        output.textures_delta.clear();
        let texts = output.shapes.iter().filter_map(|clipped| match &clipped.shape {
            egui::Shape::Text(text) => Some(text.galley.text().to_owned()),
            _ => None,
        });
        texts.collect()
    }

    #[test]
    fn the_wheel_stands_at_its_shift_unless_it_is_turning_there() {
        let caesar = find("caesar").unwrap();
        let key = Key::new().with("shift", "3");
        let scene = Scene::new(caesar, &key, Direction::Encrypt, TEXT).unwrap();
        let shows =
            |at: f32, playing: bool, shift: &str| drawn(&scene, at, playing).iter().any(|text| text == shift);
        for at in [0.0, 0.4, 1.0] {
            assert!(shows(at, false, "+3"), "at rest at {at}");
        }
        assert!(shows(0.0, true, "+0"), "it begins to turn");
        assert!(shows(1.0, true, "+3"), "it has turned");
    }

    #[test]
    fn at_the_end_the_whole_output_is_there() {
        for spec in ALL.iter().filter(|spec| spec.id != "aes-256-gcm") {
            let scene = Scene::new(spec, &key_of(spec), Direction::Encrypt, "MEETMEUNDERTHECLOCK").unwrap();
            let (_, _, there) = scene.progress(scene.len() - 1);
            assert!(there.iter().all(|&there| there), "{}", spec.id);
        }
    }

    #[test]
    fn the_rounds_end_in_the_bytes_that_gcm_gives() {
        let spec = find("aes-256-gcm").unwrap();
        let key = Key::new()
            .with("key", &"11".repeat(32))
            .with("nonce", &"22".repeat(12));
        let text = "sixteen letters.";
        let scene = Scene::new(spec, &key, Direction::Encrypt, text).unwrap();
        let Stage::Rounds { trace, text: bytes } = &scene.stage else {
            panic!("rounds");
        };
        let combined: String = trace
            .output()
            .iter()
            .zip(bytes)
            .map(|(a, b)| format!("{:02x}", a ^ b))
            .collect();
        let sealed: String = scene.output.iter().take(32).collect();
        assert_eq!(combined, sealed);
    }

    #[test]
    fn nothing_to_do_gives_no_scene() {
        let caesar = find("caesar").unwrap();
        assert!(Scene::new(caesar, &caesar.sample_key(), Direction::Encrypt, "12 34").is_none());
        assert!(Scene::new(caesar, &Key::new(), Direction::Encrypt, TEXT).is_none());
    }
}
