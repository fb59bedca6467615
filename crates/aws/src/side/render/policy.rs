//! As a policy of IAM.
//!
//! Actions and resources are the steps' own grants; what a resource cannot say is a condition. Condition keys:
//! Service Authorization Reference, "Actions, resources, and condition keys for Amazon EC2" and "… for Amazon
//! Route 53", read 2026-11.

use std::collections::{BTreeMap, BTreeSet};

use privlink_core::render::Document;
use privlink_core::side::{Cx, Exchange, Step};
use privlink_core::{Error, Result};
use serde::Serialize;
use serde_json::{Value, json};

use super::super::{Network, mark};
use super::{Kind, account_of};
use crate::side::mark::Keys;

/// What the link of a policy is about: all that conditions are made of.
#[derive(Default)]
struct Bounds {
    /// Endpoint services.
    services: BTreeSet<String>,
    /// The digests that our groups and endpoints are marked by.
    keys: BTreeSet<String>,
    /// Records, as Route 53 normalizes their names.
    records: BTreeSet<String>,
    /// Tags.
    tags: BTreeSet<String>,
    /// The networks that see our zones, as Route 53 writes them.
    vpcs: BTreeSet<String>,
}

pub(in crate::side) fn policy(network: &Network, steps: &[&Step], known: &Exchange, cx: &Cx) -> Result<Document> {
    let account = account_of(known)?;
    let keys = Keys { account, vpc: &network.vpc, instance: cx.instance() };
    let bounds = Bounds::of(network, steps, &keys)?;
    let mut statements: BTreeMap<(String, Vec<String>), BTreeSet<String>> = BTreeMap::new();
    let mut resources: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for grant in steps.iter().flat_map(|step| &step.grants) {
        for condition in bounds.conditions(&grant.action, &grant.resource) {
            resources
                .entry((grant.action.to_string(), condition.to_string()))
                .or_default()
                .insert(grant.resource.to_string());
        }
    }
    for ((action, condition), on) in resources {
        // All of them is all there is to say.
        let on = if on.contains("*") { vec!["*".to_owned()] } else { on.into_iter().collect() };
        statements.entry((condition, on)).or_default().insert(action);
    }
    let mut names = BTreeSet::new();
    let statement = statements
        .into_iter()
        .map(|((condition, resource), action)| {
            let condition = serde_json::from_str(&condition).ok().filter(Value::is_object);
            Statement { sid: sid(&action, &mut names), effect: "Allow", action, resource, condition }
        })
        .collect();
    let policy = Policy { version: "2012-10-17", statement };
    match serde_json::to_string_pretty(&policy) {
        Ok(text) => Ok(Document::new("aws-policy.json", text + "\n")),
        Err(error) => Err(Error::invalid("the policy cannot be written").with_source(error)),
    }
}

/// In the order in which people write policies.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement {
    sid: String,
    effect: &'static str,
    action: BTreeSet<String>,
    resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    condition: Option<Value>,
}

/// A name that no other statement has: what is done.
fn sid(actions: &BTreeSet<String>, names: &mut BTreeSet<String>) -> String {
    let verbs: Vec<&str> = actions.iter().filter_map(|action| action.split(':').nth(1)).collect();
    let looks = |verb: &&str| ["Describe", "Get", "List"].iter().any(|word| verb.starts_with(word));
    let name = match verbs.as_slice() {
        [only] => (*only).to_owned(),
        many if many.iter().all(looks) => "Look".to_owned(),
        _ => "Change".to_owned(),
    };
    let numbered = (2..).map(|n| format!("{name}{n}"));
    let name = std::iter::once(name.clone()).chain(numbered).find(|name| !names.contains(name)).unwrap_or(name);
    names.insert(name.clone());
    name
}

/// A text in a condition, whatever is in it: signs of patterns and of variables stand for themselves.
///
/// IAM User Guide, "IAM policy elements: Variables and tags", where you can use special characters, read 2026-11.
fn literal(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '*' | '?' | '$' => out.extend(['$', '{', c, '}']),
            c => out.push(c),
        }
    }
    out
}

impl Bounds {
    fn of(network: &Network, steps: &[&Step], keys: &Keys<'_>) -> Result<Self> {
        let mut bounds = Self::default();
        let own = network.tags.iter().map(|tag| literal(&tag.key));
        bounds.tags.extend([mark::MANAGED_BY.to_owned(), "Name".to_owned(), "privlink:*".to_owned()]);
        bounds.tags.extend(own);
        bounds.vpcs.insert(format!("VPCId={},VPCRegion={}", network.vpc, network.client.region()));
        for step in steps {
            match Kind::of(step)? {
                Some(Kind::Group(kind)) => {
                    bounds.keys.insert(keys.group(&kind.service).digest());
                }
                Some(Kind::Endpoint(kind)) => {
                    bounds.services.insert(kind.service.to_string());
                    bounds.keys.insert(keys.endpoint(kind.service.as_str()).digest());
                }
                Some(Kind::OpenPorts(kind)) => {
                    bounds.keys.insert(keys.group(&kind.service).digest());
                }
                Some(Kind::AwaitConnected(kind)) => {
                    bounds.keys.insert(keys.endpoint(kind.service.as_str()).digest());
                }
                Some(Kind::PrivateDnsOn(kind)) => {
                    bounds.keys.insert(keys.endpoint(kind.service.as_str()).digest());
                }
                Some(Kind::Record(kind)) => {
                    bounds.records.insert(kind.record.as_str().replace('*', "\\052"));
                }
                Some(Kind::Associate(kind)) => {
                    bounds.vpcs.insert(format!("VPCId={},VPCRegion={}", kind.vpc, kind.region));
                }
                Some(Kind::VpcDns | Kind::Zone(_)) | None => {}
            }
        }
        Ok(bounds)
    }

    /// The conditions under which an action is allowed on a resource, each a statement of its own.
    fn conditions(&self, action: &str, resource: &str) -> Vec<Value> {
        let of = |kind: &str| resource.contains(kind);
        let marked = json!({ "StringEquals": { format!("aws:ResourceTag/{}", mark::KEY): self.keys } });
        let tagged = json!({ "aws:TagKeys": self.tags });
        match action {
            "ec2:CreateVpcEndpoint" if of(":vpc-endpoint/") => {
                vec![json!({ "StringEquals": { "ec2:VpceServiceName": self.services } })]
            }
            "ec2:CreateSecurityGroup" if of(":security-group/") => {
                vec![json!({ "StringEquals": { format!("aws:RequestTag/{}", mark::KEY): self.keys } })]
            }
            "ec2:CreateTags" => {
                let born = json!({ "ec2:CreateAction": ["CreateSecurityGroup", "CreateVpcEndpoint"] });
                let mut later = marked;
                later["ForAllValues:StringLike"] = tagged.clone();
                vec![json!({ "StringEquals": born, "ForAllValues:StringLike": tagged }), later]
            }
            "ec2:AuthorizeSecurityGroupIngress" => vec![marked],
            "ec2:ModifyVpcEndpoint" if of(":vpc-endpoint/") => vec![marked],
            "route53:ChangeResourceRecordSets" => vec![json!({ "ForAllValues:StringEquals": {
                "route53:ChangeResourceRecordSetsNormalizedRecordNames": self.records,
                "route53:ChangeResourceRecordSetsRecordTypes": ["A", "AAAA"],
            } })],
            "route53:CreateHostedZone" => vec![json!({ "ForAllValues:StringEquals": { "route53:VPCs": self.vpcs } })],
            _ => vec![Value::Null],
        }
    }
}
