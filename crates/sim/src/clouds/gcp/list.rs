//! Compute's lists: `filter`, `orderBy`, `maxResults` and `pageToken`.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use super::Call;
use super::error::{Answer, ApiError};
use super::link::list_url;

const MOST: usize = 500;

/// One page of `items`.
///
/// A page's token holds the name of the last item given out, so that one that comes or goes
/// between two pages makes the reader miss no other.
pub(super) fn page(call: &Call<'_>, kind: &str, path: &str, mut items: Vec<Value>) -> Answer<Value> {
    if let Some(filter) = call.parameter("filter").filter(|filter| !filter.trim().is_empty()) {
        let clauses = parse(&filter)?;
        items.retain(|item| clauses.iter().all(|clause| clause.keeps(item)));
    }
    let newest_first = match call.parameter("orderBy").as_deref() {
        None | Some("" | "name") => false,
        Some("creationTimestamp desc") => true,
        Some(other) => {
            return Err(ApiError::value("orderBy", other, "Only 'name' and 'creationTimestamp desc' are supported."));
        }
    };
    let order = |item: &Value| {
        let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
        let time = if item["creationTimestamp"].is_null() { text("insertTime") } else { text("creationTimestamp") };
        if newest_first { format!("{time}/{}", text("name")) } else { text("name") }
    };
    items.sort_by_key(order);
    if newest_first {
        items.reverse();
    }
    let most = match call.parameter("maxResults") {
        None => MOST,
        Some(text) => match text.parse() {
            Ok(most @ 0..=MOST) => most,
            _ => return Err(ApiError::value("maxResults", &text, "Must be a number from 0 to 500.")),
        },
    };
    if let Some(token) = call.parameter("pageToken").filter(|token| !token.is_empty()) {
        let last = URL_SAFE_NO_PAD.decode(&token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some(last) = last.and_then(|text| text.strip_prefix("after:").map(str::to_owned)) else {
            return Err(ApiError::value("pageToken", &token, "Page token is not valid."));
        };
        items.retain(|item| if newest_first { order(item) < last } else { order(item) > last });
    }
    let more = items.len() > most;
    items.truncate(most);
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| out.insert(name.to_owned(), value);
    put("kind", json!(kind));
    put("id", json!(path));
    // An empty list is no field at all.
    if !items.is_empty() {
        if more && let Some(last) = items.last() {
            put("nextPageToken", json!(URL_SAFE_NO_PAD.encode(format!("after:{}", order(last)))));
        }
        put("items", json!(items));
    }
    put("selfLink", json!(list_url(path)));
    Ok(Value::Object(out))
}

/// One clause of a filter: a field, an operator and a value.
#[derive(Debug, PartialEq, Eq)]
struct Clause {
    field: String,
    test: Test,
    value: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Test {
    Is,
    IsNot,
    Has,
}

impl Clause {
    fn keeps(&self, item: &Value) -> bool {
        let mut found = item;
        for part in self.field.split('.') {
            found = &found[part];
        }
        let text = match found {
            Value::String(text) => Some(text.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        match (self.test, text) {
            (Test::Is, text) => text.as_deref() == Some(&*self.value),
            (Test::IsNot, text) => text.as_deref() != Some(&*self.value),
            (Test::Has, None) => false,
            (Test::Has, Some(_)) if self.value == "*" => true,
            (Test::Has, Some(text)) => text.contains(&self.value),
        }
    }
}

/// Reads clauses that must all hold: `(name = a) (labels.b = "c")`, joined by nothing or `AND`.
/// Regular expressions and `OR` are not part of this world, and refused.
fn parse(filter: &str) -> Answer<Vec<Clause>> {
    let refuse = || ApiError::value("filter", filter, "Invalid list filter expression.");
    let tokens = tokens(filter).ok_or_else(refuse)?;
    let mut clauses = Vec::new();
    let mut rest = tokens.as_slice();
    while !rest.is_empty() {
        rest = match rest {
            [open, field, operator, value, close, more @ ..] if open == "(" && close == ")" => {
                clauses.push(clause(field, operator, value).ok_or_else(refuse)?);
                more
            }
            [field, operator, value, more @ ..] if field != "(" => {
                clauses.push(clause(field, operator, value).ok_or_else(refuse)?);
                more
            }
            _ => return Err(refuse()),
        };
        if let [and, more @ ..] = rest
            && and == "AND"
            && !more.is_empty()
        {
            rest = more;
        }
    }
    Ok(clauses)
}

fn clause(field: &str, operator: &str, value: &str) -> Option<Clause> {
    let plain = !value.contains(['\\', '[', '(', '|', '+', '?', '^', '$']) && !value.contains(".*");
    let test = match operator {
        "=" => Test::Is,
        "eq" if plain => Test::Is,
        "!=" => Test::IsNot,
        "ne" if plain => Test::IsNot,
        ":" => Test::Has,
        _ => return None,
    };
    Some(Clause { field: field.to_owned(), test, value: value.to_owned() })
}

/// Words, quoted texts and marks; none when a quote does not end.
fn tokens(text: &str) -> Option<Vec<String>> {
    let mut out = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, more) = match first {
            '"' | '\'' => {
                let end = rest[1..].find(first)? + 1;
                (rest[1..end].to_owned(), &rest[end + 1..])
            }
            '(' | ')' | '=' | ':' => (first.to_string(), &rest[1..]),
            '!' if rest.starts_with("!=") => ("!=".to_owned(), &rest[2..]),
            _ => {
                let end = rest.find([' ', '(', ')', '=', ':', '!', '"', '\'']).filter(|end| *end > 0);
                let end = end.unwrap_or(if first == '!' { 1 } else { rest.len() });
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        out.push(token);
        rest = more.trim_start();
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_keeps_what_all_its_clauses_hold() {
        let item = json!({ "name": "orders", "labels": { "a": "b" }, "target": "x/y", "flag": true });
        for (filter, kept) in [
            ("name = orders", true),
            ("name=orders", true),
            ("name = \"orders\"", true),
            ("name eq orders", true),
            ("name != orders", false),
            ("(name = orders) (labels.a = b)", true),
            ("(name = orders) AND (labels.a = c)", false),
            ("name = orders AND flag = true", true),
            ("labels.a:*", true),
            ("labels.z:*", false),
            ("target:y", true),
        ] {
            let clauses = parse(filter).unwrap();
            assert_eq!(clauses.iter().all(|clause| clause.keeps(&item)), kept, "{filter}");
        }
        for filter in ["name", "name ~ x", "(name = a) OR (name = b)", "name eq .*a", "name = \"a", "(name = a"] {
            assert!(parse(filter).is_err(), "{filter}");
        }
    }
}
