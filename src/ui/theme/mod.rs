//! The look of the window: colours, fonts, spacing, icons. Knows no screen and no widget.

pub mod fonts;
pub mod icon;
pub mod icons;
pub mod palette;
pub mod style;
pub mod text;

pub use palette::{Palette, Tone};

use egui::{Context, Ui};

/// The application's look, in its light and its dark form.
pub struct Theme;

impl Theme {
    /// Gives the context the bundled fonts and both styles.
    ///
    /// Which of the two is shown is egui's `set_theme` (light, dark or as the system is).
    pub fn install(ctx: &Context) {
        fonts::install(ctx);
        ctx.style_mut_of(egui::Theme::Dark, |s| style::apply(s, true, &palette::DARK));
        ctx.style_mut_of(egui::Theme::Light, |s| style::apply(s, false, &palette::LIGHT));
    }
}

/// The colours of the theme that `ui` is drawn in.
pub fn palette(ui: &Ui) -> &'static Palette {
    palette_for(ui.visuals().dark_mode)
}

/// The colours of the dark or the light theme.
pub fn palette_for(dark: bool) -> &'static Palette {
    if dark { &palette::DARK } else { &palette::LIGHT }
}
