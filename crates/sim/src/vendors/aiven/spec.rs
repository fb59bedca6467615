use privlink_core::{CloudProvider, Region};

/// A service to put into the world with [`Aiven::add_service`](super::Aiven::add_service).
#[derive(Clone, Debug)]
#[must_use]
pub struct ServiceSpec {
    pub(super) name: String,
    pub(super) service_type: String,
    pub(super) provider: CloudProvider,
    pub(super) region: Region,
    pub(super) cloud_name: Option<String>,
    pub(super) state: String,
    pub(super) in_vpc: bool,
    pub(super) static_ips: bool,
    pub(super) nodes: u64,
    pub(super) sasl: bool,
    pub(super) replica: bool,
}

impl ServiceSpec {
    /// A service of this type (`pg`, `kafka`) that runs on two nodes in a project VPC, on Azure with the
    /// static addresses it needs.
    pub fn new(
        name: impl Into<String>,
        service_type: impl Into<String>,
        provider: CloudProvider,
        region: Region,
    ) -> Self {
        Self {
            name: name.into(),
            service_type: service_type.into(),
            provider,
            region,
            cloud_name: None,
            state: "RUNNING".into(),
            in_vpc: true,
            static_ips: provider == CloudProvider::Azure,
            nodes: 2,
            sasl: false,
            replica: false,
        }
    }

    /// Leaves it outside of any project VPC.
    pub fn without_vpc(mut self) -> Self {
        self.in_vpc = false;
        self
    }

    /// Leaves it without static addresses.
    pub fn without_static_ips(mut self) -> Self {
        self.static_ips = false;
        self
    }

    /// Gives it another cloud name, such as `custom-acme` for one of the customer's own.
    pub fn cloud_name(mut self, name: impl Into<String>) -> Self {
        self.cloud_name = Some(name.into());
        self
    }

    /// Sets its state: `RUNNING`, `REBALANCING`, `POWEROFF`, or one that no document has.
    pub fn state(mut self, state: impl Into<String>) -> Self {
        self.state = state.into();
        self
    }

    /// Lets clients of Kafka authenticate by SASL too, on a port of its own.
    pub fn sasl(mut self) -> Self {
        self.sasl = true;
        self
    }

    /// Gives it a replica to read from.
    pub fn replica(mut self) -> Self {
        self.replica = true;
        self
    }
}
