//! The rules of the contract, by raw signed requests.

mod auth;
mod support;
