//! Route 53: private hosted zones and their record sets.

pub(crate) mod operations;
mod records;
mod zones;

use crate::api::Api;

/// Route 53 of one partition. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Route53 {
    api: Api,
}

impl Route53 {
    pub(crate) fn new(api: Api) -> Self {
        Self { api }
    }

    pub(crate) fn base(&self) -> &str {
        self.api.base()
    }
}

/// The path of a zone.
fn zone_path(id: &privlink_core::HostedZoneId) -> String {
    format!("/{}/hostedzone/{id}", operations::VERSION)
}
