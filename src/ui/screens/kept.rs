//! What is kept of rooms: searching in all of them, how long each is kept, exporting one.

use egui::{Align, Layout, Role, ScrollArea, Ui, WidgetInfo};

use super::home::go_back;
use super::passphrase::entered;
use super::room::Sought;
use super::safety::when;
use super::settings::STILL_WORKING;
use super::{Page, Place, Screen, Stage, column_ui, title_ui};
use crate::session::{Export, ExportFormat, FoundMessage, KeptSeen, Retention, Work, clean};
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{
    Banner, Button, Card, Field, busy_line_ui, follow_focus, modal_ui, segmented_ui, switch_ui,
};

/// What the screen remembers.
#[derive(Default)]
pub struct Kept {
    question: String,
    asked: String,
    export: Option<ExportForm>,
}

/// What is typed to export a room.
struct ExportForm {
    room: [u8; 32],
    name: String,
    what: Export,
    path: String,
    /// Whether it was asked for: then it stays until that is done.
    asked: bool,
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
                "Every word that is kept of your rooms on this computer, private conversations too. All words must stand in a message.",
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
                    stage.session.weighed = None;
                    let room = kept.id;
                    stage.wish(match retention {
                        Retention::All => UiCommand::SetRetention { room, retention },
                        // What would go is counted first.
                        _ => UiCommand::WeighRetention { room, retention },
                    });
                }
                let export = Button::ghost("Export").icon(icons::UPLOAD_SIMPLE).small();
                if ui.add(export).clicked() {
                    self.export = Some(ExportForm {
                        room: kept.id,
                        name: name.clone(),
                        what: Export {
                            format: ExportFormat::Text,
                            with_private: false,
                        },
                        path: String::new(),
                        asked: false,
                    });
                }
            });
            weighed_ui(ui, stage, kept);
        });
    }

    /// Draws the dialog that exports a room, until that is done: where it fails it says why, and what is typed stays.
    fn export_ui(&mut self, ui: &Ui, stage: &mut Stage<'_>) {
        let Some(export) = &mut self.export else {
            return;
        };
        let work = match export.asked {
            true => stage.session.export_work.clone(),
            false => Work::Idle,
        };
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
            segmented_ui(ui, "Format", &mut export.what.format, &options);
            let private = match export.what.with_private {
                false => "What you and one other wrote privately in this room is left out.",
                true => {
                    "What you and others wrote privately goes into the file, in clear and without signatures: it was meant for two."
                }
            };
            switch_ui(
                ui,
                &mut export.what.with_private,
                "Private conversations too",
                private,
            );
            let file = ui.add(Field::new("File", &mut export.path).hint("The whole path").mono());
            let typed = entered(ui, &file);
            if typed && export.path.trim().is_empty() {
                file.request_focus();
            }
            if let Work::Failed { reason } = &work {
                let _ = Banner::new(Tone::Danger, reason).show(ui);
            }
            ui.horizontal(|ui| {
                let is_busy = stage.session.is_busy_with_a_file();
                let ready = !export.path.trim().is_empty() && !is_busy;
                let save = Button::primary("Export").icon(icons::CHECK);
                let mut save = ui.add_enabled(ready, save);
                if is_busy && work != Work::Working {
                    save = save.on_disabled_hover_text(STILL_WORKING);
                }
                if save.clicked() || (typed && ready) {
                    (export.asked, stage.session.export_work) = (true, Work::Working);
                    stage.wish(UiCommand::ExportRoom {
                        room: export.room,
                        what: export.what,
                        path: export.path.trim().into(),
                    });
                }
                let choose = Button::secondary("Choose a file").icon(icons::FOLDER_OPEN);
                if ui.add(choose).clicked() {
                    let ending = match export.what.format {
                        ExportFormat::Text => "txt",
                        ExportFormat::Markdown => "md",
                        ExportFormat::Json => "json",
                    };
                    stage.wish(UiCommand::ChooseFile {
                        suggested_name: Some(format!("room.{ending}")),
                    });
                }
                if work == Work::Working {
                    busy_line_ui(ui, "Writing the file…");
                }
            });
        });
        if work == Work::Done || outcome.close {
            if export.asked {
                stage.session.export_work.close();
            }
            self.export = None;
        }
    }
}

/// Deleting asks once: nothing brings the messages back. Where nothing would go, nothing is asked.
fn weighed_ui(ui: &mut Ui, stage: &mut Stage<'_>, kept: &KeptSeen) {
    let Some(weighed) = stage.session.weighed.filter(|weighed| weighed.room == kept.id) else {
        return;
    };
    let (mut delete, mut keep) = (weighed.messages == 0, false);
    if !delete {
        let goes = match weighed.messages {
            1 => "1 message goes from this disk now. Nothing brings it back.".to_owned(),
            count => format!("{count} messages go from this disk now. Nothing brings them back."),
        };
        let _ = Banner::new(Tone::Danger, &goes).show(ui);
        ui.horizontal(|ui| {
            let (yes, no) = match weighed.messages {
                1 => ("Delete it", "Keep it"),
                _ => ("Delete them", "Keep them"),
            };
            delete = ui.add(Button::danger(yes).icon(icons::TRASH).small()).clicked();
            keep = ui.add(Button::secondary(no).small()).clicked();
        });
    }
    if delete || keep {
        stage.session.weighed = None;
    }
    if delete {
        stage.wish(UiCommand::SetRetention {
            room: weighed.room,
            retention: weighed.retention,
        });
    }
}

