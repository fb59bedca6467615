//! Many links planned and applied together.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::SystemTime;

use futures_util::{StreamExt, stream};
use privlink_core::side::{Cx, Direction, Plan, Step, StepId, StepState};
use privlink_core::{BoxFuture, Error, Finding, LinkName, Result, Severity};

use crate::apply::{Applied, ApplyError, Event, Job, run};
use crate::run::{against, needs_vetting, vetted};
use crate::{Link, plan};

/// How many links are read at the same time; the limiter of each credential paces them anyway.
const MOST_AT_ONCE: usize = 256;

/// A set of links that share limits, look-ups and whatever they both need.
///
/// Equal steps are performed once: services behind one endpoint service share the endpoint, a
/// zone is made once. One broken link does not stop the others.
///
/// All links of a set should use clones of one client per vendor and cloud, so that they share
/// connections and the limiter.
///
/// ```
/// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use privlink::{Link, Links, aws, clickhouse};
/// use privlink_sim::World;
///
/// let world = World::new();
/// let (vendor, cloud) = (world.clickhouse(), world.aws());
/// let database = clickhouse::Client::over(world.transport())
///     .api_key(vendor.key_id(), vendor.key_secret())
///     .clock(world.clock())
///     .build()?;
/// let network = aws::Client::over(world.transport(), cloud.region())
///     .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
///     .clock(world.clock())
///     .build()?
///     .vpc(cloud.vpc_id())
///     .subnets(cloud.subnet_ids());
///
/// let mut links = Vec::new();
/// for (name, id) in ["orders", "events"].into_iter().zip(vendor.service_ids()) {
///     let service = database.service(id.into());
///     links.push(Link::builder(name.parse()?, service, network.clone()).clock(world.clock()).build()?);
/// }
/// let links = Links::new(links);
/// let plan = links.plan().await;
/// // Both sit behind one endpoint service, so one endpoint serves them.
/// assert!(plan.to_string().contains("also for events"));
/// for end in links.apply(&plan, |event| println!("{event}")).await {
///     assert!(end.applied().is_some(), "{end}");
/// }
/// assert_eq!(links.plan().await.pending().count(), 0);
/// # Ok(()) }
/// # #[cfg(not(all(feature = "clickhouse", feature = "aws")))]
/// # fn main() {}
/// ```
#[derive(Clone, Debug, Default)]
pub struct Links {
    links: Vec<Link>,
}

impl Links {
    /// A set of these links.
    pub fn new(links: impl IntoIterator<Item = Link>) -> Self {
        Self { links: links.into_iter().collect() }
    }

