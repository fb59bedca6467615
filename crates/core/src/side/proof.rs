use std::fmt;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Cause, NameAnswer, PrivateName, Tries, rfc3339, versioned};
use crate::{BoxFuture, DnsName, PrivateEndpointId, Result, Text};

/// The version of the forms that are written and read here.
const VERSION: u16 = 1;

/// What should be seen from inside the network: made outside with keys, proved inside without.
///
/// Plain data, read version first; see [`versioned`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Expectation {
    /// The version of this form; 1.
    pub version: u16,
    /// Ties the proof to this expectation.
    pub nonce: Nonce,
    /// When it was issued, by the issuer's clock.
    #[serde(with = "rfc3339")]
    pub issued_at: SystemTime,
    /// The names to resolve and reach.
    pub names: Vec<PrivateName>,
    /// The endpoint's own addresses; an answer must be one of these. Without any, nothing is proved.
    pub addresses: Vec<IpAddr>,
    /// The ranges of the network: the proof must come from there. Without any, nothing is proved.
    pub inside: Vec<IpNet>,
    /// The endpoints the names lead to, by all of their ids: another one may be given the same addresses later, or, on
    /// Azure, the same resource id.
    pub endpoints: Vec<PrivateEndpointId>,
    /// The certificates of the vendor's own authorities that sign for these names, as PEM; none where the authorities
    /// that every machine trusts do. Trusted for this expectation alone, and beside those: a name is checked all the
    /// same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorities: Vec<Text>,
}

impl Expectation {
    /// An expectation issued at `issued_at`.
    #[must_use]
    pub fn new(
        nonce: Nonce,
        issued_at: SystemTime,
        names: Vec<PrivateName>,
        addresses: Vec<IpAddr>,
        inside: Vec<IpNet>,
    ) -> Self {
        Self {
            version: VERSION,
            nonce,
            issued_at,
            names,
            addresses,
            inside,
            endpoints: Vec::new(),
            authorities: Vec::new(),
        }
    }

    /// Names the endpoints; [`Self::endpoints`] tells what for.
    #[must_use]
    pub fn through(mut self, endpoints: impl IntoIterator<Item = PrivateEndpointId>) -> Self {
        self.endpoints = endpoints.into_iter().collect();
        self
    }

    /// Names the vendor's own authorities; [`Self::authorities`] tells what for.
    #[must_use]
    pub fn signed_by(mut self, authorities: impl IntoIterator<Item = Text>) -> Self {
        self.authorities = authorities.into_iter().collect();
        self
    }
}

impl<'de> Deserialize<'de> for Expectation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "use the same version of the library inside and outside the network";
        let ExpectationBody { nonce, issued_at, names, addresses, inside, endpoints, authorities } =
            versioned::read(deserializer, "the expectation", VERSION, advice)?;
        Ok(Self { version: VERSION, nonce, issued_at, names, addresses, inside, endpoints, authorities })
    }
}

/// An expectation without its version.
#[derive(Deserialize)]
struct ExpectationBody {
    nonce: Nonce,
    #[serde(with = "rfc3339")]
    issued_at: SystemTime,
    names: Vec<PrivateName>,
    addresses: Vec<IpAddr>,
    inside: Vec<IpNet>,
    #[serde(default)]
    endpoints: Vec<PrivateEndpointId>,
    #[serde(default)]
    authorities: Vec<Text>,
}

/// A number used once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nonce(uuid::Uuid);

impl Nonce {
    /// A fresh one.
    #[must_use]
    pub fn fresh() -> Self {
        Self(uuid::Uuid::new_v4())
    }
}

impl fmt::Display for Nonce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What was seen from one place, rung by rung.
///
/// Plain data, read version first; see [`versioned`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Proof {
    /// The version of this form; 1.
    pub version: u16,
    /// The nonce of the expectation it answers.
    pub nonce: Nonce,
    /// The addresses of the machine it was made on.
    pub local: Vec<IpAddr>,
    /// Which resolver answered.
    pub resolver: Text,
    /// The rungs, in the order they were climbed.
    pub rungs: Vec<Rung>,
}

impl Proof {
    /// A proof without rungs.
    #[must_use]
    pub fn new(nonce: Nonce, local: Vec<IpAddr>, resolver: impl Into<Text>) -> Self {
        Self { version: VERSION, nonce, local, resolver: resolver.into(), rungs: Vec::new() }
    }
}

impl<'de> Deserialize<'de> for Proof {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "use the same version of the library inside and outside the network";
        let ProofBody { nonce, local, resolver, rungs } = versioned::read(deserializer, "the proof", VERSION, advice)?;
        Ok(Self { version: VERSION, nonce, local, resolver, rungs })
    }
}

/// A proof without its version.
#[derive(Deserialize)]
struct ProofBody {
    nonce: Nonce,
    local: Vec<IpAddr>,
    resolver: Text,
    rungs: Vec<Rung>,
}

/// One layer of reaching one name, or one port of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rung {
    /// The name.
    pub host: DnsName,
    /// The port; `None` for name and address.
    pub port: Option<u16>,
    /// The layer.
    pub layer: Layer,
    /// What came of it.
    pub result: RungResult,
    /// The addresses that were answered or tried.
    pub addresses: Vec<IpAddr>,
    /// What was seen, in words.
    pub seen: Text,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Of a broken layer, the addresses on which it held all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_on: Vec<IpAddr>,
    /// What the resolver said besides addresses; of the name's own rung alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<NameAnswer>,
    /// Why it broke, where that is known more closely.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// How often it was tried on the address that held least often; `None` for once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tries: Option<Tries>,
}

