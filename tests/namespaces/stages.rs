//! What is staged, and the code that each has to yield.

use std::time::Duration;

use crate::lab::{HOST, Lab};

/// The vendor's public zone, which private ones lie below.
const PUBLIC: (&str, Option<&str>) = ("clickhouse.cloud", Some(""));
const PARENT: &str = "us-east-1.vpce.aws.clickhouse.cloud";
/// The records of a zone of the host's own.
const RIGHT: &str = "@ 60 IN A 10.77.2.5\n@ 60 IN A 10.77.3.5";

/// A name, what is staged for it, and the codes it yields.
type Stage = (&'static str, fn(&mut Lab) -> Asked, &'static str);

/// How the client asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    AsAlways,
    WithoutServerName,
}

use Asked::{AsAlways, WithoutServerName};

const STAGES: [Stage; 25] = [
    ("works", |lab| served(lab, "serves"), "proved"),
    ("works, with HTTP 403", |lab| served(lab, "forbids"), "proved"),
    ("slow handshake within the limit", |lab| served(lab, "slow:150"), "proved"),
    ("slow handshake beyond the limit", |lab| served(lab, "slow:900"), "TLS-007"),
    ("record missing in the parent zone", |lab| named(lab, PARENT, "billing 60 IN A 10.77.2.5"), "DNS-001"),
    ("record missing in a zone of its own", |lab| named(lab, HOST, ""), "DNS-002"),
    ("zone for another name", |lab| named(lab, "order.us-east-1.vpce.aws.clickhouse.cloud", RIGHT), "DNS-009"),
    ("record points to another endpoint", |lab| named(lab, HOST, "@ 60 IN A 10.77.2.99"), "DNS-005"),
    ("record points to a public address", |lab| named(lab, HOST, "@ 60 IN A 203.0.113.7"), "DNS-004"),
    (
        "IPv6 answer where only IPv4 is routed",
        |lab| named(lab, HOST, "@ 60 IN A 10.77.2.5\n@ 60 IN A 10.77.3.5\n@ 60 IN AAAA fd00:77::5"),
        "DNS-006",
    ),
    (
        "IPv6 answer behind an alias",
        |lab| named(lab, PARENT, "orders 60 IN CNAME six\nsix 60 IN A 10.77.2.5\nsix 60 IN AAAA 2001:db8::5"),
        "DNS-006",
    ),
    ("resolver dead", |_| AsAlways, "DNS-007"),
    ("resolver filtered", filtered_resolver, "DNS-007"),
    ("resolver refuses", refusing_resolver, "DNS-003"),
    ("stale negative cache", stale, "DNS-008"),
    ("inbound dropped", |lab| filtered(lab, false, "tcp dport { 8443, 9440 }"), "NET-001"),
    ("outbound dropped", |lab| filtered(lab, true, "tcp dport { 8443, 9440 }"), "NET-001"),
    ("only one of two zones' addresses reachable", |lab| filtered(lab, false, "ip daddr 10.77.3.5"), "NET-004"),
    ("one port of several blocked", |lab| filtered(lab, false, "tcp dport 9440"), "NET-005"),
    ("refused", |lab| named(lab, HOST, RIGHT), "NET-002"),
    ("reset after accept", |lab| served(lab, "resets"), "TLS-001"),
    ("reset during TLS without SNI", without_server_name, "TLS-008"),
    ("certificate of another name", |lab| served(lab, "of another name"), "TLS-002"),
    ("expired certificate", |lab| served(lab, "expired"), "TLS-005"),
    ("unknown authority", |lab| served(lab, "of a stranger"), "TLS-004"),
];

/// Stages one after the other; ends the program with 1 if one yields anything but its code.
pub(crate) fn run(prefix: &str) {
    let mut lab = Lab::new(prefix);
    let (mut passed, mut failed) = (0, 0);
    for (what, stage, wanted) in STAGES {
        let asked = stage(&mut lab);
        let (codes, verdict) = lab.prove(asked == WithoutServerName);
        lab.clear();
        if codes == wanted {
            passed += 1;
            println!("ok      {wanted:8} {what}");
        } else {
            failed += 1;
            println!("FAILED  {wanted:8} {what}: {codes}\n{verdict}");
        }
    }
    // Before the program ends, which drops nothing.
    drop(lab);
    println!("{passed} passed, {failed} failed");
    if failed > 0 {
        std::process::exit(1);
    }
}

fn named(lab: &mut Lab, zone: &str, records: &str) -> Asked {
    lab.resolve(&[PUBLIC, (zone, Some(records))]);
    AsAlways
}

fn served(lab: &mut Lab, door: &str) -> Asked {
    lab.serve(door);
    named(lab, HOST, RIGHT)
}

fn filtered(lab: &mut Lab, outbound: bool, rule: &str) -> Asked {
    lab.drop_packets(outbound, rule);
    served(lab, "serves")
}

fn without_server_name(lab: &mut Lab) -> Asked {
    served(lab, "serves");
    WithoutServerName
}

fn filtered_resolver(lab: &mut Lab) -> Asked {
    lab.drop_packets(false, "ip daddr 10.77.2.53");
    served(lab, "serves")
}

fn refusing_resolver(lab: &mut Lab) -> Asked {
    lab.resolve(&[(HOST, None)]);
    AsAlways
}

/// Somebody asks before the record is made; then it is made, and the resolver still says no.
fn stale(lab: &mut Lab) -> Asked {
    lab.serve("serves");
    lab.resolve(&[PUBLIC, (PARENT, Some("billing 60 IN A 10.77.2.5"))]);
    let (codes, verdict) = lab.prove(false);
    assert_eq!(codes, "DNS-001", "{verdict}");
    lab.rewrite_zone(PARENT, "orders 60 IN A 10.77.2.5\norders 60 IN A 10.77.3.5");
    // A cache counts in whole seconds.
    std::thread::sleep(Duration::from_millis(2100));
    AsAlways
}
