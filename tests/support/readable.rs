//! Screens at the sizes that people have, looked through for text that is cut off or shortened.
//!
//! `LOOK_AT=folder` saves what was checked as pictures, to be looked at.

use std::time::{Duration, Instant};

use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;

use super::cut::assert_all_can_be_read;
use super::scene::{Window, WindowHarness, open};
use super::{save_picture, themed};

/// A small window and a large one.
pub const SIZES: [[f32; 2]; 2] = [[1000.0, 700.0], [1920.0, 1080.0]];

/// What others chose may be shortened: addresses, quotations, ciphertexts; a passphrase scrolls in its field.
const OF_OTHERS: [&str; 4] = ["fd12:3456", "Attack at dawn", "\u{201c}", "\u{2022}\u{2022}"];

/// Looks for texts that can't be read; those with one of `allowed` in them may be shortened.
pub fn check<State>(harness: &mut Harness<'_, State>, screen: &str, allowed: &[&str]) {
    harness.run_steps(4);
    if let Some(folder) = std::env::var_os("LOOK_AT") {
        std::fs::create_dir_all(&folder).unwrap();
        let file = format!("{screen}.png").replace(' ', "_");
        save_picture(harness, std::path::Path::new(&folder).join(file));
    }
    let allowed: Vec<&str> = OF_OTHERS.iter().chain(allowed).copied().collect();
    assert_all_can_be_read(harness, screen, &allowed);
}

/// Runs in each size; both themes have the same layout, so each size has another one.
pub fn in_both(
    name: &str,
    mut make: impl FnMut(Theme) -> Window,
    mut then: impl FnMut(&mut WindowHarness, &str),
) {
    for (size, theme) in SIZES.into_iter().zip([Theme::Light, Theme::Dark]) {
        let mut harness = open(size, theme, make(theme));
        let name = themed(&format!("{name}_{}", size[0]), theme);
        harness.run_steps(4);
        then(&mut harness, &name);
    }
}

/// Presses a button by its name.
pub fn press(harness: &mut WindowHarness, name: &str) {
    harness.get_by_role_and_label(Role::Button, name).click();
    harness.run_steps(4);
}

/// Draws until something is shown.
pub fn wait_for(harness: &mut WindowHarness, label: &str) {
    let (_never, waits) = crossbeam_channel::bounded::<()>(1);
    let until = Instant::now() + Duration::from_secs(90);
    loop {
        harness.run_steps(2);
        if harness.query_all_by_label_contains(label).next().is_some() {
            return;
        }
        assert!(Instant::now() < until, "\"{label}\" was not shown");
        let _ = waits.recv_timeout(Duration::from_millis(20));
    }
}
