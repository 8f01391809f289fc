//! The controls that screens are made of. They take plain values, know nothing of sessions, have an
//! accessible name, work with the keyboard and show where it is.

pub mod avatar;
pub mod banner;
pub mod button;
pub mod card;
pub mod choice;
pub mod emoji_row;
pub mod empty;
pub mod field;
pub mod fingerprint;
pub mod follow_focus;
pub mod icon_button;
pub mod modal;
mod notice;
pub(in crate::ui) mod paint;
pub mod pill;
pub mod qr;
pub mod segmented;
pub mod select;
pub mod steps;
pub mod strength;
pub mod switch;
pub mod tile;
pub mod toast;

pub use avatar::Avatar;
pub use banner::{Banner, BannerResponse};
pub use button::Button;
pub use card::Card;
pub use choice::choice_ui;
pub use emoji_row::emoji_row_ui;
pub use empty::{Drawing, empty_ui};
pub use field::{Field, eye_ui};
pub use fingerprint::fingerprint_ui;
pub use follow_focus::follow_focus;
pub use icon_button::IconButton;
pub use modal::{ModalOutcome, blocking_modal_ui, deciding_modal_ui, modal_ui};
pub use pill::Pill;
pub use qr::Qr;
pub use segmented::segmented_ui;
pub use select::select_ui;
pub use steps::{Step, StepState, steps_ui};
pub use strength::strength_ui;
pub use switch::switch_ui;
pub use tile::Tile;
pub use toast::Toasts;
