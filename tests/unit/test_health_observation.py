"""Which days of an outlet were seen."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from services.collect.health.observation import (
    Coverage,
    coverage,
    joined,
    members_on,
    silenced,
)
from services.domain.series import Observed
from services.index.records import DayCollection

FIRST = date(2025, 2, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def polls(*days: str) -> list[DayCollection]:
    """One day a word: `ok`, `gap` (good, but entries may be missing), `bad`, or `-` for none."""
    return [
        DayCollection("rt", day(at), int(kind != "bad"), int(kind == "bad"), {}, {}, kind == "gap")
        for at, kind in enumerate(days)
        if kind != "-"
    ]


def seen(*days: str, today: int = 99, **more: object) -> list[Observed]:
    last = today if today < 99 else len(days)
    found = coverage(polls(*days), day(last), **more)  # type: ignore[arg-type]
    return [found.on(day(at)) for at in range(len(days))]


def late(number: int) -> datetime:
    return datetime.combine(day(number), time(23, 50), UTC)


def test_days_with_good_polls_are_seen() -> None:
    assert seen("ok", "ok", last_success=late(1)) == ["yes", "yes"]


def test_days_without_polls_are_seen_later_when_the_feed_still_holds_them() -> None:
    assert seen("ok", "-", "bad", "ok", last_success=late(3)) == ["yes"] * 4


def test_days_are_not_seen_when_entries_fell_off_meanwhile() -> None:
    expected = ["partly", "no", "no", "partly"]
    assert seen("ok", "-", "bad", "gap", last_success=late(3)) == expected


def test_a_gap_between_polls_of_one_day_leaves_that_day_partly_seen() -> None:
    assert seen("ok", "gap", "ok", last_success=late(2)) == ["yes", "partly", "yes"]


def test_the_days_since_the_last_good_poll_are_not_seen() -> None:
    noon = datetime.combine(day(0), time(12), UTC)
    assert seen("ok", "bad", "bad", last_success=noon) == ["partly", "no", "no"]


def test_a_last_good_poll_close_to_midnight_has_seen_the_day() -> None:
    assert seen("ok", "bad", last_success=late(0)) == ["yes", "no"]


def test_what_a_slow_feed_has_yet_to_tell_is_not_missing() -> None:
    noon = datetime.combine(day(0), time(12), UTC)
    assert seen("ok", "-", today=1, last_success=noon, on_time=True) == ["partly", "partly"]


def test_today_is_not_over() -> None:
    assert seen("ok", "ok", today=1, last_success=late(1)) == ["yes", "partly"]


def test_a_feed_that_never_answered_was_never_seen() -> None:
    found = coverage(polls("bad", "bad"), day(2))
    assert (found.on(day(0)), found.on(day(2)), found.began) == ("no", "no", None)


def test_nothing_is_known_from_before_the_first_poll() -> None:
    assert coverage(polls("ok"), day(1)).on(day(-1)) == "unknown"


def test_without_polls_nothing_is_known() -> None:
    assert coverage([], day(0)).on(day(0)) == "unknown"


def test_articles_show_that_a_part_of_the_day_was_seen() -> None:
    found = seen("ok", "-", "-", "gap", last_success=late(3), with_articles={day(2)})
    assert found == ["partly", "no", "partly", "partly"]


def test_a_known_silence_was_not_seen_although_the_feed_answered() -> None:
    item = coverage(polls(*["ok"] * 6), day(5), last_success=late(5))
    start = datetime.combine(day(1), time(9), UTC)
    found = silenced(item, [start], {day(0), day(1), day(4)}, day(5))
    assert [found.on(day(at)) for at in range(6)] == ["yes", "partly", "no", "no", "yes", "partly"]


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        (["yes", "yes"], "yes"),
        (["no", "no"], "no"),
        (["yes", "no"], "partly"),
        (["unknown", "yes"], "partly"),
        (["unknown"], "unknown"),
        ([], "unknown"),
    ],
)
def test_several_days_or_outlets_are_joined(parts: list[Observed], whole: Observed) -> None:
    assert joined(parts) == whole


def test_a_group_names_the_outlets_that_were_not_seen() -> None:
    group = {
        "a": Coverage({day(0): "yes"}, day(0)),
        "b": Coverage({day(0): "no"}, day(-5)),
        "never": Coverage({day(0): "no"}, None),
    }
    assert members_on(day(0), group) == ("partly", ("b",), 2)
