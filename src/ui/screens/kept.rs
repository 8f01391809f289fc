//! What is kept of rooms: searching in all of them, how long each is kept, exporting one.

use egui::{ScrollArea, Ui};

use super::safety::when;
use super::{Page, Stage, column_ui, title_ui};
use crate::session::{ExportFormat, FoundMessage, KeptSeen, Retention, clean};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Card, Field, modal_ui, segmented_ui};

/// What the screen remembers.
#[derive(Default)]
pub struct Kept {
    question: String,
    asked: String,
    export: Option<Export>,
}

/// What is typed to export a room.
struct Export {
    room: [u8; 32],
    name: String,
    format: ExportFormat,
    path: String,
}

impl Kept {
    /// Puts the file that was chosen into the dialog.
    pub fn fill_path(&mut self, path: &std::path::Path) {
        if let Some(export) = &mut self.export {
            export.path = path.display().to_string();
        }
    }

    /// Draws the screen.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        if stage.entered {
            stage.wish(UiCommand::ListKept);
        }
        let page = Page {
            name: "kept",
            width: 720.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            title_ui(
                ui,
                "Search",
                "Every word that is kept of your rooms on this computer. All words must stand in a message.",
            );
            let field = ui.add(Field::new("Search in all rooms", &mut self.question).hint("Words"));
            if stage.entered {
                field.request_focus();
            }
            if self.question.trim() != self.asked {
                self.question.trim().clone_into(&mut self.asked);
                let question = self.asked.clone();
                let asked = stage.session.begin_search(&question);
                stage.wish(UiCommand::SearchKept { asked, question });
            }
            ui.add_space(6.0);
            if self.asked.is_empty() {
                self.rooms_ui(ui, stage);
            } else {
                results_ui(ui, stage);
            }
        });
        self.export_ui(ui, stage);
    }

    fn rooms_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        ui.label(text::caption(ui, "What is kept"));
        if stage.session.kept.is_empty() {
            let said = "Nothing yet. Rooms that you host or join are kept here, sealed, unless you choose otherwise.";
            let _ = Banner::new(Tone::Info, said).show(ui);
        }
        for kept in stage.session.kept.clone() {
            ui.push_id(kept.id, |ui| self.room_ui(ui, stage, &kept));
        }
    }

    fn room_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>, kept: &KeptSeen) {
        let name = clean::reveal_line(&kept.name).into_owned();
        Card::new().full_width().show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            ui.add(egui::Label::new(text::subheading(ui, &name)).truncate());
            let whose = match kept.is_own {
                true => "yours".to_owned(),
                false => format!("hosted by {}", clean::reveal_line(&kept.host_name)),
            };
            let messages = match kept.messages {
                1 => "1 message".to_owned(),
                count => format!("{count} messages"),
            };
            let below = format!("{whose}, {messages}, last used {}", when(stage, kept.used_unix));
            ui.add(egui::Label::new(text::small(ui, below)).truncate());
            ui.horizontal_wrapped(|ui| {
                let mut retention = kept.retention;
                let options = [
                    (Retention::All, "Keep all"),
                    (Retention::Days(30), "30 days"),
                    (Retention::Days(7), "7 days"),
                    (Retention::Nothing, "Nothing on disk"),
                ];
                if segmented_ui(ui, &format!("How long to keep {name}"), &mut retention, &options).changed() {
                    stage.wish(UiCommand::SetRetention {
                        room: kept.id,
                        retention,
                    });
                }
                let export = Button::ghost("Export").icon(icons::UPLOAD_SIMPLE).small();
                if ui.add(export).clicked() {
                    self.export = Some(Export {
                        room: kept.id,
                        name: name.clone(),
                        format: ExportFormat::Text,
                        path: String::new(),
                    });
                }
            });
        });
    }

    fn export_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) {
        let Some(export) = &mut self.export else {
            return;
        };
        let mut done = false;
        let title = format!("Export {}", export.name);
        let outcome = modal_ui(ui.ctx(), &title, 460.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let sentence = "The file is not encrypted: who has it can read it. JSON holds the signatures, so that others can check who said what.";
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
            let options = [
                (ExportFormat::Text, "Text"),
                (ExportFormat::Markdown, "Markdown"),
                (ExportFormat::Json, "JSON with signatures"),
            ];
            segmented_ui(ui, "Format", &mut export.format, &options);
            ui.add(Field::new("File", &mut export.path).hint("The whole path").mono());
            ui.horizontal(|ui| {
                let ready = !export.path.trim().is_empty();
                let save = Button::primary("Export").icon(icons::CHECK);
                if ui.add_enabled(ready, save).clicked() {
                    stage.wish(UiCommand::ExportRoom {
                        room: export.room,
                        format: export.format,
                        path: export.path.trim().into(),
                    });
                    done = true;
                }
                let choose = Button::secondary("Choose a file").icon(icons::FOLDER_OPEN);
                if ui.add(choose).clicked() {
                    let ending = match export.format {
                        ExportFormat::Text => "txt",
                        ExportFormat::Markdown => "md",
                        ExportFormat::Json => "json",
                    };
                    stage.wish(UiCommand::ChooseFile {
                        suggested_name: Some(format!("room.{ending}")),
                    });
                }
            });
        });
        if done || outcome.close {
            self.export = None;
        }
    }
}

fn results_ui(ui: &mut Ui, stage: &Stage<'_>) {
    let search = &stage.session.search;
    let said = match (search.hits.len(), search.ended, search.cut) {
        (0, false, _) => "Searching…".to_owned(),
        (0, true, _) => "Nothing found.".to_owned(),
        (count, true, true) => format!("The newest {count} are shown. More words find fewer."),
        (1, true, _) => "1 message".to_owned(),
        (count, true, _) => format!("{count} messages"),
        (count, false, _) => format!("{count} messages so far…"),
    };
    ui.label(text::small(ui, said));
    let height = (ui.available_height() - 16.0).max(240.0);
    ScrollArea::vertical()
        .id_salt("found")
        .auto_shrink([false, true])
        .max_height(height)
        .show_rows(ui, ROW, search.hits.len(), |ui, range| {
            for hit in search.hits.get(range).unwrap_or_default() {
                ui.push_id((hit.room, hit.n), |ui| hit_ui(ui, stage, hit));
            }
        });
}

fn hit_ui(ui: &mut Ui, stage: &Stage<'_>, hit: &FoundMessage) {
    ui.vertical(|ui| {
        ui.set_height(ROW - 8.0);
        ui.spacing_mut().item_spacing.y = 2.0;
        let name = clean::reveal_line(&hit.name);
        let room = clean::reveal_line(&hit.room_name);
        let when = when(stage, hit.time_ms / 1000);
        let head = format!("{name} in {room}, {when}");
        ui.add(egui::Label::new(text::small(ui, head)).truncate());
        let shown = clean::reveal_line(&hit.text);
        let response = ui.add(
            egui::Label::new(text::body(ui, &*shown))
                .truncate()
                .selectable(true),
        );
        response.on_hover_text(clean::reveal(&hit.text));
    });
}

const ROW: f32 = 52.0;
