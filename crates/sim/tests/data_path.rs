//! The data path over real sockets: real DNS questions, real TLS.

#![cfg(feature = "data-path")]
#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use privlink_core::{CloudProvider, DnsName, EndpointServiceId, PrivateEndpointId, SubnetId};
use privlink_sim::{Certificate, DataPath, Disturbance, PscStatus, Seat, WireFault, World};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use uuid::Uuid;

/// A world on loopback with an endpoint to a service, ports open, not yet on the allow list.
struct Lab {
    world: World,
    service: Uuid,
    endpoint: PrivateEndpointId,
    address: IpAddr,
    seat: Seat,
    path: DataPath,
}

impl Lab {
    /// An endpoint to `orders` on AWS.
    async fn new() -> Self {
        let world = World::builder().loopback_network().time_scale(2000).build();
        let aws = world.aws();
        let group = aws.add_group(&aws.vpc_id(), "endpoint");
        aws.open_ports(&group, 1..=65535, "127.0.0.0/8".parse().unwrap());
        let service = world.clickhouse().service_in(CloudProvider::Aws);
        let target = world.clickhouse().endpoint_service(service);
        let Some(EndpointServiceId::Aws(target)) = target else { panic!("`orders` is on AWS") };
        let subnet = aws.subnet_ids()[0].clone();
        let endpoint = aws.make_endpoint(&target, std::slice::from_ref(&subnet), &[group]);
        world.clock().sleep(Duration::from_secs(120)).await;
        let address = aws.endpoints()[0].addresses[0];
        Self::at(world, service, endpoint.into(), address, (&subnet).into()).await
    }

    /// An endpoint to `metrics` on Google Cloud.
    async fn google() -> Self {
        let world = World::builder().loopback_network().time_scale(2000).build();
        let gcp = world.gcp();
        let service = world.clickhouse().service_in(CloudProvider::Gcp);
        let endpoint = gcp.make_endpoint("metrics", &gcp.services()[0]);
        let seat = gcp.seat(&gcp.subnetwork());
        Self::at(world, service, PrivateEndpointId::Gcp(endpoint.connection), endpoint.address, seat).await
    }

    /// An endpoint to `ledger` on Azure.
    async fn azure() -> Self {
        let world = World::builder().loopback_network().time_scale(2000).build();
        let azure = world.azure();
        let service = world.clickhouse().service_in(CloudProvider::Azure);
        let endpoint = azure.make_endpoint("ledger", &azure.services()[0]);
        world.clock().sleep(Duration::from_secs(60)).await;
        let address = azure.endpoints()[0].address;
        let seat = Seat::from(&azure.subnet_id());
        Self::at(world, service, PrivateEndpointId::AzureResource(endpoint), address, seat).await
    }

    async fn at(world: World, service: Uuid, endpoint: PrivateEndpointId, address: IpAddr, seat: Seat) -> Self {
        let path = world.serve_data_path(seat.clone()).await.unwrap();
        Self { world, service, endpoint, address, seat, path }
    }

    fn host(&self) -> DnsName {
        self.world.clickhouse().private_host(self.service).unwrap().name()
    }

    fn attach(&self) {
        self.world.clickhouse().attach(self.service, &self.endpoint);
    }

