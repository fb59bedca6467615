//! Why a link does not work: what both control planes declare, joined with what the wire shows.

mod decide;
mod declared;
mod diagnosis;
mod idle;

use std::time::{SystemTime, UNIX_EPOCH};

use privlink_core::side::{Expectation, Plan, Proof, rfc3339};
use privlink_core::{Error, ErrorKind, Finding, Result, Severity, Text, Turn};

use self::declared::Claim;
pub use self::declared::{Declared, DeclaredState};
pub use self::diagnosis::Diagnosis;
use crate::{Link, Verdict, plan};

impl Link {
    /// Reads both sides, proves the link from where the program runs or from the vantage it was
    /// built with, and names one cause, its evidence and one next step. Changes nothing.
    ///
    /// Run outside the network it goes by what is declared alone, and says so. What could not be
    /// read is [unknown](Diagnosis::unknown), and neither wrong nor ruled out; a side that cannot
    /// be read at all is told by `DIAG-002`, or where its key was refused, lacks a permission or is throttled, by `DIAG-003`
    /// to `DIAG-005`.
    ///
    /// ```no_run
    /// # async fn example(link: privlink::Link) -> Result<(), Box<dyn std::error::Error>> {
    /// let diagnosis = link.diagnose().await?;
    /// println!("{diagnosis}");
    /// if let Some(cause) = &diagnosis.cause {
    ///     println!("{}: it is the turn of: {}", cause.code, cause.turn);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// When neither side can be read.
    pub async fn diagnose(&self) -> Result<Diagnosis> {
        let (plan, unread) = self.declared_plan().await?;
        let seen = match self.prove().await {
            Ok((expectation, proof)) => Ok(self.judge(&expectation, &proof)),
            Err(error) => Err(error),
        };
        Ok(self.join(&plan, unread, seen))
    }

    /// As [`Link::diagnose`], with a proof that was made elsewhere: outside the network, by whoever
    /// holds the keys.
    ///
    /// # Errors
    /// When neither side can be read.
    pub async fn diagnose_with(&self, expectation: &Expectation, proof: &Proof) -> Result<Diagnosis> {
        let (plan, unread) = self.declared_plan().await?;
        Ok(self.join(&plan, unread, Ok(self.judge(expectation, proof))))
    }

    /// What both sides declare, as the plan they would make, and what could not be read.
    async fn declared_plan(&self) -> Result<(Plan, Vec<Finding>)> {
        let cx = self.cx();
        match self.plan_in(&cx).await {
            Ok(plan) => Ok((plan, Vec::new())),
            Err(_) => {
                let (surveyed, errors) =
                    plan::survey_what_can_be(&*self.inner.database, &*self.inner.network, &cx).await?;
                Ok((
                    self.plan_from(surveyed),
                    errors.iter().map(|error| unread(error, self.inner.clock.now())).collect(),
                ))
            }
        }
    }

    fn join(&self, plan: &Plan, unread: Vec<Finding>, seen: Result<Verdict>) -> Diagnosis {
        let (verdict, unseen) = match seen {
            Ok(verdict) => (Some(verdict), None),
            Err(error) => (None, Some(Text::from(error.to_string()))),
        };
        let decided = decide::decide(plan, verdict.as_ref());
        let mut notes = decided.contradictions;
        notes.extend(decided.hints);
        notes.extend(unread);
        if verdict.as_ref().is_some_and(|verdict| verdict.proved) {
            notes.push(idle::cut());
        }
        Diagnosis {
            version: diagnosis::VERSION,
            link: self.name().clone(),
            taken_at: plan.taken_at,
            verdict,
            unseen,
            cause: decided.cause,
            also: decided.also,
            notes,
            declared: Claim::all(plan).iter().map(Claim::declared).collect(),
        }
    }
}

/// One side could not be read: the key was refused, may not read it, is made to wait, or something else.
fn unread(error: &Error, now: SystemTime) -> Finding {
    let of = error.vendor().unwrap_or("one side");
    let finding = match error.kind() {
        ErrorKind::Unauthenticated => Finding::new(
            "DIAG-003",
            Severity::Warning,
            format!("{of} refused the key, so nothing is known of what that side declares"),
            format!("{}; then diagnose again", error.help()),
        ),
        ErrorKind::PermissionDenied => {
            let lacking = error.missing_permission().map(|missing| format!("{missing} is lacking: "));
            Finding::new(
                "DIAG-004",
                Severity::Warning,
                format!("the key may not read what {of} declares, so nothing is known of it"),
                format!("{}{}; then diagnose again", lacking.unwrap_or_default(), error.help()),
            )
            .turn(Turn::Approver)
        }
        ErrorKind::RateLimited => {
            let next = match error.retry_after() {
                Some(wait) => format!("diagnose again at {} or later", moment(now + wait)),
                None => "diagnose again in some minutes; share one client per key".to_owned(),
            };
            let summary = format!("{of} throttles the key, so nothing is known of what that side declares");
            Finding::new("DIAG-005", Severity::Warning, summary, next).turn(Turn::Nobody)
        }
        _ => Finding::new(
            "DIAG-002",
            Severity::Warning,
            "one side could not be read, so nothing is known of what it declares",
            if error.help().is_empty() { "mend what the error says, then diagnose again" } else { error.help() }
                .to_owned(),
        ),
    };
    finding.evidence(error.to_string())
}

/// A moment in the form of RFC 3339, to the second.
fn moment(time: SystemTime) -> String {
    rfc3339::text(time).unwrap_or_else(|| {
        let seconds = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        format!("{} s after 1970", seconds.as_secs())
    })
}
