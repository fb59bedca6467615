//! The simulated vendors.

pub(crate) mod clickhouse;
pub(crate) mod cockroach;
