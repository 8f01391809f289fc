//! What a host decides: who is let in, who may write, whom the room refuses.

use std::time::Duration;

use egui::{Id, ScrollArea, Ui};

use super::shortened;
use crate::session::{Fingerprint, HostAct, Member, OneInvite, Room, clean};
use crate::ui::clock::Clock;
use crate::ui::theme::{Tone, icons, text};
use crate::ui::widgets::{Avatar, Button, Card, Pill, follow_focus, segmented_ui, switch_ui};

/// What the window remembers of the host's rules.
#[derive(Debug, Default)]
pub(super) struct DoorScreen {
    lifetime_secs: Option<u64>,
    asks_to_change: bool,
}

/// What was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Pressed {
    /// Use a power.
    Act(HostAct),
    /// The invitation for one person was copied.
    Copied,
}

impl DoorScreen {
    /// Draws the rules of a room of ours.
    pub fn show_ui(&mut self, ui: &mut Ui, room: &Room, clock: &Clock) -> Option<Pressed> {
        let mut pressed = None;
        ScrollArea::vertical()
            .id_salt("door")
            .auto_shrink([false, true])
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 10.0;
                let door = room.door.as_ref();
                let mut asks = door.is_some_and(|door| door.asks);
                let help = "Whoever holds the invitation knocks, and you decide. Who was in already comes back freely.";
                if switch_ui(ui, &mut asks, "Ask me before somebody new gets in", help).changed() {
                    pressed = Some(Pressed::Act(HostAct::AskFirst(asks)));
                }
                let mut read_only = room.rules.read_only;
                let help = "Everybody reads, you alone write. Signed into the room, so that each member sees and checks it.";
                if switch_ui(ui, &mut read_only, "Only I can write", help).changed() {
                    pressed = Some(Pressed::Act(HostAct::ReadOnly(read_only)));
                }
                ui.add_space(4.0);
                ui.label(text::caption(ui, "Invitations"));
                let options = [(None, "Open end"), (Some(3600), "1 hour"), (Some(24 * 3600), "1 day")];
                segmented_ui(ui, "A new invitation lasts", &mut self.lifetime_secs, &options);
                let lifetime_secs = self.lifetime_secs;
                let one = Button::secondary("Invite one person").icon(icons::USER_PLUS);
                if ui.add(one.small()).clicked() {
                    pressed = Some(Pressed::Act(HostAct::InviteOne { lifetime_secs }));
                }
                pressed = pressed.take().or(one_ui(ui, room, clock));
                pressed = pressed.take().or(self.change_ui(ui));
                pressed = pressed.take().or(banned_ui(ui, room));
                follow_focus(ui);
            });
        pressed
    }

    /// Asks whether to change the invitation.
    pub fn ask_to_change(&mut self) {
        self.asks_to_change = true;
    }

    /// Changing the invitation asks once: the old ones stop working.
    fn change_ui(&mut self, ui: &mut Ui) -> Option<Pressed> {
        if !self.asks_to_change {
            let change = Button::secondary("Change the invitation").icon(icons::ARROWS_CLOCKWISE);
            self.asks_to_change = ui.add(change.small()).clicked();
            return None;
        }
        let sentence = "All invitations given out so far stop working, and so does typing the address. Who is in stays in, and comes back freely.";
        ui.add(egui::Label::new(text::small(ui, sentence)).wrap());
        ui.horizontal(|ui| {
            if ui.add(Button::danger("Change it").small()).clicked() {
                self.asks_to_change = false;
                let lifetime_secs = self.lifetime_secs;
                return Some(Pressed::Act(HostAct::ChangeInvitation { lifetime_secs }));
            }
            self.asks_to_change = !ui.add(Button::ghost("Keep it").small()).clicked();
            None
        })
        .inner
    }
}

fn one_ui(ui: &mut Ui, room: &Room, clock: &Clock) -> Option<Pressed> {
    let OneInvite { invite, used_by } = room.one_invite.as_ref()?;
    let is_over = invite
        .expires_unix
        .is_some_and(|expires| expires < clock.now_unix);
    let mut pressed = None;
    Card::new().full_width().padding(12).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        ui.label(text::strong(ui, "An invitation for one person"));
        let lasts = match (used_by, invite.expires_unix) {
            (Some(who), _) => {
                let name = clean::reveal_line(room.name_of(who));
                format!("Used by {name}. It admits nobody else.")
            }
            (None, Some(_)) if is_over => "It is no longer valid.".to_owned(),
            (None, Some(expires)) => format!(
                "The first who uses it gets in, nobody else. Valid until {}.",
                clock.moment(expires)
            ),
            (None, None) => "The first who uses it gets in, nobody else.".to_owned(),
        };
        ui.add(egui::Label::new(text::small(ui, lasts)).wrap());
        if used_by.is_some() || is_over {
            return;
        }
        let copy = Button::primary("Copy this invitation").icon(icons::COPY).small();
        if ui.add(copy).clicked() {
            ui.ctx().copy_text(invite.to_string());
            pressed = Some(Pressed::Copied);
        }
    });
    pressed
}

