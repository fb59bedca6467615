//! What of a link exists: told by marks and entries, without a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::SystemTime;

use futures_util::future;
use privlink_core::side::{Cx, Exchange, Fact, Kept, Ownership, SideId, Step, StepState, TouchKey, rfc3339, versioned};
use privlink_core::{Finding, LinkName, Result, Severity, Text};
use serde::{Deserialize, Deserializer, Serialize};

use crate::{Link, count, plan};

/// The version of the form that is written and read here.
const VERSION: u16 = 1;

impl Link {
    /// What of this link exists now, at the vendor and in the cloud. Changes nothing.
    ///
    /// Nothing has to be kept for it, neither a plan nor the link's name: things are told by their
    /// marks and by what they touch. It works when the database is gone, and without the vendor's
    /// keys; then its entries are missing, and a finding says so (`LINK-004`).
    ///
    /// [`things`](Inventory::things) is what [`removal_plan`](Self::removal_plan) would take away, and is empty
    /// when that has nothing to do. An endpoint that others use as well is [`beside`](Inventory::beside).
    ///
    /// ```
    /// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
    /// # async fn demo(link: privlink::Link) -> Result<(), Box<dyn std::error::Error>> {
    /// let inventory = link.inventory().await?;
    /// println!("{inventory}");
    /// println!("{}", serde_json::to_string_pretty(&inventory)?);
    /// assert!(inventory.things.iter().all(|thing| !thing.what.is_empty()));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When the network cannot be read, or the vendor fails in a way that may pass.
    pub async fn inventory(&self) -> Result<Inventory> {
        let standing = self.standing(&self.cx()).await?;
        let going = standing.going().cloned().collect();
        Ok(self.inventory_of(standing, &going))
    }

    /// What there is of this link, whoever else uses it.
    pub(crate) async fn standing(&self, cx: &Cx) -> Result<Standing> {
        let taken_at = self.inner.clock.now();
        let leaving = plan::removal(&*self.inner.database, &*self.inner.network, cx).await?;
        let whose = self.owned(&leaving.steps, cx).await?;
        Ok(Standing { taken_at, leaving, whose })
    }

    /// The inventory where `going` are the entries and records that go with the link's removal: its
    /// own, and in a set those of all its links.
    pub(crate) fn inventory_of(&self, standing: Standing, going: &BTreeSet<TouchKey>) -> Inventory {
        let Standing { taken_at, mut leaving, mut whose } = standing;
        plan::keep_what_others_use(&mut leaving, going);
        let database = self.inner.database.id();
        let mut things = Vec::new();
        for step in leaving.steps.iter().filter(|step| step.state != StepState::AlreadyDone) {
            let marked = whose.remove(&step.key);
            things.push(Thing::of(step, marked.or_else(|| admitted(step, &leaving.surveyed.known))));
        }
        things.sort_by_key(|thing| thing.side == database);
        let mut beside = leaving.kept;
        // What carries the link's mark and no removal would touch, such as what an interrupted one left.
        whose.retain(|key, ownership| ownership.is_ours() && !beside.iter().any(|kept| kept.key == *key));
        beside.extend(whose.into_iter().map(|(key, ownership)| {
            let words = key.words();
            let reason = format!("{ownership}, and no removal takes it, as nothing of the link leads to it any more");
            Kept::new(key, reason).what(words)
        }));
        let mut findings = leaving.surveyed.findings;
        // Notes on how a removal would go are none on what there is.
        findings.retain(|finding| finding.severity > Severity::Info);
        Inventory {
            version: VERSION,
            link: self.name().clone(),
            subject: self.subject(),
            taken_at,
            things,
            beside,
            findings,
        }
    }

    /// What in the network carries the marks of this link, by what it touches.
    async fn owned(&self, steps: &[Step], cx: &Cx) -> Result<BTreeMap<TouchKey, Ownership>> {
        let endpoints = steps.iter().filter(|step| step.gives.contains(&Fact::Endpoint)).map(|step| step.key.clone());
        let mut keys: Vec<TouchKey> = endpoints.collect();
        if keys.is_empty() {
            // Of nothing: what was made for the database is found by it all the same.
            keys.push(TouchKey::new("link", []));
        }
        let marks: Vec<_> = keys.into_iter().map(|key| cx.mark(key)).collect();
        let found = future::try_join_all(marks.iter().map(|mark| self.inner.network.owned(mark, cx))).await?;
        Ok(found.into_iter().flatten().filter(|(_, ownership)| *ownership != Ownership::Absent).collect())
    }
}

