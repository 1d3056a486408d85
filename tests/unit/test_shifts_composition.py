"""Outlets that go dark change who is heard in a group, and that alone is no shift."""

from __future__ import annotations

import numpy as np
import pytest

from services.domain.series import DayCounts, SeriesKey
from services.shifts.watch import detect
from tests.support.day_counts import DETENTE, drawn, history, pooled

KEY = SeriesKey(DETENTE, "group:state", "us")
SCOPES = ("outlet:a", "outlet:b", "outlet:c", "outlet:d")
SHARES = (0.5, 0.1, 0.1, 0.3)  # the outlets differ much: without one of them the group looks new
ARTICLES = (60, 20, 20, 20)
DAYS, DARK = 160, slice(70, 110)


def world(dark: set[str], seed: int) -> dict[str, tuple[DayCounts, ...]]:
    """Four outlets whose shares never change; those in `dark` are not seen for forty days."""
    rows = {}
    for number, scope in enumerate(SCOPES):
        n, k = drawn([SHARES[number]] * DAYS, ARTICLES[number], seed * 10 + number)
        if scope in dark:
            n[DARK] = 0
        rows[scope] = history(n, k, scope=scope, outlets=(scope.removeprefix("outlet:"),))
    return rows | {"group:state": pooled(*rows.values())}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    "dark",
    [{"outlet:a"}, {"outlet:b", "outlet:c"}, {"outlet:a", "outlet:b"}],
    ids=["the biggest", "two small ones", "half of them"],
)
def test_an_outage_is_no_shift(dark: set[str], seed: int) -> None:
    assert detect(world(dark, seed), KEY, SCOPES) == []


def test_all_outlets_dark_is_no_shift() -> None:
    assert detect(world(set(SCOPES), 1), KEY, SCOPES) == []


def test_without_knowing_the_outlets_it_would_be_one() -> None:
    assert detect(world({"outlet:a"}, 1), KEY) != []


def test_a_true_shift_is_seen_through_an_outage() -> None:
    rows = world({"outlet:b"}, 1)
    shares = np.where(np.arange(DAYS) < 80, 0.5, 0.75)
    n, k = drawn(shares, ARTICLES[0], 99)
    rows["outlet:a"] = history(n, k, scope="outlet:a", outlets=("a",))
    rows["group:state"] = pooled(*(rows[scope] for scope in SCOPES))
    assert [shift.direction for shift in detect(rows, KEY, SCOPES)][:1] == ["up"]
