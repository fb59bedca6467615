//! Listeners that come and go with the endpoints and with the rules before them.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinSet;

use super::door::{Door, Ends};
use super::loopback;
use crate::World;

/// How often the endpoints are looked at.
const EVERY: Duration = Duration::from_millis(20);

/// After how long without an answer a queue of waiting connections counts as full.
const FULL: Duration = Duration::from_millis(100);

/// What stands at an address and port.
struct Post {
    ends: Ends,
    /// Dropping the set ends its tasks, and with them the listener and all of its connections.
    tasks: JoinSet<()>,
}

/// Keeps a listener on every port of every endpoint's address, or what drops all packets where
/// the network would.
pub(super) async fn follow(world: World, door: Arc<Door>, trouble: Arc<Mutex<Vec<String>>>) {
    let mut posts: BTreeMap<SocketAddr, Post> = BTreeMap::new();
    loop {
        let mut places: BTreeSet<SocketAddr> = loopback(&world).into_iter().collect();
        let addresses: BTreeSet<IpAddr> = places.iter().map(SocketAddr::ip).collect();
        posts.retain(|place, _| addresses.contains(&place.ip()));
        // A port that a vendor took back is as silent as a load balancer without a listener.
        places.extend(posts.keys());
        for place in places {
            let ends = door.ends(place);
            if let Some(post) = posts.get_mut(&place) {
                if post.ends == ends {
                    continue;
                }
                post.tasks.shutdown().await;
            }
            let mut tasks = JoinSet::new();
            let listener = match ends {
                // Where nobody listens, the machine itself refuses.
                Ends::Refused => None,
                Ends::Met | Ends::Lost => Some(listen(place, ends).await),
            };
            match listener {
                None => {}
                Some(Ok(listener)) if ends == Ends::Lost => drop(tasks.spawn(swallow(listener, place))),
                Some(Ok(listener)) => drop(tasks.spawn(accept(listener, place, door.clone()))),
                Some(Err(error)) => {
                    let mut trouble = trouble.lock().unwrap_or_else(PoisonError::into_inner);
                    trouble.push(format!("{place}: {error}"));
                }
            }
            posts.insert(place, Post { ends, tasks });
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn listen(place: SocketAddr, ends: Ends) -> std::io::Result<TcpListener> {
    if ends == Ends::Met {
        return TcpListener::bind(place).await;
    }
    let socket = if place.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    socket.set_reuseaddr(true)?;
    socket.bind(place)?;
    socket.listen(1)
}

/// Lets nothing connect: a queue of waiting connections that is full drops what comes after, as
/// a filter does. Where a system refuses instead, or its queue is longer, what connects is left
/// without an answer.
async fn swallow(_never_accepts: TcpListener, place: SocketAddr) {
    const MOST: usize = 16;
    let mut waiting = Vec::new();
    while waiting.len() < MOST {
        match tokio::time::timeout(FULL, TcpStream::connect(place)).await {
            Ok(Ok(stream)) => waiting.push(stream),
            Ok(Err(_)) | Err(_) => break,
        }
    }
    std::future::pending().await
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
