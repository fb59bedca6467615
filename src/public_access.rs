//! Closing the public door, only with a proof in hand, and opening it again.

use std::collections::BTreeSet;
use std::net::IpAddr;

use privlink_core::side::{Direction, Expectation, Plan, Proof, Receipt, Survey};
use privlink_core::{Error, ErrorKind, Result, Severity};
use serde::{Deserialize, Serialize};

use crate::verify::{MAX_PROOF_AGE, endpoints_of};
use crate::{Link, plan};

/// A plan that closes public access, and the receipt that opens it again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Closing {
    /// What will be closed, naming who loses access; apply it with [`Link::apply`].
    pub plan: Plan,
    /// What [`Link::reopening_plan`] needs. Store it before applying the plan: nothing
    /// else remembers what was open. It holds what this plan closes; a later closing, of what was
    /// opened or made since, has a receipt of its own. Keep every one.
    pub receipt: Receipt,
}

impl Link {
    /// Plans to close public access to the database. Changes nothing yet.
    ///
    /// ```no_run
    /// # async fn example(link: privlink::Link) -> Result<(), Box<dyn std::error::Error>> {
    /// use std::io::Write;
    ///
    /// let (expectation, proof) = link.prove().await?;
    /// let closing = link.closing_plan(&expectation, &proof).await?;
    /// println!("{}", closing.plan);                                   // who loses access
    /// // Never over an earlier receipt.
    /// std::fs::File::create_new("receipt.json")?.write_all(&serde_json::to_vec(&closing.receipt)?)?;
    /// link.apply(&closing.plan).await?;
    ///
    /// // And back again, exactly:
    /// let receipt = serde_json::from_slice(&std::fs::read("receipt.json")?)?;
    /// link.apply(&link.reopening_plan(&receipt).await?).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Conflict`](ErrorKind::Conflict) unless `proof` proves `expectation` from inside the
    /// network and is no older than [`MAX_PROOF_AGE`]. Also a `Conflict`, with a finding such as `CH-020`
    /// in [`Error::finding`], when public access is closed already: then there is nothing to do, and
    /// the receipt of the first closing stays the only one. [`Unsupported`](ErrorKind::Unsupported) when the
    /// vendor has no such switch; otherwise when the vendor cannot be read.
    pub async fn closing_plan(&self, expectation: &Expectation, proof: &Proof) -> Result<Closing> {
        let verdict = self.judge(expectation, proof);
        if !verdict.proved {
            let finding = verdict.findings.into_iter().find(|finding| finding.severity == Severity::Blocks);
            let cause = finding.as_ref().map_or("it proves nothing", |finding| &finding.summary);
            let error = self.too_early(
                format!("the link is not proved: {cause}"),
                "print the verdict, mend what it names, then prove the link again",
            );
            return Err(finding.into_iter().fold(error, Error::with_finding));
        }
        if !verdict.is_fresh() {
            return Err(self.too_early(
                format!("the proof is {} s old, more than the {} s allowed", verdict.age_secs, MAX_PROOF_AGE.as_secs()),
                "prove the link again with a new expectation, then plan the closing at once",
            ));
        }
        let plan = self.plan().await?;
        if !plan.is_done() {
            return Err(self.too_early(
                "the link is not set up to the end".to_owned(),
                "apply the link's plan and prove it again, then plan the closing",
            ));
        }
        let known = plan.exchange;
        let addresses: BTreeSet<IpAddr> =
            known.endpoints.values().flat_map(|endpoint| &endpoint.addresses).map(|(address, _)| *address).collect();
        if expectation.names != known.names
            || expectation.inside.iter().collect::<BTreeSet<_>>() != known.inside.iter().collect()
            || expectation.endpoints != endpoints_of(&known)
            || expectation.addresses.iter().copied().collect::<BTreeSet<_>>() != addresses
        {
            return Err(self.too_early(
                "the proof is of another link, or of an earlier state of this one".to_owned(),
                "prove this link as it is now, then plan the closing",
            ));
        }
        let (survey, receipt) = self.inner.database.closing(&known, &self.cx()).await?;
        let plan = self.plan_of(Direction::Closing, survey);
        self.inner.made.note(&plan);
        Ok(Closing { plan, receipt })
    }

    /// Plans to open public access again exactly as `receipt` holds it. Changes nothing yet.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the receipt is of another database;
    /// [`Unsupported`](ErrorKind::Unsupported) when the vendor has no such switch; otherwise
    /// when the vendor cannot be read.
    pub async fn reopening_plan(&self, receipt: &Receipt) -> Result<Plan> {
        let survey = self.inner.database.reopening(receipt, &self.cx()).await?;
        let plan = self.plan_of(Direction::Reopening, survey);
        self.inner.made.note(&plan);
        Ok(plan)
    }

    pub(crate) fn plan_of(&self, direction: Direction, survey: Survey) -> Plan {
        let mut made = self.blank(direction);
        let (steps, trouble) = plan::ordered(Direction::Setup, survey.steps, &survey.known);
        made.steps = steps;
        made.findings = survey.findings;
        made.findings.extend(trouble);
        made.exchange = survey.known;
        made
    }

    fn too_early(&self, message: String, help: &'static str) -> Error {
        Error::new(ErrorKind::Conflict, message)
            .with_operation("close public access")
            .with_resource(self.name().to_string())
            .with_help(help)
    }
}
