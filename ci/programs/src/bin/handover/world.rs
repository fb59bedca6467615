//! A served simulator, and the scripts run against it.

use std::env;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use privlink::Link;
use privlink_core::side::{DatabaseSide, NetworkSide};
use privlink_core::{BoxFuture, Clock};
use serde_json::Value;

use super::Outcome;

/// How many times as fast as real time is simulated.
const SCALE: u32 = 200;

/// A served simulator.
pub(super) struct World {
    process: Child,
    pub(super) facts: Value,
    pub(super) clock: Arc<dyn Clock>,
    /// Where the command lines keep what they keep: nobody's own settings are read or changed.
    pub(super) home: PathBuf,
}

impl World {
    pub(super) fn start(program: &str, home: PathBuf) -> Outcome<Self> {
        let mut process = Command::new(program)
            .args(["--no-rate-limit", "--time-scale", &SCALE.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("the simulator has no output")?;
        let mut line = String::new();
        std::io::BufReader::new(out).read_line(&mut line)?;
        let clock = Arc::new(Faster { began: SystemTime::now() });
        Ok(Self { process, facts: serde_json::from_str(&line)?, clock, home })
    }

    pub(super) fn fact(&self, path: &str) -> Outcome<&str> {
        self.facts.pointer(path).and_then(Value::as_str).ok_or_else(|| format!("no {path}").into())
    }

    pub(super) fn link(
        &self,
        database: impl DatabaseSide + 'static,
        network: impl NetworkSide + 'static,
    ) -> Outcome<Link> {
        Ok(Link::builder("orders-prod".parse()?, database, network).clock(self.clock.clone()).build()?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Runs what was written, as a person would.
pub(super) fn run(
    directory: &Path,
    script: &str,
    environment: &[(&'static str, String)],
) -> Outcome<Result<(), String>> {
    let ran = Command::new("bash")
        .arg(directory.join(script))
        .envs(environment.iter().map(|(name, value)| (name, value)))
        .env("PRIVLINK_POLL_SECONDS", "0.2")
        .stdin(Stdio::null())
        .output()?;
    let told = String::from_utf8_lossy(&ran.stderr).into_owned();
    eprint!("{told}");
    Ok(if ran.status.success() { Ok(()) } else { Err(format!("{}: {told}", ran.status)) })
}

/// Whether a program is found.
pub(super) fn is_installed(program: &str) -> bool {
    env::var_os("PATH").is_some_and(|path| env::split_paths(&path).any(|place| place.join(program).is_file()))
}

/// The machine's clock, so many times as fast.
#[derive(Debug)]
struct Faster {
    began: SystemTime,
}

impl Clock for Faster {
    fn now(&self) -> SystemTime {
        let passed = self.began.elapsed().unwrap_or_default();
        self.began + passed * SCALE
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration / SCALE))
    }
}
