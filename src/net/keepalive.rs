//! Has the system notice a peer whose cable was pulled; costs nothing while it answers.

use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

/// Silence after which the system asks the peer.
const SILENCE: Duration = Duration::from_secs(30);
/// Time between two questions.
const INTERVAL: Duration = Duration::from_secs(10);

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(unix)]
pub fn set<S: std::os::fd::AsFd>(socket: &S) {
    let _ = SockRef::from(socket).set_tcp_keepalive(&parameters());
}

/// Turns on TCP keepalive (RFC 9293, section 3.8.4). A system that can't do it goes without.
#[cfg(windows)]
pub fn set<S: std::os::windows::io::AsSocket>(socket: &S) {
    let _ = SockRef::from(socket).set_tcp_keepalive(&parameters());
}

fn parameters() -> TcpKeepalive {
    TcpKeepalive::new().with_time(SILENCE).with_interval(INTERVAL)
}
