//! As scripts for bash and the `aws` command line, version 2.

use privlink_core::render::{Datum, Script};
use serde_json::json;

use super::super::mark;
use super::super::steps::{self, AwaitConnected, MakeEndpoint, MakeGroup, MakeZone, OpenPorts, Source, WriteRecord};
use super::{Kind, Rendering, group, ip_address_type, json_tags, zone};
use crate::model::{IpPermission, PermissionSource};

/// How many incarnations of a thing a script knows: it cannot make more, as a run can.
const INCARNATIONS: u32 = 16;

impl Rendering<'_> {
    pub(super) fn script(&self, kind: &Kind) -> Script {
        match kind {
            Kind::VpcDns => self.start(include_str!("shell/vpc_dns.sh")),
            Kind::Group(kind) => self.group(kind),
            Kind::OpenPorts(kind) => self.open_ports(kind),
            Kind::Endpoint(kind) => self.endpoint(kind),
            Kind::AwaitConnected(kind) => self.await_connected(kind),
            Kind::Zone(kind) => self.zone(kind),
            Kind::Record(kind) => self.record(kind),
            Kind::Associate(kind) => {
                let script = self
                    .start(include_str!("shell/associate_zone.sh"))
                    .text("OTHER_VPC_ID", kind.vpc.as_str())
                    .text("OTHER_REGION", kind.region.as_str());
                self.in_zone(script, kind.zone_id.as_ref(), &kind.zone)
            }
            Kind::PrivateDnsOn(_) => self
                .start(include_str!("shell/private_dns_on.sh"))
                .takes("ENDPOINT_ID", &self.slot, Datum::EndpointId)
                .text("AT_MOST", self.step.at_most.as_secs().to_string()),
        }
    }

    pub(super) fn start(&self, body: &'static str) -> Script {
        let script = Script::new(body)
            .programs(["aws"])
            .function(include_str!("shell/cloud.sh"))
            .text("ACCOUNT", self.account.as_str())
            .text("REGION", self.network.client.region().as_str());
        // A part that only waits for an endpoint has no need of it.
        if body.contains("$VPC_ID") { script.text("VPC_ID", self.network.vpc.as_str()) } else { script }
    }

    fn group(&self, kind: &MakeGroup) -> Script {
        let key = self.keys.group(&kind.service);
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(mark::label(&self.cx.mark(key.clone()), &tags));
        let name = mark::group_name(&key);
        let filters = json!([
            { "Name": "vpc-id", "Values": [self.network.vpc.as_str()] },
            { "Name": "group-name", "Values": [&name] },
        ]);
        self.start(include_str!("shell/group.sh"))
            .json("GROUP_FILTERS", &filters)
            .text("GROUP_NAME", name)
            .text("GROUP_DESCRIPTION", mark::group_description(&kind.service))
            .json("GROUP_TAGS", &json!([{ "ResourceType": "security-group", "Tags": json_tags(&tags) }]))
            .gives(group(), "GROUP_ID")
    }

    fn open_ports(&self, kind: &OpenPorts) -> Script {
        let script = self.start(include_str!("shell/open_ports.sh")).takes("GROUP_ID", &self.slot, group());
        let permissions: Vec<String> =
            steps::rules(&kind.ports, &kind.sources).iter().map(|rule| json!([permission(rule)]).to_string()).collect();
        if !permissions.is_empty() {
            return script.list("PERMISSIONS", permissions);
        }
        script.list("PERMISSIONS", [""; 0]).takes("PORTS", &self.slot, Datum::Ports).list(
            "SOURCES",
            kind.sources.iter().map(|source| {
                let (name, value) = from(source);
                format!("\"{name}\":{value}")
            }),
        )
    }

    fn endpoint(&self, kind: &MakeEndpoint) -> Script {
        let key = self.keys.endpoint(kind.service.as_str());
        let user = self.cx.user(self.known).map(|user| mark::user_tag(&user));
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(user.clone());
        let filters = json!([
            { "Name": "vpc-id", "Values": [self.network.vpc.as_str()] },
            { "Name": "service-name", "Values": [kind.service.as_str()] },
            { "Name": format!("tag:{}", mark::KEY), "Values": [key.digest()] },
        ]);
        let mut options: Vec<String> = Vec::new();
        let mut option = |name: &str, value: String| options.extend([name.to_owned(), value]);
        if let Some(words) = &kind.ip_address_type {
            option("--ip-address-type", words.clone());
        }
        if let Some(region) = &kind.service_region {
            option("--service-region", region.to_string());
        }
        if !kind.addresses.is_empty() {
            let fixed = |address: &steps::FixedAddress| {
                let mut one = json!({ "SubnetId": address.subnet.as_str() });
                if let Some(ip) = address.ipv4 {
                    one["Ipv4"] = json!(ip);
                }
                if let Some(ip) = address.ipv6 {
                    one["Ipv6"] = json!(ip);
                }
                one
            };
            option(
                "--subnet-configurations",
                kind.addresses.iter().map(fixed).collect::<serde_json::Value>().to_string(),
            );
        }
        let script = self
            .start(include_str!("shell/endpoint.sh"))
            .text("SERVICE_NAME", kind.service.as_str())
            .list("SUBNET_IDS", kind.subnets.iter().map(|subnet| subnet.as_str()))
            .json("ENDPOINT_FILTERS", &filters)
            .json("ENDPOINT_TAGS", &json!([{ "ResourceType": "vpc-endpoint", "Tags": json_tags(&tags) }]))
            .text("ADOPTED_MARK", mark::ADOPTED)
            .list("USER_TAGS", user.iter().map(|tag| format!("Key={},Value={}", tag.key, tag.value)))
            .list("CLIENT_TOKENS", (0..INCARNATIONS).map(|n| mark::client_token(&key, n)))
            .list("OPTIONS", options)
            .gives(Datum::EndpointId, "ENDPOINT_ID");
        if kind.groups.is_empty() {
            script.takes("GROUP_IDS", &self.slot, group())
        } else {
            script.list("GROUP_IDS", kind.groups.iter().map(|group| group.as_str()))
        }
    }

    fn await_connected(&self, kind: &AwaitConnected) -> Script {
        let label = mark::label(&self.cx.mark(self.keys.endpoint(kind.service.as_str())), &[]);
        self.start(include_str!("shell/await_connected.sh"))
            .takes("ENDPOINT_ID", &self.slot, Datum::EndpointId)
            .text("AT_MOST", self.step.at_most.as_secs().to_string())
            .text("ADOPTED_MARK", mark::ADOPTED)
            .list("LABELS", label.iter().map(|tag| format!("{}={}", tag.key, tag.value)))
            .gives(Datum::EndpointDnsName, "ENDPOINT_DNS_NAME")
            .gives(Datum::EndpointDnsZone, "ENDPOINT_DNS_ZONE")
            .gives(ip_address_type(), "ENDPOINT_IP_TYPE")
    }

    fn zone(&self, kind: &MakeZone) -> Script {
        let key = mark::zone_key(&self.network.vpc, &kind.zone);
        let comment = mark::zone_comment(&self.cx.mark(key.clone()));
        self.start(include_str!("shell/zone.sh"))
            .text("ZONE", kind.zone.as_str())
            .list("REFERENCES", (0..INCARNATIONS).map(|n| mark::zone_reference(&key, n)))
            .json("ZONE_CONFIG", &json!({ "Comment": comment, "PrivateZone": true }))
            .gives(zone(&kind.zone), "ZONE_ID")
    }

    fn record(&self, kind: &WriteRecord) -> Script {
        let script = self
            .of_endpoint(include_str!("shell/record.sh"), kind.service.as_str(), true)
            .text("ZONE_MARK", mark::zone_references(&mark::zone_key(&self.network.vpc, &kind.zone)))
            .text("RECORD", kind.record.as_str())
            .takes("ENDPOINT_DNS_NAME", &self.slot, Datum::EndpointDnsName)
            .takes("ENDPOINT_DNS_ZONE", &self.slot, Datum::EndpointDnsZone)
            .takes("ENDPOINT_IP_TYPE", &self.slot, ip_address_type());
        self.in_zone(script, kind.zone_id.as_ref(), &kind.zone)
    }

    fn in_zone(
        &self,
        script: Script,
        id: Option<&privlink_core::HostedZoneId>,
        name: &privlink_core::DnsName,
    ) -> Script {
        match id {
            Some(id) => script.text("ZONE_ID", id.as_str()),
            None => script.takes("ZONE_ID", &self.slot, zone(name)),
        }
    }
}

