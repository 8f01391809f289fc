//! The keys that lead to other screens, and when the profile locks itself.

use egui::{InputState, Key, Modifiers, Ui};

use crate::session::Session;
use crate::ui::screens::{Screen, Stage};
use crate::ui::theme::Tone;

/// The keys that lead to another screen.
pub(super) fn keys(ui: &Ui, session: &Session, screen: Screen, had_focus: bool) -> Option<Screen> {
    const LETTERS: [(Key, Screen); 5] = [
        (Key::H, Screen::Host),
        (Key::J, Screen::Join),
        (Key::L, Screen::Lab),
        (Key::F, Screen::Kept),
        (Key::M, Screen::Mallory),
    ];
    const DIGITS: [Key; 9] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
        Key::Num9,
    ];
    ui.input_mut(|input| {
        for (key, screen) in LETTERS {
            if consume_without_shift(input, key) {
                return Some(screen);
            }
        }
        if input.consume_key(Modifiers::COMMAND, Key::Comma) {
            return Some(Screen::Settings);
        }
        for (room, key) in session.rooms.iter().zip(DIGITS) {
            if input.consume_key(Modifiers::COMMAND, key) {
                return Some(Screen::Room(room.key));
            }
        }
        // In a room the first Esc only takes the keyboard away from the composer.
        let stays = matches!(screen, Screen::Room(_)) && had_focus;
        (input.key_pressed(Key::Escape) && !stays).then_some(Screen::Home)
    })
}

/// Takes Ctrl and a letter. egui would take it with Shift too, and that is another wish.
fn consume_without_shift(input: &mut InputState, key: Key) -> bool {
    !input.modifiers.shift && input.consume_key(Modifiers::COMMAND, key)
}

/// Whether the profile is to lock itself: the user asked with the keys, or left it alone for long. Says so where there
/// is nothing to lock it with.
pub(super) fn locks(ui: &Ui, stage: &mut Stage<'_>, left_alone: bool) -> bool {
    let asked = ui.input_mut(|input| input.consume_key(Modifiers::COMMAND | Modifiers::SHIFT, Key::L));
    if !stage.session.has_passphrase {
        if asked {
            let said = "There is no passphrase to lock with. Set one in the settings, under Lock.";
            stage.toasts.push(Tone::Info, said);
        }
        return false;
    }
    asked || left_alone
}
