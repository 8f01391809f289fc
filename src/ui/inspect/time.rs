//! The time machine: a slider over the conversation, three switches, and what then opens.

use egui::{ScrollArea, Sense, Slider, Stroke, Ui, pos2, vec2};

use crate::session::clean;
use crate::session::wire::{Broken, TimeMachine, Wire, WireFrame};
use crate::ui::theme::{fonts, icons, palette, text};
use crate::ui::widgets::{paint, switch_ui};

/// Draws the time machine.
pub(super) fn time_ui(ui: &mut Ui, wire: &Wire, theft: &mut Option<usize>, broken: &mut Broken) {
    let shown: Vec<&WireFrame> = wire
        .frames()
        .filter(|frame| OPENING.contains(&frame.name()) || frame.said().is_some())
        .collect();
    let words = "Somebody has recorded this line from the beginning. Move the slider to the moment at which the keys of this computer are stolen, and see what opens.";
    ui.add(egui::Label::new(text::body(ui, words)).wrap());
    let last = shown.len();
    let mut at = theft.unwrap_or(last + 1).min(last + 1);
    ui.horizontal(|ui| {
        ui.spacing_mut().slider_width = (ui.available_width() - 330.0).max(120.0);
        let label = ui.label(text::small(ui, "The keys are stolen"));
        ui.add(Slider::new(&mut at, 1..=last + 1).show_value(false))
            .labelled_by(label.id);
        let moment = match shown.get(at.saturating_sub(1)) {
            Some(frame) => format!("after frame {}", frame.n),
            None => "never".to_owned(),
        };
        ui.label(text::strong(ui, moment));
    });
    *theft = (at <= last).then_some(at);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 24.0;
        switch_ui(ui, &mut broken.rsa, "RSA is broken", "");
        switch_ui(ui, &mut broken.x25519, "X25519 is broken", "");
        switch_ui(ui, &mut broken.ml_kem, "ML-KEM is broken", "");
    });
    let machine = TimeMachine {
        stolen_at: shown.get(at.saturating_sub(1)).map(|frame| frame.n),
        broken: *broken,
    };
    if broken.rsa {
        let words = "Who can forge RSA signatures can pose as anybody from now on, in new handshakes too. What was said before stays what it was.";
        ui.add(egui::Label::new(text::small(ui, words)).wrap());
    }
    ui.separator();
    ScrollArea::vertical()
        .id_salt("what opens")
        .auto_shrink(false)
        .show_rows(ui, ROW, shown.len(), |ui, rows| {
            for frame in shown.get(rows).unwrap_or_default() {
                row_ui(ui, wire, frame, &machine);
            }
        });
}

const ROW: f32 = 42.0;
/// Messages that agree on keys.
const OPENING: [&str; 8] = ["M1", "M2", "M3", "M4", "M5", "R1", "R2", "R3"];

fn row_ui(ui: &mut Ui, wire: &Wire, frame: &WireFrame, machine: &TimeMachine) {
    let p = palette(ui);
    let fate = machine.fate(wire, frame);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let said = frame.said();
    let words = match &said {
        Some(said) => clean::reveal_line(said).into_owned(),
        None if frame.name().starts_with('R') => format!("{} of a resumption", frame.name()),
        None => format!("{} of the handshake", frame.name()),
    };
    let state = if fate.opens { "opens" } else { "stays closed" };
    let spoken = format!("{words} {state}: {}", fate.why);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, &spoken));
    let (icon, color) = if fate.opens {
        (icons::LOCK_OPEN, p.danger)
    } else {
        (icons::LOCK, p.accent)
    };
    paint::icon(
        ui.painter(),
        pos2(rect.left() + 12.0, rect.center().y),
        icon,
        18.0,
        color,
    );
    let width = rect.width() - 40.0;
    let title = paint::line_within(ui, &words, fonts::medium(fonts::BODY), p.text_strong, width);
    paint::galley_left(ui.painter(), rect.left() + 30.0, rect.top() + 12.0, title);
    let why = paint::line_within(ui, fate.why, fonts::regular(fonts::SMALL), p.text_weak, width);
    paint::galley_left(ui.painter(), rect.left() + 30.0, rect.top() + 30.0, why);
    if machine.stolen_at == Some(frame.n) {
        // The moment of the theft, between what was before and what comes after.
        let line = Stroke::new(2.0, p.danger);
        ui.painter().hline(rect.x_range(), rect.bottom(), line);
        let font = fonts::medium(fonts::SMALL);
        let theft = paint::line(ui, "the keys are stolen", font, p.danger);
        let left = rect.right() - theft.size().x - 4.0;
        paint::galley_left(ui.painter(), left, rect.top() + 12.0, theft);
    }
    response.on_hover_text(spoken);
}
