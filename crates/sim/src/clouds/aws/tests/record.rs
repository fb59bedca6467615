use std::time::Duration;

use http::Method;

use super::support::{Back, Lab};

const ZONE: &str = "abc.us-east-1.vpce.aws.clickhouse.cloud";

fn values(action: &str, name: &str, kind: &str, values: &[&str]) -> String {
    let values: String =
        values.iter().map(|v| format!("<ResourceRecord><Value>{v}</Value></ResourceRecord>")).collect();
    format!(
        "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL>\
         <ResourceRecords>{values}</ResourceRecords></ResourceRecordSet></Change>"
    )
}

fn alias(action: &str, name: &str, kind: &str, zone: &str, target: &str) -> String {
    format!(
        "<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><AliasTarget>\
         <HostedZoneId>{zone}</HostedZoneId><DNSName>{target}</DNSName><EvaluateTargetHealth>false</EvaluateTargetHealth>\
         </AliasTarget></ResourceRecordSet></Change>"
    )
}

fn records(lab: &mut Lab, zone: &str, query: &str) -> Back {
    lab.route53(Method::GET, &format!("hostedzone/{zone}/rrset{query}"), "").fine()
}

fn name_of(lab: &mut Lab) -> String {
    lab.endpoint();
    lab.ec2("DescribeVpcEndpoints", &[]).text("dnsName")
}

#[test]
fn an_apex_alias_to_the_endpoint_is_written_repaired_and_deleted() {
    let mut lab = Lab::new();
    let target = name_of(&mut lab);
    let zone = lab.zone(ZONE);
    let set = |action| alias(action, ZONE, "A", "Z7HUB22UULQXV", &target);
    lab.change(&zone, &set("CREATE")).fine();
    let back = lab.change(&zone, &set("CREATE"));
    back.refused(400, "InvalidChangeBatch");
    assert!(back.text("Message").contains("but it already exists"), "{}", back.body);
    lab.change(&zone, &set("UPSERT")).fine();
    let found = records(&mut lab, &zone, "");
    assert_eq!(found.texts("Type"), ["A", "NS", "SOA"]);
    assert_eq!(found.text("DNSName"), format!("{target}."));
    assert_eq!(found.text("EvaluateTargetHealth"), "false");
    assert_eq!(found.text("MaxItems"), "300");
    lab.change(&zone, &set("DELETE")).fine();
    assert_eq!(records(&mut lab, &zone, "").texts("Type"), ["NS", "SOA"]);
}

#[test]
fn an_alias_must_lead_somewhere() {
    let mut lab = Lab::new();
    let target = name_of(&mut lab);
    let zone = lab.zone(ZONE);
    for (zone_id, kind, name, fragment) in [
        ("Z1111111111111", "A", target.as_str(), "does not lie within the target zone"),
        (zone.as_str(), "A", target.as_str(), "does not lie within the target zone"),
        ("Z7HUB22UULQXV", "A", "vpce-0-x.vpce-svc-0.us-east-1.vpce.amazonaws.com", "that target was not found"),
        ("Z7HUB22UULQXV", "AAAA", target.as_str(), "that target was not found"),
        (zone.as_str(), "A", &format!("x.{ZONE}"), "that target was not found"),
    ] {
        let back = lab.change(&zone, &alias("CREATE", ZONE, kind, zone_id, name));
        back.refused(400, "InvalidChangeBatch");
        assert!(back.text("Message").contains(fragment), "{zone_id} {kind} {name}: {}", back.body);
    }
}

#[test]
fn each_wrong_change_says_what_is_wrong() {
    let mut lab = Lab::new();
    let zone = lab.zone(ZONE);
    let a = format!("a.{ZONE}");
    lab.change(&zone, &values("CREATE", &a, "A", &["10.0.0.4"])).fine();
    for (change, fragment) in [
        (values("CREATE", "other.example.com", "A", &["10.0.0.4"]), "is not permitted in zone"),
        (values("CREATE", &format!("x{ZONE}"), "A", &["10.0.0.4"]), "is not permitted in zone"),
        (values("CREATE", ZONE, "CNAME", &["x.example.com"]), "is not permitted at apex"),
        (values("CREATE", &a, "CNAME", &["x.example.com"]), "conflicts with other records"),
        (values("UPSERT", &a, "A", &["10.0.0.400"]), "not a valid IPv4 address"),
        (values("UPSERT", &a, "AAAA", &["10.0.0.4"]), "not a valid IPv6 address"),
        (values("CREATE", &a, "TXT", &["bare"]), "quotation marks"),
        (values("DELETE", &format!("b.{ZONE}"), "A", &["10.0.0.4"]), "but it was not found"),
        (values("DELETE", &a, "A", &["10.0.0.5"]), "do not match the current values"),
        (values("UPSERT", &a, "A", &["10.0.0.4", "10.0.0.4"]), "Duplicate Resource Record"),
        (
            values("UPSERT", &a, "A", &["10.0.0.4"]) + &values("UPSERT", &a, "A", &["10.0.0.5"]),
            "invalid set of changes",
        ),
    ] {
        let back = lab.change(&zone, &change);
        back.refused(400, "InvalidChangeBatch");
        assert!(back.text("Message").contains(fragment), "{fragment}: {}", back.body);
    }
    let ns = records(&mut lab, &zone, "");
    let servers = ns.texts("Value");
    let servers: Vec<&str> =
        servers.iter().filter(|v| v.starts_with("ns-") && v.ends_with('.')).map(String::as_str).collect();
    let delete = values("DELETE", ZONE, "NS", &servers).replace("<TTL>60", "<TTL>172800");
    let back = lab.change(&zone, &delete);
    back.refused(400, "InvalidChangeBatch");
    assert!(back.text("Message").contains("at least one NS record"), "{}", back.body);
}

