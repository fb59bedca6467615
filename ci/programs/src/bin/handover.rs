//! What is rendered, run: the scripts of a plan against a served simulator, twice, beside what `apply` of the
//! same plan leaves in another one. `handover SIMULATOR DIRECTORY`, with the simulator's program and a place for
//! the files.

use std::env;
use std::error::Error;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use privlink::{Format, Link, aws, clickhouse};
use privlink_ci::Tally;
use privlink_core::{BoxFuture, Clock, SubnetId};
use serde_json::{Value, json};

/// How many times as fast as real time is simulated.
const SCALE: u32 = 200;

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let [_, simulator, directory] = <[String; 3]>::try_from(env::args().collect::<Vec<_>>())
        .map_err(|_| "give the simulator's program and a directory for the files")?;
    let mut tally = Tally::default();
    let by_scripts = World::start(&simulator)?;
    let by_apply = World::start(&simulator)?;

    let link = by_scripts.link()?;
    let plan = link.plan().await?;
    let directory = PathBuf::from(directory).join("clickhouse-aws");
    link.render(&plan, Format::Shell)?.write_to(&directory)?;
    link.render(&plan, Format::Terraform)?.write_to(&directory)?;
    for run in ["first", "second"] {
        let ran = by_scripts.run(&directory)?;
        tally.check(&format!("the {run} run of the scripts"), ran.is_ok(), ran.err().unwrap_or_default());
    }
    let after = link.plan().await?;
    tally.check("the link finds itself done", after.is_done(), &after);

    let other = by_apply.link()?;
    other.apply(&other.plan().await?).await?;
    let (left, right) = (by_scripts.left().await?, by_apply.left().await?);
    tally.check("the same things are left", left == right, format!("{left:#}\nwhere apply leaves {right:#}"));
    if tally.end("handover") { Ok(()) } else { Err("not all held".into()) }
}

/// A served simulator.
struct World {
    process: Child,
    facts: Value,
    clock: Arc<dyn Clock>,
}

impl World {
    fn start(program: &str) -> Outcome<Self> {
        let mut process = Command::new(program)
            .args(["--no-rate-limit", "--time-scale", &SCALE.to_string()])
            .stdout(Stdio::piped())
            .spawn()?;
        let out = process.stdout.take().ok_or("the simulator has no output")?;
        let mut line = String::new();
        std::io::BufReader::new(out).read_line(&mut line)?;
        let clock = Arc::new(Faster { began: SystemTime::now() });
        Ok(Self { process, facts: serde_json::from_str(&line)?, clock })
    }

    fn fact(&self, path: &str) -> Outcome<&str> {
        self.facts.pointer(path).and_then(Value::as_str).ok_or_else(|| format!("no {path}").into())
    }

    fn cloud(&self) -> Outcome<aws::Client> {
        Ok(aws::Client::builder(self.fact("/aws/region")?.parse()?)
            .endpoint_url(self.fact("/aws/url")?)
            .credentials(aws::Credentials::new(self.fact("/aws/access_key_id")?, self.fact("/aws/secret_access_key")?))
            .clock(self.clock.clone())
            .build()?)
    }

    fn link(&self) -> Outcome<Link> {
        let database = clickhouse::Client::builder()
            .base_url(self.fact("/clickhouse/url")?)
            .api_key(self.fact("/clickhouse/key_id")?, self.fact("/clickhouse/key_secret")?)
            .clock(self.clock.clone())
            .build()?
            .service(self.fact("/clickhouse/service_ids/0")?.parse()?);
        let subnets: Vec<SubnetId> = serde_json::from_value(self.facts["aws"]["subnet_ids"].clone())?;
        let network = self.cloud()?.vpc(self.fact("/aws/vpc_id")?.parse()?).subnets(subnets.into_iter().take(2));
        Ok(Link::builder("orders-prod".parse()?, database, network).clock(self.clock.clone()).build()?)
    }

    /// Runs what was written, as a person would.
    fn run(&self, directory: &Path) -> Outcome<Result<(), String>> {
        let ran = Command::new("bash")
            .arg(directory.join("set-up.sh"))
            .env("AWS_ENDPOINT_URL", self.fact("/aws/url")?)
            .env("AWS_ACCESS_KEY_ID", self.fact("/aws/access_key_id")?)
            .env("AWS_SECRET_ACCESS_KEY", self.fact("/aws/secret_access_key")?)
            .env("CLICKHOUSE_API_URL", self.fact("/clickhouse/url")?)
            .env("CLICKHOUSE_CLOUD_API_KEY", self.fact("/clickhouse/key_id")?)
            .env("CLICKHOUSE_CLOUD_API_SECRET", self.fact("/clickhouse/key_secret")?)
            .env("PRIVLINK_POLL_SECONDS", "0.2")
            .stdin(Stdio::null())
            .output()?;
        let told = String::from_utf8_lossy(&ran.stderr).into_owned();
        eprint!("{told}");
        Ok(if ran.status.success() { Ok(()) } else { Err(format!("{}: {told}", ran.status)) })
    }

    /// Everything that is in the network and on the vendor's lists, without what differs between any two
    /// of a kind: ids and times.
    async fn left(&self) -> Outcome<Value> {
        let (cloud, vpc) = (self.cloud()?, self.fact("/aws/vpc_id")?.parse()?);
        let of_vpc = || aws::Filter::new().vpc(&vpc);
        let endpoints = cloud.ec2().vpc_endpoints(of_vpc()).all().await?;
        let groups = cloud.ec2().security_groups(of_vpc()).all().await?;
        let mut zones = Vec::new();
        for zone in cloud.route53().zones_of_vpc(&aws::ZoneVpc::new(vpc.clone(), cloud.region().clone())).all().await? {
            let records = cloud.route53().record_sets(&zone.id).all().await?;
            zones.push(json!({ "zone": cloud.route53().hosted_zone(&zone.id).await?, "records": records }));
        }
        let mut text = json!({ "endpoints": endpoints, "groups": groups, "zones": zones }).to_string();
        for (n, endpoint) in endpoints.iter().enumerate() {
            // AWS's names for an endpoint hold a part made of nothing.
            if let Some(label) = endpoint.regional_dns().and_then(|dns| dns.name.as_str().split('.').next()) {
                text = text.replace(label, &format!("<endpoint {n}>"));
            }
            text = text.replace(endpoint.id.as_str(), &format!("<endpoint {n}>"));
            for interface in &endpoint.interfaces {
                text = text.replace(interface.as_str(), "<interface>");
            }
            if let Some(created) = &endpoint.created {
                text = text.replace(created.as_str(), "<time>");
            }
        }
        for (n, group) in groups.iter().enumerate() {
            text = text.replace(group.id.as_str(), &format!("<group {n}>"));
        }
        for zone in &zones {
            if let Some(id) = zone["zone"]["id"].as_str() {
                text = text.replace(id, "<zone>");
            }
        }
        Ok(serde_json::from_str(&text)?)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // It may have ended by itself; there is nobody to tell.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
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
