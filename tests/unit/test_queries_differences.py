"""Differences between two wordings: nothing is lost, and a reader can follow them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.queries.differences import ELLIPSIS, Piece, difference, shortened


def words(pieces: tuple[Piece, ...], *kinds: str) -> list[str]:
    """Return the words of the pieces of these kinds."""
    return "".join(piece.text for piece in pieces if piece.kind in kinds).split()


def marked(before: str, after: str) -> str:
    """Return the difference on one line, with marks."""
    marks = {"kept": "{}", "cut": "{}", "removed": "[-{}]", "added": "[+{}]"}
    return "".join(marks[piece.kind].format(piece.text) for piece in difference(before, after))


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Talks begin", "Talks fail", "Talks[- begin][+ fail]"),
        ("Talks begin", "Talks begin today", "Talks begin[+ today]"),
        ("Talks begin today", "Talks today", "Talks[- begin] today"),
        ("Москва осудила удар", "Москва одобрила удар", "Москва[- осудила][+ одобрила] удар"),
        ("Is it peace?", "Is it peace!", "Is it peace[-?][+!]"),
        ("", "New", "[+New]"),
        ("Old", "", "[-Old]"),
    ],
)
def test_changed_words_are_marked(before: str, after: str, expected: str) -> None:
    assert marked(before, after) == expected


def test_a_few_words_between_changes_are_shown_with_them() -> None:
    before, after = "He sharply rejected the offer today", "Mr Orlov warmly welcomed the call"
    assert (
        marked("Then he sharply rejected the offer now again", "Then they all met in the city")
        != ""
    )
    assert marked(before, after).count("[-") == 1


@pytest.mark.parametrize("after", ["Two words", "Two  words", " Two\nwords "])
def test_white_space_alone_is_no_difference(after: str) -> None:
    assert difference("Two words", after) == ()


_texts = st.lists(st.sampled_from(["war", "peace", ".", "!", "\n", "Мир", "U.S.", "x"])).map(
    " ".join
)


@settings(max_examples=200, deadline=None)
@given(before=_texts, after=_texts)
def test_both_wordings_can_be_read_back(before: str, after: str) -> None:
    pieces = difference(before, after)
    if not pieces:
        assert before.split() == after.split()
        return
    assert "".join(words(pieces, "kept", "removed")) == "".join(before.split())
    assert "".join(words(pieces, "kept", "added")) == "".join(after.split())


def test_long_texts_are_cut_to_the_changed_places() -> None:
    before = " ".join(f"Sentence {n} stands." for n in range(200))
    pieces = shortened(difference(before, before.replace("150 stands", "150 falls")), words=5)
    assert [piece.kind for piece in pieces] == ["cut", "kept", "removed", "added", "kept", "cut"]
    kept = " ".join(words(pieces, "kept"))
    assert kept == "Sentence 149 stands. Sentence 150. Sentence 151 stands. Sentence"
    assert {piece.text.strip() for piece in pieces if piece.kind == "cut"} == {ELLIPSIS}


def test_short_texts_are_shown_whole() -> None:
    pieces = difference("One two three.", "One two four.")
    assert shortened(pieces) == pieces


@pytest.mark.parametrize(
    "texts",
    [
        ("a b " * 20_000, "b b a " * 15_000),
        ("Yes. No. " * 10_000, "No. Yes. Yes. " * 8_000),
        ("word " * 50_000, ""),
    ],
    ids=["words", "sentences", "all"],
)
def test_texts_that_repeat_themselves_are_compared_in_time(texts: tuple[str, str]) -> None:
    assert difference(*texts)  # within the time limit of a test
