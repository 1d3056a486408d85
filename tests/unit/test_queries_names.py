"""Names as users write them: labels, outlets, groups, days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from services.context import Context
from services.domain.codebook import LABELS
from services.errors import UsageError
from services.queries import parse_label, search_request, series_key
from tests.support.reading import installation


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    with installation(tmp_path) as opened:
        yield opened


@pytest.mark.parametrize("label", [*LABELS, "signal=thaw", "signal=chill"])
def test_every_label_is_itself(label: str) -> None:
    assert parse_label(label) == label


@pytest.mark.parametrize(
    "written", ["Relations=Détente", " relations = detente ", "RELATIONS=DETENTE"]
)
def test_case_accents_and_spaces_do_not_count(written: str) -> None:
    assert parse_label(written) == "relations=detente"


@pytest.mark.parametrize(
    ("written", "hint"),
    [
        ("detente", "relations=detente"),
        ("frame=dialog", "frame=dialogue"),
        ("signal=thawing", "signal=thaw"),
    ],
)
def test_an_unknown_label_is_answered_with_what_comes_near(written: str, hint: str) -> None:
    with pytest.raises(UsageError, match=f"'{hint}'"):
        parse_label(written)


def test_a_key_of_a_group_and_of_an_outlet_by_its_alias(context: Context) -> None:
    assert str(series_key(context, "us=hostile", group="State", about="us")) == (
        "us=hostile|group:state|us"
    )
    assert str(series_key(context, "us=hostile", outlet="Russia Today")) == (
        "us=hostile|outlet:rt|all"
    )


def test_a_signal_is_counted_as_the_codebook_says(context: Context) -> None:
    assert series_key(context, "signal=thaw", about="all").about == "us"


def test_group_and_outlet_exclude_each_other(context: Context) -> None:
    with pytest.raises(UsageError, match="one group or one outlet"):
        series_key(context, "us=hostile", group="state", outlet="rt")


def test_groups_become_their_outlets(context: Context) -> None:
    query = search_request(context, group=("control",))
    assert query.outlets == context.catalogue.in_group("control")


def test_outlets_within_a_group_are_those_in_both(context: Context) -> None:
    query = search_request(context, outlet=("RT", "BBC World"), group=("state",))
    assert query.outlets == ("rt",)


def test_outlets_outside_the_group_are_refused(context: Context) -> None:
    with pytest.raises(UsageError, match="None of the outlets bbc-world is in group 'state'"):
        search_request(context, outlet=("BBC World",), group=("state",))


@pytest.mark.parametrize(
    ("field", "value", "names"),
    [
        ("outlet", "pravda", "It has: rt, tass"),
        ("group", "east", "state, alternative, control"),
        ("us", "angry", "hostile, favourable, neutral, absent"),
        ("relations", "peace", "confrontation, detente, mixed, absent"),
        ("frame", "nothing", "us_hegemony"),
        ("outcome", "lost", "classified, unsupported_language, no_text"),
    ],
)
def test_unknown_names_are_answered_with_the_valid_ones(
    context: Context, field: str, value: str, names: str
) -> None:
    with pytest.raises(UsageError, match=names):
        search_request(context, **{field: value})


def test_labels_may_be_written_in_full(context: Context) -> None:
    query = search_request(context, us="us=hostile", relations="detente", frame="frame=dialogue")
    assert (query.us, query.relations, query.frames) == (("hostile",), ("detente",), ("dialogue",))


def test_days_are_read_and_put_in_order(context: Context) -> None:
    query = search_request(context, since="2025-02-01", until=date(2025, 2, 28))
    assert (query.since, query.until) == (date(2025, 2, 1), date(2025, 2, 28))
    with pytest.raises(UsageError, match="ends before"):
        search_request(context, since="2025-03-01", until="2025-02-01")
    with pytest.raises(UsageError, match="must be a day such as"):
        search_request(context, since="yesterday")


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_limit_out_of_range_is_refused(context: Context, limit: int) -> None:
    with pytest.raises(UsageError, match="between 1 and 1000"):
        search_request(context, limit=limit)
