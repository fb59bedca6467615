//! The list of consumers that is replaced whole: whoever writes in between, nothing that was seen is lost.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use privlink_aiven::Consumer;
use privlink_core::transport::{Limits, Transport, TransportError};
use privlink_core::{BoxFuture, CloudProvider, ErrorKind};
use privlink_sim::{SimTransport, World};
use proptest::prelude::*;
use serde_json::Value;
use support::*;

#[tokio::test(start_paused = true)]
async fn lists_of_a_wrong_length_or_cloud_are_refused_before_any_request() {
    let world = World::new();
    let service = service(&world, "orders-pg");
    let link = service.privatelink(CloudProvider::Aws);
    let many: Vec<Consumer> = (0..17).map(|n| role(&format!("r{n}")).into()).collect();
    let stranger: privlink_core::SubscriptionId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    for list in [&[][..], &many, &[stranger.into()]] {
        assert_eq!(link.create(list).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    for patch in [link.patch_allow_list().add(stranger), link.patch_allow_list().add(role("a")).remove(role("a"))] {
        assert_eq!(patch.send().await.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    let regions: Vec<privlink_core::Region> = (0..17).map(|n| format!("us-west-{n}").parse().unwrap()).collect();
    for (cloud, regions) in [(CloudProvider::Aws, &regions[..]), (CloudProvider::Azure, &[]), (CloudProvider::Gcp, &[])]
    {
        let refused = service.privatelink(cloud).set_supported_regions(regions).await;
        assert_eq!(refused.unwrap_err().kind(), ErrorKind::InvalidInput);
    }
    assert!(world.requests().is_empty());
}

/// Stands for a tool that owns the whole list.
const RUDE: u8 = 99;

/// Changes the list as somebody else before the n-th request, and keeps what went over the wire.
#[derive(Debug)]
struct Meddler {
    inner: SimTransport,
    world: World,
    script: Vec<(usize, bool, u8)>,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    requests: usize,
    /// What the last look showed.
    last: Vec<String>,
    /// Each write, with the look before it.
    writes: Vec<(Vec<String>, Vec<String>)>,
}

impl Transport for Meddler {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        let n = {
            let mut seen = self.seen.lock().unwrap();
            seen.requests += 1;
            if request.method() == http::Method::PUT {
                let body: Value = serde_json::from_slice(request.body()).unwrap();
                let last = seen.last.clone();
                seen.writes.push((last, texts(&body["principals"])));
            }
            seen.requests
        };
        for (_, add, who) in self.script.iter().filter(|(at, ..)| *at == n) {
            let mut list = self.world.aiven().allowed("orders-pg").unwrap();
            if *who == RUDE {
                self.world.aiven().set_allowed("orders-pg", [role("first").to_string()]);
                continue;
            }
            let entry = role(&format!("other{who}")).to_string();
            list.retain(|known| *known != entry);
            if *add {
                list.push(entry);
            }
            self.world.aiven().set_allowed("orders-pg", list);
        }
        let looks = request.method() == http::Method::GET;
        Box::pin(async move {
            let response = self.inner.send(request, limits).await?;
            if looks {
                let body: Value = serde_json::from_slice(response.body()).unwrap();
                self.seen.lock().unwrap().last = texts(&body["principals"]);
            }
            Ok(response)
        })
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// However a second writer comes in between: what the last look before a write showed is in the
    /// write, but for what was to go; nothing else is new; and whoever was overwritten is told.
    #[test]
    fn no_entry_that_was_seen_is_lost(
        script in prop::collection::vec((1_usize..9, any::<bool>(), 0_u8..4), 0..6),
        ours in prop::collection::vec((any::<bool>(), 0_u8..3), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let made = service(&world, "orders-pg");
            made.privatelink(CloudProvider::Aws).create(&[role("first").into()]).await.unwrap();
            active(&world, &made, CloudProvider::Aws).await;
            let seen = Mutex::default();
            let meddler =
                Arc::new(Meddler { inner: world.transport(), world: world.clone(), script: script.clone(), seen });
            let service = service_of(&world, &client_over(&world, Shared(meddler.clone())), "orders-pg");
            for (add, who) in &ours {
                let (list, principal) = (service.privatelink(CloudProvider::Aws).patch_allow_list(), role(&format!("our{who}")));
                let entry = principal.to_string();
                let list = if *add { list.add(principal) } else { list.remove(principal) };
                let before = meddler.seen.lock().unwrap().writes.len();
                let came = list.send().await;
                let writes = meddler.seen.lock().unwrap().writes.clone();
                for (look, write) in &writes[before..] {
                    let mut wanted: BTreeSet<&String> = look.iter().collect();
                    if *add { wanted.insert(&entry) } else { wanted.remove(&entry) };
                    assert_eq!(write.iter().collect::<BTreeSet<_>>(), wanted);
                }
                assert!(writes.len() <= before + 1, "one change is one write");
                match came {
                    Ok(outcome) => assert_eq!(outcome.after.allowed.unwrap().contains(&entry), *add),
                    Err(error) => assert_eq!(error.kind(), ErrorKind::Conflict),
                }
                active(&world, &made, CloudProvider::Aws).await;
            }
        });
    }
}

/// A transport that is looked into afterwards.
#[derive(Clone, Debug)]
struct Shared(Arc<Meddler>);

impl Transport for Shared {
    fn send(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> BoxFuture<'_, Result<http::Response<Bytes>, TransportError>> {
        self.0.send(request, limits)
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_overwritten_at_once_is_told_and_not_repeated() {
    let world = World::new();
    let made = service(&world, "orders-pg");
    made.privatelink(CloudProvider::Aws).create(&[role("first").into()]).await.unwrap();
    active(&world, &made, CloudProvider::Aws).await;
    world.clear_requests();
    // Another tool that owns the whole list writes between our write and our second look.
    let script = vec![(3, false, RUDE)];
    let meddler = Meddler { inner: world.transport(), world: world.clone(), script, seen: Mutex::default() };
    let service = service_of(&world, &client_over(&world, Shared(Arc::new(meddler))), "orders-pg");
    let sent = service.privatelink(CloudProvider::Aws).patch_allow_list().add(role("ours")).send().await;
    let error = sent.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (ErrorKind::Conflict, None));
    assert!(error.help().contains("role/first"), "{}", error.help());
    assert_eq!(world.writes().len(), 1);
}
