//! Taking the endpoint off the cluster's list.

use privlink_core::side::{Exchange, Outcome};
use privlink_core::{ErrorKind, Result, Turn};

use super::connect::listed;
use super::steps::Withdraw;
use crate::dialect::is_busy;
use crate::{Cluster, ConnectionStatus};

pub(super) async fn withdraw(cluster: &Cluster, kind: &Withdraw) -> Result<Outcome> {
    let polling = &cluster.client().facts().polling;
    let waiting = |stage: &'static str| Outcome::waiting(stage, Turn::Vendor, polling.connection);
    match is_listed(cluster, kind).await? {
        None => return Ok(Outcome::already(Exchange::new())),
        Some(ConnectionStatus::Deleting) => return Ok(waiting("being taken away")),
        Some(_) => {}
    }
    match cluster.delete_private_endpoint_connection(&kind.endpoint).await {
        Ok(()) => Ok(match is_listed(cluster, kind).await {
            Ok(None) => Outcome::done(Exchange::new()),
            _ => waiting("acknowledged; the list still shows it"),
        }),
        Err(error) if is_busy(&error) => Ok(waiting("the cluster is busy with another operation")),
        Err(error) if matches!(error.kind(), ErrorKind::OutcomeUnknown | ErrorKind::Timeout) => {
            Ok(match is_listed(cluster, kind).await {
                Ok(None) => Outcome::done(Exchange::new()),
                _ => waiting("the answer was lost and the connection is still there"),
            })
        }
        Err(error) => Err(error),
    }
}

/// How the endpoint stands on the list; `None` when it is not there, or lets nobody in any more.
async fn is_listed(cluster: &Cluster, kind: &Withdraw) -> Result<Option<ConnectionStatus>> {
    match listed(cluster, &kind.endpoint).await {
        Ok(entry) => Ok(entry.map(|entry| entry.status).filter(|status| !status.is_inert())),
        // Deleted in between: the list went with it.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
