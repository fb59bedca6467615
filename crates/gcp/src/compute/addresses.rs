use std::collections::BTreeMap;
use std::net::IpAddr;

use http::Method;
use privlink_core::{Pages, Region, Result};
use uuid::Uuid;

use super::Compute;
use super::operations::{ADDRESSES_DELETE, ADDRESSES_GET, ADDRESSES_INSERT, ADDRESSES_LIST};
use crate::api::Call;
use crate::ids::{AddressName, SubnetworkPath};
use crate::model::{Address, Operation};
use crate::wire::compute as wire;

/// An internal address to reserve.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InsertAddress {
    /// The name.
    pub name: AddressName,
    /// The subnetwork it is taken from; of a Shared VPC, the host project's.
    pub subnetwork: SubnetworkPath,
    /// The description; it never changes.
    pub description: Option<String>,
    /// The address wanted; Google chooses one otherwise.
    pub address: Option<IpAddr>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Tells Google that two requests are one; made up for each call unless set.
    pub request_id: Option<Uuid>,
}

impl InsertAddress {
    /// An address of `subnetwork`.
    #[must_use]
    pub fn new(name: AddressName, subnetwork: SubnetworkPath) -> Self {
        Self { name, subnetwork, description: None, address: None, labels: BTreeMap::new(), request_id: None }
    }
}

impl Compute {
    /// The reserved addresses of a region.
    pub fn addresses(&self, region: &Region) -> Pages<Address> {
        self.list(ADDRESSES_LIST, &self.regional(region, "addresses", None), Address::read)
    }

    /// One reserved address, or `None` when there is none of this name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn address(&self, region: &Region, name: &AddressName) -> Result<Option<Address>> {
        let path = self.regional(region, "addresses", Some(name.as_str()));
        let call = Call::new(&ADDRESSES_GET, Method::GET, path.join("/"), path);
        self.api.find(call, Address::read).await
    }

    /// Begins to reserve an address.
    ///
    /// # Errors
    /// [`Problem::of`](crate::Problem::of) tells what is wrong:
    /// [`Exists`](crate::Problem::Exists), [`Quota`](crate::Problem::Quota), ….
    pub async fn insert_address(&self, region: &Region, address: &InsertAddress) -> Result<Operation> {
        let path = self.regional(region, "addresses", None);
        let resource = format!("{}/{}", path.join("/"), address.name);
        let subnetwork = address.subnetwork.as_str();
        let body = wire::InsertAddress {
            name: address.name.as_str(),
            description: address.description.as_deref(),
            address_type: "INTERNAL",
            subnetwork,
            address: address.address.map(|address| address.to_string()),
            labels: (!address.labels.is_empty()).then_some(&address.labels),
        };
        let call = Call::new(&ADDRESSES_INSERT, Method::POST, resource, path);
        self.write(call, address.request_id.unwrap_or_else(Uuid::new_v4), &body).await
    }

    /// Begins to release an address; one that is gone is `None`.
    ///
    /// # Errors
    /// [`Problem::InUse`](crate::Problem::InUse) while a forwarding rule uses it.
    pub async fn delete_address(&self, region: &Region, name: &AddressName) -> Result<Option<Operation>> {
        let path = self.regional(region, "addresses", Some(name.as_str()));
        self.delete(Call::new(&ADDRESSES_DELETE, Method::DELETE, path.join("/"), path)).await
    }
}
