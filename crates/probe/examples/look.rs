//! Looks at a host and its ports from this machine, with nothing else at hand.
//!
//! ```sh
//! cargo run -p privlink-probe --example look -- orders.us-east-1.vpce.aws.clickhouse.cloud 8443 9440=tls
//! ```
//!
//! | argument | meaning |
//! | --- | --- |
//! | the first | the host, by the name that clients connect with |
//! | each other | a port, or `PORT=tls`, `https`, `clickhouse_https`, `clickhouse_native`, `postgres` or `mysql`; else by its number |
//!
//! | variable | meaning |
//! | --- | --- |
//! | `PRIVLINK_NAME_SERVER` | asks this one, `ADDRESS:PORT`, instead of the system's |
//! | `PRIVLINK_CA_FILE` | a PEM file of authorities to trust besides the system's |
//! | `PRIVLINK_TRIES` | how often to try each port of each address; once unless given |
//!
//! Ends with 0 when all holds, with 1 when something does not, with 2 when it is called wrongly.

use std::error::Error;
use std::process::ExitCode;

use privlink_core::side::{PortRange, Protocol, RungResult};
use privlink_probe::Local;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}\nusage: look HOST PORT[=PROTOCOL]…");
            ExitCode::from(2)
        }
    }
}

async fn run() -> Result<bool, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let host = arguments.next().ok_or("give a host")?.parse()?;
    let ports = arguments.map(|text| port(&text)).collect::<Result<Vec<_>, _>>()?;
    let mut here = Local::builder();
    if let Ok(server) = std::env::var("PRIVLINK_NAME_SERVER") {
        here = here.name_server(server.parse()?);
    }
    if let Ok(file) = std::env::var("PRIVLINK_CA_FILE") {
        here = here.extra_roots(std::fs::read(file)?);
    }
    if let Ok(times) = std::env::var("PRIVLINK_TRIES") {
        here = here.tries(times.parse()?);
    }
    let proof = here.build()?.look(host, ports).await?;
    println!("asked {}", proof.resolver);
    for rung in &proof.rungs {
        let port = rung.port.map(|port| format!(":{port}")).unwrap_or_default();
        let mark = if rung.result == RungResult::Held { "holds" } else { "BREAKS" };
        print!("{mark:6} {:8} {}{port}: {} ({} ms)", rung.layer, rung.host, rung.seen, rung.took_ms);
        match rung.tries {
            Some(tries) => println!(", {} of {} tries", tries.held, tries.made),
            None => println!(),
        }
    }
    Ok(proof.rungs.iter().all(|rung| rung.result == RungResult::Held))
}

fn port(text: &str) -> Result<PortRange, Box<dyn Error>> {
    let (port, protocol) = match text.split_once('=') {
        Some((port, protocol)) => (port, Some(serde_json::from_value::<Protocol>(protocol.into())?)),
        None => (text, None),
    };
    let port = PortRange::single(port.parse()?);
    Ok(protocol.map_or(port, |protocol| port.speaking(protocol)))
}
