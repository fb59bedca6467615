//! Names and connections across the whole world: what a client at some place meets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::SystemTime;

use privlink_core::{DnsName, EndpointServiceId};

use crate::clouds::{DnsAnswer, PathResult, Through};
use crate::resolver::Authority;
use crate::seat::{Seat, Subnet};
use crate::state::State;
use crate::vendors::aiven::Published;
use crate::vendors::clickhouse::{Admission, LISTENERS};
use crate::vendors::cockroach::SQL;

/// Where a client is.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    /// A machine in a subnet of a network.
    Machine { seat: Seat, network: String, address: IpAddr },
    /// Somewhere on the internet, seen from there as this address.
    Internet(Ipv4Addr),
}

/// What came of looking a name up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resolved {
    Addresses(Vec<IpAddr>),
    /// Why, and whose word it is.
    NoSuchName(String, Option<Authority>),
    /// Why, and whose word it is.
    NoData(String, Option<Authority>),
    Failed(String),
}

/// What came of opening a TCP connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reached {
    /// The vendor's load balancer behind an endpoint.
    Endpoint(Through),
    /// The vendor's public load balancer, from this address.
    PublicDoor {
        from: Ipv4Addr,
    },
    TimedOut(String),
    Refused(String),
}

/// What a port speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spoken {
    /// Nothing that proves more than TLS.
    Tls,
    /// HTTP that answers `GET /` with this status.
    Http(u16),
    ClickHouseHttp,
    Postgres,
    Mysql,
}

/// The address that machines in simulated networks have on the internet.
pub(crate) const NAT: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 250);

/// ClickHouse Cloud's public load balancers.
const PUBLIC_DOOR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 10);

/// CockroachDB Cloud's public load balancers.
const COCKROACH_DOOR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 11);

/// Zilliz Cloud's public load balancers.
const ZILLIZ_DOOR: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 12);

impl State {
    /// The machine of a seat; `None` when there is no such subnet.
    pub(crate) fn locate(&self, seat: &Seat) -> Option<Place> {
        let (network, address) = match &seat.subnet {
            Subnet::Aws(subnet) => self.aws.locate(subnet).map(|(vpc, address)| (vpc.to_string(), address)),
            Subnet::Azure(subnet) => self.azure.locate(subnet),
            Subnet::Gcp(subnetwork) => self.gcp.locate(subnetwork),
        }?;
        Some(Place::Machine { seat: seat.clone(), network, address })
    }

    /// Looks `name` up as a machine at `place` would.
    pub(crate) fn look_up(&self, now: SystemTime, place: &Place, name: &DnsName) -> Resolved {
        match self.find(now, place, name) {
            Resolved::NoSuchName(why, _) => Resolved::NoSuchName(why, self.authority(now, place, name)),
            Resolved::NoData(why, _) => Resolved::NoData(why, self.authority(now, place, name)),
            found => found,
        }
    }

    /// The same, without whose word it is.
    fn find(&self, now: SystemTime, place: &Place, name: &DnsName) -> Resolved {
        let Place::Machine { seat, .. } = place else { return self.look_up_publicly(now, name) };
        let answer = match &seat.subnet {
            Subnet::Aws(subnet) => match self.aws.locate(subnet) {
                Some((vpc, _)) => self.aws.resolve(now, &vpc, name),
                None => DnsAnswer::Failed,
            },
            Subnet::Azure(subnet) => self.azure.resolve(now, subnet, name),
            Subnet::Gcp(subnetwork) => self.gcp.resolve(now, subnetwork, name),
        };
        match answer {
            DnsAnswer::Addresses(addresses) => Resolved::Addresses(addresses),
            DnsAnswer::NoSuchName => no_such_name("a private zone of the network has no such name"),
            DnsAnswer::NoData => {
                Resolved::NoData("a private zone of the network has the name without an address".to_owned(), None)
            }
            DnsAnswer::Failed => Resolved::Failed("the network's resolver does not answer".to_owned()),
            DnsAnswer::Public => self.look_up_publicly(now, name),
            // A private zone gives the name another one, which public DNS knows or not.
            DnsAnswer::PublicAlias(target) => self.look_up_publicly(now, &target),
        }
    }

