//! Hand-over: a plan as files for people who do it with other tools.

mod bicep;
mod cloudformation;
mod files;
mod hcl;
mod markdown;
mod parts;
mod picture;
mod policy;
mod runbook;
mod shell;
mod terraform;
mod words;

use privlink_core::render::{Cost, Format, Fragment};
use privlink_core::side::{Direction, Plan, Side, Step};
use privlink_core::{Error, ErrorKind, Result};

pub use self::files::Files;
use crate::{Diagnosis, Link};

/// A step and what it is in a format; `None` where nobody has words for it.
type Rendered<'a> = (&'a Step, Option<Fragment>);

impl Link {
    /// What `plan` is in `format`: a set of files that set up exactly this link with other tools.
    ///
    /// Pure: nothing is asked and nothing is written. The files are made of the very steps that
    /// [`apply`](Self::apply) performs, by the sides that perform them, and what they make carries the same
    /// marks; so a link that was set up by them is one that [`plan`](Self::plan) finds done and
    /// [`removal_plan`](Self::removal_plan) takes down. A plan of removal is rendered too, as scripts, as a run-book, and as
    /// what to do with Terraform. What is not known before a step is done is a variable, and
    /// what only a person can do is told as such. No file holds a secret.
    ///
    /// ```
    /// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use privlink::{aws, clickhouse};
    /// # let world = privlink_sim::World::new();
    /// # let database = clickhouse::Client::over(world.transport())
    /// #     .api_key(world.clickhouse().key_id(), world.clickhouse().key_secret())
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .service(world.clickhouse().service_id().into());
    /// # let network = aws::Client::over(world.transport(), world.aws().region())
    /// #     .credentials(aws::Credentials::new(world.aws().access_key_id(), world.aws().secret_access_key()))
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .vpc(world.aws().vpc_id())
    /// #     .subnets(world.aws().subnet_ids());
    /// use privlink::{Format, Link};
    ///
    /// let link = Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).build()?;
    /// let plan = link.plan().await?;
    ///
    /// let scripts = link.render(&plan, Format::Shell)?;
    /// assert!(scripts.get("set-up.sh").is_some_and(|text| text.starts_with("#!/usr/bin/env bash")));
    ///
    /// let terraform = link.render(&plan, Format::Terraform)?;
    /// assert!(terraform.get("main.tf").is_some_and(|text| text.contains("resource \"aws_vpc_endpoint\"")));
    /// # Ok(()) }
    /// # #[cfg(not(all(feature = "clickhouse", feature = "aws")))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the plan is another link's, or blocked by a finding;
    /// [`Unsupported`](ErrorKind::Unsupported) unless it sets a link up, or takes one down and the format can say so.
    pub fn render(&self, plan: &Plan, format: Format) -> Result<Files> {
        self.check_renderable(plan, format)?;
        let sides: [&dyn Side; 2] = [&*self.inner.database, &*self.inner.network];
        match format {
            Format::Shell => shell::files(plan, &self.rendered(plan, format)?),
            Format::Terraform if plan.direction == Direction::Removal => Ok(runbook::terraform(plan)),
            Format::Terraform => terraform::files(plan, &self.rendered(plan, format)?),
            Format::CloudFormation => cloudformation::files(plan, &self.rendered(plan, format)?, &*self.inner.network),
            Format::Bicep => bicep::files(plan, &self.rendered(plan, format)?, &*self.inner.network),
            Format::Policy => policy::files(plan, sides, &self.cx()),
            Format::Mermaid => picture::mermaid(self, plan, None),
            Format::Svg => picture::svg(self, plan, None),
            Format::RunBook => {
                let (guided, scripts) = (self.rendered(plan, format)?, self.rendered(plan, Format::Shell)?);
                let between = sides.map(Side::subject);
                let between = (&*between[0], &*between[1]);
                runbook::files(plan, between, &guided, &scripts, &sides[1].id(), &self.costs(plan)?)
            }
            other => Err(Error::new(ErrorKind::Unsupported, format!("a plan cannot be rendered as {other}"))),
        }
    }

    /// What is paid for while the link of `plan` stands: who bills it, by what measure, and the page that says so.
    ///
    /// Pure, and never a bill; see [`Cost`]. A run-book has the same as a table. Nothing for a plan that sets up nothing.
    ///
    /// ```
    /// # #[cfg(all(feature = "clickhouse", feature = "aws"))]
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use privlink::{Link, aws, clickhouse};
    /// # let world = privlink_sim::World::new();
    /// # let database = clickhouse::Client::over(world.transport())
    /// #     .api_key(world.clickhouse().key_id(), world.clickhouse().key_secret())
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .service(world.clickhouse().service_id().into());
    /// # let network = aws::Client::over(world.transport(), world.aws().region())
    /// #     .credentials(aws::Credentials::new(world.aws().access_key_id(), world.aws().secret_access_key()))
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .vpc(world.aws().vpc_id())
    /// #     .subnets(world.aws().subnet_ids());
    /// # let link = Link::builder("orders-prod".parse()?, database, network).clock(world.clock()).build()?;
    /// use privlink::core::render::CostBasis;
    ///
    /// let costs = link.costs(&link.plan().await?)?;
    /// let hours = costs.iter().find(|cost| cost.basis == CostBasis::EndpointHour).unwrap();
    /// assert_eq!(hours.times, Some(2), "an endpoint in two zones");
    /// # Ok(()) }
    /// # #[cfg(not(all(feature = "clickhouse", feature = "aws")))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the plan is another link's.
    pub fn costs(&self, plan: &Plan) -> Result<Vec<Cost>> {
        self.check_own(plan)?;
        if plan.direction != Direction::Setup {
            return Ok(Vec::new());
        }
        let sides: [&dyn Side; 2] = [&*self.inner.network, &*self.inner.database];
        let cx = self.cx();
        let mut all = Vec::new();
        for side in sides {
            let own: Vec<&Step> = plan.steps.iter().filter(|step| step.side == side.id()).collect();
            all.extend(side.costs(&own, &plan.exchange, &cx)?);
        }
        Ok(all)
    }

