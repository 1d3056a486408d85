"""Daily series of labels: counting articles into days, and days into shares with intervals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final, Literal

import numpy as np

from services.domain.codebook import LABEL_INDEX, LABELS
from services.domain.series import (
    ABOUTS,
    SCOPE_ALL,
    About,
    DayCounts,
    Observation,
    SeriesKey,
    SeriesPoint,
    ShareInterval,
    group_scope,
    is_own,
    joined_sources,
    outlet_scope,
    source_of,
)
from services.shifts.intervals import overdispersion, wilson

Every = Literal["day", "week"]
_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)


def count_days(
    observations: Iterable[Observation],
    groups: Mapping[str, tuple[str, ...]],
    model: str,
) -> list[DayCounts]:
    """Count classified articles per scope (each outlet, each group, all), day and `about`.

    An outlet counts every article of its own. In a group and in `all` a story counts once, as
    the outlet of that scope that published it first saw it: an article does not count where an
    outlet of the scope carried a copy before (`Observation.told_before`), or on that day an
    article with the same wording of the title (`Observation.story`, for titles too short to be
    known as copies). `groups` maps a group to its outlet ids. A scope with articles on a day
    yields both abouts, with n = 0 where none is about the United States, so that counts written
    earlier are replaced. The result does not depend on the order of `observations`.
    """
    scopes_of = _scopes_of(groups)
    cells: dict[tuple[str, date], list[Observation]] = defaultdict(list)
    for observation in observations:
        if observation.labels:
            for scope in _scopes(observation.outlet, scopes_of):
                cells[scope, observation.day].append(observation)
    return [
        counts
        for (scope, day), found in sorted(cells.items())
        for counts in _count_cell(scope, day, found, _members(scope, groups), model)
    ]


def first_told(
    observations: Iterable[Observation], members: Collection[str] | None
) -> list[Observation]:
    """Return the observations that tell a story first among `members` (None: all outlets), in
    the order of publication; of those with one wording of the title the first one."""
    ordered = sorted(observations, key=_publication)
    seen: set[str] = set()
    kept = []
    for item in ordered:
        before = item.told_before and (
            members is None or not set(item.told_before).isdisjoint(members)
        )
        if not before and item.story not in seen:
            kept.append(item)
        if item.story:
            seen.add(item.story)
    return kept


def _publication(item: Observation) -> tuple[datetime, str]:
    return item.published or _BEGINNING, item.article_id


def _members(scope: str, groups: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
    """The outlets of a group; None stands for every outlet."""
    return None if scope == SCOPE_ALL else groups.get(scope.partition(":")[2], ())


def _scopes_of(groups: Mapping[str, tuple[str, ...]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for group, outlets in groups.items():
        for outlet in outlets:
            found[outlet].append(group_scope(group))
    return found


def _scopes(outlet: str, scopes_of: Mapping[str, list[str]]) -> tuple[str, ...]:
    return (outlet_scope(outlet), *scopes_of.get(outlet, ()), SCOPE_ALL)


def _count_cell(
    scope: str,
    day: date,
    found: Sequence[Observation],
    members: Collection[str] | None,
    model: str,
) -> Iterator[DayCounts]:
    ordered = sorted(found, key=_publication)
    counted = ordered if scope.startswith("outlet:") else first_told(ordered, members)
    for about in ABOUTS:
        chosen = [item for item in counted if about == "all" or item.about_us]
        present = [item for item in ordered if about == "all" or item.about_us]
        counts = [0] * len(LABELS)
        for item in chosen:
            for label in item.labels:
                counts[LABEL_INDEX[label]] += 1
        sums = (
            np.sum([item.probabilities for item in chosen], axis=0)
            if chosen
            else np.zeros(len(LABELS))
        )
        yield DayCounts(
            scope=scope,
            about=about,
            day=day,
            model=model,
            n=len(chosen),
            counts=tuple(counts),
            sums=tuple(np.round(sums, 6).tolist()),
            outlets=tuple(sorted({item.outlet for item in present})),
            source=source_of(item.origin for item in present),
        )


def one_per_day(counts: Iterable[DayCounts]) -> list[DayCounts]:
    """Return the rows in the order of days, one a day; our own win over the reference."""
    best: dict[date, DayCounts] = {}
    for row in counts:
        known = best.get(row.day)
        if known is None or (row.n > 0, is_own(row.source)) > (known.n > 0, is_own(known.source)):
            best[row.day] = row
    return [best[day] for day in sorted(best)]


def merged(*histories: Mapping[str, Sequence[DayCounts]]) -> dict[str, tuple[DayCounts, ...]]:
    """Join day counts of one `about` and model by scope, for example reference and collected.

    Where two rows speak of the same day, our own stands.
    """
    joined: dict[str, list[DayCounts]] = defaultdict(list)
    for history in histories:
        for scope, rows in history.items():
            joined[scope].extend(rows)
    return {scope: tuple(one_per_day(rows)) for scope, rows in joined.items()}


def series_points(
    counts: Sequence[DayCounts],
    key: SeriesKey,
    every: Every = "day",
    labels: Sequence[str] = (),
) -> list[SeriesPoint]:
    """Return one point for every day (or week, from Monday) from the first to the last.

    `counts` may hold other scopes and abouts; they are passed over. `labels` is needed for a
    signal (`key.label` is `signal=NAME`): its share is the mean of the shares of its labels,
    and k is the mean count, rounded. Intervals are Wilson's, at 95 %.
    """
    rows = one_per_day(
        row for row in counts if row.scope == key.scope and row.about == key.about and row.n > 0
    )
    if not rows:
        return []
    wanted = tuple(labels) or (key.label,)
    step = timedelta(days=7 if every == "week" else 1)
    periods = {
        start: list(group) for start, group in groupby(rows, lambda row: _start(row.day, every))
    }
    points = []
    start = _start(rows[0].day, every)
    while start <= rows[-1].day:
        points.append(_point(key, start, periods.get(start, []), wanted))
        start += step
    return points


def _start(day: date, every: Every) -> date:
    return day - timedelta(days=day.weekday()) if every == "week" else day


def _point(
    key: SeriesKey, start: date, rows: Sequence[DayCounts], labels: Sequence[str]
) -> SeriesPoint:
    n = sum(row.n for row in rows)
    if n == 0:
        return SeriesPoint(key, start, 0, 0, None, None, None, None)
    k = sum(row.count(label) for row in rows for label in labels) / len(labels)
    expected = sum(row.probability_sum(label) for row in rows for label in labels)
    low, high = wilson(k / n, n)
    return SeriesPoint(
        key=key,
        day=start,
        n=n,
        k=round(k),
        expected=expected / len(labels) / n,
        share=k / n,
        low=float(low),
        high=float(high),
        source=joined_sources(row.source for row in rows),
    )


def share_interval(
    counts: Sequence[DayCounts],
    label: str | Sequence[str],
    since: date | None = None,
    until: date | None = None,
) -> ShareInterval | None:
    """Return the share over all days from `since` to `until` with its 95 % interval.

    `counts` are of one scope and about. Several labels give the mean of their shares. The
    interval is Wilson's, widened when the share varies more from day to day and from week to
    week than independent articles would. None when there is no article in the range.
    """
    rows = [
        row
        for row in one_per_day(counts)
        if row.n > 0 and (since is None or row.day >= since) and (until is None or row.day <= until)
    ]
    if not rows:
        return None
    labels = (label,) if isinstance(label, str) else tuple(label)
    return interval_of(rows, labels, since or rows[0].day, until or rows[-1].day)


def interval_of(
    rows: Sequence[DayCounts], labels: Sequence[str], since: date, until: date
) -> ShareInterval:
    """Return `share_interval` of `rows`: at least one, each with articles, in order of days."""
    n = np.array([row.n for row in rows], dtype=np.float64)
    k = np.array([sum(row.count(label) for label in labels) for row in rows]) / len(labels)
    share = float(k.sum() / n.sum())
    factor = overdispersion(k / n, n, np.full(len(n), share))
    low, high = wilson(share, n.sum() / factor)
    return ShareInterval(share, float(low), float(high), int(n.sum()), since, until)


def by_scope(counts: Iterable[DayCounts], about: About) -> dict[str, tuple[DayCounts, ...]]:
    """Sort rows of one `about` into histories by scope, each in the order of days."""
    found: dict[str, list[DayCounts]] = defaultdict(list)
    for row in counts:
        if row.about == about:
            found[row.scope].append(row)
    return {scope: tuple(one_per_day(rows)) for scope, rows in found.items()}
