//! What is read alike everywhere.

use privlink_core::{ErrorKind, Result};
use serde_json::Value;

/// What is not there needs no taking away.
pub(crate) fn gone(answer: Result<Value>) -> Result<()> {
    match answer {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A text of the vendor's or of a user's, short enough to stand in a line.
pub(crate) fn brief(text: &str) -> String {
    const MOST: usize = 80;
    let mut brief: String = text.chars().take(MOST).flat_map(char::escape_debug).collect();
    if text.chars().nth(MOST).is_some() {
        brief.push('…');
    }
    brief
}
