//! How each vendor's database is linked, and what can be wrong at the vendor.

pub(crate) mod aiven;
pub(crate) mod clickhouse;
pub(crate) mod cockroach;
pub(crate) mod zilliz;

use std::fmt;

use privlink::Link;
use privlink::core::CloudProvider;
use privlink_sim::World;

use crate::common::pair::Pair;
use crate::{Cause, Staging};

/// A vendor in a simulated world.
pub(crate) trait Vendor: fmt::Debug + Sync {
    /// What it is called.
    fn name(&self) -> &'static str;

    /// Makes whatever it takes long for take one look or two.
    fn prepare(&self, world: &World);

    /// A link to its database in a cloud, of the kind that the cause takes.
    fn link(&self, pair: &'static Pair, world: &World, cause: Cause) -> Link;

    /// How a cause comes about at the vendor; `None` where it is the cloud's.
    fn stage(&self, cause: Cause, cloud: CloudProvider) -> Option<Staging>;
}

/// All of them.
pub(crate) const VENDORS: [&dyn Vendor; 4] = [clickhouse::VENDOR, cockroach::VENDOR, aiven::VENDOR, zilliz::VENDOR];
