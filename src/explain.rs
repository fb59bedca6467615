//! What a broken rung means: one code for each thing that can be told apart on the wire.

use privlink_core::side::{
    Cause, Expectation, Layer, NameAnswer, PortRange, Proof, RecordShape, Rung, RungResult, Tries,
};
use privlink_core::{DnsName, Finding, Severity, Turn};

use crate::verify::blocks;

/// What a broken rung of `proof` means. What is steady and the same on every address is told by
/// its layer; before that comes what is neither.
pub(crate) fn explain(rung: &Rung, expectation: &Expectation, proof: &Proof) -> Finding {
    if rung.tries.is_some_and(Tries::is_unsteady) {
        return unsteady(rung);
    }
    if rung.cause == Some(Cause::Ipv6NotRouted) {
        return blocks(
            "DNS-006",
            "the name has an IPv6 address, and this machine has a route to IPv4 addresses alone",
            "take the AAAA record away where it is not the endpoint's, or give the clients' subnet an IPv6 route",
        );
    }
    if !rung.held_on.is_empty() {
        let held: Vec<String> = rung.held_on.iter().map(ToString::to_string).collect();
        return blocks(
            "NET-004",
            "some of the endpoint's addresses are reached and some are not",
            "compare the subnets, groups and routes of the zones; take the address that fails out of the record meanwhile",
        )
        .evidence(format!("{} holds on {}", rung.layer, held.join(", ")));
    }
    match rung.layer {
        Layer::Name => name(rung, expectation),
        Layer::Address => address(rung),
        Layer::Tcp => tcp(rung, proof),
        Layer::Tls => tls(rung),
        _ => blocks(
            "PROTO-001",
            "something answered, but not the database",
            "check port and protocol, and look for a proxy on the way",
        )
        .turn(Turn::You),
    }
}

fn unsteady(rung: &Rung) -> Finding {
    let finding = blocks(
        "NET-006",
        "the same connection holds at times and breaks at times",
        "look for one of several machines behind the address that is not well, and for limits on connections",
    );
    match rung.tries {
        Some(tries) => finding.evidence(format!("{} held in {} of {} tries", rung.layer, tries.held, tries.made)),
        None => finding,
    }
}

fn name(rung: &Rung, expectation: &Expectation) -> Finding {
    match (rung.result, rung.cause) {
        (RungResult::NoSuchName | RungResult::NoData, _) if !is_kept(rung) && is_published(&rung.host, expectation) => {
            blocks(
                "DNS-010",
                "the vendor publishes the private name, and this resolver does not give its private address",
                "let the resolver give private addresses for the vendor's domain (protection against DNS rebinding drops them); \
             a name that was made a moment ago takes some minutes",
            )
        }
        (RungResult::NoSuchName, _) => no_such_name(rung, expectation),
        (RungResult::NoData, _) => blocks(
            "DNS-002",
            "the private name exists, but has no address",
            "make an address record for the name, not only the zone",
        ),
        (_, Some(Cause::ResolverSilent)) => blocks(
            "DNS-007",
            "no resolver answers",
            "check that this machine's name server runs and that UDP and TCP port 53 to it are open",
        ),
        _ => blocks(
            "DNS-003",
            "the resolver could not answer",
            "check the resolver of this machine, and that DNS is on in the network",
        ),
    }
}

/// Whether a "no" came out of the resolver's cache.
fn is_kept(rung: &Rung) -> bool {
    rung.answer.as_ref().is_some_and(|answer| answer.cached)
}

/// Whether the vendor has the name in public DNS, so that no zone of the network has a part in it.
fn is_published(host: &DnsName, expectation: &Expectation) -> bool {
    let mut names = expectation.names.iter().filter(|name| name.host == *host);
    names.any(|name| matches!(name.record, RecordShape::Vendor | RecordShape::VendorSrv))
}

