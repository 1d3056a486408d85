"""Reading ahead changes when items are read, never which or in what order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cli.ahead import read_ahead


@given(st.lists(st.integers(), max_size=20), st.integers(1, 4))
def test_the_items_come_in_order(items: list[int], depth: int) -> None:
    assert list(read_ahead(items, depth)) == items


def test_an_error_comes_after_the_items_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("the third is broken")

    reader = read_ahead(broken())
    assert [next(reader), next(reader)] == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(reader)


def test_stopping_early_ends_the_reader_and_reads_no_further_than_the_depth() -> None:
    read: list[int] = []

    def endless() -> Iterator[int]:
        while True:
            read.append(len(read))
            yield read[-1]

    reader = read_ahead(endless(), depth=2)
    assert next(reader) == 0
    reader.close()
    assert len(read) <= 5
