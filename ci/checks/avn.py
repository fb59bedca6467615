"""Aiven's own command line, `avn`, drives the simulator: privatelinks on all three clouds, there and back.

Its own parsers and exit codes are at work, so what a person types is what is checked. The endpoints are made
by hand in each simulated cloud, as the other half of Aiven's guides has it.
"""

import json
import re
import urllib.error
import urllib.request

from common import BIN, CLEAN, Tally, run, simulator, until

SCALE = 20
ROLE = "arn:aws:iam::123456789012:role/deploy"


class Avn:
    """The command line, pointed at the simulator. Its global words come before the command."""

    def __init__(self, world):
        aiven = world["aiven"]
        self.project = aiven["project"]
        self.front = [BIN / "avn", "--url", aiven["url"], "--auth-token", aiven["token"], "--request-timeout", "10"]
        # No ~/.netrc and no saved credentials: either would replace the token.
        self.home = {"AIVEN_CONFIG_DIR": CLEAN["HOME"]}

    def text(self, *words, check=True):
        done = run([*self.front, *words, "--project", self.project], check=check, **self.home)
        return done.stdout if check else (done.returncode, done.stderr.strip())

    def json(self, *words):
        """What `--json` prints: a list, even for one thing."""
        printed = self.text(*words, "--json")
        # `google connection list` prints the answer as Python first.
        return json.loads(printed[re.search(r"^[\[{]$|^\[\]$", printed, re.MULTILINE).start():])

    def privatelink(self, *words):
        return self.json("service", "privatelink", *words)

    def state(self, cloud, service):
        return self.text("service", "privatelink", cloud, "get", service, "--format", "{state}").strip()

    def refused(self, *words):
        """The status that the command line prints when it is refused."""
        code, words = self.text(*words, check=False)
        found = re.search(r"\(status (\d+)\)", words)
        return (code, int(found[1])) if found else (code, words)


def main():
    tally = Tally("avn")
    with simulator("avn.log", "--time-scale", SCALE, "--no-rate-limit") as world:
        avn = Avn(world)
        for what, drive in [("aws", aws), ("azure", azure), ("google", google), ("refusals", refusals)]:
            with tally.step(what):
                drive(tally, avn, world)
    tally.end()


def active(avn, cloud, service):
    until(f"{service} is active", lambda: avn.state(cloud, service) == "active")
    return avn.privatelink(cloud, "get", service)[0]


def gone(avn, cloud, service):
    until(f"{service} is gone", lambda: avn.refused("service", "privatelink", cloud, "get", service) == (1, 404))


def switch_on(tally, avn, service, component):
    avn.text("service", "update", "-c", f"privatelink_access.{component}=true", service)
    [read] = [avn.json("service", "get", service)]
    tally.equal(f"{component} is on", read["user_config"]["privatelink_access"], {component: True})


def connection_info(avn, *words):
    """The words of `service connection-info`; it waits until the load balancer has followed."""
    def look():
        done = run([*avn.front, "service", "connection-info", *words, "--project", avn.project], check=False, **avn.home)
        return done.stdout.strip() if done.returncode == 0 else None

    return until(" ".join(words), look)


