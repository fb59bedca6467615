//! Which subnetwork the endpoint's address is taken from, and whether firewalls let clients out.

use std::net::IpAddr;

use ipnet::IpNet;
use privlink_core::Finding;
use privlink_core::side::PortRange;

use super::findings;
use crate::ids::{NetworkPath, SubnetworkName, SubnetworkPath};
use crate::model::{Firewall, Subnetwork};

/// Chooses among the subnetworks of the region: the one wanted, or the widest that takes
/// endpoints.
pub(super) fn place(
    wanted: Option<&SubnetworkName>,
    network: &NetworkPath,
    of_region: &[Subnetwork],
) -> (Option<SubnetworkPath>, Vec<Finding>) {
    if let Some(name) = wanted {
        return match of_region.iter().find(|subnetwork| subnetwork.path.name() == *name) {
            None => (None, vec![findings::no_subnetwork(name)]),
            Some(found) if found.network.as_ref() != Some(network) => {
                (None, vec![findings::subnetwork_elsewhere(found)])
            }
            Some(found) if !found.takes_endpoints() => (None, vec![findings::subnetwork_unfit(found)]),
            Some(found) => (Some(found.path.clone()), Vec::new()),
        };
    }
    let fitting = of_region
        .iter()
        .filter(|subnetwork| subnetwork.network.as_ref() == Some(network) && subnetwork.takes_endpoints());
    // The widest; of equals the one whose name comes first, for ever.
    let width = |subnetwork: &Subnetwork| subnetwork.range.map_or(u8::MAX, |range| range.prefix_len());
    let widest = fitting.min_by(|a, b| width(a).cmp(&width(b)).then_with(|| a.path.cmp(&b.path)));
    match widest {
        Some(found) => (Some(found.path.clone()), vec![findings::subnetwork_chosen(found)]),
        None => (None, vec![findings::no_subnetwork_fits(network)]),
    }
}

/// What is known of the clients' machines, as far as firewall rules ask for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Clients {
    /// Their network tags; `None` where nobody said.
    pub(super) tags: Option<Vec<String>>,
    /// The service account they run as; `None` where nobody said.
    pub(super) account: Option<String>,
}

impl Clients {
    /// Whether a rule holds for them; `None` when that cannot be told.
    fn are_meant_by(&self, rule: &Firewall) -> Option<bool> {
        if !rule.targeted {
            return Some(true);
        }
        let by_tag = match (&self.tags, rule.target_tags.is_empty()) {
            (_, true) => Some(false),
            (Some(tags), _) => Some(tags.iter().any(|tag| rule.target_tags.contains(tag))),
            (None, _) => None,
        };
        let by_account = match (&self.account, rule.target_service_accounts.is_empty()) {
            (_, true) => Some(false),
            (Some(account), _) => Some(rule.target_service_accounts.contains(account)),
            (None, _) => None,
        };
        match (by_tag, by_account) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }
}

/// A firewall rule that stops clients.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop<'a> {
    pub(super) rule: &'a Firewall,
    /// The first port that it stops.
    pub(super) port: u16,
    /// Whether it certainly holds for the clients.
    pub(super) certain: bool,
}

/// The firewall rules that keep `clients` of `network` from some of `ports` at `address`, each
/// with the first such port. A rule of which nobody can tell whether it is for them counts only when it stops.
pub(super) fn stopping<'a>(
    rules: &'a [Firewall],
    network: &NetworkPath,
    clients: &Clients,
    address: IpAddr,
    ports: &[PortRange],
) -> Vec<Stop<'a>> {
    let concerns = |rule: &&Firewall| {
        rule.egress
            && !rule.disabled
            && rule.network.as_ref() == Some(network)
            && clients.are_meant_by(rule) != Some(false)
            && (rule.destinations.is_empty() || rule.destinations.iter().any(|range| range.contains(&address)))
    };
    let mut rules: Vec<&Firewall> = rules.iter().filter(concerns).collect();
    // Of two that fit the smaller number counts, of equals the one that stops.
    rules.sort_by_key(|rule| (rule.priority, rule.denied.is_empty(), &rule.name));
    let mut found: Vec<Stop<'_>> = Vec::new();
    for port in ports.iter().flat_map(|range| [range.first, range.last]) {
        for rule in &rules {
            let stops = rule.denied.iter().any(|denied| denied.covers_tcp(port));
            let lets = rule.allowed.iter().any(|allowed| allowed.covers_tcp(port));
            let certain = clients.are_meant_by(rule) == Some(true);
            if stops && !found.iter().any(|known| known.rule.name == rule.name) {
                found.push(Stop { rule, port, certain });
            }
            if certain && (stops || lets) {
                break;
            }
        }
    }
    found
}

