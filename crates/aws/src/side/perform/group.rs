use privlink_core::Result;
use privlink_core::side::{Exchange, Outcome};

use super::super::steps::{EnableVpcDns, MakeGroup, OpenPorts};
use super::super::{findings, mark, steps};
use super::resume::Resume;
use super::{Act, cloud, is_unknown};
use crate::ec2::Filter;
use crate::model::{IpPermission, SecurityGroup, VpcAttribute};
use crate::problem::Problem;
use privlink_core::side::{PortRange, TouchKey};

impl Act<'_> {
    /// Switches on what is off. One attribute a call, as AWS wants it.
    pub(super) async fn vpc_dns(&self, _: EnableVpcDns) -> Result<Outcome> {
        self.belongs(&self.keys.vpc_dns())?;
        let (ec2, vpc) = (self.network.client.ec2(), &self.network.vpc);
        let mut changed = false;
        // Host names need support, so support comes first.
        for attribute in [VpcAttribute::DnsSupport, VpcAttribute::DnsHostnames] {
            if !ec2.vpc_attribute(vpc, attribute).await? {
                ec2.modify_vpc_attribute(vpc, attribute, true).await?;
                changed = true;
            }
        }
        Ok(self.done(changed, Exchange::new()))
    }

    pub(super) async fn make_group(&self, kind: &MakeGroup) -> Result<Outcome> {
        let key = self.keys.group(&kind.service);
        self.belongs(&key)?;
        if self.own_group(&key).await?.is_some() {
            return Ok(Outcome::already(Exchange::new()));
        }
        let name = mark::group_name(&key);
        if self.is_new(&name) {
            return Ok(cloud("the new security group is not visible yet"));
        }
        // The name is what racing runs meet in, so the label can be there from the start.
        let mut tags = mark::identity(&key, &self.network.tags);
        tags.extend(mark::label(&self.cx.mark(key.clone()), &tags));
        let description = mark::group_description(&kind.service);
        let made = self.network.client.ec2().create_security_group(&self.network.vpc, &name, &description, &tags).await;
        match made {
            Ok(_) => Ok(self.made(&name, Exchange::new())),
            Err(error) if is_unknown(&error) || error.code() == Some("InvalidGroup.Duplicate") => {
                let of_name = Filter::new().vpc(&self.network.vpc).by("group-name", [&name]);
                let found = self.network.client.ec2().security_groups(of_name).all().await?;
                match found.first() {
                    Some(group) if mark::of_group(group, &key).is_ours() => Ok(Outcome::done(Exchange::new())),
                    Some(_) => Ok(Outcome::refused(findings::group_name_taken(&name))),
                    None => Ok(cloud("the security group may have been made; it is not visible yet")),
                }
            }
            Err(error) if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn open_ports(&self, kind: &OpenPorts) -> Result<Outcome> {
        let Some(group) = self.own_group(&self.keys.group(&kind.service)).await? else {
            let name = mark::group_name(&self.keys.group(&kind.service));
            return Ok(if self.is_new(&name) {
                cloud("the new security group is not visible yet")
            } else {
                Outcome::moved(findings::group_gone(&name))
            });
        };
        // A plan made before the names were known holds no ports: then they come from the exchange.
        let ports = if kind.ports.is_empty() { self.ports() } else { kind.ports.clone() };
        let rules = steps::rules(&ports, &kind.sources);
        let missing = missing(&group, &rules);
        if missing.is_empty() {
            return Ok(self.done(self.resume.acted, Exchange::new()));
        }
        for rule in missing {
            match self.network.client.ec2().authorize_ingress(&group.id, rule).await {
                // There already, or made: the group itself tells.
                Ok(_) => {}
                Err(error) if Problem::of(&error) == Problem::NotFound => {
                    return Ok(cloud("the new security group is not visible everywhere yet"));
                }
                Err(error) if findings::is_refusal(&error) => return Ok(Outcome::refused(findings::refused(&error))),
                Err(error) => return Err(error),
            }
        }
        let seen = self.own_group(&self.keys.group(&kind.service)).await?;
        let unseen = seen.as_ref().map_or(rules.iter().collect(), |group| self::missing(group, &rules));
        if unseen.is_empty() {
            return Ok(Outcome::done(Exchange::new()));
        }
        let listed = unseen.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let stage = format!("acknowledged; the security group does not show it yet: {listed}");
        Ok(self.wait(stage, &Resume::of_act()))
    }

    fn ports(&self) -> Vec<PortRange> {
        let names = self.known.names.iter().filter(|name| name.slot == self.slot());
        let mut ports: Vec<PortRange> =
            names.flat_map(|name| &name.ports).map(|ports| PortRange::range(ports.first, ports.last)).collect();
        ports.sort();
        ports.dedup();
        ports
    }

    /// The group of ours with this key.
    pub(super) async fn own_group(&self, key: &TouchKey) -> Result<Option<SecurityGroup>> {
        let marked = Filter::new().vpc(&self.network.vpc).tag(mark::KEY, &key.digest());
        let groups = self.network.client.ec2().security_groups(marked).all().await?;
        Ok(groups.into_iter().find(|group| mark::of_group(group, key).is_ours()))
    }
}

/// Those of `rules` that nothing in the group lets in.
fn missing<'r>(group: &SecurityGroup, rules: &'r [IpPermission]) -> Vec<&'r IpPermission> {
    rules.iter().filter(|rule| !group.ingress.iter().any(|known| known.covers(rule))).collect()
}
