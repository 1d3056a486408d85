"""The histories that evaluations of identity read: rows, their neighbours, articles of them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
from scipy import sparse

from services.collect.identity.canonical import article_id_of
from services.domain.article import Article, DateQuality
from services.domain.identity import content_hash, story_key

Half = Literal["tune", "evaluate"]
WINDOW_DAYS = 7
NEIGHBOURS = 24


@dataclass(frozen=True)
class Row:
    outlet: str
    day: date
    url: str
    title: str
    lead: str
    language: str

    @property
    def half(self) -> Half:
        return "tune" if number_of(self.url) % 2 else "evaluate"


@dataclass
class Corpus:
    """One outlet's history in order of days, with the nearest rows of each row."""

    rows: list[Row]
    near: list[list[tuple[float, int]]]


def read_histories(shared: Path) -> dict[str, list[Row]]:
    """Return the histories by name; FileNotFoundError when they are not there."""
    history, parallel = shared / "history", shared / "parallel"
    return {
        "TASS 2025-26": _rows(history / "tass_2025_2026.jsonl.gz", "title", "en"),
        "RT 2014": [
            row
            for row in _rows(history / "rt_2014_2024.jsonl.gz", "title", "en")
            if row.day < date(2014, 9, 1)
        ],
        "Channel One 2019-21": [
            row
            for row in _rows(parallel / "channel_one_2000_2024.jsonl.gz", "ru", "ru")
            if date(2019, 1, 1) <= row.day < date(2022, 1, 1)
        ],
    }


def _rows(path: Path, title: str, language: str) -> list[Row]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    rows = [
        Row(
            item["outlet"],
            date.fromisoformat(item["date"]),
            item["url"],
            item[title],
            item.get("lead", ""),
            language,
        )
        for item in found
    ]
    return sorted(rows, key=lambda row: (row.day, row.url))


def with_neighbours(rows: list[Row]) -> Corpus:
    """Find for each row the rows of the week around it that are most like it (TF-IDF, cosine)."""
    vectors = _tf_idf([f"{row.title} {row.lead}" for row in rows])
    days = np.array([row.day.toordinal() for row in rows])
    near: list[list[tuple[float, int]]] = []
    for start in range(0, len(rows), 256):
        stop = min(start + 256, len(rows))
        low = int(np.searchsorted(days, days[start] - WINDOW_DAYS))
        high = int(np.searchsorted(days, days[stop - 1] + WINDOW_DAYS, side="right"))
        scores = (vectors[start:stop] @ vectors[low:high].T).toarray()
        for at in range(start, stop):
            line = scores[at - start]
            line[at - low] = 0.0
            line[np.abs(days[low:high] - days[at]) > WINDOW_DAYS] = 0.0
            best = np.argsort(-line, kind="stable")[:NEIGHBOURS]
            near.append([(float(line[place]), low + int(place)) for place in best])
    return Corpus(rows, near)


def _tf_idf(texts: Sequence[str]) -> Any:
    words: dict[str, int] = {}
    columns, places = [], []
    for place, text in enumerate(texts):
        for word in set(re.findall(r"\w+", text.casefold())):
            columns.append(words.setdefault(word, len(words)))
            places.append(place)
    data = np.ones(len(columns))
    matrix = sparse.csr_matrix((data, (places, columns)), (len(texts), len(words)))
    weights = np.log(len(texts) / np.asarray((matrix > 0).sum(axis=0)).ravel())
    matrix = matrix @ sparse.diags(weights)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (sparse.diags(1 / np.maximum(lengths, 1e-9)) @ matrix).tocsr()


def as_article(row: Row, text: str = "") -> Article:
    published = datetime.combine(row.day, time(6), UTC) + timedelta(
        seconds=number_of("time" + row.url) % 57_600
    )
    return Article(
        id=article_id_of(row.url),
        outlet=row.outlet,
        url=row.url,
        title=row.title,
        lead=row.lead,
        text=text,
        language=row.language,
        published=published,
        date_quality=DateQuality.STATED,
        collected=published,
        content_hash=content_hash(row.title, row.lead, text),
        story=story_key(row.title),
    )


def number_of(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big")
