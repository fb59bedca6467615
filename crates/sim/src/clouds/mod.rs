//! The simulated clouds.

pub(crate) mod aws;
