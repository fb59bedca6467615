//! Where each service answers and how its requests are signed: partitions, regions, variants.

use privlink_core::transport::BaseUrl;
use privlink_core::{Error, ErrorKind, Region, Result};

/// The services this crate calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Service {
    Ec2,
    Route53,
    Sts,
}

impl Service {
    /// The name in credential scopes and in host names.
    pub(crate) fn signing_name(self) -> &'static str {
        match self {
            Self::Ec2 => "ec2",
            Self::Route53 => "route53",
            Self::Sts => "sts",
        }
    }

    /// The variable that overrides only this service's address, as every AWS tool reads it.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Ec2 => "AWS_ENDPOINT_URL_EC2",
            Self::Route53 => "AWS_ENDPOINT_URL_ROUTE_53",
            Self::Sts => "AWS_ENDPOINT_URL_STS",
        }
    }
}

/// Where one service answers, and the region its requests are signed for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    pub(crate) url: BaseUrl,
    pub(crate) signing_region: String,
}

/// Which variant of the hosts is wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Variant {
    pub(crate) fips: bool,
    pub(crate) dual_stack: bool,
}

/// One partition: its prefix of regions, its name in ARNs, its DNS suffixes, and the region
/// that global services are signed for.
///
/// Source: `partitions.json` and the endpoint rule sets of botocore 1.44.5, read 2026-11-21.
struct Partition {
    prefix: &'static str,
    name: &'static str,
    suffix: &'static str,
    dual_suffix: Option<&'static str>,
    global_region: &'static str,
}

/// The prefix of the last one fits every region.
const PARTITIONS: [Partition; 8] = [
    Partition {
        prefix: "cn-",
        name: "aws-cn",
        suffix: "amazonaws.com.cn",
        dual_suffix: Some("api.amazonwebservices.com.cn"),
        global_region: "cn-northwest-1",
    },
    Partition {
        prefix: "us-gov-",
        name: "aws-us-gov",
        suffix: "amazonaws.com",
        dual_suffix: Some("api.aws"),
        global_region: "us-gov-west-1",
    },
    Partition {
        prefix: "eusc-",
        name: "aws-eusc",
        suffix: "amazonaws.eu",
        dual_suffix: Some("api.amazonwebservices.eu"),
        global_region: "eusc-de-east-1",
    },
    Partition {
        prefix: "us-iso-",
        name: "aws-iso",
        suffix: "c2s.ic.gov",
        dual_suffix: Some("api.aws.ic.gov"),
        global_region: "us-iso-east-1",
    },
    Partition {
        prefix: "us-isob-",
        name: "aws-iso-b",
        suffix: "sc2s.sgov.gov",
        dual_suffix: Some("api.aws.scloud"),
        global_region: "us-isob-east-1",
    },
    Partition {
        prefix: "eu-isoe-",
        name: "aws-iso-e",
        suffix: "cloud.adc-e.uk",
        dual_suffix: None,
        global_region: "eu-isoe-west-1",
    },
    Partition {
        prefix: "us-isof-",
        name: "aws-iso-f",
        suffix: "csp.hci.ic.gov",
        dual_suffix: None,
        global_region: "us-isof-south-1",
    },
    Partition {
        prefix: "",
        name: "aws",
        suffix: "amazonaws.com",
        dual_suffix: Some("api.aws"),
        global_region: "us-east-1",
    },
];

fn partition(region: &Region) -> &'static Partition {
    let [others @ .., commercial] = &PARTITIONS;
    others.iter().find(|partition| region.as_str().starts_with(partition.prefix)).unwrap_or(commercial)
}

/// The partition's name as ARNs spell it.
pub(crate) fn partition_name(region: &Region) -> &'static str {
    partition(region).name
}

/// The region requests of `service` are signed for.
pub(crate) fn signing_region(service: Service, region: &Region) -> &str {
    match service {
        Service::Route53 => partition(region).global_region,
        Service::Ec2 | Service::Sts => region.as_str(),
    }
}

/// The public address of `service` for clients in `region`.
///
/// # Errors
/// [`ErrorKind::Unsupported`] when the partition has no dual-stack hosts.
pub(crate) fn public(service: Service, region: &Region, variant: Variant) -> Result<Endpoint> {
    let partition = partition(region);
    let host = host(service, region, partition, variant).ok_or_else(|| {
        Error::new(
            ErrorKind::Unsupported,
            format!("the partition {} has no dual-stack hosts; give an address of your own instead", partition.name),
        )
    })?;
    Ok(Endpoint { url: format!("https://{host}").parse()?, signing_region: signing_region(service, region).to_owned() })
}

