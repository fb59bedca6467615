//! A world served over HTTP, and the data path of a machine in it.

use std::net::IpAddr;
use std::time::Duration;

use privlink::core::side::Rung;
use privlink::core::transport::Deadlines;
use privlink::core::{DnsName, VpcEndpointId};
use privlink::probe::{Local, LocalBuilder};
use privlink::{Expectation, Link, Proof, Vantage, aws, clickhouse};
use privlink_sim::{DataPath, Server, World};
use tokio::net::TcpStream;

/// How much faster than the machine's the world's time runs.
const SCALE: u32 = 100;

/// The machine's own time does not run faster: a request may take three seconds of it.
pub(crate) const DEADLINES: Deadlines = Deadlines::new(Duration::from_secs(300), Duration::from_secs(600));

/// A world served over HTTP, with the data path of a machine in its first subnet.
pub(crate) struct Lab {
    pub(crate) world: World,
    pub(crate) server: Server,
    pub(crate) path: DataPath,
}

impl Lab {
    pub(crate) async fn new() -> Self {
        let world = World::builder().loopback_network().time_scale(SCALE).build();
        let server = world.serve("127.0.0.1:0").await.unwrap();
        let path = world.serve_data_path(&world.aws().subnet_ids()[0]).await.unwrap();
        Self { world, server, path }
    }

    pub(crate) fn network(&self) -> aws::Network {
        let cloud = self.world.aws();
        aws::Client::builder(cloud.region())
            .endpoint_url(self.server.url())
            .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
            .deadlines(DEADLINES)
            .clock(self.world.clock())
            .build()
            .unwrap()
            .vpc(cloud.vpc_id())
            .subnets(cloud.subnet_ids())
    }

    pub(crate) fn link(&self, network: aws::Network) -> Link {
        self.link_of(network, self.vantage())
    }

    pub(crate) fn link_of(&self, network: aws::Network, vantage: LocalBuilder) -> Link {
        let vendor = self.world.clickhouse();
        // Without 443, which takes a right that not everybody who runs tests has.
        let mut facts = clickhouse::facts::Facts::default();
        facts.ports.value.https = vec![8443];
        let service = clickhouse::Client::builder()
            .base_url(self.server.url())
            .api_key(vendor.key_id(), vendor.key_secret())
            .facts(facts)
            .deadlines(DEADLINES)
            .clock(self.world.clock())
            .build()
            .unwrap()
            .service(vendor.service_id().into());
        Link::builder("orders-prod".parse().unwrap(), service, network)
            .clock(self.world.clock())
            .vantage(vantage.build().unwrap())
            .build()
            .unwrap()
    }

    /// A machine in the subnet: its resolver, and its trust in the vendor's private authority.
    pub(crate) fn vantage(&self) -> LocalBuilder {
        self.stranger().extra_roots(self.path.authority())
    }

    /// The same without that trust.
    pub(crate) fn stranger(&self) -> LocalBuilder {
        Local::builder()
            .name_server(self.path.resolver())
            .connect_timeout(Duration::from_millis(500))
            .tls_timeout(Duration::from_secs(5))
    }

    pub(crate) async fn set_up(&self, link: &Link) {
        let plan = link.plan().await.unwrap();
        assert!(plan.blockers().next().is_none(), "{plan}");
        link.apply(&plan).await.unwrap();
        self.listening(&[8443, 9440]).await;
    }

    /// Waits until there is a listener on these ports of every address of the endpoint.
    pub(crate) async fn listening(&self, ports: &[u16]) {
        for address in self.addresses() {
            for port in ports.iter().copied() {
                while !open(address, port).await {
                    assert_eq!(self.path.trouble().iter().find(|told| told.contains(&format!(":{port}"))), None);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
            }
        }
    }

    /// Proves until a rung is as `wanted`: what stands at a port follows the world shortly after.
    pub(crate) async fn until(&self, expectation: &Expectation, wanted: impl Fn(&Rung) -> bool) -> Proof {
        let here = self.vantage().build().unwrap();
        for _ in 0..100 {
            let proof = here.prove(expectation).await.unwrap();
            if proof.rungs.iter().any(&wanted) {
                return proof;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no such rung came: {:?}", here.prove(expectation).await);
    }

    pub(crate) fn endpoint(&self) -> VpcEndpointId {
        self.world.aws().endpoints()[0].id.clone()
    }

    pub(crate) fn addresses(&self) -> Vec<IpAddr> {
        self.world.aws().endpoints()[0].addresses.clone()
    }

    pub(crate) fn host(&self) -> DnsName {
        self.world.clickhouse().private_host(self.world.clickhouse().service_id()).unwrap().name()
    }
}

/// Whether TCP connects, and without being sent away.
pub(crate) async fn open(address: IpAddr, port: u16) -> bool {
    let connecting = TcpStream::connect((address, port));
    matches!(tokio::time::timeout(Duration::from_millis(200), connecting).await, Ok(Ok(_)))
}
