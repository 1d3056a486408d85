"""Serves the zoo on loopback, each animal at `/<name>/feed`.

python -m tests.zoo.server          lists the animals and serves them until Ctrl-C
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections import Counter
from types import TracebackType
from typing import Self

from tests.zoo.animal import Animal, Visit
from tests.zoo.animals import ANIMALS

_HEAD_BYTES = 65_536


class Zoo:
    """A server of raw bytes: what an animal answers is sent as it is."""

    def __init__(self, animals: tuple[Animal, ...] = ANIMALS) -> None:
        self._animals = {animal.name: animal for animal in animals}
        self._visits: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=512)
        self._open = True
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open = False
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join()

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def url(self, name: str) -> str:
        """The feed address of an animal."""
        return f"{self.origin}/{name}/feed"

    def _accept(self) -> None:
        while self._open:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):  # visitors leave when they have seen enough
            client.settimeout(30)
            request = _read_head(client)
            if not request:
                return
            target = request[0].split(" ")[1]
            name, _, path = target.lstrip("/").partition("/")
            animal = self._animals.get(name)
            if animal is None:
                client.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                return
            with self._lock:
                number = self._visits[name]
                self._visits[name] += 1
            headers = dict(_header(line) for line in request[1:] if ":" in line)
            visit = Visit(path, headers, number, self.origin)
            for piece in visit.pieces(animal.answer):
                client.sendall(piece)
            if animal.broken_off:
                # Closing with unsent data pending and no lingering makes it a reset.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _read_head(client: socket.socket) -> list[str]:
    data = b""
    while b"\r\n\r\n" not in data and len(data) < _HEAD_BYTES:
        more = client.recv(8192)
        if not more:
            return []
        data += more
    return data.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip().lower(), value.strip()


def main() -> None:
    """List the animals and serve them until Ctrl-C."""
    with Zoo() as zoo, contextlib.suppress(KeyboardInterrupt):
        for animal in ANIMALS:
            print(f"{zoo.url(animal.name):72} {animal.outcome}")
        threading.Event().wait()


if __name__ == "__main__":
    main()
