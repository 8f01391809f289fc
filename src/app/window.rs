//! The window itself: opened, run until it is closed, and what became of it.

use std::cell::Cell;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use super::CipherRoom;
use crate::ui::theme::icon;

/// Why there is no window any more, or never was one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowError {
    /// The system opened none.
    NotOpened {
        /// Why.
        reason: String,
    },
    /// The system took it away.
    Lost {
        /// Why.
        reason: String,
    },
    /// A fault of ours ended it. Standard error holds where.
    Fault,
}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WindowError::NotOpened { reason } => write!(
                f,
                "no window could be opened ({reason}). Is there a display? `cipher-room host` and `cipher-room join` work without one."
            ),
            WindowError::Lost { reason } => write!(f, "the window was lost ({reason})"),
            WindowError::Fault => f.write_str(
                "the window failed, which is a fault of Cipher Room. What was shown as sent or received is kept: start it again."
            ),
        }
    }
}

/// Opens the window and runs until it is closed.
pub fn run(folder: PathBuf) -> Result<(), WindowError> {
    let mut viewport = egui::ViewportBuilder::default()
        .with_app_id("cipher-room")
        .with_inner_size([1100.0, 720.0])
        .with_min_inner_size([640.0, 480.0]);
    if let Some(icon) = icon::app_icon() {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions {
        viewport,
        centered: true,
        ..Default::default()
    };
    // What runs before is the system's, and what is drawn from then on is ours.
    let opened = Cell::new(false);
    let create: eframe::AppCreator<'_> = Box::new(|creation| {
        opened.set(true);
        Ok(Box::new(CipherRoom::new(creation, &folder)?))
    });
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        eframe::run_native("Cipher Room", options, create).map_err(|error| error.to_string())
    }));
    ended(outcome, opened.get())
}

/// What became of the window: how its run ended, and whether there was one.
fn ended(outcome: std::thread::Result<Result<(), String>>, opened: bool) -> Result<(), WindowError> {
    match (outcome, opened) {
        (Ok(Ok(())), _) => Ok(()),
        (Ok(Err(reason)), true) => Err(WindowError::Lost { reason }),
        (Ok(Err(reason)), false) => Err(WindowError::NotOpened { reason }),
        (Err(_), true) => Err(WindowError::Fault),
        // A missing system library comes as a panic from below.
        (Err(_), false) => Err(WindowError::NotOpened {
            reason: "a library that windows need is missing".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_ours_is_not_taken_for_a_missing_library_nor_the_other_way_round() {
        let died = || std::panic::catch_unwind(|| panic!("on purpose"));
        assert_eq!(ended(died(), true), Err(WindowError::Fault));
        let missing = ended(died(), false).unwrap_err().to_string();
        assert!(missing.contains("library that windows need"), "{missing}");
        let refused = || Ok(Err("no display".to_owned()));
        let reason = "no display".to_owned();
        assert_eq!(
            ended(refused(), false),
            Err(WindowError::NotOpened {
                reason: reason.clone()
            })
        );
        assert_eq!(ended(refused(), true), Err(WindowError::Lost { reason }));
        assert_eq!(ended(Ok(Ok(())), true), Ok(()));
    }
}
