"""Markup becomes one line of plain text in which nothing is hidden."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.collect.text.plain import paragraphs, plain_text, shorten


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("A plain headline", "A plain headline"),
        ("<b>Bold</b> word", "Bold word"),
        ("re<i>mark</i>able", "remarkable"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("One<br>Two<br/>Three", "One Two Three"),
        ("Before<script>alert(1)</script> after", "Before after"),
        ("&lt;script&gt;alert(1)&lt;/script&gt;Headline", "Headline"),
        ("<style>p{}</style><!-- note -->Text", "Text"),
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("&amp;quot;Twice&amp;quot;", '"Twice"'),
        ("Caf&eacute; &#8212; &#x41;", "Café — A"),
        ("a < b and c > d", "a < b and c > d"),
        ("AT&T rises 3% & falls", "AT&T rises 3% & falls"),
        ("  spaces\t\n and\u00a0more\u2003 ", "spaces and more"),
        ("\u202egnihton\u202c left", "gnihton left"),
        ("\u2066iso\u2069lated\u200f", "isolated"),
        ("zero\u200bwidth\ufeff\u2060\u00ad", "zerowidth"),
        ("bell\x07 and \x1b[31mred", "bell and [31mred"),
        ("marks \ue000 of\ue001 others", "marks of others"),
        ("&#x202e;hidden&#8203;", "hidden"),
        ("cafe\u0301", "café"),
        ("<img src=x onerror=alert(1)>", ""),
        ("half \ud800 a pair", "half a pair"),
        ("", ""),
    ],
)
def test_markup_and_hidden_characters_are_gone(markup: str, text: str) -> None:
    assert plain_text(markup, 500) == text


@settings(deadline=None)
@given(st.text(max_size=300))
def test_plain_text_holds_only_printable_characters_and_single_spaces(markup: str) -> None:
    text = plain_text(markup, 200)
    assert text.isprintable()
    assert text == " ".join(text.split(" "))
    assert len(text) <= 200


@pytest.mark.parametrize("piece", ["<!--", "<a ", '<a b="', "<![CDATA[", "</a ", "<b>", "&", "<?"])
def test_markup_made_to_be_slow_is_not(piece: str) -> None:
    begun = time.process_time()
    plain_text(piece * 60_000, 500)
    assert time.process_time() - begun < 2.0


def test_a_long_text_is_cut_at_a_word() -> None:
    assert shorten("one two three four", 12) == "one two…"


def test_a_long_word_is_cut_anywhere() -> None:
    assert shorten("x" * 50, 10) == "x" * 9 + "…"


def test_paragraphs_stay_apart() -> None:
    assert paragraphs(" One\u200b  line \r\n\n\n  Two ", 100) == "One line\nTwo"
