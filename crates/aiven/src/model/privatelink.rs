use privlink_core::transport::Object;
use privlink_core::{CloudProvider, EndpointServiceId, PrivateLinkServiceAlias, Result};
use serde::Serialize;
use serde_json::Value;

use super::{Consumer, PrivatelinkState};
use crate::operations;

/// The privatelink of a service in its cloud; there is one at most.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PrivatelinkDetails {
    /// The cloud.
    pub cloud: CloudProvider,
    /// How it stands.
    pub state: PrivatelinkState,
    /// Whom it lets in, verbatim; `None` on Google Cloud, where everybody may ask.
    pub allowed: Option<Vec<String>>,
    /// Where endpoints must point; `None` until it is active.
    pub service: Option<EndpointServiceId>,
    /// On Azure the other name of the same: the resource id, where [`service`](Self::service) is the alias.
    pub azure_resource: Option<EndpointServiceId>,
}

impl PrivatelinkDetails {
    /// Whether the list lets a consumer in.
    #[must_use]
    pub fn allows(&self, consumer: &Consumer) -> bool {
        self.allowed.as_ref().is_none_or(|all| all.iter().any(|entry| consumer.is(entry)))
    }

    pub(crate) fn from_json(cloud: CloudProvider, value: &Value) -> Result<Self> {
        let link = Object::read("privatelink", value)?;
        let allowed = match operations::of(cloud).list {
            Some(name) => {
                let list = link.list(name).ok_or_else(|| link.lacking(name))?;
                // One that is no text could not be sent back, so the list could not be changed.
                let texts: Option<Vec<String>> = list.iter().map(|entry| entry.as_str().map(str::to_owned)).collect();
                Some(texts.ok_or_else(|| link.lacking(name))?)
            }
            None => None,
        };
        let mut azure_resource = None;
        let service = match cloud {
            CloudProvider::Aws => {
                link.optional::<privlink_core::VpcEndpointServiceName>("aws_service_name")?.map(Into::into)
            }
            CloudProvider::Azure => {
                let resource = link.optional::<privlink_core::AzurePrivateLinkServiceId>("azure_service_id")?;
                azure_resource = resource.map(Into::into);
                link.optional::<PrivateLinkServiceAlias>("azure_service_alias")?.map(Into::into)
            }
            _ => link.optional::<privlink_core::ServiceAttachment>("google_service_attachment")?.map(Into::into),
        };
        Ok(Self { cloud, state: PrivatelinkState::from(link.required("state")?), allowed, service, azure_resource })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_may_be_null_missing_or_empty_until_it_is_active() {
        for ids in [r#""aws_service_id": null, "aws_service_name": null,"#, "", r#""aws_service_name": "","#] {
            let json = format!(r#"{{{ids} "principals": ["arn:aws:iam::123456789012:root"], "state": "creating"}}"#);
            let link =
                PrivatelinkDetails::from_json(CloudProvider::Aws, &serde_json::from_str(&json).unwrap()).unwrap();
            assert_eq!((link.state, link.service), (PrivatelinkState::Creating, None));
        }
        let without = serde_json::json!({"state": "active", "google_service_attachment": ""});
        assert_eq!(PrivatelinkDetails::from_json(CloudProvider::Gcp, &without).unwrap().allowed, None);
    }

    #[test]
    fn a_list_that_is_not_there_is_unknown_and_not_empty() {
        for json in [r#"{"state": "active"}"#, r#"{"state": "active", "principals": [7]}"#] {
            let error =
                PrivatelinkDetails::from_json(CloudProvider::Aws, &serde_json::from_str(json).unwrap()).unwrap_err();
            assert!(error.to_string().contains("principals"), "{error}");
        }
    }

    #[test]
    fn entries_of_azure_are_compared_without_case() {
        let json = serde_json::json!({"state": "active",
            "user_subscription_ids": ["0B5A6C1E-7A2D-4C3F-9E8B-1D2C3B4A5F60"]});
        let link = PrivatelinkDetails::from_json(CloudProvider::Azure, &json).unwrap();
        assert!(link.allows(&Consumer::Subscription("0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60".parse().unwrap())));
        assert!(!link.allows(&Consumer::Subscription("00000000-0000-0000-0000-000000000001".parse().unwrap())));
    }
}
