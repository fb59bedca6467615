//! The API's operations by the names of its document, with whether each may run twice.
//!
//! Source: the vendor's REST reference, control plane v2, and its Terraform provider, read 2026-11.

use privlink_core::transport::Operation;

pub(crate) const CLOUDS: Operation = Operation::read("listClouds");
pub(crate) const REGIONS: Operation = Operation::read("listRegions");
pub(crate) const PROJECTS: Operation = Operation::read("listProjects");
pub(crate) const PROJECT: Operation = Operation::read("describeProject");
pub(crate) const CLUSTERS: Operation = Operation::read("listClusters");
pub(crate) const CLUSTER: Operation = Operation::read("describeCluster");
pub(crate) const SERVICES: Operation = Operation::read("listPrivateEndpointServices");
pub(crate) const ENDPOINTS: Operation = Operation::read("listPrivateEndpoints");
/// What a repeat of an id that is registered comes to is not documented, so a lost answer is looked
/// at first.
pub(crate) const REGISTER: Operation = Operation::once("createPrivateEndpoint");
/// What a second one comes to is not documented; whatever it is, the list says whether it is gone.
pub(crate) const DEREGISTER: Operation = Operation::idempotent("deletePrivateEndpoint");
/// A set that is only added to.
pub(crate) const WHITELIST: Operation = Operation::idempotent("addPrivateEndpointWhitelistEntry");
/// Known from the vendor's Terraform provider alone (pull request 233); the cluster says how it stands.
pub(crate) const DISABLE_PUBLIC: Operation = Operation::once("disableConnectAddress");
pub(crate) const ENABLE_PUBLIC: Operation = Operation::once("enableConnectAddress");
