//! Names and connections as a machine in the world meets them.

#![allow(clippy::unwrap_used, reason = "a test file, helpers included")]

mod common;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use privlink_core::side::{Expectation, Layer, Nonce, PortRange, PrivateName, Protocol, Rung, RungResult, Vantage};
use privlink_core::{
    AzureResourceId, CloudProvider, DnsName, EndpointServiceId, ErrorKind, PrivateEndpointId, SecurityGroupId,
    SubnetId, VpcEndpointId,
};
use privlink_sim::{Seat, ServiceSpec, World};

/// A world with one endpoint to the service `orders`, its own group open on all of its ports.
struct Linked {
    world: World,
    endpoint: VpcEndpointId,
    group: SecurityGroupId,
    subnet: SubnetId,
}

async fn linked() -> Linked {
    let world = World::new();
    let aws = world.aws();
    let group = aws.add_group(&aws.vpc_id(), "endpoint");
    for port in [443, 3306, 8443, 9440] {
        aws.open_ports(&group, port..=port, "10.0.0.0/16".parse().unwrap());
    }
    let subnets = aws.subnet_ids();
    let Some(EndpointServiceId::Aws(service)) = world.clickhouse().endpoint_service(world.clickhouse().service_id())
    else {
        panic!("`orders` is on AWS");
    };
    let endpoint = aws.make_endpoint(&service, &subnets[..2], std::slice::from_ref(&group));
    tokio::time::sleep(Duration::from_secs(120)).await;
    assert_eq!(aws.endpoints()[0].state, "available");
    Linked { world, endpoint, group, subnet: subnets[0].clone() }
}

impl Linked {
    fn host(&self) -> DnsName {
        self.world.clickhouse().private_host(self.world.clickhouse().service_id()).unwrap().name()
    }

    fn attach(&self) {
        let clickhouse = self.world.clickhouse();
        clickhouse.attach(clickhouse.service_id(), &PrivateEndpointId::Aws(self.endpoint.clone()));
    }

    fn name_it(&self) {
        let aws = self.world.aws();
        let zone = aws.make_zone(&self.host(), &[aws.vpc_id()]);
        aws.put_address(&zone, &self.host(), &self.own());
    }

    fn own(&self) -> Vec<IpAddr> {
        self.world.aws().endpoints()[0].addresses.clone()
    }

    async fn prove(&self, ports: Vec<PortRange>) -> Vec<Rung> {
        let names = vec![PrivateName::new(self.host(), ports, Protocol::ClickHouseHttps)];
        let issued = self.world.clock().now();
        let inside = vec!["10.0.0.0/16".parse().unwrap()];
        let expectation = Expectation::new(Nonce::fresh(), issued, names, self.own(), inside);
        let proof = self.world.vantage(&self.subnet).prove(&expectation).await.unwrap();
        assert_eq!(proof.nonce, expectation.nonce);
        assert!(proof.local.iter().all(|local| expectation.inside.iter().any(|range| range.contains(local))));
        proof.rungs
    }

    /// The last rung, which is where it broke.
    async fn last(&self, port: u16) -> (Layer, RungResult) {
        let rungs = self.prove(vec![PortRange::single(port)]).await;
        let last = rungs.last().unwrap();
        (last.layer, last.result)
    }
}

#[tokio::test(start_paused = true)]
async fn a_whole_link_holds_on_every_rung() {
    let linked = linked().await;
    linked.attach();
    linked.name_it();
    let ports = vec![PortRange::single(8443), PortRange::single(9440).speaking(Protocol::ClickHouseNative)];
    let rungs = linked.prove(ports).await;
    assert!(rungs.iter().all(|rung| rung.result == RungResult::Held), "{rungs:?}");
    let layers: Vec<(Option<u16>, Layer)> = rungs.iter().map(|rung| (rung.port, rung.layer)).collect();
    let wanted = [
        (None, Layer::Name),
        (None, Layer::Address),
        (Some(8443), Layer::Tcp),
        (Some(8443), Layer::Tls),
        (Some(8443), Layer::Protocol),
        (Some(9440), Layer::Tcp),
        (Some(9440), Layer::Tls),
    ];
    assert_eq!(layers, wanted);
}

