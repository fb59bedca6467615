use privlink_core::side::{Exchange, Expects, Outcome};
use privlink_core::{Error, ErrorKind, Result, SecurityGroupId, Turn};

use super::super::steps::{ReleaseEndpoint, RemoveEndpoint, RemoveGroup, RemoveRecord, RemoveZone};
use super::super::{findings, mark, naming};
use super::resume::Resume;
use super::{Act, LATER, cloud, is_unknown};
use crate::ec2::Filter;
use crate::model::{Change, ChangeAction, RecordSet, Tag, VpcEndpoint, VpcEndpointState};
use crate::problem::Problem;

impl Act<'_> {
    /// Deletes a record only while it says what it said when the plan was made.
    pub(super) async fn remove_record(&self, kind: &RemoveRecord) -> Result<Outcome> {
        self.belongs(&mark::record_key(&self.network.vpc, &kind.zone, &kind.record))?;
        let thing = format!("{}|{}", kind.zone_id, kind.record);
        if let Err(outcome) = self.change_under_way(&thing).await? {
            return Ok(outcome);
        }
        let route53 = self.network.client.route53();
        let stored = match route53.record_sets_of(&kind.zone_id, &kind.record).await {
            Ok(stored) => stored,
            Err(error) if Problem::of(&error) == Problem::NotFound => return Ok(Outcome::already(Exchange::new())),
            Err(error) => return Err(error),
        };
        let existing = naming::answering(&stored, &kind.record);
        if existing.is_empty() {
            return Ok(Outcome::already(Exchange::new()));
        }
        let mut said: Vec<String> = existing.iter().map(ToString::to_string).collect();
        said.sort();
        let Expects::Value(wanted) = &self.step.expects else {
            return Err(Error::invalid("the step does not say what the record is expected to hold"));
        };
        if *wanted != said.join("; ") {
            return Ok(Outcome::moved(findings::record_changed(&kind.record, &said)));
        }
        if !self.may_delete_in(kind, &existing).await? {
            return Ok(Outcome::moved(findings::not_ours("the zone", kind.zone_id.as_str())));
        }
        let changes: Vec<Change> =
            existing.into_iter().map(|set| Change::new(ChangeAction::Delete, set.clone())).collect();
        self.apply(&kind.zone_id, &kind.record, &changes).await
    }

    /// Whether the records may go: the zone is the given one or one of ours, or all of them lead
    /// to endpoints of ours. A plan can have been edited; its zone is not taken on trust.
    async fn may_delete_in(&self, kind: &RemoveRecord, sets: &[&RecordSet]) -> Result<bool> {
        if self.network.hosted_zone.as_ref() == Some(&kind.zone_id) {
            return Ok(true);
        }
        match self.network.client.route53().hosted_zone(&kind.zone_id).await? {
            // The next look finds it gone.
            None => return Ok(true),
            Some(zone) if zone.name != kind.zone => return Ok(false),
            Some(zone) if mark::of_zone(&zone, &self.network.vpc).is_ours() => return Ok(true),
            Some(_) => {}
        }
        let endpoints = self.endpoints_of_vpc().await?;
        Ok(sets.iter().all(|set| {
            let target = naming::leads_to(set);
            endpoints.iter().any(|endpoint| {
                target == Some(endpoint.id.as_str()) && mark::of_endpoint(endpoint, self.keys).is_ours()
            })
        }))
    }

    pub(super) async fn remove_zone(&self, kind: &RemoveZone) -> Result<Outcome> {
        self.belongs(&mark::zone_key(&self.network.vpc, &kind.zone))?;
        let route53 = self.network.client.route53();
        let Some(zone) = route53.hosted_zone(&kind.zone_id).await? else {
            return Ok(Outcome::already(Exchange::new()));
        };
        if !mark::of_zone(&zone, &self.network.vpc).is_ours() {
            return Ok(Outcome::moved(findings::not_ours("the zone", zone.id.as_str())));
        }
        let sets = match route53.record_sets(&zone.id).all().await {
            Ok(sets) => sets,
            // Another run was faster; what was to go is gone.
            Err(error) if Problem::of(&error) == Problem::NotFound => return Ok(Outcome::already(Exchange::new())),
            Err(error) => return Err(error),
        };
        let left: Vec<String> =
            sets.iter().filter(|set| !set.belongs_to_the_zone(&zone.name)).map(ToString::to_string).collect();
        if !left.is_empty() {
            return Ok(Outcome::moved(findings::zone_not_empty(&zone.name, &left)));
        }
        match route53.delete_hosted_zone(&zone.id).await {
            Ok(_) => Ok(Outcome::done(Exchange::new())),
            Err(error) if is_unknown(&error) => Ok(cloud("the zone may have been deleted")),
            Err(error) if Problem::of(&error) == Problem::NotFound => Ok(Outcome::already(Exchange::new())),
            Err(error) if Problem::of(&error) == Problem::InUse => {
                Ok(Outcome::moved(findings::zone_not_empty(&zone.name, &[error.to_string()])))
            }
            Err(error) => Err(error),
        }
    }

    /// Deletes what is ours and waits until it is gone: only then may its group go.
    pub(super) async fn remove_endpoint(&self, kind: &RemoveEndpoint) -> Result<Outcome> {
        self.belongs(&self.keys.endpoint(&kind.service))?;
        let ours: Vec<VpcEndpoint> = self
            .endpoints_of(&kind.service)
            .await?
            .into_iter()
            .filter(|endpoint| kind.endpoints.contains(&endpoint.id))
            .filter(|endpoint| mark::of_endpoint(endpoint, self.keys).is_ours())
            .collect();
        let standing: Vec<_> = ours.iter().filter(|endpoint| !endpoint.state.is_gone()).collect();
        if standing.is_empty() {
            if ours.iter().any(|endpoint| endpoint.state == VpcEndpointState::Deleting) {
                return Ok(self.still("the endpoint is being deleted"));
            }
            return Ok(self.done(self.resume.acted, Exchange::new()));
        }
        // The marks were just read: whoever has come to use it since the plan was made keeps it.
        let user = self.user();
        for endpoint in &standing {
            let others: Vec<&str> = mark::other_users(&endpoint.tags, user.as_deref()).collect();
            if !others.is_empty() {
                return Ok(Outcome::moved(findings::used_by_others(&endpoint.id, &others)));
            }
        }
        for endpoint in standing {
            match self.network.client.ec2().delete_vpc_endpoint(&endpoint.id).await {
                Ok(()) => {}
                Err(error) if is_unknown(&error) => {
                    return Ok(self.wait("the endpoint may be being deleted", &Resume::of_act()));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(self.wait("the endpoint is being deleted", &Resume::of_act()))
    }

    pub(super) async fn release_endpoint(&self, kind: &ReleaseEndpoint) -> Result<Outcome> {
        let key = self.keys.endpoint(&kind.service);
        let own = mark::adopted_tag(&self.cx.mark(key.clone()));
        self.belongs(&self.keys.adopted(&kind.service, &kind.endpoint, &own))?;
        let ec2 = self.network.client.ec2();
        let mut changed = false;
        // Of several links that let go at once the last one takes the common marks along: each looks
        // once more after its own tag is off.
        for _ in 0..2 {
            let Some(endpoint) = ec2.vpc_endpoint(&kind.endpoint).await? else { break };
            let marked = Tag::find(&endpoint.tags, mark::KEY) == Some(key.digest().as_str());
            if !marked || mark::by_tags(&endpoint.tags, &key).is_ours() {
                break;
            }
            let mut going: Vec<&str> = mark::adopted_tags(&endpoint.tags).filter(|tag| *tag == own).collect();
            if !mark::adopted_tags(&endpoint.tags).any(|tag| tag != own) {
                going.extend([mark::KEY, mark::LINK]);
            }
            if going.is_empty() {
                break;
            }
            ec2.delete_tags(std::slice::from_ref(&kind.endpoint), &going).await?;
            changed = true;
        }
        Ok(self.done(changed, Exchange::new()))
    }

    /// The interfaces that use a group of ours and are not of an endpoint that is going.
    async fn other_users(&self, group: &SecurityGroupId) -> Result<Vec<String>> {
        let interfaces = match self.network.client.ec2().network_interfaces(Filter::new().group(group)).all().await {
            Ok(interfaces) => interfaces,
            // Naming them is a help only: without the right to look, the wait goes on.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let endpoints = self.endpoints_of_vpc().await?;
        let of_going = |described: &str| {
            described.split_whitespace().any(|word| {
                let standing = |endpoint: &VpcEndpoint| endpoint.id.as_str() == word && !endpoint.state.is_gone();
                word.starts_with("vpce-") && !endpoints.iter().any(standing)
            })
        };
        let others = interfaces.iter().filter(|interface| !of_going(&interface.description));
        Ok(others.map(|interface| interface.id.to_string()).collect())
    }

    pub(super) async fn remove_group(&self, kind: &RemoveGroup) -> Result<Outcome> {
        let key = self.keys.group(&kind.service);
        self.belongs(&key)?;
        let Some(group) = self.own_group(&key).await? else {
            return Ok(self.done(self.resume.acted, Exchange::new()));
        };
        match self.network.client.ec2().delete_security_group(&group.id).await {
            Ok(()) => Ok(Outcome::done(Exchange::new())),
            Err(error) if is_unknown(&error) => {
                Ok(self.wait("the security group may have been deleted", &Resume::of_act()))
            }
            // The endpoint's interfaces outlive it for a while; the step's limit bounds the wait.
            Err(error) if Problem::of(&error) == Problem::InUse => {
                let others = self.other_users(&group.id).await?;
                if others.is_empty() {
                    return Ok(self.still("interfaces of the deleted endpoint still use the security group"));
                }
                let stage = format!("take {} off {}, which we did not make", group.id, others.join(", "));
                Ok(Outcome::waiting(stage, Turn::You, LATER))
            }
            Err(error) => Err(error),
        }
    }
}