/// What there is of a link, before what others use is told apart.
#[derive(Debug)]
pub(crate) struct Standing {
    taken_at: SystemTime,
    leaving: plan::Leaving,
    whose: BTreeMap<TouchKey, Ownership>,
}

impl Standing {
    /// The entries and records that would go with the link.
    pub(crate) fn going(&self) -> impl Iterator<Item = &TouchKey> {
        plan::taken_away(&self.leaving.steps)
    }
}

/// What the vendor's side said of the entry that a step would withdraw.
fn admitted(step: &Step, known: &Exchange) -> Option<Ownership> {
    let entry = step.gives.contains(&Fact::Served).then_some(step.slot.as_ref())??;
    known.admissions.get(entry).map(|admission| admission.ownership.clone())
}

/// What of a link exists; made by [`Link::inventory`].
///
/// Plain data: it prints for people and serialises with a version field, which is read before all
/// others.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Inventory {
    /// The version of this form; 1.
    pub version: u16,
    /// The link's name.
    pub link: LinkName,
    /// What the link joins: the two sides' subjects and the instance.
    pub subject: Text,
    /// When the world was read.
    #[serde(with = "rfc3339")]
    pub taken_at: SystemTime,
    /// What is of this link, the network's things first: what its removal would take away. In the inventory of
    /// a set what its links alone share is among the things of each, as it goes with the last of them.
    pub things: Vec<Thing>,
    /// What is there too and would stay: adopted, given, used by others or somebody else's, with the reason.
    pub beside: Vec<Kept>,
    /// What could not be seen, or is worth knowing.
    pub findings: Vec<Finding>,
}

/// A thing of a link, in one of the two systems.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Thing {
    /// The side that it is on: `aws`, `clickhouse`.
    pub side: SideId,
    /// What it touches: its identity, whatever the link is called.
    pub key: TouchKey,
    /// The thing in words: `VPC endpoint vpce-0a1b2c3d4e5f67890`.
    pub what: Text,
    /// Where it is: the account, the network, the service; may be empty.
    pub place: Text,
    /// Whose it is, with the evidence; `None` where nothing on it says so, and it is told by where it leads alone,
    /// as a record or a registration without a mark of its own is.
    pub ownership: Option<Ownership>,
}

impl Thing {
    fn of(step: &Step, ownership: Option<Ownership>) -> Self {
        let what = if step.thing.is_empty() { step.key.words().into() } else { step.thing.clone() };
        Self { side: step.side.clone(), key: step.key.clone(), what, place: step.place.clone(), ownership }
    }
}

impl Inventory {
    /// Whether a removal of the link has nothing to take away.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.things.is_empty()
    }

    /// The things of one side.
    pub fn of<'a>(&'a self, side: &'a str) -> impl Iterator<Item = &'a Thing> {
        self.things.iter().filter(move |thing| thing.side.as_str() == side)
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.side, self.what)?;
        match &self.ownership {
            Some(ownership) => write!(f, " ({ownership})"),
            None => f.write_str(" (told by where it leads)"),
        }
    }
}

impl fmt::Display for Inventory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.things.len() {
            0 => write!(f, "{}: nothing of it exists", self.link)?,
            all => write!(f, "{}: {}", self.link, count(all, "thing"))?,
        }
        for thing in &self.things {
            write!(f, "\n  {thing}")?;
        }
        for kept in &self.beside {
            write!(f, "\n  beside it: {} ({})", kept.what, kept.reason)?;
        }
        for finding in &self.findings {
            write!(f, "\n  {}", finding.to_string().replace('\n', "\n  "))?;
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Inventory {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let advice = "take the inventory again with this version of the library";
        let Body { link, subject, taken_at, things, beside, findings } =
            versioned::read(deserializer, "the inventory", VERSION, advice)?;
        Ok(Self { version: VERSION, link, subject, taken_at, things, beside, findings })
    }
}

/// An inventory without its version.
#[derive(Deserialize)]
struct Body {
    link: LinkName,
    subject: Text,
    #[serde(with = "rfc3339")]
    taken_at: SystemTime,
    things: Vec<Thing>,
    beside: Vec<Kept>,
    findings: Vec<Finding>,
}
