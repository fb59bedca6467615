//! The way back: what stays, and why.

use privlink_core::side::{Cx, Exchange, Kept, Slot, Survey};
use privlink_core::{CloudProvider, ErrorKind, Listed, Result};

use super::entry::admission;
use super::findings;
use super::read::{Reader, find};
use super::steps::Maker;
use crate::{Connection, Consumer, PrivatelinkDetails, PrivatelinkState, Service, ServiceDetails};

pub(super) async fn removal(service: &Service, known: &Exchange, cx: &Cx) -> Result<Survey> {
    let reader = Reader::new(service, cx);
    let mut survey = Survey::new();
    let details = match reader.details().await {
        // A deleted service has taken all of it along.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            survey.findings.push(findings::gone_or_elsewhere(service));
            return Ok(survey);
        }
        other => other?,
    };
    let Some(cloud) = service.options.cloud.or_else(|| details.cloud()) else { return Ok(survey) };
    let (link, listed) = reader.of(cloud).await?;
    let maker = Maker { service, cloud };
    for endpoint in known.endpoints.values() {
        let Some(id) = endpoint.ids.primary() else { continue };
        let told = admission(service, cloud, find(&listed, &id), &endpoint.ownership, &id);
        survey.known.admissions.insert(Slot::main(), told);
    }
    shared(&mut survey, &maker, &details, (*link).as_ref(), known);
    if let Some(link) = (*link).as_ref() {
        privatelink(&mut survey, &maker, link, &listed, known, cloud);
    }
    Ok(survey)
}

/// What was switched on or let in for this link, or for others: nothing tells whose it is.
fn shared(
    survey: &mut Survey,
    maker: &Maker<'_>,
    details: &ServiceDetails,
    link: Option<&PrivatelinkDetails>,
    known: &Exchange,
) {
    let service = maker.service;
    let asked = service.options.consumer.clone();
    let consumer = asked.or_else(|| Consumer::of(known.consumer.as_ref()?));
    let listed = |consumer: &Consumer| {
        let entries = link.and_then(|link| link.allowed.as_deref()).unwrap_or_default();
        entries.iter().any(|entry| consumer.is(entry))
    };
    if let Some(consumer) = consumer.filter(listed) {
        let reason = "other endpoints of the same consumer may need it; take it off with \
                      `privatelink.patch_allow_list().remove(consumer).send().await`";
        let what = format!("`{consumer}` on the list of {}", service.resource());
        survey.kept.push(Kept::new(maker.entry_key(Some(&consumer)), reason).what(what));
    }
    let main = service.client().facts().components(&details.service_type).and_then(|known| known.first());
    let wanted = match service.options.components.as_slice() {
        [] => main.map(|main| main.to_string()).into_iter().collect(),
        asked => asked.to_vec(),
    };
    for component in wanted.iter().filter(|component| details.has_access(component)) {
        let reason = "other connections may need it; switch it off with `service.set_privatelink_access`";
        let what = format!("component {component} of {}, switched on for privatelink", service.resource());
        survey.kept.push(Kept::new(maker.component_key(component), reason).what(what));
    }
}

fn privatelink(
    survey: &mut Survey,
    maker: &Maker<'_>,
    link: &PrivatelinkDetails,
    listed: &Listed<Connection>,
    known: &Exchange,
    cloud: CloudProvider,
) {
    let service = maker.service;
    let ours: Vec<String> = known
        .endpoints
        .values()
        .filter(|endpoint| endpoint.ownership.is_ours())
        .filter_map(|endpoint| Some(endpoint.ids.primary()?.to_string()))
        .collect();
    let is_ours = |id: &str| ours.iter().any(|ours| ours.eq_ignore_ascii_case(id));
    let others = listed.items.iter().filter(|entry| !is_ours(&entry.endpoint_id)).count() + listed.unreadable;
    let keep = |reason: String| {
        let what = format!("privatelink of {} in {cloud}", service.resource());
        Kept::new(maker.privatelink_key(), reason).what(what)
    };
    if link.state == PrivatelinkState::Deleting {
        // It goes by itself.
    } else if !service.options.delete_privatelink {
        survey.kept.push(keep(
            "it is the service's, and costs while it exists; to have it deleted where nobody else is connected, make the \
             link with `service.delete_privatelink_on_removal()` and plan its removal again"
                .to_owned(),
        ));
    } else if others > 0 {
        // Only AWS tells it by itself. An endpoint of this link's own that is on its way out is one of them, too: it
        // is no longer known as this link's.
        let heard = match cloud {
            CloudProvider::Aws => "an endpoint that is being deleted leaves the list within minutes; plan again then",
            _ => "where their endpoints are gone, `service.privatelink(cloud).refresh()` takes them off the list",
        };
        survey.kept.push(keep(format!("{others} other connections would be cut off; {heard}")));
    } else {
        survey.steps.push(maker.delete(ours));
    }
}
