//! Where one writes: Enter sends, Shift+Enter makes a new line, the field grows to six lines.

use egui::text::{CCursor, CCursorRange};
use egui::{
    Align, Frame, Id, Key, KeyboardShortcut, Layout, Margin, Modifiers, Popup, Rect, Response, RichText,
    ScrollArea, StrokeKind, TextEdit, Ui, UiBuilder, pos2, style::ScrollAnimation, vec2,
};

use crate::session::MAX_MESSAGE_BYTES;
use crate::ui::screens::grouped;
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Button, IconButton};

/// What the composer remembers beside the draft, which belongs to the room.
#[derive(Debug)]
pub struct Composer {
    height: f32,
    /// The end of the caret's way: how long the draft was and where it stood when last drawn.
    caret: (usize, usize),
    /// For how many frames the caret is kept in sight: the field grows one frame late.
    follow: u8,
    /// Whether an emoji was chosen just now: writing goes on behind it.
    returns: bool,
    /// The field's id, once it was drawn.
    id: Option<Id>,
}

impl Default for Composer {
    fn default() -> Self {
        Self {
            height: LEAST_HEIGHT,
            caret: (0, 0),
            follow: 0,
            returns: false,
            id: None,
        }
    }
}

/// How the composer is to be drawn.
pub struct ComposerLook<'a> {
    /// What stands in the empty field.
    pub hint: &'a str,
    /// Whether sending works now.
    pub can_send: bool,
    /// Whether the field takes the keyboard.
    pub focus: bool,
    /// Whether what is typed while nothing has the keyboard goes here.
    pub typing: bool,
}

