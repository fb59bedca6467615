//! The program, as another program meets it.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_privlink-sim"))
}

/// Ends the program when a test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself, which is what most tests want.
        let _ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

fn start(arguments: &[&str]) -> (Running, Value) {
    let mut child = program().args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    (Running(child), serde_json::from_str(&line).unwrap())
}

#[test]
fn it_prints_one_line_and_answers_until_it_is_told_to_end() {
    let (mut running, line) = start(&["--listen", "127.0.0.1:0", "--time-scale=60"]);
    let clickhouse = &line["clickhouse"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    assert_eq!(clickhouse["service_ids"].as_array().unwrap().len(), 5);
    assert_eq!(line["aws"]["url"], clickhouse["url"]);
    assert_eq!(line["aws"]["region"], "us-east-1");
    assert_eq!(line["aws"]["subnet_ids"].as_array().unwrap().len(), 3);
    assert_eq!(line["aws"]["security_group_ids"].as_array().unwrap().len(), 2);
    for (side, fields) in [
        ("clickhouse", &["url", "organization_id", "service_ids", "key_id", "key_secret"][..]),
        ("cockroach", &["url", "api_key", "cluster_ids"]),
        ("zilliz", &["url", "api_key", "project_id", "cluster_ids"]),
        ("aiven", &["url", "token", "project", "services"]),
        ("aws", &["url", "region", "access_key_id", "secret_access_key", "vpc_id", "subnet_ids", "security_group_ids"]),
        (
            "azure",
            &[
                "url",
                "subscription_id",
                "tenant_id",
                "resource_group",
                "location",
                "vnet_id",
                "subnet_id",
                "token",
                "private_link_service_aliases",
            ],
        ),
        ("gcp", &["url", "token", "project", "region", "network", "subnetwork", "service_attachments"]),
    ] {
        let mut wanted = fields.to_vec();
        wanted.sort_unstable();
        let found: Vec<&str> = line[side].as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(found, wanted);
    }

    let address = text(&clickhouse["url"]).strip_prefix("http://").unwrap().to_owned();
    let basic = STANDARD.encode(format!("{}:{}", text(&clickhouse["key_id"]), text(&clickhouse["key_secret"])));
    let mut stream = TcpStream::connect(&address).unwrap();
    let head = format!("GET /v1/whoami HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n");
    write!(stream, "{head}authorization: Basic {basic}\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(answer.contains(&text(&clickhouse["organization_id"])), "{answer}");

    if cfg!(unix) {
        let ended = Command::new("kill").args(["-TERM", &running.0.id().to_string()]).status().unwrap();
        assert!(ended.success());
        assert!(running.0.wait().unwrap().success());
        assert!(TcpStream::connect(&address).is_err());
    }
}

#[test]
fn it_prints_variables_for_a_shell_when_asked_to() {
    let child = program().args(["--print", "env"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut running = Running(child);
    let mut out = BufReader::new(running.0.stdout.take().unwrap());
    // 28 variables; five services, five clusters, four services of Aiven, and a project and five clusters of Zilliz
    // Cloud; a VPC and three subnets; a virtual network, a subnet and three Private Link services; a network, two
    // subnetworks and three attachments.
    let mut text = String::new();
    for _ in 0..63 {
        out.read_line(&mut text).unwrap();
    }
    let (comments, variables): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with("# "));
    let names: Vec<&str> = variables.iter().map(|line| line.split_once('=').unwrap().0).collect();
    let wanted = [
        "CLICKHOUSE_CLOUD_API_KEY",
        "CLICKHOUSE_CLOUD_API_SECRET",
        "CLICKHOUSE_ORG_ID",
        "CLICKHOUSE_API_URL",
        "COCKROACH_API_KEY",
        "COCKROACH_SERVER",
        "AIVEN_AUTH_TOKEN",
        "AIVEN_PROJECT",
        "AIVEN_WEB_URL",
        "ZILLIZCLOUD_API_KEY",
        "ZILLIZCLOUD_HOST_ADDRESS",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "AZURE_SUBSCRIPTION_ID",
        "AZURE_TENANT_ID",
        "AZURE_ACCESS_TOKEN",
        "AZURE_RESOURCE_MANAGER_ENDPOINT",
        "GOOGLE_CLOUD_PROJECT",
        "GOOGLE_CLOUD_REGION",
        "GOOGLE_OAUTH_ACCESS_TOKEN",
        "GOOGLE_COMPUTE_CUSTOM_ENDPOINT",
        "GOOGLE_DNS_CUSTOM_ENDPOINT",
        "CLOUDSDK_CORE_PROJECT",
        "CLOUDSDK_COMPUTE_REGION",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS",
    ];
    assert_eq!(names, wanted);
    let plain = |c: char| c.is_ascii_alphanumeric() || "=_-./:+".contains(c);
    assert!(variables.iter().all(|line| line.chars().all(plain)), "a value needs quoting: {text}");
    let told = |what: &str| comments.iter().filter(|line| line.starts_with(&format!("# {what} "))).count();
    assert_eq!((told("service"), told("vpc"), told("subnet")), (5, 1, 4), "{text}");
    assert_eq!((told("virtual-network"), told("private-link-service")), (1, 3), "{text}");
    assert_eq!((told("network"), told("subnetwork"), told("attachment")), (1, 2, 3), "{text}");
}

#[test]
fn help_and_version_go_to_standard_output() {
    let help = run(&["--help"]);
    assert!(help.status.success());
    assert!(String::from_utf8(help.stdout).unwrap().contains("--time-scale N"));
    assert!(String::from_utf8(run(&["--version"]).stdout).unwrap().starts_with("privlink-sim "));
}

#[test]
fn mistakes_are_named_on_standard_error() {
    for (arguments, words, code) in [
        (&["--listen", "0.0.0.0:0"][..], "on loopback only", 1),
        (&["--listen", "nowhere"], "cannot listen on nowhere", 1),
        (&["--frobnicate"], "`--frobnicate` is not known", 2),
    ] {
        let output = run(arguments);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{error}");
        assert!(error.contains(words), "{error}");
        assert!(output.stdout.is_empty());
    }
}
