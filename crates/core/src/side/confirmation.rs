use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What only a person can say, and a waiting step wants to know: that support has answered a ticket, that something
/// was entered by hand. Clones are the same confirmation, so that a running apply hears it.
///
/// Nothing of it is stored: another process makes it with [`Confirmation::given`].
///
/// ```
/// use privlink_core::side::Confirmation;
///
/// let answered = Confirmation::new();
/// let asked_by_the_side = answered.clone();
/// assert!(!asked_by_the_side.is_given());
/// answered.give();
/// assert!(asked_by_the_side.is_given());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Confirmation {
    given: Arc<AtomicBool>,
}

impl Confirmation {
    /// One that is still to be given.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One that is given already.
    #[must_use]
    pub fn given() -> Self {
        let confirmation = Self::new();
        confirmation.give();
        confirmation
    }

    /// Gives it; it cannot be taken back.
    pub fn give(&self) {
        self.given.store(true, Ordering::Release);
    }

    /// Whether it is given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.given.load(Ordering::Acquire)
    }
}
