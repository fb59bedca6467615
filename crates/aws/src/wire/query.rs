//! Bodies of the Query protocol: a flat form in which lists are numbered from 1.

use bytes::Bytes;

use crate::model::Tag;

/// The content type of every Query call.
pub(crate) const CONTENT_TYPE: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// A Query body under construction, in the order of its fields.
#[derive(Debug)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// A body that asks for `action` in `version` of the API.
    pub(crate) fn new(action: &str, version: &str) -> Self {
        let mut form = Self(Vec::new());
        form.set("Action", action);
        form.set("Version", version);
        form
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) fn set_opt(&mut self, name: &str, value: Option<impl AsRef<str>>) {
        if let Some(value) = value {
            self.set(name, value.as_ref());
        }
    }

    pub(crate) fn flag(&mut self, name: &str, value: bool) {
        self.set(name, if value { "true" } else { "false" });
    }

    pub(crate) fn number(&mut self, name: &str, value: impl Into<i64>) {
        self.set(name, &value.into().to_string());
    }

    /// `name.1`, `name.2`, …
    pub(crate) fn list<T: AsRef<str>>(&mut self, name: &str, values: impl IntoIterator<Item = T>) {
        for (place, value) in values.into_iter().enumerate() {
            self.set(&format!("{name}.{}", place + 1), value.as_ref());
        }
    }

    /// `name.n.Key` and `name.n.Value`.
    pub(crate) fn tags(&mut self, name: &str, tags: &[Tag]) {
        for (place, tag) in tags.iter().enumerate() {
            self.set(&format!("{name}.{}.Key", place + 1), &tag.key);
            self.set(&format!("{name}.{}.Value", place + 1), &tag.value);
        }
    }

    /// The tags a new resource of `kind` is born with.
    pub(crate) fn born_with(&mut self, kind: &str, tags: &[Tag]) {
        if !tags.is_empty() {
            self.set("TagSpecification.1.ResourceType", kind);
            self.tags("TagSpecification.1.Tag", tags);
        }
    }

    /// `Filter.n.Name` and `Filter.n.Value.m`.
    pub(crate) fn filters<'a>(&mut self, filters: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) {
        for (place, (name, values)) in filters.into_iter().enumerate() {
            self.set(&format!("Filter.{}.Name", place + 1), name);
            self.list(&format!("Filter.{}.Value", place + 1), values);
        }
    }

    pub(crate) fn into_body(self) -> Bytes {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.0).finish().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_numbered_from_one_and_values_are_encoded() {
        let mut form = Form::new("DescribeThings", "2016-11-15");
        form.list("SubnetId", ["subnet-0aa11bb2", "subnet-0cc33dd4"]);
        form.filters([("tag:privlink:key", vec!["a b&c"])]);
        form.born_with("vpc-endpoint", &[Tag::new("Name", "orders=prod")]);
        assert_eq!(
            form.into_body(),
            "Action=DescribeThings&Version=2016-11-15&SubnetId.1=subnet-0aa11bb2&SubnetId.2=subnet-0cc33dd4\
             &Filter.1.Name=tag%3Aprivlink%3Akey&Filter.1.Value.1=a+b%26c\
             &TagSpecification.1.ResourceType=vpc-endpoint&TagSpecification.1.Tag.1.Key=Name\
             &TagSpecification.1.Tag.1.Value=orders%3Dprod"
        );
    }
}
