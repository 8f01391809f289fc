//! The terminal verbs: the application's work without a window.

pub mod ciphers;
