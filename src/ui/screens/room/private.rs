//! A private conversation with one member, in the place of the room's: own lock, own emoji, own composer.

use egui::{Align, Frame, Layout, Margin, Ui};

use super::composer::{Composer, ComposerLook};
use super::conversation::{Conversation, Wanted};
use super::header::{VERIFIED, verified_ui};
use super::verify::Compared;
use crate::session::{Fingerprint, Lock, PrivateTalk, Role, Room, RoomState, Trust, VerifiedBy, clean};
use crate::ui::clock::Clock;
use crate::ui::command::UiCommand;
use crate::ui::theme::{Tone, icons, palette, text};
use crate::ui::widgets::{Banner, Button, IconButton, Pill, deciding_modal_ui, emoji_row_ui};

/// What the window remembers of one private conversation.
#[derive(Debug)]
pub(super) struct PrivateScreen {
    conversation: Conversation,
    composer: Composer,
    comparing: bool,
    entered: bool,
}

/// What was pressed in the head.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Back to the room.
    pub back: bool,
    /// What is wanted of the background.
    pub wish: Option<UiCommand>,
    /// What comparing the emoji of this channel gave.
    pub compared: Option<Compared>,
}

impl Default for PrivateScreen {
    fn default() -> PrivateScreen {
        PrivateScreen {
            conversation: Conversation::default().private(),
            composer: Composer::default(),
            comparing: false,
            entered: false,
        }
    }
}

impl PrivateScreen {
    /// Draws the head: with whom, and how it is locked.
    pub fn head_ui(&mut self, ui: &mut Ui, room: &mut Room, with: &Fingerprint) -> Answer {
        let mut answer = Answer::default();
        let key = room.key;
        let is_here = room.is_here(with);
        let with_host = room.role == Role::Host || room.member(with).is_some_and(|member| member.is_host);
        let trust = room.transcript.author_trust(with);
        let standing = Standing {
            is_here,
            with_host,
            is_verified: trust == Some(Trust::Verified),
            cut_off: cut_off(room),
        };
        let talk = room.private_mut(with);
        let name = clean::reveal_line(&talk.name).into_owned();
        Frame::new()
            .fill(palette(ui).surface_2)
            .inner_margin(Margin::symmetric(16, 8))
            .show(ui, |ui| {
                ui.horizontal(|ui| {
                    let back = IconButton::new(icons::ARROW_LEFT, "Back to everybody");
                    answer.back = ui.add(back).clicked();
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let can_compare = matches!(talk.lock, Lock::Secured { .. }) && !standing.is_verified;
                        let button = Button::secondary("Compare emoji").icon(icons::SHIELD_CHECK);
                        if can_compare && ui.add(button.small()).clicked() {
                            self.comparing = true;
                        }
                        let begin = Button::secondary("Seal now").icon(icons::LOCK_KEY);
                        if talk.lock == Lock::Waiting && is_here && ui.add(begin.small()).clicked() {
                            answer.wish = Some(UiCommand::OpenPrivate {
                                room: key,
                                with: *with,
                            });
                        }
                        let (words, tone, icon) = lock_pill(talk.lock, trust, &standing);
                        ui.add(Pill::new(words, tone).icon(icon));
                        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                            if standing.is_verified {
                                let size = egui::vec2(VERIFIED, VERIFIED);
                                let (at, _) = ui.allocate_exact_size(size, egui::Sense::hover());
                                verified_ui(ui, at.center(), &format!("You verified {name}"));
                            }
                            ui.add(
                                egui::Label::new(text::subheading(ui, format!("Private with {name}")))
                                    .truncate(),
                            );
                        });
                    });
                });
                ui.add(egui::Label::new(text::small(ui, lock_sentence(talk.lock, &standing, &name))).wrap());
            });
        if trust == Some(EMOJI_DIFFERED) {
            let sentence = match with_host {
                true => format!("Somebody may sit between you and {name}. Write nothing secret here."),
                false => format!(
                    "Somebody may sit between you and {name}: the room's host introduced the key. Write nothing secret here."
                ),
            };
            Frame::new()
                .inner_margin(Margin::symmetric(16, 8))
                .show(ui, |ui| {
                    let _ = Banner::new(Tone::Danger, &sentence)
                        .title("The emoji differed")
                        .icon(icons::SHIELD_WARNING)
                        .show(ui);
                });
        }
        if let Some(words) = doubt(trust, &name) {
            Frame::new()
                .inner_margin(Margin::symmetric(16, 8))
                .show(ui, |ui| {
                    let _ = Banner::new(Tone::Danger, &words)
                        .icon(icons::SHIELD_WARNING)
                        .show(ui);
                });
        }
        answer.compared = self.compare_ui(ui, talk, with_host, &name);
        answer
    }

    /// Draws what was said; gives what is wanted of a message.
    pub fn talk_ui(
        &mut self,
        ui: &mut Ui,
        room: &mut Room,
        with: &Fingerprint,
        clock: &Clock,
    ) -> Option<Wanted> {
        let names = room.names.clone();
        let talk = room.private_mut(with);
        self.conversation.show_ui(ui, &mut talk.transcript, &names, clock)
    }

    /// Draws the composer; gives what to say. It takes no key from a dialog over the room.
    pub fn write_ui(
        &mut self,
        ui: &mut Ui,
        room: &mut Room,
        with: &Fingerprint,
        dialog_open: bool,
    ) -> Option<UiCommand> {
        let key = room.key;
        // A changed key stops everything until the user has decided, here too.
        let undecided = room.needs_decision();
        let can_send = (room.is_open() || room.is_lost()) && !undecided;
        let focus = !std::mem::replace(&mut self.entered, true);
        let talk = room.private_mut(with);
        let hint = format!("Write to {} alone", clean::reveal_line(&talk.name));
        let look = ComposerLook {
            hint: &hint,
            can_send,
            focus,
            typing: !self.comparing && !undecided && !dialog_open,
        };
        let said = ui
            .push_id(("private", key, with), |ui| {
                self.composer.show_ui(ui, &mut talk.draft, &look)
            })
            .inner;
        if said.is_some() {
            self.conversation.go_to_end();
        }
        said.map(|text| UiCommand::SayPrivately {
            room: key,
            to: *with,
            text,
        })
    }

    fn compare_ui(&mut self, ui: &Ui, talk: &PrivateTalk, with_host: bool, name: &str) -> Option<Compared> {
        let Lock::Secured { sas } = talk.lock else {
            self.comparing = false;
            return None;
        };
        if !self.comparing {
            return None;
        }
        let title = format!("Compare with {name}");
        let outcome = deciding_modal_ui(ui.ctx(), &title, 500.0, |ui| {
            ui.spacing_mut().item_spacing.y = 12.0;
            let nobody = match with_host {
                true => "nobody",
                false => "not even the room's host",
            };
            let sentence = format!(
                "These seven belong to this private conversation alone. Read them to each other, by voice. The same seven mean that {nobody} sits between you and {name}."
            );
            ui.add(egui::Label::new(text::weak(ui, sentence)).wrap());
            emoji_row_ui(ui, &sas.emoji());
            ui.horizontal(|ui| {
                if ui.add(Button::primary("They match").icon(icons::CHECK)).clicked() {
                    return Some(Compared::Match);
                }
                ui.add(Button::secondary("They differ"))
                    .clicked()
                    .then_some(Compared::Differ)
            })
            .inner
        });
        self.comparing = outcome.inner.is_none() && !outcome.close;
        outcome.inner
    }
}

