//! Finds text that can't be read: cut at the edge of where it may be drawn, or ended with an ellipsis.

use egui::Shape;
use egui::epaint::{ClippedShape, TextShape};

/// How far letters may reach over an edge, in points: anti-aliasing and side bearings.
const SLACK: f32 = 1.5;

/// The texts of one picture that are cut off at their left or right, and those that end in an ellipsis of the
/// layout. A line that scrolled half out at the top or the bottom is not cut: it can be scrolled back.
pub fn cut_texts(shapes: &[ClippedShape]) -> Vec<String> {
    let mut cut = Vec::new();
    for clipped in shapes {
        each_text(&clipped.shape, &mut |text| {
            let ink = text.galley.mesh_bounds.translate(text.pos.to_vec2());
            if !ink.is_positive() || text.opacity_factor <= 0.0 {
                return;
            }
            let clip = clipped.clip_rect;
            let shown = ink.intersect(clip);
            if shown.height() < ink.height() * 0.5 {
                return;
            }
            if text.galley.elided {
                cut.push(format!("shortened: {}", text.galley.text()));
            } else if ink.left() < clip.left() - SLACK || ink.right() > clip.right() + SLACK {
                cut.push(format!("cut: {}", text.galley.text()));
            }
        });
    }
    cut
}

fn each_text(shape: &Shape, found: &mut dyn FnMut(&TextShape)) {
    match shape {
        Shape::Text(text) => found(text),
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| each_text(shape, found)),
        _ => {}
    }
}

/// Panics when the window shows text that can't be read, but for texts that contain one of `allowed`: those
/// whose length is somebody else's choice.
#[track_caller]
pub fn assert_all_can_be_read<State>(
    harness: &egui_kittest::Harness<'_, State>,
    screen: &str,
    allowed: &[&str],
) {
    let cut: Vec<String> = cut_texts(&harness.output().shapes)
        .into_iter()
        .filter(|text| !allowed.iter().any(|allowed| text.contains(allowed)))
        .collect();
    assert!(cut.is_empty(), "on {screen}: {cut:#?}");
}
