//! privlink
