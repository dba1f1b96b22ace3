"""follow.py against a server that dies in every way: python3 test_follow.py, without any package."""

import json
import os
import pathlib
import subprocess
import sys
import threading
import time
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FOLLOW = pathlib.Path(__file__).with_name("follow.py")


def message(seq, **event):
    return f"id: 0123456789abcdef-{seq}\ndata: {json.dumps(event)}\n\n".encode()


HELLO = message(1, type="hello", version="0.1.0", resumed=False)
SNAPSHOT = message(2, type="snapshot", topic="summary", change=7, data={"kind": "summary"})


class Server(ThreadingHTTPServer):
    """Answers each connection to the stream with the next of `script`, the last one for ever."""

    daemon_threads = True

    def __init__(self, *script):
        super().__init__(("127.0.0.1", 0), Handler)
        self.script, self.asked, self.times, self.last_ids = list(script), [], [], []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """The other side may go away at any time."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def reply(self, body, kind, status=200, length=None, **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(self.path)
        self.reply(json.dumps({"accessToken": "a.b.c"}).encode(), "application/json")

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/api/v1/auth/me":
            return self.reply(json.dumps({"user": {"role": "viewer", "regionScope": None}}).encode(), "application/json")
        self.server.times.append(time.monotonic())
        self.server.last_ids.append(self.headers["Last-Event-ID"])
        script = self.server.script
        (script.pop(0) if len(script) > 1 else script[0])(self)


def stream(*parts):
    return lambda handler: handler.reply(b"".join(parts), "text/event-stream")


def dies(handler):
    """In the middle of a message."""
    handler.reply(HELLO + b"data: {\"type\":", "text/event-stream", length=100_000)


def no_http(handler):
    handler.wfile.write(b"what?\r\n\r\n")
    handler.close_connection = True


def page(handler):
    """What a proxy says while the server restarts."""
    handler.reply(b"<html>Bad Gateway</html>", "text/html", 502)


def refused(status, code):
    body = json.dumps({"code": code, "detail": "No."}).encode()
    return lambda handler: handler.reply(body, "application/problem+json", status)


class Follow(unittest.TestCase):
    def follow(self, server, messages, seconds):
        """Runs it; its code is `None` where it still ran after so many seconds."""
        who = {"IQRA_URL": f"http://127.0.0.1:{server.server_port}", "IQRA_EMAIL": "a", "IQRA_PASSWORD": "b"}
        command = [sys.executable, str(FOLLOW), "summary", str(messages)]
        environment = {**os.environ, **who, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        running = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            out, err = running.communicate(timeout=seconds)
            code = running.returncode
        except subprocess.TimeoutExpired:
            running.kill()
            (out, err), code = running.communicate(), None
        server.shutdown()
        server.server_close()
        self.assertNotIn("Traceback", err)
        return code, out, err

    def test_an_empty_stream_is_asked_for_less_and_less(self):
        server = Server(stream())
        code, _, _ = self.follow(server, 1, 4)
        self.assertIsNone(code, "it goes on")
        self.assertTrue(1 <= len(server.times) <= 5, server.times)

    def test_whatever_a_server_dies_of_it_comes_back(self):
        server = Server(page, dies, no_http, stream(HELLO, SNAPSHOT))
        code, out, err = self.follow(server, 3, 60)
        self.assertEqual(code, 0, err)
        self.assertIn("502 from something that is not the server", err)
        self.assertIn("summary as a whole, change 7", out)
        gaps = [after - before for before, after in zip(server.times, server.times[1:])]
        self.assertEqual(len(gaps), 3)
        for n, gap in enumerate(gaps):
            self.assertGreaterEqual(gap, 0.25 * 2**n, gaps)
        self.assertEqual(server.last_ids, [None, None, "0123456789abcdef-1", "0123456789abcdef-1"])

    def test_what_is_allowed_is_asked_anew_and_an_ended_session_signs_in_again(self):
        changed = message(3, type="bye", reason="accessChanged")
        over = message(4, type="bye", reason="signedOut")
        server = Server(stream(HELLO, changed), stream(HELLO, over), stream(HELLO))
        code, out, err = self.follow(server, 5, 60)
        self.assertEqual(code, 0, err)
        self.assertIn("may now: viewer in all regions", out)
        asked = [path.rsplit("/", 1)[-1].split("?")[0] for path in server.asked]
        self.assertEqual(asked, ["login", "stream", "me", "stream", "login", "stream"])

    def test_a_token_that_ended_is_replaced_and_a_refusal_is_the_end(self):
        server = Server(stream(HELLO), refused(401, "unauthenticated"), stream(HELLO), refused(422, "invalid"))
        code, _, err = self.follow(server, 9, 60)
        self.assertEqual(code, 1, err)
        self.assertIn("invalid: No.", err)
        self.assertEqual(server.asked.count("/api/v1/auth/login"), 2)


if __name__ == "__main__":
    unittest.main()
