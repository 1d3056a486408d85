"""Day counts as arrays: the shape in which the detector reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from services.domain.codebook import LABEL_INDEX, LABELS
from services.domain.series import DayCounts
from services.shifts.intervals import Floats, Ints
from services.shifts.series import one_per_day

Bools = NDArray[np.bool_]
Value = Literal["count", "expected"]


class Table:
    """The days with articles of one scope: `days` (ordinals) and `n`, in order, without gaps
    being filled; `counts` and `sums` are days x 27 labels."""

    def __init__(self, rows: Sequence[DayCounts]) -> None:
        self.rows = [row for row in _ordered(rows) if row.n > 0]
        self.days: Ints = np.array([row.day.toordinal() for row in self.rows], dtype=np.int64)
        self.n: Floats = np.array([row.n for row in self.rows], dtype=np.float64)

    @cached_property
    def counts(self) -> Floats:
        """How many of the n articles carry each label; days x 27."""
        values = np.array([row.counts for row in self.rows], dtype=np.float64)
        return values.reshape(-1, len(LABELS))

    @cached_property
    def sums(self) -> Floats:
        """Summed probability of each label; days x 27."""
        values = np.array([row.sums for row in self.rows], dtype=np.float64)
        return values.reshape(-1, len(LABELS))

    @cached_property
    def model_changes(self) -> Bools:
        """Whether each day but the first was counted by another model than the one before."""
        return np.array([before.model != row.model for before, row in pairwise(self.rows)], bool)

    def columns(self, labels: Sequence[str], value: Value) -> Floats:
        """Return days x labels, as counts or as summed probabilities."""
        chosen = [LABEL_INDEX[label] for label in labels]
        return (self.counts if value == "count" else self.sums)[:, chosen]

    def interval(self, since: date | None, until: date | None) -> slice:
        """Return the positions of the days from `since` to `until`, both included."""
        low = 0 if since is None else int(np.searchsorted(self.days, since.toordinal()))
        high = (
            len(self.days)
            if until is None
            else int(np.searchsorted(self.days, until.toordinal(), side="right"))
        )
        return slice(low, max(low, high))


def _ordered(rows: Sequence[DayCounts]) -> Sequence[DayCounts]:
    in_order = all(earlier.day < later.day for earlier, later in pairwise(rows))
    return rows if in_order else one_per_day(rows)


class History:
    """Histories of one about and model by scope, turned into arrays once, when first asked."""

    def __init__(self, counts: Mapping[str, Sequence[DayCounts]]) -> None:
        self._counts = counts
        self._tables: dict[str, Table] = {}

    def table(self, scope: str) -> Table:
        """Return the table of `scope`; an empty one when nothing was ever counted."""
        if scope not in self._tables:
            self._tables[scope] = Table(self._counts.get(scope, ()))
        return self._tables[scope]


@dataclass(frozen=True, slots=True)
class Panel:
    """What one target is watched on, for T days with articles, L labels and O member outlets.

    `days` (T,) ordinals; `n` (T,) articles; `k` (T, L) articles with the label, or summed
    probabilities; `member_n` (T, O) and `member_k` (T, O, L) the same for each outlet of a
    group, with O = 0 when the scope is a single outlet. `model_changes` (T-1,) marks the days
    after the first that were counted by another model than the day before.
    """

    days: Ints
    n: Floats
    k: Floats
    member_n: Floats
    member_k: Floats
    model_changes: Bools

    def __len__(self) -> int:
        return len(self.days)

    @property
    def shares(self) -> Floats:
        """The daily shares; (T, L), each in [0, 1]."""
        return np.clip(self.k / self.n[:, None], 0.0, 1.0)

    def day(self, position: int) -> date:
        """Return the calendar day at `position`."""
        return date.fromordinal(int(self.days[position]))


def build_panel(
    history: History,
    scope: str,
    labels: Sequence[str],
    members: Sequence[str],
    until: date | None,
    value: Value,
) -> Panel:
    """Bring a scope and its member outlets onto the same days, none later than `until`."""
    table = history.table(scope)
    kept = table.interval(None, until)
    days = table.days[kept]
    tables = [history.table(member) for member in members]
    tables = [member for member in tables if len(member.days)]
    member_n = np.zeros((len(days), len(tables)))
    member_k = np.zeros((len(days), len(tables), len(labels)))
    for position, member in enumerate(tables):
        shared, here, there = np.intersect1d(
            days, member.days, assume_unique=True, return_indices=True
        )
        if len(shared):
            member_n[here, position] = member.n[there]
            member_k[here, position] = member.columns(labels, value)[there]
    return Panel(
        days=days,
        n=table.n[kept],
        k=table.columns(labels, value)[kept],
        member_n=member_n,
        member_k=member_k,
        model_changes=table.model_changes[: max(len(days) - 1, 0)],
    )
