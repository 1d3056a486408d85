"""Bulk import: articles from JSON lines, gzipped or not, read as a stream.

One object a line: `outlet` (id, name or alias of the catalogue), `url`, `title`, `date` or
`published`; `lead`, `text` and `language` if known. A row that cannot be used becomes a
`BadRow` with its line number and a sentence, and the next row is read.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import BinaryIO, Final

from services.collect.articles import LEAD_CHARS
from services.collect.feeds.dates import OLDEST
from services.collect.identity.canonical import canonical_id, canonical_url
from services.collect.pages.extract import MAX_TEXT_CHARS
from services.collect.text.language import detect_language
from services.collect.text.plain import TITLE_CHARS, paragraphs, plain_text
from services.domain.article import Article, DateQuality, Origin
from services.domain.identity import content_hash, story_key
from services.domain.outlet import Outlet
from services.errors import UsageError
from services.outlets.catalogue import Catalogue
from services.outlets.languages import LANGUAGES

MAX_LINE_BYTES: Final = 8 * 2**20
_GZIP_MAGIC: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out: its line (from 1) and why."""

    line: int
    sentence: str


class _RowError(ValueError):
    """Why a row cannot be used, as a sentence."""


def read_rows(path: Path, catalogue: Catalogue, now: datetime) -> Iterator[Article | BadRow]:
    """Yield an article or a BadRow for every line of `path` that is not blank.

    The content hash depends on the row alone, so that reading a file twice changes nothing.
    Raises UsageError when the file cannot be opened.
    """
    try:
        raw = path.open("rb")
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from None
    with raw:
        zipped = raw.read(2) == _GZIP_MAGIC
        raw.seek(0)
        if not zipped:
            yield from _read(raw, catalogue, now)
            return
        with gzip.GzipFile(fileobj=raw) as stream:
            yield from _read(stream, catalogue, now)  # type: ignore[arg-type]


def _read(stream: BinaryIO, catalogue: Catalogue, now: datetime) -> Iterator[Article | BadRow]:
    number = 0
    lines = _lines(stream)
    while True:
        number += 1
        try:
            line = next(lines, b"")
        except (EOFError, gzip.BadGzipFile, zlib.error, OSError) as error:
            yield BadRow(
                number,
                f"The file is damaged or cut off here ({error}); the rows before were read.",
            )
            return
        if not line:
            return
        if line.strip():
            yield _row(line, number, catalogue, now)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; of one that is too long only its beginning is kept."""
    while line := stream.readline(MAX_LINE_BYTES):
        yield line
        while len(line) == MAX_LINE_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MAX_LINE_BYTES)


def _row(line: bytes, number: int, catalogue: Catalogue, now: datetime) -> Article | BadRow:
    try:
        return _article(_fields(line), catalogue, now)
    except _RowError as error:
        return BadRow(number, str(error))


def _fields(line: bytes) -> Mapping[str, object]:
    if len(line) == MAX_LINE_BYTES:
        raise _RowError("The row is longer than 8 MiB.")
    try:
        row = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise _RowError("The row is not UTF-8 text.") from None
    except json.JSONDecodeError as error:
        raise _RowError(f"The row is not JSON: {error.msg} at character {error.pos + 1}.") from None
    except (RecursionError, ValueError):
        raise _RowError(
            "The row is JSON that is nested too deeply or holds too long a number."
        ) from None
    if not isinstance(row, dict):
        raise _RowError("The row is not a JSON object in braces.")
    return row


def _article(row: Mapping[str, object], catalogue: Catalogue, now: datetime) -> Article:
    outlet = _outlet(row, catalogue)
    stated = _text(row, "url", required=True)
    url = canonical_url(stated)
    if not url:
        raise _RowError(f"{stated[:100]!r} in 'url' is not a web address.")
    title = plain_text(_text(row, "title", required=True), TITLE_CHARS)
    if not story_key(title):
        raise _RowError("The 'title' holds no word.")
    lead = plain_text(_text(row, "lead"), LEAD_CHARS)
    text = paragraphs(_text(row, "text"), MAX_TEXT_CHARS)
    published = _published(row)
    return Article(
        id=canonical_id(url),
        outlet=outlet.id,
        url=url,
        title=title,
        lead=lead,
        text=text,
        language=_language(row) or detect_language(f"{title}. {lead}", outlet.language),
        published=min(published, now),
        date_quality=DateQuality.CLAMPED if published > now else DateQuality.STATED,
        collected=now,
        content_hash=content_hash(title, lead, text),
        story=story_key(title),
        origin=Origin.IMPORTED,
    )


def _outlet(row: Mapping[str, object], catalogue: Catalogue) -> Outlet:
    name = _text(row, "outlet", required=True)
    outlet = catalogue.get(name)
    if outlet is None:
        raise _RowError(
            f"The outlet {name[:60]!r} is not in the catalogue; add it or an alias there."
        )
    return outlet


def _text(row: Mapping[str, object], key: str, *, required: bool = False) -> str:
    value = row.get(key)
    if value is not None and not isinstance(value, str):
        raise _RowError(f"The value of {key!r} is not text.")
    if required and not (value and value.strip()):
        raise _RowError(f"The row has no {key!r}.")
    return value or ""


def _language(row: Mapping[str, object]) -> str:
    code = _text(row, "language").strip().lower().replace("_", "-").partition("-")[0]
    if code and code not in LANGUAGES and code != "und":
        raise _RowError(f"{code[:20]!r} in 'language' is not a two-letter ISO 639-1 code.")
    return "" if code == "und" else code


def _published(row: Mapping[str, object]) -> datetime:
    """The date of the row: a day (its start in UTC) or an ISO 8601 time (without zone: UTC)."""
    key = "published" if row.get("published") else "date"
    stated = _text(row, key).strip()
    if not stated:
        raise _RowError("The row has neither 'date' nor 'published'.")
    try:
        if len(stated) == 10:
            moment = datetime.combine(date.fromisoformat(stated), time(), UTC)
        else:
            moment = datetime.fromisoformat(stated)
            moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise _RowError(
            f"{stated[:40]!r} in {key!r} is no date; write 2025-02-24 or 2025-02-24T10:00:00Z."
        ) from None
    if moment < OLDEST:
        raise _RowError(f"The date {stated!r} is before {OLDEST.year}.")
    return moment
