//! One cause out of what is declared and what the wire shows.

use privlink_core::side::{Direction, Fact, Layer, Plan, Rung, RungResult};
use privlink_core::{Finding, Severity};

use super::declared::{Claim, DeclaredState, explains, forbids};
use crate::Verdict;
use crate::plan::follows;

/// What was decided.
#[derive(Debug, Default)]
pub(super) struct Decision {
    pub(super) cause: Option<Finding>,
    pub(super) also: Vec<Finding>,
    pub(super) contradictions: Vec<Finding>,
    /// What a side notes of the very thing that broke.
    pub(super) hints: Vec<Finding>,
}

/// What the wire shows, as far as it can be used.
#[derive(Debug)]
enum Wire<'a> {
    /// Every layer holds.
    Whole,
    /// It breaks here, by this finding.
    Broken(&'a Rung, &'a Finding),
    /// Nothing was seen from inside.
    Unseen,
}

impl<'a> Wire<'a> {
    fn of(verdict: Option<&'a Verdict>) -> Self {
        let Some(verdict) = verdict else { return Self::Unseen };
        if verdict.proved {
            return Self::Whole;
        }
        // A proof that proves nothing about this network shows nothing of it either.
        let Some(finding) = verdict.findings.iter().find(|finding| finding.severity == Severity::Blocks) else {
            return Self::Unseen;
        };
        if finding.code.starts_with("PROOF") {
            return Self::Unseen;
        }
        let broken = verdict.rungs.iter().filter(|rung| rung.result != RungResult::Held);
        match broken.min_by_key(|rung| rung.layer) {
            Some(rung) => Self::Broken(rung, finding),
            None => Self::Unseen,
        }
    }

    /// Whether the lack of what `claim` says breaks the wire where it broke.
    fn is_explained_by(&self, claim: &Claim<'_>) -> bool {
        match self {
            Self::Broken(rung, _) => explains(claim.fact, rung.layer, rung.result),
            Self::Whole => false,
            Self::Unseen => true,
        }
    }

    /// Whether the wire shows at work what could not work without what `claim` says.
    fn denies_the_lack_of(&self, claim: &Claim<'_>) -> bool {
        match (self, forbids(claim.fact)) {
            (Self::Whole, Some(_)) => true,
            (Self::Broken(rung, _), Some(layer)) => rung.layer > layer,
            _ => false,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Whole => "from inside, every layer holds".to_owned(),
            Self::Broken(rung, _) => match rung.port {
                Some(port) => format!("from inside, {}:{port} breaks at {}: {}", rung.host, rung.layer, rung.seen),
                None => format!("from inside, {} breaks at {}: {}", rung.host, rung.layer, rung.seen),
            },
            Self::Unseen => "nothing was seen from inside".to_owned(),
        }
    }
}

pub(super) fn decide(plan: &Plan, verdict: Option<&Verdict>) -> Decision {
    let wire = Wire::of(verdict);
    let claims = Claim::all(plan);
    let lacking: Vec<&Claim<'_>> = claims.iter().filter(|claim| claim.state() == DeclaredState::Lacking).collect();
    let mut decision = Decision {
        contradictions: contradictions(&wire, &claims, plan),
        hints: hints(&wire, plan),
        ..Decision::default()
    };
    // What stands in the way of the plan comes before what the plan would do: the side knows more of it.
    let mut blocking: Vec<&Finding> = plan.findings.iter().filter(|found| found.severity == Severity::Blocks).collect();
    blocking.retain(|found| wire.may_come_of(found));
    let mut roots: Vec<&&Claim<'_>> = lacking.iter().filter(|claim| breaks_it(claim, &lacking, &wire)).collect();
    let listing = |claim: &Claim<'_>| matches!(claim.fact, Fact::Accepted | Fact::Served);
    if let Some(list) = roots.iter().position(|claim| listing(claim)) {
        // A cloud that waits until the vendor lists the endpoint lacks nothing of its own.
        let waits = |claim: &&&Claim<'_>| claim.waits_for_the_list(&plan.exchange);
        let (waiting, others): (Vec<_>, Vec<_>) = roots[..list].iter().copied().partition(waits);
        let rest = roots.split_off(list + 1);
        roots = others.into_iter().chain([roots[list]]).chain(waiting).chain(rest).collect();
    }
    let mut causes: Vec<Finding> = blocking.into_iter().cloned().collect();
    let mut suspected: Vec<&Finding> =
        plan.findings.iter().filter(|found| found.severity == Severity::Warning).collect();
    suspected.retain(|found| found.about.is_some() && wire.may_come_of(found));
    for claim in roots {
        // What a side knows of the same fact says more than that it lacks.
        causes.extend(suspected.extract_if(.., |found| found.about.as_ref() <= Some(claim.fact)).cloned());
        let finding = claim.finding(plan);
        match causes.iter_mut().find(|known| known.code == finding.code) {
            Some(known) => known.evidence.extend(finding.evidence.into_iter().take(1)),
            None => causes.push(finding),
        }
    }
    causes.extend(suspected.into_iter().cloned());
    match wire {
        Wire::Whole => {}
        Wire::Broken(_, finding) => {
            if causes.is_empty() {
                causes.push(finding.clone());
            } else {
                causes[0].evidence.push(wire.words().into());
            }
        }
        // That a look shows nothing of this network is no cause of anything.
        Wire::Unseen => {
            decision.hints.extend(verdict.into_iter().flat_map(|verdict| verdict.findings.first().cloned()))
        }
    }
    if matches!(wire, Wire::Whole) {
        // It works: what is declared otherwise is a contradiction, and told as one.
        return decision;
    }
    let mut causes = causes.into_iter();
    // A side warns of what may break a link; here it does.
    decision.cause = causes.next().map(|mut cause| {
        cause.severity = Severity::Blocks;
        cause
    });
    decision.also = causes.collect();
    decision
}

