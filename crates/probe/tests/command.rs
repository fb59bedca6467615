//! The command, as a person or another program meets it.

// Elsewhere only 127.0.0.1 is there without setting it up.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod common;
#[path = "common/dns.rs"]
mod dns;

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use common::{Authority, HOST, expectation, http, name, secure, serve};
use privlink_core::side::{Proof, Protocol, RungResult};

/// Runs the program without any variable, with `input` on its standard input.
async fn run(arguments: &[&str], input: &str) -> Output {
    let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
    let input = input.to_owned();
    let running = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_privlink-probe"));
        command.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever is called wrongly reads nothing.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    });
    running.await.unwrap()
}

fn told(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A database on loopback with an authority of its own, and a name server that knows it.
struct Scene {
    ca: Authority,
    file: PathBuf,
    address: IpAddr,
    port: u16,
    server: SocketAddr,
}

impl Scene {
    async fn new(last: u8) -> Self {
        let ca = Authority::new();
        let own = Ipv4Addr::new(127, 0, 0, last);
        let port = serve(own.into(), 0, secure(ca.acceptor(HOST), http("200 OK", "Ok.\n"))).await;
        let server = dns::serve(move |_, query| vec![dns::reply(query, 0, &[own])]).await;
        let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("authority-{last}.pem"));
        std::fs::write(&file, ca.0.pem()).unwrap();
        Self { ca, file, address: own.into(), port, server }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_tells_each_layer_and_ends_with_what_came_of_it() {
    let scene = Scene::new(233).await;
    let (port, server) = (format!("{}=clickhouse_https", scene.port), format!("--name-server={}", scene.server));
    let file = scene.file.to_str().unwrap();
    let (code, out, err) = told(&run(&["look", HOST, &port, &server, "--ca-file", file], "").await);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    assert!(out.starts_with(&format!("asked name server {}", scene.server)), "{out}");
    for layer in ["name", "address", "TCP", "TLS", "protocol"] {
        assert!(out.contains(&format!("holds  {layer:8} {HOST}")), "{layer}: {out}");
    }
    let (code, out, _) = told(&run(&["look", HOST, &port, &server, "--json"], "").await);
    let proof: Proof = serde_json::from_str(&out).unwrap();
    assert_eq!((code, proof.rungs.last().unwrap().result), (Some(1), RungResult::BadCertificate), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_goes_from_a_file_or_standard_input_to_standard_output() {
    let scene = Scene::new(234).await;
    let expected = expectation(vec![name(&[(scene.port, Protocol::ClickHouseHttps)])], &[scene.address]);
    // What it has to trust comes along.
    let expected = expected.signed_by([scene.ca.0.pem().into()]);
    let text = serde_json::to_string(&expected).unwrap();
    let server = scene.server.to_string();
    let file = scene.file.with_extension("json");
    std::fs::write(&file, &text).unwrap();
    for (arguments, input) in [
        (vec!["prove", "--name-server", &server], &*text),
        (vec!["prove", file.to_str().unwrap(), "--name-server", &server], ""),
    ] {
        let (code, out, err) = told(&run(&arguments, input).await);
        let proof: Proof = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}\n{err}"));
        assert_eq!((code, proof.nonce), (Some(0), expected.nonce), "{err}");
        assert!(err.contains("holds  protocol"), "{err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_expectation_or_no_use_of_it_ends_with_2_and_prints_nothing() {
    let deep = "[".repeat(100_000);
    let zone = r#"{"version":1,"nonce":"00000000-0000-0000-0000-000000000000","issued_at":"2026-01-01T00:00:00Z","names":[],"inside":[],"addresses":["fe80::1%eth0"]}"#;
    for (arguments, input, words) in [
        (&["prove"][..], "", "standard input holds no expectation"),
        (&["prove"], &*deep, "standard input holds no expectation"),
        (&["prove"], r#"{"version":2}"#, "LINK-007"),
        (&["prove"], zone, "holds no expectation"),
        (&["prove", "/no/such/file"], "", "/no/such/file: "),
        (&["prove", "--ca-file", "/no/such/file"], "", "/no/such/file: "),
        (&["look"], "", "which host"),
        (&["look", "*.example.com", "443"], "", "wildcard"),
        (&[], "", "say `look` or `prove`"),
    ] {
        let (code, out, err) = told(&run(arguments, input).await);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{arguments:?}: {err}");
        assert!(err.contains(words) && err.len() < 2000, "{arguments:?}: {err}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_explains_itself() {
    let (code, out, _) = told(&run(&["--help"], "").await);
    assert!(code == Some(0) && out.contains("Usage: privlink-probe look"), "{out}");
    let (code, out, _) = told(&run(&["-V"], "").await);
    assert_eq!((code, out), (Some(0), format!("privlink-probe {}\n", env!("CARGO_PKG_VERSION"))));
}
