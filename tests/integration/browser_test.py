"""A real browser loads a page with 50 parts over HTTP/2 and speaks over a WebSocket."""

import unittest

from support.browser import Browser
from support.case import IntegrationCase
from support.process import eventually
from support.server import reply, server_tls
from support.websocket_server import WebSocketServer

PARTS = 50
PAGE = """<!DOCTYPE html><meta charset="utf-8"><title>parts</title><link rel="icon" href="data:,">
%s
<script>
window.done = Promise.all([
  new Promise(loaded => addEventListener("load", loaded)),
  new Promise((heard, failed) => {
    const socket = new WebSocket("wss://" + location.host + "/socket", ["chat"]);
    socket.onopen = () => socket.send("hello from the browser");
    socket.onmessage = event => { window.said = [event.data, socket.protocol]; socket.close(4000, "enough"); };
    socket.onclose = event => heard(event.code);
    socket.onerror = () => failed("the socket failed");
  }),
  fetch("/echo", { method: "POST", body: "x".repeat(300000) }).then(answer => answer.text()).then(text => { window.echoed = text.length; }),
]).then(results => ({
  closed: results[1],
  said: window.said,
  echoed: window.echoed,
  ran: window.ran,
  entries: performance.getEntries().filter(entry => entry.nextHopProtocol !== undefined)
    .map(entry => [new URL(entry.name).pathname, entry.nextHopProtocol, entry.responseStatus]),
}));
</script>
""" % "\n".join(f'<script src="/part{number}.js" async></script>' for number in range(PARTS))


def handler(request):
    if request.target == "/":
        return reply(PAGE, fields=[("Content-Type", "text/html")])
    if request.target == "/echo":
        return reply(request.body, fields=[("Content-Type", "text/plain")])
    return reply("window.ran = (window.ran || 0) + 1;//" + "x" * 5000, fields=[("Content-Type", "text/javascript")])


class RealBrowser(IntegrationCase):
    def load(self, protocols):
        web = self.server("web", handler=handler)
        sockets = WebSocketServer(server_tls(self.pki))
        self.addCleanup(sockets.stop)
        rule = "    rules: [ { when: { path: /socket }, use: sockets } ]\n"
        yaml = self.yaml(web, workers=2, frontend=rule)
        yaml += f"  sockets:\n    {self.backend_tls()}\n    servers: {{ one: \"{sockets.address}\" }}\n"
        process = self.reseal(yaml.replace("certificates:", f"alpn: [{protocols}], certificates:"))
        browser = Browser(self.pki.path("front.crt"))
        self.addCleanup(browser.stop)
        browser.open(f"https://localhost:{process.port()}/")
        eventually(lambda: browser.evaluate("window.done !== undefined"), 60, "the page is there")
        return process, browser.evaluate("window.done")

    def assert_all_came(self, result, protocol):
        self.assertEqual((result["said"], result["closed"]), (["hello from the browser", "chat"], 4000))
        self.assertEqual((result["echoed"], result["ran"]), (300000, PARTS))
        paths = sorted(path for path, _, _ in result["entries"])
        self.assertEqual(paths, sorted(["/", "/echo", *(f"/part{number}.js" for number in range(PARTS))]))
        self.assertEqual({entry[1] for entry in result["entries"]}, {protocol})
        self.assertEqual({entry[2] for entry in result["entries"]}, {200})

    def test_a_page_of_50_parts_and_a_socket_come_over_http2(self):
        process, result = self.load("h2, http/1.1")
        self.assert_all_came(result, "h2")
        failures = process.entity("frontend", "web")["failures"]
        failures.pop("client_tls_failed", None)  # a browser opens connections beforehand, and drops those that it does not need
        self.assertEqual(failures, {})

    def test_the_same_over_http1(self):
        _, result = self.load("http/1.1")
        self.assert_all_came(result, "http/1.1")


if __name__ == "__main__":
    unittest.main()
