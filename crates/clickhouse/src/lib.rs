//! privlink-clickhouse
