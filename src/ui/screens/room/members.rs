//! Who is in the room, and how sure we are of each.

use egui::{Role as WidgetRole, ScrollArea, Sense, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use crate::session::{Fingerprint, HostAct, Member, PrivateTalk, Role, Room, Trust, clean};
use crate::ui::screens::people;
use crate::ui::screens::trust::trust_words;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Avatar, Banner, Button, Pill, fingerprint_ui, follow_focus, paint};

/// What was pressed beside the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Somebody who is here.
    Member(Fingerprint),
    /// A private conversation with somebody who is away.
    Talk(Fingerprint),
}

/// Draws the members, and with whom there are private conversations besides; gives who was pressed.
pub fn members_ui(ui: &mut Ui, room: &Room) -> Option<Pressed> {
    let mut pressed = absent_ui(ui, room).map(Pressed::Talk);
    if room.members.is_empty() {
        ui.label(text::small(ui, "Who is here shows when the host is reached."));
        return pressed;
    }
    let people = people(room.members.len());
    let caption = match room.is_open() {
        true => format!("{people} here"),
        false => format!("Away: {people} when last seen"),
    };
    ui.label(text::caption(ui, &caption));
    ui.spacing_mut().item_spacing.y = 2.0;
    ScrollArea::vertical()
        .id_salt("members")
        .auto_shrink([false, true])
        // Room for the focus ring of the first and the last row.
        .content_margin(egui::Margin::symmetric(0, 3))
        .show_rows(ui, ROW, room.members.len(), |ui, range| {
            for member in room.members.get(range).unwrap_or_default() {
                ui.push_id(member.fingerprint, |ui| {
                    if member_ui(ui, room, member) {
                        pressed = Some(Pressed::Member(member.fingerprint));
                    }
                });
            }
            // Rows out of sight are not drawn: the tab key reaches the next one when this one is in sight.
            follow_focus(ui);
        });
    pressed
}

/// Private conversations with people who are away: they can be read, and what is written waits.
fn absent_ui(ui: &mut Ui, room: &Room) -> Option<Fingerprint> {
    let absent: Vec<&PrivateTalk> = room
        .private
        .iter()
        .filter(|talk| !room.is_here(&talk.with))
        .collect();
    if absent.is_empty() {
        return None;
    }
    let mut pressed = None;
    ui.label(text::caption(ui, "Private, and away"));
    ScrollArea::vertical()
        .id_salt("private talks")
        .max_height(ABSENT_HEIGHT)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for talk in absent {
                let name = clean::reveal_line(&talk.name);
                let words = match talk.transcript.waiting().len() {
                    0 => format!("{name}, away"),
                    1 => format!("{name}, away, 1 message waits"),
                    waiting => format!("{name}, away, {waiting} messages wait"),
                };
                let button = Button::ghost(&words).icon(icons::CHATS).small();
                if ui.push_id(talk.with, |ui| ui.add(button)).inner.clicked() {
                    pressed = Some(talk.with);
                }
            }
            follow_focus(ui);
        });
    ui.add_space(8.0);
    pressed
}

/// How high the list of private conversations is at most.
const ABSENT_HEIGHT: f32 = 132.0;

fn member_ui(ui: &mut Ui, room: &Room, member: &Member) -> bool {
    let p = palette(ui);
    let name = clean::reveal_line(&member.name);
    let words = trust_words(room, member.trust);
    let below = match (member.trust, member.is_host) {
        (Trust::Own, true) => "you, the host".to_owned(),
        (_, true) => format!("host, {}", words.short),
        _ => words.short.to_owned(),
    };
    let below = if room.rules.muted.contains(&member.fingerprint) {
        format!("muted, {below}")
    } else {
        below
    };
    let below = match member.alike {
        true => format!("{}, {below}", member.fingerprint.short()),
        false => below,
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(WidgetRole::Button, true, format!("{name}, {below}")));
    if response.hovered() {
        ui.painter().rect_filled(rect, style::RADIUS, p.surface_3);
    }
    let circle = egui::Rect::from_min_size(pos2(rect.left() + 8.0, rect.center().y - 16.0), vec2(32.0, 32.0));
    let avatar = Avatar::new(&name, member.fingerprint.as_bytes()).size(32.0);
    ui.new_child(UiBuilder::new().max_rect(circle)).add(avatar);
    let left = circle.right() + 10.0;
    let room_for_text = rect.right() - left - 30.0;
    let title = paint::line_within(
        ui,
        &name,
        fonts::semibold(fonts::BODY),
        p.text_strong,
        room_for_text,
    );
    let response = paint::hover_if_elided(response, &title, &name);
    paint::galley_left(ui.painter(), left, rect.center().y - 9.0, title);
    let color = p.tone(words.tone);
    let below = paint::line_within(
        ui,
        &below,
        fonts::regular(fonts::SMALL),
        color,
        room_for_text + 22.0,
    );
    paint::galley_left(ui.painter(), left, rect.center().y + 9.0, below);
    // Only what says more than "somebody" earns a picture.
    if words.tone != Tone::Neutral {
        let at = pos2(rect.right() - 16.0, rect.center().y - 9.0);
        paint::icon(ui.painter(), at, words.icon, 16.0, p.tone(words.tone));
    }
    paint::interactive(ui, &response, rect, style::RADIUS, p);
    response.clicked()
}

