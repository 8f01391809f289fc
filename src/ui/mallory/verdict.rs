//! What came of an attack, which check stopped it, and the place in the specification.

use egui::{Frame, Margin, ScrollArea, Stroke, Ui};

use crate::mallory::{Exhibit, Verdict};
use crate::ui::theme::{Tone, icons, palette, style, text};
use crate::ui::widgets::{Button, modal_ui};

/// Draws the verdict; gives the section of the specification that the user wants to see.
pub(super) fn verdict_ui(
    ui: &mut Ui,
    exhibit: &Exhibit,
    cr1: bool,
    removal: usize,
    verdict: &Verdict,
) -> Option<(&'static str, &'static str)> {
    let (tone, icon, headline) = match verdict {
        Verdict::Succeeded { .. } => (Tone::Danger, icons::WARNING, "It worked.".to_owned()),
        Verdict::Stopped { check, .. } => (
            Tone::Success,
            icons::SHIELD_CHECK,
            format!("Stopped by the {}.", check.name()),
        ),
        Verdict::Unclear { .. } => (Tone::Neutral, icons::QUESTION, "Nothing came of it.".to_owned()),
        Verdict::Abandoned => (Tone::Neutral, icons::X, "You stopped half way.".to_owned()),
    };
    let p = palette(ui);
    let mut section = None;
    Frame::new()
        .fill(p.soft(tone))
        .stroke(Stroke::new(1.0, p.tone(tone).gamma_multiply(0.5)))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::same(14))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.horizontal(|ui| {
                ui.label(icons::text(icon, 18.0).color(p.tone(tone)));
                ui.label(text::subheading(ui, headline).color(p.tone(tone)));
            });
            let wrapped = |ui: &mut Ui, words: String| {
                let words = text::body(ui, words);
                ui.add(egui::Label::new(words).wrap());
            };
            wrapped(ui, sentence(verdict.detail()));
            match verdict {
                Verdict::Succeeded { .. } if !cr1 => wrapped(ui, exhibit.lesson.to_owned()),
                Verdict::Succeeded { .. } if removal > 0 => {
                    let ablation = exhibit.ablations.get(removal - 1);
                    let several = ablation.is_some_and(|ablation| ablation.removed.checks().len() > 1);
                    let words = match several {
                        true => "With those checks removed, nothing behind them stops this attack. Put them back and run it again.",
                        false => "With that check removed, nothing behind it stops this attack. Put it back and run it again.",
                    };
                    wrapped(ui, words.to_owned());
                }
                Verdict::Stopped { check, .. } => {
                    wrapped(ui, check.sentence().to_owned());
                    if removal > 0 {
                        wrapped(ui, "One check was removed, and the next one behind it caught this.".to_owned());
                    }
                    let (title, anchor) = check.section();
                    let label = format!("docs/protocol.md, section {title}");
                    if ui.add(Button::ghost(&label).icon(icons::LINK).small()).clicked() {
                        section = Some((title, anchor));
                    }
                }
                _ => {}
            }
        });
    section
}

/// Begins with a capital and ends with a full stop.
fn sentence(detail: &str) -> String {
    let mut chars = detail.trim_end_matches('.').chars();
    let first = chars
        .next()
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// Shows a section of the specification; gives whether it was closed.
pub(super) fn section_dialog(ui: &Ui, title: &str) -> bool {
    let page = include_str!("../../../docs/protocol.md");
    let heading = format!("## {title}\n");
    let body = page.split_once(heading.as_str()).map_or("", |(_, behind)| behind);
    let body = body.split_once("\n## ").map_or(body, |(body, _)| body);
    let outcome = modal_ui(ui.ctx(), title, 720.0, |ui| {
        ScrollArea::vertical().max_height(440.0).show(ui, |ui| {
            let words = text::mono(ui, body.trim()).size(12.0);
            ui.add(egui::Label::new(words).wrap());
        });
        ui.add(Button::secondary("Close")).clicked()
    });
    outcome.inner || outcome.close
}
