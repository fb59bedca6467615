//! Which ports of a name are tried.

use std::collections::HashMap;

use privlink_core::side::{PortRange, PrivateName, Protocol};

/// One port to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) port: u16,
    pub(crate) protocol: Protocol,
    /// One of two that stand for a large range: TCP alone.
    pub(crate) sample: bool,
}

/// The ports of `name` in its own order, each once; ranges larger than `whole` by their ends.
pub(crate) fn targets(name: &PrivateName, whole: u16) -> Vec<Target> {
    let mut targets: Vec<Target> = Vec::new();
    let mut places: HashMap<u16, usize> = HashMap::new();
    for range in &name.ports {
        for (port, sample) in pick(*range, whole) {
            let target = Target { port, protocol: range.protocol.unwrap_or(name.protocol), sample };
            let place = *places.entry(port).or_insert(targets.len());
            match targets.get_mut(place) {
                // A port named by itself says more than one that only stands for a range.
                Some(known) if known.sample => *known = target,
                Some(_) => {}
                None => targets.push(target),
            }
        }
    }
    targets
}

/// How many ports of `name` are tried, those that it names more than once as often.
pub(crate) fn count(name: &PrivateName, whole: u16) -> usize {
    let of = |range: &PortRange| match range.first.abs_diff(range.last) {
        0 => 1,
        span if span < whole => usize::from(span) + 1,
        _ => 2,
    };
    name.ports.iter().map(of).sum()
}

/// What is usually spoken on a port, where nobody says it.
pub(crate) fn usual(range: PortRange) -> Protocol {
    match range.first {
        _ if range.first != range.last => Protocol::Tls,
        443 | 8443 => Protocol::Https,
        3306 => Protocol::Mysql,
        // CockroachDB speaks PostgreSQL's protocol.
        5432 | 26257 => Protocol::Postgres,
        _ => Protocol::Tls,
    }
}

fn pick(range: PortRange, whole: u16) -> Vec<(u16, bool)> {
    let (first, last) = (range.first.min(range.last), range.first.max(range.last));
    if last - first < whole {
        (first..=last).map(|port| (port, false)).collect()
    } else if first == last {
        // `whole` is 0: even a single port is only a sample.
        vec![(first, true)]
    } else {
        vec![(first, true), (last, true)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ports(ranges: Vec<PortRange>) -> Vec<(u16, bool)> {
        let name = PrivateName::new("db.example.com".parse().unwrap(), ranges, Protocol::Tls);
        targets(&name, 16).into_iter().map(|target| (target.port, target.sample)).collect()
    }

    #[test]
    fn small_ranges_are_tried_whole_and_large_ones_by_their_ends() {
        assert_eq!(ports(vec![PortRange::range(1, 3)]), [(1, false), (2, false), (3, false)]);
        assert_eq!(ports(vec![PortRange::range(1, 16)]).len(), 16);
        assert_eq!(ports(vec![PortRange::range(10_000, 31_000)]), [(10_000, true), (31_000, true)]);
        assert_eq!(ports(vec![PortRange::range(0, u16::MAX)]), [(0, true), (u16::MAX, true)]);
        assert_eq!(ports(vec![PortRange::range(9, 7)]), [(7, false), (8, false), (9, false)]);
    }

    #[test]
    fn well_known_ports_are_known() {
        let spoken = [443, 8443, 3306, 5432, 26257, 9440].map(|port| usual(PortRange::single(port)));
        let (https, postgres) = (Protocol::Https, Protocol::Postgres);
        assert_eq!(spoken, [https, https, Protocol::Mysql, postgres, postgres, Protocol::Tls]);
        assert_eq!(usual(PortRange::range(443, 444)), Protocol::Tls);
    }

    #[test]
    fn a_port_is_tried_once_and_by_what_says_more() {
        let range = PortRange::range(10_000, 31_000);
        assert_eq!(ports(vec![range, PortRange::single(10_000)]), [(10_000, false), (31_000, true)]);
        assert_eq!(ports(vec![PortRange::single(10_000), range]), [(10_000, false), (31_000, true)]);
    }

    #[test]
    fn a_port_speaks_its_own_protocol_before_the_names() {
        let name = PrivateName::new(
            "db.example.com".parse().unwrap(),
            vec![PortRange::single(8443), PortRange::single(9440).speaking(Protocol::Tls)],
            Protocol::ClickHouseHttps,
        );
        let spoken: Vec<_> = targets(&name, 16).into_iter().map(|target| target.protocol).collect();
        assert_eq!(spoken, [Protocol::ClickHouseHttps, Protocol::Tls]);
    }
}
