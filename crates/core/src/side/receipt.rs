//! What closing public access took away.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use super::{SideId, versioned};
use crate::{Error, Result};

/// What closing public access took away; kept by the caller, and the only thing that
/// reopening accepts.
///
/// Plain data, read version first; see [`versioned`]. What the side keeps in it has a version of its own.
///
/// ```
/// use privlink_core::side::{Receipt, SideId};
///
/// let receipt = Receipt::new(SideId::new("clickhouse"), serde_json::json!({ "sources": ["192.0.2.7"] }));
/// let text = serde_json::to_string(&receipt)?;
/// assert_eq!(serde_json::from_str::<Receipt>(&text)?, receipt);
/// let newer = serde_json::from_str::<Receipt>(&text.replace("\"version\":1", "\"version\":2")).unwrap_err();
/// assert!(newer.to_string().contains("LINK-007"), "{newer}");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Receipt {
    /// The version of this form; 1.
    pub version: u16,
    /// The side that made it.
    pub side: SideId,
    /// What the side needs to restore; no secrets.
    pub body: Value,
}

impl Receipt {
    /// A receipt of `side`.
    #[must_use]
    pub fn new(side: SideId, body: Value) -> Self {
        Self { version: VERSION, side, body }
    }

    /// A receipt of `side` that holds the fields of `body`, and beside them the `version` of what they mean to the
    /// side, for [`read`](Self::read).
    ///
    /// ```
    /// use privlink_core::side::{Receipt, SideId};
    ///
    /// #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    /// struct Closed {
    ///     sources: Vec<String>,
    /// }
    ///
    /// const SIDE: SideId = SideId::new("orchard");
    /// let closed = Closed { sources: vec!["192.0.2.7".to_owned()] };
    /// let receipt = Receipt::of(SIDE, 1, &closed)?;
    /// assert_eq!(receipt.body, serde_json::json!({ "version": 1, "sources": ["192.0.2.7"] }));
    /// assert_eq!(receipt.read::<Closed>(&SIDE, 1)?, closed);
    /// # Ok::<(), privlink_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it cannot be written as a JSON object.
    pub fn of(side: SideId, version: u16, body: &impl Serialize) -> Result<Self> {
        let told = |error| Error::invalid("the receipt could not be written as JSON").with_source(error);
        let mut fields: Map<String, Value> =
            serde_json::to_value(body).and_then(serde_json::from_value).map_err(told)?;
        fields.insert(BODY_VERSION.to_owned(), version.into());
        Ok(Self::new(side, Value::Object(fields)))
    }

    /// What the receipt holds, where it is one [of](Self::of) `side` and of this `version`; the version is read
    /// first.
    ///
    /// # Errors
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) when it is of another side or version, or cannot be read.
    pub fn read<T: DeserializeOwned>(&self, side: &SideId, version: u16) -> Result<T> {
        if self.side != *side {
            return Err(Error::invalid(format!("the receipt is of side `{}`, not of `{side}`", self.side)));
        }
        let told = |error| Error::invalid("the receipt cannot be read").with_source(error);
        let written = u64::deserialize(&self.body[BODY_VERSION]).map_err(told)?;
        if self.version != VERSION || written != u64::from(version) {
            return Err(Error::invalid("the receipt is of a newer version of this library"));
        }
        T::deserialize(&self.body).map_err(told)
    }
}

/// The version of the form of a receipt.
const VERSION: u16 = 1;

/// The field of a body that holds the body's version.
const BODY_VERSION: &str = "version";

impl<'de> Deserialize<'de> for Receipt {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let advice = "reopen with the version of the library that closed";
        let ReceiptBody { side, body } = versioned::read(deserializer, "the receipt", VERSION, advice)?;
        Ok(Self::new(side, body))
    }
}

/// A receipt without its version.
#[derive(Deserialize)]
struct ReceiptBody {
    side: SideId,
    body: Value,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ErrorKind;

    const SIDE: SideId = SideId::new("orchard");

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Closed {
        sources: Vec<String>,
    }

    #[test]
    fn only_what_this_side_and_version_wrote_is_read() {
        let closed = Closed { sources: vec!["192.0.2.7".to_owned()] };
        let receipt = Receipt::of(SIDE, 3, &closed).unwrap();
        assert_eq!(receipt.read::<Closed>(&SIDE, 3).unwrap(), closed);

        let refused = |change: fn(&mut Receipt)| {
            let mut receipt = receipt.clone();
            change(&mut receipt);
            let error = receipt.read::<Closed>(&SIDE, 3).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            error.to_string()
        };
        let newer = "the receipt is of a newer version of this library";
        assert_eq!(
            refused(|receipt| receipt.side = SideId::new("meadow")),
            "the receipt is of side `meadow`, not of `orchard`"
        );
        assert_eq!(refused(|receipt| receipt.version = 2), newer);
        // What only a newer version knows comes with it.
        assert_eq!(refused(|receipt| receipt.body = json!({ "version": 4, "sources": "anybody" })), newer);
        assert_eq!(refused(|receipt| receipt.body = json!({ "version": 70_000 })), newer);
        for body in [json!(null), json!([]), json!({ "version": "3" }), json!({ "version": 3 })] {
            let mut receipt = receipt.clone();
            receipt.body = body;
            let told = receipt.read::<Closed>(&SIDE, 3).unwrap_err().to_string();
            assert_eq!(told, "the receipt cannot be read", "{:?}", receipt.body);
        }
        for no_object in [json!(null), json!(["192.0.2.7"]), json!("192.0.2.7")] {
            assert_eq!(Receipt::of(SIDE, 3, &no_object).unwrap_err().kind(), ErrorKind::InvalidInput);
        }
    }
}
