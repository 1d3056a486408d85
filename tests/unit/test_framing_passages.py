"""Sentences and windows: offsets are true, nothing is lost, hostile input stays cheap."""

from __future__ import annotations

import itertools
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.framing.passages import (
    MAX_WINDOWS,
    SENTENCE_CHARACTERS,
    Span,
    headline_text,
    sentences,
    windows,
)

_TEXTS = st.text(
    st.one_of(st.characters(), st.sampled_from(" .!?…\n\"»'АБвгabCD.\u2028\t")), max_size=1_500
)


def _texts(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.end] for span in spans]


@settings(deadline=None)
@given(_TEXTS)
def test_sentences_leave_out_nothing_but_white_space(text: str) -> None:
    covered = [False] * len(text)
    for span in sentences(text):
        covered[span.start : span.end] = [True] * (span.end - span.start)
    assert all(inside or char.isspace() for inside, char in zip(covered, text, strict=True))


@settings(deadline=None)
@given(_TEXTS)
def test_sentences_are_in_order_apart_trimmed_and_bounded(text: str) -> None:
    end = 0
    for span in sentences(text):
        assert end <= span.start < span.end <= len(text)
        assert span.end - span.start <= SENTENCE_CHARACTERS
        assert text[span.start : span.end] == text[span.start : span.end].strip()
        end = span.end


@settings(deadline=None)
@given(_TEXTS, st.integers(1, 30))
def test_windows_keep_order_and_limit(text: str, limit: int) -> None:
    found = windows(text, limit)
    assert len(found) <= limit
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))
    assert bool(found) == bool(text.strip())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Smith met Gen. Jones. They talked.", ["Mr. Smith met Gen. Jones.", "They talked."]),
        ("The U.S. said no. Then yes.", ["The U.S. said no.", "Then yes."]),
        ("Growth was 3.5 percent. Prices fell.", ["Growth was 3.5 percent.", "Prices fell."]),
        ("«Мы готовы». Он уехал.", ["«Мы готовы».", "Он уехал."]),
        ("В 2014 г. начался кризис. Потом стих.", ["В 2014 г. начался кризис.", "Потом стих."]),
        ("А. С. Пушкин писал. Все читали.", ["А. С. Пушкин писал.", "Все читали."]),
        ("One line\nAnother line", ["One line", "Another line"]),
        ("a wrapped\nline goes on", ["a wrapped\nline goes on"]),
        ("Really?! Yes… maybe. No", ["Really?!", "Yes…", "maybe.", "No"]),
    ],
)
def test_sentence_ends(text: str, expected: list[str]) -> None:
    assert _texts(text, sentences(text)) == expected


def test_windows_take_two_long_or_three_short_sentences() -> None:
    short = "One. Two. Three. Four."
    long = " ".join(f"{'Word ' * 30}end." for _ in range(4))
    assert _texts(short, windows(short)) == ["One. Two. Three.", "Four."]
    assert len(windows(long)) == 2


def test_a_long_article_is_sampled_evenly_from_its_start() -> None:
    text = " ".join(f"Sentence number {number} is here." for number in range(600))
    found = windows(text)
    assert len(found) == MAX_WINDOWS
    assert found[0].start == 0
    assert found[-1].start > 0.9 * len(text)


@pytest.mark.parametrize("unit", ["!", ". ", "\n", "«", " ", "a", "?»", "А. "])
def test_a_hundred_thousand_repetitions_are_split_quickly(unit: str) -> None:
    started = time.process_time()
    windows(unit * 100_000)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    ("title", "lead", "expected"),
    [
        ("Title", "", "Title"),
        ("Title", "Lead here", "Title. Lead here"),
        ("Title!", "Lead", "Title! Lead"),
        ("", "Lead", "Lead"),
        ("  two \n words ", "", "two words"),
        ("", "", ""),
    ],
)
def test_headline_text(title: str, lead: str, expected: str) -> None:
    assert headline_text(title, lead) == expected