def aws(tally, avn, world):
    service, facts = "events-kafka", world["aws"]
    [made] = avn.privatelink("aws", "create", "--principal", ROLE, service)
    tally.equal("created", (made["state"], made["principals"], made["aws_service_name"]), ("creating", [ROLE], None))
    link = active(avn, "aws", service)
    tally.check("the service's name", link["aws_service_name"].endswith(link["aws_service_id"]), link)
    two = [ROLE, "arn:aws:iam::123456789012:user/operator"]
    [updated] = avn.privatelink("aws", "update", "--principal", two[0], "--principal", two[1], service)
    tally.equal("updated", updated["principals"], two)
    [same] = avn.privatelink("aws", "update", "--supported-regions", "us-west-2", service)
    tally.equal("without a principal nothing changes", same["principals"], two)
    active(avn, "aws", service)
    switch_on(tally, avn, service, "kafka")

    keys = {
        "AWS_ACCESS_KEY_ID": facts["access_key_id"], "AWS_SECRET_ACCESS_KEY": facts["secret_access_key"],
        "AWS_ENDPOINT_URL": facts["url"], "AWS_DEFAULT_REGION": facts["region"],
    }
    run([
        BIN / "aws", "ec2", "create-vpc-endpoint", "--vpc-endpoint-type", "Interface", "--vpc-id", facts["vpc_id"],
        "--service-name", link["aws_service_name"], "--subnet-ids", facts["subnet_ids"][0],
        "--security-group-ids", facts["security_group_ids"][0], "--no-private-dns-enabled",
    ], **keys)
    tally.equal("refresh prints nothing", avn.text("service", "privatelink", "aws", "refresh", service), "")

    def connected():
        listed = avn.privatelink("aws", "connection", "list", service)
        return listed[0] if listed and listed[0]["state"] == "active" else None

    connection = until("connected", connected)
    tally.check("its id", connection["privatelink_connection_id"].startswith("plc"), connection)
    told = {
        way: connection_info(avn, "kcat", service, "-p", connection["privatelink_connection_id"], "-a", way)
        for way in ("certificate", "sasl")
    }
    tally.check("the private host", all("privatelink-1-events-kafka" in words for words in told.values()), told)
    tally.check("a port for each way", len({re.search(r":(\d+)", words)[1] for words in told.values()}) == 2, told)
    avn.privatelink("aws", "delete", service)
    tally.equal("going", avn.state("aws", service), "deleting")
    gone(avn, "aws", service)


