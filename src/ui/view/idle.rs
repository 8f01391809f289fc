//! How long the window was left alone, and when the profile locks itself because of it.

use std::time::Duration;

use egui::Context;

use crate::session::{Me, Session};

/// When the window was last used.
#[derive(Debug, Default)]
pub(super) struct Idle {
    /// When something was last typed or pointed at, seconds since 1970; 0 before the first frame.
    active_unix: u64,
    /// When the profile was last asked to lock itself, while it is not locked yet.
    asked_unix: Option<u64>,
}

impl Idle {
    /// Whether the profile is to be asked to lock itself now; has the window look again in time. Comes before
    /// [`Idle::note`]: the first frame after a long time is full of events.
    pub(super) fn is_over(&mut self, context: &Context, session: &Session, now_unix: u64) -> bool {
        // A clock that was put back must not put the lock off.
        self.active_unix = self.active_unix.min(now_unix);
        let limit_secs = u64::from(session.settings.lock_after_minutes) * 60;
        let can_lock = session.has_passphrase && matches!(session.me, Me::Ready { .. });
        let idle_secs = now_unix - self.active_unix;
        if !can_lock || limit_secs == 0 || self.active_unix == 0 || idle_secs < limit_secs {
            self.asked_unix = None;
            if can_lock && limit_secs > 0 {
                let wait_secs = limit_secs.saturating_sub(idle_secs).clamp(1, LOOK_AGAIN_SECS);
                context.request_repaint_after(Duration::from_secs(wait_secs));
            }
            return false;
        }
        context.request_repaint_after(Duration::from_secs(ASK_AGAIN_SECS));
        let asks = self
            .asked_unix
            .is_none_or(|asked| asked.abs_diff(now_unix) >= ASK_AGAIN_SECS);
        if asks {
            self.asked_unix = Some(now_unix);
        }
        asks
    }

    /// Notes that a frame begins, and whether something was done in it.
    pub(super) fn note(&mut self, active: bool, now_unix: u64) {
        // Whoever comes when it is over does not undo that.
        if self.active_unix == 0 || (active && self.asked_unix.is_none()) {
            self.active_unix = now_unix;
        }
    }
}

/// The clock is looked at this often, however much time is left: a timer stands still while the computer sleeps.
const LOOK_AGAIN_SECS: u64 = 30;
/// So long after it was asked to lock itself a profile that is still open is asked again: too much may have waited
/// before it, or something is being written first.
const ASK_AGAIN_SECS: u64 = 5;
