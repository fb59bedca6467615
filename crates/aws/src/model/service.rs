use std::collections::BTreeSet;

use privlink_core::{Region, Result, ZoneId};
use serde::{Deserialize, Serialize};

use super::{IpAddressType, VerificationState};
use crate::wire::xml::Element;

/// An endpoint service as its consumers see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceDetail {
    /// Its name.
    pub name: String,
    /// Its id, `vpce-svc-…`.
    pub id: Option<String>,
    /// `Interface`, `Gateway`, … as given.
    pub kinds: Vec<String>,
    /// The region it lives in, where AWS says so.
    pub region: Option<Region>,
    /// The zone ids it shares with this account; `None` when AWS gave none, which means unknown.
    pub zones: Option<BTreeSet<ZoneId>>,
    /// The zone names, as this account names them.
    pub zone_names: Vec<String>,
    /// Whose it is, as given.
    pub owner: Option<String>,
    /// Its private DNS names.
    pub private_dns_names: Vec<String>,
    /// Whether the vendor has proved that those are its own.
    pub verification: Option<VerificationState>,
    /// Whether the vendor accepts each endpoint itself.
    pub acceptance_required: Option<bool>,
    /// Which IP versions it supports.
    pub ip_address_types: Vec<IpAddressType>,
    /// Whether endpoint policies have any effect.
    pub policy_supported: Option<bool>,
}

impl ServiceDetail {
    /// A service of which only the name is known: for tests and doubles.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            id: None,
            kinds: Vec::new(),
            region: None,
            zones: None,
            zone_names: Vec::new(),
            owner: None,
            private_dns_names: Vec::new(),
            verification: None,
            acceptance_required: None,
            ip_address_types: Vec::new(),
            policy_supported: None,
        }
    }

    pub(crate) fn read(item: &Element) -> Result<Self> {
        let mut service = Self::new(item.required("serviceName")?);
        service.id = item.string("serviceId");
        service.kinds = item.list("serviceType").filter_map(|kind| kind.string("serviceType")).collect();
        service.region = item.text_of("serviceRegion").and_then(|region| region.parse().ok());
        let zones: BTreeSet<ZoneId> = item.ids("availabilityZoneIdSet").into_iter().collect();
        service.zones = (!zones.is_empty()).then_some(zones);
        service.zone_names = item.texts("availabilityZoneSet");
        service.owner = item.string("owner");
        let mut names: Vec<String> =
            item.list("privateDnsNameSet").filter_map(|name| name.string("privateDnsName")).collect();
        if let Some(name) = item.string("privateDnsName")
            && !names.contains(&name)
        {
            names.insert(0, name);
        }
        service.private_dns_names = names;
        service.verification = item.text_of("privateDnsNameVerificationState").map(Into::into);
        service.acceptance_required = item.boolean("acceptanceRequired");
        service.ip_address_types =
            item.texts("supportedIpAddressTypeSet").iter().map(|word| word.as_str().into()).collect();
        service.policy_supported = item.boolean("vpcEndpointPolicySupported");
        Ok(service)
    }
}
