//! Asking for a name's addresses.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use privlink_core::side::{NameAnswer, RungResult};
use privlink_core::{BoxFuture, DnsName};

use crate::dial::Break;

/// Whoever answers for names.
pub(crate) trait Resolve: Send + Sync + fmt::Debug {
    /// Asks for the addresses of `host`. Nothing is remembered from one question to the next.
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Told>;

    /// Who answers, in words.
    fn describe(&self) -> String;
}

/// What was told of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The addresses, each once, in the order of the answer and never none; or why there are none.
    pub(crate) outcome: Result<Vec<IpAddr>, Break>,
    pub(crate) answer: NameAnswer,
}

impl Told {
    /// An outcome without anything besides.
    pub(crate) fn bare(outcome: Result<Vec<IpAddr>, Break>) -> Self {
        Self { outcome, answer: NameAnswer::default() }
    }
}

/// Answers some names itself and passes the others on.
#[derive(Debug)]
pub(crate) struct Fixed {
    pub(crate) answers: BTreeMap<DnsName, Vec<IpAddr>>,
    pub(crate) rest: Box<dyn Resolve>,
}

impl Resolve for Fixed {
    fn addresses<'a>(&'a self, host: &'a DnsName) -> BoxFuture<'a, Told> {
        match self.answers.get(host) {
            Some(addresses) if addresses.is_empty() => Box::pin(async {
                Told::bare(Err(Break::new(RungResult::NoData, "the caller gave the name no address")))
            }),
            Some(addresses) => Box::pin(async move { Told::bare(Ok(addresses.clone())) }),
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::name_servers::NameServers;

    #[tokio::test]
    async fn names_answered_by_the_caller_never_reach_the_resolver() {
        let host: DnsName = "orders.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        let empty: DnsName = "empty.us-east-1.vpce.aws.clickhouse.cloud".parse().unwrap();
        let address: IpAddr = "127.0.0.9".parse().unwrap();
        let fixed = Fixed {
            answers: BTreeMap::from([(host.clone(), vec![address]), (empty.clone(), Vec::new())]),
            rest: Box::new(NameServers { given: Vec::new(), limit: Duration::ZERO }),
        };
        assert_eq!(fixed.addresses(&host).await, Told::bare(Ok(vec![address])));
        assert_eq!(fixed.addresses(&empty).await.outcome.unwrap_err().result, RungResult::NoData);
        assert!(fixed.describe().ends_with("2 names answered by the caller"), "{}", fixed.describe());
    }
}
