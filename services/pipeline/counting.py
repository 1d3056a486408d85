"""The stage that brings the daily series up to date."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from services.context import Context
from services.detection import COUNTS_META
from services.domain.codebook import LABELS
from services.domain.series import DayCounts
from services.shifts.series import count_days

COUNT_BATCH = 1_000  # an outlet's day each; bounds the observations that are held at once
CATALOGUE_META = "catalogue_digest"


def count(context: Context) -> int:
    """Bring the daily series up to date with the predictions; returns days counted."""
    _notice_catalogue(context)
    days: set[date] = set()
    while dirty := context.store.dirty_days(COUNT_BATCH):
        batch = sorted({item.day for item in dirty})
        seen = context.store.observations(batch, context.model)
        counts = count_days(seen, context.catalogue.groups(), context.model)
        # Before the counts: a crash in between costs one needless look, not a missed one.
        context.store.set_meta(COUNTS_META, secrets.token_hex(8))
        context.store.put_day_counts([*counts, *_emptied(context, batch, counts)], dirty)
        days.update(batch)
    return len(days)


def _emptied(
    context: Context, days: Sequence[date], counts: Iterable[DayCounts]
) -> list[DayCounts]:
    """Zero rows for what these days held before and hold no longer, whatever the reason:
    a text that became unreadable, an outlet that changed its group."""
    written = {(item.scope, item.about, item.day) for item in counts}
    before = context.store.day_counts(context.model, since=days[0], until=days[-1])
    zeros = (0,) * len(LABELS)
    return [
        replace(row, n=0, counts=zeros, sums=(0.0,) * len(zeros), outlets=())
        for row in before
        if row.n and row.day in days and (row.scope, row.about, row.day) not in written
    ]


def _notice_catalogue(context: Context) -> None:
    """Count every day anew when the groups of the catalogue have changed."""
    known = context.store.get_meta(CATALOGUE_META)
    if known != context.catalogue.digest:
        if known:
            context.store.mark_all_dirty()
        context.store.set_meta(CATALOGUE_META, context.catalogue.digest)
