"""Our AWS client drives moto, an AWS test server by other people.

Once open (EC2, STS and Route 53), and once with moto checking signatures (EC2 alone: moto refuses
every signed GET of Route 53, even botocore's own).
"""

import json
import os
import subprocess
import sys

import boto3
from common import BIN, BUILT, CLEAN, answers, free_port, running, wait_for

REGION = "us-east-1"
POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def main():
    failed = 0
    for signed in (False, True):
        port = free_port()
        # Making a user, its key and its policy is free; every later call is checked.
        mode = {"INITIAL_NO_AUTH_ACTION_COUNT": "3"} if signed else {}
        command = [BIN / "moto_server", "-H", "127.0.0.1", "-p", port]
        with running(command, f"moto-{'signed' if signed else 'open'}.log", **mode) as server:
            url = f"http://127.0.0.1:{port}"
            wait_for(server, lambda: answers(f"{url}/moto-api/"), "moto")
            facts = lay_out(url, signed)
            done = subprocess.run(
                [str(BUILT / "moto-check")], stdin=subprocess.DEVNULL, env={**CLEAN, **facts}, timeout=300,
            )
            failed += done.returncode != 0
    sys.exit(1 if failed else 0)


def lay_out(url, signed):
    """A network, an endpoint service and a key, made by boto3."""
    key, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

    def client(service):
        return boto3.client(
            service, region_name=REGION, endpoint_url=url, aws_access_key_id=key, aws_secret_access_key=secret,
        )

    if signed:
        iam = client("iam")
        iam.create_user(UserName="privlink")
        made = iam.create_access_key(UserName="privlink")["AccessKey"]
        iam.put_user_policy(UserName="privlink", PolicyName="all", PolicyDocument=json.dumps(POLICY))
        key, secret = made["AccessKeyId"], made["SecretAccessKey"]
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_vpc(CidrBlock="10.30.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.20.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab", 1)
    ]
    balancer = client("elbv2").create_load_balancer(Name="vendor", Type="network", Subnets=subnets)
    service = ec2.create_vpc_endpoint_service_configuration(
        NetworkLoadBalancerArns=[balancer["LoadBalancers"][0]["LoadBalancerArn"]], AcceptanceRequired=False,
    )["ServiceConfiguration"]["ServiceName"]
    return {
        "CHECK_URL": url, "CHECK_REGION": REGION, "CHECK_KEY": key, "CHECK_SECRET": secret,
        "CHECK_VPC": vpc, "CHECK_OTHER_VPC": other, "CHECK_SUBNET_1": subnets[0], "CHECK_SUBNET_2": subnets[1],
        "CHECK_SERVICE": service, "CHECK_SIGNED": "yes" if signed else "no",
        # Where the machine's roots are, should the environment say so.
        **{name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ},
    }


if __name__ == "__main__":
    main()
