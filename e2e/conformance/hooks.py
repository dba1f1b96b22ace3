"""Credentials for schemathesis: the administrator's access token, which may do everything, and for routes of nodes the secret of a registered node.

The account is one that the document's examples do not name, and it signs in from an address of loopback that the run
itself does not use: wrong passwords that the run tries are throttled by account and address, and must not shut it out.
When a session ends under the run (it may end sessions), the next 401 signs in again.
"""

import http.client
import json
import os
from urllib.parse import urlsplit

import schemathesis

SERVER = urlsplit(os.environ["IQRA_URL"])


def ask(path, body, token=None, headers=()):
    """One POST of JSON; the reply's JSON, or an error that ends the run."""
    connection = http.client.HTTPConnection(SERVER.hostname, SERVER.port, timeout=10, source_address=("127.0.0.2", 0))
    sent = {"Content-Type": "application/json", **dict(headers)}
    if token is not None:
        sent["Authorization"] = f"Bearer {token}"
    connection.request("POST", path, json.dumps(body), sent)
    reply = connection.getresponse()
    text = reply.read()
    if reply.status >= 300:
        raise RuntimeError(f"{path}: {reply.status} {text!r}")
    return json.loads(text)


def sign_in():
    who = {"email": os.environ["IQRA_EMAIL"], "password": os.environ["IQRA_PASSWORD"]}
    return ask("/api/v1/auth/login", who)["accessToken"]


def new_node():
    """A node in a region of its own; where the run has deleted it, another one."""
    token, mark = sign_in(), os.urandom(3).hex()
    region = ask("/api/v1/regions", {"countryCode": "OM", "name": mark}, token)
    made = {"regionId": region["id"], "kind": "backend", "endpoint": f"http://{mark}.example.com:5002"}
    return ask("/api/v1/nodes", made, token)["plainSecret"]


@schemathesis.auth(refresh_interval=240).skip_for(path_regex="^/api/v1/node/")
class Administrator:
    def get(self, case, context):
        return sign_in()

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.auth(refresh_interval=3600, retry_on=[401, 410]).apply_to(path_regex="^/api/v1/node/")
class Node:
    def get(self, case, context):
        return new_node()

    def set(self, case, data, context):
        case.headers = {**(case.headers or {}), "X-API-Key": data}
