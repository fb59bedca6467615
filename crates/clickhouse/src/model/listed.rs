use std::fmt;

use privlink_core::{CloudProvider, IdError, PrivateEndpointId};
use serde::{Serialize, Serializer};

use crate::delta::Listed;

/// An endpoint id exactly as a list of the vendor holds it.
///
/// The vendor stores any text without looking at it, so a list may hold junk: the text is kept,
/// and [`ListedEndpoint::id`] says whether it can be read. What was read from a list can be
/// removed from it, junk included.
///
/// ```
/// use privlink_clickhouse::ListedEndpoint;
/// use privlink_core::CloudProvider;
///
/// let junk = ListedEndpoint::new("vpce-oops", CloudProvider::Aws);
/// assert!(junk.id().is_err());
/// assert_eq!(junk.as_str(), "vpce-oops");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedEndpoint {
    text: Box<str>,
    id: Result<PrivateEndpointId, IdError>,
}

impl ListedEndpoint {
    /// The entry `text` of a list that belongs to a service, or a registration, in `cloud`.
    #[must_use]
    pub fn new(text: &str, cloud: CloudProvider) -> Self {
        Self { text: text.into(), id: PrivateEndpointId::parse_for(cloud, text) }
    }

    /// An item of a list as it was sent; read by its own form where the cloud is not known.
    pub(crate) fn from_wire(text: &str, cloud: Option<CloudProvider>) -> Self {
        match cloud {
            Some(cloud) => Self::new(text, cloud),
            None => Self { id: text.parse(), text: text.into() },
        }
    }

    /// The entry's text, to the letter.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The id the entry holds.
    ///
    /// # Errors
    /// [`IdError`] when the text is no endpoint id of the service's cloud.
    pub fn id(&self) -> Result<&PrivateEndpointId, &IdError> {
        self.id.as_ref()
    }

    /// Whether the entry names `id`. Azure resource ids are compared without case.
    #[must_use]
    pub fn names(&self, id: &PrivateEndpointId) -> bool {
        self.id.as_ref() == Ok(id)
    }
}

/// Entries are the same when they name the same endpoint, or hold the same unreadable text.
impl Listed for ListedEndpoint {
    type Key = Result<PrivateEndpointId, Box<str>>;

    fn key(&self) -> Self::Key {
        self.id.clone().map_err(|_| self.text.clone())
    }
}

impl fmt::Display for ListedEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl Serialize for ListedEndpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl From<PrivateEndpointId> for ListedEndpoint {
    fn from(id: PrivateEndpointId) -> Self {
        Self { text: id.to_string().into(), id: Ok(id) }
    }
}

impl From<&PrivateEndpointId> for ListedEndpoint {
    fn from(id: &PrivateEndpointId) -> Self {
        id.clone().into()
    }
}

macro_rules! from_ids {
    ($($id:ty),+) => {$(
        impl From<$id> for ListedEndpoint {
            fn from(id: $id) -> Self {
                PrivateEndpointId::from(id).into()
            }
        }
    )+};
}
from_ids!(privlink_core::VpcEndpointId, privlink_core::PscConnectionId, privlink_core::ResourceGuid);
