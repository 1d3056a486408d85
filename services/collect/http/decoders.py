"""Content encodings, undone piece by piece.

Each decoder is a generator from encoded pieces to decoded ones of at most `PIECE` bytes, and
holds no more than one of either: whoever reads from it decides when it has been enough.
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

PIECE: Final = 2**16
_BROTLI_PIECE: Final = 2**14  # its buffer grows in steps, and so passes what it is given
_GZIP: Final = 16 + zlib.MAX_WBITS
_ZLIB: Final = zlib.MAX_WBITS
_RAW: Final = -zlib.MAX_WBITS
# RFC 9659: what is sent as an HTTP answer needs no window over 8 MiB.
_ZSTD_OPTIONS: Final[Mapping[int, int]] = {zstd.DecompressionParameter.window_log_max: 23}
_GZIP_START: Final = frozenset({0x1F})
_ZSTD_START: Final = frozenset({0x28, *range(0x50, 0x60)})  # a frame, a skippable frame
_MOST_MEMBERS: Final = 10_000  # each costs more to begin than its few bytes to send


class DamagedError(Exception):
    """Encoded data that cannot be decoded; the message says how, without a full stop."""


def gunzip(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Undo gzip: one member after another, and padding after the last one left out."""
    inflater = zlib.decompressobj(_GZIP)
    members, at_start = 1, True
    for piece in pieces:
        data = piece
        while data:
            if inflater.eof:
                if data[0] not in _GZIP_START:
                    return
                inflater, members = zlib.decompressobj(_GZIP), _one_more(members)
            yield from _inflated(inflater, data, "gzip")
            data, at_start = inflater.unused_data, False
    if not inflater.eof and not at_start:
        raise DamagedError("it broke off in the middle")


def inflate(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Undo deflate. RFC 9110 means zlib by it; some servers send the bare stream instead."""
    inflater = None
    for piece in pieces:
        if not piece:
            continue
        if inflater is None:
            inflater = zlib.decompressobj(_ZLIB if piece[0] & 0x0F == 8 else _RAW)
        yield from _inflated(inflater, piece, "deflate")
        if inflater.eof:
            return
    if inflater is not None:
        raise DamagedError("it broke off in the middle")


def unbrotli(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Undo br, in which nothing may follow the end."""
    decoder, at_start = brotli.Decompressor(), True
    for piece in pieces:
        data, full = piece, False
        while data or full:
            try:
                out = decoder.process(data, output_buffer_limit=_BROTLI_PIECE)
            except brotli.error:
                raise DamagedError("it is not what br means") from None
            # With output left, it may say all the same that it can accept more data.
            full = len(out) >= _BROTLI_PIECE or not decoder.can_accept_more_data()
            data, at_start = b"", False
            if out:
                yield out
            if decoder.is_finished():
                return
    if not at_start:
        raise DamagedError("it broke off in the middle")


def unzstd(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Undo zstd: one frame after another."""
    decoder = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
    members, at_start = 1, True
    for piece in pieces:
        data = piece
        while data:
            if decoder.eof:
                if data[0] not in _ZSTD_START:
                    return
                decoder = zstd.ZstdDecompressor(options=_ZSTD_OPTIONS)
                members = _one_more(members)
            try:
                while data or not (decoder.needs_input or decoder.eof):
                    out, data = decoder.decompress(data, PIECE), b""
                    if out:
                        yield out
            except zstd.ZstdError as error:
                raise DamagedError(f"zstd: {error}".rstrip(".")) from None
            data, at_start = decoder.unused_data, False
    if not decoder.eof and not at_start:
        raise DamagedError("it broke off in the middle")


def _inflated(inflater: zlib._Decompress, data: bytes, name: str) -> Iterator[bytes]:
    full = False
    while data or full:
        try:
            out = inflater.decompress(data, PIECE)
        except zlib.error as error:
            raise DamagedError(f"{name}: {error}") from None
        data, full = inflater.unconsumed_tail, len(out) == PIECE
        if out:
            yield out
        if inflater.eof:
            return


def _one_more(members: int) -> int:
    if members >= _MOST_MEMBERS:
        raise DamagedError("it consists of too many small parts")
    return members + 1


DECODERS: Final[dict[str, Callable[[Iterable[bytes]], Iterator[bytes]]]] = {
    "gzip": gunzip,
    "x-gzip": gunzip,
    "deflate": inflate,
    "br": unbrotli,
    "zstd": unzstd,
}
"""How to undo each encoding, by its lower-case name."""
