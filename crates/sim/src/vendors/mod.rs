//! The simulated vendors.

pub(crate) mod clickhouse;
