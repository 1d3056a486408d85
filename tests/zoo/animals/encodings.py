"""Feeds whose bytes are not what they say."""

from __future__ import annotations

import codecs

from tests.zoo.animal import Animal
from tests.zoo.documents import item, rss
from tests.zoo.wire import answer

RUSSIAN = "Переговоры прошли в столице"
_FEED = rss(item(RUSSIAN, "https://news.example/1"))


def _declared(name: str, text: str = _FEED) -> str:
    return f'<?xml version="1.0" encoding="{name}"?>{text}'


def _russian(name: str, body: bytes, kind: str = "application/xml") -> Animal:
    return Animal(name, answer(body, kind), titles=(RUSSIAN,))


ANIMALS = (
    _russian("utf8-declared-as-windows-1251", _declared("windows-1251").encode()),
    _russian("utf8-declared-as-ascii", _declared("us-ascii").encode()),
    _russian("utf8-declared-latin1-by-the-server", _FEED.encode(), "text/xml; charset=iso-8859-1"),
    _russian("utf8-declared-as-something-unheard-of", _declared("x-unheard-of").encode()),
    _russian("utf8-with-byte-order-mark", codecs.BOM_UTF8 + _declared("utf-8").encode()),
    _russian("utf8-with-two-byte-order-marks", codecs.BOM_UTF8 * 2 + _declared("utf-8").encode()),
    _russian("utf8-with-blank-lines-first", b"\r\n\r\n  " + _declared("utf-8").encode()),
    _russian("windows-1251-declared", _declared("windows-1251").encode("windows-1251")),
    _russian("windows-1251-declared-by-the-server-only", _FEED.encode("windows-1251"),
             "text/xml; charset=windows-1251"),
    _russian("windows-1251-declared-nowhere", rss(
        item(RUSSIAN, "https://news.example/1"),
        inside="<description>Новости дня, мнения и разборы о мировой политике</description>",
    ).encode("windows-1251")),
    _russian("koi8-r-declared", _declared("koi8-r").encode("koi8-r")),
    _russian("windows-1251-declared-as-utf8", _declared("utf-8").encode("windows-1251"),
             "text/xml; charset=windows-1251"),
    _russian("utf-16-with-mark", codecs.BOM_UTF16_LE + _declared("utf-16").encode("utf-16-le")),
    _russian("utf-16-without-mark", _declared("utf-16").encode("utf-16-be")),
    _russian("utf-32", codecs.BOM_UTF32_LE + _declared("utf-32").encode("utf-32-le")),
    Animal(
        "utf8-with-one-broken-byte",
        answer(_FEED.encode().replace(b"</title><link>https://news.example/1",
                                      b"\xff</title><link>https://news.example/1")),
        titles=(RUSSIAN + "\ufffd",),
    ),
    Animal(
        "a-zero-byte-and-a-bell-in-the-title",
        answer(rss(item("A head\x00line\x07 with control characters", "https://news.example/c"))),
        titles=("A headline with control characters",),
    ),
    Animal(
        "a-title-that-turns-the-reading-direction",
        answer(rss(item("Safe \u202egnp.exe\u202c title\u200b here", "https://news.example/d"))),
        titles=("Safe gnp.exe title here",),
    ),
)  # fmt: skip
