//! The form that joins a room: one field, judged while typing.

use egui::Ui;

use super::{Page, Screen, Stage, column_ui, title_ui};
use crate::session::{Invite, InviteError, JoinTarget, Look, clean};
use crate::ui::clock::Clock;
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Banner, Button, Card, Field, fingerprint_ui, switch_ui};

/// What is typed or pasted.
#[derive(Debug, Default)]
pub struct JoinForm {
    text: String,
    look: Look,
}

/// What the text in the field is.
enum Judgement {
    Nothing,
    Wrong(InviteError),
    Expired,
    Target(JoinTarget),
}

impl JoinForm {
    /// Fills the field, to change what could not be joined.
    pub fn fill(&mut self, target: &JoinTarget) {
        self.text = match target {
            JoinTarget::Invite(invite) => invite.to_string(),
            JoinTarget::Address(endpoint) => endpoint.to_string(),
        };
    }

    /// Draws the form.
    pub fn show_ui(&mut self, ui: &mut Ui, stage: &mut Stage<'_>) {
        let page = Page {
            name: "join",
            width: 560.0,
            entered: stage.entered,
        };
        column_ui(ui, &page, |ui| {
            title_ui(
                ui,
                "Join a room",
                "Paste the invitation that the host gave you, or type the address of the host's computer.",
            );
            let judgement = judge(&self.text, stage.clock);
            let wrong = match &judgement {
                Judgement::Wrong(error) => Some(sentence(error)),
                Judgement::Expired => {
                    Some("This invitation has expired. Ask the host for a new one.".to_owned())
                }
                _ => None,
            };
            let entered = Card::new()
                .full_width()
                .padding(20)
                .show(ui, |ui| {
                    ui.spacing_mut().item_spacing.y = 14.0;
                    let field = Field::new("Invitation or address", &mut self.text)
                        .hint("cipher-room://…  or  192.168.1.20:4747")
                        .mono()
                        .error(wrong.as_deref());
                    let field = ui.add(field);
                    if stage.entered {
                        field.request_focus();
                    }
                    judgement_ui(ui, &judgement, stage.clock);
                    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
                    if entered && !matches!(judgement, Judgement::Target(_)) {
                        field.request_focus();
                    }
                    entered
                })
                .inner;
            ui.add_space(4.0);
            egui::CollapsingHeader::new(text::small(ui, "Look inside this connection"))
                .id_salt("look inside")
                .show(ui, |ui| {
                    let help = "Frames and keys of this connection stay in memory, so that you can look at every byte. Otherwise nothing is recorded.";
                    if switch_ui(ui, &mut self.look.record, "Record it", help).changed() {
                        self.look.slow_motion &= self.look.record;
                    }
                    let help = "Each message of the handshake waits until you go on, at most two seconds.";
                    if switch_ui(ui, &mut self.look.slow_motion, "Join in slow motion", help).changed() {
                        // What is shown slowly is there to be looked at afterwards.
                        self.look.record |= self.look.slow_motion;
                    }
                });
            ui.add_space(8.0);
            let mut join = entered;
            let ready = matches!(judgement, Judgement::Target(_));
            ui.horizontal(|ui| {
                let button = Button::primary("Join").icon(icons::SIGN_IN);
                join |= ui.add_enabled(ready, button).clicked();
                if ui.add(Button::ghost("Cancel")).clicked() {
                    stage.go = Some(Screen::Home);
                }
            });
            if join && let Judgement::Target(target) = judgement {
                self.join(stage, target);
            }
        });
    }

    /// Joins, or leads into the room where this is joined already: a second connection would end the first.
    fn join(&mut self, stage: &mut Stage<'_>, target: JoinTarget) {
        self.text.clear();
        if let Some(room) = stage.session.joined_with(&target).map(|room| room.key) {
            let said = "You have joined this room already.";
            stage.toasts.push(Tone::Info, said);
            stage.go = Some(Screen::Room(room));
            return;
        }
        let room = stage.session.new_key();
        if self.look != Look::default() {
            let look = self.look;
            stage.wish(UiCommand::LookInside { room, look });
        }
        stage.wish(UiCommand::Join { room, target });
        stage.go = Some(Screen::Room(room));
    }
}

fn judge(text: &str, clock: &Clock) -> Judgement {
    match text.parse() {
        Err(InviteError::Empty) => Judgement::Nothing,
        Err(error) => Judgement::Wrong(error),
        Ok(JoinTarget::Invite(invite)) if invite.expired(clock.now_unix) => Judgement::Expired,
        Ok(target) => Judgement::Target(target),
    }
}

/// Says what the text is, where it is something.
fn judgement_ui(ui: &mut Ui, judgement: &Judgement, clock: &Clock) {
    match judgement {
        Judgement::Nothing => {
            let sentence = "The invitation names the host's key, so nobody else can pose as the host.";
            ui.add(egui::Label::new(text::small(ui, sentence)).wrap());
        }
        Judgement::Wrong(_) | Judgement::Expired => {}
        Judgement::Target(JoinTarget::Invite(invite)) => invite_ui(ui, invite, clock),
        Judgement::Target(JoinTarget::Address(endpoint)) => {
            let sentence = format!(
                "Nothing says yet who answers at {endpoint}. The first time, the key found there is taken on trust; inside the room you can compare seven emoji with the host to be sure. The room must let in people without an invitation."
            );
            let _ = Banner::new(Tone::Info, &sentence)
                .title("An address, without an invitation")
                .show(ui);
        }
    }
}

fn invite_ui(ui: &mut Ui, invite: &Invite, clock: &Clock) {
    let room = clean::reveal_line(&invite.room);
    let title = if room.is_empty() {
        "Invitation to a room".to_owned()
    } else {
        format!("Invitation to \"{room}\"")
    };
    let addresses = match invite.endpoints.as_slice() {
        [one] => one.to_string(),
        many => format!("{} addresses, all tried at once", many.len()),
    };
    let lasts = match invite.expires_unix {
        Some(expires) => format!("valid until {}", clock.moment(expires)),
        None => "valid while the room is open".to_owned(),
    };
    let sentence = format!("{addresses} · {lasts} · host key {}…", invite.host.short());
    let _ = Banner::new(Tone::Accent, &sentence).title(&title).show(ui);
    egui::CollapsingHeader::new(text::small(ui, "The host's whole fingerprint"))
        .id_salt("host fingerprint")
        .show(ui, |ui| fingerprint_ui(ui, &invite.host.to_string()));
}

/// The error as a sentence.
fn sentence(error: &InviteError) -> String {
    let text = clean::reveal_line(&error.to_string()).into_owned();
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", chars.as_str())
}
