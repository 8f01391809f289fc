//! A person as a coloured circle with initials. The colour comes from the fingerprint, so that two
//! people of one name look different. Decorative: the name stands beside it.

use egui::{Color32, Response, Sense, Stroke, Ui, Widget, vec2};

use super::paint;
use crate::ui::theme::{Palette, fonts, palette};

/// A person's circle.
#[must_use = "add it to a ui"]
pub struct Avatar<'a> {
    name: &'a str,
    fingerprint: &'a [u8],
    size: f32,
    presence: Option<bool>,
}

impl<'a> Avatar<'a> {
    /// The circle of the person with this name and fingerprint.
    pub fn new(name: &'a str, fingerprint: &'a [u8]) -> Self {
        Self {
            name,
            fingerprint,
            size: 34.0,
            presence: None,
        }
    }

    /// Sets the diameter.
    pub fn size(mut self, size: f32) -> Self {
        self.size = size;
        self
    }

    /// Adds a dot: here (`true`) or away.
    pub fn presence(mut self, here: bool) -> Self {
        self.presence = Some(here);
        self
    }
}

impl Widget for Avatar<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let p = palette(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(self.size, self.size), Sense::hover());
        if ui.is_rect_visible(rect) {
            let painter = ui.painter();
            painter.circle_filled(rect.center(), self.size / 2.0, color(self.fingerprint, p));
            let initials = initials(self.name);
            let size = self.size * if initials.chars().count() > 1 { 0.36 } else { 0.42 };
            let galley = paint::line(ui, &initials, fonts::semibold(size), Color32::WHITE);
            paint::galley_at(
                painter,
                rect.center() - galley.size() / 2.0,
                galley,
                Color32::WHITE,
            );
            if let Some(here) = self.presence {
                let radius = (self.size * 0.15).max(4.0);
                let center = rect.right_bottom() - vec2(radius, radius);
                painter.circle_filled(center, radius + 2.0, ui.visuals().panel_fill);
                if here {
                    painter.circle_filled(center, radius, p.success);
                } else {
                    painter.circle_stroke(center, radius - 0.5, Stroke::new(1.5, p.text_weak));
                }
            }
        }
        response
    }
}

/// The colour of a fingerprint, in avatars and names.
pub fn color(fingerprint: &[u8], palette: &Palette) -> Color32 {
    let sum = fingerprint
        .iter()
        .take(8)
        .fold(0usize, |sum, byte| sum * 31 + usize::from(*byte));
    palette.avatars[sum % palette.avatars.len()]
}

/// One or two signs for a name: the initials of the first and last word where the script has
/// capitals, otherwise the first letter or emoji. `?` for a name without either.
pub fn initials(name: &str) -> String {
    let mut signs = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| is_sign(*c)));
    let Some(first) = signs.next() else {
        return "?".to_owned();
    };
    let has_case = |c: char| c.is_uppercase() || c.is_lowercase();
    let mut initials: String = first.to_uppercase().take(1).collect();
    if let Some(last) = signs
        .next_back()
        .filter(|last| has_case(*last) && has_case(first))
    {
        initials.extend(last.to_uppercase().take(1));
    }
    initials
}

fn is_sign(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\u{2600}'..='\u{27BF}' | '\u{1F300}'..='\u{1FAFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_suit_the_script() {
        for (name, expected) in [
            ("Ada Lovelace", "AL"),
            ("bob", "B"),
            ("Marie Skłodowska Curie", "MC"),
            ("  (admin)  x", "AX"),
            ("🦄 Luna", "🦄"),
            ("שלום עולם", "ש"),
            ("山田 太郎", "山"),
            ("\u{202E}evil", "E"),
            ("…", "?"),
            ("", "?"),
            ("ßara", "S"),
        ] {
            assert_eq!(initials(name), expected, "{name:?}");
        }
    }

    #[test]
    fn a_fingerprint_keeps_its_color() {
        let p = &crate::ui::theme::palette::DARK;
        assert_eq!(color(&[1, 2, 3], p), color(&[1, 2, 3], p));
        assert_ne!(color(&[1, 2, 3], p), color(&[1, 2, 4], p));
        color(&[], p);
    }
}
