//! The wire's findings on real Linux networking: a client and a database in namespaces of their own,
//! packet filters, a real name server, real TLS.
//!
//! `ci/network` starts it, since it takes root and Debian's packages; by itself it says that it did
//! not run.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

#[cfg(target_os = "linux")]
mod endpoint;
#[cfg(target_os = "linux")]
mod inside;
#[cfg(target_os = "linux")]
mod lab;
#[cfg(target_os = "linux")]
mod stages;

/// Names the namespaces; nobody else's begin so.
const PREFIX: &str = "PRIVLINK_NAMESPACES";

#[cfg(target_os = "linux")]
fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        // What runs inside the namespaces is this program, too.
        Some("--endpoint") => endpoint::run(&arguments[1], &arguments[2]),
        Some("--prove") => inside::run(&arguments[1], arguments.get(2).is_some()),
        _ => match std::env::var(PREFIX) {
            Ok(prefix) => stages::run(&prefix),
            Err(_) => println!("NOT RUN: the findings on real networking; `ci/network` runs them, as root"),
        },
    }
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("NOT RUN: the findings on real networking, which take Linux; {PREFIX} means nothing here");
}
