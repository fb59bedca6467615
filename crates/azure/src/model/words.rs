//! Azure's fixed words, each with room for a word that is not known yet.

privlink_core::open_enum! {
    /// How far a resource is with what was asked of it.
    ///
    /// ```
    /// use privlink_azure::ProvisioningState;
    ///
    /// assert_eq!(ProvisioningState::from("succeeded"), ProvisioningState::Succeeded);
    /// assert_eq!(ProvisioningState::from("Thawing").as_str(), "Thawing");
    /// assert!(!ProvisioningState::from("Thawing").is_terminal());
    /// ```
    pub enum ProvisioningState {
        /// It is being made.
        Creating = "Creating",
        /// It is being changed.
        Updating = "Updating",
        /// It is being deleted.
        Deleting = "Deleting",
        /// It is as asked.
        Succeeded = "Succeeded",
        /// What was asked could not be done.
        Failed = "Failed",
        /// What was asked was called off.
        Canceled = "Canceled" | "Cancelled",
    }
}

impl ProvisioningState {
    /// Whether nothing goes on any more. A word that is not known is not an end.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Canceled)
    }
}

privlink_core::open_enum! {
    /// Where a private endpoint's connection stands; its owner moves it.
    ///
    /// ```
    /// use privlink_azure::ConnectionStatus;
    ///
    /// assert!(ConnectionStatus::from("Rejected").is_dead());
    /// assert!(!ConnectionStatus::from("Thawing").is_dead());
    /// ```
    pub enum ConnectionStatus {
        /// It waits for the owner of the service.
        Pending = "Pending",
        /// Traffic flows, as far as the owner's own list lets it.
        Approved = "Approved",
        /// The owner refused it.
        Rejected = "Rejected",
        /// The owner removed it; the endpoint is informative only.
        Disconnected = "Disconnected",
    }
}

impl ConnectionStatus {
    /// Whether only a new endpoint helps.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Rejected | Self::Disconnected)
    }
}

privlink_core::open_enum! {
    /// Whether a zone's link to a network is in effect.
    pub enum LinkState {
        /// Not yet.
        InProgress = "InProgress",
        /// It is.
        Completed = "Completed",
    }
}
