"""`az`, Microsoft's own command line, as a simulator lets it be used: it signs in nowhere but takes the token that was
handed over, goes to the address that was handed over, and sends the token there over plain HTTP, which is loopback.

Its parser, its commands, its requests and how it waits are its own.
"""

import os
import sys
import time

import requests
from azure.cli.core import get_default_cli
from azure.cli.core._profile import Profile
from azure.cli.core.aaz._http_policy import AAZBearerTokenCredentialPolicy
from azure.core.credentials import AccessToken, AccessTokenInfo
from azure.core.pipeline.policies import BearerTokenCredentialPolicy

URL = os.environ["PRIVLINK_AZURE_URL"]
TOKEN = os.environ["PRIVLINK_AZURE_TOKEN"]
SUBSCRIPTION = os.environ["PRIVLINK_AZURE_SUBSCRIPTION"]
TENANT = "00000000-0000-0000-0000-00000000aaaa"


class Token:
    """A token that was handed over."""

    def get_token(self, *_, **__):
        return AccessToken(TOKEN, int(time.time()) + 3600)

    def get_token_info(self, *_, **__):
        return AccessTokenInfo(TOKEN, int(time.time()) + 3600)


for policy in (AAZBearerTokenCredentialPolicy, BearerTokenCredentialPolicy):
    policy._enforce_https = staticmethod(lambda request: None)
Profile.get_subscription_id = lambda self: SUBSCRIPTION
Profile.get_login_credentials = lambda self, subscription_id=None, **_: (Token(), subscription_id or SUBSCRIPTION, TENANT)
# `az rest` asks for no token where an address is not https.
send = requests.Session.send


def with_token(session, request, **options):
    if request.url.startswith(URL):
        request.headers["Authorization"] = f"Bearer {TOKEN}"
    return send(session, request, **options)


requests.Session.send = with_token
cli = get_default_cli()
cli.cloud.endpoints.resource_manager = URL
sys.exit(cli.invoke(sys.argv[1:]))
