//! `Filter.n.Name` and `Filter.n.Value.m` of the describe calls, and their pages.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::error::{Answer, ApiError};
use super::query::Params;

/// The filters of one call. All must match; of the values of one, any.
#[derive(Debug)]
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the filters; their names must be among `known`, or about tags.
    pub(super) fn parse(params: &Params, known: &[&str]) -> Answer<Self> {
        let mut filters = Vec::new();
        for entry in params.entries("Filter") {
            let name = entry.required("Name")?.to_owned();
            let about_tags = name.starts_with("tag:") || name == "tag-key";
            if !about_tags && !known.contains(&name.as_str()) {
                return Err(ApiError::new("InvalidParameterValue", format!("The filter '{name}' is invalid")));
            }
            let values: Vec<String> = entry.list("Value").into_iter().map(str::to_owned).collect();
            if values.is_empty() {
                return Err(ApiError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' must have at least one value"),
                ));
            }
            filters.push((name, values));
        }
        Ok(Self(filters))
    }

    /// Whether a thing passes; `values` tells what it has under a filter's name.
    pub(super) fn keep(&self, tags: Option<&BTreeMap<String, String>>, values: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, patterns)| {
            let found = if let Some(key) = name.strip_prefix("tag:") {
                tags.and_then(|tags| tags.get(key)).cloned().into_iter().collect()
            } else if name == "tag-key" {
                tags.map(|tags| tags.keys().cloned().collect()).unwrap_or_default()
            } else {
                values(name)
            };
            found.iter().any(|value| patterns.iter().any(|pattern| wildcard(pattern, value)))
        })
    }
}

/// Whether `text` matches `pattern`, in which `*` is any text, `?` one character and `\` takes
/// the next character as it is.
pub(super) fn wildcard(pattern: &str, text: &str) -> bool {
    let pattern = tokens(pattern);
    let text: Vec<char> = text.chars().collect();
    let (mut p, mut t) = (0, 0);
    // Where to go on when what follows the last `*` did not fit.
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(Token::Any) => {
                back = Some((p + 1, t));
                p += 1;
            }
            Some(token) if token.fits(text[t]) => (p, t) = (p + 1, t + 1),
            _ => {
                let Some((after, from)) = back else { return false };
                back = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
        }
    }
    pattern[p..].iter().all(|token| matches!(token, Token::Any))
}

enum Token {
    Any,
    One,
    Is(char),
}

impl Token {
    fn fits(&self, c: char) -> bool {
        match self {
            Self::Any | Self::One => true,
            Self::Is(wanted) => *wanted == c,
        }
    }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '*' => Token::Any,
            '?' => Token::One,
            '\\' => Token::Is(chars.next().unwrap_or('\\')),
            c => Token::Is(c),
        });
    }
    out
}

/// Cuts one page out of `things`, which are in the order of their ids.
///
/// A page's token names the last id given out, so that a thing that comes or goes between two
/// pages makes the reader miss no other.
pub(super) fn page<T>(
    params: &Params,
    least: usize,
    things: Vec<T>,
    id: impl Fn(&T) -> String,
) -> Answer<(Vec<T>, Option<String>)> {
    const MOST: usize = 1000;
    let most = params.number::<usize>("MaxResults")?;
    if let Some(most) = most
        && most < least
    {
        return Err(ApiError::value(
            "maxResults",
            &most.to_string(),
            &format!("Expecting a value of {least} or more."),
        ));
    }
    let after = match params.get("NextToken") {
        None => None,
        Some(token) => Some(
            STANDARD
                .decode(token)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .and_then(|text| text.strip_prefix("after:").map(str::to_owned))
                .ok_or_else(|| ApiError::new("InvalidNextToken", format!("The token '{token}' is invalid")))?,
        ),
    };
    let mut rest: Vec<T> =
        things.into_iter().filter(|thing| after.as_ref().is_none_or(|after| id(thing) > *after)).collect();
    let most = most.unwrap_or(MOST).min(MOST);
    if rest.len() <= most {
        return Ok((rest, None));
    }
    rest.truncate(most);
    let token = rest.last().map(|last| STANDARD.encode(format!("after:{}", id(last))));
    Ok((rest, token))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "abbc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            (r"a\*c", "a*c", true),
            (r"a\*c", "abc", false),
            ("abc", "ABC", false),
        ] {
            assert_eq!(wildcard(pattern, text), expected, "{pattern} {text}");
        }
    }
}
