//! What Google's answers hold, typed. Required means required: an answer that lacks it is an
//! error that names the field; everything Google may leave out is an `Option` or an empty list.

mod address;
mod firewall;
mod network;
mod operation;
mod rule;
mod words;
mod zone;

pub use address::Address;
pub use firewall::{Firewall, FirewallPorts};
pub use network::{Network, Subnetwork};
pub use operation::{Operation, OperationProblem};
pub use rule::ForwardingRule;
pub use words::{AddressStatus, ChangeStatus, OperationStatus, PscConnectionStatus, RecordType};
pub use zone::{Change, ManagedZone, RecordSet};
