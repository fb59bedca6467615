//! Inbound rules of security groups.

use ipnet::{Ipv4Net, Ipv6Net};
use privlink_core::SecurityGroupId;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::filter::{Filters, page};
use super::super::query::Params;
use super::super::rule::{Peer, Ports, Rule};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::{arn, group, parse_id, tag, yes};

/// The most inbound rules of one group.
const MOST: usize = 60;

pub(super) fn authorize(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let id = group::named(state, call, params)?;
    let mut new = read(state, call, params, &id)?;
    if new.is_empty() {
        return Err(ApiError::missing("ipPermissions"));
    }
    let tags = tag::at_birth(call, params, "security-group-rule")?;
    let known = state.groups.get(&id).map(|group| &group.rules).into_iter().flatten().map(|(_, rule)| rule);
    let mut seen: Vec<&Rule> = known.collect();
    let inbound = seen.iter().filter(|rule| !rule.egress).count();
    // One duplicate refuses the whole call.
    for rule in &new {
        if seen.iter().any(|other| other.same(rule)) {
            return Err(ApiError::new(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{rule}\" already exists"),
            ));
        }
        seen.push(rule);
    }
    if inbound + new.len() > MOST {
        return Err(ApiError::new(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        ));
    }
    for rule in &mut new {
        rule.id = state.ids.ec2("sgr");
        if !tags.is_empty() {
            state.tags.insert(rule.id.clone(), tags.clone());
        }
    }
    if let Some(group) = state.groups.get_mut(&id) {
        group.rules.extend(new.iter().map(|rule| (rule.id.clone(), rule.clone())));
    }
    let mut x = yes();
    write(&mut x, state, call, &new.iter().map(|rule| (&id, rule)).collect::<Vec<_>>());
    Ok(x)
}

pub(super) fn revoke(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let id = group::named(state, call, params)?;
    let ids = params.list("SecurityGroupRuleId");
    let wanted = read(state, call, params, &id)?;
    if ids.is_empty() && wanted.is_empty() {
        return Err(ApiError::missing("ipPermissions"));
    }
    let Some(group) = state.groups.get_mut(&id) else {
        return Err(ApiError::new("InvalidGroup.NotFound", format!("The security group '{id}' does not exist")));
    };
    let mut gone = Vec::new();
    for rule_id in ids {
        if group.rules.get(rule_id).is_none_or(|rule| rule.egress) {
            return Err(unknown_rule(rule_id));
        }
        gone.push(rule_id.to_owned());
    }
    for rule in &wanted {
        let Some(found) = group.rules.values().find(|other| other.same(rule)) else {
            return Err(ApiError::new(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            ));
        };
        gone.push(found.id.clone());
    }
    let mut x = yes();
    x.node("unknownIpPermissionSet", |_| ());
    let removed: Vec<Rule> = gone.iter().filter_map(|rule| group.rules.remove(rule)).collect();
    for rule in &removed {
        state.tags.remove(&rule.id);
    }
    x.items("revokedSecurityGroupRuleSet", &removed, |x, rule| {
        x.text("securityGroupRuleId", &rule.id);
        x.text("groupId", &id);
        x.text("isEgress", rule.egress);
        write_ports(x, &rule.ports);
        match &rule.peer {
            Peer::Group { id, .. } => x.text("referencedGroupId", id),
            other => write_peer(x, other),
        }
        x.optional("description", rule.description.as_ref());
    });
    Ok(x)
}

pub(super) fn describe(state: &mut AwsState, call: &Call<'_>, params: &Params) -> Answer<Xml> {
    let filters = Filters::parse(params, &["group-id", "security-group-rule-id"])?;
    let ids = params.list("SecurityGroupRuleId");
    let (account, region) = (&call.caller.account, &call.caller.region);
    let mut rules: Vec<(&SecurityGroupId, &Rule)> = state
        .groups
        .values()
        .filter(|group| state.vpc(account, region, &group.vpc).is_some())
        .flat_map(|group| group.rules.values().map(move |rule| (&group.id, rule)))
        .collect();
    if let Some(unknown) = ids.iter().find(|id| !rules.iter().any(|(_, rule)| rule.id == **id)) {
        return Err(unknown_rule(unknown));
    }
    rules.retain(|(group, rule)| {
        (ids.is_empty() || ids.contains(&rule.id.as_str()))
            && filters.keep(state.tags_of(&rule.id), |name| {
                vec![if name == "group-id" { group.to_string() } else { rule.id.clone() }]
            })
    });
    rules.sort_by(|(_, a), (_, b)| a.id.cmp(&b.id));
    let (rules, next) = page(params, 5, rules, |(_, rule)| rule.id.clone())?;
    let mut x = Xml::default();
    write(&mut x, state, call, &rules);
    x.optional("nextToken", next);
    Ok(x)
}

fn unknown_rule(id: &str) -> ApiError {
    ApiError::new("InvalidSecurityGroupRuleId.NotFound", format!("The security group rule ID '{id}' does not exist"))
}

fn write(x: &mut Xml, state: &AwsState, call: &Call<'_>, rules: &[(&SecurityGroupId, &Rule)]) {
    x.items("securityGroupRuleSet", rules, |x, (group, rule)| {
        x.text("securityGroupRuleId", &rule.id);
        x.text("securityGroupRuleArn", arn(call, "security-group-rule", &rule.id));
        x.text("groupId", group);
        x.text("groupOwnerId", &call.caller.account);
        x.text("isEgress", rule.egress);
        write_ports(x, &rule.ports);
        write_peer(x, &rule.peer);
        x.optional("description", rule.description.as_ref());
        tag::write(x, state, &rule.id);
    });
}

