//! What the command lines for real accounts share: their commands and common arguments, and how they tell results.
//!
//! A program says what it takes and how its link is made ([`Program`]); [`main`] does the rest.

#[cfg(feature = "aws")]
#[allow(dead_code, reason = "not every program is for AWS")]
pub(crate) mod aws;

use std::error::Error;
use std::process::ExitCode;
use std::str::FromStr;

use privlink::core::LinkName;
use privlink::core::side::Naming;
use privlink::probe::Local;
use privlink::{ApplyError, Link, LinkBuilder};
use serde::Serialize;

pub(crate) type Result<T, E = Box<dyn Error>> = std::result::Result<T, E>;

const FAILED: u8 = 1;
const WRONG_ARGUMENTS: u8 = 2;
const BLOCKED: u8 = 3;
const NOT_PROVED: u8 = 4;

/// One of the programs.
pub(crate) trait Program: Sized {
    /// What it is called.
    const NAME: &'static str;

    /// One sentence.
    const DOES: &'static str;

    /// The arguments that it cannot do without, as in a usage line.
    const USAGE: &'static str;

    /// A line for each of its own commands, with what it does, as `--help` shows them.
    const COMMANDS: &'static [(&'static str, &'static str)] = &[];

    /// Lines of `--help` on its own arguments.
    const ARGUMENTS: &'static [&'static str];

    /// Lines of `--help` on its own environment variables.
    const VARIABLES: &'static [&'static str];

    /// What the link is called unless `--name` says otherwise.
    const LINK: &'static str;

    /// Reads its own arguments.
    fn parse(words: &mut Words) -> Result<Self>;

    /// The link.
    async fn link(&self, name: LinkName, naming: Option<Naming>) -> Result<LinkBuilder>;

    /// Does one of its own commands.
    async fn command(&self, command: &str, _json: bool) -> Result<()> {
        Err(format!("there is no command `{command}`").into())
    }
}

/// The commands of every program.
const COMMANDS: [(&str, &str); 6] = [
    ("plan", "reads both sides and prints what has to be done; changes nothing"),
    ("apply", "plans, then does it, printing each event; run it again at any time"),
    ("list", "prints what of it exists, thing by thing; changes nothing"),
    ("verify", "proves it from this machine, which has to be inside the network; changes nothing"),
    ("diagnose", "reads both sides, proves it from this machine, and names one cause if it does not work"),
    ("remove", "takes down what it made, and nothing else"),
];

const ARGUMENTS: &str = "
  --name NAME               the link's name, a label for people
  --naming MODE             how the database's name gets into the network [default: the vendor's way]
  --json                    print the plan, or the result, as JSON on standard output
  --help                    print this

Naming modes, as far as cloud and vendor have them:
  apex                      a private zone named exactly the host; hides no other name
  exact                     one record in a private zone of the vendor's shared parent name
  wildcard                  a wildcard in that zone, which serves all that is behind the endpoint
  endpoint-private-dns      the endpoint's own private DNS, on once the endpoint is accepted
  self-managed              touch no DNS; what to write is printed
";

const VARIABLES: &str = "
  PRIVLINK_NAME_SERVER      verify, diagnose: the name server to ask, ADDRESS:PORT [default: the system's]
  PRIVLINK_CA_FILE          verify, diagnose: a PEM file of authorities to trust besides the system's

Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the plan is blocked, 4 not proved.
";

/// The arguments of the command line; those that all programs have are taken out on the way.
pub(crate) struct Words {
    parser: lexopt::Parser,
    command: Option<String>,
    name: Option<LinkName>,
    naming: Option<Naming>,
    json: bool,
    help: bool,
}

impl Words {
    fn new(parser: lexopt::Parser) -> Self {
        Self { parser, command: None, name: None, naming: None, json: false, help: false }
    }

    /// The next of the program's own options, without its dashes.
    pub(crate) fn next(&mut self) -> Result<Option<String>> {
        while let Some(argument) = self.parser.next()? {
            match argument {
                lexopt::Arg::Long("name") => self.name = Some(self.value()?),
                lexopt::Arg::Long("naming") => self.naming = Some(self.value()?),
                lexopt::Arg::Long("json") => self.json = true,
                lexopt::Arg::Long("help") | lexopt::Arg::Short('h') => self.help = true,
                lexopt::Arg::Long(option) => return Ok(Some(option.to_owned())),
                lexopt::Arg::Value(word) if self.command.is_none() => {
                    self.command = Some(word.to_string_lossy().into_owned());
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(None)
    }

    /// The value of the option that was last told.
    pub(crate) fn value<T: FromStr<Err: Error + 'static>>(&mut self) -> Result<T> {
        Ok(self.parser.value()?.to_string_lossy().parse()?)
    }

    /// The command, as far as it was read.
    #[allow(dead_code, reason = "only a program with commands of its own asks")]
    pub(crate) fn command(&self) -> Option<&str> {
        self.command.as_deref()
    }

    /// What to say to an option that the program does not have.
    pub(crate) fn unknown(option: &str) -> Box<dyn Error> {
        format!("there is no argument `--{option}`").into()
    }
}

/// The value of an argument that has to be there.
pub(crate) fn required<T>(value: Option<T>, argument: &str) -> Result<T> {
    value.ok_or_else(|| format!("{argument} is missing").into())
}

/// The whole of a program: reads the arguments, does what they say, and tells how it went.
pub(crate) async fn main<P: Program>() -> ExitCode {
    let mut words = Words::new(lexopt::Parser::from_env());
    let parsed = P::parse(&mut words).and_then(|program| Ok((program, command::<P>(&words)?)));
    if words.help {
        print!("{}", help::<P>());
        return ExitCode::SUCCESS;
    }
    let (program, command) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            eprintln!("{error}\nusage: {}\n`{} --help` explains every argument", usage::<P>(), P::NAME);
            return ExitCode::from(WRONG_ARGUMENTS);
        }
    };
    match run(&program, &words, &command).await {
        Ok(code) => ExitCode::from(code),
        Err(error) => ExitCode::from(told(error.as_ref())),
    }
}

fn commands<P: Program>() -> impl Iterator<Item = &'static (&'static str, &'static str)> {
    COMMANDS.iter().chain(P::COMMANDS)
}

