"""What counts as an edit of a page: words of the article's own, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.pages.compare import is_truncated, materially_differs

SENTENCES = [
    f"The minister told reporters on day {n} that the talks would go on as they had been planned."
    for n in range(8)
]
TEXT = "\n".join(SENTENCES)
NOISE = [
    "Updated at 14:35",
    "Last updated: March 1, 2025, 14:35 GMT",
    "3 hours ago",
    "1 Mar 2025",
    "Обновлено 1 марта 2025 в 14:35",
    "5 минут назад",
    "12 345 просмотров",
    "1.2K views, 14 comments",
    "14:35",
    "Read also: Somebody else said something else",
    "Читайте также: В городе прошёл праздник",
    "Подписывайтесь на наш канал в Telegram",
    "Subscribe to our newsletter",
    "© 2025 The Site",
]

words = st.text("abcdefghijklmnoprstuvxyzабвгдежз", min_size=2, max_size=12)
sentences = st.lists(words, min_size=3, max_size=14).map(lambda found: f"{' '.join(found)}.")
texts = st.lists(sentences, min_size=1, max_size=12)


@settings(deadline=None)
@given(texts)
def test_a_text_does_not_differ_from_itself(lines: list[str]) -> None:
    assert not materially_differs("\n".join(lines), "\n".join(lines))


@settings(deadline=None)
@given(texts, texts)
def test_it_does_not_matter_which_text_came_first(one: list[str], other: list[str]) -> None:
    first, second = "\n".join(one), "\n".join(other)
    assert materially_differs(first, second) == materially_differs(second, first)


@settings(deadline=None)
@given(texts, st.sampled_from(["  ", "\t", "\u00a0"]), st.sampled_from(["!", " —", ",", "…"]))
def test_space_case_and_punctuation_are_no_edit(lines: list[str], space: str, mark: str) -> None:
    text = "\n".join(lines)
    shown = text.upper().replace(" ", space).replace(".", f"{mark}.")
    assert not materially_differs(text, shown)


@settings(deadline=None)
@given(texts, st.lists(st.tuples(st.sampled_from(NOISE), st.integers(0, 12)), max_size=5))
def test_stamps_counters_and_links_are_no_edit(
    lines: list[str], noise: list[tuple[str, int]]
) -> None:
    shown = list(lines)
    for line, place in noise:
        shown.insert(min(place, len(shown)), line)
    assert not materially_differs("\n".join(lines), "\n".join(shown))


@settings(deadline=None)
@given(st.lists(sentences, min_size=2, max_size=12), st.data())
def test_another_word_is_an_edit(lines: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    changed = list(lines)
    changed[place] = f"denied {changed[place]}"
    assert materially_differs("\n".join(lines), "\n".join(changed))


@settings(deadline=None)
@given(st.lists(sentences, min_size=2, max_size=12), sentences, st.integers(0, 12))
def test_a_sentence_more_is_an_edit(lines: list[str], more: str, place: int) -> None:
    changed = list(lines)
    changed.insert(min(place, len(changed)), more)
    assert materially_differs("\n".join(lines), "\n".join(changed))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("At least 5 people died.", "At least 7 people died."),
        ("The strike hit a depot.", "The strike hit a hospital."),
        ("He did say so.", "He did not say so."),
        ("Погибли пять человек.", "Погибли семь человек."),
        ("The talks began at 14:35 in Geneva.", "The talks began at 15:35 in Geneva."),
        ("The post drew 5,000 comments within a day.", "The post drew 9,000 comments by noon."),
    ],
)
def test_a_fact_that_changes_is_an_edit(before: str, after: str) -> None:
    assert materially_differs(f"{TEXT}\n{before}", f"{TEXT}\n{after}")


def test_a_subheading_that_changes_is_an_edit() -> None:
    shown = [*SENTENCES[:4], "A calm evening", *SENTENCES[4:]]
    edited = [*SENTENCES[:4], "A tense evening", *SENTENCES[4:]]
    assert materially_differs("\n".join(shown), "\n".join(edited))


def test_headlines_of_other_articles_below_the_text_are_no_edit() -> None:
    before = [*SENTENCES, "Harvest exceeds forecasts", "A new bridge opens"]
    after = [*SENTENCES, "Snow expected in the north", "Harvest exceeds forecasts"]
    assert not materially_differs("\n".join(before), "\n".join(after))


def test_lines_that_the_site_owns_are_no_edit() -> None:
    slogan = "The Daily Something brings you the news of the day."
    after = f"{slogan}\n{TEXT}"
    assert materially_differs(TEXT, after)
    assert not materially_differs(TEXT, after, owns=lambda line: line == slogan)


@pytest.mark.parametrize(("kept", "truncated"), [(8, False), (4, False), (3, True), (0, True)])
def test_a_text_that_lost_more_than_half_is_truncated(kept: int, truncated: bool) -> None:
    assert is_truncated(TEXT, "\n".join(SENTENCES[:kept])) is truncated


def test_links_do_not_make_up_for_a_lost_text() -> None:
    shown = "\n".join([*SENTENCES[:2], *(f"Read also: story {n} of the day" for n in range(40))])
    assert is_truncated(TEXT, shown)
