//! The command line.

use std::fmt;
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Serves a small simulated world on loopback: ClickHouse Cloud, CockroachDB Cloud, Aiven, Zilliz Cloud,
AWS with EC2, Route 53 and STS, Azure with private endpoints and private DNS, and Google Cloud with Compute Engine
and Cloud DNS.

Usage: privlink-sim [--listen ADDRESS:PORT] [--time-scale N] [--no-rate-limit]
                    [--anonymous] [--data-path FILE] [--print json|env]

  --listen ADDRESS:PORT  where to listen; a loopback address, port 0 takes a free one
                         [default: 127.0.0.1:0]
  --time-scale N         let the world's time run N times as fast [default: 1]
  --no-rate-limit        lift the vendors' limits: ClickHouse Cloud's 10 requests per 10 seconds,
                         CockroachDB Cloud's 10 per second, Zilliz Cloud's 20 per second and call
  --anonymous            answer requests to Google Cloud that carry no credentials, as `gcloud`
                         sends them with CLOUDSDK_AUTH_DISABLE_CREDENTIALS=true
  --data-path FILE       open the way of a machine in the first AWS subnet over real sockets: its
                         resolver, and TLS listeners on 127/8 addresses for the endpoints (443 takes
                         the right to bind it); the certificate of the listeners' authority is
                         written to FILE
  --print json|env       what to print when it is ready [default: json]
  --help                 print this
  --version              print the version

When it is ready it prints one line of JSON with URLs, keys and ids, or with `--print env` lines
NAME=value of the variables that clients read, and below them, as comments, the ids to work with.
`gcloud` reads a token from a file alone: write GOOGLE_OAUTH_ACCESS_TOKEN to one and name it in
CLOUDSDK_AUTH_ACCESS_TOKEN_FILE.
Then it runs until SIGINT or SIGTERM. All APIs answer on one origin. Nothing is kept.

To hand the variables to a shell:

  privlink-sim --print env > sim.env &
  until grep -q AWS_ENDPOINT_URL sim.env; do sleep 1; done
  set -a; . ./sim.env; set +a
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Run(Options),
    Help,
    Version,
}

/// How to run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) listen: String,
    pub(crate) time_scale: u32,
    pub(crate) no_rate_limit: bool,
    pub(crate) anonymous: bool,
    /// Where the certificate of the data path's authority goes; no data path without.
    pub(crate) data_path: Option<PathBuf>,
    pub(crate) print: Print,
}

/// What is printed when the program is ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Print {
    Json,
    Env,
}

/// A command line that cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the arguments behind the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Result<Asked, UsageError> {
    let mut options = Options {
        listen: "127.0.0.1:0".to_owned(),
        time_scale: 1,
        no_rate_limit: false,
        anonymous: false,
        data_path: None,
        print: Print::Json,
    };
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let (name, mut given) = match argument.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (argument, None),
        };
        let mut value = || match given.take().or_else(|| arguments.next()) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(UsageError(format!("{name} needs a value"))),
        };
        match name.as_str() {
            "--listen" => options.listen = value()?,
            "--time-scale" => {
                let text = value()?;
                options.time_scale = match text.parse() {
                    Ok(scale @ 1..) => scale,
                    _ => return Err(UsageError(format!("--time-scale must be a whole number from 1, not `{text}`"))),
                };
            }
            "--data-path" => options.data_path = Some(value()?.into()),
            "--print" => {
                options.print = match value()?.as_str() {
                    "json" => Print::Json,
                    "env" => Print::Env,
                    other => return Err(UsageError(format!("--print must be `json` or `env`, not `{other}`"))),
                };
            }
            "--no-rate-limit" if given.is_none() => options.no_rate_limit = true,
            "--anonymous" if given.is_none() => options.anonymous = true,
            "--help" | "-h" if given.is_none() => return Ok(Asked::Help),
            "--version" | "-V" if given.is_none() => return Ok(Asked::Version),
            _ if given.is_some() => return Err(UsageError(format!("{name} is not known, or takes no value"))),
            _ => return Err(UsageError(format!("`{name}` is not known"))),
        }
    }
    Ok(Asked::Run(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Asked, UsageError> {
        parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn values_come_after_a_space_or_an_equals_sign() {
        let wanted = Options {
            listen: "127.0.0.1:8080".to_owned(),
            time_scale: 60,
            no_rate_limit: true,
            anonymous: true,
            data_path: Some("ca.pem".into()),
            print: Print::Env,
        };
        let line = "--listen 127.0.0.1:8080 --time-scale=60 --no-rate-limit --anonymous --data-path ca.pem --print env";
        assert_eq!(parsed(line), Ok(Asked::Run(wanted)));
        assert_eq!(parsed("--listen x --help"), Ok(Asked::Help));
        assert_eq!(parsed("-V"), Ok(Asked::Version));
    }

    #[test]
    fn what_is_not_known_or_not_whole_is_named() {
        for (line, words) in [
            ("--colour", "`--colour` is not known"),
            ("serve", "`serve` is not known"),
            ("--listen", "--listen needs a value"),
            ("--listen=", "--listen needs a value"),
            ("--time-scale 0", "not `0`"),
            ("--time-scale fast", "not `fast`"),
            ("--data-path", "--data-path needs a value"),
            ("--print xml", "not `xml`"),
            ("--help=me", "takes no value"),
        ] {
            let error = parsed(line).expect_err(line).to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
