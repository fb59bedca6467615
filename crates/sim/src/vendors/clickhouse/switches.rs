use std::num::NonZeroU32;
use std::time::Duration;

/// How the simulated ClickHouse Cloud behaves where no public source says; the first of each
/// choice is what is believed and the default.
///
/// ```
/// use privlink_sim::{OnAbsent, World};
///
/// let world = World::new();
/// world.clickhouse().switch(|switches| switches.remove_absent = OnAbsent::Reject400);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Switches {
    /// An id is added that is already on the service, or twice in one request.
    pub duplicate_add: OnDuplicate,
    /// An id is removed that is not there.
    pub remove_absent: OnAbsent,
    /// An endpoint is removed from the organization while a service still lists it.
    pub organization_remove_while_attached: OnAttached,
    /// How many reads of a service still show the lists as they were before a change.
    pub visibility_delay: u32,
    /// How long the data path takes to follow the allow list.
    pub data_path_delay: Duration,
    /// Private endpoints are asked for in an organization on the Basic tier.
    pub basic_tier: OnBasicTier,
    /// Whether Azure ids that differ only in letter case are the same.
    pub azure_id_case: IdCase,
    /// A stopped or idle service is changed.
    pub stopped_service_patch: OnStopped,
    /// A request body has a field that the API document does not know.
    pub unknown_request_fields: OnUnknownField,
    /// Every n-th answer is a gateway's HTML page with status 502 instead.
    pub html_502_every: Option<NonZeroU32>,
    /// The answer of every n-th write is lost after it took effect.
    pub drop_answer_every: Option<NonZeroU32>,
    /// Whether some answers give `status` as a float (`200.0`); the document says `number`.
    pub float_status: bool,
    /// Whether answers carry fields that the API document does not know.
    pub unknown_fields: bool,
    /// Whether answers carry values that the API document's enums do not know, in fields that
    /// private connectivity does not depend on.
    pub unknown_enum_values: bool,
    /// How long a service takes from one state to the next.
    pub transition: Duration,
    /// How long a stopped service still refuses to be deleted.
    pub delete_refused_after_stop: Duration,
    /// How long a customer's own deployment takes to show its endpoint service.
    pub byoc_delay: Duration,
    /// The budget of one key: so many requests in such a window. `None` is no limit.
    pub rate_limit: Option<(u32, Duration)>,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            duplicate_add: OnDuplicate::Reject400,
            remove_absent: OnAbsent::NoOp,
            organization_remove_while_attached: OnAttached::Reject400,
            visibility_delay: 0,
            data_path_delay: Duration::ZERO,
            basic_tier: OnBasicTier::Forbidden403,
            azure_id_case: IdCase::Exact,
            stopped_service_patch: OnStopped::Allow,
            unknown_request_fields: OnUnknownField::Reject400,
            html_502_every: None,
            drop_answer_every: None,
            float_status: true,
            unknown_fields: true,
            unknown_enum_values: true,
            transition: Duration::from_secs(30),
            delete_refused_after_stop: Duration::ZERO,
            byoc_delay: Duration::from_secs(60),
            rate_limit: Some((10, Duration::from_secs(10))),
        }
    }
}

macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vmeta])* $variant,)+
        }
    };
}

choice! {
    /// What adding an id again comes to.
    OnDuplicate {
        /// Status 400, and nothing changes.
        Reject400,
        /// Status 200, and nothing changes.
        NoOp,
    }
}

choice! {
    /// What removing an absent id comes to.
    OnAbsent {
        /// Status 200, and nothing changes.
        NoOp,
        /// Status 400, and nothing changes.
        Reject400,
    }
}

choice! {
    /// What removing an endpoint from the organization comes to while a service lists it.
    OnAttached {
        /// Status 400, and nothing changes.
        Reject400,
        /// It is taken off every service too.
        Cascade,
    }
}

choice! {
    /// What asking for private endpoints on the Basic tier comes to.
    OnBasicTier {
        /// Status 403.
        Forbidden403,
        /// Status 400.
        BadRequest400,
        /// The configuration is empty; attaching is a 400.
        EmptyConfig,
    }
}

choice! {
    /// Whether letter case tells ids apart.
    IdCase {
        /// It does.
        Exact,
        /// It does not.
        Insensitive,
    }
}

choice! {
    /// What changing a stopped or idle service comes to.
    OnStopped {
        /// It works.
        Allow,
        /// Status 409.
        Conflict409,
    }
}

choice! {
    /// What an unknown field in a request body comes to.
    OnUnknownField {
        /// Status 400, and nothing changes.
        Reject400,
        /// It is ignored.
        Ignore,
    }
}
