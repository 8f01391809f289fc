//! The bundled fonts, and the sizes of the type scale.
//!
//! Inter for text, JetBrains Mono for bytes and keys, Noto Emoji where text holds emoji. The icons
//! are a family of their own, so that no peer can draw a seal of approval by sending a character.

use std::sync::Arc;

use egui::epaint::text::FontTweak;
use egui::{Context, FontData, FontDefinitions, FontFamily, FontId};

/// Size of running text, in points.
pub const BODY: f32 = 14.0;
/// Size of times, hints and captions.
pub const SMALL: f32 = 12.0;
/// Size of bytes, keys and ciphertext.
pub const MONO: f32 = 13.0;
/// Size of a card's title.
pub const SUBHEADING: f32 = 15.0;
/// Size of a screen part's title.
pub const HEADING: f32 = 20.0;
/// Size of a screen's title.
pub const TITLE: f32 = 24.0;
/// Size of icons in buttons and rows.
pub const ICON: f32 = 18.0;

/// Puts the bundled fonts before egui's own.
pub fn install(ctx: &Context) {
    ctx.set_fonts(definitions());
}

/// Running text at `size`.
pub fn regular(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Medium weight (500) at `size`: button labels.
pub fn medium(size: f32) -> FontId {
    FontId::new(size, family(MEDIUM_FAMILY))
}

/// Semibold (600) at `size`: titles and names.
pub fn semibold(size: f32) -> FontId {
    FontId::new(size, family(SEMIBOLD_FAMILY))
}

/// Monospace at `size`.
pub fn mono(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// Icons at `size`; the characters are those of [`super::icons`].
pub fn icon(size: f32) -> FontId {
    FontId::new(size, family(ICON_FAMILY))
}

/// The fonts and their order of fallback.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let mut add = |name: &str, data: FontData| {
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
    };
    add("Inter", FontData::from_static(INTER));
    add("Inter Medium", weighted(500.0));
    add("Inter Semibold", weighted(600.0));
    add("JetBrains Mono", FontData::from_static(JETBRAINS_MONO));
    add("Noto Emoji", FontData::from_static(NOTO_EMOJI));
    // Phosphor draws within a square that sits on the baseline; the shift centres it beside text.
    let tweak = FontTweak {
        y_offset_factor: ICON_SHIFT,
        ..Default::default()
    };
    add("Phosphor", FontData::from_static(PHOSPHOR).tweak(tweak));

    let fallback = fonts
        .families
        .get(&FontFamily::Proportional)
        .cloned()
        .unwrap_or_default();
    let mut chain = |family: FontFamily, first: &[&str]| {
        let names = first.iter().map(|name| (*name).to_owned());
        // Hack, egui's own monospace font, has the mathematical signs that the others lack.
        let names = names.chain(fallback.iter().cloned()).chain(["Hack".to_owned()]);
        fonts.families.insert(family, names.collect());
    };
    chain(
        FontFamily::Proportional,
        &["Inter", "Noto Emoji", "JetBrains Mono"],
    );
    chain(
        family(MEDIUM_FAMILY),
        &["Inter Medium", "Noto Emoji", "JetBrains Mono"],
    );
    chain(
        family(SEMIBOLD_FAMILY),
        &["Inter Semibold", "Noto Emoji", "JetBrains Mono"],
    );
    chain(FontFamily::Monospace, &["JetBrains Mono", "Inter", "Noto Emoji"]);
    fonts
        .families
        .insert(family(ICON_FAMILY), vec!["Phosphor".to_owned()]);
    fonts
}

fn family(name: &'static str) -> FontFamily {
    FontFamily::Name(name.into())
}

fn weighted(weight: f32) -> FontData {
    let mut tweak = FontTweak::default();
    tweak.coords.push(b"wght", weight);
    FontData::from_static(INTER).tweak(tweak)
}

const MEDIUM_FAMILY: &str = "medium";
const SEMIBOLD_FAMILY: &str = "semibold";
const ICON_FAMILY: &str = "icons";
const ICON_SHIFT: f32 = 0.0;

const INTER: &[u8] = include_bytes!("../../../assets/fonts/Inter.ttf");
const JETBRAINS_MONO: &[u8] = include_bytes!("../../../assets/fonts/JetBrainsMono.ttf");
const NOTO_EMOJI: &[u8] = include_bytes!("../../../assets/fonts/NotoEmoji.ttf");
const PHOSPHOR: &[u8] = include_bytes!("../../../assets/fonts/Phosphor.ttf");

#[cfg(test)]
mod tests {
    use super::*;
    use egui::epaint::text::{Fonts, TextOptions};

    fn fonts() -> Fonts {
        Fonts::new(TextOptions::default(), definitions())
    }

    #[test]
    fn every_icon_has_its_glyph() {
        let mut fonts = fonts();
        for (name, glyph) in crate::ui::theme::icons::ALL {
            assert!(fonts.has_glyphs(&icon(ICON), glyph), "{name} has no glyph");
        }
    }

    #[test]
    fn text_families_hold_no_icons() {
        let mut fonts = fonts();
        let seal = crate::ui::theme::icons::SEAL_CHECK;
        for font in [regular(BODY), medium(BODY), semibold(BODY), mono(MONO)] {
            assert!(!fonts.has_glyphs(&font, seal));
        }
    }

    #[test]
    fn common_scripts_emoji_and_signs_are_drawn_everywhere() {
        let mut fonts = fonts();
        for font in [regular(BODY), medium(BODY), semibold(BODY), mono(MONO)] {
            for text in [
                "Čapek ğ ß Łódź",
                "Ωμέγα",
                "Привет Ґ",
                "→ ⇄ ≈ ≠ ≤ ∈ ⊕ × … ⟨U+202E⟩ ✓ ●",
                "🐶🦄🔑🚀🎸🍕🥷❤",
            ] {
                assert!(fonts.has_glyphs(&font, text), "{text} in {font:?}");
            }
        }
    }

    #[test]
    fn what_no_font_has_is_drawn_as_a_box() {
        let mut fonts = fonts();
        for font in [regular(BODY), medium(BODY), semibold(BODY), mono(MONO)] {
            for letter in ['ก', 'न', '漢', '한'] {
                assert!(!fonts.has_glyph(&font, letter), "{letter} needs no box");
                let galley = fonts.with_pixels_per_point(1.0).layout_no_wrap(
                    letter.to_string(),
                    font.clone(),
                    egui::Color32::WHITE,
                );
                let drawn = &galley.rows[0].row.glyphs[0];
                assert!(!drawn.uv_rect.is_nothing(), "{letter} is blank in {font:?}");
                assert!(drawn.advance_width > 4.0, "{letter} takes no room in {font:?}");
            }
        }
    }
}
