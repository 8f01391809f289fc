//! Finds a port and listens on it, for IPv4 and IPv6 at once where the system allows.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use mio::net::TcpListener;
use socket2::{Domain, Protocol, Socket, Type};

use crate::net::limits::BACKLOG;
use crate::net::{HostFailure, ListenOn};

/// Listens as wished. Returns the sockets and the address to show.
pub fn listen(wish: &ListenOn) -> Result<(Vec<TcpListener>, SocketAddr), HostFailure> {
    let address = wish.address;
    match bind(address, wish.port) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse && wish.or_any_port && wish.port != 0 => {
            bind(address, 0).map_err(|error| cannot_listen(&error))
        }
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Err(HostFailure::PortTaken { port: wish.port })
        }
        outcome => outcome.map_err(|error| cannot_listen(&error)),
    }
}

fn cannot_listen(error: &io::Error) -> HostFailure {
    let reason = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need special rights; choose a higher one".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "the address is not one of this machine".to_owned(),
        _ => error.to_string(),
    };
    HostFailure::CannotListen { reason }
}

fn bind(address: Option<IpAddr>, port: u16) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    match address {
        Some(IpAddr::V4(v4)) => bind_one((v4, port).into(), false),
        Some(IpAddr::V6(v6)) => bind_one((v6, port).into(), v6.is_unspecified()),
        None => match bind_one((Ipv6Addr::UNSPECIFIED, port).into(), true) {
            // Machines without IPv6.
            Err(error) if error.kind() != io::ErrorKind::AddrInUse => {
                bind_one((Ipv4Addr::UNSPECIFIED, port).into(), false)
            }
            outcome => outcome,
        },
    }
}

fn bind_one(address: SocketAddr, also_v4: bool) -> io::Result<(Vec<TcpListener>, SocketAddr)> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    if address.is_ipv6() {
        socket.set_only_v6(!also_v4)?;
    }
    // On Unix this only allows to reuse a port that nobody listens on; elsewhere it would share it.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    let listener: std::net::TcpListener = socket.into();
    let bound = listener.local_addr()?;
    Ok((vec![TcpListener::from_std(listener)], bound))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(port: u16, or_any_port: bool) -> ListenOn {
        ListenOn {
            address: Some(Ipv4Addr::LOCALHOST.into()),
            port,
            or_any_port,
        }
    }

    #[test]
    fn a_taken_port_is_named_or_replaced_as_wished() {
        let (_kept, first) = listen(&on(0, false)).unwrap();
        let taken = first.port();
        assert_eq!(
            listen(&on(taken, false)).unwrap_err(),
            HostFailure::PortTaken { port: taken }
        );
        let (_other, second) = listen(&on(taken, true)).unwrap();
        assert_ne!(second.port(), taken);
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let wish = ListenOn {
            address: Some("192.0.2.1".parse().unwrap()),
            port: 0,
            or_any_port: true,
        };
        assert!(matches!(listen(&wish), Err(HostFailure::CannotListen { .. })));
    }
}
