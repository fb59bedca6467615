//! The identifiers of CockroachDB Cloud: UUIDs that must not be taken for one another.

privlink_core::uuid_id! {
    /// A CockroachDB Cloud cluster: one database. A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_cockroach::ClusterId;
    ///
    /// assert!("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<ClusterId>().is_ok());
    /// assert!("orders-6qsh".parse::<ClusterId>().is_err(), "that is part of a host name");
    /// ```
    pub struct ClusterId: "CockroachDB cluster id";
}

privlink_core::uuid_id! {
    /// An endpoint from a cluster to a service of the customer's, at the vendor; not its id in the
    /// cloud. A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_cockroach::EgressEndpointId;
    ///
    /// assert!("0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<EgressEndpointId>().is_ok());
    /// assert!("vpce-0a1b2c3d4e5f67890".parse::<EgressEndpointId>().is_err(), "that is its id in the cloud");
    /// ```
    pub struct EgressEndpointId: "CockroachDB egress private endpoint id";
}

privlink_core::uuid_id! {
    /// An entry of a cluster's trusted owners: not the account it is about. A UUID of 36
    /// characters.
    ///
    /// ```
    /// use privlink_cockroach::TrustedOwnerId;
    ///
    /// assert!("0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<TrustedOwnerId>().is_ok());
    /// assert!("123456789012".parse::<TrustedOwnerId>().is_err(), "that is the owner's account");
    /// ```
    pub struct TrustedOwnerId: "CockroachDB trusted owner id";
}
