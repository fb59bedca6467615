//! What travels: EC2 Query bodies, XML in both directions, and error bodies.

pub(crate) mod error;
pub(crate) mod query;
pub(crate) mod xml;
