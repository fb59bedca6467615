"""The `aws` command line drives the simulator: a whole link by hand, there and back.

Its own parsers and exit codes are at work, so what a person types is what is checked.
"""

import json
import re

from common import BIN, Tally, clickhouse, run, simulator, until

SCALE = 5


class Aws:
    """The command line, pointed at the simulator."""

    def __init__(self, world):
        aws = world["aws"]
        self.keys = {
            "AWS_ACCESS_KEY_ID": aws["access_key_id"], "AWS_SECRET_ACCESS_KEY": aws["secret_access_key"],
            "AWS_ENDPOINT_URL": aws["url"], "AWS_DEFAULT_REGION": aws["region"],
        }

    def __call__(self, *words, **environment):
        done = run([BIN / "aws", *words, "--output", "json"], **{**self.keys, **environment})
        return json.loads(done.stdout) if done.stdout.strip() else None

    def code(self, *words, **environment):
        """The error code the command line prints when it is refused."""
        done = run([BIN / "aws", *words], check=False, **{**self.keys, **environment})
        found = re.search(r"An error occurred \(([^)]+)\)", done.stderr)
        return (done.returncode, found[1]) if found else (done.returncode, done.stderr.strip() or done.stdout.strip())


def main():
    tally = Tally("awscli")
    with simulator("awscli.log", "--time-scale", SCALE, "--no-rate-limit") as world:
        aws = Aws(world)
        with tally.step("the whole procedure"):
            procedure(tally, aws, world)
        with tally.step("refusals"):
            refusals(tally, aws, world)
    tally.end()


