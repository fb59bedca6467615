//! Which operation a request asks for.

use http::Method;
use percent_encoding::percent_decode_str;

/// One of the two APIs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    Compute,
    Dns,
}

impl Api {
    pub(super) fn of(path: &str) -> Self {
        if path.starts_with("/dns/") { Self::Dns } else { Self::Compute }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Compute => "compute",
            Self::Dns => "dns",
        }
    }

    pub(super) fn service(self) -> &'static str {
        match self {
            Self::Compute => "compute.googleapis.com",
            Self::Dns => "dns.googleapis.com",
        }
    }
}

/// An operation, under the name of the API's own document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    AddressInsert,
    AddressGet,
    AddressList,
    AddressDelete,
    AddressSetLabels,
    RuleInsert,
    RuleGet,
    RuleList,
    RulePatch,
    RuleDelete,
    RuleSetLabels,
    RuleSetTarget,
    RegionOperationGet,
    RegionOperationList,
    RegionOperationWait,
    SubnetGet,
    SubnetList,
    NetworkGet,
    NetworkList,
    FirewallGet,
    FirewallList,
    ProjectGet,
    ZoneCreate,
    ZoneGet,
    ZoneList,
    ZonePatch,
    ZoneDelete,
    RecordCreate,
    RecordGet,
    RecordList,
    RecordPatch,
    RecordDelete,
    ChangeCreate,
    ChangeGet,
    ChangeList,
}

use Operation as O;

/// Method, path behind `/<api>/v1/projects/{project}`, operation and its name. In a path `{}`
/// stands for a parameter.
const ROUTES: &[(Api, Method, &str, Operation, &str)] = &[
    (Api::Compute, Method::POST, "regions/{}/addresses", O::AddressInsert, "compute.addresses.insert"),
    (Api::Compute, Method::GET, "regions/{}/addresses", O::AddressList, "compute.addresses.list"),
    (Api::Compute, Method::GET, "regions/{}/addresses/{}", O::AddressGet, "compute.addresses.get"),
    (Api::Compute, Method::DELETE, "regions/{}/addresses/{}", O::AddressDelete, "compute.addresses.delete"),
    (
        Api::Compute,
        Method::POST,
        "regions/{}/addresses/{}/setLabels",
        O::AddressSetLabels,
        "compute.addresses.setLabels",
    ),
    (Api::Compute, Method::POST, "regions/{}/forwardingRules", O::RuleInsert, "compute.forwardingRules.insert"),
    (Api::Compute, Method::GET, "regions/{}/forwardingRules", O::RuleList, "compute.forwardingRules.list"),
    (Api::Compute, Method::GET, "regions/{}/forwardingRules/{}", O::RuleGet, "compute.forwardingRules.get"),
    (Api::Compute, Method::PATCH, "regions/{}/forwardingRules/{}", O::RulePatch, "compute.forwardingRules.patch"),
    (Api::Compute, Method::DELETE, "regions/{}/forwardingRules/{}", O::RuleDelete, "compute.forwardingRules.delete"),
    (
        Api::Compute,
        Method::POST,
        "regions/{}/forwardingRules/{}/setLabels",
        O::RuleSetLabels,
        "compute.forwardingRules.setLabels",
    ),
    (
        Api::Compute,
        Method::POST,
        "regions/{}/forwardingRules/{}/setTarget",
        O::RuleSetTarget,
        "compute.forwardingRules.setTarget",
    ),
    (Api::Compute, Method::GET, "regions/{}/operations", O::RegionOperationList, "compute.regionOperations.list"),
    (Api::Compute, Method::GET, "regions/{}/operations/{}", O::RegionOperationGet, "compute.regionOperations.get"),
    (
        Api::Compute,
        Method::POST,
        "regions/{}/operations/{}/wait",
        O::RegionOperationWait,
        "compute.regionOperations.wait",
    ),
    (Api::Compute, Method::GET, "regions/{}/subnetworks", O::SubnetList, "compute.subnetworks.list"),
    (Api::Compute, Method::GET, "regions/{}/subnetworks/{}", O::SubnetGet, "compute.subnetworks.get"),
    (Api::Compute, Method::GET, "global/networks", O::NetworkList, "compute.networks.list"),
    (Api::Compute, Method::GET, "global/networks/{}", O::NetworkGet, "compute.networks.get"),
    (Api::Compute, Method::GET, "global/firewalls", O::FirewallList, "compute.firewalls.list"),
    (Api::Compute, Method::GET, "global/firewalls/{}", O::FirewallGet, "compute.firewalls.get"),
    (Api::Dns, Method::GET, "", O::ProjectGet, "dns.projects.get"),
    (Api::Dns, Method::POST, "managedZones", O::ZoneCreate, "dns.managedZones.create"),
    (Api::Dns, Method::GET, "managedZones", O::ZoneList, "dns.managedZones.list"),
    (Api::Dns, Method::GET, "managedZones/{}", O::ZoneGet, "dns.managedZones.get"),
    (Api::Dns, Method::PATCH, "managedZones/{}", O::ZonePatch, "dns.managedZones.patch"),
    (Api::Dns, Method::DELETE, "managedZones/{}", O::ZoneDelete, "dns.managedZones.delete"),
    (Api::Dns, Method::POST, "managedZones/{}/rrsets", O::RecordCreate, "dns.resourceRecordSets.create"),
    (Api::Dns, Method::GET, "managedZones/{}/rrsets", O::RecordList, "dns.resourceRecordSets.list"),
    (Api::Dns, Method::GET, "managedZones/{}/rrsets/{}/{}", O::RecordGet, "dns.resourceRecordSets.get"),
    (Api::Dns, Method::PATCH, "managedZones/{}/rrsets/{}/{}", O::RecordPatch, "dns.resourceRecordSets.patch"),
    (Api::Dns, Method::DELETE, "managedZones/{}/rrsets/{}/{}", O::RecordDelete, "dns.resourceRecordSets.delete"),
    (Api::Dns, Method::POST, "managedZones/{}/changes", O::ChangeCreate, "dns.changes.create"),
    (Api::Dns, Method::GET, "managedZones/{}/changes", O::ChangeList, "dns.changes.list"),
    (Api::Dns, Method::GET, "managedZones/{}/changes/{}", O::ChangeGet, "dns.changes.get"),
];

