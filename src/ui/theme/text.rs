//! Text in the styles of the type scale, as `RichText`; the colour follows the theme.

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, RichText, Ui};

use super::fonts;
use super::palette;

/// A screen's title.
pub fn title(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(fonts::semibold(fonts::TITLE))
        .color(palette(ui).text_strong)
}

/// The title of a part of a screen.
pub fn heading(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(fonts::semibold(fonts::HEADING))
        .color(palette(ui).text_strong)
}

/// The title of a card or a dialog's section.
pub fn subheading(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(fonts::semibold(fonts::SUBHEADING))
        .color(palette(ui).text_strong)
}

/// Running text that stands out: names, values.
pub fn strong(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(fonts::semibold(fonts::BODY))
        .color(palette(ui).text_strong)
}

/// Running text.
pub fn body(ui: &Ui, text: impl Into<String>) -> RichText {
    spaced(
        RichText::new(text)
            .font(fonts::regular(fonts::BODY))
            .color(palette(ui).text),
        fonts::BODY,
    )
}

/// Running text that steps back.
pub fn weak(ui: &Ui, text: impl Into<String>) -> RichText {
    spaced(
        RichText::new(text)
            .font(fonts::regular(fonts::BODY))
            .color(palette(ui).text_weak),
        fonts::BODY,
    )
}

/// Times, hints, captions.
pub fn small(ui: &Ui, text: impl Into<String>) -> RichText {
    spaced(
        RichText::new(text)
            .font(fonts::regular(fonts::SMALL))
            .color(palette(ui).text_weak),
        fonts::SMALL,
    )
}

/// A small heading over a list, in spaced capitals.
pub fn caption(ui: &Ui, text: &str) -> RichText {
    RichText::new(text.to_uppercase())
        .font(fonts::medium(11.0))
        .color(palette(ui).text_weak)
        .extra_letter_spacing(0.8)
}

/// Bytes, keys, ciphertext.
pub fn mono(ui: &Ui, text: impl Into<String>) -> RichText {
    RichText::new(text)
        .font(fonts::mono(fonts::MONO))
        .color(palette(ui).text)
}

/// Text with bytes in it: digits of eight or more in a row are set as [`mono`] is, and break anywhere.
pub fn with_bytes(text: &str, size: f32, color: Color32) -> LayoutJob {
    let format = |font| TextFormat {
        line_height: Some(line_height(size)),
        ..TextFormat::simple(font, color)
    };
    let mut job = LayoutJob::default();
    for word in text.split_inclusive(|c: char| !c.is_ascii_hexdigit()) {
        let end = word.trim_end_matches(|c: char| !c.is_ascii_hexdigit()).len();
        let (digits, rest) = word.split_at(end);
        let are_bytes = digits.len() >= 8 && digits.contains(|c: char| c.is_ascii_digit());
        let font = if are_bytes {
            fonts::mono(11.0)
        } else {
            fonts::regular(size)
        };
        job.append(digits, 0.0, format(font));
        job.append(rest, 0.0, format(fonts::regular(size)));
    }
    job
}

/// The height of a line of running text at `size`, on whole points: looser than the font's own.
pub fn line_height(size: f32) -> f32 {
    (size * 1.4).round()
}

fn spaced(text: RichText, size: f32) -> RichText {
    text.line_height(Some(line_height(size)))
}
