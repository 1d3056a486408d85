"""Many slow hosts in one process, each a port, which watch how politely they are asked.

    with slow_hosts(hosts=1_000, seconds=1.0) as hosts:
        fetch(hosts.url(17, "/feed/3"))
        print(hosts.seen())

`/feed/NAME` answers after `seconds` with a small feed of its own. `seen` tells how many
requests there were, the most at once at one host, and the least seconds between two at one.
"""

from __future__ import annotations

import asyncio
import json
import resource
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import TypedDict

ENTRIES = 10


class Seen(TypedDict):
    """What the hosts have seen; `least_gap` is infinite when no host was asked twice."""

    requests: int
    most_at_once: int
    least_gap: float


@dataclass(frozen=True)
class SlowHosts:
    """The hosts, by their ports; the last port tells what was seen."""

    ports: tuple[int, ...]

    def url(self, host: int, path: str) -> str:
        return f"http://127.0.0.1:{self.ports[host]}{path}"

    def seen(self) -> Seen:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[-1]}/seen") as answer:
            found: Seen = json.load(answer)
        return found


@contextmanager
def slow_hosts(hosts: int, seconds: float) -> Iterator[SlowHosts]:
    """Run the hosts in a process of their own."""
    command = [sys.executable, "-m", "tests.support.slow_hosts", str(hosts), str(seconds)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield SlowHosts(tuple(json.loads(process.stdout.readline())))
        finally:
            process.terminate()


class _Watch:
    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._starts: defaultdict[int, list[float]] = defaultdict(list)
        self._open: defaultdict[int, int] = defaultdict(int)
        self._most = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        port = writer.get_extra_info("sockname")[1]
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                path = line.split()[1].decode("ascii")
                body = self._told() if path == "/seen" else await self._feed(port, path)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n"
                    b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
                )
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def _feed(self, port: int, path: str) -> bytes:
        self._starts[port].append(time.monotonic())
        self._open[port] += 1
        self._most = max(self._most, self._open[port])
        try:
            await asyncio.sleep(self._seconds)
        finally:
            self._open[port] -= 1
        return feed(path)

    def _told(self) -> bytes:
        gaps = [
            later - earlier
            for starts in self._starts.values()
            for earlier, later in pairwise(starts)
        ]
        seen: Seen = {
            "requests": sum(map(len, self._starts.values())),
            "most_at_once": self._most,
            "least_gap": min(gaps, default=float("inf")),
        }
        return json.dumps(seen).encode()


def feed(path: str) -> bytes:
    """A small feed whose entries belong to `path` alone."""
    items = "".join(
        f"<item><title>{path} reports on matter {n}</title><link>https://n.example{path}/{n}</link>"
        f"<description>Delegates met about matter {n} of {path}.</description>"
        f"<pubDate>Sat, 01 Mar 2025 {n:02}:00:00 GMT</pubDate></item>"
        for n in range(ENTRIES)
    )
    return f"<rss version='2.0'><channel><title>{path}</title>{items}</channel></rss>".encode()


async def _run(hosts: int, seconds: float) -> None:
    watch = _Watch(seconds)
    servers = [
        await asyncio.start_server(watch.serve, "127.0.0.1", 0, backlog=16)
        for _ in range(hosts + 1)
    ]
    ports = [server.sockets[0].getsockname()[1] for server in servers]
    print(json.dumps(ports), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(_run(int(sys.argv[1]), float(sys.argv[2])))
