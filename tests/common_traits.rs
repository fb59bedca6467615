//! What every public value can do: be sent, shared, cloned, printed for debugging, and written as data.
//! A type that loses one of these does not compile here.

use std::fmt::{Debug, Display};

#[cfg(feature = "azure")]
use privlink::azure;
use privlink::core::side::{
    Direction, Effect, EndpointState, Exchange, Expectation, Naming, Plan, Proof, Receipt, RecordShape, Step, StepState,
};
use privlink::core::{ApiError, Error, ErrorKind, Finding, Patch, PrivateEndpoint, Severity, Turn, VpcEndpointId};
#[cfg(feature = "gcp")]
use privlink::gcp;
use privlink::{
    Applied, Apply, ApplyError, Closing, Event, EventKind, Events, Interrupt, Inventory, Link, LinkBuilder, LinkResult,
    Links, LinksPlan, Progress, Run, Tick, Verdict, aws, clickhouse,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Every value.
fn value<T: Send + Sync + Clone + Debug + 'static>() {}

/// A value that is written as data and compared.
fn written<T: Serialize + PartialEq + Send + Sync + Clone + Debug + 'static>() {}

/// A value that is read again too.
fn data<T: DeserializeOwned + Serialize + PartialEq + Send + Sync + Clone + Debug + 'static>() {}

/// What is used up.
fn sent<T: Send + Debug>() {}

fn printed<T: Display>() {}

#[test]
fn what_the_workflow_gives_back_is_data() {
    data::<Applied>();
    data::<ApplyError>();
    data::<Closing>();
    data::<Event>();
    data::<EventKind>();
    data::<Interrupt>();
    data::<Inventory>();
    data::<LinkResult<Applied, ApplyError>>();
    data::<LinkResult<Plan>>();
    data::<LinkResult<Verdict>>();
    data::<LinksPlan>();
    data::<Tick>();
    data::<Verdict>();
    value::<Link>();
    value::<Links>();
    value::<Progress>();
    value::<Run>();
    sent::<LinkBuilder>();
    sent::<Apply<'_>>();
    sent::<Events<'_>>();
}

#[test]
fn the_vocabulary_is_data() {
    data::<ApiError>();
    data::<Error>();
    data::<ErrorKind>();
    data::<Exchange>();
    data::<Expectation>();
    data::<Finding>();
    data::<Naming>();
    data::<Patch<VpcEndpointId>>();
    data::<Plan>();
    data::<PrivateEndpoint>();
    data::<Proof>();
    data::<Receipt>();
    data::<RecordShape>();
    data::<Step>();
    data::<Turn>();
}

#[test]
fn words_are_printed() {
    printed::<Direction>();
    printed::<Effect>();
    printed::<EndpointState>();
    printed::<Error>();
    printed::<ErrorKind>();
    printed::<Event>();
    printed::<LinkResult<Applied, ApplyError>>();
    printed::<LinkResult<Verdict>>();
    printed::<LinksPlan>();
    printed::<Naming>();
    printed::<RecordShape>();
    printed::<Severity>();
    printed::<StepState>();
    printed::<Turn>();
}

#[test]
fn what_vendors_and_clouds_say_is_data() {
    data::<aws::CallerIdentity>();
    data::<aws::Change>();
    data::<aws::HostedZone>();
    data::<aws::NetworkInterface>();
    data::<aws::RecordSet>();
    data::<aws::SecurityGroup>();
    data::<aws::ServiceDetail>();
    data::<aws::Subnet>();
    data::<aws::Vpc>();
    data::<aws::VpcEndpoint>();
    data::<clickhouse::ByocConfig>();
    data::<clickhouse::PrivateEndpointConfig>();
    data::<clickhouse::ServiceEndpoint>();
    data::<clickhouse::StaticAddresses>();
    data::<clickhouse::Whoami>();
    written::<clickhouse::OrganizationDetails>();
    written::<clickhouse::PatchOutcome<clickhouse::ListedEndpoint>>();
    written::<clickhouse::Registration>();
    written::<clickhouse::ServiceDetails>();
}

#[cfg(feature = "azure")]
#[test]
fn what_azure_says_is_data() {
    data::<azure::ARecordSet>();
    data::<azure::Connection>();
    data::<azure::ConnectionKind>();
    data::<azure::ConnectionStatus>();
    data::<azure::LinkState>();
    data::<azure::NetworkInterface>();
    data::<azure::NetworkSecurityGroup>();
    data::<azure::OperationHandle>();
    data::<azure::PrivateEndpoint>();
    data::<azure::PrivateZone>();
    data::<azure::ProvisioningState>();
    data::<azure::RecordSet>();
    data::<azure::Remaining>();
    data::<azure::SecurityRule>();
    data::<azure::Subnet>();
    data::<azure::VirtualNetwork>();
    data::<azure::VirtualNetworkLink>();
    value::<azure::Client>();
    value::<azure::Network>();
}

#[cfg(feature = "gcp")]
#[test]
fn what_google_says_is_data() {
    data::<gcp::Address>();
    data::<gcp::AddressStatus>();
    data::<gcp::Change>();
    data::<gcp::ChangeStatus>();
    data::<gcp::Firewall>();
    data::<gcp::FirewallPorts>();
    data::<gcp::ForwardingRule>();
    data::<gcp::ManagedZone>();
    data::<gcp::Operation>();
    data::<gcp::OperationProblem>();
    data::<gcp::OperationStatus>();
    data::<gcp::PscConnectionStatus>();
    data::<gcp::RecordSet>();
    data::<gcp::RecordType>();
    data::<gcp::Subnetwork>();
    data::<gcp::VpcNetwork>();
    value::<gcp::Client>();
    value::<gcp::Network>();
}
