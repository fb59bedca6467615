use std::fmt;

use privlink_core::{SecurityGroupId, VpcId};

use super::operations::VERSION;
use crate::wire::query::Form;

/// Which resources a read is about: by id, by filter, or both. Filter names and values are
/// compared with case; several filters must all fit, several values of one are alternatives.
///
/// ```
/// use privlink_aws::Filter;
///
/// let of_ours = Filter::new().vpc(&"vpc-0a1b2c3d4e5f67890".parse()?).tag("managed-by", "privlink");
/// # Ok::<(), privlink_core::IdError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Filter {
    ids: Vec<String>,
    filters: Vec<(String, Vec<String>)>,
    page_size: Option<u16>,
}

impl Filter {
    /// Everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only these ids; one that does not exist fails the whole read.
    pub fn ids<T: fmt::Display>(mut self, ids: impl IntoIterator<Item = T>) -> Self {
        self.ids.extend(ids.into_iter().map(|id| id.to_string()));
        self
    }

    /// Only what lies in this VPC.
    pub fn vpc(self, vpc: &VpcId) -> Self {
        self.by("vpc-id", [vpc.as_str()])
    }

    /// Only what has this tag with this value.
    pub fn tag(self, key: &str, value: &str) -> Self {
        self.by(format!("tag:{key}"), [value])
    }

    /// Only what is in this group.
    pub fn group(self, group: &SecurityGroupId) -> Self {
        self.by("group-id", [group.as_str()])
    }

    /// Any of AWS's filters: `vpc-endpoint-state`, `service-name`, …
    pub fn by<T: fmt::Display>(mut self, name: impl Into<String>, values: impl IntoIterator<Item = T>) -> Self {
        self.filters.push((name.into(), values.into_iter().map(|value| value.to_string()).collect()));
        self
    }

    /// How many items a page holds; AWS's own default unless set. Not together with ids.
    pub fn page_size(mut self, items: u16) -> Self {
        self.page_size = Some(items);
        self
    }

    /// What the read is about, for errors.
    pub(super) fn resource(&self) -> String {
        let filters = self.filters.iter().map(|(name, values)| format!("{name}={}", values.join(",")));
        self.ids.iter().cloned().chain(filters).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn form(&self, action: &str, id_parameter: &str, token: Option<&str>) -> Form {
        let mut form = Form::new(action, VERSION);
        form.list(id_parameter, &self.ids);
        self.rest(&mut form, token);
        form
    }

    pub(super) fn rest(&self, form: &mut Form, token: Option<&str>) {
        form.filters(
            self.filters.iter().map(|(name, values)| (name.as_str(), values.iter().map(String::as_str).collect())),
        );
        if let Some(items) = self.page_size {
            form.number("MaxResults", items);
        }
        form.set_opt("NextToken", token);
    }
}
