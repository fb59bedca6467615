use privlink_core::side::{
    Acceptance, EndpointFacts, EndpointIds, Evidence, Exchange, Fact, Outcome, Ownership, TouchKey,
};
use privlink_core::{Error, ErrorKind, Result, SecurityGroupId, Turn, VpcEndpointServiceName};

use super::super::steps::{AwaitConnected, MakeEndpoint, PrivateDnsOn};
use super::super::survey::{Endpoints, sorted};
use super::super::{facts, findings, mark, read};
use super::resume::Resume;
use super::{Act, LATER, cloud, is_unknown};
use crate::ec2::{CreateVpcEndpoint, Filter, ModifyVpcEndpoint, SubnetAddress};
use crate::model::{VpcEndpoint, VpcEndpointState};
use crate::notes::CONSISTENCY;
use crate::problem::Problem;

/// How many incarnations of one endpoint are counted before the date is used instead.
const COUNTED: u32 = 16;

/// How long one dated incarnation is used: long, so that racing runs meet in it, and no longer
/// than it takes to set up and remove an endpoint a few times.
const DATED: u64 = 300;

impl Act<'_> {
    pub(super) async fn make_endpoint(&self, kind: &MakeEndpoint) -> Result<Outcome> {
        let key = self.keys.endpoint(kind.service.as_str());
        let user = self.user();
        self.belongs(&self.keys.taken(kind.service.as_str(), user.as_deref()))?;
        let all = self.endpoints_of(kind.service.as_str()).await?;
        if let Some(endpoint) = sorted(&all, kind.service.as_str(), self.keys).used {
            return self.take(endpoint, false).await;
        }
        let groups = match self.groups_of(kind).await? {
            Ok(groups) => groups,
            Err(outcome) => return Ok(outcome),
        };
        let mut request = CreateVpcEndpoint::new(
            self.network.vpc.clone(),
            kind.service.clone(),
            String::new(),
            kind.subnets.clone(),
            groups,
        );
        request.service_region.clone_from(&kind.service_region);
        request.ip_address_type = kind.ip_address_type.as_deref().map(Into::into);
        request.addresses = kind
            .addresses
            .iter()
            .map(|fixed| SubnetAddress::new(fixed.subnet.clone(), fixed.ipv4, fixed.ipv6))
            .collect();
        // Everything here follows from the vendor's account, the network and the instance: a run of
        // another link name asks with the same words, and gets the same endpoint. The label comes later.
        request.tags = mark::identity(&key, &self.network.tags);
        request.tags.extend(user.iter().map(|user| mark::user_tag(user)));
        self.create(kind, &key, request).await
    }

    /// Walks the incarnations of the key until one gives a living endpoint. A token that was used
    /// for an endpoint since deleted answers with that one; two racing runs walk the same tokens,
    /// so both end at the same endpoint.
    async fn create(&self, kind: &MakeEndpoint, key: &TouchKey, mut request: CreateVpcEndpoint) -> Result<Outcome> {
        let ec2 = self.network.client.ec2();
        for n in incarnations(self.now()) {
            request.client_token = mark::client_token(key, n);
            let answered = match ec2.create_vpc_endpoint(&request).await {
                Ok(endpoint) => endpoint,
                Err(error) => match Problem::of(&error) {
                    // Another run used the token with other parameters: its endpoint is ours too.
                    Problem::TokenReuse => {
                        if let Some(outcome) = self.look(kind).await? {
                            return Ok(outcome);
                        }
                        // Not visible yet, or long deleted: only time tells, and the next token
                        // used too early makes a second endpoint.
                        let (now, token) = (self.now(), &request.client_token);
                        let here = self.network.client.notes().since(token, now);
                        let long_here = now.duration_since(here).is_ok_and(|age| age > CONSISTENCY);
                        if long_here || self.waited_for(token, CONSISTENCY) {
                            continue;
                        }
                        let since = self.since(token);
                        return Ok(self.wait("another run's endpoint is not visible yet", &since));
                    }
                    Problem::NotFound if kind.groups.is_empty() => {
                        return self.unseen_dependency(kind, error);
                    }
                    _ if is_unknown(&error) => {
                        // The same token again gives the same endpoint: asking again is safe.
                        let seen = self.look(kind).await?;
                        return Ok(
                            seen.unwrap_or_else(|| cloud("the endpoint may have been made; it is not visible yet"))
                        );
                    }
                    _ if findings::is_refusal(&error) => return Ok(Outcome::refused(findings::refused(&error))),
                    _ => return Err(error),
                },
            };
            let seen = ec2.vpc_endpoint(&answered.id).await?;
            let now = self.now();
            let living = match &seen {
                Some(endpoint) => !endpoint.state.is_dead(),
                // Not found: just made and not visible yet, or an old answer for one long deleted.
                None => !answered.state.is_dead() && is_young(&answered, now),
            };
            if living {
                let known = self.with_endpoint(seen.as_ref().unwrap_or(&answered)).await?;
                return Ok(self.made(answered.id.as_str(), known));
            }
        }
        Err(Error::new(
            ErrorKind::Conflict,
            "the earlier endpoints of this link still answer to their tokens; try again in five minutes",
        ))
    }

    async fn look(&self, kind: &MakeEndpoint) -> Result<Option<Outcome>> {
        let all = self.endpoints_of(kind.service.as_str()).await?;
        match sorted(&all, kind.service.as_str(), self.keys).used {
            Some(endpoint) => self.take(endpoint, true).await.map(Some),
            None => Ok(None),
        }
    }

    /// A group or subnet is unknown: our own new group may not be visible everywhere yet.
    fn unseen_dependency(&self, kind: &MakeEndpoint, error: Error) -> Result<Outcome> {
        let name = mark::group_name(&self.keys.group(&kind.service));
        let about_group = error.code().is_some_and(|code| code.contains("Group"));
        if about_group && self.is_new(&name) {
            return Ok(cloud("the new security group is not visible everywhere yet"));
        }
        Err(error)
    }

    /// The groups of the new endpoint: those given, or the one of ours.
    async fn groups_of(&self, kind: &MakeEndpoint) -> Result<Result<Vec<SecurityGroupId>, Outcome>> {
        if !kind.groups.is_empty() {
            return Ok(Ok(kind.groups.clone()));
        }
        let key = self.keys.group(&kind.service);
        if let Some(group) = self.own_group(&key).await? {
            return Ok(Ok(vec![group.id]));
        }
        let name = mark::group_name(&key);
        Ok(Err(if self.is_new(&name) {
            cloud("the new security group is not visible yet")
        } else {
            Outcome::moved(findings::group_gone(&name))
        }))
    }

    pub(super) async fn await_connected(&self, kind: &AwaitConnected) -> Result<Outcome> {
        self.belongs(&self.keys.connection(kind.service.as_str()))?;
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        match &endpoint.state {
            VpcEndpointState::Available => {
                let known = self.with_endpoint(&endpoint).await?;
                let facts = known.endpoints.get(&self.slot());
                if !facts.is_some_and(|facts| facts::complete(&endpoint, facts)) {
                    return Ok(cloud("the endpoint's addresses are not visible yet"));
                }
                let labelled = self.label(&endpoint).await?;
                // Waiting changes nothing, however long it took.
                Ok(self.done(labelled, known))
            }
            _ => Ok(waiting_or_dead(&endpoint, self.acceptance())),
        }
    }

    /// Writes onto an endpoint of ours for whom it was made, unless that is there; whether it was
    /// written. Not at its birth, where it would make the same token another request for each link,
    /// and only once EC2 knows the endpoint everywhere.
    async fn label(&self, endpoint: &VpcEndpoint) -> Result<bool> {
        if !mark::of_endpoint(endpoint, self.keys).is_ours() {
            return Ok(false);
        }
        let label = mark::label(&self.cx.mark(self.keys.endpoint(&endpoint.service_name)), &endpoint.tags);
        if label.is_empty() {
            return Ok(false);
        }
        match self.network.client.ec2().create_tags(std::slice::from_ref(&endpoint.id), &label).await {
            Ok(()) => Ok(true),
            // A policy may allow tags at birth alone. The link works without: the group and the zone
            // of ours carry the label too.
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Ok(false),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn private_dns_on(&self, kind: &PrivateDnsOn) -> Result<Outcome> {
        self.belongs(&self.keys.private_dns(&kind.service))?;
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        match (&endpoint.state, endpoint.private_dns) {
            (VpcEndpointState::Available, true) => {
                let known = self.with_endpoint(&endpoint).await?.with(Some(self.slot()), Fact::Connected);
                Ok(self.done(self.resume.acted, known))
            }
            (VpcEndpointState::Available, false) => {
                let on = ModifyVpcEndpoint::new().private_dns(true);
                match self.network.client.ec2().modify_vpc_endpoint(&endpoint.id, &on).await {
                    Ok(()) => Ok(self.wait("private DNS is being switched on", &Resume::of_act())),
                    Err(error) if is_unknown(&error) => {
                        Ok(self.wait("private DNS may have been switched on", &Resume::of_act()))
                    }
                    Err(error) if findings::is_refusal(&error) => Ok(Outcome::refused(findings::refused(&error))),
                    Err(error) => Err(error),
                }
            }
            _ => Ok(waiting_or_dead(&endpoint, self.acceptance()).resume(self.resume.value())),
        }
    }

    /// The endpoint the link uses, read afresh: by the id that is known, or by its marks.
    pub(super) async fn endpoint_of(&self, service: &VpcEndpointServiceName) -> Result<Result<VpcEndpoint, Outcome>> {
        if let Some(EndpointFacts { ids: EndpointIds::Aws { id, .. }, .. }) = self.known.endpoints.get(&self.slot()) {
            return Ok(match self.network.client.ec2().vpc_endpoint(id).await? {
                Some(endpoint) => Ok(endpoint),
                None if self.is_new(id.as_str()) => Err(cloud("the new endpoint is not visible yet")),
                None => Err(Outcome::moved(findings::endpoint_gone(id))),
            });
        }
        let all = self.endpoints_of(service.as_str()).await?;
        let Endpoints { used, dead, .. } = sorted(&all, service.as_str(), self.keys);
        Ok(match (used, dead.first()) {
            (Some(endpoint), _) => Ok(endpoint.clone()),
            (None, Some(endpoint)) => Err(Outcome::refused(findings::endpoint_dead(endpoint))),
            (None, None) => Err(cloud("the endpoint is not visible yet")),
        })
    }

    /// How the service takes endpoints in, as the vendor's side said.
    fn acceptance(&self) -> Acceptance {
        self.known.services.get(&self.slot()).map_or(Acceptance::Automatic, |service| service.acceptance)
    }

    /// The endpoints of the VPC to one service, whoever made them.
    pub(super) async fn endpoints_of(&self, service: &str) -> Result<Vec<VpcEndpoint>> {
        let filter = Filter::new().vpc(&self.network.vpc).by("service-name", [service]);
        self.network.client.ec2().vpc_endpoints(filter).all().await
    }

    /// What the other side may know of an endpoint, its addresses included.
    pub(super) async fn with_endpoint(&self, endpoint: &VpcEndpoint) -> Result<Exchange> {
        let interfaces = read::interfaces(&self.network.client, &endpoint.interfaces).await?;
        // The zones of zonal names are named as this account names them: the subnets translate.
        let subnets = if endpoint.zonal_dns().next().is_some() && !endpoint.subnets.is_empty() {
            let filter = Filter::new().vpc(&self.network.vpc);
            self.network.client.ec2().subnets(filter).all().await?
        } else {
            Vec::new()
        };
        let whose = match mark::of_endpoint(endpoint, self.keys) {
            // The answer to a create can lack the tags it was made with.
            Ownership::Foreign if endpoint.tags.is_empty() => Ownership::Ours(Evidence::Tag),
            whose => whose,
        };
        let mut known = Exchange::new();
        known.endpoints.insert(self.slot(), facts::of(endpoint, &interfaces, &subnets, self.account, whose));
        Ok(known)
    }
}

/// What an endpoint that is not available means for a step that needs it.
fn waiting_or_dead(endpoint: &VpcEndpoint, acceptance: Acceptance) -> Outcome {
    match &endpoint.state {
        VpcEndpointState::PendingAcceptance if acceptance == Acceptance::ByHand => Outcome::waiting(
            format!("{} waits until somebody accepts it in the account of the service", endpoint.id),
            Turn::Approver,
            LATER,
        ),
        VpcEndpointState::PendingAcceptance => {
            Outcome::waiting(format!("{} waits for the vendor to accept it", endpoint.id), Turn::Vendor, LATER)
        }
        VpcEndpointState::Rejected | VpcEndpointState::Failed | VpcEndpointState::Expired => {
            Outcome::refused(findings::endpoint_dead(endpoint))
        }
        VpcEndpointState::Deleting | VpcEndpointState::Deleted => Outcome::moved(findings::endpoint_gone(&endpoint.id)),
        VpcEndpointState::Pending | VpcEndpointState::Available => cloud(format!("{} is being built", endpoint.id)),
        other => Outcome::waiting(format!("{} is {other}", endpoint.id), Turn::Cloud, LATER),
    }
}

/// The incarnations to try: the first few, then those of this time, which never run out.
fn incarnations(now: std::time::SystemTime) -> impl Iterator<Item = u32> {
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_secs() / DATED;
    // Four a period, so that no number returns; u32 holds them for centuries.
    let first = u32::try_from(since.saturating_mul(4)).unwrap_or(u32::MAX - 4).max(COUNTED);
    (0..COUNTED).chain(first..first.saturating_add(4))
}

/// Whether an answer is for an endpoint made just now. Without a date it counts as such.
fn is_young(endpoint: &VpcEndpoint, now: std::time::SystemTime) -> bool {
    let Some(created) = endpoint.created.as_deref().and_then(|text| text.parse::<jiff::Timestamp>().ok()) else {
        return true;
    };
    now.duration_since(created.into()).map_or(true, |age| age <= CONSISTENCY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_names_whose_turn_it_is() {
        let outcome = |word: &str| {
            let endpoint = VpcEndpoint::new("vpce-0a1b2c3d4e5f67890".parse().unwrap(), "service", word.into());
            match waiting_or_dead(&endpoint, Acceptance::Automatic) {
                Outcome::Waiting { turn, .. } => format!("waiting for {turn}"),
                Outcome::Refused(finding) => format!("refused {}", finding.code),
                Outcome::Moved(finding) => format!("moved {}", finding.code),
                other => format!("{other:?}"),
            }
        };
        let table = [
            ("pendingAcceptance", "waiting for vendor"),
            ("pending", "waiting for cloud"),
            ("rejected", "refused AWS-020"),
            ("failed", "refused AWS-020"),
            ("expired", "refused AWS-020"),
            ("deleting", "moved AWS-021"),
            ("deleted", "moved AWS-021"),
            ("partial", "waiting for cloud"),
            ("thawing", "waiting for cloud"),
        ];
        for (word, wanted) in table {
            assert_eq!(outcome(word), wanted, "{word}");
        }
        let pending = VpcEndpointState::PendingAcceptance;
        let endpoint = VpcEndpoint::new("vpce-0a1b2c3d4e5f67890".parse().unwrap(), "service", pending);
        let outcome = waiting_or_dead(&endpoint, Acceptance::ByHand);
        assert!(matches!(outcome, Outcome::Waiting { turn: Turn::Approver, .. }), "{outcome:?}");
    }

    #[test]
    fn an_old_answer_for_an_invisible_endpoint_is_no_new_endpoint() {
        let mut endpoint =
            VpcEndpoint::new("vpce-0a1b2c3d4e5f67890".parse().unwrap(), "service", VpcEndpointState::Pending);
        let now: std::time::SystemTime = "2026-11-21T10:00:00Z".parse::<jiff::Timestamp>().unwrap().into();
        assert!(is_young(&endpoint, now));
        endpoint.created = Some("2026-11-21T09:59:30.000Z".into());
        assert!(is_young(&endpoint, now));
        endpoint.created = Some("2026-11-21T09:00:00.000Z".into());
        assert!(!is_young(&endpoint, now));
    }
}
