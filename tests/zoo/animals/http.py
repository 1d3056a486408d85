"""Servers that break HTTP, or lie in it."""

from __future__ import annotations

import zlib

import brotli

from services.collect.http.decoders import zstd
from services.domain.outlet import PollOutcome
from tests.zoo.animal import Animal, Visit
from tests.zoo.documents import GOOD, TITLES
from tests.zoo.wire import XML, answer, chunked, dripping, head, zipped

_DATA = GOOD.encode()
_RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
_BARE_DEFLATE = _RAW.compress(_DATA) + _RAW.flush()
UNREACHABLE = PollOutcome.UNREACHABLE


def _status(name: str, status: str, outcome: PollOutcome, says: str = "", **more: str) -> Animal:
    return Animal(name, answer("no", "text/plain", status, **more), outcome, says=says)


def _coded(name: str, coding: str, body: bytes) -> Animal:
    return Animal(name, answer(body, Content_Encoding=coding), titles=TITLES)


def _conditional(visit: Visit) -> list[bytes]:
    return [head("304 Not Modified") if "if-none-match" in visit.headers else answer(GOOD)]


ANIMALS = (
    _coded("gzip", "gzip", zipped(GOOD)),
    _coded("gzip-in-capitals", "GZIP", zipped(GOOD)),
    _coded("gzip-twice-in-a-row", "gzip", zipped(GOOD[:100]) + zipped(GOOD[100:])),
    _coded("deflate", "deflate", zlib.compress(_DATA)),
    _coded("deflate-without-its-head", "deflate", _BARE_DEFLATE),
    _coded("brotli", "br", brotli.compress(_DATA)),
    _coded("zstandard", "zstd", zstd.compress(_DATA)),
    Animal("gzip-that-was-not-declared", answer(zipped(GOOD)), titles=TITLES),
    Animal("gzip-declared-but-plain", answer(GOOD, Content_Encoding="gzip"),
           PollOutcome.BROKEN_FEED, says="damaged"),
    Animal("gzip-cut-in-the-middle", answer(zipped(GOOD)[:-30], Content_Encoding="gzip"),
           PollOutcome.BROKEN_FEED, says="broke off"),
    Animal("an-encoding-nobody-asked-for", answer(_DATA, Content_Encoding="compress"),
           PollOutcome.NOT_A_FEED, says="not asked for"),
    Animal("chunks", chunked(_DATA[:50], _DATA[50:]), titles=TITLES),
    Animal("chunks-without-an-end", chunked(_DATA, end=b""), UNREACHABLE),
    Animal("chunks-of-nonsense", head(Content_Type=XML, Transfer_Encoding="chunked") + b"zz\r\n",
           UNREACHABLE),
    Animal("no-length-at-all", head(Content_Type=XML) + _DATA, titles=TITLES),
    Animal("a-length-that-is-too-long", head(Content_Length=str(len(_DATA) + 99)) + _DATA,
           UNREACHABLE),
    Animal("a-length-that-is-too-short", head(Content_Length="120") + _DATA,
           PollOutcome.BROKEN_FEED),
    Animal("a-length-below-zero", head(Content_Length="-5") + _DATA, UNREACHABLE),
    Animal("no-http-at-all", b"SSH-2.0-OpenSSH_9.2\r\n", UNREACHABLE, says="not proper HTTP"),
    Animal("closes-without-a-word", b"", UNREACHABLE),
    Animal("resets-in-the-middle", head(Content_Length="9999") + _DATA[:80], UNREACHABLE,
           broken_off=True),
    Animal("a-header-of-a-megabyte", head(X_Long="x" * 1_000_000) + _DATA, UNREACHABLE),
    Animal("thirty-thousand-headers", head(**{f"X_{n}": "y" for n in range(30_000)}) + _DATA,
           UNREACHABLE),
    Animal("headers-that-never-end", dripping(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 10_000),
           PollOutcome.TIMEOUT, says="did not finish"),
    Animal("a-body-that-drips", dripping(answer(GOOD)), PollOutcome.TIMEOUT, says="did not finish"),
    Animal("early-hints-first", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(GOOD),
           titles=TITLES),
    Animal("an-honest-304", _conditional, titles=TITLES),
    _status("304-though-everything-was-asked-for", "304 Not Modified", PollOutcome.SERVER_ERROR,
            "nothing has changed"),
    _status("no-content", "204 No Content", PollOutcome.EMPTY_FEED),
    _status("bad-request", "400 Bad Request", PollOutcome.BLOCKED),
    _status("unauthorised", "401 Unauthorized", PollOutcome.BLOCKED),
    _status("forbidden", "403 Forbidden", PollOutcome.BLOCKED, "403 Forbidden"),
    _status("not-found", "404 Not Found", PollOutcome.GONE),
    _status("gone", "410 Gone", PollOutcome.GONE),
    _status("legal-reasons", "451 Unavailable For Legal Reasons", PollOutcome.BLOCKED),
    _status("too-many-requests", "429 Too Many Requests", PollOutcome.RATE_LIMITED,
            Retry_After="120"),
    _status("retry-after-a-date", "503 Service Unavailable", PollOutcome.SERVER_ERROR,
            Retry_After="Sat, 01 Mar 2025 18:00:00 GMT"),
    _status("retry-after-nonsense", "503 Service Unavailable", PollOutcome.SERVER_ERROR,
            Retry_After="soon"),
    _status("cloudflares-own-status", "522 Origin Timed Out", PollOutcome.SERVER_ERROR),
    _status("a-status-nobody-knows", "799 Odd", PollOutcome.SERVER_ERROR),
)  # fmt: skip
