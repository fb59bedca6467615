//! The fuzz targets as functions of bytes: each panics when a promise is broken.

mod arm;
mod google;
mod ids;
mod names;
mod patch;
mod script;
mod xml;

pub use arm::arm;
pub use google::google;
pub use ids::ids;
pub use names::names;
pub use patch::patch;
pub use xml::xml;
