//! What is rendered, run: the scripts of a plan against a served simulator, twice, beside what `apply` of the
//! same plan leaves in another one. `handover SIMULATOR DIRECTORY [PAIR…]`, with the simulator's program, a place
//! for the files, and pairs such as `clickhouse-gcp`: all of them, unless some are named.

mod aiven;
mod aws;
mod azure;
mod clickhouse;
mod cockroach;
mod gcp;
mod world;
mod zilliz;

use std::env;
use std::error::Error;
use std::path::Path;

use privlink::{ErrorKind, Format, Link, Plan};
use privlink_ci::Tally;
use privlink_core::BoxFuture;
use serde_json::{Value, json};

use self::world::World;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Every pair whose scripts run here.
const PAIRS: &[Pair] = &[
    Pair {
        database: clickhouse::SIDE,
        network: aws::SIDE,
        link: |world| world.link(clickhouse::service(world, "aws")?, aws::network(world)?),
    },
    Pair {
        database: clickhouse::SIDE,
        network: gcp::SIDE,
        link: |world| world.link(clickhouse::service(world, "gcp")?, gcp::network(world)?),
    },
    Pair {
        database: clickhouse::SIDE,
        network: azure::SIDE,
        link: |world| world.link(clickhouse::service(world, "azure")?, azure::network(world)?),
    },
    Pair {
        database: aiven::SIDE,
        network: aws::SIDE,
        link: |world| world.link(aiven::service(world)?, aws::network(world)?),
    },
    Pair {
        database: cockroach::SIDE,
        network: aws::SIDE,
        link: |world| world.link(cockroach::cluster(world)?, aws::network(world)?),
    },
    Pair {
        database: zilliz::SIDE,
        network: aws::SIDE,
        link: |world| world.link(zilliz::region(world)?, aws::network(world)?),
    },
];

/// How many plans a link takes at most.
const PARTS: usize = 4;

/// A vendor and a cloud.
struct Pair {
    database: Side,
    network: Side,
    link: fn(&World) -> Outcome<Link>,
}

impl Pair {
    fn name(&self) -> String {
        format!("{}-{}", self.database.name, self.network.name)
    }
}

/// What one side takes to run, and how to look at what was made of it.
#[derive(Clone, Copy)]
struct Side {
    /// Its name in the simulator's facts.
    name: &'static str,
    /// A command line that comes from no registry: without it a pair is only written.
    needs: Option<&'static str>,
    /// What its scripts take from the environment.
    environment: fn(&World) -> Outcome<Vec<(&'static str, String)>>,
    left: for<'a> fn(&'a World) -> BoxFuture<'a, Outcome<Left>>,
}

/// Everything that one side has of the link.
struct Left {
    things: Value,
    /// What differs between any two of a kind, ids and times, and a word in its place.
    random: Vec<(String, String)>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [simulator, directory, chosen @ ..] = &arguments[..] else {
        return Err("give the simulator's program and a directory for the files".into());
    };
    let mut tally = Tally::default();
    for pair in PAIRS {
        if chosen.is_empty() || chosen.contains(&pair.name()) {
            Box::pin(check(pair, simulator, Path::new(directory), &mut tally)).await?;
        }
    }
    if tally.end("handover") { Ok(()) } else { Err("not all held".into()) }
}

async fn check(pair: &Pair, simulator: &str, directory: &Path, tally: &mut Tally) -> Outcome<()> {
    let name = pair.name();
    let home = directory.join(".home");
    let by_scripts = World::start(simulator, home.clone())?;
    let link = (pair.link)(&by_scripts)?;
    let mut environment = (pair.database.environment)(&by_scripts)?;
    environment.extend((pair.network.environment)(&by_scripts)?);
    for part in 1..=PARTS {
        let plan = link.plan().await?;
        let directory = directory.join(if part == 1 { name.clone() } else { format!("{name}-{part}") });
        write(&link, &plan, &directory)?;

        let missing = |needs: &Option<&'static str>| needs.filter(|program| !world::is_installed(program));
        if let Some(program) = [&pair.database.needs, &pair.network.needs].into_iter().find_map(missing) {
            println!(
                "NOT RUN: `{program}` is not installed, so that nobody but us says that the scripts of {name} work"
            );
            return Ok(());
        }
        for run in ["first", "second"] {
            let ran = world::run(&directory, "set-up.sh", &environment)?;
            let what = format!("{name}: the {run} run of the scripts of plan {part}");
            tally.check(&what, ran.is_ok(), ran.err().unwrap_or_default());
        }
        let canary = directory.join("canary").exists();
        tally.check(&format!("{name}: nothing that is a text was run in plan {part}"), !canary, "a canary");
        if plan.later.is_none() {
            break;
        }
    }
    let after = link.plan().await?;
    tally.check(&format!("{name}: the link finds itself done"), after.is_done(), &after);

    let by_apply = World::start(simulator, home)?;
    let other = (pair.link)(&by_apply)?;
    for _ in 1..=PARTS {
        if !other.apply(&other.plan().await?).await?.plan_again {
            break;
        }
    }
    let (left, right) = (left(pair, &by_scripts).await?, left(pair, &by_apply).await?);
    let same = left == right;
    tally.check(&format!("{name}: the same things are left"), same, format!("{left:#}\nwhere apply leaves {right:#}"));

    let plan = link.removal_plan().await?;
    let directory = directory.join(format!("{name}-removal"));
    write(&link, &plan, &directory)?;
    for run in ["first", "second"] {
        let ran = world::run(&directory, "take-down.sh", &environment)?;
        tally.check(&format!("{name}: the {run} run of the way back"), ran.is_ok(), ran.err().unwrap_or_default());
    }
    let canary = directory.join("canary").exists();
    tally.check(&format!("{name}: nothing that is a text was run on the way back"), !canary, "a canary");
    other.apply(&other.removal_plan().await?).await?;
    let (left, right) = (self::left(pair, &by_scripts).await?, self::left(pair, &by_apply).await?);
    let same = left == right;
    tally.check(&format!("{name}: the same things stay"), same, format!("{left:#}\nwhere apply leaves {right:#}"));
    Ok(())
}

fn write(link: &Link, plan: &Plan, directory: &Path) -> Outcome<()> {
    for format in [Format::Shell, Format::Terraform] {
        link.render(plan, format)?.write_to(directory)?;
    }
    match link.render(plan, Format::CloudFormation) {
        Ok(files) => files.write_to(directory)?,
        Err(error) if error.kind() == ErrorKind::Unsupported => {}
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// What both sides have, without what is random: an id of one side stands on the other's lists too.
async fn left(pair: &Pair, world: &World) -> Outcome<Value> {
    let (database, network) = ((pair.database.left)(world).await?, (pair.network.left)(world).await?);
    let mut text = json!({ "database": database.things, "network": network.things }).to_string();
    let mut random: Vec<_> = database.random.into_iter().chain(network.random).collect();
    // One may be a part of another.
    random.sort_by_key(|(id, _)| std::cmp::Reverse(id.len()));
    for (id, word) in random {
        text = text.replace(&id, &word);
    }
    Ok(serde_json::from_str(&text)?)
}
