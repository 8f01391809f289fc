//! sans
