//! No secret has a printable form: not in debug output, errors, events, traces, plans or panics.

#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;

use std::fmt::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use common::pair::{Pair, for_each_pair};
use common::vendor;
use privlink_sim::World;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

for_each_pair![no_secret_is_ever_printed, the_search_would_find_a_secret];

/// Keeps the text of every span and event, whatever its level.
#[derive(Clone, Default)]
struct Everything(Arc<Mutex<String>>);

impl Visit for Everything {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = writeln!(self.0.lock().unwrap(), "{field}={value:?}");
    }
}

impl Subscriber for Everything {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// The secrets of a world in every form that could be printed.
fn secrets(pair: &'static Pair, world: &World) -> Vec<String> {
    let vendor = world.clickhouse();
    let basic = base64(&format!("{}:{}", vendor.key_id(), vendor.key_secret()));
    let mut secrets = vec![vendor.key_secret(), basic];
    secrets.extend(pair.secrets(world));
    let encoded: Vec<String> = secrets.iter().map(|secret| base64(secret)).collect();
    secrets.extend(encoded);
    secrets
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.as_bytes().chunks(3).flat_map(|chunk| {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |place| DIGITS[(bits >> (18 - 6 * place) & 63) as usize] as char)
    });
    // Without padding and the last digit before it, which depends on what follows.
    let digits: String = digits.collect();
    digits[..digits.len() - 1].to_owned()
}

async fn no_secret_is_ever_printed(pair: &'static Pair) {
    let traces = Everything::default();
    let guard = tracing::subscriber::set_default(traces.clone());
    let mut said = String::new();
    for kind in ["none", "status", "html", "cut", "reset", "refused", "throttle", "wrong keys"] {
        let world = pair.world();
        for operation in std::iter::once("instanceUpdate").chain(pair.writes()) {
            let faults = world.faults();
            let fault = faults.on(operation).times(9);
            match kind {
                "status" => drop(fault.status(500)),
                "html" => drop(fault.bad_gateway()),
                "cut" => drop(fault.cut_body(30)),
                "reset" => drop(fault.reset_after_commit()),
                "refused" => drop(fault.refuse_connection()),
                "throttle" => drop(fault.throttle(std::time::Duration::from_secs(90))),
                _ => {}
            }
        }
        let secrets = secrets(pair, &world);
        let link = pair.link(&world);
        writeln!(said, "{link:?} {:?} {}", vendor(&world), pair.debug(&world)).unwrap();
        if kind == "wrong keys" {
            world.clickhouse().set_key_enabled(&world.clickhouse().key_id(), false);
            pair.refuse_key(&world);
        }
        match link.plan().await {
            Err(error) => writeln!(said, "{error} {error:?} {}", error.report()).unwrap(),
            Ok(plan) => {
                writeln!(said, "{plan} {plan:?} {}", serde_json::to_string(&plan).unwrap()).unwrap();
                let mut events = String::new();
                let end = link.apply(&plan).observe(|event| writeln!(events, "{event} {event:?}").unwrap()).await;
                said += &events;
                writeln!(said, "{end:?}").unwrap();
                if let Err(error) = &end {
                    writeln!(said, "{error}").unwrap();
                }
                if let Ok(verdict) = link.verify().await {
                    writeln!(said, "{verdict} {verdict:?}").unwrap();
                }
            }
        }
        let panic = std::panic::catch_unwind(AssertUnwindSafe(|| panic!("{link:?}"))).unwrap_err();
        said += panic.downcast_ref::<String>().unwrap();
        for secret in &secrets {
            let traced = traces.0.lock().unwrap();
            assert!(!said.contains(secret), "{kind}: a secret was printed");
            assert!(!traced.contains(secret), "{kind}: a secret was traced");
            assert!(traced.len() > 1_000, "traces were kept at all");
        }
    }
    drop(guard);
}

async fn the_search_would_find_a_secret(pair: &'static Pair) {
    assert_eq!(base64("id:secret"), "aWQ6c2VjcmV0"[..11]);
    let world = pair.world();
    let all = secrets(pair, &world);
    let header = format!("Basic {}", "x");
    assert!(all.len() >= 6 && all.iter().all(|secret| secret.len() > 15 && !header.contains(secret)));
    // What travels in a header is what is searched for.
    pair.link(&world).plan().await.unwrap();
    assert!(pair.secrets(&world).iter().all(|secret| all.contains(secret)));
}
