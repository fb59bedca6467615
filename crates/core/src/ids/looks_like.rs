//! The guess of what a refused text is instead.

use std::net::IpAddr;

use super::make::private::parse_uuid;
use super::text::{is_lower_word, is_number};

/// What a text looks like, for the error about a text that should have been something else.
///
/// Words are those that identifiers use for themselves, so that an error never says that a text
/// looks like the very thing it is not.
pub(super) fn looks_like(text: &str) -> Option<&'static str> {
    // Quotes and white space come along when an id is copied.
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | ','));
    if text.is_empty() || text.len() > 2_048 || !text.is_ascii() {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    url(&lower)
        .or_else(|| arn(&lower))
        .or_else(|| path(&lower))
        .or_else(|| aws_resource(&lower))
        .or_else(|| number(text))
        .or_else(|| network(text))
        .or_else(|| zone(text))
        .or_else(|| name(&lower))
}

fn url(text: &str) -> Option<&'static str> {
    let (scheme, _) = text.split_once("://")?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.:".contains(&b));
    is_scheme.then(|| {
        if text.contains("/serviceattachments/") {
            "GCP service attachment"
        } else if text.contains("/forwardingrules/") {
            "GCP forwarding rule"
        } else {
            "URL"
        }
    })
}

fn arn(text: &str) -> Option<&'static str> {
    let resource = text.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
    Some(if resource.starts_with("vpc-endpoint/") {
        "ARN of a VPC endpoint"
    } else if resource.starts_with("vpc-endpoint-service/") {
        "ARN of a VPC endpoint service"
    } else if text.contains(":iam:") || text.contains(":sts:") {
        "AWS principal"
    } else {
        "ARN"
    })
}

fn path(text: &str) -> Option<&'static str> {
    if text.starts_with("/subscriptions/") {
        let parts: Vec<&str> = text.split('/').collect();
        return Some(match parts.get(7..) {
            Some(["privateendpoints", _]) => "Azure private endpoint id",
            Some(["privatelinkservices", _]) => "Azure Private Link service id",
            _ => "Azure resource id",
        });
    }
    if text.starts_with("/hostedzone/") {
        return Some("hosted zone id");
    }
    if text.contains("/serviceattachments/") {
        return Some("GCP service attachment");
    }
    text.contains("/forwardingrules/").then_some("GCP forwarding rule")
}

fn aws_resource(text: &str) -> Option<&'static str> {
    const PREFIXES: [(&str, &str); 6] = [
        ("vpce-svc-", "VPC endpoint service id"),
        ("vpce-", "VPC endpoint id"),
        ("vpc-", "VPC id"),
        ("subnet-", "subnet id"),
        ("sg-", "security group id"),
        ("eni-", "network interface id"),
    ];
    if text.ends_with(".vpce.amazonaws.com") || text.ends_with(".vpce.amazonaws.com.cn") {
        return Some("DNS name of a VPC endpoint");
    }
    if text.starts_with("com.amazonaws.vpce.") || text.starts_with("cn.com.amazonaws.vpce.") {
        return Some("VPC endpoint service name");
    }
    if text.starts_with("com.amazonaws.") || text.starts_with("cn.com.amazonaws.") {
        return Some("service name of AWS itself");
    }
    // A host name may start like an id.
    let plain = !text.contains(['.', '/', ':']);
    PREFIXES.iter().find(|(prefix, _)| plain && text.starts_with(prefix)).map(|(_, kind)| *kind)
}

fn number(text: &str) -> Option<&'static str> {
    let bare = text.trim_start_matches(['{', '(']).trim_end_matches(['}', ')']);
    if parse_uuid(bare).is_ok() {
        return Some("UUID");
    }
    if is_number(text) {
        return Some(if text.len() == 12 { "AWS account id" } else { "number" });
    }
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let is_float = exponent.bytes().all(|b| b.is_ascii_digit() || b == b'+') && mantissa.contains('.');
    (is_float && mantissa.parse::<f64>().is_ok()).then_some("number that was rounded")
}

fn network(text: &str) -> Option<&'static str> {
    if text.parse::<IpAddr>().is_ok() {
        return Some("IP address");
    }
    let (address, length) = text.split_once('/')?;
    (address.parse::<IpAddr>().is_ok() && is_number(length)).then_some("IP address range")
}

/// Zones and regions of all clouds, told by their form.
fn zone(text: &str) -> Option<&'static str> {
    if (10..=32).contains(&text.len())
        && text.starts_with('Z')
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    {
        return Some("hosted zone id");
    }
    if !is_lower_word(text) || !text.contains('-') {
        return None;
    }
    if text.rsplit_once("-az").is_some_and(|(front, number)| !front.is_empty() && is_number(number)) {
        return Some("availability zone id");
    }
    if is_zone_name(text) {
        return Some("availability zone name");
    }
    super::region::cloud_of_form(text).map(|_| "region")
}

