"""Real proxies on loopback: SOCKS5, and HTTP with CONNECT.

    with SocksProxy({"news.example": server.port}) as proxy:
        fetch("http://news.example/feed", proxy=proxy.url)
    assert proxy.asked == [("news.example", 80)]

`ways` says which port on loopback a name leads to; other names lead nowhere.
"""

from __future__ import annotations

import base64
import select
import socket
import struct
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Self


class _Proxy:
    scheme = ""

    def __init__(self, ways: Mapping[str, int] | None = None, login: str = "") -> None:
        """`login` is the `name:password` that the proxy wants; "" lets everybody in."""
        self.asked: list[tuple[str, int]] = []
        self._ways = dict(ways or {})
        self._login = login
        self._stop = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._socket.close()

    def _start(self, work: object, *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._stop.is_set():
            if select.select([self._socket], [], [], 0.05)[0]:
                self._start(self._serve, self._socket.accept()[0])

    def _serve(self, client: socket.socket) -> None:
        client.settimeout(10)
        try:
            with client:
                upstream = self.greet(client)
                if upstream is not None:
                    with upstream:
                        self._pump(client, upstream)
        except OSError:
            return

    def greet(self, client: socket.socket) -> socket.socket | None:
        """Talk to the client until it may speak to the returned server; None refuses it."""
        raise NotImplementedError

    def open(self, host: str, port: int) -> socket.socket | None:
        self.asked.append((host, port))
        way = self._ways.get(host)
        return socket.create_connection(("127.0.0.1", way), 10) if way else None

    def _pump(self, one: socket.socket, other: socket.socket) -> None:
        while not self._stop.is_set():
            for ready in select.select([one, other], [], [], 0.05)[0]:
                data = ready.recv(65_536)
                if not data:
                    return
                (other if ready is one else one).sendall(data)


class SocksProxy(_Proxy):
    """SOCKS version 5 (RFC 1928, 1929)."""

    scheme = "socks5h"

    def greet(self, client: socket.socket) -> socket.socket | None:
        offered = client.recv(2)[1]
        methods = client.recv(offered)
        wanted = 2 if self._login else 0
        if wanted not in methods:
            client.sendall(b"\x05\xff")
            return None
        client.sendall(bytes([5, wanted]))
        if wanted and not self._logged_in(client):
            return None
        return self._connected(client)

    def _logged_in(self, client: socket.socket) -> bool:
        name = client.recv(client.recv(2)[1])
        password = client.recv(client.recv(1)[0])
        fits = (name + b":" + password).decode() == self._login
        client.sendall(b"\x01\x00" if fits else b"\x01\x01")
        return fits

    def _connected(self, client: socket.socket) -> socket.socket | None:
        kind = client.recv(4)[3]
        if kind == 3:
            host = client.recv(client.recv(1)[0]).decode()
        else:
            family, size = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, client.recv(size))
        upstream = self.open(host, struct.unpack("!H", client.recv(2))[0])
        client.sendall(bytes([5, 0 if upstream else 4, 0, 1, 0, 0, 0, 0, 0, 0]))
        return upstream


class ConnectProxy(_Proxy):
    """An HTTP proxy that opens tunnels."""

    scheme = "http"

    def greet(self, client: socket.socket) -> socket.socket | None:
        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(65_536)
        host, _, port = head.split()[1].decode().rpartition(":")
        login = b"Basic " + base64.b64encode(self._login.encode())
        if self._login and login not in head:
            client.sendall(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            return None
        upstream = self.open(host, int(port))
        answer = b"200 Go ahead" if upstream else b"502 No way"
        client.sendall(b"HTTP/1.1 " + answer + b"\r\n\r\n")
        return upstream
