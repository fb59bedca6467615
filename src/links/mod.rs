//! Many links planned and applied together.

mod plan;
mod result;

use std::borrow::Cow;
use std::collections::BTreeSet;

use futures_util::{StreamExt, stream};
use privlink_core::side::{Cx, Direction, Plan};
use privlink_core::{BoxFuture, Error, Result};

pub use self::plan::LinksPlan;
pub use self::result::LinkResult;
use crate::apply::Vetted;
use crate::plan::{Leaving, keep_what_others_use, removal, taken_away};
use crate::run::{against, needs_vetting, vetted};
use crate::{Applied, Apply, ApplyError, Link, Verdict};

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

    /// Performs what `plan` lists, steps shared by several links once; see [`Apply`].
    ///
    /// Ends as one result a link, in the order of the plans; a link that could not be planned is
    /// [`ApplyError::Unplanned`]. A deadline is counted by the first link's clock.
    pub fn apply<'a>(&'a self, plan: &'a LinksPlan) -> Apply<'a, Vec<LinkResult<Applied, ApplyError>>> {
        Apply::all(self.links.first(), Box::pin(self.vetted(plan)), move |ends| {
            let mut ends = ends.into_iter();
            let end = |of: &LinkResult<Plan>| {
                let result = match &of.result {
                    Ok(_) => ends.next().unwrap_or_else(|| {
                        let error = Error::invalid("the plan was made for another set of links");
                        Err(ApplyError::Unplanned { error })
                    }),
                    Err(error) => Err(ApplyError::Unplanned { error: error.clone() }),
                };
                LinkResult::new(of.link.clone(), result)
            };
            plan.plans.iter().map(end).collect()
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
        let numbered = self.links.iter().zip(&plan.plans).enumerate();
        let needs: Vec<_> = numbered
            .filter_map(|(number, (link, of))| {
                let plan = of.result.as_ref().ok()?;
                Some((number, link, plan, needs_vetting(link, plan)))
            })
            .collect();
        let any = |direction| {
            let mut needs = needs.iter();
            needs.any(|(_, _, plan, needs)| plan.direction == direction && matches!(needs, Ok(true)))
        };
        let setting_up = if any(Direction::Setup) { Some(self.plan().await) } else { None };
        let taking_down = if any(Direction::Removal) { Some(self.removal_plan().await) } else { None };
        let mut all = Vec::with_capacity(needs.len());
        for (number, link, plan, needs) in needs {
            let of_set = match plan.direction {
                Direction::Setup => setting_up.as_ref(),
                Direction::Removal => taking_down.as_ref(),
                _ => None,
            };
            let performed = match (needs, of_set.and_then(|set| set.plans.get(number))) {
                (Err(blocked), _) => Err(blocked),
                (Ok(false), _) => Ok(Cow::Borrowed(plan)),
                (Ok(true), Some(now)) => against(plan, now.result.clone().map(Some)),
                (Ok(true), None) => vetted(link, plan).await,
            };
            all.push((link, performed));
        }
        all
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

/// Asks up to `most` questions at a time; the answers keep the order of the questions.
async fn together<'a, T: Send>(most: usize, questions: Vec<BoxFuture<'a, Result<T>>>) -> Vec<Result<T>> {
    stream::iter(questions).buffered(most).collect().await
}
