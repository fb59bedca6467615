//! Every operation used here, by the vendor's own `operationId`, with whether it may run twice.
//!
//! Source: Aiven's OpenAPI document of 2023-11-29, with what go-client-codegen of 2026-08 and
//! aiven-client 4.18.0 add; read 2026-11.

use privlink_core::CloudProvider;
use privlink_core::transport::Operation;

pub(crate) const SERVICE: Operation = Operation::read("ServiceGet");
/// Switches that are on stay on; sent with nothing but those to be switched.
pub(crate) const UPDATE_SERVICE: Operation = Operation::idempotent("ServiceUpdate");
pub(crate) const AVAILABILITY: Operation = Operation::read("ProjectPrivatelinkAvailabilityList");
pub(crate) const PUBLIC_AVAILABILITY: Operation = Operation::read("PublicPrivatelinkAvailabilityList");
pub(crate) const VPCS: Operation = Operation::read("VpcList");
pub(crate) const CA: Operation = Operation::read("ProjectKmsGetCA");
pub(crate) const STATIC_IPS: Operation = Operation::read("StaticIPList");

/// The operations on the privatelink of one cloud. What is `None` the cloud does not have.
#[derive(Debug)]
pub(crate) struct OfCloud {
    /// The word in paths.
    pub(crate) word: &'static str,
    pub(crate) get: Operation,
    /// A repeat meets what the first one made.
    pub(crate) create: Operation,
    /// Replaces the whole list, so a blind repeat could undo what others did in between.
    pub(crate) update: Option<Operation>,
    /// What a repeat comes to is not written anywhere: looked at first.
    pub(crate) delete: Operation,
    pub(crate) connections: Operation,
    pub(crate) refresh: Operation,
    pub(crate) approve: Option<Operation>,
    pub(crate) set_address: Option<Operation>,
    /// The field of the allow list.
    pub(crate) list: Option<&'static str>,
    /// The field of a connection that names the cloud's endpoint.
    pub(crate) endpoint: &'static str,
}

pub(crate) fn of(cloud: CloudProvider) -> &'static OfCloud {
    match cloud {
        CloudProvider::Aws => &AWS,
        CloudProvider::Azure => &AZURE,
        // Google Cloud: Aiven has privatelink in these three alone.
        _ => &GOOGLE,
    }
}

static AWS: OfCloud = OfCloud {
    word: "aws",
    get: Operation::read("ServicePrivatelinkAWSGet"),
    create: Operation::once("ServicePrivatelinkAWSCreate"),
    update: Some(Operation::once("ServicePrivatelinkAWSUpdate")),
    delete: Operation::once("ServicePrivatelinkAWSDelete"),
    connections: Operation::read("ServicePrivatelinkAWSConnectionList"),
    refresh: Operation::idempotent("UnpublishedAWSPrivatelinkRefresh"),
    approve: None,
    set_address: None,
    list: Some("principals"),
    endpoint: "vpc_endpoint_id",
};

static AZURE: OfCloud = OfCloud {
    word: "azure",
    get: Operation::read("ServicePrivatelinkAzureGet"),
    create: Operation::once("ServicePrivatelinkAzureCreate"),
    update: Some(Operation::once("ServicePrivatelinkAzureUpdate")),
    delete: Operation::once("ServicePrivatelinkAzureDelete"),
    connections: Operation::read("ServicePrivatelinkAzureConnectionList"),
    refresh: Operation::idempotent("UnpublishedAzurePrivatelinkRefresh"),
    approve: Some(Operation::once("ServicePrivatelinkAzureConnectionApproval")),
    set_address: Some(Operation::idempotent("ServicePrivatelinkAzureConnectionUpdate")),
    list: Some("user_subscription_ids"),
    endpoint: "private_endpoint_id",
};

static GOOGLE: OfCloud = OfCloud {
    word: "google",
    get: Operation::read("ServicePrivatelinkGoogleGet"),
    create: Operation::once("ServicePrivatelinkGoogleCreate"),
    update: None,
    delete: Operation::once("ServicePrivatelinkGoogleDelete"),
    connections: Operation::read("ServicePrivatelinkGoogleConnectionList"),
    refresh: Operation::idempotent("ServicePrivatelinkGoogleRefresh"),
    approve: Some(Operation::once("ServicePrivatelinkGoogleConnectionCreate")),
    set_address: None,
    list: None,
    endpoint: "psc_connection_id",
};
