//! The limit of open files: raised as far as the system allows, or said plainly what to do.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit of this process, and of those it starts, to at least `wanted`.
pub fn raise_to(wanted: u64) -> Result<(), String> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    if maximum.is_some_and(|maximum| maximum < wanted) {
        let maximum = maximum.unwrap_or_default();
        return Err(format!(
            "{wanted} open files are needed and this system allows {maximum}; as root, say `ulimit -Hn {wanted}` \
             in the shell that starts this, or have fewer guests"
        ));
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum,
    };
    setrlimit(Resource::Nofile, raised)
        .map_err(|error| format!("the limit of open files could not be raised to {wanted}: {error}"))
}
