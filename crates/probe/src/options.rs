//! The command line.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use privlink_core::DnsName;
use privlink_core::side::{PortRange, Protocol};

pub(crate) const HELP: &str = "\
Looks at a private connection from the machine it runs on, layer by layer: name, address, TCP, TLS, protocol.
It takes no keys.

Usage: privlink-probe look  [OPTIONS] HOST PORT[=PROTOCOL]...
       privlink-probe prove [OPTIONS] [FILE]

look   looks at the ports of a host with nothing but its name at hand: any private address will do. HOST is the name that
       clients connect with. PORT is a port or a range, 9000-9010. PROTOCOL is tls, https, clickhouse_https,
       clickhouse_native, postgres or mysql; unless given it goes by the port's number.
prove  proves an expectation, as JSON in FILE or on standard input, and prints the proof as JSON: for whoever issued the
       expectation to judge, with the keys, elsewhere. What was seen is told on standard error.

  --name-server ADDRESS:PORT  ask this one instead of the system's, and no hosts file; may be given several times
  --ca-file FILE              trust these authorities too, a file of PEM; may be given several times
  --tries N                   try each port of each address so often [default: 1]
  --json                      look: print the proof as JSON
  --help                      print this
  --version                   print the version

Without their options, PRIVLINK_NAME_SERVER, PRIVLINK_CA_FILE and PRIVLINK_TRIES say the same.
Ends with 0 when all holds, with 1 when something does not, with 2 when nothing could be tried.
";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Run(Options),
    Help,
    Version,
}

/// What to do, and how.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) job: Job,
    pub(crate) name_servers: Vec<SocketAddr>,
    pub(crate) ca_files: Vec<PathBuf>,
    pub(crate) tries: u32,
    pub(crate) json: bool,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Job {
    Look {
        host: DnsName,
        ports: Vec<PortRange>,
    },
    Prove {
        /// Standard input unless given.
        file: Option<PathBuf>,
    },
}

/// A command line that cannot be understood.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UsageError(String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Reads the arguments behind the program's name, and the variables for what they do not say.
pub(crate) fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Asked, UsageError> {
    let (mut words, mut servers, mut files, mut tries, mut json) = (Vec::new(), Vec::new(), Vec::new(), None, false);
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        let Some(option) = argument.to_str().filter(|text| text.starts_with("--") || matches!(*text, "-h" | "-V"))
        else {
            words.push(argument);
            continue;
        };
        let (name, mut given) = match option.split_once('=') {
            Some((name, value)) => (name, Some(OsString::from(value))),
            None => (option, None),
        };
        let mut value = || match given.take().or_else(|| arguments.next()) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(UsageError(format!("{name} needs a value"))),
        };
        match name {
            "--name-server" => servers.push(server(name, &text(value()?)?)?),
            "--ca-file" => files.push(value()?.into()),
            "--tries" => tries = Some(times(name, &text(value()?)?)?),
            "--json" if given.is_none() => json = true,
            "--help" | "-h" if given.is_none() => return Ok(Asked::Help),
            "--version" | "-V" if given.is_none() => return Ok(Asked::Version),
            _ if given.is_some() => return Err(UsageError(format!("{name} is not known, or takes no value"))),
            _ => return Err(UsageError(format!("`{name}` is not known"))),
        }
    }
    let job = job(words)?;
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    if let Some(address) = variable("PRIVLINK_NAME_SERVER").filter(|_| servers.is_empty()) {
        servers.push(server("PRIVLINK_NAME_SERVER", &address)?);
    }
    if files.is_empty() {
        files.extend(variable("PRIVLINK_CA_FILE").map(PathBuf::from));
    }
    if tries.is_none() {
        tries = variable("PRIVLINK_TRIES").map(|text| times("PRIVLINK_TRIES", &text)).transpose()?;
    }
    Ok(Asked::Run(Options { job, name_servers: servers, ca_files: files, tries: tries.unwrap_or(1), json }))
}

fn job(words: Vec<OsString>) -> Result<Job, UsageError> {
    let mut words = words.into_iter();
    let job = words.next().ok_or_else(|| UsageError("say `look` or `prove`".to_owned()))?;
    match job.to_str() {
        Some("look") => {
            let host = text(words.next().ok_or_else(|| UsageError("look at which host?".to_owned()))?)?;
            let host = host.parse().map_err(|error| UsageError(format!("{error}")))?;
            Ok(Job::Look { host, ports: words.map(|word| port(&text(word)?)).collect::<Result<_, _>>()? })
        }
        Some("prove") => {
            let file = words.next().filter(|file| file.as_os_str() != "-").map(PathBuf::from);
            match words.next() {
                Some(more) => Err(UsageError(format!("`{}` is one file too many", more.display()))),
                None => Ok(Job::Prove { file }),
            }
        }
        _ => Err(UsageError(format!("`{}` is not known: say `look` or `prove`", job.display()))),
    }
}

