//! Screens, widgets and theme: reads the session, returns commands.
//!
//! ```text
//!   app ── Session, Clock ──▶ View::ui ── screens ── widgets ── theme
//!    ▲                           │
//!    └────── Vec<UiCommand> ─────┘
//! ```
//!
//! Invariant: nothing here opens a file or a socket, starts a thread or reads a clock, and every
//! text of a peer passes through [`session::clean`](crate::session::clean).

mod clock;
mod command;
mod help;
pub mod inspect;
pub mod lab;
pub mod mallory;
mod rail;
mod screens;
pub mod theme;
mod tour;
mod typed_path;
mod view;
pub mod widgets;

pub use clock::Clock;
pub use command::UiCommand;
pub use screens::file_dialog::FileAct;
pub use view::View;
