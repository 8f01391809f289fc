//! The list of challenges, by level, and what stands beside it while none is chosen.

use egui::{Align2, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::ciphers::find as find_cipher;
use crate::lab::Lab;
use crate::lab::challenge::{self, Level};
use crate::ui::lab::{LabView, card};
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Drawing, empty_ui, follow_focus};

impl LabView {
    pub(super) fn list_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let chosen = self.challenges.chosen.clone();
        let mut picked = None;
        ScrollArea::vertical()
            .id_salt("challenges")
            .auto_shrink([false, false])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 3.0;
                let opened = lab.progress().opened();
                if !opened.is_empty() {
                    ui.label(text::caption(ui, "Opened"));
                    for (id, challenge) in &opened {
                        let cipher = challenge.cipher.as_deref().and_then(find_cipher);
                        let by = match challenge.author.as_str() {
                            "" => cipher.map_or("which cipher?", |cipher| cipher.name).to_owned(),
                            author => format!("by {author}"),
                        };
                        let solved = lab.progress().mark(id).solved;
                        if row_ui(ui, &challenge.title, &by, solved, chosen.as_deref() == Some(id)) {
                            picked = Some(id.clone());
                        }
                    }
                }
                for level in Level::ALL {
                    ui.add_space(6.0);
                    let puzzles = challenge::ALL.iter().filter(|puzzle| puzzle.level == level);
                    let solved = lab.progress().solved(puzzles.clone().map(|puzzle| puzzle.id));
                    let count = puzzles.clone().count();
                    ui.horizontal(|ui| {
                        ui.label(text::caption(ui, level.name()));
                        ui.label(text::small(ui, format!("{solved} of {count}")));
                    });
                    for puzzle in puzzles {
                        let solved = lab.progress().mark(puzzle.id).solved;
                        let cipher = match puzzle.told || solved {
                            true => card::short_name(puzzle.spec().name),
                            false => "which cipher?",
                        };
                        let on = chosen.as_deref() == Some(puzzle.id);
                        if row_ui(ui, puzzle.title, cipher, solved, on) {
                            picked = Some(puzzle.id.to_owned());
                        }
                    }
                }
                follow_focus(ui);
            });
        if let Some(picked) = picked {
            self.challenges.chosen = Some(picked);
            self.challenges.answer.clear();
            self.challenges.wrong = false;
        }
    }
}

/// A row of the list; whether it was pressed.
fn row_ui(ui: &mut Ui, title: &str, cipher: &str, solved: bool, on: bool) -> bool {
    let p = palette(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width() - 8.0, 34.0), Sense::click());
    let state = if solved { ", solved" } else { "" };
    let name = format!("{title} ({cipher}){state}");
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
    if !ui.is_rect_visible(rect) {
        return response.clicked();
    }
    let fill = match (on, response.hovered()) {
        (true, _) => p.accent_soft,
        (_, true) => p.surface_3,
        _ => p.surface_2,
    };
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    painter.rect_filled(rect, 8, fill);
    let (icon, color) = match solved {
        true => (icons::CHECK_CIRCLE, p.success),
        false => (icons::CIRCLE, p.text_weak),
    };
    let middle = rect.left_center();
    painter.text(
        middle + vec2(18.0, 0.0),
        Align2::CENTER_CENTER,
        icon,
        fonts::icon(17.0),
        color,
    );
    let right = painter.text(
        rect.right_center() - vec2(10.0, 0.0),
        Align2::RIGHT_CENTER,
        cipher,
        fonts::regular(12.0),
        p.text_weak,
    );
    let mut job =
        egui::text::LayoutJob::simple_singleline(title.to_owned(), fonts::medium(14.0), p.text_strong);
    job.wrap = egui::text::TextWrapping::truncate_at_width((right.left() - rect.left() - 42.0).max(40.0));
    let galley = painter.layout_job(job);
    painter.galley(
        pos2(rect.left() + 34.0, rect.center().y - galley.size().y / 2.0),
        galley,
        p.text_strong,
    );
    if response.has_focus() {
        style::focus_ring(&painter, rect.shrink(2.0), 8, p);
    }
    response.clicked()
}

pub(super) fn invitation_ui(ui: &mut Ui, lab: &Lab) {
    ui.add_space(40.0);
    let next = challenge::ALL
        .iter()
        .find(|puzzle| !lab.progress().mark(puzzle.id).solved);
    let sentence = match next {
        Some(puzzle) => format!(
            "Pick one from the list. \u{201c}{}\u{201d} is a good one to go on with: take the ciphertext to the bench or to the boards, and bring \
             the plaintext back.",
            puzzle.title
        ),
        None => "All solved. Make one yourself, and send it to somebody who thinks that it can't be done."
            .to_owned(),
    };
    empty_ui(
        ui,
        Drawing::Search,
        "Read what is not meant for you",
        &sentence,
        |_| (),
    );
}
