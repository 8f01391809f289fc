//! egui's own style, filled from the palette: spacing on a 4/8 grid, radius 8, hairlines, a visible
//! focus ring. Widgets of this crate read the constants here rather than repeat them.

use egui::style::{ScrollStyle, Selection, WidgetVisuals, Widgets};
use egui::{
    Color32, CornerRadius, CursorIcon, Margin, Shadow, Stroke, Style, TextStyle, Visuals, epaint::StrokeKind,
    vec2,
};

use super::fonts;
use super::palette::Palette;

/// Radius of controls and cards.
pub const RADIUS: u8 = 8;
/// Radius of large cards, modals and bubbles.
pub const RADIUS_LARGE: u8 = 12;
/// Height of buttons, fields and rows.
pub const CONTROL_HEIGHT: f32 = 32.0;
/// Width of the focus ring.
pub const FOCUS_WIDTH: f32 = 2.0;
/// The spacing grid: tight, small, medium, large, huge.
pub const GAP: [f32; 5] = [4.0, 8.0, 12.0, 16.0, 24.0];

/// More than a window is high; egui keeps what it opens within the window.
const MOST_AREA_HEIGHT: f32 = 4096.0;

/// Fills `style` for one theme.
pub fn apply(style: &mut Style, dark: bool, p: &Palette) {
    style.text_styles = [
        (TextStyle::Small, fonts::regular(fonts::SMALL)),
        (TextStyle::Body, fonts::regular(fonts::BODY)),
        (TextStyle::Button, fonts::medium(fonts::BODY)),
        (TextStyle::Monospace, fonts::mono(fonts::MONO)),
        (TextStyle::Heading, fonts::semibold(fonts::HEADING)),
    ]
    .into();

    let spacing = &mut style.spacing;
    spacing.item_spacing = vec2(8.0, 8.0);
    spacing.button_padding = vec2(12.0, 7.0);
    spacing.interact_size = vec2(40.0, CONTROL_HEIGHT);
    spacing.window_margin = Margin::same(16);
    spacing.menu_margin = Margin::same(6);
    spacing.menu_spacing = 4.0;
    spacing.indent = 16.0;
    spacing.icon_width = 18.0;
    spacing.icon_width_inner = 10.0;
    spacing.icon_spacing = 8.0;
    spacing.slider_width = 160.0;
    spacing.slider_rail_height = 6.0;
    spacing.combo_width = 120.0;
    spacing.text_edit_width = 280.0;
    spacing.tooltip_width = 360.0;
    // A list that drops down may be as high as the window: egui would cut it at 400 points.
    spacing.default_area_size.y = MOST_AREA_HEIGHT;
    spacing.scroll = ScrollStyle {
        bar_width: 8.0,
        floating_width: 4.0,
        ..ScrollStyle::thin()
    };

    style.interaction.tooltip_delay = 0.35;
    style.interaction.selectable_labels = false;
    style.animation_time = 0.12;
    style.visuals = visuals(dark, p);
}

/// The focus ring around `rect`, which has corners of `radius`: just outside it.
pub fn focus_ring(painter: &egui::Painter, rect: egui::Rect, radius: impl Into<CornerRadius>, p: &Palette) {
    let radius = radius.into();
    let grown = radius + CornerRadius::same(2);
    painter.rect_stroke(
        rect.expand(2.0),
        grown,
        Stroke::new(FOCUS_WIDTH, p.focus),
        StrokeKind::Inside,
    );
}

/// The soft shadow below a raised card.
pub fn card_shadow(p: &Palette) -> Shadow {
    Shadow {
        offset: [0, 1],
        blur: 4,
        spread: 0,
        color: p.shadow.gamma_multiply(0.6),
    }
}

fn visuals(dark: bool, p: &Palette) -> Visuals {
    let base = if dark { Visuals::dark() } else { Visuals::light() };
    let floating_shadow = Shadow {
        offset: [0, 8],
        blur: 24,
        spread: 0,
        color: p.shadow,
    };
    let mut visuals = Visuals {
        weak_text_color: Some(p.text_weak),
        widgets: widgets(p),
        selection: Selection {
            bg_fill: selection(dark, p),
            stroke: Stroke::new(FOCUS_WIDTH, if dark { p.focus } else { p.accent_pressed }),
        },
        hyperlink_color: p.info,
        faint_bg_color: p.surface_3.gamma_multiply(0.35),
        extreme_bg_color: p.surface_0,
        text_edit_bg_color: Some(if dark { p.surface_0 } else { p.surface_2 }),
        code_bg_color: p.surface_3,
        warn_fg_color: p.warning,
        error_fg_color: p.danger,
        window_corner_radius: CornerRadius::same(RADIUS_LARGE),
        window_shadow: floating_shadow,
        window_fill: p.surface_2,
        window_stroke: Stroke::new(1.0, p.border),
        menu_corner_radius: CornerRadius::same(RADIUS),
        panel_fill: p.surface_1,
        popup_shadow: floating_shadow,
        slider_trailing_fill: true,
        handle_shape: egui::style::HandleShape::Rect { aspect_ratio: 0.6 },
        interact_cursor: Some(CursorIcon::PointingHand),
        disabled_alpha: 0.45,
        ..base
    };
    visuals.text_cursor.stroke = Stroke::new(2.0, p.accent);
    // A blinking caret repaints for as long as a field has the focus.
    visuals.text_cursor.blink = false;
    visuals
}

/// Behind selected text, and the filled part of sliders.
fn selection(dark: bool, p: &Palette) -> Color32 {
    if dark {
        Color32::from_rgb(0x1D, 0x5C, 0x4E)
    } else {
        p.accent_soft.lerp_to_gamma(p.accent, 0.18)
    }
}

fn widgets(p: &Palette) -> Widgets {
    let state = |fill: Color32, stroke: Stroke, text: Color32| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: stroke,
        corner_radius: CornerRadius::same(RADIUS),
        fg_stroke: Stroke::new(1.5, text),
        expansion: 0.0,
    };
    Widgets {
        noninteractive: WidgetVisuals {
            fg_stroke: Stroke::new(1.0, p.text),
            ..state(p.surface_2, Stroke::new(1.0, p.border), p.text)
        },
        // `bg_fill` is the ground of boxes and rails, `weak_bg_fill` that of buttons.
        inactive: WidgetVisuals {
            weak_bg_fill: p.surface_2,
            ..state(p.surface_3, Stroke::new(1.0, p.outline), p.text)
        },
        hovered: state(p.surface_3, Stroke::new(1.0, p.outline), p.text_strong),
        // Also what egui's own widgets show while they have the keyboard.
        active: state(p.surface_3, Stroke::new(FOCUS_WIDTH, p.focus), p.text_strong),
        open: state(p.surface_3, Stroke::new(1.0, p.outline), p.text_strong),
    }
}