    fn look_up_publicly(&self, now: SystemTime, name: &DnsName) -> Resolved {
        match self.aiven.published(now, name.as_str()) {
            Some(Published::Address(address)) => return Resolved::Addresses(vec![address]),
            // An alias of the endpoint's own name.
            Some(Published::Endpoint(id)) => {
                let endpoint = self.aws.endpoints_at(now).into_iter().find(|endpoint| endpoint.id.as_str() == id);
                return match endpoint.map(|endpoint| endpoint.addresses).filter(|all| !all.is_empty()) {
                    Some(addresses) => Resolved::Addresses(addresses),
                    None => no_such_name("the name that it is an alias of is gone"),
                };
            }
            None => {}
        }
        if let Some(addresses) = self.public_names.get(name) {
            return Resolved::Addresses(addresses.clone());
        }
        if self.clickhouse.by_public_host(name.as_str()).is_some() {
            return Resolved::Addresses(vec![IpAddr::V4(PUBLIC_DOOR)]);
        }
        if self.cockroach.by_public_host(name.as_str()).next().is_some() {
            return Resolved::Addresses(vec![IpAddr::V4(COCKROACH_DOOR)]);
        }
        match self.zilliz.by_public_host(name.as_str()) {
            Some(_) => Resolved::Addresses(vec![IpAddr::V4(ZILLIZ_DOOR)]),
            None => no_such_name("public DNS has no such name"),
        }
    }

    /// Opens a TCP connection as a machine at `place` would.
    pub(crate) fn open(&self, now: SystemTime, place: &Place, to: IpAddr, port: u16) -> Reached {
        let reached = match place {
            Place::Internet(from) => Reached::PublicDoor { from: *from },
            Place::Machine { seat, .. } => {
                let result = match &seat.subnet {
                    Subnet::Aws(subnet) => self.aws.connect(now, subnet, to, port),
                    Subnet::Azure(subnet) => self.azure.connect(now, subnet, to, port),
                    Subnet::Gcp(subnetwork) => self.gcp.connect(now, subnetwork, to, port),
                };
                match result {
                    PathResult::Endpoint(through) => Reached::Endpoint(through),
                    PathResult::Public => Reached::PublicDoor { from: NAT },
                    PathResult::TimedOut(why) => Reached::TimedOut(why),
                    PathResult::Refused(why) => Reached::Refused(why),
                }
            }
        };
        let at = SocketAddr::new(to, port);
        match reached {
            Reached::PublicDoor { .. } | Reached::Endpoint(_) if self.wire.drops(at) => {
                Reached::TimedOut("packets get lost on the way".to_owned())
            }
            Reached::PublicDoor { .. } | Reached::Endpoint(_) if self.wire.refuses(at) => {
                Reached::Refused("something on the way refuses the connection".to_owned())
            }
            Reached::PublicDoor { .. } if ![PUBLIC_DOOR, COCKROACH_DOOR, ZILLIZ_DOOR].map(IpAddr::V4).contains(&to) => {
                Reached::TimedOut(format!("nobody on the internet has the address {to}"))
            }
            // A network load balancer answers nothing at all on a port without a listener.
            ref reached @ (Reached::PublicDoor { .. } | Reached::Endpoint(_))
                if !self.listens(now, reached, to, port) =>
            {
                Reached::TimedOut(format!("the vendor does not listen on port {port}"))
            }
            reached => reached,
        }
    }

    /// Whether a vendor's load balancer listens on a port.
    fn listens(&self, now: SystemTime, reached: &Reached, to: IpAddr, port: u16) -> bool {
        if let Reached::Endpoint(through) = reached
            && self.aiven.owns(&through.service)
        {
            return self.aiven.component_at(now, &through.service, port).is_some();
        }
        let (cockroach, zilliz) = match reached {
            Reached::Endpoint(through) => (self.cockroach.owns(&through.service), self.zilliz.owns(&through.service)),
            _ => (to == IpAddr::V4(COCKROACH_DOOR), to == IpAddr::V4(ZILLIZ_DOOR)),
        };
        match (cockroach, zilliz) {
            (true, _) => port == SQL,
            (_, true) => self.zilliz.listens(port, matches!(reached, Reached::PublicDoor { .. })),
            _ => LISTENERS.contains(&port),
        }
    }

