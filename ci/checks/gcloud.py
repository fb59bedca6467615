"""The `gcloud` command line drives the simulator: a whole link by hand, there and back.

It comes from no registry that the other checks install from; where it is missing the check says so and is skipped.
It reads its token from a file, sends it, waits for operations in its own way and shows errors in its own words, so
what a person types is what is checked.
"""

import json
import shutil
import sys

from common import WORK, Tally, clickhouse, run, simulator, until

SCALE = 20


class Gcloud:
    """The command line, pointed at the simulator."""

    def __init__(self, program, world):
        facts = world["gcp"]
        home = WORK / "gcloud"
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "token").write_text(facts["token"])
        self.program = program
        self.settings = {
            "CLOUDSDK_CONFIG": str(home / "config"),
            "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(home / "token"),
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE": f"{facts['url']}/compute/v1/",
            "CLOUDSDK_API_ENDPOINT_OVERRIDES_DNS": f"{facts['url']}/",
            "CLOUDSDK_CORE_PROJECT": facts["project"],
            "CLOUDSDK_COMPUTE_REGION": facts["region"],
            "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "true",
        }

    def text(self, *words):
        return run([self.program, *words], **self.settings).stdout.strip()

    def json(self, *words):
        return json.loads(self.text(*words, "--format=json"))

    def refusal(self, *words, **settings):
        """What the command line says when it is refused; empty when it is not."""
        done = run([self.program, *words], check=False, **{**self.settings, **settings})
        return done.stderr.strip() if done.returncode else ""


def main():
    program = shutil.which("gcloud")
    if program is None:
        print("gcloud: skipped, the command line is not installed", flush=True)
        sys.exit(0)
    tally = Tally("gcloud")
    with simulator("gcloud.log", "--time-scale", SCALE, "--no-rate-limit") as world:
        gcloud = Gcloud(program, world)
        with tally.step("the whole procedure"):
            procedure(tally, gcloud, world)
        with tally.step("refusals"):
            refusals(tally, gcloud, world)
    tally.end()


def service(world):
    """What the vendor says of its service on Google Cloud."""
    for identity in world["clickhouse"]["service_ids"]:
        if clickhouse(world, f"/services/{identity}")["provider"] == "gcp":
            return clickhouse(world, f"/services/{identity}/privateEndpointConfig")
    raise RuntimeError("no service is on Google Cloud")


