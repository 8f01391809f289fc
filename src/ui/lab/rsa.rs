//! RSA by hand: four numbers to choose, and every step of the arithmetic that follows from them.

use egui::{Frame, Margin, ScrollArea, Stroke, Ui, vec2};

use crate::lab::rsa_by_hand::{Choice, Fault, Field as Number, Part, Worked, work};
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, Field, follow_focus};

/// The four numbers as typed, and which parts are unfolded.
pub(super) struct RsaView {
    numbers: [String; 4],
    /// Which parts hide their way to the result; as the room allows where nobody has said.
    folded: [Option<bool>; 6],
}

impl Default for RsaView {
    fn default() -> Self {
        let Choice { p, q, e, m } = Choice::default();
        Self {
            numbers: [p, q, e, m].map(|number| number.to_string()),
            folded: [None; 6],
        }
    }
}

const FIELDS: [(Number, &str, &str); 4] = [
    (Number::P, "Prime p", "Secret"),
    (Number::Q, "Prime q", "Secret"),
    (Number::E, "Exponent e", "Public"),
    (Number::M, "Number m to send", "The message"),
];

/// Draws the page.
pub(super) fn rsa_ui(ui: &mut Ui, view: &mut RsaView) {
    let typed = view.choice();
    let worked = typed
        .as_ref()
        .map_err(|(place, said)| (*place, said.clone()))
        .and_then(|choice| {
            work(*choice).map_err(|fault: Fault| {
                let place = FIELDS
                    .iter()
                    .position(|(field, ..)| *field == fault.field())
                    .unwrap_or(0);
                (place, fault.to_string())
            })
        });
    let fault = worked.as_ref().err();
    fields_ui(ui, view, fault);
    ui.add_space(4.0);
    ScrollArea::vertical().id_salt("rsa").auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 10.0;
        match &worked {
            Err((_, said)) => {
                let _ = Banner::new(Tone::Danger, said).title("These numbers do not work").show(ui);
            }
            Ok(worked) => {
                flow_ui(ui, worked, &typed.unwrap_or_default());
                parts_ui(ui, view, worked);
            }
        }
        let said = "Real RSA has primes of hundreds of digits and never encrypts a bare number: it is padded with \
                    randomness first (OAEP), and what is signed is a hash (PSS). The rooms of this program use 3072 bits.";
        let _ = Banner::new(Tone::Info, said).show(ui);
        follow_focus(ui);
    });
}

impl RsaView {
    /// The numbers, or the first that is none.
    fn choice(&self) -> Result<Choice, (usize, String)> {
        let mut read = [0; 4];
        for (place, number) in self.numbers.iter().enumerate() {
            read[place] = number
                .trim()
                .parse()
                .map_err(|_| (place, format!("{} is not a whole number.", quoted(number))))?;
        }
        let [p, q, e, m] = read;
        Ok(Choice { p, q, e, m })
    }
}

fn quoted(number: &str) -> String {
    match number.trim() {
        "" => "An empty field".to_owned(),
        given => format!("“{}”", given.chars().take(20).collect::<String>().escape_debug()),
    }
}

fn fields_ui(ui: &mut Ui, view: &mut RsaView, fault: Option<&(usize, String)>) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 12.0;
        let button = 150.0;
        let width = ((ui.available_width() - button - 4.0 * 12.0) / 4.0).clamp(100.0, 260.0);
        for (place, (_, label, help)) in FIELDS.iter().enumerate() {
            let wrong = fault.filter(|(at, _)| *at == place).map(|_| "See below");
            let field = Field::new(label, &mut view.numbers[place])
                .mono()
                .help(help)
                .error(wrong);
            ui.add(field.width(width).char_limit(12));
        }
        ui.vertical(|ui| {
            ui.add_space(22.0);
            if ui
                .add(Button::secondary("Other primes").icon(icons::DICE_FIVE))
                .clicked()
            {
                let two = random_primes();
                view.numbers[0] = two.0.to_string();
                view.numbers[1] = two.1.to_string();
                let n = two.0 * two.1;
                view.numbers[3] = rand::random_range(2..n).to_string();
                let usable = |e: &u64| {
                    let choice = Choice {
                        p: two.0,
                        q: two.1,
                        e: *e,
                        m: 1,
                    };
                    work(choice).is_ok()
                };
                let e = [17, 5, 7, 11, 13, 19, 23, 29]
                    .into_iter()
                    .find(usable)
                    .unwrap_or(17);
                view.numbers[2] = e.to_string();
            }
        });
    });
}

