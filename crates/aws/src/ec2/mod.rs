//! EC2: VPCs, subnets, security groups and VPC endpoints.

mod endpoints;
mod filter;
mod groups;
mod network;
pub(crate) mod operations;
mod waits;

pub use endpoints::{CreateVpcEndpoint, ModifyVpcEndpoint, SubnetAddress};
pub use filter::Filter;
use privlink_core::transport::Operation;
use privlink_core::{Page, Pages, Result};

use crate::api::Api;
use crate::model::Tag;
use crate::wire::query::Form;
use crate::wire::xml::Element;

/// EC2 in one region. Cheap to clone.
///
/// ```
/// use privlink_aws::{CreateVpcEndpoint, Filter, IpPermission, PermissionSource, Tag, VpcEndpointState};
/// use privlink_core::side::PortRange;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = privlink_sim::World::new();
/// # let key = world.aws().key();
/// # let keys = privlink_aws::Credentials::new(key.id, key.secret);
/// # let client = privlink_aws::Client::over(world.transport(), world.aws().region()).clock(world.clock()).credentials(keys).build()?;
/// # let service = world.clickhouse().endpoint_service(world.clickhouse().service_id()).unwrap().as_str().parse()?;
/// # let (vpc, subnets) = (world.aws().vpc_id(), world.aws().subnet_ids());
/// let ec2 = client.ec2();
/// let group = ec2.create_security_group(&vpc, "database", "clients of the database", &[]).await?;
/// let clients = PermissionSource::Range("10.0.0.0/16".parse()?);
/// ec2.authorize_ingress(&group, &IpPermission::tcp(PortRange::single(8443), clients)).await?;
///
/// let mut endpoint = CreateVpcEndpoint::new(vpc.clone(), service, "token-1", vec![subnets[0].clone()], vec![group]);
/// endpoint.tags.push(Tag::new("team", "data"));
/// let made = ec2.create_vpc_endpoint(&endpoint).await?;
/// assert_eq!(ec2.create_vpc_endpoint(&endpoint).await?.id, made.id, "the token tells that it is the same");
///
/// // A new endpoint may stay invisible for a moment, and takes a while to be built.
/// let seen = ec2.vpc_endpoints(Filter::new().vpc(&vpc).tag("team", "data")).all().await?;
/// assert!(seen.iter().all(|endpoint| !endpoint.state.is_dead()));
/// ec2.delete_vpc_endpoint(&made.id).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Ec2 {
    api: Api,
}

impl Ec2 {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    /// Adds or replaces tags of EC2 resources of any kind.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](privlink_core::ErrorKind::NotFound) when a resource does not exist.
    pub async fn create_tags<T: AsRef<str>>(&self, resources: &[T], tags: &[Tag]) -> Result<()> {
        let mut form = Form::new(operations::CREATE_TAGS.name, operations::VERSION);
        form.list("ResourceId", resources);
        form.tags("Tag", tags);
        self.api.query(&operations::CREATE_TAGS, &joined(resources), form).await.map(drop)
    }

    /// Takes tags away, whatever their value. A tag that is not there is no error.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](privlink_core::ErrorKind::NotFound) when a resource does not exist.
    pub async fn delete_tags<T: AsRef<str>>(&self, resources: &[T], keys: &[&str]) -> Result<()> {
        let mut form = Form::new(operations::DELETE_TAGS.name, operations::VERSION);
        form.list("ResourceId", resources);
        for (place, key) in keys.iter().enumerate() {
            form.set(&format!("Tag.{}.Key", place + 1), key);
        }
        self.api.query(&operations::DELETE_TAGS, &joined(resources), form).await.map(drop)
    }

    /// Any other EC2 operation: `parameters` go onto the wire as they are, after `Action` and
    /// `Version`. The answer's XML comes back unread.
    ///
    /// # Errors
    /// When the call failed; error bodies are read like those of every other call.
    pub async fn request(
        &self,
        operation: &Operation,
        parameters: &[(&str, &str)],
    ) -> Result<http::Response<bytes::Bytes>> {
        let mut form = Form::new(operation.name, operations::VERSION);
        for (name, value) in parameters {
            form.set(name, value);
        }
        self.api.query_raw(operation, "", form).await
    }

    pub(crate) fn base(&self) -> &str {
        self.api.base()
    }

    /// A paged describe call: `set` is the list in the answer, `read` reads one item of it.
    fn describe<T: Send + 'static>(
        &self,
        operation: Operation,
        filter: Filter,
        id_parameter: &'static str,
        set: &'static str,
        read: fn(&Element) -> Result<T>,
    ) -> Pages<T> {
        let api = self.api.clone();
        Pages::new(move |token: Option<String>| {
            let form = filter.form(operation.name, id_parameter, token.as_deref());
            let (api, resource) = (api.clone(), filter.resource());
            async move {
                let answer = api.query(&operation, &resource, form).await?;
                let items = answer.list(set).map(|item| read(item).map_err(|error| api.tell(&operation, error)));
                Ok(Page::new(items, answer.string("nextToken")))
            }
        })
    }
}

fn joined<T: AsRef<str>>(resources: &[T]) -> String {
    resources.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(",")
}
