//! How an attack ended: why, how sure, the key to be taken over, and what else it could have been.

use egui::{Label, Sense, Ui, vec2};

use super::{BreakView, Part};
use crate::analysis::attack::{AttackError, Finding};
use crate::ciphers::{Key, find};
use crate::lab::attack_job::{Attack, Stopped};
use crate::ui::lab::LabCommand;
use crate::ui::lab::acts::Act;
use crate::ui::lab::letters::excerpt;
use crate::ui::theme::{Tone, fonts, icons, palette, text};
use crate::ui::widgets::{Banner, Button, Card, switch_ui};

impl BreakView {
    /// What came of it, once it has ended.
    pub(super) fn outcome_ui(
        &mut self,
        ui: &mut Ui,
        attack: &Attack,
        acts: &mut Vec<Act>,
        commands: &mut Vec<LabCommand>,
    ) {
        let Some(ending) = &attack.ending else {
            if let Some(moment) = attack.moments.last() {
                key_ui(ui, attack, &moment.key);
            }
            return;
        };
        match &ending.outcome {
            Err(error) => refused_ui(ui, error),
            Ok(finding) => {
                verdict_ui(ui, finding, ending.stopped);
                let other = self.watch.other.and_then(|place| finding.others.get(place));
                let (key, plaintext) = match other {
                    Some(other) => (&other.key, &other.text),
                    None => (&finding.key, &finding.text),
                };
                key_ui(ui, attack, key);
                ui.horizontal_wrapped(|ui| {
                    ui.spacing_mut().item_spacing.x = 8.0;
                    let accept = Button::primary("Use this key").icon(icons::CHECK).small();
                    let told = "Puts the ciphertext and a card with this key on the bench";
                    if ui.add(accept).on_hover_text(told).clicked() {
                        acts.push(Act::Accept {
                            cipher: attack.task.spec.cipher,
                            key: key.clone(),
                            ciphertext: attack.task.text.to_string(),
                        });
                    }
                    let copied = match self.watch.spaced {
                        true => spaced(attack, plaintext),
                        false => None,
                    };
                    if ui
                        .add(Button::secondary("Copy the plaintext").icon(icons::COPY).small())
                        .clicked()
                    {
                        ui.ctx().copy_text(copied.unwrap_or_else(|| plaintext.clone()));
                        commands.push(LabCommand::Say("Plaintext copied".to_owned()));
                    }
                    if spaced(attack, plaintext).is_some() {
                        switch_ui(ui, &mut self.watch.spaced, "Put the spaces back", "");
                    }
                });
                self.others_ui(ui, finding);
            }
        }
    }

    /// Other keys worth a look.
    fn others_ui(&mut self, ui: &mut Ui, finding: &Finding) {
        if finding.others.is_empty() {
            return;
        }
        let p = palette(ui);
        ui.label(text::caption(ui, "It could also be"));
        ui.spacing_mut().item_spacing.y = 2.0;
        for (place, other) in finding.others.iter().take(MOST_OTHERS).enumerate() {
            let chosen = self.watch.other == Some(place);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
            let name = format!("{}: {}", other.note, excerpt(&other.text, 40));
            response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, chosen, &name));
            let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
            if chosen || response.hovered() || response.has_focus() {
                painter.rect_filled(rect, 6, if chosen { p.accent_soft } else { p.surface_3 });
            }
            let middle = rect.left_center();
            painter.text(
                middle + vec2(8.0, 0.0),
                egui::Align2::LEFT_CENTER,
                excerpt(&other.note, 26),
                fonts::medium(12.0),
                p.text_weak,
            );
            painter.text(
                middle + vec2(180.0, 0.0),
                egui::Align2::LEFT_CENTER,
                excerpt(&other.text, 120).replace('\n', " "),
                fonts::mono(12.5),
                p.text,
            );
            if response.clicked() {
                self.watch.other = if chosen { None } else { Some(place) };
            }
        }
    }
}

