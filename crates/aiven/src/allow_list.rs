//! Changing whom a privatelink lets in, by an API that replaces the whole list.

use privlink_core::{Error, ErrorKind, Result};

use crate::{Consumer, Privatelink, PrivatelinkDetails};

/// A change of a privatelink's allow list: only the entries that it names.
///
/// Aiven has no call to add or remove one entry, and no way to write only if nothing has changed.
/// So the list is read right before it is written, only the named entries differ in what is sent, and it
/// is read again after: no entry that the last look before a write showed is ever lost. An entry that another
/// writer adds between that look and the write is lost; that is some milliseconds. Whoever writes the same way finds
/// it out by its own second look, and is told as this one is.
///
/// When nothing differs, nothing is sent.
#[derive(Clone, Debug)]
#[must_use = "a patch does nothing until it is sent"]
pub struct AllowListPatch {
    privatelink: Privatelink,
    add: Vec<Consumer>,
    remove: Vec<Consumer>,
}

/// What came of a change of an allow list.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AllowListOutcome {
    /// The list right before; sent back as it was but for what was named.
    pub before: Vec<String>,
    /// The privatelink after.
    pub after: PrivatelinkDetails,
    /// Whether anything was sent.
    pub changed: bool,
}

impl AllowListPatch {
    pub(crate) fn new(privatelink: Privatelink) -> Self {
        Self { privatelink, add: Vec::new(), remove: Vec::new() }
    }

    /// Lets a consumer in.
    #[expect(clippy::should_implement_trait, reason = "the word of the family's patches, beside `remove`")]
    pub fn add(mut self, consumer: impl Into<Consumer>) -> Self {
        self.add.push(consumer.into());
        self
    }

    /// Lets a consumer in no more. The last principal on AWS cannot go.
    pub fn remove(mut self, consumer: impl Into<Consumer>) -> Self {
        self.remove.push(consumer.into());
        self
    }

    /// Reads the list, sends it with what differs, and reads it again.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] before any request when a consumer is in both lists or of another cloud, and before
    /// any write when the list would become too long or too short; [`ErrorKind::NotFound`] when there
    /// is no privatelink; [`ErrorKind::Conflict`] when the list does not hold the change afterwards: somebody else
    /// wrote it at the same time, and is not overwritten.
    ///
    /// # Examples
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let world = privlink_sim::World::new();
    /// # let client = privlink_aiven::Client::over(world.transport())
    /// #     .clock(world.clock())
    /// #     .token(world.aiven().token())
    /// #     .build()?;
    /// use privlink_core::{AwsPrincipal, CloudProvider};
    ///
    /// let service = client.project("example-project".parse()?).service("orders-pg".parse()?);
    /// let link = service.privatelink(CloudProvider::Aws);
    /// let (deploy, test): (AwsPrincipal, AwsPrincipal) =
    ///     ("arn:aws:iam::123456789012:role/deploy".parse()?, "arn:aws:iam::123456789012:role/test".parse()?);
    /// link.create(&[deploy.clone().into()]).await?;
    ///
    /// let outcome = link.patch_allow_list().add(test).send().await?;
    /// assert!(outcome.changed && outcome.after.allows(&deploy.clone().into()));
    /// let again = link.patch_allow_list().add(deploy).send().await?;
    /// assert!(!again.changed, "it is there already");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(self) -> Result<AllowListOutcome> {
        self.check()?;
        let now = self.look().await?;
        let before = now.allowed.clone().unwrap_or_default();
        let wanted = self.applied_to(&before);
        if wanted == before {
            return Ok(AllowListOutcome { before, after: now, changed: false });
        }
        match self.privatelink.replace(&wanted).await {
            Ok(_) => {}
            // Whether it took effect, the list says.
            Err(error) if error.kind() == ErrorKind::OutcomeUnknown => {}
            Err(error) => return Err(error),
        }
        let after = self.look().await?;
        if self.is_in(&after) {
            return Ok(AllowListOutcome { before, after, changed: true });
        }
        let seen = after.allowed.unwrap_or_default().join(", ");
        Err(Error::new(
            ErrorKind::Conflict,
            "the list does not hold the change: somebody else wrote it at the same time",
        )
        .with_vendor(crate::dialect::VENDOR)
        .with_help(format!("find out who else writes the list, which now is: {seen}; then try again")))
    }

    async fn look(&self) -> Result<PrivatelinkDetails> {
        let there = self.privatelink.get().await?;
        there.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("the service has no privatelink in {}", self.privatelink.cloud()))
                .with_vendor(crate::dialect::VENDOR)
        })
    }

    fn check(&self) -> Result<()> {
        let cloud = self.privatelink.cloud();
        if let Some(stranger) = self.add.iter().chain(&self.remove).find(|consumer| consumer.cloud() != cloud) {
            return Err(self.privatelink.refused(format!("`{stranger}` is no consumer in {cloud}")));
        }
        match self.add.iter().find(|consumer| self.remove.contains(consumer)) {
            Some(both) => Err(self.privatelink.refused(format!("`{both}` is both to be added and to be removed"))),
            None => Ok(()),
        }
    }

    /// The list with the change and nothing else: entries keep their place and their text.
    fn applied_to(&self, before: &[String]) -> Vec<String> {
        let stays = |entry: &&String| !self.remove.iter().any(|gone| gone.is(entry));
        let mut wanted: Vec<String> = before.iter().filter(stays).cloned().collect();
        for consumer in &self.add {
            if !wanted.iter().any(|entry| consumer.is(entry)) {
                wanted.push(consumer.to_string());
            }
        }
        wanted
    }

    fn is_in(&self, link: &PrivatelinkDetails) -> bool {
        let entries = link.allowed.as_deref().unwrap_or_default();
        let listed = |consumer: &Consumer| entries.iter().any(|entry| consumer.is(entry));
        self.add.iter().all(listed) && !self.remove.iter().any(listed)
    }
}
