//! Cipher Room: talk over a channel that you can see into, beside a lab of classical ciphers.
//!
//! The layers, from the rim inwards. Each names only those below it; `tests/layers.rs` checks that.
//!
//! ```text
//!            app  main                     wiring
//!        ui            terminal            screens; verbs
//!             session                      what the application knows
//!               net                        threads and sockets
//!              store                       profile on disk
//!            protocol                      sans-IO: bytes in, bytes out
//!             crypto                       keys, schedule, sealing
//!              files                       read up to a limit, for store, terminal and app
//!
//!        lab → analysis → ciphers          apart from all the layers above
//!        mallory → inspect → protocol      the attack lab, apart from net and session
//! ```
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

pub mod analysis;
pub mod app;
pub mod ciphers;
pub mod crypto;
pub mod files;
pub mod inspect;
pub mod lab;
pub mod mallory;
pub mod net;
pub mod protocol;
pub mod session;
pub mod store;
pub mod terminal;
pub mod ui;
