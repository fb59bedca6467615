use super::text::Check;

text_id! {
    /// The name a caller gives a link: a label for people, never its identity.
    ///
    /// `[a-z][a-z0-9-]{0,30}[a-z0-9]`, because it ends up in names and labels of every cloud.
    pub struct LinkName: "link name", check_link;
}

fn check_link(text: &str) -> Check {
    if !(2..=32).contains(&text.len()) {
        return Err("it must have 2 to 32 characters".into());
    }
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Err("it must start with a lower-case letter".into());
    }
    if text.ends_with('-') {
        return Err("it must not end in a dash".into());
    }
    if !text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        return Err("only lower-case letters, digits and dashes are allowed".into());
    }
    Ok(())
}
