"""Values as columns hold them."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.codebook import LABELS
from services.index.sqlite.values import (
    label_order,
    pack_counts,
    pack_floats,
    reorder,
    storable,
    time_from_column,
    time_to_column,
    unpack_counts,
    unpack_floats,
)


@given(st.datetimes(timezones=st.just(UTC)), st.datetimes(timezones=st.just(UTC)))
def test_times_come_back_and_keep_their_order(one: datetime, two: datetime) -> None:
    assert time_from_column(time_to_column(one)) == one
    assert (one < two) == (time_to_column(one) < time_to_column(two))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(TypeError):
        time_to_column(datetime(2025, 1, 1))  # noqa: DTZ001 - the mistake under test


@given(st.text(st.characters()))
def test_any_text_becomes_one_that_can_be_stored(text: str) -> None:
    kept = storable(text)
    kept.encode()
    assert len(kept) == len(text)
    assert storable(kept) == kept


@given(st.lists(st.floats(0, 1, width=32)), st.lists(st.integers(0, 2**32 - 1)))
def test_rows_of_numbers_come_back(floats: list[float], counts: list[int]) -> None:
    assert unpack_floats(pack_floats(floats)) == tuple(floats)
    assert unpack_counts(pack_counts(counts)) == tuple(counts)


@given(st.permutations(LABELS), st.integers(0, len(LABELS)))
def test_values_follow_their_labels_when_the_codebook_grows(stored: list[str], known: int) -> None:
    stored = stored[:known]
    values = tuple(range(1, known + 1))
    today = reorder(values, label_order(json.dumps(stored)))
    expected = dict(zip(stored, values, strict=True))
    assert today == tuple(expected.get(label, 0) for label in LABELS)
