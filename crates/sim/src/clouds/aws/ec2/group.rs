//! Security groups.

use std::collections::BTreeMap;

use privlink_core::SecurityGroupId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::rule::{Peer, Ports, Rule};
use super::super::state::{AwsState, Group};
use super::super::xml::Xml;
use super::{arn, parse_id, tag, vpc, yes};

/// The caller's group with this id, as a read sees it.
pub(super) fn find(state: &mut AwsState, call: &Call<'_>, text: &str) -> Answer<SecurityGroupId> {
    let id: SecurityGroupId = parse_id(text, "InvalidGroupId.Malformed", "sg")?;
    let known = state.groups.get(&id).is_some_and(|group| is_callers(state, call, group));
    if known && state.sees(text) { Ok(id) } else { Err(not_found(text)) }
}

/// The group that `GroupId` names.
pub(super) fn named(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<SecurityGroupId> {
    let Some(id) = params.get("GroupId") else {
        // By name only groups of a default VPC can be meant, and no VPC here is one.
        return Err(match params.get("GroupName") {
            Some(name) => ApiError::new(
                "InvalidGroup.NotFound",
                format!("The security group '{name}' does not exist in default VPC 'none'"),
            ),
            None => ApiError::new("MissingParameter", "The request must contain the parameter groupName or groupId"),
        });
    };
    find(state, call, id)
}

fn not_found(id: &str) -> ApiError {
    ApiError::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist"))
}

fn is_callers(state: &AwsState, call: &Call<'_>, group: &Group) -> bool {
    state.vpc(&call.caller.account, &call.caller.region, &group.vpc).is_some()
}

pub(super) fn create(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let name = params.required("GroupName")?;
    let description = params.required("GroupDescription")?;
    let vpc = params.get("VpcId").ok_or_else(|| ApiError::new("VPCIdNotSpecified", "No default VPC for this user"))?;
    let vpc = vpc::find(state, call, vpc)?.id.clone();
    text_is_fine("GroupName", name)?;
    text_is_fine("GroupDescription", description)?;
    if name.to_ascii_lowercase().starts_with("sg-") {
        return Err(ApiError::value("GroupName", name, "Group names may not be in the format sg-*."));
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(ApiError::new("InvalidGroup.Reserved", format!("The security group '{name}' is reserved")));
    }
    if state.groups.values().any(|group| group.vpc == vpc && group.name.eq_ignore_ascii_case(name)) {
        return Err(ApiError::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc}'"),
        ));
    }
    let tags = tag::at_birth(call, params, "security-group")?;
    let id = state.make_group(&vpc, name, description);
    state.remember_fresh(id.as_str());
    state.tags.insert(id.to_string(), tags);
    let mut x = yes();
    x.text("groupId", &id);
    x.text("securityGroupArn", arn(call, "security-group", id.as_str()));
    tag::write(&mut x, state, id.as_str());
    Ok(x)
}

impl AwsState {
    /// Makes a group that lets everything out and nothing in.
    pub(in super::super) fn make_group(
        &mut self,
        vpc: &privlink_core::VpcId,
        name: &str,
        description: &str,
    ) -> SecurityGroupId {
        let id: SecurityGroupId = self.ids.ec2("sg").parse().expect("hex digits behind the prefix");
        let out = Rule {
            id: self.ids.ec2("sgr"),
            egress: true,
            ports: Ports::all(),
            peer: Peer::V4(ipnet::Ipv4Net::default()),
            description: None,
        };
        let group = Group {
            id: id.clone(),
            vpc: vpc.clone(),
            name: name.to_owned(),
            description: description.to_owned(),
            rules: BTreeMap::from([(out.id.clone(), out)]),
        };
        self.groups.insert(id.clone(), group);
        id
    }
}

