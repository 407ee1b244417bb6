#!/usr/bin/python3
"""Connects to loopback and local sockets until process argv[1] is gone. Works in folder argv[2]."""
import os
import socket
import sys
import time

PARENT, FOLDER = int(sys.argv[1]), sys.argv[2]


def connect(family, address, blocking=True):
    with socket.socket(family, socket.SOCK_STREAM) as client:
        client.setblocking(blocking)
        try:
            client.connect(address)
        except OSError:
            pass


servers = []
for family, address in (
    (socket.AF_INET, ("127.0.0.1", 0)),
    (socket.AF_INET6, ("::1", 0)),
    (socket.AF_UNIX, os.path.join(FOLDER, "server.sock")),
    (socket.AF_UNIX, b"\0workload"),
):
    server = socket.socket(family, socket.SOCK_STREAM)
    server.bind(address)
    server.listen(64)
    servers.append((family, server))
closed = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
closed.bind(("127.0.0.1", 0))

while os.path.exists(f"/proc/{PARENT}"):
    for family, server in servers:
        connect(family, server.getsockname())
        server.accept()[0].close()
    connect(socket.AF_INET, servers[0][1].getsockname(), blocking=False)
    servers[0][1].accept()[0].close()
    connect(socket.AF_INET, closed.getsockname())
    connect(socket.AF_UNIX, "/run/no-such.socket")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(("127.0.0.53", 53))
    time.sleep(0.06)
