"""What the API answers about stories that several outlets carry."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from services.api.schemas import Row

EXAMPLE: Final[dict[str, Any]] = {
    "id": "0f8b4c1d2e3a49586776859403a2b1c0",
    "title": "Delegations leave the talks without a statement",
    "language": "en",
    "published": "2025-02-18T09:30:00Z",
    "first": "tass",
    "outlets": 2,
    "articles": [
        {
            "id": "0f8b4c1d2e3a49586776859403a2b1c0",
            "outlet": "tass",
            "name": "TASS",
            "title": "Delegations leave the talks without a statement",
            "url": "https://news.example/talks",
            "published": "2025-02-18T09:30:00Z",
            "stated": True,
            "after_seconds": 0,
            "first": True,
            "first_seen": "2025-02-18T09:45:12Z",
            "origin": "live",
        },
        {
            "id": "9a8b7c6d5e4f30213243546576879809",
            "outlet": "rt",
            "name": "RT",
            "title": "Delegations leave the talks without a statement",
            "url": "https://other.example/talks",
            "published": "2025-02-18T10:02:00Z",
            "stated": True,
            "after_seconds": 1920,
            "first": False,
            "first_seen": "2025-02-18T10:15:03Z",
            "origin": "live",
        },
    ],
}


class TellingRow(Row):
    """One outlet's article of a story."""

    id: str
    outlet: str
    name: str
    title: str
    url: str
    published: Annotated[datetime, Field(description="as the feed states it; see `stated`")]
    stated: Annotated[
        bool, Field(description="false: the feed states no usable time, collection's stands in")
    ]
    after_seconds: Annotated[int, Field(description="after the first one's publication")]
    first: bool
    first_seen: Annotated[
        datetime | None, Field(description="when it was first seen here; null: not seen live")
    ]
    origin: str


class StoryRow(Row):
    """A story that several outlets carry in the same or nearly the same words."""

    id: Annotated[str, Field(description="id of its first article")]
    title: str
    language: str
    published: datetime
    first: Annotated[str, Field(description="the outlet that published first, by stated times")]
    outlets: int
    articles: Annotated[tuple[TellingRow, ...], Field(description="first published first")]

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class StoryList(Row):
    """Stories, those with the most outlets first."""

    stories: tuple[StoryRow, ...]
