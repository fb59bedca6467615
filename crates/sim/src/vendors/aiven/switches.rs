use std::num::NonZeroU32;
use std::time::Duration;

/// How the simulated Aiven behaves where no public source says, or more than one thing has been
/// seen.
///
/// ```
/// use privlink_sim::World;
///
/// let world = World::new();
/// world.aiven().switch(|switches| switches.unset = privlink_sim::AivenUnset::Missing);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Switches {
    /// How long a privatelink is `creating`.
    pub creating: Duration,
    /// How long it is `creating` again after its list was replaced.
    pub updating: Duration,
    /// How long it is `deleting`.
    pub deleting: Duration,
    /// Whether privatelinks never become active, as on Azure when the service was moving.
    pub stuck_creating: bool,
    /// How long after a refresh its findings show.
    pub refresh_lag: Duration,
    /// How long after AWS shows an endpoint available its connection is `connected`, before it is `active`.
    pub aws_connected: Duration,
    /// Whether Google's connections are `connected` for one refresh before they are `active`.
    pub google_connected: bool,
    /// Whether Azure's connections are `connected` for one refresh more after their address was told.
    pub azure_connected: bool,
    /// How long it takes until a component that was switched on is reached.
    pub access_takes: Duration,
    /// How long a privatelink on Azure is rebuilt when a component is switched; it is `creating` meanwhile.
    pub azure_rebuild: Duration,
    /// How many `POST`s answer that the service does not exist.
    pub unknown_to_writes: u32,
    /// How many lists do not show the connections.
    pub lists_empty: u32,
    /// How fields without a value are written.
    pub unset: Unset,
    /// Whether connections and components leave out the connection's id.
    pub without_connection_ids: bool,
    /// How many deletions are refused, and with which status: 409 or 417.
    pub deletions_refused: (u32, u16),
    /// Whether the port that Kafka advertises is outside of the brokers' range.
    pub kafka_port_outside: bool,
    /// Whether answers carry fields that the API document does not know.
    pub unknown_fields: bool,
    /// A word that no document has, in place of the states of privatelinks and connections.
    pub unknown_state: Option<&'static str>,
    /// Every n-th answer is a 429 with a wait.
    pub throttle_every: Option<NonZeroU32>,
    /// Whether creating on Google Cloud is refused without a body, as it once was.
    pub google_wants_body: bool,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            creating: Duration::from_secs(60),
            updating: Duration::from_secs(5),
            deleting: Duration::from_secs(30),
            stuck_creating: false,
            refresh_lag: Duration::from_secs(2),
            aws_connected: Duration::from_secs(5),
            google_connected: true,
            azure_connected: false,
            access_takes: Duration::from_secs(20),
            azure_rebuild: Duration::from_secs(15),
            unknown_to_writes: 0,
            lists_empty: 0,
            unset: Unset::Null,
            without_connection_ids: false,
            deletions_refused: (0, 409),
            kafka_port_outside: false,
            unknown_fields: true,
            unknown_state: None,
            throttle_every: None,
            google_wants_body: false,
        }
    }
}

/// How a field without a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unset {
    /// As `null`.
    Null,
    /// Not at all.
    Missing,
    /// As an empty text.
    Empty,
}