#[tokio::test(start_paused = true)]
async fn without_a_record_there_is_no_such_name() {
    let linked = linked().await;
    linked.attach();
    assert_eq!(linked.last(8443).await, (Layer::Name, RungResult::NoSuchName));
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_off_the_allow_list_is_reset_at_tls() {
    let linked = linked().await;
    linked.name_it();
    assert_eq!(linked.last(8443).await, (Layer::Tls, RungResult::Reset));
    linked.world.clickhouse().switch(|switches| switches.data_path_delay = Duration::from_secs(30));
    linked.attach();
    assert_eq!(linked.last(8443).await, (Layer::Tls, RungResult::Reset));
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert_eq!(linked.last(8443).await, (Layer::Protocol, RungResult::Held));
}

#[tokio::test(start_paused = true)]
async fn a_closed_group_and_a_port_without_listener_time_out() {
    let linked = linked().await;
    linked.attach();
    linked.name_it();
    assert_eq!(linked.last(22).await, (Layer::Tcp, RungResult::TimedOut));
    linked.world.aws().open_ports(&linked.group, 22..=22, "10.0.0.0/16".parse().unwrap());
    assert_eq!(linked.last(22).await, (Layer::Tcp, RungResult::TimedOut));
    linked.world.aws().close_inbound(&linked.group);
    assert_eq!(linked.last(8443).await, (Layer::Tcp, RungResult::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_name_that_leads_elsewhere_is_foreign_or_public() {
    let linked = linked().await;
    linked.attach();
    let aws = linked.world.aws();
    let zone = aws.make_zone(&linked.host(), &[aws.vpc_id()]);
    aws.put_address(&zone, &linked.host(), &[Ipv4Addr::new(10, 0, 200, 1).into()]);
    assert_eq!(linked.last(8443).await, (Layer::Address, RungResult::ForeignAddress));
    aws.delete_zone(&zone);
    linked.world.publish_name(linked.host(), vec![Ipv4Addr::new(192, 0, 2, 1).into()]);
    assert_eq!(linked.last(8443).await, (Layer::Address, RungResult::PublicAddress));
}

#[tokio::test(start_paused = true)]
async fn only_the_right_name_is_served_and_only_behind_its_own_endpoint_service() {
    let linked = linked().await;
    linked.attach();
    let clickhouse = linked.world.clickhouse();
    let vantage = linked.world.vantage(&linked.subnet);
    let address = linked.own()[0];
    assert_eq!(vantage.try_tls(address, 8443, &linked.host()), RungResult::Held);
    let public = clickhouse.public_host(clickhouse.service_id()).unwrap();
    assert_eq!(vantage.try_tls(address, 8443, &public), RungResult::Reset);
    let archive = clickhouse.find_service("archive").unwrap();
    clickhouse.attach(archive, &PrivateEndpointId::Aws(linked.endpoint.clone()));
    assert_eq!(vantage.try_tls(address, 8443, &clickhouse.private_host(archive).unwrap().name()), RungResult::Reset);
    let billing = clickhouse.find_service("billing").unwrap();
    let host = clickhouse.private_host(billing).unwrap().name();
    assert_eq!(vantage.try_tls(address, 8443, &host), RungResult::Reset);
    clickhouse.attach(billing, &PrivateEndpointId::Aws(linked.endpoint.clone()));
    assert_eq!(vantage.try_tls(address, 8443, &host), RungResult::Held);
}

#[tokio::test(start_paused = true)]
async fn mysql_answers_once_it_is_on() {
    let linked = linked().await;
    linked.attach();
    linked.name_it();
    let port = || vec![PortRange::single(3306).speaking(Protocol::Mysql)];
    assert_eq!(linked.prove(port()).await.last().unwrap().result, RungResult::Reset);
    linked.world.clickhouse().set_mysql(linked.world.clickhouse().service_id(), true);
    let last = linked.prove(port()).await.pop().unwrap();
    assert_eq!((last.layer, last.result), (Layer::Protocol, RungResult::Held));
    assert_eq!(linked.last(3306).await, (Layer::Tls, RungResult::Unexpected));
}

#[tokio::test(start_paused = true)]
async fn a_rejected_endpoint_leads_nowhere() {
    let linked = linked().await;
    linked.attach();
    linked.name_it();
    linked.world.aws().reject_endpoint(&linked.endpoint);
    assert_eq!(linked.last(8443).await, (Layer::Tcp, RungResult::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn the_public_door_follows_the_ip_access_list_and_knows_no_private_name() {
    let world = World::new();
    let clickhouse = world.clickhouse();
    let service = clickhouse.service_id();
    let (office, home) = (Ipv4Addr::new(203, 0, 113, 7), Ipv4Addr::new(192, 0, 2, 7));
    let public = clickhouse.public_host(service).unwrap();
    let door = world.public_vantage(office).resolve(&public)[0];
    let tls = |from: Ipv4Addr| world.public_vantage(from).try_tls(door, 8443, &public);
    assert_eq!((tls(office), tls(home)), (RungResult::Held, RungResult::Held));
    clickhouse.set_ip_access_list(service, ["203.0.113.0/24"]);
    assert_eq!((tls(office), tls(home)), (RungResult::Held, RungResult::Reset));
    clickhouse.set_ip_access_list(service, Vec::<String>::new());
    assert_eq!((tls(office), tls(home)), (RungResult::Reset, RungResult::Reset));
    let private = clickhouse.private_host(service).unwrap().name();
    assert!(world.public_vantage(office).resolve(&private).is_empty());
    assert_eq!(world.public_vantage(office).try_tls(door, 8443, &private), RungResult::Reset);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_subnet_cannot_be_looked_from() {
    let world = World::new();
    let expectation = Expectation::new(Nonce::fresh(), world.clock().now(), vec![], vec![], vec![]);
    let aws: SubnetId = "subnet-0123456789abcdef0".parse().unwrap();
    let azure: AzureResourceId =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/example/providers/Microsoft.Network\
         /virtualNetworks/nowhere/subnets/nowhere"
            .parse()
            .unwrap();
    let gcp = Seat::gcp(&"example-project".parse().unwrap(), &"us-central1".parse().unwrap(), "nowhere");
    for seat in [Seat::from(&aws), Seat::from(&azure), gcp] {
        let nowhere = world.vantage(seat);
        assert_eq!(nowhere.prove(&expectation).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_of_another_region_has_an_endpoint_service_there() {
    let world = World::new();
    let spec = ServiceSpec::new("eu", CloudProvider::Aws, "eu-west-1".parse().unwrap());
    let id = world.clickhouse().add_service(spec);
    let Some(EndpointServiceId::Aws(service)) = world.clickhouse().endpoint_service(id) else { panic!() };
    let aws = world.aws();
    let endpoint = aws.make_endpoint(&service, &aws.subnet_ids()[..1], &[aws.default_group()]);
    assert_eq!(aws.endpoints()[0].id, endpoint);
}
