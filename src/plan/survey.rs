//! Reading both sides until neither learns anything new from the other.

use futures_util::future;
use privlink_core::side::{Cx, DatabaseSide, EndpointIds, Exchange, NetworkSide, Survey};
use privlink_core::{CloudProvider, Error, Finding, Result, Severity};

/// More rounds than any two sides need; reached only when two sides keep changing their minds.
const MOST_ROUNDS: u32 = 8;

/// What both sides said in the end.
#[derive(Debug, Default)]
pub(crate) struct Surveyed {
    pub(crate) known: Exchange,
    pub(crate) database: Survey,
    pub(crate) network: Survey,
    pub(crate) findings: Vec<Finding>,
    pub(crate) rounds: u32,
}

/// Asks both sides at once; then, for as long as one's facts grew, the other one again.
pub(crate) async fn survey(database: &dyn DatabaseSide, network: &dyn NetworkSide, cx: &Cx) -> Result<Surveyed> {
    fixed_point(
        |known| async move { database.survey(&known, cx).await },
        |known| async move { network.survey(&known, cx).await },
        Exchange::new(),
    )
    .await
    .map(|mut surveyed| {
        surveyed.findings.extend(other_cloud(&surveyed.known));
        surveyed.findings.extend(misspelt_region(&surveyed.known));
        surveyed
    })
}

/// As [`survey`] where one side cannot be read: what the other one says by itself, and the errors.
pub(crate) async fn survey_what_can_be(
    database: &dyn DatabaseSide,
    network: &dyn NetworkSide,
    cx: &Cx,
) -> Result<(Surveyed, Vec<Error>)> {
    let mut errors = Vec::new();
    let nothing = Exchange::new();
    let mut all = Surveyed { rounds: 1, ..Surveyed::default() };
    let said = database.survey(&nothing, cx).await;
    match said {
        Ok(said) => all.database = said,
        Err(error) => errors.push(error),
    }
    let heard = all.database.known.clone();
    match (network.survey(&heard, cx).await, errors.pop()) {
        (Ok(said), error) => {
            all.network = said;
            errors.extend(error);
        }
        (Err(_), Some(error)) => return Err(error),
        (Err(error), None) => errors.push(error),
    }
    all.known.absorb(all.database.known.clone());
    all.known.absorb(all.network.known.clone());
    all.findings.append(&mut all.database.findings);
    all.findings.append(&mut all.network.findings);
    Ok((all, errors))
}

/// Asks two sides in turns until nothing changes. Reads are memoised by the sides, so asking
/// again costs only what is new.
pub(crate) async fn fixed_point<D, N>(
    ask_database: impl Fn(Exchange) -> D,
    ask_network: impl Fn(Exchange) -> N,
    start: Exchange,
) -> Result<Surveyed>
where
    D: Future<Output = Result<Survey>>,
    N: Future<Output = Result<Survey>>,
{
    let (database, network) = future::try_join(ask_database(start.clone()), ask_network(start.clone())).await?;
    let mut all = Surveyed { known: start.clone(), database, network, findings: Vec::new(), rounds: 1 };
    // What each side had been told about the other when it was last asked.
    let mut database_heard = start.clone();
    let mut network_heard = start.clone();
    while all.rounds < MOST_ROUNDS {
        let ask_d = all.network.known != database_heard;
        let ask_n = all.database.known != network_heard;
        if !ask_d && !ask_n {
            break;
        }
        all.rounds += 1;
        let mut merged = start.clone();
        merged.absorb(all.database.known.clone());
        merged.absorb(all.network.known.clone());
        database_heard = all.network.known.clone();
        network_heard = all.database.known.clone();
        let (database, network) = future::try_join(
            async { if ask_d { ask_database(merged.clone()).await.map(Some) } else { Ok(None) } },
            async { if ask_n { ask_network(merged.clone()).await.map(Some) } else { Ok(None) } },
        )
        .await?;
        if let Some(database) = database {
            all.database = database;
        }
        if let Some(network) = network {
            all.network = network;
        }
    }
    all.known.absorb(all.database.known.clone());
    all.known.absorb(all.network.known.clone());
    all.findings.append(&mut all.database.findings);
    all.findings.append(&mut all.network.findings);
    Ok(all)
}

/// A database in one cloud and a network in another cannot be linked.
fn other_cloud(known: &Exchange) -> Option<Finding> {
    let here = match known.consumer.as_ref()? {
        privlink_core::side::ConsumerIdentity::Aws { .. } => CloudProvider::Aws,
        privlink_core::side::ConsumerIdentity::Azure { .. } => CloudProvider::Azure,
        privlink_core::side::ConsumerIdentity::Gcp { .. } => CloudProvider::Gcp,
        _ => return None,
    };
    let there = known.services.values().find(|service| service.id.cloud() != here)?;
    Some(
        Finding::new(
            "LINK-001",
            Severity::Blocks,
            format!("the database is in {}, the network in {here}", there.id.cloud()),
            "link the database to a network in its own cloud",
        )
        .evidence(format!("endpoint service {}", there.id)),
    )
}

/// A region that the endpoint service's own cloud does not spell so: the answer is mistaken.
fn misspelt_region(known: &Exchange) -> Option<Finding> {
    known.services.values().find_map(|service| {
        let error = service.region.check_for(service.id.cloud()).err()?;
        Some(
            Finding::new(
                "LINK-009",
                Severity::Blocks,
                format!("{} is no region of {}, where the endpoint service is", service.region, service.id.cloud()),
                "check the service at the vendor; if its region is right, tell the maintainers",
            )
            .evidence(format!("endpoint service {}: {error}", service.id)),
        )
    })
}

/// The endpoints of `known` that exist, for asking who uses them.
pub(crate) fn live_endpoints(known: &Exchange) -> impl Iterator<Item = &privlink_core::side::EndpointFacts> {
    known.endpoints.values().filter(|endpoint| {
        !matches!(endpoint.ids, EndpointIds::Gcp { psc: None, .. })
            && !matches!(endpoint.state, privlink_core::side::EndpointState::Gone)
    })
}

#[cfg(test)]
mod tests {
    use privlink_core::side::{EndpointService, Slot};

    use super::*;

    #[test]
    fn a_region_spelt_as_another_cloud_does_blocks() {
        let told = |region: &str| {
            let id = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0".parse().unwrap();
            let mut known = Exchange::new();
            known.services.insert(Slot::main(), EndpointService::new(id, region.parse().unwrap()));
            misspelt_region(&known).map(|finding| (finding.code.to_string(), finding.severity))
        };
        assert_eq!(told("us-east-1"), None);
        for other in ["eastus2", "us-east1"] {
            assert_eq!(told(other), Some(("LINK-009".to_owned(), Severity::Blocks)), "{other}");
        }
    }
}
