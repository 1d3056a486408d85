"""Marked stretches of text, buckets of days, words for figures, masked targets."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.series import SeriesKey, ShareInterval
from services.queries import mask_target
from services.queries.buckets import gather, points, start_of
from services.queries.cache import DerivedCache
from services.queries.snippets import Part, evidence_parts, plain_snippet, snippet_parts
from services.queries.words import days, duration, interval, percent
from tests.support.records import make_day_counts, make_passage

TEXT = "Envoys met in Geneva. They spoke of arms limits. Nobody was optimistic."


def test_a_snippet_is_cut_at_its_marks() -> None:
    assert snippet_parts("an \ue000arms\ue001 deal") == [
        Part("an "),
        Part("arms", marked=True),
        Part(" deal"),
    ]


@given(st.text(alphabet="ab \ue000\ue001<&", max_size=40))
def test_no_snippet_loses_or_invents_text(snippet: str) -> None:
    assert "".join(part.text for part in snippet_parts(snippet)) == plain_snippet(snippet)


def test_overlapping_evidence_shares_its_labels() -> None:
    first = make_passage(start=0, end=48, labels={"relations=detente": 0.9})
    second = make_passage(start=22, end=71, labels={"frame=arms_control": 0.8})
    parts = evidence_parts(TEXT, (first, second))
    assert [part.labels for part in parts] == [
        ("relations=detente",),
        ("relations=detente", "frame=arms_control"),
        ("frame=arms_control",),
    ]


@given(st.lists(st.tuples(st.integers(-5, 90), st.integers(-5, 90)), max_size=6))
def test_evidence_never_changes_the_text(spans: list[tuple[int, int]]) -> None:
    passages = tuple(make_passage(start=start, end=end) for start, end in spans)
    assert "".join(part.text for part in evidence_parts(TEXT, passages)) == TEXT


def test_a_month_is_the_sum_of_its_days() -> None:
    rows = [
        make_day_counts(date(2025, 1, 31), n=10, shares={"relations=detente": 0.2}),
        make_day_counts(date(2025, 2, 1), n=30, shares={"relations=detente": 0.1}),
        make_day_counts(date(2025, 2, 28), n=10, shares={"relations=detente": 0.5}),
    ]
    january, february = points(gather(rows, "month"), SeriesKey("relations=detente"))
    assert (january.day, january.k, january.n) == (date(2025, 1, 1), 2, 10)
    assert (february.k, february.n, february.share) == (8, 40, 0.2)


def test_days_without_articles_are_left_out() -> None:
    rows = [make_day_counts(date(2025, 1, 1), n=0), make_day_counts(date(2025, 1, 2), n=5)]
    assert [bucket.start for bucket in gather(rows, "day")] == [date(2025, 1, 2)]


def test_the_share_of_a_signal_is_the_mean_of_its_labels() -> None:
    rows = [make_day_counts(n=100, shares={"relations=detente": 0.4, "frame=dialogue": 0.2})]
    (point,) = points(
        gather(rows, "day"), SeriesKey("signal=thaw"), ("relations=detente", "frame=dialogue")
    )
    assert point.share == pytest.approx(0.3)


@given(
    st.dates(date(2000, 1, 1), date(2040, 1, 1)),
    st.sampled_from(["week", "month", "quarter", "year"]),
)
def test_every_day_falls_into_one_period(day: date, every: str) -> None:
    start = start_of(day, every)  # type: ignore[arg-type]
    assert start <= day
    assert start_of(start, every) == start  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("target", "shown"),
    [
        ("reader@example.org", "r…@example.org"),
        ("https://hooks.example.org:8443/secret/path?token=1", "https://hooks.example.org:8443/…"),
        ("plain", "p…"),
    ],
)
def test_targets_are_masked(target: str, shown: str) -> None:
    assert mask_target(target) == shown


def test_figures_in_words() -> None:
    share = ShareInterval(0.32, 0.288, 0.354, 400, date(2025, 1, 1), date(2025, 1, 28))
    assert interval(share) == "32\u00a0% (29 to 35)"
    assert percent(0.0512) == "5.1\u00a0%"
    assert days(date(2025, 2, 3), date(2025, 2, 9)) == "3 to 9 February 2025"
    assert days(date(2024, 12, 30), date(2025, 1, 2)) == "30 December 2024 to 2 January 2025"
    assert duration(timedelta(hours=3)) == "3 hours"


def test_the_cache_makes_again_only_after_a_change() -> None:
    cache, made = DerivedCache(), []

    def make() -> int:
        made.append(1)
        return len(made)

    answers = [cache.get("page", mark, make) for mark in ("a", "a", "b", "b")]
    assert answers == [1, 1, 2, 2]


def test_the_cache_forgets_what_was_not_asked_for_longest() -> None:
    cache = DerivedCache(kept=2)
    for key in ("one", "two", "one", "three"):
        cache.get(key, "a", lambda: 0)
    made: list[str] = []
    cache.get("one", "a", lambda: made.append("one"))
    cache.get("two", "a", lambda: made.append("two"))
    assert made == ["two"]
