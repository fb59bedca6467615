//! The side of a vendor without an API that this library knows: what its console shows is typed in, and what it wants
//! is done there by a person, whom a waiting step tells what and where.
//!
//! ```
//! # #[cfg(feature = "aws")]
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use privlink::core::side::{Confirmation, PortRange, Protocol};
//! use privlink::{Link, aws, manual};
//!
//! # let world = privlink_sim::World::new();
//! let service: privlink::EndpointServiceId = "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890".parse()?;
//! # world.publish_database("pear.orchard.example.com".parse()?, service.clone(), |_| true);
//! let entered = Confirmation::new();
//! let database = manual::Database::new("Orchard", "pear", service, "us-east-1".parse()?)
//!     .host("pear.orchard.example.com".parse()?, [PortRange::single(443)], Protocol::Https)
//!     .console("https://orchard.example.com, Trees, pear, Private endpoints")
//!     .listed_by_hand(entered.clone());
//! # let network = aws::Client::over(world.transport(), world.aws().region())
//! #     .credentials(aws::Credentials::new(world.aws().access_key_id(), world.aws().secret_access_key()))
//! #     .clock(world.clock())
//! #     .build()?
//! #     .vpc(world.aws().vpc_id())
//! #     .subnets(world.aws().subnet_ids());
//! let link = Link::builder("pears".parse()?, database, network).clock(world.clock()).build()?;
//! let plan = link.plan().await?;
//! println!("{plan}");
//! # entered.give();
//! // It waits, and says where to enter the endpoint; whoever did that gives the confirmation.
//! let applied = link.apply(&plan).observe(|event| println!("{event}")).await?;
//! println!("connect to {}", applied.names()[0]);
//! # Ok(()) }
//! # #[cfg(not(feature = "aws"))]
//! # fn main() {}
//! ```

mod side;

use privlink_core::side::{
    Acceptance, Confirmation, EndpointService, Naming, PortRange, PrivateName, Protocol, Reach, RecordShape, Sharing,
};
use privlink_core::{DnsName, EndpointServiceId, Region, Text};

/// A database of which the caller knows what its vendor's console shows; a
/// [`DatabaseSide`](privlink_core::side::DatabaseSide). Cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    vendor: Text,
    name: Text,
    service: EndpointService,
    names: Vec<PrivateName>,
    public_hosts: Vec<DnsName>,
    naming: Vec<Naming>,
    console: Text,
    invited: Option<Confirmation>,
    listed: Option<Confirmation>,
}

impl Database {
    /// The database called `name` at `vendor`, behind an endpoint service in a region.
    ///
    /// Both names are for people, and tell the database from others: they must stay the same for the same one. Unless
    /// said otherwise the service accepts endpoints of its own region by itself, and leads to this database alone.
    #[must_use]
    pub fn new(vendor: impl Into<Text>, name: impl Into<Text>, service: EndpointServiceId, region: Region) -> Self {
        Self {
            vendor: vendor.into(),
            name: name.into(),
            service: EndpointService::new(service, region),
            names: Vec::new(),
            public_hosts: Vec::new(),
            naming: vec![Naming::PrivateZone(RecordShape::Apex), Naming::SelfManaged],
            console: Text::default(),
            invited: None,
            listed: None,
        }
    }

    /// A private host with its ports, and what is spoken there; repeat it for further ones.
    #[must_use]
    pub fn host(self, host: DnsName, ports: impl IntoIterator<Item = PortRange>, protocol: Protocol) -> Self {
        let mut name = PrivateName::new(host, ports.into_iter().collect(), protocol);
        name.component = name.host.to_string().into();
        self.private_name(name)
    }

    /// A private name with all that can be said of it.
    #[must_use]
    pub fn private_name(mut self, name: PrivateName) -> Self {
        self.names.push(name);
        self
    }

    /// A public host of the database, which is to resolve inside the network as it does outside.
    #[must_use]
    pub fn public_host(mut self, host: DnsName) -> Self {
        self.public_hosts.push(host);
        self
    }

    /// How the names can come to resolve, the best first; a zone named exactly the host, unless said otherwise.
    #[must_use]
    pub fn naming(mut self, naming: impl IntoIterator<Item = Naming>) -> Self {
        self.naming = naming.into_iter().collect();
        self
    }

    /// Who accepts an endpoint. If it is not accepted by itself, a step asks for it and waits until the cloud shows the
    /// endpoint connected. [`ByVendor`](Acceptance::ByVendor) is a person too: there is no API to ask.
    #[must_use]
    pub fn acceptance(mut self, acceptance: Acceptance) -> Self {
        // The network must not wait for a step that itself waits for the network.
        self.service.acceptance = match acceptance {
            Acceptance::ByVendor => Acceptance::ByHand,
            other => other,
        };
        self
    }

    /// From which regions an endpoint may point at the service.
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.service.reach = reach;
        self
    }

    /// Who else is behind the service. Where that is anybody, nobody can tell when an endpoint is unused, so that a
    /// removal leaves it.
    #[must_use]
    pub fn shared_by(mut self, sharing: Sharing) -> Self {
        self.service.shared_by = sharing;
        self
    }

    /// Where people do what the vendor wants: an address, and the way from there.
    #[must_use]
    pub fn console(mut self, path: impl Into<Text>) -> Self {
        self.console = path.into();
        self
    }

    /// Says that the vendor must let the network's account in before an endpoint is made. The endpoint waits until
    /// `done` is given; in another process make it with [`Confirmation::given`].
    #[must_use]
    pub fn invited_by_hand(mut self, done: Confirmation) -> Self {
        self.service.by_invitation = true;
        self.invited = Some(done);
        self
    }

    /// Says that the endpoint must be entered into a list of the vendor's, which the cloud shows nothing of. Records
    /// wait until `done` is given; in another process make it with [`Confirmation::given`].
    #[must_use]
    pub fn listed_by_hand(mut self, done: Confirmation) -> Self {
        self.listed = Some(done);
        self
    }
}
