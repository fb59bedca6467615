//! The rules of the contract, by raw signed requests.

mod auth;
mod create;
mod group;
mod life;
mod names;
mod network;
mod path;
mod record;
mod service;
mod support;
mod zone;