    /// Shakes hands over TLS, naming `sni`, on a connection that was opened.
    pub(crate) fn shake(&self, now: SystemTime, reached: &Reached, sni: &DnsName, to: SocketAddr) -> Admission {
        let port = to.port();
        match reached {
            Reached::Endpoint(_) | Reached::PublicDoor { .. } if self.wire.resets(to) => {
                Admission::Reset("something on the way resets the connection".to_owned())
            }
            Reached::Endpoint(through) => self.doors.admit(through, sni).unwrap_or_else(|| {
                if self.aiven.owns(&through.service) {
                    self.aiven.admit(now, through, sni.as_str(), port)
                } else if self.cockroach.owns(&through.service) {
                    self.cockroach.admit(now, through, &self.beside(now, through), sni.as_str(), port)
                } else if self.zilliz.owns(&through.service) {
                    self.zilliz.admit(through, sni.as_str(), port)
                } else {
                    self.clickhouse.admit(now, through, sni.as_str(), port)
                }
            }),
            Reached::PublicDoor { from } if port == SQL => self.cockroach.admit_publicly(*from, sni.as_str()),
            Reached::PublicDoor { .. } if self.zilliz.by_public_host(sni.as_str()).is_some() => {
                self.zilliz.admit_publicly(sni.as_str(), port)
            }
            Reached::PublicDoor { from } => self.clickhouse.admit_publicly(*from, sni.as_str(), port),
            Reached::TimedOut(why) | Reached::Refused(why) => Admission::Reset(why.clone()),
        }
    }

    /// The vendor's own authority that signs for what was reached, where it is none that every machine trusts.
    pub(crate) fn own_authority(&self, reached: &Reached) -> Option<&str> {
        match reached {
            Reached::Endpoint(through) if self.aiven.owns(&through.service) => Some(self.aiven.authority()),
            _ => None,
        }
    }

    /// The other endpoints of an endpoint's network to the same service; on Google Cloud alone, where a
    /// vendor may take them as one.
    fn beside(&self, now: SystemTime, through: &Through) -> Vec<String> {
        let connection = match &through.service {
            EndpointServiceId::Gcp(_) => through.id().parse().ok(),
            _ => None,
        };
        let beside = connection.map(|connection| self.gcp.beside(now, connection));
        beside.into_iter().flatten().map(|id| id.to_string()).collect()
    }

    /// What is spoken at a port of a vendor's load balancer.
    pub(crate) fn spoken(&self, now: SystemTime, reached: &Reached, to: SocketAddr) -> Spoken {
        match (self.spoken_undisturbed(now, reached, to.port()), self.wire.status(to)) {
            (Spoken::Http(_) | Spoken::ClickHouseHttp, Some(status)) => Spoken::Http(status),
            (spoken, _) => spoken,
        }
    }

    fn spoken_undisturbed(&self, now: SystemTime, reached: &Reached, port: u16) -> Spoken {
        let component = match reached {
            Reached::Endpoint(through) => self.aiven.component_at(now, &through.service, port),
            _ => None,
        };
        let milvus = match reached {
            Reached::Endpoint(through) => self.zilliz.owns(&through.service),
            _ => self.zilliz.listens(port, true) && !LISTENERS.contains(&port),
        };
        match (component, port) {
            // Without a token `GET /` is answered 400, which means that it is well.
            _ if milvus => Spoken::Http(400),
            (Some("pg" | "pgbouncer"), _) => Spoken::Postgres,
            (Some("mysql" | "clickhouse_mysql"), _) => Spoken::Mysql,
            (Some("clickhouse_https"), _) => Spoken::ClickHouseHttp,
            (Some("kafka" | "valkey" | "dragonfly" | "clickhouse" | "mysqlx" | "clickhouse_arrowflight"), _) => {
                Spoken::Tls
            }
            (Some(_), _) => Spoken::Http(200),
            (None, 3306) => Spoken::Mysql,
            (None, SQL) => Spoken::Postgres,
            (None, 443 | 8443) => Spoken::ClickHouseHttp,
            (None, _) => Spoken::Tls,
        }
    }

    /// The addresses of every endpoint of every cloud, with the ports that vendors listen on behind it.
    #[cfg(feature = "data-path")]
    pub(crate) fn endpoint_doors(&self, now: SystemTime) -> Vec<SocketAddr> {
        let aws = self.aws.endpoints_at(now).into_iter().flat_map(|endpoint| {
            let service = EndpointServiceId::from(endpoint.service);
            endpoint.addresses.into_iter().map(move |address| (address, service.clone()))
        });
        let azure = self.azure.endpoint_addresses(now).into_iter();
        let gcp = self.gcp.endpoint_addresses(now).into_iter();
        let ports = |(address, service): (IpAddr, EndpointServiceId)| {
            let mut ports = LISTENERS.to_vec();
            ports.push(SQL);
            ports.extend(self.aiven.ports(now, &service));
            ports.extend(self.zilliz.ports(&service));
            ports.into_iter().map(move |port| SocketAddr::new(address, port))
        };
        aws.chain(azure).chain(gcp).flat_map(ports).collect()
    }
}

fn no_such_name(why: &str) -> Resolved {
    Resolved::NoSuchName(why.to_owned(), None)
}
