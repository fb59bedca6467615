//! The rules of the contract, by raw requests.

mod address;
mod auth;
mod life;
mod names;
mod network;
mod operation;
mod path;
mod record;
mod rule;
mod support;
mod zone;
