//! Cloud DNS's operations, declared once: the API's own name, and whether each may run twice.

use privlink_core::transport::Operation;

pub(crate) const ZONES_LIST: Operation = Operation::read("dns.managedZones.list");
pub(crate) const ZONES_GET: Operation = Operation::read("dns.managedZones.get");
/// Its name is unique, but whose the one is that is there must be looked at.
pub(crate) const ZONES_CREATE: Operation = Operation::once("dns.managedZones.create");
/// The whole list of networks is sent, so that a second time changes nothing.
pub(crate) const ZONES_PATCH: Operation = Operation::idempotent("dns.managedZones.patch");
pub(crate) const ZONES_DELETE: Operation = Operation::idempotent("dns.managedZones.delete");
pub(crate) const RECORDS_LIST: Operation = Operation::read("dns.resourceRecordSets.list");
pub(crate) const RECORDS_GET: Operation = Operation::read("dns.resourceRecordSets.get");
pub(crate) const RECORDS_CREATE: Operation = Operation::once("dns.resourceRecordSets.create");
pub(crate) const RECORDS_PATCH: Operation = Operation::idempotent("dns.resourceRecordSets.patch");
pub(crate) const RECORDS_DELETE: Operation = Operation::idempotent("dns.resourceRecordSets.delete");
/// A second time what it deletes is gone and what it adds is there, so it fails.
pub(crate) const CHANGES_CREATE: Operation = Operation::once("dns.changes.create");
pub(crate) const CHANGES_GET: Operation = Operation::read("dns.changes.get");

/// All of them, for checks against the official document.
pub(crate) const ALL: [Operation; 12] = [
    ZONES_LIST,
    ZONES_GET,
    ZONES_CREATE,
    ZONES_PATCH,
    ZONES_DELETE,
    RECORDS_LIST,
    RECORDS_GET,
    RECORDS_CREATE,
    RECORDS_PATCH,
    RECORDS_DELETE,
    CHANGES_CREATE,
    CHANGES_GET,
];
