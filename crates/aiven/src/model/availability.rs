use privlink_core::Result;
use privlink_core::transport::Object;
use serde::Serialize;
use serde_json::Value;

/// A cloud in which privatelink is sold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Availability {
    /// Aiven's name of the cloud: `aws-eu-west-1`.
    pub cloud_name: String,
    /// The price of an hour in US dollars, as Aiven writes it: `0.0600`.
    pub price_usd: String,
}

impl Availability {
    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let offer = Object::read("privatelink availability", value)?;
        Ok(Self {
            cloud_name: offer.required("cloud_name")?.to_owned(),
            price_usd: offer.required("price_usd")?.to_owned(),
        })
    }
}
