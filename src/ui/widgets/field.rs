//! A labelled text field: label above, hint inside, help or an error below.

use egui::{Id, Rect, Response, RichText, TextEdit, Ui, UiBuilder, Widget, pos2, vec2};

use super::icon_button::IconButton;
use crate::ui::theme::style::CONTROL_HEIGHT;
use crate::ui::theme::{fonts, icons, palette, text};

/// A text field with its label.
#[must_use = "add it to a ui"]
pub struct Field<'a> {
    label: &'a str,
    text: &'a mut String,
    hint: &'a str,
    help: &'a str,
    error: Option<&'a str>,
    width: Option<f32>,
    rows: Option<usize>,
    char_limit: Option<usize>,
    mono: bool,
    password: bool,
    eye_later: bool,
    label_hidden: bool,
}

impl<'a> Field<'a> {
    /// A single line to write into.
    pub fn new(label: &'a str, text: &'a mut String) -> Self {
        Self {
            label,
            text,
            hint: "",
            help: "",
            error: None,
            width: None,
            rows: None,
            char_limit: None,
            mono: false,
            password: false,
            eye_later: false,
            label_hidden: false,
        }
    }

    /// What stands in the empty field.
    pub fn hint(mut self, hint: &'a str) -> Self {
        self.hint = hint;
        self
    }

    /// A line below that explains; an error takes its place.
    pub fn help(mut self, help: &'a str) -> Self {
        self.help = help;
        self
    }

    /// What is wrong with the text, if something is.
    pub fn error(mut self, error: Option<&'a str>) -> Self {
        self.error = error;
        self
    }

    /// Sets the width; otherwise the field takes what there is.
    pub fn width(mut self, width: f32) -> Self {
        self.width = Some(width);
        self
    }

    /// Several lines; Enter then makes a new one.
    pub fn multiline(mut self, rows: usize) -> Self {
        self.rows = Some(rows);
        self
    }

    /// Refuses more characters than this.
    pub fn char_limit(mut self, limit: usize) -> Self {
        self.char_limit = Some(limit);
        self
    }

    /// For keys, addresses, ciphertext.
    pub fn mono(mut self) -> Self {
        self.mono = true;
        self
    }

    /// Shows dots, with a button to see the letters.
    pub fn password(mut self) -> Self {
        self.password = true;
        self
    }

    /// Leaves the place of that button empty: [`eye_ui`] draws it, behind what the tab key is to reach first.
    pub fn eye_later(mut self) -> Self {
        self.eye_later = true;
        self
    }

    /// Keeps the label for assistive technology only.
    pub fn hide_label(mut self) -> Self {
        self.label_hidden = true;
        self
    }
}

impl Widget for Field<'_> {
    fn ui(self, ui: &mut Ui) -> Response {
        let width = self.width.unwrap_or_else(|| ui.available_width());
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 4.0;
            ui.set_max_width(width);
            self.column_ui(ui, width)
        })
        .inner
    }
}

impl Field<'_> {
    fn column_ui(self, ui: &mut Ui, width: f32) -> Response {
        let p = palette(ui);
        let id = ui.make_persistent_id(("field", self.label));
        let label_id = (!self.label_hidden).then(|| {
            let label = RichText::new(self.label).font(fonts::medium(13.0)).color(p.text);
            ui.label(label).id
        });
        let shown = self.password && are_letters_shown(ui, id);
        let edit = match self.rows {
            None => TextEdit::singleline(self.text),
            Some(rows) => TextEdit::multiline(self.text).desired_rows(rows),
        };
        let font = if self.mono {
            fonts::mono(fonts::MONO)
        } else {
            fonts::regular(fonts::BODY)
        };
        let mut edit = edit
            .id(id)
            .font(font.clone())
            .hint_text(RichText::new(self.hint).font(font).color(p.text_weak))
            .password(self.password && !shown);
        if let Some(limit) = self.char_limit {
            edit = edit.char_limit(limit);
        }
        let mut response = if self.password {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = EYE_APART;
                let response = edit_ui(ui, edit, width - EYE - EYE_APART, self.error.is_some());
                if !self.eye_later {
                    reveal_button_ui(ui, id);
                }
                response
            })
            .inner
        } else {
            edit_ui(ui, edit, width, self.error.is_some())
        };
        response = match label_id {
            Some(label_id) => response.labelled_by(label_id),
            None => response.accessible_name(self.label),
        };
        let below = self.error.unwrap_or(self.help);
        if !below.is_empty() {
            ui.ctx().accesskit_node_builder(response.id, |node| {
                node.set_description(below);
                if self.error.is_some() {
                    node.set_invalid(egui::accesskit::Invalid::True);
                }
            });
        }
        match self.error {
            Some(error) => {
                ui.horizontal_top(|ui| {
                    ui.spacing_mut().item_spacing.x = 5.0;
                    let icon = icons::text(icons::WARNING_CIRCLE, 14.0);
                    let height = text::line_height(fonts::SMALL);
                    ui.label(icon.line_height(Some(height)).color(p.danger));
                    ui.add(egui::Label::new(text::small(ui, error).color(p.danger)).wrap());
                });
            }
            None if !self.help.is_empty() => {
                ui.add(egui::Label::new(text::small(ui, self.help)).wrap());
            }
            None => {}
        }
        response
    }
}

fn edit_ui(ui: &mut Ui, edit: TextEdit<'_>, width: f32, wrong: bool) -> Response {
    ui.scope(|ui| {
        if wrong {
            let danger = palette(ui).danger;
            let widgets = &mut ui.visuals_mut().widgets;
            widgets.inactive.bg_stroke.color = danger;
            widgets.hovered.bg_stroke.color = danger;
        }
        ui.add(edit.desired_width(width))
    })
    .inner
}

/// Draws the button that shows the letters of a field, in the place that [`Field::eye_later`] left for it.
pub fn eye_ui(ui: &mut Ui, field: &Response) {
    let corner = pos2(field.rect.right() + EYE_APART, field.rect.center().y - EYE / 2.0);
    let place = Rect::from_min_size(corner, vec2(EYE, EYE));
    let builder = UiBuilder::new().id_salt(field.id).max_rect(place);
    reveal_button_ui(&mut ui.new_child(builder), field.id);
}

fn are_letters_shown(ui: &Ui, field: Id) -> bool {
    ui.data(|data| data.get_temp(field.with(LETTERS_SHOWN)).unwrap_or(false))
}

fn reveal_button_ui(ui: &mut Ui, field: Id) {
    let shown = are_letters_shown(ui, field);
    let (icon, name) = if shown {
        (icons::EYE_SLASH, "Hide what I type")
    } else {
        (icons::EYE, "Show what I type")
    };
    if ui.add(IconButton::new(icon, name).selected(shown)).clicked() {
        ui.data_mut(|data| data.insert_temp(field.with(LETTERS_SHOWN), !shown));
    }
}

const LETTERS_SHOWN: &str = "letters shown";
const EYE: f32 = CONTROL_HEIGHT;
const EYE_APART: f32 = 4.0;
