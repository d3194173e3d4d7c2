"""Chromium without a window, driven over a pipe (Chrome DevTools Protocol): opens a page and evaluates scripts in it."""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time

# Nothing but the page is asked for: no updates, no searches, no pings.
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
         "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
         "--disable-extensions", "--disable-default-apps", "--metrics-recording-only", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
         "--remote-debugging-pipe"]


def key_hash(certificate):
    """What --ignore-certificate-errors-spki-list wants: SHA-256 over the certificate's public key."""
    key = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "der"], input=key, check=True, capture_output=True).stdout
    return base64.b64encode(hashlib.sha256(der).digest()).decode()


class Browser:
    def __init__(self, trusted_certificate, seconds=120):
        program = shutil.which("chromium")
        if program is None:
            raise AssertionError("chromium is not installed (tests/packages.txt, set test)")
        self.deadline = time.monotonic() + seconds
        self.profile = tempfile.mkdtemp(prefix="reseal-browser-")
        to_read, self.to = os.pipe()
        self.back, from_write = os.pipe()

        def pipes():
            # The browser reads orders from descriptor 3 and answers on 4; both may be in the way of the other.
            reads, writes = os.dup(to_read), os.dup(from_write)
            os.dup2(reads, 3)
            os.dup2(writes, 4)

        self.child = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self.profile}", f"--ignore-certificate-errors-spki-list={key_hash(trusted_certificate)}",
             "about:blank"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, close_fds=False,
            preexec_fn=pipes, start_new_session=True)
        os.close(to_read)
        os.close(from_write)
        os.set_blocking(self.back, False)
        self.buffer, self.number, self.session = b"", 0, None

    def call(self, method, **parameters):
        self.number += 1
        order = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            order["sessionId"] = self.session
        os.write(self.to, json.dumps(order).encode() + b"\0")
        while True:
            answer = self._message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise AssertionError(answer["error"])
                return answer["result"]

    def _message(self):
        while b"\0" not in self.buffer:
            try:
                more = os.read(self.back, 65536)
            except BlockingIOError:
                if time.monotonic() > self.deadline:
                    raise AssertionError("the browser does not answer") from None
                time.sleep(0.01)
                continue
            if not more:
                raise AssertionError(f"the browser ended: {self.child.poll()}")
            self.buffer += more
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def open(self, url):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        failed = self.call("Page.navigate", url=url).get("errorText")
        if failed:
            raise AssertionError(f"{url}: {failed}")

    def evaluate(self, script):
        """The value of the script, or of the promise that it is."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise AssertionError(result["exceptionDetails"])
        return result["result"].get("value")

    def stop(self):
        try:
            self.session = None
            self.call("Browser.close")
            self.child.wait(10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.child.kill()
            self.child.wait()
        os.close(self.to)
        os.close(self.back)
        shutil.rmtree(self.profile, ignore_errors=True)
