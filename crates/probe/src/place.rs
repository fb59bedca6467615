//! Where the program runs: its addresses towards the endpoint.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// The address this machine would speak from to reach `destination`; `None` without a route.
///
/// Connecting a UDP socket only asks the routing table; nothing is sent.
pub(crate) fn address_towards(destination: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match destination {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // 9 is the discard port; any would do.
    socket.connect((destination, 9)).ok()?;
    socket.local_addr().ok().map(|local| local.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_loopback_starts_on_loopback() {
        assert!(address_towards(Ipv4Addr::LOCALHOST.into()).is_some_and(|local| local.is_loopback()));
    }
}
