//! The simulated clouds, and the words they share with the rest of the world.

pub(crate) mod aws;
pub(crate) mod azure;
pub(crate) mod gcp;

use std::net::IpAddr;

use privlink_core::{DnsName, EndpointServiceId};

/// What the resolver of a network answers.
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
    /// A private zone says that it is another name, which public DNS answers.
    PublicAlias(DnsName),
    /// The network's resolver does not answer.
    Failed,
}

/// Where a connection from inside a network ends up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PathResult {
    /// At the vendor, through an endpoint.
    Endpoint(Through),
    /// Nowhere: nobody answers. The text says why.
    TimedOut(String),
    /// At something that refuses. The text says why.
    Refused(String),
    /// Out to the internet.
    Public,
}

/// An endpoint, as the vendor behind it meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Through {
    /// Its identities, as allow lists write them: the first is the one to show, any of them admits.
    pub(crate) ids: Vec<String>,
    /// The endpoint service it leads to.
    pub(crate) service: EndpointServiceId,
}

impl Through {
    /// The identity to show.
    pub(crate) fn id(&self) -> &str {
        self.ids.first().map_or("", String::as_str)
    }
}
