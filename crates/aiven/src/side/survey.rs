//! What is there, and what has to be done.

use privlink_core::side::{
    Capabilities, ConsumerIdentity, Cx, Exchange, Fact, Naming, Slot, StepState, Survey, Undo, Users,
};
use privlink_core::{CloudProvider, ErrorKind, Listed, Result};

use super::entry::{admission, live, pinned};
use super::names::{names, published};
use super::privatelink::ready;
use super::read::{Reader, find};
use super::steps::{self, Maker};
use super::{entry, findings};
use crate::{
    Connection, ConnectionState, Consumer, PrivatelinkDetails, PrivatelinkState, Route, Service, ServiceDetails,
};

pub(super) async fn survey(service: &Service, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reader = Reader::new(service, cx);
    // With the cloud known beforehand, everything is read at once.
    let early = async {
        match service.options.cloud {
            Some(cloud) => reader.of(cloud).await.map(Some),
            None => Ok(None),
        }
    };
    let (details, early) = futures_util::future::join(reader.details(), early).await;
    let details = details.map_err(|error| match error.kind() {
        ErrorKind::NotFound => error.with_finding(findings::not_there(service)),
        _ => error,
    })?;
    let mut survey = Survey::new();
    let usual = details.components.iter().filter(|one| matches!(one.route, Route::Dynamic | Route::Public));
    survey.known.public_hosts.extend(usual.map(|one| one.host.clone()));
    let Some(cloud) = service.options.cloud.or_else(|| details.cloud()) else {
        survey.findings.push(findings::unknown_cloud(&details));
        return Ok(survey);
    };
    let elsewhere = |other: &CloudProvider| *other != cloud;
    if details.cloud().is_some_and(|real| elsewhere(&real)) {
        survey.findings.push(findings::other_cloud(&details, cloud));
        return Ok(survey);
    }
    if let Some(here) = consumer_cloud(known).filter(elsewhere) {
        survey.findings.push(findings::other_cloud(&details, here));
        return Ok(survey);
    }
    if !offered(&mut survey, service, &details, cloud) {
        return Ok(survey);
    }
    let Some(components) = components(&mut survey, service, &details) else { return Ok(survey) };
    let (link, listed) = match early? {
        Some(read) => read,
        None => reader.of(cloud).await?,
    };
    let link = (*link).as_ref();
    survey.findings.extend(findings::state(&details, cloud, link.is_none()));
    if link.is_none() {
        before_making(&mut survey, &reader, service, &details, cloud).await;
    }
    survey.known.capabilities = Some(capabilities());
    let scene = Scene { service, details: &details, cloud, components: &components, link, listed: &listed };
    scene.privatelink(&mut survey, known);
    scene.components(&mut survey);
    scene.connection(&mut survey, known, cx);
    Ok(survey)
}

/// What the rest of a survey goes by.
struct Scene<'a> {
    service: &'a Service,
    details: &'a ServiceDetails,
    cloud: CloudProvider,
    components: &'a [String],
    link: Option<&'a PrivatelinkDetails>,
    listed: &'a Listed<Connection>,
}

