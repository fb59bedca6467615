//! Tags of hosted zones.

use std::collections::BTreeMap;

use super::super::Call;
use super::super::error::{Answer, ApiError};
use super::super::state::AwsState;
use super::super::xml::Xml;
use super::body::Element;
use super::find_zone;

/// Tags one call may add or remove.
const MOST: usize = 10;

pub(super) fn change(state: &mut AwsState, call: &Call<'_>, id: &str, body: &Element) -> Answer<Xml> {
    body.only(&["AddTags", "RemoveTagKeys"])?;
    let id = find_zone(state, call, id)?.id.to_string();
    let mut added = BTreeMap::new();
    for tag in body.child("AddTags").into_iter().flat_map(|tags| tags.all("Tag")) {
        tag.only(&["Key", "Value"])?;
        let key = tag.required_text("Key")?;
        if key.chars().count() > 128 || key.starts_with("aws:") {
            return Err(ApiError::new("InvalidInput", format!("The tag key '{key}' is not valid.")));
        }
        added.insert(key.to_owned(), tag.child_text("Value").unwrap_or_default().to_owned());
    }
    let removed: Vec<&str> =
        body.child("RemoveTagKeys").into_iter().flat_map(|keys| keys.all("Key")).map(Element::text).collect();
    if (added.is_empty() && removed.is_empty()) || added.len() > MOST || removed.len() > MOST {
        return Err(ApiError::new("InvalidInput", format!("Between 1 and {MOST} tags must be added or removed.")));
    }
    let tags = state.tags.entry(id).or_default();
    for key in removed {
        tags.remove(key);
    }
    tags.extend(added);
    Ok(Xml::default())
}

pub(super) fn list(state: &mut AwsState, call: &Call<'_>, id: &str) -> Answer<Xml> {
    let id = find_zone(state, call, id)?.id.to_string();
    let mut x = Xml::default();
    write(&mut x, state, &id);
    Ok(x)
}

pub(super) fn list_many(state: &mut AwsState, call: &Call<'_>, body: &Element) -> Answer<Xml> {
    body.only(&["ResourceIds"])?;
    let ids: Vec<&str> = body.required("ResourceIds")?.all("ResourceId").map(Element::text).collect();
    if ids.is_empty() || ids.len() > MOST {
        return Err(ApiError::new("InvalidInput", format!("Between 1 and {MOST} ids must be given.")));
    }
    for id in &ids {
        find_zone(state, call, id)?;
    }
    let mut x = Xml::default();
    x.node("ResourceTagSets", |x| {
        for id in ids {
            write(x, state, id);
        }
    });
    Ok(x)
}

fn write(x: &mut Xml, state: &AwsState, id: &str) {
    x.node("ResourceTagSet", |x| {
        x.text("ResourceType", "hostedzone");
        x.text("ResourceId", id);
        x.node("Tags", |x| {
            for (key, value) in state.tags_of(id).into_iter().flatten() {
                x.node("Tag", |x| {
                    x.text("Key", key);
                    x.text("Value", value);
                });
            }
        });
    });
}
