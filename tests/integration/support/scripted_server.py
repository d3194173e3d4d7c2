"""A server that says what its script says, whatever it is asked: for health checks of any protocol."""

import socket
import threading


class ScriptedServer:
    """Each connection gets `banner`, and after each piece that comes the next of `replies`; then it is closed, or with `stays`
    left open and silent. `asked` has what came, one list a connection, `peers` from where."""

    def __init__(self, *replies, banner=b"", stays=False):
        self.replies, self.banner, self.stays = replies, banner, stays
        self.asked = []
        self.ended = False
        self.connections = []
        self.peers = []
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.accept, daemon=True)
        self.thread.start()

    def accept(self):
        while not self.ended:
            try:
                connection, peer = self.socket.accept()
            except OSError:
                return
            self.connections.append(connection)
            self.peers.append(peer)
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        asked = []
        self.asked.append(asked)
        try:
            if self.banner:
                connection.sendall(self.banner)
            for reply in self.replies:
                piece = connection.recv(65536)
                asked.append(piece)
                if not piece:
                    break
                connection.sendall(reply)
            while self.stays and connection.recv(65536):
                pass
        except OSError:
            pass
        connection.close()

    def stop(self):
        self.ended = True
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        for connection in self.connections:
            connection.close()
        self.thread.join(5)
