"""Reading a body: decoded by us, so that its size is capped while it grows.

A body passes through one decoder for each encoding that the answer names, piece by piece.
What every decoder lets out is counted, so that a bomb of a few kilobytes costs a few pieces
of memory, also where encodings are stacked. Only what `ACCEPT_ENCODING` asks for is understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from services.collect.http.decoders import DECODERS, DamagedError, gunzip
from services.collect.http.errors import PermanentFetchError, RetryableFetchError
from services.domain.outlet import PollOutcome

ACCEPT_ENCODING: Final = "gzip, deflate, br, zstd"
MOST_ENCODINGS: Final = 3
# Not encodings, yet sent as such by servers that mean the body as it stands.
_NONE: Final = frozenset(
    {"", "identity", "none", "binary", "7bit", "8bit", "utf-8", "utf8", "iso-8859-1"}
)
_GZIP_FILE: Final = b"\x1f\x8b\x08"


def read_body(
    chunks: Iterable[bytes], encoding: str, max_bytes: int, host: str, *, cut: bool = False
) -> bytes:
    """Return the decoded body; a gzip file (a sitemap often is one) is unpacked as well.

    `encoding` is the value of Content-Encoding: several, separated by commas, are undone from
    the last to the first. With `cut`, a body over `max_bytes` is cut there.

    Raises PermanentFetchError when the body, at any step of its decoding, grows over
    `max_bytes` (before decoding also with `cut`), or is encoded in a way that was not asked
    for; RetryableFetchError when it is damaged or breaks off.
    """
    names = [name.strip().lower() for name in encoding.split(",")]
    names = [name for name in names if name not in _NONE]
    if len(names) > MOST_ENCODINGS or any(name not in DECODERS for name in names):
        raise PermanentFetchError(
            f"{host} sent its answer encoded as {', '.join(names)[:60]!r}, which was not asked "
            "for.",
            PollOutcome.NOT_A_FEED,
        )
    pieces = chunks
    for name in reversed(names):
        pieces = DECODERS[name](_counted(pieces, max_bytes, host))
    try:
        return _gathered(_unpacked(pieces, max_bytes, host), max_bytes, host, cut=cut)
    except DamagedError as error:
        raise RetryableFetchError(
            f"The answer of {host} is damaged: {error}.", PollOutcome.BROKEN_FEED
        ) from None


def too_large(host: str, max_bytes: int) -> PermanentFetchError:
    """The error for a body over the cap."""
    return PermanentFetchError(
        f"{host} sent more than {max_bytes:,} bytes; the rest was not read "
        "(FRAMEWATCH_FETCH_MAX_BYTES).",
        PollOutcome.TOO_LARGE,
    )


def _unpacked(pieces: Iterable[bytes], max_bytes: int, host: str) -> Iterable[bytes]:
    """`pieces`, unpacked if they are a gzip file."""
    rest, head = iter(pieces), b""
    for piece in rest:
        head += piece
        if len(head) >= len(_GZIP_FILE):
            break
    whole = chain([head], rest)
    return gunzip(_counted(whole, max_bytes, host)) if head.startswith(_GZIP_FILE) else whole


def _counted(pieces: Iterable[bytes], max_bytes: int, host: str) -> Iterator[bytes]:
    """The same pieces; PermanentFetchError as soon as they are more than `max_bytes` together."""
    left = max_bytes
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            raise too_large(host, max_bytes)
        yield piece


def _gathered(pieces: Iterable[bytes], max_bytes: int, host: str, *, cut: bool) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > max_bytes:
            if not cut:
                raise too_large(host, max_bytes)
            del data[max_bytes:]
            break
    return bytes(data)
