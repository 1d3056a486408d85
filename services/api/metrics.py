"""What an installation says of itself in Prometheus' text format.

Every figure comes from the store when it is asked for, so that the page's process, a runner and
any number of workers say the same. Labels hold catalogue ids and fixed words only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final, get_args

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from services.context import Context
from services.domain.alert import DeliveryStatus
from services.index.records import Tallies
from services.queries import OutletHealth, outlet_health
from services.queries.health import Status

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def exposition(context: Context, version: str) -> bytes:
    """Return the page for a scraper; raises what the store raises."""
    registry = CollectorRegistry(auto_describe=False)
    families = _Families(context, version)
    registry.register(families)
    return generate_latest(registry)


class _Families(Collector):
    """All figures, looked up at once; the registry writes them out."""

    def __init__(self, context: Context, version: str) -> None:
        self._context = context
        self._version = version
        self._now = context.clock()
        self._health = outlet_health(context)
        self._tallies: Tallies = context.store.tallies(self._now)
        self._waiting = context.store.stats(context.model).unclassified

    def describe(self) -> Iterable[Metric]:
        """Nothing: names are not checked against other collectors, there are none."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield every family."""
        info = GaugeMetricFamily(
            "framewatch_info", "Version and active model.", labels=("version", "model")
        )
        info.add_metric((self._version, self._context.model), 1)
        yield info
        yield from self._counters()
        yield from self._outlets()
        yield from self._queues()

    def _counters(self) -> Iterator[Metric]:
        yield self._by_outlet(
            "framewatch_polls", "Polls of feeds by how they ended.", "result", self._tallies.polls
        )
        yield self._by_outlet(
            "framewatch_entries",
            "Entries of feeds by what became of them.",
            "outcome",
            self._tallies.entries,
        )
        gaps = CounterMetricFamily(
            "framewatch_feed_gaps",
            "Polls before which entries may have fallen off the feed.",
            labels=("outlet",),
        )
        for item in self._health:
            gaps.add_metric((item.outlet.id,), self._tallies.gaps.get(item.outlet.id, 0))
        yield gaps

    def _by_outlet(
        self, name: str, words: str, label: str, counts: Mapping[tuple[str, str], int]
    ) -> CounterMetricFamily:
        family = CounterMetricFamily(name, words, labels=("outlet", label))
        known = {item.outlet.id for item in self._health}
        for (outlet, value), number in sorted(counts.items()):
            if outlet in known:
                family.add_metric((outlet, value), number)
        return family

    def _outlets(self) -> Iterator[Metric]:
        status = GaugeMetricFamily(
            "framewatch_outlet_status",
            "1 for the status that the outlet's feed has, 0 for the others.",
            labels=("outlet", "status"),
        )
        for item in self._health:
            for name in get_args(Status):
                held = float(item.status == name)
                status.add_metric((item.outlet.id, name.replace(" ", "_")), held)
        yield status
        yield self._gauge(
            "framewatch_seconds_since_success",
            "Seconds since the feed last answered as a feed.",
            [(i, self._age(i.state.last_success)) for i in self._health if i.state],
        )
        yield self._gauge(
            "framewatch_seconds_since_new_entry",
            "Seconds since something new was last seen.",
            [(item, self._age(item.last_entry)) for item in self._health],
        )
        yield self._gauge(
            "framewatch_gap_expected_entries",
            "Entries that would usually have come in the gap that is open now.",
            [(item, item.gap.expected) for item in self._health if item.gap],
        )
        yield self._gauge(
            "framewatch_articles",
            "Articles in the store.",
            [(item, item.articles) for item in self._health],
        )

    def _gauge(
        self, name: str, words: str, values: Iterable[tuple[OutletHealth, float | None]]
    ) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, words, labels=("outlet",))
        for item, value in values:
            if value is not None:
                family.add_metric((item.outlet.id,), value)
        return family

    def _age(self, moment: datetime | None) -> float | None:
        return (self._now - moment).total_seconds() if moment else None

    def _queues(self) -> Iterator[Metric]:
        states = [item.state for item in self._health if item.outlet.enabled]
        due = [s for s in states if s is None or s.next_poll is None or s.next_poll <= self._now]
        yield GaugeMetricFamily("framewatch_polls_due", "Feeds that are due.", len(due))
        waiting = GaugeMetricFamily(
            "framewatch_articles_waiting",
            "Articles that wait for a stage: label, link (comparing with others), page (a visit).",
            labels=("stage",),
        )
        waiting.add_metric(("label",), self._waiting)
        waiting.add_metric(("link",), self._tallies.unlinked)
        waiting.add_metric(("page",), self._tallies.pages_due)
        yield waiting
        deliveries = GaugeMetricFamily(
            "framewatch_deliveries",
            "Messages of alerts by where they stand.",
            labels=("channel", "status"),
        )
        for channel in ("email", "webhook"):
            for status in DeliveryStatus:
                number = self._tallies.deliveries.get((channel, status.value), 0)
                deliveries.add_metric((channel, status.value), number)
        yield deliveries
