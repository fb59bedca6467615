//! Proves a private connection from the machine it runs on: name → address → TCP → TLS →
//! protocol. No keys, no control plane.
//!
//! Whoever holds the keys makes an [`Expectation`] outside; this crate answers it with a
//! [`Proof`] inside the network, where the clients are. Every name is climbed rung by rung up
//! to its first break, and each rung keeps what was seen, so that the cause can be named
//! afterwards without asking again.
//!
//! ```
//! use std::net::{IpAddr, Ipv4Addr, TcpListener};
//! use std::time::SystemTime;
//!
//! use privlink_core::side::Vantage;
//! use privlink_core::side::{Expectation, Layer, Nonce, PortRange, PrivateName, Protocol, RungResult};
//! use privlink_probe::Local;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // A port where nobody listens.
//! let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
//! let endpoint = IpAddr::V4(Ipv4Addr::LOCALHOST);
//!
//! let host = "orders.us-east-1.vpce.aws.clickhouse.cloud".parse()?;
//! let name = PrivateName::new(host, vec![PortRange::single(port)], Protocol::ClickHouseHttps);
//! let expectation =
//!     Expectation::new(Nonce::fresh(), SystemTime::now(), vec![name.clone()], vec![endpoint], Vec::new());
//!
//! // Inside a real network it is just `privlink_probe::prove(&expectation).await?`; here the
//! // name is answered by hand.
//! let proof = Local::builder().resolve(name.host, [endpoint]).build()?.prove(&expectation).await?;
//!
//! let last = proof.rungs.last().ok_or("no rung")?;
//! assert_eq!((last.layer, last.result), (Layer::Tcp, RungResult::Refused));
//! assert!(last.seen.contains("refused"), "{}", last.seen);
//! # Ok(())
//! # }
//! ```
//!
//! # What is done
//!
//! | layer | how | what can come of it |
//! | --- | --- | --- |
//! | name | asks the system's name servers, hosts file first, or [given ones](LocalBuilder::name_server) | no such name, no data, resolver failed |
//! | address | each answer must be one of the endpoint's own | public address, another endpoint's address, IPv6 without a route |
//! | TCP | connects to the port on every answered address | timed out, refused, reset |
//! | TLS | rustls on ring, the platform's roots and the [expectation's authorities](Expectation::authorities), the vendor's name | timed out, reset, bad certificate (whose, of when, of what name), unexpected |
//! | protocol | one question that needs no password | timed out, reset, unexpected |
//!
//! Beside its result, a rung keeps who answered and the chain of aliases, how long a negative answer
//! lasts and whether it came out of a cache ([`NameAnswer`](privlink_core::side::NameAnswer)), the
//! [cause](privlink_core::side::Cause) as far as it is known, the addresses on which the layer held,
//! and how many of [several tries](LocalBuilder::tries) did. No answer outlives its proof, and
//! nothing is tried again to hide a break.
//!
//! An HTTP status of any kind counts as reached: reach is judged apart from permission. An
//! answer to `GET /ping` may take a while from a service that sleeps; see
//! [`LocalBuilder::answer_timeout`].
//!
//! A range of more than [sixteen](LocalBuilder::whole_range_up_to) ports stands for ports the
//! vendor hands out later. Of such a range only the first and the last are tried, and only by
//! TCP: nobody promises a listener there. `refused` shows an open way; `timed out` tells nothing,
//! since a load balancer without that listener is as silent as a filter.
//!
//! All names and ports are climbed at the same time, in the future that [`Vantage::prove`] returns:
//! bounded by [`LocalBuilder::at_once`], 10 000 ports in all, 64 addresses a name, and a time limit a step; dropping the future stops it. While
//! no more than that are due, a proof ends within the sum of the four limits, each but the first
//! as often as is [tried](LocalBuilder::tries). It needs
//! a tokio runtime with I/O and time enabled. Time limits are tokio's own and not a
//! [`Clock`](privlink_core::Clock)'s, since sockets take real time.
//!
//! # Where it is true
//!
//! Only on the machine it ran on: [`Proof::local`] holds the addresses it spoke from and
//! [`Proof::resolver`] who answered. Containers, peered networks and VPN clients may see
//! something else.
//!
//! # With nothing but a name
//!
//! [`look`] climbs a host and its ports without an expectation, and so does the command:
//!
//! ```sh
//! cargo install privlink-probe
//! privlink-probe look orders.us-east-1.vpce.aws.clickhouse.cloud 8443 9440
//! ```
//!
//! # Where next
//!
//! `privlink::Link::expectation` makes the expectation and `Link::judge` reads the proof. In between,
//! `privlink-probe prove < expectation.json > proof.json` runs inside the network: it takes no keys, and `--help` tells
//! the rest.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod climb;
mod dial;
mod local;
mod name_servers;
mod place;
mod ports;
mod protocol;
mod question;
mod resolve;
mod tls;
mod visit;

pub use local::{Local, LocalBuilder, look, prove};
#[doc(no_inline)]
pub use privlink_core::side::{Expectation, Proof, Vantage};