fn results_ui(ui: &mut Ui, stage: &mut Stage<'_>) {
    let search = &stage.session.search;
    let said = match (search.hits.len(), search.ended, search.cut) {
        (0, false, _) => "Searching…".to_owned(),
        (0, true, _) if search.failed => "Nothing found so far.".to_owned(),
        (0, true, _) => "Nothing found.".to_owned(),
        (count, true, true) => format!("The newest {count} are shown. More words find fewer."),
        (1, true, _) => "1 message".to_owned(),
        (count, true, _) => format!("{count} messages"),
        (count, false, _) => format!("{count} messages so far…"),
    };
    ui.label(text::small(ui, said));
    if search.failed {
        let failed = "The search failed before its end, by a fault of Cipher Room: there may be more.";
        ui.label(text::small(ui, failed).color(palette(ui).danger));
    }
    if search.lost > 0 {
        let lost = match search.lost {
            1 => "One message can't be read any more, because the profile is damaged there.".to_owned(),
            lost => format!("{lost} messages can't be read any more, because the profile is damaged there."),
        };
        ui.label(text::small(ui, lost).color(palette(ui).danger));
    }
    let height = (ui.available_height() - 16.0).max(240.0);
    let mut pressed = None;
    ScrollArea::vertical()
        .id_salt("found")
        .auto_shrink([false, true])
        .max_height(height)
        .show_rows(ui, ROW, search.hits.len(), |ui, range| {
            for hit in search.hits.get(range).unwrap_or_default() {
                let open = ui
                    .push_id((hit.room, hit.n, &hit.private), |ui| hit_ui(ui, stage, hit))
                    .inner;
                if open {
                    pressed = Some(hit.clone());
                }
            }
            // Rows out of sight are not drawn: the tab key reaches the next one when this one is in sight.
            follow_focus(ui);
        });
    if let Some(hit) = pressed {
        open_hit(stage, &hit);
    }
}

/// Shows what was found: in its room if that is open, else on the way back there.
fn open_hit(stage: &mut Stage<'_>, hit: &FoundMessage) {
    let id = hit.room;
    let open = stage.session.open_room(&id).map(|room| room.key);
    let past = stage.session.past.iter().find(|past| past.id == id);
    let key = match (open, past.cloned()) {
        (Some(room), _) => room,
        (None, Some(past)) => go_back(stage, past),
        (None, None) => {
            let said = "The room of this message is not kept any more.";
            return stage.toasts.push(Tone::Info, said);
        }
    };
    stage.go = Some(Screen::Room(key));
    stage.found = Some((
        key,
        match &hit.private {
            Some(end) => Place::Private(end.with),
            None => Place::Message(Sought::of(hit)),
        },
    ));
}

/// One message that was found; gives whether it is to be opened.
fn hit_ui(ui: &mut Ui, stage: &Stage<'_>, hit: &FoundMessage) -> bool {
    let mut pressed = false;
    ui.horizontal(|ui| {
        ui.set_height(ROW - 8.0);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (icon, spoken) = match &hit.private {
                Some(end) => {
                    let name = clean::reveal_line(&end.name);
                    let spoken = format!("Open the private conversation with {name}");
                    (icons::LOCK_KEY, spoken)
                }
                None => {
                    let name = clean::reveal_line(&hit.name);
                    let room = clean::reveal_line(&hit.room_name);
                    (
                        icons::CHAT_CIRCLE,
                        format!("Open {room} at this message of {name}"),
                    )
                }
            };
            let open = ui.add(Button::ghost("Open").icon(icon).small());
            open.widget_info(|| WidgetInfo::labeled(Role::Button, true, &spoken));
            pressed = open.clicked();
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 2.0;
                ui.add(egui::Label::new(text::small(ui, head(stage, hit))).truncate());
                let shown = clean::reveal_line(&hit.text);
                let response = ui.add(
                    egui::Label::new(text::body(ui, &*shown))
                        .truncate()
                        .selectable(true),
                );
                response.on_hover_text(clean::reveal(&hit.text));
            });
        });
    });
    pressed
}

/// Who said it, where, and when.
fn head(stage: &Stage<'_>, hit: &FoundMessage) -> String {
    let name = clean::reveal_line(&hit.name);
    let room = clean::reveal_line(&hit.room_name);
    let when = when(stage, hit.time_ms / 1000);
    match &hit.private {
        None => format!("{name} in {room}, {when}"),
        Some(end) if end.with == hit.author => format!("{name} to you in private, in {room}, {when}"),
        Some(end) => {
            let other = clean::reveal_line(&end.name);
            format!("{name} to {other} in private, in {room}, {when}")
        }
    }
}

const ROW: f32 = 52.0;
