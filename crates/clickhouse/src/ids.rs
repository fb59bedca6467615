//! The identifiers of ClickHouse Cloud: UUIDs that must not be taken for one another.

privlink_core::uuid_id! {
    /// A ClickHouse Cloud service: one database. A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_clickhouse::ServiceId;
    ///
    /// assert!("9f3c1a52-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<ServiceId>().is_ok());
    /// let error = "vpce-svc-0a1b2c3d4e5f67890".parse::<ServiceId>().unwrap_err();
    /// assert_eq!(error.looks_like(), Some("VPC endpoint service id"));
    /// ```
    pub struct ServiceId: "ClickHouse service id";
}

privlink_core::uuid_id! {
    /// A ClickHouse Cloud organization: the owner of services and API keys. A UUID of 36
    /// characters.
    ///
    /// ```
    /// use privlink_clickhouse::OrganizationId;
    ///
    /// assert!("5f0e9d55-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<OrganizationId>().is_ok());
    /// assert!("my company".parse::<OrganizationId>().is_err());
    /// ```
    pub struct OrganizationId: "ClickHouse organization id";
}

privlink_core::uuid_id! {
    /// An infrastructure of "bring your own cloud" (BYOC), as a service's `byocId` names it.
    /// A UUID of 36 characters.
    ///
    /// ```
    /// use privlink_clickhouse::InfrastructureId;
    ///
    /// assert!("0b6f2f3f-7c1e-4f0e-9d55-0b6f2f3f8a10".parse::<InfrastructureId>().is_ok());
    /// assert!("clickhouse-cloud-infra-1".parse::<InfrastructureId>().is_err());
    /// ```
    pub struct InfrastructureId: "ClickHouse BYOC infrastructure id";
}