    /// The links, in the order given.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// Reads all sides and says what has to be done for each link. Changes nothing.
    ///
    /// A link that cannot be read has its error in its place; the others are planned.
    pub async fn plan(&self) -> LinksPlan {
        let mut questions: Vec<BoxFuture<'_, Result<Plan>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            questions.push(Box::pin(async move { link.plan_in(&cx).await }));
        }
        self.noted(LinksPlan::merged(together(questions).await))
    }

    /// Reads all sides and says how to take down what is ours of each link. Changes nothing.
    ///
    /// What several links of the set share goes with the last of them; what others still use
    /// stays.
    pub async fn removal_plan(&self) -> LinksPlan {
        let mut questions: Vec<BoxFuture<'_, Result<plan::Leaving>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            let inner = &link.inner;
            questions.push(Box::pin(async move { plan::removal(&*inner.database, &*inner.network, &cx).await }));
        }
        let leavings = together(questions).await;
        let going: BTreeSet<_> = leavings
            .iter()
            .filter_map(|leaving| leaving.as_ref().ok())
            .flat_map(|leaving| plan::taken_away(&leaving.steps).cloned())
            .collect();
        let plans = leavings.into_iter().zip(&self.links).map(|(leaving, link)| {
            leaving.map(|mut leaving| {
                plan::keep_what_others_use(&mut leaving, &going);
                link.removal_from(leaving)
            })
        });
        self.noted(LinksPlan::merged(plans.collect()))
    }

    /// Performs what `plan` lists, steps shared by several links once.
    ///
    /// Returns how each link ended, in the order given; a link whose plan could not be made is
    /// [`LinkEnd::Unplanned`]. `observer` is told every event, in place.
    pub async fn apply(&self, plan: &LinksPlan, mut observer: impl FnMut(&Event) + Send) -> Vec<LinkEnd> {
        let vetted = Box::pin(self.vetted(plan)).await;
        let mut jobs = Vec::new();
        for (link, plan) in self.links.iter().zip(&vetted) {
            if let Some(Ok(plan)) = plan {
                jobs.push(Job::new(link, plan));
            }
        }
        run(&mut jobs, &mut |event| observer(event)).await;
        let mut jobs = jobs.into_iter();
        let mut ends = Vec::with_capacity(plan.plans.len());
        for (number, plan) in plan.plans.iter().enumerate() {
            ends.push(match (plan, vetted.get(number)) {
                (Err(error), _) => LinkEnd::Unplanned(error.clone()),
                (Ok(_), Some(Some(Err(stopped)))) => LinkEnd::Stopped(stopped.clone()),
                (Ok(_), _) => match jobs.next() {
                    Some(job) => {
                        job.finish().await.map_or_else(LinkEnd::Stopped, |applied| LinkEnd::Applied(Box::new(applied)))
                    }
                    None => LinkEnd::Unplanned(Error::invalid("the plan was made for another set of links")),
                },
            });
        }
        ends
    }

    /// What is performed of each plan: those that were stored are held against what the set would do
    /// now.
    async fn vetted<'p>(&self, plan: &'p LinksPlan) -> Vec<Option<Result<Cow<'p, Plan>, ApplyError>>> {
        let needs: Vec<_> = self
            .links
            .iter()
            .zip(&plan.plans)
            .map(|(link, plan)| plan.as_ref().ok().map(|plan| (plan, needs_vetting(link, plan))))
            .collect();
        let any = |direction| {
            let mut needs = needs.iter().flatten();
            needs.any(|(plan, needs)| plan.direction == direction && matches!(needs, Ok(true)))
        };
        let setting_up = if any(Direction::Setup) { Some(self.plan().await) } else { None };
        let taking_down = if any(Direction::Removal) { Some(self.removal_plan().await) } else { None };
        let mut all = Vec::with_capacity(needs.len());
        for ((number, link), needs) in self.links.iter().enumerate().zip(needs) {
            let Some((plan, needs)) = needs else {
                all.push(None);
                continue;
            };
            let of_set = match plan.direction {
                Direction::Setup => setting_up.as_ref(),
                Direction::Removal => taking_down.as_ref(),
                _ => None,
            };
            all.push(Some(match (needs, of_set.and_then(|set| set.plans.get(number))) {
                (Err(blocked), _) => Err(blocked),
                (Ok(false), _) => Ok(Cow::Borrowed(plan)),
                (Ok(true), Some(now)) => against(plan, now.clone().map(Some)),
                (Ok(true), None) => vetted(link, plan).await,
            }));
        }
        all
    }

    /// Remembers the plans as made here.
    fn noted(&self, plan: LinksPlan) -> LinksPlan {
        for (link, plan) in self.links.iter().zip(&plan.plans) {
            if let Ok(plan) = plan {
                link.inner.made.note(plan);
            }
        }
        plan
    }

    /// The context of every link: one clock, one memo of reads.
    fn contexts(&self) -> impl Iterator<Item = (&Link, Cx)> {
        let shared = self.links.first().map(|first| first.cx().with_breadth(self.links.len()));
        self.links.iter().filter_map(move |link| Some((link, link.cx_in(shared.as_ref()?))))
    }
}

/// Asks many questions at a time; the answers keep the order of the questions.
async fn together<'a, T: Send>(questions: Vec<BoxFuture<'a, Result<T>>>) -> Vec<Result<T>> {
    stream::iter(questions).buffered(MOST_AT_ONCE).collect().await
}

/// How one link of a set ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LinkEnd {
    /// Its plan was applied to the end.
    Applied(Box<Applied>),
    /// It stopped before the end.
    Stopped(ApplyError),
    /// It could not be planned.
    Unplanned(Error),
}

impl LinkEnd {
    /// What was applied, if it was applied to the end.
    #[must_use]
    pub fn applied(&self) -> Option<&Applied> {
        match self {
            Self::Applied(applied) => Some(applied),
            Self::Stopped(_) | Self::Unplanned(_) => None,
        }
    }
}

