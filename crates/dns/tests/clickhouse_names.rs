//! A worked example: the names of ClickHouse Cloud in three clouds, standard and BYOC.
//!
//! Source: ClickHouse documentation, guides to AWS PrivateLink, Azure Private Link and GCP
//! Private Service Connect, and `bring-your-own-cloud/configuration/connect`, read 2026-08.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail by panicking")]

use privlink_core::side::RecordShape;
use privlink_core::{DnsName, PrivateDnsHostname};
use privlink_dns::{HostPattern, Parts, RecordPlan};

struct Row {
    pattern: HostPattern,
    region: &'static str,
    public: &'static str,
    private: &'static str,
    zone: &'static str,
}

fn table() -> [Row; 3] {
    let standard = |label, tail| HostPattern::inserting(label, "{service}.{region}", tail).unwrap();
    [
        Row {
            pattern: standard("vpce", "aws.clickhouse.cloud"),
            region: "us-east-1",
            public: "abc123defg.us-east-1.aws.clickhouse.cloud",
            private: "abc123defg.us-east-1.vpce.aws.clickhouse.cloud",
            zone: "us-east-1.vpce.aws.clickhouse.cloud",
        },
        Row {
            pattern: standard("privatelink", "azure.clickhouse.cloud"),
            region: "westus3",
            public: "abc123defg.westus3.azure.clickhouse.cloud",
            private: "abc123defg.westus3.privatelink.azure.clickhouse.cloud",
            zone: "westus3.privatelink.azure.clickhouse.cloud",
        },
        Row {
            pattern: standard("p", "gcp.clickhouse.cloud"),
            region: "us-central1",
            public: "abc123defg.us-central1.gcp.clickhouse.cloud",
            private: "abc123defg.us-central1.p.gcp.clickhouse.cloud",
            zone: "us-central1.p.gcp.clickhouse.cloud",
        },
    ]
}

fn dns(text: &str) -> DnsName {
    text.parse().unwrap()
}

fn host(text: &str) -> PrivateDnsHostname {
    text.parse().unwrap()
}

#[test]
fn public_and_private_hosts_lead_to_each_other_in_every_cloud() {
    for row in table() {
        assert_eq!(row.pattern.private_host(&dns(row.public)), Some(host(row.private)));
        assert_eq!(row.pattern.public_host(&host(row.private)), Some(dns(row.public)));
    }
}

#[test]
fn the_shared_zone_follows_from_the_region_and_from_the_host_alike() {
    for row in table() {
        assert_eq!(row.pattern.zone(&row.region.parse().unwrap()), Some(dns(row.zone)));
        assert_eq!(host(row.private).zone(), dns(row.zone));
    }
}

#[test]
fn one_clouds_pattern_refuses_the_names_of_the_others() {
    let rows = table();
    for (mine, row) in rows.iter().enumerate() {
        for (other, stranger) in rows.iter().enumerate() {
            let fits = row.pattern.private_host(&dns(stranger.public)).is_some();
            assert_eq!(fits, mine == other, "{} and {}", row.public, stranger.public);
        }
    }
}

#[test]
fn records_of_each_shape_stand_where_the_guides_put_them() {
    for row in table() {
        let plan = |shape| RecordPlan::of(&host(row.private), shape, "endpoint").unwrap();
        let own = plan(RecordShape::Apex);
        assert_eq!((own.zone.as_str(), own.name.as_str(), own.label()), (row.private, row.private, "@"));
        let exact = plan(RecordShape::Exact);
        assert_eq!((exact.zone.as_str(), exact.name.as_str(), exact.label()), (row.zone, row.private, "abc123defg"));
        let wildcard = plan(RecordShape::Wildcard);
        let all = format!("*.{}", row.zone);
        assert_eq!((wildcard.zone.as_str(), wildcard.name.as_str(), wildcard.label()), (row.zone, all.as_str(), "*"));
    }
}

#[test]
fn own_cloud_installations_have_another_form_with_the_same_parts() {
    let byoc = HostPattern::new(
        "{service}.{infra}.{region}.aws.clickhouse-byoc.com",
        "{service}.vpce.{infra}.{region}.aws.clickhouse-byoc.com",
    )
    .unwrap();
    let private = host("abc123defg.vpce.m1n2o3p4.us-east-1.aws.clickhouse-byoc.com");
    let public = dns("abc123defg.m1n2o3p4.us-east-1.aws.clickhouse-byoc.com");
    assert_eq!(byoc.private_host(&public), Some(private.clone()));
    assert_eq!(byoc.public_host(&private), Some(public));
    assert_eq!(private.zone(), dns("vpce.m1n2o3p4.us-east-1.aws.clickhouse-byoc.com"));

    let parts = Parts::new().with("service", "abc123defg").with("infra", "m1n2o3p4").with("region", "us-east-1");
    assert_eq!(byoc.private_host_of(&parts), Some(private));
}