/// What can be wanted of somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberWish {
    /// Compare the emoji.
    Compare,
    /// Compare the safety number.
    SafetyNumber,
    /// The verification no longer holds.
    Withdraw,
    /// Keep out, or let back.
    Block(bool),
    /// Talk in private.
    Private,
    /// Use a host's power.
    Act(HostAct),
}

/// Draws what is known of somebody; gives what is wanted.
pub fn details_ui(ui: &mut Ui, room: &Room, member: &Member) -> Option<MemberWish> {
    let name = clean::reveal_line(&member.name);
    let words = trust_words(room, member.trust);
    ui.spacing_mut().item_spacing.y = 10.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        ui.add(Avatar::new(&name, member.fingerprint.as_bytes()).size(44.0));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.add(egui::Label::new(text::subheading(ui, &*name)).truncate());
            ui.horizontal(|ui| {
                if member.is_host {
                    ui.add(Pill::new("host", Tone::Info));
                }
                ui.add(Pill::new(words.short, words.tone).icon(words.icon));
            });
        });
    });
    ui.add(egui::Label::new(text::weak(ui, words.long)).wrap());
    if let Trust::Changed { before, .. } = member.trust {
        let text = format!("Known before: {before}");
        let _ = Banner::new(Tone::Danger, &text).show(ui);
    }
    ui.label(text::small(ui, "Fingerprint of the key"));
    fingerprint_ui(ui, &member.fingerprint.to_string());
    if member.alike {
        let said = "Somebody else here has a name that looks like this one. Go by the fingerprint.";
        let _ = Banner::new(Tone::Warning, said).show(ui);
    }
    let mut wish = None;
    let comparable = member.sas.is_some() && member.trust != Trust::Verified;
    if comparable
        && ui
            .add(Button::primary("Compare seven emoji").icon(icons::SHIELD_CHECK))
            .clicked()
    {
        wish = Some(MemberWish::Compare);
    }
    if member.trust != Trust::Own {
        let button = Button::secondary("Write privately").icon(icons::CHATS);
        let sentence = "Sealed between the two of you; the host sees only that, when and how much.";
        if ui.add(button).on_hover_text(sentence).clicked() {
            wish = Some(MemberWish::Private);
        }
    }
    if member.trust != Trust::Own {
        wish = ui
            .horizontal_wrapped(|ui| trust_buttons_ui(ui, member))
            .inner
            .or(wish);
    }
    if room.role == Role::Host && room.is_open() && member.trust != Trust::Own {
        wish = wish.or(powers_ui(ui, room, member).map(MemberWish::Act));
    }
    wish
}

/// What can be done about how somebody is trusted.
fn trust_buttons_ui(ui: &mut Ui, member: &Member) -> Option<MemberWish> {
    if ui
        .add(Button::secondary("Safety number").icon(icons::HASH))
        .clicked()
    {
        return Some(MemberWish::SafetyNumber);
    }
    let withdraw = Button::ghost("Withdraw verification");
    if member.trust == Trust::Verified && ui.add(withdraw).clicked() {
        return Some(MemberWish::Withdraw);
    }
    let blocked = member.trust == Trust::Blocked;
    let label = if blocked { "Unblock" } else { "Block" };
    ui.add(Button::ghost(label))
        .clicked()
        .then_some(MemberWish::Block(!blocked))
}

/// What a host can do about somebody. Last stands the button whose words change, so that it moves no other.
fn powers_ui(ui: &mut Ui, room: &Room, member: &Member) -> Option<HostAct> {
    let who = member.fingerprint;
    let is_muted = room.rules.muted.contains(&who);
    ui.add_space(2.0);
    ui.label(text::small(ui, "As the host you can"));
    ui.horizontal_wrapped(|ui| {
        let remove = Button::secondary("Remove").icon(icons::SIGN_OUT).small();
        let help = "Sends this person away. With an invitation it can come again.";
        if ui.add(remove).on_hover_text(help).clicked() {
            return Some(HostAct::Remove(who));
        }
        let help = "Sends this person away and refuses its key from now on. You can lift that.";
        let ban = Button::danger("Ban").small();
        if ui.add(ban).on_hover_text(help).clicked() {
            return Some(HostAct::Ban(who));
        }
        let mute = if is_muted {
            Button::secondary("Let write again").icon(icons::BELL)
        } else {
            Button::secondary("Mute").icon(icons::BELL_SLASH)
        };
        ui.add(mute.small()).clicked().then_some(HostAct::Mute {
            who,
            muted: !is_muted,
        })
    })
    .inner
}

const ROW: f32 = 48.0;
