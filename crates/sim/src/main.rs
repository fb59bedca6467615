//! Serves a small simulated world on loopback: ClickHouse Cloud and AWS on one origin.
//!
//! Prints one line of JSON with URLs, keys and ids, then runs until it is interrupted.

mod options;

use std::io::Write;
use std::process::ExitCode;

use privlink_sim::{Server, World};
use serde_json::{Value, json};

use options::{Asked, Options};

fn main() -> ExitCode {
    let options = match options::parse(std::env::args().skip(1)) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Help) => return print(options::HELP),
        Ok(Asked::Version) => return print(concat!("privlink-sim ", env!("CARGO_PKG_VERSION"), "\n")),
        Err(error) => return fail(&format!("{error}\nTry `privlink-sim --help`."), 2),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}"), 1),
    };
    match runtime.block_on(run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error, 1),
    }
}

async fn run(options: &Options) -> Result<(), String> {
    let world = World::builder().time_scale(options.time_scale).build();
    if options.no_rate_limit {
        world.clickhouse().lift_rate_limit();
    }
    // Listened for before the line is out, so that whoever reads it can end the program at once.
    let mut ends = Ends::new().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let server =
        world.serve(&*options.listen).await.map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    let line = format!("{}\n", describe(&world, &server));
    let mut out = std::io::stdout();
    out.write_all(line.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))?;
    ends.wait().await;
    server.stop().await;
    Ok(())
}

/// What a client needs to know.
fn describe(world: &World, server: &Server) -> Value {
    let (clickhouse, aws) = (world.clickhouse(), world.aws());
    let services: Vec<String> = clickhouse.service_ids().iter().map(ToString::to_string).collect();
    json!({
        "clickhouse": {
            "url": server.url(),
            "organization_id": clickhouse.organization_id().to_string(),
            "service_ids": services,
            "key_id": clickhouse.key_id(),
            "key_secret": clickhouse.key_secret(),
        },
        "aws": {
            "url": server.url(),
            "region": aws.region(),
            "access_key_id": aws.access_key_id(),
            "secret_access_key": aws.secret_access_key(),
            "vpc_id": aws.vpc_id(),
            "subnet_ids": aws.subnet_ids(),
            "security_group_ids": [aws.default_group(), aws.client_group()],
        },
    })
}

/// The signals that end the program.
struct Ends {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Ends {
    fn new() -> std::io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            terminate: tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?,
        })
    }

    async fn wait(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(not(unix))]
        // Without signals to listen for there is nothing better than to end.
        let _ = tokio::signal::ctrl_c().await;
    }
}

fn print(text: &str) -> ExitCode {
    match std::io::stdout().write_all(text.as_bytes()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn fail(text: &str, code: u8) -> ExitCode {
    eprintln!("privlink-sim: {text}");
    ExitCode::from(code)
}
