use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Files by their names, none of which names a directory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Files {
    files: BTreeMap<String, String>,
}

impl Files {
    pub(super) fn with(mut self, name: impl Into<String>, text: impl Into<String>) -> Self {
        self.files.insert(name.into(), text.into());
        self
    }

    /// The text of one file.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(String::as_str)
    }

    /// Names and texts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Writes them into a directory, which is made where it lacks. Files of the same names are
    /// replaced, others are left; scripts may be run by their owner.
    ///
    /// # Errors
    /// When the directory or a file cannot be written.
    pub fn write_to(&self, directory: impl AsRef<Path>) -> io::Result<()> {
        let directory = directory.as_ref();
        std::fs::create_dir_all(directory)?;
        for (name, text) in &self.files {
            let path = directory.join(name);
            std::fs::write(&path, text)?;
            #[cfg(unix)]
            if name.ends_with(".sh") {
                use std::os::unix::fs::PermissionsExt;

                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
            }
        }
        Ok(())
    }
}
