//! The fuzz targets as functions of bytes: each panics when a promise is broken.

mod ids;
mod names;
mod patch;

pub use ids::ids;
pub use names::names;
pub use patch::patch;
