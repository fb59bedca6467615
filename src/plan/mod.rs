//! Planning: reading both sides, ordering their steps, and the way back.

mod order;
mod removal;
mod survey;

#[cfg(feature = "render")]
pub(crate) use order::is_early;
pub(crate) use order::{first_part, follows, ordered};
pub(crate) use removal::{
    Leaving, keep_what_others_use, others_use_it, removal, side_of, still_reached, still_used, taken_away,
};
pub(crate) use survey::{Surveyed, survey, survey_what_can_be};
