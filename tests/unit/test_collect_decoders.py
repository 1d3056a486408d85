"""Content encodings, undone piece by piece."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collect.http.decoders import DECODERS, PIECE, DamagedError, zstd

TEXT = b"<rss>" + bytes(range(256)) * 400 + b"</rss>"
PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": lambda data: brotli.compress(data, quality=4),
    "zstd": zstd.compress,
}


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def skippable(data: bytes) -> bytes:
    return b"\x50\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


def decoded(name: str, pieces: Iterable[bytes]) -> bytes:
    return b"".join(DECODERS[name](pieces))


def cut(data: bytes, sizes: list[int]) -> Iterator[bytes]:
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


@pytest.mark.parametrize("name", PACKERS)
@given(data=st.binary(max_size=2_000), sizes=st.lists(st.integers(0, 40), max_size=20))
def test_what_was_encoded_comes_back_however_it_is_cut(
    name: str, data: bytes, sizes: list[int]
) -> None:
    assert decoded(name, cut(PACKERS[name](data), sizes)) == data


@pytest.mark.parametrize("name", PACKERS)
def test_pieces_are_small_however_much_one_holds(name: str) -> None:
    sizes = [len(piece) for piece in DECODERS[name]([PACKERS[name](bytes(20_000_000))])]
    assert max(sizes) <= PIECE
    assert sum(sizes) == 20_000_000


@pytest.mark.parametrize("name", PACKERS)
def test_no_more_is_decoded_than_is_taken(name: str) -> None:
    packed = PACKERS[name](b"".join(n.to_bytes(3) for n in range(400_000)))
    size, taken = len(packed) // 100 + 1, []

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(packed), size):
            taken.append(start)
            yield packed[start : start + size]

    next(DECODERS[name](pieces()))
    assert len(taken) < 100


@pytest.mark.parametrize("name", PACKERS)
def test_no_body_at_all_is_an_empty_one(name: str) -> None:
    assert decoded(name, []) == b""
    assert decoded(name, [b"", b""]) == b""


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("missing", [1, 5, 50])
def test_what_breaks_off_is_damaged(name: str, missing: int) -> None:
    with pytest.raises(DamagedError, match="broke off"):
        decoded(name, [PACKERS[name](TEXT)[:-missing]])


@pytest.mark.parametrize("name", PACKERS)
@pytest.mark.parametrize("body", [b"\xff" * 100, b"<rss>plain</rss>", TEXT])
def test_what_is_not_encoded_so_is_damaged(name: str, body: bytes) -> None:
    with pytest.raises(DamagedError):
        decoded(name, [body])


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_a_damaged_checksum_is_noticed(name: str) -> None:
    options = {zstd.CompressionParameter.checksum_flag: 1}
    packed = gzip.compress(TEXT) if name == "gzip" else zstd.compress(TEXT, options=options)
    place = len(packed) - 6 if name == "gzip" else len(packed) - 2
    damaged = packed[:place] + bytes([packed[place] ^ 0xFF]) + packed[place + 1 :]
    with pytest.raises(DamagedError):
        decoded(name, [damaged])


@given(data=st.binary(max_size=500), sizes=st.lists(st.integers(0, 40), max_size=20))
def test_deflate_without_its_head_is_understood(data: bytes, sizes: list[int]) -> None:
    assert decoded("deflate", cut(bare_deflate(data), sizes)) == data


@pytest.mark.parametrize("name", ["gzip", "zstd"])
@given(sizes=st.lists(st.integers(0, 40), max_size=20))
def test_parts_one_after_another_are_one_body(name: str, sizes: list[int]) -> None:
    packed = b"".join(PACKERS[name](part) for part in (b"one ", b"", b"two ", b"three"))
    assert decoded(name, cut(packed, sizes)) == b"one two three"


@given(sizes=st.lists(st.integers(0, 40), max_size=20))
def test_frames_to_be_skipped_are_skipped(sizes: list[int]) -> None:
    packed = skippable(b"note") + zstd.compress(b"hello") + skippable(b"")
    assert decoded("zstd", cut(packed, sizes)) == b"hello"


@pytest.mark.parametrize("name", ["gzip", "zstd", "deflate"])
@pytest.mark.parametrize("padding", [b"\x00" * 600, b"\r\n", b"<!-- cached -->"])
def test_padding_after_the_end_is_left_out(name: str, padding: bytes) -> None:
    packed = PACKERS[name](b"hello")
    assert decoded(name, [packed + padding, padding]) == b"hello"
    assert decoded(name, [packed, padding]) == b"hello"


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_tiny_parts_without_end_are_refused(name: str) -> None:
    with pytest.raises(DamagedError, match="too many small parts"):
        decoded(name, [PACKERS[name](b"")] * 20_000)


def test_a_frame_that_wants_a_gigabyte_of_memory_is_refused() -> None:
    options = {zstd.CompressionParameter.window_log: 30}
    packer = zstd.ZstdCompressor(options=options)
    packed = packer.compress(b"hello" * 100) + packer.flush()
    with pytest.raises(DamagedError, match="memory"):
        decoded("zstd", [packed])