def procedure(tally, gcloud, world):
    facts, config = world["gcp"], service(world)
    target, host = config["endpointServiceId"], config["privateDnsHostname"]
    tally.equal("the vendor's attachment is there", target in facts["service_attachments"], True)

    # Shared VPC gives the subnet as a path; both forms are typed.
    [made] = gcloud.json(
        "compute", "addresses", "create", "metrics", "--subnet", facts["subnetwork"], "--description", "made by hand",
    )
    tally.equal("addresses create waits until it is reserved", made["status"], "RESERVED")
    tally.equal("addresses create keeps the description", made["description"], "made by hand")
    address = gcloud.text("compute", "addresses", "describe", "metrics", "--format=value(address)")
    tally.equal("addresses describe", address, made["address"])
    wanted = address.rsplit(".", 1)[0] + ".77"
    name = facts["subnetwork"].rsplit("/", 1)[1]
    [other] = gcloud.json("compute", "addresses", "create", "second", "--subnet", name, "--addresses", wanted)
    tally.equal("addresses create with an address", other["address"], wanted)

    [rule] = gcloud.json(
        "compute", "forwarding-rules", "create", "metrics", "--network", facts["network"], "--address", "metrics",
        "--target-service-attachment", target, "--allow-psc-global-access", "--disable-automate-dns-zone",
    )
    tally.equal("forwarding-rules create", (rule["IPAddress"], rule["allowPscGlobalAccess"]), (address, True))

    def status():
        words = ["compute", "forwarding-rules", "describe", "metrics", "--format=value(pscConnectionId,pscConnectionStatus)"]
        return gcloud.text(*words).split()

    until("accepted", lambda: status()[1] == "ACCEPTED")
    number = status()[0]
    tally.check("the connection's number is beyond any float", int(number) > 2**53 and int(float(number)) != int(number), number)

    gcloud.text("compute", "forwarding-rules", "update", "metrics", "--no-allow-psc-global-access")
    on = gcloud.text("compute", "forwarding-rules", "describe", "metrics", "--format=value(allowPscGlobalAccess)")
    tally.equal("forwarding-rules update", on, "False")

    namespace = f"projects/{facts['project']}/locations/{facts['region']}/namespaces/own"
    [second] = gcloud.json(
        "compute", "forwarding-rules", "create", "second", "--network", facts["network"].rsplit("/", 1)[1],
        "--address", "second", "--target-service-attachment", target, "--service-directory-registration", namespace,
    )
    tally.equal("a registration", second["serviceDirectoryRegistrations"], [{"namespace": "own"}])

    zone = host.partition(".")[2] + "."
    gcloud.text(
        "dns", "managed-zones", "create", "metrics", "--description", "by hand", "--dns-name", zone,
        "--visibility", "private", "--networks", facts["network"].rsplit("/", 1)[1],
    )
    star = f"*.{zone}"
    gcloud.text("dns", "record-sets", "create", star, "--zone", "metrics", "--type", "A", "--ttl", "300", "--rrdatas", address)
    records = gcloud.json("dns", "record-sets", "list", "--zone", "metrics", "--name", star)
    tally.equal("record-sets list", [(record["name"], record["rrdatas"]) for record in records], [(star, [address])])

    full = gcloud.refusal("dns", "managed-zones", "delete", "metrics")
    tally.check("a zone with records", "contains one or more 'resource records'" in full, full)
    gcloud.text("dns", "record-sets", "delete", star, "--zone", "metrics", "--type", "A")
    gcloud.text("dns", "managed-zones", "delete", "metrics")
    used = gcloud.refusal("compute", "addresses", "delete", "metrics", "-q")
    tally.check("an address in use", "is already being used by" in used, used)
    for name in ("metrics", "second"):
        gcloud.text("compute", "forwarding-rules", "delete", name, "-q")
        gcloud.text("compute", "addresses", "delete", name, "-q")
    for kind in ("forwarding-rules", "addresses"):
        gone = gcloud.refusal("compute", kind, "describe", "metrics")
        tally.check(f"{kind} are gone", "was not found" in gone, gone)


def refusals(tally, gcloud, world):
    facts = world["gcp"]
    rule = ["compute", "forwarding-rules", "create", "lost", "--network", facts["network"], "--target-service-attachment"]
    unknown = f"projects/nobody-here/regions/{facts['region']}/serviceAttachments/none"
    create = ["compute", "addresses", "create", "--subnet", facts["subnetwork"]]
    [taken] = gcloud.json(*create, "first")
    for what, words, wanted in [
        ("an unknown attachment", [*rule, unknown, "--address", "first"], "Invalid value for field 'resource.target'"),
        ("a name that is taken", [*create, "first"], "already exists"),
        # This one fails inside its operation, with status 200.
        ("an address that is taken", [*create, "second", "--addresses", taken["address"]], "is already being used"),
        ("a zone that is not there", ["dns", "managed-zones", "describe", "none"], "does not exist"),
    ]:
        said = gcloud.refusal(*words)
        tally.check(what, wanted in said, said or "it was not refused")
    stranger = WORK / "gcloud" / "stranger"
    stranger.write_text("ya29.wrong")
    said = gcloud.refusal("dns", "managed-zones", "list", CLOUDSDK_AUTH_ACCESS_TOKEN_FILE=str(stranger))
    tally.check("a wrong token", "invalid authentication credentials" in said, said or "it was not refused")
    # Without credentials nothing is answered, unless the simulator was started with `--anonymous`.
    nobody = {"CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": "", "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true"}
    said = gcloud.refusal("dns", "managed-zones", "list", **nobody)
    tally.check("no token", "Login Required" in said, said or "it was not refused")
    with simulator("gcloud-anonymous.log", "--anonymous") as open_world:
        said = Gcloud(gcloud.program, open_world).refusal("dns", "managed-zones", "list", **nobody)
        tally.equal("no token where none is asked for", said, "")


if __name__ == "__main__":
    main()
