//! What happens to connections on the way, beside what rules and lists say.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use privlink_core::DnsName;

use crate::World;

/// Something that happens to connections; see [`World::disturb`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Disturbance {
    what: WireFault,
    address: Option<IpAddr>,
    port: Option<u16>,
}

/// What happens to a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum WireFault {
    /// Its packets get lost.
    Drop,
    /// It is refused.
    Refuse,
    /// It is reset once it stands.
    Reset,
    /// Something holds everything that is said for so long, either way.
    Slow(Duration),
    /// The database shows another certificate than its own.
    Show(Certificate),
    /// What speaks HTTP answers with this status.
    Status(u16),
}

/// A certificate that is not what a client wants to see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Certificate {
    /// Of another name, as something that inspects traffic shows it.
    Of(DnsName),
    /// It has expired.
    Expired,
    /// Signed by an authority that nobody knows.
    OfStranger,
}

impl Disturbance {
    /// Happens to every connection through an endpoint or to a public load balancer.
    pub fn new(what: WireFault) -> Self {
        Self { what, address: None, port: None }
    }

    /// Happens at this address alone.
    pub fn at(mut self, address: IpAddr) -> Self {
        self.address = Some(address);
        self
    }

    /// Happens at this port alone.
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }
}

impl World {
    /// Lets something happen to connections from now on, in memory and on a served data path alike.
    ///
    /// ```
    /// use privlink_sim::{Disturbance, WireFault, World};
    ///
    /// let world = World::new();
    /// world.disturb(Disturbance::new(WireFault::Drop).port(9440));
    /// world.calm();
    /// ```
    pub fn disturb(&self, disturbance: Disturbance) {
        self.lock().state.wire.0.push(disturbance);
    }

    /// Ends all that was disturbed.
    pub fn calm(&self) {
        self.lock().state.wire.0.clear();
    }
}

/// All that is disturbed; of two things of a kind the later one counts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Vec<Disturbance>);

impl Wire {
    pub(crate) fn drops(&self, to: SocketAddr) -> bool {
        self.at(to, |what| matches!(what, WireFault::Drop).then_some(())).is_some()
    }

    pub(crate) fn refuses(&self, to: SocketAddr) -> bool {
        self.at(to, |what| matches!(what, WireFault::Refuse).then_some(())).is_some()
    }

    pub(crate) fn resets(&self, to: SocketAddr) -> bool {
        self.at(to, |what| matches!(what, WireFault::Reset).then_some(())).is_some()
    }

    /// How long everything said is held, either way.
    pub(crate) fn delay(&self, to: SocketAddr) -> Duration {
        let delay = |what: &WireFault| if let WireFault::Slow(delay) = what { Some(*delay) } else { None };
        self.at(to, delay).unwrap_or_default()
    }

    /// The certificate shown in place of the right one.
    pub(crate) fn certificate(&self, to: SocketAddr) -> Option<Certificate> {
        self.at(to, |what| if let WireFault::Show(certificate) = what { Some(certificate.clone()) } else { None })
    }

    /// The status of whatever speaks HTTP.
    pub(crate) fn status(&self, to: SocketAddr) -> Option<u16> {
        self.at(to, |what| if let WireFault::Status(status) = what { Some(*status) } else { None })
    }

    fn at<T>(&self, to: SocketAddr, is_it: impl Fn(&WireFault) -> Option<T>) -> Option<T> {
        let here = self.0.iter().rev().filter(|known| {
            known.address.is_none_or(|address| address == to.ip()) && known.port.is_none_or(|port| port == to.port())
        });
        here.into_iter().find_map(|known| is_it(&known.what))
    }
}