impl Scene<'_> {
    fn maker(&self) -> Maker<'_> {
        Maker { service: self.service, cloud: self.cloud }
    }

    fn privatelink(&self, survey: &mut Survey, known: &Exchange) {
        let asked = self.service.options.consumer.clone();
        let consumer = asked.or_else(|| Consumer::of(known.consumer.as_ref()?));
        let consumer = consumer.filter(|consumer| consumer.cloud() == self.cloud);
        let active = self.link.filter(|link| link.state == PrivatelinkState::Active);
        let invited = |link: &&PrivatelinkDetails| consumer.as_ref().is_none_or(|consumer| link.allows(consumer));
        // Nobody who is not on the list sees the service, so it is not told of before.
        let usable = active.filter(invited);
        if let Some(link) = usable {
            match ready(self.service, link) {
                Ok(told) => survey.known.absorb(told),
                Err(finding) => survey.findings.push(*finding),
            }
        }
        self.judge_list(survey, consumer.as_ref());
        if self.link.is_some_and(|link| link.state == PrivatelinkState::Deleting) {
            survey.findings.push(findings::being_deleted(self.service));
        }
        let there = self.link.filter(|link| link.state != PrivatelinkState::Deleting);
        let listed = there.as_ref().is_some_and(invited);
        let state = done(usable.is_some());
        survey.steps.push(self.maker().privatelink(consumer.as_ref(), there.is_some(), listed, state));
    }

    fn judge_list(&self, survey: &mut Survey, consumer: Option<&Consumer>) {
        let (_, most) = self.service.client().facts().allowed(self.cloud);
        let missing = consumer.filter(|consumer| self.link.is_none_or(|link| !link.allows(consumer)));
        if let (Some(link), Some(_)) = (self.link, missing)
            && link.allowed.as_ref().is_some_and(|entries| entries.len() >= most)
        {
            survey.findings.push(findings::list_full(link, most));
        }
        if let (Some(link), Some(consumer)) = (self.link, missing)
            && link.state == PrivatelinkState::Active
        {
            survey.findings.push(findings::not_listed(self.service, link, consumer));
        }
        if let Some(whole) = missing.filter(|consumer| consumer.is_whole_account()) {
            survey.findings.push(findings::whole_account(whole));
        }
        let entries = self.link.and_then(|link| link.allowed.as_deref()).unwrap_or_default();
        let whole = |entry: &&str| entry.parse().is_ok_and(|entry| Consumer::Principal(entry).is_whole_account());
        let whole: Vec<&str> = entries.iter().map(String::as_str).filter(whole).collect();
        if !whole.is_empty() {
            survey.findings.push(findings::listed_account(&whole));
        }
    }

    fn components(&self, survey: &mut Survey) {
        for component in self.components {
            let on = self.details.has_access(component);
            if on {
                steps::hold_component(&mut survey.known, component);
            }
            survey.steps.push(self.maker().component(component, done(on)));
        }
    }

    /// The link's own connection, and its names.
    fn connection(&self, survey: &mut Survey, known: &Exchange, cx: &Cx) {
        let endpoint = live(known);
        let id = endpoint.and_then(|endpoint| endpoint.ids.primary());
        let listed = id.as_ref().and_then(|id| find(self.listed, id));
        if let (Some(wanted), Some(found)) = (&self.service.options.connection, listed)
            && found.id.as_ref().is_some_and(|id| id != wanted)
        {
            survey.findings.push(findings::other_connection(wanted.as_str(), Some(found)));
        }
        if let (Some(endpoint), Some(id)) = (endpoint, &id) {
            let told = admission(self.service, self.cloud, listed, &endpoint.ownership, id);
            survey.known.admissions.insert(Slot::main(), told);
        }
        let address = endpoint.and_then(entry::address);
        let approved = listed.is_some_and(|entry| entry.state.is_approved());
        let active = listed.is_some_and(|entry| {
            let told = self.cloud == CloudProvider::Aws || entry.address == address;
            entry.state == ConnectionState::Active && told
        });
        if let (Some(entry), Some(ours)) = (listed, address)
            && self.cloud == CloudProvider::Gcp
            && approved
            && entry.address.is_some_and(|told| told != ours)
        {
            survey.findings.push(findings::other_address(entry, ours));
        }
        let maker = self.maker();
        if self.cloud == CloudProvider::Aws {
            survey.steps.push(maker.discover(cx, self.details.is_own_cloud(), done(active)));
        } else {
            survey.steps.push(maker.approve(cx, done(approved)));
            survey.steps.push(maker.activate(cx, done(active)));
            if approved {
                survey.known.hold(Some(Slot::main()), Fact::Accepted);
            }
        }
        if active {
            steps::hold_connection(&mut survey.known);
        }
        let pinned = pinned(self.service, &survey.known);
        let switched = self.components.iter().all(|component| self.details.has_access(component));
        if active && !switched {
            let off = self.components.iter().filter(|component| !self.details.has_access(component));
            survey.findings.push(findings::component_off(self.service, &off.map(String::as_str).collect::<Vec<_>>()));
        }
        let found = (active && switched)
            .then(|| names(self.service.client().facts(), self.details, pinned.as_ref(), self.components));
        let there = match found {
            Some(Ok(Ok(names))) => {
                self.judge_hosts(survey, &names);
                survey.known.absorb(published(names));
                true
            }
            Some(Err(error)) => {
                survey.findings.push(findings::several_connections(&error));
                false
            }
            Some(Ok(Err(_))) | None => false,
        };
        survey.steps.push(maker.names(cx, self.components, done(there)));
    }

    /// Nothing is written for these names, so a strange one shadows nothing; clients would go there.
    fn judge_hosts(&self, survey: &mut Survey, names: &[privlink_core::side::PrivateName]) {
        let facts = self.service.client().facts();
        for name in names.iter().filter(|name| !name.host.is_within(&facts.apex)) {
            survey.findings.push(findings::strange_host(name.host.as_str(), facts));
        }
    }
}

