//! What stays on disk: one profile folder with the identity, settings and known hosts.
//!
//! Writes go to a new file that then takes the old one's place, so a crash leaves the old or the new
//! and never half of either. A file that can't be understood is reported and never overwritten.

mod contacts;
mod profile;
mod settings;

pub use contacts::{Contacts, HostTrust};
pub use profile::{Profile, ProfileError};
pub use settings::{Settings, ThemeChoice};
