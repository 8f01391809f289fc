//! The colours, by what they mean: one table for each theme, and nothing else names a colour.
//!
//! Text colours keep WCAG AA contrast (4.5:1) on every surface that they may stand on, which the
//! tests below assert. There is one accent; the tones are for meaning, never for decoration.

use egui::Color32;

/// The semantic colours of one theme.
#[derive(Debug, PartialEq, Eq)]
pub struct Palette {
    /// Furthest back: side bars, the ground behind fields.
    pub surface_0: Color32,
    /// The window itself.
    pub surface_1: Color32,
    /// Cards, fields and menus, raised above the window.
    pub surface_2: Color32,
    /// What is hovered or selected on any of the others.
    pub surface_3: Color32,
    /// Hairlines between and around things.
    pub border: Color32,
    /// The outline of controls: fields, secondary buttons.
    pub outline: Color32,
    /// Titles and names.
    pub text_strong: Color32,
    /// Running text.
    pub text: Color32,
    /// Times, hints, captions.
    pub text_weak: Color32,
    /// The one accent: primary buttons, selection, progress. Readable as text too.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hover: Color32,
    /// The accent while pressed.
    pub accent_pressed: Color32,
    /// Text and icons on the accent.
    pub on_accent: Color32,
    /// A breath of the accent, behind accent text.
    pub accent_soft: Color32,
    /// Text about what failed or is dangerous.
    pub danger: Color32,
    /// Fill of a button that destroys.
    pub danger_fill: Color32,
    /// Text on `danger_fill`.
    pub on_danger: Color32,
    /// Ground behind danger text.
    pub danger_soft: Color32,
    /// Text about what needs attention.
    pub warning: Color32,
    /// Ground behind warning text.
    pub warning_soft: Color32,
    /// Text about what went well.
    pub success: Color32,
    /// Ground behind success text.
    pub success_soft: Color32,
    /// Neutral notices and links.
    pub info: Color32,
    /// Ground behind info text.
    pub info_soft: Color32,
    /// Ground of one's own messages; `text_strong` stands on it.
    pub bubble_own: Color32,
    /// Weak text on `bubble_own`: time and ticks.
    pub bubble_own_weak: Color32,
    /// Ground of other people's messages.
    pub bubble_other: Color32,
    /// The ring around what has the keyboard.
    pub focus: Color32,
    /// Behind a modal.
    pub backdrop: Color32,
    /// Under cards and menus.
    pub shadow: Color32,
    /// Lines and bars of charts, in order; distinguishable without hue by their lightness.
    pub series: [Color32; 5],
    /// Grounds of avatars, with white initials.
    pub avatars: [Color32; 10],
}

/// What a notice, pill or icon is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Neutral,
    /// Belongs to the accent: selected, secure, current.
    Accent,
    /// A fact worth knowing.
    Info,
    /// It went well.
    Success,
    /// Look at this.
    Warning,
    /// It failed, or will hurt.
    Danger,
}

impl Palette {
    /// Text colour of a tone, readable on the surfaces and on [`Self::soft`] of the same tone.
    pub fn tone(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Neutral => self.text_weak,
            Tone::Accent => self.accent,
            Tone::Info => self.info,
            Tone::Success => self.success,
            Tone::Warning => self.warning,
            Tone::Danger => self.danger,
        }
    }

    /// Ground colour of a tone.
    pub fn soft(&self, tone: Tone) -> Color32 {
        match tone {
            Tone::Neutral => self.surface_3,
            Tone::Accent => self.accent_soft,
            Tone::Info => self.info_soft,
            Tone::Success => self.success_soft,
            Tone::Warning => self.warning_soft,
            Tone::Danger => self.danger_soft,
        }
    }
}

/// Dark: near-black blue greys, mint accent.
pub static DARK: Palette = Palette {
    surface_0: rgb(0x0B0D12),
    surface_1: rgb(0x10131A),
    surface_2: rgb(0x181C25),
    surface_3: rgb(0x222835),
    border: rgb(0x262C39),
    outline: rgb(0x3A4356),
    text_strong: rgb(0xF3F6FB),
    text: rgb(0xD2D8E3),
    text_weak: rgb(0x98A3B6),
    accent: rgb(0x38CBA6),
    accent_hover: rgb(0x52DDBA),
    accent_pressed: rgb(0x2BB18F),
    on_accent: rgb(0x04211A),
    accent_soft: rgb(0x12302B),
    danger: rgb(0xFF7F80),
    danger_fill: rgb(0xC9363C),
    on_danger: rgb(0xFFFFFF),
    danger_soft: rgb(0x371C22),
    warning: rgb(0xF3B650),
    warning_soft: rgb(0x33281A),
    success: rgb(0x5FD28B),
    success_soft: rgb(0x17301F),
    info: rgb(0x7DB8FF),
    info_soft: rgb(0x18283F),
    bubble_own: rgb(0x154A3E),
    bubble_own_weak: rgb(0xA5D8C9),
    bubble_other: rgb(0x1B202A),
    focus: rgb(0x6FF0CF),
    backdrop: Color32::from_black_alpha(150),
    shadow: Color32::from_black_alpha(110),
    series: [
        rgb(0x38CBA6),
        rgb(0x9D8CFF),
        rgb(0xF3B650),
        rgb(0x7DB8FF),
        rgb(0xFF7F80),
    ],
    avatars: AVATARS,
};

