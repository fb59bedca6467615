"""botocore reads every answer of the simulator.

boto3 makes the calls of a whole link, there and back, and the refusals in between. Beside what
botocore understood, every element of every raw answer must be one that AWS's model knows at that
place, since botocore skips what it does not know; and every word must be one of the model's words,
letter case apart, which real EC2 does not keep either.
"""

import re
import xml.etree.ElementTree as ET

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from common import Tally, clickhouse, simulator, until

# Waiting costs a fifth; more would bring the two clocks 15 minutes apart before the check ends.
SCALE = 5
# Elements outside the model: those around every answer, and the `return` that EC2's documentation
# shows in answers whose model has none.
AROUND = {"requestId", "RequestId", "ResponseMetadata", "return"}


class Reader:
    """Makes calls, and looks at each raw answer beside its model."""

    def __init__(self, tally, world):
        self.tally, self.world, self.seen = tally, world, set()
        self.ec2, self.route53, self.sts = (self.client(name) for name in ("ec2", "route53", "sts"))

    def client(self, service, **other):
        aws = self.world["aws"]
        keys = {"aws_access_key_id": aws["access_key_id"], "aws_secret_access_key": aws["secret_access_key"], **other}
        made = boto3.client(
            service, region_name=aws["region"], endpoint_url=aws["url"],
            config=Config(retries={"max_attempts": 1}), **keys,
        )
        made.meta.events.register("response-received", self.look)
        self.models = getattr(self, "models", {}) | {made.meta.service_model.service_id: made.meta.service_model}
        return made

    def look(self, response_dict, context, event_name, **_):
        if response_dict is None or response_dict["status_code"] >= 300:
            return
        _, service, operation = event_name.split(".")
        model = next(model for name, model in self.models.items() if name.hyphenize() == service)
        self.seen.add(operation)
        shape = model.operation_model(operation).output_shape
        if shape is None:
            return
        root = ET.fromstring(response_dict["body"])
        if service == "sts":
            root = root[0]
        strangers = list(unknown(root, shape, top=True))
        self.tally.check(f"{operation}: every element is in the model", not strangers, strangers)

    def refused(self, what, code, call, **params):
        try:
            call(**params)
        except ClientError as error:
            seen = error.response["Error"]["Code"]
            if not error.response["ResponseMetadata"].get("RequestId"):
                seen += " without a request id"
            self.tally.equal(what, seen, code)
        else:
            self.tally.check(what, False, f"it was done, where {code} was due")


def unknown(element, shape, top=False):
    """Paths of elements that the model does not know, and words it does not have."""
    name = element.tag.rpartition("}")[2]
    if shape.type_name == "structure":
        members = {member.serialization.get("name", key): member for key, member in shape.members.items()}
        # A flattened list stands where its items are, under the items' name.
        for key, member in shape.members.items():
            if member.type_name == "list" and member.serialization.get("flattened"):
                members[member.serialization.get("name") or member.member.serialization.get("name", key)] = member.member
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if top and tag in AROUND:
                continue
            if tag not in members:
                yield f"{name}/{tag}"
            else:
                yield from (f"{name}/{path}" for path in unknown(child, members[tag]))
    elif shape.type_name == "list":
        # botocore takes whatever an item is called; AWS has one name for it.
        wanted = shape.member.serialization.get("name", "member")
        for child in element:
            tag = child.tag.rpartition("}")[2]
            if tag != wanted:
                yield f"{name}/{tag} where {wanted} was due"
            else:
                yield from (f"{name}/{path}" for path in unknown(child, shape.member))
    else:
        words = getattr(shape, "enum", None)
        text = element.text or ""
        if words and text.lower() not in (word.lower() for word in words):
            yield f"{name}={text}, none of {words}"
        if shape.type_name == "boolean" and text not in ("true", "false"):
            yield f"{name}={text}, no boolean"


def main():
    tally = Tally("answers")
    with simulator("answers.log", "--time-scale", SCALE, "--no-rate-limit") as world:
        reader = Reader(tally, world)
        with tally.step("who am I"):
            tally.equal("the account", reader.sts.get_caller_identity()["Account"], "123456789012")
        for part in (network, group, keys):
            with tally.step(part.__name__):
                part(reader, world)
        print(f"   {len(reader.seen)} operations answered: {', '.join(sorted(reader.seen))}")
    tally.end()


