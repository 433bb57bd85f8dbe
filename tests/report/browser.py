# Copyright (c) 2026 The cimlib authors
# SPDX-License-Identifier: MIT
"""A browser without a window, driven by ChromeDriver through the W3C WebDriver protocol."""

import base64
import json
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request


def is_installed() -> bool:
    return all(shutil.which(name) for name in ("chromium", "chromedriver"))


class Browser:
    """One page in one window. Use as a context manager."""

    def __init__(self, width: int = 1400, height: int = 900) -> None:
        self.size = (width, height)

    def __enter__(self) -> "Browser":
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            if found := re.search(r"started successfully on port (\d+)", line):
                break
        self.base = f"http://127.0.0.1:{found[1]}"
        options = {"binary": shutil.which("chromium"), "args": [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--window-size={self.size[0]},{self.size[1]}"]}
        answer = self._call("POST", "/session", {"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options,
            "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"}}}})
        self.session = f"/session/{answer['sessionId']}"
        return self

    def __exit__(self, *_unused) -> None:
        try:
            self._call("DELETE", getattr(self, "session", "/none"))
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait()
        self.driver.stdout.close()

    def open(self, path) -> None:
        self._call("POST", f"{self.session}/url", {"url": path.resolve().as_uri()})

    def run(self, script: str, *arguments):
        """The result of a function body, which gets the arguments."""
        return self._call("POST", f"{self.session}/execute/sync",
                          {"script": script, "args": list(arguments)})

    def element(self, selector: str) -> str:
        answer = self._call("POST", f"{self.session}/element",
                            {"using": "css selector", "value": selector})
        return next(iter(answer.values()))

    def click(self, selector: str) -> None:
        self._call("POST", f"{self.session}/element/{self.element(selector)}/click", {})

    def type(self, selector: str, text: str) -> None:
        self._call("POST", f"{self.session}/element/{self.element(selector)}/value",
                   {"text": text})

    def clear(self, selector: str) -> None:
        self._call("POST", f"{self.session}/element/{self.element(selector)}/clear", {})

    def text(self, selector: str) -> str:
        return self._call("GET", f"{self.session}/element/{self.element(selector)}/text")

    def wait(self, script: str, *arguments, seconds: float = 20):
        """The result of the script as soon as it is true."""
        end = time.monotonic() + seconds
        while not (result := self.run(script, *arguments)):
            if time.monotonic() > end:
                raise TimeoutError(script)
            time.sleep(0.02)
        return result

    def command(self, name: str, **parameters):
        """A command of the Chrome DevTools protocol."""
        return self._call("POST", f"{self.session}/goog/cdp/execute",
                          {"cmd": name, "params": parameters})

    def log(self, kind: str) -> list:
        return self._call("POST", f"{self.session}/se/log", {"type": kind})

    def screenshot(self, path) -> None:
        path.write_bytes(base64.b64decode(self._call("GET", f"{self.session}/screenshot")))

    def _call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, method=method,
                                         headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{path}: {error.read().decode()}") from None
