"""Snippets: the passage that shows why an article was found."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.index.query_text import parse_query_text
from services.index.snippet import MARK_END, MARK_START, make_snippet
from services.index.words import stems


def snippet(query: str, title: str = "", lead: str = "", text: str = "") -> str:
    """Return the snippet with visible marks."""
    found = make_snippet(title, lead, text, parse_query_text(query).required)
    return found.replace(MARK_START, "[").replace(MARK_END, "]")


def test_matched_words_are_marked_in_the_original_text() -> None:
    assert snippet("санкция", lead="О САНКЦИЯХ, о санкциях.") == "О [САНКЦИЯХ], о [санкциях]."


def test_a_phrase_is_marked_as_one_and_its_words_alone_are_not() -> None:
    assert snippet('"cold war"', lead="A war, a cold war.") == "A war, a [cold war]."


def test_the_part_with_most_different_words_wins() -> None:
    parts = {"title": "war and peace", "lead": "war war war", "text": "peace for cold wars"}
    assert snippet("war peace cold", **parts) == "[peace] for [cold] [wars]"


def test_the_title_stands_in_when_only_it_matches() -> None:
    assert snippet("war", title="War!", lead="Nothing.", text="More.") == "[War]!"


@pytest.mark.parametrize(
    ("lead", "text", "shown"), [("Lead.", "Text.", "Lead."), ("", "Text.", "Text."), ("", "", "")]
)
def test_without_words_the_beginning_is_shown(lead: str, text: str, shown: str) -> None:
    assert snippet("", title="Title", lead=lead, text=text) == shown


def test_a_late_match_is_shown_with_what_stands_around_it() -> None:
    text = "before " * 200 + "sanctions " + "after " * 200
    found = snippet("sanction", text=text)
    assert found.startswith("… before")
    assert "[sanctions] after" in found
    assert found.endswith("after …")
    assert len(found) < 260


def test_marks_in_the_original_are_dropped() -> None:
    text = f"a {MARK_START}forged{MARK_END} war"
    assert snippet("war", lead=text) == "a forged [war]"


@given(
    words=st.lists(st.sampled_from(["war", "peace", "Русь", "é", "x" * 300, "-"]), max_size=80),
    query=st.sampled_from(["war", "peace war", '"war peace"', "русь", ""]),
)
def test_marks_come_in_pairs_around_matching_words(words: list[str], query: str) -> None:
    found = snippet(query, lead=" ".join(words))
    wanted = {stem for phrase in parse_query_text(query).required for stem in phrase}
    pieces = found.split("[")[1:]
    assert all(piece.count("]") == 1 for piece in pieces)
    assert all(set(stems(piece.partition("]")[0])) <= wanted for piece in pieces)
    assert len(found) < 700