fn banned_ui(ui: &mut Ui, room: &Room) -> Option<Pressed> {
    let banned = &room.door.as_ref()?.banned;
    if banned.is_empty() {
        return None;
    }
    let mut pressed = None;
    ui.add_space(4.0);
    ui.label(text::caption(ui, "Banned keys"));
    for who in banned {
        let name = clean::reveal_line(room.name_of(who)).into_owned();
        ui.horizontal(|ui| {
            // However long the name is, the button behind it stays in sight.
            ui.set_max_width(ui.available_width() - LIFT - ui.spacing().item_spacing.x);
            ui.add(Avatar::new(&name, who.as_bytes()).size(24.0));
            let label =
                ui.add(egui::Label::new(text::small(ui, format!("{name}, {}", who.short()))).truncate());
            let _ = label.on_hover_text(who.to_string());
            let lift = format!("Lift the ban on {name}");
            let button = crate::ui::widgets::IconButton::new(icons::ARROW_COUNTER_CLOCKWISE, &lift).small();
            if ui.add(button).clicked() {
                pressed = Some(Pressed::Act(HostAct::Unban(*who)));
            }
        });
    }
    pressed
}

/// Draws who asks to be let in, one after the other; gives the answer.
pub(super) fn knocking_ui(ui: &mut Ui, room: &Room) -> Option<HostAct> {
    let first = room.knocking.first()?;
    let card = Card::new().full_width().padding(12);
    let mut act = None;
    card.show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 6.0;
        knocker_ui(ui, first);
        // A press that began at one person's button is none at the next one's.
        let answers = ui.push_id(("knocking", first.fingerprint), |ui| {
            answers_ui(ui, room, first.fingerprint)
        });
        act = answers.inner;
    });
    act
}

fn knocker_ui(ui: &mut Ui, member: &Member) {
    let name = clean::reveal_line(&member.name).into_owned();
    ui.horizontal(|ui| {
        ui.add(Avatar::new(&name, member.fingerprint.as_bytes()).size(32.0));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 2.0;
            // What is asked stands behind the name, and must not be cut off by a long one.
            let asks = text::strong(ui, format!("{} asks to be let in", shortened(&name)));
            let label = ui.add(egui::Label::new(asks).wrap());
            if shortened(&name) != name {
                label.on_hover_text(&name);
            }
            let key = format!(
                "Proved to hold the key {}. The name is what it calls itself.",
                member.fingerprint.short()
            );
            ui.add(egui::Label::new(text::small(ui, key)).wrap());
        });
    });
}

fn answers_ui(ui: &mut Ui, room: &Room, who: Fingerprint) -> Option<HostAct> {
    let id = Id::unique(("who knocks", room.key));
    let shown = Shown::in_this_pass(ui, id, who);
    let is_ready = shown.is_ready(ui);
    let more = room.knocking.len() - 1;
    let act = ui.horizontal(|ui| {
        let mut act = None;
        let admit = Button::primary("Let in").icon(icons::DOOR_OPEN).small();
        if ui.add_enabled(is_ready, admit).clicked() {
            act = Some(HostAct::Answer { who, admit: true });
        }
        let refuse = Button::secondary("Turn away").small();
        if ui.add_enabled(is_ready, refuse).clicked() {
            act = Some(HostAct::Answer { who, admit: false });
        }
        let ban = Button::ghost("Ban this key").tone(Tone::Danger).small();
        if ui.add_enabled(is_ready, ban).clicked() {
            act = Some(HostAct::Ban(who));
        }
        if more > 0 {
            ui.add(Pill::new(&format!("{more} more"), Tone::Neutral));
        }
        act
    });
    if act.inner.is_some() {
        shown.answered(ui, id);
    }
    act.inner
}

/// Whom the card of those who knock shows, and from when on the answer is taken.
#[derive(Clone, Copy)]
struct Shown {
    who: Fingerprint,
    /// By the window's time.
    ready_secs: f64,
    /// The pass in which it was drawn last.
    pass: u64,
}

impl Shown {
    /// Notes that this person is shown. Whoever was not shown just before has to be looked at first.
    fn in_this_pass(ui: &Ui, id: Id, who: Fingerprint) -> Shown {
        let pass = ui.ctx().cumulative_pass_nr();
        let before = ui.data(|data| data.get_temp::<Shown>(id));
        let before = before.filter(|shown| shown.who == who && pass <= shown.pass + 1);
        let ready_secs = match before {
            Some(shown) => shown.ready_secs,
            None => ui.input(|input| input.time) + LOOK_SECS,
        };
        let shown = Shown {
            who,
            ready_secs,
            pass,
        };
        ui.data_mut(|data| data.insert_temp(id, shown));
        shown
    }

    /// Whether an answer is taken by now; draws again when it is.
    fn is_ready(&self, ui: &Ui) -> bool {
        let waits = self.ready_secs - ui.input(|input| input.time);
        if waits > 0.0 {
            ui.ctx().request_repaint_after(Duration::from_secs_f64(waits));
        }
        waits <= 0.0
    }

    /// Takes no other answer for a while: this one is on its way.
    fn answered(self, ui: &Ui, id: Id) {
        let ready_secs = ui.input(|input| input.time) + ANSWERED_SECS;
        ui.data_mut(|data| data.insert_temp(id, Shown { ready_secs, ..self }));
    }
}

/// Width of the button that lifts a ban.
const LIFT: f32 = 24.0;
/// So long somebody who knocks is shown before an answer is taken.
const LOOK_SECS: f64 = 0.5;
/// So long an answer may be on its way before another one can be given.
const ANSWERED_SECS: f64 = 3.0;
