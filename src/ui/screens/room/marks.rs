//! What stands between the messages: the day, the unread line, who came and went, alarms.

use egui::{Rect, Role, Sense, Stroke, Ui, UiBuilder, WidgetInfo};

use super::rows::{Row, RowKind};
use crate::session::{Line, Transcript, clean};
use crate::ui::theme::{Tone, fonts, palette};
use crate::ui::widgets::{Banner, paint};

/// How high the announcement of a day is.
pub const DAY_HEIGHT: f32 = 36.0;
/// How high the unread line is.
pub const UNREAD_HEIGHT: f32 = 30.0;

/// Draws a day in the middle.
pub fn day_ui(ui: &Ui, rect: Rect, day: &str) {
    let p = palette(ui);
    let galley = paint::line(ui, day, fonts::medium(fonts::SMALL), p.text_weak);
    let size = galley.size();
    let at = rect.center() - size / 2.0;
    line_ui(ui, rect, size.x / 2.0 + 14.0, p.border);
    paint::galley_at(ui.painter(), at, galley, p.text_weak);
    speak(ui, rect, ("day", day), day);
}

/// Draws the line above the first unread message.
pub fn unread_ui(ui: &Ui, rect: Rect) {
    let p = palette(ui);
    let galley = paint::line(ui, "New messages", fonts::medium(fonts::SMALL), p.accent);
    let size = galley.size();
    line_ui(ui, rect, size.x / 2.0 + 14.0, p.accent.gamma_multiply(0.6));
    paint::galley_at(ui.painter(), rect.center() - size / 2.0, galley, p.accent);
    speak(ui, rect, "unread", "New messages");
}

/// How high a row is that is no message.
pub fn height(ui: &Ui, row: &Row, transcript: &Transcript, width: f32) -> f32 {
    let text = words(row, transcript);
    match row.kind {
        RowKind::Alarm => {
            let p = palette(ui);
            let text_width = width - 28.0 - 20.0;
            let font = fonts::regular(fonts::BODY);
            let galley = paint::wrapped(ui, &text, font, p.text, text_width);
            (galley.size().y + 19.0 + 2.0 + 16.0 + 16.0).ceil() + 2.0
        }
        _ => {
            let galley = paint::wrapped(
                ui,
                &text,
                fonts::regular(fonts::SMALL),
                palette(ui).text_weak,
                width,
            );
            galley.size().y.ceil() + 12.0
        }
    }
}

/// Draws a row that is no message.
pub fn mark_ui(ui: &mut Ui, rect: Rect, row: &Row, transcript: &Transcript) {
    let p = palette(ui);
    let text = words(row, transcript);
    if row.kind == RowKind::Alarm {
        let at = rect.shrink2(egui::vec2(0.0, 8.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(at));
        let _ = Banner::new(Tone::Danger, &text)
            .title(ALARM_TITLE)
            .show(&mut child);
        return;
    }
    if row.kind == RowKind::Missed {
        let galley = paint::line(ui, &text, fonts::medium(fonts::SMALL), p.accent);
        let size = galley.size();
        line_ui(ui, rect, size.x / 2.0 + 14.0, p.accent.gamma_multiply(0.6));
        speak(ui, rect, "mark", &text);
        paint::galley_at(ui.painter(), rect.center() - size / 2.0, galley, p.accent);
        return;
    }
    let font = fonts::regular(fonts::SMALL);
    let galley = paint::centred(ui, &text, font, p.text_weak, rect.width());
    // Its rows stand to both sides of where it is drawn.
    let at = rect.center() - galley.size() / 2.0 - egui::vec2(galley.rect.left(), 0.0);
    speak(ui, rect, "mark", &text);
    paint::galley_at(ui.painter(), at, galley, p.text_weak);
}

/// What a row says.
fn words(row: &Row, transcript: &Transcript) -> String {
    let lines = transcript.lines();
    match (lines.get(row.index), row.kind) {
        (Some(Line::Joined { .. }), RowKind::Joined { last }) => {
            joined(lines.get(row.index..=last).unwrap_or_default())
        }
        (Some(Line::Missed), _) => "Missed while you were away".to_owned(),
        (Some(Line::Left { name, how, .. }), _) => format!("{} {how}", short_name(name)),
        (Some(Line::Alarm { text } | Line::Alike { text, .. } | Line::Note { text }), _) => {
            clean::reveal_line(text).into_owned()
        }
        _ => String::new(),
    }
}

fn short_name(name: &str) -> String {
    let name = clean::reveal_line(name);
    if name.chars().count() <= LONGEST_NAME {
        return name.into_owned();
    }
    let start: String = name.chars().take(LONGEST_NAME).collect();
    format!("{start}…")
}

/// Who joined one after the other. Of a large crowd only the names that are shown are looked at.
fn joined(run: &[Line]) -> String {
    let shown = match run.len() {
        all if all <= MOST_NAMES => all,
        _ => MOST_NAMES - 1,
    };
    let names: Vec<String> = run
        .iter()
        .take(shown)
        .filter_map(|line| match line {
            Line::Joined { name, .. } => Some(short_name(name)),
            _ => None,
        })
        .collect();
    format!("{} joined", listed(&names, run.len() - shown))
}

/// "Ada", "Ada and Bob", "Ada, Bob, Cem and 57 others".
fn listed(names: &[String], others: usize) -> String {
    match (names, others) {
        ([rest @ .., last], 0) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (names, 0) => names.join(", "),
        (names, others) => format!("{} and {others} others", names.join(", ")),
    }
}

fn line_ui(ui: &Ui, rect: Rect, hole: f32, color: egui::Color32) {
    let y = rect.center().y.round() + 0.5;
    let middle = rect.center().x;
    let stroke = Stroke::new(1.0, color);
    let painter = ui.painter();
    painter.hline(rect.left()..=middle - hole, y, stroke);
    painter.hline(middle + hole..=rect.right(), y, stroke);
}

fn speak(ui: &Ui, rect: Rect, id: impl egui::AsIdSalt, text: &str) {
    let response = ui.interact(rect, ui.scope_id().with(id), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
}

/// The title of every alarm.
pub const ALARM_TITLE: &str = "A check failed";
const LONGEST_NAME: usize = 40;
/// So many who joined are all named; of more the first, and how many others.
const MOST_NAMES: usize = 4;
