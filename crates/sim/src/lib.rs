//! privlink-sim