fn no_such_name(rung: &Rung, expectation: &Expectation) -> Finding {
    let answer = rung.answer.as_ref();
    if is_kept(rung) {
        return blocks(
            "DNS-008",
            "the resolver says out of its cache that the private name does not exist; it may exist by now",
            "wait until the kept answer has expired, then prove again",
        );
    }
    if answer.is_some_and(|answer| is_another_zone(&rung.host, answer, expectation)) {
        return blocks(
            "DNS-009",
            "no private zone of the name is seen from here: a zone above it answers that it does not exist",
            "compare the zone's name with the host, letter by letter, and associate the zone with this network",
        );
    }
    blocks(
        "DNS-001",
        "the private name does not exist where this was run",
        "make the zone and record, and associate the zone with this network; then wait for the negative answer to expire",
    )
}

/// Whether the zone that answered lies above both zones the name's record can be in: one of its own,
/// and its parent.
fn is_another_zone(host: &DnsName, answer: &NameAnswer, expectation: &Expectation) -> bool {
    let private = |shape| matches!(shape, RecordShape::Apex | RecordShape::Exact | RecordShape::Wildcard);
    let expected = expectation.names.iter().any(|name| name.host == *host && private(name.record));
    expected
        && answer.aliases.is_empty()
        && answer.zone.as_ref().is_some_and(|zone| {
            host.parent().is_some_and(|parent| host.is_within(zone) && zone != host && *zone != parent)
        })
}

fn address(rung: &Rung) -> Finding {
    match rung.result {
        RungResult::PublicAddress => blocks(
            "DNS-004",
            "the name leads to a public address",
            "associate the private zone with this network, or forward the name to the cloud's resolver",
        ),
        _ => blocks(
            "DNS-005",
            "the name leads to an address that is not this endpoint's",
            "look for a second zone or a wildcard record that captures the name",
        ),
    }
}

fn tcp(rung: &Rung, proof: &Proof) -> Finding {
    let reached = |other: &Rung| {
        other.host == rung.host
            && other.port != rung.port
            && other.layer == Layer::Tcp
            && other.result == RungResult::Held
    };
    match rung.result {
        RungResult::Refused => blocks(
            "NET-002",
            "the port was refused: nobody listens there",
            "check the port; the vendor may not offer this protocol on the service",
        ),
        RungResult::Reset => blocks(
            "NET-007",
            "the connection was reset before it stood",
            "look for a firewall on the way that rejects connections, and for a load balancer without targets",
        ),
        _ if proof.rungs.iter().any(reached) => blocks(
            "NET-005",
            "this port does not answer, while another port of the same name does",
            "open this port, too, wherever the other one is open: in the endpoint's group and in the clients' rules",
        ),
        _ => blocks(
            "NET-001",
            "the port does not answer: a filter or a route is in the way",
            "open the port from the clients to the endpoint: in security groups on AWS and Azure, by an egress rule on Google Cloud",
        ),
    }
}

fn tls(rung: &Rung) -> Finding {
    match (rung.result, rung.cause) {
        (_, Some(Cause::NoServerName)) => blocks(
            "TLS-008",
            "cut off during TLS, for the handshake named no host",
            "connect by the vendor's private name, and let nothing on the way take it out of the handshake",
        ),
        (RungResult::Reset, _) => blocks(
            "TLS-001",
            "connected, then cut off during TLS: the database does not serve this endpoint",
            "put the endpoint on the service's allow list, and connect by the private name",
        ),
        (_, Some(Cause::UnknownAuthority)) => blocks(
            "TLS-004",
            "the certificate is signed by an authority that is not trusted here",
            "give the probe the database's own authority where it has one that the expectation does not name \
             (`Local::builder().extra_roots`), as with CockroachDB Cloud, or update the machine's roots; else a proxy \
             inspects the traffic",
        ),
        (_, Some(Cause::Expired)) => blocks(
            "TLS-005",
            "the certificate is not valid at this time",
            "check this machine's clock; if it is right, the vendor has to renew the certificate",
        ),
        (_, Some(Cause::NoCertificate)) => blocks(
            "TLS-006",
            "the server has no certificate for the name",
            "connect by the vendor's private name; check that the endpoint leads to this database's service",
        ),
        (RungResult::TimedOut, _) => blocks(
            "TLS-007",
            "connected, but the TLS handshake did not end in time",
            "look for a packet size that the path does not carry, and for an overloaded proxy on the way",
        ),
        (_, Some(Cause::WrongName)) => blocks(
            "TLS-002",
            "the certificate is of another name",
            "connect by the vendor's private name; check that the name leads to this endpoint",
        ),
        (RungResult::BadCertificate, _) => blocks(
            "TLS-009",
            "the certificate is not accepted",
            "read the reason in the evidence; update the machine's root certificates",
        ),
        _ => {
            blocks("TLS-003", "TLS did not come about", "look for a proxy or firewall that inspects traffic on the way")
        }
    }
}

