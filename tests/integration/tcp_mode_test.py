"""mode: tcp: bytes pass as they are, over plain TCP, over TLS opened and closed again, and over TLS left closed."""

import socket
import ssl
import struct
import subprocess
import threading
import unittest

from support.case import IntegrationCase
from support.process import eventually, run_reseal
from support.proxy_header import V2, proxy_v2
from support.server import server_tls

MODE = "    mode: tcp\n"


def echo(connection):
    while connection.more():
        data, connection.buffer = connection.buffer, b""
        connection.send(data)
    connection.send(b"goodbye")


def greet(connection):
    connection.send(b"220 ready\r\n")
    echo(connection)


def tcp_sockets():
    """(local port, remote port, bytes sent and not acknowledged, bytes received and not read) of what has an owner."""
    with open("/proc/net/tcp") as table:
        for line in table.readlines()[1:]:
            fields = line.split()
            local, remote, state = (field.split(":")[-1] for field in (fields[1], fields[2], fields[3]))
            transmit, receive = fields[4].split(":")
            if state != "0A" and fields[9] != "0":  # not listening, not orphaned
                yield int(local, 16), int(remote, 16), int(transmit, 16), int(receive, 16)


def queued_for(port):
    return [transmit for _, remote, transmit, _ in tcp_sockets() if remote == port]


def waiting_to_be_read(port):
    return sum(receive for local, _, _, receive in tcp_sockets() if local == port)


def in_kernel(port):
    """Bytes on their way to the server at `port`, in whoever's buffers of the kernel."""
    return sum(queued_for(port)) + waiting_to_be_read(port)


