//! One message as a bubble: own to the right, others to the left, with time, signature and state.

mod layout;

use std::collections::HashMap;
use std::sync::Arc;

use egui::text_selection::LabelSelectionState;
use egui::{
    Color32, CornerRadius, Galley, Rect, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder,
    WidgetInfo, pos2, vec2,
};

use self::layout::{APART, AVATAR, Layout, MARK, More, PAD_X, PAD_Y, indent};
use crate::lab::room_challenge::challenge_in;
use crate::session::{Fingerprint, MessageLine, MessageState, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::{Palette, Tone, fonts, icons, palette, style};
use crate::ui::widgets::{Avatar, Button, IconButton, paint};

/// A message and how it is to be shown.
pub struct Bubble<'a> {
    /// The message.
    pub message: &'a MessageLine,
    /// Whether name and picture are shown.
    pub starts: bool,
    /// Whether a long text is shown whole.
    pub expanded: bool,
    /// How its author is trusted, where that says more than "somebody"; and the first digits of its
    /// fingerprint, where another here has a name like its own.
    pub badge: Badge,
    /// What time it is.
    pub clock: &'a Clock,
    /// Names of who is or was here, for the ticks.
    pub names: &'a HashMap<Fingerprint, String>,
    /// Whether it is of a private conversation: sealed between two, not signed for all. No frame of the room's
    /// connection shows it, and there is only one to whom it is delivered.
    pub private: bool,
}

/// What stands beside an author's name.
#[derive(Debug, Clone, Default)]
pub struct Badge {
    /// A picture, its tone, and what it says.
    pub sign: Option<(&'static str, Tone, &'static str)>,
    /// Digits that tell the author from another of a like name.
    pub digits: Option<String>,
    /// Whether the text is folded away: its author is blocked.
    pub folded: bool,
}

/// What was done with a bubble.
#[derive(Debug, Default)]
pub struct BubbleResponse {
    /// Show signature, id and fingerprint.
    pub details: bool,
    /// Copy the text.
    pub copy: bool,
    /// Show the whole text, or the beginning only.
    pub expand: bool,
    /// Put the text back into the composer.
    pub again: bool,
    /// Show the frame that carried it.
    pub inside: bool,
    /// Open the challenge that it carries.
    pub challenge: bool,
    /// Show what classical ciphers would have made of it.
    pub classical: bool,
    /// Show to whom it was delivered.
    pub to_whom: bool,
    /// The bubble itself, for the keyboard.
    pub response: Option<Response>,
}

