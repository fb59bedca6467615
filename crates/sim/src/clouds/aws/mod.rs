//! Amazon Web Services: EC2, Route 53 and STS, VPC name resolution and the path of a packet.

use std::net::IpAddr;
use std::time::SystemTime;

use bytes::Bytes;
use privlink_core::{DnsName, Region, SubnetId, VpcEndpointId, VpcEndpointServiceName, VpcId, ZoneId};

/// Everything that exists in the simulated AWS.
#[derive(Clone, Debug, Default)]
pub(crate) struct AwsState {
    services: Vec<EndpointServiceDef>,
}

/// An endpoint service that a vendor offers.
#[derive(Clone, Debug)]
pub(crate) struct EndpointServiceDef {
    /// Its name.
    pub(crate) name: VpcEndpointServiceName,
    /// The region it is hosted in.
    pub(crate) region: Region,
    /// The zones its load balancer is in.
    pub(crate) zones: Vec<ZoneId>,
    /// The private DNS name its vendor has verified.
    pub(crate) private_dns_name: Option<DnsName>,
    /// Whether a new endpoint waits for the vendor.
    pub(crate) acceptance_required: bool,
    /// Whether endpoints of other regions may point at it.
    pub(crate) cross_region: bool,
}

/// What a VPC's resolver answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DnsAnswer {
    /// These addresses.
    Addresses(Vec<IpAddr>),
    /// A private zone says that there is no such name.
    NoSuchName,
    /// A private zone has the name, without an address.
    NoData,
    /// No private zone is asked: public DNS answers.
    Public,
    /// The VPC's resolver does not answer.
    Failed,
}

/// Where a connection from inside a VPC ends up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathResult {
    /// At the vendor, through this endpoint.
    Endpoint {
        /// The endpoint it went through.
        endpoint: VpcEndpointId,
        /// The endpoint service it leads to.
        service: VpcEndpointServiceName,
    },
    /// Nowhere: nobody answers. The text says why.
    TimedOut(String),
    /// At something that refuses. The text says why.
    Refused(String),
    /// Out to the internet.
    Public,
}

impl AwsState {
    /// Makes an endpoint service exist.
    pub(crate) fn offer_service(&mut self, service: EndpointServiceDef) {
        self.services.push(service);
    }

    /// The network of a subnet and the address of a client machine in it.
    pub(crate) fn locate(&self, _subnet: &SubnetId) -> Option<(VpcId, IpAddr)> {
        None
    }

    /// What the resolver of `vpc` answers for the addresses of `name`.
    pub(crate) fn resolve(&self, _now: SystemTime, _vpc: &VpcId, _name: &DnsName) -> DnsAnswer {
        DnsAnswer::Public
    }

    /// Where a connection of a client in `from` to `to` and `port` ends up.
    pub(crate) fn connect(&self, _now: SystemTime, _from: &SubnetId, to: IpAddr, port: u16) -> PathResult {
        PathResult::TimedOut(format!("nobody has the address {to}; port {port} was tried"))
    }

    /// The name of the operation that `request` asks for, and whether it writes.
    pub(crate) fn operation(_request: &http::Request<Bytes>) -> (String, bool) {
        ("Unknown".to_owned(), false)
    }

    /// Everything that exists, sorted.
    pub(crate) fn snapshot(&self) -> serde_json::Value {
        serde_json::json!({ "endpoint_services": self.services.iter().map(|s| s.name.as_str()).collect::<Vec<_>>() })
    }
}

/// Answers one request.
pub(crate) fn handle(
    _state: &mut AwsState,
    _now: SystemTime,
    _request: &http::Request<Bytes>,
) -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from_static(b"not found"));
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}
