//! Where the program runs: its addresses towards the endpoint, and who resolves its names.

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

/// Who resolves names here, in words.
pub(crate) fn resolver() -> String {
    // Absent where the system keeps its name servers elsewhere; then there is nothing to add.
    let servers = std::fs::read_to_string("/etc/resolv.conf").map(|text| name_servers(&text)).unwrap_or_default();
    if servers.is_empty() {
        "the system's resolver".to_owned()
    } else {
        format!("the system's resolver, name server {}", servers.join(", "))
    }
}

fn name_servers(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then(|| words.next()).flatten()
        })
        .filter(|word| word.split('%').next().is_some_and(|ip| ip.parse::<IpAddr>().is_ok()))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_servers_are_read_as_the_c_library_reads_them() {
        let text = "# made by hand\nsearch example.com\nnameserver 10.0.0.2\n nameserver\tfe80::1%eth0 # trailing\n\
                    nameserver not-an-address\noptions ndots:5\n";
        assert_eq!(name_servers(text), ["10.0.0.2", "fe80::1%eth0"]);
    }

    #[test]
    fn the_way_to_loopback_starts_on_loopback() {
        assert!(address_towards(Ipv4Addr::LOCALHOST.into()).is_some_and(|local| local.is_loopback()));
    }
}
