//! What the text identifiers share: character classes, and the guess of what a refused text
//! looks like.

use std::borrow::Cow;

/// The rule a text broke; `Ok` when it is fine.
pub(super) type Check = Result<(), Cow<'static, str>>;

/// `prefix` followed by 8 or 17 … lower-case hex digits, as EC2 names its resources.
pub(super) fn prefixed_hex(text: &str, prefix: &'static str) -> Check {
    let Some(hex) = text.strip_prefix(prefix) else {
        return Err(format!("it must start with `{prefix}`").into());
    };
    if !(8..=17).contains(&hex.len()) || !hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return Err(format!("8 to 17 lower-case hex digits must follow `{prefix}`").into());
    }
    Ok(())
}

/// What a text looks like, for the error about a text that should have been something else.
pub(super) fn looks_like(text: &str) -> Option<&'static str> {
    const PREFIXES: [(&str, &str); 8] = [
        ("vpce-svc-", "VPC endpoint service id"),
        ("vpce-", "VPC endpoint id"),
        ("vpc-", "VPC id"),
        ("subnet-", "subnet id"),
        ("sg-", "security group id"),
        ("eni-", "network interface id"),
        ("arn:", "ARN"),
        ("https://", "URL"),
    ];
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if text.contains(".vpce-svc-") {
        return Some("VPC endpoint service name");
    }
    if let Some((_, kind)) = PREFIXES.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return Some(kind);
    }
    let lower = text.to_ascii_lowercase();
    if lower.starts_with("/subscriptions/") {
        return Some(if lower.contains("/privatelinkservices/") {
            "Azure Private Link service resource id"
        } else {
            "Azure resource id"
        });
    }
    if lower.ends_with(".azure.privatelinkservice") {
        return Some("Azure Private Link service alias");
    }
    if text.contains("/serviceAttachments/") {
        return Some("GCP service attachment");
    }
    if uuid::Uuid::try_parse(text).is_ok() {
        return Some("UUID");
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(if text.len() == 12 { "AWS account id" } else { "number" });
    }
    None
}
