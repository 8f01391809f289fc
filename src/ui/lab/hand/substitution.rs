//! The board for a substitution: letters are guessed where they stand, locked, and the machine does the rest.

use egui::{
    Align2, Event, Frame, Key as Press, Margin, Modifiers, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind,
    Ui, WidgetInfo, pos2, vec2,
};

use super::{Arrow, Helper, arrows_ui};
use crate::analysis::attacks;
use crate::ciphers::Key;
use crate::lab::Lab;
use crate::lab::hand::substitution::Board;
use crate::ui::lab::acts::Act;
use crate::ui::theme::{Tone, fonts, icons, palette, style, text};
use crate::ui::widgets::{Banner, Button, IconButton};

/// The board and the letter that is being guessed.
#[derive(Default)]
pub(super) struct View {
    board: Option<Board>,
    chosen: Option<char>,
    helper: Helper,
}

impl View {
    pub(super) fn ui(&mut self, ui: &mut Ui, lab: &mut Lab, acts: &mut Vec<Act>) {
        if self
            .board
            .as_ref()
            .is_none_or(|board| board.text() != lab.breaking.text)
        {
            *self = Self {
                board: Some(Board::new(&lab.breaking.text)),
                ..Self::default()
            };
        }
        let best = self.helper.best(ui, lab);
        let Some(board) = &mut self.board else { return };
        if let Some(key) = best {
            board.fill(&key);
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            match arrows_ui(ui, board.can_undo(), board.can_redo()) {
                Some(Arrow::Undo) => board.undo(),
                Some(Arrow::Redo) => board.redo(),
                None => {}
            }
            if ui
                .add(Button::secondary("Clear").icon(icons::TRASH))
                .on_hover_text("Locked letters stay")
                .clicked()
            {
                board.clear();
            }
            let help = Button::primary("Let the machine do the rest").icon(icons::LIGHTNING);
            let spec = attacks::find("substitution");
            let ready = spec.is_some() && !self.helper.is_at_work() && !board.text().trim().is_empty();
            if ui.add_enabled(ready, help).clicked()
                && let Some(spec) = spec
            {
                let Lab {
                    breaking, attacks, ..
                } = lab;
                self.helper
                    .begin(breaking.start_with(attacks, spec, board.locks(), Key::new()));
            }
            if let Some(key) = board.key()
                && ui
                    .add(Button::secondary("Use this key").icon(icons::CHECK))
                    .clicked()
            {
                acts.push(Act::Accept {
                    cipher: "substitution",
                    key,
                    ciphertext: board.text().to_owned(),
                });
            }
        });
        let conflicts = board.conflicts();
        if !conflicts.is_empty() {
            let letters: Vec<String> = conflicts.iter().map(char::to_string).collect();
            let said = format!(
                "{} stand for the same letter. At least one of them is wrong.",
                letters.join(" and ")
            );
            let _ = Banner::new(Tone::Danger, &said).show(ui);
        } else if let Some(said) = &self.helper.said {
            let _ = Banner::new(Tone::Info, said).show(ui);
        }
        alphabet_ui(ui, board, &mut self.chosen, &conflicts);
        let chosen = self.chosen;
        typed(ui, board, &mut self.chosen);
        if let Some(letter) = chosen {
            chosen_ui(ui, board, letter);
        } else {
            ui.label(text::small(
                ui,
                "Press a cipher letter above or in the text, then type what it stands for.",
            ));
        }
        text_ui(ui, board, &mut self.chosen, &conflicts);
    }
}