def network(reader, world):
    ec2, tally, aws = reader.ec2, reader.tally, world["aws"]
    vpc = aws["vpc_id"]
    [read] = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    tally.equal("the VPC's range", read["CidrBlock"], "10.0.0.0/16")
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        name = attribute[0].upper() + attribute[1:]
        ec2.modify_vpc_attribute(VpcId=vpc, **{name: {"Value": True}})
        tally.equal(attribute, ec2.describe_vpc_attribute(VpcId=vpc, Attribute=attribute)[name]["Value"], True)
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    tally.equal("the subnets", sorted(subnet["SubnetId"] for subnet in subnets), sorted(aws["subnet_ids"]))
    tally.check("their zones and free addresses", all(
        subnet["AvailabilityZoneId"].startswith("use1-az") and subnet["AvailableIpAddressCount"] > 0 for subnet in subnets
    ), subnets)
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    tally.check("the zones", {"use1-az1", "use1-az2"} <= {zone["ZoneId"] for zone in zones}, zones)
    reader.refused("an unknown VPC", "InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=["vpc-0fedcba9876543210"])
    reader.refused("an unknown subnet", "InvalidSubnetID.NotFound", ec2.describe_subnets, SubnetIds=["subnet-0fedcba9876543210"])


def group(reader, world):
    """A group, the endpoint that uses it, a zone whose record points at that, and the way back."""
    ec2, tally, aws = reader.ec2, reader.tally, world["aws"]
    vpc = aws["vpc_id"]
    tags = [{"Key": "managed-by", "Value": "privlink"}, {"Key": "ü & <more>", "Value": "a=b+c"}]
    made = ec2.create_security_group(
        VpcId=vpc, GroupName="check", Description="Clients of orders",
        TagSpecifications=[{"ResourceType": "security-group", "Tags": tags}],
    )["GroupId"]
    reader.refused(
        "a second group of the name", "InvalidGroup.Duplicate", ec2.create_security_group,
        VpcId=vpc, GroupName="check", Description="again",
    )
    permission = {"IpProtocol": "tcp", "FromPort": 8443, "ToPort": 8443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    by_group = {"IpProtocol": "tcp", "FromPort": 9440, "ToPort": 9440, "UserIdGroupPairs": [{"GroupId": aws["security_group_ids"][1]}]}
    rules = ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[permission, by_group])["SecurityGroupRules"]
    tally.equal("two rules were made", len(rules), 2)
    reader.refused(
        "the same rule again", "InvalidPermission.Duplicate", ec2.authorize_security_group_ingress,
        GroupId=made, IpPermissions=[permission],
    )
    [read] = ec2.describe_security_groups(GroupIds=[made])["SecurityGroups"]
    tally.equal("the group's tags", sorted(read["Tags"], key=str), sorted(tags, key=str))
    tally.equal("the group's incoming rules", len(read["IpPermissions"]), 2)
    listed = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [made]}])["SecurityGroupRules"]
    tally.equal("the rules one by one", len([rule for rule in listed if not rule["IsEgress"]]), 2)

    endpoint(reader, world, made)

    ec2.revoke_security_group_ingress(GroupId=made, IpPermissions=[by_group])
    ec2.delete_security_group(GroupId=made)
    reader.refused("a group that is gone", "InvalidGroup.NotFound", ec2.describe_security_groups, GroupIds=[made])


