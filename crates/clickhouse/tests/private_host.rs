//! A private host is used as the vendor says it, unless it is outside the vendor's own names.

mod support;

use bytes::Bytes;
use privlink_clickhouse::{Client, Service};
use privlink_core::side::{Exchange, Fact, Side, Survey};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, Severity};
use privlink_sim::{ServiceSpec, SimTransport, World};
use support::*;

/// Puts another private host into the vendor's answer.
#[derive(Clone, Debug)]
struct Forged {
    inner: SimTransport,
    honest: String,
    host: String,
}

impl Transport for Forged {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        Box::pin(async move {
            let answer = self.inner.send(request, limits).await?;
            let forged = |body: Bytes| String::from_utf8_lossy(&body).replace(&self.honest, &self.host).into();
            Ok(answer.map(forged))
        })
    }
}

/// The world's service `orders`, whose private host is answered as `host`.
fn forged(world: &World, host: &str) -> Service {
    forged_of(world, world.clickhouse().find_service("orders").expect("a seeded service"), host)
}

fn forged_of(world: &World, id: uuid::Uuid, host: &str) -> Service {
    let honest = world.clickhouse().private_host(id).expect("a service of the world").to_string();
    let client: Client = client_over(world, Forged { inner: world.transport(), honest, host: host.to_owned() });
    client.service(id.into())
}

async fn survey(world: &World, service: &Service) -> Survey {
    service.survey(&Exchange::new(), &cx(world)).await.expect("a survey")
}

fn told(survey: &Survey, code: &str) -> Option<Severity> {
    survey.findings.iter().find(|finding| finding.code == code).map(|finding| finding.severity)
}

#[tokio::test(start_paused = true)]
async fn a_host_outside_the_vendors_names_blocks_and_no_name_is_published() {
    let world = World::new();
    for host in [
        "login.bank.example",
        "sts.us-east-1.amazonaws.com",
        // Of another region, of another cloud, without the label of private names, of another form.
        "abc123defg.eu-west-1.vpce.aws.clickhouse.cloud",
        "abc123defg.us-east-1.p.gcp.clickhouse.cloud",
        "abc123defg.us-east-1.aws.clickhouse.cloud",
        "a.abc123defg.us-east-1.vpce.aws.clickhouse.cloud",
        "us-east-1.vpce.aws.clickhouse.cloud",
        "abc123defg.us-east-1.vpce.aws.clickhouse.cloud.example",
        "abc.vpce.infra.us-east-1.aws.clickhouse-byoc.com",
    ] {
        let survey = survey(&world, &forged(&world, host)).await;
        assert_eq!(told(&survey, "CH-012"), Some(Severity::Blocks), "{host}");
        assert!(survey.known.names.is_empty() && !survey.known.holds(None, &Fact::Names), "{host}");
        let finding = survey.findings.iter().find(|finding| finding.code == "CH-012").unwrap();
        assert!(finding.next_step.contains("trust_private_host") && finding.to_string().contains(host), "{finding}");
    }
}

#[tokio::test(start_paused = true)]
async fn inside_the_pattern_the_vendors_answer_wins_over_the_derived_name() {
    let world = World::new();
    let host = "another.us-east-1.vpce.aws.clickhouse.cloud";
    let survey = survey(&world, &forged(&world, host)).await;
    assert_eq!((told(&survey, "CH-012"), told(&survey, "CH-018")), (None, Some(Severity::Info)));
    assert_eq!(survey.known.names[0].host.as_str(), host);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_was_vouched_for_is_used_and_no_other() {
    let world = World::new();
    let service = forged(&world, "db.corp.example").trust_private_host("db.corp.example".parse().unwrap());
    let one = survey(&world, &service).await;
    assert_eq!(told(&one, "CH-012"), Some(Severity::Info));
    assert_eq!(one.known.names[0].host.as_str(), "db.corp.example");
    let service = forged(&world, "www.corp.example").trust_private_host("db.corp.example".parse().unwrap());
    assert_eq!(told(&survey(&world, &service).await, "CH-012"), Some(Severity::Blocks));
}

#[tokio::test(start_paused = true)]
async fn every_clouds_own_names_are_inside_and_byoc_has_its_own() {
    let world = World::new();
    for (cloud, region) in
        [(CloudProvider::Aws, "us-east-1"), (CloudProvider::Azure, "westus3"), (CloudProvider::Gcp, "us-central1")]
    {
        let region: privlink_core::Region = region.parse().unwrap();
        let id = world.clickhouse().add_service(ServiceSpec::new(format!("plain-{cloud}"), cloud, region.clone()));
        let seen = survey(&world, &client(&world).service(id.into())).await;
        assert_eq!((told(&seen, "CH-012"), told(&seen, "CH-018")), (None, None), "{cloud}");
        let infrastructure = world.clickhouse().add_byoc(cloud, &region, "123456789012");
        let spec = ServiceSpec::new(format!("own-{cloud}"), cloud, region).byoc(infrastructure);
        let own = world.clickhouse().add_service(spec);
        enable(&world, infrastructure).await;
        let seen = survey(&world, &client(&world).service(own.into())).await;
        assert_eq!((told(&seen, "CH-012"), told(&seen, "CH-018")), (None, None), "{cloud} byoc");
        let host = seen.known.names[0].host.as_str();
        assert!(host.ends_with(&format!(".{cloud}.clickhouse-byoc.com")), "{host}");
        let forged = forged_of(&world, own, "abc123defg.us-east-1.vpce.aws.clickhouse.cloud");
        assert_eq!(told(&survey(&world, &forged).await, "CH-012"), Some(Severity::Blocks), "{cloud} byoc");
    }
}

/// Switches private link of a BYOC infrastructure on, in the order the vendor wants.
async fn enable(world: &World, infrastructure: uuid::Uuid) {
    let path = format!("/organizations/{}/byocInfrastructure/{infrastructure}", world.clickhouse().organization_id());
    for switch in ["enablePrivateLoadBalancer", "enablePrivateLink"] {
        let body = serde_json::json!({ switch: true });
        let request = client(world).request(http::Method::PATCH, &path).expect("a good path").json(&body);
        request.send().await.unwrap_or_else(|error| panic!("{}", error.report()));
    }
}
