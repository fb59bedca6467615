use super::text::{Check, is_lower_word};

text_id! {
    /// The name a caller gives a link: a label for people, never its identity.
    ///
    /// `[a-z][a-z0-9-]{0,30}[a-z0-9]`, because it ends up in names and labels of every cloud.
    ///
    /// ```
    /// use privlink_core::LinkName;
    ///
    /// assert!("orders-prod".parse::<LinkName>().is_ok());
    /// assert!("Orders (prod)".parse::<LinkName>().is_err());
    /// ```
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
    if !is_lower_word(text) {
        return Err("only lower-case letters, digits and dashes are allowed".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_the_labels_of_every_cloud() {
        for text in ["ab", "orders-prod", "a1", &"a".repeat(32)] {
            assert!(text.parse::<LinkName>().is_ok(), "{text}");
        }
        for text in ["", "a", "1a", "-a", "a-", "A1", "a_b", "a b", "a.b", "ä1", "a/b", &"a".repeat(33)] {
            assert!(text.parse::<LinkName>().is_err(), "{text}");
        }
    }
}
