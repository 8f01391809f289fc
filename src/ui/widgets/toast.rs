//! Short-lived notices at the top right, or at the bottom left while a dialog is open:
//! "Invitation copied". They never take the keyboard.

use egui::{Align2, Area, Context, Frame, Id, Margin, Order, Stroke, Ui, vec2};
use std::time::Duration;

use super::card::tone_icon;
use super::notice::{Notice, notice_ui};
use crate::ui::theme::{Tone, palette, style};

/// The notices that are on the screen. Repaints only when one of them ends.
#[derive(Debug, Default)]
pub struct Toasts {
    shown: Vec<Toast>,
    pushed: u64,
}

#[derive(Debug)]
struct Toast {
    number: u64,
    tone: Tone,
    text: String,
    /// In egui's time; set when first drawn.
    ends: Option<f64>,
}

impl Toasts {
    /// Adds a notice. One with the same text starts its time again; of too many, the oldest goes.
    pub fn push(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.shown.retain(|toast| toast.text != text);
        if self.shown.len() >= MOST_SHOWN {
            self.shown.remove(0);
        }
        self.pushed += 1;
        self.shown.push(Toast {
            number: self.pushed,
            tone,
            text,
            ends: None,
        });
    }

    /// Whether nothing is on the screen.
    pub fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    /// Draws the notices above everything and drops those whose time is over.
    pub fn show(&mut self, ctx: &Context) {
        let now = ctx.input(|input| input.time);
        for toast in &mut self.shown {
            let life = if toast.tone == Tone::Danger {
                LIFE_DANGER_SECS
            } else {
                LIFE_SECS
            };
            toast.ends.get_or_insert(now + life);
        }
        self.shown
            .retain(|toast| toast.ends.is_none_or(|ends| ends > now));
        let Some(next) = self.shown.iter().filter_map(|toast| toast.ends).reduce(f64::min) else {
            return;
        };

        let mut closed = None;
        // A dialog's cross may stand at the right.
        let (corner, offset) = if ctx.memory(|memory| memory.top_modal_layer().is_some()) {
            (Align2::LEFT_BOTTOM, vec2(16.0, -16.0))
        } else {
            (Align2::RIGHT_TOP, vec2(-16.0, BELOW_HEADER))
        };
        Area::new(Id::unique("toasts"))
            .order(Order::Tooltip)
            .anchor(corner, offset)
            .show(ctx, |ui| {
                ui.spacing_mut().item_spacing.y = 8.0;
                for toast in &self.shown {
                    if toast_ui(ui, toast) {
                        closed = Some(toast.number);
                    }
                }
            });
        self.shown.retain(|toast| Some(toast.number) != closed);
        ctx.request_repaint_after(Duration::from_secs_f64((next - now).max(0.05)));
    }
}

fn toast_ui(ui: &mut Ui, toast: &Toast) -> bool {
    let p = palette(ui);
    let color = p.tone(toast.tone);
    let notice = Notice {
        icon: tone_icon(toast.tone),
        color,
        title: None,
        text: &toast.text,
        text_color: p.text_strong,
        action: None,
        takes_keyboard: false,
        closable: true,
        keyboard: false,
    };
    let frame = Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, color.gamma_multiply(0.45)))
        .corner_radius(style::RADIUS)
        .inner_margin(Margin {
            left: 12,
            right: 8,
            top: 8,
            bottom: 8,
        })
        .shadow(egui::Shadow {
            offset: [0, 4],
            blur: 16,
            spread: 0,
            color: p.shadow,
        });
    let shown = ui.push_id(toast.number, |ui| {
        frame.show(ui, |ui| {
            ui.set_width(WIDTH);
            let (answer, text) = notice_ui(ui, &notice);
            // Spoken when it appears, without taking the keyboard.
            ui.ctx().accesskit_node_builder(text.id, |node| {
                node.set_role(egui::accesskit::Role::Status);
                node.set_label(toast.text.clone());
                node.set_live(egui::accesskit::Live::Polite);
            });
            answer.closed
        })
    });
    shown.inner.inner
}

const WIDTH: f32 = 320.0;
/// Below a room's header, where nothing is pressed in a hurry: at the bottom it would lie over "Send".
const BELOW_HEADER: f32 = 72.0;
const MOST_SHOWN: usize = 4;
const LIFE_SECS: f64 = 5.0;
const LIFE_DANGER_SECS: f64 = 10.0;
