"""Microsoft's Python client drives the simulator: a whole link in Azure, there and back.

It follows long-running operations in its own way, reads every answer into its own models and shows errors in its own
words. Beside its models the raw answers are kept, for `resourceGuid`: the service sends it and no specification has it.
"""

import base64
import json
import sys
import time
import urllib.request

# The check beside this one that is called as the library `requests` must not be taken for it.
sys.path.append(sys.path.pop(0))

import azure.core.pipeline.policies._authentication as authentication
from azure.core import MatchConditions
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceModifiedError, ResourceNotFoundError
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from common import Tally, clickhouse, simulator, until

SCALE = 20
# It sends no token over plain HTTP, poll requests included; loopback is what this is about.
authentication._enforce_https = lambda request: None


class Token:
    """A token that was handed over."""

    def __init__(self, text):
        self.text, self.scopes = text, set()

    def get_token(self, *scopes, **_):
        self.scopes |= set(scopes)
        return AccessToken(self.text, int(time.time()) + 3600)


class Azure:
    """The client, pointed at the simulator; the raw answers are kept."""

    def __init__(self, world, token=None):
        self.facts = world["azure"]
        self.credential = Token(token or self.facts["token"])
        self.raw = []
        options = {
            "base_url": self.facts["url"], "polling_interval": 1, "retry_total": 0, "raw_response_hook": self.keep,
        }
        subscription = self.facts["subscription_id"]
        self.network = NetworkManagementClient(self.credential, subscription, **options)
        self.dns = PrivateDnsManagementClient(self.credential, subscription, **options)
        self.group = self.facts["resource_group"]

    def keep(self, response):
        request, answer = response.http_request, response.http_response
        answer.read()
        self.raw.append((request.method, request.url, answer.status_code, answer.text()))


def main():
    tally = Tally("azure")
    with simulator("azure.log", "--time-scale", SCALE, "--no-rate-limit") as world:
        azure = Azure(world)
        with tally.step("the whole procedure"):
            procedure(tally, azure, world)
        with tally.step("refusals"):
            refusals(tally, azure, world)
        # One scope for everything, whatever the endpoint is.
        tally.equal("the scope", azure.credential.scopes, {"https://management.azure.com/.default"})
    tally.end()


def parameters(azure):
    facts = azure.facts
    return {
        "location": facts["location"],
        "tags": {"managed-by": "check"},
        "properties": {
            "subnet": {"id": facts["subnet_id"]},
            "manualPrivateLinkServiceConnections": [{
                "name": "check-conn",
                "properties": {
                    "privateLinkServiceId": facts["private_link_service_aliases"][0], "requestMessage": "from a check",
                },
            }],
        },
    }


def connection(endpoint):
    [found] = endpoint.manual_private_link_service_connections
    return found.private_link_service_connection_state.status


