use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::SystemTime;

use privlink_core::side::{Direction, Grant, Plan, Step, StepId, StepState, versioned};
use privlink_core::{Error, Finding, LinkName, Severity, Text};
use serde::{Deserialize, Deserializer, Serialize};

use super::LinkResult;
use crate::count;

/// The version of the form that is written and read here.
const VERSION: u16 = 1;

/// The plans of a set of links.
///
/// Plain data, like each [`Plan`]: it prints for people, every step once, and serialises with a version field.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LinksPlan {
    /// The version of this form; 1.
    pub version: u16,
    /// The plan of each link, in the order of the links, or why it could not be made.
    pub plans: Vec<LinkResult<Plan>>,
}

impl LinksPlan {
    /// Plans that share steps, with a finding on both where two want different things of one.
    pub(super) fn merged(mut plans: Vec<LinkResult<Plan>>) -> Self {
        let mut first: BTreeMap<StepId, (usize, serde_json::Value)> = BTreeMap::new();
        let mut conflicts: Vec<(usize, usize, String)> = Vec::new();
        for (place, LinkResult { result, .. }) in plans.iter().enumerate() {
            let Ok(plan) = result else { continue };
            for step in &plan.steps {
                match first.get(&step.id) {
                    None => {
                        first.insert(step.id.clone(), (place, step.params.clone()));
                    }
                    Some((other, params)) if *params != step.params => {
                        conflicts.push((*other, place, step.what.to_string()));
                    }
                    Some(_) => {}
                }
            }
        }
        for (one, other, what) in conflicts {
            let finding = conflict(&plans[one].link, &plans[other].link, &what);
            for place in [one, other] {
                if let Ok(plan) = &mut plans[place].result {
                    plan.findings.push(finding.clone());
                }
            }
        }
        let set = Self { version: VERSION, plans };
        let twice = set.twice();
        let Self { mut plans, .. } = set;
        for plan in plans.iter_mut().filter_map(|of| of.result.as_mut().ok()) {
            if twice.contains(&(plan.link.clone(), plan.subject.clone())) {
                plan.findings.push(same_link(&plan.link, &plan.subject));
            }
        }
        Self { version: VERSION, plans }
    }

    /// The links that are in the set more than once.
    fn twice(&self) -> BTreeSet<(LinkName, Text)> {
        let mut seen = BTreeSet::new();
        let links = self.made().map(|plan| (plan.link.clone(), plan.subject.clone()));
        links.filter(|link| !seen.insert(link.clone())).collect()
    }

    /// The steps left to do, those shared by several links once.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        let mut seen = BTreeSet::new();
        let steps = self.made().flat_map(|plan| &plan.steps);
        steps.filter(move |step| step.state != StepState::AlreadyDone && seen.insert(step.id.clone()))
    }

    /// Whether every link was planned and nothing is left to do for any.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.unplanned().next().is_none() && self.pending().next().is_none()
    }

    /// The findings that keep a plan from being applied, with the link of each.
    pub fn blockers(&self) -> impl Iterator<Item = (&LinkName, &Finding)> {
        self.made().flat_map(|plan| plan.blockers().map(move |finding| (&plan.link, finding)))
    }

    /// The links that could not be planned, and why.
    pub fn unplanned(&self) -> impl Iterator<Item = (&LinkName, &Error)> {
        self.plans.iter().filter_map(|of| Some((&of.link, of.result.as_ref().err()?)))
    }

    /// The permissions that all plans take, as [`Plan::grants`] says of one.
    #[must_use]
    pub fn grants(&self) -> BTreeSet<&Grant> {
        self.made().flat_map(Plan::grants).collect()
    }

    /// When the oldest of the plans was taken.
    #[must_use]
    pub fn taken_at(&self) -> Option<SystemTime> {
        self.made().map(|plan| plan.taken_at).min()
    }

    /// The plans that could be made.
    pub(super) fn made(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter().filter_map(|of| of.result.as_ref().ok())
    }
}

impl Default for LinksPlan {
    fn default() -> Self {
        Self { version: VERSION, plans: Vec::new() }
    }
}

/// Reads the version before all else, like a plan's; `LINK-007` when it is another one.
impl<'de> Deserialize<'de> for LinksPlan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Body {
            plans: Vec<LinkResult<Plan>>,
        }
        let advice = "plan again with this version of the library";
        let Body { plans } = versioned::read(deserializer, "the plan of the set", VERSION, advice)?;
        Ok(Self { version: VERSION, plans })
    }
}

