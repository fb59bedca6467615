"""What plans are rendered as, read by the tools it is for: `handover.py DIRECTORY WORK`, both with a directory for
each pair.

cfn-lint has nothing to say of the templates, and moto deploys them before and after the vendor's part; parliament
has nothing to say of the policies. The templates of WORK, which hold texts that readers are taken in by, say the
same in YAML as in JSON.
"""

import json
import pathlib
import re
import subprocess
import sys

import boto3
import yaml
from moto import mock_aws

passed = failed = 0


def check(what, held, seen=""):
    global passed, failed
    if held:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}: {seen}")


def run(*words):
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, text=True)


def lint(files):
    ran = run(str(pathlib.Path(sys.executable).parent / "cfn-lint"), "--", *map(str, files))
    check(f"cfn-lint of {len(files)} templates", ran.returncode == 0, ran.stdout + ran.stderr)


def judge(policy):
    ran = run(str(pathlib.Path(sys.executable).parent / "parliament"), "--string", policy.read_text())
    # Every resource that a call names has to be allowed by some statement, and each kind has a condition of its
    # own: parliament looks at one statement at a time.
    split = ("ec2:CreateVpcEndpoint", "ec2:CreateSecurityGroup")
    said = [line for line in (ran.stdout + ran.stderr).splitlines() if line]
    said = [line for line in said if not ("No resources match" in line and any(f"'{action}'" in line for action in split))]
    check(f"parliament of {policy}", not said, said)


@mock_aws
def deploy(template):
    """Both phases on moto, which cannot tell an endpoint's DNS entries: they are given."""
    text = template.read_text()
    body = json.loads((template.parent / "link.json").read_text())
    endpoints = [r["Properties"] for r in body["Resources"].values() if r["Type"] == "AWS::EC2::VPCEndpoint"]
    ec2 = boto3.client("ec2", "us-east-1")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    text = re.sub(r"vpc-[0-9a-f]{17}", vpc, text)
    for n, subnet in enumerate(subnet for endpoint in endpoints for subnet in endpoint["SubnetIds"]):
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"]
        text = text.replace(subnet, made)
    given = {"EndpointDnsName": "vpce-0a1b2c3d4e5f67890.example.us-east-1.vpce.amazonaws.com", "EndpointDnsZone": "Z7HUB22UULQXV"}
    if "AwsSecurityGroup" in body.get("Parameters", {}):
        group = ec2.create_security_group(GroupName="there", Description="there already", VpcId=vpc)
        given["AwsSecurityGroup"] = group["GroupId"]

    cloudformation = boto3.client("cloudformation", "us-east-1")

    def parameters(admitted):
        known = {**given, "Admitted": admitted}
        return [{"ParameterKey": k, "ParameterValue": v} for k, v in known.items() if k in body.get("Parameters", {})]

    def made():
        stack = cloudformation.list_stack_resources(StackName="link")["StackResourceSummaries"]
        return sorted(one["LogicalResourceId"] for one in stack if one["LogicalResourceId"])

    before = [name for name, one in body["Resources"].items() if "Condition" not in one]
    if before:
        cloudformation.create_stack(StackName="link", TemplateBody=text, Parameters=parameters("false"))
        check(f"{template}: what comes before the vendor", made() == sorted(before), made())
        cloudformation.update_stack(StackName="link", TemplateBody=text, Parameters=parameters("true"))
    else:
        # A stack of nothing is refused.
        cloudformation.create_stack(StackName="link", TemplateBody=text, Parameters=parameters("true"))
    check(f"{template}: the whole", made() == sorted(body["Resources"]), made())

    found = ec2.describe_vpc_endpoints()["VpcEndpoints"]
    services = sorted(one["ServiceName"] for one in found)
    check(f"{template}: its endpoint", services == sorted(one["ServiceName"] for one in endpoints), found)
    route53 = boto3.client("route53", "us-east-1")
    records = [r for r in body["Resources"].values() if r["Type"] == "AWS::Route53::RecordSet"]
    aliases = []
    for zone in route53.list_hosted_zones()["HostedZones"]:
        sets = route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]
        aliases += [one for one in sets if one.get("AliasTarget", {}).get("DNSName", "").startswith("vpce-")]
    meant = sorted((one["Properties"]["Name"].rstrip("."), one["Properties"]["Type"]) for one in records)
    there = sorted((one["Name"].rstrip(".").replace("\\052", "*"), one["Type"]) for one in aliases)
    check(f"{template}: the records", there == meant, aliases)


directory = pathlib.Path(sys.argv[1])
templates = sorted(directory.glob("**/link.yaml"))
lint([*templates, *sorted(directory.glob("**/link.json"))])
for template in templates:
    deploy(template)
odd = sorted(pathlib.Path(sys.argv[2]).glob("**/link.yaml"))
check("odd templates were written", odd)
for template in [*templates, *odd]:
    read, meant = yaml.safe_load(template.read_text()), json.loads((template.parent / "link.json").read_text())
    check(f"{template} says what the JSON says", read == meant, read)
policies = sorted(directory.glob("**/aws-policy.json"))
for policy in policies:
    judge(policy)
check("something was read", templates and policies)
print(f"rendered files: {passed} passed, {failed} failed")
sys.exit(failed > 0)
