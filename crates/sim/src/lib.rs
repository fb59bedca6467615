//! A whole world in memory for testing private connectivity: vendors, clouds, DNS and the data
//! path.

mod aws;
mod clock;
mod clouds;
pub mod contract;
mod deliver;
mod fault;
mod log;
mod path;
mod seed;
mod serve;
mod state;
mod transport;
mod vantage;
mod vendors;
mod world;

pub use aws::{Aws, AwsEndpoint, AwsKey};
pub use clock::SimClock;
pub use clouds::aws::Behaviour as AwsSwitches;
pub use fault::{FaultBuilder, FaultHandle, Faults};
pub use log::Request;
pub use serve::Server;
pub use transport::SimTransport;
pub use vantage::SimVantage;
pub use vendors::clickhouse::{
    ApiKey, CellSpec, ClickHouse, IdCase, KeySpec, OnAbsent, OnAttached, OnBasicTier, OnDuplicate, OnStopped,
    OnUnknownField, Permission, ServiceSpec, Switches, Tier,
};
pub use world::{World, WorldBuilder};
