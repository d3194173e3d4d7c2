"""The PROXY protocol's headers, as a balancer in front would send them."""

import socket
import struct

V2 = b"\r\n\r\n\0\r\nQUIT\n"


def proxy_v2(source, destination, ports):
    """Version 2 of a TCP connection over IPv4."""
    return (V2 + b"\x21\x11" + struct.pack("!H", 12) + socket.inet_aton(source) + socket.inet_aton(destination) +
            struct.pack("!HH", *ports))
