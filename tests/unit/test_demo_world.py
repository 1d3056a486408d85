"""The simulated world: deterministic, and with exactly the planted events in it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import sqrt

import pytest

from services.demo.clock import SimulatedClock
from services.demo.found import expected_articles
from services.demo.play import round_times
from services.demo.world import SYNDICATED, World, build_world
from services.domain.identity import story_key


@pytest.fixture(scope="module")
def world() -> World:
    return build_world()


def test_the_same_seed_gives_the_same_world(world: World) -> None:
    assert build_world() == world


def test_another_seed_gives_another_world(world: World) -> None:
    assert build_world(seed=1).entries != world.entries


def test_every_outlet_says_that_it_is_simulated(world: World) -> None:
    for outlet in world.outlets:
        assert outlet.name.startswith("Simulated ")
        assert outlet.id.startswith("sim-")


def test_three_groups_and_two_languages_take_part(world: World) -> None:
    assert set(world.groups()) == {"state", "alternative", "control"}
    assert {outlet.language for outlet in world.outlets} == {"en", "ru"}


def test_the_size_keeps_the_demo_short(world: World) -> None:
    assert 9_000 <= len(world.entries) <= 12_000


def test_a_shorter_world_is_the_beginning_of_the_longer_one(world: World) -> None:
    end = date(2025, 2, 1)
    begun = [entry for entry in world.entries if entry.published.date() <= end]
    assert list(build_world(until=end).entries) == begun


def test_leaving_a_language_out_leaves_the_other_outlets_as_they_are(world: World) -> None:
    english = build_world(languages=["en"])
    assert {outlet.language for outlet in english.outlets} == {"en"}
    assert english.published("sim-state-wire") == world.published("sim-state-wire")
    assert set(english.groups()) == set(world.groups())


def test_entries_have_different_pages_and_fall_inside_their_day(world: World) -> None:
    assert len({entry.path for entry in world.entries}) == len(world.entries)
    assert all(5 <= entry.published.hour < 22 for entry in world.entries)


def test_weekends_are_quieter(world: World) -> None:
    days = Counter(entry.published.weekday() for entry in world.entries)
    assert max(days[5], days[6]) < 0.8 * min(days[day] for day in range(5))


@pytest.mark.parametrize(
    ("group", "onset", "rises"),
    [
        ("state", date(2025, 2, 15), True),
        ("alternative", date(2025, 2, 24), True),
        ("state", date(2025, 6, 2), False),
    ],
)
def test_detente_and_confrontation_cross_at_a_planted_onset(
    world: World, group: str, onset: date, rises: bool
) -> None:
    before = world.shares(group, onset - timedelta(28), onset - timedelta(1))
    after = world.shares(group, onset, onset + timedelta(25))
    cold, warm = (before, after) if rises else (after, before)
    assert warm["relations=detente"] > 5 * cold["relations=detente"]
    assert cold["relations=confrontation"] > 2 * warm["relations=confrontation"]


@pytest.mark.parametrize("label", ["relations=detente", "relations=confrontation", "us=neutral"])
def test_the_control_group_does_not_turn(world: World, label: str) -> None:
    members = {outlet.id for outlet in world.outlets if outlet.group == "control"}
    turns = [world.since, date(2025, 2, 15), date(2025, 2, 24), date(2025, 6, 2), world.until]
    for start, turn, end in zip(turns, turns[1:], turns[2:], strict=False):
        rows = [
            (entry.published.date() >= turn, label in entry.labels)
            for entry in world.entries
            if entry.outlet in members and start <= entry.published.date() < end
        ]
        (n, share), (m, other) = (
            (len(part), sum(part) / len(part))
            for part in ([has for later, has in rows if later is side] for side in (False, True))
        )
        pooled = (n * share + m * other) / (n + m)
        standard_error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        assert abs(other - share) < 3 * standard_error


def test_the_silent_outlet_says_nothing_and_then_goes_on(world: World) -> None:
    silence = world.planted.silences[0]
    days = {entry.published.date() for entry in world.published(silence.outlet)}
    gap = {silence.since + timedelta(n) for n in range((silence.until - silence.since).days + 1)}
    assert len(gap) == 8
    assert not days & gap
    assert {silence.since - timedelta(1), silence.until + timedelta(1)} <= days


def test_a_syndicated_story_stands_in_five_outlets_in_the_same_words(world: World) -> None:
    for story in world.planted.syndicated:
        copies = [
            entry for entry in world.entries if story_key(entry.title) == story_key(story.title)
        ]
        assert len(copies) >= 5
        assert {entry.outlet for entry in copies} == set(story.outlets)
        assert {entry.published.date() for entry in copies} == {story.day}
        assert {entry.theme for entry in copies} == {SYNDICATED}


def test_an_outlet_repeats_its_own_words_too_rarely_to_lose_articles(world: World) -> None:
    expected = sum(expected_articles(world).values())
    assert len(world.entries) - expected <= 10


def test_the_clock_moves_forward_only() -> None:
    clock = SimulatedClock(datetime(2025, 1, 1, tzinfo=UTC))
    assert clock.advance(timedelta(hours=12)) == clock() == datetime(2025, 1, 1, 12, tzinfo=UTC)
    with pytest.raises(ValueError, match="stands at"):
        clock.set(datetime(2024, 12, 31, tzinfo=UTC))
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2025, 2, 1))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize("hours", [12, 24])
def test_rounds_end_just_after_the_last_day(hours: int) -> None:
    times = round_times(date(2025, 1, 1), date(2025, 1, 10), timedelta(hours=hours))
    assert len(times) == (10 if hours == 24 else 20)
    assert times[-1] == datetime(2025, 1, 11, 0, 10, tzinfo=UTC)
