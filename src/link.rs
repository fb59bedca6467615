//! One link: a database and a network, set up, proved and taken down.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use privlink_core::side::{Cx, DatabaseSide, Direction, EndpointFacts, Exchange, NetworkSide, Plan, Vantage};
use privlink_core::{Clock, Error, LinkName, PrivateEndpointId, Result, SystemClock, Text};

use crate::apply::Apply;
use crate::plan;
use crate::run::Made;

/// A link between one database and one network in one region.
///
/// Cheap to clone. Holds no state of its own: everything is read from the two sides, so any
/// process can plan, apply, resume or take down the same link.
///
/// The smallest whole program, in a simulated world; with `from_env` clients it is the real one:
///
/// ```
/// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use privlink::{Link, aws, clickhouse};
///
/// let world = privlink_sim::World::new();
/// let database = clickhouse::Client::over(world.transport())
///     .api_key(world.clickhouse().key_id(), world.clickhouse().key_secret())
///     .clock(world.clock())
///     .build()?
///     .service(world.clickhouse().service_id().into());
/// let network = aws::Client::over(world.transport(), world.aws().region())
///     .credentials(aws::Credentials::new(world.aws().access_key_id(), world.aws().secret_access_key()))
///     .clock(world.clock())
///     .build()?
///     .vpc(world.aws().vpc_id())
///     .subnets(world.aws().subnet_ids());
/// let link = Link::builder("orders-prod".parse()?, database, network)
///     .clock(world.clock())
///     .vantage(world.vantage(&world.aws().subnet_ids()[0]))
///     .build()?;
///
/// let plan = link.plan().await?;
/// link.apply(&plan).await?;
/// assert!(link.verify().await?.proved);
/// assert!(link.plan().await?.is_done(), "a second run has nothing to do");
///
/// let removal = link.removal_plan().await?;
/// link.apply(&removal).await?;
/// assert!(world.aws().endpoints().is_empty());
/// # Ok(()) }
/// # #[cfg(not(all(feature = "clickhouse", feature = "aws")))]
/// # fn main() {}
/// ```
#[derive(Clone)]
pub struct Link {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) name: LinkName,
    pub(crate) instance: Text,
    pub(crate) database: Arc<dyn DatabaseSide>,
    pub(crate) network: Arc<dyn NetworkSide>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) vantage: Option<Arc<dyn Vantage>>,
    /// The plans it made in this process.
    pub(crate) made: Made,
}

impl Link {
    /// Starts a link called `name` between `database` and `network`.
    ///
    /// The name is a label for people; the things a link makes are found by what they touch,
    /// so a renamed link finds them again.
    pub fn builder(
        name: LinkName,
        database: impl DatabaseSide + 'static,
        network: impl NetworkSide + 'static,
    ) -> LinkBuilder {
        Self::between(name, Arc::new(database), Arc::new(network))
    }

    /// The same as [`builder`](Self::builder) with sides whose vendor and cloud are chosen while the program runs.
    pub fn between(name: LinkName, database: Arc<dyn DatabaseSide>, network: Arc<dyn NetworkSide>) -> LinkBuilder {
        let clock = Arc::new(SystemClock::new());
        LinkBuilder { name, instance: Text::default(), database, network, clock, vantage: None }
    }

    /// The link's name.
    #[must_use]
    pub fn name(&self) -> &LinkName {
        &self.inner.name
    }