/// `us-east-1a` of AWS or `us-central1-a` of Google Cloud.
pub(super) fn is_zone_name(text: &str) -> bool {
    let Some((region, last)) = text.rsplit_once('-') else { return false };
    let Some(letter) = last.chars().last().filter(char::is_ascii_lowercase) else { return false };
    let digits = last.trim_end_matches(letter);
    if digits.is_empty() {
        last.len() == 1 && super::region::cloud_of_form(region).is_some()
    } else {
        is_number(digits) && digits.len() + 1 == last.len() && region.contains('-')
    }
}

fn name(text: &str) -> Option<&'static str> {
    if text.ends_with(".azure.privatelinkservice") {
        return Some("Azure Private Link service alias");
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    if let Some((front, guid)) = text.rsplit_once('.')
        && !front.contains('.')
        && parse_uuid(guid).is_ok()
    {
        return Some("name and GUID of an Azure private endpoint");
    }
    if let Some((host, port)) = text.rsplit_once(':')
        && is_number(port)
        && host.contains('.')
        && super::dns_name::check_name(host).is_ok()
    {
        return Some("host with a port");
    }
    (text.contains('.') && super::dns_name::check_name(text).is_ok()).then_some("DNS name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_told_by_its_form() {
        const ARM: &str = "/subscriptions/0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60/resourceGroups/app/providers";
        for (text, kind) in [
            ("vpce-0a1b2c3d4e5f67890", "VPC endpoint id"),
            (" \"VPCE-0A1B2C3D4E5F67890\",", "VPC endpoint id"),
            ("vpce-svc-0a1b2c3d4e5f67890", "VPC endpoint service id"),
            ("com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890", "VPC endpoint service name"),
            ("com.amazonaws.us-east-1.s3", "service name of AWS itself"),
            (
                "vpce-0a1b2c3d4e5f67890-abcd1234.vpce-svc-0a1b2c3d4e5f67890.us-east-1.vpce.amazonaws.com",
                "DNS name of a VPC endpoint",
            ),
            ("arn:aws:ec2:us-east-1:123456789012:vpc-endpoint/vpce-0a1b2c3d4e5f67890", "ARN of a VPC endpoint"),
            (
                "arn:aws:ec2:us-east-1:123456789012:vpc-endpoint-service/vpce-svc-0a1b2c3d4e5f67890",
                "ARN of a VPC endpoint service",
            ),
            ("arn:aws:iam::123456789012:root", "AWS principal"),
            ("arn:aws:s3:::bucket", "ARN"),
            ("vpc-0a1b2c3d", "VPC id"),
            ("subnet-0a1b2c3d", "subnet id"),
            ("sg-0a1b2c3d", "security group id"),
            ("eni-0a1b2c3d", "network interface id"),
            ("123456789012", "AWS account id"),
            ("102600141743718403", "number"),
            ("1.026001417437184e+17", "number that was rounded"),
            ("0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60", "UUID"),
            ("{0B5A6C1E-7A2D-4C3F-9E8B-1D2C3B4A5F60}", "UUID"),
            ("orders.0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60", "name and GUID of an Azure private endpoint"),
            (&format!("{ARM}/Microsoft.Network/privateEndpoints/orders"), "Azure private endpoint id"),
            (&format!("{ARM}/Microsoft.Network/privateEndpoints/orders/connections/x"), "Azure resource id"),
            (&format!("{ARM}/Microsoft.Network/privateLinkServices/pls"), "Azure Private Link service id"),
            (&format!("{ARM}/Microsoft.Network/networkInterfaces/nic"), "Azure resource id"),
            (
                "prod.0b5a6c1e-7a2d-4c3f-9e8b-1d2c3b4a5f60.westus3.azure.privatelinkservice",
                "Azure Private Link service alias",
            ),
            ("projects/p/regions/us-central1/serviceAttachments/a", "GCP service attachment"),
            ("projects/p/regions/us-central1/forwardingRules/a", "GCP forwarding rule"),
            ("https://www.googleapis.com/compute/v1/projects/p/regions/r/forwardingRules/a", "GCP forwarding rule"),
            ("https://abc.us-east-1.vpce.aws.clickhouse.cloud:8443/", "URL"),
            ("jdbc:clickhouse://abc.clickhouse.cloud", "URL"),
            ("abc.us-east-1.vpce.aws.clickhouse.cloud:8443", "host with a port"),
            ("abc.us-east-1.vpce.aws.clickhouse.cloud.", "DNS name"),
            ("10.0.0.1", "IP address"),
            ("fd00::1", "IP address"),
            ("10.0.0.0/16", "IP address range"),
            ("use1-az6", "availability zone id"),
            ("us-east-1a", "availability zone name"),
            ("us-central1-a", "availability zone name"),
            ("us-east-1", "region"),
            ("us-central1", "region"),
            ("Z0123456789ABCDEFGHIJ", "hosted zone id"),
            ("/hostedzone/Z0123456789ABCDEFGHIJ", "hosted zone id"),
        ] {
            assert_eq!(looks_like(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_told_is_not_guessed() {
        for text in [
            "",
            "  ",
            "orders",
            "orders-prod",
            "ä",
            "a b",
            "../x",
            "%2e",
            "1.5",
            "1e5",
            "\0",
            "x".repeat(3_000).as_str(),
        ] {
            assert_eq!(looks_like(text), None, "{text:?}");
        }
    }
}
