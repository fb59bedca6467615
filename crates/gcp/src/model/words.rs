//! Google's fixed words, each with room for a word that is not known yet.

privlink_core::open_enum! {
    /// Where a Private Service Connect connection stands.
    ///
    /// ```
    /// use privlink_gcp::PscConnectionStatus;
    ///
    /// assert_eq!(PscConnectionStatus::from("ACCEPTED"), PscConnectionStatus::Accepted);
    /// assert_eq!(PscConnectionStatus::from("THAWING").as_str(), "THAWING");
    /// ```
    pub enum PscConnectionStatus {
        /// The producer has not accepted it yet.
        Pending = "PENDING",
        /// Usable.
        Accepted = "ACCEPTED",
        /// Accepted, but the producer has more to do.
        NeedsAttention = "NEEDS_ATTENTION",
        /// The producer refuses it: its list, or its limit.
        Rejected = "REJECTED",
        /// The producer closed it; it never comes back.
        Closed = "CLOSED",
        /// Not known yet.
        Unspecified = "STATUS_UNSPECIFIED",
    }
}

impl PscConnectionStatus {
    /// Whether it does not become usable by waiting.
    #[must_use]
    pub fn is_dead(&self) -> bool {
        matches!(self, Self::Rejected | Self::Closed)
    }
}

privlink_core::open_enum! {
    /// Where a reserved address stands.
    pub enum AddressStatus {
        /// It is being reserved.
        Reserving = "RESERVING",
        /// It is reserved and free.
        Reserved = "RESERVED",
        /// Something uses it.
        InUse = "IN_USE",
    }
}

privlink_core::open_enum! {
    /// Where a Compute operation stands.
    pub enum OperationStatus {
        /// Not begun.
        Pending = "PENDING",
        /// Under way.
        Running = "RUNNING",
        /// Over, well or not: see [`Operation::failure`](crate::Operation::failure).
        Done = "DONE",
    }
}

privlink_core::open_enum! {
    /// Where a change of Cloud DNS stands.
    pub enum ChangeStatus {
        /// Not in effect yet.
        Pending = "pending",
        /// In effect.
        Done = "done",
    }
}

privlink_core::open_enum! {
    /// The type of a record.
    pub enum RecordType {
        /// IPv4 addresses.
        A = "A",
        /// IPv6 addresses.
        Aaaa = "AAAA",
        /// Another name.
        Cname = "CNAME",
        /// Texts.
        Txt = "TXT",
        /// Start of authority; every zone has one.
        Soa = "SOA",
        /// Name servers; every zone has them.
        Ns = "NS",
    }
}
