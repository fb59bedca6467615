//! privlink-probe
