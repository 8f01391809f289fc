//! The terminal verbs: the same work without a window.
pub mod ciphers;