impl Composer {
    /// Draws the composer; gives the text to send, and empties the draft then.
    pub fn show_ui(&mut self, ui: &mut Ui, draft: &mut String, look: &ComposerLook<'_>) -> Option<String> {
        let id = self.field_id(ui);
        let focused = ui.memory(|memory| memory.focused());
        let typed = look.typing && focused.is_none() && is_typing(ui);
        if typed || (look.focus && focused != Some(id)) {
            caret_to_end(ui, id, draft);
        }
        if typed {
            ui.memory_mut(|memory| memory.request_focus(id));
        }
        let has_focus = ui.memory(|memory| memory.has_focus(id));
        let enter = has_focus && take_plain_enter(ui);
        let mut send = enter;

        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), self.height), egui::Sense::hover());
        let low = rect.bottom() - LEAST_HEIGHT + (LEAST_HEIGHT - 32.0) / 2.0;
        let smiley = egui::Rect::from_min_size(pos2(rect.left(), low), vec2(32.0, 32.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(smiley));
        let inserted = emoji_ui(&mut child, id, draft);

        let field =
            egui::Rect::from_min_max(rect.min + vec2(40.0, 0.0), rect.max - vec2(SEND_WIDTH + 8.0, 0.0));
        let mut child = ui.new_child(UiBuilder::new().max_rect(field));
        self.field_ui(&mut child, id, draft, look);
        self.returns = inserted;

        let sendable = look.can_send && !draft.trim().is_empty() && draft.len() <= MAX_MESSAGE_BYTES;
        let at = egui::Rect::from_min_max(pos2(rect.right() - SEND_WIDTH, low), rect.max);
        let mut child = ui.new_child(UiBuilder::new().max_rect(at).layout(Layout::top_down(Align::Max)));
        let button = Button::primary("Send").icon(icons::PAPER_PLANE_RIGHT);
        let button = child.add_enabled(sendable, button);
        send |= button
            .on_hover_text("Enter sends, Shift+Enter makes a new line")
            .clicked();
        length_ui(ui, draft.len());
        if !(send && sendable) {
            return None;
        }
        ui.memory_mut(|memory| memory.request_focus(id));
        let text = draft.trim_end().to_owned();
        draft.clear();
        Some(text)
    }

    /// The id of this composer's field alone, so that Ctrl+Z brings nothing up that was written in another one.
    fn field_id(&mut self, ui: &Ui) -> Id {
        *self.id.get_or_insert_with(|| {
            let counted = Id::unique("composers");
            let number = ui.data_mut(|data| {
                let number = data.get_temp_mut_or_default::<u64>(counted);
                *number += 1;
                *number
            });
            Id::unique(("composer", number))
        })
    }

    fn field_ui(&mut self, ui: &mut Ui, id: Id, draft: &mut String, look: &ComposerLook<'_>) {
        let p = palette(ui);
        let field = ui.max_rect();
        let fill = ui.visuals().text_edit_bg_color();
        ui.painter().rect_filled(field, style::RADIUS, fill);
        let hint = RichText::new(look.hint)
            .font(fonts::regular(fonts::BODY))
            .color(p.text_weak);
        let shown = ScrollArea::vertical()
            .id_salt("composer")
            .max_height(MOST_HEIGHT)
            .min_scrolled_height(MOST_HEIGHT)
            .auto_shrink([false, true])
            .show(ui, |ui| {
                let edit = TextEdit::multiline(draft)
                    .id(id)
                    .font(fonts::regular(fonts::BODY))
                    .hint_text(hint)
                    .desired_rows(1)
                    .desired_width(f32::INFINITY)
                    // The frame stands around what is scrolled, so that it is always closed.
                    .frame(Frame::new().inner_margin(Margin::symmetric(12, 9)))
                    .return_key(KeyboardShortcut::new(Modifiers::SHIFT, Key::Enter));
                let output = edit.show(ui);
                let caret = output.cursor_range.map(|range| range.primary);
                let stands = (
                    output.galley.text().len(),
                    caret.map_or(0, |caret| usize::from(caret.index)),
                );
                if std::mem::replace(&mut self.caret, stands) != stands {
                    self.follow = FOLLOW_FRAMES;
                }
                if self.follow > 0
                    && let Some(caret) = caret
                {
                    self.follow -= 1;
                    let at = output.galley.pos_from_cursor(caret);
                    let at = at.translate(output.galley_pos.to_vec2()).expand2(vec2(0.0, 9.0));
                    ui.scroll_to_rect_animation(at, None, ScrollAnimation::none());
                }
                output.response.response.accessible_name("Message")
            });
        frame_ui(ui, field, &shown.inner);
        if look.focus || self.returns {
            shown.inner.request_focus();
        }
        let height = shown.content_size.y.clamp(LEAST_HEIGHT, MOST_HEIGHT).ceil();
        if (height - self.height).abs() > 0.5 {
            self.height = height;
            ui.ctx().request_repaint();
        }
    }
}

/// The frame of the field, over what is scrolled in it, as egui draws it around every other field.
fn frame_ui(ui: &Ui, field: Rect, response: &Response) {
    let look = ui.style().interact(response);
    let stroke = if response.has_focus() {
        ui.visuals().selection.stroke
    } else {
        look.bg_stroke
    };
    ui.painter()
        .rect_stroke(field, style::RADIUS, stroke, StrokeKind::Inside);
}

/// Whether something that can be read is typed in this frame.
fn is_typing(ui: &Ui) -> bool {
    ui.input(|input| {
        input
            .events
            .iter()
            .any(|event| matches!(event, egui::Event::Text(text) if !text.trim().is_empty()))
    })
}

/// Puts the caret behind the draft.
fn caret_to_end(ui: &Ui, field: Id, draft: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let end = CCursor::new(draft.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(end)));
    state.store(ui.ctx(), field);
}

/// Takes Enter without Shift out of the input, so that the field does not see it.
fn take_plain_enter(ui: &Ui) -> bool {
    ui.input_mut(|input| {
        let before = input.events.len();
        input.events.retain(|event| {
            !matches!(
                event,
                egui::Event::Key { key: Key::Enter, pressed: true, modifiers, .. } if modifiers.is_none()
            )
        });
        input.events.len() < before
    })
}

