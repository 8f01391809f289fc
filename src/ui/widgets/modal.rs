//! A dialog over everything else: a title, the content, Esc or the cross to close it.

use egui::{Context, FocusDirection, Frame, Id, Margin, Rect, Stroke, Ui, UiBuilder, pos2, vec2};

use super::follow_focus::follow_focus;
use super::icon_button::IconButton;
use crate::ui::theme::{icons, palette_for, style, text};

/// What a dialog gave in this frame.
pub struct ModalOutcome<R> {
    /// What its content returned.
    pub inner: R,
    /// Esc, the cross, a click beside it, or `ui.close()` inside: stop showing it.
    pub close: bool,
}

/// Shows a dialog `width` wide. When it opens, its first control gets the keyboard.
pub fn modal_ui<R>(
    ctx: &Context,
    title: &str,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> ModalOutcome<R> {
    dialog_ui(ctx, title, width, Kind::Plain, content)
}

/// Shows a dialog whose answers matter: when it opens, the cross gets the keyboard, so that nothing is
/// answered by pressing Enter twice.
pub fn deciding_modal_ui<R>(
    ctx: &Context,
    title: &str,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> ModalOutcome<R> {
    dialog_ui(ctx, title, width, Kind::Deciding, content)
}

/// Shows a dialog that only its own buttons can end: no cross, no Esc, no click beside it.
pub fn blocking_modal_ui<R>(ctx: &Context, title: &str, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    dialog_ui(ctx, title, width, Kind::Blocking, content).inner
}

/// What ends a dialog, and what gets the keyboard when it opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Deciding,
    Blocking,
}

fn dialog_ui<R>(
    ctx: &Context,
    title: &str,
    width: f32,
    kind: Kind,
    content: impl FnOnce(&mut Ui) -> R,
) -> ModalOutcome<R> {
    let id = Id::unique(("dialog", title));
    let closable = kind != Kind::Blocking;
    let opening = take_focus_on_opening(ctx, id, kind != Kind::Deciding);
    let p = palette_for(ctx.global_style().visuals.dark_mode);
    let frame = Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::same(20))
        .shadow(ctx.global_style().visuals.window_shadow);
    let width = width.min(ctx.content_rect().width() - 72.0);
    let shown = egui::Modal::new(id)
        .frame(frame)
        .backdrop_color(p.backdrop)
        .show(ctx, |ui| {
            ui.set_width(width);
            ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
                node.set_role(egui::accesskit::Role::Dialog);
                node.set_label(title);
            });
            let top = ui.cursor().min;
            ui.horizontal(|ui| {
                ui.set_min_height(28.0);
                // The cross stands in the corner.
                ui.set_max_width(width - if closable { 40.0 } else { 0.0 });
                ui.add(egui::Label::new(text::heading(ui, title).size(18.0)).truncate());
            });
            ui.add_space(4.0);
            let room = ctx.content_rect().height() - AROUND;
            let inner = egui::ScrollArea::vertical()
                .auto_shrink([false, true])
                .max_height(room.max(120.0))
                .min_scrolled_height(room.max(120.0))
                .show(ui, |ui| {
                    let inner = content(ui);
                    follow_focus(ui);
                    inner
                })
                .inner;
            if !closable {
                return (inner, false);
            }
            // After the content, so that the keyboard reaches the content first.
            let corner = Rect::from_min_size(pos2(top.x + width - 28.0, top.y), vec2(32.0, 32.0));
            let mut corner_ui = ui.new_child(UiBuilder::new().max_rect(corner));
            let cross = corner_ui.add(IconButton::new(icons::X, "Close dialog"));
            if opening && kind == Kind::Deciding {
                cross.request_focus();
            }
            (inner, cross.clicked())
        });
    let close = closable && (shown.should_close() || shown.inner.1);
    if close {
        ctx.data_mut(|data| data.remove_temp::<Passes>(id));
    }
    ModalOutcome {
        inner: shown.inner.0,
        close,
    }
}

/// The passes of a dialog: when it opened, and the last that showed it.
#[derive(Clone, Copy, Default)]
struct Passes {
    opened: u64,
    last: u64,
}

/// Takes the keyboard from what lies below, and gives it to the first control where that is wanted.
/// Returns whether the dialog is opening.
fn take_focus_on_opening(ctx: &Context, id: Id, first: bool) -> bool {
    let now = ctx.cumulative_pass_nr();
    let before = ctx
        .data(|data| data.get_temp::<Passes>(id))
        .filter(|passes| now <= passes.last + 2);
    let opened = before.map_or(now, |passes| passes.opened);
    ctx.data_mut(|data| data.insert_temp(id, Passes { opened, last: now }));
    let opening = now <= opened + OPENING_PASSES;
    if before.is_some_and(|passes| passes.last == now) {
        return opening;
    }
    ctx.memory_mut(|memory| {
        if opened == now
            && let Some(focused) = memory.focused()
        {
            memory.surrender_focus(focused);
        }
        // egui measures a new dialog in a first pass that nothing can be focused in.
        if first && opening && memory.focused().is_none() {
            memory.move_focus(FocusDirection::Next);
        }
    });
    opening
}

/// The height that a dialog's title, its padding and some air around it take.
const AROUND: f32 = 136.0;
const OPENING_PASSES: u64 = 3;
