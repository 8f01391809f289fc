//! How long the bench takes to repaint: six cards and ten kilobytes of text, with a key pressed before every frame.

use std::time::{Duration, Instant};

use cipher_room::lab::{Bench, Lab};
use cipher_room::ui::lab::{LabView, Place};
use cipher_room::ui::theme::Theme;

fn main() {
    let mut bench = Bench::default();
    bench.add("vigenere");
    bench.add("enigma");
    let sentence = "It was the best of times, it was the worst of times. ";
    for (name, bytes) in [("1 kB", 1_000), ("10 kB", 10_000), ("1 MB", 1_000_000)] {
        let text: String = sentence.chars().cycle().take(bytes).collect();
        bench.set_text(&text);
        let mut lab = Lab::new(bench.clone(), || ());
        assert!(lab.settle(Duration::from_secs(60)), "the lab's thread answers");
        let (longest, usual) = frames(&mut lab, &text);
        println!(
            "{name}: a frame takes {:.1} ms, at most {:.1} ms (limit 16 ms)",
            usual * 1e3,
            longest * 1e3
        );
    }
}

/// The longest and the usual time of a frame, in seconds, with everything but the painting by the graphics card.
fn frames(lab: &mut Lab, text: &str) -> (f64, f64) {
    let ctx = egui::Context::default();
    Theme::install(&ctx);
    let mut view = LabView::at(Place::Bench);
    let mut times: Vec<f64> = (0..FRAMES)
        .map(|frame| {
            let mut typed = text.to_owned();
            typed.push(char::from(b'a' + (frame % 26) as u8));
            lab.bench.set_text(&typed);
            let input = egui::RawInput {
                screen_rect: Some(egui::Rect::from_min_size(
                    egui::Pos2::ZERO,
                    egui::vec2(1920.0, 1080.0),
                )),
                time: Some(frame as f64 / 60.0),
                ..Default::default()
            };
            let begun = Instant::now();
            let mut output = ctx.run_ui(input, |ui| {
                view.ui(ui, lab);
            });
            let shapes = std::mem::take(&mut output.shapes);
            let meshes = ctx.tessellate(shapes, output.pixels_per_point);
            let passed = begun.elapsed().as_secs_f64();
            std::hint::black_box(meshes);
            output.textures_delta.clear();
            passed
        })
        // The first frames lay out the fonts.
        .skip(5)
        .collect();
    times.sort_by(f64::total_cmp);
    (times[times.len() - 1], times[times.len() / 2])
}

const FRAMES: usize = 65;