def endpoint(reader, world, group):
    ec2, tally, aws = reader.ec2, reader.tally, world["aws"]
    service = clickhouse(world, f"/services/{world['clickhouse']['service_ids'][0]}/privateEndpointConfig")["endpointServiceId"]
    [detail] = ec2.describe_vpc_endpoint_services(ServiceNames=[service])["ServiceDetails"]
    tally.equal("the service's kind", detail["ServiceType"], [{"ServiceType": "Interface"}])
    reader.refused(
        "a service nobody offers", "InvalidServiceName", ec2.describe_vpc_endpoint_services,
        ServiceNames=["com.amazonaws.vpce.us-east-1.vpce-svc-0fedcba9876543210"],
    )
    zones = {subnet["SubnetId"]: subnet["AvailabilityZoneId"] for subnet in ec2.describe_subnets()["Subnets"]}
    offered = [subnet for subnet in aws["subnet_ids"] if zones[subnet] in detail["AvailabilityZoneIds"]]
    wanted = {
        "VpcEndpointType": "Interface", "VpcId": aws["vpc_id"], "ServiceName": service, "SubnetIds": offered[:1],
        "SecurityGroupIds": [group], "PrivateDnsEnabled": False, "ClientToken": "check-0123456789",
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "managed-by", "Value": "privlink"}]}],
    }
    reader.refused("a dry run", "DryRunOperation", ec2.create_vpc_endpoint, DryRun=True, **wanted)
    made = ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]
    tally.equal("it begins pending", made["State"], "pending")
    tally.equal("the same token, the same endpoint", ec2.create_vpc_endpoint(**wanted)["VpcEndpoint"]["VpcEndpointId"], made["VpcEndpointId"])
    reader.refused(
        "the same token, another endpoint", "IdempotentParameterMismatch", ec2.create_vpc_endpoint,
        **{**wanted, "PrivateDnsEnabled": True},
    )
    one = [made["VpcEndpointId"]]

    def state():
        [read] = ec2.describe_vpc_endpoints(VpcEndpointIds=one)["VpcEndpoints"]
        return read if read["State"] == "available" else None

    read = until("available", state)
    tally.check("its names are AWS's", all(
        re.search(r"\.vpce\.amazonaws\.com$", entry["DnsName"]) and entry["HostedZoneId"] for entry in read["DnsEntries"]
    ) and read["DnsEntries"], read["DnsEntries"])
    cards = ec2.describe_network_interfaces(NetworkInterfaceIds=read["NetworkInterfaceIds"])["NetworkInterfaces"]
    tally.check("its interfaces are in the subnet", [card["SubnetId"] for card in cards] == offered[:1], cards)
    with tally.step("zone"):
        zone(reader, world, read["DnsEntries"][0])
    ec2.create_tags(Resources=one, Tags=[{"Key": "added", "Value": "later"}])
    listed = ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": one}])["Tags"]
    tally.equal("its tags", sorted(tag["Key"] for tag in listed), ["added", "managed-by"])
    ec2.delete_tags(Resources=one, Tags=[{"Key": "added"}])
    found = ec2.describe_vpc_endpoints(Filters=[{"Name": "tag:managed-by", "Values": ["privlink"]}])["VpcEndpoints"]
    tally.equal("found by tag", [item["VpcEndpointId"] for item in found], one)
    ec2.modify_vpc_endpoint(VpcEndpointId=one[0], AddSubnetIds=offered[1:2])
    read = until("available again", state)
    tally.equal("the added subnet", sorted(read["SubnetIds"]), sorted(offered[:2]))
    reader.refused("a group in use", "DependencyViolation", ec2.delete_security_group, GroupId=group)

    tally.equal("deleting it", ec2.delete_vpc_endpoints(VpcEndpointIds=one)["Unsuccessful"], [])

    def gone():
        listed = ec2.describe_vpc_endpoints(Filters=[{"Name": "vpc-endpoint-id", "Values": one}])["VpcEndpoints"]
        return all(item["State"] == "deleted" for item in listed)

    until("gone", gone)
    failed = ec2.delete_vpc_endpoints(VpcEndpointIds=["vpce-0fedcba9876543210"])["Unsuccessful"]
    tally.equal(
        "deleting an unknown one answers 200 and says so",
        [item["Error"]["Code"] for item in failed], ["InvalidVpcEndpoint.NotFound"],
    )
    reader.refused(
        "an unknown endpoint", "InvalidVpcEndpointId.NotFound", ec2.describe_vpc_endpoints,
        VpcEndpointIds=["vpce-0fedcba9876543210"],
    )


