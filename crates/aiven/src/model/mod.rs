//! What the vendor's answers are turned into.

mod availability;
mod connection;
mod consumer;
mod privatelink;
mod project;
mod service;
mod words;

pub use availability::Availability;
pub use connection::Connection;
pub use consumer::Consumer;
pub use privatelink::PrivatelinkDetails;
pub use project::{ProjectVpc, StaticIp};
pub use service::{Component, ServiceDetails};
pub use words::{ConnectionState, KafkaAuthentication, KafkaAuthority, PrivatelinkState, Route, ServiceState, Usage};
