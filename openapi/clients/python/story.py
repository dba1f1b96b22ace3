"""A node's life through the generated Python client: sign in, region, node, heartbeat, online, drain, delete.

`iqra_client` is made from the document right before, into a folder on PYTHONPATH.
"""

import os
import time
from typing import Any, Callable

from iqra_client import AuthenticatedClient, Client
from iqra_client.api.auth import login
from iqra_client.api.node import goodbye, heartbeat
from iqra_client.api.nodes import (
    create_node, delete_node, get_node, get_node_deletion, preview_node_intent, set_node_intent,
)
from iqra_client.api.regions import create_region, delete_region, get_region, set_region_intent
from iqra_client.models import (
    CreateNode, CreateRegion, DesiredState, DrainPhase, Goodbye, Heartbeat, IntentState, LoginRequest, NodeKind, Problem,
    Runtime, RuntimeReport, Sessions, SetIntent, StatusWord,
)
from iqra_client.types import UNSET, Response, Unset

URL = os.environ["IQRA_URL"]


def good(what: str, reply: Response[Any]) -> Any:
    """The body of a reply that went well; everything else ends the story with the problem's own words."""
    if isinstance(reply.parsed, Problem) or reply.status_code >= 300:
        raise SystemExit(f"{what}: {reply.status_code} {reply.parsed or reply.content!r}")
    return reply.parsed


def wait(what: str, look: Callable[[], Any]) -> Any:
    """Looks until there is something, half a minute at most."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise SystemExit(f"{what} did not happen in time")


signed = good("sign in", login.sync_detailed(
    client=Client(URL), body=LoginRequest(email=os.environ["IQRA_EMAIL"], password=os.environ["IQRA_PASSWORD"]),
))
api = AuthenticatedClient(URL, token=signed.access_token)

region = good("create region", create_region.sync_detailed(
    client=api, body=CreateRegion(country_code="OM", name="python", display_name="Python"),
))
made = good("register node", create_node.sync_detailed(
    client=api, idempotency_key=f"story-{time.time_ns()}",
    body=CreateNode(region_id=region.id, kind=NodeKind.BACKEND, endpoint="http://10.1.0.2:5002", max_concurrent_calls=25),
))
node_id = made.node.id
assert isinstance(made.plain_secret, str), "the reply to a new node holds no secret"

# The node proves itself with its own secret and nothing else.
node = AuthenticatedClient(URL, token=made.plain_secret, prefix="", auth_header_name="X-API-Key")
boot_id, seq = f"python-{time.time_ns()}", 0


def beat(phone: int, obeyed: int | Unset = UNSET) -> Any:
    global seq
    seq += 1
    return good("heartbeat", heartbeat.sync_detailed(client=node, body=Heartbeat(
        boot_id=boot_id, seq=seq, version="1.4.2",
        runtime=RuntimeReport(status=Runtime.RUNNING, reason=""),
        sessions=Sessions(phone=phone, web=0, max_=25), observed_generation=obeyed,
    )))


def online() -> Any:
    beat(2)
    reply = get_node.sync_detailed(node_id, client=api)
    return reply if good("read node", reply).status.word == StatusWord.ONLINE else None


seen = wait("Online", online)
assert seen.parsed.sessions.phone == 2, "the figures of the heartbeat are not shown"

# Without the newest version nothing is changed.
wanted = SetIntent(state=IntentState.DISABLED, private_reason="The story ends", public_reason="Disabled")
stale = set_node_intent.sync_detailed(node_id, client=api, if_match='"0"', body=wanted)
assert isinstance(stale.parsed, Problem) and stale.parsed.code == "version_stale", stale

# It is the last of its kind: the preview says so, and its token confirms it.
preview = good("preview", preview_node_intent.sync_detailed(node_id, client=api, body=wanted))
wanted.preview_token = preview.preview_token
good("drain", set_node_intent.sync_detailed(node_id, client=api, if_match=seen.headers["ETag"], body=wanted))
order = beat(0).desired
assert order.state == DesiredState.DRAIN, "the node is not told to drain"


def drained() -> Any:
    """It has closed its entrances and said twice that no work is left."""
    beat(0, order.generation)
    now = good("read node", get_node.sync_detailed(node_id, client=api))
    return now if now.drain and now.drain.phase == DrainPhase.DRAINED else None


wait("Drained", drained)
good("goodbye", goodbye.sync_detailed(client=node, body=Goodbye(boot_id=boot_id, reason="shutdown")))


def deletable() -> Any:
    deletion = good("what a deletion needs", get_node_deletion.sync_detailed(node_id, client=api))
    return deletion if deletion.allowed else None


# The server wants to be sure that the process is gone.
wait("A deletion that is allowed", deletable)
tag = get_node.sync_detailed(node_id, client=api).headers["ETag"]
good("delete node", delete_node.sync_detailed(node_id, client=api, if_match=tag))
gone = get_node.sync_detailed(node_id, client=api).parsed
assert isinstance(gone, Problem) and gone.code == "not_found", gone

tag = get_region.sync_detailed(region.id, client=api).headers["ETag"]
off = set_region_intent.sync_detailed(region.id, client=api, if_match=tag, body=SetIntent(
    state=IntentState.DISABLED, private_reason="The story ends",
))
good("disable region", off)
tag = off.headers["ETag"]
good("delete region", delete_region.sync_detailed(region.id, client=api, if_match=tag))
print(f"python: {region.id} and its node lived and were deleted")
