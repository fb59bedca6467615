//! Climbing every name rung by rung, up to its first break.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::net::IpAddr;

use futures_util::future::join_all;
use privlink_core::side::{Cause, Expectation, Layer, Proof, Rung, RungResult};
use privlink_core::{BoxFuture, DnsName};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use crate::local::Inner;
use crate::ports::{self, Target};
use crate::visit::{self, Visits};
use crate::{address, place};

/// Answers `expectation`: all names and all their ports at the same time, so many of them at once.
pub(crate) async fn climb(probe: &Inner, expectation: &Expectation) -> Proof {
    let places = Semaphore::new(probe.at_once);
    // Boxed in plain loops: closures over borrowed items would not be general enough to be sent.
    let mut hosts: Vec<BoxFuture<'_, Climbed>> = Vec::new();
    for host in self::hosts(probe, expectation) {
        hosts.push(Box::pin(climb_host(probe, expectation, &places, host)));
    }
    let climbed = join_all(hosts).await;

    let mut proof = Proof::new(expectation.nonce, local(expectation, &climbed), probe.resolver.describe());
    proof.rungs = climbed.into_iter().flat_map(|host| host.rungs).collect();
    for rung in &proof.rungs {
        tracing::debug!(host = %rung.host, port = rung.port, layer = %rung.layer, result = ?rung.result, seen = %rung.seen, "rung");
    }
    proof
}

/// What was seen of one host.
struct Climbed {
    rungs: Vec<Rung>,
    answered: Vec<IpAddr>,
    /// The addresses that were spoken to, and those that were spoken from.
    connected: Vec<(IpAddr, IpAddr)>,
}

async fn climb_host(probe: &Inner, expectation: &Expectation, places: &Semaphore, host: Host) -> Climbed {
    let name = {
        let _place = places.acquire().await;
        ask(probe, expectation, &host.name).await
    };
    let mut climbed = Climbed { rungs: name.rungs, answered: name.answered, connected: Vec::new() };
    let mut ports: Vec<BoxFuture<'_, Vec<Visits>>> = Vec::new();
    for target in &host.targets {
        let mut trips: Vec<BoxFuture<'_, Visits>> = Vec::new();
        for address in &name.reachable {
            trips.push(Box::pin(visit::visits(probe, places, &host.name, *target, *address)));
        }
        ports.push(Box::pin(join_all(trips)));
    }
    let four = name.reachable.iter().any(IpAddr::is_ipv4);
    for (target, visits) in host.targets.iter().zip(join_all(ports).await) {
        for visits in &visits {
            climbed.connected.extend(visits.local().map(|local| (visits.address, local)));
        }
        let mut rungs = visit::join(&host.name, target, &visits);
        for rung in &mut rungs {
            if four && rung.cause == Some(Cause::NoRoute) && rung.addresses.iter().all(IpAddr::is_ipv6) {
                rung.cause = Some(Cause::Ipv6NotRouted);
            }
        }
        climbed.rungs.extend(rungs);
    }
    climbed
}

/// A host to look at, with the ports of all its components.
struct Host {
    name: DnsName,
    targets: Vec<Target>,
}

/// The hosts in the order they are first named, each once.
fn hosts(probe: &Inner, expectation: &Expectation) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    let mut places: HashMap<&DnsName, (usize, HashSet<u16>)> = HashMap::new();
    for name in &expectation.names {
        let (place, ports) = places.entry(&name.host).or_insert_with(|| (hosts.len(), HashSet::new()));
        let mut targets = ports::targets(name, probe.whole_range_up_to);
        targets.retain(|target| ports.insert(target.port));
        match hosts.get_mut(*place) {
            Some(host) => host.targets.extend(targets),
            None => hosts.push(Host { name: name.host.clone(), targets }),
        }
    }
    hosts
}

/// What the resolver said of a host.
struct Name {
    rungs: Vec<Rung>,
    answered: Vec<IpAddr>,
    /// The answered addresses if the climb goes on, none otherwise.
    reachable: Vec<IpAddr>,
}

async fn ask(probe: &Inner, expectation: &Expectation, host: &DnsName) -> Name {
    if host.is_wildcard() {
        let seen = "a wildcard has no address of its own; expect one of the names below it";
        let rungs = vec![Rung::new(host.clone(), None, Layer::Name, RungResult::Unexpected, seen)];
        return Name { rungs, answered: Vec::new(), reachable: Vec::new() };
    }
    let began = Instant::now();
    let told = probe.resolver.addresses(host).await;
    let rung = |result, seen: String| {
        Rung::new(host.clone(), None, Layer::Name, result, seen).answer(told.answer.clone()).took(began.elapsed())
    };
    match &told.outcome {
        Ok(answered) => {
            let aliases: Vec<String> = told.answer.aliases.iter().map(|alias| format!("{alias}, ")).collect();
            let first = rung(RungResult::Held, format!("resolves to {}{}", aliases.concat(), address::list(answered)))
                .addresses(answered.clone());
            let judged = address::judge(answered, expectation);
            let second = Rung::new(host.clone(), None, Layer::Address, judged.result, judged.seen)
                .addresses(answered.clone())
                .cause(stranded(answered, judged.result, expectation));
            let reachable = if judged.result == RungResult::Held { answered.clone() } else { Vec::new() };
            Name { rungs: vec![first, second], answered: answered.clone(), reachable }
        }
        Err(broken) => {
            let rungs = vec![rung(broken.result, broken.seen.clone()).cause(broken.cause)];
            Name { rungs, answered: Vec::new(), reachable: Vec::new() }
        }
    }
}

