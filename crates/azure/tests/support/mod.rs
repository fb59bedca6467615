//! What the tests over a scripted Azure share.
#![allow(dead_code, reason = "each test file uses its own part")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Request, Response};
use privlink_azure::{Client, ClientBuilder, CreatePrivateEndpoint, SubnetId, VirtualNetworkId};
use privlink_core::transport::{Limits, RetryPolicy, Sent, Transport, TransportError};
use privlink_core::{AzurePrivateEndpointId, BoxFuture, EndpointServiceId, SystemClock};

pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";
pub(crate) const TOKEN: &str = "canary-token";
pub(crate) const ALIAS: &str =
    "production-westus3-0-0.11111111-1111-1111-1111-111111111111.westus3.azure.privatelinkservice";
pub(crate) const GROUP: &str =
    "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/Microsoft.Network";

type Answering = dyn Fn(&Request<Bytes>, usize) -> Answer + Send + Sync;

/// Answers by a function of the request and how many came before it, and remembers them all.
#[derive(Clone)]
pub(crate) struct Azure {
    answer: Arc<Answering>,
    seen: Arc<Mutex<Vec<Request<Bytes>>>>,
}

/// What comes back.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// A status, headers and a body.
    Said(u16, Vec<(&'static str, String)>, String),
    /// Nothing, though the request was taken.
    Lost,
}

impl Answer {
    pub(crate) fn said(status: u16, body: impl Into<String>) -> Self {
        Self::Said(status, Vec::new(), body.into())
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        if let Self::Said(_, headers, _) = &mut self {
            headers.push((name, value.into()));
        }
        self
    }
}

impl Azure {
    pub(crate) fn new(answer: impl Fn(&Request<Bytes>, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self { answer: Arc::new(answer), seen: Arc::default() }
    }

    /// Answers one after the other, the last one for ever.
    pub(crate) fn script(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Vec<Answer> = answers.into_iter().collect();
        Self::new(move |_, before| answers[before.min(answers.len() - 1)].clone())
    }

    pub(crate) fn seen(&self) -> Vec<Request<Bytes>> {
        self.seen.lock().unwrap().clone()
    }

    /// Method and path without query of all requests, the group's path shortened.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line =
            |request: &Request<Bytes>| format!("{} {}", request.method(), request.uri().path().replace(GROUP, "…"));
        self.seen().iter().map(line).collect()
    }

    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::over(self.clone(), SUBSCRIPTION.parse().unwrap())
            .token(TOKEN)
            .retry(RetryPolicy::default().jitter(|| 1.0))
            .clock(Arc::new(SystemClock::new()))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }
}

impl fmt::Debug for Azure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Azure")
    }
}

impl Transport for Azure {
    fn send(&self, request: Request<Bytes>, _: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let before = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        let answer = match (self.answer)(&request, before) {
            Answer::Said(status, headers, body) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(body.into()).unwrap())
            }
            Answer::Lost => Err(TransportError::new(Sent::Maybe, "the connection was reset")),
        };
        Box::pin(async move { answer })
    }
}

pub(crate) fn vnet() -> VirtualNetworkId {
    format!("{GROUP}/virtualNetworks/main").parse().unwrap()
}

pub(crate) fn subnet() -> SubnetId {
    vnet().subnet("data").unwrap()
}

pub(crate) fn endpoint_id() -> AzurePrivateEndpointId {
    format!("{GROUP}/privateEndpoints/orders").parse().unwrap()
}

pub(crate) fn alias() -> EndpointServiceId {
    ALIAS.parse().unwrap()
}

pub(crate) fn request() -> CreatePrivateEndpoint {
    CreatePrivateEndpoint::new(endpoint_id(), "westeurope".parse().unwrap(), subnet(), &alias()).unwrap()
}

/// An endpoint as Azure answers it.
pub(crate) fn endpoint(provisioning: &str, status: &str) -> String {
    serde_json::json!({
        "id": endpoint_id(), "name": "orders", "location": "westeurope", "etag": "W/\"1\"",
        "tags": {"Team": "data"},
        "properties": {
            "provisioningState": provisioning,
            "resourceGuid": "22222222-2222-2222-2222-222222222222",
            "subnet": {"id": subnet()},
            "ipVersionType": "IPv4",
            "networkInterfaces": [{"id": format!("{GROUP}/networkInterfaces/orders.nic.1")}],
            "privateLinkServiceConnections": [],
            "manualPrivateLinkServiceConnections": [{
                "name": "orders-conn",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateLinkServiceId": ALIAS,
                    "groupIds": [],
                    "requestMessage": "orders",
                    "privateLinkServiceConnectionState": {"status": status, "description": "", "actionsRequired": "None"}
                }
            }],
            "applicationSecurityGroups": [{"id": format!("{GROUP}/applicationSecurityGroups/db")}],
            "ipConfigurations": [],
            "customDnsConfigs": []
        }
    })
    .to_string()
}

pub(crate) fn is_get(request: &Request<Bytes>) -> bool {
    request.method() == Method::GET
}

/// Whether the request carries credentials.
pub(crate) fn has_credentials(request: &Request<Bytes>) -> bool {
    request.headers().contains_key("authorization")
}