impl Wire<'_> {
    /// Whether a finding of a side may be why the wire breaks where it does.
    fn may_come_of(&self, finding: &Finding) -> bool {
        match (self, &finding.about) {
            (Self::Broken(rung, _), Some(fact)) => explains(fact, rung.layer, rung.result),
            _ => true,
        }
    }
}

/// What a side notes of the very thing that may have broken, as that it could not be read: neither wrong nor ruled out.
fn hints(wire: &Wire<'_>, plan: &Plan) -> Vec<Finding> {
    let told = plan.findings.iter().filter(|found| found.severity == Severity::Info && found.about.is_some());
    match wire {
        Wire::Whole => Vec::new(),
        _ => told.filter(|found| wire.may_come_of(found)).cloned().collect(),
    }
}

/// Whether the wire's break comes of this lack, or of one that it leads to.
fn breaks_it(claim: &Claim<'_>, lacking: &[&Claim<'_>], wire: &Wire<'_>) -> bool {
    let mut reached = vec![claim.step];
    let mut next = 0;
    while let Some(step) = reached.get(next).copied() {
        next += 1;
        for later in lacking {
            let known = reached.iter().any(|step| step.id == later.step.id);
            if !known && follows(Direction::Setup, step, later.step) {
                reached.push(later.step);
            }
        }
    }
    let is_reached = |other: &&&Claim<'_>| reached.iter().any(|step| step.id == other.step.id);
    lacking.iter().filter(is_reached).any(|other| wire.is_explained_by(other)) && !wire.denies_the_lack_of(claim)
}

/// Where what is declared and what the wire shows do not agree.
fn contradictions(wire: &Wire<'_>, claims: &[Claim<'_>], plan: &Plan) -> Vec<Finding> {
    let mut said = Vec::new();
    for claim in claims {
        let declared = claim.declared();
        match claim.state() {
            DeclaredState::Lacking if wire.denies_the_lack_of(claim) => said.push(format!("declared: {declared}")),
            DeclaredState::Holding if is_the_one_fact_of(wire, claim) => {
                said.push(format!("declared otherwise: {declared}"))
            }
            _ => {}
        }
    }
    if matches!(wire, Wire::Whole) {
        let blocking = plan.findings.iter().filter(|found| found.severity == Severity::Blocks);
        said.extend(blocking.map(|found| format!("declared: {}: {}", found.code, found.summary)));
    }
    if said.is_empty() {
        return Vec::new();
    }
    let mut finding = Finding::new(
        "DIAG-001",
        Severity::Warning,
        "what is declared and what the wire shows do not agree",
        "believe the wire where it works; where it breaks, look for what is cached, for another zone, and for filters nobody declared",
    )
    .evidence(wire.words());
    finding.evidence.extend(said.into_iter().map(Into::into));
    vec![finding]
}

/// Whether `claim` is about the very thing that broke: names for a name, the vendor's list for a reset in TLS.
fn is_the_one_fact_of(wire: &Wire<'_>, claim: &Claim<'_>) -> bool {
    let Wire::Broken(rung, _) = wire else { return false };
    match claim.fact {
        Fact::Resolving => rung.layer <= Layer::Address,
        Fact::Opened => rung.layer == Layer::Tcp && rung.result == RungResult::TimedOut,
        Fact::Served => rung.layer == Layer::Tls && rung.result == RungResult::Reset,
        _ => false,
    }
}