    /// Reads both sides and says what has to be done, in order. Changes nothing.
    ///
    /// What cannot work is a finding in the plan, not an error.
    ///
    /// # In two parts
    /// Some vendors make their endpoint service on request, as CockroachDB Cloud does on the plan
    /// Advanced. What a network does is named after that service, so it can be told, and agreed to,
    /// only once there is one. Others, as Zilliz Cloud, give private names out only once an endpoint is let in, and
    /// records are named after them. The plan then has [`Plan::later`], and applying it ends with
    /// [`Applied::plan_again`](crate::Applied::plan_again). A loop serves every vendor, and asks for each
    /// plan's own consent:
    ///
    /// ```
    /// # #[cfg(all(feature = "cockroach", feature = "aws"))]
    /// # mod hidden {
    /// # use privlink::{Link, aws, cockroach};
    /// # use privlink_sim::{CockroachClusterSpec, World};
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = World::new();
    /// # let cloud = world.aws();
    /// # let spec = CockroachClusterSpec::new("brandnew", privlink::CloudProvider::Aws, cloud.region());
    /// # let id = world.cockroach().add_cluster(spec);
    /// # let database = cockroach::Client::over(world.transport())
    /// #     .api_key(world.cockroach().api_key())
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .cluster(id.into());
    /// # let network = aws::Client::over(world.transport(), cloud.region())
    /// #     .credentials(aws::Credentials::new(cloud.access_key_id(), cloud.secret_access_key()))
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .vpc(cloud.vpc_id())
    /// #     .subnets(cloud.subnet_ids());
    /// # let link = Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).build()?;
    /// let applied = loop {
    ///     let plan = link.plan().await?;
    ///     println!("{plan}");
    ///     let applied = link.apply(&plan).await?;
    ///     if !applied.plan_again {
    ///         break applied;
    ///     }
    /// };
    /// println!("connect to {}", applied.names()[0]);
    /// # assert_eq!(world.cockroach().connected(id).len(), 1);
    /// # Ok(())
    /// # }
    /// # }
    /// # #[cfg(all(feature = "cockroach", feature = "aws"))]
    /// # hidden::main().unwrap();
    /// ```
    ///
    /// # Errors
    /// When a side cannot be read.
    pub async fn plan(&self) -> Result<Plan> {
        let plan = self.plan_in(&self.cx()).await?;
        self.inner.made.note(&plan);
        Ok(plan)
    }

    /// Reads both sides and says how to take down what is ours. Changes nothing.
    ///
    /// Works when the database is gone already, and when the vendor's keys are: then its
    /// entries are left as they are, and a finding says so. What others use, or what is not
    /// ours, stays and is listed in [`Plan::kept`].
    ///
    /// # Errors
    /// When the network cannot be read, or the vendor fails in a way that may pass.
    pub async fn removal_plan(&self) -> Result<Plan> {
        let cx = self.cx();
        let mut leaving = plan::removal(&*self.inner.database, &*self.inner.network, &cx).await?;
        let going: BTreeSet<_> = plan::taken_away(&leaving.steps).cloned().collect();
        plan::keep_what_others_use(&mut leaving, &going);
        let plan = self.removal_from(leaving);
        self.inner.made.note(&plan);
        Ok(plan)
    }

    /// Performs what `plan` lists; see [`Apply`], and [`Run`](crate::Run) for one step at a time.
    ///
    /// A plan that was stored, or changed, says what was agreed to: the sides are asked again, and
    /// what they would do now is performed where it is the same. Otherwise nothing is, and the
    /// error has the finding `LINK-010` and the new plan.
    ///
    /// A second run changes nothing, an interrupted one resumes; see [Stopping](Apply#stopping).
    pub fn apply<'a>(&'a self, plan: &'a Plan) -> Apply<'a> {
        Apply::one(self, plan)
    }

    /// Takes an existing endpoint in: marks it as this link's, so that plans use it.
    ///
    /// The database's side is asked first, because only an endpoint to its own endpoint service
    /// is of use. Taking the link down takes the marks off again; the endpoint stays.
    ///
    /// # Errors
    /// When the database's side cannot be read;
    /// [`NotFound`](privlink_core::ErrorKind::NotFound) when there is no such endpoint in this
    /// network; [`Conflict`](privlink_core::ErrorKind::Conflict) when it leads to another
    /// service, which the message names, or is marked for something else.
    pub async fn adopt(&self, endpoint: impl Into<PrivateEndpointId>) -> Result<EndpointFacts> {
        let (cx, asked) = (self.cx(), Exchange::new());
        let known = self.inner.database.survey(&asked, &cx).await?.known;
        self.inner.network.adopt(&endpoint.into(), &known, &cx).await
    }

    /// What the link joins, as its plans carry it.
    pub(crate) fn subject(&self) -> Text {
        let Inner { database, network, instance, .. } = &*self.inner;
        format!("{}|{}|{instance}", database.subject(), network.subject()).into()
    }

    /// A plan of this link without steps yet.
    pub(crate) fn blank(&self, direction: Direction) -> Plan {
        let mut plan = Plan::new(direction, self.inner.name.clone(), self.inner.clock.now());
        plan.subject = self.subject();
        plan
    }

