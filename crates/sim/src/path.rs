//! Names and connections across the whole world: what a client at some place meets.

use std::net::{IpAddr, Ipv4Addr};
use std::time::SystemTime;

use privlink_core::{DnsName, SubnetId, VpcEndpointId, VpcEndpointServiceName, VpcId};

use crate::clouds::aws::{DnsAnswer, PathResult};
use crate::state::State;
use crate::vendors::clickhouse::{Admission, LISTENERS};

/// Where a client is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A machine in a subnet.
    Subnet { subnet: SubnetId, vpc: VpcId, address: IpAddr },
    /// Somewhere on the internet, seen from there as this address.
    Internet(Ipv4Addr),
}

/// What came of looking a name up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    Addresses(Vec<IpAddr>),
    NoSuchName(String),
    NoData(String),
    Failed(String),
}

/// What came of opening a TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The vendor's load balancer behind an endpoint.
    Endpoint {
        endpoint: VpcEndpointId,
        service: VpcEndpointServiceName,
    },
    /// The vendor's public load balancer, from this address.
    PublicDoor {
        from: Ipv4Addr,
    },
    TimedOut(String),
    Refused(String),
}

/// The address that machines in simulated networks have on the internet.
pub(crate) const NAT: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 250);

/// The vendor's public load balancers.
const PUBLIC_DOOR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);

impl State {
    /// Looks `name` up as a machine at `place` would.
    pub(crate) fn look_up(&self, now: SystemTime, place: &Place, name: &DnsName) -> Resolved {
        if let Place::Subnet { vpc, .. } = place {
            match self.aws.resolve(now, vpc, name) {
                DnsAnswer::Addresses(addresses) => return Resolved::Addresses(addresses),
                DnsAnswer::NoSuchName => {
                    return Resolved::NoSuchName("a private zone of the network has no such name".to_owned());
                }
                DnsAnswer::NoData => {
                    return Resolved::NoData(
                        "a private zone of the network has the name without an address".to_owned(),
                    );
                }
                DnsAnswer::Failed => return Resolved::Failed("the network's resolver does not answer".to_owned()),
                DnsAnswer::Public => {}
                // A private zone gives the name another one, which public DNS knows or not.
                DnsAnswer::PublicAlias(target) => return self.look_up_publicly(&target),
            }
        }
        self.look_up_publicly(name)
    }

    fn look_up_publicly(&self, name: &DnsName) -> Resolved {
        if let Some(addresses) = self.public_names.get(name) {
            return Resolved::Addresses(addresses.clone());
        }
        match self.clickhouse.by_public_host(name.as_str()) {
            Some(_) => Resolved::Addresses(vec![IpAddr::V4(PUBLIC_DOOR)]),
            None => Resolved::NoSuchName("public DNS has no such name".to_owned()),
        }
    }

    /// Opens a TCP connection as a machine at `place` would.
    pub(crate) fn open(&self, now: SystemTime, place: &Place, to: IpAddr, port: u16) -> Reached {
        let reached = match place {
            Place::Internet(from) => Reached::PublicDoor { from: *from },
            Place::Subnet { subnet, .. } => match self.aws.connect(now, subnet, to, port) {
                PathResult::Endpoint { endpoint, service } => Reached::Endpoint { endpoint, service },
                PathResult::Public => Reached::PublicDoor { from: NAT },
                PathResult::TimedOut(why) => Reached::TimedOut(why),
                PathResult::Refused(why) => Reached::Refused(why),
            },
        };
        match reached {
            Reached::PublicDoor { .. } if to != IpAddr::V4(PUBLIC_DOOR) => {
                Reached::TimedOut(format!("nobody on the internet has the address {to}"))
            }
            // A network load balancer answers nothing at all on a port without a listener.
            Reached::PublicDoor { .. } | Reached::Endpoint { .. } if !LISTENERS.contains(&port) => {
                Reached::TimedOut(format!("the vendor does not listen on port {port}"))
            }
            reached => reached,
        }
    }

    /// Shakes hands over TLS, naming `sni`, on a connection that was opened.
    pub(crate) fn shake(&self, now: SystemTime, reached: &Reached, sni: &DnsName, port: u16) -> Admission {
        match reached {
            Reached::Endpoint { endpoint, service } => {
                self.clickhouse.admit(now, endpoint, service, sni.as_str(), port)
            }
            Reached::PublicDoor { from } => self.clickhouse.admit_publicly(*from, sni.as_str(), port),
            Reached::TimedOut(why) | Reached::Refused(why) => Admission::Reset(why.clone()),
        }
    }
}
