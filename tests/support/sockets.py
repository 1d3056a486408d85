"""What really happens at the socket layer of this process, as Python itself reports it.

with watching_sockets() as seen:
    fetch(url)
assert seen.connected == [("127.0.0.1", 8080)]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any


@dataclass
class Seen:
    """Addresses that sockets were told to connect to, and names that were looked up."""

    connected: list[tuple[str, int]] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)


_watchers: list[Seen] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watchers or event not in ("socket.connect", "socket.getaddrinfo"):
        return
    for seen in _watchers:
        if event == "socket.connect":
            seen.connected.append(tuple(args[1][:2]))  # type: ignore[arg-type]
        elif not _is_number(args[0]):
            seen.looked_up.append(args[0])


def _is_number(host: object) -> bool:
    try:
        ip_address(str(host).partition("%")[0])
    except ValueError:
        return False
    return True


sys.addaudithook(_hook)  # which Python never takes away again


@contextmanager
def watching_sockets() -> Iterator[Seen]:
    """Record what happens in the body, in whatever thread."""
    seen = Seen()
    _watchers.append(seen)
    try:
        yield seen
    finally:
        _watchers.remove(seen)