#[test]
fn a_body_against_the_schema_is_invalid_input() {
    let mut lab = Lab::new();
    let zone = lab.zone(ZONE);
    let good = values("CREATE", &format!("a.{ZONE}"), "A", &["10.0.0.4"]);
    for bad in [
        String::new(),
        good.replace("CREATE", "create"),
        good.replace("<TTL>60</TTL>", ""),
        good.replace("<Type>A</Type>", "<Type>B</Type>"),
        good.replace("<TTL>60</TTL>", "<TTL>60</TTL><Comment>x</Comment>"),
        good.replace("<TTL>60", "<TTL>-1"),
        alias("CREATE", ZONE, "A", "not a zone", "x.example.com"),
        alias("CREATE", ZONE, "A", "Z1", "x.example.com").replace("<AliasTarget>", "<TTL>60</TTL><AliasTarget>"),
    ] {
        lab.change(&zone, &bad).refused(400, "InvalidInput");
    }
    lab.change("ZUNKNOWN", &good).refused(404, "NoSuchHostedZone");
}

#[test]
fn a_batch_is_all_or_nothing_and_tells_every_problem() {
    let mut lab = Lab::new();
    let zone = lab.zone(ZONE);
    let batch = values("CREATE", &format!("good.{ZONE}"), "A", &["10.0.0.4"])
        + &values("DELETE", &format!("b.{ZONE}"), "A", &["10.0.0.4"])
        + &values("CREATE", ZONE, "CNAME", &["x.example.com"]);
    let back = lab.change(&zone, &batch);
    back.refused(400, "InvalidChangeBatch");
    let message = back.text("Message");
    assert!(message.contains("was not found") && message.contains("at apex"), "{message}");
    assert_eq!(records(&mut lab, &zone, "").texts("Type"), ["NS", "SOA"]);

    lab.state.behaviour.batch_problems_as_list = true;
    let back = lab.change(&zone, &batch);
    assert_eq!(back.status, 400);
    assert!(back.body.contains("<InvalidChangeBatch xmlns"), "{}", back.body);
    assert_eq!(back.texts("Message").len(), 2);
}

#[test]
fn within_a_batch_changes_build_on_each_other() {
    let mut lab = Lab::new();
    let zone = lab.zone(ZONE);
    let a = format!("a.{ZONE}");
    lab.change(&zone, &values("CREATE", &a, "A", &["10.0.0.4"])).fine();
    let swap = values("DELETE", &a, "A", &["10.0.0.4"]) + &values("CREATE", &a, "CNAME", &["x.example.com"]);
    lab.change(&zone, &swap).fine();
    assert_eq!(records(&mut lab, &zone, "").texts("Type"), ["NS", "SOA", "CNAME"]);
}

#[test]
fn a_wildcard_is_listed_escaped_whichever_way_it_was_sent() {
    let mut lab = Lab::new();
    let zone = lab.zone(ZONE);
    lab.change(&zone, &values("CREATE", &format!("*.{ZONE}"), "A", &["10.0.0.4"])).fine();
    assert_eq!(records(&mut lab, &zone, "").texts("Name")[2], format!("\\052.{ZONE}."));
    lab.change(&zone, &values("DELETE", &format!("\\052.{ZONE}"), "A", &["10.0.0.4"])).fine();
    assert_eq!(records(&mut lab, &zone, "").texts("Type"), ["NS", "SOA"]);
}

#[test]
fn records_are_sorted_by_labels_from_the_right_and_paged() {
    let mut lab = Lab::new();
    let zone = lab.zone("example.com");
    for name in ["b.example.com", "a.b.example.com", "a.example.com", "zz.a.example.com"] {
        lab.change(&zone, &values("CREATE", name, "A", &["10.0.0.4"])).fine();
    }
    lab.change(&zone, &values("CREATE", "b.example.com", "TXT", &["\"x\""])).fine();
    let expected = [
        "example.com. NS",
        "example.com. SOA",
        "a.example.com. A",
        "zz.a.example.com. A",
        "b.example.com. A",
        "b.example.com. TXT",
        "a.b.example.com. A",
    ];
    let mut found = Vec::new();
    let mut query = "?maxitems=2".to_owned();
    loop {
        let page = records(&mut lab, &zone, &query);
        found.extend(page.texts("Name").iter().zip(page.texts("Type")).map(|(name, kind)| format!("{name} {kind}")));
        if page.text("IsTruncated") == "false" {
            break;
        }
        query = format!("?maxitems=2&name={}&type={}", page.text("NextRecordName"), page.text("NextRecordType"));
    }
    assert_eq!(found, expected);
    let back = lab.route53(Method::GET, &format!("hostedzone/{zone}/rrset?type=A"), "");
    back.refused(400, "InvalidInput");
}

#[test]
fn changes_too_close_together_can_be_refused() {
    let mut lab = Lab::new();
    lab.state.behaviour.prior_request_window = Duration::from_secs(2);
    let zone = lab.zone(ZONE);
    let change = values("UPSERT", &format!("a.{ZONE}"), "A", &["10.0.0.4"]);
    lab.change(&zone, &change).refused(400, "PriorRequestNotComplete");
    lab.later(2);
    lab.change(&zone, &change).fine();
}