/// All cipher letters with their counts, guesses and locks.
fn alphabet_ui(ui: &mut Ui, board: &mut Board, chosen: &mut Option<char>, conflicts: &[char]) {
    let p = palette(ui);
    let columns = if ui.available_width() >= 26.0 * 26.0 {
        26
    } else {
        13
    };
    let step = ((ui.available_width()) / columns as f32).min(44.0);
    let most = ('A'..='Z')
        .map(|letter| board.count(letter))
        .max()
        .unwrap_or(0)
        .max(1) as f32;
    let rows = 26 / columns;
    let height = 104.0;
    let (rect, _) = ui.allocate_exact_size(vec2(step * columns as f32, height * rows as f32), Sense::hover());
    for (place, cipher) in ('A'..='Z').enumerate() {
        let corner = rect.min + vec2((place % columns) as f32 * step, (place / columns) as f32 * height);
        let cell = Rect::from_min_size(corner, vec2(step, height)).shrink2(vec2(1.5, 2.0));
        let response = ui.interact(cell, ui.scope_id().with(("cipher letter", place)), Sense::click());
        let guess = board.guess(cipher);
        let locked = board.is_locked(cipher);
        let wrong = conflicts.contains(&cipher);
        let name = match (guess, locked) {
            (Some(plain), true) => format!("{cipher} is {plain}, locked"),
            (Some(plain), false) => format!("{cipher} is {plain}"),
            (None, _) => format!("{cipher} is not guessed"),
        };
        let on = *chosen == Some(cipher);
        response.widget_info(|| WidgetInfo::selected(Role::Button, true, on, &name));
        if response.clicked() {
            *chosen = if on { None } else { Some(cipher) };
        }
        let absent = board.count(cipher) == 0;
        let fill = match (on, wrong, response.hovered()) {
            (true, ..) => p.accent_soft,
            (_, true, _) => p.danger_soft,
            (_, _, true) => p.surface_3,
            _ => p.surface_2,
        };
        let edge = match (on, wrong) {
            (true, _) => p.accent,
            (_, true) => p.danger,
            _ => p.border,
        };
        let painter = ui.painter();
        painter.rect(cell, 6, fill, Stroke::new(1.0, edge), StrokeKind::Inside);
        let bar = (board.count(cipher) as f32 / most) * 30.0;
        let foot = cell.top() + 38.0;
        let ground = Rect::from_min_max(
            pos2(cell.left() + step * 0.22, foot - bar.max(1.0)),
            pos2(cell.right() - step * 0.22, foot),
        );
        painter.rect_filled(ground, 2, p.info.gamma_multiply(if absent { 0.2 } else { 0.8 }));
        let ink = if absent {
            p.text_weak.gamma_multiply(0.5)
        } else {
            p.text_weak
        };
        let center = cell.center().x;
        painter.text(
            pos2(center, foot + 11.0),
            Align2::CENTER_CENTER,
            cipher,
            fonts::mono(13.0),
            ink,
        );
        let color = match (wrong, locked) {
            (true, _) => p.danger,
            (_, true) => p.success,
            _ => p.accent,
        };
        let shown = guess.map_or('·', |guess| guess);
        painter.text(
            pos2(center, foot + 33.0),
            Align2::CENTER_CENTER,
            shown,
            fonts::mono(18.0),
            if guess.is_some() { color } else { p.text_weak },
        );
        if locked {
            painter.text(
                pos2(center, cell.bottom() - 9.0),
                Align2::CENTER_CENTER,
                icons::LOCK,
                fonts::icon(12.0),
                p.success,
            );
        }
        if response.has_focus() {
            style::focus_ring(painter, cell, 6, p);
        }
    }
}

/// A letter that was typed becomes the guess for the chosen one.
fn typed(ui: &mut Ui, board: &mut Board, chosen: &mut Option<char>) {
    let Some(cipher) = *chosen else { return };
    // Another field has the keyboard: what is typed is meant for it.
    if ui.ctx().text_edit_focused() {
        return;
    }
    let letter = ui.input(|input| {
        input.events.iter().find_map(|event| match event {
            Event::Text(text) => text.chars().next().filter(char::is_ascii_alphabetic),
            _ => None,
        })
    });
    if let Some(letter) = letter {
        board.set(cipher, Some(letter));
    }
    let (taken, locks, next, previous) = ui.input_mut(|input| {
        (
            input.consume_key(Modifiers::NONE, Press::Backspace)
                || input.consume_key(Modifiers::NONE, Press::Delete),
            input.consume_key(Modifiers::NONE, Press::Space),
            input.consume_key(Modifiers::NONE, Press::ArrowRight),
            input.consume_key(Modifiers::NONE, Press::ArrowLeft),
        )
    });
    if taken {
        board.set(cipher, None);
    }
    if locks {
        board.lock(cipher, !board.is_locked(cipher));
    }
    if next || previous {
        let step = if next { 1 } else { 25 };
        *chosen = Some(char::from(b'A' + (cipher as u8 - b'A' + step) % 26));
    }
}

/// What can be done with the chosen letter, for those who have no keyboard at hand too.
fn chosen_ui(ui: &mut Ui, board: &mut Board, cipher: char) {
    let p = palette(ui);
    let unused = board.unused();
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(3.0, 3.0);
        let said = format!("{cipher} stands {} times. It is", board.count(cipher));
        ui.label(text::small(ui, said));
        ui.add_space(4.0);
        for plain in 'A'..='Z' {
            let now = board.guess(cipher) == Some(plain);
            let free = unused.contains(&plain);
            let (rect, response) = ui.allocate_exact_size(vec2(22.0, 24.0), Sense::click());
            let name = format!("Guess {plain} for {cipher}");
            response.widget_info(|| WidgetInfo::selected(Role::Button, true, now, &name));
            let (fill, ink) = match (now, response.hovered(), free) {
                (true, ..) => (p.accent, p.on_accent),
                (_, true, _) => (p.surface_3, p.text_strong),
                (_, _, true) => (p.surface_2, p.text),
                _ => (p.surface_1, p.text_weak.gamma_multiply(0.6)),
            };
            ui.painter()
                .rect(rect, 4, fill, Stroke::new(1.0, p.border), StrokeKind::Inside);
            ui.painter().text(
                rect.center(),
                Align2::CENTER_CENTER,
                plain,
                fonts::mono(12.0),
                ink,
            );
            if response.has_focus() {
                style::focus_ring(ui.painter(), rect, 4, p);
            }
            if response.clicked() {
                board.set(cipher, if now { None } else { Some(plain) });
            }
        }
        ui.add_space(6.0);
        let locked = board.is_locked(cipher);
        let (icon, name) = match locked {
            true => (icons::LOCK, format!("Unlock {cipher}")),
            false => (icons::LOCK_OPEN, format!("Lock {cipher}")),
        };
        let lock = IconButton::new(icon, &name).selected(locked).small();
        if ui.add_enabled(board.guess(cipher).is_some(), lock).clicked() {
            board.lock(cipher, !locked);
        }
    });
}