def request(method, url, token, body=None):
    asked = urllib.request.Request(
        url, method=method, data=None if body is None else json.dumps(body).encode(),
        headers={"authorization": f"Bearer {token}", "content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(f"{error.code}: {error.read().decode()[:500]}") from error


class Refused(RuntimeError):
    """A cloud's refusal, with what it said."""


def azure(tally, avn, world):
    service, facts = "stock-mysql", world["azure"]
    subscription = facts["subscription_id"]
    avn.privatelink("azure", "create", "--user-subscription-id", subscription, service)
    link = active(avn, "azure", service)
    tally.equal("the subscription", link["user_subscription_ids"], [subscription])
    other = "00000000-0000-0000-0000-00000000beef"
    [updated] = avn.privatelink(
        "azure", "update", "--user-subscription-id", subscription, "--user-subscription-id", other, service,
    )
    tally.equal("updated", updated["user_subscription_ids"], [subscription, other])
    active(avn, "azure", service)
    switch_on(tally, avn, service, "mysql")
    active(avn, "azure", service)

    endpoint = (
        f"/subscriptions/{subscription}/resourceGroups/{facts['resource_group']}"
        "/providers/Microsoft.Network/privateEndpoints/stock"
    )
    url = f"{facts['url']}{endpoint}?api-version=2025-05-01"
    request("PUT", url, facts["token"], {
        "location": facts["location"],
        "properties": {
            "subnet": {"id": facts["subnet_id"]},
            "manualPrivateLinkServiceConnections": [{"name": "stock", "properties": {
                "privateLinkServiceId": link["azure_service_alias"], "requestMessage": "by hand",
            }}],
        },
    })

    def built():
        read = request("GET", url, facts["token"])["properties"]
        return read if read["provisioningState"] == "Succeeded" else None

    until("the endpoint is there", built)

    def listed(state):
        avn.text("service", "privatelink", "azure", "refresh", service)
        found = avn.privatelink("azure", "connection", "list", service)
        return found[0] if found and found[0]["state"] == state else None

    pending = until("Aiven has seen it", lambda: listed("pending-user-approval"))
    identity = pending["privatelink_connection_id"]
    tally.equal("no address yet", pending["user_ip_address"], None)
    tally.equal("its endpoint", pending["private_endpoint_id"].lower(), endpoint.lower())
    [approved] = avn.privatelink("azure", "connection", "approve", service, identity)
    tally.equal("approved", approved["state"], "user-approved")
    tally.equal("twice", avn.refused("service", "privatelink", "azure", "connection", "approve", service, identity), (1, 409))
    until("Azure shows it", lambda: listed("connected"))
    [told] = avn.privatelink("azure", "connection", "update", "--endpoint-ip-address", "10.0.64.4", service, identity)
    tally.equal("the address is told", (told["state"], told["user_ip_address"]), ("active", "10.0.64.4"))
    avn.privatelink("azure", "delete", service)
    gone(avn, "azure", service)


def google(tally, avn, world):
    service, facts = "cache-valkey", world["gcp"]
    [made] = avn.privatelink("google", "create", service)
    tally.equal("created", made["state"], "creating")
    link = active(avn, "google", service)
    switch_on(tally, avn, service, "valkey")
    base = f"{facts['url']}/compute/v1/projects/{facts['project']}/regions/{facts['region']}"
    request("POST", f"{base}/addresses", facts["token"], {
        "name": "cache", "addressType": "INTERNAL", "subnetwork": facts["subnetwork"],
    })

    def there(kind):
        try:
            return request("GET", f"{base}/{kind}/cache", facts["token"])
        except Refused:
            return None

    address = until("the address", lambda: (found := there("addresses")) and found["status"] == "RESERVED" and found)
    request("POST", f"{base}/forwardingRules", facts["token"], {
        "name": "cache", "IPAddress": address["selfLink"], "network": facts["network"],
        "target": link["google_service_attachment"], "loadBalancingScheme": "",
    })
    rule = until("the endpoint", lambda: (found := there("forwardingRules")) and found.get("pscConnectionId") and found)

    def listed(state):
        avn.text("service", "privatelink", "google", "refresh", service)
        found = avn.privatelink("google", "connection", "list", service)
        return found[0] if found and found[0]["state"] == state else None

    pending = until("Aiven has seen it", lambda: listed("pending-user-approval"))
    tally.equal("its number", pending["psc_connection_id"], rule["pscConnectionId"])
    approve = ["service", "privatelink", "google", "connection", "approve", service]
    approve += ["--privatelink-connection-id", pending["privatelink_connection_id"], "--user-ip-address"]
    tally.equal("an address that is none", avn.refused(*approve, "10.0.0"), (1, 400))
    [approved] = avn.json(*approve, address["address"])
    tally.equal("approved", (approved["state"], approved["user_ip_address"]), ("user-approved", address["address"]))
    tally.equal("twice", avn.refused(*approve, address["address"]), (1, 409))
    until("it is served", lambda: listed("active"))
    uri = connection_info(avn, "valkey", "uri", service, "-p", pending["privatelink_connection_id"])
    tally.check("the private host", "@privatelink-1-cache-valkey-" in uri, uri)
    unknown = avn.text("service", "connection-info", "valkey", "uri", service, "-p", "plc0", check=False)
    tally.equal("another connection", unknown[0], 1)
    avn.privatelink("google", "delete", service)
    gone(avn, "google", service)


def refusals(tally, avn, world):
    offers = avn.json("service", "privatelink", "availability")
    tally.check("availability", all(offer["price_usd"] == "0.0600" for offer in offers) and len(offers) == 3, offers)
    get = ["service", "privatelink", "aws", "get"]
    tally.equal("an unknown service", avn.refused(*get, "nowhere"), (1, 404))
    tally.equal("another cloud", avn.refused(*get, "stock-mysql"), (1, 400))
    tally.equal("no principal", avn.refused("service", "privatelink", "aws", "create", "orders-pg"), (1, 400))
    wrong = Avn({"aiven": {**world["aiven"], "token": "wrong"}})
    tally.equal("a wrong token", wrong.refused(*get, "orders-pg"), (1, 403))


if __name__ == "__main__":
    main()
