//! The net under the attack lab's threads: each has a name, and the stage hears when one dies of a fault.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::Builder;

use super::hands::Halt;
use super::stage::Stage;

/// Starts a named thread. When `work` panics, `died` is called on it.
#[expect(clippy::disallowed_methods, reason = "this is the net itself")]
pub(super) fn spawn(
    name: &str,
    work: impl FnOnce() + Send + 'static,
    died: impl FnOnce() + Send + 'static,
) -> Result<(), Halt> {
    let own_name = name.to_owned();
    Builder::new().name(format!("lab: {name}")).spawn(move || {
        // The work owns all it touches, and a stage is whole after every step.
        if catch_unwind(AssertUnwindSafe(work)).is_err() {
            log::error!("the attack lab's thread {own_name} died");
            died();
        }
    })?;
    Ok(())
}

/// Starts a thread of a run. Its death ends the run, with an outcome that says so.
pub(super) fn spawn_on(
    stage: &Arc<Stage>,
    name: &str,
    work: impl FnOnce() + Send + 'static,
) -> Result<(), Halt> {
    let (of_the_dead, own_name) = (Arc::clone(stage), name.to_owned());
    #[cfg(test)]
    let work = {
        let (stage, name) = (Arc::clone(stage), name.to_owned());
        move || {
            assert!(!stage.is_doomed(&name), "on purpose");
            work();
        }
    };
    spawn(name, work, move || of_the_dead.fail(&own_name))
}

#[cfg(test)]
mod tests {
    use super::super::ablation::Removed;
    use super::super::cast::Cast;
    use super::super::exhibits::find;
    use super::super::run::tests::run_with;
    use super::super::setting::Protocol;
    use super::*;

    #[test]
    fn whoever_dies_in_a_run_its_outcome_says_so_for_both_protocols() {
        let cast = Arc::new(Cast::generate().unwrap());
        let exhibit = find("replay").unwrap();
        let threads = [
            "Alice",
            "Alice reads",
            "Bob",
            "Bob reads",
            "relay from Alice",
            "relay from Bob",
        ];
        for protocol in [Protocol::Textbook, Protocol::Cr1(Removed::NOTHING)] {
            for doomed in threads {
                let outcome = run_with(exhibit, protocol, &cast, doomed);
                let said = Halt::Failed(format!("a part of the attack lab failed ({doomed})"));
                assert_eq!(outcome, Err(said));
            }
            assert!(run_with(exhibit, protocol, &cast, "nobody").is_ok());
        }
    }
}
