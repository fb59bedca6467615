//! What others have in the subscription, and what they do to what is ours.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod world;

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use privlink_azure::Client;
use privlink_core::side::Side;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, PrivateLinkServiceAlias};
use privlink_sim::World;
use world::*;

/// The world, whose lists hold one thing more.
#[derive(Debug)]
struct Beside<T>(T);

/// Azure lets a group have letters of other scripts; ids with such are not taken here.
const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/größe";

impl<T: Transport> Transport for Beside<T> {
    fn send(&self, request: Request<Bytes>, limits: Limits) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        let path = request.uri().path().to_ascii_lowercase();
        let kind = ["privateEndpoints", "privateDnsZones"].into_iter().find(|kind| {
            path.ends_with(&format!("/providers/microsoft.network/{}", kind.to_ascii_lowercase()))
                && !path.contains("/resourcegroups/")
        });
        Box::pin(async move {
            let answer = self.0.send(request, limits).await?;
            let Some(kind) = kind.filter(|_| answer.status().is_success()) else { return Ok(answer) };
            let (parts, body) = answer.into_parts();
            let mut list: serde_json::Value = serde_json::from_slice(&body).unwrap();
            let one = serde_json::json!({
                "id": format!("{GROUP}/providers/Microsoft.Network/{kind}/others.example.com"), "location": "westus3",
                "properties": {"provisioningState": "Succeeded"},
            });
            list["value"].as_array_mut().unwrap().insert(0, one);
            Ok(Response::from_parts(parts, list.to_string().into()))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_has_in_a_group_of_any_name_stops_nothing() {
    let world = World::new();
    let client = Client::over(Beside(world.transport()), world.azure().subscription());
    let client = client.token(world.azure().token()).clock(world.clock()).build().unwrap();
    let subscription = world.azure().subscription();
    let listed: Vec<_> = client.networking().private_endpoints_of(subscription).all().await.into_iter().collect();
    assert!(listed.is_empty(), "the typed list tells of it");
    let network = client.network(vnet(&world)).subnet(subnet(&world));
    let known = set_up(&network, &vendor(&world)).await;
    let removal = network.removal(&known, &cx(&world)).await.unwrap();
    take_down(&network, &world, &known, &removal.steps).await;
    assert!(world.azure().endpoints().is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_made_anew_under_the_same_id_is_noticed_before_anything_leads_to_it() {
    let world = World::new();
    let (network, vendor, cx) = (network(&world), vendor(&world), cx(&world));
    let (_, survey) = plan(&network, &vendor).await;
    let known = set_up(&network, &vendor).await;
    let endpoint = world.azure().endpoints().remove(0);
    let service = known.services.values().next().unwrap().id.to_string();
    world.azure().delete_endpoint(&endpoint.id);
    world.clock().sleep(Duration::from_secs(120)).await;
    let alias: PrivateLinkServiceAlias = service.parse().unwrap();
    assert_eq!(world.azure().make_endpoint(endpoint.id.resource().name(), &alias), endpoint.id);
    world.clock().sleep(Duration::from_secs(120)).await;
    for verb in ["azure.address", "azure.await_connected", "azure.record"] {
        let step = survey.steps.iter().find(|step| step.verb == verb).unwrap();
        let finding = finish(&network, &cx, &known, step).await.unwrap_err();
        assert_eq!(&*finding.code, "AZURE-017", "{verb}: {finding}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_zone_or_link_that_failed_is_made_all_the_same() {
    for verb in ["azure.zone", "azure.zone_link"] {
        for (code, passes) in [("RetryableError", true), ("InternalServerError", true), ("QuotaExceeded", false)] {
            let world = World::new();
            let (network, vendor) = (network(&world), vendor(&world));
            let (known, survey) = plan(&network, &vendor).await;
            let place = survey.steps.iter().position(|step| step.verb == verb).unwrap();
            let before: Vec<_> = survey
                .steps
                .iter()
                .enumerate()
                .filter(|(at, step)| *at != place && step.verb != "azure.zone_link")
                .map(|(_, step)| step.clone())
                .collect();
            let before: Vec<_> =
                before.into_iter().filter(|step| verb == "azure.zone_link" || step.verb != "azure.record").collect();
            let End::Done(known) = apply(&network, &vendor, known, &before).await else { panic!("{verb}") };
            world.azure().fail_next_operation(code, "not now");
            let step = &survey.steps[place];
            let ended = finish(&network, &cx(&world), &known, step).await;
            assert_eq!(ended.is_ok(), passes, "{verb} {code}: {ended:?}");
            // What failed for good is asked for again by the next plan.
            set_up(&network, &vendor).await;
            let (_, survey) = plan(&network, &vendor).await;
            assert_eq!(todo(&survey), [""; 0], "{verb} {code}");
        }
    }
}
