"""Words of texts: found, folded, stemmed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.index.words import stems, words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("санкции", "САНКЦИЯМИ"),
        ("переговоры", "переговорах"),
        ("ёлка", "елки"),
        ("за\u0301мок", "замок"),
        ("sanction", "Sanctions"),
        ("Russia’s", "russia"),
        ("CAFÉ", "cafe\u0301s"),
        ("Straße", "STRASSE"),
        ("ﬁre", "fires"),
        ("Ⅻ", "xii"),
        ("И\u0306огурт", "йогурта"),
    ],
)
def test_forms_of_one_word_are_the_same(left: str, right: str) -> None:
    assert stems(left) == stems(right)


@pytest.mark.parametrize(("left", "right"), [("йод", "иод"), ("war", "peace"), ("мир", "мера")])
def test_other_words_stay_apart(left: str, right: str) -> None:
    assert stems(left) != stems(right)


def test_words_are_split_at_everything_that_is_no_letter_or_digit() -> None:
    assert stems("anti-war_2025, НАТО/ЕС (don't)!") == [
        *stems("anti"),
        *stems("war"),
        "2025",
        *stems("нато"),
        *stems("ес"),
        "don",
        "t",
    ]


def test_places_are_those_of_the_original() -> None:
    text = "О «Санкциях» и Biden’s"
    assert [text[word.start : word.end] for word in words(text)] == [
        "О",
        "Санкциях",
        "и",
        "Biden’s",
    ]


@given(st.text(st.characters()))
def test_stems_are_plain_tokens_whatever_the_text(text: str) -> None:
    found = stems(text)
    assert found == [word.stem for word in words(text)]
    assert all(stem and " " not in stem and '"' not in stem for stem in found)
    assert all(not char.isascii() or char.isalnum() for stem in found for char in stem)


@given(st.lists(st.text(st.characters(categories=["L", "N"]), min_size=1)))
def test_case_does_not_count(parts: list[str]) -> None:
    text = " ".join(parts)
    assert stems(text.casefold()) == stems(text)
