//! privlink-dns
