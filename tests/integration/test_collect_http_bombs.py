"""A few kilobytes that unpack to hundreds of megabytes cost a few megabytes."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import pytest

from services.collect.http.decoders import zstd
from tests.support.feed_server import FeedServer

MIB = 2**20
UNPACKED = 128 * MIB
CAP = 2 * MIB
ALLOWED = 16 * MIB
"""Room for the body up to the cap and the windows of the decoders; an eighth of the bomb."""

FETCH = """
import sys
from pathlib import Path
from services.collect.http.fetcher import Fetcher, FetchError

def peak():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))

fetcher = Fetcher(
    user_agent="t", timeout=60, max_bytes=int(sys.argv[3]), allow_networks=["127.0.0.0/8"]
)
fetcher.get(sys.argv[1])
before = peak()
try:
    fetcher.get(sys.argv[2])
except FetchError as error:
    print(error.outcome.value, peak() - before)
"""


def many(packer: object) -> bytes:
    """What `packer` makes of the unpacked megabytes, given one by one."""
    zeros = bytes(MIB)
    step = getattr(packer, "process", None) or packer.compress  # type: ignore[attr-defined]
    end = getattr(packer, "finish", None) or packer.flush  # type: ignore[attr-defined]
    return b"".join(step(zeros) for _ in range(UNPACKED // MIB)) + bytes(end())


BOMBS: dict[str, Callable[[], bytes]] = {
    "gzip": lambda: many(zlib.compressobj(1, wbits=31)),
    "deflate": lambda: many(zlib.compressobj(1)),
    "br": lambda: many(brotli.Compressor(quality=1)),
    "zstd": lambda: many(zstd.ZstdCompressor(1)),
    "gzip, gzip": lambda: gzip.compress(many(zlib.compressobj(1, wbits=31))),
    "gzip, br": lambda: brotli.compress(many(zlib.compressobj(1, wbits=31)), quality=5),
    "br, zstd": lambda: zstd.compress(many(brotli.Compressor(quality=1))),
}


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads Linux's own figures")
@pytest.mark.parametrize("encoding", BOMBS)
def test_a_bomb_costs_no_more_than_the_decoder_itself(server: FeedServer, encoding: str) -> None:
    bomb = BOMBS[encoding]()
    assert len(bomb) < CAP
    first = server.set("/first", body=b"x" * 1000)
    url = server.set("/bomb", 200, {"Content-Encoding": encoding}, bomb)
    result = subprocess.run(
        [sys.executable, "-c", FETCH, first, url, str(CAP)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.stderr == ""
    outcome, grown = result.stdout.split()
    assert outcome == "too_large"
    assert int(grown) < ALLOWED