/// Warns near the longest message that the room takes.
fn length_ui(ui: &mut Ui, bytes: usize) {
    if bytes + WARN_BELOW <= MAX_MESSAGE_BYTES {
        return;
    }
    let p = palette(ui);
    let (words, color) = if bytes > MAX_MESSAGE_BYTES {
        let over = grouped(bytes - MAX_MESSAGE_BYTES);
        (
            format!("Too long by {over} bytes. Shorten it, or send it in parts."),
            p.danger,
        )
    } else {
        let left = grouped(MAX_MESSAGE_BYTES - bytes);
        (format!("{left} bytes left."), p.text_weak)
    };
    ui.label(text::small(ui, words).color(color));
}

/// Draws the button and its emoji; returns whether one was inserted.
fn emoji_ui(ui: &mut Ui, field: Id, draft: &mut String) -> bool {
    let mut inserted = false;
    let button = ui.add(IconButton::new(icons::SMILEY, "Insert an emoji"));
    Popup::menu(&button)
        .gap(6.0)
        .align(egui::RectAlign::TOP_START)
        .show(|ui| {
            ui.set_max_width(8.0 * 34.0);
            ui.spacing_mut().item_spacing = vec2(2.0, 2.0);
            for row in EMOJI.chunks(8) {
                ui.horizontal(|ui| {
                    for (sign, name) in row {
                        let sign_text = RichText::new(*sign).size(19.0);
                        let button = egui::Button::new(sign_text)
                            .frame(false)
                            .min_size(vec2(32.0, 32.0));
                        let answer = ui.add(button).accessible_name(*name).on_hover_text(*name);
                        if answer.clicked() {
                            insert(ui, field, draft, sign);
                            inserted = true;
                            ui.close();
                        }
                    }
                });
            }
        });
    inserted
}

/// Puts the text where the caret is, and the caret behind it.
fn insert(ui: &Ui, field: Id, draft: &mut String, what: &str) {
    let mut state = TextEdit::load_state(ui.ctx(), field).unwrap_or_default();
    let chars = draft.chars().count();
    let at = state
        .cursor
        .char_range()
        .map_or(chars, |range| usize::from(range.primary.index))
        .min(chars);
    let byte = draft.char_indices().nth(at).map_or(draft.len(), |(byte, _)| byte);
    draft.insert_str(byte, what);
    let behind = CCursor::new(at + what.chars().count());
    state.cursor.set_char_range(Some(CCursorRange::one(behind)));
    state.store(ui.ctx(), field);
    ui.ctx().request_repaint();
}

const EMOJI: [(&str, &str); 32] = [
    ("😀", "Grinning"),
    ("😂", "Tears of joy"),
    ("🙂", "Smile"),
    ("😉", "Wink"),
    ("😍", "Heart eyes"),
    ("🤔", "Thinking"),
    ("😎", "Sunglasses"),
    ("😴", "Sleeping"),
    ("😢", "Crying"),
    ("😮", "Surprised"),
    ("😡", "Angry"),
    ("🙈", "See no evil"),
    ("👍", "Thumbs up"),
    ("👎", "Thumbs down"),
    ("👏", "Clapping"),
    ("🙏", "Thanks"),
    ("💪", "Strong"),
    ("👀", "Eyes"),
    ("❤", "Heart"),
    ("🎉", "Party"),
    ("🔥", "Fire"),
    ("⭐", "Star"),
    ("✅", "Done"),
    ("❌", "No"),
    ("❓", "Question"),
    ("💡", "Idea"),
    ("🔑", "Key"),
    ("🔒", "Locked"),
    ("🕵", "Detective"),
    ("🚀", "Rocket"),
    ("🍕", "Pizza"),
    ("☕", "Coffee"),
];

const LEAST_HEIGHT: f32 = 38.0;
const MOST_HEIGHT: f32 = 126.0;
const SEND_WIDTH: f32 = 88.0;
const FOLLOW_FRAMES: u8 = 3;
const WARN_BELOW: usize = 2048;