fn random_primes() -> (u64, u64) {
    let prime = || loop {
        let number = rand::random_range(23..200u64);
        if crate::lab::rsa_by_hand::smallest_factor(number) == number {
            break number;
        }
    };
    let p = prime();
    loop {
        let q = prime();
        if q != p {
            break (p, q);
        }
    }
}

/// The whole story in one picture: who knows what, and what travels.
fn flow_ui(ui: &mut Ui, worked: &Worked, choice: &Choice) {
    let p = palette(ui);
    let (n, d, c, s) = (worked.n, worked.d, worked.c, worked.s);
    let Choice { e, m, .. } = *choice;
    let boxes = [
        (
            "Public key",
            format!("n = {n}, e = {e}"),
            Tone::Info,
            icons::GLOBE,
        ),
        (
            "Private key",
            format!("n = {n}, d = {d}"),
            Tone::Danger,
            icons::KEY,
        ),
        ("Encrypted", format!("{m} becomes {c}"), Tone::Accent, icons::LOCK),
        (
            "Signature of m",
            format!("{m} is signed {s}"),
            Tone::Warning,
            icons::SEAL_CHECK,
        ),
    ];
    let width = (ui.available_width() + 10.0) / boxes.len() as f32 - 10.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        for (title, value, tone, icon) in boxes {
            Frame::new()
                .fill(p.soft(tone))
                .stroke(Stroke::new(1.0, p.tone(tone).gamma_multiply(0.4)))
                .corner_radius(style::RADIUS_LARGE)
                .inner_margin(Margin::symmetric(14, 12))
                .show(ui, |ui| {
                    ui.set_width(width - 30.0);
                    ui.vertical(|ui| {
                        ui.horizontal(|ui| {
                            ui.label(icons::text(icon, 17.0).color(p.tone(tone)));
                            ui.label(
                                text::small(ui, title)
                                    .color(p.tone(tone))
                                    .font(fonts::semibold(13.0)),
                            );
                        });
                        let size = if width > 260.0 { 17.0 } else { 14.0 };
                        ui.add(
                            egui::Label::new(text::mono(ui, value).size(size).color(p.text_strong))
                                .truncate(),
                        );
                    });
                });
        }
    });
}

fn parts_ui(ui: &mut Ui, view: &mut RsaView, worked: &Worked) {
    let columns = if ui.available_width() > 1300.0 { 3 } else { 2 };
    let width = (ui.available_width() + 10.0) / columns as f32 - 10.0;
    for (row, chunk) in worked.parts.chunks(columns).enumerate() {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 10.0;
            for (column, part) in chunk.iter().enumerate() {
                let number = row * columns + column;
                part_ui(ui, part, number, width, &mut view.folded[number]);
            }
        });
    }
}

fn part_ui(ui: &mut Ui, part: &Part, number: usize, width: f32, folded: &mut Option<bool>) {
    let p = palette(ui);
    Frame::new()
        .fill(p.surface_2)
        .stroke(Stroke::new(1.0, p.border))
        .corner_radius(style::RADIUS_LARGE)
        .inner_margin(Margin::symmetric(14, 12))
        .show(ui, |ui| {
            ui.set_width(width - 30.0);
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing.y = 6.0;
                ui.label(text::subheading(ui, format!("{}  {}", number + 1, part.title)));
                ui.add(egui::Label::new(text::small(ui, part.about)).wrap());
                let (way, results) = part.lines.split_at(part.lines.len().saturating_sub(part.results));
                let long = way.len() > 3;
                let hidden = long && folded.unwrap_or(!super::is_tall(ui));
                if !hidden {
                    way.iter()
                        .for_each(|line| line_ui(ui, &line.formula, &line.why, false));
                }
                if long {
                    let label = match hidden {
                        true => format!("Show {} steps of step {}", way.len(), number + 1),
                        false => format!("Hide the steps of step {}", number + 1),
                    };
                    let icon = if hidden {
                        icons::CARET_DOWN
                    } else {
                        icons::CARET_UP
                    };
                    if ui.add(Button::ghost(&label).icon(icon).small()).clicked() {
                        *folded = Some(!hidden);
                    }
                }
                results
                    .iter()
                    .for_each(|line| line_ui(ui, &line.formula, &line.why, true));
            });
        });
}

fn line_ui(ui: &mut Ui, formula: &str, why: &str, result: bool) {
    let p = palette(ui);
    let color = if result { p.accent } else { p.text_strong };
    ui.spacing_mut().item_spacing = vec2(10.0, 2.0);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.label(text::mono(ui, formula).color(color));
        ui.label(text::small(ui, why));
    });
}