fn write_ports(x: &mut Xml, ports: &Ports) {
    x.text("ipProtocol", &ports.protocol);
    x.text("fromPort", ports.from.unwrap_or(-1));
    x.text("toPort", ports.to.unwrap_or(-1));
}

fn write_peer(x: &mut Xml, peer: &Peer) {
    match peer {
        Peer::V4(net) => x.text("cidrIpv4", net),
        Peer::V6(net) => x.text("cidrIpv6", net),
        Peer::PrefixList(id) => x.text("prefixListId", id),
        Peer::Group { account, id } => x.node("referencedGroupInfo", |x| {
            x.text("groupId", id);
            x.text("userId", account);
        }),
    }
}

/// Reads the rules of a call, one for each peer, without ids.
fn read(state: &mut AwsState, call: &Call<'_>, params: &Params, group: &SecurityGroupId) -> Answer<Vec<Rule>> {
    let mut entries = params.entries("IpPermissions");
    if params.get("IpProtocol").is_some() {
        // The flat form: one protocol and one range on the call itself.
        entries.push(params.clone());
    }
    let mut rules = Vec::new();
    for entry in entries {
        let ports = read_ports(&entry)?;
        let mut peers = Vec::new();
        if let Some(text) = entry.get("CidrIp") {
            peers.push((Peer::V4(cidr4(text)?), None));
        }
        for range in entry.entries("IpRanges") {
            peers.push((Peer::V4(cidr4(range.required("CidrIp")?)?), description(&range)?));
        }
        for range in entry.entries("Ipv6Ranges") {
            peers.push((Peer::V6(cidr6(range.required("CidrIpv6")?)?), description(&range)?));
        }
        for list in entry.entries("PrefixListIds") {
            let id = list.required("PrefixListId")?;
            if !id.starts_with("pl-") {
                return Err(ApiError::new(
                    "InvalidPrefixListID.NotFound",
                    format!("The prefix list ID '{id}' does not exist"),
                ));
            }
            peers.push((Peer::PrefixList(id.to_owned()), description(&list)?));
        }
        for pair in entry.entries("Groups") {
            let id = peer_group(state, call, pair.required("GroupId")?, group)?;
            peers.push((Peer::Group { account: call.caller.account.clone(), id }, description(&pair)?));
        }
        if peers.is_empty() {
            return Err(ApiError::missing("ipPermissions.n.ipRanges"));
        }
        rules.extend(peers.into_iter().map(|(peer, description)| Rule {
            id: String::new(),
            egress: false,
            ports: ports.clone(),
            peer,
            description,
        }));
    }
    Ok(rules)
}

fn peer_group(state: &mut AwsState, call: &Call<'_>, text: &str, group: &SecurityGroupId) -> Answer<SecurityGroupId> {
    let id: SecurityGroupId = parse_id(text, "InvalidGroupId.Malformed", "sg")?;
    let peer = group::find(state, call, id.as_str())?;
    let vpc = |id: &SecurityGroupId| state.groups.get(id).map(|group| &group.vpc);
    if vpc(&peer) != vpc(group) {
        return Err(ApiError::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    Ok(peer)
}

fn read_ports(entry: &Params) -> Answer<Ports> {
    let protocol = match entry.required("IpProtocol")?.to_ascii_lowercase().as_str() {
        "6" | "tcp" => "tcp".to_owned(),
        "17" | "udp" => "udp".to_owned(),
        "1" | "icmp" => "icmp".to_owned(),
        "58" | "icmpv6" => "icmpv6".to_owned(),
        "-1" | "all" => return Ok(Ports::all()),
        other if other.parse::<u8>().is_ok() => other.to_owned(),
        other => return Err(ApiError::value("IpProtocol", other, "Must be tcp, udp, icmp, icmpv6, -1 or a number.")),
    };
    let (from, to) = (entry.number::<i32>("FromPort")?, entry.number::<i32>("ToPort")?);
    if matches!(protocol.as_str(), "tcp" | "udp") {
        let (Some(from), Some(to)) = (from, to) else {
            return Err(ApiError::new(
                "InvalidParameterValue",
                "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
            ));
        };
        if !(0..=65535).contains(&from) || !(0..=65535).contains(&to) || from > to {
            return Err(ApiError::new("InvalidParameterValue", format!("Invalid TCP/UDP port range ({from}:{to})")));
        }
    }
    Ok(Ports { protocol, from, to })
}

/// Reads a range the way EC2 keeps it: `10.0.3.4/16` is `10.0.0.0/16`.
fn cidr4(text: &str) -> Answer<Ipv4Net> {
    let net: Ipv4Net = text.parse().map_err(|_| malformed(text))?;
    Ok(net.trunc())
}

fn cidr6(text: &str) -> Answer<Ipv6Net> {
    let net: Ipv6Net = text.parse().map_err(|_| malformed(text))?;
    Ok(net.trunc())
}

fn malformed(text: &str) -> ApiError {
    ApiError::new("InvalidParameterValue", format!("CIDR block {text} is malformed"))
}

fn description(entry: &Params) -> Answer<Option<String>> {
    let text = entry.get("Description");
    if let Some(text) = text {
        group::text_is_fine("Description", text)?;
    }
    Ok(text.map(str::to_owned))
}
