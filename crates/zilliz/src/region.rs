//! The clusters of a project in a region: the database side of a link.

use std::collections::BTreeSet;

use privlink_core::PrivateDnsHostname;
use privlink_core::side::Confirmation;

use crate::{Client, ClusterId, EndpointId, Project, RegionId};

/// The Dedicated clusters of a project in a region, which one endpoint serves; made by [`Project::region`]. Cheap to
/// clone.
///
/// It is the database side of a link: see [`DatabaseSide`](privlink_core::side::DatabaseSide). A link
/// gives each cluster its record; a cluster that is made later gets it when the link is planned again.
#[derive(Clone, Debug)]
pub struct ProjectRegion {
    project: Project,
    region: RegionId,
    only: BTreeSet<ClusterId>,
    also_withdraw: Vec<EndpointId>,
    trusted_hosts: Vec<PrivateDnsHostname>,
    cross_region: Option<Confirmation>,
}

impl ProjectRegion {
    pub(crate) fn new(project: Project, region: RegionId) -> Self {
        let (only, also_withdraw, trusted_hosts) = (BTreeSet::new(), Vec::new(), Vec::new());
        Self { project, region, only, also_withdraw, trusted_hosts, cross_region: None }
    }

    /// The project.
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &RegionId {
        &self.region
    }

    /// Names these clusters alone; the endpoint serves the others all the same, without a record.
    ///
    /// The removal of such a link takes its records away and leaves the registration to the other clusters of the
    /// region that have a private address: take it back with a link of the whole region. Name the same clusters
    /// whenever the link is made: they are part of what it is known by.
    #[must_use]
    pub fn only(mut self, clusters: impl IntoIterator<Item = ClusterId>) -> Self {
        self.only.extend(clusters);
        self
    }

    /// Lets the removal of a link take this endpoint off the list too, although nothing proves it
    /// ours: an adopted one, or one that is already deleted.
    #[must_use]
    pub fn also_withdraw(mut self, endpoint: EndpointId) -> Self {
        self.also_withdraw.push(endpoint);
        self
    }

    /// Lets a link use this private host although it is outside the vendor's known names
    /// (`ZILLIZ-010`). Ask the vendor before you vouch for one.
    #[must_use]
    pub fn trust_private_host(mut self, host: PrivateDnsHostname) -> Self {
        self.trusted_hosts.push(host);
        self
    }

    /// Allows an endpoint in another AWS region than the clusters'. The vendor's support has to allow it first, which no
    /// call tells of: a step waits until you say that they have.
    ///
    /// ```
    /// # fn link(region: privlink_zilliz::ProjectRegion) {
    /// use privlink_core::side::Confirmation;
    ///
    /// let answered = Confirmation::new();
    /// let region = region.from_other_regions(answered.clone());
    /// // Once support has answered the ticket; in another process, `Confirmation::given()`.
    /// answered.give();
    /// # }
    /// ```
    #[must_use]
    pub fn from_other_regions(mut self, allowed: Confirmation) -> Self {
        self.cross_region = Some(allowed);
        self
    }

    /// The client it works with.
    #[must_use]
    pub fn client(&self) -> &Client {
        self.project.client()
    }

    /// Whether a link names this cluster.
    pub(crate) fn covers(&self, cluster: &ClusterId) -> bool {
        self.only.is_empty() || self.only.contains(cluster)
    }

    pub(crate) fn named(&self) -> &BTreeSet<ClusterId> {
        &self.only
    }

    pub(crate) fn withdrawn_on_request(&self) -> &[EndpointId] {
        &self.also_withdraw
    }

    pub(crate) fn trusted_hosts(&self) -> &[PrivateDnsHostname] {
        &self.trusted_hosts
    }

    pub(crate) fn ticket(&self) -> Option<&Confirmation> {
        self.cross_region.as_ref()
    }
}
