"""One story carried by several outlets, in the same or nearly the same words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Signature:
    """The bands of an article's MinHash: two articles that share one may be copies.

    `bands` are signed 64-bit integers; empty for a text too short to compare. `content_hash`
    is the version they were computed from.
    """

    article_id: str
    content_hash: str
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Mate:
    """An article that shares `bands` with others; `content_hash` is its current version."""

    outlet: str
    content_hash: str
    bands: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """One article of a cluster; the first of a cluster is its first publisher."""

    article_id: str
    outlet: str
    published: datetime
    title: str
    url: str
