privlink_core::open_enum! {
    /// The state of a privatelink.
    ///
    /// ```
    /// use privlink_aiven::PrivatelinkState;
    ///
    /// assert_eq!(PrivatelinkState::from("active"), PrivatelinkState::Active);
    /// assert_eq!(PrivatelinkState::from("paused").to_string(), "paused");
    /// ```
    pub enum PrivatelinkState {
        /// Being made, or rebuilt.
        Creating = "creating",
        /// Ready.
        Active = "active",
        /// Being taken away. Once it is gone there is none: no state says "deleted".
        Deleting = "deleting",
    }
}

privlink_core::open_enum! {
    /// The state of a connection, as Aiven sees it; the cloud's own is another one.
    pub enum ConnectionState {
        /// Seen, and waits for approval. Azure and Google Cloud.
        PendingUserApproval = "pending-user-approval",
        /// Approved; the cloud has yet to show it.
        UserApproved = "user-approved",
        /// The cloud has accepted it. On Azure and Google Cloud it wants the endpoint's address.
        Connected = "connected",
        /// Served, and its names are published.
        Active = "active",
    }
}

impl ConnectionState {
    /// Whether it has been approved, or needs no approval.
    #[must_use]
    pub fn is_approved(&self) -> bool {
        matches!(self, Self::UserApproved | Self::Connected | Self::Active)
    }
}

privlink_core::open_enum! {
    /// The state of a service.
    pub enum ServiceState {
        /// Switched off.
        PowerOff = "POWEROFF",
        /// Moving to other nodes.
        Rebalancing = "REBALANCING",
        /// Being made.
        Rebuilding = "REBUILDING",
        /// Ready.
        Running = "RUNNING",
    }
}

privlink_core::open_enum! {
    /// By which way a component is reached.
    pub enum Route {
        /// The usual host, private in a VPC and public elsewhere.
        Dynamic = "dynamic",
        /// Over the internet.
        Public = "public",
        /// Over a peering.
        Private = "private",
        /// Over privatelink.
        Privatelink = "privatelink",
    }
}

privlink_core::open_enum! {
    /// Which copy of the data a component serves.
    pub enum Usage {
        /// The one that is written to.
        Primary = "primary",
        /// A replica to read from.
        Replica = "replica",
        /// A copy for when a region fails.
        DisasterRecovery = "disaster_recovery",
        /// A replica that takes over.
        HaReplica = "ha_replica",
    }
}

privlink_core::open_enum! {
    /// How clients of Kafka prove who they are; each way has a port of its own.
    pub enum KafkaAuthentication {
        /// By a client certificate: the protocol `SSL`.
        Certificate = "certificate",
        /// By a password: the protocol `SASL_SSL`.
        Sasl = "sasl",
    }
}

privlink_core::open_enum! {
    /// Who signed the certificate that a Kafka port shows.
    pub enum KafkaAuthority {
        /// The project's own authority.
        Project = "project_ca",
        /// A public one.
        LetsEncrypt = "letsencrypt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_survive_a_round_trip() {
        let state: PrivatelinkState = serde_json::from_str("\"rebuilding\"").unwrap();
        assert_eq!(state, PrivatelinkState::Unknown("rebuilding".into()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"rebuilding\"");
    }

    #[test]
    fn every_connection_state_of_the_contract_is_known() {
        for (word, approved) in
            [("pending-user-approval", false), ("user-approved", true), ("connected", true), ("active", true)]
        {
            let state = ConnectionState::from(word);
            assert!(!matches!(state, ConnectionState::Unknown(_)), "{word}");
            assert_eq!(state.is_approved(), approved, "{word}");
        }
    }
}
