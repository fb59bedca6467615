//! Listeners that come and go with the endpoints.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::door::Door;
use super::loopback;
use crate::World;
use crate::vendors::clickhouse::LISTENERS;

/// How often the endpoints are looked at.
const EVERY: Duration = Duration::from_millis(20);

/// Keeps a listener on every port of every endpoint's address.
pub(super) async fn follow(world: World, door: Arc<Door>, trouble: Arc<Mutex<Vec<String>>>) {
    // Dropping a set ends its tasks, and with them the listener and all of its connections.
    let mut open: BTreeMap<IpAddr, JoinSet<()>> = BTreeMap::new();
    loop {
        let wanted = loopback(&world);
        open.retain(|address, _| wanted.contains(address));
        for address in wanted {
            if open.contains_key(&address) {
                continue;
            }
            let mut tasks = JoinSet::new();
            for port in LISTENERS {
                let place = SocketAddr::new(address, port);
                match TcpListener::bind(place).await {
                    Ok(listener) => {
                        tasks.spawn(accept(listener, place, door.clone()));
                    }
                    Err(error) => {
                        let mut trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner);
                        trouble.push(format!("{place}: {error}"));
                    }
                }
            }
            open.insert(address, tasks);
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn accept(listener: TcpListener, place: SocketAddr, door: Arc<Door>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let door = door.clone();
                    connections.spawn(async move { door.meet(place, stream).await });
                }
                // Out of file descriptors, mostly: going on at once would only spin.
                Err(_) => tokio::time::sleep(EVERY).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}
