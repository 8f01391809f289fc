//! Screens, widgets and theme: reads the session, returns commands.

pub mod theme;
pub mod widgets;
