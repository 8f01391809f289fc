//! The net under the lab's threads: each has a name, and somebody hears when it dies of a fault.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::Builder;

/// Starts a named thread. When `work` panics, `died` is called on it: it says so where the outcome is waited for.
#[expect(clippy::disallowed_methods, reason = "this is the net itself")]
pub(super) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
    died: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let own_name = name.to_owned();
    Builder::new().name(name.to_owned()).spawn(move || {
        // The work owns all it touches, and what it shares is whole after every step.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log::error!("thread {own_name} died");
            died();
        }
    })?;
    Ok(())
}
