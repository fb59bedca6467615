//! A connection of Private Service Connect: how it stands with the producer, over time.

use std::time::SystemTime;

/// Where a connection stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PscStatus {
    /// Waits for the producer.
    Pending,
    /// Usable.
    Accepted,
    /// Accepted, but the producer has to do more before it serves.
    NeedsAttention,
    /// The producer refuses.
    Rejected,
    /// The producer has closed it; it never comes back.
    Closed,
    /// Another word, such as `STATUS_UNSPECIFIED` or one that no document has.
    Other(&'static str),
}

impl PscStatus {
    /// As the API writes it: `ACCEPTED`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Accepted => "ACCEPTED",
            Self::NeedsAttention => "NEEDS_ATTENTION",
            Self::Rejected => "REJECTED",
            Self::Closed => "CLOSED",
            Self::Other(word) => word,
        }
    }
}

/// What makes the connections to an attachment `ACCEPTED`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Acceptance {
    /// They are accepted by themselves, a little after they are made.
    Automatic,
    /// They are once a service of the vendor behind the attachment lists the connection's number.
    WhenListed,
    /// They are when somebody at the vendor does it.
    Manual,
}

/// A connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) id: u64,
    /// The attachment it was made to, of those that have had its name.
    pub(super) generation: u64,
    /// When it got which status, in order.
    statuses: Vec<(SystemTime, PscStatus)>,
}

impl Connection {
    /// A connection that is `PENDING` from `at` on.
    pub(super) fn new(id: u64, generation: u64, at: SystemTime) -> Self {
        Self { id, generation, statuses: vec![(at, PscStatus::Pending)] }
    }

    /// The status at a moment; none before it was made.
    pub(super) fn status_at(&self, now: SystemTime) -> Option<PscStatus> {
        self.statuses.iter().rev().find(|(at, _)| *at <= now).map(|(_, status)| *status)
    }

    /// Gives it a status from `at` on, whatever was to come after. What is closed stays closed.
    pub(super) fn turn(&mut self, at: SystemTime, status: PscStatus) {
        if self.status_at(at) == Some(PscStatus::Closed) {
            return;
        }
        self.statuses.retain(|(then, _)| *then < at);
        self.statuses.push((at, status));
    }

    /// Whether nothing but waiting lies ahead of it.
    pub(super) fn waits(&self) -> bool {
        self.statuses.iter().all(|(_, status)| *status == PscStatus::Pending)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_closed_stays_closed() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let mut connection = Connection::new(1, 1, at(10));
        assert_eq!(connection.status_at(at(9)), None);
        connection.turn(at(20), PscStatus::Accepted);
        assert_eq!(connection.status_at(at(19)), Some(PscStatus::Pending));
        assert_eq!(connection.status_at(at(20)), Some(PscStatus::Accepted));
        connection.turn(at(15), PscStatus::Closed);
        connection.turn(at(30), PscStatus::Accepted);
        assert_eq!(connection.status_at(at(40)), Some(PscStatus::Closed));
    }
}
