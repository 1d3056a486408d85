"""Texts of search requests, read into phrases."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import UsageError
from services.index.query_text import TextQuery, parse_query_text


@pytest.mark.parametrize(
    ("text", "required", "excluded"),
    [
        ("", [], []),
        ("  \n ", [], []),
        ("war peace", [("war",), ("peac",)], []),
        ("war WAR wars", [("war",)], []),
        ('"cold war" talk', [("cold", "war"), ("talk",)], []),
        ("«cold war»", [("cold", "war")], []),
        ("“cold war”", [("cold", "war")], []),
        ("anti-war", [("anti", "war")], []),
        ("peace -war", [("peac",)], [("war",)]),
        ('peace -"cold war" -«hot war»', [("peac",)], [("cold", "war"), ("hot", "war")]),
        ("peace - war", [("peac",), ("war",)], []),
        ("«peace", [("peac",)], []),
        ('peace""war', [("peac",), ("war",)], []),
    ],
)
def test_words_phrases_and_exclusions(
    text: str, required: list[tuple[str, ...]], excluded: list[tuple[str, ...]]
) -> None:
    assert parse_query_text(text) == TextQuery(tuple(required), tuple(excluded))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('war "', "not closed"),
        ("-war", "only excludes"),
        ("—", "no word"),
        ("x" * 2001, "longer than 2000"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_query_text(text)


@given(st.text(st.characters(), max_size=100))
def test_a_text_that_is_not_blank_asks_for_something_or_is_refused(text: str) -> None:
    try:
        query = parse_query_text(text)
    except UsageError:
        return
    assert bool(query.required) == bool(text.strip())
