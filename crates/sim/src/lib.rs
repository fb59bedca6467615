//! A whole world in memory for testing private connectivity: vendors, clouds, DNS and the data
//! path.

mod clock;
mod clouds;
mod log;
mod state;
mod transport;
mod vendors;
mod world;

pub use clock::SimClock;
pub use log::Request;
pub use transport::SimTransport;
pub use world::{World, WorldBuilder};
