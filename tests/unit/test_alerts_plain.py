"""Text of strangers: nothing that steers a terminal, a header or the reading direction."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.alerts.plain import clean, safe_url


@settings(deadline=None)
@given(st.text())
def test_clean_text_is_one_line_of_visible_characters(text: str) -> None:
    cleaned = clean(text)
    assert cleaned == " ".join(cleaned.split())
    assert not [
        character
        for character in cleaned
        if unicodedata.category(character) in ("Cc", "Cs", "Co", "Zl", "Zp")
        or (unicodedata.category(character) == "Cf" and character not in "\u200c\u200d")
    ]
    cleaned.encode()


@settings(deadline=None)
@given(st.text())
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Два  слова\nи строка", "Два слова и строка"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("\x1b[31mred\x07", "[31mred"),
        ("a\u0301\u0301\u0301\u0301\u0301\u0301x", "á\u0301\u0301\u0301x"),
        ("Jo\ue000hn\ue001", "John"),
        ("half \ud800 pair", "half pair"),
    ],
)
def test_known_tricks(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_a_long_text_ends_in_an_ellipsis_within_its_limit() -> None:
    assert clean("word " * 10, 12) == "word word w…"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//host/path",
        "/path",
        "http://",
        "https://[broken/",
        "https://host/a\nb",
        "",
    ],
)
def test_an_address_that_a_reader_must_not_follow_is_dropped(url: str) -> None:
    assert safe_url(url) == ""


def test_an_address_keeps_its_meaning_and_loses_its_quotes() -> None:
    assert safe_url("https://host/п?a=1&b=%20#c") == "https://host/%D0%BF?a=1&b=%20#c"
    assert safe_url('https://host/"><script>') == "https://host/%22%3E%3Cscript%3E"
