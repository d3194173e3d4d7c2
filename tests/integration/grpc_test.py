"""gRPC from end to end, with Google's client and server: HTTP/2 over TLS in, HTTP/2 over mutual TLS or without TLS out."""

import ast
import os
import threading
import unittest

import grpc

from support.case import IntegrationCase
from support.http import H2Requester, Message
from support.grpc_server import SERVICE, GrpcServer, read
from support.process import eventually

SECONDS = 30


class Grpc:
    """The tests of either way out."""

    def setUp(self):
        self.server = self.make_server()
        self.addCleanup(self.server.stop)
        self.process = self.reseal(self.configuration())
        self.channel = self.make_channel()

    def make_channel(self):
        credentials = grpc.ssl_channel_credentials(read(self.folder, "ca.pem"))
        channel = grpc.secure_channel(f"127.0.0.1:{self.process.port()}", credentials)
        self.addCleanup(channel.close)
        return channel

    def unary(self, method, request=b"", **options):
        return self.channel.unary_unary(SERVICE + method)(request, timeout=options.pop("timeout", SECONDS), **options)

    def assert_fails(self, code, call, *arguments, **options):
        with self.assertRaises(grpc.RpcError) as failed:
            call(*arguments, **options)
        self.assertEqual(failed.exception.code(), code)
        return failed.exception

    def failures(self):
        eventually(lambda: self.process.entity("frontend", "web")["in_flight"] == 0)
        return self.process.entity("frontend", "web")["failures"]

    def test_a_call_is_answered_whatever_its_size(self):
        for request in (b"", b"hello", bytes(range(256)) * 4096):
            self.assertEqual(self.unary("Unary", request), request)
        self.assertEqual(self.failures(), {})

    def test_trailers_reach_the_client(self):
        _, call = self.channel.unary_unary(SERVICE + "Unary").with_call(b"hello", timeout=SECONDS)
        self.assertEqual((call.code(), dict(call.trailing_metadata())["x-size"]), (grpc.StatusCode.OK, "5"))

    def test_metadata_passes_both_ways(self):
        sent = [("x-a", "1"), ("x-a", "2"), ("x-blob-bin", b"\0\x80\xff"), ("x-empty", "")]
        answer, call = self.channel.unary_unary(SERVICE + "Metadata").with_call(b"", metadata=sent, timeout=SECONDS)
        seen = ast.literal_eval(answer.decode())
        self.assertEqual([pair for pair in seen if pair in sent], sorted(sent))
        initial = dict(call.initial_metadata())
        self.assertEqual((initial["x-initial"], initial["x-bytes-bin"]), ("first", b"\0\xff"))

    def test_a_client_streams(self):
        collect = self.channel.stream_unary(SERVICE + "Collect")
        self.assertEqual(collect(iter([b"a", b"", b"b" * 100000]), timeout=SECONDS), b"a||" + b"b" * 100000)
        self.assertEqual(collect(iter([]), timeout=SECONDS), b"")

    def test_a_server_streams(self):
        messages = list(self.channel.unary_stream(SERVICE + "Spread")(b"500 20000", timeout=SECONDS))
        self.assertEqual([int.from_bytes(message[:4], "big") for message in messages], list(range(500)))
        self.assertEqual({len(message) for message in messages}, {20000})

    def test_both_stream_and_neither_waits_for_the_end(self):
        said, closed = [], threading.Event()

        def requests():
            for number in range(50):
                yield b"m%d" % number
                # The next message is sent only after the answer to this one: nobody may hold it back.
                eventually(lambda: len(said) > number, SECONDS, f"the answer to message {number}")
            closed.set()

        for answer in self.channel.stream_stream(SERVICE + "Chat")(requests(), timeout=2 * SECONDS):
            said.append(answer)
        self.assertEqual(said, [b"M%d" % number for number in range(50)])
        self.assertTrue(closed.is_set())

    def test_many_calls_share_few_connections(self):
        calls = [self.channel.unary_unary(SERVICE + "Unary").future(b"%d" % number, timeout=SECONDS) for number in range(300)]
        self.assertEqual([call.result() for call in calls], [b"%d" % number for number in range(300)])
        self.assertEqual(self.process.entity("frontend", "web")["connections"], 1)
        self.assertLessEqual(self.process.entity("server", "grpc")["connections"], 6)

    def test_an_error_of_the_application_is_its_own_and_not_a_failure(self):
        error = self.assert_fails(grpc.StatusCode.NOT_FOUND, self.unary, "Fail")
        self.assertEqual(error.details(), "no such thing: ü%")
        self.assert_fails(grpc.StatusCode.UNIMPLEMENTED, self.unary, "NoSuchMethod")
        self.assertEqual(self.failures(), {})

    def test_deadlines_reach_the_server_and_end_the_call(self):
        self.assertLess(float(self.unary("Remaining", timeout=20)), 20)
        self.assert_fails(grpc.StatusCode.DEADLINE_EXCEEDED, list, self.channel.unary_stream(SERVICE + "Wait")(b"", timeout=0.5))
        eventually(lambda: self.unary("Cancelled") == b"1", SECONDS, "the server hears of it")

    def test_a_cancelled_call_is_cancelled_on_the_server_and_disturbs_no_other(self):
        waiting = [self.channel.unary_stream(SERVICE + "Wait")(b"", timeout=SECONDS) for _ in range(3)]
        self.assertEqual([next(call) for call in waiting], [b"waiting"] * 3)
        waiting[0].cancel()
        eventually(lambda: self.unary("Cancelled") == b"1", SECONDS, "the server hears of it")
        self.assertEqual([call.is_active() for call in waiting], [False, True, True])
        for call in waiting[1:]:
            call.cancel()
        eventually(lambda: self.unary("Cancelled") == b"3", SECONDS, "the server hears of the others")
        self.assertEqual(self.process.entity("server", "grpc")["response_errors"], 0)

    def test_a_server_killed_in_the_middle_ends_the_calls_and_the_next_find_another(self):
        call = self.channel.unary_stream(SERVICE + "Wait")(b"", timeout=SECONDS)
        self.assertEqual(next(call), b"waiting")
        self.server.stop()
        with self.assertRaises(grpc.RpcError) as failed:
            next(call)
        self.assertIn(failed.exception.code(), (grpc.StatusCode.INTERNAL, grpc.StatusCode.UNAVAILABLE))
        self.assert_fails(grpc.StatusCode.UNAVAILABLE, self.unary, "Unary")  # 502, as gRPC clients read it
        self.server = self.make_server()
        self.addCleanup(self.server.stop)
        self.assertEqual(self.process.reload(self.configuration())[0], 0)
        self.assertEqual(self.unary("Unary", b"again"), b"again")

    def test_errors_of_reseal_are_errors_of_grpc(self):
        rules = ("    rules:\n      - { when: { path: /test.Echo/Denied }, deny: 403 }\n"
                 "      - { when: { path: /test.Echo/Unknown }, deny: 401 }\n      - { when: { path: /test.Echo/Busy }, deny: 429 }\n")
        self.assertEqual(self.process.reload(self.configuration("    passive: off\n").replace("    default: web\n", "    default: web\n" + rules))[0], 0)
        for method, code in (("Denied", grpc.StatusCode.PERMISSION_DENIED), ("Unknown", grpc.StatusCode.UNAUTHENTICATED),
                             ("Busy", grpc.StatusCode.UNAVAILABLE)):
            error = self.assert_fails(code, self.unary, method)
            self.assertEqual(error.details(), "This request is not allowed here. (request_denied)")
        self.assertEqual(self.failures(), {"request_denied": 3})
        self.server.stop()
        error = self.assert_fails(grpc.StatusCode.UNAVAILABLE, self.unary, "Unary", b"x" * 100000)
        self.assertEqual(error.details(), "The server could not be reached. (connect_failed)")
        error = self.assert_fails(grpc.StatusCode.UNAVAILABLE, list, self.channel.unary_stream(SERVICE + "Wait")(b"", timeout=SECONDS))
        self.assertEqual(error.details(), "The server could not be reached. (connect_failed)")

    def test_only_grpc_calls_are_answered_so(self):
        log = os.path.join(self.folder, f"{type(self).__name__}.log")
        logged = self.configuration("    passive: off\n").replace(
            "    default: web\n", f"    default: web\n    access_log: {{ to: {log}, format: '{{status}} {{cause}}' }}\n")
        self.assertEqual(self.process.reload(logged)[0], 0)
        self.server.stop()
        client = H2Requester(self.process.port(), self.pki.path("ca.pem"))
        self.addCleanup(client.close)
        for content_type, expected in (("application/grpc", 200), ("application/grpc+proto", 200), ("application/grpc-web", 502), ("text/plain", 502)):
            with self.subTest(content_type):
                response = client.ask(Message(method="POST", fields=[("content-type", content_type)], body=b"x"))
                self.assertEqual(response.status, expected)
                self.assertEqual(response.get("grpc-status"), "14" if expected == 200 else None)
                self.assertEqual(response.body == b"", expected == 200)
        eventually(lambda: len(read(self.folder, log).splitlines()) == 4)
        self.assertEqual(read(self.folder, log).decode().splitlines(), ["200 connect_failed"] * 2 + ["502 connect_failed"] * 2)

    def test_a_reload_lets_calls_finish(self):
        said = []
        go_on = threading.Event()

        def requests():
            yield b"before"
            go_on.wait(SECONDS)
            yield b"after"

        call = self.channel.stream_stream(SERVICE + "Chat")(requests(), timeout=2 * SECONDS)
        said.append(next(call))
        self.assertEqual(self.process.reload(self.configuration("    retries: 1\n"))[0], 0)
        go_on.set()
        said += list(call)
        self.assertEqual(said, [b"BEFORE", b"AFTER"])


class GrpcOverMutualTls(Grpc, IntegrationCase):
    def make_server(self):
        return GrpcServer(self.pki)

    def configuration(self, backend=""):
        return self.yaml(self.server, workers=2, backend="    protocol: h2\n" + backend)


class GrpcWithoutTlsToTheServer(Grpc, IntegrationCase):
    def make_server(self):
        return GrpcServer()

    def configuration(self, backend=""):
        return self.yaml(self.server, workers=2, tls="plaintext: refused", backend="    protocol: h2\n" + backend)


if __name__ == "__main__":
    unittest.main()
