//! `Microsoft.Network`: private endpoints, and the networks they are in.

pub(crate) mod operations;

use bytes::Bytes;
use http::Response;
use privlink_core::transport::Operation;
use privlink_core::{AzurePrivateEndpointId, Pages, Result, SubscriptionId};

use self::operations::{
    CHANGE_PRIVATE_ENDPOINT, DELETE_JUST_READ, DELETE_PRIVATE_ENDPOINT, GET_NETWORK_INTERFACE,
    GET_NETWORK_SECURITY_GROUP, GET_PRIVATE_ENDPOINT, GET_SUBNET, GET_VIRTUAL_NETWORK, LIST_PRIVATE_ENDPOINTS,
    LIST_PRIVATE_ENDPOINTS_OF_SUBSCRIPTION, PUT_PRIVATE_ENDPOINT,
};
use crate::api::{Arm, Condition, Provider, found};
use crate::ids::{NetworkInterfaceId, NetworkSecurityGroupId, ResourceGroup, SubnetId, VirtualNetworkId};
use crate::lro::{self, Kind, LongRunning, OperationHandle};
use crate::model::{
    CreatePrivateEndpoint, NetworkInterface, NetworkSecurityGroup, PrivateEndpoint, Subnet, VirtualNetwork,
};

use crate::wire::{self, network};

const NETWORK: Provider = Provider::Network;

const ENDPOINT: Kind<PrivateEndpoint> = Kind {
    get: GET_PRIVATE_ENDPOINT,
    provider: NETWORK,
    read: |arm, path, response| {
        PrivateEndpoint::read(arm.read(&GET_PRIVATE_ENDPOINT, path, response)?, arm.version(NETWORK))
    },
    provisioning: |endpoint| endpoint.provisioning.as_ref(),
    deletes: false,
};
const NO_ENDPOINT: Kind<()> = lro::deletion(GET_PRIVATE_ENDPOINT, NETWORK);

/// The calls of `Microsoft.Network`; see [`Client::networking`](crate::Client::networking).
#[derive(Clone, Debug)]
pub struct Networking {
    arm: Arm,
    subscription: SubscriptionId,
}

impl Networking {
    pub(crate) fn new(arm: Arm, subscription: SubscriptionId) -> Self {
        Self { arm, subscription }
    }

    /// Makes a private endpoint, or changes what can change of one: tags, security groups and the
    /// request message. The whole of it is replaced; start from
    /// [`PrivateEndpoint::as_request`] to change one that is there.
    ///
    /// Azure compares such a change with nothing: what somebody else changed since the endpoint was
    /// read is lost. So it is sent at once and never a second time, not even after being asked to
    /// wait; read the endpoint again then, and again afterwards to see that the change has stayed.
    ///
    /// # Errors
    /// When it was refused; [`Problem::of`](crate::Problem::of) tells why. What fails later is the
    /// operation's own error.
    pub async fn put_private_endpoint(&self, request: &CreatePrivateEndpoint) -> Result<LongRunning<PrivateEndpoint>> {
        let path = request.id().as_str();
        let answer = match request.is_change() {
            true => self.arm.at_once(&CHANGE_PRIVATE_ENDPOINT, NETWORK, path, Some(request.body())).await?,
            false => self.arm.put(&PUT_PRIVATE_ENDPOINT, NETWORK, path, request.body(), Condition::None).await?,
        };
        LongRunning::begun(&self.arm, ENDPOINT, &PUT_PRIVATE_ENDPOINT, request.id().resource(), &answer)
    }

