//! Serves a small simulated world on loopback: its vendors and clouds on one origin.
//!
//! Prints one line of JSON with URLs, keys and ids, or lines for a shell, then runs until it is
//! interrupted.

mod options;
mod reach;

use std::io::Write;
use std::process::ExitCode;

use privlink_sim::{Server, World};
use serde_json::{Value, json};

use options::{Asked, Options, Print};

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
    let mut builder = World::builder().time_scale(options.time_scale);
    if options.data_path.is_some() {
        builder = builder.loopback_network();
    }
    let world = builder.build();
    if options.no_rate_limit {
        world.clickhouse().lift_rate_limit();
        world.cockroach().lift_rate_limit();
        world.zilliz().lift_rate_limit();
    }
    world.gcp().switch(|gcp| gcp.anonymous = options.anonymous);
    // Listened for before the text is out, so that whoever reads it can end the program at once.
    let mut ends = Ends::new().map_err(|error| format!("cannot listen for signals: {error}"))?;
    let server =
        world.serve(&*options.listen).await.map_err(|error| format!("cannot listen on {}: {error}", options.listen))?;
    let reach = match &options.data_path {
        Some(file) => Some(reach::open(&world, file).await?),
        None => None,
    };
    let text = match options.print {
        Print::Json => {
            let mut facts = describe(&world, &server);
            if let Some(reach) = &reach {
                reach.describe(&mut facts);
            }
            format!("{facts}\n")
        }
        Print::Env => variables(&world, &server) + &reach.as_ref().map(reach::Reach::variables).unwrap_or_default(),
    };
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())
        .and_then(|()| out.flush())
        .map_err(|error| format!("cannot write to standard output: {error}"))?;
    ends.wait().await;
    drop(reach);
    server.stop().await;
    Ok(())
}

/// What a client needs to know.
fn describe(world: &World, server: &Server) -> Value {
    let (clickhouse, aws, azure, gcp) = (world.clickhouse(), world.aws(), world.azure(), world.gcp());
    let (cockroach, aiven, zilliz) = (world.cockroach(), world.aiven(), world.zilliz());
    let services: Vec<String> = clickhouse.service_ids().iter().map(ToString::to_string).collect();
    json!({
        "clickhouse": {
            "url": server.url(),
            "organization_id": clickhouse.organization_id().to_string(),
            "service_ids": services,
            "key_id": clickhouse.key_id(),
            "key_secret": clickhouse.key_secret(),
        },
        "cockroach": {
            "url": server.url(),
            "api_key": cockroach.api_key(),
            "cluster_ids": cockroach.cluster_ids().iter().map(ToString::to_string).collect::<Vec<_>>(),
        },
        "aiven": {
            "url": server.url(),
            "token": aiven.token(),
            "project": aiven.project(),
            "services": aiven.services(),
        },
        "zilliz": {
            "url": server.url(),
            "api_key": zilliz.api_key(),
            "project_id": zilliz.project_id(),
            "cluster_ids": zilliz.cluster_ids(),
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
        "azure": {
            "url": server.url(),
            "subscription_id": azure.subscription(),
            "tenant_id": azure.tenant().to_string(),
            "resource_group": azure.resource_group(),
            "location": azure.region(),
            "vnet_id": azure.vnet_id(),
            "subnet_id": azure.subnet_id(),
            "token": azure.token(),
            "private_link_service_aliases": azure.services(),
        },
        "gcp": {
            "url": server.url(),
            "token": gcp.token(),
            "project": gcp.project(),
            "region": gcp.region(),
            "network": gcp.network(),
            "subnetwork": gcp.subnetwork(),
            "service_attachments": gcp.services(),
        },
    })
}

/// The same for a shell: the variables that clients read, and the ids as comments. No value
/// needs quoting.
fn variables(world: &World, server: &Server) -> String {
    let (clickhouse, aws, azure, gcp) = (world.clickhouse(), world.aws(), world.azure(), world.gcp());
    let mut lines = vec![
        format!("CLICKHOUSE_CLOUD_API_KEY={}", clickhouse.key_id()),
        format!("CLICKHOUSE_CLOUD_API_SECRET={}", clickhouse.key_secret()),
        format!("CLICKHOUSE_ORG_ID={}", clickhouse.organization_id()),
        format!("CLICKHOUSE_API_URL={}", server.url()),
        format!("COCKROACH_API_KEY={}", world.cockroach().api_key()),
        format!("COCKROACH_SERVER={}", server.url()),
        format!("AIVEN_AUTH_TOKEN={}", world.aiven().token()),
        format!("AIVEN_PROJECT={}", world.aiven().project()),
        format!("AIVEN_WEB_URL={}", server.url()),
        format!("ZILLIZCLOUD_API_KEY={}", world.zilliz().api_key()),
        format!("ZILLIZCLOUD_HOST_ADDRESS={}", server.url()),
        format!("AWS_ACCESS_KEY_ID={}", aws.access_key_id()),
        format!("AWS_SECRET_ACCESS_KEY={}", aws.secret_access_key()),
        format!("AWS_REGION={}", aws.region()),
        format!("AWS_ENDPOINT_URL={}", server.url()),
        format!("AZURE_SUBSCRIPTION_ID={}", azure.subscription()),
        format!("AZURE_TENANT_ID={}", azure.tenant()),
        format!("AZURE_ACCESS_TOKEN={}", azure.token()),
        format!("AZURE_RESOURCE_MANAGER_ENDPOINT={}", server.url()),
        format!("GOOGLE_CLOUD_PROJECT={}", gcp.project()),
        format!("GOOGLE_CLOUD_REGION={}", gcp.region()),
        format!("GOOGLE_OAUTH_ACCESS_TOKEN={}", gcp.token()),
        format!("GOOGLE_COMPUTE_CUSTOM_ENDPOINT={}/compute/v1/", server.url()),
        format!("GOOGLE_DNS_CUSTOM_ENDPOINT={}/dns/v1/", server.url()),
        format!("CLOUDSDK_CORE_PROJECT={}", gcp.project()),
        format!("CLOUDSDK_COMPUTE_REGION={}", gcp.region()),
        format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE={}/compute/v1/", server.url()),
        format!("CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS={}/", server.url()),
    ];
    lines.extend(clickhouse.service_ids().iter().map(|id| format!("# service {id}")));
    lines.extend(world.cockroach().cluster_ids().iter().map(|id| format!("# cockroach-cluster {id}")));
    lines.extend(world.aiven().services().iter().map(|name| format!("# aiven-service {name}")));
    lines.push(format!("# zilliz-project {}", world.zilliz().project_id()));
    lines.extend(world.zilliz().cluster_ids().iter().map(|id| format!("# zilliz-cluster {id}")));
    lines.push(format!("# vpc {}", aws.vpc_id()));
    lines.extend(aws.subnet_ids().iter().map(|id| format!("# subnet {id}")));
    lines.push(format!("# virtual-network {}", azure.vnet_id()));
    lines.push(format!("# subnet {}", azure.subnet_id()));
    lines.extend(azure.services().iter().map(|alias| format!("# private-link-service {alias}")));
    lines.push(format!("# network {}", gcp.network()));
    lines.extend(gcp.subnetworks().iter().map(|path| format!("# subnetwork {path}")));
    lines.extend(gcp.services().iter().map(|path| format!("# attachment {path}")));
    lines.into_iter().map(|line| line + "\n").collect()
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
