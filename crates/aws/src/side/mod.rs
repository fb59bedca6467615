use privlink_core::VpcId;

use crate::Client;

/// A VPC as the network side of a link.
#[derive(Clone, Debug)]
pub struct Network {
    client: Client,
    vpc: VpcId,
}

impl Network {
    pub(crate) fn new(client: Client, vpc: VpcId) -> Self {
        Self { client, vpc }
    }
}
