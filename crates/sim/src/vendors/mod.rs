//! The simulated vendors.

pub(crate) mod aiven;
pub(crate) mod clickhouse;
pub(crate) mod cockroach;
pub(crate) mod zilliz;
