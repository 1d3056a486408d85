"""A simulated world: outlets, six months of headlines, and what was planted in them.

Everything follows from `world.yaml`, the headline files and the seed; nothing else. The
pipeline never sees this module: it meets the world through feeds, as it meets the real one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import yaml

from services.demo.templates import Phrasebook, load_phrasebook
from services.domain.identity import story_key

SYNDICATED: Final = "syndicated"  # the theme of a syndicated story
_WEEKDAY_VOLUME: Final = (1.05, 1.05, 1.05, 1.05, 1.0, 0.7, 0.65)
_WEEKEND_THEMES: Final = ("sport", "weather", "culture")
_FIRST_HOUR, _LAST_HOUR = 5, 22  # every headline falls well inside one UTC day
_REPEAT_TRIES: Final = 30
_REPEAT_DAYS: Final = 21


@dataclass(frozen=True, slots=True)
class SimulatedOutlet:
    """An outlet of the simulated world; `entries` is its mean number on a working day."""

    id: str
    name: str
    group: str
    language: str
    format: str
    entries: float
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class SimulatedEntry:
    """One headline as published, with the labels it was written to carry."""

    outlet: str
    number: int
    title: str
    lead: str
    published: datetime
    theme: str
    labels: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where its page lives below the root of the feed server."""
        return f"/{self.outlet}/{self.published:%Y/%m/%d}/{self.number}"


@dataclass(frozen=True, slots=True)
class PlantedShift:
    """A signal that turns in one group at `onset`; `follows` names the group it copies."""

    signal: str
    group: str
    direction: str
    onset: date
    follows: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Days (inclusive) on which an outlet publishes nothing, while all else goes on."""

    outlet: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Syndicated:
    """One story that several outlets carry in the same words on the same day."""

    day: date
    outlets: tuple[str, ...]
    title: str
    lead: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """From `since` until before `until` (midnights UTC) a feed answers wrongly."""

    outlet: str
    since: date
    until: date
    kind: str


@dataclass(frozen=True, slots=True)
class Planted:
    """Everything that the report will look for."""

    shifts: tuple[PlantedShift, ...]
    silences: tuple[Silence, ...]
    syndicated: tuple[Syndicated, ...]
    faults: tuple[Fault, ...]
    refused_webhooks: int


@dataclass(frozen=True, slots=True)
class World:
    """The whole simulated world, in the order of publication."""

    since: date
    until: date
    outlets: tuple[SimulatedOutlet, ...]
    entries: tuple[SimulatedEntry, ...]
    planted: Planted

    def groups(self) -> tuple[str, ...]:
        """The groups that have an outlet, in order of appearance."""
        return tuple(dict.fromkeys(outlet.group for outlet in self.outlets))

    def published(self, outlet: str) -> tuple[SimulatedEntry, ...]:
        """The entries of one outlet, oldest first."""
        return tuple(entry for entry in self.entries if entry.outlet == outlet)

    def shares(self, group: str, since: date, until: date) -> dict[str, float]:
        """The planted share of every label in a group over inclusive days."""
        members = {outlet.id for outlet in self.outlets if outlet.group == group}
        chosen = [
            entry
            for entry in self.entries
            if entry.outlet in members and since <= entry.published.date() <= until
        ]
        counts = Counter(label for entry in chosen for label in entry.labels)
        return {label: count / len(chosen) for label, count in counts.items()}


def build_world(
    *, seed: int | None = None, languages: Sequence[str] = ("en", "ru"), until: date | None = None
) -> World:
    """Build the world; the same arguments give the same world on every machine.

    `languages` leaves out the outlets (and their planted events) in other languages, `until`
    ends the world early (a test rarely needs six months).
    """
    plan = yaml.safe_load(files("services.demo").joinpath("world.yaml").read_text("utf-8"))
    outlets = tuple(
        SimulatedOutlet(**row) for row in plan["outlets"] if row["language"] in languages
    )
    end = min(until, plan["until"]) if until else plan["until"]
    planted = _planted(plan["planted"], {outlet.id for outlet in outlets}, end)
    press = _Press(plan, load_phrasebook(), planted, plan["seed"] if seed is None else seed)
    entries = [entry for outlet in outlets for entry in press.publish(outlet, end)]
    entries.sort(key=attrgetter("published", "outlet"))
    return World(plan["from"], end, outlets, tuple(entries), planted)


class _Press:
    """Writes the headlines of every outlet, day by day."""

    def __init__(
        self, plan: dict[str, Any], phrases: Phrasebook, planted: Planted, seed: int
    ) -> None:
        self._plan = plan
        self._phrases = phrases
        self._themes = {language: phrases.themes(language) for language in phrases.languages}
        self._planted = planted
        self._seed = seed

    def publish(self, outlet: SimulatedOutlet, end: date) -> Iterator[SimulatedEntry]:
        """Yield the outlet's entries to `end`; no wording comes back within three weeks."""
        used: dict[str, date] = {}
        number = 0
        day: date = self._plan["from"]
        while day <= end:
            for entry in self._one_day(outlet, day, number, used):
                number += 1
                yield entry
            day += timedelta(days=1)

    def _one_day(
        self, outlet: SimulatedOutlet, day: date, number: int, used: dict[str, date]
    ) -> list[SimulatedEntry]:
        if any(s.outlet == outlet.id and s.since <= day <= s.until for s in self._planted.silences):
            return []
        rng = random.Random(f"{self._seed}|{outlet.id}|{day}")  # noqa: S311 - a world, no secret
        mean = outlet.entries * _WEEKDAY_VOLUME[day.weekday()]
        count = max(2, round(rng.gauss(mean, 1.2)))
        written = [self._write(outlet, day, rng, used) for _ in range(count)]
        written += [
            (story.title, story.lead, SYNDICATED, story.labels)
            for story in self._planted.syndicated
            if story.day == day and outlet.id in story.outlets
        ]
        moments = sorted(_moment(day, rng) for _ in written)
        return [
            SimulatedEntry(outlet.id, number + place, title, lead, moment, theme, labels)
            for place, (moment, (title, lead, theme, labels)) in enumerate(
                zip(moments, written, strict=True)
            )
        ]

    def _write(
        self, outlet: SimulatedOutlet, day: date, rng: random.Random, used: dict[str, date]
    ) -> tuple[str, str, str, tuple[str, ...]]:
        # The theme stays when a wording must be drawn again, so that the mix stays as planned.
        themes = self._themes[outlet.language]
        weights = self._mix(outlet.group, day)
        theme = rng.choices(list(weights), list(weights.values()))[0]
        for _ in range(_REPEAT_TRIES):
            template = rng.choice(themes[theme])
            title, lead = self._phrases.fill(template, rng)
            key = story_key(title)
            if key not in used or (day - used[key]).days > _REPEAT_DAYS:
                break
        used[key] = day
        return title, lead, template.theme, template.labels()

    def _mix(self, group: str, day: date) -> dict[str, float]:
        phases = [row for row in self._plan["timeline"][group] if row["from"] <= day]
        mix: dict[str, float] = dict(self._plan["mixes"][phases[-1]["mix"]])
        if day.weekday() >= 5:
            for theme in _WEEKEND_THEMES:
                mix[theme] *= 1.4
        return mix