class TcpMode(IntegrationCase):
    def echoes(self, client, data):
        client.send(data)
        self.assertEqual(client._exactly(len(data)), data)

    def plain(self, server, **options):
        options["frontend"] = MODE + options.get("frontend", "")
        return self.reseal(self.plain_yaml(server, **options))

    def test_plain_bytes_pass_both_ways_and_half_close_is_kept(self):
        client = self.plain_client(self.plain(self.server(script=echo, tls=None)))
        for size in (1, 1000, 500_000):
            self.echoes(client, b"x" * size)
        client.half_close()
        self.assertEqual(client.rest(), b"goodbye")

    def test_a_server_may_speak_first(self):
        client = self.plain_client(self.plain(self.server(script=greet, tls=None)))
        self.assertEqual(client._line(), b"220 ready")
        self.echoes(client, b"HELO me\r\n")

    def test_a_server_may_end_first_and_go_on_reading(self):
        heard = []

        def brief(connection):
            connection.send(b"bye")
            connection.sock.shutdown(socket.SHUT_WR)
            while connection.more():
                pass
            heard.append(connection.buffer)

        client = self.plain_client(self.plain(self.server(script=brief, tls=None)))
        self.assertEqual(client.rest(), b"bye")
        client.send(b"still here")
        client.half_close()
        eventually(lambda: heard == [b"still here"])

    def test_what_a_client_sends_last_arrives_though_the_server_has_ended_before(self):
        heard = []

        def brief(connection):
            connection.send(b"bye")
            connection.sock.shutdown(socket.SHUT_WR)
            ready.wait(20)
            while connection.more():
                pass
            heard.append(len(connection.buffer))

        for _ in range(3):
            ready = threading.Event()
            client = self.plain_client(self.plain(self.server(script=brief, tls=None)))
            self.assertEqual(client.rest(), b"bye")
            sender = threading.Thread(target=lambda: (client.send(b"x" * 5_000_000), client.half_close()))
            sender.start()
            sender.join(0.2)  # as far as it gets while the server reads nothing
            ready.set()
            sender.join()
        eventually(lambda: heard == [5_000_000] * 3)

    def leave_the_end_behind(self, server, ready, **options):
        """A tunnel whose two ends have ended while Reseal still holds bytes for a server that reads nothing before `ready`."""
        process = self.plain(server, **options)
        client = self.plain_client(process)
        self.assertEqual(client.rest(), b"bye")
        sent = 0
        while sent - in_kernel(server.port) <= 0:
            self.assertLess(sent, 50_000_000)
            client.send(b"x" * 16384)
            sent += 16384
            eventually(lambda: waiting_to_be_read(process.port()) == 0)
        client.half_close()
        eventually(lambda: process.entity("backend", "web")["in_flight"] == 0)
        self.assertFalse(ready.is_set())
        return process, sent

    def brief_server(self, heard, ready):
        def brief(connection):
            connection.send(b"bye")
            connection.sock.shutdown(socket.SHUT_WR)
            ready.wait(20)
            try:
                while connection.more():
                    pass
            finally:
                heard.append(len(connection.buffer))
        return self.server(script=brief, tls=None)

    def test_what_is_left_arrives_though_a_reload_removes_the_server(self):
        heard, ready = [], threading.Event()
        process, sent = self.leave_the_end_behind(self.brief_server(heard, ready), ready)
        status, text = process.reload(self.plain_yaml(self.server("other", tls=None), frontend=MODE))
        self.assertEqual(status, 0, text)
        self.assertEqual(self.plain_client(process).get().body, b"other")
        ready.set()
        eventually(lambda: heard == [sent], what="everything has arrived")

    def test_a_drain_waits_for_what_is_left(self):
        heard, ready = [], threading.Event()
        process, sent = self.leave_the_end_behind(self.brief_server(heard, ready), ready)
        self.assertEqual(run_reseal("stop", "-s", process.socket)[0], 0)
        process.wait_for_line("stopping")
        self.assertIsNone(process.child.poll())
        ready.set()
        self.assertEqual(process.wait(), 0)
        eventually(lambda: heard == [sent], what="everything has arrived")

    def test_a_drain_that_is_over_cuts_what_is_left(self):
        heard, ready = [], threading.Event()
        process, _ = self.leave_the_end_behind(self.brief_server(heard, ready), ready, top="drain: 100ms\n")
        run_reseal("stop", "-s", process.socket)
        process.wait()
        ready.set()

    def test_what_is_left_is_dropped_when_the_server_takes_nothing_for_the_idle_time(self):
        heard, ready = [], threading.Event()
        server = self.brief_server(heard, ready)
        self.leave_the_end_behind(server, ready, backend="    timeouts: { idle: 200ms }\n")
        eventually(lambda: queued_for(server.port) == [], what="the connection is gone")
        ready.set()

    def test_tls_is_opened_and_closed_again(self):
        process = self.reseal(self.yaml(self.server(script=echo), frontend=MODE))
        client = self.client(process)
        self.echoes(client, b"secret" * 10000)
        web = process.entity("backend", "web")
        self.assertEqual(web["tls_handshakes"]["full"], 1)

    def test_the_name_in_the_tls_handshake_chooses_the_backend(self):
        one, two = self.server("one", script=lambda c: c.send(b"one")), self.server("two", script=lambda c: c.send(b"two"))
        self.pki.leaf("names", san="DNS:one.example,DNS:two.example")
        text = self.yaml(one, frontend=MODE + '    rules: [{ when: { host: "two.example" }, use: other }]\n')
        text = text.replace(self.pki.path("front.pem"), self.pki.path("names.pem"))
        text += f"  other:\n    {self.backend_tls()}\n    servers: {{ two: \"{two.address}\" }}\n"
        process = self.reseal(text)
        for name in ("one", "two"):
            self.assertEqual(self.client(process, server_name=f"{name}.example")._exactly(3), name.encode())

    def passthrough(self, one, two):
        return self.reseal(f'workers: 1\nfrontends:\n  web:\n    bind: "127.0.0.1:0"\n    mode: tcp\n    tls: passthrough\n'
                           f'    rules: [{{ when: {{ host: "*.two.example" }}, use: two }}]\n    default: one\n'
                           f'backends:\n  one: {{ tls: passthrough, servers: {{ one: "{one.address}" }} }}\n'
                           f'  two: {{ tls: passthrough, servers: {{ two: "{two.address}" }} }}\n')

    def test_tls_passes_unopened_to_where_its_name_leads(self):
        self.pki.leaf("one", san="DNS:one.example")
        self.pki.leaf("two", san="DNS:*.two.example")
        one = self.server("one", script=echo, tls=server_tls(self.pki, "one", require=False))
        two = self.server("two", script=echo, tls=server_tls(self.pki, "two", require=False))
        process = self.passthrough(one, two)
        for name in ("one.example", "www.two.example"):
            client = self.client(process, server_name=name)  # verifies the server's own certificate
            self.echoes(client, b"hello" * 5000)
        self.assertEqual((one.connections, two.connections), (1, 1))

    def test_tls_passes_unopened_to_where_the_protocols_that_it_offers_lead(self):
        self.pki.leaf("any", san="DNS:a.example")
        tls = server_tls(self.pki, "any", require=False)
        servers = {name: self.server(name, tls=tls, script=lambda c, name=name: c.send(name.encode()))
                   for name in ("acme", "web2", "plain")}
        backends = "".join(f'  {name}: {{ tls: passthrough, servers: {{ s: "{server.address}" }} }}\n'
                           for name, server in servers.items())
        process = self.reseal(f'workers: 1\nfrontends:\n  web:\n    bind: "127.0.0.1:0"\n    mode: tcp\n    tls: passthrough\n'
                              f'    rules:\n      - {{ when: {{ alpn: acme-tls/1 }}, use: acme }}\n'
                              f'      - {{ when: {{ alpn: [h2, grpc-exp], host: a.example }}, use: web2 }}\n'
                              f'    default: plain\nbackends:\n{backends}')
        for offered, name, expected in (("acme-tls/1", "a.example", b"acme"), ("h2", "a.example", b"web2"),
                                        ("http/1.1,h2", "a.example", b"web2"), ("h2,acme-tls/1", "a.example", b"acme"),
                                        ("h2", "b.example", b"plain"), ("http/1.1", "a.example", b"plain"),
                                        ("H2", "a.example", b"plain"), ("h2c", "a.example", b"plain"),
                                        (None, "a.example", b"plain")):
            command = ["openssl", "s_client", "-quiet", "-connect", f"127.0.0.1:{process.port()}", "-servername", name]
            command += ["-alpn", offered] if offered else []
            answer = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False)
            self.assertEqual(answer.stdout, expected, (offered, name, answer.stderr))

    def test_what_is_not_tls_does_not_pass_as_tls(self):
        one, two = self.server("one", script=echo, tls=None), self.server("two", script=echo, tls=None)
        process = self.passthrough(one, two)
        client = self.plain_client(process)
        client.send(b"GET / HTTP/1.1\r\nHost: www.two.example\r\n\r\n")
        self.assertTrue(client.is_closed())
        self.assertEqual((one.connections, two.connections), (0, 0))
        eventually(lambda: process.entity("frontend", "web")["tls_handshakes"]["failed"] == 1)

    def test_a_client_hello_in_single_bytes_is_read(self):
        self.pki.leaf("one", san="DNS:one.example")
        one = self.server("one", script=echo, tls=server_tls(self.pki, "one", require=False))
        process = self.passthrough(one, one_more := self.server("two", tls=None))
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
        tls = context.wrap_bio(incoming, outgoing, server_hostname="one.example")
        client = self.plain_client(process)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                tls.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    client.send(bytes([byte]))
                incoming.write(client.sock.recv(65536))
        self.assertEqual(one_more.connections, 0)

    def test_no_server_up_ends_the_connection_without_a_word(self):
        server = self.server(script=echo, tls=None)
        process = self.plain(server)
        server.stop()
        try:
            self.assertTrue(self.plain_client(process).is_closed())
        except ConnectionResetError:
            pass  # so soon that connecting itself was told
        eventually(lambda: process.entity("frontend", "web")["failures"] == {"connect_failed": 1})

    def test_a_dead_server_costs_no_connection(self):
        dead, alive = self.server("dead", script=echo, tls=None), self.server("alive", script=echo, tls=None)
        process = self.reseal(self.plain_yaml(dead, alive, frontend=MODE))
        dead.stop()
        for _ in range(6):
            self.echoes(self.plain_client(process), b"hello")

    def test_an_idle_connection_is_ended(self):
        process = self.plain(self.server(script=echo, tls=None), backend="    timeouts: { tunnel: 300ms }\n")
        client = self.plain_client(process)
        self.echoes(client, b"hello")
        self.assertTrue(client.is_closed())

    def test_a_connection_outlives_a_reload_and_ends_with_the_drain(self):
        server = self.server(script=echo, tls=None)
        process = self.plain(server, top="drain: 500ms\n")
        client = self.plain_client(process)
        self.echoes(client, b"hello")
        status, text = process.reload(self.plain_yaml(server, frontend=MODE, backend="    retries: 1\n", top="drain: 500ms\n"))
        self.assertEqual(status, 0, text)
        self.echoes(client, b"still here")
        process.signal(15)
        self.echoes(client, b"and now")
        self.assertTrue(client.is_closed())
        process.wait()

    def test_a_change_of_mode_leaves_open_connections_as_they_are(self):
        server = self.server(script=echo, tls=None)
        process = self.plain(server)
        client = self.plain_client(process)
        self.echoes(client, b"hello")
        status, text = process.reload(self.plain_yaml(server))
        self.assertEqual(status, 0, text)
        self.assertIn("mode", text)
        self.echoes(client, b"GET / HTTP/1.1\r\n\r\n")

    def test_a_reader_that_stops_holds_the_writer_and_memory(self):
        process = self.plain(self.server(script=echo, tls=None))
        client = self.plain_client(process)
        self.echoes(client, b"hello")
        before = process.memory_kib()
        client.sock.settimeout(0.5)
        with self.assertRaises(TimeoutError):
            for _ in range(1000):
                client.send(b"x" * 65536)
        self.assert_grew_less(process, before, mib=8)


