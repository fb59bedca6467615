use std::time::Duration;

use http::Method;
use serde_json::{Value, json};

use super::support::Lab;

const APEX: &str = "us-central1.p.gcp.clickhouse.cloud.";
const STAR: &str = "*.us-central1.p.gcp.clickhouse.cloud.";

fn lab() -> Lab {
    let mut lab = Lab::new();
    lab.zone("z", APEX).fine();
    lab
}

fn change(lab: &mut Lab, deletions: Value, additions: Value) -> super::support::Back {
    lab.dns(Method::POST, "managedZones/z/changes", json!({ "deletions": deletions, "additions": additions }))
}

fn a(name: &str, ttl: u32, data: &[&str]) -> Value {
    json!({ "name": name, "type": "A", "ttl": ttl, "rrdatas": data })
}

#[test]
fn a_record_lives() {
    let mut lab = lab();
    let made = lab.record("z", STAR, &["10.0.0.2"]).fine().body;
    assert_eq!((&made["kind"], &made["ttl"]), (&json!("dns#resourceRecordSet"), &json!(300)));
    let path = "managedZones/z/rrsets/%2A.us-central1.p.gcp.clickhouse.cloud./A";
    assert_eq!(lab.dns(Method::GET, path, Value::Null).fine().body, made);
    let patched = lab.dns(Method::PATCH, path, json!({ "rrdatas": ["10.0.0.3"] })).fine().body;
    assert_eq!((&patched["ttl"], &patched["rrdatas"]), (&json!(300), &json!(["10.0.0.3"])));
    let gone = lab.dns(Method::DELETE, path, Value::Null).fine();
    assert_eq!((gone.status, gone.body), (200, json!({})));
    lab.dns(Method::GET, path, Value::Null).refused(404, "notFound");
    lab.dns(Method::DELETE, path, Value::Null).refused(404, "notFound");
    lab.dns(Method::DELETE, "managedZones/none/rrsets/a.example.com./A", Value::Null).refused(404, "notFound");
}

#[test]
fn a_record_is_there_once_and_in_its_zone() {
    let mut lab = lab();
    lab.record("z", APEX, &["10.0.0.2"]).fine();
    let message = "The resource 'entity.rrset' named 'us-central1.p.gcp.clickhouse.cloud. (A)' already exists";
    assert_eq!(lab.record("z", APEX, &["10.0.0.3"]).refused(409, "alreadyExists"), message);
    lab.record("z", "a.example.com.", &["10.0.0.2"]).refused(400, "invalid");
    lab.record("z", "a.us-central1.p.gcp.clickhouse.cloud", &["10.0.0.2"]).refused(400, "invalid");
    lab.record("z", STAR, &["fd00::1"]).refused(400, "invalid");
    lab.record("z", STAR, &[]).refused(400, "required");
    let post = |lab: &mut Lab, body: Value| lab.dns(Method::POST, "managedZones/z/rrsets", body);
    let cname = json!({ "name": APEX, "type": "CNAME", "ttl": 300, "rrdatas": ["a.example.com."] });
    post(&mut lab, cname).refused(400, "cnameResourceRecordSetConflict");
    post(&mut lab, json!({ "name": STAR, "type": "WKS", "ttl": 300, "rrdatas": ["x"] })).refused(400, "invalid");
    post(&mut lab, json!({ "name": STAR, "type": "A", "rrdatas": ["10.0.0.2"] })).refused(400, "required");
    post(&mut lab, json!({ "name": STAR, "type": "A", "ttl": 1, "rrdata": ["10.0.0.2"] })).refused(400, "badRequest");
}

#[test]
fn what_every_zone_has_stays() {
    let mut lab = lab();
    let path = format!("managedZones/z/rrsets/{APEX}/SOA");
    lab.dns(Method::DELETE, &path, Value::Null).refused(400, "invalidZoneApex");
    let soa = lab.dns(Method::GET, &path, Value::Null).fine().body;
    let mut soa = json!({ "name": soa["name"], "type": "SOA", "ttl": soa["ttl"], "rrdatas": soa["rrdatas"] });
    change(&mut lab, json!([soa]), json!([])).refused(400, "invalidZoneApex");
    // It may be changed.
    let old = soa.clone();
    soa["ttl"] = json!(60);
    change(&mut lab, json!([old]), json!([soa])).fine();
}