    /// A private endpoint, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn private_endpoint(&self, id: &AzurePrivateEndpointId) -> Result<Option<PrivateEndpoint>> {
        let version = self.arm.version(NETWORK).to_owned();
        let wire = found(self.arm.get(&GET_PRIVATE_ENDPOINT, NETWORK, id.as_str()).await)?;
        let read = wire.map(|wire| PrivateEndpoint::read(wire, &version)).transpose();
        read.map_err(|error| self.arm.told(&GET_PRIVATE_ENDPOINT, id.as_str(), error))
    }

    /// Deletes a private endpoint in whatever state; one that is gone is no error.
    ///
    /// # Errors
    /// When it was refused.
    pub async fn delete_private_endpoint(&self, id: &AzurePrivateEndpointId) -> Result<LongRunning<()>> {
        self.deleted(id, self.arm.delete(&DELETE_PRIVATE_ENDPOINT, NETWORK, id.as_str(), Condition::None).await?)
    }

    /// Deletes a private endpoint that was just read, at once or not at all: what was read of its
    /// tags is old by a second try.
    pub(crate) async fn delete_just_read(&self, id: &AzurePrivateEndpointId) -> Result<LongRunning<()>> {
        let answer = self.arm.at_once(&DELETE_JUST_READ, NETWORK, id.as_str(), None::<&()>).await;
        self.deleted(id, found(answer)?)
    }

    fn deleted(&self, id: &AzurePrivateEndpointId, answer: Option<Response<Bytes>>) -> Result<LongRunning<()>> {
        match answer {
            Some(answer) => {
                LongRunning::begun(&self.arm, NO_ENDPOINT, &DELETE_PRIVATE_ENDPOINT, id.resource(), &answer)
            }
            None => Ok(LongRunning::over(&self.arm, NO_ENDPOINT, ())),
        }
    }

    /// Takes the wait for a new or changed private endpoint up again, here or in another process.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when the handle is of something else.
    pub fn resume_private_endpoint(&self, handle: OperationHandle) -> Result<LongRunning<PrivateEndpoint>> {
        LongRunning::resumed(&self.arm, ENDPOINT, handle)
    }

    /// Takes the wait for the deletion of a private endpoint up again.
    ///
    /// # Errors
    /// As [`Networking::resume_private_endpoint`].
    pub fn resume_deletion(&self, handle: OperationHandle) -> Result<LongRunning<()>> {
        LongRunning::resumed(&self.arm, NO_ENDPOINT, handle)
    }

    /// The private endpoints of a resource group.
    pub fn private_endpoints_in(&self, group: &ResourceGroup) -> Pages<PrivateEndpoint> {
        let path = format!("{group}/providers/Microsoft.Network/privateEndpoints");
        self.private_endpoints_at(LIST_PRIVATE_ENDPOINTS, path)
    }

    /// The private endpoints of the client's subscription.
    pub fn private_endpoints(&self) -> Pages<PrivateEndpoint> {
        self.private_endpoints_of(self.subscription)
    }

    /// The private endpoints of a subscription, in whatever group.
    pub fn private_endpoints_of(&self, subscription: SubscriptionId) -> Pages<PrivateEndpoint> {
        let path = format!("/subscriptions/{subscription}/providers/Microsoft.Network/privateEndpoints");
        self.private_endpoints_at(LIST_PRIVATE_ENDPOINTS_OF_SUBSCRIPTION, path)
    }

    /// The same without those in groups whose names [`ResourceGroup`] does not take: they are somebody else's.
    pub(crate) fn legible_endpoints_of(&self, subscription: SubscriptionId) -> Pages<Option<PrivateEndpoint>> {
        let path = format!("/subscriptions/{subscription}/providers/Microsoft.Network/privateEndpoints");
        let version = self.arm.version(NETWORK).to_owned();
        self.arm.list(LIST_PRIVATE_ENDPOINTS_OF_SUBSCRIPTION, NETWORK, path, move |wire: network::PrivateEndpoint| {
            match wire::is_foreign_id(wire.id.as_deref()) {
                true => Ok(None),
                false => PrivateEndpoint::read(wire, &version).map(Some),
            }
        })
    }

    fn private_endpoints_at(&self, operation: Operation, path: String) -> Pages<PrivateEndpoint> {
        let version = self.arm.version(NETWORK).to_owned();
        self.arm.list(operation, NETWORK, path, move |wire| PrivateEndpoint::read(wire, &version))
    }

    /// A network interface, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn network_interface(&self, id: &NetworkInterfaceId) -> Result<Option<NetworkInterface>> {
        self.one(&GET_NETWORK_INTERFACE, id.as_str(), NetworkInterface::read).await
    }

    /// A virtual network with its subnets, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn virtual_network(&self, id: &VirtualNetworkId) -> Result<Option<VirtualNetwork>> {
        self.one(&GET_VIRTUAL_NETWORK, id.as_str(), VirtualNetwork::read).await
    }

    /// A subnet, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn subnet(&self, id: &SubnetId) -> Result<Option<Subnet>> {
        self.one(&GET_SUBNET, id.as_str(), Subnet::read).await
    }

    /// A network security group, or `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn network_security_group(&self, id: &NetworkSecurityGroupId) -> Result<Option<NetworkSecurityGroup>> {
        self.one(&GET_NETWORK_SECURITY_GROUP, id.as_str(), NetworkSecurityGroup::read).await
    }

    async fn one<W: serde::de::DeserializeOwned, T>(
        &self,
        operation: &Operation,
        path: &str,
        read: impl FnOnce(W) -> Result<T>,
    ) -> Result<Option<T>> {
        let wire = found(self.arm.get(operation, NETWORK, path).await)?;
        let read = wire.map(read).transpose();
        read.map_err(|error| self.arm.told(operation, path, error))
    }
}
