//! Databases of vendors that the world does not simulate, behind endpoint services that it does.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use privlink_core::{DnsName, EndpointServiceId};

use crate::World;
use crate::clouds::Through;
use crate::clouds::aws::EndpointServiceDef;
use crate::vendors::clickhouse::{Admission, region_zones};

/// Whether a vendor lets an endpoint in, by its id as allow lists write it.
type Admits = Arc<dyn Fn(&str) -> bool + Send + Sync>;

/// The databases of vendors that the world does not know, by their private hosts.
#[derive(Clone, Default)]
pub(crate) struct Doors(BTreeMap<DnsName, Door>);

#[derive(Clone)]
struct Door {
    service: EndpointServiceId,
    admits: Admits,
}

impl World {
    /// Puts a database of a vendor that the world does not know behind an endpoint service, which
    /// comes to be in its cloud: what the other half of a link is tried with.
    ///
    /// A TLS client that names `host` and comes through an endpoint to `service` is served where
    /// `admits` says yes to the endpoint's id as allow lists write it, of whatever form: on AWS
    /// `vpce-…`, on Azure the resource id or the GUID, on Google Cloud the connection id. The
    /// ports are the ones the world knows: 443 and 8443 (HTTPS), 9440 and 3306. On Azure a
    /// connection is approved for an endpoint that is let in; elsewhere it is accepted at once.
    ///
    /// `admits` is asked while the world is locked, so it must not ask the world itself.
    ///
    /// ```
    /// use std::sync::atomic::{AtomicBool, Ordering};
    /// use std::sync::Arc;
    ///
    /// let world = privlink_sim::World::new();
    /// let open = Arc::new(AtomicBool::new(false));
    /// let asked = Arc::clone(&open);
    /// let service = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse()?;
    /// world.publish_database("orchard.example.com".parse()?, service, move |_| asked.load(Ordering::Relaxed));
    /// open.store(true, Ordering::Relaxed);
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub fn publish_database(
        &self,
        host: DnsName,
        service: EndpointServiceId,
        admits: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) {
        let mut shared = self.lock();
        let state = &mut shared.state;
        match &service {
            EndpointServiceId::Aws(name) => {
                state.aws.offer_service(EndpointServiceDef::new(name.clone(), region_zones(&name.region())));
            }
            EndpointServiceId::AzureAlias(alias) => state.azure.offer_service(alias.clone()),
            EndpointServiceId::Gcp(attachment) => state.gcp.offer_attachment(attachment, None, true),
            // Nothing else is handed out to consumers.
            _ => {}
        }
        state.doors.0.insert(host, Door { service, admits: Arc::new(admits) });
    }
}

impl Doors {
    /// Whether a TLS client that comes `through` an endpoint and names `sni` is served; `None` when
    /// no door has that name.
    pub(crate) fn admit(&self, through: &Through, sni: &DnsName) -> Option<Admission> {
        let door = self.0.get(sni)?;
        Some(if door.service != through.service {
            Admission::Reset(format!("{sni} is not behind {}", through.service))
        } else if !through.ids.iter().any(|id| (door.admits)(id)) {
            Admission::Reset(format!("{} is not let in at {sni}", through.id()))
        } else {
            Admission::Served
        })
    }

    /// Whether a database behind an endpoint service lets in an endpoint of these identities.
    pub(crate) fn knows(&self, service: &str, ids: &[String]) -> bool {
        let behind = self.0.values().filter(|door| door.service.as_str() == service);
        behind.into_iter().any(|door| ids.iter().any(|id| (door.admits)(id)))
    }
}

impl fmt::Debug for Doors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
