"""How an article is read back from its columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from services.domain.article import Article, DateQuality, Origin
from services.index.sqlite.values import time_from_column

COLUMNS: Final = (
    "a.id, a.outlet, a.url, a.title, a.lead, coalesce(t.text, ''), a.language, a.published, "
    "a.date_quality, a.collected, a.content_hash, a.story, a.author, a.section, a.origin"
)
"""What `article_from_row` reads, from `articles a` and `JOIN_TEXT`."""
JOIN_TEXT: Final = "LEFT JOIN texts t ON t.article = a.key"
WIDTH: Final = 15
"""How many columns that are."""


def article_from_row(row: Sequence[Any]) -> Article:
    """Return the article of a row of `COLUMNS`."""
    return Article(
        id=row[0],
        outlet=row[1],
        url=row[2],
        title=row[3],
        lead=row[4],
        text=row[5],
        language=row[6],
        published=time_from_column(row[7]),
        date_quality=DateQuality(row[8]),
        collected=time_from_column(row[9]),
        content_hash=row[10],
        story=row[11],
        author=row[12],
        section=row[13],
        origin=Origin(row[14]),
    )
