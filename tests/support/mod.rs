//! What the tests of the window share: a harness with the theme, and pictures of what it shows.
//!
//! Text is drawn with the bundled fonts alone: the system's fonts are added only by eframe's native
//! start, which no test runs, so a picture does not depend on the machine.
#![allow(dead_code, reason = "each test binary uses its own part")]

pub mod cut;
pub mod lab;
pub mod readable;
pub mod recording;
pub mod renderer;
pub mod scene;

use std::path::Path;

use cipher_room::ui::theme::Theme;
use egui_kittest::{Harness, HarnessBuilder};

use self::renderer::CpuRenderer;

/// A harness builder with the theme, the fonts and the CPU renderer, at one pixel a point.
///
/// Finish it with `build_ui`, `build_ui_state` or `build_eframe`.
pub fn builder<State>(size: [f32; 2], theme: egui::Theme) -> HarnessBuilder<State> {
    HarnessBuilder::default()
        .with_size(size)
        .with_theme(theme)
        .with_pixels_per_point(1.0)
        .with_max_steps(8)
        .with_render_cursor(false)
        .with_context_setup(Theme::install)
        .renderer(CpuRenderer::default())
}

/// A harness that draws `content` on the window's background.
pub fn harness<'a>(
    size: [f32; 2],
    theme: egui::Theme,
    mut content: impl FnMut(&mut egui::Ui) + 'a,
) -> Harness<'a> {
    builder(size, theme).build_ui(move |ui| content(ui))
}

/// `"name_dark"` or `"name_light"`.
pub fn themed(name: &str, theme: egui::Theme) -> String {
    match theme {
        egui::Theme::Dark => format!("{name}_dark"),
        egui::Theme::Light => format!("{name}_light"),
    }
}

/// Compares the window with `tests/snapshots/NAME.png`; `UPDATE_SNAPSHOTS=1` writes it instead.
#[track_caller]
pub fn assert_picture<State>(harness: &mut Harness<'_, State>, name: &str) {
    harness.snapshot(name);
}

/// Saves what the window shows as a small PNG, for `screenshots/`.
pub fn save_picture<State>(harness: &mut Harness<'_, State>, path: impl AsRef<Path>) {
    use image::codecs::png::{CompressionType, FilterType, PngEncoder};
    let picture = harness.render().expect("the window renders");
    let file = std::fs::File::create(path).expect("the picture's folder exists");
    let encoder = PngEncoder::new_with_quality(file, CompressionType::Best, FilterType::Adaptive);
    picture
        .write_with_encoder(encoder)
        .expect("the picture can be written");
}
