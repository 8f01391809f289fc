//! The addresses of this machine that others may reach, best first.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Every address of this machine: IPv4, then IPv6, loopback last. Link-local IPv6 addresses are left
/// out: they mean nothing without the name of the reader's own interface.
pub fn local_addresses() -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = if_addrs::get_if_addrs()
        .unwrap_or_default()
        .into_iter()
        .map(|interface| interface.ip())
        .collect();
    addresses.push(Ipv4Addr::LOCALHOST.into());
    in_order(addresses)
}

fn in_order(mut addresses: Vec<IpAddr>) -> Vec<IpAddr> {
    addresses.retain(|address| match address {
        IpAddr::V4(v4) => !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !is_link_local(v6),
    });
    addresses.sort_by_key(|address| {
        let self_made = matches!(address, IpAddr::V4(v4) if v4.is_link_local());
        (address.is_loopback(), address.is_ipv6(), self_made, *address)
    });
    addresses.dedup();
    addresses
}

fn is_link_local(address: &Ipv6Addr) -> bool {
    address
        .segments()
        .first()
        .is_some_and(|first| first & 0xffc0 == 0xfe80)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reachable_addresses_come_first_and_loopback_last() {
        let parse = |list: &[&str]| list.iter().map(|a| a.parse().unwrap()).collect::<Vec<IpAddr>>();
        let found = parse(&[
            "::1",
            "127.0.0.1",
            "fe80::1",
            "2001:db8::5",
            "169.254.1.1",
            "192.168.1.20",
            "192.168.1.20",
        ]);
        let expected = parse(&["192.168.1.20", "169.254.1.1", "2001:db8::5", "127.0.0.1", "::1"]);
        assert_eq!(in_order(found), expected);
    }

    #[test]
    fn there_is_always_loopback() {
        assert!(local_addresses().contains(&IpAddr::V4(Ipv4Addr::LOCALHOST)));
    }
}
