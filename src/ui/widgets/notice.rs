//! The row that banners and toasts share: icon, text, an action and a cross.

use egui::{Color32, Rect, Response, Role, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::banner::BannerResponse;
use super::button::Button;
use super::icon_button::IconButton;
use super::paint;
use crate::ui::theme::{fonts, icons, palette};

/// What a notice shows.
pub(super) struct Notice<'a> {
    pub icon: &'a str,
    pub color: Color32,
    pub title: Option<&'a str>,
    pub text: &'a str,
    pub text_color: Color32,
    pub action: Option<&'a str>,
    /// Whether the action gets the keyboard, where nothing else has it.
    pub takes_keyboard: bool,
    pub closable: bool,
    /// Whether the keyboard reaches its cross.
    pub keyboard: bool,
}

/// Draws a notice over the available width, as high as its text needs. Gives what was pressed, and
/// the response of the text.
pub(super) fn notice_ui(ui: &mut Ui, notice: &Notice<'_>) -> (BannerResponse, Response) {
    let p = palette(ui);
    let width = ui.available_width();
    let button_width = notice.action.map_or(0.0, |label| {
        paint::line(ui, label, fonts::medium(13.0), p.text).size().x + 20.0 + GAP
    });
    let cross_width = if notice.closable { CROSS + 4.0 } else { 0.0 };
    let text_width = width - TEXT_LEFT - button_width - cross_width;
    let title = notice
        .title
        .map(|title| paint::wrapped(ui, title, fonts::semibold(fonts::BODY), notice.color, text_width));
    let text = paint::wrapped(
        ui,
        notice.text,
        fonts::regular(fonts::BODY),
        notice.text_color,
        text_width,
    );
    let title_height = title.as_ref().map_or(0.0, |title| title.size().y + 2.0);
    let text_height = title_height + text.size().y;
    let height = text_height.max(LEAST_HEIGHT);

    let (rect, response) = ui.allocate_exact_size(vec2(width, height), Sense::hover());
    response.widget_info(|| {
        let spoken = match notice.title {
            Some(title) => format!("{title}: {}", notice.text),
            None => notice.text.to_owned(),
        };
        WidgetInfo::labeled(Role::Label, true, spoken)
    });

    // With one line the icon stands beside it; with more, beside the first.
    let first_line = title
        .as_ref()
        .unwrap_or(&text)
        .rows
        .first()
        .map_or(17.0, |row| row.size.y);
    let top = rect.center().y - text_height / 2.0;
    let painter = ui.painter();
    paint::icon(
        painter,
        pos2(rect.left() + 9.0, top + first_line / 2.0),
        notice.icon,
        18.0,
        notice.color,
    );
    let left = rect.left() + TEXT_LEFT;
    if let Some(title) = title {
        paint::galley_at(painter, pos2(left, top), title, notice.color);
    }
    paint::galley_at(painter, pos2(left, top + title_height), text, notice.text_color);

    let mut answer = BannerResponse::default();
    let middle = rect.center().y;
    if let Some(label) = notice.action {
        let right = rect.right() - cross_width;
        let size = vec2(button_width - GAP, 26.0);
        let at = Rect::from_center_size(pos2(right - size.x / 2.0, middle), size).expand2(vec2(1.0, 0.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(at));
        let button = child.add(Button::secondary(label).small());
        if notice.takes_keyboard && ui.memory(|memory| memory.focused().is_none()) {
            button.request_focus();
        }
        answer.action = button.clicked();
    }
    if notice.closable {
        let at = Rect::from_center_size(pos2(rect.right() - CROSS / 2.0, middle), vec2(CROSS, CROSS));
        let mut child = ui.new_child(UiBuilder::new().max_rect(at));
        let cross = IconButton::new(icons::X, "Dismiss")
            .small()
            .keyboard(notice.keyboard);
        answer.closed = child.add(cross).clicked();
    }
    (answer, response)
}

const TEXT_LEFT: f32 = 28.0;
const LEAST_HEIGHT: f32 = 26.0;
const CROSS: f32 = 24.0;
const GAP: f32 = 8.0;
