use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Text;

/// A fact about a link; steps state their order in these words alone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// The consumer's identity is known.
    Consumer,
    /// The vendor lets this consumer see its service.
    Invited,
    /// The endpoint service is known and usable.
    Service,
    /// The endpoint exists and its ids are known.
    Endpoint,
    /// The endpoint carries the mark of those whose databases use it.
    Claimed,
    /// The endpoint's own addresses are known.
    Address,
    /// The vendor has accepted the endpoint.
    Accepted,
    /// The cloud shows the endpoint connected.
    Connected,
    /// The database answers through the endpoint.
    Served,
    /// Private names and ports are known.
    Names,
    /// The rules let clients reach the endpoint's ports.
    Opened,
    /// The private names lead to the endpoint inside the network.
    Resolving,
    /// What may lead other databases to the endpoint too is there: a name that several share, a zone of many. A removal
    /// takes it only after the endpoint, and leaves it where the endpoint stays.
    SharedNames,
    /// A proof from inside has been judged good.
    Proved,
    /// A fact private to one side, such as `aws.security_group`.
    Own(Text),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Consumer => "consumer known",
            Self::Invited => "invited",
            Self::Service => "service known",
            Self::Endpoint => "endpoint exists",
            Self::Claimed => "endpoint claimed",
            Self::Address => "addresses known",
            Self::Accepted => "accepted",
            Self::Connected => "connected",
            Self::Served => "served",
            Self::Names => "names known",
            Self::Opened => "opened",
            Self::Resolving => "resolving",
            Self::SharedNames => "shared names there",
            Self::Proved => "proved",
            Self::Own(own) => own,
        })
    }
}

/// Which of several endpoint services of one database; `main` where there is one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Slot(Text);

impl Slot {
    /// The slot of the only service.
    #[must_use]
    pub const fn main() -> Self {
        Self(Text::Borrowed("main"))
    }

    /// A slot of its own name: a zone, a component.
    #[must_use]
    pub fn named(name: impl Into<Text>) -> Self {
        Self(name.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Slot {
    fn default() -> Self {
        Self::main()
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
