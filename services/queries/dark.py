"""Stretches of days in which too little of a group was observed for its figures to stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.collect.health.observation import Coverage
from services.context import Context
from services.queries.cache import derived
from services.queries.observed import coverages, members
from services.queries.words import days as days_words
from services.queries.words import scope_title

ENOUGH: Final = 0.5
"""The part of a scope's usual articles that must have been seen of a day."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dark:
    """Days of a scope, first and last included, of which less than ENOUGH was observed."""

    scope: str
    since: date
    until: date
    words: str


def dark_days(context: Context, scope: str, since: date, until: date) -> tuple[Dark, ...]:
    """Return the stretches from `since` to `until`, in order.

    Outlets weigh as many articles as the store holds of them, and count from the first day on
    which their feeds answered.
    """
    seen = coverages(context)
    known = {name: item for name in members(context, scope) if (item := seen.get(name))}
    began = min((item.began for item in known.values() if item.began), default=None)
    if began is None:
        return ()
    weights = derived(context).get(
        "weights",
        context.store.get_meta("counts_token"),
        lambda: context.store.stats(context.model).articles_by_outlet,
    )
    found: list[tuple[date, date]] = []
    day = max(since, began)
    while day <= min(until, context.clock().date()):
        if _seen(known, weights, day) < ENOUGH:
            start = found.pop()[0] if found and found[-1][1] == day - _DAY else day
            found.append((start, day))
        day += _DAY
    return tuple(
        Dark(scope, first, last, _words(context, scope, first, last)) for first, last in found
    )


def _seen(known: Mapping[str, Coverage], weights: Mapping[str, int], day: date) -> float:
    """The part of the usual articles whose outlets were observed on `day`, at least in part."""
    counted = {name: item for name, item in known.items() if item.began and item.began <= day}
    whole = sum(weights.get(name, 0) for name in counted)
    part = sum(weights.get(name, 0) for name, item in counted.items() if item.on(day) != "no")
    return part / whole if whole else 1.0


def _words(context: Context, scope: str, first: date, last: date) -> str:
    what = scope_title(context, scope)
    if scope.startswith("outlet:"):
        return f"{days_words(first, last)}: {what} was not observed"
    return f"{days_words(first, last)}: less than half of {what} was observed"
