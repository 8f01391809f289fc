//! The window's program: drains events into the session, draws, and carries out what the user wants.
//!
//! The only file that wires the layers. The window's thread never waits: commands are handed over
//! with `try_send`, file dialogs run on a thread of their own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, bounded};
use eframe::{CreationContext, Frame};
use egui::{Context, Ui};

use crate::net::{Admission, Command, Event, HostRoom, JoinRoom, ListenOn, Node, Wake};
use crate::session::{JoinTarget, Level, Notice, PastRoom, RoomKey, Session};
use crate::ui::lab::LabCommand;
use crate::ui::theme::Theme;
use crate::ui::{Clock, FileAct, UiCommand, View};

mod files;
pub mod qr_file;
mod window;

pub use window::{WindowError, run};

/// The application behind the window.
pub struct CipherRoom {
    session: Session,
    view: View,
    /// Dropped before the node, so that nobody waits for a listener that is gone.
    events: Receiver<Event>,
    node: Node,
    file_outcomes: Receiver<files::Outcome>,
    file_work: Sender<files::Outcome>,
    /// The path that was chosen last in a dialog of the desktop, which asks before it replaces a file.
    chosen: Option<PathBuf>,
    wake: Wake,
}

impl CipherRoom {
    /// Starts the background for a profile folder. Fails when the system gives no thread.
    pub fn new(creation: &CreationContext<'_>, folder: &Path) -> std::io::Result<CipherRoom> {
        Theme::install(&creation.egui_ctx);
        let context = creation.egui_ctx.clone();
        let wake: Wake = Arc::new(move || context.request_repaint());
        let (node, events) = Node::start(folder.to_owned(), Arc::clone(&wake))?;
        let (file_work, file_outcomes) = bounded(16);
        let mut view = View::default();
        view.set_profile_folder(folder.display().to_string());
        Ok(CipherRoom {
            session: Session::default(),
            view,
            events,
            node,
            file_outcomes,
            file_work,
            chosen: None,
            wake,
        })
    }

    /// What the application knows.
    pub fn session(&self) -> &Session {
        &self.session
    }

    fn drain(&mut self) {
        // Counted, so that a busy room can't keep the window from drawing.
        for _ in 0..self.events.len() {
            if let Ok(event) = self.events.try_recv() {
                self.session.apply(event);
            }
        }
        for outcome in self.file_outcomes.try_iter() {
            match outcome {
                files::Outcome::Notice(notice) => self.session.notices.push(notice),
                files::Outcome::Text(text) => self.view.set_lab_text(&text),
                files::Outcome::NoDialogToOpen => self.view.ask_path_to_open(),
                files::Outcome::NoDialogForCard => self.view.ask_path_of_card(),
                files::Outcome::NoDialogToSave { suggested, bytes } => {
                    self.view.ask_path_to_save(suggested.display().to_string(), bytes);
                }
                files::Outcome::Path(path) => {
                    self.view.fill_path(&path);
                    self.chosen = Some(path);
                }
                files::Outcome::NoDialog => self.view.ask_for_path(),
                files::Outcome::Card(text) => self.view.fill_card(text),
            }
        }
    }

    /// Whether there is a file already at a path that was typed, which is told. The dialog of the desktop has asked.
    fn is_in_the_way(&mut self, path: &Path) -> bool {
        let is_there = path.exists() && self.chosen.as_deref() != Some(path);
        if is_there {
            let reason = format!("there is a file already at {}; type another name", path.display());
            self.session.apply(Event::FileFailed { reason });
        }
        is_there
    }

