//! A whole world in memory for testing private connectivity: vendors, clouds, DNS and the data
//! path.

mod clock;
mod clouds;
mod log;
mod seed;
mod state;
mod transport;
mod vendors;
mod world;

pub use clock::SimClock;
pub use log::Request;
pub use transport::SimTransport;
pub use vendors::clickhouse::{
    ApiKey, CellSpec, ClickHouse, IdCase, KeySpec, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, OnStopped,
    OnUnknownField, Permission, ServiceSpec, Switches, Tier,
};
pub use world::{World, WorldBuilder};
