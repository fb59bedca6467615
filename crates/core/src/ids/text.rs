//! What the checks of text identifiers share.

use std::borrow::Cow;

/// The rule a text broke; `Ok` when it is fine.
pub(super) type Check = Result<(), Cow<'static, str>>;

/// `prefix` followed by 8 to 17 lower-case hex digits, as EC2 names its resources.
pub(super) fn prefixed_hex(text: &str, prefix: &'static str) -> Check {
    let Some(hex) = text.strip_prefix(prefix) else {
        return Err(if text.trim() == text {
            format!("it must start with `{prefix}`").into()
        } else {
            "it must not have white space around it".into()
        });
    };
    if !(8..=17).contains(&hex.len()) || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(format!("8 to 17 lower-case hex digits must follow `{prefix}`").into());
    }
    Ok(())
}

/// Lower-case letters, digits and dashes.
pub(super) fn is_lower_word(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Nothing but decimal digits, and at least one.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}
