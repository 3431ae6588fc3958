"""Runs inside the machine: HTTP; POST /execute runs a command as a subprocess, GET /screenshot is a PNG."""

import http.server
import io
import json
import socketserver
import subprocess
import sys

import pyautogui


class Handler(http.server.BaseHTTPRequestHandler):
    """One request."""

    def do_POST(self):
        """Run the command that stands in the body."""
        command = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["command"]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        body = json.dumps({"output": ran.stdout, "error": ran.stderr, "returncode": ran.returncode})
        self._answer(body.encode(), "application/json")

    def do_GET(self):
        """Take a screenshot."""
        png = io.BytesIO()
        pyautogui.screenshot().save(png, "PNG")
        self._answer(png.getvalue(), "image/png")

    def address_string(self):
        """A Unix socket's client has no address."""
        return "host"

    def log_message(self, format, *args):
        """Say nothing."""

    def _answer(self, body, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    """HTTP on a Unix socket."""


Server(sys.argv[1], Handler).serve_forever()
