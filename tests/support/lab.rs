//! The panel "Classical Ciphers" in a harness of its own.

use std::path::Path;
use std::time::Duration;

use cipher_room::ciphers::Key as CipherKey;
use cipher_room::lab::{Bench, Lab};
use cipher_room::ui::lab::{LabCommand, LabView, Place};
use egui::Theme;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use egui_kittest::{Harness, SnapshotResults};

use super::{builder, save_picture, themed};

pub const THEMES: [Theme; 2] = [Theme::Dark, Theme::Light];
pub const SIZES: [[f32; 2]; 2] = [[1000.0, 700.0], [1920.0, 1080.0]];
pub const LONG: Duration = Duration::from_secs(60);

/// The panel with its lab, and what it asked for.
pub struct Panel {
    pub view: LabView,
    pub lab: Lab,
    pub commands: Vec<LabCommand>,
}

/// The default bench, with a fixed nonce: a picture must come out the same every time.
pub fn bench() -> Bench {
    let mut bench = Bench::default();
    let aes = bench.cards()[3].id;
    let key = CipherKey::new()
        .with("passphrase", "correct horse battery staple")
        .with("nonce", "000102030405060708090a0b");
    bench.set_key(aes, key);
    bench
}

/// A panel with this bench, at this place.
pub fn panel_of(bench: Bench, size: [f32; 2], theme: Theme, place: Place) -> Harness<'static, Panel> {
    let panel = Panel {
        view: LabView::at(place),
        lab: Lab::new(bench, || ()),
        commands: Vec::new(),
    };
    let mut harness = builder(size, theme).with_max_steps(12).build_ui_state(
        |ui: &mut egui::Ui, panel: &mut Panel| {
            egui::Frame::new().inner_margin(10).show(ui, |ui| {
                ui.set_min_size(ui.available_size());
                let commands = panel.view.ui(ui, &mut panel.lab);
                panel.commands.extend(commands);
            });
        },
        panel,
    );
    settle(&mut harness);
    harness
}

/// The default bench at 1000 × 700.
pub fn panel(place: Place) -> Harness<'static, Panel> {
    panel_of(bench(), SIZES[0], Theme::Dark, place)
}

/// Lets the lab's thread finish, and draws what it gave.
pub fn settle(harness: &mut Harness<'static, Panel>) {
    harness.run_steps(2);
    assert!(harness.state_mut().lab.settle(LONG), "the lab's thread answers");
    harness.run_steps(4);
}

/// Pictures of a place in both themes and sizes.
pub fn pictures(name: &str, place: Place, prepare: impl Fn(&mut Harness<'static, Panel>)) {
    let mut results = SnapshotResults::new();
    for theme in THEMES {
        for size in SIZES {
            let mut harness = panel_of(bench(), size, theme, place);
            prepare(&mut harness);
            let name = themed(&format!("lab_{name}_{}", size[0]), theme);
            results.add(harness.try_snapshot(&name));
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
                let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
                std::fs::create_dir_all(&folder).expect("the folder can be made");
                save_picture(
                    &mut harness,
                    folder.join(format!("{}.png", name.replace('_', "-"))),
                );
            }
        }
    }
}

/// What a card's result shows.
pub fn result(harness: &Harness<'static, Panel>, name: &str) -> String {
    let name = format!("{name} result");
    let node = harness.get_by_role_and_label(Role::MultilineTextInput, &name);
    node.accesskit_node().value().unwrap_or_default()
}

/// Presses something by its name, and waits for what follows.
pub fn click(harness: &mut Harness<'static, Panel>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).click();
    settle(harness);
}

/// Scrolls to something that may stand below the fold, and presses it.
pub fn reach(harness: &mut Harness<'static, Panel>, role: Role, name: &str) {
    harness.get_by_role_and_label(role, name).scroll_to_me();
    settle(harness);
    click(harness, role, name);
}

/// One picture of a place in each theme.
pub fn both_themes(
    name: &str,
    size: [f32; 2],
    mut make: impl FnMut([f32; 2], Theme) -> Harness<'static, Panel>,
) {
    let mut results = SnapshotResults::new();
    for theme in THEMES {
        let mut harness = make(size, theme);
        let name = themed(&format!("lab_{name}"), theme);
        results.add(harness.try_snapshot(&name));
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
            std::fs::create_dir_all(&folder).expect("the folder can be made");
            save_picture(
                &mut harness,
                folder.join(format!("{}.png", name.replace('_', "-"))),
            );
        }
    }
}

/// Draws until the lab's attacks have ended.
pub fn attacks_end(harness: &mut Harness<'static, Panel>) {
    let ends = std::time::Instant::now() + LONG;
    loop {
        harness.run_steps(2);
        let lab = &mut harness.state_mut().lab;
        lab.refresh();
        let busy: Vec<_> = lab
            .attacks
            .all()
            .iter()
            .filter(|attack| attack.ending.is_none())
            .map(|attack| attack.id)
            .collect();
        let Some(&first) = busy.first() else { break };
        assert!(std::time::Instant::now() < ends, "the attacks end");
        lab.attacks.settle(first, Duration::from_millis(200));
    }
    harness.run_steps(4);
}

/// The value of a read-only text by its name.
pub fn value(harness: &Harness<'static, Panel>, name: &str) -> String {
    let node = harness.get_by_role_and_label(Role::MultilineTextInput, name);
    node.accesskit_node().value().unwrap_or_default()
}
