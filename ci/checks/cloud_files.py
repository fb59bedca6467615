"""Bicep and roles, read by parsers that nobody here wrote: `cloud_files.py DIRECTORY`, with a directory for each pair.

tree-sitter's grammar and pycep read every Bicep file without a complaint, and what they read holds together. Roles
have the fields that `az role definition create` and `gcloud iam roles create --file` take, and no others. No Bicep
compiler is in a registry that is used here, and nobody deploys: whether Azure takes the files is not said.
"""

import json
import pathlib
import re
import sys

import tree_sitter
import tree_sitter_bicep
import yaml
from pycep import BicepParser

passed = failed = 0


def check(what, held, seen=""):
    global passed, failed
    if held:
        passed += 1
    else:
        failed += 1
        print(f"FAILED {what}: {seen}")


def errors(node):
    own = [f"line {node.start_point[0] + 1}"] if node.is_error or node.is_missing else []
    return own + [error for child in node.children for error in errors(child)]


def references(value, known):
    """The words of an expression, as deep as it goes."""
    if isinstance(value, dict):
        return {one for inner in value.values() for one in references(inner, known)}
    if isinstance(value, list):
        return {one for inner in value for one in references(inner, known)}
    return {value} & known if isinstance(value, str) else set()


def bicep(path):
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
    found = errors(parser.parse(path.read_bytes()).root_node)
    check(f"{path}: the grammar", not found, found)
    read = BicepParser().parse(file_path=path)
    resources, names = read["resources"], re.findall(r"^resource (\w+) ", path.read_text(), re.MULTILINE)
    check(f"{path}: every thing once", sorted(resources) == sorted(names), names)
    for name, resource in resources.items():
        config = resource["config"]
        parent, before = config.get("parent"), config.get("dependsOn", [])
        check(f"{path}: what {name} waits for", set(filter(None, [parent, *before])) <= set(resources), config)
        check(f"{path}: {name} waits for others", name not in references(config, set(resources)), config)
    endpoints = [r for r in resources.values() if r["type"] == "Microsoft.Network/privateEndpoints" and not r["existing"]]
    for endpoint in endpoints:
        connections = endpoint["config"]["properties"]["manualPrivateLinkServiceConnections"]
        asked = [connection["properties"] for connection in connections]
        check(f"{path}: the endpoint asks", len(asked) == 1 and all(asked[0][f] for f in ("privateLinkServiceId", "requestMessage")), asked)
    # One that is there already is only referred to.
    there = [r for r in resources.values() if r["type"] == "Microsoft.Network/privateEndpoints" and r["existing"]]
    check(f"{path}: an endpoint", len(endpoints) + len(there) == 1, resources)


def azure_role(path):
    role = json.loads(path.read_text())
    lists = ["Actions", "NotActions", "DataActions", "NotDataActions", "AssignableScopes"]
    check(f"{path}: the fields", set(role) == {"Name", "IsCustom", "Description", *lists}, role)
    action = re.compile(r"Microsoft\.\w+(/\w+)+/(read|write|action)")
    check(f"{path}: the actions", role["Actions"] and all(action.fullmatch(one) for one in role["Actions"]), role)
    scope = re.compile(r"/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+")
    check(f"{path}: the scope", [bool(scope.fullmatch(one)) for one in role["AssignableScopes"]] == [True], role)


def google_role(path):
    role = yaml.safe_load(path.read_text())
    check(f"{path}: the fields", set(role) == {"title", "description", "stage", "includedPermissions"}, role)
    check(f"{path}: their lengths", len(role["title"]) <= 100 and len(role["description"]) <= 256, role)
    check(f"{path}: the stage", role["stage"] == "GA", role)
    permission = re.compile(r"[a-z]+(\.[a-zA-Z]+){2}")
    permissions = role["includedPermissions"]
    check(f"{path}: the permissions", permissions and all(permission.fullmatch(one) for one in permissions), role)


directory = pathlib.Path(sys.argv[1])
for pattern, read in [("link.bicep", bicep), ("azure-role*.json", azure_role), ("gcp-role*.yaml", google_role)]:
    files = sorted(directory.glob(f"**/{pattern}"))
    check(f"there is a {pattern}", files)
    for file in files:
        read(file)
print(f"Bicep and roles: {passed} passed, {failed} failed")
sys.exit(failed > 0)