fn conflict(one: &LinkName, other: &LinkName, what: &str) -> Finding {
    Finding::new(
        "LINK-005",
        Severity::Blocks,
        format!("{one} and {other} want different things of one step: {what}"),
        "give both links the same subnets, groups and naming, or tell one apart by an instance",
    )
    .evidence(format!("step: {what}"))
}

fn same_link(link: &LinkName, subject: &Text) -> Finding {
    Finding::new(
        "LINK-011",
        Severity::Blocks,
        format!("{link} is in the set more than once"),
        "leave one of them out; to have two links between the same sides, give one an instance",
    )
    .evidence(format!("each joins {subject}"))
}

/// Every step once: under the first link that needs it, with the names of the others.
impl fmt::Display for LinksPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.plans.is_empty() {
            return f.write_str("no links");
        }
        let taking_down = self.made().any(|plan| plan.direction == Direction::Removal);
        let goal = if taking_down { "take down" } else { "set up" };
        let (links, steps) = (count(self.plans.len(), "link"), count(self.pending().count(), "step"));
        write!(f, "{goal} {links}, {steps} to do")?;
        let blocked = self.made().filter(|plan| plan.blockers().next().is_some()).count();
        if blocked > 0 {
            write!(f, ", {} blocked", count(blocked, "link"))?;
        }
        let mut sharers: BTreeMap<&StepId, Vec<&LinkName>> = BTreeMap::new();
        for plan in self.made() {
            for step in &plan.steps {
                sharers.entry(&step.id).or_default().push(&plan.link);
            }
        }
        let mut notes: BTreeMap<String, Vec<&LinkName>> = BTreeMap::new();
        for plan in self.made() {
            for finding in plan.findings.iter().filter(|finding| finding.severity != Severity::Blocks) {
                notes.entry(finding.to_string()).or_default().push(&plan.link);
            }
        }
        let mut told = BTreeSet::new();
        for LinkResult { link, result } in &self.plans {
            match result {
                Ok(plan) => write_plan(f, plan, &sharers, &notes, &mut told)?,
                Err(error) => write!(f, "\n{link}: not planned: {error}")?,
            }
        }
        Ok(())
    }
}

/// Writes `plan` without the steps in `told`, and adds its own to them.
fn write_plan<'a>(
    f: &mut fmt::Formatter<'_>,
    plan: &'a Plan,
    sharers: &BTreeMap<&StepId, Vec<&LinkName>>,
    notes: &BTreeMap<String, Vec<&LinkName>>,
    told: &mut BTreeSet<&'a StepId>,
) -> fmt::Result {
    let mut own = plan.clone();
    own.steps.clear();
    // A note on several links is told at the first of them, for all.
    own.findings.retain_mut(|finding| match notes.get(&finding.to_string()).map(Vec::as_slice) {
        Some([first, ..]) if **first != plan.link => false,
        Some(links @ [_, _, ..]) => {
            finding.summary = format!("{} (for {})", finding.summary, some(links)).into();
            true
        }
        _ => true,
    });
    let mut above: BTreeMap<&LinkName, usize> = BTreeMap::new();
    for step in &plan.steps {
        let names = sharers.get(&step.id).map_or(&[][..], Vec::as_slice);
        if !told.insert(&step.id) {
            if let Some(first) = names.first() {
                *above.entry(first).or_default() += 1;
            }
            continue;
        }
        let mut step = step.clone();
        if let Some((_, others @ [_, ..])) = names.split_first() {
            let gap = if step.why.is_empty() { "" } else { "; " };
            step.why = format!("{}{gap}also for {}", step.why, some(others)).into();
        }
        own.steps.push(step);
    }
    let text = own.to_string();
    match (above.is_empty(), own.steps.is_empty(), text.split_once('\n')) {
        // Not "nothing to do": it is all said under other links.
        (false, true, rest) => {
            let blocked = if plan.blockers().next().is_some() { "blocked: " } else { "" };
            write!(f, "\n{}: {blocked}{}, listed above", plan.link, count(plan.steps.len(), "step"))?;
            rest.map_or(Ok(()), |(_, rest)| write!(f, "\n{rest}"))
        }
        _ => {
            write!(f, "\n{text}")?;
            above
                .iter()
                .try_for_each(|(first, steps)| write!(f, "\n  and {} listed under {first}", count(*steps, "step")))
        }
    }
}

/// The first names of many.
fn some(names: &[&LinkName]) -> String {
    const MOST: usize = 3;
    let mut text = names.iter().take(MOST).map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if names.len() > MOST {
        text.push_str(&format!(" and {} more", names.len() - MOST));
    }
    text
}

