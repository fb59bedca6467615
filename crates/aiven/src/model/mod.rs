//! What the vendor's answers are turned into.

mod availability;
mod connection;
mod consumer;
mod enums;
mod privatelink;
mod project;
mod service;

pub use availability::Availability;
pub use connection::Connection;
pub use consumer::Consumer;
pub use enums::{ConnectionState, KafkaAuthentication, KafkaAuthority, PrivatelinkState, Route, ServiceState, Usage};
pub use privatelink::PrivatelinkDetails;
pub use project::{ProjectVpc, StaticIp};
pub use service::{Component, ServiceDetails};