pub(super) fn delete(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let id = named(state, call, params)?;
    let group = state.groups.get(&id).ok_or_else(|| not_found(id.as_str()))?;
    if group.name == "default" {
        return Err(ApiError::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        ));
    }
    let used = state.interfaces_at(call.now).any(|interface| interface.groups.contains(&id));
    let named_elsewhere = state.groups.values().filter(|other| other.id != id).any(|other| {
        other.rules.values().any(|rule| matches!(&rule.peer, Peer::Group { id: peer, .. } if *peer == id))
    });
    if used || named_elsewhere {
        return Err(ApiError::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    if let Some(group) = state.groups.remove(&id) {
        for rule in group.rules.keys() {
            state.tags.remove(rule);
        }
    }
    state.tags.remove(id.as_str());
    let mut x = yes();
    x.text("groupId", id);
    Ok(x)
}

pub(super) fn describe(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(
        params,
        &[
            "description",
            "group-id",
            "group-name",
            "ip-permission.cidr",
            "ip-permission.from-port",
            "ip-permission.group-id",
            "ip-permission.protocol",
            "ip-permission.to-port",
            "owner-id",
            "vpc-id",
        ],
    )?;
    let ids = params.list("GroupId");
    let mut chosen = Vec::new();
    for id in &ids {
        chosen.push(find(state, call, id)?);
    }
    if ids.is_empty() {
        let all: Vec<SecurityGroupId> =
            state.groups.values().filter(|g| is_callers(state, call, g)).map(|g| g.id.clone()).collect();
        chosen = all.into_iter().filter(|id| state.sees(id.as_str())).collect();
    }
    let names = params.list("GroupName");
    let mut groups: Vec<&Group> = chosen.iter().filter_map(|id| state.groups.get(id)).collect();
    groups.retain(|group| {
        (names.is_empty() || names.contains(&group.name.as_str()))
            && filters.keep(state.tags_of(group.id.as_str()), |name| filter_values(call, group, name))
    });
    groups.sort_by(|a, b| a.id.cmp(&b.id));
    let (groups, next) = page(params, 5, groups, |group| group.id.to_string())?;
    let mut x = Xml::default();
    x.items("securityGroupInfo", groups, |x, group| {
        x.text("ownerId", &call.caller.account);
        x.text("groupId", &group.id);
        x.text("groupName", &group.name);
        x.text("groupDescription", &group.description);
        x.text("vpcId", &group.vpc);
        x.text("securityGroupArn", arn(call, "security-group", group.id.as_str()));
        write_permissions(x, "ipPermissions", group.rules.values().filter(|rule| !rule.egress));
        write_permissions(x, "ipPermissionsEgress", group.rules.values().filter(|rule| rule.egress));
        tag::write(x, state, group.id.as_str());
    });
    x.optional("nextToken", next);
    Ok(x)
}

fn filter_values(call: &Call<'_>, group: &Group, name: &str) -> Vec<String> {
    let inbound = group.rules.values().filter(|rule| !rule.egress);
    match name {
        "group-id" => vec![group.id.to_string()],
        "group-name" => vec![group.name.clone()],
        "vpc-id" => vec![group.vpc.to_string()],
        "description" => vec![group.description.clone()],
        "owner-id" => vec![call.caller.account.to_string()],
        "ip-permission.protocol" => inbound.map(|rule| rule.ports.protocol.clone()).collect(),
        "ip-permission.from-port" => inbound.filter_map(|rule| rule.ports.from).map(|p| p.to_string()).collect(),
        "ip-permission.to-port" => inbound.filter_map(|rule| rule.ports.to).map(|p| p.to_string()).collect(),
        "ip-permission.cidr" => inbound
            .filter_map(|rule| match &rule.peer {
                Peer::V4(net) => Some(net.to_string()),
                _ => None,
            })
            .collect(),
        _ => inbound
            .filter_map(|rule| match &rule.peer {
                Peer::Group { id, .. } => Some(id.to_string()),
                _ => None,
            })
            .collect(),
    }
}

/// Writes rules the old way: one entry for each protocol and ports, with all peers in it.
pub(super) fn write_permissions<'a>(x: &mut Xml, name: &str, rules: impl Iterator<Item = &'a Rule>) {
    let mut by_ports: BTreeMap<&Ports, Vec<&Rule>> = BTreeMap::new();
    for rule in rules {
        by_ports.entry(&rule.ports).or_default().push(rule);
    }
    x.items(name, by_ports, |x, (ports, rules)| {
        x.text("ipProtocol", &ports.protocol);
        x.optional("fromPort", ports.from);
        x.optional("toPort", ports.to);
        let mut list = |name: &str, wanted: fn(&Peer) -> bool| {
            x.items(name, rules.iter().filter(|rule| wanted(&rule.peer)), |x, rule| {
                match &rule.peer {
                    Peer::V4(net) => x.text("cidrIp", net),
                    Peer::V6(net) => x.text("cidrIpv6", net),
                    Peer::PrefixList(id) => x.text("prefixListId", id),
                    Peer::Group { account, id } => {
                        x.text("userId", account);
                        x.text("groupId", id);
                    }
                }
                x.optional("description", rule.description.as_ref());
            });
        };
        list("groups", |peer| matches!(peer, Peer::Group { .. }));
        list("ipRanges", |peer| matches!(peer, Peer::V4(_)));
        list("ipv6Ranges", |peer| matches!(peer, Peer::V6(_)));
        list("prefixListIds", |peer| matches!(peer, Peer::PrefixList(_)));
    });
}

/// Up to 255 characters out of the set that EC2 allows in names and descriptions of groups.
pub(super) fn text_is_fine(parameter: &str, text: &str) -> Answer<()> {
    if text.chars().count() > 255 {
        return Err(ApiError::value(parameter, text, "It must not be longer than 255 characters."));
    }
    let fine = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if !text.chars().all(fine) {
        return Err(ApiError::value(
            parameter,
            text,
            "Invalid characters; valid characters are a-z, A-Z, 0-9, spaces, and ._-:/()#,@[]+=&;{}!$*",
        ));
    }
    Ok(())
}