#[cfg(test)]
mod tests {
    use privlink_core::side::{SideId, StepKind, TouchKey};
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Serialize, Deserialize)]
    struct Dig;

    impl StepKind for Dig {
        const VERB: &'static str = "garden.dig";
    }

    fn plan(link: &str, holes: &[&str]) -> LinkResult<Plan> {
        let link: LinkName = link.parse().unwrap();
        let mut plan = Plan::new(Direction::Setup, link.clone(), SystemTime::UNIX_EPOCH);
        let step = |hole: &&str| {
            Step::new(SideId::new("garden"), TouchKey::new("hole", [*hole]), &Dig, format!("dig {hole}")).why("a tree")
        };
        plan.steps = holes.iter().map(step).collect();
        LinkResult::new(link, Ok(plan))
    }

    #[test]
    fn a_shared_step_is_printed_once_and_says_for_whom() {
        let plans = vec![plan("aa", &["one", "two"]), plan("bb", &["two", "three"]), plan("cc", &["two"])];
        let text = LinksPlan::merged(plans).to_string();
        assert!(text.starts_with("set up 3 links, 3 steps to do\naa: set up in 2 steps\n"), "{text}");
        assert_eq!(text.matches("dig two").count(), 1, "{text}");
        assert!(text.contains("a tree; also for bb, cc\nbb: set up in 1 step\n"), "{text}");
        assert!(text.contains("\n  and 1 step listed under aa\n"), "{text}");
        assert!(text.ends_with("\ncc: 1 step, listed above"), "{text}");
    }

    #[test]
    fn a_note_on_several_links_is_printed_once_and_a_blocked_link_says_so() {
        let mut plans = vec![plan("aa", &["one"]), plan("bb", &["one"]), plan("cc", &["one"])];
        let note = |severity| Finding::new("X-001", severity, "it rains", "wait");
        for of in &mut plans[..2] {
            of.result.as_mut().unwrap().findings.push(note(Severity::Info));
        }
        for of in &mut plans[1..] {
            of.result.as_mut().unwrap().findings.push(note(Severity::Blocks));
        }
        let text = LinksPlan::merged(plans).to_string();
        assert!(text.starts_with("set up 3 links, 1 step to do, 2 links blocked\naa: set up in 1 step\n"), "{text}");
        assert_eq!(text.matches("note X-001").count(), 1, "{text}");
        assert!(text.contains("note X-001: it rains (for aa, bb)\n"), "{text}");
        assert_eq!(text.matches("blocked X-001: it rains\n").count(), 2, "{text}");
        assert!(text.contains("\nbb: blocked: 1 step, listed above\n"), "{text}");
    }

    #[test]
    fn a_set_without_links_says_so() {
        assert_eq!(LinksPlan::default().to_string(), "no links");
    }

    #[test]
    fn a_set_is_done_when_every_link_is_planned_and_has_nothing_left() {
        assert!(LinksPlan::merged(vec![plan("aa", &[])]).is_done());
        assert!(!LinksPlan::merged(vec![plan("aa", &[]), plan("bb", &["one"])]).is_done());
        let broken = LinkResult::new("bb".parse().unwrap(), Err(Error::invalid("no such service")));
        let set = LinksPlan::merged(vec![plan("aa", &[]), broken]);
        assert!(!set.is_done());
        assert!(set.to_string().ends_with("\nbb: not planned: no such service"), "{set}");
        assert_eq!(set.unplanned().map(|(link, _)| link.as_str()).collect::<Vec<_>>(), ["bb"]);
    }

    #[test]
    fn a_conflict_blocks_both_links() {
        let mut other = plan("bb", &["one"]);
        other.result.as_mut().unwrap().steps[0].params = "another depth".into();
        let set = LinksPlan::merged(vec![plan("aa", &["one"]), other, plan("cc", &["one"])]);
        let blocked: Vec<_> = set.blockers().map(|(link, finding)| (link.as_str(), &*finding.code)).collect();
        assert_eq!(blocked, [("aa", "LINK-005"), ("bb", "LINK-005")]);
    }

    #[test]
    fn the_plan_of_a_set_survives_json() {
        let broken = LinkResult::new("bb".parse().unwrap(), Err(Error::invalid("no such service")));
        let before = LinksPlan::merged(vec![plan("aa", &["one"]), broken]);
        let told = serde_json::to_string(&before).unwrap();
        assert_eq!(serde_json::from_str::<LinksPlan>(&told).unwrap(), before);
        let newer = told.replacen("\"version\":1", "\"version\":7", 1);
        assert!(serde_json::from_str::<LinksPlan>(&newer).unwrap_err().to_string().contains("LINK-007"));
    }
}