    pub(crate) fn cx(&self) -> Cx {
        let Inner { name, instance, database, network, clock, .. } = &*self.inner;
        Cx::new(name.clone(), instance.clone(), clock.clone()).between(database.subject(), network.subject())
    }

    /// The context of this link in the run of a set, sharing its clock and its memo.
    pub(crate) fn cx_in(&self, run: &Cx) -> Cx {
        let Inner { name, instance, database, network, .. } = &*self.inner;
        run.for_link(name.clone(), instance.clone()).between(database.subject(), network.subject())
    }

    pub(crate) async fn plan_in(&self, cx: &Cx) -> Result<Plan> {
        let surveyed = plan::survey(&*self.inner.database, &*self.inner.network, cx).await?;
        Ok(self.plan_from(surveyed))
    }

    /// The plan of what both sides said.
    pub(crate) fn plan_from(&self, mut surveyed: plan::Surveyed) -> Plan {
        let mut plan = self.blank(Direction::Setup);
        let mut steps = std::mem::take(&mut surveyed.network.steps);
        steps.append(&mut surveyed.database.steps);
        let blocked = surveyed.findings.iter().any(|f| f.severity == privlink_core::Severity::Blocks);
        let (steps, later) = plan::first_part(steps, &surveyed.known);
        let untold = [surveyed.network.later.take(), surveyed.database.later.take()].into_iter().flatten();
        let (steps, trouble) = plan::ordered(Direction::Setup, steps, &surveyed.known);
        plan.steps = steps;
        // What a side will tell after its steps is to be planned only if some are left.
        let untold = untold.filter(|_| !plan.is_done());
        plan.later = later.into_iter().chain(untold).reduce(|one, other| format!("{one}; {other}").into());
        plan.findings = surveyed.findings;
        if !blocked {
            // With a cause found already, steps without a provider are its consequence.
            plan.findings.extend(trouble);
        }
        plan.exchange = surveyed.known;
        plan.rounds = surveyed.rounds;
        plan
    }

    pub(crate) fn removal_from(&self, leaving: plan::Leaving) -> Plan {
        let mut plan = self.blank(Direction::Removal);
        let (steps, trouble) = plan::ordered(Direction::Removal, leaving.steps, &leaving.surveyed.known);
        plan.steps = steps;
        plan.findings = leaving.surveyed.findings;
        plan.findings.extend(trouble);
        plan.kept = leaving.kept;
        plan.exchange = leaving.surveyed.known;
        plan.rounds = leaving.surveyed.rounds;
        plan
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link")
            .field("name", &self.inner.name)
            .field("instance", &self.inner.instance)
            .field("database", &self.inner.database)
            .field("network", &self.inner.network)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Link`].
#[must_use]
pub struct LinkBuilder {
    name: LinkName,
    instance: Text,
    database: Arc<dyn DatabaseSide>,
    network: Arc<dyn NetworkSide>,
    clock: Arc<dyn Clock>,
    vantage: Option<Arc<dyn Vantage>>,
}

impl LinkBuilder {
    /// Tells this link apart from another one between the same network and endpoint service,
    /// which otherwise share the endpoint. At most 32 characters of `[a-z0-9-]`.
    pub fn instance(mut self, instance: impl Into<Text>) -> Self {
        self.instance = instance.into();
        self
    }

    /// Sets the clock; the machine's unless set.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Sets from where [`Link::verify`] looks; with the feature `probe` the machine the
    /// program runs on unless set.
    pub fn vantage(mut self, vantage: impl Vantage + 'static) -> Self {
        self.vantage = Some(Arc::new(vantage));
        self
    }

    /// The link.
    ///
    /// # Errors
    /// [`InvalidInput`](privlink_core::ErrorKind::InvalidInput) when the instance label is not
    /// of its form.
    pub fn build(self) -> Result<Link> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.instance.len() > 32 || !self.instance.chars().all(fits) {
            return Err(Error::invalid(format!(
                "`{}` is not an instance label: at most 32 lower-case letters, digits and dashes",
                self.instance.escape_debug()
            )));
        }
        let Self { name, instance, database, network, clock, vantage } = self;
        Ok(Link { inner: Arc::new(Inner { name, instance, database, network, clock, vantage, made: Made::default() }) })
    }
}

impl fmt::Debug for LinkBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkBuilder")
            .field("name", &self.name)
            .field("instance", &self.instance)
            .field("database", &self.database)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}