impl Bubble<'_> {
    /// Draws the bubble into `row`, its row. `reachable` says whether the tab key stops at it.
    pub fn show_ui(&self, ui: &mut Ui, row: Rect, reachable: bool) -> BubbleResponse {
        let p = palette(ui);
        let own = self.message.own;
        let layout = self.lay_out(ui, row.width());
        let indent = indent(row.width());
        let left = if own {
            row.right() - layout.bubble.x
        } else {
            row.left() + indent
        };
        let rect = Rect::from_min_size(pos2(left, row.top() + layout.above), layout.bubble);
        let mut out = BubbleResponse::default();

        let sense = if reachable {
            Sense::hover() | Sense::FOCUSABLE
        } else {
            Sense::hover()
        };
        let response = ui.interact(rect, ui.scope_id().with("bubble"), sense);
        let spoken = self.spoken();
        response.widget_info(|| WidgetInfo::labeled(Role::ListItem, true, &spoken));

        if !own && self.starts {
            self.author_ui(ui, row, &layout, indent);
        }
        let (fill, edge) = if own {
            (p.bubble_own, Stroke::NONE)
        } else {
            (p.bubble_other, Stroke::new(1.0, p.border))
        };
        let corners = corners(own, self.starts);
        ui.painter().rect(rect, corners, fill, edge, StrokeKind::Inside);
        if response.has_focus() {
            style::focus_ring(ui.painter(), rect, corners, p);
        }

        let text_at = rect.min + vec2(PAD_X, PAD_Y);
        self.text_ui(ui, text_at, &layout.text, &mut out);
        if let Some(more) = &layout.more {
            let at = Rect::from_min_size(
                pos2(rect.left() + PAD_X - 8.0, text_at.y + layout.text.size().y + 2.0),
                vec2(rect.width() - 2.0 * PAD_X, 26.0),
            );
            let mut child = ui.new_child(UiBuilder::new().max_rect(at));
            let pressed = child.add(Button::ghost(more.label()).small()).clicked();
            match more {
                More::Text(_) => out.expand = pressed,
                More::Challenge => out.challenge = pressed,
            }
        }
        self.footer_ui(ui, rect, &layout, &mut out);
        if let Some(fault) = &layout.fault {
            let at = pos2(rect.right() - fault.size().x, rect.bottom() + 3.0);
            paint::galley_at(ui.painter(), at, fault.clone(), p.danger);
        }
        if ui.rect_contains_pointer(row) {
            self.tools_ui(ui, rect, &mut out);
        }
        out.response = Some(response);
        out
    }

    fn author_ui(&self, ui: &mut Ui, row: Rect, layout: &Layout, indent: f32) {
        let p = palette(ui);
        let name = clean::reveal_line(&self.message.name);
        let top = row.top() + APART;
        if indent > 0.0 {
            let at = Rect::from_min_size(pos2(row.left(), top + 1.0), vec2(AVATAR, AVATAR));
            let avatar = Avatar::new(&name, self.message.author.as_bytes()).size(AVATAR);
            ui.new_child(UiBuilder::new().max_rect(at)).add(avatar);
        }
        let Some(galley) = &layout.name else {
            return;
        };
        let at = pos2(row.left() + indent + 2.0, top);
        let rect = Rect::from_min_size(at, galley.size());
        let response = ui.interact(rect, ui.scope_id().with("name"), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, &*name));
        if galley.elided {
            response.on_hover_text(&*name);
        }
        let mut right = rect.right() + 6.0;
        paint::galley_at(ui.painter(), at, galley.clone(), p.text_strong);
        if let Some(digits) = &self.badge.digits {
            let digits = paint::line(ui, digits, fonts::mono(11.0), p.text_weak);
            let width = digits.size().x;
            paint::galley_left(ui.painter(), right, rect.center().y, digits);
            right += width + 6.0;
        }
        if let Some((icon, tone, word)) = self.badge.sign {
            let center = pos2(right + 7.0, rect.center().y);
            paint::icon(ui.painter(), center, icon, 14.0, p.tone(tone));
            let rect = Rect::from_center_size(center, vec2(16.0, 16.0));
            let sign = ui.interact(rect, ui.scope_id().with("badge"), Sense::hover());
            sign.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("{name}: {word}")));
            sign.on_hover_text(word);
        }
    }

    fn text_ui(&self, ui: &mut Ui, at: egui::Pos2, galley: &Arc<Galley>, out: &mut BubbleResponse) {
        let rect = Rect::from_min_size(at, galley.size());
        // Selecting needs clicks and drags, but the keyboard stops at the bubble, not at its text.
        let response = ui.interact(rect, ui.scope_id().with("text"), Sense::CLICK | Sense::DRAG);
        response.widget_info(|| WidgetInfo::labeled(Role::Label, true, galley.text()));
        LabelSelectionState::label_text_selection(
            ui,
            &response,
            at,
            galley.clone(),
            Color32::PLACEHOLDER,
            Stroke::NONE,
        );
        response.context_menu(|ui| {
            out.copy |= ui.button("Copy text").clicked();
            out.details |= ui.button("Message details").clicked();
            if !self.private {
                out.inside |= ui.button("Look inside this message").clicked();
            }
            if challenge_in(&self.message.text).is_some() {
                out.challenge |= ui.button("Open the challenge").clicked();
            }
            out.classical |= ui.button("What if this had been Caesar?").clicked();
            if self.failed() {
                out.again |= ui.button("Write it again").clicked();
            }
        });
    }

    /// Time, the seal of the signature, and how far an own message came.
    fn footer_ui(&self, ui: &mut Ui, rect: Rect, layout: &Layout, out: &mut BubbleResponse) {
        let p = palette(ui);
        let own = self.message.own;
        let weak = if own { p.bubble_own_weak } else { p.text_weak };
        let middle = rect.bottom() - PAD_Y - 6.0;
        let mut left = rect.right() - PAD_X - layout.footer_width;
        let seal = Rect::from_center_size(pos2(left + 6.0, middle), vec2(18.0, 18.0));
        let response = ui.interact(seal, ui.scope_id().with("seal"), Sense::CLICK);
        let name = clean::reveal_line(&self.message.name);
        let who = if own { "you" } else { &*name };
        let key = self.message.author.short();
        let signed = if self.private {
            format!("Sealed by {who} in a channel of your own, key {key}")
        } else {
            format!("Signed by {who}, key {key}")
        };
        response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &signed));
        let color = if response.hovered() { p.accent } else { weak };
        paint::icon(ui.painter(), seal.center(), icons::SEAL_CHECK, 13.0, color);
        out.details |= response.clicked();
        response.on_hover_text(format!("{signed}. Press for details."));
        left += MARK;
        paint::galley_left(ui.painter(), left, middle, layout.footer.clone());
        if own {
            let (icon, color, words) = self.tick(weak, p);
            let at = pos2(rect.right() - PAD_X - 5.0, middle);
            paint::icon(ui.painter(), at, icon, 13.0, color);
            let tick = Rect::from_center_size(at, vec2(16.0, 16.0));
            let delivery = self.message.delivery.as_ref();
            let pressable = !self.private && delivery.is_some_and(|delivery| delivery.of > 0);
            let sense = if pressable { Sense::CLICK } else { Sense::hover() };
            let tick = ui.interact(tick, ui.scope_id().with("tick"), sense);
            let role = if pressable { Role::Button } else { Role::Label };
            tick.widget_info(|| WidgetInfo::labeled(role, true, &words));
            out.to_whom |= tick.clicked();
            tick.on_hover_text(self.to_whom(&words));
        }
    }

    /// How far an own message came: a clock, one tick for the log, two for everybody.
    fn tick(&self, weak: Color32, p: &Palette) -> (&'static str, Color32, String) {
        match (&self.message.state, &self.message.delivery) {
            (MessageState::Waiting, _) if self.private => {
                (icons::CLOCK, weak, "Waits until it is confirmed".to_owned())
            }
            (MessageState::Logged, _) if self.private => (icons::CHECKS, p.accent, "Delivered".to_owned()),
            (MessageState::Waiting, _) => (icons::CLOCK, weak, "On its way to the room's log".to_owned()),
            (MessageState::Failed { .. }, _) => (icons::X_CIRCLE, p.danger, "Not sent".to_owned()),
            (MessageState::Logged, Some(delivery)) if delivery.of > 0 => {
                let all = delivery.to >= delivery.of;
                let icon = if all { icons::CHECKS } else { icons::CHECK };
                let color = if all { p.accent } else { weak };
                let words = format!(
                    "In the room's log, delivered to {} of {}",
                    delivery.to, delivery.of
                );
                (icon, color, words)
            }
            (MessageState::Logged, _) => (icons::CHECK, weak, "In the room's log".to_owned()),
        }
    }

    /// The tick's words, and who has the message while the pointer rests on it.
    fn to_whom(&self, words: &str) -> String {
        let Some(delivery) = &self.message.delivery else {
            return words.to_owned();
        };
        let list = |title: &str, people: &[Fingerprint]| {
            let name_of = |who: &Fingerprint| {
                let name = self.names.get(who);
                name.map_or("somebody who was here", String::as_str)
            };
            let mut names: Vec<_> = people
                .iter()
                .map(|who| clean::reveal_line(name_of(who)))
                .collect();
            names.sort();
            let shown = names
                .iter()
                .take(12)
                .map(|name| &**name)
                .collect::<Vec<_>>()
                .join(", ");
            let more = names.len().saturating_sub(12);
            match (names.is_empty(), more) {
                (true, _) => String::new(),
                (false, 0) => format!("\n{title}: {shown}"),
                (false, more) => format!("\n{title}: {shown} and {more} more"),
            }
        };
        format!(
            "{words}{}{}",
            list("Has it", &delivery.confirmed),
            list("Not yet", &delivery.awaited)
        )
    }

    /// Buttons beside the bubble under the pointer.
    fn tools_ui(&self, ui: &mut Ui, rect: Rect, out: &mut BubbleResponse) {
        let count = 2 + usize::from(!self.private) + usize::from(self.failed());
        let width = count as f32 * 26.0;
        let left = if self.message.own {
            rect.left() - width - 6.0
        } else {
            rect.right() + 6.0
        };
        let top = rect.top() + ((rect.height() - 24.0) / 2.0).min(8.0);
        let at = Rect::from_min_size(pos2(left, top), vec2(width, 24.0));
        let mut child = ui.new_child(
            UiBuilder::new()
                .max_rect(at)
                .layout(egui::Layout::left_to_right(egui::Align::Center)),
        );
        child.spacing_mut().item_spacing.x = 2.0;
        out.copy |= child
            .add(IconButton::new(icons::COPY, "Copy text").small())
            .clicked();
        out.details |= child
            .add(IconButton::new(icons::INFO, "Message details").small())
            .clicked();
        if !self.private {
            out.inside |= child
                .add(IconButton::new(icons::MAGNIFYING_GLASS_PLUS, "Look inside").small())
                .clicked();
        }
        if self.failed() {
            out.again |= child
                .add(IconButton::new(icons::ARROW_COUNTER_CLOCKWISE, "Write it again").small())
                .clicked();
        }
    }

    fn failed(&self) -> bool {
        matches!(self.message.state, MessageState::Failed { .. })
    }

    fn spoken(&self) -> String {
        let time = self.clock.time_of_day(self.message.time_ms);
        if self.message.own {
            format!("Your message at {time}")
        } else {
            format!(
                "Message from {} at {time}",
                clean::reveal_line(&self.message.name)
            )
        }
    }
}

fn corners(own: bool, starts: bool) -> CornerRadius {
    let mut corners = CornerRadius::same(style::RADIUS_LARGE);
    match (own, starts) {
        (true, _) => corners.se = 4,
        (false, true) => corners.nw = 4,
        (false, false) => {}
    }
    corners
}