def procedure(tally, azure, world):
    group, endpoints, interfaces = azure.group, azure.network.private_endpoints, azure.network.network_interfaces
    services = {service["provider"]: service for service in clickhouse(world, "/services")}
    service = services["azure"]["id"]
    config = clickhouse(world, f"/services/{service}/privateEndpointConfig")
    tally.equal("the vendor's alias is the cloud's", config["endpointServiceId"], azure.facts["private_link_service_aliases"][0])

    made = endpoints.begin_create_or_update(group, "check", parameters(azure)).result(60)
    tally.equal("it is made", made.provisioning_state, "Succeeded")
    tally.equal("its connection waits", connection(made), "Pending")
    methods = [(method, status) for method, _, status, _ in azure.raw]
    tally.equal("a PUT, status monitor, and the resource again", (methods[0], methods[1], methods[-1]), (("PUT", 201), ("GET", 200), ("GET", 200)))
    guid = json.loads(azure.raw[-1][3])["properties"]["resourceGuid"]
    tally.check("the GUID is in no model", not hasattr(made, "resource_guid") and "resourceGuid" in made.as_dict()["properties"], made)
    card = interfaces.get(group, made.network_interfaces[0].id.rpartition("/")[2])
    address = card.ip_configurations[0].private_ip_address
    tally.check("its interface has an address and a GUID of its own", address and card.resource_guid not in (None, guid), card)
    tally.equal("listed", [item.name for item in endpoints.list(group)], ["check"])

    change(world, service, {"privateEndpointIds": {"add": [guid]}})
    until("approved", lambda: connection(endpoints.get(group, "check")) == "Approved")
    tally.check("approved by its GUID", True)

    host = config["privateDnsHostname"]
    zones, links, records = azure.dns.private_zones, azure.dns.virtual_network_links, azure.dns.record_sets
    new = {"etag": "x", "match_condition": MatchConditions.IfMissing}
    zone = zones.begin_create_or_update(group, host, {"location": "global", "tags": {"managed-by": "check"}}, **new).result(60)
    tally.equal("the zone", (zone.name, zone.properties.provisioning_state), (host, "Succeeded"))
    link = links.begin_create_or_update(group, host, "check", {
        "location": "global",
        "properties": {"virtualNetwork": {"id": azure.facts["vnet_id"]}, "registrationEnabled": False},
    }).result(60)
    tally.equal("the link", link.properties.virtual_network_link_state, "Completed")
    for name in ("@", "*"):
        record = records.create_or_update(group, host, "A", name, {
            "properties": {"ttl": 300, "aRecords": [{"ipv4Address": address}], "metadata": {"managed-by": "check"}},
        })
        tally.equal(f"the record {name}", (record.name, record.properties.a_records[0].ipv4_address), (name, address))
    tally.equal("the records", sorted(item.name for item in records.list_by_type(group, host, "A")), ["*", "@"])
    try:
        zones.begin_create_or_update(group, host, {"location": "global"}, **new)
        tally.check("only new", False, "it was made again")
    except (ResourceModifiedError, HttpResponseError) as error:
        tally.equal("only new", error.status_code, 412)
    try:
        zones.begin_delete(group, host).result(60)
        tally.check("a linked zone stays", False, "it was deleted")
    except HttpResponseError as error:
        tally.equal("a linked zone stays", (error.status_code, error.error.code), (409, "CannotDeleteResource"))

    for name in ("@", "*"):
        records.delete(group, host, "A", name)
    links.begin_delete(group, host, "check").result(60)
    zones.begin_delete(group, host).result(60)
    endpoints.begin_delete(group, "check").result(60)
    endpoints.begin_delete(group, "check").result(60)
    tally.check("deleting what is gone is no error", True)
    for what, call in [("endpoint", lambda: endpoints.get(group, "check")), ("zone", lambda: zones.get(group, host))]:
        try:
            call()
            tally.check(f"the {what} is gone", False, "it is there")
        except ResourceNotFoundError as error:
            tally.equal(f"the {what} is gone", error.error.code, "ResourceNotFound")
    change(world, service, {"privateEndpointIds": {"remove": [guid]}})


def refusals(tally, azure, world):
    group = azure.group
    spoilt = parameters(azure)
    spoilt["properties"]["manualPrivateLinkServiceConnections"][0]["properties"]["privateLinkServiceId"] = (
        "nowhere.00000000-0000-0000-0000-000000000000.westus3.azure.privatelinkservice"
    )
    try:
        azure.network.private_endpoints.begin_create_or_update(group, "spoilt", spoilt)
        tally.check("an unknown alias", False, "it was made")
    except HttpResponseError as error:
        tally.check("an unknown alias", error.error.code.endswith("DoesNotExistOrIsNotVisible"), error)
    try:
        Azure(world, token="nobody").network.private_endpoints.get(group, "check")
        tally.check("an unknown token", False, "it was answered")
    except ClientAuthenticationError as error:
        tally.equal("an unknown token", (error.status_code, error.error.code), (401, "InvalidAuthenticationToken"))


def change(world, service, body):
    """One change at the simulated vendor."""
    vendor = world["clickhouse"]
    credentials = base64.b64encode(f"{vendor['key_id']}:{vendor['key_secret']}".encode()).decode()
    request = urllib.request.Request(
        f"{vendor['url']}/v1/organizations/{vendor['organization_id']}/services/{service}", method="PATCH",
        data=json.dumps(body).encode(),
        headers={"authorization": f"Basic {credentials}", "content-type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


if __name__ == "__main__":
    main()
