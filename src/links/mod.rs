//! Many links planned and applied together.

mod plan;
mod result;

use std::borrow::Cow;
use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use privlink_core::side::{Cx, Direction, Plan};
use privlink_core::{BoxFuture, Finding, Result, Severity};

pub use self::plan::LinksPlan;
pub use self::result::LinkResult;
use crate::apply::Vetted;
use crate::inventory::Standing;
use crate::plan::{Leaving, keep_what_others_use, removal, taken_away};
use crate::run::{against, needs_vetting, vetted};
use crate::{Applied, Apply, ApplyError, Inventory, Link, Verdict};

/// How many links are read at the same time; the limiter of each credential paces them anyway.
const READ_AT_ONCE: usize = 256;

/// How many links are proved at the same time; each takes some sockets.
const PROVED_AT_ONCE: usize = 32;

/// A set of links that share limits, look-ups and whatever they both need.
///
/// Equal steps are performed once: services behind one endpoint service share the endpoint, a
/// zone is made once. One broken link does not stop the others.
///
/// All links of a set should use clones of one client per vendor and cloud, so that they share
/// connections and the limiter.
///
/// To take one link out of a set and down, use the link itself: [`get`](Self::get) it, then
/// [`Link::removal_plan`] and [`Link::apply`]; what the others use stays. A link that is merely left out of the
/// next set stays as it is.
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
/// for end in links.apply(&plan).observe(|event| println!("{event}")).await {
///     println!("{end}");
///     assert!(end.result.is_ok());
/// }
/// assert!(links.plan().await.is_done());
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

    /// The link of that name; the first one where several have it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Link> {
        self.links.iter().find(|link| link.name().as_str() == name)
    }

    /// Reads all sides and says what has to be done for each link. Changes nothing.
    ///
    /// A link that cannot be read has its error in its place; the others are planned.
    pub async fn plan(&self) -> LinksPlan {
        let mut questions: Vec<BoxFuture<'_, Result<Plan>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            questions.push(Box::pin(async move { link.plan_in(&cx).await }));
        }
        self.planned(together(READ_AT_ONCE, questions).await)
    }

    /// Reads all sides and says how to take down what is ours of each link. Changes nothing.
    ///
    /// What several links of the set share goes with the last of them; what others still use
    /// stays.
    pub async fn removal_plan(&self) -> LinksPlan {
        let mut questions: Vec<BoxFuture<'_, Result<Leaving>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            let inner = &link.inner;
            questions.push(Box::pin(async move { removal(&*inner.database, &*inner.network, &cx).await }));
        }
        let leavings = together(READ_AT_ONCE, questions).await;
        let going: BTreeSet<_> = leavings
            .iter()
            .filter_map(|leaving| leaving.as_ref().ok())
            .flat_map(|leaving| taken_away(&leaving.steps).cloned())
            .collect();
        let plans = leavings.into_iter().zip(&self.links).map(|(leaving, link)| {
            leaving.map(|mut leaving| {
                keep_what_others_use(&mut leaving, &going);
                link.removal_from(leaving)
            })
        });
        self.planned(plans.collect())
    }

    /// What of each link exists now, as [`Link::inventory`] tells it: one result a link, in the order given. What
    /// only links of this set share is among the things of each. Changes nothing.
    pub async fn inventory(&self) -> Vec<LinkResult<Inventory>> {
        let mut questions: Vec<BoxFuture<'_, Result<Standing>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            questions.push(Box::pin(async move { link.standing(&cx).await }));
        }
        let standing = together(READ_AT_ONCE, questions).await;
        let going: BTreeSet<_> = standing.iter().flatten().flat_map(Standing::going).cloned().collect();
        let inventories = standing.into_iter().zip(&self.links);
        self.named(inventories.map(|(standing, link)| Ok(link.inventory_of(standing?, &going))).collect())
    }

    /// Performs what `plan` lists, steps shared by several links once; see [`Apply`].
    ///
    /// Each plan belongs to the link that joins the same, of the same name where several do, wherever it stands in
    /// the set. Where there is none the plan is another set's: nothing of it is performed (`LINK-006`). A link of the
    /// set without a plan is left alone.
    ///
    /// Ends as one result a link, in the order of the plans; a link that could not be planned is
    /// [`ApplyError::Unplanned`]. A deadline is counted by the first link's clock.
    pub fn apply<'a>(&'a self, plan: &'a LinksPlan) -> Apply<'a, Vec<LinkResult<Applied, ApplyError>>> {
        Apply::all(self.links.first(), Box::pin(self.vetted(plan)), move |ends| {
            let mut ends = ends.into_iter();
            // One end for each plan that could be made, in their order.
            let ends = plan.plans.iter().filter_map(|of| {
                let result = match &of.result {
                    Ok(_) => ends.next()?,
                    Err(error) => Err(ApplyError::Unplanned { error: error.clone() }),
                };
                Some(LinkResult::new(of.link.clone(), result))
            });
            ends.collect()
        })
    }

    /// Proves every link, some at a time, as [`Link::verify`] does: one result a link, in the order given.
    ///
    /// What does not hold is in a verdict; an error is a link that could not be proved at all.
    pub async fn verify(&self) -> Vec<LinkResult<Verdict>> {
        let mut questions: Vec<BoxFuture<'_, Result<Verdict>>> = Vec::with_capacity(self.links.len());
        for (link, cx) in self.contexts() {
            questions.push(Box::pin(async move { link.verify_in(&cx).await }));
        }
        self.named(together(PROVED_AT_ONCE, questions).await)
    }

    /// What is performed of each plan that could be made: those that were stored are held against
    /// what the set would do now.
    async fn vetted<'a>(&'a self, plan: &'a LinksPlan) -> Vec<Vetted<'a>> {
        let fits = match self.fitting(plan) {
            Ok(fits) => fits,
            Err(finding) => {
                let blocked = || Err(ApplyError::Blocked { findings: vec![(*finding).clone()] });
                return plan.made().map(|_| blocked()).collect();
            }
        };
        // What the links that the plan is about would do by themselves: what others need stays.
        let set: Self = fits.iter().map(|(number, _)| self.links[*number].clone()).collect();
        let needs: Vec<_> = fits
            .into_iter()
            .map(|(number, plan)| (&self.links[number], plan, needs_vetting(&self.links[number], plan)))
            .collect();
        let any = |direction| {
            let mut needs = needs.iter();
            needs.any(|(_, plan, needs)| plan.direction == direction && matches!(needs, Ok(true)))
        };
        let setting_up = if any(Direction::Setup) { Some(set.plan().await) } else { None };
        let taking_down = if any(Direction::Removal) { Some(set.removal_plan().await) } else { None };
        let mut all = Vec::with_capacity(needs.len());
        for (place, (link, plan, needs)) in needs.into_iter().enumerate() {
            let of_set = match plan.direction {
                Direction::Setup => setting_up.as_ref(),
                Direction::Removal => taking_down.as_ref(),
                _ => None,
            };
            let performed = match (needs, of_set.and_then(|set| set.plans.get(place))) {
                (Err(blocked), _) => Err(blocked),
                (Ok(false), _) => Ok(Cow::Borrowed(plan)),
                (Ok(true), Some(now)) => against(plan, now.result.clone().map(Some)),
                (Ok(true), None) => vetted(link, plan).await,
            };
            all.push(performed.map(|plan| (link, plan)));
        }
        all
    }

    /// The link of each plan that could be made, by its number; a finding where a plan has none.
    fn fitting<'p>(&self, plan: &'p LinksPlan) -> Result<Vec<(usize, &'p Plan)>, Box<Finding>> {
        let subjects: Vec<_> = self.links.iter().map(Link::subject).collect();
        let joins = |number: usize, plan: &Plan| subjects[number] == plan.subject;
        let named = |number: usize, plan: &Plan| *self.links[number].name() == plan.link;
        let mut free: BTreeSet<usize> = (0..self.links.len()).collect();
        let mut found: Vec<(Option<usize>, &Plan)> = Vec::new();
        // Those of the same name first: what is left was renamed.
        for plan in plan.made() {
            let number = free.iter().copied().find(|number| joins(*number, plan) && named(*number, plan));
            number.map(|number| free.remove(&number));
            found.push((number, plan));
        }
        let mut strays = Vec::new();
        for (number, plan) in &mut found {
            if number.is_none() {
                *number = free.iter().copied().find(|number| joins(*number, plan));
                number.map(|number| free.remove(&number));
            }
            if number.is_none() {
                strays.push(*plan);
            }
        }
        if !strays.is_empty() {
            return Err(Box::new(other_set(&strays)));
        }
        Ok(found.into_iter().filter_map(|(number, plan)| Some((number?, plan))).collect())
    }

    /// The plans of the set, remembered as made here.
    fn planned(&self, plans: Vec<Result<Plan>>) -> LinksPlan {
        let plan = LinksPlan::merged(self.named(plans));
        for (link, of) in self.links.iter().zip(&plan.plans) {
            if let Ok(plan) = &of.result {
                link.inner.made.note(plan);
            }
        }
        plan
    }

    fn named<T>(&self, results: Vec<Result<T>>) -> Vec<LinkResult<T>> {
        let links = self.links.iter().map(|link| link.name().clone());
        links.zip(results).map(|(link, result)| LinkResult::new(link, result)).collect()
    }

    /// The context of every link: one clock, one memo of reads.
    fn contexts(&self) -> impl Iterator<Item = (&Link, Cx)> {
        let shared = self.links.first().map(|first| first.cx().with_breadth(self.links.len()));
        self.links.iter().filter_map(move |link| Some((link, link.cx_in(shared.as_ref()?))))
    }
}

impl FromIterator<Link> for Links {
    fn from_iter<I: IntoIterator<Item = Link>>(links: I) -> Self {
        Self::new(links)
    }
}

/// A plan for other links is not performed at all: what others of its set share with them would be missing.
fn other_set(strays: &[&Plan]) -> Finding {
    let finding = Finding::new(
        "LINK-006",
        Severity::Blocks,
        "the plan was made for another set of links",
        "apply it with the set it was made for, or plan this one",
    );
    let told =
        |plan: &&Plan| format!("no link of the set fits the plan of {}, which joins {}", plan.link, plan.subject);
    strays.iter().map(told).fold(finding, Finding::evidence)
}

/// Asks up to `most` questions at a time; the answers keep the order of the questions.
async fn together<'a, T: Send>(most: usize, questions: Vec<BoxFuture<'a, Result<T>>>) -> Vec<Result<T>> {
    stream::iter(questions).buffered(most).collect().await
}
