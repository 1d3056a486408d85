"""Ways to damage a document: byte by byte, tag by tag, value by value."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from typing import Any, Final

MAX_BYTES: Final = 400_000
_PIECE_BYTES: Final = 1_000
_TOKEN: Final = re.compile(rb"<[^<>]{0,400}>|[^<>]+|[<>]")
_VALUE: Final = re.compile(rb"=\s*(\"[^\"]{0,300}\"|'[^']{0,300}')")
_NUMBER: Final = re.compile(rb"\d+")
PIECES: Final = (
    b"<![CDATA[", b"]]>", b"<!--", b"-->", b"&", b"&amp;", b"&lt;", b"&#0;", b"&#x110000;",
    b"&#55296;", b"&nbsp;", b"&lol9;", b"<", b">", b"/>", b"\x00", b"\xff\xfe", b"\xef\xbb\xbf",
    b"\xd0", b"\xe2\x80\xae", b"\xf0\x9f\x98\x80", b"<item>", b"</item>", b"<entry>", b"<rss>",
    b"</rss>", b"</channel>", b"<title>", b"<link>", b"<guid>", b"<html>", b"<svg>", b"<math>",
    b"<source>", b"<image>", b"<textinput>", b"<content type='xhtml'>", b"<xhtml:div>",
    b"<content type='application/xml' mode='base64'>", b"<pubDate>", b"<summary>", b"<script>",
    b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"<?xml version='1.0' encoding='utf-16'?>", b"<?php ",
    b" xmlns:x='y'", b" xml:base='http://['", b" href='javascript:x'", b" xml:lang=''",
    b"http://[::1", b"//", b"{", b"}", b"[", b"]", b'"', b"\\u0000", b"\\ud800", b"1e999",
    b"99999999999999999999", b"-1", b"NaN", b"0000-00-00T99:99:99Z", b"24:00", b"+99:99",
    b"31 Feb 2025", b"Europe/Nowhere", b"\r", b"\n\n", b"\x0c", b"\x85", b"<a><b></a></b>",
    b"<x:y>", b"<loc>", b"<news:title>", b"charset=utf-7", b"<georss:point>1</georss:point>",
    b"<georss:polygon>x</georss:polygon>", b"<gml:pos>1 2 3</gml:pos>", b"<itunes:image/>",
    b"<media:credit role=''/>", b"<media:thumbnail/>", b"<psc:chapter/>", b"<dcterms:valid>start=x",
    b"<cloud/>", b"<feedburner:origLink>", b"<newlocation>", b"<tags>a,b</tags>",
)  # fmt: skip

Mutation = Callable[[random.Random, bytes], bytes]


def mutate(rng: random.Random, documents: list[bytes]) -> bytes:
    """A document with one to a dozen things wrong with it, at most `MAX_BYTES` long."""
    data = rng.choice(documents)[:MAX_BYTES]
    for _ in range(rng.choice((1, 1, 2, 3, 5, 12))):
        if rng.random() < 0.06:
            other = rng.choice(documents)
            data = data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]
        else:
            data = rng.choice(_MUTATIONS)(rng, data)[:MAX_BYTES]
    return data


def _span(rng: random.Random, data: bytes, longest: int = 200) -> tuple[int, int]:
    at = rng.randrange(len(data) + 1)
    return at, min(len(data), at + rng.randrange(longest))


def _flip(rng: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 4, 30)) if changed else 0):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def _delete(rng: random.Random, data: bytes) -> bytes:
    begin, end = _span(rng, data)
    return data[:begin] + data[end:]


def _insert(rng: random.Random, data: bytes) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(PIECES) * rng.choice((1, 1, 1, 3)) + data[at:]


def _repeat(rng: random.Random, data: bytes) -> bytes:
    begin, end = _span(rng, data, 400)
    times = rng.choice((2, 5, 50, 3_000))
    piece = rng.choice((data[begin:end], rng.choice(PIECES)))
    return data[:begin] + piece * times + data[begin:]


def _cut(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _shuffle_tokens(rng: random.Random, data: bytes) -> bytes:
    """Tags and texts dropped, doubled, exchanged, wrapped in each other."""
    tokens = _TOKEN.findall(data)
    for _ in range(rng.choice((1, 2, 6)) if len(tokens) > 1 else 0):
        one, two = rng.randrange(len(tokens)), rng.randrange(len(tokens))
        kind = rng.randrange(4)
        if kind == 0:
            tokens[one] = b""
        elif kind == 1:
            tokens.insert(one, tokens[two])
        elif kind == 2:
            tokens[one], tokens[two] = tokens[two], tokens[one]
        else:
            tokens[one] = tokens[one][:_PIECE_BYTES] * rng.choice((2, 20, 400))
    return b"".join(tokens)


def _value(rng: random.Random, data: bytes) -> bytes:
    """Another value for an attribute or a number."""
    found = list(rng.choice((_VALUE, _NUMBER)).finditer(data))
    if not found:
        return data
    spot = rng.choice(found)
    new = rng.choice((*PIECES, b"9" * 400, b"x" * 5_000))
    if spot.re is _VALUE:
        new = b'="' + new + b'"'
    return data[: spot.start()] + new + data[spot.end() :]


def _encoding(rng: random.Random, data: bytes) -> bytes:
    names = (
        "utf-8",
        "utf-16-le",
        "utf-16-be",
        "utf-32",
        "cp1251",
        "koi8-r",
        "latin-1",
        "shift_jis",
    )
    text = data.decode(rng.choice(names), "replace")
    return text.encode(rng.choice(names), "replace")


def _json_value(rng: random.Random, data: bytes) -> bytes:
    """Another value somewhere in a JSON document; other documents stay as they are."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return _shuffle_tokens(rng, data)
    return json.dumps(_replaced(rng, document, 4)).encode()


def _replaced(rng: random.Random, value: Any, depth: int) -> Any:
    if depth and isinstance(value, dict) and value and rng.random() < 0.85:
        key = rng.choice(list(value))
        return {**value, key: _replaced(rng, value[key], depth - 1)}
    if depth and isinstance(value, list) and value and rng.random() < 0.85:
        at = rng.randrange(len(value))
        return [*value[:at], _replaced(rng, value[at], depth - 1), *value[at + 1 :]]
    odd = (
        None,
        True,
        -1,
        10**400,
        1e308,
        "",
        "\x00\ud800",
        [],
        {},
        [[]],
        {"name": {}},
        "x" * 9_999,
    )
    return rng.choice((*odd, [value, value], {"title": value}))


_MUTATIONS: Final[tuple[Mutation, ...]] = (
    _flip, _delete, _insert, _insert, _repeat, _cut, _shuffle_tokens, _shuffle_tokens, _value,
    _encoding, _json_value,
)  # fmt: skip