/// Whether a privatelink can be had for the service, as far as the dated facts know.
fn offered(survey: &mut Survey, service: &Service, details: &ServiceDetails, cloud: CloudProvider) -> bool {
    let facts = service.client().facts();
    let Some(offer) = facts.offer(cloud).filter(|offer| offer.has(&details.service_type)) else {
        survey.findings.push(findings::not_offered(details, cloud, facts));
        return false;
    };
    if details.is_own_cloud() && !offer.own_cloud {
        survey.findings.push(findings::not_in_own_cloud(details, cloud, facts));
        return false;
    }
    if offer.is_on_request(&details.service_type) {
        survey.findings.push(findings::on_request(details, cloud, facts));
    } else if offer.early {
        survey.findings.push(findings::early(cloud, facts));
    }
    true
}

/// The components to be reached; `None` where that cannot work.
fn components(survey: &mut Survey, service: &Service, details: &ServiceDetails) -> Option<Vec<String>> {
    let facts = service.client().facts();
    let known = facts.components(&details.service_type);
    let asked = &service.options.components;
    if asked.is_empty() {
        let main = known.and_then(|known| known.first());
        if main.is_none() {
            survey.findings.push(findings::which_component(details, facts));
        }
        return main.map(|main| vec![main.to_string()]);
    }
    // Of a type that is not known, the vendor will say.
    let strange =
        |component: &&String| known.is_some_and(|known| !known.iter().any(|known| known == component.as_str()));
    let strangers: Vec<&String> = asked.iter().filter(strange).collect();
    for stranger in &strangers {
        survey.findings.push(findings::no_such_component(details, stranger, facts));
    }
    strangers.is_empty().then(|| asked.clone())
}

/// What has to be there before a privatelink can be made, and what it costs.
async fn before_making(
    survey: &mut Survey,
    reader: &Reader<'_>,
    service: &Service,
    details: &ServiceDetails,
    cloud: CloudProvider,
) {
    let facts = service.client().facts();
    if details.project_vpc_id.is_none() && !details.is_own_cloud() {
        survey.findings.push(findings::no_project_vpc(details));
    }
    let offers = async {
        if let Some(offers) = reader.availability().await {
            return Some(offers.iter().find(|offer| offer.cloud_name == details.cloud_name).cloned());
        }
        None
    };
    let addresses = async { if cloud == CloudProvider::Azure { reader.static_ips().await } else { None } };
    let (offer, addresses) = futures_util::future::join(offers, addresses).await;
    match offer {
        Some(Some(offer)) => survey.findings.push(findings::price(details, &offer.price_usd)),
        Some(None) => survey.findings.push(findings::not_available(details)),
        // It may not be seen; whoever pays knows.
        None => {}
    }
    if cloud == CloudProvider::Azure {
        let needed = facts.static_ips.needed(details.nodes.unwrap_or(1));
        let own = |address: &&crate::StaticIp| {
            address.is_usable() && address.service.as_deref() == Some(details.name.as_str())
        };
        let usable = addresses.map(|all| all.iter().filter(own).count());
        let enough = usable.is_none_or(|usable| u64::try_from(usable).is_ok_and(|usable| usable >= needed));
        if !details.static_ips || !enough {
            survey.findings.push(findings::no_static_ips(details, needed, usable, facts));
        }
    }
}

/// The names are Aiven's to publish; only the endpoint's removal takes a connection away.
fn capabilities() -> Capabilities {
    Capabilities::new(vec![Naming::VendorPublished, Naming::SelfManaged], Undo::Final, Users::Countable)
}

/// The cloud the consumer's identity is of.
fn consumer_cloud(known: &Exchange) -> Option<CloudProvider> {
    match known.consumer.as_ref()? {
        ConsumerIdentity::Aws { .. } => Some(CloudProvider::Aws),
        ConsumerIdentity::Azure { .. } => Some(CloudProvider::Azure),
        ConsumerIdentity::Gcp { .. } => Some(CloudProvider::Gcp),
        _ => None,
    }
}

fn done(done: bool) -> StepState {
    if done { StepState::AlreadyDone } else { StepState::ToDo }
}