/// A request that was understood.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) api: Api,
    pub(super) operation: Operation,
    pub(super) name: &'static str,
    pub(super) project: String,
    /// The parameters of the path behind the project, decoded.
    pub(super) rest: Vec<String>,
}

impl Route {
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let api = Api::of(path);
        let behind = path.strip_prefix(&format!("/{}/v1/projects/", api.name()))?;
        // Cut first and decode then: a decoded slash belongs to its segment.
        let mut segments = behind.split('/').map(|segment| percent_decode_str(segment).decode_utf8().ok());
        let project = segments.next()??.into_owned();
        let segments = segments.collect::<Option<Vec<_>>>()?;
        ROUTES.iter().filter(|(own, verb, ..)| *own == api && verb == method).find_map(
            |(.., pattern, operation, name)| {
                let wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
                let fits = wanted.len() == segments.len()
                    && wanted
                        .iter()
                        .zip(&segments)
                        .all(|(part, found)| *part == "{}" && !found.is_empty() || part == found);
                fits.then(|| Self {
                    api,
                    operation: *operation,
                    name,
                    project: project.clone(),
                    rest: wanted
                        .iter()
                        .zip(&segments)
                        .filter(|(part, _)| **part == "{}")
                        .map(|(_, found)| found.clone().into_owned())
                        .collect(),
                })
            },
        )
    }

    /// Whether it changes anything: a wait does not, though it is a POST.
    pub(super) fn writes(&self, method: &Method) -> bool {
        *method != Method::GET && self.operation != O::RegionOperationWait
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_cut_before_it_is_decoded() {
        let path = "/dns/v1/projects/example-project/managedZones/z/rrsets/%2A.example.com./A";
        let route = Route::of(&Method::DELETE, path).unwrap();
        assert_eq!(
            (route.operation, route.rest),
            (O::RecordDelete, ["z", "*.example.com.", "A"].map(str::to_owned).to_vec())
        );
        assert_eq!(route.name, "dns.resourceRecordSets.delete");
        let slash = "/compute/v1/projects/example-project/regions/us-central1/addresses/a%2Fb";
        assert_eq!(Route::of(&Method::GET, slash).unwrap().rest[1], "a/b");
    }

    #[test]
    fn what_is_no_operation_is_none() {
        for (method, path) in [
            (Method::GET, "/compute/v1/projects/example-project/regions/us-central1"),
            (Method::PUT, "/compute/v1/projects/example-project/regions/us-central1/addresses/a"),
            (Method::GET, "/compute/v1/projects/example-project/regions/us-central1/addresses/"),
            (Method::GET, "/compute/beta/projects/example-project/global/networks"),
            (Method::GET, "/dns/v1"),
        ] {
            assert!(Route::of(&method, path).is_none(), "{method} {path}");
        }
        assert_eq!(Route::of(&Method::GET, "/dns/v1/projects/example-project").unwrap().operation, O::ProjectGet);
    }
}
