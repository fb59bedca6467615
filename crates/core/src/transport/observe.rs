use std::fmt;
use std::time::Duration;

use crate::ErrorKind;

/// What a [`Caller`](super::Caller) tells its observer, so that nobody stares at silence:
/// every wait and every attempt. Holds no secret.
///
/// `Display` is one line for people: `ClickHouse Cloud: instanceGet: throttled; trying again
/// in 3.2 s`.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct CallEvent<'a> {
    /// The other side.
    pub vendor: &'static str,
    /// The operation.
    pub operation: &'static str,
    /// What it is done on; may be empty.
    pub resource: &'a str,
    /// Which attempt: the first is 1.
    pub attempt: u32,
    /// What happens.
    pub stage: CallStage,
}

/// What happens in a call.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallStage {
    /// The request waits in our own queue until the budget has room.
    Queued {
        /// About how long; others who cancel make it shorter.
        wait: Duration,
    },
    /// An attempt has ended.
    Attempted {
        /// How long it took.
        took: Duration,
        /// The HTTP status, if an answer came.
        status: Option<u16>,
        /// What went wrong, if anything did.
        failed: Option<ErrorKind>,
    },
    /// It is tried again after a wait.
    Retrying {
        /// How long.
        wait: Duration,
        /// Why.
        because: ErrorKind,
    },
}

impl fmt::Display for CallEvent<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.vendor, self.operation)?;
        if !self.resource.is_empty() {
            write!(f, " on {}", self.resource)?;
        }
        match self.stage {
            CallStage::Queued { wait } => {
                write!(f, ": waiting about {:.1} s for the request budget", wait.as_secs_f64())
            }
            CallStage::Attempted { took, status, failed } => {
                write!(f, ": attempt {}", self.attempt)?;
                match failed {
                    Some(kind) => write!(f, " failed: {kind}")?,
                    None => write!(f, " succeeded")?,
                }
                if let Some(status) = status {
                    write!(f, " (HTTP {status})")?;
                }
                write!(f, " after {:.1} s", took.as_secs_f64())
            }
            CallStage::Retrying { wait, because } => {
                write!(f, ": {because}; trying again in {:.1} s", wait.as_secs_f64())
            }
        }
    }
}

/// Hears [`CallEvent`]s. Every closure that fits is one.
pub trait Observer: Send + Sync {
    /// Hears `event`. Called on the way, so it must be quick and must not block.
    fn event(&self, event: &CallEvent<'_>);
}

impl<F: Fn(&CallEvent<'_>) + Send + Sync> Observer for F {
    fn event(&self, event: &CallEvent<'_>) {
        self(event);
    }
}
