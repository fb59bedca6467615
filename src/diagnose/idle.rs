//! What breaks a link that works: silence.

use std::time::Duration;

use privlink_core::{Dated, Finding, Severity};

/// After how long a silent connection is cut, by what lies on the way in each cloud. Of Google Cloud nothing is said.
fn limits() -> [(&'static str, Dated<Duration>); 2] {
    let of = |seconds, page| Dated::new(Duration::from_secs(seconds), page, "2026-11");
    [
        (
            "AWS: endpoints and Network Load Balancers",
            of(
                350,
                "https://aws.amazon.com/blogs/networking-and-content-delivery/implementing-long-running-tcp-connections-within-vpc-networking/",
            ),
        ),
        (
            "Azure: load balancers, unless set otherwise",
            of(240, "https://learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout"),
        ),
    ]
}

/// What no proof shows, since none takes that long: connections that are silent for minutes.
pub(super) fn cut() -> Finding {
    let finding = Finding::new(
        "NET-008",
        Severity::Info,
        "a connection that is silent for some minutes is cut on the way, and its next use fails or hangs",
        "where failures look random, have clients or their pools send a keep-alive every two minutes, or close what is idle \
         before",
    );
    limits().into_iter().fold(finding, |finding, (what, limit)| {
        finding.evidence(format!("{what}: after {} s ({}, {})", limit.value.as_secs(), limit.source, limit.read))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_below_the_shortest_limit() {
        assert!(limits().iter().all(|(_, limit)| limit.value > Duration::from_secs(120)));
        assert_eq!(cut().evidence.len(), limits().len());
    }
}