impl Rung {
    /// A rung.
    #[must_use]
    pub fn new(host: DnsName, port: Option<u16>, layer: Layer, result: RungResult, seen: impl Into<Text>) -> Self {
        Self {
            host,
            port,
            layer,
            result,
            addresses: Vec::new(),
            seen: seen.into(),
            took_ms: 0,
            held_on: Vec::new(),
            answer: None,
            cause: None,
            tries: None,
        }
    }

    /// Adds the addresses that were answered or tried.
    #[must_use]
    pub fn addresses(mut self, addresses: Vec<IpAddr>) -> Self {
        self.addresses = addresses;
        self
    }

    /// Adds the addresses on which the layer held although it broke on others.
    #[must_use]
    pub fn held_on(mut self, addresses: Vec<IpAddr>) -> Self {
        self.held_on = addresses;
        self
    }

    /// Adds what the resolver said besides addresses.
    #[must_use]
    pub fn answer(mut self, answer: NameAnswer) -> Self {
        self.answer = Some(answer);
        self
    }

    /// Adds why it broke.
    #[must_use]
    pub fn cause(mut self, cause: Option<Cause>) -> Self {
        self.cause = cause;
        self
    }

    /// Adds how often it was tried, if more than once.
    #[must_use]
    pub fn tries(mut self, tries: Tries) -> Self {
        self.tries = (tries.made > 1).then_some(tries);
        self
    }

    /// Adds how long it took.
    #[must_use]
    pub fn took(mut self, took: Duration) -> Self {
        self.took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        self
    }
}

/// The layers of reaching a database, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Layer {
    /// The name resolves.
    Name,
    /// To an address of this endpoint.
    Address,
    /// The port accepts a TCP connection.
    Tcp,
    /// TLS succeeds with the vendor's name.
    Tls,
    /// The product answers.
    Protocol,
}

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Name => "name",
            Self::Address => "address",
            Self::Tcp => "TCP",
            Self::Tls => "TLS",
            Self::Protocol => "protocol",
        })
    }
}

/// What came of a rung.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RungResult {
    /// It holds.
    Held,
    /// The name does not exist.
    NoSuchName,
    /// The name exists without an address.
    NoData,
    /// The resolver could not be asked, or failed.
    ResolverFailed,
    /// A public address where a private one was due.
    PublicAddress,
    /// A private address that is not this endpoint's.
    ForeignAddress,
    /// Nobody answered in time.
    TimedOut,
    /// Actively refused.
    Refused,
    /// Connected, then cut off.
    Reset,
    /// The certificate does not fit the name or is not trusted.
    BadCertificate,
    /// Something else answered.
    Unexpected,
}

/// A place to look from: the machine itself, or a subnet of a simulated network.
pub trait Vantage: Send + Sync + fmt::Debug {
    /// Climbs the rungs of every name in `expectation`, stopping at the first break of each.
    ///
    /// # Errors
    /// When nothing could be tried at all. What does not hold is a rung, not an error.
    fn prove<'a>(&'a self, expectation: &'a Expectation) -> BoxFuture<'a, Result<Proof>>;
}

#[cfg(test)]
mod tests {
    use serde::de::DeserializeOwned;

    use super::*;

    /// Reads `form` back, and of another version not at all: the version speaks first.
    fn version_speaks_first<T>(form: &T)
    where
        T: Serialize + DeserializeOwned + PartialEq + fmt::Debug,
    {
        let value = serde_json::to_value(form).unwrap();
        assert_eq!(&serde_json::from_value::<T>(value.clone()).unwrap(), form);
        let mut newer = value.clone();
        newer["version"] = 2.into();
        newer["nonce"] = "of another form".into();
        let told = serde_json::from_value::<T>(newer).unwrap_err().to_string();
        assert!(told.contains("LINK-007") && told.contains("same version"), "{told}");
        let mut none = value;
        none.as_object_mut().unwrap().remove("version").unwrap();
        assert!(serde_json::from_value::<T>(none).unwrap_err().to_string().contains("version"));
    }

    #[test]
    fn what_goes_between_machines_tells_its_version_first() {
        let nonce = Nonce::fresh();
        let inside = vec!["10.0.0.0/16".parse().unwrap()];
        let expectation = Expectation::new(nonce, SystemTime::UNIX_EPOCH, Vec::new(), Vec::new(), inside);
        version_speaks_first(&expectation);
        version_speaks_first(&Proof::new(nonce, vec!["10.0.0.7".parse().unwrap()], "10.0.0.2"));
        // Of before evidence had fields of its own, which are left out where there is nothing to say.
        let rung = Rung::new("a.example.com".parse().unwrap(), None, Layer::Name, RungResult::Held, "10.0.0.7");
        let plain = serde_json::to_value(&rung).unwrap();
        assert_eq!(plain.as_object().unwrap().len(), 7);
        assert_eq!(serde_json::from_value::<Rung>(plain).unwrap(), rung);
        let rung = rung.cause(Some(Cause::WrongName)).tries(Tries::new(3, 2)).answer(NameAnswer::default());
        let told = serde_json::to_value(&rung).unwrap();
        assert_eq!((told["cause"].as_str(), told["tries"]["held"].as_u64()), (Some("wrong_name"), Some(2)));
        assert_eq!(serde_json::from_value::<Rung>(told).unwrap(), rung);
        // Of before the endpoints and authorities were named.
        let mut older = serde_json::to_value(&expectation).unwrap();
        older.as_object_mut().unwrap().remove("endpoints").unwrap();
        assert!(older.get("authorities").is_none(), "left out where there is none");
        assert_eq!(serde_json::from_value::<Expectation>(older).unwrap(), expectation);
        version_speaks_first(&expectation.signed_by(["-----BEGIN CERTIFICATE-----".into()]));
    }
}
