//! A worked example: the names of CockroachDB Cloud in three clouds, under both of its domains.
//!
//! Source: CockroachDB Cloud API 2024-09-16, `Region`, and names seen on live clusters, read 2026-11.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use privlink_core::side::RecordShape;
use privlink_core::{DnsName, PrivateDnsHostname};
use privlink_dns::{HostPattern, RecordPlan};

/// Pattern, public host, private host.
fn table() -> [(HostPattern, DnsName, PrivateDnsHostname); 4] {
    [
        ("internal-", "aws", "crdb.io", "docstest-6qsh.aws-us-west-2.crdb.io"),
        ("internal-", "azure", "cockroachlabs.cloud", "orders-nqq.azure-eastus2.cockroachlabs.cloud"),
        ("private-", "gcp", "crdb.io", "orders-nqq.gcp-us-central1.crdb.io"),
        ("private-", "gcp", "cockroachlabs.cloud", "orders-nqq.gcp-us-central1.cockroachlabs.cloud"),
    ]
    .map(|(prefix, cloud, apex, public)| {
        let form = format!("{{cluster}}.{cloud}-{{region}}.{apex}");
        let pattern = HostPattern::new(&form, &format!("{prefix}{form}")).unwrap();
        (pattern, public.parse().unwrap(), format!("{prefix}{public}").parse().unwrap())
    })
}

#[test]
fn public_and_private_hosts_lead_to_each_other() {
    for (pattern, public, private) in table() {
        assert_eq!(pattern.private_host(&public), Some(private.clone()));
        assert_eq!(pattern.public_host(&private), Some(public));
    }
}

#[test]
fn one_forms_pattern_refuses_the_names_of_the_others() {
    let rows = table();
    for (mine, (pattern, ..)) in rows.iter().enumerate() {
        for (other, (_, public, _)) in rows.iter().enumerate() {
            assert_eq!(pattern.private_host(public).is_some(), mine == other, "{public}");
        }
    }
}

#[test]
fn a_shared_host_has_a_label_more_and_is_not_forced_into_the_pattern() {
    let (pattern, ..) = &table()[0];
    for host in ["orders-4711.j77.aws-us-west-2.crdb.io", "internal-free-tier7.j77.aws-us-west-2.crdb.io"] {
        assert_eq!(pattern.private_host(&host.parse().unwrap()), None, "{host}");
    }
}

#[test]
fn the_zone_is_named_exactly_the_private_host() {
    for (_, _, private) in table() {
        let own = RecordPlan::of(&private, RecordShape::Apex, "endpoint").unwrap();
        assert_eq!((own.zone.as_str(), own.label()), (private.as_str(), "@"));
    }
}
