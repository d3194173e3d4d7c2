"""A gRPC server in a process of its own, with handlers of plain bytes, so that no generated code is needed.

Of the service test.Echo: Unary, Collect (client streaming), Spread (server streaming), Chat (both), Fail, Wait (until
cancelled), Remaining (what is left of the deadline), Cancelled (how many calls were), Metadata (what came).
"""

import os
import subprocess
import sys

SERVICE = "/test.Echo/"


class GrpcServer:
    """The handle that a test has. `pki` None: HTTP/2 without TLS."""

    name = "grpc"

    def __init__(self, pki=None):
        here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        self.child = subprocess.Popen([sys.executable, "-W", "ignore", "-m", "support.grpc_server", pki.folder if pki else ""],
                                      cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.child.stdout.readline())

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def stop(self):
        """As if killed."""
        self.child.kill()
        self.child.wait()
        self.child.stdin.close()
        self.child.stdout.close()


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def main(folder):
    import threading
    from concurrent.futures import ThreadPoolExecutor

    import grpc

    cancelled = []

    def unary(request, context):
        context.set_trailing_metadata((("x-size", str(len(request))),))
        return request

    def wait(request, context):
        ended = threading.Event()
        context.add_callback(ended.set)
        yield b"waiting"
        ended.wait(60)
        cancelled.append(request)

    def fail(_, context):
        context.abort(grpc.StatusCode.NOT_FOUND, "no such thing: ü%")

    def metadata(_, context):
        pairs = sorted((key, value) for key, value in context.invocation_metadata() if key.startswith("x-"))
        context.send_initial_metadata((("x-initial", "first"), ("x-bytes-bin", b"\0\xff")))
        return repr(pairs).encode()

    def spread(request, _):
        count, size = request.split()
        return (number.to_bytes(4, "big").ljust(int(size), b".") for number in range(int(count)))

    handlers = {
        "Unary": grpc.unary_unary_rpc_method_handler(unary),
        "Collect": grpc.stream_unary_rpc_method_handler(lambda requests, _: b"|".join(requests)),
        "Spread": grpc.unary_stream_rpc_method_handler(spread),
        "Chat": grpc.stream_stream_rpc_method_handler(lambda requests, _: (request.upper() for request in requests)),
        "Fail": grpc.unary_unary_rpc_method_handler(fail),
        "Wait": grpc.unary_stream_rpc_method_handler(wait),
        "Remaining": grpc.unary_unary_rpc_method_handler(lambda _, context: str(context.time_remaining()).encode()),
        "Cancelled": grpc.unary_unary_rpc_method_handler(lambda _, context: str(len(cancelled)).encode()),
        "Metadata": grpc.unary_unary_rpc_method_handler(metadata),
    }

    class Handler(grpc.GenericRpcHandler):
        def service(self, details):
            return handlers.get(details.method.removeprefix(SERVICE))

    server = grpc.server(ThreadPoolExecutor(64))
    server.add_generic_rpc_handlers((Handler(),))
    if folder:
        credentials = grpc.ssl_server_credentials([(read(folder, "server.key"), read(folder, "server.crt"))],
                                                  read(folder, "ca.pem"), require_client_auth=True)
        port = server.add_secure_port("127.0.0.1:0", credentials)
    else:
        port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
