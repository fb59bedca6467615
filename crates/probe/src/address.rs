//! Whether an answered address is the endpoint's own.

use std::net::{IpAddr, Ipv4Addr};

use privlink_core::side::{Expectation, RungResult};

/// What the answers are worth against `expectation`, and why.
///
/// A private address alone is no proof: it may be another endpoint's. Where the endpoint's own
/// addresses are not known, the ranges of the network decide, and the words say so.
pub(crate) fn judge(answers: &[IpAddr], expectation: &Expectation) -> Judged {
    let (result, seen) = weigh(answers, expectation);
    Judged { result, seen }
}

/// What answers are worth.
pub(crate) struct Judged {
    pub(crate) result: RungResult,
    pub(crate) seen: String,
}

/// How many addresses a name may have to be tried: an endpoint has one or two in each zone.
const MOST: usize = 64;

fn weigh(answers: &[IpAddr], expectation: &Expectation) -> (RungResult, String) {
    let own = |address: &IpAddr| expectation.addresses.contains(address);
    let inside = |address: &IpAddr| expectation.inside.iter().any(|range| range.contains(address));
    let strangers: Vec<IpAddr> = answers.iter().copied().filter(|address| !own(address)).collect();

    if answers.len() > MOST {
        let seen = format!("{} addresses, which no endpoint has; {MOST} at most are tried", answers.len());
        return (RungResult::Unexpected, seen);
    }
    if strangers.is_empty() {
        return (RungResult::Held, format!("{} of the endpoint's own", count(answers.len())));
    }
    // A network may use public ranges, so what lies inside it is not called public.
    let public: Vec<IpAddr> = strangers.iter().copied().filter(|ip| !inside(ip) && !is_private(*ip)).collect();
    if !public.is_empty() {
        return (RungResult::PublicAddress, format!("{} is public; {}", list(&public), due(expectation)));
    }
    if !expectation.addresses.is_empty() {
        let seen = format!("{} is private, but not this endpoint's; {}", list(&strangers), due(expectation));
        return (RungResult::ForeignAddress, seen);
    }
    let outside: Vec<IpAddr> = strangers.iter().copied().filter(|address| !inside(address)).collect();
    if !expectation.inside.is_empty() && !outside.is_empty() {
        return (
            RungResult::ForeignAddress,
            format!("{} lies outside the network; {}", list(&outside), due(expectation)),
        );
    }
    (RungResult::Held, format!("{} is private; the endpoint's own addresses were not given", list(&strangers)))
}

fn due(expectation: &Expectation) -> String {
    if !expectation.addresses.is_empty() {
        return format!("due is {}", list(&expectation.addresses));
    }
    if expectation.inside.is_empty() {
        return "due is a private address".to_owned();
    }
    let ranges: Vec<String> = expectation.inside.iter().map(ToString::to_string).collect();
    format!("due is an address in {}", ranges.join(", "))
}

/// The addresses in words, long lists shortened.
pub(crate) fn list(addresses: &[IpAddr]) -> String {
    const MOST: usize = 6;
    let mut words: Vec<String> = addresses.iter().take(MOST).map(ToString::to_string).collect();
    if addresses.len() > MOST {
        words.push(format!("{} more", addresses.len() - MOST));
    }
    words.join(", ")
}

fn count(addresses: usize) -> String {
    if addresses == 1 { "1 address".to_owned() } else { format!("{addresses} addresses, all") }
}

/// Whether the address cannot be reached over the internet.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let shared = Ipv4Addr::new(100, 64, 0, 0).to_bits();
            v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.to_bits() >> 22 == shared >> 22
        }
        IpAddr::V6(v6) => v6.is_loopback() || v6.is_unique_local() || v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::Nonce;

    use super::*;

    fn judged(answers: &[&str], own: &[&str], inside: &[&str]) -> RungResult {
        let ips = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<IpAddr>>();
        let ranges = inside.iter().map(|text| text.parse().unwrap()).collect();
        let expectation = Expectation::new(Nonce::fresh(), SystemTime::UNIX_EPOCH, Vec::new(), ips(own), ranges);
        judge(&ips(answers), &expectation).result
    }

    #[test]
    fn only_the_endpoints_own_addresses_hold() {
        assert_eq!(judged(&["10.0.1.5", "10.0.2.5"], &["10.0.2.5", "10.0.1.5"], &[]), RungResult::Held);
        assert_eq!(judged(&["10.0.9.9"], &["10.0.1.5"], &["10.0.0.0/16"]), RungResult::ForeignAddress);
        assert_eq!(judged(&["10.0.1.5", "10.0.9.9"], &["10.0.1.5"], &[]), RungResult::ForeignAddress);
        assert_eq!(judged(&["203.0.113.7"], &["10.0.1.5"], &[]), RungResult::PublicAddress);
        assert_eq!(judged(&["10.0.9.9", "203.0.113.7"], &["10.0.1.5"], &[]), RungResult::PublicAddress);
    }

    #[test]
    fn public_ranges_used_inside_a_network_are_not_called_public() {
        assert_eq!(judged(&["203.0.113.7"], &["203.0.113.7"], &[]), RungResult::Held);
        assert_eq!(judged(&["203.0.113.8"], &["203.0.113.7"], &["203.0.113.0/24"]), RungResult::ForeignAddress);
    }

    #[test]
    fn the_network_decides_where_the_addresses_are_not_known() {
        assert_eq!(judged(&["10.0.1.5"], &[], &["10.0.0.0/16"]), RungResult::Held);
        assert_eq!(judged(&["10.9.1.5"], &[], &["10.0.0.0/16"]), RungResult::ForeignAddress);
        assert_eq!(judged(&["10.9.1.5"], &[], &[]), RungResult::Held);
        assert_eq!(judged(&["8.8.8.8"], &[], &[]), RungResult::PublicAddress);
    }

    #[test]
    fn private_ranges_are_known() {
        for address in ["10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "100.127.255.255", "fd00::1", "::1"] {
            assert_eq!(judged(&[address], &[], &[]), RungResult::Held, "{address}");
        }
        for address in ["100.63.255.255", "100.128.0.0", "172.32.0.1", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert_eq!(judged(&[address], &[], &[]), RungResult::PublicAddress, "{address}");
        }
    }
}
