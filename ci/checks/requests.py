"""Every request of our AWS client, beside what botocore makes of the same parameters.

Compared after parsing: method, host, path, query, form or XML body, content type. The signature is
computed anew by botocore over our request as it stands. Operations we declare without a request
here, or parameters botocore's model does not know, fail the check.
"""

import re
import subprocess
import urllib.parse
import xml.etree.ElementTree as ET

import botocore.session
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.config import Config
from botocore.credentials import Credentials
from common import BUILT, CLEAN, ROOT, Tally, lines_of_json

KEY, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
REGION = "us-east-1"


def main():
    tally = Tally("requests")
    printed = subprocess.run([str(BUILT / "requests")], check=True, capture_output=True, text=True, env=CLEAN).stdout
    calls = lines_of_json(printed)
    reference = Reference()
    seen = {}
    for number, call in enumerate(calls, 1):
        what = f"{number} {call['service']} {call['operation']}"
        seen.setdefault(call["service"], set()).add(call["operation"])
        ours = call["request"]
        with tally.step(f"{what}: botocore takes the parameters"):
            theirs = reference.request(call["service"], call["operation"], call["params"])
            compare(tally, what, ours, theirs)
        tally.equal(f"{what}: signature", *signatures(call["service"], ours))
    for service, declared in operations().items():
        tally.equal(f"{service}: each operation the client declares was compared", declared - seen.get(service, set()), set())
    tally.end()


class Reference:
    """botocore, stopped just before it would send."""

    def __init__(self):
        self.session = botocore.session.Session()
        self.clients = {}

    def request(self, service, operation, params):
        client = self.clients.get(service)
        if client is None:
            config = Config(retries={"max_attempts": 1}, region_name=REGION)
            client = self.session.create_client(
                service, config=config, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
            )
            self.clients[service] = client
        caught = []

        def catch(request, **_):
            caught.append(request)
            return AWSResponse(request.url, 200, {}, Empty())

        client.meta.events.register("before-send", catch)
        try:
            client._make_api_call(operation, params)
        except Exception:
            if not caught:  # It refused the parameters; what it makes of our empty answer is no matter.
                raise
        finally:
            client.meta.events.unregister("before-send", catch)
        [request] = caught
        body = request.body or b""
        return {
            "method": request.method,
            "uri": request.url,
            "headers": {name.lower(): text(value) for name, value in request.headers.items()},
            "body": text(body),
        }


class Empty:
    """A body without anything in it."""

    def stream(self, *_args, **_kwargs):
        return iter([b"<Empty/>"])

    def read(self, *_args):
        return b"<Empty/>"


def compare(tally, what, ours, theirs):
    tally.equal(f"{what}: method", ours["method"], theirs["method"])
    here, there = urllib.parse.urlsplit(ours["uri"]), urllib.parse.urlsplit(theirs["uri"])
    tally.equal(f"{what}: host", here.netloc, there.netloc)
    tally.equal(f"{what}: path", path(here.path), path(there.path))
    tally.equal(f"{what}: query", pairs(here.query), pairs(there.query))
    kinds = [request["headers"].get("content-type", "") for request in (ours, theirs)]
    if "form" in kinds[1]:
        tally.equal(f"{what}: content type", kinds[0], kinds[1])
        tally.equal(f"{what}: form", pairs(ours["body"]), pairs(theirs["body"]))
    elif theirs["body"]:
        # botocore names no type for XML; Route 53 reads it whatever it is called.
        tally.equal(f"{what}: document", tree(ours["body"]), tree(theirs["body"]))
    else:
        tally.equal(f"{what}: no body", ours["body"], "")


def path(raw):
    """Segments as they are meant; a slash at the end says nothing to Route 53."""
    return [urllib.parse.unquote(segment) for segment in raw.rstrip("/").split("/")]


def pairs(raw):
    return sorted(urllib.parse.parse_qsl(raw, keep_blank_values=True, strict_parsing=bool(raw)))


def tree(document):
    def of(element):
        # botocore writes fields in the order they were given, so their order says nothing; the
        # order of a list does, and sorting keeps it, since its items have one name.
        content = sorted((of(child) for child in element), key=lambda child: child[0]) or (element.text or "")
        return [element.tag, content]

    return of(ET.fromstring(document))


def signatures(service, ours):
    """The signature our request bears, and the one botocore puts on the same request."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, SignedHeaders=([^,]+), Signature=(\w+)",
        ours["headers"]["authorization"],
    )
    key, _, region, name, signed, signature = found.groups()
    request = AWSRequest(ours["method"], ours["uri"], data=ours["body"].encode())
    for header in signed.split(";"):
        if header != "host":
            request.headers[header] = ours["headers"][header]
    request.context["timestamp"] = ours["headers"]["x-amz-date"]
    auth = SigV4Auth(Credentials(KEY, SECRET), service, REGION)
    if "?" in ours["uri"]:
        request.params = dict(pairs(urllib.parse.urlsplit(ours["uri"]).query))
        request.url = ours["uri"].split("?")[0]
    theirs = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    return (key, region, name, signature), (KEY, REGION, service, theirs)


def operations():
    """The operations our client declares, read out of its source."""
    declared = {}
    for service, folder in {"ec2": "ec2/operations.rs", "route53": "route53/operations.rs", "sts": "sts/mod.rs"}.items():
        source = (ROOT / "crates" / "aws" / "src" / folder).read_text("utf-8")
        declared[service] = set(re.findall(r'Operation::\w+\("(\w+)"\)', source))
    return declared


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


if __name__ == "__main__":
    main()
