//! Connecting, and what a broken connection means.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use privlink_core::side::{Cause, RungResult};
use tokio::net::TcpStream;

/// Where the climb of a name ended: what it is called, and what was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Break {
    pub(crate) result: RungResult,
    pub(crate) seen: String,
    pub(crate) cause: Option<Cause>,
}

impl Break {
    pub(crate) fn new(result: RungResult, seen: impl Into<String>) -> Self {
        Self { result, seen: seen.into(), cause: None }
    }

    /// Nobody answered within `limit` while `what` was due.
    pub(crate) fn late(what: &str, limit: Duration) -> Self {
        Self::new(RungResult::TimedOut, format!("{what}: no answer in {} s", limit.as_secs_f32()))
    }

    /// A connection that stood broke while `what` was due.
    pub(crate) fn cut(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::closed(what),
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Self::new(RungResult::Reset, format!("{what}: connection reset by peer")),
            io::ErrorKind::TimedOut => Self::new(RungResult::TimedOut, format!("{what}: {error}")),
            _ => Self::new(RungResult::Unexpected, format!("{what}: {error}")),
        }
    }

    /// The other side hung up in silence while `what` was due.
    pub(crate) fn closed(what: &str) -> Self {
        Self::new(RungResult::Reset, format!("{what}: closed by peer without an answer"))
    }
}

/// What is due while connecting.
pub(crate) const CONNECTION: &str = "TCP connection";

/// Opens a TCP connection within `limit`.
///
/// "No route" is said at once by this machine or a router on the way, and means what a time-out
/// means: a filter or a missing route, so it is called [`RungResult::TimedOut`] and the words
/// keep the difference. "Refused" means that the address is reached and nobody listens; "reset", that
/// the connection stood and was cut before it was handed out (Linux tells no other reset here).
pub(crate) async fn connect(address: IpAddr, port: u16, limit: Duration) -> Result<TcpStream, Break> {
    let what = CONNECTION;
    match tokio::time::timeout(limit, TcpStream::connect(SocketAddr::new(address, port))).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(match error.kind() {
            io::ErrorKind::ConnectionRefused => Break::new(RungResult::Refused, format!("{what}: refused")),
            io::ErrorKind::HostUnreachable
            | io::ErrorKind::NetworkUnreachable
            | io::ErrorKind::NetworkDown
            | io::ErrorKind::AddrNotAvailable => {
                let seen = format!("{what}: no way there, said at once: {error}");
                Break { cause: Some(Cause::NoRoute), ..Break::new(RungResult::TimedOut, seen) }
            }
            _ => Break::cut(what, &error),
        }),
        Err(_) => Err(Break::late(what, limit)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_connections_are_told_apart() {
        let told = |kind: io::ErrorKind| Break::cut("handshake", &io::Error::from(kind)).result;
        assert_eq!(told(io::ErrorKind::ConnectionReset), RungResult::Reset);
        assert_eq!(told(io::ErrorKind::UnexpectedEof), RungResult::Reset);
        assert_eq!(told(io::ErrorKind::TimedOut), RungResult::TimedOut);
        assert_eq!(told(io::ErrorKind::PermissionDenied), RungResult::Unexpected);
    }
}
