//! The plaintext as it emerges: what the shown key makes of the ciphertext, and how sure each letter is.

use egui::text::{LayoutJob, TextFormat};
use egui::{Frame, Margin, ScrollArea, Sense, Ui};

use super::{BreakView, outcome};
use crate::lab::attack_job::{Attack, Phase};
use crate::ui::theme::{Palette, fonts, palette, style, text};

impl BreakView {
    /// The text that the shown key gives.
    pub(super) fn emerging_ui(&mut self, ui: &mut Ui, attack: &Attack, height: f32) {
        let p = palette(ui);
        let at = self.watch.moment(attack);
        let finding = attack.finding();
        let replayed = self.watch.at.is_some();
        let (caption, whole) = match (finding, replayed) {
            (Some(finding), false) => match self.watch.other.and_then(|place| finding.others.get(place)) {
                Some(other) => ("Another candidate", other.text.as_str()),
                None => ("Plaintext", finding.text.as_str()),
            },
            _ => (
                "Best so far",
                attack.moments.get(at).map_or("", |moment| &moment.text),
            ),
        };
        ui.horizontal(|ui| {
            ui.label(text::caption(ui, caption));
            if replayed {
                let said = format!("improvement {} of {}", at + 1, attack.moments.len());
                ui.label(text::small(ui, said));
            } else if finding.is_some_and(|finding| !finding.certainty.is_empty())
                && self.watch.other.is_none()
            {
                ui.label(text::small(
                    ui,
                    "shaded: letters on which the starts did not agree",
                ));
            }
        });
        let certainty = match (finding, replayed, self.watch.other) {
            (Some(finding), false, None) => finding.certainty.as_slice(),
            _ => &[],
        };
        let last = match (replayed, finding) {
            (true, Some(finding)) => Some(finding.text.as_str()),
            _ => None,
        };
        let spaced = match (finding, replayed, self.watch.spaced) {
            (Some(_), false, true) => outcome::spaced(attack, whole),
            _ => None,
        };
        let shown: String = spaced
            .as_deref()
            .unwrap_or(whole)
            .chars()
            .take(MOST_SHOWN)
            .collect();
        Frame::new()
            .fill(p.surface_0)
            .corner_radius(style::RADIUS)
            .inner_margin(Margin::symmetric(12, 10))
            .show(ui, |ui| {
                ui.set_width(ui.available_width());
                ScrollArea::vertical()
                    .id_salt("emerging")
                    .max_height(height - 46.0)
                    .min_scrolled_height(height - 46.0)
                    .auto_shrink([false, false])
                    .show(ui, |ui| {
                        if shown.is_empty() {
                            let said = match attack.phase {
                                Phase::Waiting => "Waiting for its turn.",
                                Phase::Ended => "Nothing to show.",
                                Phase::Running | Phase::Paused => "Looking for the first key.",
                            };
                            ui.label(text::weak(ui, said));
                            return;
                        }
                        let job = coloured(&shown, certainty, last, ui.available_width(), p);
                        let galley = ui.painter().layout_job(job);
                        let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::hover());
                        response.widget_info(|| {
                            egui::WidgetInfo::labeled(
                                egui::Role::MultilineTextInput,
                                true,
                                "Plaintext so far",
                            )
                        });
                        ui.ctx().accesskit_node_builder(response.id, |node| {
                            node.set_read_only();
                            node.set_value(shown.as_str());
                        });
                        ui.painter().galley(rect.min, galley, p.text_strong);
                    });
            });
    }
}

/// The text with its certainty as shading, or with what already stands as it will at the end in a stronger colour.
fn coloured(text: &str, certainty: &[f32], last: Option<&str>, width: f32, p: &Palette) -> LayoutJob {
    let mut job = LayoutJob::default();
    job.wrap.max_width = width;
    job.wrap.break_anywhere = !text.chars().take(80).any(char::is_whitespace);
    let mut sure = certainty.iter();
    let mut end = last.map(str::chars);
    let (mut run, mut run_format) = (String::new(), None::<TextFormat>);
    for c in text.chars() {
        let settled = match &mut end {
            Some(end) => end.next().is_none_or(|last| last == c),
            None => true,
        };
        let mut format = TextFormat::simple(
            fonts::mono(15.0),
            if settled {
                p.text_strong
            } else {
                p.text_weak.gamma_multiply(0.75)
            },
        );
        format.line_height = Some(23.0);
        if c.is_alphanumeric() && !certainty.is_empty() {
            let doubt = 1.0 - sure.next().copied().unwrap_or(1.0).clamp(0.0, 1.0);
            if doubt > 0.02 {
                format.background = p.warning.gamma_multiply(0.15 + 0.5 * doubt);
            }
        }
        if run_format.as_ref() != Some(&format) {
            if let Some(before) = run_format.replace(format) {
                job.append(&run, 0.0, before);
            }
            run.clear();
        }
        run.push(if c != '\n' && crate::session::clean::is_hidden(c) {
            '¤'
        } else {
            c
        });
    }
    if let Some(format) = run_format {
        job.append(&run, 0.0, format);
    }
    job
}

/// The most characters of a text that are shown.
const MOST_SHOWN: usize = 2_000;
