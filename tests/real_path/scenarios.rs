//! What can break on the wire, staged in one world and seen twice: by a machine in memory and by the probe over real
//! sockets. Both yield the same codes, and so do the namespaces of `tests/namespaces`.

use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use privlink::core::{HostedZoneId, PrivateEndpointId, SecurityGroupId};
use privlink::probe::LocalBuilder;
use privlink::{Expectation, Link, Proof, Vantage};
use privlink_sim::{Certificate, Disturbance, SimVantage, WireFault};

use crate::lab::Lab;

/// How long the handshake may take.
const TLS_LIMIT: Duration = Duration::from_millis(1200);

/// A link that works, with what can be broken of it.
struct Scene {
    lab: Lab,
    link: Link,
    zone: HostedZoneId,
    group: SecurityGroupId,
    /// Made while it worked.
    expectation: Expectation,
}

/// How clients ask.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    AsAlways,
    WithoutServerName,
}

use Asked::{AsAlways, WithoutServerName};

type Stage = fn(&Scene);

const TABLE: [(&str, Stage, Asked, &[&str]); 26] = [
    ("works", |_| {}, AsAlways, &[]),
    ("works, with HTTP 403", |scene| scene.disturb(WireFault::Status(403)), AsAlways, &[]),
    ("slow handshake within the limit", |scene| scene.slow(150), AsAlways, &[]),
    ("slow handshake beyond the limit", |scene| scene.slow(900), AsAlways, &["TLS-007"]),
    ("record missing in the parent zone", |scene| scene.only_parent("other"), AsAlways, &["DNS-001"]),
    ("record missing in a zone of its own", |scene| scene.delete_record(), AsAlways, &["DNS-002"]),
    ("no zone", |scene| scene.lab.world.aws().delete_zone(&scene.zone), AsAlways, &["DNS-009"]),
    ("zone for another name", Scene::misname_zone, AsAlways, &["DNS-009"]),
    ("record points to another endpoint", |scene| scene.lead(&[[127, 0, 0, 9].into()]), AsAlways, &["DNS-005"]),
    ("one of two records does", Scene::lead_half_away, AsAlways, &["DNS-005"]),
    ("record points to a public address", |scene| scene.lead(&[[198, 51, 100, 10].into()]), AsAlways, &["DNS-004"]),
    ("IPv6 answer where only IPv4 is routed", Scene::answer_ipv6_too, AsAlways, &["DNS-006"]),
    ("resolver dead", |scene| scene.lab.world.silence_resolvers(true), AsAlways, &["DNS-007"]),
    ("resolver fails", Scene::switch_dns_off, AsAlways, &["DNS-003"]),
    ("stale negative cache", Scene::ask_too_early, AsAlways, &["DNS-008"]),
    ("inbound dropped", |scene| scene.lab.world.aws().close_inbound(&scene.group), AsAlways, &["NET-001"]),
    ("outbound dropped", Scene::close_outbound, AsAlways, &["NET-001"]),
    ("only one of two zones' addresses reachable", Scene::drop_one_address, AsAlways, &["NET-004"]),
    ("one port of several blocked", Scene::open_one_port, AsAlways, &["NET-005"]),
    ("refused", |scene| scene.disturb(WireFault::Refuse), AsAlways, &["NET-002"]),
    ("reset after accept", Scene::detach, AsAlways, &["TLS-001"]),
    ("reset by something on the way", |scene| scene.disturb(WireFault::Reset), AsAlways, &["TLS-001"]),
    ("reset during TLS without SNI", |_| {}, WithoutServerName, &["TLS-008"]),
    ("certificate of another name", Scene::show_another, AsAlways, &["TLS-002"]),
    ("expired certificate", |scene| scene.disturb(WireFault::Show(Certificate::Expired)), AsAlways, &["TLS-005"]),
    ("unknown authority", |scene| scene.disturb(WireFault::Show(Certificate::OfStranger)), AsAlways, &["TLS-004"]),
];

