//! One link in a simulated world, as an application would build it.

#![allow(dead_code, reason = "each test uses its part")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

pub(crate) mod pair;
pub(crate) mod rows;

use std::sync::Arc;

use privlink::core::side::Plan;
use privlink::core::{EndpointServiceId, PrivateEndpointId, VpcEndpointId};
use privlink::{Applied, ApplyError, Link, LinkBuilder, aws, clickhouse};
use privlink_sim::World;

/// The vendor's client of a world.
pub(crate) fn vendor(world: &World) -> clickhouse::Client {
    trace();
    let vendor = world.clickhouse();
    clickhouse::Client::over(world.transport())
        .api_key(vendor.key_id(), vendor.key_secret())
        .clock(world.clock())
        .build()
        .unwrap()
}

/// The cloud's client of a world.
pub(crate) fn cloud(world: &World) -> aws::Client {
    trace();
    let cloud = world.aws();
    aws::Client::over(world.transport(), cloud.region())
        .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
        .clock(world.clock())
        .build()
        .unwrap()
}

/// The network of a world, with all its subnets.
pub(crate) fn network(world: &World) -> aws::Network {
    cloud(world).vpc(world.aws().vpc_id()).subnets(world.aws().subnet_ids())
}

/// A link of the world's first service, to be changed before it is built.
pub(crate) fn builder(world: &World) -> LinkBuilder {
    builder_of(world, "orders-prod", 0, network(world))
}

/// A link of the world's `number`-th service.
pub(crate) fn builder_of(world: &World, name: &str, number: usize, network: aws::Network) -> LinkBuilder {
    let service = vendor(world).service(world.clickhouse().service_ids()[number].into());
    Link::builder(name.parse().unwrap(), service, network)
        .clock(world.clock())
        .vantage(world.vantage(&world.aws().subnet_ids()[0]))
}

/// A link of the world's first service.
pub(crate) fn link(world: &World) -> Link {
    builder(world).build().unwrap()
}

/// Plans and applies, as often as there is more to be planned.
pub(crate) async fn set_up(link: &Link) -> Result<Applied, ApplyError> {
    for _ in 0..4 {
        let plan = link.plan().await.unwrap();
        let applied = link.apply(&plan).await?;
        if !applied.plan_again {
            return Ok(applied);
        }
    }
    panic!("there is always more to plan")
}

/// The plan that says all that is left, with what has to come before it applied.
pub(crate) async fn last_plan(link: &Link) -> Plan {
    for _ in 0..4 {
        let plan = link.plan().await.unwrap();
        if plan.later.is_none() {
            return plan;
        }
        link.apply(&plan).await.unwrap();
    }
    panic!("there is always more to plan")
}

/// Plans to remove and applies that.
pub(crate) async fn take_down(link: &Link) -> Plan {
    let plan = link.removal_plan().await.unwrap();
    link.apply(&plan).await.unwrap_or_else(|error| panic!("{error}\n{plan}"));
    plan
}

/// The endpoints of a world that are not deleted.
pub(crate) fn endpoints(world: &World) -> Vec<VpcEndpointId> {
    world.aws().endpoints().into_iter().map(|endpoint| endpoint.id).collect()
}

/// An endpoint that some other tool made for the world's first service, as far as connected.
pub(crate) async fn foreign_endpoint(world: &World) -> VpcEndpointId {
    let service = world.clickhouse().endpoint_service(world.clickhouse().service_id()).unwrap();
    let EndpointServiceId::Aws(service) = service else { panic!("{service}") };
    let group = world.aws().add_group(&world.aws().vpc_id(), "made elsewhere");
    world.aws().open_ports(&group, 1..=65_535, "10.0.0.0/16".parse().unwrap());
    let request = aws::CreateVpcEndpoint::new(
        world.aws().vpc_id(),
        service,
        "made-elsewhere",
        vec![world.aws().subnet_ids()[0].clone()],
        vec![group],
    );
    let made = cloud(world).ec2().create_vpc_endpoint(&request).await.unwrap();
    world.clock().sleep(std::time::Duration::from_secs(600)).await;
    made.id
}

/// The VPC endpoint a link goes through.
pub(crate) fn endpoint_of(applied: &Applied) -> VpcEndpointId {
    match applied.exchange.endpoints.values().next().and_then(|endpoint| endpoint.ids.primary()) {
        Some(PrivateEndpointId::Aws(id)) => id,
        other => panic!("{other:?}"),
    }
}

/// With `PRIVLINK_TRACE` set, prints every trace of the whole suite, so that a check outside
/// can search it for secrets.
pub(crate) fn trace() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        if std::env::var_os("PRIVLINK_TRACE").is_some() {
            let _ = tracing::subscriber::set_global_default(Arc::new(print::Printer::default()));
        }
    });
}

/// The smallest subscriber that prints everything it is told.
mod print {
    use std::fmt::Write as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use tracing::field::{Field, Visit};
    use tracing::span::{Attributes, Id, Record};
    use tracing::{Event, Metadata, Subscriber};

    #[derive(Default)]
    pub(super) struct Printer(AtomicU64);

    struct Line(String);

    impl Visit for Line {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            let _ = write!(self.0, " {field}={value:?}");
        }
    }

    impl Subscriber for Printer {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, span: &Attributes<'_>) -> Id {
            let mut line = Line(format!("span {}", span.metadata().name()));
            span.record(&mut line);
            eprintln!("{}", line.0);
            Id::from_u64(self.0.fetch_add(1, Ordering::Relaxed) + 1)
        }

        fn record(&self, _: &Id, values: &Record<'_>) {
            let mut line = Line("record".into());
            values.record(&mut line);
            eprintln!("{}", line.0);
        }

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            let mut line = Line(event.metadata().target().to_owned());
            event.record(&mut line);
            eprintln!("{}", line.0);
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }
}
