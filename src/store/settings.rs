//! What the program remembers of its user's choices. Kept in the vault: some of it tells something.

use serde::{Deserialize, Serialize};

/// Light, dark, or what the desktop says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ThemeChoice {
    /// Follows the desktop.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

/// The settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The name shown to others; empty before the first run is done.
    pub name: String,
    /// The look.
    pub theme: ThemeChoice,
    /// The name of the room hosted last.
    pub room: String,
    /// The port hosted on last; 0 for the default one.
    pub port: u16,
    /// Whether the room hosted last let in who types its address.
    pub open_to_address: bool,
    /// After how many idle minutes the profile locks itself; 0 for never.
    pub lock_after_minutes: u32,
    /// The bench of the Classical Ciphers as it was left, in the lab's own form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lab_setup: Option<String>,
}
