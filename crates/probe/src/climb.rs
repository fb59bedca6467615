//! Climbing every name rung by rung, up to its first break.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use privlink_core::side::{Expectation, Layer, Proof, Rung, RungResult};
use privlink_core::{BoxFuture, DnsName};
use tokio::time::{Instant, timeout};

use crate::dial::{self, Break};
use crate::local::Inner;
use crate::ports::{self, Target};
use crate::{address, place, protocol};

/// Answers `expectation`: first all names, then all ports, each with at most so many at once.
pub(crate) async fn climb(probe: &Inner, expectation: &Expectation) -> Proof {
    // Boxed in plain loops: closures over borrowed items would not be general enough to be sent.
    let mut questions: Vec<BoxFuture<'_, Name>> = Vec::new();
    for host in hosts(probe, expectation) {
        questions.push(Box::pin(ask(probe, expectation, host)));
    }
    let names: Vec<Name> = stream::iter(questions).buffered(probe.at_once).collect().await;

    let mut trips: Vec<BoxFuture<'_, Visit>> = Vec::new();
    for name in &names {
        for target in &name.host.targets {
            for address in &name.reachable {
                trips.push(Box::pin(visit(probe, &name.host.name, *target, *address)));
            }
        }
    }
    let visits: Vec<Visit> = stream::iter(trips).buffered(probe.at_once).collect().await;

    let mut proof = Proof::new(expectation.nonce, local(expectation, &names, &visits), probe.resolver.describe());
    let mut visits = visits.into_iter();
    for name in names {
        proof.rungs.extend(name.rungs);
        for target in &name.host.targets {
            // Visits come in the order they were asked for, so each port takes its own.
            let of_port: Vec<Visit> = visits.by_ref().take(name.reachable.len()).collect();
            proof.rungs.extend(join(&name.host.name, target, &of_port));
        }
    }
    for rung in &proof.rungs {
        tracing::debug!(host = %rung.host, port = rung.port, layer = %rung.layer, result = ?rung.result, seen = %rung.seen, "rung");
    }
    proof
}

/// A host to look at, with the ports of all its components.
struct Host {
    name: DnsName,
    targets: Vec<Target>,
}

/// The hosts in the order they are first named, each once.
fn hosts(probe: &Inner, expectation: &Expectation) -> Vec<Host> {
    let mut hosts: Vec<Host> = Vec::new();
    for name in &expectation.names {
        let targets = ports::targets(name, probe.whole_range_up_to);
        match hosts.iter_mut().find(|host| host.name == name.host) {
            Some(host) => {
                let new: Vec<Target> = targets
                    .into_iter()
                    .filter(|target| host.targets.iter().all(|known| known.port != target.port))
                    .collect();
                host.targets.extend(new);
            }
            None => hosts.push(Host { name: name.host.clone(), targets }),
        }
    }
    hosts
}

/// What the resolver said of a host.
struct Name {
    host: Host,
    rungs: Vec<Rung>,
    answered: Vec<IpAddr>,
    /// The answered addresses if the climb goes on, none otherwise.
    reachable: Vec<IpAddr>,
}

async fn ask(probe: &Inner, expectation: &Expectation, host: Host) -> Name {
    let name = host.name.clone();
    if name.is_wildcard() {
        let seen = "a wildcard has no address of its own; expect one of the names below it";
        let rungs = vec![Rung::new(name, None, Layer::Name, RungResult::Unexpected, seen)];
        return Name { host, rungs, answered: Vec::new(), reachable: Vec::new() };
    }
    let began = Instant::now();
    match probe.resolver.addresses(&name).await {
        Ok(answered) => {
            let seen = format!("resolves to {}", address::list(&answered));
            let first = Rung::new(name.clone(), None, Layer::Name, RungResult::Held, seen)
                .addresses(answered.clone())
                .took(began.elapsed());
            let (result, seen) = address::judge(&answered, expectation);
            let second = Rung::new(name, None, Layer::Address, result, seen).addresses(answered.clone());
            let reachable = if result == RungResult::Held { answered.clone() } else { Vec::new() };
            Name { host, rungs: vec![first, second], answered, reachable }
        }
        Err(Break { result, seen }) => {
            let rungs = vec![Rung::new(name, None, Layer::Name, result, seen).took(began.elapsed())];
            Name { host, rungs, answered: Vec::new(), reachable: Vec::new() }
        }
    }
}

/// What was seen on one port of one address.
struct Visit {
    address: IpAddr,
    local: Option<IpAddr>,
    steps: Vec<Step>,
}

struct Step {
    layer: Layer,
    result: RungResult,
    seen: String,
    took: Duration,
}

