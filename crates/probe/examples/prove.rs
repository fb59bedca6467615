//! Proves an expectation from this machine: JSON in on standard input, JSON out.
//!
//! ```sh
//! cargo run -p privlink-probe --example prove < expectation.json > proof.json
//! ```
//!
//! The program needs no keys, so it can run inside the network while whoever issued the
//! expectation judges the proof outside. It ends with 1 when something did not hold.
//!
//! | variable | meaning |
//! | --- | --- |
//! | `PRIVLINK_NAME_SERVER` | asks this one, `ADDRESS:PORT`, instead of the system's |
//! | `PRIVLINK_CA_FILE` | a PEM file of authorities to trust besides the system's: databases of Aiven and CockroachDB Cloud have one of their own |

use std::error::Error;
use std::io;
use std::process::ExitCode;

use privlink_core::side::{Expectation, RungResult, Vantage};
use privlink_probe::Local;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    let expectation: Expectation = serde_json::from_reader(io::stdin().lock())?;
    let mut here = Local::builder();
    if let Ok(server) = std::env::var("PRIVLINK_NAME_SERVER") {
        here = here.name_server(server.parse()?);
    }
    if let Ok(file) = std::env::var("PRIVLINK_CA_FILE") {
        here = here.extra_roots(std::fs::read(file)?);
    }
    let proof = here.build()?.prove(&expectation).await?;
    for rung in &proof.rungs {
        let port = rung.port.map(|port| format!(":{port}")).unwrap_or_default();
        let mark = if rung.result == RungResult::Held { "holds" } else { "BREAKS" };
        eprintln!("{mark:6} {:8} {}{port}: {} ({} ms)", rung.layer, rung.host, rung.seen, rung.took_ms);
    }
    serde_json::to_writer_pretty(io::stdout().lock(), &proof)?;
    println!();
    let held = proof.rungs.iter().all(|rung| rung.result == RungResult::Held);
    Ok(if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