/// Why it ended, and whether it can be relied on.
fn verdict_ui(ui: &mut Ui, finding: &Finding, stopped: Option<Stopped>) {
    let (tone, title) = match (finding.confident, stopped) {
        (true, _) => (Tone::Success, "The plaintext was found"),
        (false, Some(Stopped::ByUser)) => (Tone::Neutral, "Cancelled: this is the best so far"),
        (false, Some(Stopped::ByTime)) => (Tone::Warning, "Time is over: this is the best so far"),
        (false, None) => (Tone::Warning, "Not sure: do not rely on this"),
    };
    let _ = Banner::new(tone, &sentence(&finding.why)).title(title).show(ui);
}

/// Why it could not begin, in words that help.
fn refused_ui(ui: &mut Ui, error: &AttackError) {
    let (tone, title) = match error {
        AttackError::TooShort { .. } => (Tone::Warning, "Not enough text"),
        AttackError::CannotBeBroken { .. } => (Tone::Info, "Nothing to attack"),
        _ => (Tone::Warning, "It could not begin"),
    };
    let _ = Banner::new(tone, &sentence(&error.to_string()))
        .title(title)
        .show(ui);
}

/// A key, parameter by parameter.
pub(super) fn key_ui(ui: &mut Ui, attack: &Attack, key: &Key) {
    let Some(spec) = find(attack.task.spec.cipher) else {
        return;
    };
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        ui.label(icons::text(icons::KEY, 16.0).color(palette(ui).text_weak));
        for param in spec.params {
            if let Some(value) = key.value(param.name).filter(|value| !value.is_empty()) {
                ui.label(text::small(ui, param.label));
                ui.add(Label::new(text::mono(ui, value)).wrap());
            }
        }
    });
}

/// The text with spaces between its words, where the ciphertext had none.
pub(super) fn spaced(attack: &Attack, plaintext: &str) -> Option<String> {
    crate::lab::spaces::put_back(plaintext, attack.task.language)
}

/// What would be needed to break what cannot be broken, and what can be done instead.
pub(super) fn honest_ui(ui: &mut Ui, cipher: &str, part: &mut Part) {
    let (title, points): (&str, [(&str, &str); 3]) = match cipher {
        "one-time-pad" => (
            "A one-time pad, used once, says nothing",
            [
                (
                    "Why",
                    "For every text of the same length there is a pad that gives exactly this ciphertext. MEET AT NOON and RUN FOR LIFE \
                     are equally likely, and no computer of any size can tell which was meant (Shannon, 1949).",
                ),
                (
                    "What would be needed",
                    "The pad itself. Or a pad that is no pad: made by a bad generator, shorter than the text, or used for two texts.",
                ),
                (
                    "What can be done",
                    "Two texts under one pad do fall: their difference no longer holds the pad. The board below shows how.",
                ),
            ],
        ),
        _ => (
            "AES-256 is not broken by trying",
            [
                (
                    "Why",
                    "There are 2²⁵⁶ keys. A computer that tried as many keys in a second as there are atoms in the Sun would still need \
                     longer than the universe is old, and no shortcut that helps is known after a quarter of a century of looking.",
                ),
                (
                    "What would be needed",
                    "A mistake beside the cipher: a passphrase that can be guessed, a nonce used twice, a computer that is not your own.",
                ),
                (
                    "What can be done",
                    "Change one letter of the ciphertext on a card: it is refused. And two texts under one nonce leak their difference, as \
                     two texts under one pad do.",
                ),
            ],
        ),
    };
    Card::new()
        .title(title)
        .icon(icons::SHIELD_CHECK)
        .full_width()
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 8.0;
            for (head, said) in points {
                ui.label(text::strong(ui, head));
                ui.add(Label::new(text::body(ui, said)).wrap());
            }
            if cipher == "one-time-pad" {
                let board = Button::secondary("A pad used twice").icon(icons::STACK).small();
                if ui.add(board).clicked() {
                    *part = Part::ByHand;
                }
            }
        });
}

/// A reason as a sentence.
fn sentence(reason: &str) -> String {
    let mut chars = reason.trim().chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().collect::<String>())
        .unwrap_or_default();
    let rest = chars.as_str();
    match rest.ends_with(['.', '!', '?']) || first.is_empty() {
        true => format!("{first}{rest}"),
        false => format!("{first}{rest}."),
    }
}

const MOST_OTHERS: usize = 26;
