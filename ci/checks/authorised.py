"""The policies for AWS, evaluated by moto: `authorised.py DIRECTORY`, with a directory for each pair.

A key with a policy's actions may make every call that the policy is for, and may not make the one whose action is
taken away. moto evaluates actions alone: a statement of a narrower resource than `*` allows nothing there, and no
condition is looked at, so that both are left out here; parliament reads them. moto refuses every signed GET of
Route 53, even botocore's own, so that the looks at zones are left out too.
"""

import json
import pathlib
import sys

import boto3
from botocore.exceptions import ClientError
from moto import mock_aws
from moto.core import set_initial_no_auth_action_count

VPC, GROUP, ZONE = "vpc-0a1b2c3d4e5f67890", "sg-0a1b2c3d4e5f67890", "Z0123456789ABCDEFGHIJ"
RECORD = {"Name": "orders.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "10.0.0.4"}]}
# What the calls are about need not be there: whoever is allowed is told so, and whoever is not is told that first.
CALLS = {
    "ec2:AuthorizeSecurityGroupIngress": {"GroupId": GROUP, "IpPermissions": []},
    "ec2:CreateSecurityGroup": {"GroupName": "privlink", "Description": "of a link", "VpcId": VPC},
    "ec2:CreateTags": {"Resources": [GROUP], "Tags": [{"Key": "managed-by", "Value": "privlink"}]},
    "ec2:CreateVpcEndpoint": {"VpcId": VPC, "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-0a1b2c3d4e5f67890"},
    "ec2:DescribeNetworkInterfaces": {},
    "ec2:DescribeSecurityGroups": {},
    "ec2:DescribeSubnets": {},
    "ec2:DescribeVpcAttribute": {"VpcId": VPC, "Attribute": "enableDnsSupport"},
    "ec2:DescribeVpcEndpointServices": {},
    "ec2:DescribeVpcEndpoints": {},
    "ec2:DescribeVpcs": {},
    "ec2:ModifyVpcAttribute": {"VpcId": VPC, "EnableDnsSupport": {"Value": True}},
    "ec2:ModifyVpcEndpoint": {"VpcEndpointId": "vpce-0a1b2c3d4e5f67890", "PrivateDnsEnabled": True},
    "route53:AssociateVPCWithHostedZone": {"HostedZoneId": ZONE, "VPC": {"VPCRegion": "us-east-1", "VPCId": VPC}},
    "route53:ChangeResourceRecordSets": {
        "HostedZoneId": ZONE, "ChangeBatch": {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": RECORD}]},
    },
    "route53:CreateHostedZone": {"Name": "orders.example.com", "CallerReference": "privlink"},
}

passed = failed = 0


def check(what, held, seen=""):
    global passed, failed
    if held:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}: {seen}")


def is_evaluated(action):
    return not action.startswith(("route53:Get", "route53:List"))


def key_for(number, actions):
    """A user of its own with these rights, in three calls."""
    iam = boto3.client("iam", "us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="example")
    name = f"user-{number}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName=name, PolicyName="link", PolicyDocument=document)
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def is_allowed(key, action):
    service, operation = action.split(":")
    client = boto3.client(service, "us-east-1", **key)
    call = next(name for name, known in client.meta.method_to_api_mapping.items() if known == operation)
    try:
        getattr(client, call)(**CALLS[action])
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"] != 403
    return True


def evaluate(path):
    policy = json.loads(path.read_text())
    actions = sorted({action for statement in policy["Statement"] for action in statement["Action"]})
    actions = [action for action in actions if is_evaluated(action)]
    check(f"{path}: every action has a call", not set(actions) - set(CALLS), set(actions) - set(CALLS))
    sets = [actions, *([other for other in actions if other != action] for action in actions)]

    @set_initial_no_auth_action_count(3 * len(sets))
    @mock_aws
    def ask():
        whole, *fewer = [key_for(number, allowed) for number, allowed in enumerate(sets)]
        for action, key in zip(actions, fewer):
            check(f"{path}: {action} is allowed", is_allowed(whole, action))
            check(f"{path}: {action} is not allowed without itself", not is_allowed(key, action))

    ask()


policies = sorted(pathlib.Path(sys.argv[1]).glob("**/aws-policy.json"))
for policy in policies:
    evaluate(policy)
check("something was evaluated", policies)
print(f"policies under moto's authorisation: {passed} passed, {failed} failed")
sys.exit(failed > 0)
