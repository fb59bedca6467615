//! Asking for a name's addresses.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::net::IpAddr;
use std::time::Duration;

use privlink_core::side::RungResult;
use privlink_core::{BoxFuture, DnsName};

use crate::dial::Break;
use crate::place;

/// Whoever answers for names.
pub(crate) trait Resolve: Send + Sync + fmt::Debug {
    /// The addresses of `host`, each once, in the order of the answer; never none.
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Result<Vec<IpAddr>, Break>>;

    /// Who answers, in words.
    fn describe(&self) -> String;
}

/// The system's resolver, asked as clients ask it: hosts file, search list and cache included.
#[derive(Debug)]
pub(crate) struct System {
    pub(crate) limit: Duration,
}

impl Resolve for System {
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Result<Vec<IpAddr>, Break>> {
        Box::pin(async move {
            // The port is of no interest; the look-up wants one.
            match tokio::time::timeout(self.limit, tokio::net::lookup_host((host.as_str(), 0))).await {
                Ok(Ok(found)) => {
                    let mut addresses: Vec<IpAddr> = Vec::new();
                    for address in found.map(|socket| socket.ip().to_canonical()) {
                        if !addresses.contains(&address) {
                            addresses.push(address);
                        }
                    }
                    if addresses.is_empty() {
                        return Err(Break::new(RungResult::NoData, "the name has no address"));
                    }
                    Ok(addresses)
                }
                Ok(Err(error)) => Err(Break::new(failure(&error), error.to_string())),
                Err(_) => {
                    let seen = format!("the resolver gave no answer in {} s", self.limit.as_secs_f32());
                    Err(Break::new(RungResult::ResolverFailed, seen))
                }
            }
        })
    }

    fn describe(&self) -> String {
        place::resolver()
    }
}

/// Answers some names itself and passes the others on.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) answers: BTreeMap<DnsName, Vec<IpAddr>>,
    pub(crate) rest: Box<dyn Resolve>,
}

impl Resolve for Fixed {
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Result<Vec<IpAddr>, Break>> {
        match self.answers.get(host) {
            Some(addresses) if addresses.is_empty() => {
                Box::pin(async { Err(Break::new(RungResult::NoData, "the caller gave the name no address")) })
            }
            Some(addresses) => Box::pin(async move { Ok(addresses.clone()) }),
            None => self.rest.addresses(host),
        }
    }

    fn describe(&self) -> String {
        match self.answers.len() {
            0 => self.rest.describe(),
            1 => format!("{}; 1 name answered by the caller", self.rest.describe()),
            names => format!("{}; {names} names answered by the caller", self.rest.describe()),
        }
    }
}

/// What a failed look-up means.
///
/// The standard library hands on only the text of `gai_strerror`, in the C locale, so the text
/// is what can be told apart: glibc's, musl's, the BSDs' and macOS'; Windows gives numbers.
fn failure(error: &io::Error) -> RungResult {
    const WINDOWS: [(i32, RungResult); 4] = [
        (11_001, RungResult::NoSuchName),
        (11_002, RungResult::ResolverFailed),
        (11_003, RungResult::ResolverFailed),
        (11_004, RungResult::NoData),
    ];
    const TEXTS: [(&str, RungResult); 8] = [
        ("name or service not known", RungResult::NoSuchName),
        ("nodename nor servname provided", RungResult::NoSuchName),
        ("name does not resolve", RungResult::NoSuchName),
        ("name does not exist", RungResult::NoSuchName),
        ("no such host", RungResult::NoSuchName),
        ("no address associated with", RungResult::NoData),
        ("name has no usable address", RungResult::NoData),
        ("hostname has no address", RungResult::NoData),
    ];
    if let Some(code) = error.raw_os_error()
        && let Some((_, result)) = WINDOWS.iter().find(|(known, _)| *known == code)
    {
        return *result;
    }
    let text = error.to_string().to_ascii_lowercase();
    TEXTS.iter().find(|(known, _)| text.contains(known)).map_or(RungResult::ResolverFailed, |(_, result)| *result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failed_look_ups_are_told_apart_by_what_the_system_says() {
        let said = |text: &str| failure(&io::Error::other(format!("failed to lookup address information: {text}")));
        assert_eq!(said("Name or service not known"), RungResult::NoSuchName);
        assert_eq!(said("Name does not resolve"), RungResult::NoSuchName);
        assert_eq!(said("nodename nor servname provided, or not known"), RungResult::NoSuchName);
        assert_eq!(said("No address associated with hostname"), RungResult::NoData);
        assert_eq!(said("Temporary failure in name resolution"), RungResult::ResolverFailed);
        assert_eq!(said("Non-recoverable failure in name resolution"), RungResult::ResolverFailed);
        assert_eq!(failure(&io::Error::from_raw_os_error(11_001)), RungResult::NoSuchName);
        assert_eq!(failure(&io::Error::from_raw_os_error(11_004)), RungResult::NoData);
    }

    #[tokio::test]
    async fn the_system_answers_localhost_once_for_each_address() {
        let addresses = System { limit: Duration::from_secs(10) }
            .addresses(&"localhost".parse().unwrap())
            .await
            .expect("localhost is known everywhere");
        assert!(addresses.iter().all(IpAddr::is_loopback), "{addresses:?}");
        let mut once = addresses.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), addresses.len());
    }

    #[tokio::test]
    async fn names_answered_by_the_caller_never_reach_the_resolver() {
        let host: DnsName = "orders.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        let empty: DnsName = "empty.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        let address: IpAddr = "127.0.0.9".parse().unwrap();
        let fixed = Fixed {
            answers: BTreeMap::from([(host.clone(), vec![address]), (empty.clone(), Vec::new())]),
            rest: Box::new(System { limit: Duration::ZERO }),
        };
        assert_eq!(fixed.addresses(&host).await.unwrap(), [address]);
        assert_eq!(fixed.addresses(&empty).await.unwrap_err().result, RungResult::NoData);
        assert!(fixed.describe().ends_with("2 names answered by the caller"), "{}", fixed.describe());
    }
}
