//! Whether the groups that clients were said to be in let them out to the endpoint.

use privlink_core::SecurityGroupId;
use privlink_core::side::{EndpointFacts, Survey};

use super::super::findings;
use super::super::steps::Source;
use super::{Groups, Part};

impl Part<'_> {
    /// Said once the endpoint has its addresses. A group that the VPC does not have, as one of a peered VPC, cannot be
    /// read, and nothing is said of it.
    pub(super) fn clients(&self, out: &mut Survey, groups: &Groups<'_>, facts: Option<&EndpointFacts>) {
        let Some(facts) = facts else { return };
        let own: Vec<SecurityGroupId> = match groups {
            Groups::Own(group) => group.iter().map(|group| group.id.clone()).collect(),
            Groups::Fixed(ids) => ids.clone(),
        };
        for source in &self.network.sources {
            let Source::Group(id) = source else { continue };
            let Some(group) = self.world.groups.iter().find(|group| group.id == *id) else { continue };
            let mut shut = Vec::new();
            for ports in self.ports() {
                for (address, _) in &facts.addresses {
                    if !group.egress.iter().any(|rule| rule.may_reach(ports, *address, &own)) {
                        shut.push(format!("tcp {ports} to {address}"));
                    }
                }
            }
            if !shut.is_empty() {
                out.findings.push(findings::clients_kept_in(id, &shut));
            }
        }
    }
}