fn host(service: Service, region: &Region, partition: &Partition, variant: Variant) -> Option<String> {
    let suffix = if variant.dual_stack { partition.dual_suffix? } else { partition.suffix };
    let gov = partition.name == "aws-us-gov";
    if service == Service::Route53 {
        // One global service a partition; GovCloud's only host is the FIPS one.
        if gov {
            return Some(format!("route53.us-gov.{suffix}"));
        }
        let name = if variant.fips { "route53-fips" } else { "route53" };
        let in_global = matches!((partition.name, variant.fips), ("aws", _) | ("aws-cn" | "aws-eusc", false));
        let global = if variant.dual_stack && in_global { ".global" } else { "" };
        return Some(format!("{name}{global}.{suffix}"));
    }
    // In GovCloud the plain hosts are the FIPS ones.
    let fips = if variant.fips && (!gov || variant.dual_stack) { "-fips" } else { "" };
    Some(format!("{}{fips}.{region}.{suffix}", service.signing_name()))
}

/// An address given by the caller or by a variable.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] unless it is an `https` URL, or an `http` one on loopback.
pub(crate) fn given(service: Service, region: &Region, url: &str) -> Result<Endpoint> {
    let url = url.parse().map_err(|error: Error| error.with_vendor("AWS").with_resource(service.signing_name()))?;
    Ok(Endpoint { url, signing_region: signing_region(service, region).to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(region: &str, service: Service) -> Vec<Option<String>> {
        let region: Region = region.parse().unwrap();
        [(false, false), (true, false), (false, true), (true, true)]
            .map(|(fips, dual_stack)| {
                let endpoint = public(service, &region, Variant { fips, dual_stack }).ok()?;
                endpoint.url.as_str().strip_prefix("https://").map(str::to_owned)
            })
            .to_vec()
    }

    /// Every row was printed by botocore 1.44.5 for: plain, FIPS, dual stack, both.
    #[test]
    fn hosts_are_those_of_the_official_rule_sets() {
        let table: [(&str, Service, [Option<&str>; 4]); 19] = [
            (
                "us-east-1",
                Service::Ec2,
                [
                    Some("ec2.us-east-1.amazonaws.com"),
                    Some("ec2-fips.us-east-1.amazonaws.com"),
                    Some("ec2.us-east-1.api.aws"),
                    Some("ec2-fips.us-east-1.api.aws"),
                ],
            ),
            (
                "us-east-1",
                Service::Route53,
                [
                    Some("route53.amazonaws.com"),
                    Some("route53-fips.amazonaws.com"),
                    Some("route53.global.api.aws"),
                    Some("route53-fips.global.api.aws"),
                ],
            ),
            (
                "eu-west-1",
                Service::Route53,
                [
                    Some("route53.amazonaws.com"),
                    Some("route53-fips.amazonaws.com"),
                    Some("route53.global.api.aws"),
                    Some("route53-fips.global.api.aws"),
                ],
            ),
            (
                "eu-west-1",
                Service::Sts,
                [
                    Some("sts.eu-west-1.amazonaws.com"),
                    Some("sts-fips.eu-west-1.amazonaws.com"),
                    Some("sts.eu-west-1.api.aws"),
                    Some("sts-fips.eu-west-1.api.aws"),
                ],
            ),
            (
                "cn-north-1",
                Service::Ec2,
                [
                    Some("ec2.cn-north-1.amazonaws.com.cn"),
                    Some("ec2-fips.cn-north-1.amazonaws.com.cn"),
                    Some("ec2.cn-north-1.api.amazonwebservices.com.cn"),
                    Some("ec2-fips.cn-north-1.api.amazonwebservices.com.cn"),
                ],
            ),
            (
                "cn-north-1",
                Service::Route53,
                [
                    Some("route53.amazonaws.com.cn"),
                    Some("route53-fips.amazonaws.com.cn"),
                    Some("route53.global.api.amazonwebservices.com.cn"),
                    Some("route53-fips.api.amazonwebservices.com.cn"),
                ],
            ),
            (
                "us-gov-east-1",
                Service::Ec2,
                [
                    Some("ec2.us-gov-east-1.amazonaws.com"),
                    Some("ec2.us-gov-east-1.amazonaws.com"),
                    Some("ec2.us-gov-east-1.api.aws"),
                    Some("ec2-fips.us-gov-east-1.api.aws"),
                ],
            ),
            (
                "us-gov-west-1",
                Service::Route53,
                [
                    Some("route53.us-gov.amazonaws.com"),
                    Some("route53.us-gov.amazonaws.com"),
                    Some("route53.us-gov.api.aws"),
                    Some("route53.us-gov.api.aws"),
                ],
            ),
            (
                "us-gov-west-1",
                Service::Sts,
                [
                    Some("sts.us-gov-west-1.amazonaws.com"),
                    Some("sts.us-gov-west-1.amazonaws.com"),
                    Some("sts.us-gov-west-1.api.aws"),
                    Some("sts-fips.us-gov-west-1.api.aws"),
                ],
            ),
            (
                "eusc-de-east-1",
                Service::Ec2,
                [
                    Some("ec2.eusc-de-east-1.amazonaws.eu"),
                    Some("ec2-fips.eusc-de-east-1.amazonaws.eu"),
                    Some("ec2.eusc-de-east-1.api.amazonwebservices.eu"),
                    Some("ec2-fips.eusc-de-east-1.api.amazonwebservices.eu"),
                ],
            ),
            (
                "eusc-de-east-1",
                Service::Route53,
                [
                    Some("route53.amazonaws.eu"),
                    Some("route53-fips.amazonaws.eu"),
                    Some("route53.global.api.amazonwebservices.eu"),
                    Some("route53-fips.api.amazonwebservices.eu"),
                ],
            ),
            (
                "us-iso-east-1",
                Service::Ec2,
                [
                    Some("ec2.us-iso-east-1.c2s.ic.gov"),
                    Some("ec2-fips.us-iso-east-1.c2s.ic.gov"),
                    Some("ec2.us-iso-east-1.api.aws.ic.gov"),
                    Some("ec2-fips.us-iso-east-1.api.aws.ic.gov"),
                ],
            ),
            (
                "us-iso-east-1",
                Service::Route53,
                [
                    Some("route53.c2s.ic.gov"),
                    Some("route53-fips.c2s.ic.gov"),
                    Some("route53.api.aws.ic.gov"),
                    Some("route53-fips.api.aws.ic.gov"),
                ],
            ),
            (
                "us-isob-east-1",
                Service::Sts,
                [
                    Some("sts.us-isob-east-1.sc2s.sgov.gov"),
                    Some("sts-fips.us-isob-east-1.sc2s.sgov.gov"),
                    Some("sts.us-isob-east-1.api.aws.scloud"),
                    Some("sts-fips.us-isob-east-1.api.aws.scloud"),
                ],
            ),
            (
                "us-isob-east-1",
                Service::Route53,
                [
                    Some("route53.sc2s.sgov.gov"),
                    Some("route53-fips.sc2s.sgov.gov"),
                    Some("route53.api.aws.scloud"),
                    Some("route53-fips.api.aws.scloud"),
                ],
            ),
            (
                "eu-isoe-west-1",
                Service::Ec2,
                [Some("ec2.eu-isoe-west-1.cloud.adc-e.uk"), Some("ec2-fips.eu-isoe-west-1.cloud.adc-e.uk"), None, None],
            ),
            (
                "eu-isoe-west-1",
                Service::Route53,
                [Some("route53.cloud.adc-e.uk"), Some("route53-fips.cloud.adc-e.uk"), None, None],
            ),
            (
                "us-isof-south-1",
                Service::Sts,
                [
                    Some("sts.us-isof-south-1.csp.hci.ic.gov"),
                    Some("sts-fips.us-isof-south-1.csp.hci.ic.gov"),
                    None,
                    None,
                ],
            ),
            (
                "us-isof-south-1",
                Service::Route53,
                [Some("route53.csp.hci.ic.gov"), Some("route53-fips.csp.hci.ic.gov"), None, None],
            ),
        ];
        for (region, service, wanted) in table {
            assert_eq!(hosts(region, service), wanted.map(|host| host.map(str::to_owned)), "{region} {service:?}");
        }
    }

    #[test]
    fn route_53_is_signed_for_the_partitions_global_region() {
        let table = [
            ("eu-central-1", "us-east-1", "aws"),
            ("cn-north-1", "cn-northwest-1", "aws-cn"),
            ("us-gov-east-1", "us-gov-west-1", "aws-us-gov"),
            ("eusc-de-east-1", "eusc-de-east-1", "aws-eusc"),
        ];
        for (region, wanted, name) in table {
            let region: Region = region.parse().unwrap();
            assert_eq!(signing_region(Service::Route53, &region), wanted);
            assert_eq!(signing_region(Service::Ec2, &region), region.as_str());
            assert_eq!(partition_name(&region), name);
        }
    }

    #[test]
    fn plain_http_is_refused_except_on_this_machine() {
        let region: Region = "us-east-1".parse().unwrap();
        for url in ["http://127.0.0.1:4566", "http://[::1]:4566/", "http://localhost:5000", "https://ec2.example.com"] {
            assert!(given(Service::Ec2, &region, url).is_ok(), "{url}");
        }
        for url in
            ["http://10.0.0.1", "ftp://localhost", "https://user:secret@example.com", "not a url", "https://a/?b=c"]
        {
            let error = given(Service::Ec2, &region, url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}