impl fmt::Display for LinkEnd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Applied(applied) => {
                let (changed, unchanged) = (applied.changed.len(), applied.unchanged.len());
                write!(f, "applied: {} done, {unchanged} done before", count(changed, "step"))
            }
            Self::Stopped(error) => write!(f, "stopped: {error}"),
            Self::Unplanned(error) => write!(f, "not planned: {error}"),
        }
    }
}

/// The plans of a set of links.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct LinksPlan {
    /// One plan a link, in the order of the links, or why it could not be made.
    pub plans: Vec<Result<Plan>>,
}

impl LinksPlan {
    /// Plans that share steps, with a finding on both where two want different things of one.
    fn merged(mut plans: Vec<Result<Plan>>) -> Self {
        let mut first: BTreeMap<StepId, (usize, serde_json::Value)> = BTreeMap::new();
        let mut conflicts: Vec<(usize, usize, String)> = Vec::new();
        for (place, plan) in plans.iter().enumerate() {
            let Ok(plan) = plan else { continue };
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
            let names =
                [one, other].map(|place| plans[place].as_ref().map(|plan| plan.link.to_string()).unwrap_or_default());
            for place in [one, other] {
                if let Ok(plan) = &mut plans[place] {
                    plan.findings.push(
                        Finding::new(
                            "LINK-005",
                            Severity::Blocks,
                            format!("{} and {} want different things of one step: {what}", names[0], names[1]),
                            "give both links the same subnets, groups and naming, or tell one apart by an instance",
                        )
                        .evidence(format!("step: {what}")),
                    );
                }
            }
        }
        Self { plans }
    }

    /// The steps left to do, those shared by several links once.
    pub fn pending(&self) -> impl Iterator<Item = &Step> {
        let mut seen = BTreeSet::new();
        let steps = self.plans.iter().filter_map(|plan| plan.as_ref().ok()).flat_map(|plan| &plan.steps);
        steps.filter(move |step| step.state != StepState::AlreadyDone && seen.insert(step.id.clone()))
    }

    /// When the oldest of the plans was taken.
    #[must_use]
    pub fn taken_at(&self) -> Option<SystemTime> {
        self.plans.iter().filter_map(|plan| plan.as_ref().ok()).map(|plan| plan.taken_at).min()
    }
}

/// Every step once: under the first link that needs it, with the names of the others.
impl fmt::Display for LinksPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.plans.is_empty() {
            return f.write_str("no links");
        }
        let taking_down = self.plans.iter().flatten().any(|plan| plan.direction == Direction::Removal);
        let goal = if taking_down { "take down" } else { "set up" };
        let (links, steps) = (count(self.plans.len(), "link"), count(self.pending().count(), "step"));
        write!(f, "{goal} {links}, {steps} to do")?;
        let mut sharers: BTreeMap<&StepId, Vec<&LinkName>> = BTreeMap::new();
        for plan in self.plans.iter().flatten() {
            for step in &plan.steps {
                sharers.entry(&step.id).or_default().push(&plan.link);
            }
        }
        let mut told = BTreeSet::new();
        for plan in &self.plans {
            match plan {
                Ok(plan) => write_plan(f, plan, &sharers, &mut told)?,
                Err(error) => write!(f, "\nnot planned: {error}")?,
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
    told: &mut BTreeSet<&'a StepId>,
) -> fmt::Result {
    let mut own = plan.clone();
    own.steps.clear();
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
            write!(f, "\n{}: {}, listed above", plan.link, count(plan.steps.len(), "step"))?;
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

fn count(number: usize, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
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

    fn plan(link: &str, holes: &[&str]) -> Result<Plan> {
        let mut plan = Plan::new(Direction::Setup, link.parse()?, SystemTime::UNIX_EPOCH);
        let step = |hole: &&str| {
            Step::new(SideId::new("garden"), TouchKey::new("hole", [*hole]), &Dig, format!("dig {hole}")).why("a tree")
        };
        plan.steps = holes.iter().map(step).collect();
        Ok(plan)
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
    fn a_set_without_links_says_so() {
        assert_eq!(LinksPlan::default().to_string(), "no links");
    }

    #[test]
    fn the_end_of_a_link_is_one_line() {
        let end = LinkEnd::Unplanned(Error::invalid("no such service"));
        assert_eq!(end.to_string(), "not planned: no such service");
    }
}
