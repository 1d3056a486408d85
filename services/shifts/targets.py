"""What can be watched, and what the pipeline watches by default."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from services.domain.codebook import FRAMES
from services.domain.series import SCOPE_ALL, SeriesKey, Signal, group_scope, outlet_scope

Target = SeriesKey | tuple[Signal, str]
"""A label in a scope, or a signal in a scope."""

RELATIONS_WATCHED: Final = ("relations=confrontation", "relations=detente")
PORTRAYALS_WATCHED: Final = ("us=hostile", "us=favourable")


def series_of(target: Target) -> SeriesKey:
    """Return the key under which shifts of `target` are filed."""
    if isinstance(target, SeriesKey):
        return target
    signal, scope = target
    return SeriesKey(f"signal={signal.name}", scope, signal.about)


def labels_of(target: Target) -> tuple[str, ...]:
    """Return the labels that `target` watches."""
    return (target.label,) if isinstance(target, SeriesKey) else target[0].labels


@dataclass(frozen=True, slots=True)
class Watched:
    """A target with the outlet scopes that `detect` needs as `members` (empty for an outlet)."""

    target: Target
    members: tuple[str, ...]


def monitored(
    signals: Mapping[str, Signal],
    groups: Mapping[str, tuple[str, ...]],
    outlets: Iterable[str],
) -> list[Watched]:
    """Return the default targets, always in the same order.

    Every signal in each group, in all outlets together and in each outlet; and in each group
    confrontation and détente (among all articles and among those about the United States),
    hostile and favourable portrayal (among those about the United States) and every frame.
    `groups` maps a group to its outlet ids; `outlets` lists the ids to watch one by one.
    """
    every = sorted(outlets)
    members = {
        group_scope(name): tuple(outlet_scope(outlet) for outlet in sorted(ids))
        for name, ids in sorted(groups.items())
    }
    wide = {**members, SCOPE_ALL: tuple(outlet_scope(outlet) for outlet in every)}
    single: dict[str, tuple[str, ...]] = {outlet_scope(outlet): () for outlet in every}
    chosen = [
        Watched((signal, scope), inside)
        for _, signal in sorted(signals.items())
        for scope, inside in {**wide, **single}.items()
    ]
    for scope, inside in members.items():
        chosen += [Watched(key, inside) for key in _keys(scope)]
    return chosen


def _keys(scope: str) -> list[SeriesKey]:
    return [
        *(SeriesKey(label, scope, "all") for label in RELATIONS_WATCHED),
        *(SeriesKey(label, scope, "us") for label in RELATIONS_WATCHED + PORTRAYALS_WATCHED),
        *(SeriesKey(f"frame={frame}", scope, "all") for frame in FRAMES),
    ]
