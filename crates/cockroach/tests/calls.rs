//! The typed calls beside a link: what goes over the wire, whom it is for, and what it comes to.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use privlink_cockroach::{Client, DomainNamesState, EgressState, EgressTarget, OwnerType, TrustedAccount};
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind, WaitError};
use privlink_sim::{CockroachClusterSpec, SimTransport, World};
use support::*;

const AZURE: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/app/providers/\
                     Microsoft.Network/privateEndpoints/orders";

/// Keeps method, path and the headers that are not about the body.
#[derive(Clone, Debug)]
struct Wire {
    inner: SimTransport,
    seen: Arc<Mutex<Vec<http::Request<()>>>>,
}

impl Wire {
    fn of(world: &World) -> Self {
        Self { inner: world.transport(), seen: Arc::default() }
    }

    fn paths(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|seen| format!("{} {}", seen.method(), seen.uri().path())).collect()
    }
}

impl Transport for Wire {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let (parts, body) = request.into_parts();
        self.seen.lock().unwrap().push(http::Request::from_parts(parts.clone(), ()));
        self.inner.send(http::Request::from_parts(parts, body), limits)
    }
}

#[tokio::test(start_paused = true)]
async fn every_request_names_the_version_and_an_id_is_one_segment() {
    let world = World::new();
    let wire = Wire::of(&world);
    let cluster = client_over(&world, wire.clone()).cluster(cluster_id(&world, "invoices"));
    let endpoint = AZURE.parse().unwrap();
    cluster.create_private_endpoint_services().await.unwrap();
    cluster.add_private_endpoint_connection(&endpoint).await.unwrap();
    cluster.delete_private_endpoint_connection(&endpoint).await.unwrap();
    cluster
        .add_allowed_range(&privlink_cockroach::AllowedRange::sql("198.51.100.0/24".parse().unwrap()))
        .await
        .unwrap();
    cluster.remove_allowed_range(&"198.51.100.0/24".parse().unwrap()).await.unwrap();
    for seen in wire.seen.lock().unwrap().iter() {
        assert_eq!(seen.headers()["cc-version"], "2024-09-16", "{seen:?}");
        assert_eq!(seen.uri().host(), Some("cockroachlabs.cloud"));
    }
    let networking = format!("/api/v1/clusters/{}/networking", cluster.id());
    assert_eq!(
        wire.paths(),
        [
            format!("POST {networking}/private-endpoint-services"),
            format!("POST {networking}/private-endpoint-connections"),
            format!("DELETE {networking}/private-endpoint-connections/{}", AZURE.replace('/', "%2F")),
            format!("PUT {networking}/allowlist/198.51.100.0/24"),
            format!("DELETE {networking}/allowlist/198.51.100.0/24"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_jwt_goes_with_its_organization_and_another_version_is_the_callers_to_name() {
    let world = World::new();
    let wire = Wire::of(&world);
    let mut facts = privlink_cockroach::facts::Facts::default();
    facts.api_version.value = "2023-04-10".into();
    let client = Client::over(wire.clone())
        .clock(world.clock())
        .jwt(world.cockroach().api_key(), "acme", Some("ci".to_owned()))
        .facts(facts)
        .build()
        .unwrap();
    client.clusters().all().await.unwrap();
    let seen = wire.seen.lock().unwrap();
    let header = |name: &str| seen[0].headers()[name].to_str().unwrap().to_owned();
    assert_eq!([header("cc-version"), header("cc-vanity-name"), header("cc-username")], ["2023-04-10", "acme", "ci"]);
}

#[tokio::test(start_paused = true)]
async fn a_version_that_nobody_knows_is_told() {
    let world = World::new();
    let mut facts = privlink_cockroach::facts::Facts::default();
    facts.api_version.value = "2042-01-01".into();
    let client = Client::over(world.transport()).clock(world.clock()).api_key(world.cockroach().api_key());
    let error = client.facts(facts).build().unwrap().clusters().all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("Cc-Version"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn trusted_owners_are_entries_of_their_own_and_decide_who_gets_in() {
    let world = World::new();
    let cluster = cluster(&world, "shopfront");
    let owner = cluster.add_trusted_owner(&"210987654321".parse().unwrap()).await.unwrap();
    assert_eq!(
        (owner.kind.clone(), &*owner.owner, owner.cluster),
        (OwnerType::AwsAccountId, "210987654321", cluster.id())
    );
    // An endpoint of another account is never let in.
    cluster.add_private_endpoint_connection(&vpce(OURS)).await.unwrap();
    world.clock().sleep(Duration::from_secs(3_600)).await;
    let listed = cluster.private_endpoint_connections().await.unwrap();
    assert_eq!(listed[0].as_ref().unwrap().status.as_str(), "PENDING_ACCEPTANCE");
    // Everybody, beside the one.
    let everybody = cluster.add_trusted_owner(&TrustedAccount::Everybody).await.unwrap();
    assert_eq!(&*everybody.owner, "*");
    cluster.add_private_endpoint_connection(&vpce(OTHER)).await.unwrap();
    world.clock().sleep(Duration::from_secs(3_600)).await;
    let listed = cluster.private_endpoint_connections().await.unwrap();
    let let_in = listed.iter().flatten().find(|entry| entry.names(&vpce(OTHER))).unwrap();
    assert_eq!(let_in.status.as_str(), "AVAILABLE");
    cluster.remove_trusted_owner(everybody.id).await.unwrap();
    cluster.remove_trusted_owner(owner.id).await.unwrap();
    cluster.remove_trusted_owner(owner.id).await.unwrap();
    assert!(cluster.trusted_owners().await.unwrap().is_empty());
    assert_eq!(cluster.trusted_owner(owner.id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_has_to_enable_says_so_when_it_is_not() {
    let world = World::new();
    world.cockroach().switch(|switches| switches.limited_access = false);
    let cluster = cluster(&world, "shopfront");
    let account: TrustedAccount = "123456789012".parse().unwrap();
    let target = EgressTarget::private_service("com.amazonaws.us-east-1.s3");
    for error in [
        cluster.trusted_owners().await.map(drop).unwrap_err(),
        cluster.add_trusted_owner(&account).await.map(drop).unwrap_err(),
        cluster.egress_private_endpoints().all().await.map(drop).unwrap_err(),
        cluster.create_egress_private_endpoint(&"us-east-1".parse().unwrap(), &target).await.map(drop).unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.http_status()), (ErrorKind::PermissionDenied, Some(403)));
        assert!(error.help().contains("enabled by the vendor"), "{}", error.help());
    }
    // Neither is needed for a link.
    let survey = privlink_core::side::Side::survey(&cluster, &known(OURS), &cx(&world)).await.unwrap();
    assert!(survey.findings.is_empty(), "{:?}", survey.findings);
}

#[tokio::test(start_paused = true)]
async fn an_egress_endpoint_is_made_named_used_and_deleted() {
    let world = World::new();
    let cluster = cluster(&world, "shopfront");
    let target = EgressTarget::private_service("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890");
    let made = cluster.create_egress_private_endpoint(&"us-east-1".parse().unwrap(), &target).await.unwrap();
    assert!(made.state.is_none() && !made.is_addressed(), "{made:?}");
    assert_eq!(cluster.details().await.unwrap().state.as_str(), "LOCKED");
    // First it can be accepted, then used.
    let addressed = cluster.egress_addressed(made.id).await.unwrap();
    assert_eq!(addressed.state, Some(EgressState::PendingAcceptance));
    let ready = cluster.egress_available(made.id).await.unwrap();
    assert!(ready.is_usable() && ready.address == addressed.address && ready.target == target);

    let names = ["*.us-east-2.aws.confluent.cloud".parse().unwrap()];
    let named = cluster.set_egress_domain_names(made.id, &names).await.unwrap();
    assert_eq!(named.domain_names_state, Some(DomainNamesState::Pending));
    assert_eq!(cluster.egress_named(made.id).await.unwrap().domain_names, names);

    cluster.delete_egress_private_endpoint(made.id).await.unwrap();
    assert_eq!(cluster.egress_private_endpoint(made.id).await.unwrap().state, Some(EgressState::Deleting));
    world.clock().sleep(Duration::from_secs(60)).await;
    assert_eq!(cluster.egress_private_endpoint(made.id).await.unwrap_err().kind(), ErrorKind::NotFound);
    cluster.delete_egress_private_endpoint(made.id).await.unwrap();
    assert!(cluster.egress_private_endpoints().all().await.unwrap().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refused_egress_endpoint_ends_the_wait_and_a_locked_cluster_is_waited_for() {
    for locked in [privlink_sim::CockroachOnLocked::Unavailable503, privlink_sim::CockroachOnLocked::Text400] {
        let world = World::new();
        world.cockroach().switch(|switches| {
            switches.on_locked = locked;
            switches.page_size = 1;
            switches.egress_takes = Duration::from_secs(5);
        });
        let cluster = cluster(&world, "shopfront");
        let region = "us-east-1".parse().unwrap();
        let first = EgressTarget::private_service("com.amazonaws.us-east-1.s3");
        let made = cluster.create_egress_private_endpoint(&region, &first).await.unwrap();
        // The cluster is busy with the first one, and the second one's call waits for it.
        let second = EgressTarget::new("MSK_TLS".into(), "arn:aws:kafka:us-east-1:123456789012:cluster/a/b");
        cluster.create_egress_private_endpoint(&region, &second).await.unwrap();
        assert_eq!(cluster.egress_private_endpoints().all().await.unwrap().len(), 2, "on two pages");
        world.cockroach().set_egress_state(cluster.id().uuid(), made.id.uuid(), Some("REJECTED"));
        let error = cluster.egress_available(made.id).await.unwrap_err();
        assert!(matches!(&error, WaitError::Failed(why) if why.contains("REJECTED")), "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_cluster_of_another_cloud_has_an_account_for_the_far_side() {
    let world = World::new();
    let spec = CockroachClusterSpec::new("outbound", CloudProvider::Gcp, "us-central1".parse().unwrap());
    let id = world.cockroach().add_cluster(spec);
    let cluster = client(&world).cluster(id.into());
    assert!(cluster.details().await.unwrap().account.unwrap().starts_with("crl-prod-"));
    let attachment = "projects/example-project/regions/us-central1/serviceAttachments/kafka";
    let target = EgressTarget::from(&attachment.parse::<privlink_core::EndpointServiceId>().unwrap());
    let made = cluster.create_egress_private_endpoint(&"us-central1".parse().unwrap(), &target).await.unwrap();
    assert_eq!(made.target.identifier, attachment);
    cluster.egress_available(made.id).await.unwrap();
    let error = cluster.create_egress_private_endpoint(&"us-east1".parse().unwrap(), &target).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}
