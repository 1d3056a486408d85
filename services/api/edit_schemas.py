"""What the API answers about edits."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field

from services.api.schemas import Row

EXAMPLE: Final[dict[str, Any]] = {
    "article": "0f8b4c1d2e3a49586776859403a2b1c0",
    "outlet": "tass",
    "url": "https://news.example/talks",
    "language": "en",
    "published": "2025-02-18T09:30:00Z",
    "changed": "2025-02-18T13:05:40Z",
    "parts": ["title"],
    "before": {
        "content_hash": "5d0c1f2e3b4a59687786950413a2b1c0",
        "seen": "2025-02-18T09:45:12Z",
        "title": "Washington threatens envoys ahead of talks",
        "lead": "Both sides met in the morning.",
        "has_text": True,
        "outcome": "classified",
        "model": "minilm-1",
        "labels": ["us=hostile", "relations=confrontation"],
    },
    "after": {
        "content_hash": "9a8b7c6d5e4f30213243546576879809",
        "seen": "2025-02-18T13:05:40Z",
        "title": "Washington meets envoys ahead of talks",
        "lead": "Both sides met in the morning.",
        "has_text": True,
        "outcome": "classified",
        "model": "minilm-1",
        "labels": ["us=neutral", "relations=detente", "frame=dialogue"],
    },
    "differences": [
        {
            "part": "title",
            "pieces": [
                {"kind": "kept", "text": "Washington"},
                {"kind": "removed", "text": " threatens"},
                {"kind": "added", "text": " meets"},
                {"kind": "kept", "text": " envoys ahead of talks"},
            ],
        }
    ],
    "comparable": True,
    "reframed": True,
    "lost": ["us=hostile", "relations=confrontation"],
    "gained": ["us=neutral", "relations=detente", "frame=dialogue"],
}


class PieceRow(Row):
    """A run of words; the texts of all pieces stand one after another."""

    kind: Annotated[
        Literal["kept", "removed", "added", "cut"],
        Field(description="cut: unchanged words that are left out, an ellipsis in their place"),
    ]
    text: str


class DifferenceRow(Row):
    """How one part of an article changed, cut to the changed places."""

    part: Literal["title", "lead", "text"]
    pieces: tuple[PieceRow, ...]


class VersionRow(Row):
    """One of the two versions that an edit stands between."""

    content_hash: str
    seen: Annotated[datetime, Field(description="when it was first seen")]
    title: str
    lead: str
    has_text: Annotated[bool, Field(description="whether its text is known")]
    outcome: Annotated[
        str | None, Field(description="how its classification ended; null: it waits")
    ]
    model: str | None
    labels: tuple[str, ...]


class EditRow(Row):
    """A change that was seen after publication."""

    article: Annotated[str, Field(description="id of the article")]
    outlet: str
    url: str
    language: str
    published: datetime
    changed: Annotated[
        datetime, Field(description="when the change was first seen; it was made before that")
    ]
    parts: Annotated[tuple[str, ...], Field(description="title, lead, text: what differs")]
    before: VersionRow
    after: VersionRow
    differences: tuple[DifferenceRow, ...]
    comparable: Annotated[
        bool,
        Field(
            description="both versions are labelled, and the text of both is known or of neither"
        ),
    ]
    reframed: Annotated[bool, Field(description="comparable, and the labels differ")]
    lost: Annotated[tuple[str, ...], Field(description="labels of the earlier version only")]
    gained: Annotated[tuple[str, ...], Field(description="labels of the later version only")]

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})


class EditList(Row):
    """One page of edits, newest first."""

    edits: tuple[EditRow, ...]
    next: Annotated[str, Field(description="cursor of the next page; empty on the last one")]
