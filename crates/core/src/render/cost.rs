use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Dated, Text};

/// Something that is paid for while a link stands: who bills it, by what measure, and where that was read.
///
/// Never a bill: how much data will flow, and for how long, nobody knows beforehand, and prices differ by region and
/// contract. What is known is what is counted.
///
/// ```
/// use privlink_core::Dated;
/// use privlink_core::render::{Cost, CostBasis};
///
/// const PRICES: &str = "https://orchard.example.com/prices";
/// let cost = Cost::new("Orchard", CostBasis::EndpointHour, Dated::new("each hour of an endpoint in a zone", PRICES, "2026-11"))
///     .times(2);
/// assert_eq!(cost.to_string(), "Orchard: endpoint-hours, 2 at a time (each hour of an endpoint in a zone; https://orchard.example.com/prices, read 2026-11)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cost {
    /// Who sends the bill: `AWS`, `Aiven`.
    pub biller: Text,
    /// The measure it is counted by.
    pub basis: CostBasis,
    /// How many of it the link has at any time, where the plan says: an endpoint in two zones has two
    /// endpoint-hours an hour.
    pub times: Option<u32>,
    /// What is billed, in words, with the page that says so.
    pub terms: Dated<Text>,
    /// The price, where a page of the biller's says one that holds without looking at a region or contract.
    pub rate: Option<Dated<Text>>,
}

impl Cost {
    /// What `biller` counts by `basis`; `terms` are that in words, and where it was read.
    #[must_use]
    pub fn new<T: Into<Text>>(biller: impl Into<Text>, basis: CostBasis, terms: Dated<T>) -> Self {
        Self { biller: biller.into(), basis, times: None, terms: terms.map(Into::into), rate: None }
    }

    /// Says how many of it the link has at any time.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Says the price.
    #[must_use]
    pub fn rate<T: Into<Text>>(mut self, rate: Dated<T>) -> Self {
        self.rate = Some(rate.map(Into::into));
        self
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.biller, self.basis)?;
        if let Some(times) = self.times {
            write!(f, ", {times} at a time")?;
        }
        if let Some(rate) = &self.rate {
            write!(f, ", {}", rate.value)?;
        }
        write!(f, " ({}; {})", self.terms.value, self.terms.provenance())
    }
}

/// The measure that something is billed by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CostBasis {
    /// Hours for which an endpoint is there, in each zone where the cloud counts zones.
    EndpointHour,
    /// Hours for which the vendor's end is there.
    ServiceHour,
    /// Data that goes through the endpoint.
    DataProcessed,
    /// Data that goes from one region to another.
    InterRegionData,
    /// Months for which a private zone is there.
    ZoneMonth,
    /// Questions that the zone answers.
    DnsQuery,
    /// Nothing: the biller says that it does not charge for it.
    Free,
}

impl fmt::Display for CostBasis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::EndpointHour => "endpoint-hours",
            Self::ServiceHour => "service-hours",
            Self::DataProcessed => "data processed",
            Self::InterRegionData => "data between regions",
            Self::ZoneMonth => "zone-months",
            Self::DnsQuery => "DNS queries",
            Self::Free => "no charge",
        })
    }
}