fn port(word: &str) -> Result<PortRange, UsageError> {
    let wrong = || UsageError(format!("`{word}` is no port, no range of ports, and neither with a protocol"));
    let (ports, protocol) = match word.split_once('=') {
        Some((ports, protocol)) => (ports, Some(protocol)),
        None => (word, None),
    };
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let (first, last): (u16, u16) = (first.parse().map_err(|_| wrong())?, last.parse().map_err(|_| wrong())?);
    if first == 0 || last < first {
        return Err(wrong());
    }
    let range = PortRange::range(first, last);
    let Some(protocol) = protocol else { return Ok(range) };
    Ok(range.speaking(serde_json::from_value::<Protocol>(protocol.into()).map_err(|_| wrong())?))
}

fn server(name: &str, text: &str) -> Result<SocketAddr, UsageError> {
    text.parse().map_err(|_| UsageError(format!("{name} must be an address and a port, 10.0.0.2:53, not `{text}`")))
}

fn times(name: &str, text: &str) -> Result<u32, UsageError> {
    match text.parse() {
        Ok(times @ 1..=1000) => Ok(times),
        _ => Err(UsageError(format!("{name} must be a whole number from 1 to 1000, not `{text}`"))),
    }
}

fn text(word: OsString) -> Result<String, UsageError> {
    word.into_string().map_err(|word| UsageError(format!("`{}` is not UTF-8", word.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

    use super::*;

    fn parsed(line: &str) -> Result<Asked, UsageError> {
        parse(line.split_whitespace().map(OsString::from), |_| None)
    }

    #[test]
    fn a_look_names_a_host_and_its_ports() {
        let line =
            "--tries=3 look db.example.com 8443 9440=tls 9000-9010 --json --name-server 10.0.0.2:53 --ca-file a.pem";
        let wanted = Options {
            job: Job::Look {
                host: "db.example.com".parse().unwrap(),
                ports: vec![
                    PortRange::single(8443),
                    PortRange::single(9440).speaking(Protocol::Tls),
                    PortRange::range(9000, 9010),
                ],
            },
            name_servers: vec!["10.0.0.2:53".parse().unwrap()],
            ca_files: vec!["a.pem".into()],
            tries: 3,
            json: true,
        };
        assert_eq!(parsed(line), Ok(Asked::Run(wanted)));
        assert_eq!(parsed("look x --help"), Ok(Asked::Help));
        assert_eq!(parsed("-V"), Ok(Asked::Version));
    }

    #[test]
    fn variables_say_what_options_do_not() {
        let variable = |name: &str| {
            let value = match name {
                "PRIVLINK_NAME_SERVER" => "10.0.0.2:53",
                "PRIVLINK_TRIES" => "2",
                _ => "",
            };
            Some(value.to_owned())
        };
        let line = ["prove", "--tries", "4", "-"].map(OsString::from);
        let Ok(Asked::Run(options)) = parse(line, variable) else { panic!("it runs") };
        assert_eq!((options.job, options.tries), (Job::Prove { file: None }, 4));
        assert_eq!((options.name_servers.len(), options.ca_files.len()), (1, 0));
    }

    #[test]
    fn what_is_not_known_or_not_whole_is_named() {
        for (line, words) in [
            ("", "say `look` or `prove`"),
            ("judge", "`judge` is not known"),
            ("look", "which host"),
            ("look not_a..host 1", "not_a..host"),
            ("look bücher.example 1", "bücher.example"),
            ("look db.example.com https", "`https` is no port"),
            ("look db.example.com 0", "`0` is no port"),
            ("look db.example.com 9-8", "`9-8` is no port"),
            ("look db.example.com 65536", "`65536` is no port"),
            ("look db.example.com 443=smtp", "`443=smtp` is no port"),
            ("prove a b", "`b` is one file too many"),
            ("prove --tries 0", "not `0`"),
            ("prove --name-server fe80::1%eth0", "must be an address and a port"),
            ("prove --ca-file", "--ca-file needs a value"),
            ("prove --json=yes", "takes no value"),
            ("prove --colour", "`--colour` is not known"),
        ] {
            let error = parsed(line).expect_err(line).to_string();
            assert!(error.contains(words), "{line}: {error}");
        }
    }
}
