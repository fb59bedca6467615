//! privlink-aws
