//! The fuzz targets as functions of bytes: each panics when a promise is broken.

mod ids;
mod names;
mod patch;
mod xml;

pub use ids::ids;
pub use names::names;
pub use patch::patch;
pub use xml::xml;
