"""Follows the live stream with nothing but Python's own library, and prints a line for each thing that changed.

    IQRA_URL=http://127.0.0.1:8080 IQRA_EMAIL=… IQRA_PASSWORD=… python3 follow.py [topics] [messages]

Ends by itself after so many messages, where a number is given.
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = os.environ["IQRA_URL"]
TOPICS = sys.argv[1] if len(sys.argv) > 1 else "summary"
LEFT = int(sys.argv[2]) if len(sys.argv) > 2 else None


def sign_in():
    """An access token; it lives for 15 minutes, and a stream that it opened ends with it."""
    body = {"email": os.environ["IQRA_EMAIL"], "password": os.environ["IQRA_PASSWORD"]}
    request = urllib.request.Request(
        f"{URL}/api/v1/auth/login", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=10) as reply:
        return json.load(reply)["accessToken"]


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
            print(message["topic"], "as a whole, change", message["change"])
        case "delta":
            for change in message["changes"]:
                print(message["topic"], change["kind"], change.get("id", ""))
        case "reset":
            print("something was lost, snapshots follow:", message["reason"])
        # `tick`, and whatever a later version sends.
    sys.stdout.flush()


token, last_id, pause = sign_in(), None, 1
while LEFT is None or LEFT > 0:
    try:
        for event_id, message in messages(token, last_id):
            last_id, pause = event_id or last_id, 1
            show(message)
            if LEFT is not None:
                LEFT -= 1
                if LEFT <= 0:
                    break
            if message["type"] == "bye":
                break
        continue
    except urllib.error.HTTPError as refused:
        problem = json.load(refused)
        print(problem["code"], problem["detail"], file=sys.stderr)
        if refused.code == 401:
            token = sign_in()
    except OSError as broken:
        print("not connected:", broken, file=sys.stderr)
    time.sleep(pause)
    pause = min(pause * 2, 30)
