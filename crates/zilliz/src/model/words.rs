privlink_core::open_enum! {
    /// The state of a cluster.
    pub enum ClusterStatus {
        /// Being made.
        Creating = "CREATING",
        /// Ready.
        Running = "RUNNING",
        /// Being deleted.
        Deleting = "DELETING",
        /// Deleted.
        Deleted = "DELETED",
        /// Being stopped.
        Stopping = "STOPPING",
        /// Stopped by somebody.
        Stopped = "STOPPED",
        /// On its way back.
        Resuming = "RESUMING",
        /// Being changed.
        Modifying = "MODIFYING",
        /// Not well.
        Abnormal = "ABNORMAL",
        /// Being frozen, as when it is not paid for.
        Freezing = "FREEZING",
        /// Frozen.
        Frozen = "FROZEN",
        /// On its way back from being frozen.
        Unfreezed = "UNFREEZED",
        /// Being restored.
        RestoreBackup = "RESTORE_BACKUP",
        /// Being moved.
        Migrating = "MIGRATING",
        /// Getting another size.
        Resizing = "RESIZING",
        /// Being upgraded.
        Upgrading = "UPGRADING",
        /// Being written to by the vendor.
        WritingOperation = "WRITING_OPERATION",
        /// Getting its private address.
        SetPrivateLink = "SET_PRIVATE_LINK",
    }
}

impl ClusterStatus {
    /// Whether it is going or gone.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        matches!(self, Self::Deleting | Self::Deleted)
    }

    /// Whether it stays as it is until somebody resumes, pays for or mends it.
    #[must_use]
    pub fn rests(&self) -> bool {
        matches!(self, Self::Stopping | Self::Stopped | Self::Freezing | Self::Frozen | Self::Abnormal)
    }
}

privlink_core::open_enum! {
    /// What kind of deployment a cluster is; only the last one has private endpoints.
    pub enum DeploymentOption {
        /// Free.
        Free = "Free",
        /// Paid by use.
        Serverless = "Serverless",
        /// Of its own.
        Dedicated = "Dedicated",
    }
}

privlink_core::open_enum! {
    /// The state of a registered endpoint. The vendor publishes no list: these were seen in its manual and the test
    /// data of its Terraform provider, or are what clouds say; everything else is waited for.
    pub enum EndpointStatus {
        /// It serves.
        Available = "AVAILABLE" | "accepted",
        /// On its way.
        Pending = "PENDING" | "pendingAcceptance" | "creating",
        /// It was not let in.
        Rejected = "REJECTED",
        /// It did not work.
        Failed = "FAILED",
        /// Nobody let it in in time.
        Expired = "EXPIRED",
        /// Gone.
        Deleted = "DELETED",
    }
}

impl EndpointStatus {
    /// Whether it does not come to life by itself any more.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Rejected | Self::Failed | Self::Expired | Self::Deleted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_the_contract_is_known() {
        for word in "CREATING RUNNING DELETING DELETED STOPPING STOPPED RESUMING MODIFYING ABNORMAL FREEZING FROZEN \
                     UNFREEZED RESTORE_BACKUP MIGRATING RESIZING UPGRADING WRITING_OPERATION SET_PRIVATE_LINK"
            .split_whitespace()
        {
            assert!(!matches!(ClusterStatus::from(word), ClusterStatus::Unknown(_)), "{word}");
        }
        assert_eq!(ClusterStatus::from("PONDERING").to_string(), "PONDERING");
    }

    #[test]
    fn states_of_endpoints_are_compared_without_case() {
        for word in ["AVAILABLE", "Available", "available", "accepted", "Accepted"] {
            assert_eq!(EndpointStatus::from(word), EndpointStatus::Available, "{word}");
        }
        assert!(EndpointStatus::from("Rejected").is_dead() && !EndpointStatus::from("pondering").is_dead());
    }
}
