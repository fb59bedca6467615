//! The identifiers of Aiven: names and opaque texts that must not be taken for one another.

privlink_core::text_id! {
    /// An Aiven project, by its name: at most 63 characters.
    ///
    /// ```
    /// use privlink_aiven::ProjectName;
    ///
    /// assert!("example-project".parse::<ProjectName>().is_ok());
    /// assert!("".parse::<ProjectName>().is_err());
    /// assert!("--help".parse::<ProjectName>().is_err());
    /// ```
    pub struct ProjectName: "Aiven project name", |text: &str| check(text, 63, "it must have 1 to 63 characters");
}

privlink_core::text_id! {
    /// An Aiven service, which is one database, by its name within its project: at most 64
    /// characters.
    ///
    /// ```
    /// use privlink_aiven::ServiceName;
    ///
    /// assert!("orders-pg".parse::<ServiceName>().is_ok());
    /// assert!(" orders-pg".parse::<ServiceName>().is_err(), "white space was copied along");
    /// ```
    pub struct ServiceName: "Aiven service name", |text: &str| check(text, 64, "it must have 1 to 64 characters");
}

privlink_core::text_id! {
    /// A connection of a privatelink: opaque, `plc` and some hex digits in every sample. It is
    /// Aiven's, not the cloud's: an endpoint that is made anew gets another one.
    ///
    /// ```
    /// use privlink_aiven::ConnectionId;
    ///
    /// assert!("plc39413abcdef".parse::<ConnectionId>().is_ok());
    /// assert!("plc 1".parse::<ConnectionId>().is_err());
    /// ```
    pub struct ConnectionId: "Aiven privatelink connection id", check_connection;
}

fn check(text: &str, most: usize, length: &'static str) -> Result<(), &'static str> {
    if text.is_empty() || text.chars().count() > most {
        return Err(length);
    }
    if text.trim() != text {
        return Err("it must not have white space around it");
    }
    if text.starts_with('-') {
        return Err("it must not begin with a dash, which a command line takes for an option");
    }
    // Encoded as one segment, a dot alone would still climb.
    if text.chars().any(char::is_control) || matches!(text, "." | "..") {
        return Err("it must be a name that can stand in a path");
    }
    Ok(())
}

fn check_connection(text: &str) -> Result<(), &'static str> {
    if text.contains(char::is_whitespace) {
        return Err("it must not hold white space");
    }
    check(text, 128, "it must have 1 to 128 characters")
}