/// A rule as the command line takes it.
fn permission(rule: &IpPermission) -> serde_json::Value {
    let mut one = json!({ "IpProtocol": rule.protocol });
    if let Some((first, last)) = rule.ports {
        one["FromPort"] = json!(first);
        one["ToPort"] = json!(last);
    }
    let source = match &rule.source {
        PermissionSource::Range(range) => Some(from(&Source::Range(*range))),
        PermissionSource::Group(group) => Some(from(&Source::Group(group.clone()))),
        PermissionSource::Other(_) => None,
    };
    if let Some((name, value)) = source {
        one[name] = value;
    }
    one
}

/// A source as a member of a rule.
fn from(source: &Source) -> (&'static str, serde_json::Value) {
    match source {
        Source::Range(range @ ipnet::IpNet::V4(_)) => ("IpRanges", json!([{ "CidrIp": range.trunc() }])),
        Source::Range(range) => ("Ipv6Ranges", json!([{ "CidrIpv6": range.trunc() }])),
        Source::Group(group) => ("UserIdGroupPairs", json!([{ "GroupId": group.as_str() }])),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;

    /// What a command line of AWS answers with, and what the parts are given that run here.
    const AROUND: &str = r#"
set -euo pipefail
in_account() { :; }
note() { :; }
spread() { :; }
die() { echo "error: $*"; exit 1; }
own_endpoint() { echo "$OWN"; }
cloud() {
    case $2 in
    list-resource-record-sets) printf 'db.example.\t%s.\tZ1\n' "$LEADS_TO" ;;
    get-hosted-zone) echo "$REFERENCE" ;;
    describe-vpc-endpoints)
        if [ "$STATE" != none ]; then echo "$STATE"; return; fi
        echo 'An error occurred (InvalidVpcEndpointId.NotFound)' >&2
        return 254
        ;;
    change-resource-record-sets) echo "${!#}" >&2 ;;
    esac
}
ENDPOINT_IP_TYPE=ipv4 ZONE_ID=Z0 ZONE_MARK=privlink-mark- RECORD=db.example
ENDPOINT_DNS_NAME=vpce-0b-new.example ENDPOINT_DNS_ZONE=Z2
"#;

    #[test]
    fn a_record_to_an_endpoint_of_ours_that_is_gone_is_written_anew_and_no_other() {
        let [old, new] = ["vpce-0a-old.example", "vpce-0b-new.example"];
        for (leads_to, reference, state, own, wanted) in [
            (new, "privlink-mark-1", "available", "available", "nothing"),
            (old, "privlink-mark-1", "none", "None", "anew"),
            (old, "privlink-mark-1", "deleted", "deleted", "anew"),
            (old, "privlink-mark-1", "deleted", "None", "refused"),
            (old, "privlink-mark-1", "available", "available", "refused"),
            (old, "somebody", "none", "None", "refused"),
            ("other.example", "privlink-mark-1", "none", "None", "refused"),
        ] {
            let ran = Command::new("bash")
                .args(["-c", &format!("{AROUND}{}", include_str!("shell/record.sh"))])
                .envs([("LEADS_TO", leads_to), ("REFERENCE", reference), ("STATE", state), ("OWN", own)])
                .output()
                .unwrap();
            let (out, changes) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
            let came = match (ran.status.success(), &*changes) {
                (true, "") => "nothing",
                (true, _) => "anew",
                (false, _) => "refused",
            };
            assert_eq!(came, wanted, "{leads_to} {reference} {state} {own}: {out}{changes}");
            if wanted == "anew" {
                let batch: serde_json::Value = serde_json::from_str(&changes).unwrap();
                let changes = batch["Changes"].as_array().unwrap();
                let told = changes.iter().map(|one| {
                    let target = &one["ResourceRecordSet"]["AliasTarget"]["DNSName"];
                    (one["Action"].as_str().unwrap(), target.as_str().unwrap())
                });
                let told: Vec<_> = told.collect();
                assert_eq!(told, [("DELETE", "vpce-0a-old.example."), ("CREATE", new)]);
            }
        }
    }
}