def procedure(tally, aws, world):
    facts = world["aws"]
    vpc, region = facts["vpc_id"], facts["region"]
    tally.equal("sts get-caller-identity", aws("sts", "get-caller-identity")["Account"], "123456789012")
    attribute = aws("ec2", "describe-vpc-attribute", "--vpc-id", vpc, "--attribute", "enableDnsSupport")
    tally.equal("describe-vpc-attribute", attribute["EnableDnsSupport"]["Value"], True)
    service = clickhouse(world, f"/services/{world['clickhouse']['service_ids'][0]}/privateEndpointConfig")
    name, host = service["endpointServiceId"], service["privateDnsHostname"]
    [detail] = aws("ec2", "describe-vpc-endpoint-services", "--service-names", name)["ServiceDetails"]
    zones = ",".join(detail["AvailabilityZoneIds"])
    subnets = aws(
        "ec2", "describe-subnets", "--filters", f"Name=vpc-id,Values={vpc}", f"Name=availability-zone-id,Values={zones}",
        "--query", "Subnets[].SubnetId",
    )
    tally.check("describe-subnets in the service's zones", 0 < len(subnets) < len(facts["subnet_ids"]), subnets)

    group = aws(
        "ec2", "create-security-group", "--group-name", "orders", "--description", "orders by hand", "--vpc-id", vpc,
        "--tag-specifications", "ResourceType=security-group,Tags=[{Key=made-by,Value=hand}]",
    )["GroupId"]
    for port in ("8443", "9440"):
        made = aws(
            "ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", port,
            "--cidr", "10.0.0.0/16",
        )
        tally.equal(f"authorize-security-group-ingress {port}", made["SecurityGroupRules"][0]["ToPort"], int(port))

    create = [
        "ec2", "create-vpc-endpoint", "--vpc-endpoint-type", "Interface", "--vpc-id", vpc, "--service-name", name,
        "--subnet-ids", *subnets, "--security-group-ids", group, "--no-private-dns-enabled",
        "--client-token", "by-hand-1", "--tag-specifications", "ResourceType=vpc-endpoint,Tags=[{Key=made-by,Value=hand}]",
    ]
    endpoint = aws(*create)["VpcEndpoint"]
    tally.equal("create-vpc-endpoint begins pending", endpoint["State"], "pending")
    tally.equal("the same client token, the same endpoint", aws(*create)["VpcEndpoint"]["VpcEndpointId"], endpoint["VpcEndpointId"])
    other = ["--private-dns-enabled" if word == "--no-private-dns-enabled" else word for word in create]
    tally.equal("the same client token, other parameters", aws.code(*other)[1], "IdempotentParameterMismatch")
    one = endpoint["VpcEndpointId"]

    def state():
        return aws("ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", one, "--query", "VpcEndpoints[0].State")

    until("available", lambda: state() == "available")
    [read] = aws("ec2", "describe-vpc-endpoints", "--filters", "Name=tag:made-by,Values=hand")["VpcEndpoints"]
    tally.equal("describe-vpc-endpoints by tag", read["VpcEndpointId"], one)
    cards = aws("ec2", "describe-network-interfaces", "--network-interface-ids", *read["NetworkInterfaceIds"])
    tally.equal("one interface a subnet", len(cards["NetworkInterfaces"]), len(subnets))

    zone = aws(
        "route53", "create-hosted-zone", "--name", host, "--vpc", f"VPCRegion={region},VPCId={vpc}",
        "--caller-reference", "by-hand-1", "--hosted-zone-config", "Comment=orders by hand,PrivateZone=true",
    )
    identity = zone["HostedZone"]["Id"]
    target = read["DnsEntries"][0]
    record = {"Name": host, "Type": "A", "AliasTarget": {
        "HostedZoneId": target["HostedZoneId"], "DNSName": target["DnsName"], "EvaluateTargetHealth": False,
    }}

    def change(action):
        batch = json.dumps({"Changes": [{"Action": action, "ResourceRecordSet": record}]})
        return aws("route53", "change-resource-record-sets", "--hosted-zone-id", identity, "--change-batch", batch)

    info = change("UPSERT")["ChangeInfo"]
    # The command line's own waiter looks twice a minute; this is the same look, more often.
    until("in sync", lambda: aws("route53", "get-change", "--id", info["Id"])["ChangeInfo"]["Status"] == "INSYNC")
    sets = aws("route53", "list-resource-record-sets", "--hosted-zone-id", identity)["ResourceRecordSets"]
    tally.check("the record is there", any(item["Type"] == "A" and item["Name"] == f"{host}." for item in sets), sets)
    seen = aws("route53", "list-hosted-zones-by-vpc", "--vpc-id", vpc, "--vpc-region", region)["HostedZoneSummaries"]
    tally.check("the VPC sees the zone", any(item["Name"] == f"{host}." for item in seen), seen)
    tally.equal("a zone with records", aws.code("route53", "delete-hosted-zone", "--id", identity)[1], "HostedZoneNotEmpty")

    change("DELETE")
    aws("route53", "delete-hosted-zone", "--id", identity)
    tally.equal("a group in use", aws.code("ec2", "delete-security-group", "--group-id", group)[1], "DependencyViolation")
    tally.equal("delete-vpc-endpoints", aws("ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", one)["Unsuccessful"], [])
    tally.equal("it is deleting", state(), "deleting")

    def gone():
        listed = aws("ec2", "describe-vpc-endpoints", "--filters", f"Name=vpc-endpoint-id,Values={one}")["VpcEndpoints"]
        return all(item["State"] == "deleted" for item in listed)

    until("deleted", gone)
    aws("ec2", "delete-security-group", "--group-id", group)
    tally.equal("the group is gone", aws.code("ec2", "describe-security-groups", "--group-ids", group)[1], "InvalidGroup.NotFound")


def refusals(tally, aws, world):
    vpc = world["aws"]["vpc_id"]
    unknown = "vpce-0fedcba9876543210"
    for code, words in [
        ("InvalidVpcEndpointId.NotFound", ["ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", unknown]),
        ("InvalidVpcEndpointId.Malformed", ["ec2", "describe-vpc-endpoints", "--vpc-endpoint-ids", "vpce-oops"]),
        ("InvalidVpcID.NotFound", ["ec2", "describe-vpcs", "--vpc-ids", "vpc-0fedcba9876543210"]),
        ("InvalidServiceName", ["ec2", "describe-vpc-endpoint-services", "--service-names", "com.amazonaws.vpce.us-east-1.vpce-svc-0fedcba9876543210"]),
        ("NoSuchHostedZone", ["route53", "get-hosted-zone", "--id", "Z0FEDCBA9876543210"]),
    ]:
        status, seen = aws.code(*words)
        tally.equal(" ".join(words[:2]), (status, seen), (255, code))
    failed = aws("ec2", "delete-vpc-endpoints", "--vpc-endpoint-ids", unknown)["Unsuccessful"]
    tally.equal("delete-vpc-endpoints of an unknown one", failed[0]["Error"]["Code"], "InvalidVpcEndpoint.NotFound")
    tally.equal(
        "a wrong secret", aws.code("ec2", "describe-vpcs", "--vpc-ids", vpc, AWS_SECRET_ACCESS_KEY="wrong")[1], "AuthFailure",
    )


if __name__ == "__main__":
    main()
