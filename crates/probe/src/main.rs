//! The command: looks at a host and its ports, or proves an expectation, from the machine it runs on.

mod options;

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::process::ExitCode;

use options::{Asked, Job, Options};
use privlink_core::side::{Expectation, Proof, RungResult, Vantage};
use privlink_probe::Local;

/// How many bytes an expectation may have.
const MOST: u64 = 16 << 20;

fn main() -> ExitCode {
    let options = match options::parse(std::env::args_os().skip(1), |name| std::env::var(name).ok()) {
        Ok(Asked::Run(options)) => options,
        Ok(Asked::Help) => return end(print(options::HELP), ExitCode::SUCCESS),
        Ok(Asked::Version) => {
            return end(print(concat!("privlink-probe ", env!("CARGO_PKG_VERSION"), "\n")), ExitCode::SUCCESS);
        }
        Err(error) => return fail(&format!("{error}\nTry `privlink-probe --help`.")),
    };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("cannot start: {error}")),
    };
    match runtime.block_on(run(&options)) {
        Ok((proof, told)) => {
            let held = proof.rungs.iter().all(|rung| rung.result == RungResult::Held);
            end(told, if held { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        Err(error) => fail(&error),
    }
}

/// Tries what is asked for and tells what was seen; the second is what came of the telling.
async fn run(options: &Options) -> Result<(Proof, std::io::Result<()>), String> {
    let mut here = Local::builder().tries(options.tries);
    for server in &options.name_servers {
        here = here.name_server(*server);
    }
    for file in &options.ca_files {
        here = here.extra_roots(std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?);
    }
    match &options.job {
        Job::Look { host, ports } => {
            let here = here.build().map_err(|error| error.to_string())?;
            let proof = here.look(host.clone(), ports.iter().copied()).await.map_err(|error| error.to_string())?;
            let told = match options.json {
                true => print(&(json(&proof)? + "\n")),
                false => print(&words(&proof)),
            };
            Ok((proof, told))
        }
        Job::Prove { file } => {
            // Read before anything else: nothing is tried for what is no expectation.
            let expectation = expectation(file.as_deref())?;
            let here = here.build().map_err(|error| error.to_string())?;
            let proof = here.prove(&expectation).await.map_err(|error| error.to_string())?;
            eprint!("{}", words(&proof));
            let told = print(&(json(&proof)? + "\n"));
            Ok((proof, told))
        }
    }
}

fn expectation(file: Option<&Path>) -> Result<Expectation, String> {
    let mut text = Vec::new();
    let name = file.map_or_else(|| "standard input".to_owned(), |file| file.display().to_string());
    let read = match file {
        Some(file) => std::fs::File::open(file).and_then(|file| file.take(MOST + 1).read_to_end(&mut text)),
        None => std::io::stdin().lock().take(MOST + 1).read_to_end(&mut text),
    };
    read.map_err(|error| format!("{name}: {error}"))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > MOST) {
        return Err(format!("{name}: no expectation has more than {} MiB", MOST >> 20));
    }
    serde_json::from_slice(&text).map_err(|error| format!("{name} holds no expectation: {error}"))
}

fn json(proof: &Proof) -> Result<String, String> {
    serde_json::to_string_pretty(proof).map_err(|error| error.to_string())
}

/// A line a rung.
fn words(proof: &Proof) -> String {
    let mut text = format!("asked {}\n", proof.resolver);
    for rung in &proof.rungs {
        let port = rung.port.map(|port| format!(":{port}")).unwrap_or_default();
        let mark = if rung.result == RungResult::Held { "holds" } else { "BREAKS" };
        let tries = rung.tries.map(|tries| format!(", {} of {} tries", tries.held, tries.made)).unwrap_or_default();
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{mark:6} {:8} {}{port}: {} ({} ms){tries}",
            rung.layer.to_string(),
            rung.host,
            rung.seen,
            rung.took_ms
        );
    }
    text
}

fn print(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}

fn end(told: std::io::Result<()>, code: ExitCode) -> ExitCode {
    match told {
        Ok(()) => code,
        Err(error) => fail(&format!("cannot write to standard output: {error}")),
    }
}

fn fail(text: &str) -> ExitCode {
    eprintln!("privlink-probe: {text}");
    ExitCode::from(2)
}
