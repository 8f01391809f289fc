//! Ctrl+C and SIGTERM, heard in time for a goodbye.

use crossbeam_channel::{Receiver, Sender, bounded, never};

use super::Exit;

/// Hears when the user or the system asks the program to end: it then says goodbye.
pub(super) fn interruptions() -> Receiver<()> {
    let (asked, heard): (Sender<()>, Receiver<()>) = bounded(1);
    let handler = move || {
        // Asked again before the first was heard: whoever asks does not want to wait for a goodbye.
        if asked.try_send(()).is_err() {
            std::process::exit(Exit::Failed as i32);
        }
    };
    if let Err(error) = ctrlc::set_handler(handler) {
        log::warn!("an interruption will end without a goodbye: {error}");
        return never();
    }
    heard
}