def zone(reader, world, target):
    route53, tally, aws = reader.route53, reader.tally, world["aws"]
    vpc = {"VPCRegion": aws["region"], "VPCId": aws["vpc_id"]}
    host = "check.us-east-1.vpce.aws.clickhouse.cloud."
    wanted = {
        "Name": host, "VPC": vpc, "CallerReference": "check-1",
        "HostedZoneConfig": {"Comment": "orders & <more>", "PrivateZone": True},
    }
    made = route53.create_hosted_zone(**wanted)
    tally.equal("the change begins pending", made["ChangeInfo"]["Status"], "PENDING")
    tally.equal("the comment survives", made["HostedZone"]["Config"]["Comment"], "orders & <more>")
    identity = made["HostedZone"]["Id"]
    reader.refused("the same reference", "HostedZoneAlreadyExists", route53.create_hosted_zone, **wanted)
    reader.refused(
        "a second zone of the name", "ConflictingDomainExists", route53.create_hosted_zone,
        **{**wanted, "CallerReference": "check-2"},
    )
    until("in sync", lambda: route53.get_change(Id=made["ChangeInfo"]["Id"])["ChangeInfo"]["Status"] == "INSYNC")
    tally.equal("its VPCs", route53.get_hosted_zone(Id=identity)["VPCs"], [vpc])
    short = identity.rpartition("/")[2]
    seen = route53.list_hosted_zones_by_vpc(VPCId=vpc["VPCId"], VPCRegion=vpc["VPCRegion"])["HostedZoneSummaries"]
    tally.check("the VPC sees it", short in [item["HostedZoneId"] for item in seen], seen)
    named = route53.list_hosted_zones_by_name(DNSName=host)["HostedZones"]
    tally.check("listed by name", identity in [item["Id"] for item in named], named)
    every = route53.list_hosted_zones()["HostedZones"]
    tally.check("listed among all", identity in [item["Id"] for item in every], every)
    reader.refused(
        "hiding it from its last VPC", "LastVPCAssociation", route53.disassociate_vpc_from_hosted_zone,
        HostedZoneId=identity, VPC=vpc,
    )
    sets = [
        {"Name": host, "Type": "A", "AliasTarget": {
            "HostedZoneId": target["HostedZoneId"], "DNSName": f"{target['DnsName']}.", "EvaluateTargetHealth": False,
        }},
        {"Name": f"\\052.{host}", "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": "other.example.com"}]},
    ]

    def change(action, records):
        changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
        return route53.change_resource_record_sets(HostedZoneId=identity, ChangeBatch={"Changes": changes})

    change("UPSERT", sets)
    read = route53.list_resource_record_sets(HostedZoneId=identity)["ResourceRecordSets"]
    tally.equal("the records", sorted((item["Name"], item["Type"]) for item in read if item["Type"] not in ("NS", "SOA")),
                sorted((item["Name"], item["Type"]) for item in sets))
    tally.check("the alias comes back as it was", sets[0]["AliasTarget"] in [item.get("AliasTarget") for item in read], read)
    wrong = [{"Name": "elsewhere.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.1"}]}]
    reader.refused("a record outside the zone", "InvalidChangeBatch", lambda: change("UPSERT", wrong))
    reader.refused("creating what is there", "InvalidChangeBatch", lambda: change("CREATE", sets[:1]))
    reader.refused("a zone with records", "HostedZoneNotEmpty", route53.delete_hosted_zone, Id=identity)
    route53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=short, AddTags=[{"Key": "a", "Value": "b"}])
    tags = route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=short)["ResourceTagSet"]["Tags"]
    tally.equal("its tags", tags, [{"Key": "a", "Value": "b"}])
    change("DELETE", sets)
    route53.delete_hosted_zone(Id=identity)
    reader.refused("a zone that is gone", "NoSuchHostedZone", route53.get_hosted_zone, Id=identity)


def keys(reader, world):
    for service, call in (("ec2", "describe_vpcs"), ("route53", "list_hosted_zones"), ("sts", "get_caller_identity")):
        wrong = {"ec2": "AuthFailure", "route53": "SignatureDoesNotMatch", "sts": "SignatureDoesNotMatch"}[service]
        unknown_key = {"ec2": "AuthFailure", "route53": "InvalidClientTokenId", "sts": "InvalidClientTokenId"}[service]
        client = reader.client(service, aws_secret_access_key="wrong")
        reader.refused(f"{service}: a wrong secret", wrong, getattr(client, call))
        client = reader.client(service, aws_access_key_id="AKIAIOSFODNN7NOBODYX")
        reader.refused(f"{service}: an unknown key", unknown_key, getattr(client, call))


if __name__ == "__main__":
    main()
