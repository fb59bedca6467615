//! Compute Engine: networks, addresses, forwarding rules, operations.

mod addresses;
mod networks;
pub(crate) mod operations;
mod rules;
mod waits;

use http::Method;
use privlink_core::transport::Operation as Declared;
use privlink_core::{Pages, ProjectId, Region, Result};
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub use self::addresses::InsertAddress;
pub use self::rules::InsertForwardingRule;
use crate::api::{Api, Call, page};
use crate::model::Operation;
use crate::wire::compute as wire;

/// Compute Engine in one project.
///
/// Inserts, patches and deletes answer with an [`Operation`]; [`Compute::finished`] waits for
/// its end, and only then does the thing itself tell.
#[derive(Clone, Debug)]
pub struct Compute {
    api: Api,
    project: ProjectId,
}

impl Compute {
    pub(crate) fn new(api: Api, project: ProjectId) -> Self {
        Self { api, project }
    }

    /// The same in another project, with the same credentials: the host of a Shared VPC.
    #[must_use]
    pub fn of(&self, project: &ProjectId) -> Self {
        Self { api: self.api.clone(), project: project.clone() }
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &ProjectId {
        &self.project
    }

    /// `projects/<project>/regions/<region>/<collection>[/<name>]`.
    fn regional<'a>(&'a self, region: &'a Region, collection: &'a str, name: Option<&'a str>) -> Vec<&'a str> {
        let mut path = vec!["projects", self.project.as_str(), "regions", region.as_str(), collection];
        path.extend(name);
        path
    }

    /// A list of which every page is asked for by `operation`.
    fn list<W, T>(&self, operation: Declared, path: &[&str], read: fn(W) -> Result<T>) -> Pages<T>
    where
        W: DeserializeOwned + Send + 'static,
        T: Send + 'static,
    {
        let api = self.api.clone();
        let path: Vec<String> = path.iter().map(|&part| part.to_owned()).collect();
        Pages::new(move |token| {
            let (api, path) = (api.clone(), path.clone());
            async move {
                let segments: Vec<&str> = path.iter().map(String::as_str).collect();
                let call = Call::new(&operation, Method::GET, path.join("/"), segments).page(token);
                let list: wire::List<W> = api.read(&call).await?;
                Ok(page(list.items, list.next_page_token, |wire| api.told(&call, read(wire))))
            }
        })
    }

    /// A write of one resource, answered with an operation that has not failed so far.
    async fn write(&self, call: Call<'_>, request_id: Uuid, body: &impl serde::Serialize) -> Result<Operation> {
        let call = call.query("requestId", request_id.to_string());
        let operation = self.api.send(&call, body, Operation::read).await?;
        self.api.told(&call, operation.or_failure())
    }

    /// A deletion; what is gone is `None`.
    async fn delete(&self, call: Call<'_>) -> Result<Option<Operation>> {
        let call = call.query("requestId", Uuid::new_v4().to_string());
        self.api.find(call, begun).await
    }

    /// A deletion of what was just looked at, which is never repeated by itself.
    async fn delete_just_read(&self, call: Call<'_>) -> Result<Option<Operation>> {
        let call = call.query("requestId", Uuid::new_v4().to_string());
        self.api.find_at_once(call, begun).await
    }
}

/// An operation that has not failed so far.
fn begun(wire: wire::Operation) -> Result<Operation> {
    Operation::read(wire)?.or_failure()
}
