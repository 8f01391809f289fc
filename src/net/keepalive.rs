//! Has the system notice a peer whose cable was pulled; costs nothing while it answers.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// Silence after which the system asks the peer.
const SILENCE: Duration = Duration::from_secs(30);
/// Time between two questions.
const INTERVAL: Duration = Duration::from_secs(10);

/// How long sent bytes may stay unanswered before the line counts as cut.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNANSWERED: Duration = Duration::from_secs(40);

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(unix)]
pub fn set<S: std::os::fd::AsFd>(socket: &S) {
    let socket = SockRef::from(socket);
    let _ = socket.set_tcp_keepalive(&parameters());
    // Keepalive asks only a line on which nothing is under way; this covers the other case (RFC 5482).
    #[cfg(any(target_os = "linux", target_os = "android"))]
    let _ = socket.set_tcp_user_timeout(Some(UNANSWERED));
}

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(windows)]
pub fn set<S: std::os::windows::io::AsSocket>(socket: &S) {
    let _ = SockRef::from(socket).set_tcp_keepalive(&parameters());
}

fn parameters() -> TcpKeepalive {
    TcpKeepalive::new().with_time(SILENCE).with_interval(INTERVAL)
}
