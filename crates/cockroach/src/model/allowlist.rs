use std::fmt;

use ipnet::Ipv4Net;
use privlink_core::Result;
use privlink_core::transport::Object;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A range of addresses that may use a cluster's **public** hosts. Private endpoints pass by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AllowedRange {
    /// The range.
    pub range: Ipv4Net,
    /// Whether SQL clients may.
    pub sql: bool,
    /// Whether the DB Console may be opened.
    pub ui: bool,
    /// What it is, for people.
    pub name: Option<String>,
}

impl AllowedRange {
    /// A range for SQL clients.
    #[must_use]
    pub fn sql(range: Ipv4Net) -> Self {
        Self { range: range.trunc(), sql: true, ui: false, name: None }
    }

    /// Lets the DB Console be opened too.
    #[must_use]
    pub fn with_ui(mut self) -> Self {
        self.ui = true;
        self
    }

    /// The same range with a name.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Whether it lets everybody in.
    #[must_use]
    pub fn is_everybody(&self) -> bool {
        self.range.prefix_len() == 0
    }

    pub(crate) fn from_json(value: &Value) -> Result<Self> {
        let entry = Object::read("allowlist entry", value)?;
        let address = entry.parsed("cidr_ip")?;
        let mask = entry.number("cidr_mask").and_then(|mask| u8::try_from(mask).ok());
        let range = mask.and_then(|mask| Ipv4Net::new(address, mask).ok());
        Ok(Self {
            range: range.ok_or_else(|| entry.lacking("cidr_mask"))?,
            sql: entry.flag("sql").ok_or_else(|| entry.lacking("sql"))?,
            ui: entry.flag("ui").ok_or_else(|| entry.lacking("ui"))?,
            name: entry.text("name").map(str::to_owned),
        })
    }
}

impl fmt::Display for AllowedRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{} ({name})", self.range),
            None => self.range.fmt(f),
        }
    }
}
