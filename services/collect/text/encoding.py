"""Bytes to characters, for feeds and pages that state the wrong encoding.

Order: a byte order mark; UTF-8 if the bytes are valid UTF-8, whatever is declared, because
text in another encoding is practically never valid UTF-8 by chance; UTF-8 with a little damage;
the XML declaration or a page's meta tag; the HTTP header; a guess by charset-normalizer;
windows-1252.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

import charset_normalizer

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00?\x00", "utf-16-le"),
    (b"\x00<\x00?", "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_META: Final = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
# Codecs that text on the web is written in; others that Python knows (punycode, idna,
# unicode_escape) are no encodings of documents and can be made to run for very long.
_WRITTEN_IN: Final = re.compile(
    r"cp\d+|iso8859-\d+|koi8|mac|gb|big5|euc|shift|hz|iso2022|tis|ptcp|utf-8|utf-16|utf-32|kz1048"
)
_LATIN: Final = {"iso8859-1": "windows-1252", "ascii": "windows-1252"}
_GUESS_BYTES: Final = 65_536
# What undeclared text on the web is written in; rarer encodings only produce false guesses.
_GUESSES: Final = [
    "windows-1251", "koi8-r", "windows-1252", "windows-1250", "windows-1253", "windows-1254",
    "windows-1256", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
]  # fmt: skip


def decode(body: bytes, content_type: str = "") -> str:
    """Return `body` as text; bytes that fit no encoding become U+FFFD."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body.decode(name, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    if _is_damaged_utf8(body):
        return body.decode("utf-8", "replace")
    for name in _declared(body, content_type):
        try:
            return body.decode(name)
        except UnicodeDecodeError:
            continue
    guess = charset_normalizer.from_bytes(body[:_GUESS_BYTES], cp_isolation=_GUESSES).best()
    return body.decode(guess.encoding if guess else "windows-1252", "replace")


def _is_damaged_utf8(body: bytes) -> bool:
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for character in text if character > "\x7f") - bad
    return good >= 10 * bad


def _declared(body: bytes, content_type: str) -> list[str]:
    """Codec names that the document and then the server declare, as far as they are usable."""
    in_document = _DECLARED.match(body[:1024]) or _META.search(body[:4096])
    in_header = _CHARSET.search(content_type)
    names = [
        in_document.group(1).decode("ascii") if in_document else "",
        in_header.group(1) if in_header else "",
    ]
    found = []
    for name in names:
        try:
            codec = codecs.lookup(name).name if name else ""
        except LookupError:
            continue
        codec = _LATIN.get(codec, codec)
        if _WRITTEN_IN.match(codec) or codec.startswith("windows"):
            found.append(codec)
    return found
