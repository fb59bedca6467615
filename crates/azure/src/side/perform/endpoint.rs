use privlink_core::side::{EndpointFacts, EndpointIds, Exchange, Outcome};
use privlink_core::{EndpointServiceId, Error, Result, Text, Turn};

use super::super::inventory::address_of;
use super::super::steps::{AwaitConnected, MakeEndpoint, ReadAddress};
use super::super::survey::{Endpoints, sorted};
use super::super::{facts, findings, mark, read};
use super::{Act, Course, LATER, cloud};
use crate::ids;
use crate::model::{ConnectionStatus, CreatePrivateEndpoint, PrivateEndpoint, ProvisioningState, StaticAddress};

const BUILDING: &str = "Azure is building the endpoint";

impl Act<'_> {
    pub(super) async fn make_endpoint(&self, kind: &MakeEndpoint) -> Result<Outcome> {
        self.belongs(&self.keys.taken(&kind.service, self.user().as_deref()))?;
        let all = self.endpoints().await?;
        let Endpoints { used, dead, .. } = sorted(&all, &kind.service, &self.keys);
        if let Some(endpoint) = used {
            return self.standing(endpoint, &kind.service).await;
        }
        // A dead one keeps its name while it is there; racing runs count alike.
        let key = self.keys.endpoint(&kind.service);
        let mut id = None;
        for n in 0..=u32::try_from(dead.len()).unwrap_or(u32::MAX - 1) {
            let name = mark::endpoint_name(&key, n);
            let group = &self.network.group;
            let candidate = ids::private_endpoint(group.subscription(), group.name(), &name)?;
            if !dead.iter().any(|endpoint| endpoint.id == candidate) {
                id = Some(candidate);
                break;
            }
        }
        let id = id.ok_or_else(|| Error::invalid("there are more dead endpoints than can be counted"))?;
        let networking = self.network.client.networking();
        // A list may show it later than the endpoint itself.
        if let Some(there) = networking.private_endpoint(&id).await? {
            return match sorted(std::slice::from_ref(&there), &kind.service, &self.keys).used {
                Some(endpoint) => self.standing(endpoint, &kind.service).await,
                None => Ok(Outcome::refused(findings::name_taken(&id))),
            };
        }
        match self.course(id.resource(), |handle| networking.resume_private_endpoint(handle), BUILDING).await? {
            Course::Ends(outcome) => return Ok(outcome),
            Course::Passes(error) => return Ok(passing(&error)),
            Course::Over if self.begun(id.resource()) => return Ok(cloud("the new endpoint is not visible yet")),
            Course::Over => {}
        }
        self.ask_for(self.request(kind, id)?).await
    }

    /// An endpoint that is there: built, under way, or failed and asked for again as it is.
    async fn standing(&self, endpoint: &PrivateEndpoint, service: &EndpointServiceId) -> Result<Outcome> {
        let id = endpoint.id.resource();
        if facts::is_built(endpoint) {
            return self.take(endpoint, service).await;
        }
        let networking = self.network.client.networking();
        let course = self.course(id, |handle| networking.resume_private_endpoint(handle), BUILDING).await?;
        match course {
            Course::Ends(outcome) => return Ok(outcome),
            Course::Passes(error) => return Ok(passing(&error)),
            Course::Over => {}
        }
        match &endpoint.provisioning {
            Some(ProvisioningState::Failed | ProvisioningState::Canceled) => {
                self.over(id);
                let now = networking.private_endpoint(&endpoint.id).await?.filter(|now| !facts::is_built(now));
                let Some(now) = now else { return Ok(cloud(BUILDING)) };
                self.changing(id, networking.put_private_endpoint(&now.as_request()?).await, BUILDING)
            }
            Some(state) => Ok(cloud(format!("the endpoint is {state}"))),
            None => Ok(cloud(BUILDING)),
        }
    }

    async fn ask_for(&self, request: CreatePrivateEndpoint) -> Result<Outcome> {
        let id = request.id().resource().clone();
        let networking = self.network.client.networking();
        match networking.put_private_endpoint(&request).await {
            Ok(operation) if operation.is_over() => match networking.private_endpoint(request.id()).await? {
                Some(endpoint) if facts::is_built(&endpoint) => Ok(Outcome::done(self.with_endpoint(&endpoint).await?)),
                _ => Ok(cloud("the new endpoint is not visible yet")),
            },
            Ok(operation) => Ok(self.under_way(&id, &operation, BUILDING.into())),
            Err(error) => self.failed(error, "the endpoint may have been made; it is not visible yet"),
        }
    }

    fn request(&self, kind: &MakeEndpoint, id: privlink_core::AzurePrivateEndpointId) -> Result<CreatePrivateEndpoint> {
        let key = self.keys.endpoint(&kind.service);
        let name = id.resource().name().to_owned();
        let mut request = CreatePrivateEndpoint::new(id, kind.location.clone(), kind.subnet.clone(), &kind.service)?
            .request_message(kind.message(self.cx))?
            .interface_name(format!("{name}{}", mark::INTERFACE_SUFFIX))
            .security_groups(kind.security_groups.clone())
            .tags(mark::tags(&self.cx.mark(key), &self.network.tags))
            .tags(self.user().map(|user| (mark::user_tag(&user), "true".to_owned())));
        if let Some(address) = kind.address {
            request =
                request.static_addresses([StaticAddress::new(format!("{name}{}", mark::ADDRESS_SUFFIX), address)]);
        }
        Ok(request)
    }

    pub(super) async fn read_address(&self, kind: &ReadAddress) -> Result<Outcome> {
        self.belongs(&self.keys.address(&kind.service))?;
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        let known = self.with_endpoint(&endpoint).await?;
        let has = known.endpoints.get(&self.slot()).is_some_and(|facts| !facts.addresses.is_empty());
        // Reading changes nothing, however often it took.
        Ok(if has { Outcome::already(known) } else { cloud("the endpoint's interface has no address yet") })
    }

    pub(super) async fn await_connected(&self, kind: &AwaitConnected) -> Result<Outcome> {
        self.belongs(&self.keys.connection(&kind.service))?;
        let endpoint = match self.endpoint_of(&kind.service).await? {
            Ok(endpoint) => endpoint,
            Err(outcome) => return Ok(outcome),
        };
        let name = endpoint.id.resource().name();
        if facts::is_going(&endpoint) {
            return Ok(Outcome::moved(findings::endpoint_gone(name)));
        }
        let status = endpoint.connection().and_then(|connection| connection.status.clone());
        Ok(match status {
            Some(ConnectionStatus::Approved) if facts::is_built(&endpoint) => {
                Outcome::already(self.with_endpoint(&endpoint).await?)
            }
            Some(ConnectionStatus::Pending) => Outcome::waiting(
                format!("{name} waits for the owner of the service, whose list must name the endpoint"),
                Turn::Vendor,
                LATER,
            ),
            Some(status) if status.is_dead() => Outcome::refused(findings::endpoint_dead(&endpoint)),
            Some(ConnectionStatus::Approved) | None => cloud(format!("Azure is building {name}")),
            Some(other) => Outcome::waiting(format!("the connection of {name} is {other}"), Turn::Cloud, LATER),
        })
    }

    /// The endpoint the link uses, read afresh: by the id that is known, or by its marks. One that
    /// was made anew meanwhile has the same id, and another GUID.
    pub(super) async fn endpoint_of(&self, service: &EndpointServiceId) -> Result<Result<PrivateEndpoint, Outcome>> {
        let known = self.known.endpoints.get(&self.slot());
        if let Some(EndpointFacts { ids: EndpointIds::Azure { id, guid }, .. }) = known {
            return Ok(match self.network.client.networking().private_endpoint(id).await? {
                Some(endpoint) => match (guid, endpoint.guid) {
                    (Some(known), Some(now)) if *known != now => {
                        Err(Outcome::moved(findings::endpoint_remade(&endpoint, *known)))
                    }
                    _ => Ok(endpoint),
                },
                None => Err(Outcome::moved(findings::endpoint_gone(id.resource().name()))),
            });
        }
        let all = self.endpoints().await?;
        let Endpoints { used, dead, .. } = sorted(&all, service, &self.keys);
        Ok(match (used, dead.first()) {
            (Some(endpoint), _) => Ok(endpoint.clone()),
            (None, Some(endpoint)) => Err(Outcome::refused(findings::endpoint_dead(endpoint))),
            (None, None) => Err(cloud("the endpoint is not visible yet")),
        })
    }

    /// The endpoints of the subscription, whoever made them.
    pub(super) async fn endpoints(&self) -> Result<Vec<PrivateEndpoint>> {
        read::endpoints(&self.network.client, &self.network.group).await
    }

    /// What the other side may know of an endpoint, its address included.
    pub(super) async fn with_endpoint(&self, endpoint: &PrivateEndpoint) -> Result<Exchange> {
        let address = address_of(self.network, endpoint).await?;
        let whose = match mark::service_of(endpoint) {
            Some(service) => mark::of_endpoint(endpoint, &service, &self.keys),
            None => privlink_core::side::Ownership::Foreign,
        };
        let mut known = Exchange::new();
        known.endpoints.insert(self.slot(), facts::of(endpoint, address, whose));
        Ok(known)
    }
}

/// What failed, and is asked for again at the next look.
fn passing(error: &Error) -> Outcome {
    let stage: Text = format!("Azure could not do it yet, and is asked again: {error}").into();
    Outcome::waiting(stage, Turn::Cloud, LATER)
}
