//! What fits and what does not: lists as high as the window lets them be, rows that part in a narrow one.

mod support;

use cipher_room::ui::lab::Place;
use egui::accesskit::Role;
use egui::{Key, Modifiers, Order, Rect, Theme, pos2, vec2};
use egui_kittest::kittest::Queryable as _;

use support::lab::{bench, panel_of};
use support::scene::{Window, open};

/// Where the list of ciphers stands that drops down in a window of this size.
fn list_of_ciphers(size: [f32; 2]) -> Rect {
    let mut harness = open(size, Theme::Dark, Window::of_ada(Theme::Dark));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::L);
    harness.run_steps(4);
    harness
        .get_by_role_and_label(Role::ComboBox, "Add a cipher")
        .click();
    harness.run_steps(4);
    harness
        .ctx
        .memory(|memory| {
            let list = memory.areas().top_layer_id(Order::Foreground)?;
            memory.area_rect(list.id)
        })
        .expect("the list is open")
}

#[test]
fn a_long_list_uses_the_height_of_the_window_and_stays_in_it() {
    for (size, least) in [([1100.0, 720.0], 560.0), ([640.0, 480.0], 330.0)] {
        let list = list_of_ciphers(size);
        assert!(list.height() > least, "{size:?}: {list:?}");
        let window = Rect::from_min_size(pos2(0.0, 0.0), vec2(size[0], size[1]));
        assert!(window.contains_rect(list), "{size:?}: {list:?}");
    }
}

#[test]
fn the_bar_of_the_comparison_parts_in_a_narrow_window_and_covers_nothing() {
    // As wide as the lab is in the smallest window.
    let harness = panel_of(bench(), [580.0, 480.0], Theme::Dark, Place::Compare);
    let bar = [
        (Role::ComboBox, "Keys tried by"),
        (Role::RadioButton, "By count"),
        (Role::RadioButton, "A to Z"),
        (Role::Button, "Break them all"),
        (Role::Button, "Export"),
    ];
    let bar = bar.map(|(role, name)| (name, harness.get_by_role_and_label(role, name).rect()));
    for (place, (name, one)) in bar.iter().enumerate() {
        assert!(one.left() >= 0.0 && one.right() <= 580.0, "{name}: {one:?}");
        for (other_name, other) in &bar[place + 1..] {
            let common = one.intersect(*other);
            let apart = common.width() < 1.0 || common.height() < 1.0;
            assert!(apart, "{name} lies over {other_name}");
        }
    }
}
