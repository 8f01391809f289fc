//! Keeps the control that has the keyboard in sight of what scrolls around it.

use egui::{Id, Ui};

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
    let Some(response) = focused.and_then(|id| ui.ctx().read_response(id)) else {
        return;
    };
    let here = ui.min_rect();
    // What can be seen, but not here, stands beside this content, and moves nothing in it.
    let seen = response.interact_rect;
    let is_elsewhere = seen.is_positive() && !ui.clip_rect().expand(1.0).contains_rect(seen);
    let is_here = here.x_range().contains(response.rect.center().x) && !is_elsewhere;
    if response.layer_id == ui.layer_id() && is_here {
        ui.scroll_to_rect(response.rect.expand(AROUND), None);
    }
}

/// Room for the ring around the control, and some air.
const AROUND: f32 = 12.0;
