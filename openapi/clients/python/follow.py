"""Follows the live stream with nothing but Python's own library, and prints a line for each thing that changed.

    IQRA_URL=http://127.0.0.1:8080 IQRA_EMAIL=… IQRA_PASSWORD=… python3 follow.py [topics] [messages]

Ends by itself after so many messages, where a number is given; with an error where trying again would not help.
"""

import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request

URL = os.environ["IQRA_URL"]
TOPICS = sys.argv[1] if len(sys.argv) > 1 else "summary"
LEFT = int(sys.argv[2]) if len(sys.argv) > 2 else None
# A connection that lived so many seconds was a good one: pauses begin anew after it.
GOOD = 10
# Not right, not allowed, not there: the next try would end the same.
FINAL = (400, 403, 404, 422)


def call(path, body=None, token=None):
    """One call whose reply is JSON."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(URL + path, data, headers), timeout=10) as reply:
        return json.load(reply)


def sign_in():
    """An access token; it lives for 15 minutes, and a stream that it opened ends with it."""
    who = {"email": os.environ["IQRA_EMAIL"], "password": os.environ["IQRA_PASSWORD"]}
    return call("/api/v1/auth/login", who)["accessToken"]


def messages(token, last_id):
    """Messages of one connection as (id, object). An empty line ends a message; there is no `event:` line."""
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
    if last_id:
        headers["Last-Event-ID"] = last_id
    request = urllib.request.Request(f"{URL}/api/v1/stream?topics={TOPICS}", headers=headers)
    # A tick comes every 2 s: ten silent seconds are a broken connection.
    with urllib.request.urlopen(request, timeout=10) as reply:
        data, event_id = [], None
        for line in (raw.decode().rstrip("\r\n") for raw in reply):
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
            elif line.startswith("id:"):
                event_id = line[3:].strip()
            elif not line and data:
                yield event_id, json.loads("\n".join(data))
                data, event_id = [], None


def show(message):
    match message["type"]:
        case "hello":
            print("connected to", message["version"], "and nothing was missed" if message["resumed"] else "")
        case "snapshot":
            # In a fleet of more than 1,000 nodes they are not in it: GET /api/v1/nodes has them.
            more = ", without its nodes" if message["data"].get("truncated") else ""
            print(message["topic"], "as a whole, change", message["change"], more)
        case "delta":
            for change in message["changes"]:
                print(message["topic"], change["kind"], change.get("id", ""))
        case "reset":
            print("something was lost, snapshots follow:", message["reason"])
        # `tick`, and whatever a later version sends.
    sys.stdout.flush()


def refusal(reply):
    """Why, in the server's words; what stands between may answer with a page of its own."""
    try:
        problem = json.load(reply)
        return f"{problem['code']}: {problem['detail']}"
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        return f"{reply.code} from something that is not the server"


def pause(failures):
    """Seconds before the next try: longer each time, and not the same for everybody who lost the server at once."""
    return random.uniform(0.5, 1) * min(30, 0.5 * 2**failures)


def once(token, last_id, left):
    """One connection; the token, the last id and what is left of the messages afterwards."""
    for event_id, message in messages(token, last_id):
        last_id = event_id or last_id
        show(message)
        left = None if left is None else left - 1
        if message["type"] == "bye":
            if message["reason"] == "signedOut":
                token = None
            elif message["reason"] == "accessChanged":
                user = call("/api/v1/auth/me", token=token)["user"]
                print("may now:", f"{user['role']} in {user.get('regionScope') or 'all regions'}" if user else "nothing")
                token = token if user else None
        if message["type"] == "bye" or left == 0:
            break
    return token, last_id, left


token, last_id, left, failures = None, None, LEFT, 0
while left is None or left > 0:
    began, wait = time.monotonic(), 0
    try:
        fresh = token is None
        token = token or sign_in()
        token, last_id, left = once(token, last_id, left)
    except urllib.error.HTTPError as refused:
        print(refusal(refused), file=sys.stderr)
        after = refused.headers.get("Retry-After") or ""
        wait = int(after) if after.isdigit() else 0
        if refused.code in FINAL or (refused.code == 401 and fresh):
            sys.exit(1)
        if refused.code == 401:
            token = None
    # A server that dies in the middle of a message, a reply that is no HTTP, a message that is no JSON.
    except (OSError, http.client.HTTPException, ValueError, KeyError) as broken:
        print("not connected:", broken or type(broken).__name__, file=sys.stderr)
    if left == 0:
        break
    if time.monotonic() - began >= GOOD:
        failures = 0
    time.sleep(max(wait, pause(failures)))
    failures += 1
