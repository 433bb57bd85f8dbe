# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""Drives Chromium by the protocol of W3C WebDriver, for tests of pages."""
import json
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--window-size=1200,900", "--no-first-run")


def is_available() -> bool:
    return shutil.which("chromedriver") is not None and shutil.which("chromium") is not None


class Browser:
    """A window of Chromium, closed at the end of a with statement."""

    def __init__(self, dark: bool = False):
        self.profile = tempfile.TemporaryDirectory(prefix="cimlib-chromium-",
                                                   ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        port = self.wait_for_port()
        self.base = "http://127.0.0.1:%s/session" % port
        arguments = [*ARGUMENTS, "--user-data-dir=" + self.profile.name]
        if dark:
            arguments.append("--force-dark-mode")
        session = self.call("POST", "", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"binary": shutil.which("chromium"), "args": arguments}}}})
        self.base += "/" + session["sessionId"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.driver.stdout.close()
            self.profile.cleanup()

    def wait_for_port(self) -> str:
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                return found[1]
        raise RuntimeError("chromedriver did not start")

    def call(self, method: str, command: str, body: dict | None = None):
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self.base + command, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from error

    def open(self, page: Path):
        self.call("POST", "/url", {"url": page.resolve().as_uri()})

    def run(self, script: str, *arguments):
        """Runs JavaScript, as the body of a function, and returns its result."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def find(self, selector: str) -> str:
        found = self.call("POST", "/element", {"using": "css selector", "value": selector})
        return found[ELEMENT]

    def click(self, selector: str):
        self.call("POST", "/element/%s/click" % self.find(selector))

    def type(self, selector: str, text: str):
        self.call("POST", "/element/%s/value" % self.find(selector), {"text": text})

    def url(self) -> str:
        return self.call("GET", "/url")

    def wait_until(self, script: str, seconds: float = 20):
        """Waits until an expression is true, and returns its value."""
        end = time.monotonic() + seconds
        while not (value := self.run("return " + script)):
            if time.monotonic() > end:
                raise TimeoutError(script)
            time.sleep(0.02)
        return value

    def messages(self) -> list[str]:
        """Returns new lines of the console: errors of scripts and failed loads."""
        return [entry["message"] for entry in self.call("POST", "/se/log", {"type": "browser"})]
