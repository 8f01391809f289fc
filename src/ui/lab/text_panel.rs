//! The text on top of the bench: to write in, to paste and drop into, and to point at.

use std::sync::Arc;

use egui::{Frame, Margin, Popup, PopupCloseBehavior, ScrollArea, Stroke, TextEdit, Ui};

use super::letters::{LINE, character_at, paint_lit, scroll_to_lit};
use super::{LabCommand, LabView, Pointed};
use crate::analysis::keyspace::grouped;
use crate::ciphers::Direction;
use crate::lab::bench::MOST_BYTES;
use crate::lab::{Case, Lab, Policy, samples};
use crate::ui::theme::{fonts, icons, palette, style, text};
use crate::ui::widgets::{Button, IconButton, row_end_ui, segmented_ui, switch_ui};

impl LabView {
    /// Draws the text with its own buttons.
    pub(super) fn text_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let p = palette(ui);
        self.take_drops(ui, commands);
        let awaited = ui.input(|input| !input.raw.hovered_files.is_empty());
        let edge = match awaited {
            true => Stroke::new(2.0, p.accent),
            false => Stroke::new(1.0, p.border),
        };
        Frame::new()
            .fill(if awaited { p.accent_soft } else { p.surface_2 })
            .stroke(edge)
            .corner_radius(style::RADIUS_LARGE)
            .inner_margin(Margin::symmetric(12, 8))
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 4.0;
                ui.horizontal(|ui| self.text_head_ui(ui, lab, commands));
                self.pages.follow(lab.bench.text());
                if self.pages.count() > 1 {
                    self.pages.ui(ui, lab.bench.text().len());
                }
                let lines = if super::is_tall(ui) { 5.0 } else { 4.0 };
                ScrollArea::vertical()
                    .id_salt("bench text")
                    .max_height(lines * LINE)
                    .min_scrolled_height(lines * LINE)
                    .auto_shrink([false, true])
                    .show(ui, |ui| self.editor_ui(ui, lab, lines as usize));
            });
    }

    fn text_head_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let decrypting = lab.bench.direction() == Direction::Decrypt;
        let caption = if decrypting {
            "Text to decrypt"
        } else {
            "Your text"
        };
        ui.label(text::caption(ui, caption));
        let letters = lab.input().map_or(0, |figures| figures.census.total);
        let count = format!("{} letters", grouped(letters));
        ui.label(text::small(ui, count));
        row_end_ui(ui, |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            self.text_buttons_ui(ui, lab, commands);
        });
    }

    fn text_buttons_ui(&mut self, ui: &mut Ui, lab: &mut Lab, commands: &mut Vec<LabCommand>) {
        let samples = ui.add(Button::ghost("Samples").icon(icons::BOOK_OPEN).small());
        Popup::menu(&samples).width(300.0).show(|ui| {
            for sample in samples::ALL {
                let button = ui
                    .add(Button::ghost(sample.name).small())
                    .on_hover_text(sample.origin);
                if button.clicked() {
                    lab.bench.set_text(sample.text);
                }
            }
        });
        self.policy_button_ui(ui, lab);
        if ui
            .add(IconButton::new(icons::FOLDER_OPEN, "Open a text file").small())
            .clicked()
        {
            commands.push(LabCommand::OpenText);
        }
        if ui
            .add(IconButton::new(icons::FLOPPY_DISK, "Save the text").small())
            .clicked()
        {
            commands.push(LabCommand::SaveText {
                suggested_name: "text.txt".to_owned(),
                text: lab.bench.text().to_string(),
            });
        }
        if ui
            .add(IconButton::new(icons::TRASH, "Clear the text").small())
            .clicked()
        {
            lab.bench.set_text("");
        }
    }

    fn policy_button_ui(&mut self, ui: &mut Ui, lab: &mut Lab) {
        let decrypting = lab.bench.direction() == Direction::Decrypt;
        let changed = lab.bench.policy() != Policy::default();
        let label = if changed {
            "Letters: changed"
        } else {
            "Letters as is"
        };
        let button = ui.add(Button::ghost(label).icon(icons::TEXT_AA).small());
        Popup::menu(&button)
            .width(300.0)
            .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
            .show(|ui| {
                ui.set_width(300.0);
                ui.label(text::subheading(ui, "Before encrypting"));
                let mut policy = lab.bench.policy();
                ui.add_enabled_ui(!decrypting, |ui| {
                    let cases = [
                        (Case::Keep, "As typed"),
                        (Case::Upper, "ABC"),
                        (Case::Lower, "abc"),
                    ];
                    segmented_ui(ui, "Case", &mut policy.case, &cases);
                    switch_ui(ui, &mut policy.strip_spaces, "Take out spaces", "");
                    switch_ui(ui, &mut policy.strip_punctuation, "Take out punctuation", "");
                    let help = "As telegraphists wrote them: word lengths no longer show.";
                    switch_ui(ui, &mut policy.groups, "Groups of five", help);
                });
                if decrypting {
                    let said = "A text to decrypt is taken as it is.";
                    ui.add(egui::Label::new(text::small(ui, said)).wrap());
                }
                lab.bench.set_policy(policy);
            });
    }

    /// The text, or of a long one the page that is shown.
    fn editor_ui(&mut self, ui: &mut Ui, lab: &mut Lab, lines: usize) {
        let range = self.pages.range();
        let current = lab.bench.text();
        let same = self.buffer_of.as_ref().is_some_and(|of| Arc::ptr_eq(of, current));
        if !same || self.buffer_range != range {
            self.buffer = current.get(range.clone()).unwrap_or_default().to_owned();
            self.buffer_of = Some(Arc::clone(current));
            self.buffer_range = range.clone();
        }
        let before = self.pages.characters_before(current);
        let count = self.buffer.chars().count();
        let mut lit = self.lit_in_text(lab);
        for places in [&mut lit.strong, &mut lit.soft] {
            places.retain(|place| (before..before + count).contains(place));
            places.iter_mut().for_each(|place| *place -= before);
        }
        let p = palette(ui);
        let mut layouter = |ui: &Ui, text: &dyn egui::TextBuffer, width: f32| {
            super::letters::layout(ui, text.as_str(), width, palette(ui).text_strong)
        };
        let hint = "Write or paste something here, or drop a text file";
        let output = TextEdit::multiline(&mut self.buffer)
            .id_salt("bench text")
            .font(fonts::mono(fonts::MONO))
            .frame(Frame::NONE)
            .margin(Margin::ZERO)
            .hint_text(hint)
            .desired_rows(lines)
            .desired_width(f32::INFINITY)
            .layouter(&mut layouter)
            .show(ui);
        let response = output.response.response.clone().accessible_name("Text");
        paint_lit(ui.painter(), output.galley_pos, &output.galley, &lit, p);
        if self.pointed_anew && !response.contains_pointer() {
            scroll_to_lit(ui, output.galley_pos, &output.galley, &lit);
        }
        if let Some(at) = response.hover_pos()
            && let Some(index) = character_at(&output.galley, output.galley_pos, at)
            && index < count
        {
            self.points_at = Some(Pointed::Text(before + index));
        }
        if response.changed() {
            self.take_edit(lab, range);
        }
    }

    /// Puts what was typed in the place of the page that it was typed on.
    fn take_edit(&mut self, lab: &mut Lab, range: std::ops::Range<usize>) {
        let whole = lab.bench.text();
        let (before, after) = (&whole[..range.start], &whole[range.end..]);
        let edited = [before, &self.buffer, after].concat();
        let fits = edited.len() <= MOST_BYTES;
        lab.bench.set_text(&edited);
        match fits {
            true => {
                self.pages
                    .edited(lab.bench.text(), range.start + self.buffer.len());
                self.buffer_of = Some(Arc::clone(lab.bench.text()));
                self.buffer_range = self.pages.range();
            }
            // What was cut off is not on the page either.
            false => self.buffer_of = None,
        }
    }

    fn take_drops(&mut self, ui: &Ui, commands: &mut Vec<LabCommand>) {
        let dropped = ui.input(|input| input.raw.dropped_files.first().map(|file| file.path().to_owned()));
        commands.extend(dropped.map(LabCommand::ReadFile));
    }
}