async fn visit(probe: &Inner, host: &DnsName, target: Target, address: IpAddr) -> Visit {
    let mut visit = Visit { address, local: None, steps: Vec::new() };
    let mut began = Instant::now();
    let mut record = |layer, outcome: Result<String, Break>| {
        let took = began.elapsed();
        began = Instant::now();
        let (result, seen) = match outcome {
            Ok(seen) => (RungResult::Held, seen),
            Err(Break { result, seen }) => (result, seen),
        };
        visit.steps.push(Step { layer, result, seen, took });
    };

    let mut tcp = match dial::connect(address, target.port, probe.connect).await {
        Ok(tcp) => tcp,
        Err(mut broken) => {
            if target.sample {
                broken.seen.push_str(SAMPLE);
            }
            record(Layer::Tcp, Err(broken));
            return visit;
        }
    };
    let local = tcp.local_addr().ok().map(|local| local.ip());
    if target.sample {
        record(Layer::Tcp, Ok(format!("connected{SAMPLE}")));
        visit.local = local;
        return visit;
    }
    record(Layer::Tcp, Ok("connected".to_owned()));

    let shaken = timeout(probe.tls, async {
        let said = protocol::preface(target.protocol, &mut tcp).await?;
        let (stream, seen) = probe.secure.open(tcp, host, protocol::is_http(target.protocol)).await?;
        Ok((stream, said, seen))
    });
    match shaken.await.unwrap_or_else(|_| Err(Break::late("TLS handshake", probe.tls))) {
        Ok((mut stream, said, seen)) => {
            record(Layer::Tls, Ok(seen));
            let asked = timeout(probe.answer, protocol::ask(target.protocol, &mut stream, host, target.port)).await;
            match (said, asked.unwrap_or_else(|_| Err(Break::late("protocol", probe.answer)))) {
                (_, Err(broken)) => record(Layer::Protocol, Err(broken)),
                (_, Ok(Some(seen))) | (Some(seen), Ok(None)) => record(Layer::Protocol, Ok(seen)),
                (None, Ok(None)) => {}
            }
        }
        Err(broken) => record(Layer::Tls, Err(broken)),
    }
    visit.local = local;
    visit
}

const SAMPLE: &str = "; this port stands for a range in which nobody promises a listener";

/// The visits of one port as rungs: a layer holds if it holds on every address.
fn join(host: &DnsName, target: &Target, visits: &[Visit]) -> Vec<Rung> {
    let mut rungs = Vec::new();
    for layer in [Layer::Tcp, Layer::Tls, Layer::Protocol] {
        let steps: Vec<(IpAddr, &Step)> = visits
            .iter()
            .flat_map(|visit| visit.steps.iter().map(move |step| (visit.address, step)))
            .filter(|(_, step)| step.layer == layer)
            .collect();
        let Some((_, first)) = steps.iter().find(|(_, step)| step.result != RungResult::Held).or(steps.first()) else {
            break;
        };
        let result = first.result;
        // A break names the addresses that broke; success, all of them.
        let addresses = steps.iter().filter(|(_, step)| step.result == result).map(|(address, _)| *address).collect();
        let took = steps.iter().map(|(_, step)| step.took).max().unwrap_or_default();
        rungs.push(
            Rung::new(host.clone(), Some(target.port), layer, result, words(&steps)).addresses(addresses).took(took),
        );
        if result != RungResult::Held {
            break;
        }
    }
    rungs
}

/// What was seen, once if it was the same everywhere, else address by address.
fn words(steps: &[(IpAddr, &Step)]) -> String {
    match steps {
        [] => String::new(),
        [(_, first), rest @ ..] if rest.iter().all(|(_, step)| step.seen == first.seen) => first.seen.clone(),
        all => all.iter().map(|(address, step)| format!("{address}: {}", step.seen)).collect::<Vec<_>>().join("; "),
    }
}

/// The addresses this machine speaks from: of the connections that stood, and for all other
/// addresses answered or expected, the one it would speak from.
fn local(expectation: &Expectation, names: &[Name], visits: &[Visit]) -> Vec<IpAddr> {
    let mut local: BTreeSet<IpAddr> = visits.iter().filter_map(|visit| visit.local).collect();
    let connected: BTreeSet<IpAddr> =
        visits.iter().filter(|visit| visit.local.is_some()).map(|visit| visit.address).collect();
    let others: BTreeSet<IpAddr> =
        names.iter().flat_map(|name| name.answered.iter()).chain(&expectation.addresses).copied().collect();
    local.extend(others.difference(&connected).filter_map(|address| place::address_towards(*address)));
    local.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::{Nonce, PortRange, PrivateName, Protocol};

    use super::*;
    use crate::resolve::Resolve;
    use crate::tls::Tls;

    /// Answers every name with the same failure.
    #[derive(Debug)]
    struct Failing(RungResult);

    impl Resolve for Failing {
        fn addresses<'a>(&'a self, _: &'a DnsName) -> BoxFuture<'a, Result<Vec<IpAddr>, Break>> {
            Box::pin(async { Err(Break::new(self.0, "said so")) })
        }

        fn describe(&self) -> String {
            "a resolver that fails".to_owned()
        }
    }

    fn probe(resolver: impl Resolve + 'static) -> Inner {
        Inner {
            resolver: Box::new(resolver),
            secure: Tls::new(Vec::new()).expect("a machine that tests has roots"),
            connect: Duration::from_secs(1),
            tls: Duration::from_secs(1),
            answer: Duration::from_secs(1),
            at_once: 4,
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
