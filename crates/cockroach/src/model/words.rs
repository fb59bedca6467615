use privlink_core::CloudProvider;

privlink_core::open_enum! {
    /// The cloud a cluster runs in, as the vendor names it.
    ///
    /// ```
    /// use privlink_cockroach::Provider;
    ///
    /// assert_eq!(Provider::from("AZURE"), Provider::Azure);
    /// assert_eq!(Provider::from("MOON").to_string(), "MOON");
    /// ```
    pub enum Provider {
        /// Amazon Web Services.
        Aws = "AWS",
        /// Microsoft Azure.
        Azure = "AZURE",
        /// Google Cloud.
        Gcp = "GCP",
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

privlink_core::open_enum! {
    /// The plan of a cluster.
    pub enum Plan {
        /// Shared, by use; no new private endpoints.
        Basic = "BASIC",
        /// Shared, provisioned: all clusters of a region are behind one endpoint service.
        Standard = "STANDARD",
        /// A cluster of its own, with an endpoint service of its own in each region; formerly Dedicated.
        Advanced = "ADVANCED",
    }
}

privlink_core::open_enum! {
    /// The state of a cluster.
    pub enum ClusterState {
        /// Being made.
        Creating = "CREATING",
        /// Ready.
        Created = "CREATED",
        /// It could not be made.
        CreationFailed = "CREATION_FAILED",
        /// Deleted.
        Deleted = "DELETED",
        /// Ready, and held by another operation.
        Locked = "LOCKED",
    }
}

privlink_core::open_enum! {
    /// The state of an endpoint service.
    pub enum ServiceStatus {
        /// Being made.
        Creating = "CREATING",
        /// Ready.
        Available = "AVAILABLE",
        /// It could not be made.
        CreateFailed = "CREATE_FAILED",
        /// Being taken away.
        Deleting = "DELETING",
        /// It could not be taken away.
        DeleteFailed = "DELETE_FAILED",
    }
}

privlink_core::open_enum! {
    /// The state of a connection. The vendor writes some with the prefix `STATUS_` and some
    /// without:
    ///
    /// ```
    /// use privlink_cockroach::ConnectionStatus;
    ///
    /// assert_eq!(ConnectionStatus::from("STATUS_AVAILABLE"), ConnectionStatus::Available);
    /// assert_eq!(ConnectionStatus::from("AVAILABLE"), ConnectionStatus::Available);
    /// ```
    pub enum ConnectionStatus {
        /// Being looked at.
        Pending = "PENDING" | "STATUS_PENDING",
        /// Being accepted.
        PendingAcceptance = "PENDING_ACCEPTANCE" | "STATUS_PENDING_ACCEPTANCE",
        /// The cluster answers through the endpoint.
        Available = "AVAILABLE" | "STATUS_AVAILABLE",
        /// Being taken away.
        Deleting = "DELETING" | "STATUS_DELETING",
        /// Taken away.
        Deleted = "DELETED" | "STATUS_DELETED",
        /// Taken away, and may be added again.
        Rejected = "REJECTED" | "STATUS_REJECTED",
        /// It did not work.
        Failed = "FAILED" | "STATUS_FAILED",
        /// Nobody accepted it in time.
        Expired = "EXPIRED" | "STATUS_EXPIRED",
    }
}

impl ConnectionStatus {
    /// Whether the entry lets nobody in any more and never will by itself.
    #[must_use]
    pub fn is_inert(&self) -> bool {
        matches!(self, Self::Rejected | Self::Deleted | Self::Failed | Self::Expired)
    }

    /// Whether the vendor is on its way to letting the endpoint in.
    #[must_use]
    pub fn is_coming(&self) -> bool {
        matches!(self, Self::Pending | Self::PendingAcceptance)
    }
}

privlink_core::open_enum! {
    /// What kind of owner a trusted owner is.
    pub enum OwnerType {
        /// An AWS account, of 12 digits; `*` is everybody.
        AwsAccountId = "AWS_ACCOUNT_ID",
    }
}

privlink_core::open_enum! {
    /// The state of an egress private endpoint.
    pub enum EgressState {
        /// The vendor has not said; in its guides, not in its API document.
        Unspecified = "UNSPECIFIED",
        /// Being made.
        Pending = "PENDING",
        /// The far side has to accept it.
        PendingAcceptance = "PENDING_ACCEPTANCE",
        /// Usable, once it has an address too.
        Available = "AVAILABLE",
        /// Being deleted.
        Deleting = "DELETING",
        /// Deleted.
        Deleted = "DELETED",
        /// The far side refused it.
        Rejected = "REJECTED",
        /// It did not work.
        Failed = "FAILED",
        /// Nobody accepted it in time.
        Expired = "EXPIRED",
    }
}

privlink_core::open_enum! {
    /// The kind of service that an egress private endpoint leads to.
    pub enum EgressTargetType {
        /// Any private service.
        PrivateService = "PRIVATE_SERVICE",
        /// Managed Kafka on AWS, with SASL/SCRAM.
        MskSaslScram = "MSK_SASL_SCRAM",
        /// Managed Kafka on AWS, with IAM.
        MskSaslIam = "MSK_SASL_IAM",
        /// Managed Kafka on AWS, with TLS.
        MskTls = "MSK_TLS",
    }
}

privlink_core::open_enum! {
    /// How the domain names of an egress private endpoint stand.
    pub enum DomainNamesState {
        /// There are none.
        Empty = "EMPTY",
        /// Being applied.
        Pending = "PENDING",
        /// Applied.
        Available = "AVAILABLE",
        /// They could not be applied.
        Failed = "FAILED",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_survive_a_round_trip() {
        let state: ClusterState = serde_json::from_str("\"HIBERNATING\"").unwrap();
        assert_eq!(state, ClusterState::Unknown("HIBERNATING".into()));
        assert_eq!(serde_json::to_string(&state).unwrap(), "\"HIBERNATING\"");
    }

    #[test]
    fn every_connection_status_of_the_contract_is_known_with_and_without_its_prefix() {
        for word in "PENDING PENDING_ACCEPTANCE AVAILABLE DELETING DELETED REJECTED FAILED EXPIRED".split(' ') {
            for text in [word.to_owned(), format!("STATUS_{word}")] {
                assert!(!matches!(ConnectionStatus::from(text.as_str()), ConnectionStatus::Unknown(_)), "{text}");
            }
        }
    }
}