/// The ciphertext with the guesses above it, word by word.
fn text_ui(ui: &mut Ui, board: &Board, chosen: &mut Option<char>, conflicts: &[char]) {
    let p = palette(ui);
    Frame::new()
        .fill(p.surface_0)
        .corner_radius(style::RADIUS)
        .inner_margin(Margin::symmetric(12, 10))
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            let height = ui.ctx().content_rect().height() * 0.42;
            ScrollArea::vertical()
                .id_salt("board text")
                .max_height(height)
                .auto_shrink([false, true])
                .show(ui, |ui| {
                    let shown: String = board.text().chars().take(MOST_SHOWN).collect();
                    let per_line = (ui.available_width() / CELL.x).floor().max(8.0) as usize;
                    let lines = broken(&shown, per_line);
                    let plaintext: Vec<char> = board.plaintext().chars().collect();
                    let size = vec2(ui.available_width(), lines.len() as f32 * CELL.y);
                    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
                    response.widget_info(|| {
                        WidgetInfo::labeled(Role::MultilineTextInput, true, "Guessed so far")
                    });
                    ui.ctx().accesskit_node_builder(response.id, |node| {
                        node.set_read_only();
                        node.set_value(plaintext.iter().collect::<String>());
                    });
                    let pointer = response.hover_pos();
                    for (number, line) in lines.iter().enumerate() {
                        let top = rect.top() + number as f32 * CELL.y;
                        if top > ui.clip_rect().bottom() || top + CELL.y < ui.clip_rect().top() {
                            continue;
                        }
                        for (column, &(place, c)) in line.iter().enumerate() {
                            let corner = pos2(rect.left() + column as f32 * CELL.x, top);
                            let cell = Rect::from_min_size(corner, CELL);
                            let cipher = c.to_ascii_uppercase();
                            let is_letter = cipher.is_ascii_uppercase();
                            let on = is_letter && *chosen == Some(cipher);
                            if on {
                                let ground = cell.with_max_y(cell.bottom() - 8.0);
                                ui.painter().rect_filled(ground, 3, p.accent_soft);
                            }
                            let guess = plaintext.get(place).copied().unwrap_or(' ');
                            let color =
                                match (is_letter, conflicts.contains(&cipher), board.is_locked(cipher)) {
                                    (false, ..) => p.text_weak,
                                    (_, true, _) => p.danger,
                                    (_, _, true) => p.success,
                                    _ if guess == '·' => p.text_weak,
                                    _ => p.text_strong,
                                };
                            let at = pos2(cell.center().x, cell.top() + 11.0);
                            ui.painter()
                                .text(at, Align2::CENTER_CENTER, guess, fonts::mono(15.0), color);
                            if is_letter {
                                let at = pos2(cell.center().x, cell.top() + 28.0);
                                let ink = p.text_weak.gamma_multiply(0.85);
                                ui.painter()
                                    .text(at, Align2::CENTER_CENTER, c, fonts::mono(11.0), ink);
                            }
                            if is_letter && response.clicked() && pointer.is_some_and(|at| cell.contains(at))
                            {
                                *chosen = Some(cipher);
                            }
                        }
                    }
                });
        });
}

/// The text in lines, broken at spaces where there are some; each character with its place.
fn broken(text: &str, width: usize) -> Vec<Vec<(usize, char)>> {
    let mut lines: Vec<Vec<(usize, char)>> = vec![Vec::new()];
    for (place, c) in text.chars().enumerate() {
        let line = lines.last_mut().expect("there is always one line");
        if c == '\n' {
            lines.push(Vec::new());
            continue;
        }
        if line.len() < width {
            line.push((place, c));
            continue;
        }
        let word = match line.iter().rposition(|(_, c)| c.is_whitespace()) {
            Some(space) if c != ' ' && line.len() - space < width / 2 => line.split_off(space + 1),
            _ => Vec::new(),
        };
        lines.push(word);
        if c != ' '
            && let Some(line) = lines.last_mut()
        {
            line.push((place, c));
        }
    }
    lines
}

const CELL: egui::Vec2 = vec2(12.0, 42.0);
const MOST_SHOWN: usize = 2_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_lose_no_letter() {
        let text = "the quick brown fox jumps over the lazy dog";
        let lines = broken(text, 14);
        let shown: Vec<String> = lines
            .iter()
            .map(|line| line.iter().map(|(_, c)| c).collect())
            .collect();
        assert_eq!(shown[0], "the quick ");
        let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
        assert_eq!(letters(&shown.concat()), letters(text));
        assert!(broken(&"x".repeat(100), 30).iter().all(|line| line.len() <= 30));
        assert_eq!(broken("a\nb", 9).len(), 2);
    }
}
