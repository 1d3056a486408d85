"""Listings of a web archive (CDX): which pages of a site it saved in the span, and its copies.

The parameters are those of the Wayback CDX server; `archive_url` may name another archive that
speaks the same. One copy an address is asked for: the first one saved within the span.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import urlencode, urlsplit

from services.collect.backfill.found import Batch, Cursor, Found, Span
from services.collect.backfill.site import Site
from services.collect.backfill.visitor import Visitor
from services.collect.http.errors import RetryableFetchError
from services.domain.outlet import PollOutcome

ROWS: Final = 500
LATE: Final = timedelta(days=60)
"""An article may be saved so long after it was published, and is still found."""
_FIELDS: Final = "urlkey,timestamp,original"


def walk_archive(
    visitor: Visitor,
    site: Site,
    span: Span,
    cursor: Cursor,
    *,
    archive_url: str,
    pause: float,
    today: date,
) -> Iterator[Batch]:
    """Yield portions of the archive's listing of `site`, in the order of their addresses.

    Raises FetchError when the archive cannot be had, LaterError and StoppedError.
    """
    resume = cursor.get("resume")
    key = resume if isinstance(resume, str) else ""
    number = 0
    while True:
        address = f"{archive_url.rstrip('/')}/cdx/search/cdx?{_query(site, span, key, today)}"
        rows, following = _listing(visitor.get_copy(address, pause).body, archive_url)
        number += 1
        yield Batch(
            place=f"archive listing {number:,}",
            found=tuple(_found(row, archive_url) for row in rows),
            cursor={"resume": following},
            left=None if following else 0,
        )
        if not following or following == key:
            return
        key = following


def _query(site: Site, span: Span, resume: str, today: date) -> str:
    kind = "prefix" if site.path.strip("/") else "host"
    until = min(span.until + LATE, today)
    parameters = [
        ("url", f"{site.host}{site.path}"),
        ("matchType", kind),
        ("from", f"{span.since:%Y%m%d}"),
        ("to", f"{until:%Y%m%d}"),
        ("filter", "statuscode:200"),
        ("filter", "mimetype:text/html"),
        ("collapse", "urlkey"),
        ("output", "json"),
        ("fl", _FIELDS),
        ("limit", str(ROWS)),
        ("showResumeKey", "true"),
    ]
    return urlencode([*parameters, *([("resumeKey", resume)] if resume else [])])


def _listing(body: bytes, archive_url: str) -> tuple[list[Sequence[str]], str]:
    """The rows of a listing and the key with which it goes on, empty at its end.

    The first row names the fields; after an empty row comes the key.
    """
    if not body.strip():
        return [], ""
    try:
        rows = json.loads(body)
    except (ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise RetryableFetchError(
            f"{urlsplit(archive_url).netloc} answered with something that is no listing.",
            PollOutcome.SERVER_ERROR,
        )
    following = ""
    if len(rows) >= 2 and not rows[-2] and len(rows[-1]) == 1:
        following = str(rows[-1][0])
        rows = rows[:-2]
    names = _FIELDS.split(",")
    found = [row for row in rows if len(row) == len(names) and row != names]
    return [[str(cell) for cell in row] for row in found], following


def _found(row: Sequence[str], archive_url: str) -> Found:
    _, stamp, original = row
    return Found(
        url=original,
        captured=_moment(stamp),
        copy=f"{archive_url.rstrip('/')}/web/{stamp}id_/{original}",
    )


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp[:14].ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