    /// Connects as soon as there is a listener.
    async fn connect(&self, port: u16) -> TcpStream {
        for _ in 0..100 {
            let connecting = TcpStream::connect(SocketAddr::new(self.address, port));
            if let Ok(Ok(stream)) = timeout(Duration::from_millis(300), connecting).await {
                return stream;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nobody listens on {}:{port}: {:?}", self.address, self.path.trouble());
    }

    /// Asks for `/ping` over TLS; what went wrong otherwise.
    async fn ping(&self, port: u16, sni: &DnsName) -> std::io::Result<String> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.path.authority().as_bytes()).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(sni.to_string()).unwrap();
        let mut stream = TlsConnector::from(Arc::new(config)).connect(name, self.connect(port).await).await?;
        stream.write_all(b"GET /ping HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        Ok(answer)
    }

    /// Asks the resolver for addresses of `name`: the code, and the addresses.
    async fn ask(&self, name: &DnsName, kind: u16) -> (u8, Vec<IpAddr>) {
        let mut query = vec![7, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        for label in name.as_str().split('.') {
            query.push(u8::try_from(label.len()).unwrap());
            query.extend_from_slice(label.as_bytes());
        }
        query.push(0);
        query.extend_from_slice(&kind.to_be_bytes());
        query.extend_from_slice(&1_u16.to_be_bytes());
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        socket.send_to(&query, self.path.resolver()).await.unwrap();
        let mut reply = [0; 1500];
        let length = timeout(Duration::from_secs(5), socket.recv(&mut reply)).await.unwrap().unwrap();
        assert_eq!(reply[..2], [7, 7]);
        assert_eq!(reply[2] & 0x80, 0x80, "no reply");
        let records = usize::from(reply[7]);
        let addresses = (0..records)
            .map(|n| {
                let end = length - 16 * (records - 1 - n);
                IpAddr::from(<[u8; 4]>::try_from(&reply[end - 4..end]).unwrap())
            })
            .collect();
        (reply[3] & 0x0f, addresses)
    }
}

#[tokio::test]
async fn the_resolver_answers_as_the_subnets_does() {
    const A: u16 = 1;
    const AAAA: u16 = 28;
    let lab = Lab::new().await;
    assert_eq!(lab.ask(&lab.host(), A).await, (3, vec![]));
    let aws = lab.world.aws();
    let zone = aws.make_zone(&lab.host(), &[aws.vpc_id()]);
    let both = [lab.address, IpAddr::from([127, 0, 0, 9])];
    aws.put_address(&zone, &lab.host(), &both);
    let (code, mut found) = lab.ask(&lab.host(), A).await;
    found.sort();
    let mut wanted = both.to_vec();
    wanted.sort();
    assert_eq!((code, found), (0, wanted));
    assert_eq!(lab.ask(&lab.host(), AAAA).await, (0, vec![]));
    aws.set_dns(&aws.vpc_id(), false, false);
    assert_eq!(lab.ask(&lab.host(), A).await.0, 2);
}

#[tokio::test]
async fn an_admitted_endpoint_serves_the_right_name_and_cuts_others() {
    let lab = Lab::new().await;
    let cut = lab.ping(8443, &lab.host()).await.unwrap_err();
    assert_eq!(cut.kind(), std::io::ErrorKind::ConnectionReset, "{cut}");
    lab.attach();
    let answer = lab.ping(8443, &lab.host()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("Ok.\n"), "{answer}");
    assert!(lab.ping(9440, &lab.host()).await.unwrap().starts_with("HTTP/1.0 400"));
    let public = lab.world.clickhouse().public_host(lab.service).unwrap();
    assert!(lab.ping(8443, &public).await.is_err());
}

/// Waits until connecting to the endpoint takes longer than it ever takes on loopback.
async fn shut(lab: &Lab, port: u16) {
    for _ in 0..100 {
        let connecting = TcpStream::connect(SocketAddr::new(lab.address, port));
        if timeout(Duration::from_millis(300), connecting).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("port {port} still lets clients in");
}

// Full queues behave otherwise elsewhere.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_closed_group_lets_nothing_connect_until_it_is_open_again() {
    let lab = Lab::new().await;
    lab.attach();
    lab.ping(8443, &lab.host()).await.unwrap();
    let aws = lab.world.aws();
    let group = aws.find_group(&aws.vpc_id(), "endpoint");
    aws.close_inbound(&group);
    shut(&lab, 8443).await;
    shut(&lab, 9440).await;
    aws.open_ports(&group, 8443..=8443, "127.0.0.0/8".parse().unwrap());
    assert!(served(&lab).await.ends_with("Ok.\n"));
    shut(&lab, 9440).await;
}

/// What port 8443 answers once the listeners have followed a change.
async fn served(lab: &Lab) -> String {
    let mut answer = lab.ping(8443, &lab.host()).await;
    for _ in 0..100 {
        if answer.is_ok() {
            break;
        }
        answer = lab.ping(8443, &lab.host()).await;
    }
    answer.unwrap()
}

#[tokio::test]
async fn another_certificate_is_shown_on_request() {
    let lab = Lab::new().await;
    lab.attach();
    let other = Certificate::Of("proxy.example.com".parse().unwrap());
    lab.world.disturb(Disturbance::new(WireFault::Show(other)));
    let error = lab.ping(8443, &lab.host()).await.unwrap_err();
    assert!(error.to_string().contains("proxy.example.com"), "{error}");
    lab.world.calm();
    lab.ping(8443, &lab.host()).await.unwrap();
}

#[tokio::test]
async fn mysql_greets_before_tls() {
    let lab = Lab::new().await;
    lab.attach();
    let mut stream = lab.connect(3306).await;
    let mut greeting = [0; 5];
    timeout(Duration::from_secs(5), stream.read_exact(&mut greeting)).await.unwrap().unwrap();
    assert_eq!(greeting[4], 10);
}

#[tokio::test]
async fn listeners_go_with_their_endpoint_and_with_the_path() {
    let lab = Lab::new().await;
    lab.connect(8443).await;
    let PrivateEndpointId::Aws(endpoint) = &lab.endpoint else { panic!("an endpoint on AWS") };
    lab.world.aws().delete_endpoint(endpoint);
    gone(lab.address).await;

    let lab = Lab::new().await;
    lab.connect(8443).await;
    let again = lab.world.serve_data_path(lab.seat.clone()).await.unwrap();
    drop(again);
    drop(lab.path);
    gone(lab.address).await;
}

#[tokio::test]
async fn google_cloud_has_the_same_doors() {
    let lab = Lab::google().await;
    let gcp = lab.world.gcp();
    assert_eq!(lab.ask(&lab.host(), 1).await, (3, vec![]));
    gcp.make_zone("metrics", &lab.host(), &[&gcp.network()]);
    let IpAddr::V4(v4) = lab.address else { panic!("an IPv4 address") };
    gcp.put_address("metrics", &lab.host(), &[v4]);
    assert_eq!(lab.ask(&lab.host(), 1).await, (0, vec![lab.address]));

    let cut = lab.ping(8443, &lab.host()).await.unwrap_err();
    assert_eq!(cut.kind(), std::io::ErrorKind::ConnectionReset, "{cut}");
    lab.attach();
    let answer = lab.ping(8443, &lab.host()).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");

    gcp.deny_egress(&gcp.network(), "none", "127.0.0.0/8".parse().unwrap(), 1..=65535, 1000);
    shut(&lab, 8443).await;
    gcp.remove_firewall(&gcp.network(), "none");
    served(&lab).await;
    gcp.set_status(gcp.endpoints()[0].connection, PscStatus::Closed);
    shut(&lab, 8443).await;
    gcp.delete_endpoint(&gcp.project(), &gcp.region(), "metrics");
    gone(lab.address).await;
}

async fn gone(address: IpAddr) {
    for _ in 0..200 {
        if TcpStream::connect(SocketAddr::new(address, 8443)).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("somebody still listens on {address}");
}

#[tokio::test]
async fn a_subnet_that_is_not_there_has_no_data_path() {
    let world = World::new();
    let nowhere: SubnetId = "subnet-0123456789abcdef0".parse().unwrap();
    let error = world.serve_data_path(&nowhere).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
}

#[tokio::test]
async fn a_private_endpoint_in_azure_is_silent_until_its_connection_is_approved() {
    const A: u16 = 1;
    let lab = Lab::azure().await;
    let azure = lab.world.azure();
    let host = lab.host();
    shut(&lab, 8443).await;
    azure.approve_endpoint(&azure.endpoints()[0].id);
    assert_eq!(lab.ping(8443, &host).await.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
    lab.attach();
    let answer = served(&lab).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK") && answer.ends_with("Ok.\n"), "{answer}");
    assert_eq!(lab.ask(&host, A).await, (3, vec![]));
    let zone = azure.make_zone(&host, &[azure.vnet_id()]);
    let IpAddr::V4(address) = lab.address else { panic!("an IPv6 address") };
    azure.put_address(&zone, &host, &[address]);
    assert_eq!(lab.ask(&host, A).await, (0, vec![lab.address]));
}
