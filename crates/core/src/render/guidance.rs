use crate::{Dated, Text};

/// What a person has to know to do a step, and the step itself does not say: for a run-book.
///
/// ```
/// use privlink_core::Dated;
/// use privlink_core::render::Guidance;
///
/// const GUIDE: &str = "https://orchard.example.com/docs/private-endpoints";
/// let guidance = Guidance::new()
///     .console(Dated::new("Trees, pear, Private endpoints, Add", GUIDE, "2026-11"))
///     .takes(Dated::new("a minute or two", GUIDE, "2026-11"))
///     .back("delete it in the same list");
/// assert_eq!(guidance.console.unwrap().value, "Trees, pear, Private endpoints, Add");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Guidance {
    /// Where people do it: the way through a console, its parts with commas between. `None` where there is none.
    pub console: Option<Dated<Text>>,
    /// How long it takes, as somebody who should know has said. `None` where nobody has; the step then has what the
    /// library counts with.
    pub takes: Option<Dated<Text>>,
    /// How it is undone by hand; empty where nothing is to be undone.
    pub back: Text,
}

impl Guidance {
    /// Nothing beyond the step yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says where people do it.
    #[must_use]
    pub fn console<T: Into<Text>>(mut self, way: Dated<T>) -> Self {
        self.console = Some(way.map(Into::into));
        self
    }

    /// Says how long it takes.
    #[must_use]
    pub fn takes<T: Into<Text>>(mut self, time: Dated<T>) -> Self {
        self.takes = Some(time.map(Into::into));
        self
    }

    /// Says how it is undone.
    #[must_use]
    pub fn back(mut self, words: impl Into<Text>) -> Self {
        self.back = words.into();
        self
    }
}
