//! Names and paths of Google's resources: one type for each thing that can be taken for another.

use std::borrow::Cow;

use privlink_core::{ProjectId, Region, text_id};

type Check = Result<(), &'static str>;

const RULE: &str = "it must be 1 to 63 lower-case letters, digits and dashes, starting with a letter";

fn check_name(text: &str) -> Check {
    let fits = (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { Ok(()) } else { Err(RULE) }
}

text_id! {
    /// The name of a VPC network: `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`.
    ///
    /// ```
    /// use privlink_gcp::NetworkName;
    ///
    /// assert!("prod".parse::<NetworkName>().is_ok());
    /// assert!("projects/example-project/global/networks/prod".parse::<NetworkName>().is_err());
    /// ```
    pub struct NetworkName: "VPC network name", check_name;
}

text_id! {
    /// The name of a subnetwork: `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`.
    ///
    /// ```
    /// use privlink_gcp::SubnetworkName;
    ///
    /// assert!("apps".parse::<SubnetworkName>().is_ok());
    /// assert!("10.0.0.0/16".parse::<SubnetworkName>().is_err());
    /// ```
    pub struct SubnetworkName: "subnetwork name", check_name;
}

text_id! {
    /// The name of a reserved address: `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`; never the address itself.
    ///
    /// ```
    /// use privlink_gcp::AddressName;
    ///
    /// assert!("orders".parse::<AddressName>().is_ok());
    /// assert_eq!("10.0.0.7".parse::<AddressName>().unwrap_err().looks_like(), Some("IP address"));
    /// ```
    pub struct AddressName: "address name", check_name;
}

text_id! {
    /// The name of a Cloud DNS zone as a resource, unique in its project; never its DNS name.
    ///
    /// ```
    /// use privlink_gcp::ManagedZoneName;
    ///
    /// assert!("orders-private".parse::<ManagedZoneName>().is_ok());
    /// assert_eq!("orders.example.com".parse::<ManagedZoneName>().unwrap_err().looks_like(), Some("DNS name"));
    /// ```
    pub struct ManagedZoneName: "managed zone name", check_name;
}

text_id! {
    /// A VPC network with its project: `projects/<project>/global/networks/<name>`.
    ///
    /// A full URL of the Compute API is cut down to this form.
    ///
    /// ```
    /// use privlink_gcp::NetworkPath;
    ///
    /// let network: NetworkPath =
    ///     "https://www.googleapis.com/compute/v1/projects/example-project/global/networks/prod".parse()?;
    /// assert_eq!(network.as_str(), "projects/example-project/global/networks/prod");
    /// assert_eq!(network.name().as_str(), "prod");
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct NetworkPath: "VPC network path", check_network, strip_url;
}

text_id! {
    /// A subnetwork with its project and region:
    /// `projects/<project>/regions/<region>/subnetworks/<name>`.
    ///
    /// A full URL of the Compute API is cut down to this form.
    ///
    /// ```
    /// use privlink_gcp::SubnetworkPath;
    ///
    /// let subnetwork: SubnetworkPath = "projects/example-project/regions/us-central1/subnetworks/apps".parse()?;
    /// assert_eq!(subnetwork.region().as_str(), "us-central1");
    /// assert!("projects/example-project/global/networks/apps".parse::<SubnetworkPath>().is_err());
    /// # Ok::<(), privlink_core::IdError>(())
    /// ```
    pub struct SubnetworkPath: "subnetwork path", check_subnetwork, strip_url;
}

fn check_network(text: &str) -> Check {
    match *text.split('/').collect::<Vec<_>>() {
        ["projects", project, "global", "networks", name] if is_project(project) && check_name(name).is_ok() => Ok(()),
        _ => Err("it must look like `projects/<project>/global/networks/<name>`"),
    }
}

fn check_subnetwork(text: &str) -> Check {
    match *text.split('/').collect::<Vec<_>>() {
        ["projects", project, "regions", region, "subnetworks", name]
            if is_project(project) && region.parse::<Region>().is_ok() && check_name(name).is_ok() =>
        {
            Ok(())
        }
        _ => Err("it must look like `projects/<project>/regions/<region>/subnetworks/<name>`"),
    }
}

fn is_project(text: &str) -> bool {
    text.parse::<ProjectId>().is_ok()
}

/// The path behind the version in a link, whatever host the link names: gateways and other
/// universes have their own.
fn strip_url(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(path_of_link(text))
}

/// `projects/…` of a link, or the text as it is.
pub(crate) fn path_of_link(text: &str) -> &str {
    let is_link = text.starts_with("https://") || text.starts_with("http://");
    match text.find("/projects/") {
        Some(at) if is_link => &text[at + 1..],
        _ => text,
    }
}

/// The last part of a link or path: the resource's own name.
pub(crate) fn name_of_link(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}

impl NetworkPath {
    /// The network `name` of `project`.
    #[must_use]
    pub fn new(project: &ProjectId, name: &NetworkName) -> Self {
        format!("projects/{project}/global/networks/{name}").parse().expect("made of a project and a name")
    }

    /// The project the network is in: of a Shared VPC, the host project.
    #[must_use]
    pub fn project(&self) -> ProjectId {
        part(self.as_str(), 1).parse().expect("checked when the path was parsed")
    }

    /// The network's own name.
    #[must_use]
    pub fn name(&self) -> NetworkName {
        part(self.as_str(), 4).parse().expect("checked when the path was parsed")
    }

    /// The link by which Cloud DNS names the network.
    #[must_use]
    pub fn link(&self) -> String {
        format!("https://www.googleapis.com/compute/v1/{self}")
    }
}

impl SubnetworkPath {
    /// The subnetwork `name` of `project` in `region`.
    #[must_use]
    pub fn new(project: &ProjectId, region: &Region, name: &SubnetworkName) -> Self {
        format!("projects/{project}/regions/{region}/subnetworks/{name}")
            .parse()
            .expect("made of a project, a region and a name")
    }

    /// The project: of a Shared VPC, the host project.
    #[must_use]
    pub fn project(&self) -> ProjectId {
        part(self.as_str(), 1).parse().expect("checked when the path was parsed")
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> Region {
        part(self.as_str(), 3).parse().expect("checked when the path was parsed")
    }

    /// The subnetwork's own name.
    #[must_use]
    pub fn name(&self) -> SubnetworkName {
        part(self.as_str(), 5).parse().expect("checked when the path was parsed")
    }
}

fn part(path: &str, at: usize) -> &str {
    path.split('/').nth(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn a_path_never_reaches_another_resource() {
        for bad in [
            "projects/../global/networks/a",
            "projects/example-project/global/networks/",
            "projects/example-project/global/networks/a/b",
            "projects/example-project/global/networks/a?b",
            "projects/example-project/regions/us-central1/subnetworks/a",
            "global/networks/a",
            "networks/a",
            "projects/123456789012/global/networks/a",
        ] {
            assert!(bad.parse::<NetworkPath>().is_err(), "{bad}");
        }
        for bad in [
            "projects/example-project/regions/us-central1-a/subnetworks/a",
            "projects/example-project/regions/us-central1/subnetworks/A",
            "projects/example-project/regions/us-central1/addresses/a",
        ] {
            assert!(bad.parse::<SubnetworkPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_link_of_any_host_is_the_same_resource() {
        for front in
            ["https://www.googleapis.com/compute/v1/", "https://compute.example.com/compute/v1/", "http://127.0.0.1:8/"]
        {
            let path: NetworkPath = format!("{front}projects/example.com:orders/global/networks/n").parse().unwrap();
            assert_eq!(path.project().as_str(), "example.com:orders");
        }
        assert_eq!(path_of_link("projects/a/b"), "projects/a/b");
    }
}
