//! A QR code on a white card, in either theme: cameras want dark on light and a quiet zone.

use std::sync::Arc;

use egui::{Color32, Mesh, Rect, Response, Role, Sense, Shape, Ui, Widget, WidgetInfo, pos2, vec2};

use super::paint;
use crate::ui::theme::{fonts, style};

/// A QR code of `text`. `name` says what scanning it gives: "Invitation to Room".
#[must_use = "add it to a ui"]
pub struct Qr<'a> {
    text: &'a str,
    name: &'a str,
    size: f32,
}

impl<'a> Qr<'a> {
    /// A code 220 points wide.
    pub fn new(text: &'a str, name: &'a str) -> Self {
        Self {
            text,
            name,
            size: 220.0,
        }
    }

    /// Sets the most that the card may take, quiet zone included.
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }
}

/// The modules of a code, row by row.
#[derive(PartialEq, Eq)]
struct Modules {
    text: String,
    /// Modules in a row; zero where the text does not fit a code.
    width: usize,
    dark: Vec<bool>,
}

impl Modules {
    fn new(text: &str) -> Self {
        let code = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::M)
            .or_else(|_| qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L));
        let (width, dark) = code.map_or((0, Vec::new()), |code| {
            (
                code.width(),
                code.to_colors()
                    .into_iter()
                    .map(|c| c == qrcode::Color::Dark)
                    .collect(),
            )
        });
        Self {
            text: text.to_owned(),
            width,
            dark,
        }
    }
}

impl Widget for Qr<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        // Making a code takes a millisecond or two: it is kept from frame to frame.
        let id = ui.scope_id().with(("qr", self.name));
        let kept = ui
            .data(|data| data.get_temp::<Arc<Modules>>(id))
            .filter(|kept| kept.text == self.text);
        let modules = kept.unwrap_or_else(|| {
            let made = Arc::new(Modules::new(self.text));
            ui.data_mut(|data| data.insert_temp(id, made.clone()));
            made
        });
        // Whole pixels for a module, so that the edges are sharp; the card fits the code.
        let scale = ui.pixels_per_point();
        let cells = (modules.width + 2 * QUIET_MODULES) as f32;
        let cell = ((self.size * scale / cells).floor() / scale).max(1.0 / scale);
        let card = if modules.width == 0 {
            vec2(self.size, 64.0)
        } else {
            vec2(cells, cells) * cell
        };

        let (rect, response) = ui.allocate_exact_size(card, Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Image, true, self.name));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        ui.painter()
            .rect_filled(rect, style::RADIUS_LARGE, Color32::WHITE);
        if modules.width == 0 {
            let text = "Too long for a QR code";
            let galley = paint::line(ui, text, fonts::regular(fonts::SMALL), Color32::BLACK);
            paint::galley_at(
                ui.painter(),
                rect.center() - galley.size() / 2.0,
                galley,
                Color32::BLACK,
            );
            return response;
        }
        let side = cell * modules.width as f32;
        let corner = rect.center() - vec2(side, side) / 2.0;
        let corner = pos2(
            (corner.x * scale).round() / scale,
            (corner.y * scale).round() / scale,
        );
        ui.painter().add(Shape::mesh(mesh(&modules, corner, cell)));
        response
    }
}

/// One rectangle for each run of dark modules in a row.
fn mesh(modules: &Modules, corner: egui::Pos2, cell: f32) -> Mesh {
    let mut mesh = Mesh::default();
    for (y, row) in modules.dark.chunks_exact(modules.width).enumerate() {
        let mut x = 0;
        while x < row.len() {
            let run = row[x..].iter().take_while(|dark| **dark).count();
            if run > 0 {
                let min = corner + vec2(x as f32, y as f32) * cell;
                mesh.add_colored_rect(
                    Rect::from_min_size(min, vec2(run as f32 * cell, cell)),
                    Color32::BLACK,
                );
            }
            x += run.max(1);
        }
    }
    mesh
}

/// ISO/IEC 18004 asks for four light modules on every side.
const QUIET_MODULES: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_finder_patterns() {
        let modules = Modules::new("cipher-room://192.168.1.20:4747/Room#abc.def.123");
        let at = |x: usize, y: usize| modules.dark[y * modules.width + x];
        for (x, y) in [(0, 0), (modules.width - 7, 0), (0, modules.width - 7)] {
            assert!(at(x, y) && at(x + 6, y + 6) && at(x + 3, y + 3));
            assert!(!at(x + 1, y + 1) && !at(x + 5, y + 1));
        }
    }

    #[test]
    fn a_text_too_long_gives_no_modules() {
        assert_eq!(Modules::new(&"x".repeat(4000)).width, 0);
    }

    #[test]
    fn the_mesh_covers_just_the_dark_modules() {
        let modules = Modules::new("A");
        let mesh = mesh(&modules, egui::Pos2::ZERO, 1.0);
        let covered: f32 = mesh
            .vertices
            .chunks_exact(4)
            .map(|corners| (corners[3].pos.x - corners[0].pos.x) * (corners[3].pos.y - corners[0].pos.y))
            .sum();
        assert_eq!(
            covered as usize,
            modules.dark.iter().filter(|dark| **dark).count()
        );
    }
}