/// Whether all that is wrong with the answers is IPv6 addresses to which there is no route here.
fn stranded(answered: &[IpAddr], result: RungResult, expectation: &Expectation) -> Option<Cause> {
    let routed: Vec<IpAddr> = answered
        .iter()
        .copied()
        .filter(|address| address.is_ipv4() || place::address_towards(*address).is_some())
        .collect();
    let blamed = result != RungResult::Held
        && !routed.is_empty()
        && routed.len() < answered.len()
        && address::judge(&routed, expectation).result == RungResult::Held;
    blamed.then_some(Cause::Ipv6NotRouted)
}

/// The addresses this machine speaks from: of the connections that stood, and for all other
/// addresses answered or expected, the one it would speak from.
fn local(expectation: &Expectation, climbed: &[Climbed]) -> Vec<IpAddr> {
    let connected = || climbed.iter().flat_map(|host| &host.connected);
    let mut local: BTreeSet<IpAddr> = connected().map(|(_, local)| *local).collect();
    let reached: BTreeSet<IpAddr> = connected().map(|(address, _)| *address).collect();
    let others: BTreeSet<IpAddr> =
        climbed.iter().flat_map(|host| &host.answered).chain(&expectation.addresses).copied().collect();
    local.extend(others.difference(&reached).filter_map(|address| place::address_towards(*address)));
    local.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use privlink_core::side::{Nonce, PortRange, PrivateName, Protocol};

    use super::*;
    use crate::dial::Break;
    use crate::resolve::{Resolve, Told};
    use crate::tls::Tls;

    /// Answers every name with the same failure.
    #[derive(Debug)]
    struct Failing(RungResult);

    impl Resolve for Failing {
        fn addresses<'a>(&'a self, _: &'a DnsName) -> BoxFuture<'a, Told> {
            Box::pin(async { Told::bare(Err(Break::new(self.0, "said so"))) })
        }

        fn describe(&self) -> String {
            "a resolver that fails".to_owned()
        }
    }

    fn probe(resolver: impl Resolve + 'static) -> Inner {
        Inner {
            resolver: std::sync::Arc::new(resolver),
            secure: Tls::new(Vec::new(), true).expect("a machine that tests has roots"),
            roots: Vec::new(),
            connect: Duration::from_secs(1),
            tls: Duration::from_secs(1),
            answer: Duration::from_secs(1),
            at_once: 4,
            tries: 1,
            whole_range_up_to: 16,
        }
    }

    fn expectation(hosts: &[&str]) -> Expectation {
        let names = hosts
            .iter()
            .map(|host| PrivateName::new(host.parse().unwrap(), vec![PortRange::single(8443)], Protocol::Tls))
            .collect();
        Expectation::new(Nonce::fresh(), SystemTime::now(), names, vec!["127.0.0.1".parse().unwrap()], Vec::new())
    }

    #[tokio::test]
    async fn a_name_that_is_not_answered_ends_there_and_says_why() {
        for result in [RungResult::NoSuchName, RungResult::NoData, RungResult::ResolverFailed] {
            let proof = climb(&probe(Failing(result)), &expectation(&["a.example.com", "b.example.com"])).await;
            let seen: Vec<_> = proof.rungs.iter().map(|rung| (rung.host.as_str(), rung.layer, rung.result)).collect();
            assert_eq!(seen, [("a.example.com", Layer::Name, result), ("b.example.com", Layer::Name, result)]);
            assert_eq!(proof.resolver, "a resolver that fails");
        }
    }

    #[tokio::test]
    async fn the_place_is_known_even_when_no_name_resolves() {
        let proof = climb(&probe(Failing(RungResult::NoSuchName)), &expectation(&["a.example.com"])).await;
        assert_eq!(proof.local, ["127.0.0.1".parse::<IpAddr>().unwrap()]);
    }

    #[tokio::test]
    async fn a_host_of_two_components_is_asked_for_once() {
        let mut both = expectation(&["a.example.com", "a.example.com"]);
        both.names[1].ports = vec![PortRange::single(3306)];
        let proof = climb(&probe(Failing(RungResult::NoSuchName)), &both).await;
        assert_eq!(proof.rungs.len(), 1);
        let ports: Vec<u16> =
            hosts(&probe(Failing(RungResult::NoData)), &both)[0].targets.iter().map(|target| target.port).collect();
        assert_eq!(ports, [8443, 3306]);
    }
}
