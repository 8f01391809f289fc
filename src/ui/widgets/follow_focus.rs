//! Keeps the control that has the keyboard in sight of what scrolls around it.

use egui::{Id, Rect, Ui};

/// Scrolls to the control that just got the keyboard, if it stands in this scrolled content. Call it
/// at the end of the content.
pub fn follow_focus(ui: &Ui) {
    let key = ui.scope_id().with("followed");
    let focused = ui.memory(|memory| memory.focused());
    let before = ui.data(|data| data.get_temp::<Option<Id>>(key)).flatten();
    if focused == before {
        return;
    }
    ui.data_mut(|data| data.insert_temp(key, focused));
    if let Some(place) = focused.and_then(|control| place_within(ui, control)) {
        ui.scroll_to_rect(place.expand(AROUND), None);
    }
}

/// Where a control of this content stands; `None` for any other. By whose it is, and not by its place: what lists one above
/// the other hold out of sight can stand at the same place.
fn place_within(ui: &Ui, control: Id) -> Option<Rect> {
    let content = ui.unique_id();
    ui.ctx().viewport(|viewport| {
        let widgets = &viewport.this_pass.widgets;
        let control = widgets.get(control)?;
        let mut inner = control;
        for _ in 0..DEEPEST {
            if inner.parent_id == content {
                return Some(control.rect);
            }
            let outer = widgets.get(inner.parent_id)?;
            // The outermost is its own parent.
            if outer.id == inner.id {
                return None;
            }
            inner = outer;
        }
        None
    })
}

/// Room for the ring around the control, and some air.
const AROUND: f32 = 12.0;
/// More than controls are nested: ids that clash could lead in a circle.
const DEEPEST: usize = 1000;
