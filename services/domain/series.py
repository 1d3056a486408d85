"""Daily series of labels: what is counted, over which outlets, and how it is written.

A series is written `LABEL|SCOPE|ABOUT`, for example `relations=detente|group:state|us`: the
share of détente among articles about the United States, in all outlets of the state group.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.domain.article import Origin
from services.domain.codebook import LABEL_INDEX

About = Literal["all", "us"]
ABOUTS: Final[tuple[About, ...]] = ("all", "us")
SCOPE_ALL: Final = "all"
COLLECTED: Final = "collected"
_SOURCES: Final = {
    Origin.LIVE: COLLECTED,
    Origin.IMPORTED: "imported",
    Origin.BACKFILLED: "backfilled",
}
_BETWEEN: Final = " + "
Observed = Literal["yes", "partly", "no", "unknown"]
"""Whether the collection saw what was published on a day; unknown where no feed was asked yet,
as in imported history."""


def source_of(origins: Iterable[Origin]) -> str:
    """Return the `source` of a day by how its articles came to us; without any, "collected"."""
    return joined_sources(_SOURCES[origin] for origin in origins) or COLLECTED


def joined_sources(sources: Iterable[str]) -> str:
    """Return one `source` for several days: each part once, as `backfilled + collected`."""
    return _BETWEEN.join(sorted({part for source in sources for part in source.split(_BETWEEN)}))


def is_own(source: str) -> bool:
    """True when all of it came into this installation's store: no reference history in it."""
    return set(source.split(_BETWEEN)) <= set(_SOURCES.values())


def is_backfilled(source: str) -> bool:
    """True when it is back-filled, and nothing in it was collected when it was published."""
    parts = source.split(_BETWEEN)
    return _SOURCES[Origin.BACKFILLED] in parts and COLLECTED not in parts


def outlet_scope(outlet: str) -> str:
    """Return the scope that holds one outlet, by its catalogue id."""
    return f"outlet:{outlet}"


def group_scope(group: str) -> str:
    """Return the scope that holds every outlet of a group."""
    return f"group:{group}"


@dataclass(frozen=True, slots=True)
class Signal:
    """Several labels watched as one: the average of their e-detectors.

    `about` says among which articles every label is counted.
    """

    name: str
    title: str
    about: About
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeriesKey:
    """Which series: a label (or `signal=NAME`), a scope, and which articles count."""

    label: str
    scope: str = SCOPE_ALL
    about: About = "all"

    def __str__(self) -> str:
        return f"{self.label}|{self.scope}|{self.about}"

    @classmethod
    def parse(cls, text: str) -> SeriesKey:
        """Read a key back from its written form; ValueError when it is not one."""
        label, scope, about = text.split("|")
        if about not in ABOUTS:
            raise ValueError(f"{about!r} is neither 'all' nor 'us'")
        return cls(label, scope, "us" if about == "us" else "all")


@dataclass(frozen=True, slots=True)
class Observation:
    """One classified article as the series see it; `probabilities` has 27 values in [0, 1].

    `told_before` names the outlets whose copy of the same story was published earlier, and
    `origin` says how the article came to us. `published` tells which of several came first.
    """

    article_id: str
    day: date
    outlet: str
    story: str
    labels: tuple[str, ...]
    probabilities: tuple[float, ...]
    told_before: tuple[str, ...] = ()
    origin: Origin = Origin.LIVE
    published: datetime | None = None

    @property
    def about_us(self) -> bool:
        """True when the article is about the United States at all."""
        return bool(self.labels) and "us=absent" not in self.labels


@dataclass(frozen=True, slots=True)
class DayCounts:
    """All labels of one scope on one UTC day, counted over `n` distinct stories.

    `counts` and `sums` have 27 values in the order of `codebook.LABELS`: how many of the n
    articles carry the label, and the sum of its calibrated probability over them. `source`
    says how its articles came to us ("collected" as they were published, "imported",
    "backfilled", several as `backfilled + collected`), or where a reference history comes from.
    """

    scope: str
    about: About
    day: date
    model: str
    n: int
    counts: tuple[int, ...]
    sums: tuple[float, ...]
    outlets: tuple[str, ...]
    source: str = COLLECTED

    def count(self, label: str) -> int:
        """Return k: how many of the n articles carry `label`."""
        return self.counts[LABEL_INDEX[label]]

    def probability_sum(self, label: str) -> float:
        """Return the summed probability of `label` over the n articles."""
        return self.sums[LABEL_INDEX[label]]


@dataclass(frozen=True, slots=True)
class ShareInterval:
    """A share with its confidence interval, n articles, and the days it was measured over."""

    share: float
    low: float
    high: float
    n: int
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class SeriesPoint:
    """One day (or week, named by its Monday) of one series.

    `share` is k/n, `expected` the summed probability over n, [`low`, `high`] the 95 %
    interval of `share`. With n = 0 all of them are None: no articles is not a share of 0.
    `observed` says whether the collection saw the day at all: with "no", n says nothing either.
    `missing` names the outlets of the scope that were not observed and `members` counts all that
    were collected by then (0 where nothing is known).
    """

    key: SeriesKey
    day: date
    n: int
    k: int
    expected: float | None
    share: float | None
    low: float | None
    high: float | None
    source: str = COLLECTED
    observed: Observed = "unknown"
    missing: tuple[str, ...] = ()
    members: int = 0


Histories = Mapping[str, tuple[DayCounts, ...]]
"""Day counts by scope, each in the order of days."""
