//! Wakes a thread out of its poll: once, however many ask before it looks around.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

use mio::{Registry, Token, Waker};

/// The way to wake a thread that waits in a poll. A burst of things that it is to see costs one system call, not one
/// for each.
#[derive(Debug)]
pub struct Waking {
    waker: Waker,
    /// Whether somebody woke it since it last looked around.
    asked: AtomicBool,
}

impl Waking {
    pub fn new(registry: &Registry, token: Token) -> io::Result<Waking> {
        Ok(Waking {
            waker: Waker::new(registry, token)?,
            asked: AtomicBool::new(false),
        })
    }

    /// Wakes the thread. What it is to see must be where it looks before this is called.
    pub fn wake(&self) -> io::Result<()> {
        if self.asked.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        self.waker
            .wake()
            .inspect_err(|_| self.asked.store(false, Ordering::Release))
    }

    /// The thread is awake and looks, after this call, at everything that is there: who comes later wakes it again.
    pub fn awake(&self) {
        self.asked.swap(false, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread::scope;
    use std::time::Duration;

    use crossbeam_channel::bounded;
    use mio::{Events, Poll};

    use super::*;

    #[test]
    fn many_who_ask_wake_it_once_and_the_next_one_wakes_it_again() {
        let mut poll = Poll::new().unwrap();
        let waking = Waking::new(poll.registry(), Token(7)).unwrap();
        let mut events = Events::with_capacity(8);
        let mut wakes = |wait_ms| {
            poll.poll(&mut events, Some(Duration::from_millis(wait_ms)))
                .unwrap();
            events.iter().count()
        };
        (0..1000).for_each(|_| waking.wake().unwrap());
        assert_eq!((wakes(5000), wakes(0)), (1, 0));
        // It has not looked around yet: nobody needs to wake it.
        waking.wake().unwrap();
        assert_eq!(wakes(0), 0);
        waking.awake();
        waking.wake().unwrap();
        assert_eq!((wakes(5000), wakes(0)), (1, 0));
    }

    #[test]
    fn nothing_that_is_given_while_it_looks_around_is_overlooked() {
        const GIVERS: usize = 3;
        const EACH: usize = 20_000;
        let mut poll = Poll::new().unwrap();
        let waking = Arc::new(Waking::new(poll.registry(), Token(7)).unwrap());
        let (give, given) = bounded(GIVERS * EACH);
        scope(|scope| {
            for _ in 0..GIVERS {
                let (give, waking) = (give.clone(), Arc::clone(&waking));
                scope.spawn(move || {
                    for _ in 0..EACH {
                        give.send(()).unwrap();
                        waking.wake().unwrap();
                    }
                });
            }
            let mut events = Events::with_capacity(8);
            let mut seen = 0;
            while seen < GIVERS * EACH {
                // Longer than anything takes: a wake that was lost ends this test.
                poll.poll(&mut events, Some(Duration::from_secs(20))).unwrap();
                assert!(
                    events.iter().next().is_some(),
                    "{seen} were seen, and nobody woke it"
                );
                waking.awake();
                seen += given.try_iter().count();
            }
        });
    }
}
