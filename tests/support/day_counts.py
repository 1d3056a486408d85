"""Histories of day counts with planted shares, for tests and evaluations of the detector."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from services.domain.codebook import LABEL_INDEX, LABELS
from services.domain.series import About, DayCounts

FIRST = date(2025, 1, 1)
DETENTE = "relations=detente"


def day(number: int) -> date:
    """Return the calendar day at position `number` of a planted history."""
    return FIRST + timedelta(days=number)


def position(when: date) -> int:
    """Return the position of a calendar day; the inverse of `day`."""
    return (when - FIRST).days


def history(
    n: Sequence[int] | NDArray[np.int64],
    k: Sequence[int] | NDArray[np.int64],
    *,
    scope: str = "outlet:x",
    labels: Sequence[str] = (DETENTE,),
    outlets: tuple[str, ...] = ("x",),
    about: About = "us",
    model: str = "m",
    source: str = "collected",
    first: date = FIRST,
) -> tuple[DayCounts, ...]:
    """Return one row a day, k of n articles carrying each of `labels`; n = 0 gives no row."""
    places = [LABEL_INDEX[label] for label in labels]
    rows = []
    for number, (size, hits) in enumerate(zip(n, k, strict=True)):
        if size == 0:
            continue
        counts = [0] * len(LABELS)
        for place in places:
            counts[place] = int(hits)
        rows.append(
            DayCounts(
                scope=scope,
                about=about,
                day=first + timedelta(days=number),
                model=model,
                n=int(size),
                counts=tuple(counts),
                sums=tuple(float(value) for value in counts),
                outlets=outlets,
                source=source,
            )
        )
    return tuple(rows)


def drawn(
    shares: Sequence[float] | NDArray[np.float64],
    articles: int,
    seed: int,
    *,
    scatter: float = 0.0,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Draw n and k for daily `shares` with `articles` a day.

    `scatter` is the intraclass correlation of a beta-binomial: 0 for independent articles.
    """
    random = np.random.default_rng(seed)
    share = np.asarray(shares, dtype=np.float64)
    n = np.full(len(share), articles, dtype=np.int64)
    if scatter:
        share = random.beta(share * (1 / scatter - 1), (1 - share) * (1 / scatter - 1))
    return n, random.binomial(n, share).astype(np.int64)


def pooled(*members: tuple[DayCounts, ...], scope: str = "group:state") -> tuple[DayCounts, ...]:
    """Add the rows of several outlets up to those of a group."""
    by_day: dict[date, list[DayCounts]] = {}
    for row in sorted((row for rows in members for row in rows), key=lambda row: row.day):
        by_day.setdefault(row.day, []).append(row)
    return tuple(
        DayCounts(
            scope=scope,
            about=rows[0].about,
            day=when,
            model=rows[0].model,
            n=sum(row.n for row in rows),
            counts=tuple(int(value) for value in np.sum([row.counts for row in rows], axis=0)),
            sums=tuple(float(value) for value in np.sum([row.sums for row in rows], axis=0)),
            outlets=tuple(sorted({name for row in rows for name in row.outlets})),
            source=rows[0].source,
        )
        for when, rows in by_day.items()
    )