/// Light: paper whites, the same accent deep enough to be read.
pub static LIGHT: Palette = Palette {
    surface_0: rgb(0xEBEFF4),
    surface_1: rgb(0xF6F8FA),
    surface_2: rgb(0xFFFFFF),
    surface_3: rgb(0xE8ECF2),
    border: rgb(0xDDE2EA),
    outline: rgb(0xBCC5D2),
    text_strong: rgb(0x10151F),
    text: rgb(0x2C3443),
    text_weak: rgb(0x576275),
    accent: rgb(0x0A7560),
    accent_hover: rgb(0x0B836C),
    accent_pressed: rgb(0x085F4E),
    on_accent: rgb(0xFFFFFF),
    accent_soft: rgb(0xDAF0E9),
    danger: rgb(0xB4232A),
    danger_fill: rgb(0xC42B32),
    on_danger: rgb(0xFFFFFF),
    danger_soft: rgb(0xFBE6E6),
    warning: rgb(0x835300),
    warning_soft: rgb(0xFBEED3),
    success: rgb(0x156C3C),
    success_soft: rgb(0xDEF2E4),
    info: rgb(0x1B58AE),
    info_soft: rgb(0xE1ECFB),
    bubble_own: rgb(0xCDECE1),
    bubble_own_weak: rgb(0x35655A),
    bubble_other: rgb(0xFFFFFF),
    focus: rgb(0x0A7560),
    backdrop: Color32::from_black_alpha(90),
    shadow: Color32::from_black_alpha(26),
    series: [
        rgb(0x0A7560),
        rgb(0x5B45D6),
        rgb(0xB87503),
        rgb(0x2F74D0),
        rgb(0xC42B32),
    ],
    avatars: AVATARS,
};

const AVATARS: [Color32; 10] = [
    rgb(0x6D4AE8),
    rgb(0xC2377A),
    rgb(0xA85B12),
    rgb(0x1F6FC9),
    rgb(0x0E7C66),
    rgb(0x9B3FC0),
    rgb(0xBF3A36),
    rgb(0x3E7424),
    rgb(0x4C5FD7),
    rgb(0x0C7789),
];

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2.2, "relative luminance".
    fn luminance(color: Color32) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 {
                value / 12.92
            } else {
                ((value + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b())
    }

    fn contrast(a: Color32, b: Color32) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    const TONES: [Tone; 6] = [
        Tone::Neutral,
        Tone::Accent,
        Tone::Info,
        Tone::Success,
        Tone::Warning,
        Tone::Danger,
    ];

    #[test]
    fn contrast_is_measured_as_wcag_does() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        // The AA limit that everybody quotes: #767676 on white is 4.54.
        assert!((contrast(rgb(0x767676), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn all_text_is_readable_on_all_its_grounds() {
        let mut faults = Vec::new();
        for (name, p) in [("dark", &DARK), ("light", &LIGHT)] {
            let surfaces = [p.surface_0, p.surface_1, p.surface_2, p.surface_3, p.bubble_other];
            let mut pairs = vec![
                ("on_accent", p.on_accent, p.accent),
                ("on_accent hover", p.on_accent, p.accent_hover),
                ("on_danger", p.on_danger, p.danger_fill),
                ("own bubble", p.text_strong, p.bubble_own),
                ("own bubble weak", p.bubble_own_weak, p.bubble_own),
            ];
            for surface in surfaces {
                pairs.extend([
                    ("strong", p.text_strong, surface),
                    ("text", p.text, surface),
                    ("weak", p.text_weak, surface),
                ]);
                pairs.extend(TONES.map(|tone| ("tone", p.tone(tone), surface)));
            }
            pairs.extend(TONES.map(|tone| ("tone on soft", p.tone(tone), p.soft(tone))));
            pairs.extend(TONES.map(|tone| ("text on soft", p.text, p.soft(tone))));
            pairs.extend(p.avatars.map(|ground| ("initials", Color32::WHITE, ground)));
            for (what, text, ground) in pairs {
                let ratio = contrast(text, ground);
                if ratio < 4.5 {
                    faults.push(format!("{name} {what}: {text:?} on {ground:?} is {ratio:.2}"));
                }
            }
        }
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn focus_and_chart_lines_stand_out() {
        for p in [&DARK, &LIGHT] {
            for surface in [p.surface_0, p.surface_1, p.surface_2, p.surface_3] {
                assert!(contrast(p.focus, surface) >= 3.0);
                assert!(p.series.iter().all(|line| contrast(*line, surface) >= 3.0));
            }
        }
    }
}