class ProxyProtocol(IntegrationCase):
    def test_a_trusted_balancer_tells_who_the_client_is(self):
        seen = []

        def remember(request):
            seen.append(request.get("x-forwarded-for"))
            return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

        server = self.server(handler=remember)
        process = self.reseal(self.yaml(server, frontend="    accept_proxy: [127.0.0.1]\n"))
        for header, client_address in ((b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n", "192.0.2.7"),
                                       (proxy_v2("192.0.2.8", "192.0.2.1", (4711, 443)), "192.0.2.8"),
                                       (b"PROXY UNKNOWN\r\n", "127.0.0.1"), (V2 + b"\x20\0\0\0", "127.0.0.1")):
            sock = socket.create_connection(("127.0.0.1", process.port()), timeout=10)
            self.addCleanup(sock.close)
            sock.sendall(header)
            context = ssl.create_default_context(cafile=self.pki.path("ca.pem"))
            with context.wrap_socket(sock, server_hostname="localhost") as tls:
                tls.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertIn(b"200 OK", tls.recv(1000))
            self.assertEqual(seen[-1], client_address)

    def test_header_and_request_in_one_piece(self):
        server = self.server(tls=None, handler=lambda r: b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        client = self.plain_client(self.reseal(self.plain_yaml(server, frontend="    accept_proxy: [127.0.0.1]\n")))
        client.send(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(client.response().body, b"ok")

    def test_a_trusted_balancer_must_send_a_header(self):
        server = self.server(tls=None)
        process = self.reseal(self.plain_yaml(server, frontend="    accept_proxy: [127.0.0.1]\n"))
        for data in (b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", b"PROXY TCP4 192.0.2.7\r\n", V2 + b"\x21\x11\0\x04abcd"):
            client = self.plain_client(process)
            client.send(data)
            self.assertTrue(client.is_closed())
        self.assertEqual(server.requests, 0)

    def test_a_header_whose_parts_overrun_it_ends_the_connection_before_a_server_hears_of_it(self):
        server = self.server(tls=None)
        process = self.reseal(self.plain_yaml(server, frontend="    accept_proxy: [127.0.0.1]\n"))
        request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
        addresses = proxy_v2("192.0.2.7", "192.0.2.1", (4711, 80))[16:]

        def header(tlvs, spare=0):
            return V2 + b"\x21\x11" + struct.pack("!H", len(addresses) + len(tlvs) + spare) + addresses + tlvs

        tls = b"\x01\0\0\0\0"
        for data in (header(b"\x04" + struct.pack("!H", len(request))) + request,  # a TLV that takes the request in
                     header(b"\x02\xff\xff") + request,
                     header(b"\x04\0") + request,  # a TLV without its length
                     header(b"\x20" + struct.pack("!H", len(tls) + 3) + tls + b"\x21\0\x05"),  # one within a TLV
                     header(b"", spare=len(request)) + request,  # the header itself takes the request in
                     V2 + b"\x21\x11\xff\xff" + addresses + request):
            client = self.plain_client(process)
            client.send(data)
            self.assertTrue(client.is_closed(), data)
        self.assertEqual(server.requests, 0)

    def test_what_stands_behind_a_header_is_the_clients_own_to_the_byte(self):
        heads = []

        def remember(request):
            heads.append((request.head.split(b"\r\n")[0], request.get("x-forwarded-for")))
            return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

        server = self.server(tls=None, handler=remember)
        process = self.reseal(self.plain_yaml(server, frontend="    accept_proxy: [127.0.0.1]\n"))
        addresses = proxy_v2("192.0.2.7", "192.0.2.1", (4711, 80))[16:]
        padded = V2 + b"\x21\x11" + struct.pack("!H", len(addresses) + 8) + addresses + b"\x04\0\x05GET /"
        request = b"GET /own HTTP/1.1\r\nHost: h\r\n\r\n"
        for header in (padded, proxy_v2("192.0.2.7", "192.0.2.1", (4711, 80)), b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\n"):
            for pieces in ([header + request], [header, request], [header[:-1], header[-1:] + request],
                           [bytes([byte]) for byte in header] + [request]):
                client = self.plain_client(process)
                client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                for piece in pieces:
                    client.send(piece)
                self.assertEqual(client.response().body, b"ok")
                self.assertEqual(heads[-1], (b"GET /own HTTP/1.1", "192.0.2.7"))
            client = self.plain_client(process)
            client.send(header + header + request)  # one header a connection: the second is the client's own
            self.assertIn(client.response().status, (400, 505))
        self.assertEqual(len(heads), 12)

    def test_a_header_of_a_stranger_is_a_strangers_bytes_in_every_mode(self):
        stranger = proxy_v2("192.0.2.7", "192.0.2.1", (4711, 80))
        trusted = "    accept_proxy: [192.0.2.0/24]\n"
        server = self.server(tls=None)
        client = self.plain_client(self.reseal(self.plain_yaml(server, frontend=trusted)))
        client.send(stranger + b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertEqual(client.response().status, 400)
        secured = self.server()
        process = self.reseal(self.yaml(secured, frontend=trusted))
        client = self.plain_client(process)
        client.send(stranger)
        client.rest()  # at most an alert
        eventually(lambda: process.entity("frontend", "web")["tls_handshakes"]["failed"] == 1)
        self.assertEqual((server.requests, secured.requests), (0, 0))

        # Passed on as they are, but behind our own header: what the server believes is the connection's true end.
        echoing = self.server(tls=None, script=echo)
        process = self.reseal(self.plain_yaml(echoing, frontend=MODE + trusted, backend="    send_proxy: v2\n"))
        client = self.plain_client(process)
        client.send(stranger)
        ours = proxy_v2("127.0.0.1", "127.0.0.1", (client.sock.getsockname()[1], process.port()))
        self.assertEqual(client._exactly(len(ours) + len(stranger)), ours + stranger)

    def test_a_header_of_anybody_else_is_a_bad_request(self):
        process = self.reseal(self.plain_yaml(self.server(tls=None), frontend="    accept_proxy: [192.0.2.0/24]\n"))
        client = self.plain_client(process)
        client.send(b"PROXY TCP4 192.0.2.7 192.0.2.1 4711 80\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
        self.assertIn(client.response().status, (400, 505))

    def test_servers_are_told_who_the_client_is(self):
        def first_line(connection):
            connection.more()
            connection.send(connection.buffer.split(b"\r\n")[0])

        server = self.server(tls=None, script=first_line)
        process = self.reseal(self.plain_yaml(server, frontend=MODE, backend="    send_proxy: v1\n"))
        client = self.plain_client(process)
        client.send(b"\n")
        port = client.sock.getsockname()[1]
        self.assertEqual(client.rest(), f"PROXY TCP4 127.0.0.1 127.0.0.1 {port} {process.port()}".encode())

    def test_with_http_each_request_has_a_connection_that_names_its_client(self):
        headers = []

        def script(connection):
            headers.append(connection.read_exactly(28))
            while connection.read_request() is not None:
                connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

        server = self.server(tls=None, script=script)
        process = self.reseal(self.plain_yaml(server, backend="    send_proxy: v2\n"))
        clients = [self.plain_client(process) for _ in range(2)]
        for client in clients * 2:
            self.assertEqual(client.get().body, b"ok")
        ports = [struct.unpack("!H", header[24:26])[0] for header in headers]
        self.assertEqual(ports, [c.sock.getsockname()[1] for c in clients] * 2)

    def test_checks_send_a_header_of_their_own(self):
        seen = []

        def script(connection):
            seen.append(connection.read_exactly(16))
            connection.read_request()
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        server = self.server(tls=None, script=script)
        process = self.reseal(self.plain_yaml(server, backend="    send_proxy: v2\n", check="{ http: /, interval: 100ms }"))
        process.server_is("server", "up")
        eventually(lambda: seen)
        self.assertEqual(seen[0], V2 + b"\x20\0\0\0")


if __name__ == "__main__":
    unittest.main()
