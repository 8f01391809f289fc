//! A fingerprint to compare: hexadecimal digits in blocks of four, and a button that copies them.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Frame, Label, Layout, Margin, Stroke, Ui};

use super::icon_button::IconButton;
use crate::ui::theme::{Palette, fonts, icons, palette, style};

/// Draws the fingerprint, wrapped between blocks. Returns whether it was copied just now.
///
/// `hex` may hold any digits; blanks and colons in it are dropped.
pub fn fingerprint_ui(ui: &mut Ui, hex: &str) -> bool {
    let p = palette(ui);
    let digits: Vec<char> = hex.chars().filter(|c| !c.is_whitespace() && *c != ':').collect();
    let blocks: Vec<String> = digits.chunks(BLOCK).map(|block| block.iter().collect()).collect();
    let mut copied = false;
    Frame::new()
        .fill(p.surface_0)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS)
        .inner_margin(Margin {
            left: 12,
            right: 6,
            top: 6,
            bottom: 6,
        })
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.horizontal(|ui| {
                let digits = Label::new(ui.painter().layout_job(blocks_job(
                    &blocks,
                    ui.available_width() - 32.0,
                    p,
                )));
                ui.add(digits);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    copied = ui
                        .add(IconButton::new(icons::COPY, "Copy fingerprint").small())
                        .clicked();
                });
            });
        });
    if copied {
        ui.ctx().copy_text(blocks.join(" "));
    }
    copied
}

fn blocks_job(blocks: &[String], width: f32, p: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width.max(60.0);
    for (index, block) in blocks.iter().enumerate() {
        // Two shades in turn: the eye keeps its place while comparing aloud.
        let color = if index % 2 == 0 {
            p.text_strong
        } else {
            p.text_weak
        };
        let mut format = TextFormat::simple(fonts::mono(fonts::BODY), color);
        format.line_height = Some(22.0);
        job.append(block, 0.0, format.clone());
        if index + 1 < blocks.len() {
            job.append(" ", 0.0, format);
        }
    }
    job
}

const BLOCK: usize = 4;