    /// A picture of the link, [`Format::Mermaid`] or [`Format::Svg`], in which what `diagnosis` found to be
    /// broken is marked.
    ///
    /// ```
    /// # #[cfg(all(feature = "clickhouse", feature = "aws", feature = "probe"))]
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use privlink::{Link, aws, clickhouse};
    /// # let world = privlink_sim::World::new();
    /// # let database = clickhouse::Client::over(world.transport())
    /// #     .api_key(world.clickhouse().key_id(), world.clickhouse().key_secret())
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .service(world.clickhouse().service_id().into());
    /// # let network = aws::Client::over(world.transport(), world.aws().region())
    /// #     .credentials(aws::Credentials::new(world.aws().access_key_id(), world.aws().secret_access_key()))
    /// #     .clock(world.clock())
    /// #     .build()?
    /// #     .vpc(world.aws().vpc_id())
    /// #     .subnets(world.aws().subnet_ids());
    /// # let vantage = world.vantage(&world.aws().subnet_ids()[0]);
    /// # let link = Link::builder("orders-prod".parse()?, database, network)
    /// #     .clock(world.clock())
    /// #     .vantage(vantage)
    /// #     .build()?;
    /// # link.apply(&link.plan().await?).await?;
    /// # let endpoint = world.aws().endpoints()[0].id.clone();
    /// # world.clickhouse().detach(world.clickhouse().service_id(), &endpoint.into());
    /// use privlink::Format;
    ///
    /// // Somebody took the endpoint off the service's list.
    /// let diagnosis = link.diagnose().await?;
    /// let chart = link.picture(&link.plan().await?, &diagnosis, Format::Mermaid)?;
    /// assert!(chart.get("orders-prod.mmd").is_some_and(|text| text.contains("broken")));
    /// # Ok(()) }
    /// # #[cfg(not(all(feature = "clickhouse", feature = "aws", feature = "probe")))]
    /// # fn main() {}
    /// ```
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the plan is another link's;
    /// [`Unsupported`](ErrorKind::Unsupported) when `format` is no picture.
    pub fn picture(&self, plan: &Plan, diagnosis: &Diagnosis, format: Format) -> Result<Files> {
        self.check_own(plan)?;
        match format {
            Format::Mermaid => picture::mermaid(self, plan, Some(diagnosis)),
            Format::Svg => picture::svg(self, plan, Some(diagnosis)),
            other => Err(Error::new(ErrorKind::Unsupported, format!("{other} is no picture"))),
        }
    }

    fn check_own(&self, plan: &Plan) -> Result<()> {
        if plan.subject == self.subject() {
            return Ok(());
        }
        Err(Error::invalid(format!("the plan is of {}, and this link is of {}", plan.subject, self.subject())))
    }

    fn check_renderable(&self, plan: &Plan, format: Format) -> Result<()> {
        self.check_own(plan)?;
        let rendered = match plan.direction {
            Direction::Setup => true,
            Direction::Removal => matches!(format, Format::Shell | Format::Terraform | Format::RunBook),
            _ => false,
        };
        if !rendered {
            let told = format!("a plan of {} is not rendered as {format}", plan.direction);
            return Err(Error::new(ErrorKind::Unsupported, told));
        }
        match plan.blockers().next() {
            Some(finding) => Err(Error::invalid(format!("the plan is blocked by {finding}"))),
            None => Ok(()),
        }
    }

    /// Each step with what its side says of it.
    fn rendered<'a>(&self, plan: &'a Plan, format: Format) -> Result<Vec<Rendered<'a>>> {
        let cx = self.cx();
        let (database, network) = (&self.inner.database, &self.inner.network);
        let side = |step: &Step| -> Result<&dyn Side> {
            if step.side == database.id() {
                Ok(&**database)
            } else if step.side == network.id() {
                Ok(&**network)
            } else {
                Err(Error::invalid(format!("the step `{}` is of neither side of this link", step.verb)))
            }
        };
        plan.steps.iter().map(|step| Ok((step, side(step)?.render(step, &plan.exchange, &cx, format)?))).collect()
    }
}