/// Whether a port that nobody answered only stands for a wide range, while another port of the
/// same name is reached: nobody promises a listener there, and a vendor's load balancer is as
/// silent as a filter.
pub(crate) fn is_idle(rung: &Rung, expectation: &Expectation, proof: &Proof) -> bool {
    let Some(port) = rung.port else { return false };
    let names = expectation.names.iter().filter(|name| name.host == rung.host);
    let mut holding = names.flat_map(|name| &name.ports).filter(|range| range.contains(port)).peekable();
    rung.layer == Layer::Tcp
        && matches!(rung.result, RungResult::Refused | RungResult::TimedOut)
        && holding.peek().is_some()
        && holding.all(PortRange::is_wide)
        && proof
            .rungs
            .iter()
            .any(|other| other.host == rung.host && other.layer == Layer::Tcp && other.result == RungResult::Held)
}

pub(crate) fn silent_range() -> Finding {
    Finding::new(
        "NET-003",
        Severity::Warning,
        "a port that stands for a range does not answer: nobody may listen there yet, or a filter is in the way",
        "see that the rules of the endpoint and of the network let the whole range through",
    )
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use privlink_core::side::{Nonce, PrivateName, Protocol};

    use super::*;

    const HOST: &str = "orders.us-east-1.vpce.aws.clickhouse.cloud";

    fn rung(layer: Layer, result: RungResult) -> Rung {
        let port = (layer > Layer::Address).then_some(8443);
        Rung::new(HOST.parse().unwrap(), port, layer, result, "seen")
    }

    fn code(rung: Rung) -> String {
        code_beside(rung, Vec::new())
    }

    fn code_beside(rung: Rung, others: Vec<Rung>) -> String {
        let name = PrivateName::new(HOST.parse().unwrap(), vec![PortRange::single(8443)], Protocol::Tls);
        let (nonce, issued) = (Nonce::fresh(), SystemTime::UNIX_EPOCH);
        let expectation = Expectation::new(nonce, issued, vec![name], Vec::new(), Vec::new());
        let mut proof = Proof::new(nonce, Vec::new(), "");
        proof.rungs = others;
        explain(&rung, &expectation, &proof).code.to_string()
    }

    fn negative(zone: &str, cached: bool) -> Rung {
        let mut answer = NameAnswer::default();
        answer.zone = Some(zone.parse().unwrap());
        answer.cached = cached;
        rung(Layer::Name, RungResult::NoSuchName).answer(answer)
    }

    #[test]
    fn each_break_of_a_layer_has_its_code() {
        use Layer::{Address, Name, Protocol, Tcp, Tls};
        use RungResult::*;
        for (layer, result, cause, wanted) in [
            (Name, NoSuchName, None, "DNS-001"),
            (Name, NoData, None, "DNS-002"),
            (Name, ResolverFailed, None, "DNS-003"),
            (Name, ResolverFailed, Some(Cause::ResolverError), "DNS-003"),
            (Name, ResolverFailed, Some(Cause::ResolverSilent), "DNS-007"),
            (Address, PublicAddress, None, "DNS-004"),
            (Address, ForeignAddress, None, "DNS-005"),
            (Address, ForeignAddress, Some(Cause::Ipv6NotRouted), "DNS-006"),
            (Tcp, TimedOut, None, "NET-001"),
            (Tcp, TimedOut, Some(Cause::NoRoute), "NET-001"),
            (Tcp, TimedOut, Some(Cause::Ipv6NotRouted), "DNS-006"),
            (Tcp, Refused, None, "NET-002"),
            (Tcp, Reset, None, "NET-007"),
            (Tls, Reset, None, "TLS-001"),
            (Tls, Reset, Some(Cause::NoServerName), "TLS-008"),
            (Tls, BadCertificate, Some(Cause::WrongName), "TLS-002"),
            (Tls, Unexpected, None, "TLS-003"),
            (Tls, BadCertificate, Some(Cause::UnknownAuthority), "TLS-004"),
            (Tls, BadCertificate, Some(Cause::Expired), "TLS-005"),
            (Tls, BadCertificate, Some(Cause::NoCertificate), "TLS-006"),
            (Tls, TimedOut, None, "TLS-007"),
            (Tls, BadCertificate, None, "TLS-009"),
            (Protocol, Unexpected, None, "PROTO-001"),
        ] {
            assert_eq!(code(rung(layer, result).cause(cause)), wanted, "{layer} {result:?} {cause:?}");
        }
    }

    #[test]
    fn a_published_name_that_is_not_given_is_the_resolvers_doing() {
        let mut name = PrivateName::new(HOST.parse().unwrap(), vec![PortRange::single(8443)], Protocol::Tls);
        name.record = RecordShape::Vendor;
        let (nonce, issued) = (Nonce::fresh(), SystemTime::UNIX_EPOCH);
        let expectation = Expectation::new(nonce, issued, vec![name], Vec::new(), Vec::new());
        let proof = Proof::new(nonce, Vec::new(), "");
        let code = |rung: &Rung| explain(rung, &expectation, &proof).code.to_string();
        assert_eq!(code(&rung(Layer::Name, RungResult::NoSuchName)), "DNS-010");
        assert_eq!(code(&rung(Layer::Name, RungResult::NoData)), "DNS-010");
        assert_eq!(code(&negative("clickhouse.cloud", false)), "DNS-010", "no zone of the network is looked for");
        assert_eq!(code(&negative("clickhouse.cloud", true)), "DNS-008");
        assert_eq!(code(&rung(Layer::Name, RungResult::ResolverFailed)), "DNS-003");
    }

    #[test]
    fn what_holds_elsewhere_or_at_times_is_told_before_the_layer() {
        let silent = || rung(Layer::Tcp, RungResult::TimedOut);
        assert_eq!(code(silent().held_on(vec!["10.0.1.5".parse().unwrap()])), "NET-004");
        let own = vec!["10.0.1.5".parse().unwrap()];
        let six = silent().held_on(own.clone()).cause(Some(Cause::Ipv6NotRouted));
        assert_eq!(code(six), "DNS-006", "addresses of the other kind are another matter than zones");
        assert_eq!(code(silent().held_on(own).tries(Tries::new(3, 1))), "NET-006");
        assert_eq!(code(silent().tries(Tries::new(3, 0))), "NET-001");
        let mut other = rung(Layer::Tcp, RungResult::Held);
        other.port = Some(9440);
        assert_eq!(code_beside(silent(), vec![other.clone()]), "NET-005");
        assert_eq!(code_beside(rung(Layer::Tcp, RungResult::Refused), vec![other.clone()]), "NET-002");
        other.host = "billing.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        assert_eq!(code_beside(silent(), vec![other]), "NET-001");
    }

    #[test]
    fn the_zone_that_says_no_tells_whether_the_private_one_is_seen() {
        assert_eq!(code(negative(HOST, false)), "DNS-001");
        assert_eq!(code(negative("us-east-1.vpce.aws.clickhouse.cloud", false)), "DNS-001");
        assert_eq!(code(negative("clickhouse.cloud", false)), "DNS-009");
        assert_eq!(code(negative("clickhouse.cloud", true)), "DNS-008");
    }
}