    fn carry_out(&mut self, command: UiCommand, context: &Context) {
        match command {
            UiCommand::CreateIdentity { name, passphrase } => {
                self.send(Command::CreateIdentity { name, passphrase });
            }
            UiCommand::Unlock { passphrase } => self.send(Command::Unlock { passphrase }),
            UiCommand::ChangePassphrase { current, new } => {
                self.send(Command::ChangePassphrase { current, new });
            }
            UiCommand::Lock => self.send(Command::Lock),
            UiCommand::File { act, path, .. } if act.writes() && self.is_in_the_way(&path) => {}
            UiCommand::ExportRoom { path, .. } if self.is_in_the_way(&path) => {}
            UiCommand::File {
                act,
                path,
                passphrase,
            } => self.send(match act {
                FileAct::ExportIdentity => Command::ExportIdentity { path, passphrase },
                FileAct::ImportIdentity => Command::ImportIdentity { path, passphrase },
                FileAct::ExportPublicKey => Command::ExportPublicKey { path },
                FileAct::BackUp => Command::BackUp { path, passphrase },
                FileAct::Restore => Command::Restore { path, passphrase },
            }),
            UiCommand::ChooseFile { suggested_name } => {
                self.with_files(move || files::choose(suggested_name.as_deref()));
            }
            UiCommand::ListKept => self.send(Command::ListKept),
            UiCommand::SearchKept { asked, question } => self.send(Command::SearchKept { asked, question }),
            UiCommand::WeighRetention { room, retention } => {
                self.send(Command::WeighRetention { room, retention });
            }
            UiCommand::SetRetention { room, retention } => {
                self.send(Command::SetRetention { room, retention });
            }
            UiCommand::ExportRoom { room, what, path } => {
                self.send(Command::ExportRoom { room, what, path });
            }
            UiCommand::OpenCardPicture => self.with_files(files::open_card),
            UiCommand::ReadCardPicture { path } => self.with_files(move || Some(files::read_card(&path))),
            UiCommand::SaveCardPicture { text } => match qr_file::png(&text) {
                Ok(png) => self.with_files(move || files::save("cipher-room-contact.png", &png)),
                Err(error) => self.warn(format!("The picture could not be made: {error}.")),
            },
            UiCommand::Decide {
                fingerprint,
                decision,
            } => self.send(Command::Decide {
                fingerprint,
                decision,
            }),
            UiCommand::ImportContact { fingerprint, name } => {
                self.send(Command::ImportContact { fingerprint, name });
            }
            UiCommand::ForgetContact { fingerprint } => self.send(Command::ForgetContact { fingerprint }),
            UiCommand::Host {
                room,
                room_name,
                port,
                or_any_port,
                open_to_address,
                invite_lifetime_secs,
            } => {
                let wish = HostRoom {
                    key: room,
                    room_name,
                    host_name: self.session.settings.name.clone(),
                    listen: ListenOn {
                        address: None,
                        port,
                        or_any_port,
                    },
                    admission: Admission {
                        open_to_address,
                        invite_lifetime_secs,
                    },
                };
                self.session.begin_host(&wish);
                self.send(Command::HostRoom(wish));
            }
            UiCommand::Join { room, target } => self.join(room, target, false),
            UiCommand::JoinTrial { room, target } => self.join(room, target, true),
            UiCommand::Reconnect { room } => {
                if let Some(wish) = self.session.begin_rejoin(room) {
                    self.send(Command::JoinRoom(wish));
                }
            }
            UiCommand::SayPrivately { room, to, text } => self.send(Command::SayPrivately { room, to, text }),
            UiCommand::OpenPrivate { room, with } => self.send(Command::OpenPrivate { room, with }),
            UiCommand::ReadEarlier { room, id, before } => {
                self.send(Command::TellEarlier { room, id, before });
            }
            UiCommand::ReadEarlierPrivate {
                room,
                channel,
                before,
            } => self.send(Command::TellEarlierPrivate {
                room,
                channel,
                before,
            }),
            UiCommand::TryNow { room } => self.send(Command::TryNow { room }),
            UiCommand::Govern { room, act } => self.send(Command::Govern { room, act }),
            UiCommand::HostAgain { room, past } => self.host_again(room, &past),
            UiCommand::Return { room, past } => self.return_to(room, &past),
            UiCommand::BeginAnew => self.send(Command::BeginAnew),
            UiCommand::ForgetUnreadable => self.send(Command::ForgetUnreadable),
            UiCommand::ForgetPast { id } => self.send(Command::ForgetRoom { id }),
            UiCommand::Say { room, text } => self.send(Command::Say { room, text }),
            UiCommand::Leave { room } => self.send(Command::Leave { room }),
            UiCommand::Forget { room } => self.session.forget(room),
            UiCommand::MarkVerified { room, fingerprint } => {
                let host = self.session.room(room).and_then(|room| room.host.as_ref());
                if host.is_some_and(|host| host.fingerprint == fingerprint) {
                    self.send(Command::MarkHostVerified { room });
                }
            }
            UiCommand::AcceptChangedHost { room } => self.send(Command::AcceptChangedHost { room }),
            UiCommand::KeepSettings(settings) => self.send(Command::KeepSettings(settings)),
            UiCommand::SaveQr { room } => self.save_qr(room),
            UiCommand::LookInside { room, look } => self.send(Command::LookInside { room, look }),
            UiCommand::NextHandshakeStep { room } => self.send(Command::NextHandshakeStep { room }),
            UiCommand::SaveRecording { pcapng, with_secrets } => {
                let name = if with_secrets {
                    "cipher-room-with-keys.pcapng"
                } else {
                    "cipher-room.pcapng"
                };
                self.with_files(move || files::save(name, &pcapng));
            }
            UiCommand::Lab(command) => self.for_lab(command),
            UiCommand::Quit => context.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    fn send(&mut self, command: Command) {
        if self.node.send(command).is_err() {
            let text = "Too much is going on just now. Try again in a moment.".to_owned();
            self.session.notices.push(Notice {
                level: Level::Warning,
                text,
            });
        }
    }

    fn join(&mut self, key: RoomKey, target: JoinTarget, is_trial: bool) {
        let wish = JoinRoom {
            key,
            target,
            name: self.session.settings.name.clone(),
            is_trial,
        };
        self.session.begin_join(&wish);
        self.send(Command::JoinRoom(wish));
    }

    fn host_again(&mut self, key: RoomKey, past: &PastRoom) {
        let wish = HostRoom {
            key,
            room_name: past.name.clone(),
            host_name: self.session.settings.name.clone(),
            listen: ListenOn {
                address: None,
                port: past.port,
                or_any_port: true,
            },
            // What was chosen before is kept with the room.
            admission: Admission {
                open_to_address: false,
                invite_lifetime_secs: None,
            },
        };
        self.session.begin_host(&wish);
        self.send(Command::HostAgain {
            wish,
            id: Some(past.id),
        });
    }

    fn return_to(&mut self, key: RoomKey, past: &PastRoom) {
        let Some(target) = past.target.as_deref().and_then(|target| target.parse().ok()) else {
            return self.warn("It is not known any more how to reach this room.".to_owned());
        };
        let wish = JoinRoom {
            key,
            target,
            name: self.session.settings.name.clone(),
            is_trial: false,
        };
        self.session.begin_return(&wish, past);
        self.send(Command::ReturnToRoom { wish, id: past.id });
    }

    fn save_qr(&mut self, room: RoomKey) {
        let Some(opened) = self.session.room(room).and_then(|room| room.opened.as_ref()) else {
            return;
        };
        match qr_file::png(&opened.invite.to_string()) {
            Ok(png) => self.with_files(move || files::save("cipher-room-invitation.png", &png)),
            Err(error) => self.warn(format!("The picture could not be made: {error}.")),
        }
    }

    fn for_lab(&mut self, command: LabCommand) {
        match command {
            LabCommand::OpenText => self.with_files(files::open_text),
            LabCommand::ReadFile(path) => self.with_files(move || Some(files::read_text(&path))),
            LabCommand::WriteFile { path, bytes } => {
                self.with_files(move || Some(files::write_new(&path, &bytes)));
            }
            LabCommand::SaveText { suggested_name, text } => {
                self.with_files(move || files::save(&suggested_name, text.as_bytes()));
            }
            LabCommand::SavePng { suggested_name, png } => {
                self.with_files(move || files::save(&suggested_name, &png));
            }
            // The view keeps and says these itself.
            LabCommand::KeepSetup { .. } | LabCommand::Say(_) => {}
        }
    }

    /// Does something with files on a thread of its own: dialogs wait for the user.
    fn with_files(&mut self, work: impl FnOnce() -> Option<files::Outcome> + Send + 'static) {
        let (outcomes, wake) = (self.file_work.clone(), Arc::clone(&self.wake));
        #[expect(clippy::disallowed_methods, reason = "its death is an outcome like any other")]
        let started = std::thread::Builder::new()
            .name("files".to_owned())
            .spawn(move || {
                let failed = |_| Some(files::Outcome::Notice(warning(FILE_WORK_FAILED.to_owned())));
                if let Some(outcome) = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(failed) {
                    // Nobody reads it when the window is closed meanwhile.
                    let _ = outcomes.send(outcome);
                    wake();
                }
            });
        if let Err(error) = started {
            self.warn(format!("The file dialog could not be opened: {error}."));
        }
    }

    fn warn(&mut self, text: String) {
        self.session.notices.push(warning(text));
    }
}

const FILE_WORK_FAILED: &str =
    "The work with the file failed, which is a fault of Cipher Room. Nothing else is touched; try again.";

fn warning(text: String) -> Notice {
    Notice {
        level: Level::Warning,
        text,
    }
}

impl eframe::App for CipherRoom {
    fn logic(&mut self, context: &Context, _: &mut Frame) {
        self.drain();
        for command in self.view.logic(context, &mut self.session, &now()) {
            self.carry_out(command, context);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut Frame) {
        let context = ui.ctx().clone();
        for command in self.view.ui(ui, &mut self.session, &now()) {
            self.carry_out(command, &context);
        }
        if !self.events.is_empty() {
            context.request_repaint();
        }
    }

    fn clear_color(&self, visuals: &egui::Visuals) -> [f32; 4] {
        visuals.panel_fill.to_normalized_gamma_f32()
    }
}

/// The time and how this place writes it.
fn now() -> Clock {
    let now = jiff::Timestamp::now();
    let offset = jiff::tz::TimeZone::system().to_offset(now);
    Clock {
        now_unix: u64::try_from(now.as_second()).unwrap_or(0),
        utc_offset_secs: offset.seconds(),
    }
}
