//! The data path of the program: opened, and described to whoever reads what it prints.

use std::path::Path;

use privlink_sim::World;
use serde_json::Value;

#[cfg(feature = "data-path")]
pub(crate) use with::Reach;
#[cfg(not(feature = "data-path"))]
pub(crate) use without::Reach;

/// Opens the data path of a machine in the first AWS subnet; the authority's certificate goes to
/// `file`.
pub(crate) async fn open(world: &World, file: &Path) -> Result<Reach, String> {
    Reach::open(world, file).await
}

#[cfg(feature = "data-path")]
mod with {
    use privlink_sim::DataPath;

    use super::{Path, Value, World};

    pub(crate) struct Reach {
        path: DataPath,
        file: String,
    }

    impl Reach {
        pub(super) async fn open(world: &World, file: &Path) -> Result<Self, String> {
            let subnet = world.aws().subnet_ids().into_iter().next().ok_or("the world has no subnet")?;
            let path = world.serve_data_path(&subnet).await.map_err(|error| format!("no data path: {error}"))?;
            std::fs::write(file, path.authority())
                .map_err(|error| format!("cannot write to {}: {error}", file.display()))?;
            let file = std::path::absolute(file).map_err(|error| format!("{}: {error}", file.display()))?;
            Ok(Self { path, file: file.display().to_string() })
        }

        pub(crate) fn describe(&self, facts: &mut Value) {
            facts["dns"] = serde_json::json!({ "address": self.path.resolver() });
            facts["ca_pem"] = self.path.authority().into();
        }

        pub(crate) fn variables(&self) -> String {
            format!("PRIVLINK_NAME_SERVER={}\nPRIVLINK_CA_FILE={}\n", self.path.resolver(), self.file)
        }
    }
}

#[cfg(not(feature = "data-path"))]
mod without {
    use super::{Path, Value, World};

    /// There is none.
    pub(crate) enum Reach {}

    impl Reach {
        pub(super) async fn open(_: &World, _: &Path) -> Result<Self, String> {
            Err("this program was built without the feature `data-path`".to_owned())
        }

        pub(crate) fn describe(&self, _: &mut Value) {
            match *self {}
        }

        pub(crate) fn variables(&self) -> String {
            match *self {}
        }
    }
}
