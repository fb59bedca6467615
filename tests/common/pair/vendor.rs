//! What the suites ask of a vendor.

use std::fmt;
use std::sync::Arc;

use privlink::core::side::DatabaseSide;
use privlink::core::{BoxFuture, EndpointServiceId, PrivateEndpointId};
use privlink_sim::World;
use serde_json::Value;

use super::cloud::Cloud;

/// A vendor's databases in the cloud that it is asked about.
pub(crate) trait Vendor: fmt::Debug + Sync {
    /// What the vendor is called in snapshots and in requests.
    fn name(&self) -> &'static str;

    /// Puts two more databases beside the seeded ones, where the world has not enough: one behind the
    /// first one's endpoint service, where the vendor has such, and one elsewhere.
    fn more_databases(&self, world: &World, cloud: &dyn Cloud);

    /// Makes whatever the vendor takes long for take one look or two.
    fn hurry(&self, world: &World);

    /// The `number`-th database.
    fn side(&self, world: &World, cloud: &dyn Cloud, number: usize) -> Arc<dyn DatabaseSide>;

    /// Somebody else of the same account brings about what has to be before an endpoint to the first
    /// database can be made.
    fn provide<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, ()>;

    /// The first database's endpoint service, as its side names it.
    fn service<'a>(&'a self, world: &'a World, cloud: &'a dyn Cloud) -> BoxFuture<'a, EndpointServiceId>;

    /// Somebody asks the vendor to look at its cloud, where it does so on request alone.
    fn hear<'a>(&'a self, _: &'a World, _: &'a dyn Cloud) -> BoxFuture<'a, ()> {
        Box::pin(async {})
    }

    /// How many endpoints the first database answers.
    fn answered(&self, world: &World, cloud: &dyn Cloud) -> usize;

    /// Somebody else lets an endpoint in to the first database.
    fn take_in<'a>(
        &'a self,
        world: &'a World,
        cloud: &'a dyn Cloud,
        endpoint: &'a PrivateEndpointId,
    ) -> BoxFuture<'a, ()>;

    /// Somebody else turns all endpoints of the first database away; the code of what that looks like
    /// from inside.
    fn turn_away(&self, world: &World, cloud: &dyn Cloud) -> &'static str;

    /// Takes out of its part of a snapshot what no removal takes back, as the plan of each says.
    fn forget(&self, world: &World, cloud: &dyn Cloud, snapshot: &mut Value);
}