def _moment(day: date, rng: random.Random) -> datetime:
    seconds = rng.randrange(_FIRST_HOUR * 3600, _LAST_HOUR * 3600)
    return datetime.combine(day, time(), UTC) + timedelta(seconds=seconds)


def _planted(plan: dict[str, Any], outlets: set[str], end: date) -> Planted:
    shifts = tuple(PlantedShift(**row) for row in plan["shifts"] if row["onset"] <= end)
    silences = tuple(
        Silence(row["outlet"], row["from"], row["until"])
        for row in plan["silences"]
        if row["outlet"] in outlets and row["until"] <= end
    )
    syndicated = tuple(
        Syndicated(
            row["day"],
            tuple(name for name in row["outlets"] if name in outlets),
            row["title"],
            row["lead"],
            tuple(row["labels"]),
        )
        for row in plan["syndicated"]
        if row["day"] <= end
    )
    faults = tuple(
        Fault(row["outlet"], row["from"], row["until"], row["kind"])
        for row in plan["faults"]
        if row["outlet"] in outlets and row["until"] <= end
    )
    return Planted(shifts, silences, syndicated, faults, plan["refused_webhooks"])


def distinct_stories(entries: Sequence[SimulatedEntry]) -> dict[date, int]:
    """How many different wordings were published on each day."""
    ordered = sorted(entries, key=lambda entry: entry.published.date())
    return {
        day: len({story_key(entry.title) for entry in rows})
        for day, rows in groupby(ordered, key=lambda entry: entry.published.date())
    }
