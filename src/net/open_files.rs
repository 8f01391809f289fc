//! The limit of open files: a socket counts as one. A system often gives a program that is started from the desktop a
//! few hundred or a thousand, and more when it asks.

/// Raises this process's limit to at least `wanted` where the system lets it. Gives the limit as it is then; `None`
/// where there is none.
#[cfg(unix)]
pub fn raise(wanted: u64) -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current?;
    let reachable = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if current >= reachable {
        return Some(current);
    }
    let raised = Rlimit {
        current: Some(reachable),
        maximum,
    };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => Some(reachable),
        Err(error) => {
            log::warn!("the limit of open files stays at {current}: {error}");
            Some(current)
        }
    }
}

/// Raises this process's limit to at least `wanted` where the system lets it. Gives the limit as it is then; `None`
/// where there is none.
#[cfg(not(unix))]
pub fn raise(_wanted: u64) -> Option<u64> {
    None
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_limit_only_grows_and_no_further_than_the_system_lets_it() {
        let Some(before) = raise(0) else {
            return;
        };
        assert_eq!(raise(before), Some(before));
        let most = raise(u64::MAX).expect("there was a limit");
        assert!(most >= before);
        assert_eq!(raise(0), Some(most), "it was set");
    }
}