fn command<P: Program>(words: &Words) -> Result<String> {
    let names: Vec<&str> = commands::<P>().map(|(name, _)| *name).collect();
    match &words.command {
        None => Err(format!("give a command: {}", names.join(", ")).into()),
        Some(command) if names.contains(&command.as_str()) => Ok(command.clone()),
        Some(command) => Err(format!("there is no command `{command}`").into()),
    }
}

fn usage<P: Program>() -> String {
    let names: Vec<&str> = commands::<P>().map(|(name, _)| *name).collect();
    format!("{} {} {} [more]", P::NAME, names.join("|"), P::USAGE)
}

fn help<P: Program>() -> String {
    let commands: String = commands::<P>().map(|(name, does)| format!("  {name:<12}{does}\n")).collect();
    let lines = |own: &[&str], common: &str| -> String {
        own.iter().copied().chain([common]).map(|text| text.trim_start_matches('\n')).collect()
    };
    let (arguments, variables) = (lines(P::ARGUMENTS, ARGUMENTS), lines(P::VARIABLES, VARIABLES));
    let (does, usage) = (P::DOES, usage::<P>());
    format!("{does}\n\nUsage: {usage}\n\nCommands:\n{commands}\nArguments:\n{arguments}\nVariables:\n{variables}")
}

/// Says what went wrong, and what to do; the exit code.
fn told(error: &(dyn Error + 'static)) -> u8 {
    if let Some(stopped) = error.downcast_ref::<ApplyError>() {
        eprintln!("{}", stopped.report());
        return if matches!(stopped, ApplyError::Blocked { .. }) { BLOCKED } else { FAILED };
    }
    match error.downcast_ref::<privlink::core::Error>() {
        Some(error) => eprintln!("{}", error.report()),
        None => eprintln!("{error}"),
    }
    FAILED
}

async fn run<P: Program>(program: &P, words: &Words, command: &str) -> Result<u8> {
    if P::COMMANDS.iter().any(|(own, _)| *own == command) {
        program.command(command, words.json).await?;
        return Ok(0);
    }
    let name = words.name.clone().map_or_else(|| P::LINK.parse(), Ok)?;
    let link = program.link(name, words.naming).await?.vantage(here()?).build()?;
    match command {
        "plan" => {
            let plan = link.plan().await?;
            show(words, &plan)?;
            Ok(if plan.blockers().next().is_some() { BLOCKED } else { 0 })
        }
        "list" => show(words, &link.inventory().await?).map(|()| 0),
        "verify" => {
            let verdict = link.verify().await?;
            show(words, &verdict)?;
            Ok(if verdict.proved { 0 } else { NOT_PROVED })
        }
        "diagnose" => {
            let diagnosis = link.diagnose().await?;
            show(words, &diagnosis)?;
            Ok(if diagnosis.is_proved() { 0 } else { NOT_PROVED })
        }
        command => change(&link, words, command == "remove").await.map(|()| 0),
    }
}

/// Sets up or takes down. Where a vendor tells names only once something is made, there is more to plan afterwards.
async fn change(link: &Link, words: &Words, removal: bool) -> Result<()> {
    let applied = loop {
        let plan = if removal { link.removal_plan().await? } else { link.plan().await? };
        if !words.json {
            println!("{plan}");
        }
        let applied = link.apply(&plan).observe(|event| eprintln!("{event}")).await?;
        if !applied.plan_again {
            break applied;
        }
    };
    if words.json {
        println!("{}", serde_json::to_string_pretty(&applied.exchange)?);
    } else if !removal {
        if words.naming == Some(Naming::SelfManaged) {
            for record in applied.records() {
                println!("write the record {record}");
            }
        }
        for name in applied.names() {
            println!("connect to {name}");
        }
    }
    Ok(())
}

fn show(words: &Words, told: &(impl Serialize + std::fmt::Display)) -> Result<()> {
    if words.json {
        println!("{}", serde_json::to_string_pretty(told)?);
    } else {
        println!("{told}");
    }
    Ok(())
}

/// This machine, with the name server and the authorities that the environment names.
fn here() -> Result<Local> {
    let mut here = Local::builder();
    if let Ok(server) = std::env::var("PRIVLINK_NAME_SERVER") {
        here = here.name_server(server.parse()?);
    }
    if let Some(file) = std::env::var_os("PRIVLINK_CA_FILE").filter(|file| !file.is_empty()) {
        here = here.extra_roots(std::fs::read(file)?);
    }
    Ok(here.build()?)
}
