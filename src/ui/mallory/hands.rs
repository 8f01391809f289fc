//! Mallory's hands: what comes next, and the bytes that she may change before they go out.

use egui::{Frame, Margin, ScrollArea, Stroke, TextEdit, Ui};

use super::caption_row;
use crate::mallory::Snapshot;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::Button;

/// Bytes as hexadecimal text that can be edited.
#[derive(Debug, Default)]
pub(super) struct HexEditor {
    text: String,
    /// The offer that the text was made from.
    loaded: Option<(String, usize)>,
}

/// Draws what was done, and what comes next; gives the bytes when the user goes on.
pub(super) fn hands_ui(
    ui: &mut Ui,
    seen: &Snapshot,
    running: bool,
    editor: &mut HexEditor,
) -> Option<Vec<u8>> {
    if seen.told.is_empty() && seen.offer.is_none() {
        if running {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(text::weak(
                    ui,
                    "The victims make their keys and call each other …",
                ));
            });
        }
        return None;
    }
    let p = palette(ui);
    let mut answer = None;
    Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::same(14))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 6.0;
            caption_row(ui, "What you do", |_| ());
            for (place, told) in seen.told.iter().enumerate() {
                let words = text::weak(ui, format!("{}.  {}", place + 1, told.words));
                ui.add(egui::Label::new(words).wrap());
            }
            let Some(offer) = &seen.offer else {
                return;
            };
            ui.horizontal(|ui| {
                ui.label(icons::text(icons::CARET_RIGHT, 16.0).color(p.accent));
                let words = text::strong(ui, &offer.words);
                ui.add(egui::Label::new(words).wrap());
            });
            let Some(bytes) = &offer.bytes else {
                if ui.add(Button::primary("Do it")).clicked() {
                    answer = Some(Vec::new());
                }
                return;
            };
            answer = editor.ui(ui, &offer.words, seen.told.len(), bytes);
        });
    answer
}

impl HexEditor {
    fn ui(&mut self, ui: &mut Ui, words: &str, step: usize, offered: &[u8]) -> Option<Vec<u8>> {
        let key = (words.to_owned(), step);
        if self.loaded.as_ref() != Some(&key) {
            self.text = to_hex(offered);
            self.loaded = Some(key);
        }
        let p = palette(ui);
        let label = ui.label(text::small(
            ui,
            format!("{} bytes. Change what you like, then send them.", offered.len()),
        ));
        ScrollArea::vertical()
            .id_salt("bytes")
            .max_height(110.0)
            .show(ui, |ui| {
                let field = TextEdit::multiline(&mut self.text)
                    .font(fonts::mono(12.0))
                    .desired_width(f32::INFINITY)
                    .desired_rows(4);
                ui.add(field).labelled_by(label.id);
            });
        let parsed = from_hex(&self.text);
        let mut answer = None;
        ui.horizontal(|ui| {
            let send = Button::primary("Send it").icon(icons::PAPER_PLANE_RIGHT);
            if ui.add_enabled(parsed.is_some(), send).clicked() {
                answer.clone_from(&parsed);
            }
            if ui.add(Button::ghost("As it was")).clicked() {
                self.text = to_hex(offered);
            }
            match &parsed {
                None => {
                    let words = text::small(ui, "These are not whole bytes in hexadecimal digits.");
                    ui.label(words.color(p.tone(Tone::Danger)));
                }
                Some(bytes) if bytes != offered => {
                    let changed = bytes.iter().zip(offered).filter(|(a, b)| a != b).count();
                    let changed = changed + bytes.len().abs_diff(offered.len());
                    let words = text::small(ui, format!("{changed} bytes differ"));
                    ui.label(words.color(p.tone(Tone::Warning)));
                }
                Some(_) => {}
            }
        });
        answer
    }
}

/// Pairs of digits in groups of four bytes.
fn to_hex(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 9 / 4);
    for (place, byte) in bytes.iter().enumerate() {
        if place > 0 && place % 4 == 0 {
            out.push(' ');
        }
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

/// Longest that may be sent by hand.
const MAX_BYTES: usize = 256 * 1024;

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect();
    let digits = digits?;
    if digits.len() % 2 != 0 || digits.len() / 2 > MAX_BYTES {
        return None;
    }
    Some(
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_back_from_their_digits_and_nonsense_does_not() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(from_hex(&to_hex(&bytes)), Some(bytes));
        assert_eq!(from_hex("0 1\n2 3"), Some(vec![0x01, 0x23]));
        assert_eq!(from_hex(""), Some(Vec::new()));
        assert_eq!(from_hex("123"), None);
        assert_eq!(from_hex("zz"), None);
    }
}