/// What stays in sight about a key that is not the known one.
fn doubt(trust: Option<Trust>, name: &str) -> Option<String> {
    match trust? {
        Trust::Changed { .. } => Some(format!(
            "{name} came with another key than the one that you knew. Compare emoji or the safety number before you write anything secret."
        )),
        // Its banner says more.
        EMOJI_DIFFERED => None,
        Trust::Differed(_) => Some(format!(
            "You compared the safety number with {name}, and it differed."
        )),
        _ => None,
    }
}

/// What the head says of a conversation depends on this.
struct Standing {
    /// Whether the other one is present.
    is_here: bool,
    /// Whether one of the two ends is the room's host.
    with_host: bool,
    /// Whether the user made sure of the other one's key.
    is_verified: bool,
    /// Why nothing can be written, where that is so.
    cut_off: Option<&'static str>,
}

/// Why nothing can be written in a room that does not come back by itself.
fn cut_off(room: &Room) -> Option<&'static str> {
    match (&room.state, room.role) {
        (RoomState::Open | RoomState::Lost(_), _) => None,
        (RoomState::Joining(_), _) => Some("You can write as soon as you are back in the room."),
        (_, Role::Host) => Some("This room is closed."),
        (_, Role::Guest) => Some("You are not in this room any more: join again to write."),
    }
}

fn lock_pill(lock: Lock, trust: Option<Trust>, standing: &Standing) -> (&'static str, Tone, &'static str) {
    match lock {
        _ if trust == Some(EMOJI_DIFFERED) => ("emoji differed", Tone::Danger, icons::SHIELD_WARNING),
        _ if standing.cut_off.is_some() => ("not in the room", Tone::Neutral, icons::SIGN_OUT),
        Lock::Secured { .. } if standing.is_verified => ("verified by you", Tone::Success, icons::SEAL_CHECK),
        Lock::Secured { .. } => ("sealed", Tone::Accent, icons::LOCK),
        Lock::Waiting if standing.is_here => ("not sealed yet", Tone::Neutral, icons::LOCK_OPEN),
        Lock::Waiting => ("away", Tone::Warning, icons::CLOCK),
    }
}

/// How far the conversation is sealed. As long as nobody made sure of the other one's key, only if it is the right one.
fn lock_sentence(lock: Lock, standing: &Standing, name: &str) -> String {
    if let Some(reason) = standing.cut_off {
        return reason.to_owned();
    }
    let kept_from = match standing.with_host {
        true => "Nobody else in the room can read it",
        false => "The room's host can't read it",
    };
    let sealed = match standing.is_verified {
        true => format!("{kept_from}."),
        false => format!("{kept_from} if this is really {name}'s key: compare emoji to be sure."),
    };
    match lock {
        Lock::Secured { .. } if standing.with_host => format!("Sealed between you and {name}. {sealed}"),
        Lock::Secured { .. } => format!(
            "Sealed between you and {name}. The room's host passes it on: it sees that you two talk, when and how much. {sealed}"
        ),
        Lock::Waiting if standing.is_here => {
            format!("When you write, a channel of its own is made with {name}. {sealed}")
        }
        Lock::Waiting => format!(
            "{name} is away. What you write waits on this computer, and is sealed and sent when {name} is back."
        ),
    }
}

const EMOJI_DIFFERED: Trust = Trust::Differed(VerifiedBy::Emoji);
