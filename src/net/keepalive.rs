//! Has the system notice a peer whose cable was pulled; costs nothing while it answers.

use socket2::{SockRef, TcpKeepalive};

#[cfg(any(target_os = "linux", target_os = "android"))]
use super::limits::KEEPALIVE_UNANSWERED;
use super::limits::{KEEPALIVE_INTERVAL, KEEPALIVE_SILENCE};

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(unix)]
pub fn set<S: std::os::fd::AsFd>(socket: &S) {
    let socket = SockRef::from(socket);
    let _ = socket.set_tcp_keepalive(&parameters());
    // Keepalive asks only a line on which nothing is under way; this covers the other case (RFC 5482).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_user_timeout(Some(KEEPALIVE_UNANSWERED));
}

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(windows)]
pub fn set<S: std::os::windows::io::AsSocket>(socket: &S) {
    let _ = SockRef::from(socket).set_tcp_keepalive(&parameters());
}

fn parameters() -> TcpKeepalive {
    TcpKeepalive::new()
        .with_time(KEEPALIVE_SILENCE)
        .with_interval(KEEPALIVE_INTERVAL)
}
