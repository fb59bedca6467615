//! What runs in the client's namespace: a proof, and the codes of its findings.

use std::time::{Duration, SystemTime};

use privlink::core::side::{Nonce, PortRange, PrivateName, Protocol};
use privlink::probe::Local;
use privlink::{Expectation, Vantage, Verdict};

use crate::lab::{HOST, NETWORK, OWN, PORTS, RESOLVER};

/// How long the handshake may take.
pub(crate) const TLS_LIMIT: Duration = Duration::from_millis(1200);

/// Prints the codes, separated by spaces, or `proved`; the whole verdict goes to standard error.
pub(crate) fn run(authority: &str, without_server_name: bool) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let verdict = runtime.block_on(prove(authority, without_server_name));
    eprintln!("{verdict}");
    let codes: Vec<String> = verdict.findings.iter().map(|finding| finding.code.to_string()).collect();
    println!("{}", if verdict.proved { "proved".to_owned() } else { codes.join(" ") });
}

async fn prove(authority: &str, without_server_name: bool) -> Verdict {
    let mut here = Local::builder()
        .name_server(RESOLVER.into())
        .resolve_timeout(Duration::from_secs(2))
        .connect_timeout(Duration::from_secs(1))
        .tls_timeout(TLS_LIMIT);
    // Where no database runs there is no authority either.
    if let Ok(pem) = std::fs::read(authority) {
        here = here.extra_roots(pem);
    }
    if without_server_name {
        here = here.without_server_name();
    }
    let [https, native] = PORTS.map(PortRange::single);
    let ports = vec![https.speaking(Protocol::ClickHouseHttps), native.speaking(Protocol::ClickHouseNative)];
    let name = PrivateName::new(HOST.parse().unwrap(), ports, Protocol::Tls);
    let (nonce, own) = (Nonce::fresh(), OWN.map(Into::into).to_vec());
    let now = SystemTime::now();
    let expectation = Expectation::new(nonce, now, vec![name], own, vec![NETWORK.parse().unwrap()]);
    let proof = here.build().unwrap().prove(&expectation).await.unwrap();
    Verdict::of(&expectation, &proof, now)
}