#[test]
fn a_change_is_whole_or_not_at_all() {
    let mut lab = lab();
    lab.record("z", APEX, &["10.0.0.2", "10.0.0.3"]).fine();
    // A deletion must say what is there, in whatever order.
    for wrong in [a(APEX, 300, &["10.0.0.2"]), a(APEX, 60, &["10.0.0.2", "10.0.0.3"]), a(STAR, 300, &["10.0.0.2"])] {
        let back = change(&mut lab, json!([wrong]), json!([a(STAR, 300, &["10.0.0.9"])]));
        assert_eq!(back.refused(412, "conditionNotMet"), "Precondition not met for 'entity.change.deletions[0]'");
    }
    change(&mut lab, json!([]), json!([a(STAR, 300, &["10.0.0.9"]), a(APEX, 300, &["10.0.0.9"])]))
        .refused(409, "alreadyExists");
    lab.dns(Method::GET, "managedZones/z/rrsets/%2A.us-central1.p.gcp.clickhouse.cloud./A", Value::Null)
        .refused(404, "notFound");
    let back = change(&mut lab, json!([a(APEX, 300, &["10.0.0.3", "10.0.0.2"])]), json!([a(APEX, 300, &["10.0.0.9"])]));
    let done = back.fine().body;
    assert_eq!((&done["kind"], &done["status"]), (&json!("dns#change"), &json!("done")));
    let shown = lab.dns(Method::GET, &format!("managedZones/z/rrsets/{APEX}/A"), Value::Null).fine().body;
    assert_eq!(shown["rrdatas"], json!(["10.0.0.9"]));
    change(&mut lab, json!([]), json!([])).refused(400, "required");
}

#[test]
fn a_change_may_be_pending() {
    let mut lab = lab();
    lab.state.behaviour.dns_pending = Duration::from_secs(30);
    let back = change(&mut lab, json!([]), json!([a(APEX, 300, &["10.0.0.9"])])).fine();
    assert_eq!(back.body["status"], "pending");
    let path = format!("managedZones/z/changes/{}", back.body["id"].as_str().unwrap());
    assert_eq!(lab.dns(Method::GET, &path, Value::Null).fine().body["status"], "pending");
    lab.later(30);
    assert_eq!(lab.dns(Method::GET, &path, Value::Null).fine().body["status"], "done");
    let list = lab.dns(Method::GET, "managedZones/z/changes", Value::Null).fine().body;
    assert_eq!(list["changes"].as_array().unwrap().len(), 1);
    lab.dns(Method::GET, "managedZones/z/changes/99", Value::Null).refused(404, "notFound");
}

#[test]
fn records_are_listed_by_name_and_type() {
    let mut lab = lab();
    lab.record("z", STAR, &["10.0.0.2"]).fine();
    let found = |lab: &mut Lab, query: &str| -> Vec<String> {
        let list = lab.dns(Method::GET, &format!("managedZones/z/rrsets?{query}"), Value::Null).fine().body;
        list["rrsets"].as_array().unwrap().iter().map(|record| record["type"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&mut lab, ""), ["A", "NS", "SOA"]);
    assert_eq!(found(&mut lab, &format!("name={APEX}")), ["NS", "SOA"]);
    assert_eq!(found(&mut lab, &format!("name={APEX}&type=SOA")), ["SOA"]);
    assert_eq!(found(&mut lab, "name=%2A.us-central1.p.gcp.clickhouse.cloud."), ["A"]);
    assert_eq!(found(&mut lab, "maxResults=1"), ["A"]);
    lab.dns(Method::GET, "managedZones/z/rrsets?type=A", Value::Null).refused(400, "required");
}
