use privlink_core::CloudProvider;

privlink_core::open_enum! {
    /// The cloud a service runs in, as the vendor names it.
    ///
    /// ```
    /// use privlink_clickhouse::Provider;
    ///
    /// assert_eq!(Provider::from("aws"), Provider::Aws);
    /// assert_eq!(Provider::from("moon").to_string(), "moon");
    /// ```
    pub enum Provider {
        /// Amazon Web Services.
        Aws = "aws",
        /// Microsoft Azure.
        Azure = "azure",
        /// Google Cloud.
        Gcp = "gcp",
    }
}

impl Provider {
    /// The cloud, unless it is one this library does not know.
    #[must_use]
    pub fn cloud(&self) -> Option<CloudProvider> {
        match self {
            Self::Aws => Some(CloudProvider::Aws),
            Self::Azure => Some(CloudProvider::Azure),
            Self::Gcp => Some(CloudProvider::Gcp),
            Self::Unknown(_) => None,
        }
    }
}

impl From<CloudProvider> for Provider {
    fn from(cloud: CloudProvider) -> Self {
        Self::from(cloud.as_str())
    }
}

privlink_core::open_enum! {
    /// The state of a service.
    pub enum ServiceState {
        /// Being started.
        Starting = "starting",
        /// Being stopped.
        Stopping = "stopping",
        /// Being deleted.
        Terminating = "terminating",
        /// Being deleted, restorable.
        SoftDeleting = "softdeleting",
        /// Waking up from idling.
        Awaking = "awaking",
        /// Some replicas run.
        PartiallyRunning = "partially_running",
        /// Being created.
        Provisioning = "provisioning",
        /// Running.
        Running = "running",
        /// Stopped by its owner.
        Stopped = "stopped",
        /// Deleted.
        Terminated = "terminated",
        /// Deleted, restorable.
        SoftDeleted = "softdeleted",
        /// Running, impaired.
        Degraded = "degraded",
        /// Broken.
        Failed = "failed",
        /// Asleep; a connection wakes it.
        Idle = "idle",
    }
}

impl ServiceState {
    /// Whether the service is deleted, or is on its way there.
    #[must_use]
    pub fn is_going_or_gone(&self) -> bool {
        matches!(self, Self::Terminating | Self::Terminated | Self::SoftDeleting | Self::SoftDeleted)
    }

    /// Whether a connection can be answered: it runs, or a connection wakes it.
    #[must_use]
    pub fn can_answer(&self) -> bool {
        matches!(self, Self::Running | Self::PartiallyRunning | Self::Degraded | Self::Idle | Self::Awaking)
    }
}

privlink_core::open_enum! {
    /// What is spoken on one of a service's endpoints.
    pub enum EndpointProtocol {
        /// The HTTP interface over TLS.
        Https = "https",
        /// The native protocol over TLS.
        NativeSecure = "nativesecure",
        /// The MySQL interface.
        Mysql = "mysql",
    }
}

privlink_core::open_enum! {
    /// The state of a BYOC infrastructure.
    pub enum InfrastructureState {
        /// Being built.
        Provisioning = "infra-provisioning",
        /// Ready.
        Ready = "infra-ready",
        /// Impaired.
        Degraded = "infra-degraded",
        /// Being upgraded.
        Upgrading = "infra-upgrading",
        /// Being taken down.
        Terminating = "infra-terminating",
        /// Taken down.
        Terminated = "infra-terminated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_survive_a_round_trip() {
        let state: ServiceState = serde_json::from_str("\"hibernating\"").unwrap();
        assert_eq!(state, ServiceState::Unknown("hibernating".into()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"hibernating\"");
    }

    #[test]
    fn every_state_of_the_contract_is_known() {
        let all = "starting stopping terminating softdeleting awaking partially_running provisioning running stopped \
                   terminated softdeleted degraded failed idle";
        for word in all.split(' ') {
            assert!(!matches!(ServiceState::from(word), ServiceState::Unknown(_)), "{word}");
        }
    }
}
