//! The client layers, seen from outside: over a scripted transport on paused time, and the real
//! transport over loopback sockets in real time.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod budget;
mod options;
mod paging;
mod real;
mod retry;
mod secrets;
mod support;
mod tls;
mod tokens;
mod waiting;