// Two threads, since one waits while a scene is staged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_breaks_in_memory_breaks_alike_over_sockets() {
    for (what, stage, asked, wanted) in TABLE {
        let scene = Scene::new().await;
        stage(&scene);
        let (inside, here) = (scene.inside(asked), scene.here(asked).build().unwrap());
        // The caches of a resolver count in whole seconds of the world's time.
        tokio::time::sleep(Duration::from_millis(30)).await;
        let in_memory = scene.codes(&inside.prove(&scene.expectation).await.unwrap());
        assert_eq!(in_memory, wanted, "{what}, in memory");

        let wanted = scene.expected_here(wanted);
        // What stands at a port follows the world shortly after.
        let mut served = Vec::new();
        for _ in 0..20 {
            served = scene.codes(&here.prove(&scene.expectation).await.unwrap());
            if served == wanted {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(served, wanted, "{what}, over sockets");
    }
}

#[tokio::test]
async fn a_database_that_moved_to_another_service_resets_alike() {
    let scene = Scene::new().await;
    let vendor = scene.lab.world.clickhouse();
    vendor.move_to_cell(vendor.service_id(), "us-east-1-c1");
    let inside = scene.inside(AsAlways).prove(&scene.expectation).await.unwrap();
    let here = scene.here(AsAlways).build().unwrap().prove(&scene.expectation).await.unwrap();
    assert_eq!((scene.codes(&inside), scene.codes(&here)), (vec!["TLS-001".to_owned()], vec!["TLS-001".to_owned()]));
}

impl Scene {
    async fn new() -> Self {
        let lab = Lab::new().await;
        let aws = lab.world.aws();
        let group = aws.add_group(&aws.vpc_id(), "database");
        aws.open_ports(&group, 443..=9440, "127.0.0.0/8".parse().unwrap());
        let link = lab.link(lab.network().security_groups([group.clone()]));
        lab.set_up(&link).await;
        let expectation = link.expectation().await.unwrap();
        let zone = lab.network().client().route53().zones_named(&lab.host()).await.unwrap().remove(0).id;
        Self { lab, link, zone, group, expectation }
    }

    fn inside(&self, asked: Asked) -> SimVantage {
        let inside = self.lab.world.vantage(&self.lab.world.aws().subnet_ids()[0]).tls_timeout(TLS_LIMIT);
        if asked == WithoutServerName { inside.without_server_name() } else { inside }
    }

    fn here(&self, asked: Asked) -> LocalBuilder {
        let here = self.lab.vantage().resolve_timeout(Duration::from_secs(1)).tls_timeout(TLS_LIMIT);
        if asked == WithoutServerName { here.without_server_name() } else { here }
    }

    fn codes(&self, proof: &Proof) -> Vec<String> {
        let verdict = self.link.judge(&self.expectation, proof);
        verdict.findings.iter().map(|finding| finding.code.to_string()).collect()
    }

    /// On a machine that has a route to IPv6 addresses, one of them is another endpoint's like any other.
    fn expected_here(&self, wanted: &[&'static str]) -> Vec<&'static str> {
        let socket = UdpSocket::bind("[::]:0").and_then(|socket| socket.connect((SIX, 9)));
        let swap = |code: &&'static str| if *code == "DNS-006" && socket.is_ok() { "DNS-005" } else { *code };
        wanted.iter().map(swap).collect()
    }

    fn disturb(&self, what: WireFault) {
        self.lab.world.disturb(Disturbance::new(what));
    }

    fn slow(&self, milliseconds: u64) {
        self.disturb(WireFault::Slow(Duration::from_millis(milliseconds)));
    }

    fn delete_record(&self) {
        self.lab.world.aws().delete_record(&self.zone, &self.lab.host(), "A");
    }

    fn lead(&self, to: &[IpAddr]) {
        self.lab.world.aws().put_address(&self.zone, &self.lab.host(), to);
    }

    fn lead_half_away(&self) {
        self.lead(&[self.lab.addresses()[0], [127, 0, 0, 9].into()]);
    }

    fn answer_ipv6_too(&self) {
        let mut all = self.lab.addresses();
        all.push(SIX);
        self.lead(&all);
    }

    /// In place of the link's zone the parent's, with a record of another host.
    fn only_parent(&self, label: &str) {
        let (aws, parent) = (self.lab.world.aws(), self.lab.host().parent().unwrap());
        aws.delete_zone(&self.zone);
        let zone = aws.make_zone(&parent, &[aws.vpc_id()]);
        aws.put_address(&zone, &format!("{label}.{parent}").parse().unwrap(), &self.lab.addresses());
    }

    fn misname_zone(&self) {
        let (aws, host) = (self.lab.world.aws(), self.lab.host());
        aws.delete_zone(&self.zone);
        let near = format!("x{host}").parse().unwrap();
        let zone = aws.make_zone(&near, &[aws.vpc_id()]);
        aws.put_address(&zone, &near, &self.lab.addresses());
    }

    fn switch_dns_off(&self) {
        self.lab.world.aws().set_dns(&self.lab.world.aws().vpc_id(), false, false);
    }

    /// Somebody asks before the record is made; then it is made, and the resolver still says no.
    fn ask_too_early(&self) {
        self.only_parent("other");
        self.lab.world.keep_negative_answers(true);
        let early = tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current()
                .block_on(async { self.inside(AsAlways).prove(&self.expectation).await.unwrap() })
        });
        assert_eq!(self.codes(&early), ["DNS-001"]);
        let (aws, host) = (self.lab.world.aws(), self.lab.host());
        let zone = aws.make_zone(&host, &[aws.vpc_id()]);
        aws.put_address(&zone, &host, &self.lab.addresses());
    }

    fn close_outbound(&self) {
        let aws = self.lab.world.aws();
        aws.close_outbound(&aws.client_group());
        aws.close_outbound(&aws.default_group());
    }

    fn drop_one_address(&self) {
        self.lab.world.disturb(Disturbance::new(WireFault::Drop).at(self.lab.addresses()[1]));
    }

    fn open_one_port(&self) {
        let aws = self.lab.world.aws();
        aws.close_inbound(&self.group);
        aws.open_ports(&self.group, 8443..=8443, "127.0.0.0/8".parse().unwrap());
    }

    fn detach(&self) {
        let vendor = self.lab.world.clickhouse();
        vendor.detach(vendor.service_id(), &PrivateEndpointId::from(self.lab.endpoint()));
    }

    fn show_another(&self) {
        self.disturb(WireFault::Show(Certificate::Of("proxy.example.com".parse().unwrap())));
    }
}

/// An address of the other kind, which nobody here has.
const SIX: IpAddr = IpAddr::V6(std::net::Ipv6Addr::new(0xfd00, 0x77, 0, 0, 0, 0, 0, 5));
