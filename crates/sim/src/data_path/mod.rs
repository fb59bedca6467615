//! The data path over real sockets, without root.

mod dns;
mod door;
mod listeners;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

use crate::World;
use crate::seat::Seat;
use door::Door;

/// The data path of a [`World`] over real sockets, as a machine in one subnet meets it: a DNS
/// server, and TLS listeners that stand for the endpoints' interfaces. Ends when it is dropped.
///
/// Build the world with [`WorldBuilder::loopback_network`](crate::WorldBuilder::loopback_network),
/// so that endpoints get loopback addresses that listeners can be on. As endpoints come and go,
/// listeners follow within some tens of milliseconds. A connection is served, reset or left
/// without any answer as allow list, security groups, endpoint state and [`World::disturb`] say. Packets that a
/// network drops are dropped on Linux; elsewhere TCP may connect before silence sets in.
#[derive(Debug)]
pub struct DataPath {
    resolver: SocketAddr,
    authority: String,
    trouble: Arc<Mutex<Vec<String>>>,
    tasks: Vec<JoinHandle<()>>,
}

impl World {
    /// Opens the data path of a machine in a subnet over real sockets. Needs the feature `data-path`.
    ///
    /// # Errors
    /// [`io::ErrorKind::NotFound`] when there is no such subnet; otherwise what binding the DNS
    /// server or making the private authority fails with.
    pub async fn serve_data_path(&self, seat: impl Into<Seat>) -> io::Result<DataPath> {
        let seat = seat.into();
        let place = self.lock().state.locate(&seat);
        let place =
            place.ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, format!("the world has no subnet {seat}")))?;
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let resolver = socket.local_addr()?;
        let door = Arc::new(Door::new(self.clone(), place.clone()).map_err(io::Error::other)?);
        let authority = door.authority();
        // Vendors with an authority of their own hand this one out.
        self.lock().state.aiven.authority = Some(authority.clone());
        let trouble = Arc::new(Mutex::new(Vec::new()));
        let tasks = vec![
            tokio::spawn(dns::serve(self.clone(), place, socket)),
            tokio::spawn(listeners::follow(self.clone(), door, trouble.clone())),
        ];
        Ok(DataPath { resolver, authority, trouble, tasks })
    }
}

impl DataPath {
    /// Where the subnet's resolver listens, over UDP.
    #[must_use]
    pub fn resolver(&self) -> SocketAddr {
        self.resolver
    }

    /// The certificate of the private authority that signs for the vendor's names, as PEM.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The listeners that could not be opened, each with the reason: an address in use, or a port
    /// below 1024 without the right to it.
    #[must_use]
    pub fn trouble(&self) -> Vec<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for DataPath {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// The places that listeners stand at: ports of endpoints, on loopback.
fn loopback(world: &World) -> Vec<SocketAddr> {
    let now = privlink_core::Clock::now(&world.sim_clock());
    let doors = world.lock().state.endpoint_doors(now);
    doors.into_iter().filter(|door| door.ip().is_loopback()).collect()
}
