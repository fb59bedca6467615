//! Compute Engine's operations, declared once: the API's own name, and whether each may run twice.
//!
//! Every write carries a `requestId` that is the same for all attempts of one call, so that
//! Google does it once however often it comes.

use privlink_core::transport::Operation;

pub(crate) const NETWORKS_GET: Operation = Operation::read("compute.networks.get");
pub(crate) const NETWORKS_LIST: Operation = Operation::read("compute.networks.list");
pub(crate) const SUBNETWORKS_GET: Operation = Operation::read("compute.subnetworks.get");
pub(crate) const SUBNETWORKS_LIST: Operation = Operation::read("compute.subnetworks.list");
pub(crate) const FIREWALLS_LIST: Operation = Operation::read("compute.firewalls.list");
pub(crate) const ADDRESSES_GET: Operation = Operation::read("compute.addresses.get");
pub(crate) const ADDRESSES_LIST: Operation = Operation::read("compute.addresses.list");
pub(crate) const ADDRESSES_INSERT: Operation = Operation::idempotent("compute.addresses.insert");
pub(crate) const ADDRESSES_DELETE: Operation = Operation::idempotent("compute.addresses.delete");
pub(crate) const RULES_GET: Operation = Operation::read("compute.forwardingRules.get");
pub(crate) const RULES_LIST: Operation = Operation::read("compute.forwardingRules.list");
pub(crate) const RULES_INSERT: Operation = Operation::idempotent("compute.forwardingRules.insert");
pub(crate) const RULES_PATCH: Operation = Operation::idempotent("compute.forwardingRules.patch");
pub(crate) const RULES_DELETE: Operation = Operation::idempotent("compute.forwardingRules.delete");
pub(crate) const RULES_SET_LABELS: Operation = Operation::idempotent("compute.forwardingRules.setLabels");
pub(crate) const OPERATIONS_GET: Operation = Operation::read("compute.regionOperations.get");
/// A `POST` that changes nothing.
pub(crate) const OPERATIONS_WAIT: Operation = Operation::read("compute.regionOperations.wait");

/// All of them, for checks against the official document.
pub(crate) const ALL: [Operation; 17] = [
    NETWORKS_GET,
    NETWORKS_LIST,
    SUBNETWORKS_GET,
    SUBNETWORKS_LIST,
    FIREWALLS_LIST,
    ADDRESSES_GET,
    ADDRESSES_LIST,
    ADDRESSES_INSERT,
    ADDRESSES_DELETE,
    RULES_GET,
    RULES_LIST,
    RULES_INSERT,
    RULES_PATCH,
    RULES_DELETE,
    RULES_SET_LABELS,
    OPERATIONS_GET,
    OPERATIONS_WAIT,
];
