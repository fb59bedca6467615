//! One port of one address, as often as is asked for, and what all the addresses make of a port.

use std::net::IpAddr;
use std::time::Duration;

use privlink_core::DnsName;
use privlink_core::side::{Cause, Layer, Rung, RungResult, Tries};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

use crate::dial::{self, Break};
use crate::local::Inner;
use crate::ports::Target;
use crate::protocol;

/// What was seen on one port of one address, try by try.
pub(crate) struct Visits {
    pub(crate) address: IpAddr,
    tries: Vec<Visit>,
}

impl Visits {
    /// The addresses this machine spoke from.
    pub(crate) fn local(&self) -> impl Iterator<Item = IpAddr> + '_ {
        self.tries.iter().filter_map(|visit| visit.local)
    }

    /// The steps of one layer, of the tries that came so far.
    fn steps(&self, layer: Layer) -> impl Iterator<Item = &Step> {
        self.tries.iter().flat_map(|visit| &visit.steps).filter(move |step| step.layer == layer)
    }
}

struct Visit {
    local: Option<IpAddr>,
    steps: Vec<Step>,
}

struct Step {
    layer: Layer,
    result: RungResult,
    cause: Option<Cause>,
    seen: String,
    took: Duration,
}

/// Tries a port of an address as often as the probe says, one try after the other.
pub(crate) async fn visits(
    probe: &Inner,
    places: &Semaphore,
    host: &DnsName,
    target: Target,
    address: IpAddr,
) -> Visits {
    let mut tries = Vec::new();
    for _ in 0..probe.tries {
        // A semaphore that nobody closes gives its permits to all in turn.
        let _place = places.acquire().await;
        tries.push(visit(probe, host, target, address).await);
    }
    Visits { address, tries }
}

async fn visit(probe: &Inner, host: &DnsName, target: Target, address: IpAddr) -> Visit {
    let mut visit = Visit { local: None, steps: Vec::new() };
    let mut began = Instant::now();
    let mut record = |layer, outcome: Result<String, Break>| {
        let took = began.elapsed();
        began = Instant::now();
        let (result, cause, seen) = match outcome {
            Ok(seen) => (RungResult::Held, None, seen),
            Err(Break { result, seen, cause }) => (result, cause, seen),
        };
        visit.steps.push(Step { layer, result, cause, seen, took });
    };

    let mut tcp = match dial::connect(address, target.port, probe.connect).await {
        Ok(tcp) => tcp,
        // It stood, or else it would have been refused, and was cut before it could be used: the
        // same as a little later, which only the machine's pace decides.
        Err(broken) if broken.result == RungResult::Reset && !target.sample => {
            record(Layer::Tcp, Ok("connected".to_owned()));
            record(Layer::Tls, Err(Break { seen: broken.seen.replace(dial::CONNECTION, "TLS handshake"), ..broken }));
            return visit;
        }
        Err(mut broken) => {
            if target.sample {
                broken.seen.push_str(SAMPLE);
            }
            record(Layer::Tcp, Err(broken));
            return visit;
        }
    };
    let local = tcp.local_addr().ok().map(|local| local.ip());
    if target.sample {
        record(Layer::Tcp, Ok(format!("connected{SAMPLE}")));
        visit.local = local;
        return visit;
    }
    record(Layer::Tcp, Ok("connected".to_owned()));

    let shaken = timeout(probe.tls, async {
        let said = protocol::preface(target.protocol, &mut tcp).await?;
        let (stream, seen) = probe.secure.open(tcp, host, protocol::is_http(target.protocol)).await?;
        Ok((stream, said, seen))
    });
    match shaken.await.unwrap_or_else(|_| Err(Break::late("TLS handshake", probe.tls))) {
        Ok((mut stream, said, seen)) => {
            record(Layer::Tls, Ok(seen));
            let asked = timeout(probe.answer, protocol::ask(target.protocol, &mut stream, host, target.port)).await;
            match (said, asked.unwrap_or_else(|_| Err(Break::late("protocol", probe.answer)))) {
                (_, Err(broken)) => record(Layer::Protocol, Err(broken)),
                (_, Ok(Some(seen))) | (Some(seen), Ok(None)) => record(Layer::Protocol, Ok(seen)),
                (None, Ok(None)) => {}
            }
        }
        Err(broken) => record(Layer::Tls, Err(broken)),
    }
    visit.local = local;
    visit
}

const SAMPLE: &str = "; this port stands for a range in which nobody promises a listener";

/// The visits of one port as rungs: a layer holds if it holds on every address in every try.
pub(crate) fn join(host: &DnsName, target: &Target, visits: &[Visits]) -> Vec<Rung> {
    let mut rungs = Vec::new();
    for layer in [Layer::Tcp, Layer::Tls, Layer::Protocol] {
        let steps: Vec<(IpAddr, &Step)> =
            visits.iter().flat_map(|visits| visits.steps(layer).map(|step| (visits.address, step))).collect();
        let Some((_, first)) = steps.iter().find(|(_, step)| step.result != RungResult::Held).or(steps.first()) else {
            break;
        };
        let held = |visits: &&Visits| visits.steps(layer).all(|step| step.result == RungResult::Held);
        let (whole, broken): (Vec<&Visits>, Vec<&Visits>) =
            visits.iter().filter(|visits| visits.steps(layer).next().is_some()).partition(held);
        let addresses = |of: &[&Visits]| of.iter().map(|visits| visits.address).collect::<Vec<_>>();
        let took = steps.iter().map(|(_, step)| step.took).max().unwrap_or_default();
        let rung = Rung::new(host.clone(), Some(target.port), layer, first.result, words(&steps)).took(took);
        if broken.is_empty() {
            rungs.push(rung.addresses(addresses(&whole)).tries(worst(layer, &whole)));
            continue;
        }
        // A break names the addresses that broke, and beside them those that held.
        let rung = rung.addresses(addresses(&broken)).held_on(addresses(&whole)).cause(first.cause);
        rungs.push(rung.tries(worst(layer, &broken)));
        break;
    }
    rungs
}

/// How often a layer was tried on the address on which it held least often.
fn worst(layer: Layer, visits: &[&Visits]) -> Tries {
    let tries = visits.iter().map(|visits| {
        let (made, held) = visits
            .steps(layer)
            .fold((0, 0), |(made, held), step| (made + 1, held + u32::from(step.result == RungResult::Held)));
        Tries::new(made, held)
    });
    tries.min_by_key(|tries| tries.held).unwrap_or(Tries::new(0, 0))
}

/// What was seen, once if it was the same everywhere, else address by address, each thing once.
fn words(steps: &[(IpAddr, &Step)]) -> String {
    let [(_, first), rest @ ..] = steps else { return String::new() };
    if rest.iter().all(|(_, step)| step.seen == first.seen) {
        return first.seen.clone();
    }
    let mut told: Vec<(String, usize)> = Vec::new();
    for (address, step) in steps {
        let text = format!("{address}: {}", step.seen);
        match told.iter_mut().find(|(known, _)| *known == text) {
            Some((_, times)) => *times += 1,
            None => told.push((text, 1)),
        }
    }
    let told = told.into_iter().map(|(text, times)| if times == 1 { text } else { format!("{text} ({times} times)") });
    told.collect::<Vec<_>>().join("; ")
}