/// The ranges of a network among subnetworks of some regions.
pub(super) fn ranges<'a>(
    network: &'a NetworkPath,
    subnetworks: impl IntoIterator<Item = &'a Subnetwork>,
) -> Vec<IpNet> {
    let of_network = subnetworks.into_iter().filter(|subnetwork| subnetwork.network.as_ref() == Some(network));
    let mut ranges: Vec<IpNet> = of_network.flat_map(Subnetwork::ranges).collect();
    ranges.sort();
    ranges.dedup();
    ranges
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use privlink_core::Severity;

    use super::*;
    use crate::model::FirewallPorts;

    fn network() -> NetworkPath {
        "projects/example-project/global/networks/prod".parse().unwrap()
    }

    fn subnetwork(name: &str, of: &str, range: &str, purpose: &str) -> Subnetwork {
        Subnetwork {
            path: format!("projects/example-project/regions/us-central1/subnetworks/{name}").parse().unwrap(),
            network: format!("projects/example-project/global/networks/{of}").parse().ok(),
            range: range.parse().ok(),
            secondary_ranges: Vec::new(),
            purpose: Some(purpose.to_owned()),
            stack_type: None,
        }
    }

    #[test]
    fn a_subnetwork_is_judged_before_any_write() {
        let all = [
            subnetwork("apps", "prod", "10.0.0.0/20", "PRIVATE"),
            subnetwork("wide", "prod", "10.1.0.0/16", "PRIVATE"),
            subnetwork("proxies", "prod", "10.2.0.0/8", "REGIONAL_MANAGED_PROXY"),
            subnetwork("other", "test", "10.3.0.0/8", "PRIVATE"),
        ];
        let judged = |wanted: Option<&str>| {
            let wanted = wanted.map(|name| name.parse().unwrap());
            let (path, findings) = place(wanted.as_ref(), &network(), &all);
            let codes: Vec<_> = findings.iter().map(|finding| (finding.code.to_string(), finding.severity)).collect();
            (path.map(|path| path.name().to_string()), codes)
        };
        assert_eq!(judged(Some("apps")), (Some("apps".into()), vec![]));
        assert_eq!(judged(Some("gone")), (None, vec![("GCP-004".into(), Severity::Blocks)]));
        assert_eq!(judged(Some("other")), (None, vec![("GCP-004".into(), Severity::Blocks)]));
        assert_eq!(judged(Some("proxies")), (None, vec![("GCP-005".into(), Severity::Blocks)]));
        assert_eq!(judged(None), (Some("wide".into()), vec![("GCP-006".into(), Severity::Info)]));
        let (path, findings) = place(None, &network(), &all[2..]);
        assert!(path.is_none() && findings[0].severity == Severity::Blocks);
        assert_eq!(ranges(&network(), &all).len(), 3);
    }

    fn rule(name: &str, priority: u16, denies: bool, ports: &[(u16, u16)], targeted: bool) -> Firewall {
        let ports = vec![FirewallPorts { protocol: "tcp".into(), ports: ports.to_vec() }];
        Firewall {
            name: name.to_owned(),
            network: Some(network()),
            egress: true,
            priority,
            disabled: false,
            allowed: if denies { Vec::new() } else { ports.clone() },
            denied: if denies { ports } else { Vec::new() },
            destinations: vec!["10.0.0.0/8".parse().unwrap()],
            targeted,
            target_tags: if targeted { vec!["batch".to_owned()] } else { Vec::new() },
            target_service_accounts: Vec::new(),
        }
    }

    fn judged_for(clients: &Clients, rules: &[Firewall], address: &str) -> Vec<String> {
        let ports = [PortRange::single(8443), PortRange::single(9440)];
        let found = stopping(rules, &network(), clients, address.parse().unwrap(), &ports);
        found.into_iter().map(|stop| format!("{} {}", stop.rule.name, stop.port)).collect()
    }

    #[test]
    fn a_rule_for_some_machines_counts_for_those_alone() {
        let (all, some) = (rule("all", 900, true, &[], false), rule("some", 500, false, &[], true));
        let mut account = rule("account", 400, true, &[], true);
        account.target_tags.clear();
        account.target_service_accounts = vec!["batch@example-project.iam.gserviceaccount.com".to_owned()];
        let tagged = |tag: &str| Clients { tags: Some(vec![tag.to_owned()]), account: None };
        let judged = |clients: &Clients, rules: &[Firewall]| judged_for(clients, rules, "10.0.0.7");
        assert_eq!(judged(&tagged("batch"), &[all.clone(), some.clone()]), [""; 0], "it lets these out before");
        assert_eq!(judged(&tagged("web"), &[all.clone(), some.clone()]), ["all 8443"]);
        assert_eq!(judged(&tagged("web"), &[account.clone()]), ["account 8443"], "which account they have is unknown");
        let mut clients = tagged("web");
        clients.account = Some("web@example-project.iam.gserviceaccount.com".to_owned());
        assert_eq!(judged(&clients, &[account.clone()]), [""; 0]);
        clients.account = Some("batch@example-project.iam.gserviceaccount.com".to_owned());
        assert_eq!(judged(&clients, &[account]), ["account 8443"]);
        let stop = stopping(
            std::slice::from_ref(&all),
            &network(),
            &clients,
            "10.0.0.7".parse().unwrap(),
            &[PortRange::single(8443)],
        )[0];
        assert!(stop.certain, "a rule for all machines is for these too");
    }

    #[test]
    fn the_first_rule_that_fits_decides() {
        let judged = |rules: &[Firewall], address: &str| judged_for(&Clients::default(), rules, address);
        let deny = rule("deny", 65_000, true, &[], false);
        assert_eq!(judged(std::slice::from_ref(&deny), "10.0.0.7"), ["deny 8443"]);
        assert_eq!(judged(std::slice::from_ref(&deny), "192.168.0.7"), [""; 0]);
        assert_eq!(judged(&[], "10.0.0.7"), [""; 0]);
        let allow = rule("allow", 1_000, false, &[(8443, 8443)], false);
        assert_eq!(judged(&[deny.clone(), allow.clone()], "10.0.0.7"), ["deny 9440"]);
        let some = rule("some", 500, false, &[], true);
        assert_eq!(judged(&[deny.clone(), some], "10.0.0.7"), ["deny 8443"], "it lets some machines out alone");
        let equal = rule("equal", 65_000, false, &[], false);
        assert_eq!(judged(&[equal, deny.clone()], "10.0.0.7"), ["deny 8443"]);
        let mut off = deny.clone();
        off.disabled = true;
        let mut ingress = deny;
        ingress.egress = false;
        assert_eq!(judged(&[off, ingress], "10.0.0.7"), [""; 0]);
    }
}
